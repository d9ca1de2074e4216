"""HiGHS, and nothing else of it anywhere: a matrix in, a point with its bound and prices out.

The solver object is born and dies inside `solve`, or stays with a `Relaxation` that is asked again and again. It runs on one
thread with a fixed seed, on a matrix scaled by powers of two, so that the same programme in another currency unit, or with its
rows shuffled, gives the same plan.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import highspy
import numpy as np
from scipy import sparse

from onshore.errors import Stopped
from onshore.sourcing.certificate import Losses
from onshore.sourcing.model import Mip, without_the_impossible
from onshore.sourcing.problem import Floats
from onshore.sourcing.tree import Tree

__all__ = ["Answer", "Progress", "Relaxation", "solve", "stages"]


@dataclass(frozen=True)
class Progress:
    """What is known at a moment: the bound, the best plan's objective and the gap between, None before there is one."""

    seconds: float
    stage: str
    bound: float | None = None
    objective: float | None = None
    gap: float | None = None


def stages(progress: Callable[[Progress], None] | None) -> Callable[[str], None]:
    """Tells stages by their names alone, with the seconds since now."""
    began = time.monotonic()

    def at(stage: str) -> None:
        if progress is not None:
            progress(Progress(time.monotonic() - began, stage))

    return at


@dataclass(frozen=True)
class Answer:
    """`status` is optimal, rounds (the search ended by itself), time_limit, interrupted, infeasible or unbounded.

    `point` (C,) and `prices` (R,) are there where there are any.

    `bound` is the solver's own lower bound on the objective; `prices` are the multipliers of the rows of a linear
    programme: d objective / d right-hand side. `losses` are what makers lose at least at them, and `tree` the branches that prove a
    bound, where that was asked.
    """

    status: str
    bound: float
    point: Floats | None
    prices: Floats | None
    method: str = "whole"
    losses: Losses = field(default_factory=Losses.none)
    tree: Tree | None = None


def solve(
    model: Mip,
    *,
    relaxed: bool = False,
    gap: float = 0.0,
    time_limit: float | None = None,
    nodes: int | None = None,
    start: Floats | None = None,
    interior: bool = False,
    bound_only: bool = False,
    restarts: bool = True,
    stop: threading.Event | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Answer:
    """The least cost of the model, or of its linear relaxation.

    `gap` is relative to the objective, `time_limit` in seconds, `nodes` of branch and bound; `start` (C,) is a plan to better.
    `interior` takes a linear programme by the interior-point method, without going on to a corner: for prices. With
    `bound_only` no time goes into looking for plans, or into starting over with what is left; without `restarts` none into the latter. Ctrl-C gives the best plan so far, and raises `Stopped` where there is none; a search by count of nodes is ended by `stop` instead.
    """
    whole = bool(model.integer.any()) and not relaxed
    if whole:
        model = without_the_impossible(model)
    unit, rows = _powers_of_two(model)
    highs = _solver()
    for name, value in {"mip_rel_gap": gap, "mip_abs_gap": 1e-9, "mip_feasibility_tolerance": 1e-7}.items():
        highs.setOptionValue(name, value)
    if time_limit is not None:
        highs.setOptionValue("time_limit", float(time_limit))
    if nodes is not None:
        highs.setOptionValue("mip_max_nodes", nodes)
    if bound_only:
        highs.setOptionValue("mip_heuristic_effort", 0.0)
    highs.setOptionValue("mip_allow_restart", restarts and not bound_only)
    if interior:
        highs.setOptionValue("solver", "ipm")
        highs.setOptionValue("run_crossover", "off")
    _pass(highs, model, unit, rows, whole=whole)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = start.tolist()
        highs.setSolution(known)
    if nodes is None:
        _run(highs, unit, "plan" if whole else "bound", progress)
    else:
        if stop is not None:
            _halting(highs, stop.is_set)
        highs.run()  # short by its count of nodes: a thread for each of thousands would cost more than it gives

    status = _status(highs, unsure=interior)
    info, solution = highs.getInfo(), highs.getSolution()
    solved = status in ("optimal", "time_limit", "rounds", "interrupted")
    if status == "interrupted" and not (whole and solution.value_valid):
        raise Stopped("Interrupted; nothing was written.")
    reached = info.mip_dual_bound if whole else info.objective_function_value
    return Answer(
        status=status,
        bound=float(reached * unit) if solved else -np.inf,
        point=np.array(solution.col_value) if solved and solution.value_valid else None,
        prices=np.array(solution.row_dual) * unit * rows if not whole and solution.dual_valid else None,
    )


class Relaxation:
    """A linear programme that stays in the solver: sides of its columns move, columns are added, and each answer starts from the last."""

    def __init__(self, model: Mip, up: Callable[[], bool] | None = None) -> None:
        """`up` ends an answer that is under way: it is asked at every step, so only where one takes seconds."""
        self._unit, self._rows = _powers_of_two(model)
        self._highs = _solver()
        if up is not None:
            _halting(self._highs, up)
        _pass(self._highs, model, self._unit, self._rows, whole=False)

    def add(self, cost: Floats, columns: sparse.csc_array) -> None:
        """More columns (R, n), from 0 up, at the end."""
        n = len(cost)
        self._highs.addCols(
            n, cost / self._unit, np.zeros(n), np.full(n, np.inf), columns.nnz, columns.indptr[:-1].astype(np.int32),
            columns.indices.astype(np.int32), columns.data * self._rows[columns.indices],
        )  # fmt: skip

    def cut(self, matrix: sparse.csr_array, right: Floats) -> None:
        """More rows (r, C), at most `right`, at the end; as they are, without a factor of their own."""
        self._rows = np.concatenate([self._rows, np.ones(len(right))])
        self._highs.addRows(
            len(right), np.full(len(right), -np.inf), right, matrix.nnz, matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32), matrix.data,
        )  # fmt: skip

    def solve(self, lower: Floats, upper: Floats) -> Answer:
        """The optimum with every column (C,) between these sides."""
        highs, count = self._highs, len(lower)
        highs.changeColsBounds(count, np.arange(count, dtype=np.int32), lower, upper)
        highs.run()
        if _status(highs, unsure=True) == "unknown":  # stuck on where it stood: from nothing, then
            highs.clearSolver()
            highs.run()
        status, info, solution = _status(highs, unsure=True), highs.getInfo(), highs.getSolution()
        if status != "optimal":
            return Answer(status, np.inf if status == "infeasible" else -np.inf, None, None)
        prices = np.array(solution.row_dual) * self._unit * self._rows
        return Answer(status, float(info.objective_function_value * self._unit), np.array(solution.col_value), prices)


