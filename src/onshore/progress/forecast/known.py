"""The record as a date knew it: tables to arrays, and every misfit refused."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from onshore.errors import WrongUse
from onshore.progress.forecast.realisation import Records
from onshore.progress.forecast.sampling import Floats
from onshore.progress.forecast.simulation import MONTH, Known
from onshore.tables.labels import positions

__all__ = ["record_on", "seen_on", "signed_by_month"]

NEEDED = {
    "contracts": ("contract", "signed", "amount"),
    "observed": ("contract", "as_of", "share"),
    "targets": ("target", "due", "value"),
}


def seen_on(table: pl.DataFrame, dated: str, as_of: date) -> pl.DataFrame:
    """The rows that happened by `as_of` (column `dated`) and, where `published` tells when, were known by then."""
    seen = pl.col(dated) <= as_of
    if "published" in table.columns:
        seen = seen & (pl.col("published").fill_null(pl.col(dated)) <= as_of)
    return table.filter(seen)


def check_columns(name: str, table: pl.DataFrame) -> None:
    """Raises `WrongUse` with all columns that are missing or have a gap."""
    missing = [c for c in NEEDED[name] if c not in table.columns]
    gaps = [c for c in NEEDED[name] if c in table.columns and table[c].null_count()]
    if missing or gaps:
        said = [f"{c} is missing" for c in missing] + [f"{c} has empty cells" for c in gaps]
        raise WrongUse(f"The table {name} of a forecast: {'; '.join(said)}. It takes {', '.join(NEEDED[name])}.")


def record_on(contracts: pl.DataFrame, observed: pl.DataFrame, as_of: date) -> Known:
    """Contracts and shares as `as_of` knew them, sorted by contract, so that the order of rows changes nothing.

    Optional columns of `contracts`: `published` (a date), `started` (a date, empty: not yet; then ages count from the
    start) and `exposed` (0-1 of the amount held in another currency, empty: none); of `observed`: `published`.
    A share of a contract that is in no row of `contracts` raises; one of a contract not yet known is not yet seen.
    """
    check_columns("contracts", contracts)
    check_columns("observed", observed)
    positions(observed["contract"], contracts["contract"], "the contracts observed")
    bad = contracts.filter(~(pl.col("amount").cast(pl.Float64) > 0) | ~pl.col("amount").cast(pl.Float64).is_finite())
    if bad.height:
        raise WrongUse(f"An amount of a contract must be above 0; {bad['contract'][0]} has {bad['amount'][0]}.")
    bad = observed.filter(~pl.col("share").is_between(0, 1))
    if bad.height:
        raise WrongUse(f"A share must be from 0 to 1; {bad['contract'][0]} has {bad['share'][0]}.")
    known = seen_on(contracts, "signed", as_of).sort("contract")
    shares = seen_on(observed, "as_of", as_of).filter(pl.col("contract").is_in(known["contract"].implode()))
    signed = _days(known["signed"], as_of)
    delayed = "started" in known.columns
    begun = signed
    if delayed:
        begun = _days(known["started"], as_of)
        begun = np.where(begun > 0, np.nan, begun)
        if (begun < signed).any():
            raise WrongUse("A contract starts before it is signed; look for dates that changed places.")
    exposed = np.zeros(known.height)
    if "exposed" in known.columns:
        exposed = known["exposed"].fill_null(0.0).to_numpy().astype(np.float64)
    shares = shares.with_columns(
        at=pl.Series(positions(shares["contract"], known["contract"], "the contracts observed"))
    )
    shares = shares.sort("at", "as_of", "share")
    at = shares["at"].to_numpy().astype(np.int64)
    since = np.where(np.isnan(begun), 0.0, begun)[at]
    records = Records(
        at, np.maximum(_days(shares["as_of"], as_of) - since, 0) / MONTH, shares["share"].to_numpy().astype(np.float64)
    )
    amount = known["amount"].cast(pl.Float64).to_numpy()
    return Known(known["contract"].to_list(), signed, begun, amount, exposed, records, delayed)


def signed_by_month(known: Known, first: float) -> tuple[np.ndarray, Floats]:
    """Counts signed in each month back from today to the day `first` (below 0), and the months' lengths (the last
    may be a part). A contract signed today is in the first month."""
    if (known.signed < first).any():
        odd = known.contract[int(np.argmin(known.signed))]
        raise WrongUse(f"{odd} was signed before the programme's first day; give an earlier first_day.")
    whole = int(-first / MONTH)
    lengths = np.append(np.ones(whole), -first / MONTH - whole)
    lengths = lengths[lengths > 1e-9]
    if not len(lengths):
        return np.zeros(0, dtype=np.int64), lengths
    back = np.minimum(np.floor(-known.signed / MONTH).astype(np.int64), len(lengths) - 1)
    return np.bincount(back, minlength=len(lengths)), lengths


def _days(dates: pl.Series, as_of: date) -> Floats:
    """From `as_of`; an empty date is nan."""
    return (dates - as_of).dt.total_days().cast(pl.Float64).fill_null(float("nan")).to_numpy()
