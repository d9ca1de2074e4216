"""A programme drawn forward: what is contracted and realised on each day of a grid, in each draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit

from onshore.progress.forecast.realisation import NODES, Records, blocks, grown, node_weights, nodes, spread_out
from onshore.progress.forecast.sampling import Floats
from onshore.progress.forecast.signings import simulate_counts

__all__ = ["MONTH", "Beliefs", "Known", "Paths", "latent", "simulate"]

MONTH = 365.25 / 12  # days
SINGLE = 100  # contracts drawn one by one, the largest; the others are drawn in cells of like age and share
TOLD_APART = 300_000  # signings drawn one by one, over all draws; above it each month's are drawn as one sum


@dataclass(frozen=True)
class Known:
    """The record as a date knows it. Days count from that date, so what is known is at 0 or before.

    `begun` is the day from which a contract's age counts: its signing, or, where the record tells starts (`delayed`),
    its start, nan until then. `exposed` is the share of an amount that is held in another currency.
    """

    contract: list[str]
    signed: Floats
    begun: Floats
    amount: Floats
    exposed: Floats
    records: Records
    delayed: bool


@dataclass(frozen=True)
class Beliefs:
    """Posterior draws that belong together, [D, ...]: six of realisation, then signings, sizes, delay, exchange.

    `realisation` has K distinct rows, each of D / K draws in a row; the nodes are weighted once for each.
    """

    realisation: Floats
    signings: Floats
    sizes: Floats
    delay: Floats
    exchange: Floats


@dataclass(frozen=True)
class Paths:
    """`contracted` and `realised` [D, T] on the days `grid` [T]; `share` [D, T] of each contract drawn one by one."""

    grid: Floats
    contracted: Floats
    realised: Floats
    rate: Floats
    single: NDArray[np.int64]
    share: dict[int, Floats]

    def cumulated(self) -> Floats:
        """The yearly flow `realised` summed over time since the first day of the grid, [D, T]: trapezoids."""
        step = np.diff(self.grid) / 365.25
        steps = (self.realised[:, 1:] + self.realised[:, :-1]) / 2 * step
        return np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)


def simulate(
    known: Known, beliefs: Beliefs, grid: Floats, draw: np.random.Generator, watched: NDArray[np.int64] | None = None
) -> Paths:
    """Draw the programme on the days `grid` [T] (sorted, 0 among them), D = K R times.

    `watched` are positions of contracts whose drawn shares are kept.
    """
    K, D = len(beliefs.realisation), len(beliefs.sizes)
    rate = _rates(beliefs.exchange, grid, draw)
    largest = np.argsort(-known.amount, kind="stable")[:SINGLE]
    single = np.sort(largest)
    reach, log_pace = latent(known, single, beliefs, draw)
    shape = np.repeat(np.exp(beliefs.realisation[:, 4]), D // K)[:, None]
    realised, contracted = np.zeros((D, len(grid))), np.zeros((D, len(grid)))
    kept: dict[int, Floats] = {}
    keep = set() if watched is None else set(watched.tolist())
    for column, i in enumerate(single):
        begun = _begun(known, int(i), beliefs.delay, draw)
        share = reach[:, column, None] * grown((grid - begun) / MONTH, log_pace[:, column, None], shape)
        realised += known.amount[i] * share * (1 - known.exposed[i] + known.exposed[i] * rate)
        if int(i) in keep:
            kept[int(i)] = share
    rest = np.setdiff1d(np.arange(len(known.amount)), single)
    if len(rest):
        realised += _cells(known, rest, beliefs, grid, rate, draw)
    contracted += _signed_by(known, grid, rate)
    exposed = float(known.amount @ known.exposed / known.amount.sum()) if len(known.amount) else 0.0
    value = 1 - exposed + exposed * rate
    new_contracted, new_realised = _further(known, beliefs, grid, value, draw)
    return Paths(grid, contracted + new_contracted, realised + new_realised * value, rate, single, kept)


def _signed_by(known: Known, grid: Floats, rate: Floats) -> Floats:
    order = np.argsort(known.signed, kind="stable")
    at = np.searchsorted(known.signed[order], grid, side="right")
    fixed = np.concatenate([[0.0], np.cumsum((known.amount * (1 - known.exposed))[order])])[at]
    moved = np.concatenate([[0.0], np.cumsum((known.amount * known.exposed)[order])])[at]
    return fixed + moved * rate


def _rates(exchange: Floats, grid: Floats, draw: np.random.Generator) -> Floats:
    """The exchange rate over today's, [D, T]: 1 until today, then a random walk of its logarithm."""
    step = np.diff(np.maximum(grid, 0.0), prepend=0.0) / 365.25
    moves = exchange[:, :1] * step + np.exp(exchange[:, 1:]) * np.sqrt(step) * draw.standard_normal(
        (len(exchange), len(grid))
    )
    return np.exp(np.clip(np.cumsum(moves, axis=1), -20, 20))


