"""The side of `car-line` where parts and cars are sold: markets, brands and owners, every row of them an assumption.

No source prints what a spare part costs in a shop by brand, or how buyers choose. So these markets are drawn around the parts'
landed prices. They show what the prices chapter says, and prove nothing about Iran.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from onshore.demo.car_line_catalogue import MODELS, Model
from onshore.demo.car_line_supply import Made

__all__ = ["markets"]

Row = dict[str, object]

FREE, SOLD_FREE = "cars-free", ("tara", "dena-plus", "quick", "shahin")
"""Where cars are sold at free prices, and which of them."""

SPARES, CONTRACTS = 0.6, 14
"""Share of the parts (material apart) that are sold as spares, and how many of the electronic ones are bought by contract."""
TAX = 0.09
"""Iran's value added tax in 1399."""
SELLERS = {"IKCO": "ikco-after-sales", "SAIPA": "saipa-after-sales", "both": "importer-of-originals"}


def markets(
    rng: np.random.Generator, parts: Sequence[Made], duties: Sequence[float], drawn: str
) -> dict[str, list[Row]]:
    """The tables `part_markets`, `brands`, `owners`, `buyers` and `tastes`. `duties`: the duty of each part, a share of its landed price."""
    spares, brands = [], []
    contracts = 0
    for part, duty in zip(parts, duties, strict=True):
        landed = part.value * (1 + duty)
        if part.kind.family == "raw material":
            continue
        if part.kind.family == "electronics" and contracts < CONTRACTS:
            contracts += 1
            spares.append(_contract(part, drawn))
            brands.append(_brand(f"{part.name}-contract", "original", "importer-of-originals", "import", landed * 1.08 * (1 + TAX), part.units, drawn,
                                 part=part.name, margin_share=0.074, currency_share=1.0))  # fmt: skip
        elif rng.random() < SPARES:
            spares.append(_spare(rng, part, drawn))
            brands += _spare_brands(rng, part, landed, duty, drawn)
    spares += [_cars(drawn), _free_cars()]
    brands += _car_brands(drawn) + _free_car_brands()
    return {
        "part_markets": spares,
        "brands": brands,
        "owners": _owners(drawn),
        "buyers": _buyers(),
        "tastes": _tastes(),
    }


def _spare(rng: np.random.Generator, part: Made, drawn: str) -> Row:
    return {
        "market": f"{part.name}-spares", "name": f"{part.kind.name}, spare; {part.subject}", "level": "wholesale", "trade_margin_share": 0.25,
        "regime": "free", "indexed_share": None, "demand": "nested logit", "outside_share": _round(rng.uniform(0.25, 0.4)),
        "elasticity": _round(rng.uniform(0.6, 0.9)), "nesting": _round(rng.uniform(0.1, 0.5)), "x_assumption": drawn, "source": None,
    }  # fmt: skip


def _contract(part: Made, drawn: str) -> Row:
    return {
        "market": f"{part.name}-contract", "name": f"{part.kind.name}, by contract; {part.subject}", "level": "contract", "trade_margin_share": None,
        "regime": "negotiated", "indexed_share": 0.8, "demand": "logit", "outside_share": 0.05, "elasticity": 0.1, "nesting": None,
        "x_assumption": f"Ours: a contract that passes on 0.8 of a change of cost. {drawn}", "source": None,
    }  # fmt: skip


def _cars(drawn: str) -> Row:
    return {
        "market": "cars", "name": "Cars of IKCO and SAIPA", "level": "producer", "trade_margin_share": None, "regime": "administered",
        "indexed_share": None, "demand": "logit", "outside_share": 0.6, "elasticity": 1.0, "nesting": None,
        "x_assumption": "Ours: list prices set by an authority, all cars sold, and a parallel price a quarter above the list.", "source": None,
    }  # fmt: skip


def _free_cars() -> Row:
    return {
        "market": FREE, "name": "Cars sold at free prices", "level": "producer", "trade_margin_share": None, "regime": "free", "indexed_share": None,
        "demand": "random coefficients", "outside_share": 0.9, "elasticity": None, "nesting": None,
        "x_assumption": "Ours: a twentieth of four models is sold outside the list, beside cars of private assemblers, to buyers of whom one in ten buys.",
        "source": None,
    }  # fmt: skip


def _brand(
    market: str, brand: str, seller: str, origin: str, price: float, units: float, drawn: str, *, part: str | None = None,
    product: str | None = None, parallel: float | None = None, margin_share: float | None = None, duty: float | None = None,
    currency_share: float | None = None, annual_max: float | None = None, nest: str | None = None, quality: float | None = None,
    size: float | None = None,
) -> Row:  # fmt: skip
    return {
        "market": market, "brand": brand, "seller": seller, "origin": origin, "part": part, "product": product, "price": _money(price),
        "parallel_price": None if parallel is None else _money(parallel), "currency": "EUR", "units": max(1, round(units)), "margin_share": margin_share,
        "duty_share": duty, "tax_share": TAX, "currency_share": currency_share, "annual_max": annual_max, "nest": nest,
        "quality": None if quality is None else _money(quality), "x_size": size, "x_assumption": drawn, "source": None,
    }  # fmt: skip


