"""Every award: who makes what, from when to when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from onshore.blueprint.calendar import month_of, month_start
from onshore.report.charts import AFTER, INK, LINE, SOFT, TIGHT, drawn, fitted
from onshore.report.numbers import Scale, count, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, Text, cells, many
from onshore.report.reading import MOST, Reading, most, total

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["awards"]

SHOWN = 40
"""Most lines in the chart; the table has the rest."""

HEADINGS = {
    "contract_value": "Contract value", "imports_displaced": "Imports displaced", "tooling": "Tooling",
    "public_money": "Public money",
}  # fmt: skip


def awards(reading: Reading) -> Chapter:
    """When lines start, as a chart; then every award, in the order in which they have to be signed."""
    table = reading["awards"].sort("signed", "part", "offer", "start")
    if not table.height:
        return Chapter("awards", "Awards", "Awards", (Text("No offer is taken up."),))
    table = _dated(reading, table)
    blocks: list[Block] = [
        Text(f"{many(table.height, 'offer').capitalize()} would be taken up. {_by_year(reading, table)}"),
        _figure(reading, table), _grid(reading, table),
    ]  # fmt: skip
    return Chapter("awards", "When lines start, award by award", "When lines start", tuple(blocks))


def _dated(reading: Reading, table: pl.DataFrame) -> pl.DataFrame:
    """With months since the programme's first day: `sign`, `begin`, `end` (of the term, or of the programme)."""
    s = reading.settings
    months = 12 * (s.last_year - s.first_year + 1)
    terms = reading.programme["offers"].select("offer", "term_years")
    table = table.join(terms, on="offer", how="left", maintain_order="left")
    month = {day: month_of(day, s.first_year, s.calendar) for c in ("signed", "start") for day in table[c].unique()}
    begin = pl.Series("begin", [month[day] for day in table["start"]], dtype=pl.Int64)
    ends = [
        months if term is None else start + round(12 * term)
        for term, start in zip(table["term_years"], begin, strict=True)
    ]
    last = {end: month_start(end, s.first_year, s.calendar) - timedelta(days=1) for end in set(ends)}
    return table.with_columns(
        pl.Series("sign", [month[day] for day in table["signed"]], dtype=pl.Int64), begin, pl.Series("end", ends, dtype=pl.Int64),
        pl.Series("until", [last[end] for end in ends], dtype=pl.Date), open=pl.col("term_years").is_null(),
    )  # fmt: skip


def _by_year(reading: Reading, table: pl.DataFrame) -> str:
    """`Lines start: 12 in 1399 (2020-21), 90 in 1400 (2021-22)`."""
    years = table.group_by("start_year").len().sort("start_year")
    told = [f"{count(n)} in {reading.year(year)}" for year, n in years.iter_rows()]
    return f"Lines that start: {', '.join(told)}."


def _figure(reading: Reading, table: pl.DataFrame) -> Figure:
    s = reading.settings
    largest = table.sort("imports_displaced", "part", "offer", "start", descending=[True, False, False, False]).head(
        SHOWN
    )
    first = pl.col("begin").min().over("maker")
    shown = largest.sort(first, "maker", "begin", "sign", "part", "offer")
    rows: list[dict[str, Any]] = []
    for (maker,), lines in shown.group_by(["maker"], maintain_order=True):
        rows.append(
            {"row": len(rows), "name": reading.called("makers", str(maker)), "sign": None, "begin": None, "end": None}
        )
        for part, sign, begin, end in lines.select("part", "sign", "begin", "end").iter_rows():
            rows.append(
                {"row": len(rows), "name": reading.called("parts", part), "sign": sign, "begin": begin, "end": end}
            )
    years = list(range(s.first_year, s.last_year + 1))
    drawing = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("end").clip(upper_bound=12 * len(years)))
    wide, narrow = drawn("starts-chart", lambda width: _chart(drawing, years, width))
    month = table.group_by("start").len().sort("len", "start", descending=[True, False]).row(0, named=True)
    cut = (
        f" The {SHOWN} awards that displace most imports are drawn, {percent(total(largest['imports_displaced']) / total(table['imports_displaced']))} of all that is displaced; the table has {f'all {count(table.height)}' if table.height <= MOST else f'the first {MOST}'}."
        if table.height > SHOWN
        else ""
    )
    most = (
        f"Most lines start on one day, {many(month['len'], 'line')} on {reading.day(month['start']).text}. "
        if month["len"] > 2
        else ""
    )
    longest = int((table["begin"] - table["sign"]).max() or 0)  # type: ignore[arg-type]
    wait = f"The longest wait from signing to the first good unit is {many(longest, 'month')}. " if longest else ""
    see = f"{most}{wait}Pale: signed, tools being made. Dark: deliveries, to the end of the term or of the programme.{cut}"
    return Figure(
        "starts-figure", "From signing to the first good unit and to the end, by maker", see, wide, narrow, see
    )


