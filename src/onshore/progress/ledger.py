"""The ledger: what each row of `contracts` is, what it is said to be worth, and which rows may be added up.

Added up are the topmost contract rows alone: rounds, and single contracts outside a round. Everything else only drills
down, compares, or stands beside.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from onshore.blueprint.declared.record import SUMS
from onshore.blueprint.programme import Programme

__all__ = ["ADDED", "MEASURES", "VALUES", "Ledger", "ledger_of", "pieces_of"]

ADDED = ("round", "single contract")
"""Kinds of contract row that are ever added up."""
VALUES = ("contract", "derived")
"""Kinds of value that are a contract's own; an investment or a statement is not added to them."""
MEASURES = {"contract_value": ("value", "currency"), "imports_displaced": ("saving_per_year", "saving_currency")}
"""The two measures, and the columns of `contracts` that hold each and its currency. The first is a stock, the second
so much a year."""
MEASURE = pl.Enum(list(MEASURES))
STAGE = pl.Enum(["planned", "contracted", "in_production", "realised"])
"""Words that millions of rows repeat are kept as codes. Stages are never added to one another."""
TENFOLD, SAME = 0.05, 0.005
"""How near to ten a ratio has to be to pass for a slip of ten, and how near to one to pass for one amount."""


@dataclass(frozen=True)
class Ledger:
    """Contracts with their roles, and every figure that is told of them.

    contracts
        `contracts` with `role`, `top` (the topmost row it belongs to), `doubtful`, `sector`.
    told
        A figure of a contract: `contract`, `measure`, `amount`, `currency`, `day` (of its rate), `said_by` (`row` or
        `claim`), `standing`: `counts` (a member of the range), `disputed currency`, `told in another currency`,
        `tenfold`, `wrong`, `another kind of value`.
    forms
        What is known only as a rest: `contract`, `measure`, `term`, `coefficient`; the contract's figure is the sum of
        coefficient times the term's figure.
    """

    contracts: pl.DataFrame
    told: pl.DataFrame
    forms: pl.DataFrame


def ledger_of(programme: Programme) -> Ledger:
    """The ledger of a programme's `contracts` and `claims`, whatever the date."""
    contracts = _with_roles(programme)
    told = _told(contracts, programme["claims"])
    return Ledger(contracts, told, _rests(contracts, told))


def pieces_of(contracts: pl.DataFrame) -> pl.DataFrame:
    """`whole`, `piece`, `by_sum`: each contract and what it is made of. A sum names its pieces; a piece names its whole."""
    named = contracts.filter(pl.col("part_of").is_not_null()).select(
        "contract", by_sum=pl.col("kind").is_in(SUMS), other=pl.col("part_of").str.split("+")
    )
    key = contracts.schema["contract"]  # a piece that is not in the record by then has no code
    named = named.explode("other").with_columns(pl.col("other").str.strip_chars().cast(key, strict=False))
    named = named.drop_nulls("other")
    return named.select(
        "by_sum",
        whole=pl.when("by_sum").then("contract").otherwise("other"),
        piece=pl.when("by_sum").then("other").otherwise("contract"),
    )


def _with_roles(programme: Programme) -> pl.DataFrame:
    """Roles: `counted` (a topmost row that is added up), `piece` (of one), `sum` (of other rows), `apart`."""
    contracts = programme["contracts"]
    whole_of = (
        pieces_of(contracts).filter(~pl.col("by_sum")).unique("piece", keep="first").select(at="piece", above="whole")
    )
    kind_of = contracts.select(at="contract", added=pl.col("kind").is_in(ADDED))
    # one step up at a time, keeping the highest row that is ever added up; the checker has refused circles
    walk = contracts.select("contract", at=pl.col("contract"), top=pl.lit(None, contracts.schema["contract"]))
    while walk["at"].null_count() < walk.height:
        here = walk.join(kind_of, on="at", how="left").join(whole_of, on="at", how="left")
        top = pl.when("added").then("at").otherwise("top")
        walk = here.select("contract", at="above", top=top)
    own = pl.col("top") == pl.col("contract")
    role = (
        pl.when(own)
        .then(pl.lit("counted"))
        .when(pl.col("top").is_not_null())
        .then(pl.lit("piece"))
        .when(pl.col("kind").is_in(SUMS) & pl.col("part_of").is_not_null())
        .then(pl.lit("sum"))
        .otherwise(pl.lit("apart"))
    )
    sectors = programme["subprojects"].select("subproject", "sector")
    return (
        contracts.join(walk.select("contract", "top"), on="contract", maintain_order="left")
        .join(sectors, on="subproject", how="left", maintain_order="left")
        .with_columns(role=role, doubtful=pl.col("may_repeat").is_not_null(), top=pl.coalesce("top", "contract"))
    )


