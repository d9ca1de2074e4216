"""Where a programme stands, beside its plan and an earlier report."""

from __future__ import annotations

from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from onshore.blueprint.calendar import year_start
from onshore.blueprint.programme import Programme, read, write
from onshore.chain.said import PROGRESS
from onshore.errors import WrongUse
from onshore.progress import Track, changes, track
from onshore.progress.declared import TRACK_TABLES
from onshore.report import write_report
from onshore.sourcing.declared import TABLES as PLAN_TABLES
from onshore.tables.runs import may_be_replaced, read_run, write_run

if TYPE_CHECKING:
    from onshore.progress import Odds

__all__ = ["DRAWS", "planned_of", "track_and_report"]

DRAWS = 4000


def track_and_report(
    path: Path | str, out: Path | str | None = None, *, as_of: date | None = None, market: str | None = None,
    currency: str | None = None, calendar: str | None = None, plan_run: Path | str | None = None,
    since: Path | date | None = None, seed: int = 0, draws: int = DRAWS,
) -> tuple[Track, Odds | None]:  # fmt: skip
    """Track the programme at `path` and, where `out` is given, write a progress folder with its report there.

    The odds of the targets are drawn with `seed` and `draws`; with no draws there are none. The awards of `plan_run` enter as planned. `since` is an earlier progress folder, or an earlier day: what changed since
    is then told. `calendar` is how days are written in the report.
    """
    if out is not None:
        may_be_replaced(Path(out))  # before the work, not after it
    programme = read(path)
    planned = None if plan_run is None else planned_of(plan_run)
    made = track(programme, as_of=as_of, market=market, currency=currency, planned=planned)
    chances = None
    if draws:
        from onshore.progress import odds  # the compiler is loaded only where odds are asked for

        chances = odds(made, seed=seed, draws=draws)
    if out is None:
        return made, chances
    tables = {**made.tables, **(chances.tables if chances and chances.forecasts else {})}
    if since is not None:
        earlier = _earlier(since, programme, made, planned)
        tables["changes"] = changes(earlier, made.tables, currency=made.currency, market=made.market)
    figures: dict[str, object] = {
        "kind": PROGRESS,
        "programme": programme.settings.name,
        "as_of": made.as_of.isoformat(),
        "since": since.isoformat() if isinstance(since, date) else None if since is None else _day_of(since),
        "currency": made.currency,
        "market": made.market,
        "calendar": calendar or programme.settings.calendar,
        "seed": seed,
        "draws": draws,
        "left_out": [] if chances is None else list(chances.left_out),
        "plan": None if plan_run is None else str(read_run(Path(plan_run), {}).figures["input_hash"]),
        "versions": {name: version(name) for name in ("onshore", "numba", "numpy", "polars", "scipy")},
    }
    run = write_run(Path(out), tables, figures, write_input=partial(write, programme))
    write_report(run)
    return made, chances


def _earlier(
    since: Path | date, programme: Programme, made: Track, planned: pl.DataFrame | None
) -> dict[str, pl.DataFrame]:
    """The tables of an earlier report, or of the same record as it was known on an earlier day."""
    if isinstance(since, date):
        if since >= made.as_of:
            raise WrongUse(f"{since} is not before {made.as_of}, the day of this report.")
        return track(programme, as_of=since, market=made.market, currency=made.currency, planned=planned).tables
    _day_of(since)
    return read_run(since, TRACK_TABLES).tables


def _day_of(folder: Path) -> str:
    """The day of a progress folder. Raises `WrongUse` where it is something else."""
    figures = read_run(folder, {}).figures
    if figures.get("kind") != PROGRESS:
        raise WrongUse(f"{folder} holds a plan, not a report of progress. `onshore progress DIR --out` writes one.")
    return str(figures["as_of"])


def planned_of(plan_run: Path | str) -> pl.DataFrame:
    """The awards of a run as amounts: part, maker, partner, contract_value, imports_displaced, currency, day.

    Imports displaced a year are those of the award over its years from the start to the end of the programme.
    """
    if read_run(Path(plan_run), {}).figures.get("kind") == PROGRESS:
        raise WrongUse(f"{plan_run} holds a report of progress, not a plan. `onshore plan DIR --out RUN` makes one.")
    run = read_run(Path(plan_run), {"awards": PLAN_TABLES["awards"]})
    programme = read(run.input)
    s = programme.settings
    end = pl.lit(year_start(s.last_year + 1, s.calendar))
    years = pl.max_horizontal((end - pl.col("start")).dt.total_days() / 365.25, pl.lit(1 / 12))
    partners = programme["ventures"].select("venture", "partner")
    return (
        run["awards"]
        .join(partners, on="venture", how="left")
        .select(
            "part", "maker", "partner", "contract_value", imports_displaced=pl.col("imports_displaced") / years,
            currency=pl.lit(s.currency), day="signed",
        )
    )  # fmt: skip
