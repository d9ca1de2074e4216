"""A plan for a large model: one option a part, moved part by part.

Sweeps move each part and box to where its cost and what the rows charge for it are least: the rows charge by an augmented
Lagrangian, from the dual's prices, with weights that grow where rows stay broken, until a plan keeps them all. The first
sweeps are hot: each option's value is blurred by noise that dies away (simulated annealing, Kirkpatrick, Gelatt and Vecchi
1983), so that parts that crowd the same rows find their order slowly. Last, only moves are taken that break no hard
row and lower the true cost, of one part (`_sweep`) or of two at once (`exchange`). See docs/explanation/decomposition.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from onshore.blueprint.compiled import compiled
from onshore.sourcing.decomposition.exchange import exchange
from onshore.sourcing.decomposition.normal import Normal
from onshore.sourcing.decomposition.repair import repair
from onshore.sourcing.problem import Floats, Ints

__all__ = ["Choice", "balanced", "lowered"]

WEIGHT = 0.1
"""What the rows charge at first for the square of a part's typical use, as a share of a part's mean cost."""
GROWTH, SOON = 1.1, 1.5
"""By how much the weight of a row that is broken grows from sweep to sweep; more where a plan is to come soon."""
PACE = 0.3
"""How far prices follow: v + PACE x weight x what is over."""
COOL = (5e-4, 5e-6)
"""Heat of the first hot sweep and of the last, as shares of a part's mean cost."""
SOFTLY = (0.02, 0.05, 1.01)
"""WEIGHT, PACE and GROWTH of the hot sweeps."""
TRIED, REPAIRS, WIDE = 20, 20, 0.2
"""After so many sweeps it is tried to mend what is broken by single moves, in at most so many passes; a row that
more than this share of the options use may be broken on the way."""
DESCENTS = 30
EXCHANGES = 12
RECOUNTED = 50
"""Sums that were moved up and down drift: they are made afresh after so many sweeps."""


@dataclass
class Choice:
    """A point of a `Normal`: the weight (n,) of each of its table's options, and its boxes.

    `taken` (P,) is the option of a part that stands on one, -1 where a divisible part mixes several. `over` (R,) is G z - h.
    """

    normal: Normal
    weight: Floats  # (n,)
    boxes: Floats  # (B,)

    def __post_init__(self) -> None:
        n, t = self.normal, self.normal.table
        at = np.flatnonzero(self.weight)
        size = t.indptr[at + 1] - t.indptr[at]
        cells = np.repeat(t.indptr[at] - (np.cumsum(size) - size), size) + np.arange(size.sum())
        used = np.bincount(t.indices[cells], t.data[cells] * np.repeat(self.weight[at], size), len(n.right))
        self.over: Floats = used + n.matrix @ self.boxes - n.right
        self.taken = np.full(len(t.first) - 1, -1)
        whole = at[self.weight[at] == 1.0]
        self.taken[t.part[whole]] = whole

    @classmethod
    def of(cls, normal: Normal, taken: Ints, boxes: Floats, other: Floats | None = None) -> Choice:
        """Parts on `taken`; where that is -1, on the weights of `other`."""
        weight = np.zeros(len(normal.table.cost))
        if other is not None:
            mixed = taken[normal.table.part] < 0
            weight[mixed] = other[mixed]
        weight[taken[taken >= 0]] = 1.0
        return cls(normal, weight, boxes.copy())

    @classmethod
    def placed(cls, normal: Normal, which: Ints, weight: Floats, boxes: Floats) -> Choice:
        """These weights of the options at these places among all, in order."""
        own = np.zeros(len(normal.table.cost))
        own[np.searchsorted(normal.table.which, which)] = weight
        return cls(normal, own, boxes)

    @property
    def broken(self) -> np.ndarray:
        """(R,) bool: hard rows that it breaks."""
        return (self.over > self.normal.room) & np.isinf(self.normal.penalty)

    @property
    def cost(self) -> float:
        """The objective, penalties of soft limits in it."""
        n = self.normal
        soft = np.isfinite(n.penalty)
        missed = float(n.penalty[soft] @ np.maximum(0.0, self.over[soft]))
        return float(n.table.cost @ self.weight + n.cost @ self.boxes) + missed


