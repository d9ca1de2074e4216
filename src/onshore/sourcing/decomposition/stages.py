"""The stages of a search by decomposition, and the state that they share: prices, the best plan, branches, losses.

In what order they come is told in `decomposed`; each is counted, none is timed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from onshore.sourcing.certificate import Losses
from onshore.sourcing.decomposition.boxes import climb_on_active, dived, soft_boxes
from onshore.sourcing.decomposition.branching import Branch, Branches
from onshore.sourcing.decomposition.clock import Clock
from onshore.sourcing.decomposition.dual import Dual
from onshore.sourcing.decomposition.exchange import users_of
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.losses import losses_of, weights
from onshore.sourcing.decomposition.merging import Pool
from onshore.sourcing.decomposition.normal import Normal, smallest
from onshore.sourcing.decomposition.search import Choice, balanced, lowered
from onshore.sourcing.decomposition.table import Block
from onshore.sourcing.decomposition.windows import Windows
from onshore.sourcing.problem import Floats, Ints
from onshore.sourcing.solver import Progress

__all__ = ["Impossible", "Stages"]

COARSE = ((3e-2, 20), (1e-2, 20), (5e-3, 20))
"""Temperature and steps of the first climbs, on one option in so many (`EVERY`) and each part's cheapest ones."""
EVERY = 7
FINE = ((3e-3, 60), (2e-3, 60), (1e-3, 100), (5e-4, 100), (2e-4, 100), (1e-4, 100), (5e-5, 100), (2e-5, 100))
"""And of those on the active table."""
WARM = 3
"""With prices to start from, the first climbs are left out."""
FEW = 10_000
"""Active options up to which the interior-point method finishes the prices."""
INTERIOR = 8
"""At most so many times, each with the options that the last prices made cheap."""
NEAR = 0.01
"""Options within this share of a part's cost, by reduced cost, may stand in a plan."""
SOFT = 1e-3
"""Temperature at which boxes that are not fixed are rounded from the prices."""
SEEDS, HOT, SWEEPS = 4, 400, 900
TRIES = 3
"""Where seeds fail with the boxes that are fixed, so many times as many are tried before these may move."""
EARLY = 40
"""Hot sweeps of the first plan, which is to come soon."""
WINDOW, LARGEST = 25, 50
"""Parts of a window at first, and once a round of such gains little."""
AT_ONCE = 4
"""Windows that are looked at side by side: a count, since as many as there are processors would make two machines differ."""
APART = 5
"""So many times the parts of a window are there at least for each of them: where they are fewer, windows get in each other's way."""
MENDINGS = 60
"""At most so many windows to mend what is broken; they grow as they fail."""
FEW_BROKEN = 4
"""A plan to start from that breaks so few rows is mended by as many windows; one that breaks more settles anew."""
STILL = 0.001
"""The prices climb no more when a temperature takes less than this share off the gap to the plan that there is."""
CLOSE = 0.004
"""A plan within this share of its cost tells well enough how much has to be looked for at each maker."""
GAIN = 0.02
"""A round gains little when it takes less than this share off the gap."""
LEADS = 4
"""Each round plans are sought where so many of the lowest branches lead ..."""
STAGES, GROWN = 4, 16
"""... while so many times so many are split, with cuts at the lowest one after."""


class Impossible(Exception):
    """No plan can cost less than the bound, and none can cost as much."""


