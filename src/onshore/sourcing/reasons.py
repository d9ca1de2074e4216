"""Why a part stays imported, or a better option of an awarded part was passed over: what stands against moving to it.

The reason is found by making the move on paper: the option, and the ventures it needs opened, with all else as
planned. Either the objective gets worse (`dearer`), or named rows have no room for it (`limit`). So a reason can be
acted on: give those rows that much more room and the plan gets better by at least the saving named.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from onshore.sourcing.model import Model, column_of
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Problem

__all__ = ["passed_over", "reasons_of"]


def reasons_of(problem: Problem, options: Options, model: Model, point: Floats) -> list[dict[str, object]]:
    """A row for every part that stays imported; see the declared table `reasons`."""
    columns = model.matrix.tocsc()
    activity = model.matrix @ point
    opening = _openings(problem, options, model, point)
    rows = []
    for p, part in enumerate(problem.parts.labels):
        first, end = int(options.first_of_part[p]), int(options.first_of_part[p + 1])
        if point[first] < 1.0 or not problem.parts.need[p].any():
            continue
        permitted = first + 1 + np.flatnonzero(model.upper[first + 1 : end] > 0)
        if len(permitted):
            best = int(permitted[np.argmin((model.cost + opening)[permitted])])
            row = _against(problem, options, model, columns, activity, point, best)
        else:
            row = {"why": _why_no_option(problem, p, any_left_out=end == first + 1)}
        rows.append({**_EMPTY, "part": part, **row})
    return rows


def passed_over(problem: Problem, options: Options, model: Model, point: Floats) -> list[dict[str, object]]:
    """A row for every part made at home whose best option, limits apart, is another; see the declared table."""
    columns = model.matrix.tocsc()
    activity = model.matrix @ point
    opened_too = model.cost[model.options] + _openings(problem, options, model, point)[model.options]
    wanted = np.where(model.upper[model.options] > 0, opened_too, np.inf)
    rows = []
    for p, part in enumerate(problem.parts.labels):
        mine = slice(int(options.first_of_part[p]), int(options.first_of_part[p + 1]))
        if point[mine][0] == 1.0 or not problem.parts.need[p].any():
            continue
        best = mine.start + int(np.argmin(wanted[mine]))
        now = float(model.cost[mine] @ point[mine])
        if wanted[best] < now - 1e-9 * max(1.0, abs(now)):
            row = _against(problem, options, model, columns, activity, point, best)
            rows += [{**_EMPTY, "part": part, **row}] if row["why"] != "dearer" else []
    return rows


_EMPTY = dict.fromkeys(("offer", "saving", "dearer_share", "stands_against", "excess"))


def _openings(problem: Problem, options: Options, model: Model, point: Floats) -> Floats:
    """(C,) cost of opening the closed ventures that each option needs."""
    closed = (point[model.ventures] == 0) * model.cost[model.ventures]
    o, legs = problem.offers, options.legs
    needed: dict[int, set[int]] = {}
    for leg in np.flatnonzero(o.in_venture[legs.offer]):
        needed.setdefault(int(options.option_of_leg[leg]), set()).add(int(o.venture[legs.offer[leg]]))
    cost = np.zeros(len(model.cost))
    for option, ventures in needed.items():
        cost[option] = sum(closed[v] for v in ventures)
    return cost


def _why_no_option(problem: Problem, p: int, *, any_left_out: bool) -> str:
    """Nobody offers it, no offer can ever be, or decisions and contracts leave none."""
    if not (problem.offers.part == p).any():
        return "no offer"
    return "never possible" if any_left_out else "forbidden"


def _against(
    problem: Problem, options: Options, model: Model, columns: sparse.csc_array, activity: Floats, point: Floats, best: int
) -> dict[str, object]:  # fmt: skip
    """What moving a part from what is planned for it to the option `best` costs and breaks."""
    part = int(options.part[best])
    now = np.arange(options.first_of_part[part], options.first_of_part[part + 1])
    now = now[point[now] > 0]
    o, legs = problem.offers, options.legs
    mine = legs.offer[options.first_of_option[best] : options.first_of_option[best + 1]]
    opened = sorted(
        {int(o.venture[a]) for a in mine if o.in_venture[a] and point[model.ventures.start + o.venture[a]] == 0}
    )
    moved = activity + column_of(columns, best) - sum(point[k] * column_of(columns, int(k)) for k in now)
    stay_cost = float(model.cost[now] @ point[now])
    worse = float(model.cost[best]) - stay_cost
    for v in opened:
        moved = moved + column_of(columns, model.ventures.start + v)
        worse += float(model.cost[model.ventures.start + v])
    over = np.maximum(moved - model.high, model.low - moved)
    tight = 1e-9 * np.maximum(1.0, np.maximum(np.abs(moved), np.abs(activity)))
    worse += _penalties(model, activity, moved)
    found: dict[str, object] = {
        "offer": " + ".join(o.labels[a] for a in mine) or "imported",
        "saving": -worse + 0.0,
        "dearer_share": worse / abs(stay_cost) if stay_cost else None,
    }
    if worse >= 0:
        return {**found, "why": "dearer"}
    hard = np.ones(len(over), dtype=np.bool_)
    for r, bound in enumerate(model.bounds):
        hard[model.blocks["limits"].start + r] = bound.penalty is None
    broken = np.flatnonzero((over > tight) & hard)
    if not len(broken):
        return {**found, "why": "within the gap"}
    largest = broken[np.argsort(-(over / np.maximum(1e-12, np.abs(moved)))[broken], kind="stable")]
    block = {r: name for name, rows in model.blocks.items() for r in range(rows.start, rows.stop)}
    against = [model.names[r] if block[r] == "limits" else f"{block[r]}: {model.names[r]}" for r in largest]
    x = point[model.options].copy()
    x[now], x[best] = 0.0, 1.0
    lacks = _in_own_unit(model, int(largest[0]), float(over[largest[0]]), x)
    return {**found, "why": "limit", "stands_against": "; ".join(against), "excess": lacks}


def _in_own_unit(model: Model, row: int, over: float, x: Floats) -> float:
    """What a row lacks, in the unit of its limit: a share's row is written times what it is a share of."""
    r = row - model.blocks["limits"].start
    bound = model.bounds[r] if 0 <= r < len(model.bounds) else None
    if bound is None or bound.denominator is None:
        return over
    below = bound.denominator.at(x)
    return over * (1e6 if bound.measure == "defects_ppm" else 1.0) / below if below else over


def _penalties(model: Model, before: Floats, after: Floats) -> float:
    """By how much the penalties of soft limits change."""
    change = 0.0
    for r, bound in enumerate(model.bounds):
        if bound.penalty is not None:
            row = model.blocks["limits"].start + r
            misses = [
                max(0.0, float(a[row]) - model.high[row], model.low[row] - float(a[row])) for a in (before, after)
            ]
            change += bound.penalty * (misses[1] - misses[0])
    return change
