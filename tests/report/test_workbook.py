"""The workbook says what the page says, holds no formula, and never varies."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from datetime import date
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from report.pages import Page, shown

from onshore.report import write_report


@pytest.fixture(scope="module", params=["full", "iran", "line"])
def run(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


def sheets(run: Path) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_path(run / "report.xlsx")
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def as_shown(text: str) -> tuple[float, float]:
    """The number that a page's cell shows, and half of its last digit."""
    share = 100 if text.endswith("%") else 1
    decimals = len(text.removesuffix("%").strip("\u202f ").partition(".")[2])
    return shown(text.removesuffix("%")) / share, 0.5001 * 10**-decimals / share


def test_every_table_of_the_page_is_a_sheet_with_its_figures(run: Path) -> None:
    """If it fails, someone who works on with the workbook works with other numbers than the page's."""
    page, book = Page(run / "report.html"), sheets(run)
    tables = [name for name, rows in page.tables.items() if rows]
    assert len(book) == len(tables) + 2
    for name in tables:
        rows = book[name.removesuffix("-table")]
        heads = [str(h) for h in rows[0]]
        kept = [i for i, h in enumerate(heads) if not h.endswith((", beside it", ", sources"))]
        for told, row in zip(page.body(name), rows[1:], strict=True):
            for text, value in zip(told, [row[i] if i < len(row) else "" for i in kept], strict=True):
                if isinstance(value, date):
                    assert text == value.isoformat()
                elif isinstance(value, float) and "<" not in text and "≈" not in text:
                    number, off = as_shown(text)
                    assert value == pytest.approx(number, abs=off), (name, text)
                elif not isinstance(value, float):
                    assert " ".join(text.split()) == " ".join(str(value).split()) or (text == "–" and value == ""), (
                        name,
                        text,
                    )


def test_the_first_sheet_has_the_headline_in_full(run: Path) -> None:
    """If it fails, the workbook opens with another headline than the page, or without the hash of its input."""
    rows = {str(r[0]): r[1:] for r in sheets(run)["headline"] if r and r[0]}
    page = Page(run / "report.html")
    cards = [
        rows[label][0]
        for label in (
            "Parts made at home",
            "Import bill, planned",
            "Contract value (stock)",
            "Imports displaced (flow)",
        )
    ]
    assert cards == pytest.approx(list(page.values.values()))
    figures = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert rows["Hash of the input"][0] == figures["input_hash"]
    assert rows["Reached"][0] == pytest.approx(figures["objective"])
    assert rows["Share of the import bill that rests on assumptions"][0] == pytest.approx(
        figures["assumed_share_of_bill"]
    )


def test_the_same_run_gives_the_same_workbook(run: Path, tmp_path: Path) -> None:
    """If it fails, two people with one run cannot tell by its bytes that they hold the same workbook."""
    first = (run / "report.xlsx").read_bytes()
    moved = shutil.copytree(run, tmp_path / "moved")
    write_report(moved)
    assert (moved / "report.xlsx").read_bytes() == first
    with zipfile.ZipFile(moved / "report.xlsx") as book:
        assert {i.date_time for i in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert set(re.findall(r"\d{4}-\d\d-\d\dT", book.read("docProps/core.xml").decode())) == {"2000-01-01T"}


def test_what_users_write_is_never_a_formula(line: Path) -> None:
    """If it fails, a name that begins with = is run as a formula by whoever opens the workbook."""
    with zipfile.ZipFile(line / "report.xlsx") as book:
        for name in book.namelist():
            if name.startswith("xl/worksheets/"):
                assert "<f>" not in book.read(name).decode()
    assert any("=SUM(A1)" in row for row in sheets(line)["awards"])


def test_the_page_leads_to_the_workbook(run: Path) -> None:
    """If it fails, nobody finds the workbook."""
    assert ("a", {"href": "report.xlsx"}) in Page(run / "report.html").tags
