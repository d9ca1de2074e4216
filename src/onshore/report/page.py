"""The page: which chapters there are, in which order, and the one place where they become HTML."""

from __future__ import annotations

from importlib.resources import files
from os import PathLike
from pathlib import Path

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from onshore.report.awards import awards
from onshore.report.bill import bill
from onshore.report.capacity import capacity
from onshore.report.cash import cash
from onshore.report.contracts import contracts, promises
from onshore.report.groups import groups
from onshore.report.headline import cautions, headline
from onshore.report.imported import imported
from onshore.report.limits import limits
from onshore.report.overrides import overrides
from onshore.report.pieces import Chapter
from onshore.report.products import products
from onshore.report.proof import proof
from onshore.report.reading import Reading, reading_of
from onshore.report.record import record
from onshore.report.sources import made_by, not_modelled, sources
from onshore.report.workbook import workbook

__all__ = ["write_report"]

NAME, WORKBOOK = "report.html", "report.xlsx"

CHAPTERS = (
    headline, cautions, proof, record, groups, awards, bill, products, imported, limits, overrides, capacity, cash, contracts,
    promises, not_modelled, sources, made_by,
)  # fmt: skip
"""In reading order. A chapter that has nothing to tell returns None."""


def write_report(run_path: str | PathLike[str]) -> Path:
    """Write `report.html` and `report.xlsx`, a workbook of the same tables, into a run; return where the page is.

    Both are read from the run's tables, figures and input snapshot alone; the page needs neither network nor script.
    The same run gives the same bytes. Raises `WrongUse` where `run_path` is no run.
    """
    folder = Path(run_path)
    reading = reading_of(folder)
    told = [chapter for tell in CHAPTERS if (chapter := tell(reading)) is not None]
    workbook(folder / WORKBOOK, reading, told)
    page = folder / NAME
    page.write_text(_html(reading, told), encoding="utf-8", newline="\n")
    return page


def _html(reading: Reading, chapters: list[Chapter]) -> str:
    """Everything that is not `Markup` is escaped."""
    room = files("onshore.report")
    style = Markup((room / "page.css").read_text(encoding="utf-8"))  # our own
    template = Environment(
        autoescape=True, loader=DictLoader({NAME: (room / "page.html").read_text(encoding="utf-8")}),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    ).get_template(NAME)  # fmt: skip
    return template.render(
        reading=reading, settings=reading.settings, chapters=chapters, style=style, workbook=WORKBOOK
    )
