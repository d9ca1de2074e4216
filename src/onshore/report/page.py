"""The page: which chapters there are, in which order, and the one place where they become HTML."""

from __future__ import annotations

from importlib.resources import files
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from onshore.report.awards import awards
from onshore.report.bill import bill
from onshore.report.capacity import capacity
from onshore.report.cash import cash
from onshore.report.contracts import contracts, promises
from onshore.report.effect import EFFECT_CHAPTERS, Measured, effect_facts, measured_of
from onshore.report.four_amounts import four_amounts
from onshore.report.frontier import FRONTIER_CHAPTERS, Weighed, frontier_facts, weighed_of
from onshore.report.groups import groups
from onshore.report.headline import cautions, headline
from onshore.report.held import changed, findings, held, owed
from onshore.report.imported import imported
from onshore.report.in_worlds import InWorlds, world_facts, worlds_of
from onshore.report.limits import limits
from onshore.report.odds import odds
from onshore.report.overrides import overrides
from onshore.report.pieces import Chapter
from onshore.report.prices import prices
from onshore.report.products import products
from onshore.report.proof import proof
from onshore.report.reading import Reading, reading_of
from onshore.report.record import record
from onshore.report.rounds import by_scope, rounds
from onshore.report.s_curves import s_curves
from onshore.report.sources import made_by, not_modelled, progress_made_by, sources
from onshore.report.standing import Standing, standing_of
from onshore.report.workbook import plan_facts, progress_facts, workbook
from onshore.report.world_plans import candidates, exits, scenarios, stable
from onshore.report.worlds import worlds
from onshore.tables.runs import read_run

__all__ = ["write_report"]

NAME, WORKBOOK = "report.html", "report.xlsx"

CHAPTERS = (
    headline, cautions, proof, record, groups, awards, bill, prices, products, imported, limits, overrides, capacity, cash, contracts,
    promises, not_modelled, sources, made_by,
)  # fmt: skip
"""In reading order. A chapter that has nothing to tell returns None."""

PROGRESS_CHAPTERS = (
    four_amounts, s_curves, held, odds, owed, changed, rounds, contracts, by_scope, findings, progress_made_by,
)  # fmt: skip
"""The same for a progress folder."""

WORLD_CHAPTERS = (worlds, scenarios, candidates, stable, exits)
"""And for a plan in many worlds."""


def write_report(run_path: str | PathLike[str]) -> Path:
    """Write `report.html` and `report.xlsx`, a workbook of the same tables, into a run, a progress folder, a measurement, a frontier
    or a folder of worlds.

    Both are read from the run's tables, figures and input snapshot alone; the page needs neither network nor script. Returns
    where the page is.
    The same run gives the same bytes. Raises `WrongUse` where `run_path` is no run.
    """
    folder = Path(run_path)
    kind = read_run(folder, {}).figures.get("kind")
    if kind == "progress":
        standing = standing_of(folder)
        told = [chapter for tell in PROGRESS_CHAPTERS if (chapter := tell(standing)) is not None]
        facts, head = progress_facts(standing), _progress_head(standing)
        title, comments = standing.settings.name, "Where a programme stands, by Onshore"
    elif kind == "effect":
        measured = measured_of(folder)
        told = [tell(measured) for tell in EFFECT_CHAPTERS]
        facts, head = effect_facts(measured), _effect_head(measured)
        title, comments = head.name, "An effect measured by Onshore"
    elif kind == "frontier":
        weighed = weighed_of(folder)
        told = [tell(weighed) for tell in FRONTIER_CHAPTERS]
        facts, head = frontier_facts(weighed), _frontier_head(weighed)
        title, comments = weighed.said("programme"), "A frontier by Onshore"
    elif kind == "uncertainty":
        in_worlds = worlds_of(folder)
        told = [chapter for tell in WORLD_CHAPTERS if (chapter := tell(in_worlds)) is not None]
        facts, head = world_facts(in_worlds), _worlds_head(in_worlds)
        title, comments = in_worlds.programme.settings.name, "A plan in many worlds, by Onshore"
    else:
        reading = reading_of(folder)
        told = [chapter for tell in CHAPTERS if (chapter := tell(reading)) is not None]
        facts, head = plan_facts(reading, told), _plan_head(reading)
        title, comments = reading.settings.name, "A plan by Onshore"
    workbook(folder / WORKBOOK, title, comments, facts, told)
    page = folder / NAME
    page.write_text(_html(head, told), encoding="utf-8", newline="\n")
    return page


class Head(NamedTuple):
    """What stands above and below the chapters."""

    title: str
    kicker: str
    name: str
    what: str
    foot: str


def _plan_head(reading: Reading) -> Head:
    s = reading.settings
    last = f" to {reading.year(s.last_year)}" if s.last_year != s.first_year else ""
    return Head(
        f"{s.name}: report of a plan", "Onshore · report of a plan", s.name,
        f"{reading.year(s.first_year)}{last} · in {s.currency} · goal: {s.objective_sense} {reading.objective_name}",
        "Made by Onshore from the run it lies in. Planned amounts only: what is contracted, in production and realised are other numbers.",
    )  # fmt: skip


def _progress_head(standing: Standing) -> Head:
    day = standing.day(standing.as_of)
    beside = f" ({day.sub})" if day.sub else ""
    return Head(
        f"{standing.settings.name}: where it stands", "Onshore · where the programme stands", standing.settings.name,
        f"as of {day.text}{beside} · in {standing.currency} at the {standing.market} rate of each contract’s day",
        "Made by Onshore from the folder it lies in. Four amounts of two measures: none of them is added to another.",
    )  # fmt: skip


def _effect_head(measured: Measured) -> Head:
    f = measured.figures
    return Head(
        "What happened: report of a measurement", "Onshore · report of a measurement", "What the start of lines at home did",
        f"{f['first_month']} to {f['last_month']} · {f['parts']} parts, {f['parts_started']} of them with a line that started · "
        f"values in {f['unit']}{', effects as a share' if measured.log else ''}",
        "Made by Onshore from the folder it lies in, whose CSV files hold every number in full. Measured, not planned.",
    )  # fmt: skip


def _frontier_head(weighed: Weighed) -> Head:
    return Head(
        f"{weighed.said('programme')}: one against the other", "Onshore · report of a trade-off", weighed.said("programme"),
        f"{weighed.first} against {weighed.second} · in {weighed.said('currency')}",
        "Made by Onshore from the folder it lies in, whose CSV files hold every number in full. Plans, not what is contracted or realised.",
    )  # fmt: skip


def _worlds_head(told: InWorlds) -> Head:
    f, s = told.run.figures, told.programme.settings
    return Head(
        f"{s.name}: in other worlds", "Onshore · a plan in many worlds", s.name,
        f"{f['worlds']} worlds, seed {f['seed']} · in {told.unit} · goal: {s.objective_sense} {s.objective.replace('_', ' ')}",
        "Made by Onshore from the folder it lies in, whose CSV files hold every number in full. Planned amounts only.",
    )  # fmt: skip


def _html(head: Head, chapters: list[Chapter]) -> str:
    """Everything that is not `Markup` is escaped."""
    room = files("onshore.report")
    style = Markup((room / "page.css").read_text(encoding="utf-8"))  # our own
    template = Environment(
        autoescape=True, loader=DictLoader({NAME: (room / "page.html").read_text(encoding="utf-8")}),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    ).get_template(NAME)  # fmt: skip
    return template.render(head=head, chapters=chapters, style=style, workbook=WORKBOOK)
