"""What a made-up programme is drawn from: products, parts, makers, ventures and offers, as arrays.

Nothing here loops over parts or offers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

__all__ = [
    "EXPERIENCE", "FAMILIES", "RAMP", "ROYALTY", "SETTINGS", "TOOLING_ABROAD", "YEARS", "Bools", "Floats", "Ints", "Supply",
    "T", "World", "supply_of", "tightened", "world_of",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FAMILIES = ("assembly", "casting", "electronics", "forging", "moulding", "stamping")
FIRST, T = 2027, 8
YEARS = np.arange(FIRST, FIRST + T)
RAMP = (0.4, 0.75, 1.0)
VALUE_OF_HOUR = 40.0
"""Euros of imports that one machine-hour replaces, about."""
ROYALTY = 0.02
TOOLING_ABROAD = 0.4
TIGHT = 0.77
"""Share of their machine-hours that makers have in a tight programme."""
EXPERIENCE = 0.15
"""Units made before, in first-year needs: a price falls with (cumulative need / first-year need + 0.15)^-b."""

SETTINGS: dict[str, object] = {
    "schema_version": 1, "currency": "EUR", "calendar": "gregorian", "first_year": FIRST, "last_year": FIRST + T - 1,
    "discount_rate": 0.10, "asset_life_years": 10.0,
    # 5.5 offers a part in 7 years at 3 shares and one pair in both orders: some 155 options a part
    "options.start_years": [int(y) for y in YEARS[1:]], "options.share_steps": [0.5, 0.8, 1.0],
    "options.split_steps": [0.6], "options.pairs_max": 1,
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """What is needed: P parts, V products, L lines of their bills of materials, T years."""

    units: Floats  # (V, T) built
    line_part: Ints  # (L,)
    line_product: Ints  # (L,)
    quantity: Floats  # (L,)
    need: Floats  # (P, T)
    price: Floats  # (P,) euros a unit landed
    duty: Floats  # (P,)
    family: Ints  # (P,)

    @property
    def value(self) -> Floats:
        """(P,) imports of the first year."""
        return self.price * self.need[:, 0]


@dataclass(frozen=True)
class Supply:
    """Who could make them: O offers in the order of their parts, M makers, S shops (a maker and a family)."""

    part: Ints  # (O,)
    maker: Ints  # (O,)
    shop: Ints  # (O,)
    price: Floats  # (O,)
    learning: Floats  # (O,) b: a price falls with experience to the power -b
    lead: Ints  # (O,) months
    tooling: Floats  # (O,)
    imported: Floats  # (O,) share of the price
    hours: Floats  # (O,) a unit
    in_venture: Bools  # (M,)
    set_up: Floats  # (M,) 0 without a venture
    launches: Ints  # (M,) that a maker absorbs a year
    shop_maker: Ints  # (S,)
    shop_family: Ints  # (S,)
    room: Floats  # (S, T) hours
    module: Floats  # (S,) hours of one
    module_cost: Floats  # (S,)
    modules: Ints  # (S,) most


def strided(rng: np.random.Generator, wanted: Ints, most: Ints) -> tuple[Ints, Ints]:
    """For each row, `wanted` different whole numbers below `most`: the row of each, and the number.

    They lie at equal strides from a random first one, round a circle, so a million rows need no loop.
    """
    row = np.repeat(np.arange(len(wanted)), wanted)
    nth = np.arange(len(row)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    first = (rng.random(len(wanted)) * most).astype(np.int64)
    widest = np.maximum(1, (most - 1) // np.maximum(1, wanted - 1))
    stride = 1 + (rng.random(len(wanted)) * widest).astype(np.int64)
    return row, (first[row] + nth * stride[row]) % most[row]


def world_of(rng: np.random.Generator, count: int) -> World:
    """Products and their volumes, parts and where they go."""
    vehicles = int(np.clip(20 * np.log10(count / 30) ** 2 + 30, 50, 300))
    growth, noise = rng.uniform(0.98, 1.10, vehicles), rng.normal(1.0, 0.05, (vehicles, T))
    start = rng.lognormal(np.log(20_000), 0.6, vehicles)
    units = np.round(start[:, None] * growth[:, None] ** np.arange(T) * noise)
    uses = np.minimum(1 + rng.geometric(0.35, count), 12)
    part, product = strided(rng, uses, np.full(count, vehicles))
    quantity = np.array([1.0, 2.0, 4.0], dtype=np.float64)[rng.choice(3, len(part), p=[0.7, 0.2, 0.1])]
    by_year = [np.bincount(part, quantity * units[product, t], count) for t in range(T)]
    need: Floats = np.stack(by_year, axis=1).astype(np.float64)
    price = np.round(1e6 * rng.lognormal(-0.3, 1.1, count) / need[:, 0], 4) + 1e-4
    duty = np.round(rng.uniform(0.0, 0.2, count), 3)
    family = rng.integers(0, len(FAMILIES), count)
    return World(units, part, product, quantity, need, np.round(price, 4), duty, family)


def supply_of(rng: np.random.Generator, world: World) -> Supply:
    """Makers, ventures, offers and machine-hours. A maker in a venture makes everything through it."""
    parts, families = len(world.price), len(FAMILIES)
    makers = max(8, parts // 25)
    in_venture = np.arange(makers) % 7 == 3  # 15 % of them
    skill = rng.normal(0.0, 0.08, makers) - 0.06 * in_venture
    # one to three families each; the first by turns, so that every family has a maker
    rank = np.where(np.arange(families) == np.arange(makers)[:, None] % families, -1.0, rng.random((makers, families)))
    works = rank.argsort(axis=1).argsort(axis=1) < rng.integers(1, 4, makers)[:, None]

    by_family, able = np.nonzero(works.T)  # makers family by family
    many = np.bincount(by_family, minlength=families)
    first = np.cumsum(many) - many
    most = many[world.family]
    part, nth = strided(rng, np.minimum(rng.integers(3, 9, parts), most), most)
    maker = able[first[world.family[part]] + nth]

    offers, price, value = len(part), world.price[part], world.value[part]
    dearness = np.clip(rng.normal(1.15, 0.14, offers) + skill[maker], 0.65, 1.6)
    learning = rng.uniform(0.03, 0.22, offers)
    tooling = (rng.uniform(0.10, 0.60, parts)[part] + rng.uniform(0.02, 0.15, offers)) * value
    local = np.minimum(rng.uniform(0.5, 0.95, offers) + 0.03 * in_venture[maker], 0.98)
    hours = rng.uniform(0.8, 1.2, offers) * price / VALUE_OF_HOUR
    pair = maker * families + world.family[part]
    pairs, shop = np.unique(pair, return_inverse=True)
    # the hours that come if every part is shared evenly among its sources
    sources = np.bincount(part, minlength=parts)
    load = np.bincount(shop, hours * world.need[part, 0] / sources[part])
    evenly = np.bincount(maker, 1.0 / sources[part], makers)  # parts, likewise
    shop_maker, t = pairs // families, np.arange(T)
    own = np.bincount(shop_maker, load, makers)
    return Supply(
        part=part,
        maker=maker,
        shop=shop,
        price=dearness * price * EXPERIENCE**-learning,
        learning=learning,
        lead=rng.integers(6, 15, offers),
        tooling=np.round(tooling),
        imported=np.round(1 - local, 3),
        hours=np.round(hours, 7),
        in_venture=in_venture,
        set_up=np.round(0.22 * VALUE_OF_HOUR * own * rng.uniform(0.5, 1.5, makers) * in_venture),
        launches=np.maximum(1, np.ceil(evenly * rng.uniform(0.15, 0.35, makers))).astype(np.int64),
        shop_maker=shop_maker,
        shop_family=pairs % families,
        room=np.round((load * rng.uniform(0.55, 1.25, len(load)))[:, None] * 1.04**t * np.minimum(1.0, 0.5 + 0.2 * t)),
        module=np.round(0.3 * load),
        module_cost=np.round(0.45 * VALUE_OF_HOUR * 0.3 * load * rng.uniform(0.5, 1.5, len(load))),
        modules=rng.integers(0, 3, len(load)),
    )


def tightened(supply: Supply) -> Supply:
    """The same supply with fewer machine-hours and no modules to add to them."""
    return replace(supply, room=np.round(TIGHT * supply.room), modules=np.zeros_like(supply.modules))
