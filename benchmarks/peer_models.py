"""The planner's model written in linopy and in PuLP, from the option table as plain arrays, up to HiGHS' own matrix.

They are given the coefficients; computing those from the programme's tables is no part of their time.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import highspy

    from onshore.sourcing.model import Model

__all__ = ["PEERS", "OptionTable"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class OptionTable:
    """The model's data. Pairs of arrays that begin alike are columns of one long table."""

    part: Ints  # (K,) of each option
    cost: Floats  # (K,)
    set_up: Floats  # (V,) of each venture
    meets_venture: Ints  # (M,) a meeting is a part and a venture that it may be made in
    through_meeting: Ints
    through_option: Ints
    capacity: Floats  # (cells,) hours; a cell is a maker's family in a year
    takes_cell: Ints
    takes_option: Ints
    takes_hours: Floats
    module_cost: Floats  # (J,) of each module, by the cell in which it comes into service
    module_hours: Floats  # (J,)
    module_most: Floats  # (J,)
    in_service_cell: Ints
    in_service_module: Ints
    modules_most: Floats  # (cells,) in service at once
    right: Floats  # (B,) of each limit
    at_most: npt.NDArray[np.bool_]  # (B,)
    counts_limit: Ints
    counts_option: Ints
    counts_weight: Floats
    adds_limit: Ints  # set-up of ventures
    adds_venture: Ints
    adds_weight: Floats
    buys_limit: Ints  # modules
    buys_module: Ints
    buys_weight: Floats

    @classmethod
    def of(cls, model: Model, part: Ints) -> OptionTable:
        """The data of a model without soft limits or forced makers."""

        def cells(block: str, columns: slice) -> tuple[Ints, Ints, Floats]:
            found = model.matrix[model.blocks[block]][:, columns].tocoo()
            some = np.flatnonzero((found.data != 0) & (model.upper[columns][found.col] > 0))
            return found.row[some].astype(np.int64), found.col[some].astype(np.int64), found.data[some]

        modules = np.flatnonzero(model.upper[model.modules])
        number = np.zeros(model.modules.stop - model.modules.start, dtype=np.int64)
        number[modules] = np.arange(len(modules))
        meeting, option, _ = cells("open_before_use", model.options)
        _, venture, _ = cells("open_before_use", model.ventures)
        taken, served = cells("machine_hours", model.options), cells("machine_hours", model.modules)
        counts, adds, buys = (cells("limits", c) for c in (model.options, model.ventures, model.modules))
        hours = np.zeros(len(modules))
        hours[number[served[1]]] = -served[2]
        # a shop's rows of `modules_in_service` are its years; the first one that a module stands in is its own
        row, cell, _ = cells("modules_in_service", model.modules)
        own, first = np.unique(cell, return_index=True)
        most = np.zeros(len(number))
        most[own] = model.high[model.blocks["modules_in_service"]][row[first]]
        low, high = model.low[model.blocks["limits"]], model.high[model.blocks["limits"]]
        return cls(
            part, model.cost[model.options], model.cost[model.ventures], venture, meeting, option,
            model.high[model.blocks["machine_hours"]], *taken, model.cost[model.modules][modules], hours,
            model.upper[model.modules][modules], served[0], number[served[1]], most,
            np.where(np.isinf(low), high, low), np.isinf(low), *counts, *adds, buys[0], number[buys[1]], buys[2],
        )  # fmt: skip

    def write(self, path: Path) -> None:
        np.savez(path, **asdict(self))

    @classmethod
    def read(cls, path: Path) -> OptionTable:
        with np.load(path) as arrays:
            return cls(**arrays)


