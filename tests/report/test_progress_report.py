"""The page of a progress folder beside the folder's own tables. If one fails, a minister reads a number that is not there."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from progress.records import contract, flow, record, value
from python_calamine import CalamineWorkbook
from report.conftest import EVIL
from report.pages import Page, shown

from onshore import demo
from onshore.blueprint.programme import write
from onshore.chain import track_and_report
from onshore.errors import WrongUse
from onshore.report import write_report

AMOUNT = {"contract-value-table": "contract_value", "imports-displaced-table": "imports_displaced"}
STAGES = {"Planned": "planned", "Contracted": "contracted", "In production": "in_production", "Realised": "realised"}


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory, iran: Path) -> Path:
    """The public record on the day of its one report of progress, with a plan beside it and what changed."""
    out = tmp_path_factory.mktemp("desks") / "october"
    track_and_report(
        demo.folder("iran-1398"), out, as_of=date(2021, 10, 20), plan_run=iran, since=date(2020, 3, 1), draws=1000
    )
    return out


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contract past its day, a bill unpaid, and a name that must not become markup."""
    folder = tmp_path_factory.mktemp("late")
    looked = [{"contract": "a", "as_of": "2021-01-01", "stage": "parts in production", "share": 0.25}]
    pay = [
        {
            "contract": "a",
            "due": "2021-01-01",
            "paid": None,
            "amount": 100,
            "currency": "EUR",
            "payer": EVIL,
            "payee": "m",
        }
    ]
    row = {**contract("a", due="2021-03-01", **value(1000), **flow(10)), "name": EVIL, "source": "javascript:alert(1)"}
    write(record([row], observations=looked, payments=pay), folder / "input")
    track_and_report(folder / "input", folder / "out", as_of=date(2021, 6, 1))
    return folder / "out"


def table(run: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(run / f"{name}.csv", infer_schema_length=None)


def ends(text: str) -> tuple[float, float]:
    low, _, high = text.partition("–")
    return shown(low), shown(high or low)


def test_the_four_amounts_are_those_of_the_table(desks: Path) -> None:
    """Every amount at every market's rate, in millions, as amounts.csv has it."""
    page, amounts = Page(desks / "report.html"), table(desks, "amounts")
    markets = [h.removesuffix(" rate") for h in page.tables["contract-value-table"][0][2:-1]]
    assert markets == ["NIMA", "free", "official"]
    seen = 0
    for name, measure in AMOUNT.items():
        for stage, _, *cells, _ in page.body(name):
            for market, cell in zip(markets, cells, strict=True):
                row = amounts.filter(
                    (pl.col("scope") == "programme") & (pl.col("measure") == measure) & (pl.col("stage") == STAGES[stage])
                    & (pl.col("currency") == "EUR") & (pl.col("market") == market)
                )  # fmt: skip
                assert row.height == (cell != "–")
                if row.height:
                    told = [v / 1e6 for v in (row["low"][0], row["high"][0])]
                    assert ends(cell) == pytest.approx(told, abs=0.06)
                    seen += 1
    assert seen >= 15


def test_the_contracts_are_those_of_the_ledger(desks: Path) -> None:
    """Each counted row once, its pieces under it, and the rest that nobody itemised; sums and rows apart in their own table."""
    page, ledger = Page(desks / "report.html"), table(desks, "ledger")
    names = dict(ledger.select("contract", "name").iter_rows())
    counted = [row[0] for row in page.body("rounds-table") if not row[0].startswith("↳")]
    assert counted == [
        names[c] for c in ledger.filter(pl.col("role") == "counted").sort("signed", "contract")["contract"]
    ]
    pieces = [row[0].removeprefix("↳ ") for row in page.body("rounds-table") if row[0].startswith("↳")]
    assert sorted(p for p in pieces if p != "not itemised") == sorted(ledger.filter(pl.col("role") == "piece")["name"])
    rest = next(row for row in page.body("rounds-table") if row[0] == "↳ not itemised")
    assert [shown(rest[2]), shown(rest[3])] == [
        3200,
        47,
    ]  # desk 1 less its IKCO part: 7.4 - 4.2 trillion, 85 - 38 million
    assert len(page.body("apart-table")) == ledger.filter(pl.col("role").is_in(["sum", "apart"])).height


def test_odds_and_targets_are_those_of_the_tables(desks: Path) -> None:
    page, chances, promises = Page(desks / "report.html"), table(desks, "chances"), table(desks, "promises")
    assert len(page.body("chances-table")) == chances.height
    held = promises.filter(pl.col("market") == "NIMA")["target"].n_unique()
    assert len(page.body("targets-contract-value")) + len(page.body("targets-imports-displaced")) == held
    assert len(page.body("findings-table")) == table(desks, "findings").height
    changed = table(desks, "changes").filter(pl.col("what") != "finding")
    assert len(page.body("changes-table")) == changed.height > 10


def test_what_is_late_is_told(late: Path) -> None:
    page = Page(late / "report.html")
    assert page.body("overdue-table")[0][2:4] == ["3.0", "25\u202f%"]
    assert page.body("payables-table")[0][1:4] == ["m", "100", "1"]


def test_the_page_needs_nothing_and_escapes_everything(desks: Path, late: Path) -> None:
    """No script, no style or picture from elsewhere; a name with markup is text, and only http links are links."""
    for run in (desks, late):
        page = Page(run / "report.html")
        assert not [t for t, at in page.tags if t in ("script", "img", "iframe", "link") or "onload" in at]
        assert all(str(at["href"]).startswith(("http", "#", "report.xlsx")) for t, at in page.tags if t == "a")
        assert EVIL not in page.text
        ids = re.findall(r'\bid="([^"]+)"', page.text)
        assert len(ids) == len(set(ids))


def test_every_table_of_the_page_is_a_sheet(desks: Path, late: Path) -> None:
    for run in (desks, late):
        page, book = Page(run / "report.html"), CalamineWorkbook.from_path(run / "report.xlsx")
        assert len(book.sheet_names) == len([t for t, rows in page.tables.items() if rows]) + 2


def test_the_same_folder_gives_the_same_bytes(late: Path) -> None:
    before = [(late / name).read_bytes() for name in ("report.html", "report.xlsx")]
    write_report(late)
    assert [(late / name).read_bytes() for name in ("report.html", "report.xlsx")] == before


def test_since_an_earlier_folder(late: Path, tmp_path: Path) -> None:
    """Beside itself nothing changed; beside a plan, or a later day, it says what is wrong."""
    track_and_report(late / "input", tmp_path / "again", as_of=date(2021, 6, 1), since=late)
    assert json.loads((tmp_path / "again/run.json").read_text())["since"] == "2021-06-01"
    assert table(tmp_path / "again", "changes").is_empty()
    assert "Nothing, since 2021-06-01." in (tmp_path / "again/report.html").read_text()
    with pytest.raises(WrongUse, match="is not before"):
        track_and_report(late / "input", tmp_path / "more", as_of=date(2021, 6, 1), since=date(2021, 6, 1))
    with pytest.raises(WrongUse, match="holds a report of progress, not a plan"):
        track_and_report(late / "input", tmp_path / "more", plan_run=late)
