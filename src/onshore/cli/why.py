"""Commands that question a run: explain, compare, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onshore.cli import show
from onshore.cli.tables import AsJson

__all__ = ["compare", "explain", "verify"]

Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run that `onshore plan` wrote.")]


def explain(
    run: Run,
    name: Annotated[str | None, typer.Argument(metavar="[PART|LIMIT]", help="A part or a limit of it.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say why: of the whole plan, one part, or one limit.

    A part: how it is sourced, its cheapest options, what stands against making it at home. A limit: what the plan
    reaches, what more room is worth at most, which parts it keeps imported.

    Example: onshore explain runs/first turbocharger
    """
    from onshore.sourcing import explain as ask

    found = ask(run, name)
    show.result({"ok": True, **found.as_dict()}, found.summary(), as_json=as_json)


def compare(
    before: Annotated[Path, typer.Argument(metavar="RUN", help="A run.")],
    after: Annotated[Path, typer.Argument(metavar="RUN", help="Another.")],
    as_json: AsJson = False,
) -> None:
    """Print what moved between two runs: awards, the input behind them, and the figures.

    Example: onshore compare runs/first runs/second
    """
    from onshore.sourcing import compare as beside

    found = beside(before, after)
    show.result({"ok": True, **found.as_dict()}, found.summary(), as_json=as_json)


def verify(run: Run, as_json: AsJson = False) -> None:
    """Recompute a run from its files alone: is the plan possible, what does it cost, how good is it at least.

    The bound comes from the prices in row_prices.csv over the whole option table; nothing of the search is used. Exit
    code 1 when the plan breaks a row, or run.json claims something else.

    Example: onshore verify runs/first
    """
    from onshore.sourcing import verify as recompute

    found = recompute(run)
    show.result({**found.as_dict(), "ok": found.ok}, found.summary(), as_json=as_json)
    if not found.ok:
        raise typer.Exit(1)
