"""Averages and tails of a sample, each with its error.

Costs here are what is made least: an objective that should be most comes in with its sign turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

__all__ = ["Estimate", "cvar", "mean", "tail"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A sampled number and its standard error; None where one draw cannot tell. `draws` is how many it rests on."""

    value: float
    error: float | None
    draws: int

    def between(self, confidence: float) -> tuple[float, float] | None:
        """The two-sided interval by Student's t; None without an error."""
        if self.error is None:
            return None
        from scipy.special import stdtrit

        wide = float(stdtrit(self.draws - 1, 0.5 + confidence / 2)) * self.error
        return self.value - wide, self.value + wide


def mean(costs: Floats) -> Estimate:
    """The average of a sample (n,)."""
    return Estimate(float(costs.mean()), _error(costs), len(costs))


def tail(costs: Floats, level: float) -> Floats:
    """(n,) weights that add up to 1: the dearest share 1 - level of the sample, the last of them in part."""
    left = (1.0 - level) * len(costs)
    order = np.argsort(-costs, kind="stable")
    taken = np.clip(left - np.arange(len(costs)), 0.0, 1.0)
    weights = np.zeros(len(costs))
    weights[order] = taken / taken.sum()
    return weights


def cvar(costs: Floats, level: float) -> Estimate:
    """Conditional value at risk: the average over the dearest share 1 - level (Rockafellar and Uryasev 2000, eq. 4).

    It is the least over eta of eta + mean(max(0, cost - eta)) / (1 - level), reached where eta is the value at risk; the
    error is that of this mean at that eta, and there is none where fewer than two draws make the tail.
    """
    weights = tail(costs, level)
    eta = float(costs[weights > 0].min())
    terms = eta + np.maximum(0.0, costs - eta) / (1.0 - level)
    enough = (1.0 - level) * len(costs) >= 2.0 - 1e-9
    return Estimate(float(weights @ costs), _error(terms) if enough else None, len(costs))


def _error(sample: Floats) -> float | None:
    return None if len(sample) < 2 else float(sample.std(ddof=1)) / sqrt(len(sample))
