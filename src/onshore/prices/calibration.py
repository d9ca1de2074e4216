"""Demand and costs from what is seen: prices, shares with the outside share, and one elasticity or one margin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from onshore.prices import batch, mixed
from onshore.prices.equilibrium import Equilibrium, solve
from onshore.prices.kernel import CES, LINEAR, MIXED, NESTED
from onshore.prices.markets import Flags, Floats, Ints, Markets, as_kernels_know, pick, starts

__all__ = ["REASONS", "Calibration", "Observed", "calibrate"]

REASONS = (
    "",
    "a price is missing or not above nothing",
    "a share is missing or not above nothing",
    "the shares add up to more than one",
    "it has neither an elasticity nor a margin, or both",
    "nobody can leave the market, so that it has no elasticity: give a margin",
    "the elasticity is too small for this demand",
    "a margin is not between nothing and all of the price",
    "a set price has no cost or margin beside it",
    "no slope of this demand gives that margin",
    "the nesting correlation is not between 0 and 1, or the demand has no nests",
    "the first-order conditions have no single solution at these shares",
    "buyers pay less than a set price, or more although nothing is short: give its capacity, the units sold",
    "buyers differ, so that their tastes say how they mind a price: give neither an elasticity nor a margin of a free price",
    "no mean utilities give these shares to buyers who differ so",
)
"""Why a market cannot be calibrated; 0 is none. A market with a reason is flagged and kept, never dropped."""


@dataclass(frozen=True)
class Observed:
    """What is seen of M markets with N products. NaN is *not known*.

    `share` counts everybody who could have bought (of what could have been spent, for CES), so that 1 less their sum is the
    outside share; where that is nothing, buyers cannot leave. Of each market either `elasticity` (of all its units by all
    its prices, above 0) is known, or the `margin` of one product whose price is free: 1 - c / (r p), a share of what
    the seller keeps. Products whose price is set (`set_price`) need a margin each.
    """

    start: Ints  # (M+1,)
    kind: Ints  # (M,)
    size: Floats  # (M,) buyers a year, or spending for CES
    elasticity: Floats  # (M,)
    price: Floats  # (N,)
    share: Floats  # (N,)
    margin: Floats  # (N,)
    kept: Floats  # (N,)
    nest: Ints  # (N,)
    nesting: Floats  # (N,)
    listed: Floats  # (N,) the price where it is set, else NaN
    capacity: Floats  # (N,)
    H: Floats
    mixed: npt.NDArray[np.object_] | None = None  # (M,) the `mixed.Buyers` of MIXED markets

    def __post_init__(self) -> None:
        as_kernels_know(self)

    def take(self, chosen: Ints) -> Observed:
        """The chosen markets, in that order; a market may be taken many times."""
        counts = np.diff(self.start)
        of_product, of_H = pick(self.start, chosen), pick(starts(counts**2), chosen)
        by_market = {n: getattr(self, n)[chosen] for n in ("kind", "size", "elasticity")}
        names = ("price", "share", "margin", "kept", "nest", "nesting", "listed", "capacity")
        return Observed(
            start=starts(counts[chosen]), **by_market, **{n: getattr(self, n)[of_product] for n in names}, H=self.H[of_H],
            mixed=None if self.mixed is None else self.mixed[chosen],
        )  # fmt: skip


@dataclass(frozen=True)
class Calibration:
    """`markets` at which the observed prices are the equilibrium; `reason` (M,) where that cannot be, as in `REASONS`."""

    markets: Markets
    price: Floats
    reason: Ints

    @property
    def feasible(self) -> Flags:
        return np.asarray(self.reason == 0)

    @cached_property
    def negative_cost(self) -> Flags:
        """(N,) products whose implied cost is below nothing: the elasticity is too small for the prices that are seen."""
        return np.asarray(self.markets.cost < 0)

    @cached_property
    def equilibrium(self) -> Equilibrium:
        """The equilibrium before any change. Infeasible markets are flagged."""
        return self.solved()

    def solved(self, *, check: bool = True) -> Equilibrium:
        """`equilibrium`, with or without the search for profitable deviations."""
        return solve(self.markets, self.price, skip=~self.feasible, check=check)

    def why(self, market: int) -> str:
        """The reason in words; empty where the market is calibrated."""
        return REASONS[self.reason[market]]


def calibrate(seen: Observed) -> Calibration:
    """Slopes, tastes and costs at which the observed prices and shares are a Bertrand-Nash equilibrium.

    With s0 the outside share and p the mean price of what is sold, weighted by units::

        LOGIT, NESTED, LINEAR   elasticity = |alpha| s0 p      taste = ln s - g ln w - ln s0 - alpha p
        CES                     elasticity = 1 + (e - 1) b0    taste = ln b - ln b0 - (1 - e) ln p

    A margin fixes the slope instead: margins of logit demand are inversely proportional to it, and for CES the slope is
    searched for. LINEAR has the slopes of the logit at the observed point (diversion in proportion to shares).

    The buyers of MIXED say themselves how they mind a price; mean utilities then fit every share, and `slope` is -1 by convention.

    Source: Berry (1994), RAND Journal of Economics 25(2), 242-262, for the inversion; Werden and Froeb (1994), Journal of
    Law, Economics and Organization 10(2), 407-426, for the elasticity of the whole market.
    """
    x = _Seen(seen)
    reason = x.reasons()
    slope = np.where(reason == 0, x.slope(), np.nan)
    ces = seen.kind == CES
    bad = (reason == 0) & ~(np.isfinite(slope) & np.where(ces, slope > 1, slope < 0))
    by_margin = np.isnan(seen.elasticity)
    reason[bad] = np.where(by_margin[bad], 9, 6)
    slope = np.where(reason == 0, slope, np.where(ces, 2.0, -1.0))
    found = reason == 0
    cost = x.cost(slope, found)
    reason[(reason == 0) & ~found] = np.where(seen.kind == MIXED, 14, 11)[(reason == 0) & ~found]
    taste, B = x.demand(slope)
    lost = (reason != 0)[x.market]
    markets = Markets(
        start=seen.start, kind=seen.kind, slope=slope, outside=(x.outside > 0).astype(np.float64),
        size=np.where(seen.kind == LINEAR, 1.0, seen.size), taste=np.where(lost, np.nan, taste), nest=seen.nest, nesting=seen.nesting,
        kept=seen.kept, cost=np.where(lost, np.nan, cost), fixed=seen.listed,
        sold=np.ones(seen.price.size, dtype=bool), capacity=seen.capacity, H=seen.H, B=B, mixed=seen.mixed,
    )  # fmt: skip
    return Calibration(markets, seen.price, reason)


class _Seen:
    """Observed markets with what follows from them at once: sums, outside shares, shares within nests."""

    def __init__(self, seen: Observed):
        self.seen = seen
        self.market = np.repeat(np.arange(seen.kind.size), np.diff(seen.start))
        self.inside = np.add.reduceat(seen.share, seen.start[:-1])
        self.outside = np.where(np.abs(1.0 - self.inside) < 1e-12, 0.0, 1.0 - self.inside)
        nests = self.market * (int(seen.nest.max()) + 1) + seen.nest
        self.within = seen.share / np.bincount(nests, weights=seen.share)[nests]

    @cached_property
    def _utilities(self) -> list[tuple[slice, Floats]]:
        """Where each MIXED market with sound shares lies, and its mean utilities."""
        s = self.seen
        sound = (np.add.reduceat(~((s.share > 0) & (s.price > 0)), s.start[:-1]) == 0) & (self.outside > 0)
        places = [(m, slice(s.start[m], s.start[m + 1])) for m in np.flatnonzero((s.kind == MIXED) & sound).tolist()]
        return [(of, mixed.utilities(mixed.buyers_of(s.mixed, m), s.price[of], s.share[of])) for m, of in places]

    def any(self, where: Flags) -> Flags:
        return np.asarray(np.logical_or.reduceat(where, self.seen.start[:-1]))

    def reasons(self) -> Ints:
        """(M,) what can be told from the observations alone; the first that holds."""
        s = self.seen
        free = np.isnan(s.listed)
        margins = np.add.reduceat((~np.isnan(s.margin) & free).astype(np.int64), s.start[:-1])
        has_elasticity = ~np.isnan(s.elasticity)
        nested = s.kind[self.market] == NESTED
        wrong_nesting = np.where(nested, ~((s.nesting >= 0) & (s.nesting < 1)), s.nesting != 0)
        tests = (
            (1, self.any(~(s.price > 0))),
            (2, self.any(~(s.share > 0))),
            (3, self.outside < 0),
            (10, self.any(wrong_nesting)),
            (13, (s.kind == MIXED) & ((margins + has_elasticity) != 0)),
            (4, (s.kind != MIXED) & ((margins + has_elasticity) != 1)),
            (5, has_elasticity & (self.outside == 0)),
            (6, has_elasticity & ~(s.elasticity > 0)),
            (7, self.any(~np.isnan(s.margin) & ~((s.margin > 0) & (s.margin < 1)) & free)),
            (8, self.any(~free & np.isnan(s.margin))),
            (12, self.any(~free & ((s.price < s.listed) | ((s.price > s.listed) & ~(s.capacity < np.inf))))),
        )
        reason = np.zeros(s.kind.size, np.int64)
        for code, holds in tests:
            reason[(reason == 0) & holds] = code
        return reason

    def slope(self) -> Floats:
        """(M,) from the elasticity, or from the one margin that is known."""
        s = self.seen
        ces = s.kind == CES
        mean_price = np.add.reduceat(s.price * s.share, s.start[:-1]) / self.inside
        with np.errstate(divide="ignore", invalid="ignore"):
            by_elasticity = np.where(
                ces, 1.0 + (s.elasticity - 1.0) / self.outside, -s.elasticity / (self.outside * mean_price)
            )
        by_elasticity[s.kind == MIXED] = -1.0
        unset = np.isnan(s.elasticity) & (s.kind != MIXED)
        if not unset.any():
            return by_elasticity
        known = ~np.isnan(s.margin) & np.isnan(s.listed)
        at_one = self.margins(np.where(ces, 2.0, -1.0), unset.copy())
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.where(known, at_one / s.margin, 0.0)
        by_margin = -np.add.reduceat(ratio, s.start[:-1])
        searched = unset & ces
        if searched.any():
            by_margin = np.where(searched, self._ces_slope(known, searched), by_margin)
        return np.where(unset, by_margin, by_elasticity)

    def _ces_slope(self, known: Flags, searched: Flags) -> Floats:
        """By bisection in ln(e - 1): the margin falls with e, from all of the price at e = 1."""
        s = self.seen
        low, high = np.full(s.kind.size, np.log(1e-6)), np.full(s.kind.size, np.log(1e6))
        wanted = np.where(known, s.margin, 0.0)
        for _ in range(80):
            middle = 0.5 * (low + high)
            margins = self.margins(1.0 + np.exp(middle), searched.copy())
            too_wide = np.add.reduceat(np.where(known, margins - wanted, 0.0), s.start[:-1]) > 0
            low, high = np.where(too_wide, middle, low), np.where(too_wide, high, middle)
        inner = (low > np.log(1e-6)) & (high < np.log(1e6))
        return np.where(inner, 1.0 + np.exp(0.5 * (low + high)), np.nan)

    def margins(self, slope: Floats, wanted: Flags) -> Floats:
        """(N,) 1 - c / (r p) at these slopes, as if every price were free."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1.0 - self.cost(slope, wanted, free=True) / (self.seen.kept * self.seen.price)

    def cost(self, slope: Floats, found: Flags, *, free: bool = False) -> Floats:
        """(N,) implied costs where `found`, which turns False where there are none; those of set prices by their margins."""
        s = self.seen
        taste, B = self.demand(slope)
        cost = np.nan_to_num(s.kept * s.listed * (1.0 - s.margin))
        fixed = np.full(s.price.size, np.nan) if free else s.listed
        flat = batch.Flat(
            s.start, starts(np.diff(s.start) ** 2), starts(np.where(s.kind == LINEAR, np.diff(s.start) ** 2, 0)), s.kind, slope,
            (self.outside > 0).astype(np.float64), s.size, taste, s.nest, s.nesting, s.kept, np.ones(s.price.size, dtype=bool),
            s.H, B,
        )  # fmt: skip
        beside = (
            0.0 if free else np.nan_to_num(s.kept * (s.price - s.listed))
        )  # paid above the list, and not the seller's
        cost = cost + beside
        differ = s.kind == MIXED
        plain = found & ~differ
        batch.implied(flat, fixed, s.price, cost, plain)
        if (found & differ).any():
            found &= ~differ | (np.add.reduceat(~np.isfinite(taste), s.start[:-1]) == 0)
            self._mixed_cost(taste, cost, found & ~self.any(~np.isnan(fixed)))
        found[~differ] = plain[~differ]
        return cost - beside

    def _mixed_cost(self, taste: Floats, cost: Floats, wanted: Flags) -> None:
        s, none = self.seen, np.empty(0)
        every = np.zeros(s.kind.size)
        markets = Markets(
            start=s.start, kind=s.kind, slope=every, outside=every, size=s.size, taste=taste, nest=s.nest, nesting=s.nesting, kept=s.kept,
            cost=cost, fixed=s.listed, sold=np.ones(s.price.size, dtype=bool), capacity=s.capacity, H=s.H, B=none, mixed=s.mixed,
        )  # fmt: skip
        mixed.implied(markets, s.price, cost, wanted)

    def demand(self, slope: Floats) -> tuple[Floats, Floats]:
        """(N,) tastes at which the observed shares are demanded, and the blocks of B of linear markets."""
        s = self.seen
        kind, a = s.kind[self.market], slope[self.market]
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = np.log(s.share) - np.where(self.outside > 0, np.log(self.outside), 0.0)[self.market]
            taste = np.where(
                kind == CES,
                apart - (1.0 - a) * np.log(s.price),
                apart - np.where(kind == NESTED, s.nesting * np.log(self.within), 0.0) - a * s.price,
            )
        for of, delta in self._utilities:
            taste[of] = delta
        pieces = []
        for m in np.flatnonzero(s.kind == LINEAR):
            of = slice(s.start[m], s.start[m + 1])
            share = s.share[of]
            B = -slope[m] * s.size[m] * (np.diag(share) - np.outer(share, share))
            taste[of] = s.size[m] * share + B @ s.price[of]
            pieces.append(B.ravel())
        return taste, np.concatenate(pieces) if pieces else np.empty(0)
