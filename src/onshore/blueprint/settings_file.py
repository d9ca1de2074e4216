"""Settings from `programme.toml`, a sheet of a workbook or a mapping, checked; and back to text.

Every source is first brought to one form, dotted names with their values, and then checked by one function.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from onshore.blueprint.settings import SCHEMA_VERSION, SETTINGS, OptionBounds, Setting, Settings
from onshore.errors import Finding, WrongUse, finding
from onshore.tables import words
from onshore.tables.currencies import CURRENCIES
from onshore.tables.parse import CONTROL_IN_TEXT
from onshore.tables.read import Raw

__all__ = [
    "PLACE",
    "as_rows",
    "as_toml",
    "checked",
    "from_mapping",
    "from_settings",
    "from_sheet",
    "from_toml",
    "template_rows",
    "template_toml",
]

PLACE = "programme"
"""What findings about settings call their table."""

MOST_YEARS = 100
"""A longer programme is a slip of the pen: 3031 for 2031."""

_BY_NAME = {s.name: s for s in SETTINGS}
_CONTROL = re.compile(
    CONTROL_IN_TEXT.replace(r"\x{FEFF}", "\ufeff").replace(r"\x{FFFE}", "\ufffe").replace(r"\x{FFFF}", "\uffff")
)

Values = dict[str, object]

_WRITTEN: Values = {"encoding": "utf-8"}
"""Whatever a programme was read from, it is written so."""


def from_toml(text: str) -> tuple[Values, list[Finding]]:
    """The dotted names of a TOML text, or a finding with the line that is not TOML."""
    try:
        return from_mapping(tomllib.loads(text)), []
    except ValueError as why:  # TOMLDecodeError, or an integer of too many digits
        line = re.search(r"at line (\d+)", str(why))
        reason = re.sub(r" \(at .*\)$", "", str(why))
        return {}, [finding("bad_toml", PLACE, int(line[1]) if line else None, reason=reason[:1].lower() + reason[1:])]
    except RecursionError:
        return {}, [finding("bad_toml", PLACE, reason="it is nested too deeply")]
    except WrongUse as why:  # `"options.pairs_max" = 1` beside a section [options]
        return {}, [finding("bad_toml", PLACE, reason=str(why).rstrip("."))]


def from_mapping(given: Mapping[str, object]) -> Values:
    """Nested or dotted names to dotted ones. Raises `WrongUse` when both give the same setting."""
    flat: Values = {}
    for name, value in given.items():
        inner = {f"{name}.{k}": v for k, v in value.items()} if isinstance(value, Mapping) else {name: value}
        for key, cell in inner.items():
            if key in flat:
                raise WrongUse(f"The setting {key} is given twice.")
            flat[key] = list(cell) if isinstance(cell, tuple) else cell
    return flat


def from_sheet(raw: Raw) -> tuple[Values, list[Finding]]:
    """The settings of the sheet `programme`: columns `setting` and `value`, and any others for people."""
    found = list(raw.findings)
    if not raw.headings:
        return {}, found
    for name, meaning in (("setting", "the setting's name"), ("value", "its value")):
        if raw.headings.count(name) != 1:
            found.append(finding("missing_column", PLACE, 1, name, meaning=meaning))
    if any(f.level == "error" for f in found):
        return {}, found
    values: Values = {}
    first: dict[str, int] = {}
    at = [raw.cells[str(raw.headings.index(n))].to_list() for n in ("setting", "value")]
    for row, name, text in zip(raw.cells["row"].to_list(), *at, strict=True):
        name, text = (name or "").strip(), (text or "").strip()
        if not name and text:
            found.append(finding("missing_value", PLACE, row, "setting", meaning="the setting's name"))
        elif name in first:
            found.append(finding("duplicate_key", PLACE, row, "setting", key=f"setting `{name}`", first=first[name]))
        elif name:
            first[name] = row
            if text or name not in _BY_NAME:
                values[name] = _typed(_BY_NAME[name], text) if name in _BY_NAME else text
    return values, found


def _typed(setting: Setting, text: str) -> object:
    """A cell's text as TOML would have given it; left as text where it is not that, for `checked` to refuse."""
    try:
        if setting.type == "whole":
            return int(words.whole(text))
        if setting.type in ("number", "share"):
            return float(words.number(text))
        if setting.type in ("wholes", "shares"):
            parts = [p.strip() for p in re.split("[;,]", text.strip("[]"))]
            return [int(words.whole(p)) if setting.type == "wholes" else float(words.number(p)) for p in parts]
    except words.Refused:
        return text
    return text


