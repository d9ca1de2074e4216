"""The command that says where a programme stands: progress."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from onshore.blueprint.calendar import GREGORIAN, SOLAR_HIJRI
from onshore.cli import show
from onshore.cli.tables import AsJson
from onshore.errors import WrongUse

__all__ = ["progress"]


def progress(
    programme: Annotated[Path, typer.Argument(metavar="DIR", help="A programme: a folder or a workbook.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write the tables and the report into this folder.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="The day; the last one on which anything was seen if left out."),
    ] = None,
    rate: Annotated[
        str | None,
        typer.Option("--rate", metavar="MARKET", help="The market of the summary; the programme's own if left out."),
    ] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", metavar="CUR", help="Its currency; that of most savings if left out.")
    ] = None,
    calendar: Annotated[
        str | None,
        typer.Option("--calendar", metavar="C", help=f"How the report writes days: {GREGORIAN} or {SOLAR_HIJRI}."),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="RUN", help="A run of `onshore plan`, whose awards enter as planned."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DATE|FOLDER", help="Tell what changed since that day, or since that earlier report."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="S", help="Seed of the odds.")] = 0,
    draws: Annotated[
        int | None, typer.Option("--draws", min=0, metavar="N", help="Draws of the odds; 0 leaves the odds out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say where a programme stands: what is planned, contracted, in production and realised, and the odds of its targets.

    Only rounds of contracts, and single contracts outside a round, are added up. The four amounts are never added to one
    another, nor contract value to imports displaced. What does not agree in the record is told as findings.

    Example: onshore progress mine --as-of 2021-10-20 --out reports/october
    """
    from onshore.chain import DRAWS, track_and_report

    if calendar not in (None, GREGORIAN, SOLAR_HIJRI):
        raise WrongUse(f"`{calendar}` is not a calendar. Write {GREGORIAN} or {SOLAR_HIJRI}.")
    made, chances = track_and_report(
        programme, out, as_of=None if as_of is None else _day(as_of, "--as-of"), market=rate, currency=currency,
        calendar=calendar, plan_run=plan, since=_day_or_folder(since), seed=seed, draws=DRAWS if draws is None else draws,
    )  # fmt: skip
    names = {
        "ok": True, **made.as_dict(), "odds": None if chances is None else chances.as_dict(),
        "folder": None if out is None else str(out),
    }  # fmt: skip
    told = "\n".join([made.summary(), *([chances.brief()] if chances is not None else [])]).rstrip()
    told = told if out is None else f"{told}\n\nReport: {out / 'report.html'}"
    show.result(names, told, as_json=as_json)


def _day(text: str, option: str) -> date:
    """A day as the tables write it: Gregorian, or Solar Hijri by its year."""
    from onshore.tables.words import Refused
    from onshore.tables.words import day as canonical

    try:
        return date.fromisoformat(canonical(text))
    except Refused:
        raise WrongUse(
            f"{option} {text}: not a date. Write year-month-day, such as 2021-10-20 or 1400-07-28."
        ) from None


def _day_or_folder(text: str | None) -> date | Path | None:
    if text is None:
        return None
    if Path(text).exists():
        return Path(text)
    return _day(text, "--since")
