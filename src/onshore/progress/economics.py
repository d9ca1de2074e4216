"""What each contract of the public record pays for the foreign currency that it is said to save."""

from __future__ import annotations

import polars as pl

from onshore.blueprint.money import ECB, Rates
from onshore.blueprint.needs import need
from onshore.blueprint.programme import Programme
from onshore.progress.declared import ECONOMICS

__all__ = ["contract_economics", "imported_inputs"]


def contract_economics(programme: Programme) -> pl.DataFrame:
    """The table `economics`: one row per contract and market of `rates` (the ECB alone where `rates` is empty).

    With V the contract's value in its own currency c, S the imports it is said to displace a year in the currency
    f, and e the units of c for one f on the day of signing in a market::

        spent_per_saved = V / S          [c for one f saved a year: the cost of a saved euro]
        payback_years   = V / (S e)      [years]

    V is a stock and S a flow, so the first is a price only in comparison with others like it, and the second takes
    every later year at the rate of the first. A contract without a value, a saving (or with one of nothing) or a day
    of signing stands once, without a market, and `why_not` says what it lacks. So does one whose value and saving are
    in the same currency: it needs no market, and its rate is 1.

    `compared` is what the column `x_compared` of `contracts` says (yes or no), and `why_not` its `x_why_not`. Where
    there is no such word, a round is compared, and so is a single contract outside every round. No contract is ever
    added to another: their values may overlap.
    """
    rates = Rates(programme["rates"])
    markets = rates.markets or (ECB,)
    table = _with_figures(programme)
    same = pl.col("saving_currency") == pl.col("currency")
    told = pl.col("spent_per_saved").is_not_null()
    by_market = told & ~same & pl.col("signed").is_not_null()
    alone = table.filter(~by_market.fill_null(value=False)).with_columns(
        market=pl.lit(None, pl.String), rate=pl.when(told & same).then(1.0), rate_date=pl.lit(None, pl.Date),
        rate_path=pl.when(told & same).then(pl.lit("same currency")),
    )  # fmt: skip
    at_rates = _at_rates(table.filter(by_market.fill_null(value=False)), rates, markets)
    columns = ECONOMICS.types
    both = pl.concat([alone, at_rates.select(alone.columns)]).with_columns(
        payback_years=pl.col("spent_per_saved") / pl.col("rate")
    )
    return both.select(list(columns)).cast(columns).sort(ECONOMICS.key, nulls_last=True)  # type: ignore[arg-type]


def _with_figures(programme: Programme) -> pl.DataFrame:
    """Contracts with what they spend per unit saved, and whether they are compared. Exact money becomes float64 here."""
    contracts = programme["contracts"].drop("row", strict=False)
    for carried in ("x_compared", "x_why_not"):
        if carried not in contracts.columns:
            contracts = contracts.with_columns(pl.lit(None, pl.String).alias(carried))
    inputs = imported_inputs(programme)
    known = pl.DataFrame(
        [(c, currency, amount) for (c, currency), amount in inputs.items()],
        schema={"contract": contracts.schema["contract"], "saving_currency": pl.String, "inputs_per_year": pl.Float64}, orient="row",
    )  # fmt: skip
    saving, value = pl.col("saving_per_year"), pl.col("value")
    net = pl.when(pl.col("saving_basis").fill_null("unknown") != "net").then(saving - pl.col("inputs_per_year"))
    compared, why_not = _compared(_tops(contracts))
    return (
        contracts.with_columns(value.cast(pl.Float64), saving.cast(pl.Float64))
        .join(known, on=["contract", "saving_currency"], how="left", maintain_order="left")
        .with_columns(
            compared=compared, why_not=why_not,
            spent_per_saved=pl.when(saving > 0).then(value / saving), spent_per_saved_net=pl.when(net > 0).then(value / net),
        )
    )  # fmt: skip


def _at_rates(table: pl.DataFrame, rates: Rates, markets: tuple[str, ...]) -> pl.DataFrame:
    """A row per contract and market, with the rate of the day of signing, looked up once for each pair and day."""
    pair = ("saving_currency", "currency", "signed")
    wanted = table.select(pair).unique().sort(pair)
    found = [(b, q, on, m, rates.rate(b, q, on, m)) for b, q, on in wanted.iter_rows() for m in markets]
    rows = [(b, q, on, m, *((None, None, None) if r is None else (r.value, r.on, r.path))) for b, q, on, m, r in found]
    schema = {
        "saving_currency": pl.String, "currency": pl.String, "signed": pl.Date, "market": pl.String, "rate": pl.Float64,
        "rate_date": pl.Date, "rate_path": pl.String,
    }  # fmt: skip
    looked_up = pl.DataFrame(rows, schema=schema, orient="row")
    lacking = pl.format("the market has no rate from {} to {} on that day", "saving_currency", "currency")
    return table.join(looked_up, on=pair, maintain_order="left").with_columns(
        why_not=pl.when(pl.col("rate").is_null()).then(pl.coalesce("why_not", lacking)).otherwise("why_not")
    )


