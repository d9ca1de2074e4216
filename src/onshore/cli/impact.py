"""The command that measures afterwards: impact."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onshore.cli import show
from onshore.cli.tables import AsJson

__all__ = ["impact"]


def impact(
    panel: Annotated[
        Path, typer.Argument(metavar="PANEL", help="A CSV file: a part and month a row; `onshore tables panel`.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="RUN", help="Write tables and report there, a folder.")
    ] = None,
    predicted: Annotated[
        Path | None,
        typer.Option("--predicted", metavar="CSV", help="What had been predicted; `onshore tables predicted`."),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            "--run", metavar="RUN", help="A run of `onshore plan`, whose effect on prices is held against it."
        ),
    ] = None,
    reading: Annotated[
        str, typer.Option("--reading", metavar="HOW", help="With --run: `replace`, `enter` or `barred`.")
    ] = "replace",
    scale: Annotated[
        str, typer.Option("--scale", metavar="HOW", help="`log`: as a share of the value; `level`: in its unit.")
    ] = "log",
    comparison: Annotated[
        str,
        typer.Option(
            "--comparison", metavar="WHOM", help="`not_yet`: parts not started by then; `never`: parts never started."
        ),
    ] = "not_yet",
    covariate: Annotated[
        list[str] | None,
        typer.Option("--covariate", metavar="x_NAME", help="Compare at equal values of this column; may be repeated."),
    ] = None,
    method: Annotated[
        str, typer.Option("--method", metavar="HOW", help="With covariates: doubly_robust, regression or weighting.")
    ] = "doubly_robust",
    anticipation: Annotated[
        int, typer.Option("--anticipation", min=0, metavar="MONTHS", help="Values may answer so long before a start.")
    ] = 0,
    base: Annotated[
        str,
        typer.Option("--base", metavar="HOW", help="What earlier months are held against: `universal` or `varying`."),
    ] = "universal",
    gaps: Annotated[
        str, typer.Option("--gaps", metavar="HOW", help="Parts that lack months: `refuse` them, or `drop` them.")
    ] = "refuse",
    confidence: Annotated[
        float, typer.Option("--confidence", min=0.5, max=0.9999, metavar="C", help="Of intervals and bands.")
    ] = 0.95,
    as_json: AsJson = False,
) -> None:
    """Measure what the start of lines at home did to prices or imports.

    Compares parts whose line started with parts whose line had not, before and after, by month of start; says whether they moved alike before, and what stands against the number. A panel that cannot answer is told so, with every reason at once.

    Example: onshore impact panel.csv --run runs/first --out runs/effect
    """
    from onshore.chain import measure_and_report
    from onshore.impact import Design

    design = Design(
        scale=scale, comparison=comparison, covariates=tuple(covariate or ()), method=method,
        anticipation=anticipation, base=base, gaps=gaps, confidence=confidence,
    )  # fmt: skip
    effect = measure_and_report(panel, out, predicted=predicted, run=run, reading=reading, design=design)
    page = None if out is None else str(out / "report.html")
    names = {"ok": True, "run": None if out is None else str(out), "report": page, **effect.as_dict()}
    show.result(names, effect.summary() + (f"\n\nReport: {page}" if page else ""), as_json=as_json)
