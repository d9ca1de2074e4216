"""A bound sharper than that of prices: what is split in the relaxation is decided, one way and the other, and priced again.

What the relaxation splits most dearly are few things: ventures and modules of which it pays a tenth, and large parts that it makes
half here, half there. Each branch decides one of them: a box at most or at least a whole number, a part made by a maker or not.
Its prices are those of the relaxation with all that is decided on the way to it, on columns that are added as they turn out cheap,
and its bound is theirs over every option that is left. The lowest branch is split next; the least bound of all branches that are
not split is below every plan's cost (Land and Doig 1960; columns that come as they are needed: Barnhart et al. 1998).
See docs/explanation/decomposition.md.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from onshore.blueprint.crew import THREADS
from onshore.sourcing.decomposition.cuts import Cuts, rounded
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.normal import OptionColumns, smallest
from onshore.sourcing.model import Mip
from onshore.sourcing.problem import Floats, Ints
from onshore.sourcing.solver import Relaxation
from onshore.sourcing.tree import Cut, Decision, Node, Tree

__all__ = ["Branch", "Branches"]

LANES = 2
"""Branches that are split side by side, each lane with a solver of its own: a count, as two machines must not differ."""
WHOLE = 1e-6
"""So near to a whole number something is whole."""
TRIED, TRUSTED = 8, 2
"""Of what is split, at most so many candidates are tried both ways; once so many were, no others of which it is known what they bring."""
FLOOR = 1e-3
"""A side that brings nothing counts as this share of the gap, so that the other one still tells candidates apart."""
ROUNDS, CUTS, EACH, LITTLE = 20, 40, 8, 0.005
"""Rounds of cuts at the root, a quarter of them later; cuts of a round at most, or one for so many parts where that is more; and the
share of the gap that a round has to bring."""
ADDED = 300
"""Columns that are added at once, the cheapest."""
EXACT = 1e-9
"""Share of the bound within which the relaxation on the columns that there are is that of all."""
NEAR = 15
"""Options of a part that a plan near a branch is looked for on, in the mean."""
GUESS = (0.1, 0.02)
"""What it is thought to bring to decide a box, of a part's mean size, and the maker of a part, of its size, where none was decided yet."""
DEAR = 10.0
"""So many times what there is to gain is what it costs to break a row, so that the relaxation always has an answer."""


@dataclass(frozen=True, order=True)
class Branch:
    """What is decided, and what no plan that agrees with it costs less than, as its prices prove; infinite where there is none.

    `split` are places among boxes, then pairs of a part and a maker, then parts that are split with one maker; `at` is what the
    relaxation has of them, of such a part what it has of the options before `cut`.
    """

    bound: float
    number: int
    lower: Floats  # (B,) boxes
    upper: Floats
    shut: np.ndarray  # (n,) bool: options that it leaves no plan
    prices: Floats  # (R,)
    of_cuts: Floats  # prices of the cuts that there were
    boxes: Floats  # (B,) as the relaxation has them
    split: Ints
    at: Floats
    cut: Ints


