"""Commands that question a run: explain, compare, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onshore.cli import show
from onshore.cli.plan import Quiet
from onshore.cli.tables import AsJson
from onshore.errors import WrongUse

__all__ = ["compare", "explain", "verify"]

Run = Annotated[Path, typer.Argument(metavar="RUN", help="A run that `onshore plan` wrote.")]


def explain(
    run: Run,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A part, limit, offer or maker of it.")] = None,
    step: Annotated[
        float | None,
        typer.Option(
            "--step",
            min=0,
            metavar="S",
            help="Plan again with the limit eased by S; 0 means the step of the run's table `steps`.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say why: of the whole plan, a part, a limit, an offer or a maker.

    A part: how it is sourced, its cheapest options, what stands against a better one. A limit: what the plan reaches,
    between which two sums a step of room is worth, the least step that lets a part in, which parts it holds up; with
    --step, a step of another size, by planning again. An offer: whether it is awarded, and why not. A maker: its
    awards, and the hours and limits that are full. A row of machine-hours goes by the name a reason gives it.

    Example: onshore explain runs/first turbocharger
    """
    from onshore.sourcing import explain as ask
    from onshore.sourcing import step_worth

    if step is not None and name is None:
        raise WrongUse("--step eases one limit: name it, as in `onshore explain RUN LIMIT --step 0`.")
    found = ask(run, name)
    names, text = {"ok": True, **found.as_dict()}, found.summary()
    if step is not None:
        worth = step_worth(run, str(name), step or None)
        names, text = {**names, "step": worth.as_dict()}, f"{text}\n{worth.summary()}"
    show.result(names, text, as_json=as_json)


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


def verify(run: Run, quiet: Quiet = False, as_json: AsJson = False) -> None:
    """Recompute a run from its files alone: is the plan possible, what does it cost, how good is it at least.

    The bound comes from the prices in row_prices.csv over the whole option table, from what each maker in
    maker_losses.csv loses at least, which is looked for again, and from branches.csv, where each branch has prices of its own.
    Exit code 1 when the plan breaks a row, or run.json claims something else.

    Example: onshore verify runs/first
    """
    from onshore.sourcing import verify as recompute

    with show.Watch(quiet=quiet) as watch:
        found = recompute(run, progress=watch)
    show.result({**found.as_dict(), "ok": found.ok}, found.summary(), as_json=as_json)
    if not found.ok:
        raise typer.Exit(1)
