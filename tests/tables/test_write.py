"""What is written reads back as the same values, and nothing is ever written over."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from onshore.errors import WrongUse
from onshore.tables import declare as d
from onshore.tables.check import check_table
from onshore.tables.declare import Table
from onshore.tables.read import read_folder, read_workbook
from onshore.tables.template import guide_rows, write_template
from onshore.tables.write import write_folder, write_workbook

KINDS = (d.KEY, d.TEXT, d.NUMBER, d.INTEGER, d.MONEY_, d.SHARE, d.YEAR, d.DATE, d.FLAG, d.CHOICE, d.NUMBERS, d.YEARS)
EVERYTHING = Table(
    "everything",
    "one column of every type",
    ("id",),
    (
        d.Column("id", d.INTEGER, "its number", required=True),
        *(d.Column(k.name, k, f"a {k.name}", "x", choices=("a", "b c"), currency="unit") for k in KINDS),
        d.Column("unit", d.CURRENCY, "the currency"),
    ),
)
_WORD = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn"), blacklist_characters="\u00ad"), max_size=12
).map(str.strip).filter(bool)  # fmt: skip
_VALUES = {
    "key": _WORD,
    "text": st.one_of(
        _WORD, st.sampled_from(['a,"b"\nc', "=1+1", "1,234", "yes", "http://x.ir", "007", "'x", "_x000D_"])
    ),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "money": st.decimals(-(10**32) + 1, 10**32 - 1, places=6),
    "share": st.floats(0, 1),
    "year": st.integers(1, 9000),
    "date": st.dates(date(1600, 1, 1)),
    "flag": st.booleans(),
    "choice": st.sampled_from(["a", "b c"]),
    "numbers": st.sampled_from(["0.4; 0.75; 1", "1"]),
    "years": st.sampled_from(["1399", "1398-1400"]),
    "unit": st.sampled_from(["IRR", "IRT", "EUR"]),
    "x_note": st.one_of(_WORD, st.just(" spaced ")),
}


@st.composite
def _frames(draw: st.DrawFn) -> pl.DataFrame:
    rows = [
        {"row": n + 2, "id": n, **{k: draw(st.none() | v) for k, v in _VALUES.items()}}
        for n in range(draw(st.integers(1, 4)))
    ]
    for row in rows:
        row["unit"] = row["unit"] or "EUR"
    return pl.DataFrame(rows, schema={**EVERYTHING.schema, "x_note": pl.String}, orient="row")


def _same(frame: pl.DataFrame, raw_tables: dict) -> None:
    again, found = check_table(raw_tables["everything"], EVERYTHING)
    assert found == []
    assert again.schema == frame.schema
    for name in frame.columns:
        assert again[name].to_list() == frame[name].to_list(), name


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(frame=_frames())
def test_a_folder_reads_back_as_it_was(frame: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Else converting a programme changes it."""
    path = tmp_path_factory.mktemp("written")
    write_folder(path, {"everything": frame}, {})
    _same(frame, read_folder(path, ["everything"]).tables)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(frame=_frames())
def test_a_workbook_reads_back_as_it_was(frame: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Else a workbook, which keeps 15 digits, rounds amounts and large counts on its own."""
    path = tmp_path_factory.mktemp("written") / "a.xlsx"
    write_workbook(path, {"everything": frame}, [("name", "x", "")], {"everything": EVERYTHING})
    _same(frame, read_workbook(path, ["everything"]).tables)


def test_files_are_plain_utf_8(tmp_path: Path) -> None:
    """Else another program, or a diff, trips over a mark, a carriage return or a trail of zeros."""
    frame = pl.DataFrame({"row": [2], "name": ["لامپ"], "price": [Decimal("96.400000")], "share": [1.0], "on": [True]})
    write_folder(tmp_path / "p", {"parts": frame}, {"a.txt": "x\n"})
    assert (tmp_path / "p" / "parts.csv").read_bytes() == "name,price,share,on\nلامپ,96.4,1,yes\n".encode()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """Else a slip of the keyboard destroys a programme."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").write_text("x")
    (tmp_path / "file.xlsx").write_text("x")
    for path, book in ((tmp_path / "full", False), (tmp_path / "file.xlsx", True), (tmp_path / "file.xlsx", False)):
        with pytest.raises(WrongUse, match=r"not empty|exists already"):
            write_template(path, {"everything": EVERYTHING}, "", [], workbook=book)
    assert (tmp_path / "file.xlsx").read_text() == "x"


def test_what_a_workbook_cannot_hold_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    """Else a cell is cut at 32,767 characters, or the last rows of a large table are dropped."""
    long = pl.DataFrame({"row": [2], "id": [1], "text": ["x" * 32_768]})
    with pytest.raises(WrongUse, match="everything, text"):
        write_workbook(tmp_path / "a.xlsx", {"everything": long}, [], {"everything": EVERYTHING})
    many = pl.DataFrame({"row": pl.int_range(0, 1_048_576, eager=True)})
    with pytest.raises(WrongUse, match="1048576 rows"):
        write_workbook(tmp_path / "a.xlsx", {"everything": many}, [], {"everything": EVERYTHING})
    assert not (tmp_path / "a.xlsx").exists()


def test_the_guide_explains_every_column() -> None:
    """Else a column is declared and nobody is told what to write in it."""
    rows = guide_rows({"everything": EVERYTHING})
    assert [r[1] for r in rows[2:]] == [c.name for c in EVERYTHING.columns]
    assert all(r[4] for r in rows)
