"""The page says what the run's tables say, escapes what users write, needs nothing from elsewhere, and never varies."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import polars as pl
import pytest
from report.pages import Page, csv, shown

from onshore.blueprint.programme import build
from onshore.chain import write_plan
from onshore.errors import WrongUse
from onshore.report import write_report
from onshore.sourcing import plan


@pytest.fixture(scope="module", params=["full", "iran", "line"])
def run(request: pytest.FixtureRequest) -> Path:
    path: Path = request.getfixturevalue(request.param)
    return path


@pytest.fixture(scope="module")
def page(run: Path) -> Page:
    return Page(run / "report.html")


# ---- the numbers


def test_headline_numbers_are_those_of_the_tables(run: Path, page: Page) -> None:
    sources, bill, awards, yearly = (csv(run, t) for t in ("sources", "bill", "awards", "yearly"))
    displaced = yearly.filter(pl.col("measure") == "imports_displaced").sort("year")
    assert page.values == {
        "parts-home": sources.filter(pl.col("sourced") != "imported").height,
        "bill-after": pytest.approx(bill["after"].sum()),
        "contract-value": pytest.approx(awards["contract_value"].sum()),
        "imports-displaced": pytest.approx(displaced["after"][-1]),
    }


def test_bill_by_currency(run: Path, page: Page) -> None:
    # every row is in the unit of the heading, whichever it is
    by = (
        csv(run, "bill")
        .group_by("currency")
        .agg(pl.col("before_own", "after_own", "before", "after").sum())
        .sort("currency")
    )
    rows = page.body("bill-by-currency")
    assert [r[0] for r in rows[: by.height]] == by["currency"].to_list()
    units = {shown(r[5]) / b for r, b in zip(rows, by["before"], strict=False) if shown(r[5]) > 1}
    assert max(units) == pytest.approx(min(units), rel=2e-3)
    unit = 1 / (shown(rows[-1][5]) / by["before"].sum())
    assert round(unit) == pytest.approx(unit, rel=1e-3)
    assert shown(rows[-1][6]) * unit == pytest.approx(by["after"].sum(), rel=2e-3)
    for row, change in zip(rows, (by["after"] / by["before"] - 1).to_list(), strict=False):
        assert shown(row[7]) == pytest.approx(100 * change, abs=0.05)


def test_awards_and_what_stays_imported(run: Path, page: Page) -> None:
    awards, sources = csv(run, "awards"), csv(run, "sources")
    rows = page.body("awards-table")
    units = awards.sort("signed", "part", "offer")["units"].to_list()
    assert [shown(r[6]) for r in rows[: len(units)]] == pytest.approx(units, rel=1e-4)
    totals = awards.select("contract_value", "imports_displaced").sum().row(0)
    ratio = shown(rows[-1][8]) / shown(rows[-1][7])
    assert ratio == pytest.approx(totals[1] / totals[0], rel=2e-3)
    last = csv(run, "unit_costs").sort("year").group_by("part").last()
    still = last.filter(pl.col("units_imported") > 0)["part"]
    short = sources.filter(pl.col("units_home") < pl.col("units") * (1 - 1e-9)).sort("bill_after", descending=True)
    ends = pl.col("part").is_in(still.to_list()) | (pl.col("sourced") == "imported")
    shares = [100 * b / sources["bill_before"].sum() for b in short.filter(ends)["bill_after"]]
    later = short.filter(~ends)["bill_after"]
    shares += [100 * later.sum() / sources["bill_before"].sum()] if len(later) else []
    assert [shown(r[4]) for r in page.body("imported-table")] == pytest.approx(shares, abs=0.05)


def test_objective_and_costs(run: Path, page: Page) -> None:
    figures = json.loads((run / "run.json").read_text(encoding="utf-8"))
    told = [shown(r[1]) for r in page.body("objective")]
    asked = [figures[n] for n in ("objective_imported", "objective", "bound")]
    unit = asked[1] / told[1]
    assert [t * unit for t in told] == pytest.approx(asked, rel=2e-3)
    costs = page.body("costs")
    for row, who in zip(costs, ("buyer", "programme"), strict=True):
        before, after, later = (figures[f"{who}_cost{s}"] for s in ("_imported", "", "_without_residual"))
        assert shown(row[3]) == pytest.approx(100 * (after / before - 1), abs=0.05)
        assert shown(row[4]) / shown(row[2]) == pytest.approx(later / after, rel=2e-3)


def test_limits_as_levels_of_their_bounds(run: Path, page: Page) -> None:
    limits = {r["bound"]: r for r in csv(run, "limits_met").iter_rows(named=True)}
    rows = page.body("limits-table")
    assert {r[0] for r in rows} == set(limits)
    for name, _, sense, value, level, _, _ in rows:
        assert sense == limits[name]["sense"].replace("_", " ")
        assert shown(level) / shown(value) == pytest.approx(limits[name]["level"] / limits[name]["value"], rel=2e-3)


def test_sources_are_counted(run: Path, page: Page) -> None:
    for name, rows, told, without, marked in page.body("sources-table")[:-1]:
        table = pl.read_csv(run / "input" / f"{name}.csv", infer_schema=False)
        has = {c: table[c].drop_nulls().len() if c in table.columns else 0 for c in ("source", "x_assumption")}
        counted = [0 if n == "–" else shown(n) for n in (rows, told, without, marked)]
        assert counted == [table.height, has["source"], table.height - has["source"], has["x_assumption"]]


def test_paybacks_of_the_demonstration(iran: Path) -> None:
    page = Page(iran / "report.html")
    table = csv(iran, "economics").filter("compared")
    rows = {r[0]: r for r in page.body("contracts-table")}
    assert page.tables["contracts-table"][0][5:] == ["Payback, official", "Payback, NIMA", "Payback, free"]
    assert len(rows) == 5
    for name, group in table.group_by("name"):
        row = rows[str(name[0])]
        assert shown(row[4]) == pytest.approx(group["spent_per_saved"][0], abs=0.5)
        at = dict(group.select("market", "payback_years").iter_rows())
        assert [shown(c) for c in row[5:]] == pytest.approx([at[m] for m in ("official", "NIMA", "free")], abs=0.005)
    assert len(page.body("contracts-apart")) == 28
    assert rows["Desk 1"][1] == "1398-04-29"


def test_what_the_demonstration_says(iran: Path) -> None:
    text = re.sub(r"<[^>]+>", "", (iran / "report.html").read_text(encoding="utf-8"))
    assert "The plan makes 3 of 5 parts at home" in text
    assert "Only 5 parts were planned." in text
    assert "most imports displaced" in text
    assert "The plan is proved best" in text
    # 12,000 + 6,080 + 7,400 are taken of 30,000 bn; desk 3 asks for 13,047: 25,480 + 13,047 - 30,000 = 8,527
    assert "rial-budget has no room for it: 8\u202f527 billion IRR more would be needed" in text
    assert "one IRR more room raises the most that any plan can reach by at most" in text


def test_what_the_made_up_programme_says(full: Path) -> None:
    text = re.sub(r"<[^>]+>", "", (full / "report.html").read_text(encoding="utf-8"))
    assert "least programme cost" in text
    assert "Missed, at their price: work." in text
    assert "one unit more room (jobs) lowers the bound on the objective by at most 100 EUR" in text
    assert "nobody offers it" in text
    assert "Ventures that the plan opens" in text
    assert "Modules of capacity that the plan orders" in text
    assert "Machine-hours taken" in text
    assert "Priced like its neighbour." in text


# ---- the page


def test_what_users_write_is_never_markup(full: Path) -> None:
    page = Page(full / "report.html")
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert "<script" not in page.text
    assert page.text.count("&lt;script&gt;") > 6
    assert not [at for _, at in page.tags if str(at.get("href")).startswith("javascript")]


def test_nothing_comes_from_elsewhere(page: Page) -> None:
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "embed", "base"} == set()
    assert not [a for _, at in page.tags for a in at if a in ("src", "srcset", "xlink:href", "action")]
    for tag, at in page.tags:
        for name, value in at.items():
            if value and re.search(r"https?:", value):
                assert (tag, name) == ("a", "href"), (tag, name, value)
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)
    assert style
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_the_page_is_accessible(page: Page) -> None:
    tags = page.tags
    assert ("html", {"lang": "en"}) in tags
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in tags
    assert all(at.get("scope") in ("row", "col") for tag, at in tags if tag == "th")
    charts = [at for _, at in tags if at.get("class") == "chart"]
    assert charts
    assert all(at["role"] == "img" and at["aria-label"] for at in charts)
    ids = [at["id"] for _, at in tags if "id" in at]
    assert len(ids) == len(set(ids))
    assert {str(at["href"])[1:] for tag, at in tags if tag == "a" and str(at["href"]).startswith("#")} <= set(ids)
    assert {at["aria-labelledby"] for _, at in tags if "aria-labelledby" in at} <= set(ids)
    assert set(re.findall(r"url\(#([^)]+)\)", page.text)) <= set(ids)


def test_the_same_run_gives_the_same_bytes(run: Path, tmp_path: Path) -> None:
    first = (run / "report.html").read_bytes()
    moved = shutil.copytree(run, tmp_path / "moved")
    (moved / "report.html").unlink()
    assert write_report(moved) == moved / "report.html"
    assert (moved / "report.html").read_bytes() == first
    write_report(str(moved))
    assert (moved / "report.html").read_bytes() == first


def test_economics_are_optional(iran: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(iran, tmp_path / "moved")
    (moved / "economics.csv").unlink()
    assert "contracts-table" not in Page(write_report(moved)).tables


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="not a run"):
        write_report(tmp_path)


LEAST = {
    "parts": [{"part": "bolt", "import_price": 2, "currency": "EUR", "price_date": "2026-01-01", "incoterm": "CIF"}],
    "needs": [{"part": "bolt", "year": 2027, "units": 10}],
}
OFFER = {
    "offer": "o",
    "part": "bolt",
    "maker": "alfa",
    "unit_price": 1,
    "currency": "EUR",
    "annual_max": 99,
    "lead_time_months": 0,
    "tooling_cost": 0,
}
DEAR = {**OFFER, "unit_price": 3}


@pytest.mark.parametrize(
    ("more", "settings", "says"),
    [
        ({}, {}, "The plan makes nothing at home: what was planned, 1 part, stays imported."),
        ({"offers": [DEAR], "makers": [{"maker": "alfa"}]}, {}, "is dearer by 50\u202f%"),
        ({"offers": [DEAR], "makers": [{"maker": "alfa"}], "decisions": [{"what": "part", "key": "bolt", "verdict": "force", "reason": "Law."}]}, {}, "none exists, because the plan gains nothing over it"),
        ({"offers": [OFFER], "makers": [{"maker": "alfa"}]}, {}, "Nothing: every part is made at home."),
        ({"offers": [OFFER], "makers": [{"maker": "alfa"}]}, {"objective": "units_home", "objective_sense": "most"}, "most units home"),
        ({"offers": [{**DEAR, "unit_price": 0}], "makers": [{"maker": "alfa"}]}, {"calendar": "solar-hijri", "first_year": 1400, "last_year": 1400}, "1400 (2021–22)"),
    ],
)  # fmt: skip
def test_the_least_that_can_be_told(
    more: dict[str, list[dict[str, object]]], settings: dict[str, object], says: str, tmp_path: Path
) -> None:
    given = {
        "schema_version": 1,
        "name": "Bolts",
        "currency": "EUR",
        "calendar": "gregorian",
        "first_year": 2027,
        "last_year": 2027,
        "discount_rate": 0,
        **settings,
    }
    needs = [{**LEAST["needs"][0], "year": given["first_year"]}]
    made = plan(build(given, {**LEAST, "needs": needs, **more}))
    text = re.sub(r"<[^>]+>", "", write_report(write_plan(made, tmp_path / "run")).read_text(encoding="utf-8"))
    assert says in text
    assert "nan" not in text.lower().split()
