"""A book of decisions, and what each comes to in a world: signed on the planned day, whatever the world then does to it.

A decision is one way to source a part: stay imported, or offers signed in a month for a share of the need. In a world a line
starts a lead time after its signing, not before its venture opens; offers that are gone, or that the world makes too small or
too late, make nothing and are not paid, and the part is imported instead at that world's price.

Letters as in docs/explanation/notation.md; K decisions here, L legs. Parts, offers, makers, ventures and shops have the
same positions in every world.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from onshore.blueprint.settings import OptionBounds
from onshore.sourcing.instance import Whole
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import Model, least_slacks
from onshore.sourcing.options import Legs, Options, options_of
from onshore.sourcing.problem import Floats, Ints, Offers, Problem
from onshore.uncertainty.worlds import World

__all__ = ["Book", "Choice", "Decision", "Faced", "faced", "legs_of"]

Decision = tuple[int, tuple[tuple[int, int, float], ...]]
"""A part, and for each leg its offer, the month of its signing and its share of the need."""


@dataclass(frozen=True)
class Choice:
    """A plan as decisions: how much of each, the ventures that are opened (V,) and the modules in service from t (S, T)."""

    weights: tuple[tuple[Decision, float], ...]
    opened: tuple[float, ...]
    modules: tuple[float, ...]


@dataclass(frozen=True)
class Book:
    """K decisions in the order of their parts, and their L legs."""

    decisions: tuple[Decision, ...]

    @classmethod
    def of(cls, problem: Problem, options: Options) -> Book:
        """The whole option table of a problem, in its order."""
        legs, first = options.legs, options.first_of_option.tolist()
        signed = legs.start - problem.offers.lead[legs.offer]
        rows = list(zip(legs.offer.tolist(), signed.tolist(), legs.share.tolist(), strict=True))
        return cls(tuple((p, tuple(rows[first[k] : first[k + 1]])) for k, p in enumerate(options.part.tolist())))

    @classmethod
    def together(cls, choices: Iterable[Choice]) -> Book:
        """Every decision of some plans, once."""
        return cls(tuple(sorted({decision for choice in choices for decision, _ in choice.weights})))

    def weights(self, choice: Choice) -> Floats:
        """(K,) how much of each decision the plan takes. Every one of its decisions must be in the book."""
        at = {decision: k for k, decision in enumerate(self.decisions)}
        x = np.zeros(len(at))
        for decision, weight in choice.weights:
            x[at[decision]] += weight
        return x


@dataclass(frozen=True)
class Faced:
    """A book in a world: its problem, its decisions as an option table, their measures and the model of them.

    `lost` (L,) are the legs that make nothing there: gone, too late or too small.
    """

    problem: Problem
    options: Options
    measures: Measures
    model: Model
    lost: np.ndarray

    def point(self, x: Floats, choice: Choice) -> Floats:
        """(C,) the plan as a point of the model, its soft slacks no larger than they must be."""
        z = np.zeros(len(self.model.cost))
        z[self.model.options] = x
        z[self.model.ventures] = choice.opened
        z[self.model.modules] = choice.modules
        return least_slacks(self.model, z)


def faced(world: World, book: Book, *, decided: bool) -> Faced:
    """The book in a world. `decided` keeps the rows that decisions and signed contracts add; without them any plan can be put in."""
    problem = _without_set_up(world.problem, world.gone)
    uses = problem.tables["uses"]
    if world.gone:
        there = ~uses["offer"].is_in(sorted(world.gone))
        problem = replace(problem, tables={**problem.tables, "uses": uses.filter(there)})
    if not decided:
        free = {name: problem.tables[name].clear() for name in ("decisions", "contracts", "contract_lines")}
        problem = replace(problem, tables={**problem.tables, **free})
    options, lost = _options(problem, book, world.gone)
    whole = Whole.of(problem, options)
    return Faced(problem, options, whole.measures, whole.model, lost)


def _without_set_up(problem: Problem, gone: frozenset[str]) -> Problem:
    """A venture whose every offer is gone is not opened, so its set-up is not paid."""
    o, v = problem.offers, problem.ventures
    if not gone or not len(v.labels):
        return problem
    there = ~np.isin(np.array(o.labels, dtype=object), sorted(gone))
    through = np.bincount(o.venture[o.in_venture], minlength=len(v.labels))
    left = np.bincount(o.venture[o.in_venture & there], minlength=len(v.labels))
    return replace(problem, ventures=replace(v, set_up=np.where((through > 0) & (left == 0), 0.0, v.set_up)))


def _options(problem: Problem, book: Book, gone: frozenset[str]) -> tuple[Options, np.ndarray]:
    """The book's decisions as an option table of K options, and which of its L legs are lost."""
    part = np.array([p for p, _ in book.decisions], dtype=np.int64)
    count = np.array([len(legs) for _, legs in book.decisions], dtype=np.int64)
    rows = [leg for _, legs in book.decisions for leg in legs]
    offer, signed = (np.array([r[i] for r in rows], dtype=np.int64) for i in (0, 1))
    share = np.array([r[2] for r in rows], dtype=np.float64)
    there = ~np.isin(np.array(problem.offers.labels, dtype=object)[offer], sorted(gone))
    legs, made = legs_of(problem, offer, signed, share, there)
    first = np.concatenate([[0], np.cumsum(count)])
    units = np.zeros((len(part), len(problem.years)))
    np.add.at(units, np.repeat(np.arange(len(part)), count), legs.units)
    imported = problem.parts.need[part] - units
    imported[np.abs(imported) <= 1e-9 * problem.parts.need[part]] = 0.0
    starts = np.searchsorted(part, np.arange(len(problem.parts.labels) + 1))
    allowed = np.ones(len(part), dtype=np.bool_)  # what cannot be imported and is not made is told, not forbidden
    number, offered = np.arange(len(part)) - starts[part], np.unique(offer)
    made_up = Options(
        part, starts, first, legs, imported, allowed, (), len(problem.offers.labels), number, np.diff(starts), offered
    )
    return made_up, ~made


