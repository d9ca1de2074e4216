"""Why a part stays imported, or a better option of an awarded part was passed over: what stands against moving to it.

The reason is found by making the move on paper: the option, and the ventures it needs opened, with all else as
planned. Either the objective gets worse (`dearer`), or named rows have no room for it (`limit`). So a reason can be
acted on: give those rows that much more room and the plan gets better by at least the saving named.
"""

from __future__ import annotations

import numpy as np

from onshore.sourcing.model import Model
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Ints, Problem

__all__ = ["Moves", "passed_over", "reasons_of"]


def reasons_of(moves: Moves) -> list[dict[str, object]]:
    """A row for every part that stays imported; see the declared table `reasons`."""
    problem, options, model, point = moves.problem, moves.options, moves.model, moves.point
    rows = []
    for p, part in enumerate(problem.parts.labels):
        first, end = int(options.first_of_part[p]), int(options.first_of_part[p + 1])
        if point[first] < 1.0 or not problem.parts.need[p].any():
            continue
        permitted = first + 1 + np.flatnonzero(model.upper[first + 1 : end] > 0)
        if len(permitted):
            row = moves.against(int(permitted[np.argmin(moves.wanted[permitted])]))
        else:
            row = {"why": _why_no_option(problem, p, any_left_out=end == first + 1)}
        rows.append({**_EMPTY, "part": part, **row})
    return rows


def passed_over(moves: Moves) -> list[dict[str, object]]:
    """A row for every part made at home whose best option, limits apart, is another; see the declared table."""
    problem, options, model, point = moves.problem, moves.options, moves.model, moves.point
    wanted = np.where(model.upper[model.options] > 0, moves.wanted, np.inf)
    rows = []
    for p, part in enumerate(problem.parts.labels):
        mine = slice(int(options.first_of_part[p]), int(options.first_of_part[p + 1]))
        if point[mine][0] == 1.0 or not problem.parts.need[p].any():
            continue
        best = mine.start + int(np.argmin(wanted[mine]))
        now = float(model.cost[mine] @ point[mine])
        if wanted[best] < now - 1e-9 * max(1.0, abs(now)):
            row = moves.against(best)
            rows += [{**_EMPTY, "part": part, **row}] if row["why"] != "dearer" else []
    return rows


_EMPTY = dict.fromkeys(("offer", "saving", "dearer_share", "stands_against", "excess"))


def _why_no_option(problem: Problem, p: int, *, any_left_out: bool) -> str:
    """Nobody offers it, no offer can ever be, or decisions and contracts leave none."""
    if not (problem.offers.part == p).any():
        return "no offer"
    return "never possible" if any_left_out else "forbidden"


