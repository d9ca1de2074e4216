"""The prices after a change, what each side gains, and what a reader should be wary of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.errors import Finding, InputError, finding
from onshore.prices.cars.declared import ANSWER, CHANGES, MARKETS, STATUSES
from onshore.prices.cars.demand import Market, choices, consumer_surplus, numbered
from onshore.prices.cars.deviations import deviations
from onshore.prices.cars.equilibrium import TOLERANCE, Equilibrium, equilibrium, gap
from onshore.prices.cars.market import CarMarkets
from onshore.prices.cars.owners import owners_of, stakes_of
from onshore.tables.check import check_table
from onshore.tables.memory import raw_of
from onshore.tables.words import nearest

__all__ = ["CarPrices", "car_prices"]

JUMP = 0.12
"""A price that moves by more than this share of itself is flagged: a firm may have gone over to other buyers."""


@dataclass(frozen=True)
class CarPrices:
    """`products`: the table `answer`; `markets`: the table `markets`; `warnings`: what to be wary of."""

    products: pl.DataFrame
    markets: pl.DataFrame
    warnings: tuple[Finding, ...]

    def summary(self) -> str:
        """How the prices were found, how far they move, who gains what, and every warning."""
        p, m = self.products, self.markets
        by_status = {s: int((m["status"] == s).sum()) for s in STATUSES}
        counts = ", ".join(f"{n} {s}" for s, n in by_status.items() if n)
        lines = [
            f"{p.height} models in {m.height} markets: {counts}; largest residual {m['residual'].to_numpy().max():.1e}",
            f"  prices: {p['price_change_share'].to_numpy().mean():+.2%} on average",
        ]
        through = p["pass_through"].drop_nulls()
        if len(through):
            lines.append(f"  pass-through of {len(through)} changed costs: median {np.median(through.to_numpy()):.2f}")
        for label, column in (("buyers", "consumer_surplus"), ("firms", "profit"), ("treasury", "tax")):
            before, after = m[f"{column}_before"].sum(), m[column].sum()
            lines.append(f"  {label}: {before:.6g} -> {after:.6g} a possible buyer, markets added up")
        return "\n".join(lines + [f"  warning: {w}" for w in self.warnings])

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: `products` and `markets` as rows, and `warnings`."""
        tables = {"products": self.products.to_dicts(), "markets": self.markets.to_dicts()}
        return {**tables, "warnings": [w.as_dict() for w in self.warnings]}


def car_prices(
    markets: CarMarkets,
    changes: pl.DataFrame,
    *,
    owners: pl.DataFrame | None = None,
    tolerance: float = TOLERANCE,
    jump: float = JUMP,
    look_for_deviations: bool = True,
) -> CarPrices:
    """Prices after `changes` (a table of `declared`: cost, tax_share or firm of some models), every firm's best again.

    `owners` (a table of `declared`) says who owns the firms from now on, and who does not appear in it is its own owner;
    left out, owners stay.

    A market without a change is left exactly as it is. `tolerance` is the largest residual, as a share of the observed
    price; `jump` is the share of itself by which a price may move unflagged. Every model's price is tried for a better
    one, the others held, unless `look_for_deviations` is off; the equilibrium is no Nash equilibrium where one is found.

    Raises `InputError` with every fault of `changes`, or of `owners`. A market whose prices were not found has the status `unsolved`
    and a warning, and never an exception.

    Source: Morrow and Skerlos (2011), Operations Research 59, 328-345. Maths: docs/explanation/car-market.md.
    """
    changes = _checked(markets, changes)
    from_now = markets.owners if owners is None else owners_of(owners, markets.products["firm"].unique().to_list())
    old = markets.products.join(changes, on=["market", "product"], how="left", maintain_order="left", suffix="_new")
    parts, rows = [], []
    for before in markets.markets:
        mine = old.filter(pl.col("market") == before.name)
        after = _after(before, mine, from_now)
        found = _found(before, after, tolerance)
        part = _models(before, after, found, mine, jump)
        if look_for_deviations:
            best, gain = deviations(after, found.price)
            part = part.with_columns(deviation_price=pl.Series(best, nan_to_null=True), deviation_gain_share=gain)
        parts.append(part)
        rows.append(_market(before, after, found, part))
    key = ["market", "product"]
    products = markets.products.select(key).join(pl.concat(parts), on=key, how="left", maintain_order="left")
    products = products.select(c.name for c in ANSWER.columns)
    table = pl.DataFrame(rows, schema=MARKETS.types, orient="row")
    return CarPrices(products, table, tuple(_doubts(products, table, jump)))


def _checked(markets: CarMarkets, changes: pl.DataFrame) -> pl.DataFrame:
    """`changes` typed: market, product, firm, cost, tax_share."""
    frame, found = check_table(raw_of(CHANGES.name, changes), CHANGES)
    have = markets.products
    for column, known in (("market", have["market"].unique()), ("firm", have["firm"].unique())):
        lost = frame.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(known.implode()))
        for row, name in lost.select("row", column).iter_rows():
            found.append(
                finding(
                    "unknown_reference",
                    CHANGES.name,
                    row,
                    column,
                    name,
                    target=f"products.{column}",
                    nearest=nearest(name, known),
                )
            )
    here = frame.join(have.select("market"), on="market", how="semi")
    for row, market, name in (
        here.join(have, on=["market", "product"], how="anti").select("row", "market", "product").iter_rows()
    ):
        known = have.filter(pl.col("market") == market)["product"]
        found.append(
            finding(
                "unknown_reference",
                CHANGES.name,
                row,
                "product",
                name,
                target=f"products.product of {market}",
                nearest=nearest(name, known),
            )
        )
    if found:
        raise InputError(found)
    return frame.select("market", "product", "firm", "cost", "tax_share")


