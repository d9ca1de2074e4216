"""What is needed: units of each part by programme year and market, given outright or through bills of materials."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from onshore.blueprint.programme import Programme

__all__ = ["Need", "content_of_products", "levels", "need"]

NEED_SCHEMA = {"part": pl.String, "year": pl.Int64, "market": pl.String, "units": pl.Float64}


@dataclass(frozen=True)
class Need:
    """Units of each part by year. `table`: part, year, market (`oem` or `aftermarket`), units (a year)."""

    table: pl.DataFrame

    def summary(self) -> str:
        """Units a year of each market, and how many parts they are of."""
        if self.table.is_empty():
            return "Nothing is needed: the programme has neither `needs` nor `volumes` with a bill of materials."
        lines = [f"{self.table['part'].n_unique()} parts are needed"]
        totals = self.table.group_by("year", "market").agg(pl.sum("units")).sort("year", "market")
        lines += [f"  {year} {market:<12} {units:>16,.0f} units" for year, market, units in totals.rows()]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: `needs`, a list of rows."""
        return {"needs": self.table.to_dicts()}


def need(programme: Programme) -> Need:
    """Units of each part by programme year: what `needs` gives, and volumes times the bill of materials.

    A part's need for the assembly line comes from one of the two, never both (the checker refuses it). An
    assembly that stands in `parts` is bought whole as well as its pieces (the checker warns).
    """
    years = programme.settings.years
    given = programme["needs"].select("part", "year", pl.col("market").fill_null("oem").alias("market"), "units")
    built = (
        programme["volumes"]
        .filter(pl.col("year").is_in(years))
        .join(content_of_products(programme["bom"], programme["parts"]), on="product")
        .group_by("part", "year")
        .agg((pl.col("units") * pl.col("quantity")).sum())
        .select("part", "year", pl.lit("oem").alias("market"), "units")
    )
    rows = pl.concat([given, built]).group_by("part", "year", "market").agg(pl.sum("units"))
    return Need(rows.cast(pl.Schema(NEED_SCHEMA)).sort("part", "year", "market"))


def content_of_products(bom: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """How many of each part one unit of a product holds, over all levels: product, part, quantity.

    quantity[product, part] = sum over the paths from one to the other of the product of their quantities.
    Level by level, so the work is one join a level; the checker has made sure that there is no cycle.
    """
    lines = bom.select("product", "part", "quantity")
    made_of = lines.rename({"product": "part", "part": "piece", "quantity": "each"})
    level, found = lines, []
    while not level.is_empty():
        found.append(level.join(parts.select("part"), on="part"))
        level = (
            level.join(made_of, on="part")
            .select("product", pl.col("piece").alias("part"), (pl.col("quantity") * pl.col("each")).alias("quantity"))
            .group_by("product", "part")
            .agg(pl.sum("quantity"))
        )
    if not found:
        return pl.DataFrame(schema={"product": pl.String, "part": pl.String, "quantity": pl.Float64})
    return pl.concat(found).group_by("product", "part").agg(pl.sum("quantity")).sort("product", "part")


def levels(bom: pl.DataFrame) -> tuple[dict[str, int], list[str]]:
    """The level of every item of the bill of materials (0 at the top), and a cycle if there is one, as a path."""
    from graphlib import CycleError, TopologicalSorter

    above: dict[str, set[str]] = {}
    for item, piece in bom.select("product", "part").iter_rows():
        above.setdefault(piece, set()).add(item)
        above.setdefault(item, set())
    try:
        order = list(TopologicalSorter(above).static_order())
    except CycleError as error:
        return {}, list(reversed(error.args[1]))
    level: dict[str, int] = {}
    for item in order:
        level[item] = max((level[a] + 1 for a in above[item]), default=0)
    return level, []
