"""Changes of a market: each takes a `Situation` and returns another, and none of them solves anything.

before = situation.equilibrium                  prices as they are
then = levy(enter(situation, ...), ...)         any changes, one after the other
change = compare(situation, then)               both equilibria, who gains, indices
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from onshore.prices import straight
from onshore.prices.equilibrium import Equilibrium, after
from onshore.prices.kernel import CES, LINEAR, MIXED
from onshore.prices.markets import Flags, Floats, Ints, Markets, starts
from onshore.prices.surplus import ConsumerGain, Indices, consumer_gain, price_indices

__all__ = [
    "Change", "Situation", "at_rate", "compare", "content_rule", "cost_of_content", "enter", "leave", "limit", "move_cost", "own",
    "replaced", "room_for_entrants", "set_prices", "tax", "levy",
]  # fmt: skip


@dataclass(frozen=True)
class Situation:
    """Markets with what the treasury and the owners need to know of each product, and the equilibrium to start from.

    All (N,). `duty_share` on the landed cost, which with the duty is `dutiable`, money per unit (0 for what is made at home);
    `currency_share` of cost is paid in foreign currency; `home_share` of the profit stays at home.
    """

    markets: Markets
    base: Equilibrium
    duty_share: Floats
    dutiable: Floats
    currency_share: Floats
    home_share: Floats
    begin: Floats = field(repr=False)
    check: bool = True  # whether to look for somebody who would rather move alone

    @cached_property
    def equilibrium(self) -> Equilibrium:
        """Prices after the changes; exactly those of `base` in a market where nothing changed."""
        return after(self.base, self.markets, self.begin, check=self.check)

    @property
    def duty(self) -> Floats:
        """(N,) money per unit."""
        return self.dutiable * self.duty_share / (1.0 + self.duty_share)

    @property
    def treasury(self) -> Floats:
        """(N,) duty and tax a year. A rent on a set price is not taxed."""
        found = self.equilibrium
        listed = np.where(np.isnan(self.markets.fixed), found.price, self.markets.fixed)
        with np.errstate(invalid="ignore"):
            return np.where(self.markets.sold, (self.duty + (1.0 - self.markets.kept) * listed) * found.units, 0.0)

    @property
    def resale(self) -> Floats:
        """(N,) what buyers pay above a set price a year: it goes to whoever gets hold of the product first."""
        with np.errstate(invalid="ignore"):
            rent = np.where(np.isnan(self.markets.fixed), 0.0, self.equilibrium.rent)
            return np.where(self.markets.sold, rent * self.equilibrium.units, 0.0)

    def but(self, **changed: object) -> Situation:
        return replace(self, **changed)  # type: ignore[arg-type]


# costs and prices


def move_cost(x: Situation, *, by: Floats | float = 0.0, times: Floats | float = 1.0) -> Situation:
    """Cost becomes times * cost + by, money per unit, (N,) or one for all."""
    return x.but(markets=x.markets.but(cost=x.markets.cost * times + by))


def replaced(x: Situation, where: Flags, landed: Floats, home: Floats, home_units: Floats) -> Situation:
    """A maker replaces an import inside a product, which keeps its place, name and taste: the reading *replace*.

    Of the product's cost, `landed` (with duty) becomes (1 - home_units) landed + home_units home, money per unit; what the cost
    holds besides stays. Duty is then paid on the imported share alone.
    """
    change = np.where(where, home_units * (home - landed), 0.0)
    dutiable = np.where(where, (1.0 - home_units) * landed, x.dutiable)
    return move_cost(x, by=change).but(dutiable=dutiable)


def at_rate(x: Situation, factor: Floats | float) -> Situation:
    """Foreign currency costs `factor` times as much: so does the share of each cost that is paid in it, and dutiable value.

    A path is a list of these, one a year.
    """
    return move_cost(x, times=1.0 + x.currency_share * (np.asarray(factor) - 1.0)).but(dutiable=x.dutiable * factor)


def set_prices(x: Situation, prices: Floats) -> Situation:
    """List prices become these; NaN sets a price free."""
    return x.but(markets=x.markets.but(fixed=prices))


# taxes and rules


def levy(x: Situation, duty_share: Floats) -> Situation:
    """Another duty on the landed cost of each product."""
    more = x.dutiable * (duty_share - x.duty_share) / (1.0 + x.duty_share)
    return move_cost(x, by=more).but(duty_share=np.asarray(duty_share), dutiable=x.dutiable + more)


def tax(x: Situation, tax_share: Floats) -> Situation:
    """Another tax on the seller's price: buyers pay 1 + tax_share of it."""
    return x.but(markets=x.markets.but(kept=1.0 / (1.0 + np.asarray(tax_share))))


