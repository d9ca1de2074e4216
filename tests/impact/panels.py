"""Panels made for the tests: parts, months, starts, and a path for each part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import polars as pl

NEVER = None


def month(index: int, *, step: int = 1) -> date:
    """Month 0 is 2019-01."""
    return date(2019 + index * step // 12, index * step % 12 + 1, 1)


def panel(
    values: np.ndarray, starts: Sequence[int | None], *, step: int = 1, **columns: Sequence[object]
) -> pl.DataFrame:
    """A frame of `values` (N, T); a part's start is a period or None; `columns` hold one value a part."""
    n, periods = values.shape
    rows = [
        {
            "part": f"p{i:03}", "month": month(t, step=step), "value": float(values[i, t]), "unit": "EUR",
            "started": None if starts[i] is None else month(starts[i], step=step), **{name: column[i] for name, column in columns.items()},
        }
        for i in range(n) for t in range(periods)
    ]  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)


def paths(
    starts: Sequence[int | None],
    periods: int,
    effect: Callable[[int, int], float],
    *,
    noise: float = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """(N, T): a level for each part, a common path, `effect(start, periods since)`, and a random walk of `noise`."""
    draw = np.random.default_rng(seed)
    n = len(starts)
    y = (
        draw.normal(3, 1, n)[:, None]
        + np.cumsum(draw.normal(0.02, 0.05, periods))
        + draw.normal(0, noise or 1, (n, periods)).cumsum(axis=1) * bool(noise)
    )
    for i, start in enumerate(starts):
        if start is not None:
            y[i, start:] += [effect(start, t - start) for t in range(start, periods)]
    return y
