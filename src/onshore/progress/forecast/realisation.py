"""How much of a signed contract is realised at which age: the curve, its likelihood and its posterior.

Contract i at age a months has realised

    s_i(a) = u_i [1 - exp(-(a / τ_i)^κ)],    logit u_i ~ N(reach, reach_spread²),  log τ_i ~ N(pace, pace_spread²)

a Weibull curve (its shape κ common) that levels off at u_i, and a published share is s_i(a) plus a normal error,
censored at 0 and at 1. u_i and τ_i are integrated out on a lattice of the plane, so the posterior has the six common
parameters only, all on scales where their priors are normal (`theta` [N, 6] in the order of `PARAMETERS`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm

from onshore.blueprint.compiled import compiled
from onshore.progress.forecast.priors import Prior, Priors
from onshore.progress.forecast.sampling import Floats, Weighted, importance

__all__ = [
    "PARAMETERS", "Records", "fit_realisation", "grown", "log_likelihood", "median_curve", "node_weights", "nodes",
    "realisation_priors",
]  # fmt: skip

PARAMETERS = ("reach", "reach_spread", "pace", "pace_spread", "shape", "error")
Places = NDArray[np.int64]
NODES = 610  # a Fibonacci number; the error is on docs/explanation/odds.md
BLOCK = 1_000_000  # numbers worked on at once: 8 MB an array


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


def _fill(theta: Floats, starts: Places, age: Floats, share: Floats, z: Floats, logs: Floats, total: Floats) -> None:
    """Compiled. For theta [N, 6]: `logs` [1 or N, contracts, M] is each contract's log likelihood at each node, `total`
    [N] the sum over contracts of the log of its mean over nodes. With one row of `logs` only `total` survives."""
    M = z.shape[1]
    u, decay = np.empty(M), np.empty(M)
    for n in range(theta.shape[0]):
        row = logs[n % logs.shape[0]]
        kappa, error = math.exp(theta[n, 4]), math.exp(theta[n, 5])
        for m in range(M):
            u[m] = 1 / (1 + math.exp(-(theta[n, 0] + math.exp(theta[n, 1]) * z[0, m])))
            decay[m] = math.exp(min(-kappa * (theta[n, 2] + math.exp(theta[n, 3]) * z[1, m]), 600.0))
        total[n] = 0.0
        for c in range(len(starts)):
            stop = starts[c + 1] if c + 1 < len(starts) else len(age)
            row[c] = -(stop - starts[c]) * (theta[n, 5] + 0.5 * math.log(2 * math.pi))
            for j in range(starts[c], stop):
                aged = age[j] ** kappa
                for m in range(M):
                    x = (share[j] - u[m] * (1 - math.exp(-aged * decay[m]))) / error
                    if share[j] <= 0 or share[j] >= 1:  # a published 0 or 1 says "this or beyond"
                        tail = x if share[j] <= 0 else -x
                        if tail > -30:
                            density = math.log(0.5 * math.erfc(-tail / math.sqrt(2.0)))
                        else:
                            density = -0.5 * tail * tail - math.log(-tail * math.sqrt(2 * math.pi))
                        row[c, m] += density + theta[n, 5] + 0.5 * math.log(2 * math.pi)
                    else:
                        row[c, m] -= 0.5 * x * x
            most = row[c].max()
            mass = 0.0
            for m in range(M):
                if row[c, m] - most > -40:
                    mass += math.exp(row[c, m] - most)
            total[n] += most + math.log(mass / M)


@cache
def _kernel() -> Callable[..., None]:
    """Compiled when a curve is first fitted, so that nobody else waits for Numba."""
    return compiled(_fill)


def blocks(count: int, each: int) -> Iterator[slice]:
    """Slices of `count` rows of `each` numbers that stay within `BLOCK`."""
    rows = max(1, BLOCK // max(each, 1))
    for begin in range(0, count, rows):
        yield slice(begin, min(begin + rows, count))


def log_likelihood(theta: Floats, records: Records, z: Floats) -> Floats:
    """Of all shares, u and τ integrated out: [N]."""
    total = np.zeros(len(theta))
    if len(records.age):
        scratch = np.empty((1, len(records.starts), z.shape[1]))
        _kernel()(theta, records.starts, records.age, records.share, z, scratch, total)
    return total


def node_weights(theta: Floats, records: Records, z: Floats) -> Floats:
    """Posterior weight of each node for each observed contract, [N, contracts observed, M], adding up to 1."""
    logs = np.empty((len(theta), len(records.starts), z.shape[1]))
    _kernel()(theta, records.starts, records.age, records.share, z, logs, np.empty(len(theta)))
    logs -= logs.max(axis=2, keepdims=True)
    weight = np.exp(logs, out=logs)
    weight /= weight.sum(axis=2, keepdims=True)
    return weight


def fit_realisation(records: Records, priors: Priors, proposals: int, draw: np.random.Generator) -> Weighted:
    """The posterior of the six parameters. Without a record it is the prior."""
    beliefs = realisation_priors(priors)
    centre, spread = np.array([p.centre for p in beliefs]), np.array([p.spread for p in beliefs])
    if not len(records.age):
        return Weighted(draw.normal(centre, spread, (proposals, len(centre))), np.full(proposals, 1 / proposals))
    z = nodes()
    return importance(lambda theta: log_likelihood(theta, records, z), centre, spread, proposals, draw)
