"""Drawing from a density: two ways that need no chain, and the check that they worked.

A density of one or two parameters is drawn from a grid that closes in on it; one of more by importance sampling,
whose weights say for themselves how many independent draws they are worth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, logsumexp

from onshore.errors import OnshoreError

__all__ = ["Floats", "TooFewDraws", "Weighted", "draw_grid", "importance", "systematic"]

Floats = NDArray[np.float64]
LogDensity = Callable[[Floats], Floats]  # [N, d] -> [N]
ROUNDS = 5


class TooFewDraws(OnshoreError):
    """Importance sampling found too few draws that fit the data: what it would print is noise."""


@dataclass(frozen=True)
class Weighted:
    """Draws `theta` [N, d] with `weight` [N] adding up to 1, and what they are worth in independent draws."""

    theta: Floats
    weight: Floats

    @property
    def effective(self) -> float:
        """1 / Σ w² (Kong 1992)."""
        return float(1 / np.square(self.weight).sum())

    def pick(self, size: int, draw: np.random.Generator) -> Floats:
        """`size` draws of equal weight [size, d], in random order."""
        return self.theta[draw.permutation(systematic(self.weight, size, draw))]


def systematic(weight: Floats, size: int, draw: np.random.Generator) -> NDArray[np.int64]:
    """Positions drawn in proportion to `weight` by one uniform number (Kitagawa 1996): the least noise of its kind."""
    points = (draw.random() + np.arange(size)) / size
    return np.minimum(np.searchsorted(np.cumsum(weight) / weight.sum(), points), len(weight) - 1)


def draw_grid(log_density: LogDensity, low: Floats, high: Floats, size: int, draw: np.random.Generator) -> Floats:
    """`size` draws [size, d] of a density of one or two parameters that lies within the box `low` to `high`.

    The box shrinks to where the density is above e^-14 of its peak, or to the best twentieth of the cells, until it
    stays, so that a sharp peak in a wide box is resolved; then a cell is drawn and a place within it. Error: one cell of 1/200 (d = 1) or 1/80 of the box.
    """
    cells = 200 if len(low) == 1 else 80
    for _ in range(40):
        width = (high - low) / cells
        axes = [low[i] + width[i] * (np.arange(cells) + 0.5) for i in range(len(low))]
        grid = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)
        logs = log_density(grid)
        kept = grid[logs >= min(logs.max() - 14, np.quantile(logs, 0.95))]
        inner, outer = np.maximum(kept.min(0) - width, low), np.minimum(kept.max(0) + width, high)
        if np.all(outer - inner > 0.8 * (high - low)):
            break
        low, high = inner, outer
    weight = np.exp(logs - logs.max())
    chosen = draw.permutation(systematic(weight, size, draw))
    return grid[chosen] + (draw.random((size, len(low))) - 0.5) * width


def importance(
    log_likelihood: LogDensity, centre: Floats, spread: Floats, size: int, draw: np.random.Generator
) -> Weighted:
    """Posterior draws under independent normal priors (`centre`, `spread` [d]) by importance sampling.

    Proposals come from three places: the prior (a fifth, so that no corner is missed), a Student t at the posterior's
    mode with the curvature there (three tenths), and a Student t with the mean and covariance that the first two
    found (half, and again up to five times while the draws are worth less than a quarter of `size`). Every draw is weighted against the mixture of all three (Veach and Guibas 1995; Cornuet et al. 2012).

    Raises `TooFewDraws` when the weights are worth fewer than 100 independent draws.
    """

    def log_prior(theta: Floats) -> Floats:
        return _log_normal(theta, centre, spread)

    def log_posterior(theta: Floats) -> Floats:
        return log_prior(theta) + log_likelihood(theta)

    sizes = [max(size // 5, 1), max(3 * size // 10, 1), max(size // 2, 1)]
    mode, covariance = _mode(log_posterior, centre, spread)
    first = draw.normal(centre, spread, (sizes[0], len(centre)))
    second = _student(mode, covariance, sizes[1], draw)
    theta = np.concatenate([first, second])
    logs = log_posterior(theta)
    parts: list[LogDensity] = [log_prior, partial(_log_student, mean=mode, covariance=covariance)]
    weight = _weights(logs, theta, parts, sizes[:2])
    found = Weighted(theta, weight)
    for _ in range(ROUNDS):
        mean = found.weight @ theta
        covariance = (theta - mean).T @ ((theta - mean) * found.weight[:, None]) + 1e-4 * np.diag(spread**2)
        further = _student(mean, covariance, sizes[2], draw)
        theta, logs = np.concatenate([theta, further]), np.concatenate([logs, log_posterior(further)])
        parts.append(partial(_log_student, mean=mean, covariance=covariance))
        found = Weighted(theta, _weights(logs, theta, parts, [*sizes[:2], *[sizes[2]] * (len(parts) - 2)]))
        if found.effective > size / 4:
            break
    if found.effective < 100:
        raise TooFewDraws(
            f"The observed shares fit so few of the {size} curves tried that they are worth {found.effective:.0f} "
            "independent draws; 100 is the least. Look for a share that contradicts the others, or widen the priors."
        )
    return found


def _weights(logs: Floats, theta: Floats, parts: list[LogDensity], sizes: list[int]) -> Floats:
    share = np.log(np.array(sizes) / sum(sizes))
    proposed = logsumexp(np.stack([p(theta) for p in parts]) + share[:, None], axis=0)
    log_weight = logs - proposed
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.sum()


def _mode(log_posterior: LogDensity, centre: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """The posterior's mode and the covariance that its curvature gives, both in units of the prior's spread inside."""
    d, step = len(centre), 1e-3
    sides = np.concatenate([np.zeros((1, d)), step * np.eye(d), -step * np.eye(d)])

    def value_and_slope(z: Floats) -> tuple[float, Floats]:
        values = -log_posterior(centre + spread * (z + sides))
        return float(values[0]), (values[1 : d + 1] - values[d + 1 :]) / (2 * step)

    z = minimize(value_and_slope, np.zeros(d), jac=True, method="BFGS", options={"gtol": 1e-2, "maxiter": 60}).x
    wide = 0.05
    slopes = np.stack([
        value_and_slope(z + wide * e)[1] - value_and_slope(z - wide * e)[1] for e in np.eye(d)
    ]) / (2 * wide)  # fmt: skip
    value, axis = np.linalg.eigh((slopes + slopes.T) / 2)
    covariance = (axis / np.maximum(value, 0.3)) @ axis.T
    return centre + spread * z, covariance * np.outer(spread, spread)


FREEDOM = 5.0  # of the Student t: tails heavier than the posterior's


def _student(mean: Floats, covariance: Floats, size: int, draw: np.random.Generator) -> Floats:
    root = np.linalg.cholesky(covariance)
    scale = np.sqrt(FREEDOM / draw.chisquare(FREEDOM, size))
    return mean + (draw.standard_normal((size, len(mean))) @ root.T) * scale[:, None]


def _log_student(theta: Floats, mean: Floats, covariance: Floats) -> Floats:
    d, root = len(mean), np.linalg.cholesky(covariance)
    distance = np.square(np.linalg.solve(root, (theta - mean).T)).sum(0)
    constant = gammaln((FREEDOM + d) / 2) - gammaln(FREEDOM / 2) - d / 2 * np.log(FREEDOM * np.pi)
    return constant - np.log(np.diag(root)).sum() - (FREEDOM + d) / 2 * np.log1p(distance / FREEDOM)


def _log_normal(theta: Floats, centre: Floats, spread: Floats) -> Floats:
    return -0.5 * np.square((theta - centre) / spread).sum(1) - np.log(spread * np.sqrt(2 * np.pi)).sum()
