"""Commands that weigh one thing against another: what-if, frontier, goals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onshore.cli import show
from onshore.cli.plan import Gap, Programme, Quiet, TimeLimit
from onshore.cli.tables import AsJson
from onshore.errors import WrongUse

__all__ = ["frontier", "goals", "what_if"]

Names = Annotated[list[str] | None, typer.Option("--without", metavar="MAKER", help="A maker that drops out.")]


def what_if(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run that `onshore plan` wrote.")],
    without: Names = None,
    offer: Annotated[
        list[str] | None,
        typer.Option(
            "--offer",
            metavar="OFFER:-5%",
            help="An offer at another unit price: OFFER:-5% of what it was, or OFFER=7.5.",
        ),
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option("--limit", metavar="NAME=VALUE", help="A limit at another value: NAME=70, or NAME:+10%."),
    ] = None,
    scenario: Annotated[
        list[str] | None, typer.Option("--scenario", metavar="NAME", help="The cells of a scenario of the programme.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="RUN", help="Where to write the new plan as a run; nowhere if left out."),
    ] = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Ask a plan again with something changed: what does it cost, which awards move, which limits bind.

    Each option may be given several times, and all changes are made at once. The search goes on from where the run's ended, so
    it takes a fraction of the first one, and stops as near to the best as the run did. What it costs is an interval, from
    the bounds of both plans. A maker that drops out takes the lines signed with it along.

    Example: onshore what-if runs/first --without alba --limit budget:+10%
    """
    from onshore.chain import what_if_and_report
    from onshore.sourcing import Changes

    asked = Changes(tuple(without or ()), _pairs(offer, "--offer"), _pairs(limit, "--limit"), tuple(scenario or ()))
    with show.Watch(quiet=quiet) as watch:
        found = what_if_and_report(run, asked, out, gap=gap, time_limit=time_limit, progress=watch)
    page = None if out is None else str(out / "report.html")
    names = {"ok": True, "run": None if out is None else str(out), "report": page, **found.as_dict()}
    show.result(names, found.summary() + (f"\n\nReport: {page}" if page else ""), as_json=as_json)


def frontier(
    programme: Programme,
    between: Annotated[
        tuple[str, str],
        typer.Option("--between", metavar="FIRST SECOND", help="The best of FIRST for each level of SECOND."),
    ],
    points: Annotated[int, typer.Option("--points", min=2, metavar="N", help="At most so many points.")] = 9,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to write points and report; nowhere if left out.")
    ] = None,
    gap: Gap = None,
    time_limit: Annotated[
        float | None,
        typer.Option("--time-limit", min=0, metavar="S", help="Seconds that each search may take at most."),
    ] = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Weigh two measures against one another: the best of one for each level of the other.

    Measures are those of the reference page and of `uses`; write `NAME:least` or `NAME:most` where it does not go without
    saying. `defects_ppm` and `local_content` can be the second. Each point is a plan with a bound that no plan can beat, and
    points that another beats are left out. The report draws the plans, the bounds, and what is uncertain between them. Above 2,000
    options, some 20 parts, each search stops at 0.1 % or after one round of branches; with --gap it goes on as a plan would. Ctrl-C keeps the points found.

    Example: onshore frontier mine --between cost foreign_currency --points 9 --out runs/frontier
    """
    from onshore.chain import frontier_and_report

    with show.Watch(quiet=quiet) as watch:
        made = frontier_and_report(
            programme, *between, out, points=points, gap=gap, time_limit=time_limit, progress=watch
        )
    page = None if out is None else str(out / "report.html")
    names = {"ok": True, "folder": None if out is None else str(out), "report": page, **made.as_dict()}
    names |= {"points": made["frontier"].to_dicts()}
    show.result(names, made.summary() + (f"\n\nReport: {page}" if page else ""), as_json=as_json)


def goals(
    programme: Programme,
    goal: Annotated[
        list[str],
        typer.Option("--goal", metavar="GOAL", help="A measure, or a weighted sum; several are met in their order."),
    ],
    tolerance: Annotated[
        float,
        typer.Option(
            "--tolerance", min=0, metavar="T", help="The share by which a goal may give way to those after it."
        ),
    ] = 0.0,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="RUN", help="Where to write the last plan as a run; nowhere if left out."),
    ] = None,
    gap: Gap = None,
    time_limit: TimeLimit = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Plan by several goals: each is made best among the plans that keep the ones before it.

    A goal is a measure (`NAME:least` or `NAME:most` where it does not go without saying) or a weighted sum of measures, which is
    made least. Each goal is told with its bound, and with what the last plan reaches of it. Above 2,000 options, some 20 parts,
    each search stops at 0.1 % or after three rounds of branches; with --gap it goes on as a plan would. Ctrl-C keeps the goals looked at.

    Example: onshore goals mine --goal cost --goal "foreign_currency + 0.5 public_money" --tolerance 0.01
    """
    from onshore.chain import goals_and_report

    with show.Watch(quiet=quiet) as watch:
        made = goals_and_report(
            programme, goal, out, tolerance=tolerance, gap=gap, time_limit=time_limit, progress=watch
        )
    page = None if out is None else str(out / "report.html")
    names = {"ok": True, "run": None if out is None else str(out), "report": page, **made.as_dict()}
    show.result(names, made.summary() + (f"\n\nReport: {page}" if page else ""), as_json=as_json)


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """`NAME=VALUE` and `NAME:CHANGE` to names and what is asked of them. A name may hold a colon; the last one counts."""
    pairs: dict[str, str] = {}
    faults = []
    for text in given or ():
        at = max(text.rfind("="), text.rfind(":"))
        name, value = text[:at].strip(), text[at + 1 :].strip()
        if at < 1 or not value:
            faults.append(f"{option} {text}: write NAME=VALUE, or NAME:-5%.")
        elif name in pairs:
            faults.append(f"{option} {text}: `{name}` is given twice.")
        elif text[at] == ":" and not value.endswith("%"):
            faults.append(f"{option} {text}: after a colon comes a change in per cent; a new value is {name}={value}.")
        pairs[name] = value
    if faults:
        raise WrongUse("\n".join(faults))
    return pairs
