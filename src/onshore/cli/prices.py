"""The command that says what a plan does to prices at home: prices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onshore.cli import show
from onshore.cli.tables import AsJson

__all__ = ["prices"]


def prices(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run that `onshore plan` wrote.")],
    draws: Annotated[
        int, typer.Option("--draws", min=0, metavar="N", help="How many draws the bands rest on; 0 for none.")
    ] = 100,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="S", help="What they are drawn from.")] = 0,
    maker_margin: Annotated[
        float,
        typer.Option(
            "--maker-margin", min=0, max=0.99, metavar="M", help="What a home maker earns on its offer, a share."
        ),
    ] = 0.0,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what a plan does to prices at home: which markets fall, which rise, and who gains what.

    Reads `part_markets`, `brands` and `owners` of the run's input. Three readings, never mixed: the same brand at the blended
    cost; a home brand beside the imports; the same with imports barred. Bands come from drawn elasticities, exchange rates and
    tastes. A part without market data is named and nothing is made up. Writes the tables into the run, and its report again.

    Example: onshore prices runs/first --draws 200 --seed 1
    """
    from onshore.chain import price_and_report
    from onshore.prices import Assumed
    from onshore.sourcing import Progress

    with show.Watch(quiet=quiet) as watch:
        made = price_and_report(
            run,
            assumed=Assumed(maker_margin=maker_margin, draws=draws, seed=seed),
            progress=lambda done, all_of_them: watch(Progress(0.0, f"draws: {10 * (10 * done // all_of_them)} %")),
        )
    page = run / "report.html"
    names = {"ok": True, "report": str(page), **made.as_dict()}
    show.result(names, f"{made.summary()}\n\nReport: {page}", as_json=as_json)