def _spare_brands(rng: np.random.Generator, part: Made, landed: float, duty: float, drawn: str) -> list[Row]:
    """The original, one or two other imports, none to two home brands."""
    market, sold = f"{part.name}-spares", part.units * rng.uniform(0.05, 0.15)
    original = landed * rng.uniform(1.7, 2.1) * (1 + TAX)
    maker = "IKCO" if "IKCO" in part.subject else "SAIPA" if "SAIPA" in part.subject else "both"
    rows = [
        _brand(market, "original", SELLERS[maker], "import", original, sold * rng.uniform(0.3, 0.5), drawn, part=part.name, currency_share=1.0,
               nest="original", quality=0.2 * original)
    ]  # fmt: skip
    for i in range(1 + int(rng.random() < 0.6)):
        rows.append(_brand(market, f"import-{'ab'[i]}", f"importer-{int(rng.integers(1, 7))}", "import", original * rng.uniform(0.6, 0.9),
                           sold * rng.uniform(0.1, 0.3), drawn, duty=duty, currency_share=1.0, nest="replacement"))  # fmt: skip
    for i in range(int(rng.integers(0, 3))):
        rows.append(_brand(market, f"home-{'ab'[i]}", f"spares-maker-{int(rng.integers(1, 9))}", "home", original * rng.uniform(0.55, 0.8),
                           sold * rng.uniform(0.1, 0.3), drawn, currency_share=_round(rng.uniform(0.2, 0.5)), nest="replacement"))  # fmt: skip
    sellers = [r["seller"] for r in rows]
    return [r for i, r in enumerate(rows) if r["seller"] not in sellers[:i]]


def _car_brands(drawn: str) -> list[Row]:
    """A car's list price is what it is worth beside its imported parts, those, a twentieth and the tax."""
    return [
        _brand("cars", m.key, m.maker.lower(), "home", 1.05 * (1 + TAX) * (m.worth + 1700), m.units, "Ours: price, margin and parallel price.",
               product=m.key, parallel=_parallel(m), margin_share=0.05, annual_max=float(m.units))
        for m in MODELS
    ]  # fmt: skip


def _parallel(m: Model) -> float:
    return 1.25 * 1.05 * (1 + TAX) * (m.worth + 1700)


def _free_car_brands() -> list[Row]:
    """Four models at the parallel price, and three rivals that the plan does not reach."""
    ours = "Ours: price, units and size, to show demand with buyers who differ."
    own = [
        (m.key, m.maker.lower(), m.key, _parallel(m), m.units / 20, m.worth / 1000)
        for m in MODELS
        if m.key in SOLD_FREE
    ]
    rivals = [(f"rival-{n}", f"private-assembler-{n}", None, p, u, size) for n, p, u, size in (
        ("a", 9_500.0, 2_500.0, 5.2), ("b", 12_500.0, 2_000.0, 6.8), ("c", 16_000.0, 800.0, 8.5),
    )]  # fmt: skip
    return [
        _brand(FREE, name, seller, "home", price, units, ours, product=product, currency_share=None if product else 0.6, size=_round(size))
        for name, seller, product, price, units, size in (*own, *rivals)
    ]  # fmt: skip


def _buyers() -> list[Row]:
    """Five kinds of liking for size by five of minding the price, each a fifth of the buyers."""
    fifths = (-1.28, -0.52, 0.0, 0.52, 1.28)  # middles of the fifths of a standard normal
    return [
        {"market": FREE, "buyer": f"{i}-{k}", "weight": 0.04, "x_likes_size": likes, "x_minds_price": _money(np.exp(0.3 * minds)),
         "x_assumption": "Ours: tastes spread like a normal, how the price is minded like a lognormal with a sigma of 0.3.", "source": None}
        for i, likes in enumerate(fifths, 1) for k, minds in enumerate(fifths, 1)
    ]  # fmt: skip


def _tastes() -> list[Row]:
    ours = "Ours: no estimate for Iran was found. A margin of about a quarter at these prices."
    return [
        {
            "market": FREE,
            "characteristic": c,
            "draw": d,
            "coefficient": v,
            "currency": money,
            "x_assumption": ours,
            "source": None,
        }
        for c, d, v, money in (("price", "x_minds_price", -0.00045, "EUR"), ("x_size", "x_likes_size", 0.5, None))
    ]


def _owners(drawn: str) -> list[Row]:
    """The car makers' after-sales firms are at home; an importer of originals is half owned abroad."""
    ours = "Ours: who owns the sellers of originals."
    rows = [("ikco-after-sales", "ikco", 1.0, 1.0, "home"), ("saipa-after-sales", "saipa", 1.0, 1.0, "home"),
            ("importer-of-originals", "a-trading-house", 0.5, 1.0, "home"), ("importer-of-originals", "a-foreign-parts-group", 0.5, 0.0, "foreign")]  # fmt: skip
    return [
        {"seller": s, "owner": o, "profit_share": p, "control_share": c, "residence": r, "x_assumption": ours, "source": None} for s, o, p, c, r in rows
    ]  # fmt: skip


def _round(share: float) -> float:
    return round(float(share), 2)


def _money(amount: float) -> float:
    return float(f"{amount:.5g}")
