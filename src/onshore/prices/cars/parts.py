"""A model's cost through its bill of materials."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from onshore.blueprint.needs import content_of_products, cycle
from onshore.errors import Finding, InputError, finding
from onshore.prices.cars.declared import BOM, COSTS, NEW_COSTS, PART_CHANGES
from onshore.tables.check import check_table
from onshore.tables.memory import raw_of

__all__ = ["CarCosts", "costs_through_bom"]


@dataclass(frozen=True)
class CarCosts:
    """`products`: the table `new_costs`; `unused_parts`: parts whose cost changes and that no model of it holds."""

    products: pl.DataFrame
    unused_parts: tuple[str, ...]

    @property
    def changes(self) -> pl.DataFrame:
        """The models whose cost moved, as `car_prices` takes them: market, product, cost."""
        return self.products.filter(pl.col("cost") != pl.col("cost_before")).select("market", "product", "cost")

    def summary(self) -> str:
        """How many costs moved, and what was left out."""
        n = self.products.height
        lines = [f"The cost of {self.changes.height} of {n} models moves."]
        outside = n - int(self.products["in_bom"].sum())
        if outside:
            lines.append(f"{outside} are not in the bill of materials: their cost stays.")
        if self.unused_parts:
            lines.append(f"{len(self.unused_parts)} parts with a new cost go into none of these models.")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: `products`, a list of rows, and `unused_parts`."""
        return {"products": self.products.to_dicts(), "unused_parts": list(self.unused_parts)}


def costs_through_bom(costs: pl.DataFrame, bom: pl.DataFrame, part_changes: pl.DataFrame) -> CarCosts:
    """The cost of each model after its parts' unit costs changed, over all levels of the bill of materials.

    cost[j] = cost_before[j] + sum over parts of quantity[j, part] * unit_cost_change[part], all in one unit of money.
    The tables are `costs`, `bom` and `part_changes` of `declared`. A model that the bill does not know keeps its cost.

    Raises `InputError` with every fault, among them a part whose change is given and that goes into another such part:
    nobody can say whether the larger change holds the smaller.
    """
    (costs, bom, part_changes), found = _checked(costs, bom, part_changes)
    found += _twice(bom, part_changes)
    if found:
        raise InputError(found)
    changed = content_of_products(bom, part_changes).join(part_changes.select("part", "unit_cost_change"), on="part")
    moved = changed.group_by("product").agg((pl.col("quantity") * pl.col("unit_cost_change")).sum().alias("moved"))
    products = (
        costs.select("market", "product", pl.col("cost").alias("cost_before"))
        .join(moved, on="product", how="left", maintain_order="left")
        .with_columns(
            (pl.col("cost_before") + pl.col("moved").fill_null(0.0)).alias("cost"),
            pl.col("product").is_in(bom["product"].unique().implode()).alias("in_bom"),
        )
        .select(c.name for c in NEW_COSTS.columns)
    )
    used = changed.filter(pl.col("product").is_in(costs["product"].unique().implode()))["part"].unique()
    unused = part_changes.filter(~pl.col("part").is_in(used.implode()))["part"].sort()
    return CarCosts(products, tuple(unused))


def _checked(*frames: pl.DataFrame) -> tuple[list[pl.DataFrame], list[Finding]]:
    found: list[Finding] = []
    typed = []
    for frame, table in zip(frames, (COSTS, BOM, PART_CHANGES), strict=True):
        values, bad = check_table(raw_of(table.name, frame), table)
        typed.append(values)
        found += bad
    return typed, found


def _twice(bom: pl.DataFrame, part_changes: pl.DataFrame) -> list[Finding]:
    """A circle in the bill, else the parts that go into another part whose change is given too."""
    circle = cycle(bom)
    if circle:
        return [finding("bom_cycle", "bom", path=" > ".join(circle))]
    inside = content_of_products(bom, part_changes).filter(pl.col("product").is_in(part_changes["part"].implode()))
    rows = dict(part_changes.select("part", "row").iter_rows())
    return [
        finding("change_within_change", "part_changes", rows[part], "part", part, whole=whole)
        for whole, part in inside.select("product", "part").sort("product", "part").iter_rows()
    ]
