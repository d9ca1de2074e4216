"""What is still to be signed, when it starts and what it is worth: counts, sizes, delays and the exchange rate.

Signings are a negative binomial process: over h months their number has mean λ h and shape r h, so months, parts of
months and years agree with one another, and r below 1 means clusters. Sizes are lognormal, delays exponential, and the
rate is a random walk of its logarithm. Each has one or two parameters, drawn exactly enough from a grid.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from onshore.progress.forecast.priors import Prior, Priors
from onshore.progress.forecast.sampling import Floats, draw_grid

__all__ = ["fit_delay", "fit_exchange", "fit_signings", "fit_sizes", "signing_log_likelihood", "simulate_counts"]

MANY = 1e7  # beyond it a Poisson number is its mean and a normal error


def _box(*priors: Prior, reach: float = 6.0) -> tuple[Floats, Floats]:
    centre, spread = np.array([p.centre for p in priors]), np.array([p.spread for p in priors])
    return centre - reach * spread, centre + reach * spread


def _log_prior(theta: Floats, *priors: Prior) -> Floats:
    return sum((-0.5 * np.square((theta[:, i] - p.centre) / p.spread) for i, p in enumerate(priors)), np.zeros(1))


def signing_log_likelihood(theta: Floats, counts: NDArray[np.int64], months: Floats) -> Floats:
    """Of `counts` [W] signed in windows `months` [W] long, at (log λ, log r) [N, 2]: negative binomial, [N]."""
    log_rate, shape = theta[:, 0], np.exp(theta[:, 1])
    log_p = -np.log1p(np.exp(theta[:, 1] - log_rate))  # log of λ / (λ + r)
    log_q = -np.log1p(np.exp(log_rate - theta[:, 1]))
    pairs, times = np.unique(np.stack([counts, months], axis=1), axis=0, return_counts=True)
    out = np.zeros(len(theta))
    for (count, length), n in zip(pairs, times, strict=True):
        h = shape * length
        out += n * (gammaln(count + h) - gammaln(h) - gammaln(count + 1) + count * log_p + h * log_q)
    return out


def fit_signings(
    counts: NDArray[np.int64], months: Floats, priors: Priors, size: int, draw: np.random.Generator
) -> Floats:
    """Draws [size, 2] of (log λ a month, log r)."""
    low, high = _box(priors.rate, priors.evenness)
    if counts.sum():  # a large programme may sign far more a month than the prior's box reaches
        high[0] = max(high[0], float(np.log(counts.sum() / months.sum())) + 5)
    return draw_grid(
        lambda t: _log_prior(t, priors.rate, priors.evenness) + signing_log_likelihood(t, counts, months),
        low, high, size, draw,
    )  # fmt: skip


def fit_sizes(amounts: Floats, size_prior: Prior, priors: Priors, size: int, draw: np.random.Generator) -> Floats:
    """Draws [size, 2] of (mean, log of the standard deviation) of the logarithm of a contract's amount."""
    logs = np.log(amounts)
    n, mean = len(logs), float(logs.mean()) if len(logs) else 0.0
    squares = float(np.square(logs - mean).sum())

    def log_density(theta: Floats) -> Floats:
        precision = np.exp(-2 * theta[:, 1])
        fits = -n * theta[:, 1] - 0.5 * precision * (squares + n * np.square(theta[:, 0] - mean))
        return _log_prior(theta, size_prior, priors.size_spread) + fits

    return draw_grid(log_density, *_box(size_prior, priors.size_spread), size, draw)


def fit_delay(
    waited: Floats, started: NDArray[np.bool_], priors: Priors, size: int, draw: np.random.Generator
) -> Floats:
    """Draws [size] of the log of the mean delay in months; a contract that has not started has waited at least so long."""
    begun, total = int(started.sum()), float(waited.sum())
    return draw_grid(
        lambda t: _log_prior(t, priors.delay) - begun * t[:, 0] - total * np.exp(-t[:, 0]),
        *_box(priors.delay), size, draw,
    )[:, 0]  # fmt: skip


def fit_exchange(days: Floats, rates: Floats, priors: Priors, size: int, draw: np.random.Generator) -> Floats:
    """Draws [size, 2] of (drift a year, log volatility) of the logarithm of a rate seen on `days` (sorted, distinct)."""
    years, moves = np.diff(days) / 365.25, np.diff(np.log(rates))
    n, span, moved = len(moves), float(years.sum()), float(moves.sum())
    squares = float((np.square(moves) / years).sum())

    def log_density(theta: Floats) -> Floats:
        drift, precision = theta[:, 0], np.exp(-2 * theta[:, 1])
        fits = -n * theta[:, 1] - 0.5 * precision * (squares - 2 * drift * moved + np.square(drift) * span)
        return _log_prior(theta, priors.drift, priors.volatility) + fits

    return draw_grid(log_density, *_box(priors.drift, priors.volatility), size, draw)


def simulate_counts(theta: Floats, months: Floats, draw: np.random.Generator) -> NDArray[np.int64]:
    """Contracts signed in each window, [N, W], under (log λ, log r) [N, 2]: a gamma rate, then a Poisson number."""
    shape = np.exp(theta[:, 1, None])
    rate = draw.gamma(np.maximum(shape * months, 1e-12)) * np.exp(theta[:, 0, None]) / shape
    normal = np.maximum(rate + np.sqrt(rate) * draw.standard_normal(rate.shape), 0)
    return np.where(rate > MANY, normal, draw.poisson(np.minimum(rate, MANY))).astype(np.int64)
