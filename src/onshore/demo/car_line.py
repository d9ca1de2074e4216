"""Writes the demonstration `car-line` from a seed and published figures; the same bytes every time.

    python -m onshore.demo.car_line DIR

What is published is in `car_line_catalogue.py` and in the constants below, each with its source; all else is drawn
from `SEED` and says so in `x_assumption`. The README of the folder sets the figures reached beside the published ones.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.demo.car_line_catalogue import KINDS, MODELS, PLATFORMS, Kind
from onshore.demo.car_line_markets import markets
from onshore.demo.car_line_supply import Made, makers_of, supply
from onshore.tables.write import as_text

__all__ = ["SEED", "draw", "write"]

SEED = 1398
YEARS = range(1399, 1404)
DRAWN = f"Drawn from seed {SEED}."

IKCO_CONTENT = 1715.0
"""Euros of foreign currency in an average IKCO car, 2021: https://en.eghtesadonline.com/news/786386 (2021-04-25)."""
ELECTRONICS_AND_MATERIALS = 0.67
"""Of it, "67 % raw materials and electronic components"; the same page. At SAIPA the same, by assumption."""
SAIPA_CONTENT = 1600.0 / 1.1802
"""The middle of the USD 1,500 to 1,700 that the parts association gives for a car made in Iran, at the ECB's rate of
2021-07-16: https://bazarobserver.com/2021/07/17/thanks-to-sanctions-iran-finally-builds-its-own-cars (2021-07-17)."""
DESK_CUT, DESK_CUT_DENA_PLUS = 80.0, 225.0
"""Euros a car that the first desk cuts, in other IKCO cars on average and in the turbocharged Dena+:
http://asrekhodro.com/Mobile/English/News/165901/ (2019-07-20)."""

NIMA = 138_180
"""Rials a dollar at the start of 1399: https://en.ibena.ir/news/131651 (the row of iran-1398)."""
PER_EURO = {"EUR": 1.0, "USD": 1.0707, "CNY": 7.5919, "IRR": 1.0707 * NIMA}
"""The ECB's reference rates of 2020-03-20, the first day of 1399; rials across the dollar."""

Row = dict[str, object]
Floats = npt.NDArray[np.float64]


def draw(seed: int = SEED) -> dict[str, pl.DataFrame]:
    """Every table of the programme."""
    rng = np.random.default_rng(seed)
    parts, lines = _parts(rng)
    value = _calibrated(parts, lines)
    need = _units(lines, len(parts))
    made = [
        Made(name, kind, subject, float(v), float(n))
        for (name, kind, subject), v, n in zip(parts, value, need, strict=True)
    ]
    tables = {
        "sectors": [_sector()],
        "subprojects": _subprojects(),
        "products": _products(),
        "volumes": _volumes(),
        "parts": [_part(rng, m) for m in made],
        "bom": _bom(parts, lines),
        "rates": _rates(),
    }
    tables |= supply(rng, made, YEARS, PER_EURO, DRAWN)
    tables["limits"] = _limits(float(value @ need))
    tables["decisions"] = _decisions()
    duties = [float(str(row["duty_share"])) for row in tables["parts"]]
    tables |= markets(
        np.random.default_rng([seed, 6]), made, duties, DRAWN
    )  # a stream of its own: the rest stays what it was
    return {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables.items()}


def write(folder: Path) -> None:
    """The folder, over what is there. `programme.toml` and the README are written by hand and copied."""
    home = Path(__file__).parent / "car-line"
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in draw().items():
        as_text(frame).write_csv(folder / f"{name}.csv", line_terminator="\n")
    for name in ("programme.toml", "README.md"):
        if folder.resolve() != home.resolve():
            shutil.copyfile(home / name, folder / name)


Lines = list[tuple[int, int, int]]  # part, model, quantity
Parts = list[tuple[str, Kind, str]]  # name, kind, who it is for in words


