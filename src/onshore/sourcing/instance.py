"""A programme with everything that is built from it before a search: arrays, options, measures, rows."""

from __future__ import annotations

from dataclasses import dataclass

from onshore.blueprint.programme import Programme
from onshore.sourcing.limits import bounds_of
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import Model, model_of
from onshore.sourcing.options import Options, options_of
from onshore.sourcing.problem import Problem, problem_of

__all__ = ["Instance", "Whole", "instance_of"]


@dataclass(frozen=True)
class Whole:
    """A problem with an option table and the model over it."""

    problem: Problem
    options: Options
    measures: Measures
    model: Model

    @classmethod
    def of(cls, problem: Problem, options: Options | None = None) -> Whole:
        """Over all options, or over these."""
        table = options_of(problem) if options is None else options
        measures = Measures(problem, table)
        return cls(problem, table, measures, model_of(problem, table, measures, bounds_of(problem, measures)))


@dataclass(frozen=True)
class Instance(Whole):
    """What a search takes, and the programme whose words its answer is told in."""

    programme: Programme

    @property
    def sign(self) -> float:
        """1, or -1 where the objective should be most: the model makes sign times the objective least."""
        return self.problem.settings.sign


def instance_of(programme: Programme) -> Instance:
    """Raises `InputError` where there is nothing to plan, `NoPlan` where decisions leave a part without any option."""
    whole = Whole.of(problem_of(programme))
    return Instance(whole.problem, whole.options, whole.measures, whole.model, programme)
