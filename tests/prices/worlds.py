"""Markets drawn from a seed, of every demand, for properties and benchmarks: no answer in here comes from a run."""

from __future__ import annotations

import numpy as np

from onshore.prices.calibration import Observed
from onshore.prices.kernel import CES, LINEAR, LOGIT, NESTED
from onshore.prices.markets import blocks, ownership, starts

EVERY = (LOGIT, NESTED, CES, LINEAR)


def drawn(
    seed: int,
    count: int,
    *,
    kinds: tuple[int, ...] = EVERY,
    products: tuple[int, int] = (3, 10),
    tax: bool = False,
    ventures: bool = True,
) -> Observed:
    """`count` markets: prices around 8, outside shares of 10 to 60 %, two to four owners, a third of the markets with a venture."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(products[0], products[1] + 1, size=count)
    start = starts(counts)
    market = np.repeat(np.arange(count), counts)
    N = int(start[-1])
    kind = rng.choice(kinds, size=count)
    weight, outside = rng.gamma(2.0, 1.0, N), rng.uniform(0.1, 0.6, count)
    share = weight / np.add.reduceat(weight, start[:-1])[market] * (1 - outside[market])
    correlation = rng.uniform(0.1, 0.8, count)
    return Observed(
        start=start, kind=kind, size=rng.uniform(1e3, 1e5, count),
        elasticity=np.where(kind == CES, 1 + outside * rng.uniform(2, 5, count), rng.uniform(0.8, 1.6, count)),
        price=np.exp(rng.normal(2.0, 0.2, N)), share=share, margin=np.full(N, np.nan),
        kept=1 / (1 + rng.choice([0.0, 0.05, 0.3], N)) if tax else np.ones(N),
        nest=np.where(kind[market] == NESTED, rng.integers(0, 2, N), 0), nesting=np.where(kind[market] == NESTED, correlation[market], 0.0),
        listed=np.full(N, np.nan), capacity=np.full(N, np.inf), H=blocks([_owned(rng, int(J), ventures) for J in counts]),
    )  # fmt: skip


def _owned(rng: np.random.Generator, J: int, ventures: bool) -> np.ndarray:
    by = rng.integers(0, 4, J)
    profit = (np.arange(4)[:, None] == by[None, :]).astype(float)
    control = profit.copy()
    if (
        ventures and rng.random() < 1 / 3
    ):  # one product is a venture: its maker prices it and shares the profit with another owner
        profit[:, 0] *= 0.6
        profit[(by[0] + 1) % 4, 0] += 0.4
    return ownership(control, profit)
