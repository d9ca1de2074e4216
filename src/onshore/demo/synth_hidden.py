"""The hidden plan of a made-up programme: it keeps every limit, and the limits are set a little beyond it.

It is made greedily, for imports displaced rather than for cost, with half of the ventures open and half of the modules
built. Its accounts are those of the planner for single offers of the whole need: months of start, ramp, learning,
tooling over the lead time, imported inputs and royalties. So a programme drawn here has a plan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from onshore.blueprint.learning import mean_price_factor
from onshore.demo.synth_world import (
    EXPERIENCE,
    RAMP,
    ROYALTY,
    SETTINGS,
    TOOLING_ABROAD,
    Bools,
    Floats,
    Ints,
    Supply,
    T,
    World,
)

__all__ = ["MODULE_YEAR", "Hidden", "Limits", "hidden_plan"]

MODULE_YEAR = 2
"""Position of the first year in which a module may be in service; it is ordered the year before."""
DEAREST = 1.4
"""What the hidden plan would pay for a displaced import, before prices are set."""
SAVING = -0.014
"""What the hidden plan saves of importing everything. Set so that the best one saves 2 to 5 % at every size tried."""
LATER = 0.75
"""How many parts the hidden plan starts in a year, over those of the year before."""


@dataclass(frozen=True)
class Limits:
    """Right-hand sides that the hidden plan keeps."""

    investment: Floats  # (T,) at most, 0 in a year without any
    foreign_currency: Floats  # (T,) at most
    contract_value: float  # at least
    local_content: Floats  # (V,) at least, nan for a product that no part goes into


@dataclass(frozen=True)
class Hidden:
    """A plan that keeps every limit: whole needs by single offers. Modules are in service from `MODULE_YEAR`."""

    offer: Ints  # (A,) awarded
    year: Ints  # (A,) position of the year in which each starts
    opened: Bools  # (M,) whose ventures are open
    built: Ints  # (S,) modules


@dataclass(frozen=True)
class _Awards:
    """A awards of the hidden plan, with yearly rows."""

    offer: Ints  # (A,)
    units: Floats  # (A, T)
    purchases: Floats  # (A, T)
    tooling: Floats  # (A, T)
    start: Ints  # (A,) month


def hidden_plan(
    rng: np.random.Generator, world: World, supply: Supply, fixed_costs: float
) -> tuple[Supply, Limits, Hidden]:
    """The supply with home prices set, the limits, and the plan that they come from.

    What ventures and modules cost is multiplied by `fixed_costs` once prices are set, but before the limits are: the hidden
    plan can pay for them.
    """
    opened = supply.in_venture & (rng.random(len(supply.in_venture)) < 0.5)
    built = np.where(rng.random(len(supply.modules)) < 0.5, supply.modules, 0)
    offer, year = _chosen(rng, world, supply, opened, built)
    awards = _accounts(world, supply, offer, year)
    factor = _price_factor(world, supply, awards, opened, built)
    supply = replace(
        supply,
        price=np.round(supply.price * factor, 5),
        set_up=np.round(supply.set_up * fixed_costs),
        module_cost=np.round(supply.module_cost * fixed_costs),
    )
    awards = _accounts(world, supply, offer, year)
    return supply, _limits(world, supply, awards, opened, built), Hidden(offer, year, opened, built)


def _chosen(rng: np.random.Generator, world: World, supply: Supply, opened: Bools, built: Ints) -> tuple[Ints, Ints]:
    """Awarded offers and their years of start. Each round offers every part left its next cheapest source."""
    parts = len(world.price)
    count = np.bincount(supply.part, minlength=parts)
    first = np.cumsum(count) - count
    # a unit's price after two and a half years, and the tooling over five
    grown = (2.5 + EXPERIENCE) / EXPERIENCE
    cost = supply.price * grown**-supply.learning / world.price[supply.part]
    cost += supply.tooling / (5.0 * world.value[supply.part])
    usable = (opened | ~supply.in_venture)[supply.maker] & (cost < DEAREST)
    by_part = np.lexsort((np.where(usable, cost, np.inf), supply.part))
    weight = LATER ** np.arange(1, T)
    year = rng.choice(np.arange(1, T), parts, p=weight / weight.sum())
    turn = rng.permutation(parts)  # who is served first
    room = supply.room + built[:, None] * supply.module[:, None] * (np.arange(T) >= MODULE_YEAR)
    slots = np.repeat(supply.launches[:, None], T, axis=1)
    left = np.ones(parts, dtype=np.bool_)
    awarded: list[Ints] = []
    for nth in range(int(count.max())):
        asking = np.flatnonzero(left & (count > nth))
        asking = asking[np.argsort(turn[asking])]
        offer = by_part[first[asking] + nth]
        offer = offer[usable[offer]]
        offer = _fitting(world, supply, offer, year, room, slots)
        left[supply.part[offer]] = False
        awarded.append(offer)
    offers = np.sort(np.concatenate(awarded))
    return offers, year[supply.part[offers]]


def _fitting(world: World, supply: Supply, offer: Ints, year: Ints, room: Floats, slots: Ints) -> Ints:
    """Those of the offers, in their order, that machines and launches hold; takes them out of `room` and `slots`."""
    start, ramped = _ramped(supply, offer, year[supply.part[offer]])
    at = start // 12
    fits = _before(supply.maker[offer] * T + at, np.ones((len(offer), 1)))[:, 0] < slots[supply.maker[offer], at]
    hours = ramped * world.need[supply.part[offer]] * supply.hours[offer, None]
    shop = supply.shop[offer]
    # what was turned away for want of a launch does not count against the next; what lacks hours does: on the safe side
    taken = _before(shop, hours * fits[:, None]) + hours
    fits &= (taken <= room[shop] * (1 - 1e-9)).all(axis=1)
    offer, at, shop, hours = offer[fits], at[fits], shop[fits], hours[fits]
    np.subtract.at(slots, (supply.maker[offer], at), 1)
    for t in range(T):
        room[:, t] -= np.bincount(shop, hours[:, t], len(room))
    return offer


def _before(group: Ints, amount: Floats) -> Floats:
    """(n, T) sum over the rows of one's group that come earlier."""
    order = np.argsort(group, kind="stable")
    total = np.cumsum(amount[order], axis=0) - amount[order]
    new = np.flatnonzero(np.r_[True, np.diff(group[order]) != 0]) if len(group) else np.arange(0)
    size = np.diff(np.r_[new, len(group)])
    out = np.empty_like(total)
    out[order] = total - np.repeat(total[new], size, axis=0)
    return out


