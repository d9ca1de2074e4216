"""A large model without a solver for the whole: prices, then a plan, then the plan made better; a bound beside it always.

1. Prices climb on soft minima (`dual`); where the table of cheap options is small enough, an interior-point method on it
   finishes them.
2. Ventures and modules are made whole, and what is scarce then is priced anew (`boxes`).
3. The parts settle at those prices under what rows charge for being broken (`search`), from several seeds.
4. Where the table can be held at once, rows are rounded (`cuts`) and the relaxation is solved with them; what each maker loses at
   least at those prices is added to the bound (`losses`).
5. Windows of parts are chosen anew by branch and bound (`windows`), until a round of them gains little. Where the table is small
   enough, what the relaxation splits is decided both ways meanwhile (`branching`), which sharpens the bound and shows where else parts
   may settle; the plans from there are merged (`merging`).

Every step is counted, none is timed: only a time limit, or Ctrl-C, can make two runs differ, and the status says so.
See docs/explanation/decomposition.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from onshore.errors import Stopped
from onshore.sourcing.certificate import Losses, bound_of_prices
from onshore.sourcing.decomposition.clock import Clock
from onshore.sourcing.decomposition.full import Full, full_of
from onshore.sourcing.decomposition.search import Choice
from onshore.sourcing.decomposition.stages import Impossible, Stages
from onshore.sourcing.model import Model, without_the_impossible
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats
from onshore.sourcing.solver import Answer, Progress
from onshore.sourcing.tree import Tree

__all__ = ["ROUNDS", "Found", "Start", "decomposed", "sought", "worth_keeping"]

ROUNDS = 30
"""Of windows, or of branches, at most."""
BRANCHED = 100_000
"""Options up to which what is split is decided both ways."""
CUT = 1_000_000
"""Options up to which rows are rounded, and plans merged."""


@dataclass(frozen=True)
class Start:
    """What a first solve leaves for the next one on the same option table: prices (R of `Model`,) and a plan (C,)."""

    prices: Floats | None = None
    point: Floats | None = None


@dataclass(frozen=True)
class Found:
    """What a search of a `Full` ends with: its bound and what proves it, and the best choice, None without one.

    What proves it are prices (R,) or the branches of a tree, and losses above them: `lost_at` are the rows, with cuts where there
    are any, and the prices of those rows that the losses are over.

    `status` is `optimal` within the gap, `rounds` where the search ended by itself, `time_limit`, `interrupted` (whatever the gap, so that
    who asks for one search after another knows) or `infeasible`.
    """

    status: str
    bound: float
    prices: Floats
    choice: Choice | None
    losses: Losses
    lost_at: tuple[Full, Floats]
    tree: Tree | None = None


def decomposed(
    model: Model, options: Options, divisible: np.ndarray, *, gap: float, time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None, start: Start | None = None, rounds: int = ROUNDS,
) -> Answer:  # fmt: skip
    """A plan of a model with the bound that its prices prove. `divisible` (P,) parts may mix options.

    `start` is what an earlier search on the same option table left. The rest is as in `sought`.
    """
    full = full_of(without_the_impossible(model), options, divisible)
    known = None if start is None else _of_full(full, start)
    found = sought(
        full,
        gap=gap,
        time_limit=time_limit,
        progress=progress,
        start=known,
        rounds=rounds,
    )
    if found.status == "infeasible":
        return Answer("infeasible", np.inf, None, None, "decomposed")
    point = None
    if found.choice is not None:
        point = np.zeros(len(model.cost))  # slacks are left to `least_slacks`
        point[found.choice.normal.table.which] = found.choice.weight
        point[full.boxes] = found.choice.boxes
    return Answer(
        found.status, found.bound, point, full.as_prices(found.prices, len(model.low)), "decomposed", found.losses,
        found.tree,
    )  # fmt: skip


def _of_full(full: Full, start: Start) -> tuple[Floats | None, Choice | None]:
    """A start in the places of a normal form; its options alone are the choice's table."""
    prices = None if start.prices is None else full.of_prices(start.prices)
    if start.point is None:
        return prices, None
    point = start.point
    taken = full.table.only(lambda b: point[b.which] > 0)
    if (taken.options_of_parts == 0).any():
        return prices, None
    normal = full.over(taken)
    return prices, Choice(normal, point[normal.table.which], point[full.boxes])


def sought(
    full: Full, *, gap: float, time_limit: float | None = None, progress: Callable[[Progress], None] | None = None,
    start: tuple[Floats | None, Choice | None] | None = None, rounds: int = ROUNDS,
) -> Found:  # fmt: skip
    """The search. `rounds` at most make the plan better, by windows, and the bound, by branches, rounded rows or what makers lose at
    least, as the table's size allows; with none the plan is as the parts settle and the bound that of the prices. `start` is
    prices (R,) and a choice on this very table.

    Raises `Stopped` where Ctrl-C comes before there is a plan.
    """
    clock = Clock(time_limit)
    if (full.table.options_of_parts == 0).any() or full.beyond:
        nothing = np.zeros(len(full.right))
        return Found("infeasible", np.inf, nothing, None, Losses.none(), (full, nothing))
    branched = rounds > 0 and full.table.count <= BRANCHED
    cut = rounds > 0 and not branched and full.table.count <= CUT
    search = Stages(full, clock, gap, progress, blunt=rounds > 0, branched=branched, cut=cut)
    status = "rounds"
    try:
        search.run(start)
        search.mend()
        if not branched:  # branches prove more
            search.sharpen()
        if not search.enough:  # what windows are drawn from takes as much memory as the candidates
            search.improve(rounds)
    except Impossible:
        return Found("infeasible", np.inf, search.dual.best, None, Losses.none(), (full, search.dual.best))
    except (KeyboardInterrupt, Stopped):
        status = "interrupted"
    if search.choice is None and status == "interrupted":
        raise Stopped("Interrupted; nothing was written.")
    if search.branches is not None:  # no thread grows them any more
        search.branched_to = max(search.branched_to, search.branches.bound)
    if status == "rounds" and search.done:
        status = "optimal"
    elif status == "rounds" and clock.up():
        status = "time_limit"
    tree = None if search.branches is None else search.branches.tree()
    return Found(status, search.bound, search.dual.best, search.choice, search.losses, search.lost_at, tree)


def worth_keeping(model: Model, options: Options, divisible: np.ndarray, known: Answer, upper: float) -> Model:
    """The model without the options that can stand in no plan better than `upper`: their reduced cost exceeds the gap.

    For prices u, a plan with option k costs at least LB(u) + r_k - min r over the options of its part. Divisible parts, which
    may take a little of an option, keep all.
    """
    assert known.prices is not None
    tight = without_the_impossible(model)
    u = np.where(np.arange(len(model.low)) < model.blocks["choose_one"].stop, 0.0, known.prices)
    reduced = np.where(tight.upper > 0, tight.cost - tight.matrix.T @ u, np.inf)[model.options]
    excess = reduced - np.minimum.reduceat(reduced, options.first_of_part[:-1])[options.part]
    kept = (bound_of_prices(tight, options, known.prices) + excess <= upper + 1e-6 * abs(upper)) | divisible[
        options.part
    ]
    most = tight.upper.copy()
    most[model.options] = np.where(kept, most[model.options], 0.0)
    return replace(tight, upper=most)
