"""The effect on each cohort in each period, ATT(g, t), after Callaway and Sant'Anna (2021).

A cohort is the parts whose lines started in the same period g. Its effect in period t is how far its values moved
since its base period b, less how far those moved whose line had not started: a comparison of two groups in two
periods, and never with a part that is itself under treatment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from onshore.impact.adjust import ADJUST, NoOverlap
from onshore.impact.inference import Estimates, Flags, Floats, Ints

__all__ = ["NEVER", "Cells", "cells_of", "estimate"]

NEVER = np.iinfo(np.int64).max
"""The start of a part whose line does not start: later than every period."""


@dataclass(frozen=True)
class Cells:
    """What is compared: cohort `g`, period `t`, base `b` (all (A,), periods from 0), and how many parts.

    `treated` and `compared` are the numbers of parts on the two sides.
    """

    g: Ints
    t: Ints
    b: Ints
    treated: Ints
    compared: Ints

    @property
    def since(self) -> Ints:
        """Periods since the start; below 0 before it."""
        return self.t - self.g

    def __getitem__(self, chosen: Flags) -> Cells:
        return Cells(self.g[chosen], self.t[chosen], self.b[chosen], self.treated[chosen], self.compared[chosen])


def cells_of(start: Ints, periods: int, *, anticipation: int, base: str, never_only: bool) -> Cells:
    """Every comparison that the panel can make. `start` (N,) is the period of each part's start, or `NEVER`.

    After g - anticipation the base is the period before that. Before it, it is the same (`universal`) or the period
    before t (`varying`). A cell with nobody to compare with is not there.
    """
    rows = []
    for g in cohorts(start):
        last = int(g) - 1 - anticipation
        for t in range(periods):
            b = last if base == "universal" or t > last else t - 1
            if b < 0 or t == b:
                continue
            compared = int(_compared(start, int(g), t, b, anticipation, never_only=never_only).sum())
            if compared:
                rows.append((int(g), t, b, int((start == g).sum()), compared))
    return Cells(*np.array(rows, dtype=np.int64).reshape(-1, 5).T)


def cohorts(start: Ints) -> Ints:
    """The periods in which a line starts, in order."""
    return np.unique(start[start != NEVER])


def _compared(start: Ints, g: int, t: int, b: int, anticipation: int, *, never_only: bool) -> Flags:
    """(N,) whose line has not started by the later of t and b, nor is about to; or those only that never start."""
    return start == NEVER if never_only else (start > max(t, b) + anticipation) & (start != g)


def estimate(
    y: Floats, start: Ints, cells: Cells, *, anticipation: int, never_only: bool, x: Floats, method: str
) -> Estimates:
    """ATT(g, t) of every cell, with its influence function.

    `y` (N, T) are the values and `x` (N, K) what the comparison is made at equal values of. Without it, with D the
    cohort and C the compared, ATT = mean over D of y[t] - y[b] less the same over C, whatever the `method`; with it,
    see `adjust`, which may raise `NoOverlap` (here with the cohort). psi[i] is N times what part i adds to the estimate's deviation.
    """
    n = len(y)
    value, psi = np.empty(len(cells.g)), np.zeros((len(cells.g), n))
    for at, (g, t, b) in enumerate(_rows(cells)):
        treated = np.flatnonzero(start == g)
        compared = np.flatnonzero(_compared(start, g, t, b, anticipation, never_only=never_only))
        if x.shape[1]:
            both = np.concatenate([treated, compared])
            d = np.repeat([1.0, 0.0], [len(treated), len(compared)])
            design = np.column_stack([np.ones(len(both)), x[both]])
            try:
                value[at], moved = ADJUST[method](y[both, t] - y[both, b], d, design)
            except NoOverlap:
                raise NoOverlap(g) from None
            psi[at, both] = moved * (n / len(both))
            continue
        own, other = y[treated, t] - y[treated, b], y[compared, t] - y[compared, b]
        value[at] = own.mean() - other.mean()
        psi[at, treated] = (own - own.mean()) * (n / len(treated))
        psi[at, compared] = -(other - other.mean()) * (n / len(compared))
    return Estimates(value, psi)


def _rows(cells: Cells) -> Iterator[tuple[int, int, int]]:
    return zip(cells.g.tolist(), cells.t.tolist(), cells.b.tolist(), strict=True)
