"""Commands that plan and tell: need, plan, demo, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onshore.cli import show
from onshore.cli.tables import AsJson

__all__ = ["demo", "need", "plan", "report"]

DEMO = "iran-1398"

Programme = Annotated[Path, typer.Argument(metavar="DIR", help="A programme: a folder or a workbook.")]
Gap = Annotated[
    float | None,
    typer.Option(
        "--gap", min=0, max=1, metavar="G", help="Stop once the plan is proved within this share of the best."
    ),
]
TimeLimit = Annotated[
    float | None,
    typer.Option("--time-limit", min=0, metavar="S", help="Stop after this many seconds with the best plan found."),
]
Steps = Annotated[
    bool,
    typer.Option(
        "--steps",
        help="Say more narrowly what a step of each limit that matters is worth: plan again, up to 10 seconds each.",
    ),
]
Method = Annotated[
    str | None,
    typer.Option(
        "--method", metavar="whole|decomposed", help="How to search; by size if left out. Both prove their gap."
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        min=1,
        metavar="N",
        help="Processes that hold the option table of a decomposed programme in pieces. The plan is the same. Needs Dask.",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster", metavar="ADDRESS", help="A Dask cluster to hold them instead, such as tcp://10.0.0.5:8786."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show no progress.")]


def need(programme: Programme, as_json: AsJson = False) -> None:
    """Print how many units are needed by year.

    Needs are what the table `needs` gives, and `volumes` through the bills of materials. With --json, by part.

    Example: onshore need mine
    """
    from onshore.blueprint.needs import need as needed
    from onshore.blueprint.programme import read

    found = needed(read(programme))
    show.result({"ok": True, **found.as_dict()}, found.summary(), as_json=as_json)


def plan(
    programme: Programme,
    out: Annotated[Path, typer.Option("--out", metavar="RUN", help="The run to write, a folder.")],
    gap: Gap = None,
    time_limit: TimeLimit = None,
    method: Method = None,
    steps: Steps = False,
    workers: Workers = 1,
    cluster: Cluster = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Choose what to make, by whom and from when.

    Proves how good the plan is, and writes a run with its report. Exit code 1 when no plan keeps every hard limit. Ctrl-C ends the search with the best plan so far and its proof; before there is one, nothing is written.

    Example: onshore plan mine --out runs/first --gap 0.001
    """
    names, told = _planned(
        programme, out, gap, time_limit, method, steps=steps, workers=workers, cluster=cluster, quiet=quiet
    )
    show.result(names, told, as_json=as_json)


def demo(
    name: Annotated[str, typer.Argument(help="Which demonstration.")] = DEMO,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where; onshore-demo/NAME if left out.")
    ] = None,
    which: Annotated[bool, typer.Option("--list", help="Print the names of the demonstrations.")] = False,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    steps: Steps = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Plan a programme that ships with the package; where it has a record of contracts, say where it stands as well.

    Example: onshore demo iran-1398
    """
    from onshore import demo as room

    if which:
        show.result({"ok": True, "demos": room.names()}, "\n".join(room.names()), as_json=as_json)
        return
    source = room.folder(name)
    target = Path("onshore-demo", name) if out is None else out
    names, told = _planned(source, target, gap, time_limit, None, steps=steps, quiet=quiet)
    stands = None
    if (source / "contracts.csv").is_file():
        from onshore.chain import track_and_report

        stands = target.with_name(f"{target.name}-progress")
        made, chances = track_and_report(source, stands, plan_run=target)
        brief = "" if chances is None else chances.brief()
        told = f"{told}\n\n{made.summary()}\n{brief}\n\nReport: {stands / 'report.html'}"
    names |= {"demo": name, "progress": None if stands is None else str(stands)}
    show.result(names, told, as_json=as_json)


def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run that `onshore plan` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Write the report of a run again.

    Example: onshore report runs/first
    """
    from onshore.report import write_report

    page = write_report(run)
    show.result({"ok": True, "report": str(page)}, f"Report: {page}", as_json=as_json)


def _planned(
    programme: Path,
    out: Path,
    gap: float | None,
    time_limit: float | None,
    method: str | None,
    *,
    steps: bool,
    quiet: bool,
    workers: int = 1,
    cluster: str | None = None,
) -> tuple[dict[str, object], str]:
    """What a plan is told as: names for a program, words for a person."""
    from onshore.chain import plan_and_report

    with show.Watch(quiet=quiet) as watch:
        made = plan_and_report(
            programme, out, gap=gap, time_limit=time_limit, method=method, steps=steps, workers=workers, cluster=cluster,
            progress=watch,
        )  # fmt: skip
    page = out / "report.html"
    names = {"ok": True, "run": str(out), "report": str(page), **made.as_dict()}
    return names, f"{made.summary()}\n\nReport: {page}"
