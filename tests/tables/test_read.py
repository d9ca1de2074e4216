"""CSV bytes to raw tables: encodings, line ends, quotes, shapes."""

from __future__ import annotations

from pathlib import Path

import pytest

from onshore.tables.read import Raw, read_csv, read_folder


def kinds(raw: Raw) -> list[tuple[str, int | None]]:
    return [(f.kind, f.row) for f in raw.findings]


@pytest.mark.parametrize(
    "data",
    [
        b"a,b\n1,x y\n3,\n", b"a,b\n1,x y\n3,", b"a,b\r\n1,x y\r\n3,\r\n", b"a,b\r1,x y\r3,\r",
        b"\xef\xbb\xbfa,b\n1,x y\n3,\n", b'"a","b"\n"1","x y"\n"3",\n', b"a,b\n1,x y\n3,\n\n\r\n",
    ],
)  # fmt: skip
def test_the_same_table_in_every_dress(data: bytes) -> None:
    """Else a file saved on another system has other values, or a heading that begins with an invisible mark."""
    raw = read_csv("t", data)
    assert raw.headings == ("a", "b")
    assert raw.cells.rows() == [(2, "1", "x y"), (3, "3", None)]
    assert kinds(raw) == []


def test_quoted_cells_hold_commas_quotes_and_line_ends() -> None:
    """Else an address with a comma shifts every column after it."""
    raw = read_csv("t", b'a,b\n"x,""y""","p\r\nq"\n1,2\n')
    assert raw.cells.rows() == [(2, 'x,"y"', "p\r\nq"), (3, "1", "2")]


def test_short_and_long_rows_are_told_and_left_out() -> None:
    """Else Polars fills a short row with nulls, and a missing comma makes an optional cost vanish."""
    raw = read_csv("t", b'a,b,c\n1,2\n1,2,3,4\n4,5,6\n"x\ny"\n7,8,9\n')
    assert kinds(raw) == [("ragged_row", 2), ("ragged_row", 3), ("ragged_row", 5)]
    assert raw.findings[0].cause == "The row has 2 fields and the heading 3."
    assert raw.cells.rows() == [(4, "4", "5", "6"), (6, "7", "8", "9")]
    assert not raw.whole


def test_blank_rows_are_skipped_and_keep_their_number() -> None:
    """Else every finding below an empty line names the wrong row."""
    raw = read_csv("t", b"a,b\n\n1,2\n,\n   \n3,4\n,\n\n")
    assert kinds(raw) == [("blank_row", 2), ("blank_row", 4), ("blank_row", 5)]
    assert raw.cells["row"].to_list() == [3, 6]


@pytest.mark.parametrize(
    ("data", "row", "reason"),
    [
        (b'a,b\n1,x"y\n', 2, "inside an unquoted"), (b'a,b\n1,2\n1,"x"y\n', 3, "follows the closing"),
        (b'a,b\n1,"x\n2,3\n', 2, "never closed"), (b'a,"b\n1,2\n', 1, "never closed"), (b'a,b\n1, "x"\n', 2, "inside an"),
    ],
)  # fmt: skip
def test_quotes_that_do_not_close(data: bytes, row: int, reason: str) -> None:
    """Else half a file is swallowed by one cell."""
    raw = read_csv("t", data)
    assert kinds(raw) == [("bad_quotes", row)]
    assert reason in raw.findings[0].cause


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "no_heading"), (b"\n\n", "no_heading"), (b"\na,b\n1,2\n", "no_heading"), (b",,\n1,2,3\n", "no_heading"),
        (b"\xef\xbb\xbf", "no_heading"), (b"a;b\n1;2\n", "wrong_separator"), (b"a\tb\n1\t2\n", "wrong_separator"),
        (b'"a";"b"\n"1";"2"\n', "wrong_separator"), (b"\xff\xfea\x00,\x00", "not_utf8"), (b"a,b\n1,\xd3\n", "not_utf8"),
    ],
)  # fmt: skip
def test_files_that_are_no_table(data: bytes, kind: str) -> None:
    """Else an empty, foreign or mis-saved file counts as a table without rows."""
    raw = read_csv("t", data)
    assert [f.kind for f in raw.findings] == [kind]
    assert raw.cells.height == 0


def test_a_heading_alone_is_a_table_without_rows() -> None:
    """Else the empty template is refused."""
    for data in (b"a,b", b"a,b\n", b"a,b\r\n\r\n"):
        raw = read_csv("t", data)
        assert (raw.headings, raw.cells.height, kinds(raw)) == (("a", "b"), 0, [])


def test_windows_1256() -> None:
    """Else Persian text saved by an older Excel is refused even when the settings name its encoding."""
    data = "part,name\nلامپ,چراغ جلو پژو\n".encode("windows-1256")
    assert read_csv("t", data, "windows-1256").cells.rows() == [(2, "لامپ", "چراغ جلو پژو")]
    assert kinds(read_csv("t", data)) == [("not_utf8", 2)]
    marked = b"\xef\xbb\xbf" + "part,name\nلامپ,x\n".encode()
    assert read_csv("t", marked, "windows-1256").cells.rows() == [(2, "لامپ", "x")]


def test_a_mark_within_the_file_stays_in_its_cell() -> None:
    """Else a key with a stray byte order mark (two files joined) is read as another one, without a word."""
    mark = b"\xef\xbb\xbf"
    raw = read_csv("t", mark + b"part,name\n" + mark + b"1,x\n" + mark + b"2,y\n")
    assert raw.cells.rows() == [(2, "\ufeff1", "x"), (3, "\ufeff2", "y")]


def test_odd_headings_cannot_clash_with_the_row_number() -> None:
    """Else a column called `row`, or one given twice, replaces another without a word."""
    raw = read_csv("t", b"row,row,,0\n1,2,3,4\n")
    assert raw.headings == ("row", "row", "", "0")
    assert raw.cells.rows() == [(2, "1", "2", "3", "4")]


def test_blocks_agree_with_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else records that cross a block's edge in a large file are miscounted."""
    from onshore.tables import records

    data = b'a,b\n"x\n,""y",2\n\n1\n"p","q"\r\n3,4\n' * 5
    whole = records.scan(data)
    for size in range(1, 12):
        monkeypatch.setattr(records, "_BLOCK", size)
        part = records.scan(data)
        assert part.fields.tolist() == whole.fields.tolist()
        assert part.ends.tolist() == whole.ends.tolist()
        assert part.fault == whole.fault


def test_files_of_a_folder(tmp_path: Path) -> None:
    """Else a misnamed table, or one in the wrong format, is left out of the plan without a word."""
    for name in ("offers.csv", "Parts.csv", "ofers.csv", "needs.CSV", "needs.csv", ".offers.csv", "a.txt", "README.md"):
        (tmp_path / name).write_text("a,b\n1,2\n")
    (tmp_path / "makers.xlsx").write_bytes(b"")
    (tmp_path / "rates.csv").mkdir()
    (tmp_path / "notes").mkdir()
    source = read_folder(tmp_path, ["offers", "parts", "needs", "makers", "rates"])
    found = {(f.kind, f.table): str(f) for f in source.findings}
    assert set(found) == {
        ("unknown_table", "Parts"), ("unknown_table", "ofers"), ("table_given_twice", "needs"), ("unread_file", "makers"),
    }  # fmt: skip
    assert "Nearest: `parts`." in found["unknown_table", "Parts"]
    assert "Nearest: `offers`." in found["unknown_table", "ofers"]
    assert [f.kind for f in source.tables["rates"].findings] == ["unreadable_file"]
