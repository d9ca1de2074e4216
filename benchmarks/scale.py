"""How far the planner gets on programmes of growing size, beside tools that a user might pick instead.

    python benchmarks/scale.py                    every size below, every tool
    python benchmarks/scale.py 3000 1 2           one size, these seeds
    python benchmarks/scale.py 30000 1 --seconds 500 --tools onshore "PDLP bound"    any size, so long, these tools
    python benchmarks/scale.py growth             the planner alone: growth with parts, options, makers and limits
    python benchmarks/scale.py growth 300 1000    the same, these sizes
    python benchmarks/scale.py hard               the planner alone: dearer ventures and modules, tight machines
    python benchmarks/scale.py hard 300           the same, these sizes

From the programme's tables to the whole plan, with its own certificate; every job in a process of its own. The limits of a search are
seconds by the clock, everything else is told in processor seconds, since a shared machine stretches the clock.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from alone import Figures, alone, answer, peak_megabytes

if TYPE_CHECKING:
    from onshore.sourcing import Progress

SIZES: tuple[tuple[int, tuple[int, ...], float], ...] = ((300, (1, 2, 3, 4, 5), 60.0), (3000, (1, 2, 3, 4, 5), 120.0))
"""Parts, seeds, and the seconds that the search is given."""
PEERS = ("ortools", "pyscipopt")
"""Packages that other tools than HiGHS are in; the planner alone needs none."""
TOOLS = ("onshore", "HiGHS whole", "CP-SAT", "CP-SAT, 8 workers", "SCIP", "PDLP bound")
GROWTH = (
    (300, ""), (1000, ""), (3000, ""), (10_000, ""), (1000, "twice the shares"), (1000, "twice the makers"),
    (1000, "no floors of content"), (1000, "floors of content by year"),
)  # fmt: skip
"""Parts, and what else differs: names of `grown.GROWN`."""
HARD: dict[str, dict[str, float | bool]] = {
    "fixed costs x 5": {"fixed_costs": 5.0}, "fixed costs x 20": {"fixed_costs": 20.0}, "tight machines": {"tight": True},
}  # fmt: skip
HARDER = (
    (300, "fixed costs x 5", range(1, 6), 60.0), (300, "fixed costs x 20", range(1, 6), 60.0),
    (300, "tight machines", range(1, 21), 60.0), (3000, "fixed costs x 5", range(1, 2), 120.0), (3000, "fixed costs x 20", range(1, 2), 120.0),
)  # fmt: skip
"""Parts, what of `HARD`, seeds, and the seconds of the search."""
NEVER = float("nan")
GAP = 1e-5
"""Share of the objective at which every search may stop."""


def prepare(folder: str, parts: str, seed: str, differs: str = "") -> Figures:
    from grown import GROWN

    import onshore as on
    from onshore.demo import synth

    if not differs or differs in HARD:
        drawn = synth.write(int(parts), int(seed), Path(folder) / "programme", **HARD.get(differs, {}))  # type: ignore[arg-type]
        tables = drawn.tables
    else:
        drawn = synth.draw(int(parts), int(seed))
        settings, tables = GROWN[differs](drawn.settings, drawn.tables)
        on.write(on.build(settings, tables), Path(folder) / "programme")
    return {"makers": tables["makers"].height, "limits": tables["limits"].height}


class Watch:
    """Processor seconds at which there was a first plan, and one within 1 % and 0.1 % of the tool's own bound."""

    def __init__(self) -> None:
        self.clock, self.began = time.monotonic(), time.process_time()
        self.first = self.percent = self.permille = NEVER
        self.table = self.searched = NEVER
        self.objective, self.bound = inf, -inf
        self.others = self.most = 0.0

    def __call__(self, objective: float | None, bound: float | None) -> None:
        """A best plan and a bound that the search has, None where it tells of neither."""
        now = self.searched = time.process_time() - self.began
        self.objective = min(self.objective, inf if objective is None else objective)
        self.bound = max(self.bound, -inf if bound is None else bound)
        gap = (self.objective - self.bound) / abs(self.objective) if self.objective < inf else inf
        if self.objective < inf and self.first != self.first:
            self.first = now
        if gap <= 0.01 and self.percent != self.percent:
            self.percent = now
        if gap <= 0.001 and self.permille != self.permille:
            self.permille = now

    def told(self, p: Progress) -> None:
        """By the planner, which makes its table first."""
        if not p.stage.startswith("options of") and self.table != self.table:
            self.table = time.process_time() - self.began
        self(p.objective, p.bound)

    def joined(self, other: Figures) -> None:
        """A process that this one waited for: its times go on from here, its memory counts where it is more."""
        now = time.process_time() - self.began
        self.first, self.percent, self.permille = (now + other[key] for key in ("first", "to 1 %", "to 0.1 %"))
        self.others, self.most = other["cpu"], other["megabytes"]

    def figures(self) -> Figures:
        return {
            "first": self.first, "to 1 %": self.percent, "to 0.1 %": self.permille, "table": self.table,
            "searched": self.searched,
            "seconds": time.monotonic() - self.clock, "cpu": self.others + time.process_time() - self.began, "megabytes": max(self.most, peak_megabytes()),
        }  # fmt: skip