def _begun(known: Known, i: int, delay: Floats, draw: np.random.Generator) -> Floats:
    """The day a contract's age counts from, [D, 1]; one that has not started waits on, without memory."""
    if np.isnan(known.begun[i]):
        return (draw.exponential(np.exp(delay)) * MONTH)[:, None]
    return np.full((len(delay), 1), known.begun[i])


def latent(
    known: Known, wanted: NDArray[np.int64], beliefs: Beliefs, draw: np.random.Generator
) -> tuple[Floats, Floats]:
    """u and log τ of the contracts at `wanted` (sorted) given their own shares, each [D, len(wanted)]."""
    K, D = len(beliefs.realisation), len(beliefs.sizes)
    R = D // K
    theta = np.repeat(beliefs.realisation, R, axis=0)
    z = draw.standard_normal((2, D, len(wanted)))
    records = known.records.of(wanted)
    seen = np.unique(records.contract)
    if len(seen):
        lattice = nodes()
        offset = np.arange(K)[:, None]
        for part in blocks(K, len(records.age) * NODES):
            weight = node_weights(beliefs.realisation[part], records, lattice)
            rows = offset[: weight.shape[0]]
            for j, i in enumerate(seen):
                ladder = np.cumsum(weight[:, j], axis=1)
                ladder /= ladder[:, -1:]
                found = np.searchsorted((ladder + rows).ravel(), (draw.random((len(rows), R)) + rows).ravel())
                node = np.minimum(found - np.repeat(rows, R) * NODES, NODES - 1)
                z[:, part.start * R : part.stop * R, i] = lattice[:, node]
    reach = expit(theta[:, :1] + np.exp(theta[:, 1:2]) * z[0])
    return reach, theta[:, 2:3] + np.exp(theta[:, 3:4]) * z[1]


