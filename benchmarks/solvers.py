"""The whole model handed to solvers that a user might pick instead: what `scale.py` compares with. One thread, where no workers are named.

All are handed what HiGHS is handed: `without_the_impossible` of the same model. Each answers a point, or None, and a bound of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
from alone import alone
from scale import GAP

from onshore.sourcing.model import without_the_impossible, worst_breach

if TYPE_CHECKING:
    from scale import Watch

    from onshore.sourcing.model import Model
    from onshore.sourcing.options import Options

__all__ = ["SOLVERS", "Found"]

MEMORY = 12_000.0
"""Megabytes at which SCIP stops by itself."""
HELD = 1e-5
"""A plan that breaks a row by more of the row's size is none: the planner holds its own to the same."""


@dataclass(frozen=True)
class Found:
    """`point` (C,) is None where there is no plan, or none that holds."""

    point: np.ndarray | None
    bound: float

    @classmethod
    def held(cls, model: Model, point: np.ndarray, bound: float) -> Found:
        """Integers rounded, and no plan unless every row of the true model holds then."""
        whole = np.where(model.integer, np.round(point), point)
        breach, row = worst_breach(model, whole)
        if breach > HELD:
            print(f"a plan that breaks {model.names[row]} by {breach:.1e} is not counted")
            return cls(None, bound)
        return cls(whole, bound)


def highs(model: Model, options: Options, limit: float, watch: Watch) -> Found:
    """As the planner itself calls it."""
    from onshore.sourcing.solver import solve

    found = solve(model, gap=GAP, time_limit=limit, progress=lambda p: watch(p.objective, p.bound))
    return Found(None, found.bound) if found.point is None else Found.held(model, found.point, found.bound)


def cp_sat(model: Model, options: Options, limit: float, watch: Watch, workers: int = 1) -> Found:
    """OR-Tools' CP-SAT, in a process of its own: OR-Tools brings a HiGHS along that cannot be loaded beside ours (`cp_sat.py`)."""
    m = without_the_impossible(model)
    with TemporaryDirectory() as folder:
        sides = {"low": m.low, "high": m.high, "lower": m.lower, "upper": m.upper, "cost": m.cost, "integer": m.integer}
        np.savez(f"{folder}/model.npz", data=m.matrix.data, indices=m.matrix.indices, indptr=m.matrix.indptr, **sides)
        figures = alone(str(Path(__file__).with_name("cp_sat.py")), folder, limit, workers)
        watch.joined(figures)
        if not figures["found"]:
            return Found(None, figures["bound"])
        return Found.held(model, np.load(f"{folder}/point.npy"), figures["bound"])


def scip(model: Model, options: Options, limit: float, watch: Watch) -> Found:
    """SCIP through PySCIPOpt, its settings untouched but for thread, seed and limits."""
    from pyscipopt import SCIP_EVENTTYPE, Eventhdlr
    from pyscipopt import Model as Scip
    from pyscipopt.scip import ExprCons

    m = without_the_impossible(model)
    made = Scip()
    made.hideOutput()
    x = [
        made.addVar(vtype="I" if whole else "C", lb=a, ub=b, obj=c)
        for whole, a, b, c in zip(m.integer, m.lower, m.upper, m.cost, strict=True)
    ]
    for r in range(len(m.low)):
        at = slice(m.matrix.indptr[r], m.matrix.indptr[r + 1])
        columns, values = m.matrix.indices[at].tolist(), m.matrix.data[at]
        if not columns:
            continue
        s = 2.0 ** -np.floor(np.log2(np.abs(values).max()))  # as HiGHS is handed them
        low, high = (float(v * s) if np.isfinite(v) else None for v in (m.low[r], m.high[r]))
        # an expression of a row's first entry, then the others one by one: an expression of them all takes minutes
        row = made.addCons(ExprCons(float(values[0] * s) * x[columns[0]], low, high))
        for j, value in zip(columns[1:], (values[1:] * s).tolist(), strict=True):
            made.addCoefLinear(row, x[j], value)

    class Told(Eventhdlr):
        def eventinit(self) -> None:
            for kind in (SCIP_EVENTTYPE.BESTSOLFOUND, SCIP_EVENTTYPE.LPSOLVED):
                self.model.catchEvent(kind, self)

        def eventexec(self, event: object) -> None:
            best, bound = self.model.getPrimalbound(), self.model.getDualbound()
            watch(None if best >= 1e20 else best, None if bound <= -1e20 else bound)

    made.includeEventhdlr(Told(), "told", "how far it is")
    for name, value in {"limits/time": limit, "limits/memory": MEMORY, "limits/gap": GAP, "lp/threads": 1}.items():
        made.setParam(name, value)
    made.optimize()
    bound = made.getDualbound()
    if not made.getNSols():
        return Found(None, bound)
    best = made.getBestSol()
    return Found.held(model, np.array([best[v] for v in x]), bound)


def pdlp(model: Model, options: Options, limit: float, watch: Watch) -> Found:
    """HiGHS' first-order method on the linear relaxation: a bound and no plan.

    The bound is worked out from its prices in float64, as the planner's own is, so it holds however far the method got.
    """
    import highspy

    from onshore.sourcing.certificate import bound_of_prices

    m = without_the_impossible(model)
    solver = highspy.Highs()
    for name, value in {"log_to_console": False, "threads": 1, "solver": "pdlp", "time_limit": limit}.items():
        solver.setOptionValue(name, value)
    continuous = np.zeros(len(m.cost), dtype=np.int32)
    peak = abs(m.matrix).max(axis=1).toarray().ravel()
    rows = 2.0 ** -np.floor(np.log2(np.where(peak > 0, peak, 1.0)))
    unit = 2.0 ** np.floor(np.log2(np.abs(m.cost).max() / 1024.0))
    solver.passModel(
        len(m.cost), len(rows), m.matrix.nnz, int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize), 0.0,
        m.cost / unit, m.lower, m.upper, m.low * rows, m.high * rows,
        m.matrix.indptr.astype(np.int32), m.matrix.indices.astype(np.int32),
        m.matrix.data * np.repeat(rows, np.diff(m.matrix.indptr)), continuous,
    )  # fmt: skip
    solver.run()
    print(solver.modelStatusToString(solver.getModelStatus()), solver.getInfo().objective_function_value * unit)
    prices = np.array(solver.getSolution().row_dual)
    if len(prices) != len(rows):
        return Found(None, -np.inf)
    return Found(None, bound_of_prices(m, options, prices * unit * rows))


SOLVERS: dict[str, Callable[[Model, Options, float, Watch], Found]] = {
    "HiGHS whole": highs, "CP-SAT": cp_sat, "CP-SAT, 8 workers": partial(cp_sat, workers=8), "SCIP": scip, "PDLP bound": pdlp,
}  # fmt: skip