class Branches:
    """The branches that are not split, lowest first, of a model that no plan of `worst` or more is looked for in.

    Without `split` there is the first one only, which is cut and never grows.
    """

    def __init__(
        self, full: Full, prices: Floats, active: Ints, worst: float, up: Callable[[], bool], *, split: bool = True
    ) -> None:
        """`active` are the options, by their places among all that may be chosen, that the relaxation starts with."""
        self.full, self.prices, self.worst, self.up = full, prices, worst, up
        self.long = not split  # an answer of the relaxation may take seconds
        self.options = t = full.table.joined()
        self.part_of_pair, self.maker, self.via = _pairs(full, t)
        self.part = np.concatenate([self.part_of_pair, np.arange(len(full.size))])  # of a candidate that is no box
        self.brings = np.full((len(full.cost) + len(self.part), 2), np.nan)  # what deciding a candidate brings, by unit
        rows = sparse.csc_array((t.data, t.indices, t.indptr), shape=(len(full.right), len(t.cost)))
        one = sparse.csr_array((np.ones(len(t.cost)), (t.part, np.arange(len(t.cost)))))
        self.by_row, self.by_option = rows.tocsr(), rows.T.tocsr()
        self.uncut = sparse.csc_array(sparse.vstack([rows, one], format="csc"))
        self.cuts = Cuts.none(len(t.cost), len(full.cost))
        self.nodes: dict[int, Node] = {}
        self.proofs: dict[int, tuple[Floats, Floats]] = {}  # prices of rows and cuts of those that are not split
        # nothing that a better plan may gain is worth breaking a row, also where all that is paid are boxes and penalties
        none = np.zeros(len(t.cost), dtype=np.bool_)
        known = self.priced(full.lower, full.upper, none, prices, np.zeros(0))
        gap = worst - known.bound
        self.unit = max(float(full.size.mean()), gap if np.isfinite(gap) else 0.0)
        self.dear = np.minimum(full.penalty, DEAR * (prices + self.unit / full.over(full.table).typical))
        self.lanes = [_Lane(self, active) for _ in range(LANES if split else 1)]
        root = self._cut_at(known, ROUNDS)
        if len(self.cuts) and split:  # later cuts made most of the earlier ones idle
            kept = root.of_cuts > 0
            self.cuts = self.cuts.only(kept)
            self.lanes = [_Lane(self, self.lanes[0].used) for _ in range(LANES)]
            root = self.lanes[0].branch(full.lower, full.upper, none, replace(root, of_cuts=root.of_cuts[kept]))
        self.open: list[Branch] = []
        self.ended: list[Branch] = []  # where nothing is split any more
        self._keep(root, Node(None, None, more=False, bound=root.bound))

    def proved(self, lower: Floats, upper: Floats, shut: np.ndarray, v: Floats, w: Floats) -> tuple[float, Floats]:
        """LB of prices of rows (R,) and cuts, with this decided, and (n,) the reduced costs of all options."""
        full, t, cuts = self.full, self.options, self.cuts
        reduced = np.where(shut, np.inf, t.cost + self.by_option @ v + cuts.options.T @ w)
        of_boxes = full.cost + full.matrix.T @ v + cuts.boxes.T @ w
        bound = float(np.minimum.reduceat(reduced, t.first[:-1]).sum()) - float(v @ full.right) - float(w @ cuts.right)
        return bound + float(np.where(of_boxes < 0, of_boxes * upper, of_boxes * lower).sum()), reduced

    def priced(self, lower: Floats, upper: Floats, shut: np.ndarray, v: Floats, w: Floats) -> Branch:
        """The branch with this decided that nothing is known of but these prices."""
        none = np.zeros(0, dtype=np.int64)
        w = np.concatenate([w, np.zeros(len(self.cuts) - len(w))])
        bound = self.proved(lower, upper, shut, v, w)[0]
        return Branch(bound, -1, lower, upper, shut, v, w, np.round(lower), none, np.zeros(0), none)

    def _keep(self, branch: Branch, node: Node) -> None:
        """The branch as a node of the tree, under a number of its own if it has none yet; open where it may hold a better plan."""
        if branch.number < 0:
            branch = replace(branch, number=len(self.nodes))
        self.nodes[branch.number] = node
        self.proofs[branch.number] = branch.prices, branch.of_cuts
        if branch.bound < self.worst:
            heapq.heappush(self.open, branch)

    @property
    def bound(self) -> float:
        """What no plan costs less than, `worst` at most."""
        return min([self.worst, *(b.bound for b in self.open[:1]), *(b.bound for b in self.ended)])

    @property
    def lowest(self) -> list[Branch]:
        """The branches that may hold a plan better than `worst`, lowest first."""
        return sorted(b for b in [*self.open, *self.ended] if b.bound < self.worst)

    def grow(self, count: int) -> None:
        """Split so many, lowest first, and cut at the lowest that is left."""
        with ThreadPoolExecutor(min(THREADS, LANES)) as pool:
            for _ in range(-(-count // LANES)):
                some = self._next()
                # what is known of what they bring is the same for both lanes: the order of threads decides nothing
                for split in list(pool.map(lambda lane, b: lane.split(b), self.lanes, some)):
                    for candidate, side, brought in split.seen:
                        known = self.brings[candidate, side]
                        self.brings[candidate, side] = brought if np.isnan(known) else 0.5 * (known + brought)
                    number, node = split.branch.number, self.nodes[split.branch.number]
                    if split.at is None:
                        self._keep(split.branch, replace(node, bound=split.branch.bound))
                        continue
                    del self.proofs[number]
                    decision = self._decision(split.branch, split.at)
                    for more, child in enumerate(split.sides):
                        self._keep(child, Node(number, decision, bool(more), child.bound))
        lowest = min(self.open, default=None)
        if lowest is not None and lowest.bound < self.worst:
            self._cut_at(lowest, ROUNDS // 4)

    def _cut_at(self, branch: Branch, rounds: int) -> Branch:
        """The branch after so many rounds of cuts at it."""
        lane, hard = self.lanes[0], np.isinf(self.full.penalty)
        sides = branch.lower, branch.upper, branch.shut
        branch = lane.branch(*sides, branch)
        for _ in range(rounds):
            if branch.bound >= self.worst or self.up():
                break
            before = branch.bound
            rows = np.flatnonzero(hard & (branch.prices > 0))
            most = max(CUTS, len(self.full.size) // EACH)
            more = rounded(self.full, self.options, self.by_row, lane.weight, branch.boxes, rows, most)
            if not len(more):
                break
            self.cuts = self.cuts.and_(more)
            for each in self.lanes:
                each.take(more)
            branch = lane.branch(*sides, branch)
            if branch.bound - before < LITTLE * (self.worst - before):
                break
        return branch

    def _next(self) -> list[Branch]:
        some: list[Branch] = []
        while self.open and len(some) < LANES and not self.up():
            branch = heapq.heappop(self.open)
            if branch.bound >= self.worst:
                continue
            if len(branch.split):
                some.append(branch)
            else:
                self.ended.append(branch)
        return some

    def leads(self, count: int) -> list[Branch]:
        """Where so many of the lowest branches lead, once all boxes are whole."""
        lowest, made = self.lowest[:count], list[Branch | None]()
        with ThreadPoolExecutor(min(THREADS, LANES)) as pool:
            for at in range(0, len(lowest), LANES):
                if not self.up():
                    made += pool.map(lambda lane, b: lane.plunged(b), self.lanes, lowest[at : at + LANES])
        return [b for b in made if b is not None]

    def near(self, branch: Branch) -> Ints:
        """Of each part about `NEAR` options, by their places in the whole table: those that cost least more than its best one at the prices
        of a branch, whatever that has decided."""
        t, none = self.options, np.zeros(len(self.options.cost), dtype=np.bool_)
        full, w = self.full, np.concatenate([branch.of_cuts, np.zeros(len(self.cuts) - len(branch.of_cuts))])
        reduced = self.proved(full.lower, full.upper, none, branch.prices, w)[1]
        more = reduced - np.repeat(np.minimum.reduceat(reduced, t.first[:-1]), np.diff(t.first))
        count = min(len(more) - 1, NEAR * len(full.size))
        return t.which[more <= np.partition(more, count)[count]]

    def tree(self) -> Tree:
        """What proves the bound."""
        full, cuts, t = self.full, self.cuts, self.options
        priced = sorted({c for _, w in self.proofs.values() for c in np.flatnonzero(w).tolist()})
        nodes = dict(self.nodes)
        for number, (v, w) in self.proofs.items():
            r, own = np.flatnonzero(v), np.flatnonzero(w)
            prices = dict(zip(full.rows[r].tolist(), (-full.sign[r] * v[r]).tolist(), strict=True))
            of_cuts = dict(zip(own.tolist(), (-w[own]).tolist(), strict=True))
            nodes[number] = replace(nodes[number], rows=prices, cuts=of_cuts)
        told = {}
        for c in priced:
            counted, flipped = (x[[c], :].indices for x in (cuts.counted, cuts.flipped))
            told[c] = Cut(int(full.rows[cuts.row[c]]), float(cuts.divisor[c]), t.which[counted], full.boxes[flipped])
        return Tree(nodes, told)

    def rooted(self) -> tuple[Full, Floats]:
        """The model with the cuts that have a price in the first branch as rows, and prices of all rows."""
        v, w = self.proofs[0]
        cuts, w = self.cuts.only(w > 0), w[w > 0]
        full = self.full.with_rows(cuts.options, cuts.boxes, cuts.right, self.full.maker[cuts.row])
        return full, np.concatenate([v, w])

    def _decision(self, branch: Branch, at: int) -> Decision:
        """What a branch was split by, at this place among what is split in it."""
        B, j, most = len(self.full.cost), int(branch.split[at]), int(np.floor(branch.at[at]))
        if j < B:
            return Decision(most, box=int(self.full.boxes[j]))
        part = int(self.part[j - B])
        if branch.cut[at] >= 0:
            return Decision(0, part=part, before=int(self.options.which[branch.cut[at]]))
        return Decision(0, part=part, maker=int(self.maker[j - B]))

    def fractional(self, z: Floats, weight: Floats) -> tuple[Ints, Floats, Ints]:
        """What boxes z (B,) and weights (n,) of options leave split: `split`, `at` and `cut` of a branch."""
        B, t = len(z), self.options
        pair = self.via @ weight
        boxes = np.flatnonzero(np.abs(z - np.round(z)) > WHOLE)
        pairs = np.flatnonzero((pair > WHOLE) & (pair < 1.0 - WHOLE))
        # what several options have too little of to count may be what the only other one lacks
        split = np.bincount(t.part[weight > WHOLE], minlength=len(t.first) - 1) > 1
        split[self.part_of_pair[pairs]] = False
        parts = np.flatnonzero(split & ~self.full.divisible)
        before, cut = np.zeros(len(parts)), np.zeros(len(parts), dtype=np.int64)
        for i, p in enumerate(parts.tolist()):
            span = slice(t.first[p], t.first[p + 1])
            some = t.first[p] + np.flatnonzero(weight[span] > WHOLE)
            sums = np.cumsum(weight[some])[:-1]
            place = int(np.argmin(np.abs(sums - 0.5)))
            before[i], cut[i] = sums[place], some[place + 1]
        return (
            np.concatenate([boxes, B + pairs, B + len(pair) + parts]), np.concatenate([z[boxes], pair[pairs], before]),
            np.concatenate([np.full(len(boxes) + len(pairs), -1), cut]),
        )  # fmt: skip

    def candidates(self, branch: Branch) -> Ints:
        """What is split in a branch, what is thought to bring most first."""
        B = len(self.full.cost)
        f, over = branch.split, branch.at - np.floor(branch.at)
        size = self.full.size[self.part]
        gain = np.ones(len(f))
        for side, share in ((0, over), (1, 1.0 - over)):
            boxes, pairs = self.brings[:B, side], self.brings[B:, side]
            some = np.isfinite(pairs)
            mean = np.nanmean(boxes) if np.isfinite(boxes).any() else GUESS[0] * self.full.size.mean()
            rate = pairs[some].sum() / size[some].sum() if some.any() else GUESS[1]
            guessed = np.concatenate([np.where(np.isnan(boxes), mean, boxes), np.where(some, pairs, rate * size)])
            gain *= np.maximum(guessed[f] * share, 1e-9 * self.full.size.mean())
        return np.argsort(-gain, kind="stable")

    def decided(self, branch: Branch, at: int, side: int) -> tuple[Floats, Floats, np.ndarray]:
        """Sides of the boxes and what is shut once the candidate at this place is decided: 0 for at most or not, 1 for at least or so."""
        B, j, t = len(self.full.cost), int(branch.split[at]), self.options
        lower, upper, shut = branch.lower.copy(), branch.upper.copy(), branch.shut
        if j < B:
            if side == 0:
                upper[j] = np.floor(branch.at[at])
            else:
                lower[j] = np.ceil(branch.at[at])
            return lower, upper, shut
        span = slice(*t.first[self.part[j - B] :][:2])
        through = np.zeros(len(shut), dtype=np.bool_)
        if branch.cut[at] >= 0:
            through[span.start : branch.cut[at]] = True
        else:
            through[self.via.indices[self.via.indptr[j - B] : self.via.indptr[j - B + 1]]] = True
        shut = shut.copy()
        shut[span] |= through[span] if side == 0 else ~through[span]
        return lower, upper, shut


class _Lane:
    """A solver with columns of its own. Its columns: boxes, what rows are broken by, then options and what cuts are broken by, as they
    came; of these, place n stands for all of the latter."""

    def __init__(self, of: Branches, used: Ints) -> None:
        self.of, self.used = of, used[used < len(of.options.cost)]
        full, t, used = of.full, of.options, self.used
        R, P, B = len(full.right), len(t.first) - 1, len(full.cost)
        self.weight = np.zeros(len(t.cost))  # of options, in the branch asked last
        boxes = sparse.vstack([full.matrix, sparse.csc_array((P, B))])
        broken = sparse.vstack([-sparse.eye_array(R), sparse.csc_array((P, R))])
        count = B + R + len(used)
        self.model = Relaxation(
            Mip(
                np.concatenate([full.cost, of.dear, t.cost[used]]),
                sparse.csr_array(sparse.hstack([boxes, broken, of.uncut[:, used]], format="csr")),
                np.concatenate([np.full(R, -np.inf), np.ones(P)]), np.concatenate([full.right, np.ones(P)]),
                np.zeros(count), np.full(count, np.inf), np.zeros(count, dtype=np.bool_),
            ),
            of.up if of.long else None,
        )  # fmt: skip
        self.rows = R + P
        if len(of.cuts):
            self.take(of.cuts)

    def take(self, cuts: Cuts) -> None:
        """Rows for these cuts, and columns that break them: the columns that there are may not keep them all."""
        of, C = self.of, len(cuts)
        broken = sparse.csr_array((C, len(of.full.right)))
        held = sparse.hstack([cuts.options, sparse.csr_array((C, 1))], format="csr")[:, self.used]
        self.model.cut(sparse.csr_array(sparse.hstack([cuts.boxes, broken, held], format="csr")), cuts.right)
        self.rows += C
        own = np.arange(C)
        self.model.add(
            DEAR * (cuts.divisor * of.prices[cuts.row] + of.unit),
            sparse.csc_array((-np.ones(C), (self.rows - C + own, own)), shape=(self.rows, C)),
        )
        self.used = np.concatenate([self.used, np.full(C, len(of.options.cost))])

    def branch(self, lower: Floats, upper: Floats, shut: np.ndarray, known: Branch) -> Branch:
        """The branch with this decided, as far as it may hold a plan better than `worst`. `known` is one that holds all its plans."""
        of = self.of
        full, t = of.full, of.options
        R, B = len(full.right), len(full.cost)
        first = t.first[:-1]
        while True:
            free = np.append(np.where(shut, 0.0, np.inf), np.inf)[self.used]
            found = self.model.solve(
                np.concatenate([lower, np.zeros(R + len(self.used))]), np.concatenate([upper, np.full(R, np.inf), free])
            )
            if found.point is None or found.prices is None:
                if found.status == "infeasible" and self._filled(shut):
                    continue
                # a part has no option, which any prices prove; or the solver could not tell: no more is known than before
                return of.priced(lower, upper, shut, known.prices, known.of_cuts)
            v = np.minimum(np.maximum(0.0, -found.prices[:R]), full.penalty)
            w = np.maximum(0.0, -found.prices[R + len(first) :])
            bound, reduced = of.proved(lower, upper, shut, v, w)
            if bound >= of.worst:
                return of.priced(lower, upper, shut, v, w)
            cheaper = np.append(reduced - found.prices[R : R + len(first)][t.part] < -EXACT * full.size[t.part], False)
            cheaper[self.used] = False
            new = np.flatnonzero(cheaper)
            if not len(new) or found.bound - bound <= EXACT * abs(found.bound):
                break
            self._add(new[np.argsort((reduced - found.prices[R : R + len(first)][t.part])[new], kind="stable")[:ADDED]])
        z = found.point[:B]
        self.weight = np.zeros(len(t.cost) + 1)
        self.weight[self.used] = found.point[B + R :]
        self.weight = self.weight[:-1]
        split, at, cut = of.fractional(z, self.weight)
        if (
            bound < known.bound
        ):  # a branch is no lower than the one it was split from, whose prices prove that of it as well
            again = of.priced(lower, upper, shut, known.prices, known.of_cuts)
            if again.bound > bound:
                bound, v, w = again.bound, again.prices, again.of_cuts
        return Branch(bound, -1, lower, upper, shut, v, w, z, split, at, cut)

    def _add(self, options: Ints) -> None:
        of = self.of
        columns = sparse.vstack([of.uncut[:, options], of.cuts.options[:, options]], format="csc")
        self.model.add(of.options.cost[options], sparse.csc_array(columns))
        self.used = np.concatenate([self.used, options])

    def _filled(self, shut: np.ndarray) -> bool:
        """Columns for the parts that have none left: False where there are no options either, or where none was missing."""
        t = self.of.options
        there = np.zeros(len(shut) + 1, dtype=np.bool_)
        there[self.used] = True
        lacking = ~np.logical_or.reduceat(there[:-1] & ~shut, t.first[:-1])
        cost = np.where(shut, np.inf, t.cost)
        cheapest = smallest(t.first, cost)[lacking]
        if not len(cheapest) or not np.isfinite(cost[cheapest]).all():
            return False
        self._add(cheapest)
        return True

    def split(self, branch: Branch) -> _Split:
        """The branch, and what it falls into by the candidate that brings most."""
        of, best, seen = self.of, None, []
        # there may be cuts since
        branch = replace(self.branch(branch.lower, branch.upper, branch.shut, branch), number=branch.number)
        if branch.bound >= of.worst or not len(branch.split):
            return _Split(branch, None, (), ())
        for tried, at in enumerate(of.candidates(branch).tolist()):
            known = np.isfinite(of.brings[branch.split[at]]).all()
            if best is not None and (tried >= TRIED or (known and tried >= TRUSTED)):
                break
            over = branch.at[at] - np.floor(branch.at[at])
            sides, gains = [], 1.0
            for side, share in ((0, over), (1, 1.0 - over)):
                child = self.branch(*of.decided(branch, at, side), branch)
                gain = min(child.bound, of.worst) - branch.bound
                seen.append((int(branch.split[at]), side, max(0.0, gain) / share))
                gains *= max(gain, FLOOR * (of.worst - branch.bound))
                sides.append(child)
            if best is None or gains > best[0]:
                best = (gains, at, tuple(sides))
        assert best is not None
        return _Split(branch, best[1], best[2], tuple(seen))

    def plunged(self, branch: Branch) -> Branch | None:
        """Box after box decided, the nearest to whole first and the way it is nearer to, until all are: where to look for a plan."""
        of, at = self.of, branch
        while True:
            box = np.flatnonzero(at.split < len(of.full.cost))
            if not len(box):
                return at
            place = int(box[np.argmin(np.abs(at.at[box] - np.round(at.at[box])))])
            nearer = int(np.round(at.at[place]) > at.at[place])
            for side in (nearer, 1 - nearer):
                child = self.branch(*of.decided(at, place, side), at)
                if child.bound < of.worst:
                    break
            else:
                return None
            at = child


@dataclass(frozen=True)
class _Split:
    """A branch asked again, the place of what it was split by (None where it was not), both sides, and what each one tried brought:
    (candidate, side, by unit)."""

    branch: Branch
    at: int | None
    sides: tuple[Branch, ...]
    seen: tuple[tuple[int, int, float], ...]


def _pairs(full: Full, t: OptionColumns) -> tuple[Ints, Ints, sparse.csr_array]:
    """Each part with each maker it may be made by: the part, the maker, and (pairs, n) the options through him. Not of divisible parts, which may
    have several makers."""
    maker = full.maker[t.indices]
    option = np.repeat(np.arange(len(t.cost)), np.diff(t.indptr))
    count = int(full.maker.max(initial=0)) + 1
    own = (maker >= 0) & ~full.divisible[t.part[option]]
    met = np.unique(np.stack([t.part[option[own]] * count + maker[own], option[own]], axis=1), axis=0)
    pairs, place = np.unique(met[:, 0], return_inverse=True)
    via = sparse.csr_array((np.ones(len(met)), (place.reshape(-1), met[:, 1])), shape=(len(pairs), len(t.cost)))
    return pairs // count, pairs % count, via