def _cells(
    known: Known, rest: NDArray[np.int64], beliefs: Beliefs, grid: Floats, rate: Floats, draw: np.random.Generator
) -> Floats:
    """The realised sum of many contracts, [D, T]: cells of like age and last share, each a mean and a variance.

    A cell's contracts are independent given the common parameters, so their sum is all but normal. Bins of three
    months and five points; a cell stands at the means of its own, so what binning costs is below the error of a share.
    """
    begun = np.where(np.isnan(known.begun), float(np.exp(beliefs.delay).mean()) * MONTH, known.begun)
    last = _last(known.records)
    table = (
        pl.DataFrame({"contract": rest, "begun": begun[rest] / MONTH, "amount": known.amount[rest],
                      "exposed": known.exposed[rest]})
        .join(last, on="contract", how="left")
        .with_columns(amount2=pl.col("amount") ** 2, a=(pl.col("begun") / 3).floor(), b=(pl.col("age") / 3).floor(),
                      c=(pl.col("share") / 0.05).floor(), d=pl.col("share").is_in([0.0, 1.0]))
        .group_by("a", "b", "c", "d").agg(pl.col("begun", "age", "share").mean(), pl.col("amount", "amount2").sum())
        .sort("a", "b", "c", "d")
    )  # fmt: skip
    exposed = float(known.amount[rest] @ known.exposed[rest] / known.amount[rest].sum())
    start, amount, amount2 = (table[c].to_numpy() for c in ("begun", "amount", "amount2"))
    seen = table["share"].is_not_null().to_numpy()
    records = Records(
        np.arange(int(seen.sum())), table["age"].to_numpy()[seen], table["share"].to_numpy()[seen].astype(np.float64)
    )
    age = grid / MONTH - start[:, None]  # [C, T] months
    ages = np.arange(0.0, max(float(age.max()), 1.0) + 2)
    low = np.clip(np.floor(age), 0, len(ages) - 2).astype(np.int64)
    part = np.clip(age - low, 0, 1)
    K, D = len(beliefs.realisation), len(beliefs.sizes)
    lattice, out = nodes(), np.zeros((K, 2, len(grid)))
    for k in range(K):
        theta = beliefs.realisation[k : k + 1]
        u, log_pace = spread_out(theta, lattice)
        curve = u[0] * grown(ages[:, None], log_pace, np.exp(theta[:, 4:5]))  # [A, M]
        weight = np.full((len(start), NODES), 1 / NODES)
        if seen.any():
            weight[seen] = node_weights(theta, records, lattice)[0]
        rows = np.arange(len(start))[:, None]
        mean, square = ((1 - part) * m[rows, low] + part * m[rows, low + 1] for m in _moments(weight, curve))
        out[k] = amount @ mean, amount2 @ np.maximum(square - mean**2, 0)
    means, variance = (np.repeat(x, D // K, axis=0) for x in (out[:, 0], out[:, 1]))
    total = np.maximum(means + np.sqrt(variance) * draw.standard_normal((D, 1)), 0)
    return total * (1 - exposed + exposed * rate)


def _moments(weight: Floats, curve: Floats) -> tuple[Floats, Floats]:
    return weight @ curve.T, weight @ (curve**2).T


def _last(records: Records) -> pl.DataFrame:
    """Each contract's latest share."""
    frame = pl.DataFrame({"contract": records.contract, "age": records.age, "share": records.share})
    return frame.sort("contract", "age", "share").group_by("contract", maintain_order=True).last()


def _further(
    known: Known, beliefs: Beliefs, grid: Floats, value: Floats, draw: np.random.Generator
) -> tuple[Floats, Floats]:
    """What contracts signed from today on add: contracted at the day's rate, and realised before any rate, [D, T]."""
    D, T = len(beliefs.sizes), len(grid)
    ahead = np.flatnonzero(grid > 0)
    contracted, realised = np.zeros((D, T)), np.zeros((D, T))
    if not len(ahead):
        return contracted, realised
    starts = np.concatenate([[0.0], grid[ahead[:-1]]])
    step = grid[ahead] - starts
    counts = simulate_counts(beliefs.signings, step / MONTH, draw)
    if counts.sum() <= TOLD_APART:
        row = np.repeat(np.arange(D), counts.sum(1))
        column = np.repeat(np.tile(np.arange(len(ahead)), D), counts.ravel())
        amount = _sizes(beliefs.sizes[row], draw)
        signed = starts[column] + draw.random(len(row)) * step[column]
        np.add.at(contracted, (row, ahead[column]), amount)
        share = _fresh(row, signed, known.delayed, beliefs, grid[ahead], draw)
        np.add.at(realised, row, np.pad(amount[:, None] * share, ((0, 0), (T - len(ahead), 0))))
    else:
        sums = _sums(beliefs.sizes, counts, draw)
        contracted[:, ahead] = sums
        realised[:, ahead] = _cohorts(sums, starts + step / 2, known.delayed, beliefs, grid[ahead])
    return np.cumsum(contracted, axis=1) * value, realised


def _sizes(sizes: Floats, draw: np.random.Generator) -> Floats:
    return np.exp(np.minimum(sizes[:, 0] + np.exp(sizes[:, 1]) * draw.standard_normal(len(sizes)), 300))


def _fresh(
    row: NDArray[np.int64], signed: Floats, delayed: bool, beliefs: Beliefs, days: Floats, draw: np.random.Generator
) -> Floats:
    """Shares of new contracts, [events, days]: u and τ from the programme's own spread."""
    theta = beliefs.realisation[row // (len(beliefs.sizes) // len(beliefs.realisation))]
    z = draw.standard_normal((2, len(row)))
    begun = signed + (draw.exponential(np.exp(beliefs.delay[row])) * MONTH if delayed else 0.0)
    reach = expit(theta[:, 0] + np.exp(theta[:, 1]) * z[0])
    log_pace = theta[:, 2] + np.exp(theta[:, 3]) * z[1]
    return reach[:, None] * grown((days - begun[:, None]) / MONTH, log_pace[:, None], np.exp(theta[:, 4])[:, None])


def _sums(sizes: Floats, counts: NDArray[np.int64], draw: np.random.Generator) -> Floats:
    """Sums of many lognormals, [D, W], by their mean and variance: all but normal when they are many."""
    variance = np.exp(np.minimum(2 * sizes[:, 1:], 3.0))
    mean = np.exp(sizes[:, :1] + variance / 2)
    error = mean * np.sqrt(np.expm1(variance) * counts) * draw.standard_normal(counts.shape)
    return np.maximum(counts * mean + error, 0)


def _cohorts(sums: Floats, signed: Floats, delayed: bool, beliefs: Beliefs, days: Floats) -> Floats:
    """Realised of each month's many new contracts at their mean share, [D, days]."""
    R, lattice = len(beliefs.sizes) // len(beliefs.realisation), nodes()
    out = np.zeros((len(sums), len(days)))
    for k, theta in enumerate(beliefs.realisation):
        u, log_pace = spread_out(theta[None, :], lattice)
        wait = float(np.exp(beliefs.delay[k * R])) * MONTH if delayed else 0.0
        age = (days[None, :] - signed[:, None] - wait) / MONTH  # [cohorts, days]
        mean = (u[0] * grown(age[:, :, None], log_pace[0], np.exp(theta[4]))).mean(2)
        out[k * R : (k + 1) * R] = sums[k * R : (k + 1) * R] @ mean
    return out