def onshore(folder: str, gap: str, limit: str = "", method: str = "") -> Figures:
    """Tables in, plan out."""
    import onshore as on

    watch = Watch()
    programme = on.read(Path(folder) / "programme")
    plan = on.plan(
        programme,
        gap=float(gap),
        time_limit=float(limit) if limit else None,
        method=method or None,
        progress=watch.told,
    )
    g = plan.gaps
    return {
        **watch.figures(), "options": float(plan["sources"]["options"].sum()), "plan": plan.objective, "bound": plan.bound,
        "of_cost": g.of_cost or 0.0, "of_savings": NEVER if g.of_savings is None else g.of_savings, "of_stake": g.of_stake,
    }  # fmt: skip


def peer(folder: str, tool: str, limit: str) -> Figures:
    """The same tables, and another tool alone on the whole model that we hand it."""
    from solvers import SOLVERS

    import onshore as on
    from onshore.sourcing.certificate import gaps_of, proof_of
    from onshore.sourcing.instance import Whole
    from onshore.sourcing.problem import problem_of

    watch = Watch()
    whole = Whole.of(problem_of(on.read(Path(folder) / "programme")))
    model = whole.model
    found = SOLVERS[tool](model, whole.options, float(limit), watch)
    figures = {**watch.figures(), "options": whole.options.count, "bound": found.bound, "rows": len(model.low)}
    if found.point is None:
        return {**figures, "plan": NEVER, "of_cost": NEVER, "of_savings": NEVER, "of_stake": NEVER}
    proof, cost = proof_of(model, whole.options, np.zeros(len(model.low))), float(model.cost @ found.point)
    g = gaps_of(cost, found.bound, proof.imported, proof.least)
    savings = NEVER if g.of_savings is None else g.of_savings
    return {**figures, "plan": cost, "of_cost": g.of_cost or 0.0, "of_savings": savings, "of_stake": g.of_stake}


JOBS: dict[str, Callable[..., Figures]] = {"prepare": prepare, "onshore": onshore, "peer": peer}


def seconds(value: float) -> str:
    return "none" if value != value else f"{value:.0f}"


def share(value: float) -> str:
    return "none" if value != value or abs(value) == inf else f"{value:.2%}"


def millions(value: float) -> str:
    return "none" if value != value or abs(value) == inf else f"{value / 1e6:,.3f}"


