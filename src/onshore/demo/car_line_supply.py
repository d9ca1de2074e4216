"""The side of `car-line` that makes: makers, partners, ventures, offers and machine-hours, drawn from its seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from onshore.demo.car_line_catalogue import FAMILIES, MAKERS, VENTURES, Kind

__all__ = ["Made", "makers_of", "supply"]

Row = dict[str, object]

VALUE_OF_HOUR = 40.0
"""Euros of imports that a machine-hour replaces, about."""


class Made(NamedTuple):
    """An imported part: its kind, in whose cars it goes, euros a unit landed and units a year."""

    name: str
    kind: Kind
    subject: str
    value: float
    units: float


_REGIONS = ("East Azarbaijan", "Khorasan Razavi", "Tehran", "Qazvin", "Markazi", "Isfahan", "Alborz")
_SHOPS = (
    ("casting",), ("casting", "machining"), ("casting",), ("forging",), ("forging", "machining"), ("forging",),
    ("machining",), ("machining", "assembly"), ("stamping",), ("stamping",), ("stamping", "assembly"), ("moulding",),
    ("moulding",), ("electronics",), ("electronics", "assembly"), ("electronics",), ("assembly",),
    ("raw material",), ("raw material",), ("raw material",), ("raw material",),
)  # fmt: skip
_SIDES = (
    ("fapsco-home-side", "Home side of FAPSCO (not named)", ("assembly", "stamping"), "large", "Tehran"),
    ("electronics-home-side", "Home side of an electronics venture", ("electronics",), "medium", "Tehran"),
)


class _Shop(NamedTuple):
    key: str
    name: str
    families: tuple[str, ...]
    size: str
    region: str
    makes: tuple[str, ...]
    source: str | None


def _shops() -> list[_Shop]:
    """Makers of the record, home sides of ventures, and others."""
    shops = [_Shop(m.key, m.name, m.families, m.size, m.region, m.makes, m.source) for m in MAKERS]
    through = {v.maker: v.kinds for v in VENTURES}
    shops += [_Shop(key, name, fam, size, region, through[key], None) for key, name, fam, size, region in _SIDES]
    sizes = ("small", "medium", "medium", "large")
    shops += [
        _Shop(f"maker-{i:02d}", f"Maker {i:02d}", families, sizes[i % 4], _REGIONS[i % len(_REGIONS)], (), None)
        for i, families in enumerate(_SHOPS, start=1)
    ]
    return shops


def makers_of() -> list[tuple[str, str]]:
    """Key and size of every maker."""
    return [(s.key, s.size) for s in _shops()]


def supply(
    rng: np.random.Generator, parts: list[Made], years: range, per_euro: Mapping[str, float], drawn: str
) -> dict[str, list[Row]]:
    """The tables `makers`, `partners`, `ventures`, `offers` and `capacity`."""
    shops = _shops()
    skill = dict(zip([s.key for s in shops], rng.normal(0.0, 0.05, len(shops)), strict=True))
    offers: list[Row] = []
    load: dict[tuple[str, str], float] = {}
    for part in parts:
        sources = _sources(rng, part, shops)
        for shop in sources:
            row = _offer(rng, part, shop, skill[shop.key], per_euro, drawn)
            offers.append(row)
            at = (shop.key, part.kind.family)
            load[at] = load.get(at, 0.0) + float(str(row["hours_per_unit"])) * part.units / len(sources)
    ours = "Size and region are ours."
    return {
        "makers": [
            {
                "maker": s.key, "name": s.name, "region": s.region, "size": s.size,
                "x_assumption": ours if s.source else "A made-up maker.", "source": s.source,
            }
            for s in shops
        ],
        "partners": _partners(),
        "ventures": _ventures(),
        "offers": offers,
        "capacity": list(_capacity(rng, load, years, drawn)),
    }  # fmt: skip


def _partners() -> list[Row]:
    """Each foreign side once, in the order of the ventures."""
    rows: dict[str, Row] = {}
    for v in VENTURES:
        key = v.partner.lower().replace(" ", "-")
        rows.setdefault(key, {"partner": key, "name": v.partner, "country": v.country, "source": v.source})
    return list(rows.values())


def _ventures() -> list[Row]:
    return [
        {
            "venture": v.key, "maker": v.maker, "partner": v.partner.lower().replace(" ", "-"), "opens": v.opens or None,
            "partner_share": v.share, "set_up_cost": v.set_up, "currency": "EUR", "royalty_share": v.royalty,
            "exit_group": None if v.country == "China" else "us-sanctions-2018", "x_assumption": v.ours, "note": v.note,
            "source": v.source,
        }
        for v in VENTURES
    ]  # fmt: skip


def _sources(rng: np.random.Generator, part: Made, shops: list[_Shop]) -> list[_Shop]:
    """Who offers a part: makers known for its kind, and others of its family by lot. Some parts nobody offers."""
    family = FAMILIES[part.kind.family]
    known = [s for s in shops if part.kind.key in s.makes]
    others = [s for s in shops if part.kind.family in s.families and s not in known]
    if rng.random() < family.unoffered:
        return []
    wanted = int(rng.integers(family.offers[0], family.offers[1] + 1))
    more = rng.permutation(len(others))[: max(0, wanted - len(known))]
    return known + [others[i] for i in sorted(more)]


def _offer(
    rng: np.random.Generator, part: Made, shop: _Shop, skill: float, per_euro: Mapping[str, float], drawn: str
) -> Row:
    """One maker's terms for one part. A maker offers through its venture what that venture is for."""
    family = FAMILIES[part.kind.family]
    venture = next((v.key for v in VENTURES if v.maker == shop.key and part.kind.key in v.kinds), None)
    raw, learns = part.kind.family == "raw material", rng.random() < 0.4
    currency = "EUR" if venture or rng.random() < 0.2 else "IRR"
    dearness = float(np.clip(rng.normal(family.dearness, family.spread) + skill - 0.06 * bool(venture), 0.7, 1.5))
    most = float(np.ceil(part.units * rng.uniform(0.45, 1.3) / 100) * 100)
    least = float(np.ceil(part.units * rng.uniform(0.1, 0.3) / 100) * 100)
    if rng.random() < 0.04:  # a line far larger than the need: it cannot be taken up
        least = most = float(np.ceil(part.units * rng.uniform(1.5, 3.0) / 100) * 100)
    yearly = part.value * part.units
    tooling = yearly * rng.uniform(*family.tooling) * per_euro[currency]
    support = tooling * rng.uniform(0.05, 0.2) if shop.size == "small" and rng.random() < 0.5 else 0.0
    ramp = ("1", "0.7; 1", "0.4; 0.75; 1", "0.3; 0.6; 0.9; 1")[int(rng.integers(4))]
    return {
        "offer": f"{shop.key}-{part.name}",
        "part": part.name,
        "maker": shop.key,
        "venture": venture,
        "unit_price": _round(dearness * part.value * per_euro[currency]),
        "currency": currency,
        "annual_max": most,
        "minimum_units": least if rng.random() < 0.3 or least == most else None,
        "lead_time_months": int(rng.integers(family.lead[0], family.lead[1] + 1)),
        "ramp": ramp,
        "term_years": int(rng.choice([4, 5])) if rng.random() < 0.5 else None,
        "progress_ratio": round(float(rng.uniform(0.90, 0.98)), 3) if learns else None,
        "experience_units": float(np.ceil(part.units * rng.uniform(0.2, 1.0) / 100) * 100) if learns else None,
        "tooling_cost": _round(tooling),
        "tooling_paid_by": str(rng.choice(["buyer", "maker", "public"], p=[0.65, 0.25, 0.10])),
        "tooling_imported_share": round(float(rng.uniform(0.3, 0.6)), 2),
        "prepayment_share": round(float(rng.uniform(0.1, 0.5)), 2),
        "payment_days": int(rng.choice([60, 90, 120, 150])),
        "public_support": _round(support) if support else None,
        "imported_input_share": round(float(rng.uniform(*family.imported)), 2),
        "hours_per_unit": _round(part.value / VALUE_OF_HOUR * rng.uniform(0.7, 1.3)),
        "defects_ppm": None if raw else int(np.exp(rng.normal(np.log(300 if venture else 600), 0.6))),
        "valid_until": "2021-03-20" if rng.random() < 0.15 else None,
        "x_assumption": drawn,
        "source": None,
    }


def _round(amount: float) -> float:
    """Four significant digits, as offers are written."""
    return float(f"{amount:.4g}")


def _capacity(
    rng: np.random.Generator, load: Mapping[tuple[str, str], float], years: range, drawn: str
) -> Iterator[Row]:
    """Machine-hours short of what would come if every part were shared evenly, and up to two modules of a third of it."""
    for (maker, family), hours in sorted(load.items()):
        free, modules = hours * rng.uniform(0.45, 1.0), int(rng.integers(0, 3))
        cost = 0.45 * VALUE_OF_HOUR * 0.33 * hours * rng.uniform(0.5, 1.5)
        for t, year in enumerate(years):
            yield {
                "maker": maker, "family": family, "year": year, "hours": round(free * 1.03**t),
                "module_hours": round(0.33 * hours), "module_cost": round(cost, -3), "currency": "EUR",
                "modules_max": modules if t >= 1 else 0, "module_lead_years": 1, "x_assumption": drawn, "source": None,
            }  # fmt: skip
