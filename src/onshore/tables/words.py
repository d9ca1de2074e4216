"""One cell's text to its canonical text, or a refusal: the grammar of numbers, dates, years and lists.

These run once for each *distinct* cell that Polars' own casts do not settle. Each returns the same thing written
plainly (`۱٬۲۳۴٫۵` as `1234.5`), so that one cast makes the value, whatever road the text came by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from onshore.tables.currencies import CURRENCIES, MEANT

__all__ = [
    "DIGITS", "Refused", "currency", "day", "flag", "money", "nearest", "nearest_of", "number", "number_list",
    "numbers", "whole", "year_span", "years",
]  # fmt: skip


class Refused(Exception):
    """The text is no value of its column; `kind` is the catalogue's name for why."""

    def __init__(self, kind: str, **words: object):
        super().__init__(kind)
        self.kind, self.words = kind, words


DIGITS: dict[str, str] = {
    **{chr(0x06F0 + d): str(d) for d in range(10)},  # Persian
    **{chr(0x0660 + d): str(d) for d in range(10)},  # Arabic-Indic
    "\u2212": "-",
    "\u066b": ".",  # the Arabic decimal separator can mean nothing else
}
"""What may be replaced before a cast without changing what any number means."""

_DIGITS_ONLY = str.maketrans({k: v for k, v in DIGITS.items() if v != "."})
_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?")
_ARABIC = re.compile(r"([+-]?[0-9]+)\u066b([0-9]+)")
_COMMA = re.compile(r"([+-]?)(0|[1-9][0-9]*)[,\u060c]([0-9]+)")
_GROUPED = re.compile(
    r"([+-]?[1-9][0-9]{0,2}(?P<sep>[,.'\u2019 \u00a0\u202f\u2009\u066c\u060c])[0-9]{3}(?:(?P=sep)[0-9]{3})*)"
    r"(?:(?P<point>[.,\u066b\u060c])(?P<part>[0-9]+))?"
)
_COMMAS = ",\u060c"
_PERCENT = "%\u066a\uff05\ufe6a"


def _plain(text: str) -> str:
    """A number in any of the readable spellings as ASCII digits with a point. Raises `Refused`."""
    ascii_text = text.translate(_DIGITS_ONLY)
    if any(sign in text for sign in _PERCENT):
        raise Refused("percent", fraction=_fraction(text))
    if _PLAIN.fullmatch(ascii_text):
        return ascii_text
    if match := _ARABIC.fullmatch(ascii_text):
        return f"{match[1]}.{match[2]}"
    if match := _COMMA.fullmatch(ascii_text):
        sign, whole_part, part = match.groups()
        if len(part) == 3 and whole_part != "0":
            raise Refused("ambiguous_number", whole=f"{sign}{whole_part}{part}", fraction=f"{sign}{whole_part}.{part}")
        return f"{sign}{whole_part}.{part}"
    if match := _GROUPED.fullmatch(ascii_text):
        separator, point = match["sep"], match["point"]
        if point != separator and not (point and separator in _COMMAS and point in _COMMAS):
            return match[1].replace(separator, "") + (f".{match['part']}" if point else "")
    raise Refused("not_a_number")


def _fraction(text: str) -> str:
    """What a percentage is as a fraction, to propose; an example where that cannot be told."""
    body = text.strip(_PERCENT + " ")
    if len(body) <= 20 and not any(sign in body for sign in _PERCENT + "eE"):
        try:
            return format((Decimal(_plain(body)) / 100).normalize(), "f")
        except Refused:
            pass
    return "0.12 for 12 %"


def _decimal(plain: str) -> tuple[str, int, int]:
    """Exact canonical text, digits before the point, digits after it. Raises `Refused` for absurd exponents."""
    try:
        value = Decimal(plain)
    except InvalidOperation:
        raise Refused("out_of_range") from None
    if not value:
        return "0", 1, 0
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    significant = "".join(map(str, digits)).rstrip("0")
    exponent += len(digits) - len(significant)
    before, after = max(len(significant.lstrip("0")) + exponent, 1), max(-exponent, 0)
    return (format(value, "f") if before <= 400 and after <= 400 else ""), before, after


def number(text: str) -> str:
    plain = _plain(text)
    value = float(plain)
    if value in (float("inf"), float("-inf")) or (value == 0 and re.search("[1-9]", re.split("[eE]", plain)[0])):
        raise Refused("out_of_range")
    return plain


def whole(text: str) -> str:
    """A whole number that fits 64 bits; `5.0`, as workbooks write it, is 5."""
    exact, before, after = _decimal(_plain(text))
    if after:
        raise Refused("not_whole")
    if before > 19 or not -(2**63) <= int(Decimal(exact)) < 2**63:
        raise Refused("out_of_range")
    return str(int(Decimal(exact)))


def money(text: str) -> str:
    """An exact amount: at most 32 digits before the point and 6 after."""
    exact, before, after = _decimal(_plain(text))
    if after > 6:
        raise Refused("too_many_decimals")
    if before > 32:
        raise Refused("out_of_range")
    # zeros beyond the sixth decimal say nothing, but would make Polars' cast look again
    head, point, tail = exact.partition(".")
    return f"{head}{point}{tail[:6]}"


