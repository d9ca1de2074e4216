"""A table against its declaration, and references between tables."""

from __future__ import annotations

import polars as pl
import pytest

from onshore.errors import Finding
from onshore.tables import declare as d
from onshore.tables.check import check_table, references
from onshore.tables.read import read_csv

MAKERS = d.Table("makers", "a maker", ("maker",), (d.Column("maker", d.KEY, "its key", required=True),))
OFFERS = d.Table(
    "offers",
    "an offer",
    ("maker", "year"),
    (
        d.Column("maker", d.KEY, "who", required=True, refers="makers.maker"),
        d.Column("year", d.YEAR, "when"),
        d.Column("price", d.MONEY_, "how much", low=0),
        d.Column("currency", d.CURRENCY, "in what"),
    ),
)


def checked(text: str, table: d.Table = OFFERS) -> tuple[pl.DataFrame, list[Finding]]:
    return check_table(read_csv(table.name, text.encode()), table)


def told(found: list[Finding]) -> list[tuple[str, int | None, str | None]]:
    return [(f.kind, f.row, f.column) for f in found]


def test_columns_come_as_declared_and_the_rest_is_carried_along() -> None:
    """Else what reads a table depends on the order of somebody's columns."""
    frame, found = checked("note,maker,x_mine,source\n seen ,a,۱,web\n")
    assert found == []
    assert dict(frame.schema) == {**OFFERS.schema, "note": pl.String, "x_mine": pl.String, "source": pl.String}
    assert frame.columns == [*OFFERS.schema, "note", "x_mine", "source"]
    assert frame.row(0) == (2, "a", None, None, None, " seen ", "۱", "web")


@pytest.mark.parametrize(
    ("heading", "told_"),
    [
        ("maker,prise", [("unknown_column", 1, "prise")]),
        ("maker, price", [("unknown_column", 1, " price")]),
        ("maker,Price", [("unknown_column", 1, "Price")]),
        ("maker,row", [("unknown_column", 1, "row")]),
        ("maker,price\u200f", [("unknown_column", 1, "price\\u200f")]),
        ("maker,", [("unnamed_column", 1, None)]),
        ("maker,maker", [("duplicate_column", 1, "maker")]),
        ("makr,year", [("unknown_column", 1, "makr"), ("missing_column", 1, "maker")]),
    ],
)
def test_headings(heading: str, told_: list[tuple[str, int, str | None]]) -> None:
    """Else a mistyped column is an absent one, and its cost is nothing."""
    _, found = checked(f"{heading}\na,1\n")
    assert told(found) == told_


@pytest.mark.parametrize("heading", ["prise", " price", "Price", "PRICE "])
def test_the_nearest_heading_is_named(heading: str) -> None:
    """Else the user looks for a difference of one space."""
    assert "Nearest: `price`." in checked(f"maker,{heading}\na,1\n")[1][0].cause


def test_an_unnamed_column_without_values_is_nothing() -> None:
    """Else a trailing comma in every line, as spreadsheets leave it, is a fault."""
    frame, found = checked("maker,,\na,,\nb,,\n")
    assert (found, frame["maker"].to_list()) == ([], ["a", "b"])


def test_duplicate_keys_name_the_first_row_and_empty_parts_are_equal() -> None:
    """Else the same need counts twice."""
    _, found = checked("maker,year\na,1399\nb,\n\na,۱۳۹۹\nb,\na,1400\n")
    assert told(found) == [("blank_row", 4, None), ("duplicate_key", 5, "maker"), ("duplicate_key", 6, "maker")]
    assert found[1].cause == "maker `a`, year `1399` stands in row 2 too."
    assert found[2].cause == "maker `b`, year empty stands in row 3 too."


def test_a_refused_key_is_no_duplicate_of_another() -> None:
    """Else one fault is told as two."""
    _, found = checked("maker,year\na,x\na,y\na,\n")
    assert told(found) == [("not_a_number", 2, "year"), ("not_a_number", 3, "year")]


def test_an_amount_needs_its_currency() -> None:
    """Else rials are added to tomans."""
    _, found = checked("maker,price,currency\na,5,\nb,,\nc,5,EUR\nd,5,eur\n")
    assert told(found) == [("not_a_currency", 5, "currency"), ("missing_currency", 2, "currency")]
    assert told(checked("maker,price\na,5\n")[1]) == [("missing_currency", 2, "currency")]


def test_references_name_the_nearest() -> None:
    """Else an offer of a misspelt maker is an offer of nobody."""
    makers, _ = checked("maker\nGDANSK\nLODZ\n", MAKERS)
    offers, _ = checked("maker,year\nGDNSK,1\nLODZ,1\nGDNSK,2\n")
    found = references({"makers": makers, "offers": offers}, {"makers": MAKERS, "offers": OFFERS})
    assert [str(f) for f in found] == [
        f"offers row {row}, maker: `GDNSK` is not in makers.maker. Nearest: `GDANSK`. Correct it, or add it to makers.maker."
        for row in (2, 4)
    ]
    assert references({"makers": makers, "offers": offers}, {"makers": MAKERS, "offers": OFFERS}, {"makers"}) == []


def test_a_hundred_thousand_lost_references_end_soon_and_are_all_told() -> None:
    """Else difflib, quadratic, hangs the check of a table whose key column was shifted."""
    n = 100_000
    makers = pl.DataFrame({"row": range(2, n + 2), "maker": [f"maker-{i:06d}" for i in range(n)]})
    lost = pl.DataFrame({"row": range(2, n + 2), "maker": [f"makr-{i:06d}" for i in range(n)]})
    offers = pl.concat([lost, OFFERS.empty()], how="diagonal")
    assert len(references({"makers": makers, "offers": offers}, {"makers": MAKERS, "offers": OFFERS})) == n


def test_an_unreadable_table_gives_its_one_finding() -> None:
    """Else a file that is not a table is followed by complaints about columns that it may well have."""
    frame, found = checked("maker;year\na;1\n")
    assert told(found) == [("wrong_separator", 1, None)]
    assert frame.equals(OFFERS.empty())