def checked(values: Values) -> tuple[Settings | None, list[Finding]]:
    """The settings, or everything that is wrong with them."""
    version = values.get("schema_version")
    if isinstance(version, int) and not isinstance(version, bool) and version > SCHEMA_VERSION:
        return None, [finding("newer_schema", PLACE, None, "schema_version", version, known=SCHEMA_VERSION)]
    found: list[Finding] = []
    good: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _BY_NAME:
            hint = words.nearest(name, _BY_NAME)
            found.append(finding("unknown_setting", PLACE, value=name, nearest=hint))
        elif wanted := _unfit(_BY_NAME[name], value):
            found.append(_bad(name, value, wanted))
        else:
            good[name] = value
    for s in SETTINGS:
        if s.required and s.name not in values:
            found.append(finding("missing_setting", PLACE, None, s.name, meaning=s.meaning, example=s.example))
    found += _years(good)
    return (None if found else _settings(good)), found


def _bad(name: str, value: object, wanted: str) -> Finding:
    s = _BY_NAME[name]
    text = str(value)
    shown = "empty" if text == "" else text if len(text) <= 80 else text[:79] + "…"
    return finding("bad_setting", PLACE, None, name, shown, wanted=wanted, meaning=s.meaning, example=s.example)


def _unfit(setting: Setting, value: object) -> str:
    """What it should have been, or nothing."""
    match setting.type:
        case "text":
            return "" if isinstance(value, str) and value.strip() and not _CONTROL.search(value) else "a text"
        case "choice":
            return "" if value in setting.choices else "one of " + ", ".join(f"`{c}`" for c in setting.choices)
        case "currency":
            return "" if value in CURRENCIES else "an ISO 4217 code (IRR for rials, IRT for tomans)"
        case "whole":
            return "" if _is_whole(value) and _within(setting, value) else f"a whole number{_bounds(setting)}"
        case "number" | "share":
            return "" if _is_number(value) and _within(setting, value) else f"a number{_bounds(setting)}"
        case "wholes":
            fits = isinstance(value, list) and all(map(_is_whole, value)) and len(set(value)) == len(value)
            return "" if fits else "a list of different whole numbers"
        case _:
            # the first of two makers has less than all of it
            split = setting.name == "options.split_steps"
            fits = (
                isinstance(value, list) and bool(value) and all(map(_is_number, value)) and len(set(value)) == len(value)
                and all(0 < v < 1 if split else 0 < v <= 1 for v in value)
            )  # fmt: skip
            return "" if fits else f"a list of different fractions above 0 and {'below' if split else 'up to'} 1"


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e300 < value < 1e300


def _within(setting: Setting, value: Any) -> bool:
    return (setting.low is None or value >= setting.low) and (setting.high is None or value <= setting.high)


def _bounds(setting: Setting) -> str:
    if setting.low is None:
        return ""
    return f" from {setting.low:g}" + (f" to {setting.high:g}" if setting.high is not None else "")


def _years(good: Mapping[str, Any]) -> list[Finding]:
    """What the first and last year, the calendar and the start years say of one another."""
    first, last = good.get("first_year"), good.get("last_year")
    found = []
    if first is not None and 1200 <= first < 1600 and good.get("calendar") == "gregorian":
        found.append(_bad("calendar", "gregorian", f"the calendar of a year {first}"))
    if first is not None and first >= 1600 and good.get("calendar") == "solar-hijri":
        found.append(_bad("calendar", "solar-hijri", f"the calendar of a year {first}"))
    if first is None or last is None:
        return found
    if last < first:
        found.append(_bad("last_year", last, f"{first} (`first_year`) or later"))
    elif last - first >= MOST_YEARS:
        found.append(_bad("last_year", last, f"within {MOST_YEARS} years of {first}"))
    starts = good.get("options.start_years", [])
    if any(not first <= y <= last for y in starts):
        found.append(_bad("options.start_years", starts, f"a list of years from {first} to {last}"))
    return found


