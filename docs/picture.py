"""Draws docs/picture.svg from the demonstration iran-1398: `python docs/picture.py`.

What each desk pays, in rials, for one euro of imports saved a year, beside what a euro cost on the day in three
markets. Points are the compared rows of the run's table `economics`; the one whose saving is printed in dollars
stands at the ECB's rate of its day.
"""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import altair as alt
import polars as pl

from onshore import demo
from onshore.blueprint.money import ECB, Rates
from onshore.blueprint.programme import read
from onshore.progress import contract_economics

HERE = Path(__file__).parent
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
INK, SOFT, LINE = "#22303a", "#5b6b75", "#e3e8ea"
MARKETS = {"official": "#5b6b75", "NIMA": "#c9871f", "free": "#b5482f"}
FIRST, LAST = date(2019, 1, 1), date(2022, 2, 1)
WIDTH, HEIGHT = 760, 330
THIN = "\u202f"
PLACES = {"Desk 2": ("right", 4, -46), "Desk 3": ("left", -4, -46), "Desk 4, SAPCO": ("left", 12, 0)}
"""Where a label stands beside its point: how it is set, and by how many pixels it is moved."""


def desks() -> pl.DataFrame:
    """Compared contracts: day of signing and rials for one euro saved a year."""
    programme = read(demo.folder("iran-1398"))
    rates = Rates(programme["rates"])
    rows = []
    compared = contract_economics(programme).filter("compared").unique("contract", maintain_order=True)
    for row in compared.sort("signed").iter_rows(named=True):
        dollars = rates.rate("EUR", row["saving_currency"], row["signed"], ECB)
        if dollars is None:
            raise SystemExit(f"no rate for {row['contract']}")
        rials = row["spent_per_saved"] * dollars.value
        name = row["name"].partition(" (")[0]
        rows.append({"name": name, "signed": row["signed"], "rials": rials, "told": f"{rials:,.0f}".replace(",", THIN)})
    return pl.DataFrame(rows)


def euros() -> pl.DataFrame:
    """Rials for one euro by month and market."""
    rates = Rates(read(demo.folder("iran-1398"))["rates"])
    months = [date(y, m, 1) for y in range(FIRST.year, LAST.year + 1) for m in range(1, 13) if date(y, m, 1) <= LAST]
    found = [(on, market, rates.rate("EUR", "IRR", on, market)) for market in MARKETS for on in months]
    rows = [{"month": on, "market": market, "rials": rate.value} for on, market, rate in found if rate]
    return pl.DataFrame(rows)


def picture() -> alt.LayerChart:
    axis = "replace(format(datum.value, ',~f'), /,/g, '\u202f')"
    x = alt.X(
        "month:T",
        title=None,
        scale=alt.Scale(domain=[FIRST.isoformat(), LAST.isoformat()]),
        axis=alt.Axis(format="%Y", tickCount="year", grid=False),
    )
    y = alt.Y("rials:Q", title=None, scale=alt.Scale(domain=[0, 440_000]), axis=alt.Axis(labelExpr=axis, tickCount=5))
    colour = alt.Color("market:N", scale=alt.Scale(domain=list(MARKETS), range=list(MARKETS.values())), legend=None)
    rates = euros()
    lines = alt.Chart(rates).mark_line(strokeWidth=2).encode(x=x, y=y, color=colour)
    ends = rates.sort("month").group_by("market", maintain_order=True).last()
    words = {"official": "official rate", "NIMA": "NIMA", "free": "free market"}
    ends = ends.with_columns(told=pl.col("market").replace_strict(words))
    named = alt.Chart(ends).mark_text(align="left", dx=7, fontSize=13).encode(x=x, y=y, color=colour, text="told:N")
    at = alt.X("signed:T")
    told = desks()
    base = alt.Chart(told)
    stems = base.mark_rule(color=INK, strokeWidth=1, strokeDash=[2, 3], opacity=0.55).encode(x=at, y=y, y2=alt.datum(0))
    points = base.mark_point(filled=True, size=150, color=INK, opacity=1, stroke="white", strokeWidth=1.5).encode(
        x=at, y=y
    )
    labels = [layer for row in told.iter_rows(named=True) for layer in _label(row)]
    title = alt.TitleParams(
        "What a euro saved cost, and what a euro cost",
        subtitle=[
            "Rials that each signed round pays for one euro of imports to be displaced a year (points),",
            "and rials for one euro on the day (lines). Iran, 2019–2022, from the public record.",
        ],
        anchor="start", fontSize=19, color=INK, subtitleColor=SOFT, subtitleFontSize=13, subtitlePadding=8, offset=18, frame="bounds",
    )  # fmt: skip
    return alt.layer(lines, stems, points, *labels, named).properties(width=WIDTH, height=HEIGHT, title=title)


def _label(row: dict[str, object]) -> list[alt.Chart]:
    """A desk's name and number, where no line runs."""
    align, dx, dy = PLACES.get(str(row["name"]), ("right", -11, 0))
    base = alt.Chart(pl.DataFrame([row])).encode(x="signed:T", y="rials:Q")
    mark = {"align": align, "dx": dx, "fontSize": 13, "color": INK}
    return [
        base.mark_text(**mark, dy=dy - 8, fontWeight="bold").encode(text="name:N"),
        base.mark_text(**mark, dy=dy + 8).encode(text="told:N"),
    ]


def main() -> None:
    words = {"labelColor": SOFT, "labelFontSize": 13}
    chart = picture().configure(
        font=FONT, background="#ffffff", padding=20, view={"stroke": None},
        axis={**words, "gridColor": LINE, "domain": False, "ticks": False, "labelPadding": 8},
    )  # fmt: skip
    page = io.StringIO()
    chart.save(page, format="svg")
    svg = re.sub(r' (?:aria-[a-z]+|role)="[^"]*"', "", page.getvalue())
    for i, made in enumerate(dict.fromkeys(re.findall(r'id="([^"]+)"', svg))):
        svg = svg.replace(f'id="{made}"', f'id="picture-{i}"').replace(f"url(#{made})", f"url(#picture-{i})")
    (HERE / "picture.svg").write_text(svg + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
