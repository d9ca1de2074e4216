"""A plan put into many worlds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from onshore.blueprint.programme import read, write
from onshore.chain.said import WORLDS, versions
from onshore.report import write_report
from onshore.sourcing.declared import TABLES as PLAN_TABLES
from onshore.tables.runs import may_be_replaced, read_run, write_run

if TYPE_CHECKING:
    from onshore.uncertainty import Asked, Worlds

__all__ = ["worlds_and_report"]


def worlds_and_report(
    path: Path | str, out: Path | str | None = None, *, asked: Asked | None = None, workers: int = 1, cluster: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Worlds:  # fmt: skip
    """The plan of a programme, or of a run, in many worlds and, where `out` is given, write them there with their report."""
    from onshore.uncertainty import plan_worlds

    if out is not None:
        may_be_replaced(Path(out))  # before the work, not after it
    run = read_run(Path(path), PLAN_TABLES) if (Path(path) / "run.json").is_file() else None
    programme = read(path if run is None else run.input)
    tables = None if run is None else run.tables
    made = plan_worlds(programme, tables, asked=asked, workers=workers, cluster=cluster, progress=progress)
    if out is not None:
        figures: dict[str, object] = {
            "kind": WORLDS,
            **made.as_dict(),
            "plan": None if run is None else str(run.figures["input_hash"]),
            "versions": versions(),
        }
        write_report(write_run(Path(out), made.tables, figures, write_input=partial(write, programme)))
    return made
