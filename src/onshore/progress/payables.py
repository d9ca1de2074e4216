"""Money that is owed: the complaint that every office hears first."""

from __future__ import annotations

from datetime import date

import polars as pl

from onshore.blueprint.programme import Programme
from onshore.progress.declared import PAYABLES

__all__ = ["payables"]


def payables(programme: Programme, *, as_of: date) -> pl.DataFrame:
    """The table `payables` on a day: by payer, payee and currency, what fell due, what of it is unpaid, and how late.

    A payment made after `as_of` is unpaid on it. Currencies are kept apart. Where a payment does not name its payer, the
    contract's buyer stands for it.
    """
    amount, late = pl.col("amount"), (pl.lit(as_of) - pl.col("due")).dt.total_days()
    buyers = programme["contracts"].select("contract", "buyer")
    due = (
        programme["payments"]
        .filter(pl.col("due") <= as_of)
        .join(buyers, on="contract", how="left")
        .with_columns(amount=amount.cast(pl.Float64), payer=pl.coalesce("payer", "buyer"))
        .with_columns(unpaid=(pl.col("paid") > as_of).fill_null(value=True))
    )
    open_ = pl.when("unpaid").then(amount)
    settled = pl.when(~pl.col("unpaid")).then(amount)
    return (
        due.group_by("payer", "payee", "currency")
        .agg(
            payments=pl.len().cast(pl.Int64),
            due=pl.sum("amount"),
            overdue=open_.sum(),
            overdue_payments=pl.sum("unpaid").cast(pl.Int64),
            oldest_due=pl.col("due").filter("unpaid").min(),
            days_overdue=_mean(open_, late),
            days_late_when_paid=_mean(settled, (pl.col("paid") - pl.col("due")).dt.total_days()),
        )
        .select([c.name for c in PAYABLES.columns])
        .sort("overdue", "payer", "payee", "currency", descending=[True, False, False, False], nulls_last=True)
    )


def _mean(weight: pl.Expr, value: pl.Expr) -> pl.Expr:
    """A mean weighted by amounts; null where there is nothing to weigh."""
    return pl.when(weight.sum() > 0).then((weight * value).sum() / weight.sum())
