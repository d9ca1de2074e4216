"""What was measured afterwards, and what a run had predicted."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from onshore.blueprint.programme import read
from onshore.errors import WrongUse, finding
from onshore.impact import Design, Effect, Rows, started_in
from onshore.impact import measure_effect as measured
from onshore.report import write_report
from onshore.sourcing.declared import TABLES as PLAN_TABLES
from onshore.tables.runs import may_be_replaced, read_run, write_run
from onshore.tables.write import write_folder

if TYPE_CHECKING:
    from onshore.prices import PriceEffect

__all__ = ["measure_and_report", "measure_effect", "write_effect"]


def measure_effect(
    panel: Rows, *, predicted: Rows | None = None, run: Path | str | PriceEffect | None = None, reading: str = "replace",
    design: Design | None = None,
) -> Effect:  # fmt: skip
    """`onshore.impact.measure_effect`, with what a run (or its `PriceEffect`) predicts of prices held against it.

    Prices of the parts whose line started in the panel are predicted in this `reading`; a warning says how many of them
    the run knows. Raises `WrongUse` where it knows none, where a prediction is given besides, or values are in levels.
    """
    if run is None:
        return measured(panel, predicted=predicted, design=design)
    from onshore.prices.prediction import predicted_of  # the compiler comes with it

    if predicted is not None:
        raise WrongUse("Give a table of what had been predicted, or a run, not both.")
    if design is not None and design.scale != "log":
        raise WrongUse("A run predicts shares of prices: measure with the scale `log`.")
    prices, calendar = _predicting(run)
    started = started_in(panel)
    path = predicted_of(prices, started, reading=reading, calendar=calendar)
    effect = measured(panel, predicted=path.drop("parts"), design=design)
    known = int(path["parts"].to_numpy().max())
    if known == len(started):
        return effect
    some = finding("predicted_for_some", "panel", None, "part", known=known, started=len(started))
    return replace(effect, warnings=(*effect.warnings, some))


def _predicting(run: Path | str | PriceEffect) -> tuple[pl.DataFrame, str]:
    """The table `part_prices` and the calendar of its years."""
    from onshore.prices.declared import PART_PRICES
    from onshore.prices.effect import PriceEffect

    if isinstance(run, PriceEffect):
        return run.tables["part_prices"], run.calendar
    if not (Path(run) / f"{PART_PRICES.name}.csv").is_file():
        read_run(
            Path(run), {"awards": PLAN_TABLES["awards"]}
        )  # which tells a folder that is no plan from one without prices
        raise WrongUse(f"{run} holds no prices. Give its programme `part_markets` and `brands`, and plan again.")
    held = read_run(Path(run), {PART_PRICES.name: PART_PRICES})
    return held[PART_PRICES.name], read(held.input).settings.calendar


def measure_and_report(
    panel: Path | str, out: Path | str | None, *, predicted: Path | str | None = None, run: Path | str | None = None,
    reading: str = "replace", design: Design | None = None,
) -> Effect:  # fmt: skip
    """Measure the effect in a panel and, where `out` is given, write it there as a run with its report."""
    if out is not None:
        may_be_replaced(Path(out))
    effect = measure_effect(panel, predicted=predicted, run=run, reading=reading, design=design)
    if out is not None:
        write_report(write_effect(effect, out))
    return effect


def write_effect(effect: Effect, out: Path | str) -> Path:
    """Write a measurement as a run, without its report. The same panel and design give the same bytes."""
    figures = {
        "kind": "effect",
        **effect.as_dict(),
        "versions": {name: version(name) for name in ("onshore", "numpy", "polars", "scipy")},
    }
    return write_run(
        Path(out), effect.tables, figures, write_input=partial(write_folder, frames=effect.given, texts={})
    )
