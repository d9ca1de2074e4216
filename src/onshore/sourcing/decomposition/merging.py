"""Plans merged: what several plans stand on, put together anew by branch and bound.

Plans that the parts settled on from different seeds, or with different boxes, agree on most parts. Where they agree nothing is
chosen; where they differ each part may stand on what it has in any of them, and each box on any number between what they have, or one beside. So
few options a part let all parts be chosen at once, which no window can (Rothberg 2007 fixes likewise what two plans agree on).
See docs/explanation/decomposition.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from onshore.sourcing.decomposition.clock import Clock
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.search import Choice
from onshore.sourcing.decomposition.windows import Windows
from onshore.sourcing.problem import Floats, Ints

__all__ = ["Pool"]

FRESH, GROUP = 16, 4
"""So many fresh plans are merged, the cheapest, by so many; each group has some of the best."""
KEPT = 8
"""So many plans that came of merging are kept, and merged in their turn."""
BESIDE = 1.0
"""A box may have so many more than it has in any plan of a group, or fewer."""
NODES = 1
"""Of branch and bound: what a merging finds it finds at the root, with the cuts and dives there."""


@dataclass(frozen=True)
class _Plan:
    """A plan without the candidates it was found among."""

    cost: float
    which: Ints  # places of its options among all
    weight: Floats
    boxes: Floats  # (B,)

    @classmethod
    def of(cls, choice: Choice) -> _Plan:
        taken = choice.weight > 0
        return cls(choice.cost, choice.normal.table.which[taken], choice.weight[taken], choice.boxes)


def _cheapest(plans: Iterable[_Plan], most: int) -> list[_Plan]:
    """The cheapest, each once, cheapest first."""
    apart = {(p.which.tobytes(), p.weight.tobytes(), p.boxes.tobytes()): p for p in plans}
    return sorted(apart.values(), key=lambda p: p.cost)[:most]


@dataclass
class Pool:
    """Plans to merge: `fresh` ones that the parts settled on, and the cheapest that came of merging, cheapest first."""

    fresh: list[_Plan] = field(default_factory=list)
    merged: list[_Plan] = field(default_factory=list)

    def add(self, choice: Choice) -> None:
        """Keep a plan that breaks nothing, until it is merged."""
        self.fresh.append(_Plan.of(choice))

    def merge(self, best: Choice, full: Full, prices: Floats, clock: Clock, near: Sequence[Ints] = ()) -> Choice:
        """The fresh plans merged, so many at a time, and the best with each of these options, `near` to where better ones may be; then what
        came of them with what came of earlier ones and the best."""
        fresh, known = _cheapest(self.fresh, FRESH), _Plan.of(best)
        count = -(-len(fresh) // GROUP)
        nothing = np.zeros(0, dtype=np.int64)
        groups = [
            *((fresh[g::count], nothing) for g in range(count)),
            *(([known], some) for some in near),
        ]
        made = clock.beside(lambda group: _merged(*group, full, prices, clock), groups)
        new = _cheapest([known, *map(_Plan.of, made)], KEPT)
        last = _merged(_cheapest([*new, *self.merged[: KEPT - len(new)]], KEPT), nothing, full, prices, clock)
        # what came of a group differs more from the rest than what came of them all, which is `best` next time
        self.fresh, self.merged = [], _cheapest([*self.merged, *(p for p in new if p is not known)], KEPT)
        return last


def _merged(plans: list[_Plan], near: Ints, full: Full, prices: Floats, clock: Clock) -> Choice:
    """The best plan on what these stand on and the options `near`, over the options of them all; with such, boxes are free."""
    met = np.unique(np.concatenate([near, *(p.which for p in plans)]))
    boxes = np.array([p.boxes for p in plans])
    table = full.table.only(lambda b: b.among(met))
    normal = between = full.over(table)
    if not len(near):
        beside = np.maximum(full.lower, boxes.min(axis=0) - BESIDE), np.minimum(full.upper, boxes.max(axis=0) + BESIDE)
        between = replace(normal, lower=beside[0], upper=beside[1])
    best = plans[0]
    at = Choice.placed(between, best.which, best.weight, best.boxes)
    windows = Windows(between, prices, table.reduced, clock, nodes=NODES, restarts=False)
    made = windows.better(at, len(at.taken))
    return Choice(normal, made.weight, made.boxes)