class Stages:
    """The state of one search: the dual, the best choice so far, and what ends it.

    A plan is sought at the prices of `guide`: the dual's own, and those of whole boxes (`boxes`) once there are any. The bound is `blunt`
    where what makers lose may be added to it and is not yet. The table is small
    enough to be `branched`, or to be `cut`, or neither; plans are merged where it is one of both.
    """

    def __init__(
        self, full: Full, clock: Clock, gap: float, progress: Callable[[Progress], None] | None, *,
        blunt: bool, branched: bool, cut: bool,
    ) -> None:  # fmt: skip
        self.full, self.clock, self.gap, self.progress, self.blunt = full, clock, gap, progress, blunt
        self.branched, self.cut = branched, cut
        self.dual = self.guide = Dual.start(full)
        self.choice: Choice | None = None  # the best plan
        self.pool = Pool()
        self.nearly: Choice | None = None
        self.losses, self.lost_at, self.lost_above = Losses.none(), (full, self.dual.best), -np.inf
        self.branches: Branches | None = None
        self.branched_to = -np.inf  # their bound, when they were last looked at
        self.followed: set[bytes] = set()
        self.stale = 0  # rounds with branches since one made the plan much better

    @property
    def bound(self) -> float:
        """What no plan costs less than."""
        return max(self.dual.bound, self.branched_to, self.lost_above + self.losses.total)

    @property
    def cost(self) -> float:
        """Of the best plan, infinite without one."""
        return np.inf if self.choice is None else self.choice.cost

    @property
    def done(self) -> bool:
        best = self.choice
        return best is not None and best.cost - self.bound <= self.gap * abs(best.cost)

    @property
    def enough(self) -> bool:
        """Whether there is a plan, and it is good enough or time is up."""
        return self.choice is not None and (self.done or self.clock.up())

    def tell(self, stage: str) -> None:
        if self.bound > self.full.ceiling:
            raise Impossible
        if self.progress is not None:
            best = self.choice
            cost = None if best is None else best.cost
            share = (cost - self.bound) / abs(cost) if cost else None
            self.progress(Progress(self.clock.seconds, stage, self.bound, cost, share))

    def run(self, start: tuple[Floats | None, Choice | None] | None) -> None:
        if start is not None:
            self.resume(*start)
            if self.done:
                return
        warm = start is not None and start[0] is not None
        if not warm:
            self.coarse()
        for turn, (tau, steps) in enumerate(FINE[WARM:] if warm else FINE):
            if self.enough:
                break
            before = self.dual.bound
            climb_on_active(self.dual, tau, steps)
            self.tell("bound")
            if turn == 1 and self.choice is None:
                self.settle(seeds=1, hot=EARLY)  # a plan to show early, and to return if time is short
            elif self.choice is not None and 0 < self.dual.bound - before < STILL * (
                self.choice.cost - self.dual.bound
            ):
                break  # what the bound still gains is little beside what the plan does
        self.dual.finish(self.clock.up, lambda: self.tell("bound"), most=FEW, turns=INTERIOR)
        if self.enough or (self.branched and self.choice is not None):  # branches show where plans are to be had
            return
        if self.choice is not None and not self.cut and self.choice.cost - self.bound <= CLOSE * abs(self.choice.cost):
            self.sharpen()  # sooner than better plans, which take longer the larger the programme is
        known = start is not None and self.choice is not None
        if self.cut and self.choice is not None:
            worst, active = self.choice.cost, self.active()  # as they are now, whichever of both is quicker
            with self.clock.meanwhile(lambda: self.root(worst, active)):
                self.plans(known=known)
        else:
            self.plans(known=known)

    def plans(self, *, known: bool) -> None:
        """Plans at the prices of whole boxes, with those held; where plans are merged, as many at the dual's own, with free ones. Where one
        is `known`, one from where it stands."""
        if self.enough:  # time may be up since what makers lose was looked for
            return
        guides = [self.dual]
        if not known and (self.full.lower < self.full.upper).any() and not self.clock.up():
            whole = dived(self.dual, self.cost, self.clock.up)
            if whole is not None:
                whole.finish(self.clock.up, _nothing, most=FEW, turns=INTERIOR)
                guides = [whole, self.dual] if self.cut else [whole]
        best = guides[0]
        for guide in guides:
            before, self.guide = self.cost, guide
            self.settle(seeds=1 if known else SEEDS, hot=HOT)
            best = guide if self.cost < before else best
        self.guide = best
        if self.cut and self.choice is not None:
            self.merge()
            self.stand()

    def coarse(self) -> None:
        """The first climbs."""
        thin = self.full.table.thinned(EVERY)
        for tau, steps in COARSE:
            if not self.clock.up():
                self.dual.climb(thin, tau, steps)
                self.dual.full_pass(self.dual.prices)
                self.tell("bound")

    def resume(self, prices: Floats | None, choice: Choice | None) -> None:
        """Prices and plan of an earlier search; a plan that breaks rows of this one settles anew from where it stands."""
        if prices is not None:
            self.dual.full_pass(np.minimum(prices, self.full.penalty))
        if choice is not None:
            t = choice.normal.table
            self.full.table.activate(t.which[choice.weight > 0])
            if not np.isclose(np.add.reduceat(choice.weight, t.first[:-1]), 1.0).all():
                return
            made = _moved(choice, self.candidates())
            if 0 < made.broken.sum() <= FEW_BROKEN:
                self.nearly = made
                self.mend(FEW_BROKEN)
                return
            if made.broken.any():
                made = balanced(
                    made.normal,
                    made,
                    self.dual.best,
                    users_of(made.normal),
                    seed=0,
                    hot=0,
                    sweeps=SWEEPS,
                    stop=self.clock.up,
                )
            self.choice = None if made.broken.any() else made

    def candidates(self) -> Normal:
        """The model over the options that may stand in a plan: cheap ones, staying imported, those of the present choice."""
        size = self.full.size
        standing = None if self.choice is None else self.choice.normal.table.which[self.choice.weight > 0]

        def kept(b: Block) -> np.ndarray:
            near = b.near(NEAR, size) | b.active
            near[b.columns.first[:-1]] = True  # each part's first: who gives way can always stay imported
            return near if standing is None else near | b.among(standing)

        made = self.full.table.only(kept)
        self.reduced = made.reduced
        return self.full.over(made)

    def stand(self) -> Normal:
        """The candidates at the prices of `guide`, with the choice among them."""
        self.guide.full_pass(self.guide.best)
        self.nearly = None  # its candidates are not those of these prices
        narrow = self.candidates()
        if self.choice is not None:
            self.choice = _moved(self.choice, narrow)
        return narrow

    def settle(self, *, seeds: int, hot: int) -> None:
        """So many plans, from as many seeds as that takes; the best is kept. Where the parts settle on none with the boxes that are
        fixed, these move too."""
        guide = self.guide
        narrow = self.stand()
        held = replace(narrow, lower=guide.full.lower, upper=guide.full.upper)
        taken = smallest(narrow.table.first, self.reduced)
        at = Choice.of(held, taken, np.round(soft_boxes(guide, SOFT)))
        fixed, found, seed, last = guide is not self.dual, 0, 0, at
        users = None if hot == EARLY else users_of(narrow)
        while found < seeds and seed < (TRIES * seeds if fixed else seeds):
            # two side by side: where the first ones are good enough, no others are asked
            some = range(seed, seed + min(2, seeds - found))
            seed = some.stop
            for last in self._settled(held, at, some, hot, users):
                found += not last.broken.any()
            if self.clock.up() or self.enough:
                break
        if fixed and not found:
            self._settled(narrow, last, range(1), 0, users)

    def _settled(
        self, within: Normal, at: Choice, seeds: range, hot: int, users: tuple[Ints, np.ndarray] | None
    ) -> list[Choice]:
        """Where the parts settle from there: kept where it is the best plan; where it is none, as the nearest to one."""
        clock = self.clock
        # without a plan yet, time can wait for one
        stop = clock.up if self.choice is not None else clock.stopped.is_set

        def settled(seed: int) -> Choice:
            made = balanced(
                within, at, self.guide.best, users, seed=seed, hot=hot, sweeps=SWEEPS, stop=stop, up=clock.up
            )
            return Choice(replace(within, lower=self.full.lower, upper=self.full.upper), made.weight, made.boxes)

        found = clock.beside(settled, seeds)
        for made in found:
            if made.broken.any():
                if self.nearly is None or made.broken.sum() < self.nearly.broken.sum():
                    self.nearly = made
                continue
            if self.branched or self.cut:
                self.pool.add(made)
            if self.choice is None or made.cost < self.choice.cost:
                self.choice = made
                self.tell("plan")
        return found

    def mend(self, most: int = MENDINGS) -> None:
        """Where the parts settled on no plan: windows that break less, until nothing is broken."""
        if self.choice is not None or self.nearly is None:
            return
        windows = Windows.mending(self.nearly.normal, self.guide.best, self.reduced, self.clock)
        at = _moved(self.nearly, windows.normal)
        for turn in range(most):
            if self.clock.up():
                return
            at = windows.better(at, min(LARGEST * (1 + turn // 10), len(at.taken)))
            self.tell("mending")
            kept = Choice(self.nearly.normal, at.weight, at.boxes)
            if not kept.broken.any():
                self.choice = kept
                return

    def sharpen(self) -> None:
        """What makers lose at least, added to the bound where it is `blunt`; the prices stay as they are from here on."""
        if not self.blunt or self.choice is None or self.enough:
            return
        if self.cut and self.branches is None:
            self.root(self.choice.cost, self.active())
        self.lost_at, self.lost_above = (self.full, self.dual.best), self.dual.bound
        if self.branches is not None and self.branches.bound > self.dual.bound:
            self.branched_to = self.branches.bound
            self.lost_at, self.lost_above = self.branches.rooted(), self.branches.bound
        else:
            self.branches = None
        self.blunt = False
        full, v = self.lost_at

        def tell(losses: Losses) -> None:
            self.losses = losses
            self.tell("makers")

        at, weight = weights(self.choice.weight)
        losses_of(
            full, v, self.choice.normal.table.which[at], weight, self.choice.boxes, up=self.clock.up, tell=tell,
        )  # fmt: skip

    def active(self) -> Ints:
        """The active options, by their places among those that may be chosen."""
        return np.flatnonzero(np.concatenate(self.full.table.of_blocks(lambda b: b.active)))

    def root(self, worst: float, active: Ints) -> None:
        """The relaxation with rounded rows, for a plan that costs less than `worst`."""
        if not self.clock.up():
            self.branches = Branches(self.full, self.dual.best, active, worst, self.clock.up, split=False)

    def grow(self, stages: int, worst: float) -> None:
        """Some of what is split decided, for a plan that costs less than `worst`."""
        if self.clock.up():
            return
        if self.branches is None:
            self.branches = Branches(self.full, self.dual.best, self.active(), worst, self.clock.up)
        self.branches.worst = worst
        for _ in range(stages):
            self.branches.grow(GROWN)

    def follow(self, leaf: Branch) -> None:
        """Plans with the boxes of this branch, from its prices; it is the guide from here on where one is the best."""
        boxes = np.round(leaf.boxes)
        if self.enough or boxes.tobytes() in self.followed:
            return
        self.followed.add(boxes.tobytes())
        before, standing = self.guide, self.choice
        held = replace(self.full, lower=boxes, upper=boxes)
        self.guide = Dual(held, leaf.prices, leaf.prices, -np.inf)
        self.guide.full_pass(leaf.prices)
        # a branch has decided parts as well; here they may go where they like
        self.guide.finish(self.clock.up, _nothing, most=FEW, turns=INTERIOR)
        self.settle(seeds=SEEDS, hot=HOT)
        assert self.choice is not None
        assert standing is not None
        if self.choice.cost >= standing.cost:
            self.guide = before

    def merge(self, near: Sequence[Ints] = ()) -> None:
        """The plans that were found merged, the best with options that are `near` to where better ones may be, and what came of earlier
        ones; the best is the plan from here on."""
        assert self.choice is not None
        if self.enough:
            return
        made = self.pool.merge(self.choice, self.full, self.guide.best, self.clock, near)
        if made.cost < self.choice.cost:
            self.choice = made
            self.tell("plan")

    def improve(self, rounds: int) -> None:
        """Windows, round by round; where what is split may be decided, with branches."""
        if self.choice is None:
            return
        size = min(WINDOW, len(self.choice.taken))
        if self.branched:
            worst = self.choice.cost
            with self.clock.meanwhile(lambda: self.grow(1, worst)):
                pass  # in a thread of its own Ctrl-C cannot part a branch from one of its halves
        for turn in range(rounds):
            before = self.choice.cost - self.bound
            if self.branched and self.branches is not None:
                self.branch(self.branches, turn, size)
            else:
                self.round(turn, size)
            if self.enough:
                return
            if before - (self.choice.cost - self.bound) < GAIN * before:
                largest = min(LARGEST, len(self.choice.taken))
                # of branches more are grown first, for want of better plans
                if self.stale > 1 if self.branched else size >= largest:
                    return
                if not self.branched:
                    size = min(2 * size, largest)

    def branch(self, branches: Branches, turn: int, size: int) -> None:
        """A round with branches: while these grow, plans from where the lowest ones led are merged, and windows make the best better."""
        assert self.choice is not None
        self.branched_to = branches.bound
        self.tell("branches")
        leads, worst = branches.leads(LEADS), self.choice.cost
        near = [branches.near(b) for b in branches.lowest[:LEADS]]
        with self.clock.meanwhile(lambda: self.grow(STAGES * (1 + self.stale), worst)):
            for leaf in leads:
                self.follow(leaf)
            self.merge(near if self.stale == 0 else ())
            self.stand()
            self.round(turn, size)
        self.branched_to = branches.bound
        self.tell("branches")
        # where plans come no better, more of what there is goes into the bound
        self.stale = 0 if worst - self.choice.cost >= GAIN * (worst - self.bound) else self.stale + 1

    def round(self, turn: int, size: int) -> None:
        """As many windows of a size as would hold every part once, then moves of one and two parts."""
        assert self.choice is not None
        narrow, parts = self.choice.normal, len(self.choice.taken)
        windows = Windows(narrow, self.guide.best, self.reduced, self.clock, seed=turn)
        # one window of all parts comes out the same each time
        count = 1 if size == parts else max(4, -(-parts // size))
        at_once = max(1, min(AT_ONCE, parts // (APART * size)))
        for a in range(0, count, at_once):
            if self.enough:
                return
            self.choice = windows.better(self.choice, size, count=min(at_once, count - a))
            self.tell("plan")
        self.choice = lowered(self.choice, turn, users_of(narrow), self.clock.up)
        self.tell("plan")


def _nothing() -> None:
    pass


def _moved(choice: Choice, narrow: Normal) -> Choice:
    """The same choice over another set of candidates."""
    taken = choice.weight > 0
    return Choice.placed(narrow, choice.normal.table.which[taken], choice.weight[taken], choice.boxes)
