"""Who the awards go to: by sector, by region, by maker."""

from __future__ import annotations

import polars as pl

from onshore.report.charts import bars, distinct, drawn
from onshore.report.numbers import NONE, count, percent, scale_of
from onshore.report.pieces import Block, Cell, Chapter, Column, Figure, Grid, Row, Text, cells, many
from onshore.report.reading import MOST, Reading, most, total

__all__ = ["groups"]

SHOWN = 12
"""Most bars in a panel; the table has the rest."""

AMOUNTS = ("contract_value", "imports_displaced")
UNNAMED = "not said"


def groups(reading: Reading) -> Chapter | None:
    """One chart of imports displaced, and a table for each way of grouping; None without an award."""
    if not reading["awards"].height:
        return None
    awards = _placed(reading)
    kinds = [k for k in ("sector", "subproject", "region", "maker") if awards[k].null_count() < awards.height]
    if awards["sector"].n_unique() > 1 and "subproject" in kinds and awards["subproject"].n_unique() > SHOWN:
        kinds.remove("subproject")
    told = {kind: _sums(awards, kind) for kind in kinds}
    blocks: list[Block] = [_figure(reading, told)]
    if "sector" in kinds and awards["sector"].n_unique() == 1:
        blocks.append(Text(f"All awards are in one sector: {reading.called('sectors', awards['sector'][0])}."))
        told.pop("sector")
    blocks += [_grid(reading, kind, rows, awards) for kind, rows in told.items()]
    return Chapter("groups", "Awards by sector, region and maker", "By sector and maker", tuple(blocks))


def _placed(reading: Reading) -> pl.DataFrame:
    """Awards with the subproject and sector of their part, and the region of their maker."""
    tables = reading.programme.tables
    return (
        reading["awards"]
        .join(tables["parts"].select("part", "subproject"), on="part", how="left")
        .join(tables["subprojects"].select("subproject", "sector"), on="subproject", how="left")
        .join(tables["makers"].select("maker", "region"), on="maker", how="left")
    )


def _sums(awards: pl.DataFrame, kind: str) -> pl.DataFrame:
    """A row a group: awards, parts, makers, contract value, imports displaced, first start; most displaced first."""
    return (
        awards.group_by(pl.col(kind).alias("key"))
        .agg(
            pl.len().alias("awards"), pl.col("part").n_unique().alias("parts"), pl.col("maker").n_unique().alias("makers"),
            *(pl.col(a).sum() for a in AMOUNTS), pl.col("start").min(), pl.col("sector").n_unique().alias("sectors"),
        )
        .sort("imports_displaced", "key", descending=[True, False], nulls_last=True)
    )  # fmt: skip


def _called(reading: Reading, kind: str, key: str | None) -> Cell:
    if key is None:
        return Cell(UNNAMED)
    return Cell(key) if kind == "region" else reading.name(f"{kind}s", key)


def _figure(reading: Reading, told: dict[str, pl.DataFrame]) -> Figure:
    whole = total(reading["awards"]["imports_displaced"])
    drawable = {kind: rows for kind, rows in told.items() if rows.height > 1} or {"maker": told["maker"]}
    scale = scale_of([v for rows in drawable.values() for v in rows["imports_displaced"]])
    panels = []
    for kind, rows in drawable.items():
        keys = [k or UNNAMED for k in rows["key"]]
        names = distinct([_called(reading, kind, k).text for k in rows["key"]], keys)
        shown = rows.select(
            pl.Series("name", names), pl.col("imports_displaced").alias("value"),
            pl.col("imports_displaced").map_elements(scale, return_dtype=pl.String).alias("label"),
        ).head(SHOWN)  # fmt: skip
        title = f"by {kind}" + (f" (the first {SHOWN} of {count(rows.height)})" if rows.height > SHOWN else "")
        panels.append((title, shown))
    wide, narrow = drawn("groups-chart", lambda width: bars(panels, width))
    see = f"{_first(reading, told, whole)} Each panel has a scale of its own; all of them add up to the same {scale.told(whole, reading.currency)}."
    caption = f"Imports displaced by the awards, {scale.unit(reading.currency)}, added up {reading.years}"
    return Figure("groups-figure", caption, see, wide, narrow, see)


def _first(reading: Reading, told: dict[str, pl.DataFrame], whole: float) -> str:
    """Which maker and region displace the most, and how many makers it takes for half."""
    makers = told["maker"]
    name = _called(reading, "maker", makers["key"][0]).text
    said = f"{name} displaces the most, {percent(makers['imports_displaced'][0] / whole) if whole else NONE}"
    half = int((makers["imports_displaced"].cum_sum() < whole / 2).sum()) + 1
    if makers.height > 2 and half < makers.height:
        said += f"; {many(half, 'maker')} of {count(makers.height)} displace{'s' if half == 1 else ''} half"
    if "region" in told and told["region"].height > 1:
        region = told["region"].row(0, named=True)
        said += f"; {region['key'] or UNNAMED} is the region with most ({percent(region['imports_displaced'] / whole) if whole else NONE})"
    return f"{said}."


def _grid(reading: Reading, kind: str, table: pl.DataFrame, awards: pl.DataFrame) -> Grid:
    worth, flow = (scale_of(table[a]) for a in AMOUNTS)
    whole = total(table["imports_displaced"])
    by_maker = kind == "maker"
    region = dict(awards.select("maker", "region").unique().iter_rows())
    rows: list[Row] = []
    shown, left = most(table, "awards")
    for r in shown.iter_rows(named=True):
        beside = region.get(r["key"]) or NONE if by_maker else count(r["makers"])
        rows.append(cells(
            _called(reading, kind, r["key"]), beside, count(r["parts"]), count(r["awards"]), reading.day(r["start"]),
            worth(r["contract_value"]), flow(r["imports_displaced"]),
            percent(r["imports_displaced"] / whole) if whole else NONE,
        ))  # fmt: skip
    columns = (
        Column(kind.capitalize(), kind="words"), Column("Region", kind="words") if by_maker else Column("Makers"),
        Column("Parts"), Column("Awards"), Column("First start", kind="day"),
        Column("Contract value", f"{worth.unit(reading.currency)}, stock"),
        Column("Imports displaced", f"{flow.unit(reading.currency)}, flow"), Column("Of those displaced"),
    )  # fmt: skip
    whole_row = (
        f"All {kind}s", "", count(awards["part"].n_unique()), count(awards.height), "", worth(total(table["contract_value"])),
        flow(whole), "",
    ) if table.height > 1 else None  # fmt: skip
    note = (
        "A part with awards in several of them counts once in each, and once in all." if _shared(awards, kind) else ""
    )
    if left:
        note = f"{note} The {MOST} that displace most; the awards of all {count(table.height)} are in awards.csv beside this page.".strip()
    return Grid(f"by-{kind}", f"Awards by {kind}", columns, tuple(rows), whole_row, note)


def _shared(awards: pl.DataFrame, kind: str) -> bool:
    """Whether a part is in more than one of the groups."""
    return bool(awards.group_by("part").agg(pl.col(kind).n_unique())[kind].max() != 1)
