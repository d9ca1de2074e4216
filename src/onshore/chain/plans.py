"""A programme planned, asked again or weighed by two measures, written as a run and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from onshore.blueprint.programme import read, write
from onshore.chain.prices import price_and_report
from onshore.chain.said import FRONTIER, versions
from onshore.progress import contract_economics
from onshore.report import write_report
from onshore.sourcing import (
    DEFAULT_GAP,
    Changes,
    Frontier,
    InOrder,
    Plan,
    Progress,
    WhatIf,
    frontier,
    in_order,
    plan,
    what_if,
)
from onshore.sourcing.solver import stages
from onshore.tables.runs import may_be_replaced, write_run

__all__ = ["frontier_and_report", "goals_and_report", "plan_and_report", "what_if_and_report", "write_plan"]


def plan_and_report(
    path: Path | str, out: Path | str, *, gap: float | None = None, time_limit: float | None = None,
    method: str | None = None, steps: bool = False, workers: int = 1, cluster: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Plan:  # fmt: skip
    """Plan the programme at `path` and write the run, its report included, to `out`."""
    may_be_replaced(Path(out))  # before the work, not after it
    programme = read(path)
    asked = DEFAULT_GAP if gap is None else gap
    made = plan(
        programme, gap=asked, time_limit=time_limit, method=method, steps=steps, workers=workers, cluster=cluster,
        progress=progress,
    )  # fmt: skip
    _written_and_told(made, out, stages(progress))
    return made


def what_if_and_report(
    run: Path | str, changes: Changes, out: Path | str | None = None, *, gap: float | None = None,
    time_limit: float | None = None, progress: Callable[[Progress], None] | None = None,
) -> WhatIf:  # fmt: skip
    """Ask the plan of a run again with changes and, where `out` is given, write the new plan there as a run with its report."""
    if out is not None:
        may_be_replaced(Path(out))
    found = what_if(run, changes, gap=gap, time_limit=time_limit, progress=progress)
    if out is not None:
        _written_and_told(found.plan, out, lambda stage: None)
    return found


def frontier_and_report(
    path: Path | str, first: str, second: str, out: Path | str | None = None, *, points: int = 9, gap: float | None = None,
    time_limit: float | None = None, progress: Callable[[Progress], None] | None = None,
) -> Frontier:  # fmt: skip
    """The frontier between two measures of the programme at `path`, written to `out` with its report where that is given."""
    if out is not None:
        may_be_replaced(Path(out))
    programme = read(path)
    made = frontier(programme, first, second, points=points, gap=gap, time_limit=time_limit, progress=progress)
    if out is not None:
        figures: dict[str, object] = {
            "kind": FRONTIER,
            **made.as_dict(),
            "asked_points": points,
            "asked_gap": made.gap,
            "asked_time_limit_seconds": time_limit,
            "versions": versions(),
        }
        write_report(write_run(Path(out), made.tables, figures, write_input=partial(write, programme)))
    return made


def goals_and_report(
    path: Path | str, goals: Sequence[str], out: Path | str | None = None, *, tolerance: float = 0.0, gap: float | None = None,
    time_limit: float | None = None, progress: Callable[[Progress], None] | None = None,
) -> InOrder:  # fmt: skip
    """Plan the programme at `path` by goals in order; the last plan is written to `out` as a run where that is given."""
    if out is not None:
        may_be_replaced(Path(out))
    made = in_order(read(path), goals, tolerance=tolerance, gap=gap, time_limit=time_limit, progress=progress)
    if out is not None:
        _written_and_told(made.plan, out, lambda stage: None)
    return made


def _written_and_told(made: Plan, out: Path | str, at: Callable[[str], None]) -> None:
    """The run, then what it does to prices, then its report; `at` is told the stage."""
    run = write_plan(made, out)
    # after the run is whole: neither a fault in what follows nor Ctrl-C may lose a plan
    if made.programme.has("part_markets"):
        at("prices")  # before they are compiled, which takes a minute the first time
        price_and_report(run, progress=lambda done, all_: at("prices" if done < all_ else "report"))
    else:
        at("report")
        write_report(run)


def write_plan(made: Plan, out: Path | str) -> Path:
    """Write a plan as a run, without its report and without what it does to prices. The same plan gives the same bytes."""
    figures = {
        **made.as_dict(),
        "seed": 0,
        "asked_gap": made.asked_gap,
        "asked_time_limit_seconds": made.asked_time_limit,
        "versions": versions(),
    }
    tables = dict(made.tables)
    if made.programme.has("contracts"):
        tables["economics"] = contract_economics(made.programme)
    return write_run(Path(out), tables, figures, write_input=partial(write, made.programme))
