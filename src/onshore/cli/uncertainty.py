"""The command that puts a plan into many worlds: uncertainty."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onshore.cli import show
from onshore.cli.plan import Quiet
from onshore.cli.tables import AsJson

__all__ = ["uncertainty"]

BAR = 20


def uncertainty(
    source: Annotated[
        Path,
        typer.Argument(metavar="DIR|RUN", help="A programme, which is planned first; or a run, whose plan is taken."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write tables and report there, a folder.")
    ] = None,
    draws: Annotated[
        int,
        typer.Option(
            "--draws", min=0, metavar="N", help="How many worlds to draw from `uncertainty`; 0 for scenarios alone."
        ),
    ] = 100,
    fresh: Annotated[
        int | None,
        typer.Option(
            "--fresh", min=0, metavar="N", help="How many more that only weigh the plans; as many if left out."
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="S", help="What they are drawn from.")] = 0,
    level: Annotated[
        float,
        typer.Option(
            "--level", min=0, max=0.999, metavar="A", help="Of conditional value at risk: 0.9 for the worst tenth."
        ),
    ] = 0.9,
    gap: Annotated[
        float,
        typer.Option(
            "--gap", min=0, max=1, metavar="G", help="Stop each search once proved within this share of the best."
        ),
    ] = 1e-3,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            metavar="N",
            help="Processes; one a processor if left out, and 1 without Dask. The result is the same.",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", metavar="ADDRESS", help="A Dask cluster to work on, such as tcp://10.0.0.5:8786."),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Say what a plan is worth in other worlds, which awards nearly all of them share, and what leaving partners cost.

    Worlds are the rows of `scenarios`, and draws from `uncertainty`. In each the plan is put in as signed, and the world's own best plan is found beside it. Says which plan is best on average, in the worst tenth, and by regret, with sampled bounds.

    Example: onshore uncertainty runs/first --draws 200 --seed 1 --out runs/first-worlds
    """
    from onshore.blueprint.crew import usual_workers
    from onshore.chain import worlds_and_report
    from onshore.sourcing import Progress
    from onshore.uncertainty import Asked

    asked = Asked(draws=draws, fresh=fresh, seed=seed, level=level, gap=gap)
    with show.Watch(quiet=quiet) as watch:
        made = worlds_and_report(
            source, out, asked=asked, workers=usual_workers() if workers is None else workers, cluster=cluster,
            progress=lambda stage, done, count: watch(Progress(0.0, f"{stage:<15} {_bar(done, count)}")),
        )  # fmt: skip
    page = None if out is None else str(out / "report.html")
    names = {"ok": True, "run": None if out is None else str(out), "report": page, **made.as_dict()}
    show.result(names, made.summary() + (f"\n\nReport: {page}" if page else ""), as_json=as_json)


def _bar(done: int, count: int) -> str:
    """`█████░░░░░  50 %`, in steps that a log can bear."""
    tenths = 10 * done // max(1, count)
    return f"{'█' * (BAR * tenths // 10)}{'░' * (BAR - BAR * tenths // 10)} {10 * tenths:3} %"
