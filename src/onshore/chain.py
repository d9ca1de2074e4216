"""The only file that calls several rooms: read, plan, write the run, tell it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

from onshore.blueprint.programme import read, write
from onshore.progress import contract_economics
from onshore.report import write_report
from onshore.sourcing import DEFAULT_GAP, Plan, Progress, plan
from onshore.tables.runs import may_be_replaced, write_run

__all__ = ["plan_and_report", "write_plan"]

VERSIONS_OF = ("onshore", "highspy", "numpy", "polars", "scipy")


def plan_and_report(
    path: Path | str, out: Path | str, *, gap: float | None = None, time_limit: float | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Plan:  # fmt: skip
    """Plan the programme at `path` and write the run, its report included, to `out`."""
    may_be_replaced(Path(out))  # before the work, not after it
    programme = read(path)
    made = plan(programme, gap=DEFAULT_GAP if gap is None else gap, time_limit=time_limit, progress=progress)
    run = write_plan(made, out, gap=gap, time_limit=time_limit)
    write_report(run)  # after the run is whole: a fault in the report must not lose a plan
    return made


def write_plan(made: Plan, out: Path | str, *, gap: float | None = None, time_limit: float | None = None) -> Path:
    """Write a plan as a run, without its report. The same plan gives the same bytes."""
    figures = {
        **made.as_dict(),
        "seed": 0,
        "asked_gap": DEFAULT_GAP if gap is None else gap,
        "asked_time_limit_seconds": time_limit,
        "versions": {name: version(name) for name in VERSIONS_OF},
    }
    tables = dict(made.tables)
    if made.programme.has("contracts"):
        tables["economics"] = contract_economics(made.programme)
    return write_run(Path(out), tables, figures, write_input=partial(write, made.programme))
