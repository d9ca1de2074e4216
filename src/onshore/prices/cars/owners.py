"""Who owns the firms, in parts: what a firm minds of the profits of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from onshore.errors import Finding, InputError, finding
from onshore.prices.cars.declared import OWNERS
from onshore.prices.cars.demand import NOBODY, Array
from onshore.prices.markets import holdings, ownership
from onshore.tables.check import check_table
from onshore.tables.memory import raw_of
from onshore.tables.words import nearest

__all__ = ["owners_of", "stakes_of"]


def owners_of(owners: pl.DataFrame | None, firms: Sequence[str]) -> pl.DataFrame:
    """The table `owners` of `declared`, typed, control filled in where it is empty; no rows for None.

    Raises `InputError` with every fault: a firm that has no model, shares that do not add up to 1.
    """
    if owners is None:
        return OWNERS.empty()
    typed, found = check_table(raw_of(OWNERS.name, owners), OWNERS)
    typed = typed.with_columns(pl.col("control_share").fill_null(pl.col("profit_share")))
    found += _faults(typed, firms)
    if found:
        raise InputError(found)
    return typed


def stakes_of(owners: pl.DataFrame, firms: Sequence[str]) -> Array:
    """`demand.Market.stakes` of these firms, in their order: sum over owners of control x profit, over that of the firm's own.

    A firm without a row is its own owner. Empty where nobody has a part of two firms. O'Brien and Salop (2000).
    """
    held: dict[str, list[tuple[str, float, float]]] = {}
    for firm, owner, profit, control in owners.select("firm", "owner", "profit_share", "control_share").iter_rows():
        held.setdefault(firm, []).append((owner, profit, control))
    stakes = ownership(*holdings([held.get(f, [(f, 1.0, 1.0)]) for f in firms]))
    return NOBODY if np.array_equal(stakes, np.eye(len(firms))) else stakes


def _faults(owners: pl.DataFrame, firms: Sequence[str]) -> Iterator[Finding]:
    for row, firm in owners.select("row", "firm").iter_rows():
        if firm is not None and firm not in firms:
            hint = nearest(firm, firms)
            yield finding("unknown_reference", OWNERS.name, row, "firm", firm, target="products.firm", nearest=hint)
    sums = owners.group_by("firm", maintain_order=True).agg(pl.first("row"), pl.sum("profit_share", "control_share"))
    for firm, row, profit, control in sums.iter_rows():
        for what, total in (("profit", profit), ("control", control)):
            if abs(total - 1.0) > 1e-6:
                yield finding("owners_not_whole", OWNERS.name, row, f"{what}_share", firm, what=what, sum=f"{total:g}")
