"""From influence functions to errors, bands and tests.

An estimate's influence function psi[i] says how far part i moves it: the estimate less the truth is about the mean of
psi, so its variance is the mean square of psi over the number of parts. Parts of a cluster are summed first, so that
whatever they share counts once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Estimates", "Flags", "Floats", "Ints", "Joint", "by_cluster", "drift_caught", "joint_zero", "standard_errors", "sup_t",
]  # fmt: skip

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Estimates:
    """A estimates: `value` (A,), and `psi` (A, N), how each of N parts moves them."""

    value: Floats
    psi: Floats

    def __getitem__(self, chosen: Flags) -> Estimates:
        return Estimates(self.value[chosen], self.psi[chosen])


@dataclass(frozen=True)
class Joint:
    """A test that several estimates are all zero: Wald's `statistic` on `count` of them, and its `p_value`."""

    statistic: float
    count: int
    p_value: float


def by_cluster(psi: Floats, cluster: Ints) -> Floats:
    """(A, N) to (A, C): sums within clusters 0 to C - 1."""
    if len(cluster) == cluster.max(initial=-1) + 1:
        return psi
    order = np.argsort(cluster, kind="stable")
    first = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    return np.add.reduceat(psi[:, order], first, axis=1)


def standard_errors(psi: Floats, cluster: Ints) -> Floats:
    """(A,): sqrt(sum over clusters of psi^2) / N. Nothing is added for a small number of clusters."""
    summed = by_cluster(psi, cluster)
    return np.sqrt(np.einsum("ac,ac->a", summed, summed)) / psi.shape[1]


def covariance(psi: Floats, cluster: Ints) -> Floats:
    """(A, A), of the estimates themselves."""
    summed = by_cluster(psi, cluster)
    return summed @ summed.T / psi.shape[1] ** 2


def sup_t(psi: Floats, cluster: Ints, confidence: float, *, draws: int = 10_000, seed: int = 0) -> float:
    """How many standard errors make a band that covers all the estimates at once.

    The `confidence` quantile of the largest |t| when each cluster's influence is multiplied by a standard normal of
    its own (multiplier bootstrap). Given the data those draws are normal with the estimates' covariance, and are made
    from it. Source: Callaway and Sant'Anna (2021), algorithm 1; Montiel Olea and Plagborg-Møller (2019).
    """
    v = covariance(psi, cluster)
    se = np.sqrt(np.diag(v))
    moved = se > 0
    if not moved.any():
        return float("nan")
    correlation = v[np.ix_(moved, moved)] / np.outer(se[moved], se[moved])
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    normal = np.random.default_rng(seed).standard_normal((draws, int(moved.sum())))
    return float(np.quantile(np.abs(normal @ root.T).max(axis=1), confidence))


def joint_zero(estimates: Estimates, cluster: Ints) -> Joint | None:
    """Wald's test that all are zero; None where there are none, or clusters are too few to tell them apart.

    W = b' V^-1 b. Its p-value is that of F(q, C - q) for W (C - q) / (q (C - 1)), Hotelling's, which tends to
    chi-squared with q degrees as the C clusters grow many and, unlike it, does not cry wolf when they are few.
    """
    from scipy.stats import f

    q, clusters = len(estimates.value), int(cluster.max(initial=-1)) + 1
    if not 0 < q < clusters - 1:
        return None
    root = _root(estimates.psi, cluster)
    if root is None:
        return None
    w = float(((estimates.value @ root) ** 2).sum())
    return Joint(w, q, float(f.sf(w * (clusters - q) / (q * (clusters - 1)), q, clusters - q)))


def drift_caught(
    psi: Floats, cluster: Ints, distance: Floats, *, power: float = 0.8, level: float = 0.05
) -> float | None:
    """The least drift a period that the joint test finds with `power`: what may hide behind "no pre-trend".

    `distance` (A,) is how many periods each estimate lies from the base; a drift s makes it s times that. Solves
    s^2 d' V^-1 d = the noncentrality at which chi-squared has that power. Source: Roth (2022).
    """
    from scipy.optimize import brentq
    from scipy.stats import chi2, ncx2

    q = len(distance)
    root = _root(psi, cluster)
    if root is None:
        return None
    least = chi2.isf(level, q)
    needed = brentq(lambda ncp: ncx2.sf(least, q, ncp) - power, 1e-6, 1e3)
    return float(np.sqrt(needed / ((distance @ root) ** 2).sum()))


def _root(psi: Floats, cluster: Ints) -> Floats | None:
    """(A, A) with V^-1 = root root', or None where the estimates' covariance V is (nearly) singular."""
    values, vectors = np.linalg.eigh(covariance(psi, cluster))
    if not len(values) or values[0] <= len(values) * np.finfo(float).eps * values[-1]:
        return None
    return vectors / np.sqrt(values)
