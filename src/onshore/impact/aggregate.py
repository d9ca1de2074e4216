"""Cells to answers: by cohort, by periods since the start, by period, and all in one number.

Source: Callaway and Sant'Anna (2021), section 3.3, table 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.impact.cells import Cells
from onshore.impact.inference import Estimates, Floats, Ints

__all__ = ["Answer", "Answers", "answers_of", "sized"]


@dataclass(frozen=True)
class Answer:
    """Estimates along `axis` (cohorts, periods since the start, or periods), and `overall`, one number for all."""

    axis: Ints
    along: Estimates
    overall: Estimates


@dataclass(frozen=True)
class Answers:
    """`simple` weighs every cell after a start by its cohort's size; the other three first go along an axis.

    `cohorts`: the mean of a cohort's periods, then cohorts by size. `since`: cells the same time after their start by
    size, then the mean over that time. `periods`: cells of a period by size, then the mean over periods.
    """

    simple: Estimates
    cohorts: Answer
    since: Answer
    periods: Answer


def answers_of(cells: Cells, effects: Estimates, start: Ints) -> Answers:
    """Every aggregate of the cells. Raises `ValueError` where none lies after a start."""
    after = cells.since >= 0
    if not after.any():
        raise ValueError("no cell lies after a start")
    since = _along(cells.since, effects, cells.g, start)
    cohorts = _along(cells.g[after], effects[after], cells.g[after], start)
    periods = _along(cells.t[after], effects[after], cells.g[after], start)
    return Answers(
        simple=sized(effects[after], cells.g[after], start),
        cohorts=Answer(*cohorts, sized(cohorts[1], cohorts[0], start)),
        since=Answer(*since, _mean(since[1][since[0] >= 0])),
        periods=Answer(*periods, _mean(periods[1])),
    )


def _along(axis: Ints, effects: Estimates, g: Ints, start: Ints) -> tuple[Ints, Estimates]:
    places = np.unique(axis)
    found = [sized(effects[axis == at], g[axis == at], start) for at in places]
    return places, Estimates(np.concatenate([f.value for f in found]), np.concatenate([f.psi for f in found]))


def _mean(effects: Estimates) -> Estimates:
    return Estimates(effects.value.mean(keepdims=True), effects.psi.mean(axis=0, keepdims=True))


def sized(effects: Estimates, g: Ints, start: Ints) -> Estimates:
    """The mean weighted by the size of each effect's cohort `g` (A,), which is itself an estimate.

    With p[a] the share of parts in the cohort of a, w = p / sum p, and psi = w psi + the part that comes from w:
    (1[start = g] - p) / sum p - p sum(1[start = g] - p) / (sum p)^2, times the effect.
    """
    cohorts, at = np.unique(g, return_inverse=True)
    member = (start[None, :] == cohorts[:, None]).astype(np.float64)
    p = member.mean(axis=1)
    whole = p[at].sum()
    w = p[at] / whole
    surprise = member - p[:, None]
    effect_of: Floats = np.bincount(at, effects.value, len(cohorts)).astype(np.float64)
    times = np.bincount(at, minlength=len(cohorts)).astype(np.float64)
    value = float(w @ effects.value)
    from_sizes = (effect_of - times * value) @ surprise / whole
    return Estimates(np.array([value]), (w @ effects.psi + from_sizes)[None, :])
