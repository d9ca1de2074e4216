"""A programme with everything that is built from it before a search: arrays, options, measures, rows."""

from __future__ import annotations

from dataclasses import dataclass

from onshore.blueprint.programme import Programme
from onshore.sourcing.planning import Whole
from onshore.sourcing.problem import problem_of

__all__ = ["Instance", "instance_of"]


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
