"""A progress folder as the chapters see it: what `Reading` is for a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from onshore.blueprint.programme import read
from onshore.blueprint.settings import Settings
from onshore.progress.declared import CHANGES, ODDS_TABLES, TRACK_TABLES
from onshore.report.numbers import NONE, Scale
from onshore.report.pieces import Cell
from onshore.report.reading import Reading
from onshore.tables.runs import read_run

__all__ = ["MEASURE_WORDS", "STAGES", "STAGE_WORDS", "Standing", "ranged", "standing_of"]

STAGES = ("planned", "contracted", "in_production", "realised")
STAGE_WORDS = dict(zip(STAGES, ("Planned", "Contracted", "In production", "Realised"), strict=True))
MEASURE_WORDS = {"contract_value": "Contract value", "imports_displaced": "Imports displaced a year"}
MAY_LACK = (CHANGES.name, *ODDS_TABLES)


@dataclass(frozen=True)
class Standing(Reading):
    """Days are written in the calendar that was asked for; money in the summary's currency, at its market's rates."""

    @cached_property
    def settings(self) -> Settings:
        return replace(self.programme.settings, calendar=str(self.run.figures["calendar"]))

    @property
    def currency(self) -> str:
        return str(self.run.figures["currency"])

    @property
    def market(self) -> str:
        return str(self.run.figures["market"])

    @property
    def as_of(self) -> date:
        return date.fromisoformat(str(self.run.figures["as_of"]))

    @property
    def markets(self) -> list[str]:
        """Every market, the summary's first."""
        found = self["amounts"]["market"].drop_nulls().unique().sort().to_list()
        return [self.market, *(m for m in found if m != self.market)] if self.market in found else found

    def amounts(
        self, scope: str, *, measure: str, currency: str | None = None, market: str | None = None
    ) -> pl.DataFrame:
        """Rows of one scope and measure in one view; the summary's unless another is named."""
        return self["amounts"].filter(
            (pl.col("scope") == scope) & (pl.col("measure") == measure)
            & (pl.col("currency") == (currency or self.currency)) & (pl.col("market") == (market or self.market))
        )  # fmt: skip


def ranged(scale: Scale, low: float | None, high: float | None, sub: str = "") -> Cell:
    """`341–343`, or one figure where they are the same."""
    if low is None or high is None:
        return Cell(NONE, sub)
    least, most = scale(low), scale(high)
    return Cell(most, sub) if least == most else Cell(f"{least}–{most}", sub)


def standing_of(path: Path) -> Standing:
    """Read a progress folder and the input that it keeps. Nothing outside the folder is looked at."""
    declared = {
        name: table
        for name, table in {**TRACK_TABLES, **ODDS_TABLES, CHANGES.name: CHANGES}.items()
        if name not in MAY_LACK or (path / f"{name}.csv").is_file()
    }
    run = read_run(path, declared)
    return Standing(run, read(run.input))
