"""What each contract of the public record pays for the foreign currency that it is said to save."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from onshore.blueprint.money import ECB, Rates
from onshore.blueprint.needs import need
from onshore.blueprint.programme import Programme
from onshore.progress.declared import ECONOMICS

__all__ = ["contract_economics", "imported_inputs"]

Row = dict[str, object]


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
    contracts = programme["contracts"].drop("row", strict=False)
    rounds = set(contracts.filter(pl.col("kind") == "round")["contract"])
    inputs = imported_inputs(programme)
    rows = [
        row for contract in contracts.iter_rows(named=True) for row in _rows(contract, rounds, rates, markets, inputs)
    ]
    schema = {c.name: c.type.dtype for c in ECONOMICS.columns}
    return pl.DataFrame(rows, schema=schema, orient="row").sort(ECONOMICS.key, nulls_last=True)


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


def _rows(
    contract: Row, rounds: set[str], rates: Rates, markets: tuple[str, ...], inputs: dict[tuple[str, str], float]
) -> Iterator[Row]:
    lacks = _lacks(contract)
    compared, why_not = _compared(contract, rounds, lacks)
    value, saving = _number(contract["value"]), _number(contract["saving_per_year"])
    kept = ("contract", "name", "signed", "currency", "saving_currency")
    spent = value / saving if value is not None and saving else None
    imported = inputs.get((str(contract["contract"]), str(contract["saving_currency"])))
    gross = contract["saving_basis"] != "net"
    net = saving - imported if saving is not None and imported is not None and gross else None
    row: Row = {
        **{name: contract[name] for name in kept},
        "compared": compared, "why_not": why_not, "value": value, "saving_per_year": saving, "spent_per_saved": spent,
        "inputs_per_year": imported, "spent_per_saved_net": value / net if value is not None and net and net > 0 else None,
        **dict.fromkeys(("market", "rate", "rate_date", "rate_path", "payback_years")),
    }  # fmt: skip
    base, quote = contract["saving_currency"], contract["currency"]
    if spent is not None and base == quote:
        yield {**row, "rate": 1.0, "rate_path": "same currency", "payback_years": spent}
        return
    if spent is None or contract["signed"] is None:
        yield row
        return
    for market in markets:
        rate = rates.rate(base, quote, contract["signed"], market)  # type: ignore[arg-type]
        if rate is None:
            said = why_not or f"the market has no rate from {base} to {quote} on that day"
            yield {**row, "market": market, "why_not": said}
        else:
            found = {"rate": rate.value, "rate_date": rate.on, "rate_path": rate.path}
            yield {**row, "market": market, **found, "payback_years": spent / rate.value}


def _lacks(contract: Row) -> list[str]:
    """What the figures need and the contract does not have, in words."""
    return [
        words
        for words, missing in (
            ("no value", contract["value"] is None),
            ("no saving a year", not contract["saving_per_year"]),
            ("no day of signing", contract["signed"] is None),
        )
        if missing
    ]


def _compared(contract: Row, rounds: set[str], lacks: list[str]) -> tuple[bool, str | None]:
    """Whether the contract is compared, and if not, why. What the row itself says comes first."""
    said = str(contract.get("x_compared") or "").strip().lower()
    reason = str(contract.get("x_why_not") or "").strip()
    if said == "no":
        return False, reason or "its own row takes it out and gives no reason"
    if said not in ("", "yes"):
        return False, f"x_compared is `{contract['x_compared']}`, which is neither yes nor no"
    if lacks:
        return False, reason or f"it has {' and '.join(lacks)}"
    if said == "yes":
        return True, None
    if contract["kind"] == "round":
        return True, None
    if contract["kind"] != "single contract":
        return False, reason or f"it is a {contract['kind']}, not a round or a single contract"
    inside = sorted(rounds & {piece.strip() for piece in str(contract["part_of"] or "").split("+")})
    return (False, reason or f"it is a piece of {', '.join(inside)}") if inside else (True, None)


def _number(amount: object) -> float | None:
    """Exact money becomes float64 here, the only place."""
    return float(amount) if isinstance(amount, Decimal) else None