def legs_of(problem: Problem, offer: Ints, signed: Ints, share: Floats, there: np.ndarray) -> tuple[Legs, np.ndarray]:
    """Trajectories of L legs given by offer, month of signing and share, and which of them make anything.

    They are the planner's own: each year of start and share asks `sourcing.options.options_of` for a table in which every offer can
    start in its one month only.
    """
    T = len(problem.years)
    start = signed + problem.offers.lead[offer]
    if len(problem.ventures.labels):
        opens = problem.ventures.opens[problem.offers.venture[offer]]
        start = np.where(problem.offers.in_venture[offer], np.maximum(start, opens), start)
    made = np.zeros(len(offer), dtype=np.bool_)
    legs = _nothing(offer, share, T)
    for year, part_of_need in sorted(
        {(int(s) // 12, float(w)) for s, w in zip(start[there], share[there], strict=True)}
    ):
        if year >= T:
            continue
        asked = np.flatnonzero(there & (start // 12 == year) & (share == part_of_need))
        taken = replace(_taken(problem.offers, offer[asked]), earliest=start[asked], lead=start[asked] - signed[asked])
        bounds = OptionBounds(start_years=(problem.years[year],), share_steps=(part_of_need,))
        found = options_of(replace(problem, offers=taken, settings=replace(problem.settings, options=bounds))).legs
        at = asked[found.offer]
        made[at] = True
        for name in ("start", "active", "units", "purchases", "tooling", "support", "contract"):
            getattr(legs, name)[at] = getattr(found, name)
    return legs, made


def _nothing(offer: Ints, share: Floats, years: int) -> Legs:
    """Legs that make nothing, starting when the programme is over."""
    L = len(offer)
    yearly = {name: np.zeros((L, years)) for name in ("active", "units", "purchases", "tooling", "support")}
    return Legs(offer=offer, start=np.full(L, 12 * years), share=share, contract=np.zeros(L), **yearly)


def _taken(offers: Offers, which: Ints) -> Offers:
    """Those offers, in that order; one may come more than once."""
    arrays: dict[str, Any] = {n: getattr(offers, n)[which] for n in offers.__dataclass_fields__ if n != "labels"}
    return Offers(labels=tuple(offers.labels[i] for i in which), **arrays)