def _chart(rows: pl.DataFrame, years: list[int], width: int) -> Drawing:
    """A line an award under the name of its maker; time runs in programme months, and a rule stands at each new year."""
    import altair as alt

    labels, size = (270, 12) if width > 500 else (150, 11)
    rows = rows.with_columns(
        name=pl.col("name").map_elements(lambda n: fitted(n, labels - 14, size), return_dtype=pl.String)
    )
    months = 12 * len(years)
    first = min(0, *rows["sign"].drop_nulls().to_list())
    x = alt.Scale(domain=[first, months], range=[labels, width - 8], nice=False, zero=False)
    y = alt.Y("row:Q", scale=alt.Scale(domain=[rows.height - 0.4, -0.6], nice=False, zero=False), axis=None)
    ends = alt.Chart(pl.DataFrame({"month": [12 * i for i in range(len(years) + 1)]}))
    rules = ends.mark_rule(color=LINE).encode(x=alt.X("month:Q", scale=x, axis=None))
    named = alt.Chart(
        pl.DataFrame({"month": [12 * i + 6 for i in range(len(years))], "year": [str(year) for year in years]})
    )
    crowded = (width - labels) / len(years) < 34
    every = -(-34 * len(years) // (width - labels)) if crowded else 1
    heads = named.transform_filter(f"(datum.month - 6) / 12 % {every} == 0").mark_text(color=INK, dy=-10, fontSize=size).encode(
        x=alt.X("month:Q", scale=x, axis=None), y=alt.value(0), text="year:N"
    )  # fmt: skip
    lines, makers = (
        alt.Chart(rows.filter(pl.col("begin").is_null() == headed)).encode(y=y) for headed in (False, True)
    )
    wait = lines.mark_rule(strokeWidth=8, color=TIGHT, opacity=0.35).encode(
        x=alt.X("sign:Q", scale=x, axis=None), x2="begin:Q"
    )
    run = lines.mark_rule(strokeWidth=8, color=AFTER).encode(x=alt.X("begin:Q", scale=x, axis=None), x2="end:Q")
    words: dict[str, Any] = {"align": "left", "fontSize": size}
    name = lines.mark_text(color=INK, **words).encode(x=alt.value(8), text="name:N")
    head = makers.mark_text(color=SOFT, fontWeight="bold", **words).encode(x=alt.value(0), text="name:N")
    return alt.layer(rules, wait, run, name, head, heads).properties(width=width - 8, height=19 * rows.height)


def _grid(reading: Reading, table: pl.DataFrame) -> Grid:
    shown = [m for m in HEADINGS if m in ("contract_value", "imports_displaced") or total(table[m])]
    scales = {m: scale_of(table[m]) for m in shown}
    columns = (
        Column("Part", kind="words"), Column("Maker", kind="words"), Column("Of the need"), Column("To sign by", kind="day"),
        Column("Starts", kind="day"), Column("Until", kind="day"), Column("Units"),
        *(Column(HEADINGS[m], scales[m].unit(reading.currency)) for m in shown),
    )  # fmt: skip
    drawn_up, left = _largest(table)
    rows = tuple(_award(reading, row, shown, scales) for row in drawn_up.iter_rows(named=True))
    whole = ("All awards", *[""] * 6, *(scales[m](total(table[m])) for m in shown)) if table.height > 1 else None
    note = (
        "Contract value is a stock: the committed quantity times its price over the whole term. Imports displaced "
        f"are a flow, added up {reading.years}, as are units. No column may be added to another."
        + (" A contract without a term runs to the end of the programme." if table["open"].any() else "")
        + left
    )
    return Grid(
        "awards-table",
        "The awards of the plan, in the order in which they have to be signed",
        columns,
        rows,
        whole,
        note,
    )


def _largest(table: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """The awards that displace most imports, as many as a page has room for, still in order; and where the others are."""
    order = ["imports_displaced", "part", "offer", "start"]
    largest, left = most(table.with_row_index("at").sort(order, descending=[True, False, False, False]), "awards")
    if left:
        share = percent(total(largest["imports_displaced"]) / total(table["imports_displaced"]))
        left = f" In this table are the {MOST} awards that displace most imports, {share} of all; all {count(table.height)} are in awards.csv beside this page."
    return largest.sort("at"), left


def _award(reading: Reading, row: dict[str, Any], shown: list[str], scales: dict[str, Scale]) -> Row:
    maker = reading.name("makers", str(row["maker"]))
    if row["venture"] is not None:
        maker = Cell(maker.text, f"{maker.sub} in venture {row['venture']}".strip())
    share = float(row["share"]) * float(row["weight"])
    return cells(
        reading.name("parts", str(row["part"])), maker, percent(min(1.0, share)),
        reading.day(row["signed"]), reading.day(row["start"]), reading.day(row["until"]), count(row["units"]),
        *(scales[m](float(row[m])) for m in shown),
    )  # fmt: skip
