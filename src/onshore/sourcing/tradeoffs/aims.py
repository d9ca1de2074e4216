"""What a plan may be made best at: a measure with its sense, as a vector to make least, or as a bound not to pass."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from onshore.blueprint.measures import MEASURES
from onshore.blueprint.programme import Programme
from onshore.errors import WrongUse
from onshore.sourcing.instance import Instance
from onshore.sourcing.limits import Bound, Sum, bounds_of
from onshore.sourcing.problem import Floats
from onshore.tables.words import nearest

__all__ = ["Aim", "aims_of", "over_columns"]

SENSES = ("least", "most")
LEVEL = "trade-off"
"""What a bound on an aim is called among the limits."""


@dataclass(frozen=True)
class Aim:
    """A measure of the whole programme over all its years. `sign` is 1, or -1 where it should be most: a plan makes sign times the measure least."""

    measure: str
    sense: str
    unit: str

    @property
    def sign(self) -> float:
        return -1.0 if self.sense == "most" else 1.0

    @property
    def ratio(self) -> bool:
        return self.measure in MEASURES and MEASURES[self.measure].ratio

    def vector(self, instance: Instance) -> Floats:
        """(C,) what a unit of each column adds to sign times the measure; a ratio has none. Penalties of soft limits are left out."""
        model = instance.model
        out = np.zeros(len(model.cost))
        per_option, per_venture, per_module = instance.measures.total(self.measure)
        out[model.options], out[model.ventures], out[model.modules] = per_option, per_venture, per_module.ravel()
        return np.asarray(self.sign * out)

    def is_objective(self, instance: Instance) -> bool:
        """Whether it is what the programme optimises, so that penalties of soft limits are in its unit."""
        s = instance.problem.settings
        return (self.measure, self.sense) == (s.objective, s.objective_sense)

    def bound(self, instance: Instance, level: float) -> Bound:
        """The measure no worse than `level`, as a limit. Of cost it is the present value that is bounded, as it is optimised."""
        sense = "at_least" if self.sense == "most" else "at_most"
        row = {"row": 2, "limit": LEVEL, "measure": self.measure, "sense": sense, "value": level}
        limits = instance.problem.tables["limits"]
        only = pl.DataFrame([row], schema=limits.schema)
        alone = replace(instance.problem, tables={**instance.problem.tables, "limits": only})
        made = bounds_of(alone, instance.measures)[0]
        return made if self.ratio else over_columns(made, *instance.measures.total(self.measure))

    def at(self, instance: Instance, point: Floats) -> float:
        """The measure at a point (C,) of the model, in its own unit."""
        if not self.ratio:
            return float(self.sign * self.vector(instance) @ point) + 0.0
        made = self.bound(instance, 0.0)
        assert made.numerator is not None
        assert made.denominator is not None
        x = point[instance.model.options]
        below = made.denominator.at(x)
        return made.numerator.at(x) / below if below else 0.0


def over_columns(bound: Bound, per_option: Floats, per_venture: Floats, per_module: Floats) -> Bound:
    """The bound on these amounts instead: per option (K,), venture (V,) and module (S, T)."""
    fixed = np.concatenate([per_venture, per_module.ravel()])
    some, boxes = np.flatnonzero(per_option), np.flatnonzero(fixed)
    return replace(bound, terms=Sum(some, per_option[some]), boxes=boxes, box_weights=fixed[boxes])


def aims_of(programme: Programme, names: tuple[str, ...]) -> tuple[Aim, ...]:
    """Aims as they are written: a measure, or `measure:least` and `measure:most`.

    Raises `WrongUse` with every name that is no measure, that cannot be taken over the whole programme, or of which nobody can say
    whether less or more is better.
    """
    own = dict(programme["uses"].select("measure", "unit").iter_rows())
    known = {**{m.name: m.unit for m in MEASURES.values()}, **{m: u or m for m, u in own.items()}}
    aims, faults = [], []
    for text in names:
        name, _, sense = text.partition(":")
        measure = MEASURES.get(name)
        better = measure.better if measure is not None else ""
        if name not in known:
            remedy = nearest(name, known) or " Write one of docs/reference/measures.md, or declare it in `uses`."
            faults.append(f"`{name}` is not a measure.{remedy}")
        elif measure is not None and "programme" not in measure.scopes:
            faults.append(
                f"`{name}` is not measured over the whole programme. Limit it in `limits`, and trade other measures."
            )
        elif sense and sense not in SENSES:
            faults.append(f"`{text}`: write {name}:least or {name}:most.")
        elif not (sense or better):
            faults.append(
                f"Whether less or more of `{name}` is better depends on who asks: write {name}:least or {name}:most."
            )
        unit = programme.settings.currency if measure is not None and measure.flow else known.get(name, "")
        aims.append(Aim(name, sense or better, unit))
    if len({a.measure for a in aims}) < len(aims) and not faults:
        faults.append("The same measure is named twice.")
    if faults:
        raise WrongUse("\n".join(faults))
    return tuple(aims)