def balanced(
    normal: Normal, start: Choice, prices: Floats, users: tuple[Ints, np.ndarray] | None, *, seed: int, hot: int, sweeps: int,
    stop: Callable[[], bool], up: Callable[[], bool] | None = None,
) -> Choice:  # fmt: skip
    """A plan; it may still break hard rows where none that keeps them was found in so many sweeps after so many hot ones.

    `stop` ends the sweeps that look for one; `up`, the same where left out, those that make it cheaper. `users` are those of
    `users_of`; without them the plan comes sooner, in fewer sweeps and without exchanges.
    """
    settling = _Settling(normal, start, prices, seed)
    settling.cool(hot, stop)
    kept = settling.settle(sweeps, stop, *((SOON, TRIED // 2) if users is None else (GROWTH, TRIED)))
    if kept.broken.any():
        return kept
    return lowered(kept, seed, users, up or stop)


def lowered(choice: Choice, seed: int, users: tuple[Ints, np.ndarray] | None, stop: Callable[[], bool]) -> Choice:
    """A plan that keeps every hard row, made cheaper by moves that keep them too; `users` as in `users_of`, None for no exchanges."""
    settling = _Settling(choice.normal, choice, np.zeros(len(choice.over)), seed)
    for _ in range(DESCENTS):
        if not settling.sweep(strict=True) or stop():
            break
    for turn in range(EXCHANGES):
        if users is None or stop() or not settling.exchange(turn, users):
            break
    made = settling.made()
    return choice if made.broken.any() or made.cost > choice.cost else made


class _Settling:
    """Parts and boxes on their way to a plan."""

    def __init__(self, normal: Normal, start: Choice, prices: Floats, seed: int) -> None:
        self.normal, self.mixed = normal, start.weight
        self.taken, self.boxes, self.over = start.taken.copy(), start.boxes.copy(), start.over.copy()
        self.price, self.weight = prices.copy(), self._weight(WEIGHT)
        self.slack, self.hard = 0.1 * normal.room, np.isinf(normal.penalty)
        self.rng = np.random.default_rng(seed)
        self.noise = np.uint64(self.rng.integers(1, 2**63))

    def _weight(self, share: float) -> Floats:
        n = self.normal
        return share * n.size.mean() / n.typical**2

    def made(self) -> Choice:
        return Choice.of(self.normal, self.taken, self.boxes, self.mixed)

    def sweep(self, *, strict: bool = False, heat: float = 0.0) -> int:
        n, t = self.normal, self.normal.table
        # side by side: parts come in random order, and each row they meet is one miss of the cache in place of four
        rows = np.stack([self.over, self.price, self.weight, n.penalty], axis=1)
        moved, noise = _sweep(
            self.rng.permutation(len(self.taken)), t.first, t.indptr, t.indices, t.data, t.cost, self.taken, rows, self.slack,
            strict, heat, self.noise,
        )  # fmt: skip
        self.noise, self.over = np.uint64(noise), rows[:, 0].copy()
        return moved + _shift(
            n.matrix.indptr.astype(np.int64), n.matrix.indices, n.matrix.data, n.cost, n.lower, n.upper, self.boxes,
            self.over, self.price, self.weight, n.penalty, self.slack, strict,
        )  # fmt: skip

    def cool(self, sweeps: int, stop: Callable[[], bool]) -> None:
        """Hot sweeps; the rows' prices follow what they lack."""
        weight, pace, growth = SOFTLY
        self.weight = self._weight(weight)
        unit = float(self.normal.size.mean())
        for turn in range(sweeps):
            self.sweep(heat=unit * COOL[0] * (COOL[1] / COOL[0]) ** (turn / sweeps))
            self.weight = np.where((self.over > self.slack) & self.hard, growth * self.weight, self.weight)
            self.price = np.maximum(0.0, self.price + pace * self.weight * self.over)
            if turn % RECOUNTED == RECOUNTED - 1:
                self.over = self.made().over
                if stop():
                    break
        self.weight = self._weight(WEIGHT)

    def settle(self, sweeps: int, stop: Callable[[], bool], growth: float = GROWTH, tried: int = TRIED) -> Choice:
        """Sweeps until no hard row is broken."""
        for turn in range(sweeps):
            self.sweep()
            broken = (self.over > self.slack) & self.hard
            if turn % tried == tried - 1 or not broken.any():
                made = self.mended()
                if not made.broken.any():
                    return made
                made = self.made()
                self.over = made.over
                broken = made.broken
            if not broken.any() or stop():
                break
            self.weight = np.where(broken, growth * self.weight, self.weight)
            self.price = np.maximum(0.0, self.price + PACE * self.weight * self.over)
        return self.made()

    def mended(self) -> Choice:
        """What the parts stand on, with what is broken mended as far as single moves can."""
        n, t = self.normal, self.normal.table
        boxes = self._fewer()
        taken, over = self.taken.copy(), Choice.of(n, self.taken, boxes, self.mixed).over
        for _ in range(REPAIRS):
            if not repair(
                self.rng.permutation(len(taken)), t.first, t.indptr, t.indices, t.data, t.cost, taken, over, n.penalty, self.slack,
                n.typical, n.used <= WIDE * len(t.cost),
            ):  # fmt: skip
                break
        return Choice.of(n, taken, boxes, self.mixed)

    def _fewer(self) -> Floats:
        """The boxes, the last of them lowered where they alone break a row, such as that of the modules in service."""
        n, boxes = self.normal, self.boxes.copy()
        over = self.made().over
        for r in np.flatnonzero((over > self.slack) & self.hard & (n.used == 0)):
            row = n.boxes_of_row[[r]]
            for b, each in zip(row.indices[::-1], row.data[::-1], strict=True):
                if each > 0:
                    fewer = min(boxes[b] - n.lower[b], np.ceil(max(0.0, over[r] - self.slack[r]) / each))
                    boxes[b] -= fewer
                    over[r] -= each * fewer
        return boxes

    def exchange(self, turn: int, users: tuple[Ints, np.ndarray]) -> int:
        t = self.normal.table
        order, room = self.rng.permutation(len(self.taken)), np.maximum(self.slack, self.over)
        return exchange(
            order, t.first, t.indptr, t.indices, t.data, t.cost, self.taken, self.over, room, *users, 7 * turn
        )


@compiled
def _charge(z0: float, z1: float, price: float, weight: float, penalty: float) -> float:
    """What a row charges for going from z0 over its side to z1: a soft row its penalty, a hard one the augmented Lagrangian."""
    if penalty < np.inf:
        return penalty * (max(0.0, z1) - max(0.0, z0))
    a = max(0.0, price + weight * z1)
    b = max(0.0, price + weight * z0)
    return (a * a - b * b) / (2.0 * weight)


@compiled
def _sweep(
    order: Ints, first: Ints, indptr: Ints, indices: np.ndarray, data: Floats, cost: Floats, taken: Ints, rows: Floats,
    slack: Floats, strict: bool, heat: float, noise: np.uint64,
) -> tuple[int, np.uint64]:  # fmt: skip
    """Move the parts in order; `taken` is changed, and what is over in `rows` (R, 4): over, price, weight, penalty. How many moved.
    `strict`: no hard row is broken.

    With `heat`, each option's value is blurred by -heat times a Gumbel number: the part stands on it with the chance that its
    value has at that temperature. `noise` is the state of the numbers (xorshift, Marsaglia 2003), and is handed back.
    """
    moved = 0
    u = noise
    for p in order:
        now = taken[p]
        if now < 0:
            continue
        wanting = 0  # hard rows that the part's own column alone kept
        for j in range(indptr[now], indptr[now + 1]):
            r = indices[j]
            rows[r, 0] -= data[j]
            wanting += strict and rows[r, 0] > slack[r] and rows[r, 3] == np.inf
        best, to = np.inf, now
        for turn in range(first[p] - 1, first[p + 1]):
            k = now if turn < first[p] else turn
            if turn == now:
                continue
            value, helped = cost[k], 0
            for j in range(indptr[k], indptr[k + 1]):
                r = indices[j]
                z0 = rows[r, 0]
                z1 = z0 + data[j]
                if not strict or rows[r, 3] < np.inf:
                    value += _charge(z0, z1, rows[r, 1], rows[r, 2], rows[r, 3])
                elif z1 > slack[r]:
                    value = np.inf
                    break
                else:
                    helped += z0 > slack[r]
            if heat > 0.0:
                u ^= u << np.uint64(13)
                u ^= u >> np.uint64(7)
                u ^= u << np.uint64(17)
                value += heat * np.log(-np.log((float(u >> np.uint64(11)) + 0.5) / 9007199254740992.0))
            if turn < first[p] or (value < best and helped == wanting):
                best, to = value, k
        if to != now:
            moved += 1
            taken[p] = to
        for j in range(indptr[to], indptr[to + 1]):
            rows[indices[j], 0] += data[j]
    return moved, u


@compiled
def _shift(
    indptr: Ints, indices: np.ndarray, data: Floats, cost: Floats, lower: Floats, upper: Floats, boxes: Floats, over: Floats,
    price: Floats, weight: Floats, penalty: Floats, slack: Floats, strict: bool,
) -> int:  # fmt: skip
    """Move each box one up or down where that pays. How many moved."""
    moved = 0
    for b in range(len(boxes)):
        best, step = -1e-9 * abs(cost[b]), 0.0
        for d in (-1.0, 1.0):
            if boxes[b] + d < lower[b] or boxes[b] + d > upper[b]:
                continue
            value = d * cost[b]
            for j in range(indptr[b], indptr[b + 1]):
                r = indices[j]
                z0 = over[r]
                z1 = z0 + d * data[j]
                if not strict or penalty[r] < np.inf:
                    value += _charge(z0, z1, price[r], weight[r], penalty[r])
                elif z1 > slack[r] and z1 > z0:
                    value = np.inf
                    break
            if value < best:
                best, step = value, d
        if step != 0.0:
            moved += 1
            boxes[b] += step
            for j in range(indptr[b], indptr[b + 1]):
                over[indices[j]] += step * data[j]
    return moved