def _ramped(supply: Supply, offer: Ints, year: Ints) -> tuple[Ints, Floats]:
    """(A,) month of start, and (A, T) share of each year's full rate that is made."""
    start = np.maximum(12 * year, supply.lead[offer])
    steps = np.array([*RAMP, *[RAMP[-1]] * T])
    whole = np.concatenate([[0.0], np.cumsum(steps)])
    since = np.maximum(0.0, np.arange(T + 1) - start[:, None] / 12.0)
    done = whole[since.astype(np.int64)] + (since % 1.0) * steps[since.astype(np.int64)]
    return start, np.diff(done, axis=1)


def _accounts(world: World, supply: Supply, offer: Ints, year: Ints) -> _Awards:
    """Units, purchases and tooling of awards of the whole need."""
    start, ramped = _ramped(supply, offer, year)
    units = ramped * world.need[supply.part[offer]]
    before = np.cumsum(units, axis=1) - units
    experience = np.ceil(EXPERIENCE * world.need[supply.part[offer], 0])[:, None]
    progress = np.round(2 ** -supply.learning[offer], 4)[:, None]
    purchases = units * supply.price[offer, None] * mean_price_factor(before, units, experience, progress)
    begin, end = (start - supply.lead[offer])[:, None], start[:, None]
    months = np.clip(end, 12 * np.arange(T), 12 * np.arange(1, T + 1)) - np.clip(
        begin, 12 * np.arange(T), 12 * np.arange(1, T + 1)
    )
    return _Awards(offer, units, purchases, supply.tooling[offer, None] * months / (end - begin), start)