def _told(contracts: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Every figure told of a contract, and what each is good for."""
    rows = []
    for measure, (amount, currency) in MEASURES.items():
        other = (
            pl.lit(measure == "contract_value")
            & pl.col("kind").is_in(ADDED)
            & ~pl.col("value_kind").fill_null(VALUES[0]).is_in(VALUES)
        )
        standing = pl.when(other).then(pl.lit("another kind of value")).otherwise(pl.lit("counts"))
        rows.append(
            contracts.filter(pl.col(amount).is_not_null()).select(
                "contract", measure=pl.lit(measure, MEASURE), amount=pl.col(amount).cast(pl.Float64), currency=pl.col(currency),
                day=pl.col("signed"), said_by=pl.lit("row"), standing=standing,
            )
        )  # fmt: skip
    own = pl.concat(rows)
    if claims.is_empty():
        return own
    measure_of = {columns[0]: measure for measure, columns in MEASURES.items()}
    beside = own.select("contract", "measure", own_amount="amount", own_currency="currency")
    said = (
        claims.filter(pl.col("figure").is_in(list(measure_of)))
        .select(
            "contract",
            "amount",
            "currency",
            "verdict",
            measure=pl.col("figure").replace_strict(measure_of, return_dtype=MEASURE),
        )
        .join(contracts.select("contract", day="signed"), on="contract", maintain_order="left")
        .join(beside, on=["contract", "measure"], how="left", maintain_order="left")
    )
    ratio, same = pl.col("amount") / pl.col("own_amount"), pl.col("currency") == pl.col("own_currency")
    slip = same & (((ratio / 10 - 1).abs() < TENFOLD) | ((ratio * 10 - 1).abs() < TENFOLD))
    standing = (
        pl.when(pl.col("verdict") == "wrong")
        .then(pl.when(slip).then(pl.lit("tenfold")).otherwise(pl.lit("wrong")))
        .when(slip)
        .then(pl.lit("tenfold"))
        .when(same | pl.col("own_amount").is_null())
        .then(pl.lit("counts"))
        .when((ratio - 1).abs() < SAME)
        .then(pl.lit("disputed currency"))
        .otherwise(pl.lit("told in another currency"))
    )
    return pl.concat([own, said.select(*own.columns[:5], said_by=pl.lit("claim"), standing=standing)])


def _rests(contracts: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Where a sum is told and all of its pieces but one: that one is the rest. The sum with fewest pieces is taken.

    A statement of a value is no sum of contracts to take others off.
    """
    stated = contracts.filter(~pl.col("value_kind").fill_null(VALUES[0]).is_in(VALUES))["contract"].implode()
    pieces = (
        pieces_of(contracts).filter(pl.col("by_sum") & ~pl.col("whole").is_in(stated)).select("piece", total="whole")
    )
    columns = ("contract", "measure", "term", "coefficient")
    key = contracts.schema["contract"]
    schema: dict[str, pl.DataType] = {"contract": key, "measure": MEASURE, "term": key, "coefficient": pl.Float64()}
    found = [pl.DataFrame(schema=schema)]
    for measure in MEASURES:
        known = told.filter((pl.col("measure") == measure) & pl.col("standing").is_in(["counts", "disputed currency"]))
        has = pl.col("piece").is_in(known["contract"].implode())
        sums = (
            pieces.filter(pl.col("total").is_in(known["contract"].implode()))
            .group_by("total", maintain_order=True)
            .agg(pl.len(), lacking=(~has).sum(), rest=pl.col("piece").filter(~has).first())
            .filter((pl.col("lacking") == 1) & (pl.col("len") > 1))
            .sort("len", "total")
            .unique("rest", keep="first", maintain_order=True)
        )
        plus = sums.select(contract="rest", measure=pl.lit(measure, MEASURE), term="total", coefficient=pl.lit(1.0))
        minus = (
            sums.select("total", "rest")
            .join(pieces, on="total")
            .filter(pl.col("piece") != pl.col("rest"))
            .select(contract="rest", measure=pl.lit(measure, MEASURE), term="piece", coefficient=pl.lit(-1.0))
        )
        found += [plus, minus]
    return pl.concat(found).select(columns)
