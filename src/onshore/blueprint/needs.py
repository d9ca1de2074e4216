"""What is needed: units of each part by programme year and market, given outright or through bills of materials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.blueprint.programme import Programme
from onshore.tables.labels import positions

__all__ = ["Content", "Need", "content_of", "content_of_products", "cycle", "need", "units_of_parts"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

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


@dataclass(frozen=True)
class Content:
    """How many of each part one unit of a product holds, over all levels: n pairs, sorted by product and then part.

    Items are told by their place in `names`: a bill of a million lines is many numbers and few names.
    """

    names: pl.Series  # (N,) every item of the bill of materials, sorted
    product: Ints  # (n,)
    part: Ints  # (n,)
    quantity: Floats  # (n,)


def need(programme: Programme) -> Need:
    """Units of each part by programme year: what `needs` gives, and volumes times the bill of materials.

    A part's need for the assembly line comes from one of the two, never both (the checker refuses it). An
    assembly that stands in `parts` is bought whole as well as its pieces (the checker warns).
    """
    rows = [programme["needs"].select("part", "year", pl.col("market").fill_null("oem").alias("market"), "units")]
    names, built = _built(programme)
    for year, units in zip(programme.settings.years, built.T, strict=True):
        there = np.flatnonzero(~np.isnan(units))
        rows.append(
            pl.DataFrame({"part": names.gather(there), "units": units[there]}).select(
                "part", pl.lit(year, pl.Int64).alias("year"), pl.lit("oem").alias("market"), "units"
            )
        )
    table = pl.concat(rows).group_by("part", "year", "market").agg(pl.sum("units"))
    return Need(table.cast(pl.Schema(NEED_SCHEMA)).sort("part", "year", "market"))


def units_of_parts(programme: Programme) -> Floats:
    """(P, T) the same over all markets, parts in alphabetical order."""
    settings, labels = programme.settings, programme["parts"]["part"].sort()
    units = np.zeros((len(labels), len(settings.years)))
    names, built = _built(programme)
    bought = np.flatnonzero(~np.isnan(built).all(axis=1))
    units[positions(names.gather(bought), labels, "parts.part")] = np.nan_to_num(built[bought])
    given = programme["needs"]
    at = positions(given["part"], labels, "parts.part"), given["year"].to_numpy() - settings.first_year
    np.add.at(units, at, given["units"].to_numpy())
    return units


def _built(programme: Programme) -> tuple[pl.Series, Floats]:
    """N items of the bill of materials and (N, T) units of each that volumes ask for, nan where none is asked for."""
    years = programme.settings.years
    content = content_of(programme["bom"], programme["parts"])
    volumes = programme["volumes"].filter(
        pl.col("year").is_in(years) & pl.col("product").is_in(content.names.implode())
    )
    made = np.full((len(content.names), len(years)), np.nan)
    product = positions(volumes["product"], content.names, "bom.product")
    made[product, volumes["year"].to_numpy() - years[0]] = volumes["units"].cast(pl.Float64).to_numpy()
    needed = np.full(made.shape, np.nan)
    for t in range(len(years)):
        units = made[content.product, t]
        some = ~np.isnan(units)
        part = content.part[some]
        needed[part, t] = np.bincount(part, units[some] * content.quantity[some], len(needed))[part]
    return content.names, needed


def content_of(bom: pl.DataFrame, parts: pl.DataFrame) -> Content:
    """The content of every product and assembly, as far as it stands in `parts`.

    quantity[product, part] = sum over the paths from one to the other of the product of their quantities.
    Level by level, so the work is one join a level; the checker has made sure that there is no cycle.
    """
    lines = bom.select("product", "part", "quantity").drop_nulls()
    names = pl.concat([lines["product"], lines["part"]]).unique().sort()
    bought = names.is_in(parts["part"].drop_nulls().implode()).to_numpy()
    product, part = (positions(lines[column], names, "bom") for column in ("product", "part"))
    quantity = lines["quantity"].cast(pl.Float64).to_numpy()
    order = np.argsort(product, kind="stable")
    first = np.searchsorted(product[order], np.arange(len(names) + 1))
    none = np.zeros(0, dtype=np.int64)
    level, found = (product, part, quantity), [(none, none, np.zeros(0))]
    while len(level[0]):
        own = bought[level[1]]
        found.append((level[0][own], level[1][own], level[2][own]))
        whole, item, many = level
        pieces = first[item + 1] - first[item]
        start = np.cumsum(pieces) - pieces
        at = order[np.repeat(first[item] - start, pieces) + np.arange(int(pieces.sum()))]
        level = _added(np.repeat(whole, pieces), part[at], np.repeat(many, pieces) * quantity[at], len(names))
    product, part, quantity = (np.concatenate(column) for column in zip(*found, strict=True))
    return Content(names, *_added(product, part, quantity, len(names)))


def _added(product: Ints, part: Ints, quantity: Floats, count: int) -> tuple[Ints, Ints, Floats]:
    """Pairs of `count` items, each once and sorted, with the sum of their quantities."""
    pair, place = np.unique(product * count + part, return_inverse=True)
    return pair // max(count, 1), pair % max(count, 1), np.bincount(place, quantity, len(pair)).astype(np.float64)


def content_of_products(bom: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    """`content_of` as a table: product, part, quantity."""
    content = content_of(bom, parts)
    return pl.DataFrame(
        {
            "product": content.names.gather(content.product),
            "part": content.names.gather(content.part),
            "quantity": content.quantity,
        }
    )


def cycle(bom: pl.DataFrame) -> list[str]:
    """A cycle in the bill of materials if there is one, as a path."""
    from graphlib import CycleError, TopologicalSorter

    lines = bom.select("product", "part")
    for _ in range(LEVELS):  # what is no piece of anything and what has no pieces is in no cycle
        inner = lines.filter(
            pl.col("product").is_in(lines["part"].implode()) & pl.col("part").is_in(lines["product"].implode())
        )
        if inner.height == lines.height:
            break
        lines = inner
    if lines.is_empty():
        return []
    above: dict[str, set[str]] = {}
    for item, piece in bom.select("product", "part").iter_rows():
        above.setdefault(piece, set()).add(item)
        above.setdefault(item, set())
    try:
        TopologicalSorter(above).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


LEVELS = 50
"""So many levels of assemblies are peeled off at once before each item is looked at in turn."""