def _fixed(supply: Supply, opened: Bools, built: Ints) -> Floats:
    """(T,) set-up of the ventures in the first year, modules in the year of their order."""
    outlay = np.zeros(T)
    outlay[0] = supply.set_up[opened].sum()
    outlay[MODULE_YEAR - 1] += (built * supply.module_cost).sum()
    return outlay


def _imports(world: World, supply: Supply, awards: _Awards) -> Floats:
    """(P, T) value of what stays imported."""
    units = world.need.copy()
    units[supply.part[awards.offer]] -= awards.units
    return np.maximum(0.0, units) * world.price[:, None]


def _price_factor(world: World, supply: Supply, awards: _Awards, opened: Bools, built: Ints) -> float:
    """The factor on home prices at which the hidden plan saves just `SAVING` of importing everything."""
    rate, life = float(str(SETTINGS["discount_rate"])), float(str(SETTINGS["asset_life_years"]))
    discount = (1 + rate) ** -(np.arange(T) + 0.5)
    end = (1 + rate) ** -T

    def left(years_used: Floats) -> Floats:
        return np.maximum(0.0, 1 - years_used / life)

    worth = left(T - awards.start / 12.0) @ awards.tooling.sum(axis=1)
    worth += left(np.array([float(T)]))[0] * supply.set_up[opened].sum()
    worth += left(np.array([float(T - MODULE_YEAR)]))[0] * (built * supply.module_cost).sum()
    outlay = (awards.tooling.sum(axis=0) + _fixed(supply, opened, built)) @ discount - end * worth
    imported = (world.need * world.price[:, None]).sum(axis=0) @ discount
    rest = _imports(world, supply, awards).sum(axis=0) @ discount
    return float(((1 - SAVING) * imported - rest - outlay) / (awards.purchases.sum(axis=0) @ discount))


def _limits(world: World, supply: Supply, awards: _Awards, opened: Bools, built: Ints) -> Limits:
    """A little beyond the hidden plan: investment + 1 %, currency + 0.1 %, contracts - 3 %, content - 8 points."""
    royalty = ROYALTY * supply.in_venture[supply.maker[awards.offer]]
    abroad = supply.imported[awards.offer] + royalty
    imports = _imports(world, supply, awards)
    currency = imports.sum(axis=0) + abroad @ awards.purchases + TOOLING_ABROAD * awards.tooling.sum(axis=0)
    investment = awards.tooling.sum(axis=0) + _fixed(supply, opened, built)
    part = supply.part[awards.offer]
    local, value = np.zeros_like(imports), imports
    local[part] = (1 - abroad)[:, None] * awards.purchases
    value[part] += awards.purchases
    content = _content(world, local, value) - (0.20 if len(world.price) < 1000 else 0.08)
    return Limits(
        investment=_digits(1.01 * investment),
        foreign_currency=_digits(1.001 * currency),
        contract_value=float(_digits(np.array([0.97 * awards.purchases.sum()]))[0]),
        local_content=np.asarray(np.round(np.maximum(0.0, content), 4), dtype=np.float64),
    )


def _content(world: World, local: Floats, value: Floats) -> Floats:
    """(V,) local value over value, of the parts that go into each product."""
    above, below = np.zeros(len(world.units)), np.zeros(len(world.units))
    for t in range(T):
        weight = world.quantity * world.units[world.line_product, t] / world.need[world.line_part, t]
        above += np.bincount(world.line_product, weight * local[world.line_part, t], len(above))
        below += np.bincount(world.line_product, weight * value[world.line_part, t], len(below))
    with np.errstate(invalid="ignore"):
        return np.asarray(above / below)


def _digits(amount: Floats) -> Floats:
    """Six significant digits."""
    size = 10.0 ** (5 - np.floor(np.log10(np.maximum(amount, 1.0))))
    return np.asarray(np.round(amount * size) / size)