_DAY = re.compile(r"([0-9]{4})([-/])([0-9]{2})\2([0-9]{2})")


def day(text: str) -> str:
    """A day as `2019-07-20`. Years 1200 to 1599 are Solar Hijri."""
    match = _DAY.fullmatch(text.translate(_DIGITS_ONLY))
    if match is None:
        raise Refused("not_a_date")
    year, month, number_ = int(match[1]), int(match[3]), int(match[4])
    if year < 1200:  # a lost digit, not the Middle Ages
        raise Refused("not_a_date")
    try:
        if year < 1600:
            from persiantools.jdatetime import JalaliDate

            solar: date = JalaliDate(year, month, number_).to_gregorian()
            return solar.isoformat()
        return date(year, month, number_).isoformat()
    except ValueError:
        raise Refused("not_a_date") from None


_YEARS = re.compile(r"([0-9]{1,4})(?:\s*[-\u2013]\s*([0-9]{1,4}))?")


def years(text: str) -> str:
    """`1399`, or `1398-1400` when it is more than one year."""
    match = _YEARS.fullmatch(text.translate(_DIGITS_ONLY))
    if match is None or int(match[1]) == 0:
        raise Refused("not_years")
    first, last = int(match[1]), int(match[2] or match[1])
    if last < first:
        raise Refused("years_reversed")
    return str(first) if first == last else f"{first}-{last}"


def year_span(text: str) -> tuple[int, int]:
    """First and last year of a cell of type years, as the reader leaves it."""
    first, _, last = text.partition("-")
    return int(first), int(last or first)


def number_list(text: str) -> str:
    """`0.4; 0.75; 1`. No grouping and no decimal comma here: `1,2` could be two numbers."""
    parts = [p.strip() for p in text.replace("\u061b", ";").split(";")]
    return "; ".join(_element(p) for p in parts)


def _element(text: str) -> str:
    plain = "".join(DIGITS.get(c, c) for c in text)
    if not _PLAIN.fullmatch(plain):
        raise Refused("not_numbers")
    try:
        value = float(number(plain))
    except Refused:
        raise Refused("not_numbers") from None
    if value < 0:
        raise Refused("not_numbers")
    shown = repr(abs(value))
    return shown[:-2] if shown.endswith(".0") else shown


def numbers(text: str) -> tuple[float, ...]:
    """The values of a cell of type numbers, as the reader leaves it."""
    return tuple(float(part) for part in text.split(";"))


_FLAGS = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}


def flag(text: str) -> str:
    """`yes` or `no`; spreadsheets write TRUE and FALSE for the same."""
    try:
        return _FLAGS[text.lower()]
    except KeyError:
        raise Refused("not_a_flag") from None


def currency(text: str) -> str:
    if text in CURRENCIES:
        return text
    meant = MEANT.get(text.casefold())
    hint = f" Nearest: `{meant}`." if meant else nearest(text, CURRENCIES)
    raise Refused("not_a_currency", nearest=hint)


def nearest(value: str, names: Iterable[str]) -> str:
    """' Nearest: `GDANSK`.' or nothing. A name that differs only in case or spaces comes first."""
    candidates = list(dict.fromkeys(names))
    folded = value.strip().casefold()
    same = [n for n in candidates if n.casefold() == folded]
    close = same or get_close_matches(value.strip(), candidates, 1) or _folded_matches(folded, candidates)
    return f" Nearest: `{close[0]}`." if close else ""


def _folded_matches(folded: str, candidates: Sequence[str]) -> list[str]:
    """For a word in the wrong case and misspelt too; not tried on long lists."""
    if len(candidates) > 2000:
        return []
    by_fold = {c.casefold(): c for c in candidates}
    return [by_fold[m] for m in get_close_matches(folded, list(by_fold), 1)]


def nearest_of(names: Sequence[str]) -> Callable[[str], str]:
    """`nearest` over a fixed list, with an end to its work: difflib is quadratic, and a table may have a million
    keys and a million faults. Among many names only those alike at either end are compared, and after 200
    answers (fewer when the list is long) it gives none: nobody reads the two hundred and first hint."""
    budget = 200 if len(names) <= 1000 else 50
    by_end: dict[str, list[str]] = {}
    if len(names) > 1000:
        for name in names:
            for end in {"<" + name[:3].casefold(), name[-3:].casefold() + ">"}:
                by_end.setdefault(end, []).append(name)
    answered: dict[str, str] = {}

    def answer(value: str) -> str:
        if value not in answered:
            if len(answered) >= budget:
                return ""
            pool = names
            if by_end:
                ends = ("<" + value[:3].casefold(), value[-3:].casefold() + ">")
                alike = [n for end in ends for n in by_end.get(end, ()) if abs(len(n) - len(value)) <= 3]
                pool = alike[:1000]
            answered[value] = nearest(value, pool)
        return answered[value]

    return answer
