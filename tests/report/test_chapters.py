"""Numbers of the chapters, recomputed from the run's CSV files by queries that share no code with the report."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from report.pages import Page, csv, shown

from onshore.report import write_report
from onshore.report.record import RECORD

TABLES = ("products_met", "cash", "overrides", "passed_over", "steps")


@pytest.fixture(scope="module", params=["full", "iran", "line"])
def run(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


@pytest.fixture(scope="module")
def page(run: Path) -> Page:
    return Page(run / "report.html")


def figure(page: Page, name: str) -> str:
    """The letters of a chart, its wide drawing only."""
    found = re.search(rf'<figure id="{name}">.*?<div class="wide">(.*?)</div>', page.text, re.DOTALL)
    assert found, name
    return "\n".join(re.findall(r"<text[^>]*>([^<]*)</text>", found[1]))


def given(run: Path, table: str) -> pl.DataFrame:
    return csv(run / "input", table)


def placed(run: Path) -> pl.DataFrame:
    makers = given(run, "makers")
    makers = makers if "region" in makers.columns else makers.with_columns(region=pl.lit(None))
    return (
        csv(run, "awards")
        .join(given(run, "parts").select("part", "subproject"), on="part", how="left")
        .join(given(run, "subprojects").select("subproject", "sector"), on="subproject", how="left")
        .join(makers.select("maker", "region"), on="maker", how="left")
    )


# ---- who the awards go to


@pytest.mark.parametrize("kind", ["sector", "region", "maker"])
def test_awards_are_summed_by_group(run: Path, page: Page, kind: str) -> None:
    """If it fails, a sector, region or maker is told an amount, a count or a share that its awards do not add up to."""
    by = (
        placed(run)
        .group_by(kind)
        .agg(pl.col("contract_value", "imports_displaced").sum(), pl.col("part").n_unique().alias("parts"), pl.len())
        .sort("imports_displaced", descending=True)
    )
    if f"by-{kind}" not in page.tables:
        assert by.height == 1 and kind != "maker"  # noqa: PT018
        return
    rows = page.body(f"by-{kind}")
    whole = by["imports_displaced"].sum()
    assert [shown(r[7]) for r in rows[: by.height]] == pytest.approx(
        [100 * v / whole for v in by["imports_displaced"]], abs=0.06
    )
    assert [shown(r[2]) for r in rows[: by.height]] == by["parts"].to_list()
    assert [shown(r[3]) for r in rows[: by.height]] == by["len"].to_list()
    for column, name in ((5, "contract_value"), (6, "imports_displaced")):
        unit = by[name][0] / shown(rows[0][column])
        sums = [*by[name], by[name].sum()][: len(rows)]
        assert [shown(r[column]) * unit for r in rows] == pytest.approx(sums, rel=5e-3, abs=0.006 * unit)


def test_the_chart_of_makers_has_the_figures_of_the_run(run: Path, page: Page) -> None:
    """If it fails, the chart of awards draws other makers or other amounts than the run has."""
    letters = figure(page, "groups-figure").splitlines()
    labels = [shown(n) for n in letters if re.fullmatch(r"[\d.\u202f]+", n)]
    by = csv(run, "awards").group_by("maker").agg(pl.col("imports_displaced").sum()).sort("imports_displaced")[::-1]
    drawn = labels[-by.height :]  # the panel of makers is the last
    unit = by["imports_displaced"][0] / drawn[0]
    assert [n * unit for n in drawn] == pytest.approx(by["imports_displaced"].to_list(), rel=5e-3, abs=0.006 * unit)


def test_makers_of_one_name_are_two_bars(line: Path) -> None:
    """If it fails, two makers with one name are drawn as one, with the sum of both or the larger."""
    letters = figure(Page(line / "report.html"), "groups-figure")
    assert "Twin (south-1)" in letters
    assert "Twin (south-2)" in letters


# ---- when lines start


def test_lines_start_and_end_when_the_offers_say(line: Path) -> None:
    """If it fails, the page tells a maker a wrong end of the contract."""
    told = {(r[0], r[3], r[4]): r[5] for r in Page(line / "report.html").body("awards-table")[:-1]}
    ends = csv(line, "awards").join(given(line, "offers").select("offer", "term_years"), on="offer").join(
        given(line, "parts").select("part", "name"), on="part"
    )  # fmt: skip
    for name, signed, start, years in ends.select("name", "signed", "start", "term_years").iter_rows():
        first = date.fromisoformat(start)
        month = first.year * 12 + first.month - 1 + round(12 * (years or 0))
        end = date(month // 12, month % 12 + 1, 1) if years else date(2024, 1, 1)
        assert told[name, signed, start] == (end - timedelta(days=1)).isoformat()


def test_a_chart_of_the_largest_lines_says_so(line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it fails, the chart of lines drops awards in silence, or keeps others than the largest."""
    monkeypatch.setattr("onshore.report.awards.SHOWN", 2)
    page = Page(write_report(shutil.copytree(line, tmp_path / "copy")))
    table = csv(line, "awards").sort("imports_displaced", descending=True)
    share = 100 * table["imports_displaced"][:2].sum() / table["imports_displaced"].sum()
    assert f"The 2 awards that displace most imports are drawn, {share:.1f}" in page.text
    letters = figure(page, "starts-figure").splitlines()
    names = dict(given(line, "parts").select("part", "name").iter_rows())
    drawn = [
        names[part]
        for part in table["part"]
        if names[part] in [t.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"') for t in letters]
    ]
    assert drawn == [names[part] for part in table["part"][:2]]


def test_starts_are_counted_by_year(run: Path, page: Page) -> None:
    """If it fails, the sentence over the chart of lines counts starts in the wrong year."""
    counted = csv(run, "awards").group_by("start_year").len().sort("start_year")
    said = re.search(r"Lines that start: ([^.]*)\.", page.text)
    assert said
    assert [int(n) for n in re.findall(r"(\d+) in \d{4}", said[1])] == counted["len"].to_list()


# ---- machine-hours, products, cash


@pytest.mark.parametrize("name", ["full", "line"])
def test_hours_in_the_heat_map_and_its_table(name: str, request: pytest.FixtureRequest) -> None:
    """If it fails, a maker looks fuller or emptier than the plan makes it, or a module is not marked."""
    run: Path = request.getfixturevalue(name)
    page = Page(run / "report.html")
    hours = csv(run, "hours").filter(pl.col("used").sum().over("maker", "family") > 0).sort("maker", "family", "year")
    shares = (hours["used"] / hours["hours"]).to_list()
    assert [shown(r[5]) for r in page.body("hours-table")] == pytest.approx([100 * s for s in shares], abs=0.06)
    drawn = re.findall(r"^\d+$", figure(page, "hours-figure"), re.MULTILINE)
    drawn = [int(n) for n in drawn if not 2019 < int(n) < 2025]
    assert sorted(drawn) == sorted(100 if s > 1 - 1e-6 else min(99, round(100 * s)) for s in shares if s > 0)
    modules = csv(run, "modules")
    assert figure(page, "hours-figure").count("+") == modules.height


def test_content_and_defects_of_products(line: Path) -> None:
    """If it fails, a product is told another content or defect figure than the plan computed, in the chart or the table."""
    page, table = Page(line / "report.html"), csv(line, "products_met").sort("product", "year")
    rows = page.body("products-table")
    assert [shown(r[2]) for r in rows] == table["units"].to_list()
    for column, name, factor, off in (
        (3, "content_before", 100, 0.06), (4, "content_after", 100, 0.06), (5, "defects_before", 1000, 0.06), (6, "defects_after", 1000, 0.06),
    ):  # fmt: skip
        assert [shown(r[column]) for r in rows] == pytest.approx([factor * v for v in table[name]], abs=off)
    last = table.filter(pl.col("year") == 2023)
    for share in last["content_after"]:
        assert f"{100 * share:.1f}" in figure(page, "content-figure")
    for share in last["defects_after"]:
        assert f"{1000 * share:.1f}" in figure(page, "defects-figure")
    assert "A red stroke is a floor" in page.text


@pytest.mark.parametrize("name", ["full", "line"])
def test_cash_adds_up(name: str, request: pytest.FixtureRequest) -> None:
    """If it fails, deliveries, payments, debts or public money of a year or a maker are told wrong."""
    run: Path = request.getfixturevalue(name)
    page, cash, yearly = Page(run / "report.html"), csv(run, "cash"), csv(run, "yearly")
    public = yearly.filter(pl.col("measure") == "public_money").sort("year")["after"]
    by_year = cash.group_by("year").agg(pl.exclude("maker").sum()).sort("year")
    rows = page.body("cash-by-year")
    unit = by_year["delivered"].sum() / shown(rows[-1][1])
    for at, row in enumerate(rows[:-1]):
        expected = [by_year[c][at] for c in ("delivered", "received", "owed", "tooling", "grants")] + [public[at]]
        assert [shown(c) * unit for c in row[1:]] == pytest.approx(expected, rel=5e-3, abs=0.006 * unit)
    by_maker = (
        cash.group_by("maker")
        .agg(pl.col("delivered", "received").sum(), pl.col("owed").max())
        .sort("owed", "maker", descending=[True, False])
    )
    rows = page.body("cash-by-maker")
    unit = by_maker["delivered"].max() / max(shown(r[1]) for r in rows)
    assert [shown(r[2]) * unit for r in rows] == pytest.approx(by_maker["received"].to_list(), rel=5e-3)
    assert [max(shown(c) for c in r[3:7]) * unit for r in rows] == pytest.approx(
        by_maker["owed"].to_list(), rel=2e-2, abs=0.006 * unit
    )


# ---- what stays imported, decisions, the record


def test_reasons_are_counted(run: Path, page: Page) -> None:
    """If it fails, the chart of reasons counts a part twice or not at all."""
    reasons = csv(run, "reasons").join(csv(run, "sources"), on="part")
    if not reasons.height:
        assert "reasons-table" not in page.tables
        return
    by = reasons.group_by("why").agg(pl.len(), pl.col("bill_after").sum()).sort("len", "bill_after", descending=True)
    rows = page.body("reasons-table")
    assert [shown(r[1]) for r in rows] == by["len"].to_list()
    shares = [100 * v / csv(run, "sources")["bill_before"].sum() for v in by["bill_after"]]
    assert [shown(r[3]) for r in rows] == pytest.approx(shares, abs=0.06)
    if by.height > 1:
        for n in by["len"]:
            assert f"{n} part" in figure(page, "reasons-figure")


def test_decisions_cost_what_the_run_says(line: Path) -> None:
    """If it fails, the board is told a wrong price of its decision."""
    row, told = csv(line, "overrides").row(0, named=True), Page(line / "report.html").body("overrides-table")[0]
    assert told[0] == row["decision"]
    assert shown(told[1]) * 1e6 == pytest.approx(row["cost_low"], rel=1e-3)
    assert shown(told[2]) * 1e6 == pytest.approx(row["cost_high"], rel=1e-3)


def test_steps_are_told_as_the_run_has_them(run: Path, page: Page) -> None:
    """If it fails, an office reads another worth of a step, or another least step, than the run has; or misses a limit."""
    steps, met = csv(run, "steps"), csv(run, "limits_met")
    told = steps.join(met.select("bound", "binds", "bound_price"), on="bound").filter(
        pl.col("binds").cast(pl.String).is_in(["true", "yes"])
        | (pl.col("bound_price") > 0)
        | pl.col("useful_step").is_not_null()
    )
    rows = {r[0]: r for r in page.body("steps-table")} if told.height else {}
    assert set(rows) == set(told["bound"])
    if told.height:
        top = told.sort("worth_high").row(-1, named=True)
        unit = top["worth_high"] / shown(rows[top["bound"]][3]) if top["worth_high"] else 1.0
        for r in told.iter_rows(named=True):
            ends = [shown(rows[r["bound"]][c]) * unit for c in (2, 3)]
            assert ends == pytest.approx([r["worth_low"], r["worth_high"]], rel=5e-3, abs=0.006 * unit)
            assert (rows[r["bound"]][5] == "–") == (r["useful_step"] is None)
        drawn = figure(page, "steps-figure").splitlines()
        assert len([b for b in told["bound"] if b in drawn or len(b) > 30]) >= min(told.height, 16) - 1
    others = steps.height - told.height
    assert (f"The other {others} limit" in page.text) == (others > 0)


def test_face_value_and_the_record(run: Path, page: Page) -> None:
    """If it fails, the range that the record allows is not 25 to 70 per cent of what the plan displaces."""
    face = csv(run, "yearly").filter(pl.col("measure") == "imports_displaced").sort("year")["after"][-1]
    row = page.body("record-table")[0]
    unit = face / shown(row[1])
    assert [shown(c) * unit for c in row[2:]] == pytest.approx([0.25 * face, 0.7 * face], rel=2e-3)
    assert page.text.count("the record of one programme, not a forecast") == 2


def test_the_record_is_the_one_that_ships(iran: Path) -> None:
    """If it fails, the constant in the report and the observations of the demonstration tell two stories."""
    seen = given(iran, "observations").filter(
        (pl.col("stage") == "saving realised") & (pl.col("as_of") == "2021-10-20")
    ).sort("contract")  # fmt: skip
    assert seen["share"].to_list() == [r.share for r in RECORD]
    months = [float(m) for note in seen["note"] for m in re.findall(r"([\d.]+) months", note)]
    told = [
        float(m)
        for note in given(iran, "observations")["note"].drop_nulls()
        for m in re.findall(r"age of the desk then: ([\d.]+) months", note)
    ]
    assert set(months) <= {r.months for r in RECORD}
    assert set(told) == {r.months for r in RECORD}


# ---- what is not there, and what must not be


def test_a_run_without_the_later_tables_is_told(line: Path, tmp_path: Path) -> None:
    """If it fails, a run written before these tables existed has no report any more."""
    copy = shutil.copytree(line, tmp_path / "copy")
    for name in TABLES:
        (copy / f"{name}.csv").unlink()
    page = Page(write_report(copy))
    assert {"products-table", "cash-by-maker", "overrides-table", "steps-table"}.isdisjoint(page.tables)
    assert "Public money, year by year" in page.text


def test_names_in_the_new_chapters_are_never_markup(line: Path) -> None:
    """If it fails, a name of a region, product, sector or a reason can run a script in the reader's browser."""
    text = (line / "report.html").read_text(encoding="utf-8")
    assert "<script" not in text
    for words in ("Steel", "Small", "North", "Rim", "No approval"):
        assert f"{words} &lt;script&gt;" in text


# ---- a page of a large programme


def test_a_long_table_is_cut_and_says_where_the_rest_is(
    line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If it fails, the page of a large programme holds every row, or hides some without a word."""
    for room in ("reading", "awards", "groups", "limits"):
        monkeypatch.setattr(f"onshore.report.{room}.MOST", 3)
    run = tmp_path / "run"
    shutil.copytree(line, run)
    page = Page(write_report(run))
    kept = csv(run, "awards").sort("imports_displaced", descending=True).head(3)
    names = {
        name or part for part, name in given(run, "parts").select("part", "name").iter_rows() if part in kept["part"]
    }
    rows = page.body("awards-table")
    assert {next(n for n in names if row[0].startswith(n)) for row in rows[:3]} == names
    for table, file in (
        ("awards-table", "awards"), ("imported-table", "sources"), ("hours-table", "hours"),
        ("products-table", "products_met"),
    ):  # fmt: skip
        assert len(page.body(table)) <= 5, table
        assert f"{file}.csv beside this page" in page.text.split(f'id="{table}"')[1].split('class="caption"')[0], table