def _parts(rng: np.random.Generator) -> tuple[Parts, Lines]:
    """One part for each kind and level, and which models it goes into: nine in ten of those that it could.

    The cars of SAIPA are smaller, so three quarters of the material go into one.
    """
    parts: Parts = []
    lines: Lines = []
    for kind in KINDS:
        for suffix, subject, models in _variants(kind.level):
            fitted = [m for m in models if rng.random() < 0.9] or models[:1]
            lighter = kind.family == "raw material" and suffix == "saipa"
            quantity = max(1, round(0.75 * kind.quantity)) if lighter else kind.quantity
            lines += [(len(parts), m, quantity) for m in fitted]
            parts.append((f"{kind.key}-{suffix}" if suffix else kind.key, kind, subject))
    return parts, lines


def _variants(level: str) -> list[tuple[str, str, list[int]]]:
    """Suffix, words and models (positions) of each part of a level."""
    every = list(enumerate(MODELS))
    if level == "all":
        return [("", "every car", [i for i, _ in every])]
    if level in ("group", "ikco"):
        groups = ["IKCO", "SAIPA"] if level == "group" else ["IKCO"]
        return [(g.lower(), f"{g} cars", [i for i, m in every if m.maker == g]) for g in groups]
    if level == "platform" or level in PLATFORMS:
        chosen = PLATFORMS if level == "platform" else {level: PLATFORMS[level]}
        return [(p, words, [i for i, m in every if m.platform == p]) for p, words in chosen.items()]
    return [(level, m.name, [i]) for i, m in every if m.key == level]


def _units(lines: Lines, count: int) -> Floats:
    """(P,) units of each part a year: volumes are flat."""
    units = np.zeros(count)
    for part, model, quantity in lines:
        units[part] += quantity * MODELS[model].units
    return units


def _calibrated(parts: Parts, lines: Lines) -> Floats:
    """(P,) euros a unit landed, so that the published aggregates hold.

    The desk's parts are scaled to its cut a car, the turbocharger of the Dena+ takes the rest of that car's; then what
    only one car maker uses is scaled to its content a car, electronics and materials apart from the rest.
    """
    value = np.array([kind.value / kind.quantity for _, kind, _ in parts])
    desk = np.array([kind.desk for _, kind, _ in parts])
    turbo = next(p for p, (name, _, _) in enumerate(parts) if name == "turbocharger-dena-plus")
    content = np.zeros((len(parts), len(MODELS)))  # units of a part in a car
    for part, model, quantity in lines:
        content[part, model] = quantity
    units = np.array([m.units for m in MODELS], dtype=np.float64)
    ikco = np.array([m.maker == "IKCO" for m in MODELS])
    dena_plus = np.array([m.key == "dena-plus" for m in MODELS])

    others = units * (ikco & ~dena_plus)
    value[desk] *= DESK_CUT * others.sum() / (value[desk] @ content[desk] @ others)
    rest = desk & (np.arange(len(parts)) != turbo)
    value[turbo] = DESK_CUT_DENA_PLUS - float(value[rest] @ content[rest, dena_plus.argmax()])

    material = np.array([kind.family in ("raw material", "electronics") for _, kind, _ in parts])
    for group, a_car in ((ikco, IKCO_CONTENT), (~ikco, SAIPA_CONTENT)):
        own = ~(content[:, ~group] > 0).any(axis=1) & ~desk
        for kinds, share in ((material, ELECTRONICS_AND_MATERIALS), (~material, 1 - ELECTRONICS_AND_MATERIALS)):
            used = content @ (units * group)
            free, fixed = own & kinds, ~own & kinds
            value[free] *= (share * a_car * units[group].sum() - value[fixed] @ used[fixed]) / (
                value[free] @ used[free]
            )
    return value


