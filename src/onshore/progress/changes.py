"""What changed between two reports of one programme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from onshore.progress.declared import CHANGES
from onshore.progress.faults import between

__all__ = ["changes"]

Tables = Mapping[str, pl.DataFrame]
SHARES = (
    ("in_production_share", "in production"),
    ("realised_share", "saving realised"),
    ("physical_share", "physical progress"),
)


def changes(before: Tables, after: Tables, *, currency: str, market: str) -> pl.DataFrame:
    """The table `changes`: amounts of the whole programme that moved, in one currency and market; contracts that came, went,
    or were seen further on; findings that are new or gone.
    """
    rows = [*_amounts(before, after, currency, market), *_contracts(before, after), *_findings(before, after)]
    schema = CHANGES.types
    return pl.DataFrame(rows, schema=schema, orient="row").unique(CHANGES.key, keep="first", maintain_order=True)


def _amounts(before: Tables, after: Tables, currency: str, market: str) -> Iterator[tuple[str, str, str, str]]:
    here = (pl.col("scope") == "programme") & (pl.col("currency") == currency) & (pl.col("market") == market)
    key = ["measure", "stage"]
    both = (
        before["amounts"]
        .filter(here)
        .select(*key, "low", "high")
        .join(
            after["amounts"].filter(here).select(*key, "low", "high"), on=key, how="full", coalesce=True, suffix="_now"
        )
        .sort(key)
    )
    for measure, stage, low, high, low_now, high_now in both.iter_rows():
        was, now = _range(low, high, currency), _range(low_now, high_now, currency)
        if was != now:
            yield "amount", f"{measure.replace('_', ' ')}, {stage.replace('_', ' ')}", was, now


def _range(low: float | None, high: float | None, currency: str) -> str:
    return "not known" if low is None or high is None else between(low, high, currency)


def _contracts(before: Tables, after: Tables) -> Iterator[tuple[str, str, str, str]]:
    was = {row["contract"]: row for row in before["ledger"].iter_rows(named=True)}
    now = {row["contract"]: row for row in after["ledger"].iter_rows(named=True)}
    for key in [k for k in now if k not in was]:
        yield "contract", key, "", f"{now[key]['name'] or key}, {now[key]['kind']}, signed {now[key]['signed']}"
    for key in [k for k in was if k not in now]:
        yield "contract", key, f"{was[key]['name'] or key}, {was[key]['kind']}", "no longer in the record"
    for key in [k for k in now if k in was]:
        for column, words in SHARES:
            then, share = was[key][column], now[key][column]
            if then != share:
                yield (
                    words,
                    key,
                    "not seen" if then is None else f"{then:.4g}",
                    "not seen" if share is None else f"{share:.4g}",
                )


def _findings(before: Tables, after: Tables) -> Iterator[tuple[str, str, str, str]]:
    key = ["kind", "place", "cause"]
    for kind, _, cause in after["findings"].join(before["findings"], on=key, how="anti").select(key).iter_rows():
        yield "finding", cause, "", f"new: {kind}"
    for kind, _, cause in before["findings"].join(after["findings"], on=key, how="anti").select(key).iter_rows():
        yield "finding", cause, kind, "gone"
