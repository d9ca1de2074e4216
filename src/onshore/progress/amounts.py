"""The four amounts, planned, contracted, in production and realised, of each measure, in each scope.

They are four rows and never one: nothing here adds one to another, or a contract's value to imports displaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

import polars as pl

from onshore.blueprint.money import Rates
from onshore.blueprint.programme import Programme
from onshore.progress.declared import AMOUNTS
from onshore.progress.ledger import MEASURE, MEASURES, STAGE, Ledger
from onshore.progress.seen import deliveries_of, shares_on
from onshore.progress.sums import added, rows_of, whole
from onshore.progress.worth import View, Worth, converted, worth_of

__all__ = ["amounts", "by_contract", "counted_shares", "delivered"]

NOT_ITEMISED = "not itemised"
GROUP = ("key", "measure", "stage")
MOST_ROUNDS = 20_000
"""With more rows than that to add up, each of them is left to the ledger: nobody reads such a table."""
SCOPES = ("programme", "sector", "subproject", "round", "maker", "partner")


def amounts(
    programme: Programme, ledger: Ledger, shares: pl.DataFrame, rates: Rates, *, as_of: date, views: tuple[View, ...],
    planned: pl.DataFrame | None = None, scopes: tuple[str, ...] = SCOPES,
) -> pl.DataFrame:  # fmt: skip
    """The table `amounts` on a day: one row per scope, key, measure, stage and view; own currencies have no market.

    A contract's amount at a stage is its figure times the share that was reached, or what accepted units are worth where
    deliveries are recorded. `low` and `high` differ where sources do, where a currency is in dispute, and where a
    contract may be another told twice (it is then in `high` alone). A figure known only as the rest of a sum stands as
    that difference, so that a total with all its pieces is the sum itself, not a sum of ranges. The scope `round` is left out
    where more than 20,000 rows are added up.
    """
    every = (*(View(c) for c in _own_currencies(ledger, planned)), *views)
    if "round" in scopes and ledger.contracts.filter(pl.col("role") == "counted").height > MOST_ROUNDS:
        scopes = tuple(s for s in scopes if s != "round")
    worth = worth_of(ledger, rates, every)
    money = _delivered_by(delivered(programme, as_of, rates, every), as_of, every)
    base = _base(ledger, shares_on(shares, as_of), money, worth)
    rows = rows_of(base.filter(~pl.col("paid")), worth)
    parts = [
        _by_scope(keyed, scope, base, rows, money, every)
        for scope, keyed in _scopes(programme, ledger, scopes)
    ]  # fmt: skip
    if planned is not None:
        parts += _planned(planned, programme, rates, every)
    schema = AMOUNTS.types
    return pl.concat([p.select(list(schema)) for p in parts]).cast(schema).sort(AMOUNTS.key, nulls_last=True)  # type: ignore[arg-type]


def _own_currencies(ledger: Ledger, planned: pl.DataFrame | None) -> list[str]:
    told = set(ledger.told["currency"].drop_nulls())
    return sorted(told | set(() if planned is None else planned["currency"]))


def by_contract(ledger: Ledger, rates: Rates, view: View) -> pl.DataFrame:
    """What each counted, signed contract is said to be worth in one view: contract, measure, low, high."""
    counted = ledger.contracts.filter((pl.col("role") == "counted") & pl.col("signed").is_not_null())
    whole_ones = counted.select("contract", "doubtful", all=pl.lit(1.0)).join(
        pl.DataFrame({"measure": list(MEASURES)}, schema={"measure": MEASURE}), how="cross"
    )
    sums = added(*rows_of(whole_ones, worth_of(ledger, rates, (view,))), ("contract", "measure"), (view,))
    low, high = view.sides
    return sums.select("contract", "measure", low=low, high=high)


def counted_shares(ledger: Ledger, shares: pl.DataFrame) -> pl.DataFrame:
    """Shares of counted, signed contracts: contract, measure, stage, day, share, doubtful, sector, subproject."""
    counted = ledger.contracts.filter((pl.col("role") == "counted") & pl.col("signed").is_not_null())
    kept = shares.select("contract", "measure", "stage", "day", "share")
    return kept.join(counted.select("contract", "doubtful", "sector", "subproject"), on="contract")


def _base(ledger: Ledger, now: pl.DataFrame, money: pl.DataFrame, worth: Worth) -> pl.DataFrame:
    """Counted contracts at each stage they reached: `all` (the share), `told` (whether there is a figure), `basis`, and
    `paid` where deliveries say more than a share does; those have a row even where nobody printed a share."""
    counted = ledger.contracts.filter((pl.col("role") == "counted") & pl.col("signed").is_not_null())
    told = pl.concat([f.select("contract", "measure") for f in worth]).unique().with_columns(told=True)
    paid = money.select("contract", "measure", "stage").with_columns(paid=True)
    only = counted.select("contract", "doubtful", "sector", "subproject").join(paid, on="contract").drop("paid")
    shares = counted_shares(ledger, now).select(*only.columns, all="share")
    both = pl.concat([shares, only.join(shares, on=["contract", "measure", "stage"], how="anti")], how="diagonal")
    return (
        both.join(told, on=["contract", "measure"], how="left")
        .join(paid, on=["contract", "measure", "stage"], how="left")
        .join(_kinds(ledger), on=["contract", "measure"], how="left")
        .with_columns(pl.col("paid").fill_null(value=False), told=pl.col("told").fill_null(value=False) | pl.col("paid").fill_null(value=False))
    )  # fmt: skip


# scopes

Keyed = Callable[[pl.DataFrame], pl.DataFrame]
"""Gives each row of contracts the key that it has in a scope, and the `weight` of it that is that key's."""


