"""Workbooks: typed cells to text, and what a spreadsheet shows that its values do not say."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from onshore.tables.cells import cell_text
from onshore.tables.read import Source, read_workbook

KNOWN = ("offers", "parts")


def sheet(path: Path, *rows: tuple[object, ...], name: str = "offers") -> Source:
    """Write the rows (errors as formulas beginning with =) and read them."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(name)
        for r, cells in enumerate(rows):
            for c, cell in enumerate(cells):
                page.write(r, c, cell)
    return read_workbook(path, KNOWN)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5.0, "5"), (1.5, "1.5"), (0.1 + 0.2, "0.3"), (1e22, "1e+22"), (True, "yes"), (False, "no"), ("", None),
        (None, None), (date(2019, 7, 20), "2019-07-20"), (datetime(2019, 7, 20), "2019-07-20"), ("007", "007"),
        (datetime(2019, 7, 20, 5), "2019-07-20 05:00:00"), (Decimal("1.50"), "1.50"), (7, "7"),
        (datetime(2019, 7, 20, tzinfo=UTC), "2019-07-20 00:00:00+00:00"), (date(1398, 4, 29), "1398-04-29 (Gregorian)"),
        (time(5, 3), "05:03:00"), (timedelta(days=2), "2 days, 0:00:00 (a duration)"), ([0.5, 1], "0.5; 1"),
        (float("nan"), "nan"), (float("inf"), "inf"), (Decimal("NaN"), "NaN"),
    ],
)  # fmt: skip
def test_a_typed_cell_as_text(value: object, text: str | None) -> None:
    """Else a part number 841480 becomes 841480.0, or a moment passes for a day."""
    assert cell_text(value, 15) == text


def test_rows_keep_the_numbers_that_the_spreadsheet_shows(tmp_path: Path) -> None:
    """Else findings point beside the row."""
    source = sheet(tmp_path / "a.xlsx", ("offer", "note"), ("a", "x"), (), ("b", date(2020, 1, 2)), (5, True), ())
    raw = source.tables["offers"]
    assert raw.cells.rows() == [(2, "a", "x"), (4, "b", "2020-01-02"), (5, "5", "yes")]
    assert [(f.kind, f.row) for f in raw.findings] == [("blank_row", 3)]


def test_error_cells_and_uncalculated_formulas_are_told(tmp_path: Path) -> None:
    """Else `#N/A` in an optional column reads as empty, that is, as not modelled."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("offers")
        page.write_row(0, 0, ["offer", "price", "more"])
        page.write_string(1, 0, "a")
        page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        page.write_formula(1, 2, "=1+1", None, 2)
        page.write_formula(2, 1, "=NA()", None, "#N/A")
        page.write_formula(3, 2, '=""', None, "empty")
        page.write_formula(4, 2, "=5+5", None, 4321)
        page.write_column(3, 0, ["c", "d"])
    _edit(path, "xl/worksheets/sheet1.xml", b"<v>empty</v>", b"<v></v>")
    _edit(path, "xl/worksheets/sheet1.xml", b"<v>4321</v>", b"")
    raw = read_workbook(path, KNOWN).tables["offers"]
    assert [(f.kind, f.row, f.column, f.value) for f in raw.findings] == [
        ("cell_error", 2, "price", "#DIV/0!"), ("cell_error", 3, "price", "#N/A"), ("uncalculated", 5, "more", ""),
    ]  # fmt: skip
    assert raw.cells["2"].to_list() == ["2", None, None, None]


def _edit(path: Path, part: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_merged_cells_are_told(tmp_path: Path) -> None:
    """Else all but the first of the merged cells are empty, and an offer loses its currency."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("offers")
        page.write_row(0, 0, ["offer", "currency"])
        page.write_column(1, 0, ["a", "b"])
        page.merge_range(1, 1, 2, 1, "EUR")
    raw = read_workbook(path, KNOWN).tables["offers"]
    assert [(f.kind, f.value) for f in raw.findings] == [("merged_cells", "B2:B3")]