def content_rule(
    x: Situation, where: Flags, *, required: float, free: float, dispersion: float, penalty: float
) -> Situation:
    """Products `where` must hold a local share of at least `required`, or pay `penalty`, a share of their cost.

    Each maker does what costs less. `free` is the share it would choose by itself.
    """
    dearer = min(float(cost_of_content(required, free, dispersion)), 1.0 + penalty)
    return move_cost(x, times=np.where(where, dearer, 1.0))


def cost_of_content(required: Floats | float, free: Floats | float, dispersion: float) -> Floats:
    """C(x) / C(u): what a unit costs at a required local share x over its cost at the share u that is chosen freely.

    Parts come from two places at costs whose ratio is spread by `dispersion` theta (Frechet), and add up as Cobb-Douglas::

        ln C(x)/C(u) = KL(x || u) / theta,   KL = x ln(x/u) + (1 - x) ln((1 - x)/(1 - u))   for x > u, else 0

    Own derivation, in the spirit of Head, Mayer and Melitz (2024).
    """
    x, u = np.asarray(required, dtype=np.float64), np.asarray(free, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = np.where(x < 1, (1 - x) * np.log((1 - x) / (1 - u)), 0.0)
        return np.asarray(np.where(x > u, np.exp((x * np.log(x / u) + rest) / dispersion), 1.0))


# who sells


def limit(x: Situation, capacity: Floats) -> Situation:
    """No product sells more than `capacity`, units a year; infinite where there is no limit."""
    return x.but(markets=x.markets.but(capacity=capacity))


def own(x: Situation, H: Floats, home_share: Floats | None = None) -> Situation:
    """Other owners: H as `markets.ownership` makes it, laid out as `markets.blocks` does."""
    changed = x.but(markets=x.markets.but(H=H))
    return changed if home_share is None else changed.but(home_share=home_share)


def leave(x: Situation, where: Flags) -> Situation:
    """Products that are no longer sold; imports that are barred are one case."""
    taste, B = straight.without(x.markets, where)
    return x.but(markets=x.markets.but(sold=x.markets.sold & ~where, taste=taste, B=B))


def room_for_entrants(x: Situation, chosen: Ints) -> tuple[Situation, Ints]:
    """The same situation with one more product, not sold yet, at the end of each chosen market; and where they stand.

    The place has a firm of its own, no duty and an all-home profit; everything else comes with `enter`.
    """
    m = x.markets
    more = np.zeros(m.count, np.int64)
    more[chosen] = 1
    start = starts(m.counts + more)
    new = start[1:][chosen] - 1
    old = np.setdiff1d(np.arange(start[-1]), new)

    def wider(values: Any, fill: object) -> Any:
        made = np.full(start[-1], fill, dtype=values.dtype)
        made[old] = values
        return made

    def squares(values: Floats, begins: Ints, which: Ints) -> Floats:
        """Blocks of `values` with a row and a column more where there is a newcomer, 1 where they meet."""
        made = []
        for k in which:
            J = int(m.counts[k])
            block = np.zeros((J + int(more[k]),) * 2)
            block[:J, :J] = values[begins[k] : begins[k + 1]].reshape(J, J)
            if more[k]:
                block[J, J] = 1.0
            made.append(block.ravel())
        return np.concatenate(made) if made else values

    H, B = squares(m.H, m.square, np.arange(m.count)), squares(m.B, m.blocks_b, np.flatnonzero(m.kind == LINEAR))
    if (m.kind[chosen] == MIXED).any():
        raise ValueError(
            "what buyers who differ would feel of a product that comes is not known: calibrate the market as logit"
        )
    markets = replace(
        m, start=start, H=H, B=B, sold=wider(m.sold, False), capacity=wider(m.capacity, np.inf),
        **{n: wider(getattr(m, n), v) for n, v in (("taste", 0.0), ("nest", 0), ("nesting", 0.0), ("kept", 1.0), ("cost", 0.0), ("fixed", np.nan))},
    )  # fmt: skip
    b = x.base
    base = replace(b, markets=markets, price=wider(b.price, np.nan), share=wider(b.share, 0.0), rent=wider(b.rent, 0.0))
    return Situation(
        markets, base, wider(x.duty_share, 0.0), wider(x.dutiable, 0.0), wider(x.currency_share, 0.0), wider(x.home_share, 1.0),
        wider(x.begin, np.nan), x.check,
    ), new  # fmt: skip


def enter(
    x: Situation, at: Ints, *, cost: Floats, taste: Floats, nest: Ints | None = None, nesting: Floats | None = None,
    kept: Floats | None = None, capacity: Floats | None = None,
) -> Situation:  # fmt: skip
    """Products of new makers come in at the places that `room_for_entrants` made: the reading *enter*. All (E,).

    For linear demand `taste` is the price at which buyers drop the newcomer (`straight.with_newcomers`).
    """
    m = x.markets
    given = {
        "cost": cost,
        "taste": taste,
        "nest": nest,
        "nesting": nesting,
        "kept": kept,
        "capacity": capacity,
        "sold": np.ones(at.size, dtype=bool),
    }
    arrays = {}
    for name, values in given.items():
        if values is not None:
            arrays[name] = getattr(m, name).copy()
            arrays[name][at] = values
    linear = (m.kind == LINEAR)[m.market[at]]
    if linear.any():
        of_linear = (m.kind == LINEAR)[m.market]
        line, B = straight.with_newcomers(m, at[linear], taste[linear])
        arrays |= {"taste": np.where(of_linear, line, arrays["taste"]), "B": B}
    begin = x.begin.copy()
    markup = np.where(m.kind == CES, 0.0, 1.0 / np.abs(m.slope))[m.market[at]]  # a first guess; Newton does the rest
    begin[at] = np.where((m.kind == CES)[m.market[at]], cost * (m.slope / (m.slope - 1.0))[m.market[at]], cost + markup)
    begin[at[linear]] = 0.5 * (cost + taste)[linear]
    return x.but(markets=m.but(**arrays), begin=begin)


# what a change does


@dataclass(frozen=True)
class Change:
    """Two equilibria and who gains between them, (M,) money a year; NaN where either was not found.

    `buyers` is the compensating variation, of which `variety` is due to what came, left or changed in quality; `home` and
    `foreign` are profits by where their owners live; `resellers` get what is paid above a set price. What suppliers of
    imported inputs earn is not in it.
    """

    before: Equilibrium
    after: Equilibrium
    gain: ConsumerGain
    home: Floats
    foreign: Floats
    treasury: Floats
    resellers: Floats

    @property
    def buyers(self) -> Floats:
        return self.gain.total

    @cached_property
    def indices(self) -> Indices:
        return price_indices(self.before, self.after, gain=self.gain)

    @property
    def passed_through(self) -> Floats:
        """(M,) rise of what the old basket costs buyers over the rise of what it costs sellers; NaN where that did not move."""
        x, y = self.before.markets, self.after.markets
        both = x.sold & y.sold
        with np.errstate(invalid="ignore", divide="ignore"):
            price = x.total(np.where(both, (self.after.price - self.before.price) * self.before.units, 0.0))
            cost = x.total(np.where(both, (y.cost - x.cost) * self.before.units, 0.0))
            return np.where(np.abs(cost) > 1e-12 * self.indices.spent, price / cost, np.nan)


def compare(x: Situation, y: Situation) -> Change:
    """What changes from one situation to another of the same markets."""
    before, later = x.equilibrium, y.equilibrium

    def more(a: Floats, b: Floats) -> Floats:
        return before.markets.total(b - a)

    return Change(
        before=before, after=later, gain=consumer_gain(before, later),
        home=more(before.profit * x.home_share, later.profit * y.home_share),
        foreign=more(before.profit * (1 - x.home_share), later.profit * (1 - y.home_share)),
        treasury=more(x.treasury, y.treasury), resellers=more(x.resale, y.resale),
    )  # fmt: skip