def beside(sizes: Sequence[tuple[int, Sequence[int], float]], tools: Sequence[str]) -> None:
    """Every tool on every size and seed; one that fails, for want of memory say, has a row that says so."""
    print(
        "| parts | seed | options | tool | first plan, CPU s | to 1 % | to 0.1 % | plan, m | bound, m | of cost | of savings "
        "| of stake | clock, s | CPU, s | MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|")
    for parts, seeds, limit in sizes:
        for seed in seeds:
            with tempfile.TemporaryDirectory() as folder:
                alone(__file__, "prepare", folder, parts, seed)
                for tool in tools:
                    words = ("onshore", folder, GAP, limit) if tool == "onshore" else ("peer", folder, tool, limit)
                    try:
                        f = alone(__file__, *words)
                    except SystemExit as failed:
                        print(f"| {parts} | {seed} | | {tool} | failed: {str(failed).splitlines()[-1]} |", flush=True)
                        continue
                    print(
                        f"| {parts} | {seed} | {f['options']:,.0f} | {tool} | {seconds(f['first'])} | {seconds(f['to 1 %'])} "
                        f"| {seconds(f['to 0.1 %'])} | {millions(f['plan'])} | {millions(f['bound'])} | {share(f['of_cost'])} "
                        f"| {share(f['of_savings'])} | {share(f['of_stake'])} | {f['seconds']:.0f} | {f['cpu']:.0f} "
                        f"| {f['megabytes']:.0f} |",
                        flush=True,
                    )


def growth(sizes: Sequence[tuple[int, str]], seed: int) -> None:
    """The planner alone, decomposed at every size, until it is within 1 % of its bound."""
    print(
        "| parts | differs in | options | makers | limits | table, CPU s | search, CPU s | all, CPU s | MB | of cost |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for parts, differs in sizes:
        with tempfile.TemporaryDirectory() as folder:
            size = alone(__file__, "prepare", folder, parts, seed, differs)
            f = alone(__file__, "onshore", folder, 0.01, "", "decomposed")
            print(
                f"| {parts:,} | {differs} | {f['options']:,.0f} | {size['makers']:,.0f} | {size['limits']:,.0f} "
                f"| {f['table']:.1f} | {f['searched'] - f['table']:.1f} | {f['cpu']:.1f} | {f['megabytes']:.0f} | {share(f['of_cost'])} |",
                flush=True,
            )


def hard(sizes: Sequence[tuple[int, str, Sequence[int], float]]) -> None:
    """The planner alone, decomposed, on programmes that are hard to plan."""
    print(
        "| parts | differs in | seed | first plan, CPU s | plan, m | bound, m | of cost | of stake | clock, s | CPU, s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for parts, differs, seeds, limit in sizes:
        for seed in seeds:
            with tempfile.TemporaryDirectory() as folder:
                alone(__file__, "prepare", folder, parts, seed, differs)
                f = alone(__file__, "onshore", folder, GAP, limit, "decomposed")
                print(
                    f"| {parts:,} | {differs} | {seed} | {seconds(f['first'])} | {millions(f['plan'])} | {millions(f['bound'])} "
                    f"| {share(f['of_cost'])} | {share(f['of_stake'])} | {f['seconds']:.0f} | {f['cpu']:.0f} |",
                    flush=True,
                )


def main() -> None:
    needed = "onshore", "highspy", *(() if sys.argv[1:2] in (["growth"], ["hard"]) else PEERS)
    try:
        print(", ".join(f"{name} {version(name)}" for name in needed) + "\n")
    except PackageNotFoundError as missing:
        sys.exit(f"{missing.name} is not installed: pip install 'onshore[benchmarks]'")
    if sys.argv[1:2] == ["growth"]:
        wanted = [int(a) for a in sys.argv[2:]]
        growth([(p, d) for p, d in GROWTH if not wanted or p in wanted], seed=1)
        return
    if sys.argv[1:2] == ["hard"]:
        wanted = [int(a) for a in sys.argv[2:]]
        hard([each for each in HARDER if not wanted or each[0] in wanted])
        return
    ask = argparse.ArgumentParser()
    ask.add_argument("parts", type=int, nargs="?")
    ask.add_argument("seeds", type=int, nargs="*")
    ask.add_argument("--seconds", type=float, help="of the clock, for each search")
    ask.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    asked = ask.parse_args()
    sizes = SIZES if asked.parts is None else [size for size in SIZES if size[0] == asked.parts]
    sizes = sizes or [(asked.parts, (1,), SIZES[-1][2])]
    beside([(p, asked.seeds or s, asked.seconds or t) for p, s, t in sizes], asked.tools)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        answer(JOBS[sys.argv[2]](*sys.argv[3:]))
    else:
        main()
