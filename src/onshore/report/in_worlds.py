"""A folder of `onshore uncertainty` as its chapters see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from onshore.blueprint.programme import Programme, read
from onshore.report.numbers import day, percent, scale_of
from onshore.report.pieces import Cell
from onshore.report.workbook import Fact
from onshore.tables.runs import Run, read_run
from onshore.uncertainty.declared import TABLES
from onshore.uncertainty.words import unit_of

if TYPE_CHECKING:
    from onshore.report.numbers import Scale

__all__ = ["InWorlds", "world_facts", "worlds_of"]


@dataclass(frozen=True)
class InWorlds:
    """A folder of `onshore uncertainty`, and the programme it was made from."""

    run: Run
    programme: Programme

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.run[table]

    @property
    def unit(self) -> str:
        return unit_of(self.programme.settings)

    @property
    def worst(self) -> str:
        """`10 %`: the share of draws that the tail is made of."""
        return percent(round(1.0 - float(str(self.run.figures["level"])), 6))

    @property
    def scale(self) -> Scale:
        """One for every value of the page."""
        return scale_of(self["values"]["value"].abs())

    @property
    def remarks(self) -> list[str]:
        """What run.json says that a reader should know."""
        said = self.run.figures["remarks"]
        return [str(remark) for remark in said] if isinstance(said, list) else []

    def chosen(self, what: str) -> dict[str, object] | None:
        """The row of `plans` that `run.json` names, such as `best_on_average`."""
        name = self.run.figures[what]
        return None if name is None else self["plans"].filter(plan=str(name)).row(0, named=True)

    def day(self, on: object) -> Cell:
        return Cell(*day(on, self.programme.settings.calendar))  # type: ignore[arg-type]


def worlds_of(folder: Path) -> InWorlds:
    """Read a folder of `onshore uncertainty`. Nothing outside it is looked at."""
    run = read_run(folder, TABLES)
    return InWorlds(run, read(run.input))


def world_facts(told: InWorlds) -> list[Fact]:
    """The headline numbers in full, for the workbook."""
    rows: list[Fact] = [("The plan in the programme itself", told["worlds"]["value"][0], told.unit)]
    for what, words in (("best_on_average", "Best on average"), ("best_in_the_tail", "Best in the tail")):
        if (plan := told.chosen(what)) is not None:
            rows.append((f"{words}: {plan['plan']}", plan["mean" if what == "best_on_average" else "cvar"], told.unit))
    return [
        *rows,
        (
            "Hash of the input",
            str(told.run.figures["input_hash"]),
            "SHA-256; the programme lies in the folder input beside this workbook",
        ),
    ]
