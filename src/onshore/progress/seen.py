"""What was seen of each contract: the shares in production and realised on a day, and what was delivered.

Nothing is forced to agree: a realised share may be above the physical progress, as it was printed.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from onshore.blueprint.programme import Programme
from onshore.progress.ledger import MEASURE, MEASURES, STAGE, Ledger, pieces_of

__all__ = ["deliveries_of", "shares_of", "shares_on"]

IN_PRODUCTION = "parts in production"
REALISED = {"imports_displaced": "saving realised", "contract_value": "delivered"}
"""What realises each measure: imports are displaced by savings realised, a contract's value by what is delivered."""
COLUMNS = ("contract", "stage", "day", "share", "how")


def shares_of(programme: Programme, ledger: Ledger) -> pl.DataFrame:
    """Every share of a contract's figures that was reached: contract, measure, stage, day, share (0-1), how; by day.

    contracted
        1 from the day of signing.
    in_production
        A published share; else parts in series production over the contract's `parts_count`, where a whole has at least
        what was seen of its pieces; else the share of its lines (by value, or by number) whose part was seen to be.
    realised
        The published share of the saving for imports displaced, and of what was delivered for contract value.
    """
    contracts, seen = ledger.contracts, programme["observations"]
    signed = contracts.filter(pl.col("signed").is_not_null()).select(
        "contract", stage=pl.lit("contracted", STAGE), day="signed", share=pl.lit(1.0), how=pl.lit("signed")
    )
    whole = seen.filter(pl.col("share").is_not_null() & pl.col("part").is_null())
    begun = whole.filter(pl.col("stage") == IN_PRODUCTION).select(
        "contract", stage=pl.lit("in_production", STAGE), day="as_of", share="share", how=pl.lit("published share")
    )
    for frame in (_by_count(contracts, seen), _by_lines(programme["contract_lines"], seen)):
        if (
            frame is not None
        ):  # what was reckoned before it, on the same day, goes first, and what was printed before all
            begun = pl.concat([begun, frame.select(COLUMNS).join(begun, on=["contract", "day"], how="anti")])
    shared = pl.concat([signed.select(COLUMNS), begun.select(COLUMNS)])
    found = [shared.with_columns(measure=pl.lit(measure, MEASURE)) for measure in MEASURES]
    found += [
        whole.filter(pl.col("stage") == word).select(
            "contract", stage=pl.lit("realised", STAGE), day="as_of", share="share", how=pl.lit("published share"),
            measure=pl.lit(measure, MEASURE),
        )
        for measure, word in REALISED.items()
    ]  # fmt: skip
    return pl.concat([f.select("contract", "measure", "stage", "day", "share", "how") for f in found]).sort("day")