def _solver() -> highspy.Highs:
    """Silent, on one thread, with a fixed seed."""
    highs = highspy.Highs()
    for name, value in {"log_to_console": False, "threads": 1, "random_seed": 0}.items():
        highs.setOptionValue(name, value)
    return highs


def _powers_of_two(model: Mip) -> tuple[float, Floats]:
    """A unit for the objective and a factor for each row: exact in binary, so that no digit moves."""
    biggest = float(np.abs(model.cost).max(initial=0.0))
    unit = 2.0 ** np.floor(np.log2(biggest / 1024.0)) if biggest > 0 else 1.0
    peak = abs(model.matrix).max(axis=1).toarray().ravel()
    rows = 2.0 ** -np.floor(np.log2(np.where(peak > 0, peak, 1.0)))
    return float(unit), np.asarray(rows)


def _pass(highs: highspy.Highs, model: Mip, unit: float, rows: Floats, *, whole: bool) -> None:
    """Hand the scaled matrix over as arrays, row by row: no object of the solver's own is filled on the way."""
    matrix = model.matrix
    integer = model.integer if whole else np.zeros(len(model.cost), dtype=np.bool_)
    highs.passModel(
        len(model.cost), len(rows), matrix.nnz, int(highspy.MatrixFormat.kRowwise), int(highspy.ObjSense.kMinimize), 0.0,
        model.cost / unit, model.lower, model.upper, model.low * rows, model.high * rows,
        matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32),
        matrix.data * np.repeat(rows, np.diff(matrix.indptr)), integer.astype(np.int32),
    )  # fmt: skip


def _run(highs: highspy.Highs, unit: float, stage: str, progress: Callable[[Progress], None] | None) -> None:
    """Run in a thread of its own, so that Ctrl-C reaches this one and progress is told from it."""
    stop, began = threading.Event(), time.monotonic()
    latest: list[Progress] = []

    def note(event: highspy.highs.HighsCallbackEvent) -> None:
        data = event.data_out
        bound, best = (v * unit if np.isfinite(v) else None for v in (data.mip_dual_bound, data.mip_primal_bound))
        share = abs(best - bound) / abs(best) if bound is not None and best else None
        latest[:] = [Progress(time.monotonic() - began, stage, bound, best, share)]

    highs.cbMipLogging.subscribe(note)
    _halting(highs, stop.is_set)
    worker = threading.Thread(target=highs.run, daemon=True)
    told: Progress | None = None
    try:
        worker.start()
        while worker.is_alive():
            worker.join(0.05)
            if progress and latest and latest[0] is not told:
                told = latest[0]
                progress(told)
    except KeyboardInterrupt:
        pass  # what was found until now is the answer
    finally:
        # whatever ended the wait, the solver must be out of its thread before its object dies
        stop.set()
        patience = time.monotonic() + 1.0
        while worker.ident is None and time.monotonic() < patience:
            time.sleep(0.005)  # Ctrl-C came while the thread was being started
        if worker.ident is not None:
            worker.join()


def _halting(highs: highspy.Highs, stop: Callable[[], bool]) -> None:
    """End the run soon after `stop` says so."""

    def halt(event: highspy.highs.HighsCallbackEvent) -> None:
        if stop():
            event.interrupt()

    for check in (highs.cbMipInterrupt, highs.cbSimplexInterrupt, highs.cbIpmInterrupt):
        check.subscribe(halt)


def _status(highs: highspy.Highs, *, unsure: bool) -> str:
    """`unknown` only where it is `unsure`: an interior point that ends short of its tolerance still leaves prices to prove with."""
    status = highs.getModelStatus()
    known = highspy.HighsModelStatus
    names = {
        known.kOptimal: "optimal", known.kModelEmpty: "optimal", known.kTimeLimit: "time_limit",
        known.kSolutionLimit: "rounds", known.kInterrupt: "interrupted", known.kNotset: "interrupted", known.kInfeasible: "infeasible", known.kUnboundedOrInfeasible: "infeasible", known.kUnbounded: "unbounded",
    }  # fmt: skip
    if status == known.kUnknown and unsure:
        return "unknown"
    if status not in names:
        raise RuntimeError(f"HiGHS ended with {highs.modelStatusToString(status)}")  # a fault of ours, not of the input
    return names[status]
