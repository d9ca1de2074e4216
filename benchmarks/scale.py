"""How far the planner gets on programmes of growing size, beside HiGHS on the whole model.

    python benchmarks/scale.py                    every size below
    python benchmarks/scale.py 3000 1 2           one size, these seeds

From the programme's tables to the whole plan, with its own certificate; every job in a process of its own. Times are of the clock,
as the limits are; processor seconds stand beside them, since a shared machine stretches the clock.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from alone import Figures, alone, answer, peak_megabytes, timed

if TYPE_CHECKING:
    from onshore.sourcing import Progress

SIZES: tuple[tuple[int, tuple[int, ...], float], ...] = ((300, (1, 2, 3, 4, 5), 60.0), (3000, (1, 2, 3, 4, 5), 120.0))
"""Parts, seeds, and the seconds that the search is given."""
NEVER = float("nan")


def prepare(folder: str, parts: str, seed: str) -> Figures:
    from onshore.demo import synth

    synth.write(int(parts), int(seed), Path(folder) / "programme")
    return {}


class Watch:
    """When there was a first plan, and one within 1 % and 0.1 % of its bound."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.first = self.percent = self.permille = NEVER

    def __call__(self, p: Progress) -> None:
        now = time.monotonic() - self.began
        if p.objective is not None and self.first != self.first:
            self.first = now
        if p.gap is not None and p.gap <= 0.01 and self.percent != self.percent:
            self.percent = now
        if p.gap is not None and p.gap <= 0.001 and self.permille != self.permille:
            self.permille = now

    def figures(self) -> Figures:
        return {"first": self.first, "to 1 %": self.percent, "to 0.1 %": self.permille}


def onshore(folder: str, limit: str) -> Figures:
    """Tables in, plan out."""
    import onshore as on

    figures, watch = Figures(), Watch()
    with timed(figures, "cpu"):
        programme = on.read(Path(folder) / "programme")
        plan = on.plan(programme, gap=1e-5, time_limit=float(limit), progress=watch)
    figures |= {"seconds": time.monotonic() - watch.began, "options": plan["options"].height, **watch.figures()}
    g = plan.gaps
    return {
        **figures, "of_cost": g.of_cost or 0.0, "of_savings": NEVER if g.of_savings is None else g.of_savings,
        "of_stake": g.of_stake, "megabytes": peak_megabytes(),
    }  # fmt: skip


def highs(folder: str, limit: str) -> Figures:
    """The same tables, and HiGHS alone on the whole model that we hand it."""
    import numpy as np

    import onshore as on
    from onshore.sourcing.certificate import gaps_of
    from onshore.sourcing.limits import bounds_of
    from onshore.sourcing.measures import Measures
    from onshore.sourcing.model import model_of
    from onshore.sourcing.options import options_of
    from onshore.sourcing.problem import problem_of
    from onshore.sourcing.solver import solve

    figures, watch = Figures(), Watch()
    with timed(figures, "cpu"):
        problem = problem_of(on.read(Path(folder) / "programme"))
        options = options_of(problem)
        measures = Measures(problem, options)
        model = model_of(problem, options, measures, bounds_of(problem, measures))
        found = solve(model, gap=1e-5, time_limit=float(limit), progress=watch)
    first = options.first_of_part[:-1]
    permitted = np.where(model.upper[model.options] > 0, model.cost[model.options], np.inf)
    figures |= {"seconds": time.monotonic() - watch.began, "options": options.count, **watch.figures()}
    if found.point is None:
        return {**figures, "of_cost": NEVER, "of_savings": NEVER, "of_stake": NEVER, "megabytes": peak_megabytes()}
    g = gaps_of(
        float(model.cost @ found.point), found.bound, float(model.cost[first].sum()),
        float(np.minimum.reduceat(permitted, first).sum()),
    )  # fmt: skip
    savings = NEVER if g.of_savings is None else g.of_savings
    return {
        **figures,
        "of_cost": g.of_cost or 0.0,
        "of_savings": savings,
        "of_stake": g.of_stake,
        "megabytes": peak_megabytes(),
    }


JOBS: dict[str, Callable[..., Figures]] = {"prepare": prepare, "onshore": onshore, "HiGHS whole": highs}


def seconds(value: float) -> str:
    return "none" if value != value else f"{value:.0f}"


def share(value: float) -> str:
    return "no plan" if value != value else f"{value:.2%}"


def main() -> None:
    asked = [int(a) for a in sys.argv[1:]]
    sizes = [(p, s, t) for p, s, t in SIZES if not asked or p == asked[0]]
    if asked and not sizes:
        raise SystemExit(f"Sizes are {', '.join(str(p) for p, _, _ in SIZES)}.")
    print(f"onshore {version('onshore')}, highspy {version('highspy')}\n")
    print(
        "| parts | seed | options | tool | first plan, s | to 1 % | to 0.1 % | of cost | of savings | of stake | clock, s | CPU, s | MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for parts, seeds, limit in sizes:
        for seed in asked[1:] or seeds:
            with tempfile.TemporaryDirectory() as folder:
                alone(__file__, "prepare", folder, parts, seed)
                for tool in ("onshore", "HiGHS whole"):
                    f = alone(__file__, tool, folder, limit)
                    print(
                        f"| {parts} | {seed} | {f['options']:,.0f} | {tool} | {seconds(f['first'])} | {seconds(f['to 1 %'])} | "
                        f"{seconds(f['to 0.1 %'])} | {share(f['of_cost'])} | {share(f['of_savings'])} | {share(f['of_stake'])} | "
                        f"{f['seconds']:.0f} | {f['cpu']:.0f} | {f['megabytes']:.0f} |",
                        flush=True,
                    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        answer(JOBS[sys.argv[2]](*sys.argv[3:]))
    else:
        main()