def _tops(contracts: pl.DataFrame) -> pl.Expr:
    """The rounds that a contract is said to be a piece of, in words; null where it is none's."""
    rounds = contracts.filter(pl.col("kind") == "round")["contract"].cast(pl.String).implode()
    named = pl.col("part_of").str.split("+").list.eval(pl.element().str.strip_chars())
    inside = named.list.set_intersection(rounds.first()).list.sort().list.join(", ")
    return pl.when(inside != "").then(inside)


def _compared(inside: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Whether a contract is compared, and if not, why. What the row itself says comes first."""
    lacks = pl.concat_str(
        pl.when(pl.col("value").is_null()).then(pl.lit("no value")),
        pl.when(pl.col("saving_per_year").fill_null(0) == 0).then(pl.lit("no saving a year")),
        pl.when(pl.col("signed").is_null()).then(pl.lit("no day of signing")),
        separator=" and ", ignore_nulls=True,
    )  # fmt: skip
    said = pl.col("x_compared").fill_null("").str.strip_chars().str.to_lowercase()
    reason = pl.when(pl.col("x_why_not").str.strip_chars() != "").then(pl.col("x_why_not").str.strip_chars())
    kind = pl.col("kind")
    odd = pl.format("x_compared is `{}`, which is neither yes nor no", "x_compared")
    cases = (
        (said == "no", False, pl.coalesce(reason, pl.lit("its own row takes it out and gives no reason"))),
        (~said.is_in(["", "yes"]), False, odd),
        (lacks != "", False, pl.coalesce(reason, pl.format("it has {}", lacks))),
        ((said == "yes") | (kind == "round"), True, pl.lit(None, pl.String)),
        (kind != "single contract", False, pl.coalesce(reason, pl.format("it is a {}, not a round or a single contract", kind))),
        (inside.is_not_null(), False, pl.coalesce(reason, pl.format("it is a piece of {}", inside))),
    )  # fmt: skip
    return (
        pl.coalesce(*(pl.when(case).then(pl.lit(yes)) for case, yes, _ in cases), pl.lit(value=True)),
        pl.coalesce(*(pl.when(_first(cases, i)).then(words) for i, (_, _, words) in enumerate(cases))),
    )


def _first(cases: tuple[tuple[pl.Expr, bool, pl.Expr], ...], at: int) -> pl.Expr:
    """Case `at`, and none before it."""
    earlier = [~case.fill_null(value=False) for case, _, _ in cases[:at]]
    return pl.all_horizontal(cases[at][0], *earlier)


def imported_inputs(programme: Programme) -> dict[tuple[str, str], float]:
    """What the lines of a contract import a year, by contract and currency, where every line's offer says.

    A line's units a year are its share (all of it when empty) of the largest yearly need of its part, at most the
    offer's `annual_max`.
    """
    lines = programme["contract_lines"]
    if lines.is_empty():
        return {}
    most = need(programme).table.group_by("part", "year").agg(pl.sum("units")).group_by("part").agg(pl.max("units"))
    offers = programme["offers"].select(
        "offer", "maker", "part", "unit_price", "currency", "annual_max", "imported_input_share"
    )
    lone = offers.filter(pl.struct("maker", "part").is_unique()).select("maker", "part", lone="offer")
    units = pl.min_horizontal(pl.col("share").fill_null(1.0) * pl.col("units"), "annual_max")
    found = (
        lines.select("contract", "maker", "part", "offer", "share")
        .join(lone, on=["maker", "part"], how="left")
        .with_columns(offer=pl.coalesce("offer", "lone"))
        .join(offers.drop("maker", "part"), on="offer", how="left")
        .join(most, on="part", how="left")
        .with_columns(inputs=units * pl.col("unit_price").cast(pl.Float64) * pl.col("imported_input_share"))
        .group_by("contract")
        .agg(pl.sum("inputs"), pl.col("inputs").null_count().alias("lacking"), pl.col("currency").unique())
        .filter((pl.col("lacking") == 0) & (pl.col("currency").list.len() == 1))
    )
    return {(c, cur[0]): amount for c, amount, cur in found.select("contract", "inputs", "currency").iter_rows()}
