"""CP-SAT on a model that `solvers.cp_sat` wrote: a process without Onshore, since OR-Tools' own HiGHS and highspy's exclude each other."""

from __future__ import annotations

import sys

import numpy as np
from alone import Figures, answer
from ortools.sat.python import cp_model
from scale import GAP, Watch

DIGITS = 24
"""Binary digits of the largest coefficient of a row."""


def solve(folder: str, limit: float, workers: int) -> Figures:
    """The model rounded to whole numbers, as CP-SAT needs them, and searched by so many workers.

    Each row is multiplied by a power of two that gives its largest coefficient `DIGITS` binary digits, and rounded to the side that
    lets more plans through: coefficients down and right-hand side up where it is "at most", the other way where it is "at least".
    Costs are rounded down likewise. No variable is below zero, so this is a relaxation: its bound holds for the true model, in which its
    plan is then checked and paid for.
    """
    watch = Watch()
    m = dict(np.load(f"{folder}/model.npz"))
    if not m["integer"].all() or (m["lower"] < 0).any() or not np.isfinite(m["upper"]).all():
        raise SystemExit("CP-SAT takes whole numbers of at least 0, between bounds, only.")
    made = cp_model.CpModel()
    x = [made.new_int_var(int(a), int(b), "") for a, b in zip(m["lower"], m["upper"], strict=True)]

    def total(columns: np.ndarray, factors: np.ndarray) -> object:
        return cp_model.LinearExpr.weighted_sum([x[j] for j in columns], factors.astype(np.int64).tolist())

    for r, (low, high) in enumerate(zip(m["low"], m["high"], strict=True)):
        at = slice(m["indptr"][r], m["indptr"][r + 1])
        columns, values = m["indices"][at], m["data"][at]
        if not len(values):
            continue
        s = 1.0 if (values == np.round(values)).all() and np.abs(values).max() < 2.0**DIGITS else _scale(values)
        if np.isfinite(high):
            made.add(total(columns, np.floor(values * s)) <= int(np.ceil(high * s)))
        if np.isfinite(low):
            made.add(total(columns, np.ceil(values * s)) >= int(np.floor(low * s)))
    s = _scale(m["cost"])
    made.minimize(total(np.arange(len(x)), np.floor(m["cost"] * s)))

    class Told(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            watch(self.objective_value / s, self.best_objective_bound / s)

    solver, told = cp_model.CpSolver(), Told()
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = 0
    solver.parameters.relative_gap_limit = GAP
    solver.parameters.max_time_in_seconds = limit
    solver.best_bound_callback = lambda bound: watch(None, bound / s)
    status = solver.solve(made, told)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    if found:
        np.save(f"{folder}/point.npy", np.array([solver.value(v) for v in x], dtype=np.float64))
    return {**watch.figures(), "found": float(found), "bound": solver.best_objective_bound / s}


def _scale(values: np.ndarray) -> float:
    return float(2.0 ** (DIGITS - 1 - np.floor(np.log2(np.abs(values).max()))))


if __name__ == "__main__":
    answer(solve(sys.argv[2], float(sys.argv[3]), int(sys.argv[4])))
