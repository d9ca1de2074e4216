"""What is believed of a programme before its own record is read, in plain words and numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from scipy.stats import norm

from onshore.progress.forecast.sampling import Floats

__all__ = ["Prior", "Priors"]

SCALES = {
    "log": (np.log, np.exp),
    "logit": (logit, expit),
    "plain": (np.asarray, np.asarray),
}


@dataclass(frozen=True)
class Prior:
    """A normal belief on a scale (`log`, `logit` or `plain`): half of it lies below `median`; `spread` is its standard
    deviation on that scale (a log spread of 0.7 is a factor of two)."""

    words: str
    scale: str
    median: float
    spread: float
    unit: str = ""

    @property
    def centre(self) -> float:
        """The median on the scale of the normal."""
        return float(SCALES[self.scale][0](self.median))

    def natural(self, theta: Floats) -> Floats:
        """From the scale of the normal to the unit people use."""
        return np.asarray(SCALES[self.scale][1](theta), dtype=np.float64)

    def quantiles(self, levels: tuple[float, ...]) -> list[float]:
        """In the unit people use."""
        return [float(q) for q in self.natural(self.centre + self.spread * norm.ppf(levels))]


@dataclass(frozen=True)
class Priors:
    """Priors of every parameter. All are assumptions; the odds page says why each, and a result prints each beside
    what the record made of it. Replace any: `Priors(pace=Prior(..., median=30, ...))`."""

    # realisation: how much of a contract comes, and when
    reach: Prior = Prior("share of a middling contract that is realised in the end", "logit", 0.70, 1.0)
    reach_spread: Prior = Prior("how much contracts differ in that (on the logit)", "log", 0.7, 0.5)
    pace: Prior = Prior("months in which a middling contract has realised 63 % of that", "log", 24.0, 0.4, "months")
    pace_spread: Prior = Prior("how much contracts differ in that (on the log)", "log", 0.4, 0.5)
    shape: Prior = Prior("shape of the curve: above 1 it starts slowly", "log", 1.5, 0.35)
    error: Prior = Prior("error of a published share", "log", 0.05, 0.5)
    # signings
    rate: Prior = Prior("contracts signed a month", "log", 0.3, 2.0, "a month")
    evenness: Prior = Prior("how evenly they come (below 1: in clusters)", "log", 1.0, 1.0)
    size: Prior = Prior("size of a middling contract; the median is a share of the largest target", "log", 0.01, 3.0)
    size_spread: Prior = Prior("how much contracts differ in size (on the log)", "log", 0.7, 0.5)
    # what happens on the way
    delay: Prior = Prior("months from signing to start", "log", 3.0, 0.7, "months")
    drift: Prior = Prior("drift of the exchange rate a year (on the log)", "plain", 0.0, 0.2, "a year")
    volatility: Prior = Prior("volatility of the exchange rate a year (on the log)", "log", 0.15, 0.7, "a year")