class Moves:
    """Moves of single parts away from a plan, made on paper."""

    def __init__(self, problem: Problem, options: Options, model: Model, point: Floats) -> None:
        self.problem, self.options, self.model, self.point = problem, options, model, point
        self.columns = model.matrix.tocsc()
        self.activity = model.matrix @ point
        self.wanted = model.cost[model.options] + self._openings()
        self.penalty = np.zeros(len(model.low))
        self.penalty[model.blocks["limits"]] = [np.inf if b.penalty is None else b.penalty for b in model.bounds]
        self.penalty[: model.blocks["limits"].start] = np.inf
        self._below: dict[int, float] = {}

    def _openings(self) -> Floats:
        """(K,) cost of opening the closed ventures that each option needs."""
        o, legs, model = self.problem.offers, self.options.legs, self.model
        closed = (self.point[model.ventures] == 0) * model.cost[model.ventures]
        needed: dict[int, set[int]] = {}
        for leg in np.flatnonzero(o.in_venture[legs.offer]):
            needed.setdefault(int(self.options.option_of_leg[leg]), set()).add(int(o.venture[legs.offer[leg]]))
        cost = np.zeros(self.options.count)
        for option, ventures in needed.items():
            cost[option] = sum(closed[v] for v in ventures)
        return cost

    def against(self, best: int) -> dict[str, object]:
        """What moving its part from what is planned for it to the option `best` costs and breaks."""
        options, model, point = self.options, self.model, self.point
        part = int(options.part[best])
        now = np.arange(options.first_of_part[part], options.first_of_part[part + 1])
        now = now[point[now] > 0]
        o, ventures = self.problem.offers, model.ventures.start
        mine = options.legs.offer[options.first_of_option[best] : options.first_of_option[best + 1]]
        opened = sorted(
            {ventures + int(o.venture[a]) for a in mine if o.in_venture[a] and point[ventures + o.venture[a]] == 0}
        )
        rows, change = self._change(
            [best, *opened, *now.tolist()], [1.0] * (1 + len(opened)) + [-point[k] for k in now]
        )
        before, low, high, penalty = (a[rows] for a in (self.activity, model.low, model.high, self.penalty))
        moved = before + change
        over = np.maximum(moved - high, low - moved)
        stay_cost = float(model.cost[now] @ point[now])
        worse = float(model.cost[best]) - stay_cost + float(model.cost[opened].sum())
        soft = np.isfinite(penalty)
        missed = np.maximum(0.0, over) - np.maximum(0.0, np.maximum(before - high, low - before))
        worse += float(penalty[soft] @ missed[soft])
        found: dict[str, object] = {
            "offer": " + ".join(o.labels[a] for a in mine) or "imported",
            "saving": -worse + 0.0,
            "dearer_share": worse / abs(stay_cost) if stay_cost else None,
        }
        if worse >= 0:
            return {**found, "why": "dearer"}
        tight = 1e-9 * np.maximum(1.0, np.maximum(np.abs(moved), np.abs(before)))
        broken = np.flatnonzero((over > tight) & ~soft)
        if not len(broken):
            return {**found, "why": "within the gap"}
        largest = broken[np.argsort(-(over / np.maximum(1e-12, np.abs(moved)))[broken], kind="stable")]
        lacks = self._in_own_unit(int(rows[largest[0]]), float(over[largest[0]]), now, best)
        against = [self._name(int(r)) for r in rows[largest]]
        return {**found, "why": "limit", "stands_against": "; ".join(against), "excess": lacks}

    def _change(self, columns: list[int], times: list[float]) -> tuple[Ints, Floats]:
        """Rows (in order) that some columns, so many times each, count in, and what they add to each."""
        spans = [slice(self.columns.indptr[j], self.columns.indptr[j + 1]) for j in columns]
        rows, place = np.unique(np.concatenate([self.columns.indices[s] for s in spans]), return_inverse=True)
        values = np.concatenate([w * self.columns.data[s] for s, w in zip(spans, times, strict=True)])
        return rows.astype(np.int64), np.asarray(np.bincount(place.reshape(-1), values, len(rows)), dtype=np.float64)

    def _name(self, row: int) -> str:
        """A limit by its name, any other row with its block before it."""
        block = next(name for name, rows in self.model.blocks.items() if rows.start <= row < rows.stop)
        return self.model.names[row] if block == "limits" else f"{block}: {self.model.names[row]}"

    def _in_own_unit(self, row: int, over: float, now: Ints, best: int) -> float:
        """What a row lacks, in the unit of its limit: a share's row is written times what it is a share of."""
        r = row - self.model.blocks["limits"].start
        bound = self.model.bounds[r] if r >= 0 else None
        if bound is None or bound.denominator is None:
            return over
        if row not in self._below:
            self._below[row] = bound.denominator.at(self.point[self.model.options])
        options, weights = bound.denominator.options, bound.denominator.weights
        gains, loses = np.isin(options, [best]), np.isin(options, now)
        below = self._below[row] + float(weights[gains].sum() - weights[loses] @ self.point[options[loses]])
        return over * (1e6 if bound.measure == "defects_ppm" else 1.0) / below if below else over
