"""How long a plan takes, and how long it takes to ask it again with something changed.

    python benchmarks/what_if.py                  300 and 1,000 parts
    python benchmarks/what_if.py 300 1            one size and seed

The first plan has a minute, or until its search ends. Then each question is asked of the run that it left: the maker
with most awards drops out, an offer that is awarded gets 5 % cheaper, a year's investment budget grows by a tenth. Every
question is timed from the run's files to the new plan with its tables. Last, two worlds are drawn in which imports are up to 3 % cheaper:
from the run's files to the own plan of each, and those that are best on average and in the tail.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from alone import Figures, alone, answer, timed

SIZES = ((300, 1), (1000, 1))
SECONDS = 60.0
DRAWS = 2
QUESTIONS = ("without a maker", "an offer 5 % cheaper", "a budget 10 % larger")


def prepare(folder: str, parts: str, seed: str) -> Figures:
    import onshore as on
    from onshore.demo import synth

    drawn = synth.draw(int(parts), int(seed))
    cheaper = {"row": 2, "table": "parts", "key": "*", "column": "import_price", "distribution": "triangular"}
    uncertainty = pl.DataFrame([{**cheaper, "parameters": "low=0.97; high=1.0", "group": "market"}])
    on.write(on.build(drawn.settings, {**drawn.tables, "uncertainty": uncertainty}), Path(folder) / "programme")
    return {}


def first(folder: str) -> Figures:
    """From tables to a run."""
    import onshore as on

    figures, began = Figures(), time.monotonic()
    with timed(figures, "cpu"):
        plan = on.plan(on.read(Path(folder) / "programme"), time_limit=SECONDS)
        on.write_plan(plan, Path(folder) / "run")
    return {
        **figures,
        "seconds": time.monotonic() - began,
        "gap": plan.gaps.of_cost or 0.0,
        "objective": plan.objective,
    }


def ask(folder: str, question: str) -> Figures:
    """From the run's files to the new plan."""
    import onshore as on
    from onshore.sourcing.declared import TABLES
    from onshore.tables.runs import read_run

    awards = read_run(Path(folder) / "run", {"awards": TABLES["awards"]})["awards"]
    counts = awards["maker"].value_counts().sort("count", "maker")
    changes = {
        QUESTIONS[0]: on.Changes(without=(counts["maker"][-1],)),
        QUESTIONS[1]: on.Changes(offers={awards["offer"][0]: "-5%"}),
        QUESTIONS[2]: on.Changes(limits={"investment-2028": "+10%"}),
    }
    figures, began = Figures(), time.monotonic()
    with timed(figures, "cpu"):
        found = on.what_if(Path(folder) / "run", changes[question])
    return {
        **figures, "seconds": time.monotonic() - began, "gap": found.plan.gaps.of_cost or 0.0, "low": found.low,
        "high": found.high, "moved": found.awards.height,
    }  # fmt: skip


def worlds(folder: str) -> Figures:
    """From the run's files to all plans of the drawn worlds."""
    import onshore as on
    from onshore.sourcing.declared import TABLES
    from onshore.tables.runs import read_run

    figures, began = Figures(), time.monotonic()
    with timed(figures, "cpu"):
        run = read_run(Path(folder) / "run", TABLES)
        on.plan_worlds(on.read(run.input), run.tables, asked=on.Asked(draws=DRAWS, fresh=0))
    return {**figures, "seconds": time.monotonic() - began}


def row(parts: int, what: str, f: Figures, ratio: float, moves: str) -> str:
    gap = f"{f['gap']:.2%}" if "gap" in f else ""
    return f"| {parts} | {what} | {f['seconds']:.1f} | {f['cpu']:.1f} | {ratio:.3f} | {gap} | {moves} |"


def main(sizes: tuple[tuple[int, int], ...]) -> None:
    print("| parts | what | clock, s | CPU, s | ratio of CPU | gap of cost | the best cost moves by |")
    print("|---|---|---|---|---|---|---|")
    for parts, seed in sizes:
        with tempfile.TemporaryDirectory() as folder:
            alone(__file__, "prepare", folder, parts, seed)
            made = alone(__file__, "first", folder)
            print(row(parts, "the first plan", made, 1.0, ""), flush=True)
            for question in QUESTIONS:
                asked = alone(__file__, "ask", folder, question)
                moves = f"{asked['low'] / 1e6:+,.1f} m to {asked['high'] / 1e6:+,.1f} m, {asked['moved']:.0f} parts"
                print(row(parts, question, asked, asked["cpu"] / made["cpu"], moves), flush=True)
            drawn = alone(__file__, "worlds", folder)
            print(row(parts, f"{DRAWS} drawn worlds", drawn, drawn["cpu"] / made["cpu"], ""), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        answer({"prepare": prepare, "first": first, "ask": ask, "worlds": worlds}[sys.argv[2]](*sys.argv[3:]))
    else:
        main(((int(sys.argv[1]), int(sys.argv[2] if len(sys.argv) > 2 else 1)),) if sys.argv[1:] else SIZES)
