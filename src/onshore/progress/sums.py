"""Sums of ranges: what may be added, and what a sum is where a figure is lost, in dispute, or only the rest of another."""

from __future__ import annotations

import polars as pl

from onshore.progress.worth import View, Worth

__all__ = ["added", "rows_of", "whole"]


def whole(values: pl.Expr, lost: pl.Expr) -> pl.Expr:
    """A sum that is nothing rather than too small: null where one of its members is lost, or where there is none."""
    return pl.when(lost.any() | values.is_null().all()).then(None).otherwise(values.sum())


def rows_of(shares: pl.DataFrame, worth: Worth) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Shares of contracts with what they are shares of: those that stand alone, and those that a rest ties together.

    `shares` has contract, measure, `all` (the share) and doubtful. Comes out with `firm` (the share where the contract is
    no doubtful one), `term`, `tied`, and the columns of the views.
    """
    firm = pl.when("doubtful").then(0.0).otherwise(pl.col("all"))
    own = shares.join(worth.own, on=["contract", "measure"]).with_columns(term="contract", tied=pl.lit(value=False))
    rest = shares.join(worth.rests, on=["contract", "measure"]).with_columns(tied=pl.lit(value=True))
    rows = pl.concat([own, rest], how="diagonal").with_columns(firm=firm)
    joined = pl.struct("term", "measure").is_in(worth.rests.select("term", "measure").unique().to_struct().implode())
    return rows.filter(~joined), rows.filter(joined)


def added(alone: pl.DataFrame, together: pl.DataFrame, group: tuple[str, ...], views: tuple[View, ...]) -> pl.DataFrame:
    """The least and the most of each group's sum in every view.

    A contract on its own counts with its least where it is no doubtful one, and with its most in any case. Without a rate a
    sum is unknown; in a view without a market, another currency's figure is none of its business, unless a rest needs it.
    """
    rows = alone.select(
        *group,
        "tied",
        *(
            (pl.col(weight) * pl.col(side)).alias(side)
            for v in views
            for weight, side in zip(("firm", "all"), v.sides, strict=True)
        ),
    )
    if together.height:
        rows = pl.concat([rows, _together(together, group, views).select(rows.columns)])
    return rows.group_by(group).agg(
        whole(pl.col(side), pl.col(side).is_null() & (pl.col("tied") | pl.lit(bool(v.market)))).alias(side)
        for v in views
        for side in v.sides
    )


def _together(rows: pl.DataFrame, group: tuple[str, ...], views: tuple[View, ...]) -> pl.DataFrame:
    """What one figure adds here and takes off there is added up before its range is taken, so that a figure in dispute
    disputes no total in which it cancels: with b the sum of share x least and s that of share x (most - least), the
    least is b + min(0, s) and the most b + max(0, s)."""
    terms = rows.group_by(*group, "term").agg(
        pl.any("tied"),
        *(
            whole(pl.col(weight) * value, pl.col(v.sides[0]).is_null() & (pl.col(weight) != 0)).alias(
                f"{name} {weight}|{v.name}"
            )
            for v in views
            for name, value in (("base", pl.col(v.sides[0])), ("span", pl.col(v.sides[1]) - pl.col(v.sides[0])))
            for weight in ("firm", "all")
        ),
    )
    ends = (("firm", pl.min_horizontal), ("all", pl.max_horizontal))
    return terms.select(
        *group,
        "tied",
        *(
            (pl.col(f"base {weight}|{v.name}") + end(pl.lit(0.0), pl.col(f"span {weight}|{v.name}"))).alias(side)
            for v in views
            for (weight, end), side in zip(ends, v.sides, strict=True)
        ),
    )