def _part(rng: np.random.Generator, part: Made) -> Row:
    """The row of an imported part: where it comes from, in which money, under which term of delivery."""
    origin, currency = _ORIGINS[int(rng.choice(len(_ORIGINS), p=[0.45, 0.12, 0.12, 0.09, 0.09, 0.07, 0.06]))]
    term = "FOB" if rng.random() < 0.3 else "CIF"
    landed = part.value * PER_EURO[currency]
    freight = _money(landed * rng.uniform(0.02, 0.06)) if term == "FOB" else None
    raw = part.kind.family == "raw material"
    return {
        "part": part.name,
        "name": f"{part.kind.name}; {part.subject}",
        "subproject": part.kind.subproject,
        "hs_code": part.kind.hs,
        "family": part.kind.family,
        "import_price": _money(landed - (freight or 0.0)),
        "currency": currency,
        "price_date": "2020-03-20",
        "incoterm": term,
        "freight": freight,
        "duty_share": round(float(rng.uniform(0.04, 0.10) if raw else rng.uniform(0.15, 0.20)), 3),
        "defects_ppm": None if raw else int(np.exp(rng.normal(np.log(180), 0.5))),
        "origin": origin,
        "divisible": raw,
        "criticality": "high" if part.kind.subproject in ("engine", "chassis") else "medium",
        "x_assumption": "Price drawn, then scaled to the published content a car; duty within the published 15 to 20 %."
        if not raw
        else "Price drawn, then scaled to the published content a car.",
        "source": None,
    }


_ORIGINS = (
    ("China", "CNY"), ("China", "USD"), ("South Korea", "USD"), ("France", "EUR"), ("Germany", "EUR"),
    ("Turkey", "EUR"), ("United Arab Emirates", "USD"),
)  # fmt: skip


def _money(amount: float) -> float:
    """Six significant digits, and no more decimals than money keeps."""
    return round(float(f"{amount:.6g}"), 5)


def _sector() -> Row:
    return {
        "sector": "automotive", "name": "Car production", "owner": "Ministry of Industry, Mine and Trade",
        "source": "https://www.tehrantimes.com/news/446356/Domestic-production-to-save-Iran-over-3b-in-a-year (2020-03-28)",
    }  # fmt: skip


def _subprojects() -> list[Row]:
    names = {
        "engine": "Engine", "gearbox": "Gearbox", "chassis": "Chassis", "body": "Body", "interior": "Interior",
        "electrical": "Electrical and electronic", "materials": "Raw materials",
    }  # fmt: skip
    ours = "The division into subprojects is ours."
    rows: list[Row] = [
        {"subproject": k, "sector": "automotive", "name": n, "start": None, "x_assumption": ours, "source": None}
        for k, n in names.items()
    ]
    rows.append(
        {
            "subproject": "desk-1", "sector": "automotive", "name": "First desk, IKCO's part", "start": "2019-07-20",
            "x_assumption": "The record names gaskets, jacks, turbocharger, speakers and ampere meters; the other parts are ours.",
            "source": "https://en.otaghiranonline.ir/news/22121 (2019-07) | http://asrekhodro.com/Mobile/English/News/165901/ (2019-07-20)",
        }
    )  # fmt: skip
    return rows


def _products() -> list[Row]:
    """Cars, with what each is worth beside the parts modelled. Of that, 96 % is taken as local."""
    academic = "https://partonews.ir/en/will-the-production-of-peugeot-pars-be-stopped-tejarat-news"
    return [
        {
            "product": m.key, "name": m.name, "maker": m.maker, "other_value": m.worth,
            "other_local_value": round(0.96 * m.worth), "currency": "EUR",
            "x_assumption": "The price of about USD 7,000 less USD 2,000 of foreign currency; that 96 % of it is local is ours."
            if m.key == "peugeot-206" else "Ours, beside the Peugeot 206.",
            "source": academic if m.key == "peugeot-206" else None,
        }
        for m in MODELS
    ]  # fmt: skip


_OF_1394 = {"peugeot-405": 107_846, "peugeot-pars": 104_983, "peugeot-206": 96_830, "samand": 77_218, "dena": 15_382}


def _volumes() -> list[Row]:
    """History, the published figures of 1400, and a flat outlook."""
    printed = "https://financialtribune.com/articles/economy-auto/36868/iran-khodro-ikco-output-data-released (2016-02)"
    rows: list[Row] = []
    for m in MODELS:
        if m.key in _OF_1394:
            rows.append(_volume(m.key, 1394, _OF_1394[m.key], "history", "", "Eleven months.", printed))
        for year in YEARS:
            if year == 1400:
                note = "The company's plan, not output." if m.kind == "outlook" else ""
                rows.append(_volume(m.key, year, m.units, m.kind, m.split, note, m.source))
            else:
                flat = f"Flat outlook at the figure of 1400. {m.split}".strip()
                rows.append(_volume(m.key, year, m.units, "outlook", flat, "", m.source))
    return rows


