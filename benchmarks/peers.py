"""Our model beside the same one written in linopy and in PuLP: time and memory of building and of solving it.

    python benchmarks/peers.py

The same programmes (`onshore synth`), the same solver with the same options, every job in a process of its own, in one
run. It prints the tables of RESULTS.md, in processor seconds. Quote ratios: seconds belong to one machine.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from unittest.mock import patch

from alone import Figures, alone, answer, peak_megabytes, timed

if TYPE_CHECKING:
    from onshore import Programme
    from onshore.sourcing.model import Model
    from onshore.sourcing.options import Options

SOLVED = ((100, 1), (100, 2), (300, 1))
"""Parts and seed of the programmes that are built and solved."""
BUILT = ((3000, 1),)
"""And of those that are built only: no tool solves them whole in a time worth waiting for."""
BUILDS = 3
GAP = 0.002
TIME_LIMIT = 120.0
TOOLS = ("onshore", "linopy", "PuLP")
SAME = 1e-9
"""Relaxations closer than this are of the same model."""


def prepare(folder: str, parts: str, seed: str) -> Figures:
    """Write the programme as CSV, and its option table as arrays for the others."""
    from peer_models import OptionTable

    import onshore as on
    from onshore.demo import synth

    synth.write(int(parts), int(seed), Path(folder) / "programme")
    made = on.read(Path(folder) / "programme")
    options, model = _ours(made, {})
    OptionTable.of(model, options.part).write(Path(folder) / "table.npz")
    rows, columns = model.matrix.shape
    return {"options": options.count, "rows": rows, "columns": columns, "nonzeros": model.matrix.nnz}


def build(folder: str, tool: str) -> Figures:
    """Time and memory up to the matrix."""
    figures, _ = _built(folder, tool)
    return figures


def solve(folder: str, tool: str) -> Figures:
    """Time of the search on the matrix, what it reached, and the value of the linear relaxation."""
    figures, made = _built(folder, tool)
    if tool == "onshore":
        from onshore.sourcing.solver import solve

        with timed(figures, "seconds"):
            found = solve(made, gap=GAP, time_limit=TIME_LIMIT)
        figures["bound"] = found.bound
        figures["objective"] = float("inf") if found.point is None else float(made.cost @ found.point)
        figures["megabytes"] = peak_megabytes()
        figures["relaxed"] = solve(made, relaxed=True).bound
        return figures
    options = {
        "output_flag": False, "threads": 1, "random_seed": 0, "mip_rel_gap": GAP, "mip_abs_gap": 1e-9,
        "mip_feasibility_tolerance": 1e-7, "time_limit": TIME_LIMIT,
    }  # fmt: skip
    for name, value in options.items():
        made.setOptionValue(name, value)
    with timed(figures, "seconds"):
        made.run()
    figures["bound"], figures["objective"] = made.getInfo().mip_dual_bound, made.getInfo().objective_function_value
    figures["megabytes"] = peak_megabytes()
    made.clearSolver()
    made.setOptionValue("solve_relaxation", True)
    made.run()
    figures["relaxed"] = made.getInfo().objective_function_value
    return figures


def _built(folder: str, tool: str):  # type: ignore[no-untyped-def]
    """Our `Model`, or HiGHS with a peer's matrix in it. Reading the data and importing the tool are not timed."""
    figures = Figures()
    if tool == "onshore":
        import onshore as on

        programme = on.read(Path(folder) / "programme")
        importlib.import_module("onshore.sourcing")
        figures["megabytes_before"] = peak_megabytes()
        with timed(figures, "build"):
            _, made = _ours(programme, figures)
        with timed(figures, "handing"):
            _handed_over(made)
        for part in ("build", "matrix"):
            figures[part] += figures["handing"]
    else:
        from peer_models import PEERS, OptionTable

        table = OptionTable.read(Path(folder) / "table.npz")
        importlib.import_module(tool.lower())
        figures["megabytes_before"] = peak_megabytes()
        with timed(figures, "build"):
            made = PEERS[tool](table)
        figures["matrix"] = figures["build"]
    figures["megabytes_build"] = peak_megabytes()
    return figures, made