def _settings(good: Mapping[str, Any]) -> Settings:
    sections: dict[str, dict[str, Any]] = {"": {}, "rate_markets": {}, "options": {}}
    for name, value in good.items():
        section, _, key = name.rpartition(".")
        match _BY_NAME[name].type:
            case "number" | "share":
                value = float(value)
            case "wholes":
                value = tuple(value)
            case "shares":
                value = tuple(float(v) for v in value)
        sections[section][key] = value
    markets, options = sections["rate_markets"], OptionBounds(**sections["options"])
    return Settings(**sections[""], rate_markets=markets, options=options)


def from_settings(settings: Settings) -> Values:
    """The values that settings hold, to be checked like any others; without those that say nothing."""
    return {name: value for name, value in _given(settings).items() if value is not None}


def _given(settings: Settings) -> Values:
    """Each setting's value as it would be written, None where it says nothing."""
    values: Values = {}
    for s in SETTINGS:
        section, _, name = s.name.rpartition(".")
        if section == "rate_markets":
            values[s.name] = settings.rate_markets.get(name)
        else:
            value = getattr(settings.options if section else settings, name)
            values[s.name] = (list(value) or None) if isinstance(value, tuple) else value
    return values


def as_toml(settings: Settings) -> str:
    """The text of programme.toml. Reading it gives the same settings, save that `encoding` is UTF-8."""
    values = _given(settings) | _WRITTEN
    return _toml([(s, None if values[s.name] is None else _toml_value(values[s.name])) for s in SETTINGS], False)


def as_rows(settings: Settings) -> list[tuple[str, object, str]]:
    """Name, value and meaning for the sheet `programme`."""
    values = _given(settings) | _WRITTEN
    return [(s.name, _sheet_value(values[s.name]), s.meaning) for s in SETTINGS]


def template_toml() -> str:
    """A programme.toml to fill in: every setting with its meaning, the required ones with an example."""
    return _toml([(s, _example(s) if s.required else None) for s in SETTINGS], True)


def template_rows() -> list[tuple[str, object, str]]:
    """The same for a workbook."""
    rows: list[tuple[str, object, str]] = []
    for s in SETTINGS:
        value = (int if s.type == "whole" else float if s.type == "number" else str)(s.example) if s.required else None
        rows.append((s.name, _sheet_value(value), s.meaning + _default(s)))
    return rows


def _example(s: Setting) -> str:
    return s.example if s.type in ("whole", "number", "share", "wholes", "shares") else _toml_value(s.example)


def _default(s: Setting) -> str:
    shown = "; ".join(f"{v:g}" for v in s.default) if isinstance(s.default, tuple) else s.default
    return "" if s.default is None else f"; {shown} when empty"


def _toml(entries: Sequence[tuple[Setting, str | None]], explained: bool) -> str:
    """Lines of `name = value`; what has no value stands in a comment, when explained."""
    lines: list[str] = []
    section = ""
    for s, value in entries:
        part, _, name = s.name.rpartition(".")
        if part != section:
            lines += ["", f"[{part}]"]
            section = part
        if explained:
            lines += ["", f"# {s.meaning[:1].upper()}{s.meaning[1:]}{_default(s)}."]
        if value is not None:
            lines.append(f"{name} = {value}")
        elif explained:
            lines.append(f"# {name} = {_example(s)}")
    head = ["# A programme's settings. What begins with # is a comment; remove the # to set it."] if explained else []
    return "\n".join([*head, *lines]).strip() + "\n"


def _toml_value(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _sheet_value(value: object) -> object:
    if isinstance(value, list):
        return "; ".join(repr(v) for v in value)
    return "" if value is None else value
