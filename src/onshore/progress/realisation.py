"""How much of a signed contract is realised at which age: the curve, its likelihood and its posterior.

Contract i at age a months has realised

    s_i(a) = u_i [1 - exp(-(a / τ_i)^κ)],    logit u_i ~ N(reach, reach_spread²),  log τ_i ~ N(pace, pace_spread²)

a Weibull curve (its shape κ common) that levels off at u_i, and a published share is s_i(a) plus a normal error,
censored at 0 and at 1. u_i and τ_i are integrated out on a lattice of the plane, so the posterior has the six common
parameters only, all on scales where their priors are normal (`theta` [N, 6] in the order of `PARAMETERS`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_ndtr, logsumexp
from scipy.stats import norm

from onshore.progress.priors import Prior, Priors
from onshore.progress.sampling import Floats, Weighted, importance

__all__ = [
    "PARAMETERS", "Records", "fit_realisation", "grown", "log_likelihood", "median_curve", "node_weights", "nodes",
    "realisation_priors",
]  # fmt: skip

PARAMETERS = ("reach", "reach_spread", "pace", "pace_spread", "shape", "error")
NODES = 610  # a Fibonacci number; tests/progress/test_realisation.py holds the integral to SciPy's
BLOCK = 2_000_000  # numbers worked on at once: some 16 MB an array


@dataclass(frozen=True)
class Records:
    """Published shares: `contract` [J] is a position (sorted, so that a contract's shares stand together), `age` [J]
    in months, `share` [J] from 0 to 1."""

    contract: NDArray[np.int64]
    age: Floats
    share: Floats

    @property
    def starts(self) -> NDArray[np.int64]:
        """Where each contract's shares begin."""
        return np.flatnonzero(np.diff(self.contract, prepend=-1))

    def of(self, wanted: NDArray[np.int64]) -> Records:
        """The records of the contracts at the positions `wanted` (sorted), renumbered 0, 1, ... in that order."""
        kept = np.isin(self.contract, wanted)
        return Records(np.searchsorted(wanted, self.contract[kept]), self.age[kept], self.share[kept])


def realisation_priors(priors: Priors) -> list[Prior]:
    """In the order of `PARAMETERS`."""
    return [getattr(priors, name) for name in PARAMETERS]


def nodes(count: int = NODES) -> Floats:
    """Standard normal points [2, count] on a Fibonacci lattice: no direction of the plane is left unresolved."""
    i = np.arange(count)
    golden = (1 + 5**0.5) / 2
    return np.stack([norm.ppf((i + 0.5) / count), norm.ppf(np.mod(i / golden + 0.5 / count, 1))])


def grown(age: Floats, log_pace: Floats, shape: Floats) -> Floats:
    """1 - exp(-(age / τ)^κ), 0 before the start. The three broadcast together."""
    with np.errstate(divide="ignore"):
        log_age = np.log(np.maximum(age, 0.0))
    return -np.expm1(-np.exp(np.minimum(shape * (log_age - log_pace), 50.0)))


def median_curve(theta: Floats, age: Floats) -> Floats:
    """The share of a contract whose u and τ are the medians, [N, len(age)]."""
    shape = np.exp(theta[:, 4, None])
    return expit(theta[:, 0, None]) * grown(age[None, :], theta[:, 2, None], shape)


def spread_out(theta: Floats, z: Floats) -> tuple[Floats, Floats]:
    """u [N, M] and log τ [N, M] of the lattice's points under each theta."""
    u = expit(theta[:, 0, None] + np.exp(theta[:, 1, None]) * z[0])
    return u, theta[:, 2, None] + np.exp(theta[:, 3, None]) * z[1]


def node_logs(theta: Floats, records: Records, z: Floats) -> Floats:
    """Log likelihood of each observed contract's shares were it at each node: [N, contracts observed, M]."""
    u, log_pace = spread_out(theta, z)
    shape, log_error = np.exp(theta[:, 4, None, None]), theta[:, 5, None, None]
    error = np.exp(log_error)
    mean = u[:, None, :] * grown(records.age[None, :, None], log_pace[:, None, :], shape)
    share = records.share[None, :, None]
    logs = -0.5 * np.square((share - mean) / error) - log_error - 0.5 * np.log(2 * np.pi)
    for edge, sign in ((0.0, -1.0), (1.0, 1.0)):  # a published 0 or 1 says "this or beyond"
        at = np.flatnonzero(records.share == edge)
        if len(at):
            logs[:, at] = log_ndtr(sign * (mean[:, at] - edge) / error)
    return np.add.reduceat(logs, records.starts, axis=1)


def blocks(count: int, each: int) -> Iterator[slice]:
    """Slices of `count` rows of `each` numbers that stay within `BLOCK`."""
    rows = max(1, BLOCK // max(each, 1))
    for begin in range(0, count, rows):
        yield slice(begin, min(begin + rows, count))


def log_likelihood(theta: Floats, records: Records, z: Floats) -> Floats:
    """Of all shares, u and τ integrated out: [N]."""
    out = np.zeros(len(theta))
    if len(records.age):
        for part in blocks(len(theta), len(records.age) * z.shape[1]):
            logs = node_logs(theta[part], records, z)
            out[part] = (logsumexp(logs, axis=2) - np.log(z.shape[1])).sum(1)
    return out


def node_weights(theta: Floats, records: Records, z: Floats) -> Floats:
    """Posterior weight of each node for each observed contract, [N, contracts observed, M], adding up to 1."""
    logs = node_logs(theta, records, z)
    weight = np.exp(logs - logs.max(axis=2, keepdims=True))
    return weight / weight.sum(axis=2, keepdims=True)


def fit_realisation(records: Records, priors: Priors, proposals: int, draw: np.random.Generator) -> Weighted:
    """The posterior of the six parameters. Without a record it is the prior."""
    beliefs = realisation_priors(priors)
    centre, spread = np.array([p.centre for p in beliefs]), np.array([p.spread for p in beliefs])
    if not len(records.age):
        return Weighted(draw.normal(centre, spread, (proposals, len(centre))), np.full(proposals, 1 / proposals))
    z = nodes()
    return importance(lambda theta: log_likelihood(theta, records, z), centre, spread, proposals, draw)
