"""What a plan takes of an option table, as an option table of its own: what is told of a plan is summed over it alone."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np

from onshore.sourcing.measures import Amounts, Measures
from onshore.sourcing.options import Options, ranges
from onshore.sourcing.problem import Floats, Ints, Problem

__all__ = ["Chosen", "summed"]


class Chosen:
    """The options of a table that are taken, n of them, each with its `weight` (n,): how much of it."""

    def __init__(self, problem: Problem, options: Options, x: Floats) -> None:
        self.problem, self.which = problem, np.flatnonzero(x > 0)
        self.options, self.weight = _only(options, self.which), x[self.which]

    @cached_property
    def of_leg(self) -> Floats:
        """(L,) weight of each leg."""
        return self.weight[self.options.option_of_leg]

    def measures(self) -> Measures:
        """Its measures, before weighing; they are not kept, as there are many and each is asked for once."""
        return Measures(self.problem, self.options)

    def measure(self, name: str) -> Amounts:
        """One of them: of the legs and of what stays imported."""
        return self.measures()(name)

    def by_part(self, options: Floats, legs: Floats | None = None) -> Floats:
        """(P, ...) what the options (n, ...) and legs (L, ...) add up to, weighed."""
        o = self.options
        made = summed(o.part, _times(self.weight, options), len(self.problem.parts.labels))
        if legs is not None:
            np.add.at(made, o.part[o.option_of_leg], _times(self.of_leg, legs))
        return made


def summed(at: Ints, values: Floats, count: int) -> Floats:
    """(count, ...) sum of the values (n, ...) at each place."""
    made = np.zeros((count, *values.shape[1:]))
    np.add.at(made, at, values)
    return made


def _times(weight: Floats, values: Floats) -> Floats:
    return weight.reshape(-1, *(1,) * (values.ndim - 1)) * values


def _only(options: Options, which: Ints) -> Options:
    """Those options, in order."""
    count = options.first_of_option[which + 1] - options.first_of_option[which]
    part = options.part[which]
    return replace(
        options, part=part, first_of_part=np.searchsorted(part, np.arange(len(options.first_of_part))),
        first_of_option=np.concatenate([[0], np.cumsum(count)]), imported=options.imported[which],
        legs=options.legs.take(ranges(options.first_of_option[which], options.first_of_option[which + 1])),
        allowed=options.allowed[which], number=options.number[which],
    )  # fmt: skip