def _after(before: Market, rows: pl.DataFrame, owners: pl.DataFrame) -> Market:
    """The market with its changes in it, the very same arrays where there are none."""
    cost = rows["cost_new"].to_numpy(writable=True)
    cost = np.where(np.isnan(cost), before.cost, cost)
    tax = rows["tax_share"].to_numpy(writable=True)
    kept = np.where(np.isnan(tax), before.kept, 1 / (1 + tax))
    firms = rows["firm_new"].fill_null(rows["firm"])
    return before.changed(cost, kept, numbered(firms), stakes_of(owners, firms.unique().sort().to_list()))


def _found(before: Market, after: Market, tolerance: float) -> Equilibrium:
    same = all(np.array_equal(getattr(before, n), getattr(after, n)) for n in ("cost", "kept", "firm", "stakes"))
    if same:
        return Equilibrium(before.price, gap(before, before.price), 0, "unchanged")
    return equilibrium(after, before.price, tolerance=tolerance, before=before)


def _models(before: Market, after: Market, found: Equilibrium, rows: pl.DataFrame, jump: float) -> pl.DataFrame:
    """The table `answer` of one market, deviations left empty."""
    price, moved = found.price, found.price / before.price - 1
    cost_moved = after.cost != before.cost
    columns: dict[str, object] = {
        "cost_before": before.cost,
        "cost": after.cost,
        "price_before": before.price,
        "price": price,
        "price_change_share": moved,
        "pass_through": pl.Series(
            np.divide(
                price - before.price, after.cost - before.cost, out=np.full_like(price, np.nan), where=cost_moved
            ),
            nan_to_null=True,
        ),
        "residual": found.residual,
        "jump": np.abs(moved) > jump,
        "deviation_price": pl.Series([None] * len(price), dtype=pl.Float64),
        "deviation_gain_share": pl.Series([None] * len(price), dtype=pl.Float64),
    }
    for suffix, market, at in (("_before", before, before.price), ("", after, price)):
        share = choices(market, at) @ market.weight
        columns |= {
            f"share{suffix}": share,
            f"profit{suffix}": share * market.margin(at),
            f"tax{suffix}": share * (1 - market.kept) * at,
        }
    names = rows.select("market", "product", pl.col("firm_new").fill_null(pl.col("firm")).alias("firm"))
    return names.with_columns(**columns)  # type: ignore[arg-type]


@np.errstate(invalid="ignore", divide="ignore")
def _market(before: Market, after: Market, found: Equilibrium, models: pl.DataFrame) -> dict[str, object]:
    """A row of the table `markets`."""
    sums = {n: models[n].sum() for n in ("share_before", "share", "profit_before", "profit", "tax_before", "tax")}
    bought = models["share_before"].to_numpy()
    return {
        "market": before.name, "status": found.status, "evaluations": found.evaluations,
        "residual": float(np.max(np.abs(found.residual))),
        "price_index": float((found.price @ bought) / (before.price @ bought)),
        "consumer_surplus_before": consumer_surplus(before, before.price),
        "consumer_surplus": consumer_surplus(after, found.price),
        "jumps": int(models["jump"].sum()),
        "deviations": None if models["deviation_gain_share"].null_count() else int((models["deviation_gain_share"] > 0).sum()),
        **sums,
    }  # fmt: skip


def _doubts(products: pl.DataFrame, markets: pl.DataFrame, jump: float) -> Iterator[Finding]:
    """Warnings: what a reader of the numbers should know."""
    unsolved = markets.filter(pl.col("status") == "unsolved")["market"]
    if len(unsolved):
        yield finding("no_equilibrium", MARKETS.name, None, "status", markets=", ".join(unsolved))
    jumps = products.filter("jump").sort(pl.col("price_change_share").abs(), descending=True)
    if jumps.height:
        market, model, share = jumps.select("market", "product", "price_change_share").row(0)
        yield finding(
            "price_jumps",
            ANSWER.name,
            None,
            "jump",
            models=jumps.height,
            limit=f"{jump:.0%}",
            market=market,
            model=model,
            share=f"{share:+.0%}",
        )
    better = products.filter(pl.col("deviation_gain_share") > 0).sort("deviation_gain_share", descending=True)
    if better.height:
        market, model, price, gain = better.select("market", "product", "deviation_price", "deviation_gain_share").row(
            0
        )
        yield finding(
            "better_price",
            ANSWER.name,
            None,
            "deviation_price",
            models=better.height,
            market=market,
            model=model,
            price=f"{price:.4g}",
            gain=f"{gain:.1%}",
        )
    negative = int((products["cost"] <= 0).sum())
    if negative:
        yield finding("negative_cost", ANSWER.name, None, "cost", models=negative)
