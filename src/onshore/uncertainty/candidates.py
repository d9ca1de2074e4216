"""Which plans are weighed: the programme's, the best on average and in the tail over the draws, and those of single worlds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from onshore.blueprint.crew import Crew
from onshore.sourcing.problem import Floats
from onshore.uncertainty.book import Choice
from onshore.uncertainty.own import Known, choice_of
from onshore.uncertainty.risk import Estimate
from onshore.uncertainty.sampled import Sample, batches, best_on_average, best_tail, lower_bound
from onshore.uncertainty.work import Look, planned_for

__all__ = ["IN_PROGRAMME", "PLAN", "Candidate", "Found", "Tell", "candidates_of"]

PLAN = "plan"
ON_AVERAGE, IN_PROGRAMME = "on average", "in the programme"
AVERAGE = "best on average over the draws, its limits kept {where}"
TAIL = "best on average over the draws that were dearest under the plan before it"
OWN = "the own plan of that world"

Tell = Callable[[str, int, int], None]
"""Called with the stage, how many of its worlds are done, and of how many."""


@dataclass(frozen=True)
class Candidate:
    """A plan to be weighed."""

    name: str
    origin: str
    choice: Choice


@dataclass(frozen=True)
class Found:
    """The plans, each once, the programme's first; bounds on the least average and on the sample's least tail, where there are.

    `where` says in which rows the plans for all draws keep their limits: `on average` over them, or `in the programme` where no
    plan does that.
    """

    plans: tuple[Candidate, ...]
    average: Estimate | None
    tail: float | None
    where: str


def candidates_of(
    known: Known, looks: Sequence[Look], team: Crew, *, level: float, gap: float, own: int, tell: Tell
) -> Found:
    """Plan for the draws together, and take the plans of the first `own` worlds beside: scenarios, then draws."""
    found = [Candidate(PLAN, "the plan of the programme", known.choice)]
    drawn = [look.drawn for look in looks if look.drawn is not None]
    average, tail, where = None, None, ON_AVERAGE

    def add(name: str, origin: str, point: Floats | None) -> None:
        if point is not None:
            found.append(Candidate(name, origin, choice_of(known.book, known.model, point)))

    if drawn:
        sample = Sample.of(known.model, known.options, known.problem.parts.divisible, drawn, start=known.start, gap=gap)
        whole = best_on_average(sample)
        if whole.point is None:
            sample, where = replace(sample, model=known.model), IN_PROGRAMME
            whole = best_on_average(sample)
        average = lower_bound(team.map(planned_for, sample, batches(len(drawn)), partial(tell, "average plans")))
        add("average", AVERAGE.format(where=where), whole.point)
        tell("tail plans", 0, 1)
        tails, tail = best_tail(sample, known.point if whole.point is None else whole.point, level)
        for i, best in enumerate(tails, start=1):
            add(f"tail {i}", TAIL, best.point)
    theirs = [(look.place.name, look.own.choice) for look in looks[1:] if look.own and look.own.choice]
    found += [Candidate(f"own of {name}", OWN, choice) for name, choice in theirs[:own]]
    once = {candidate.choice: candidate for candidate in reversed(found)}
    return Found(tuple(c for c in found if once[c.choice] is c), average, tail, where)
