"""The option table: every way to source a part that the plan chooses among, as trajectories computed beforehand.

An *option* of a part is to stay imported, or one or two *legs*. A leg is an offer with its month of start and its
share of the need. Everything non-linear inside one part (lead time, ramp, learning, smallest scale, term,
residual value) is settled here, so what is left to optimise is linear.

Flat layout: options lie part by part (`first_of_part`), legs option by option (`first_of_option`), staying
imported first; K options, L legs, T years. One leg holds its offer, start and share, and three yearly rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from onshore.blueprint.learning import mean_price_factor
from onshore.blueprint.settings import OptionBounds
from onshore.sourcing.problem import Floats, Ints, Offers, Problem

__all__ = [
    "BRIEF",
    "SHOWN",
    "Keys",
    "Legs",
    "Options",
    "options_of",
    "options_of_keys",
    "residual_share",
    "restrictions_of",
    "shares_of",
]

SHOWN = 8
"""Options of a part that are shown, best first: a plan that is told by a few options of each part is told by these at least."""
BRIEF = 200_000
"""Parts past which a plan is told by four or five options of each in place of thirteen: each takes some 3 kB on the way."""


@dataclass(frozen=True)
class Legs:
    """L legs: what one offer does when awarded from a month on with a share of the need."""

    offer: Ints  # (L,)
    start: Ints  # (L,) month of the first good unit
    share: Floats  # (L,) of the part's need
    active: Floats  # (L, T) share of the year in production
    units: Floats  # (L, T) made
    purchases: Floats  # (L, T) paid for them
    tooling: Floats  # (L, T) spent evenly over the lead time
    support: Floats  # (L, T) public grant, likewise
    contract: Floats  # (L,) committed quantity times price over the term, at the rate of the month of signing

    def take(self, which: Ints) -> Legs:
        """Those legs, in that order."""
        return Legs(**{name: getattr(self, name)[which] for name in self.__dataclass_fields__})


@dataclass(frozen=True)
class Options:
    """K options over P parts, and their legs."""

    part: Ints  # (K,)
    first_of_part: Ints  # (P + 1,) options of p are first_of_part[p] : first_of_part[p + 1]
    first_of_option: Ints  # (K + 1,) legs of k are first_of_option[k] : first_of_option[k + 1]
    legs: Legs
    imported: Floats  # (K, T) units that stay imported
    allowed: np.ndarray  # (K,) bool; False only for `stay imported` of a part that cannot be
    restrictions: tuple[str, ...]  # what of the full table was left out, in words
    offers: int  # O
    number: Ints  # (K,) place in the list of all options of the part
    considered: Ints  # (P,) how many options each part has in all
    offered: Ints  # offers that have an option at all, in order

    @cached_property
    def option_of_leg(self) -> Ints:
        """(L,)"""
        return np.repeat(np.arange(len(self.part)), np.diff(self.first_of_option))

    @property
    def count(self) -> int:
        return len(self.part)


def ranges(first: Ints, last: Ints) -> Ints:
    """Every whole number from each first to before its last, one after another."""
    size = last - first
    return np.repeat(first - (np.cumsum(size) - size), size) + np.arange(size.sum())


def options_of(problem: Problem) -> Options:
    """The option table that the programme's bounds describe.

    A leg is left out when it cannot be: signed after its offer's validity or before the programme, below its
    smallest scale, or without a unit made. Two shares of one offer that its annual maximum makes equal are one.
    """
    bounds = problem.settings.options
    starts = np.array([y - problem.settings.first_year for y in bounds.start_years or problem.years], dtype=np.int64)
    singles, (first, second), restrictions = _choices(problem, bounds, starts)
    offers, T = np.arange(len(problem.offers.labels)), len(problem.years)
    lines = _lines(problem, np.repeat(offers, T), np.tile(np.arange(T), len(offers)))
    viable, units = _viable(problem, lines, singles)
    singles = _taken(singles, viable)
    singles = _taken(singles, np.flatnonzero(_new_units(lines.start[_line_of(singles, T)], singles, units)))
    both = np.intersect1d(_viable(problem, lines, first)[0], _viable(problem, lines, second)[0], assume_unique=True)
    return _table(problem, lines, singles, _taken(first, both), _taken(second, both), restrictions)


Keys = tuple[Ints, Ints, Floats]  # offer, start year, share


def restrictions_of(problem: Problem) -> tuple[str, ...]:
    """In words, what the bounds leave out of the full table."""
    bounds = problem.settings.options
    return _said(bounds, _pairs(problem.offers, len(problem.parts.labels), bounds.pairs_max)[1])


def _said(bounds: OptionBounds, dropped: int) -> tuple[str, ...]:
    said: tuple[str, ...] = ("pairs_max = 0: no part is split over two makers",) if bounds.pairs_max == 0 else ()
    if dropped:
        said = (f"pairs_max = {bounds.pairs_max}: {dropped:,} dearer pairs of offers are not considered",)
    if bounds.start_years:
        said += (f"start_years: a part starts in {', '.join(map(str, bounds.start_years))} only",)
    said += (f"share_steps: a part is made at home to {', '.join(f'{s:.0%}' for s in bounds.share_steps)} of its need",)
    return said


def shares_of(bounds: OptionBounds) -> Floats:
    """Every share of a need that a leg can have, in order."""
    whole, split = np.array(sorted(bounds.share_steps)), np.array(_splits(bounds))
    both = whole[:, None] * split
    return np.unique(np.concatenate([whole, both.ravel(), (whole[:, None] * (1.0 - split)).ravel()]))


def _splits(bounds: OptionBounds) -> list[float]:
    return sorted({w for s in bounds.split_steps for w in (s, 1.0 - s)})


def _choices(problem: Problem, bounds: OptionBounds, starts: Ints) -> tuple[Keys, tuple[Keys, Keys], tuple[str, ...]]:
    """Every (offer, start year, share), and every pair of them that the bounds allow."""
    shares = np.array(sorted(bounds.share_steps))
    offers = np.arange(len(problem.offers.labels))
    offer, start, share = (a.ravel() for a in np.meshgrid(offers, starts, shares, indexing="ij"))
    in_time = problem.offers.earliest[offer] < 12 * (start + 1)  # else it is the option of a later year
    pairs, dropped = _pairs(problem.offers, len(problem.parts.labels), bounds.pairs_max)
    rows, at, whole, split = (
        a.ravel() for a in np.meshgrid(np.arange(len(pairs)), starts, shares, np.array(_splits(bounds)), indexing="ij")
    )
    soon = (problem.offers.earliest[pairs[rows]] < 12 * (at + 1)[:, None]).all(axis=1)
    rows, at, whole, split = (a[soon] for a in (rows, at, whole, split))
    first = (pairs[rows, 0], at, whole * split)
    second = (pairs[rows, 1], at, whole * (1.0 - split))
    return (offer[in_time], start[in_time], share[in_time]), (first, second), _said(bounds, dropped)


def _pairs(offers: Offers, parts: int, most: int) -> tuple[Ints, int]:
    """(n, 2) pairs of offers of different makers for one part, its `most` cheapest by the sum of their first prices; how many more."""
    if not most:
        return np.zeros((0, 2), dtype=np.int64), 0
    own = np.arange(len(offers.part))
    last = np.searchsorted(offers.part, np.arange(parts) + 1)[offers.part]
    a, b = np.repeat(own, last - own - 1), ranges(own + 1, last)
    apart = offers.maker[a] != offers.maker[b]
    a, b = a[apart], b[apart]
    price = offers.price[own][:, 0]
    order = np.lexsort((b, a, price[a] + price[b], offers.part[a]))
    first = np.searchsorted(offers.part[a], offers.part[a[order]])  # a part's pairs stay together
    kept = np.sort(order[np.arange(len(order)) - first < most])
    return np.stack([a[kept], b[kept]], axis=1), len(order) - len(kept)


@dataclass(frozen=True)
class _Lines:
    """n production lines, an offer from a start year each, whatever the share: what legs of several shares have in common."""

    offer: Ints  # (n,)
    start: Ints  # (n,) month
    active: Floats  # (n, T) share of the year in production
    ramped: Floats  # (n, T) years at full rate that it is worth
    spent: Floats  # (n, T) share of an outlay over the lead time


def _lines(problem: Problem, offer: Ints, start_year: Ints) -> _Lines:
    """Months run within the year, evenly."""
    o, T = problem.offers, len(problem.years)
    start = np.maximum(12 * start_year, o.earliest[offer])
    begin = 12.0 * np.arange(T)[None, :] - start[:, None]
    term = o.term[offer][:, None]
    since, until = np.clip(begin, 0, term), np.clip(begin + 12.0, 0, term)
    ramped = (_ramped(o.ramp[offer], until) - _ramped(o.ramp[offer], since)) / 12.0
    return _Lines(offer, start, (until - since) / 12.0, ramped, _spread(start - o.lead[offer], start, T))


def _legs(problem: Problem, lines: _Lines, line: Ints, share: Floats) -> Legs:
    """Trajectories of legs (L,) given as a line and a share."""
    o, offer = problem.offers, lines.offer[line]
    ramped = lines.ramped.take(line, axis=0)
    full = _full(problem, offer, share)
    units = ramped * full
    before = np.cumsum(units, axis=1) - units
    factor = mean_price_factor(before, units, o.experience[offer][:, None], o.progress[offer][:, None])
    spent, start = lines.spent.take(line, axis=0), lines.start[line]
    return Legs(
        offer=offer,
        start=start,
        share=share,
        active=lines.active.take(line, axis=0),
        units=units,
        purchases=units * o.price[offer] * factor,
        tooling=spent * o.tooling[offer],
        support=spent * o.support[offer],
        contract=_contract_value(problem, offer, start, ramped, units, factor, full),
    )


def _full(problem: Problem, offer: Ints, share: Floats) -> Floats:
    """(L, T) units a year at full rate."""
    o = problem.offers
    need = problem.parts.need.take(o.part[offer], axis=0)
    need *= share[:, None]
    return np.minimum(need, o.annual_max[offer][:, None], out=need)


def _ramped(ramp: Floats, months: Floats) -> Floats:
    """Months at full rate that `months` (L, T) since the start are worth: the integral of the ramp (L, J)."""
    whole = np.concatenate([np.zeros((len(ramp), 1)), np.cumsum(ramp, axis=1)], axis=1) * 12.0
    year = np.minimum(months // 12, ramp.shape[1] - 1).astype(np.int64)
    at: Floats = np.take_along_axis(whole, year, 1) + (months - 12.0 * year) * np.take_along_axis(ramp, year, 1)
    return at


def _spread(first: Ints, last: Ints, years: int) -> Floats:
    """(L, T) share of an outlay that falls in each year when it is spent evenly from month `first` to `last`."""
    year = 12.0 * np.arange(years)[None, :]
    end = np.maximum(last, first + 1)[:, None]  # without a lead time it is spent in the month of the start
    inside = np.clip(end, year, year + 12) - np.clip(first[:, None], year, year + 12)
    share: Floats = inside / (end - first[:, None])
    return share


def _contract_value(
    problem: Problem, offer: Ints, start: Ints, ramped: Floats, units: Floats, factor: Floats, full: Floats
) -> Floats:
    """(L,) committed quantity times price over the whole term, at the rate of the month of signing.

    Committed are the guaranteed units, else the planned ones. Years of the term beyond the programme count like
    its last year, at full rate; a contract without a term ends with the programme.
    """
    o, T = problem.offers, len(problem.years)
    guaranteed = o.guaranteed[offer][:, None]
    committed = np.where(np.isnan(guaranteed), units, ramped * guaranteed)
    price = o.price_own[offer] * factor
    beyond = np.where(np.isinf(o.term[offer]), 0.0, np.maximum(0.0, o.term[offer] - (12.0 * T - start))) / 12.0
    rate_full = np.where(np.isnan(guaranteed[:, 0]), full[:, -1], guaranteed[:, 0])
    own = (committed * price).sum(axis=1) + beyond * rate_full * price[:, -1]
    signing = np.clip(start - o.lead[offer], 0, 12 * T - 1)
    return np.asarray(own * problem.signing_rates[o.currency[offer], signing])


def _line_of(keys: Keys, T: int) -> Ints:
    """(L,) the line of each, where there is one for every offer and year."""
    return keys[0] * T + keys[1]


def _taken(keys: Keys, which: Ints) -> Keys:
    return keys[0][which], keys[1][which], keys[2][which]


def _viable(problem: Problem, lines: _Lines, keys: Keys) -> tuple[Ints, Floats]:
    """Which legs can be, in order, and their units (n, T): one starts in its start year, is signed in time, is worth making."""
    o, T = problem.offers, len(problem.years)
    line, (offer, _, share) = _line_of(keys, T), keys
    full = _full(problem, offer, share)
    small = ((lines.active > 0).take(line, axis=0) & (full < o.at_least[offer][:, None])).any(axis=1)
    units = lines.ramped.take(line, axis=0)
    units *= full
    in_time = (lines.start < 12 * T) & (lines.start - o.lead[lines.offer] <= o.latest_signing[lines.offer])
    viable = np.flatnonzero(in_time[line] & ~small & (units.sum(axis=1) > 0))
    return viable, units[viable]


def _new_units(start: Ints, keys: Keys, units: Floats) -> np.ndarray:
    """(L,) False where the leg before it (same offer, smaller share or earlier year) makes exactly the same."""
    new = np.ones(len(start), dtype=np.bool_)
    same = (keys[0][1:] == keys[0][:-1]) & (start[1:] == start[:-1])
    new[1:] = ~(same & (units[1:] == units[:-1]).all(axis=1))
    return new


def _table(
    problem: Problem, lines: _Lines, singles: Keys, first: Keys, second: Keys, restrictions: tuple[str, ...]
) -> Options:
    """Options in the order: part; imported, single, pair; offer, start, share."""
    offers = problem.offers
    P, n1, n2 = len(problem.parts.labels), len(singles[0]), len(first[0])
    keys = tuple(np.concatenate(columns) for columns in zip(singles, first, second, strict=True))
    part = np.concatenate([np.arange(P), offers.part[singles[0]], offers.part[first[0]]])
    kind = np.repeat([0, 1, 2], [P, n1, n2])
    order = np.lexsort((kind, part))  # stable: as listed within a kind
    # legs of each option before sorting: none, one of the singles, or one of `first` and one of `second`
    leg_a = np.concatenate([np.full(P, -1), np.arange(n1), n1 + np.arange(n2)])[order]
    leg_b = np.concatenate([np.full(P + n1, -1), n1 + n2 + np.arange(n2)])[order]
    which = np.stack([leg_a, leg_b], axis=1)
    first_of_option = np.concatenate([[0], np.cumsum((which >= 0).sum(axis=1))])
    offer, start_year, share = (column[which[which >= 0]] for column in keys)
    legs = _legs(problem, lines, offer * len(problem.years) + start_year, share)
    part = part[order]
    first_of_part = np.searchsorted(part, np.arange(P + 1))
    number = np.arange(len(part)) - first_of_part[part]
    return _options(
        problem, part, first_of_option, legs, restrictions, number, np.diff(first_of_part), np.unique(legs.offer)
    )


def _options(
    problem: Problem, part: Ints, first_of_option: Ints, legs: Legs, restrictions: tuple[str, ...], number: Ints,
    considered: Ints, offered: Ints,
) -> Options:  # fmt: skip
    """With what stays imported of each."""
    parts = problem.parts
    made = np.zeros((len(part), len(problem.years)))
    count = np.diff(first_of_option)
    for turn in range(int(count.max(initial=0))):  # the first legs of all, then the second ones
        has = np.flatnonzero(count > turn)
        made[has] += legs.units[first_of_option[has] + turn]
    need = parts.need.take(part, axis=0)
    imported = need - made
    need *= 1e-9
    imported[np.abs(imported) <= need] = 0.0
    allowed = parts.importable[part] | (imported == 0).all(axis=1)
    first_of_part = np.searchsorted(part, np.arange(len(parts.labels) + 1))
    return Options(
        part, first_of_part, first_of_option, legs, imported, allowed, restrictions, len(problem.offers.labels), number, considered,
        offered,
    )  # fmt: skip


def options_of_keys(
    problem: Problem, part: Ints, first_of_option: Ints, keys: Keys, number: Ints, considered: Ints, offered: Ints,
    restrictions: tuple[str, ...],
) -> Options:  # fmt: skip
    """Some options, given by the offer, start year and share of their legs, as trajectories; each part has one at least."""
    offer, start_year, share = keys
    legs = _legs(problem, _lines(problem, offer, start_year), np.arange(len(offer)), share)
    return _options(problem, part, first_of_option, legs, restrictions, number, considered, offered)


def residual_share(problem: Problem, start: Ints) -> Floats:
    """What a unit of money sunk in a line that starts in month `start` is still worth at the end, in a straight line."""
    life = problem.settings.asset_life_years
    if life is None:
        return np.zeros(len(start))
    used = (12.0 * len(problem.years) - start) / 12.0
    return np.maximum(0.0, 1.0 - used / life)