def _ours(programme: Programme, figures: Figures) -> tuple[Options, Model]:
    from onshore.sourcing.limits import bounds_of
    from onshore.sourcing.measures import Measures
    from onshore.sourcing.model import model_of
    from onshore.sourcing.options import options_of
    from onshore.sourcing.problem import problem_of

    problem = problem_of(programme)
    options = options_of(problem)
    measures = Measures(problem, options)
    bounds = bounds_of(problem, measures)
    with timed(figures, "matrix"):
        model = model_of(problem, options, measures, bounds)
    return options, model


def _handed_over(model: Model) -> None:
    """All that our solve does before HiGHS runs: the peers' time ends there too."""
    import highspy

    from onshore.sourcing.solver import solve

    with patch.object(highspy.Highs, "run", lambda _: None), suppress(RuntimeError):  # it has no status then
        solve(model)


def main() -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in ("onshore", "highspy", "linopy", "pulp", "numpy"))
    print(f"{versions}, Python {sys.version.split()[0]}; gap {GAP:.1%}, at most {TIME_LIMIT:.0f} s, one thread\n")
    builds, solves = [], []
    for parts, seed in SOLVED + BUILT:
        with tempfile.TemporaryDirectory() as folder:
            size = alone(__file__, "prepare", folder, parts, seed)
            name = f"{parts}, seed {seed}"
            print(f"{name}: " + ", ".join(f"{value:,.0f} {key}" for key, value in size.items()))
            runs: dict[str, list[Figures]] = {tool: [] for tool in TOOLS}
            for _ in range(BUILDS):
                for tool in TOOLS:
                    runs[tool].append(alone(__file__, "build", folder, tool))
            builds += _build_rows(name, runs)
            if (parts, seed) in SOLVED:
                found = {tool: alone(__file__, "solve", folder, tool) for tool in TOOLS}
                _agree(name, found)
                solves += _solve_rows(name, found)
    print("\n| parts | tool | build, CPU s | ratio | matrix alone, CPU s | ratio | MB before | MB at most |")
    print("|---|---|---|---|---|---|---|---|", *builds, sep="\n")
    print("\n| parts | tool | search, CPU s | ratio | objective | bound | gap | MB at most |")
    print("|---|---|---|---|---|---|---|---|", *solves, sep="\n")


def _agree(name: str, found: dict[str, Figures]) -> None:
    """Stop unless the tools have the same relaxation, and no plan lies below another one's bound."""
    relaxed = [f["relaxed"] for f in found.values()]
    best, bound = min(f["objective"] for f in found.values()), max(f["bound"] for f in found.values())
    if max(relaxed) - min(relaxed) > SAME * abs(relaxed[0]) or best < bound - 1e-6 * abs(bound):
        raise SystemExit(f"{name}: the models differ: {found}")


def _build_rows(name: str, runs: dict[str, list[Figures]]) -> list[str]:
    middle = {tool: {key: median(f[key] for f in own) for key in own[0]} for tool, own in runs.items()}
    ours = middle["onshore"]
    return [
        f"| {name} | {tool} | {f['build']:.2f} | {f['build'] / ours['build']:.1f} | {f['matrix']:.2f} "
        f"| {f['matrix'] / ours['matrix']:.1f} | {f['megabytes_before']:.0f} | {f['megabytes_build']:.0f} |"
        for tool, f in middle.items()
    ]


def _solve_rows(name: str, found: dict[str, Figures]) -> list[str]:
    ours = found["onshore"]
    return [
        f"| {name} | {tool} | {f['seconds']:.1f} | {f['seconds'] / ours['seconds']:.1f} | {f['objective'] / 1e6:,.3f} m "
        f"| {f['bound'] / 1e6:,.3f} m | {(f['objective'] - f['bound']) / f['objective']:.3%} | {f['megabytes']:.0f} |"
        for tool, f in found.items()
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        answer({"prepare": prepare, "build": build, "solve": solve}[sys.argv[2]](*sys.argv[3:]))
    else:
        main()