def test_sheets(tmp_path: Path) -> None:
    """Else a sheet under a slightly different name is left out of the plan."""
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("guide", "programme", "Offers", "Sheet1", "parts", "chart"):
            if name != "Sheet1":
                book.add_worksheet(name).write_row(0, 0, ["part", "x_a"])
            else:
                book.add_worksheet(name)
    source = read_workbook(path, KNOWN)
    assert [(f.kind, f.table) for f in source.findings] == [("unknown_table", "Offers"), ("unknown_table", "chart")]
    assert "Nearest: `offers`." in source.findings[0].cause
    assert list(source.tables) == ["parts"]
    assert source.settings is not None


def test_an_empty_sheet_has_no_heading(tmp_path: Path) -> None:
    """Else an emptied sheet counts as a table without rows."""
    assert [f.kind for f in sheet(tmp_path / "a.xlsx").tables["offers"].findings] == ["no_heading"]
    title = sheet(tmp_path / "b.xlsx", (), ("offer",), ("a",))
    assert [f.kind for f in title.tables["offers"].findings] == ["no_heading"]


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"PK\x03\x04" + b"\x00" * 40, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600]
)
@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_damaged_and_locked_workbooks(tmp_path: Path, data: bytes, suffix: str) -> None:
    """Else a traceback of a library reaches the user."""
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    assert [f.kind for f in read_workbook(path, KNOWN).findings] == ["unreadable_file"]


def test_a_truncated_workbook(tmp_path: Path) -> None:
    """Else an interrupted download raises, or is half a programme."""
    path = tmp_path / "a.xlsx"
    sheet(path, ("offer", "note"), *[(f"o{i}", "x") for i in range(50)])
    data = path.read_bytes()
    for length in range(0, len(data), max(len(data) // 40, 1)):
        path.write_bytes(data[:length])
        assert [f.kind for f in read_workbook(path, KNOWN).findings] == ["unreadable_file"]


def test_ods(tmp_path: Path) -> None:
    """Else LibreOffice's own format, its dates and its error cells are misread."""
    opendocument = pytest.importorskip("odf.opendocument")
    table, text = pytest.importorskip("odf.table"), pytest.importorskip("odf.text")

    def words(shown: str, **options: object) -> object:
        cell = table.TableCell(valuetype="string", **options)
        cell.addElement(text.P(text=shown))
        return cell

    rows = [
        [words("offer"), words("price"), words("since")],
        [
            words("a"),
            table.TableCell(valuetype="float", value="96.4"),
            table.TableCell(valuetype="date", datevalue="2019-07-20"),
        ],
        [],
        [words("b"), words("#DIV/0!", formula="of:=1/0", stringvalue=""), table.TableCell()],
        [words("c", numberrowsspanned=2, numbercolumnsspanned=1), table.TableCell(valuetype="float", value="5")],
    ]
    book, page = opendocument.OpenDocumentSpreadsheet(), table.Table(name="offers")
    for cells in rows:
        line = table.TableRow() if cells else table.TableRow(numberrowsrepeated=2)
        for cell in cells or [table.TableCell()]:
            line.addElement(cell)
        page.addElement(line)
    book.spreadsheet.addElement(page)
    book.save(tmp_path / "a.ods")
    raw = read_workbook(tmp_path / "a.ods", KNOWN).tables["offers"]
    assert raw.cells.rows() == [(2, "a", "96.4", "2019-07-20"), (5, "b", None, None), (6, "c", "5", None)]
    assert [(f.kind, f.row, f.value) for f in raw.findings] == [
        ("cell_error", 5, "#DIV/0!"), ("merged_cells", 6, "A6:A7"), ("blank_row", 3, None), ("blank_row", 4, None),
    ]  # fmt: skip


def test_a_stray_cell_at_the_far_corner_is_a_finding(tmp_path):
    """If it fails, one forgotten cell takes all the memory of the machine, and nobody learns which."""
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("offers", "scribbles"):
            page = book.add_worksheet(name)
            page.write(0, 0, "offer")
            page.write(1_048_575, 16_383, "x")
    found = read_workbook(path, ("offers",))
    far = [f for f in found.tables["offers"].findings if f.kind == "far_cell"]
    assert [(f.table, f.value) for f in far] == [("offers", "XFD1048576")]
    assert "1048576 rows by 16384 columns" in far[0].cause


def test_a_long_sheet_of_many_columns_is_read(tmp_path):
    """If it fails, a sheet that is large, but no larger than it has to be, is refused."""
    assert not sheet(tmp_path / "a.xlsx", tuple(f"x_{i}" for i in range(60)), *[tuple(range(60))] * 4000).findings
