"""How a plan is told: one self-contained page and a workbook of its tables, written from a run and nothing else.

    write_report   a run folder in, its report.html and report.xlsx out
    page           which chapters there are, in which order, and how they become HTML
    reading        a run, its input and how to name things, as the chapters see them
    pieces         what a chapter is made of: paragraphs, tables, figures
    numbers        how numbers, money and days are written
    workbook       the same tables as sheets
    charts         how a chart looks and how it becomes SVG; the only file that imports Altair

The other files hold a chapter or two each. They add up and format what the run's tables say, and know no
mathematics beyond that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onshore.report.page import write_report

__all__ = ["write_report"]


def __getattr__(name: str) -> object:
    if name != "write_report":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from onshore.report.page import write_report

    return write_report