def _scopes(programme: Programme, ledger: Ledger, wanted: tuple[str, ...]) -> Iterator[tuple[str, Keyed]]:
    own = {"programme": pl.lit("programme"), "sector": pl.col("sector"), "round": pl.col("contract").cast(pl.String)}
    above = _with_ancestors(programme["subprojects"])
    lines = None
    for scope in wanted:
        if scope in own:
            yield scope, partial(_by_column, key=own[scope])
        elif scope == "subproject":
            yield scope, partial(_by_table, table=above.with_columns(weight=pl.lit(1.0)), on="subproject")
        else:
            if lines is None:
                lines = _lines_of(programme, ledger, ledger.contracts.filter(pl.col("role") == "counted"))
            shared = lines.drop_nulls(scope).group_by("contract", key=scope).agg(pl.sum("weight"))
            yield scope, partial(_by_table, table=shared, on="contract")


def _by_column(rows: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
    return rows.with_columns(key=key, weight=pl.lit(1.0)).drop_nulls("key")


def _by_table(rows: pl.DataFrame, table: pl.DataFrame, on: str) -> pl.DataFrame:
    return rows.join(table, on=on)


def _with_ancestors(subprojects: pl.DataFrame) -> pl.DataFrame:
    """subproject, key: itself and every subproject that it is a piece of."""
    parent = dict(subprojects.select("subproject", "parent").iter_rows())
    pairs = []
    for name in parent:
        at: str | None = name
        while at is not None:
            pairs.append((name, at))
            at = parent.get(at)
    return pl.DataFrame(pairs, schema={"subproject": pl.String, "key": pl.String}, orient="row")


def _lines_of(programme: Programme, ledger: Ledger, counted: pl.DataFrame) -> pl.DataFrame:
    """contract, maker, partner, weight: a counted contract by its own lines and those of its pieces, by value.

    The value of a line is a share of the counted contract's where both are in one currency; what no line holds is
    `not itemised`. A line without a value, or in another currency, cannot be weighed.
    """
    tops = counted.select(
        top="contract", currency="currency", value=pl.when(pl.col("value") > 0).then(pl.col("value").cast(pl.Float64))
    )
    ventures = dict(programme["ventures"].select("venture", "partner").iter_rows())
    named = programme["offers"].select("offer", "venture").drop_nulls()
    partner_of = {offer: ventures.get(venture) for offer, venture in named.iter_rows()}
    lines = (
        programme["contract_lines"]
        .select("contract", "maker", "offer", line=pl.col("value").cast(pl.Float64), line_currency="currency")
        .join(ledger.contracts.select("contract", "top"), on="contract")
        .join(tops, on="top")
        .filter(pl.col("line_currency") == pl.col("currency"))
        .select(
            "maker",
            contract="top",
            partner=pl.col("offer").replace_strict(partner_of, default=None, return_dtype=pl.String),
            weight=pl.col("line") / pl.col("value"),
        )
        .drop_nulls("weight")
    )
    held = lines.group_by("contract").agg(held=pl.sum("weight"))
    rest = (
        counted.select("contract")
        .join(held, on="contract", how="left")
        .select("contract", maker=pl.lit(NOT_ITEMISED), partner=pl.lit(None, pl.String), weight=1.0 - pl.col("held").fill_null(0.0))
        .filter(pl.col("weight").abs() > 1e-9)
    )  # fmt: skip
    columns = ("contract", "maker", "partner", "weight")
    return pl.concat([lines.select(columns), rest.select(columns)])


def _by_scope(
    keyed: Keyed, scope: str, base: pl.DataFrame, rows: tuple[pl.DataFrame, pl.DataFrame], money: pl.DataFrame, views: tuple[View, ...]
) -> pl.DataFrame:  # fmt: skip
    """One scope of the table: shares of figures, and money of deliveries where there is any."""
    alone, together = (keyed(r).with_columns(pl.col("all", "firm") * pl.col("weight")) for r in rows)
    sums = added(alone, together, GROUP, views)
    if money.height:
        sums = _with_money(
            sums,
            keyed(money.join(base.select("contract", "sector", "subproject").unique("contract"), on="contract")),
            views,
        )
    return _long(sums, views).join(_counts(keyed(base)), on=GROUP, how="left").with_columns(scope=pl.lit(scope))


def _with_money(sums: pl.DataFrame, money: pl.DataFrame, views: tuple[View, ...]) -> pl.DataFrame:
    """The sums of shares with what deliveries are worth: the two are of different contracts, at one stage."""
    sides = [side for v in views for side in v.sides]
    lost = {side: pl.col(side).is_null() & pl.lit(bool(v.market)) for v in views for side in v.sides}
    paid = money.group_by(GROUP).agg(whole(pl.col(side) * pl.col("weight"), lost[side]).alias(side) for side in sides)
    both = pl.concat([sums, paid.select(sums.columns)])
    return both.group_by(GROUP).agg(whole(pl.col(side), lost[side]).alias(side) for side in sides)


def _long(wide: pl.DataFrame, views: tuple[View, ...]) -> pl.DataFrame:
    """A row a view. A currency in which nothing is told has no row of its own."""
    pieces = [
        wide.select(*GROUP, currency=pl.lit(v.currency), market=pl.lit(v.market or None, pl.String), low=v.sides[0], high=v.sides[1])
        for v in views
    ]  # fmt: skip
    return pl.concat(pieces).filter(pl.col("market").is_not_null() | pl.col("high").is_not_null())


def _kinds(ledger: Ledger) -> pl.DataFrame:
    """contract, measure, basis: what kind of value it is, and whether imported inputs are off its saving."""
    said = {
        "contract_value": pl.col("value_kind").fill_null("contract"),
        "imports_displaced": pl.col("saving_basis").fill_null("unknown"),
    }
    return pl.concat(ledger.contracts.select("contract", measure=pl.lit(m, MEASURE), basis=b) for m, b in said.items())


def _counts(base: pl.DataFrame) -> pl.DataFrame:
    """How many contracts stand behind an amount, and of what kind their figures are; how many have no figure; how many
    nobody has seen at that stage."""
    at = base.group_by(*GROUP, "basis").agg(
        contracts=pl.col("told").sum().cast(pl.Int64), without_figure=(~pl.col("told")).sum().cast(pl.Int64)
    )
    at = at.group_by(GROUP).agg(
        pl.sum("contracts", "without_figure"),
        basis=pl.col("basis").filter(pl.col("contracts") > 0).sort().str.join(" + "),
    )
    signed = at.filter(pl.col("stage") == "contracted").select("key", "measure", signed="contracts")
    return at.join(signed, on=["key", "measure"], how="left").with_columns(
        unseen=pl.col("signed") - pl.col("contracts")
    )


# deliveries


def delivered(programme: Programme, as_of: date, rates: Rates, views: tuple[View, ...]) -> pl.DataFrame:
    """What accepted units are worth, each on its day: contract, measure, day, `amount|view`."""
    units = deliveries_of(programme).filter(pl.col("day") <= as_of)
    flow = units.select("contract", "day", "currency", amount="displaced", measure=pl.lit("imports_displaced", MEASURE))
    stock = units.drop_nulls("worth").select(
        "contract", "day", currency="worth_currency", amount="worth", measure=pl.lit("contract_value", MEASURE)
    )
    return converted(pl.concat([flow, stock]), "amount", rates, views)


def _delivered_by(units: pl.DataFrame, as_of: date, views: tuple[View, ...]) -> pl.DataFrame:
    """By contract and measure: imports displaced in the last twelve months, and contract value delivered so far."""
    last = units.filter(
        (pl.col("measure") != "imports_displaced") | (pl.col("day") > pl.lit(as_of).dt.offset_by("-1y"))
    )
    amount = {v: pl.col(f"amount|{v.name}") for v in views}
    return last.group_by("contract", "measure").agg(
        whole(amount[v], amount[v].is_null() & pl.lit(bool(v.market))).alias(side) for v in views for side in v.sides
    ).with_columns(stage=pl.lit("realised", STAGE))  # fmt: skip


# the plan


def _planned(planned: pl.DataFrame, programme: Programme, rates: Rates, views: tuple[View, ...]) -> list[pl.DataFrame]:
    """The awards of a plan in every scope but rounds, each at the rate of the day on which it is to be signed."""
    subprojects = programme["subprojects"].select("subproject", "sector")
    where = programme["parts"].select("part", "subproject").join(subprojects, on="subproject", how="left")
    tall = planned.join(where, on="part", how="left").unpivot(
        list(MEASURES), index=["subproject", "sector", "maker", "partner", "currency", "day"],
        variable_name="measure", value_name="amount",
    ).with_columns(pl.col("measure").cast(MEASURE))  # fmt: skip
    worth = converted(tall, "amount", rates, views).with_columns(programme=pl.lit("programme"))
    above = _with_ancestors(programme["subprojects"]).rename({"key": "above"})
    found = []
    for scope in ("programme", "sector", "subproject", "maker", "partner"):
        placed = worth.join(above, on="subproject").with_columns(subproject="above") if scope == "subproject" else worth
        amount = {v: pl.col(f"amount|{v.name}") for v in views}
        wide = placed.drop_nulls(scope).group_by("measure", key=scope).agg(
            whole(amount[v], amount[v].is_null() & pl.lit(bool(v.market))).alias(side) for v in views for side in v.sides
        ).with_columns(stage=pl.lit("planned", STAGE))  # fmt: skip
        none = [pl.lit(None, pl.Int64).alias(c) for c in ("contracts", "without_figure", "unseen")]
        none.append(pl.lit(None, pl.String).alias("basis"))
        found.append(_long(wide, views).with_columns(*none, scope=pl.lit(scope)))
    return found