def in_linopy(t: OptionTable) -> highspy.Highs:
    """Labelled arrays: the terms of a long table are picked by `isel` and summed by `groupby`."""
    import linopy
    import pandas as pd
    import xarray as xr

    def indexed(name: str, values: npt.NDArray[np.generic]) -> xr.DataArray:
        return xr.DataArray(values, coords=[pd.RangeIndex(len(values), name=name)])

    def terms(variable: linopy.Variable, rows: Ints, weight: Floats | None = None) -> linopy.LinearExpression:
        """The variable of each row of a long table, times its weight."""
        (dim,) = variable.dims
        picked = (1 * variable).isel({dim: xr.DataArray(rows, dims="long")}).drop_vars(dim)
        return picked if weight is None else picked * xr.DataArray(weight, dims="long")

    def by(name: str, rows: Ints) -> xr.DataArray:
        return xr.DataArray(rows, dims="long", name=name)

    m = linopy.Model()
    x = m.add_variables(binary=True, coords=[pd.RangeIndex(len(t.cost), name="option")], name="x")
    y = m.add_variables(binary=True, coords=[pd.RangeIndex(len(t.set_up), name="venture")], name="y")
    n = m.add_variables(lower=0, upper=indexed("module", t.module_most), integer=True, name="n")

    m.add_constraints(x.groupby(xr.DataArray(t.part, dims="option", name="part")).sum() == 1, name="choose_one")
    used = terms(x, t.through_option).groupby(by("meeting", t.through_meeting)).sum()
    opened = terms(y, t.meets_venture).rename(long="meeting").assign_coords(meeting=range(len(t.meets_venture)))
    m.add_constraints(used - opened <= 0, name="open_before_use")
    taken = terms(x, t.takes_option, t.takes_hours).groupby(by("cell", t.takes_cell)).sum()
    added = terms(n, t.in_service_module, t.module_hours[t.in_service_module])
    added = added.groupby(by("cell", t.in_service_cell)).sum().reindex(cell=taken.indexes["cell"]).fillna(0)
    capacity = indexed("cell", t.capacity).sel(cell=taken.indexes["cell"])
    m.add_constraints(taken - added <= capacity, name="machine_hours")
    served = terms(n, t.in_service_module).groupby(by("cell", t.in_service_cell)).sum()
    most = indexed("cell", t.modules_most).sel(cell=served.indexes["cell"])
    m.add_constraints(served <= most, name="modules_in_service")
    level = terms(x, t.counts_option, t.counts_weight).groupby(by("limit", t.counts_limit)).sum()
    some = level.indexes["limit"]  # a year in which nothing can be made has none
    for variable, rows, picked, weight in (
        (y, t.adds_limit, t.adds_venture, t.adds_weight),
        (n, t.buys_limit, t.buys_module, t.buys_weight),
    ):
        fixed = terms(variable, picked, weight).groupby(by("limit", rows)).sum()
        level = level + fixed.reindex(limit=some).fillna(0)
    sense, right = indexed("limit", np.where(t.at_most, "<=", ">=")), indexed("limit", t.right)
    m.add_constraints(level, sense.sel(limit=some), right.sel(limit=some), name="limits")
    fixed = (indexed("venture", t.set_up) * y).sum() + (indexed("module", t.module_cost) * n).sum()
    m.add_objective((indexed("option", t.cost) * x).sum() + fixed)
    return m.to_highspy()


def in_pulp(t: OptionTable) -> highspy.Highs:
    """A list of variables, and sums by PuLP's quick constructor from pairs of a variable and its coefficient."""
    import pulp

    problem = pulp.LpProblem("plan", pulp.LpMinimize)
    x = [pulp.LpVariable(f"x_{k}", cat=pulp.LpBinary) for k in range(len(t.cost))]
    y = [pulp.LpVariable(f"y_{v}", cat=pulp.LpBinary) for v in range(len(t.set_up))]
    n = [pulp.LpVariable(f"n_{j}", 0, most, pulp.LpInteger) for j, most in enumerate(t.module_most.tolist())]
    terms = [*zip(x, t.cost.tolist()), *zip(y, t.set_up.tolist()), *zip(n, t.module_cost.tolist())]  # noqa: B905
    problem += pulp.LpAffineExpression(terms)

    def grouped(
        rows: Ints, variables: list[pulp.LpVariable], picked: Ints, weight: Floats | None = None
    ) -> dict[int, list[tuple[pulp.LpVariable, float]]]:
        """The terms of each row of a long table."""
        out: dict[int, list[tuple[pulp.LpVariable, float]]] = {}
        weights = [1.0] * len(rows) if weight is None else weight.tolist()
        for row, j, w in zip(rows.tolist(), picked.tolist(), weights, strict=True):
            out.setdefault(row, []).append((variables[j], w))
        return out

    for row in grouped(t.part, x, np.arange(len(x))).values():
        problem += pulp.LpAffineExpression(row) == 1
    for meeting, row in grouped(t.through_meeting, x, t.through_option).items():
        problem += pulp.LpAffineExpression([*row, (y[t.meets_venture[meeting]], -1.0)]) <= 0
    added = grouped(t.in_service_cell, n, t.in_service_module, -t.module_hours[t.in_service_module])
    for cell, row in grouped(t.takes_cell, x, t.takes_option, t.takes_hours).items():
        problem += pulp.LpAffineExpression([*row, *added.get(cell, [])]) <= float(t.capacity[cell])
    for cell, row in grouped(t.in_service_cell, n, t.in_service_module).items():
        problem += pulp.LpAffineExpression(row) <= float(t.modules_most[cell])
    counts = grouped(t.counts_limit, x, t.counts_option, t.counts_weight)
    adds = grouped(t.adds_limit, y, t.adds_venture, t.adds_weight)
    buys = grouped(t.buys_limit, n, t.buys_module, t.buys_weight)
    for b, right in enumerate(t.right.tolist()):
        if level := pulp.LpAffineExpression([*counts.get(b, []), *adds.get(b, []), *buys.get(b, [])]):
            problem += level <= right if t.at_most[b] else level >= right
    solver = pulp.HiGHS(msg=False)
    solver.createAndConfigureSolver(problem)
    solver.buildSolverModel(problem)
    return problem.solverModel


PEERS = {"linopy": in_linopy, "PuLP": in_pulp}