def _volume(product: str, year: int, units: int, kind: str, assumed: str, note: str, source: str) -> Row:
    return {
        "product": product, "year": year, "units": units, "kind": kind, "x_assumption": assumed or None,
        "note": note or None, "source": source,
    }  # fmt: skip


def _bom(parts: Parts, lines: Lines) -> list[Row]:
    rows = [(MODELS[m].key, parts[p][0], q) for p, m, q in lines]
    return [{"product": m, "part": p, "quantity": q, "x_assumption": DRAWN, "source": None} for m, p, q in sorted(rows)]


def _rates() -> list[Row]:
    """Rates of the first day of 1399, held over the programme: prices are constant, so are rates."""
    held = "Held for every year of the programme: it is planned in prices of its first day."
    ecb = "European Central Bank, euro foreign exchange reference rates, 2020-03-20"
    nima = "https://en.ibena.ir/news/131651/Currency-supplied-increased-to-more-than-57-billion-in-1400 (undated)"
    across = "The ECB's rate, in the table so that it stays what it was on that day."
    rates: list[tuple[str, str, float, str, str]] = [
        ("USD", "IRR", NIMA, "Governor: average NIMA transaction rate, start of 1399 (printed in toman; x10).", nima),
        ("EUR", "USD", PER_EURO["USD"], across, ecb),
        ("EUR", "CNY", PER_EURO["CNY"], across, ecb),
    ]
    return [
        {
            "date": "2020-03-20", "base": base, "quote": quote, "market": "NIMA", "quote_per_base": rate,
            "x_assumption": held, "note": note, "source": source,
        }
        for base, quote, rate, note, source in rates
    ]  # fmt: skip


def _limits(bill: float) -> list[Row]:
    """What a ministry would set: all ours. `bill`: euros a year with every part imported."""
    ceiling = {1400: 0.95, 1401: 0.865, 1402: 0.785, 1403: 0.765}
    tooling = {1399: 26e6, 1400: 30e6, 1401: 18e6, 1402: 6e6}
    floors = {"dena-plus": 0.79, "peugeot-207": 0.78, "quick": 0.745}
    rows = [_limit(f"tooling-{y}", "tooling", "at_most", v, years=str(y), currency="EUR") for y, v in tooling.items()]
    rows += [
        _limit(f"currency-{y}", "foreign_currency", "at_most", _money(s * bill), years=str(y), currency="EUR")
        for y, s in ceiling.items()
    ]
    rows += [
        _limit(f"content-{p}", "local_content", "at_least", v, scope="product", key=p, years="1402-1403")
        for p, v in floors.items()
    ]
    most = {"small": 2, "medium": 4, "large": 6}
    rows += [
        _limit(f"launches-{name}", "launches", "at_most", most[size], scope="maker", key=name, per="year")
        for name, size in sorted(makers_of())
    ]
    rows += [
        _limit("share-crouse", "maker_share", "at_most", 0.15, scope="maker", key="crouse", years="1401-1403"),
        _limit("public-money", "public_money", "at_most", 8e6, currency="EUR"),
        _limit("defects", "defects", "at_most", 46_000, years="1403", penalty=40),
    ]
    return rows


def _limit(
    name: str, measure: str, sense: str, value: float, *, scope: str = "programme", key: str | None = None,
    years: str | None = None, per: str | None = None, currency: str | None = None, penalty: float | None = None,
) -> Row:  # fmt: skip
    return {
        "limit": name, "measure": measure, "scope": scope, "scope_key": key, "years": years, "per": per,
        "sense": sense, "value": value, "currency": currency, "penalty": penalty,
        "x_assumption": "Ours: the record states no limit of this kind.", "source": None,
    }  # fmt: skip


def _decisions() -> list[Row]:
    reason = "No home line has a safety approval yet."
    return [
        {
            "what": "part", "key": key, "verdict": "forbid", "reason": reason, "by": "Programme board",
            "date": "2020-03-20", "x_assumption": "Ours.", "source": None,
        }
        for key in ("airbag-control-unit-saipa", "seat-belt-saipa")
    ]  # fmt: skip


if __name__ == "__main__":
    write(Path(sys.argv[1]))