def _by_count(contracts: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame | None:
    """Parts in production over parts; counts of pieces are added up, each at its last day until then."""
    counts = seen.filter(
        (pl.col("stage") == IN_PRODUCTION)
        & pl.col("count").is_not_null()
        & pl.col("share").is_null()
        & pl.col("part").is_null()
    ).select("contract", "as_of", "count")
    if counts.is_empty():
        return None
    whole = pieces_of(contracts).filter(~pl.col("by_sum")).select(contract="piece", whole="whole")
    own = counts.with_columns(whole="contract")
    lifted = counts.join(whole, on="contract")
    days = pl.concat([own, lifted]).select("whole", "as_of").unique()
    # for each whole and day: its own last count, or the sum of its pieces' last counts, whichever is more
    last = (
        days.join(pl.concat([own, lifted]).rename({"as_of": "seen_on"}), on="whole")
        .filter(pl.col("seen_on") <= pl.col("as_of"))
        .sort("seen_on")
        .group_by("whole", "as_of", "contract")
        .agg(pl.last("count"))
        .with_columns(own=pl.col("contract") == pl.col("whole"))
        .group_by("whole", "as_of")
        .agg(count=pl.max_horizontal(pl.col("count").filter("own").sum(), pl.col("count").filter(~pl.col("own")).sum()))
    )
    parts = contracts.filter(pl.col("parts_count") > 0).select(whole="contract", parts_count="parts_count")
    return (
        last.join(parts, on="whole")
        .sort("whole", "as_of")
        .select(
            contract="whole", stage=pl.lit("in_production", STAGE), day="as_of",
            share=pl.min_horizontal(pl.col("count") / pl.col("parts_count"), pl.lit(1.0)),
            how=pl.format("{} of {} parts", "count", "parts_count"),
        )
    )  # fmt: skip


def _by_lines(lines: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame | None:
    """Share of a contract's lines whose part was seen in series production: by value where every line has one."""
    begun = seen.filter((pl.col("stage") == IN_PRODUCTION) & pl.col("part").is_not_null())
    if begun.is_empty() or lines.is_empty():
        return None
    alike = pl.col("currency").n_unique().over("contract") == 1
    valued = (pl.col("value").is_not_null().all().over("contract")) & alike
    weight = pl.when(valued).then(pl.col("value").cast(pl.Float64)).otherwise(1.0)
    weighed = lines.with_columns(weight=weight / weight.sum().over("contract"), valued=valued)
    reached = (
        begun.join(weighed.select("contract", "part", "weight", "valued"), on=["contract", "part"])
        .with_columns(level=pl.col("weight") * pl.col("share").fill_null(1.0))
        .sort("contract", "part", "as_of")
        .with_columns(step=pl.col("level") - pl.col("level").shift(1).over("contract", "part").fill_null(0.0))
        .group_by("contract", "as_of", maintain_order=True)
        .agg(pl.sum("step"), pl.first("valued"))
        .sort("contract", "as_of")
    )
    return reached.select(
        "contract", stage=pl.lit("in_production", STAGE), day="as_of", share=pl.col("step").cum_sum().over("contract"),
        how=pl.when("valued").then(pl.lit("lines by value")).otherwise(pl.lit("lines by number")),
    )  # fmt: skip


def shares_on(shares: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """The last share of each contract, measure and stage on or before a day, with its own day."""
    return shares.filter(pl.col("day") <= as_of).unique(["contract", "measure", "stage"], keep="last")


def deliveries_of(programme: Programme) -> pl.DataFrame:
    """What accepted units are worth: contract, maker, part, offer, day, `displaced` (landed import price less the
    imported inputs of the unit, in the part's currency), `currency`, `worth` (at the offer's price), `worth_currency`.

    The offer is that of the contract's line, or the only one of its maker for its part; where there is none, imported
    inputs and worth are unknown: `displaced` is then gross, and `net` says so.
    """
    delivered = programme["deliveries"]
    parts = programme["parts"].select(
        "part",
        "currency",
        landed=pl.col("import_price").cast(pl.Float64)
        + pl.when(pl.col("incoterm").is_in(["EXW", "FOB"])).then(pl.col("freight").cast(pl.Float64)).otherwise(0.0),
    )
    offers = programme["offers"].select(
        "offer", "maker", "part", "imported_input_share", price=pl.col("unit_price").cast(pl.Float64),
        worth_currency="currency",
    )  # fmt: skip
    named = programme["contract_lines"].select("contract", "maker", "part", signed_offer="offer")
    lone = offers.group_by("maker", "part").agg(pl.first("offer"), pl.len()).filter(pl.col("len") == 1).drop("len")
    found = (
        delivered.join(named, on=["contract", "maker", "part"], how="left")
        .join(lone, on=["maker", "part"], how="left")
        .with_columns(offer=pl.coalesce("signed_offer", "offer"))
        .join(offers.drop("maker", "part"), on="offer", how="left")
        .join(parts, on="part")
    )
    inputs = pl.col("price") * pl.col("imported_input_share")
    alike = pl.col("worth_currency") == pl.col("currency")
    net = (inputs.is_not_null() & alike).fill_null(value=False)
    return found.select(
        "contract", "maker", "part", "offer", "currency", "worth_currency", day="delivered", net=net,
        displaced=pl.col("accepted") * (pl.col("landed") - pl.when(net).then(inputs).otherwise(0.0)),
        worth=pl.col("accepted") * pl.col("price"),
    )  # fmt: skip
