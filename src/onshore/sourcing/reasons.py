"""Why a part stays imported, or a better option of an awarded part was passed over: what stands against moving to it.

The reason is found by making the move on paper: the option, and the ventures it needs opened, with all else as
planned. Either the objective gets worse (`dearer`), or named rows have no room for it (`limit`). So a reason can be
acted on: give those rows that much more room and the plan gets better by at least the saving named.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy import sparse

from onshore.sourcing.declared import TABLES
from onshore.sourcing.limits import Sum
from onshore.sourcing.model import Model
from onshore.sourcing.options import Options, ranges
from onshore.sourcing.problem import Floats, Ints, Problem

__all__ = ["Moves", "passed_over", "reasons_of"]


def reasons_of(moves: Moves) -> pl.DataFrame:
    """A row for every part that stays imported; see the declared table `reasons`."""
    problem, options = moves.problem, moves.options
    first = options.first_of_part[:-1]
    stays = (moves.point[first] >= 1.0) & problem.parts.need.any(axis=1)
    wanted = np.where(moves.permitted, moves.wanted, np.inf)
    wanted[first] = np.inf
    best, least = _least(wanted, options.first_of_part)
    without = np.flatnonzero(stays & np.isinf(least))
    offered = np.bincount(problem.offers.part, minlength=len(stays)) > 0
    left_out = np.diff(options.first_of_part) == 1
    why = np.where(~offered, "no offer", np.where(left_out, "never possible", "forbidden"))[without]
    labels = pl.Series(problem.parts.labels, dtype=pl.String)
    rows = pl.DataFrame({"part": labels.gather(without), "why": pl.Series(why, dtype=pl.String)})
    return pl.concat([moves.against(best[stays & np.isfinite(least)]), rows], how="diagonal")


def passed_over(moves: Moves) -> pl.DataFrame:
    """A row for every part made at home whose best option, limits apart, is another; see the declared table."""
    problem, options, model = moves.problem, moves.options, moves.model
    first = options.first_of_part[:-1]
    made = (moves.point[first] != 1.0) & problem.parts.need.any(axis=1)
    best, least = _least(np.where(moves.permitted, moves.wanted, np.inf), options.first_of_part)
    now = np.add.reduceat(model.cost[model.options] * moves.point[model.options], first)
    better = least < now - 1e-9 * np.maximum(1.0, np.abs(now))
    return moves.against(best[made & better]).filter(pl.col("why") != "dearer")


def _least(values: Floats, first: Ints) -> tuple[Ints, Floats]:
    """(P,) the first option of each part that has the least of the values (K,), and that value."""
    least = np.minimum.reduceat(values, first[:-1])
    at = np.flatnonzero(values == np.repeat(least, np.diff(first)))
    return at[np.searchsorted(at, first[:-1])], least


class Moves:
    """Moves of single parts away from a plan, made on paper."""

    def __init__(self, problem: Problem, options: Options, model: Model, point: Floats) -> None:
        self.problem, self.options, self.model, self.point = problem, options, model, point
        self.activity = model.matrix @ point
        self.permitted = model.upper[model.options] > 0
        self.wanted = model.cost[model.options] + self._openings()
        self.penalty = np.full(len(model.low), np.inf)
        self.penalty[model.blocks["limits"]] = [np.inf if b.penalty is None else b.penalty for b in model.bounds]

    def _openings(self) -> Floats:
        """(K,) cost of opening the closed ventures that each option needs."""
        leg = np.arange(len(self.options.legs.offer))
        option, venture = self._closed(self.options.option_of_leg, leg)
        cost = self.model.cost[self.model.ventures][venture]
        return np.asarray(np.bincount(option, cost, self.options.count), dtype=np.float64)

    def _closed(self, of: Ints, leg: Ints) -> tuple[Ints, Ints]:
        """Each closed venture, once, that is needed by what the legs are `of`: (n,) of, and (n,) venture."""
        o, V = self.problem.offers, len(self.problem.ventures.labels)
        offer = self.options.legs.offer[leg]
        there = o.in_venture[offer]
        pair = np.unique(of[there] * V + o.venture[offer[there]])
        of, venture = pair // max(V, 1), pair % max(V, 1)
        closed = self.point[self.model.ventures][venture] == 0
        return of[closed], venture[closed]

    def against(self, best: Ints) -> pl.DataFrame:
        """What moving its part from what is planned for it to each option `best` (m,), of a part of its own, costs and breaks."""
        options, model, point, m = self.options, self.model, self.point, len(best)
        legs = options.first_of_option[best + 1] - options.first_of_option[best]
        leg = ranges(options.first_of_option[best], options.first_of_option[best + 1])
        opener, venture = self._closed(np.repeat(np.arange(m), legs), leg)
        now = np.flatnonzero(point[model.options] > 0)
        of_part = np.full(len(self.problem.parts.labels), -1)
        of_part[options.part[best]] = np.arange(m)
        leaver = of_part[options.part[now]]
        now, leaver = now[leaver >= 0], leaver[leaver >= 0]
        opened = model.ventures.start + venture
        stay_cost = np.bincount(leaver, model.cost[now] * point[now], m)
        worse = model.cost[best] - stay_cost + np.bincount(opener, model.cost[opened], m)
        columns, at = np.unique(np.concatenate([best, opened, now]), return_inverse=True)
        times = np.concatenate([np.ones(m + len(opened)), -point[now]])
        mover = np.concatenate([np.arange(m), opener, leaver])
        steps = sparse.csr_array((times, (mover, at)), shape=(m, len(columns)))
        change = steps @ sparse.csr_array(model.matrix[:, columns].T)  # of the whole matrix, few columns move
        change.sort_indices()
        row, move = change.indices, np.repeat(np.arange(m), np.diff(change.indptr))
        before, low, high, penalty = (a[row] for a in (self.activity, model.low, model.high, self.penalty))
        moved = before + change.data
        over = np.maximum(moved - high, low - moved)
        soft = np.isfinite(penalty)
        missed = np.maximum(0.0, over) - np.maximum(0.0, np.maximum(before - high, low - before))
        worse = worse + np.bincount(move[soft], penalty[soft] * missed[soft], m)
        tight = 1e-9 * np.maximum(1.0, np.maximum(np.abs(moved), np.abs(before)))
        broken = np.flatnonzero((over > tight) & ~soft & (worse < 0)[move])
        share = (over / np.maximum(1e-12, np.abs(moved)))[broken]
        broken = broken[np.lexsort((-share, move[broken]))]  # of each move, the largest first
        spans = np.searchsorted(move[broken], np.arange(m + 1))
        held = np.flatnonzero(np.diff(spans))
        worst = broken[spans[held]]
        excess = np.full(m, np.nan)
        excess[held] = self._in_own_units(row[worst], over[worst], best[held], now, leaver, held)
        names = {r: self._name(r) for r in np.unique(row[broken]).tolist()}
        told = [names[r] for r in row[broken].tolist()]
        against: list[str | None] = [None] * m
        for i in held.tolist():
            against[i] = "; ".join(told[spans[i] : spans[i + 1]])
        labels, ends = self.problem.offers.labels, np.cumsum(legs)
        offers = [labels[a] for a in options.legs.offer[leg].tolist()]
        why = np.where(worse >= 0, "dearer", np.where(np.diff(spans) > 0, "limit", "within the gap"))
        dearer = np.divide(worse, np.abs(stay_cost), out=np.full(m, np.nan), where=stay_cost != 0)
        made = {
            "part": pl.Series(self.problem.parts.labels, dtype=pl.String).gather(options.part[best]),
            "why": pl.Series(why, dtype=pl.String),
            "offer": [" + ".join(offers[b - n : b]) or "imported" for b, n in zip(ends.tolist(), legs.tolist(), strict=True)],
            "saving": -worse + 0.0, "dearer_share": pl.Series(dearer, nan_to_null=True),
            "stands_against": against, "excess": pl.Series(excess, nan_to_null=True),
        }  # fmt: skip
        return pl.DataFrame(made, schema_overrides=TABLES["reasons"].types)

    def _name(self, row: int) -> str:
        """A limit by its name, any other row with its block before it."""
        block = next(name for name, rows in self.model.blocks.items() if rows.start <= row < rows.stop)
        return self.model.names[row] if block == "limits" else f"{block}: {self.model.names[row]}"

    def _in_own_units(self, row: Ints, over: Floats, best: Ints, now: Ints, leaver: Ints, move: Ints) -> Floats:
        """What each row (n,) lacks, in the unit of its limit: a share's row is written times what it is a share of.

        `best` and `move` (n,) are what is moved to and its number; `now` and `leaver` are what all moves leave and their numbers.
        """
        lacks = over.copy()
        limits = self.model.blocks["limits"]
        for r in np.unique(row[(row >= limits.start) & (row < limits.stop)]).tolist():
            bound = self.model.bounds[r - limits.start]
            if bound.denominator is None:
                continue
            here = np.flatnonzero(row == r)
            first, last = (np.searchsorted(leaver, move[here], side=side) for side in ("left", "right"))
            left = now[ranges(first, last)]
            lost = _weights(bound.denominator, left) * self.point[left]
            below = bound.denominator.at(self.point[self.model.options]) + _weights(bound.denominator, best[here])
            below -= np.bincount(np.repeat(np.arange(len(here)), last - first), lost, len(here))
            scaled = over[here] * (1e6 if bound.measure == "defects_ppm" else 1.0)
            lacks[here] = np.divide(scaled, below, out=over[here].copy(), where=below != 0)
        return lacks


def _weights(terms: Sum, options: Ints) -> Floats:
    """What each of some options (n,) counts in a sum."""
    if not len(terms.options):
        return np.zeros(len(options))
    at = np.minimum(np.searchsorted(terms.options, options), len(terms.options) - 1)
    return np.where(terms.options[at] == options, terms.weights[at], 0.0)
