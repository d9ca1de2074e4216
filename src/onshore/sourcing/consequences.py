"""What a plan means for others: the content and quality of each product, and each maker's cash. It decides nothing."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.sourcing.chosen import Chosen, summed
from onshore.sourcing.options import Legs
from onshore.sourcing.problem import Floats, Problem
from onshore.sourcing.scopes import in_product, volumes_of

__all__ = ["cash_of_makers", "products_met"]


def products_met(problem: Problem, before: Chosen, after: Chosen) -> list[dict[str, object]]:
    """Local content and defects of each product and year, before and after; None where not modelled."""
    sides = [{name: _by_part(chosen, name) for name in NAMES} for chosen in (before, after)]
    inspected = ~np.isnan(problem.parts.defects)
    rows = []
    for product, other, other_local, currency in (
        problem.tables["products"].select("product", "other_value", "other_local_value", "currency").sort("product").iter_rows()
    ):  # fmt: skip
        (part, weight), units = in_product(problem, product), volumes_of(problem, product)
        per_unit = problem.exchange(currency, "purchases") if currency is not None else np.zeros(len(units))
        base, base_local = (float(v or 0) * units * per_unit for v in (other, other_local))
        quality = bool((weight.any(axis=1) & inspected[part]).any())
        totals = [[(weight * side[name][part]).sum(axis=0) for name in NAMES] for side in sides]
        for t in np.flatnonzero(units):
            row: dict[str, object] = {"product": product, "year": problem.years[t], "units": float(units[t])}
            for when, total in zip(("before", "after"), totals, strict=True):
                value, local, defects = (float(sum_[t]) for sum_ in total)
                whole = value + base[t]
                row[f"content_{when}"] = (local + base_local[t]) / whole if whole else None
                row[f"defects_{when}"] = defects / float(units[t]) if quality else None
            rows.append(row)
    return rows


NAMES = ("value_of_parts", "local_value", "defects")


def _by_part(chosen: Chosen, name: str) -> Floats:
    """(P, T) a measure of each part."""
    amounts = chosen.measure(name)
    return chosen.by_part(amounts.imports, amounts.legs)


def cash_of_makers(problem: Problem, chosen: Chosen) -> pl.DataFrame:
    """Deliveries, payments and what is owed, by maker and year. What a maker spends on making is not known here.

    The prepayment, a share of the first twelve months' value, is paid in the year of signing and taken off those
    months' invoices; the rest of an invoice is paid `payment_days` after delivery, evenly over the year.
    """
    o, T = problem.offers, len(problem.years)
    legs, weight = chosen.options.legs, chosen.of_leg[:, None]
    first = _first_twelve_months(legs)
    prepaid = o.prepayment[legs.offer][:, None] * first
    signed = np.maximum(0, legs.start - o.lead[legs.offer]) // 12
    received = np.where(np.arange(T)[None, :] == signed[:, None], prepaid.sum(axis=1)[:, None], 0.0)
    received = received + _delayed(legs.purchases - prepaid, o.payment_days[legs.offer] / 365.0)
    maker_pays = ~(o.buyer_pays | o.public_pays)[legs.offer][:, None]
    flows = {
        "delivered": legs.purchases,
        "received": received,
        "tooling": legs.tooling * maker_pays,
        "grants": legs.support,
    }
    maker = o.maker[legs.offer]
    totals = {name: summed(maker, weight * flow, len(problem.makers)) for name, flow in flows.items()}
    totals["owed"] = np.cumsum(totals["delivered"] - totals["received"], axis=1)
    some = np.unique(maker)
    return pl.DataFrame(
        {
            "maker": pl.Series(problem.makers, dtype=pl.String).gather(np.repeat(some, T)),
            "year": np.tile(problem.years, len(some)),
            **{name: total[some].ravel() for name, total in totals.items()},
        }
    )


def _first_twelve_months(legs: Legs) -> Floats:
    """(L, T) the part of each year's purchases that falls in the first twelve months of production."""
    year = 12.0 * np.arange(legs.units.shape[1])[None, :]
    start = legs.start[:, None].astype(np.float64)
    inside = np.clip(start + 12.0, year, year + 12.0) - np.clip(start, year, year + 12.0)
    months = 12.0 * legs.active
    share = np.divide(inside, months, out=np.zeros_like(months), where=months > 0)
    return np.asarray(legs.purchases * np.minimum(1.0, share))


def _delayed(invoices: Floats, years: Floats) -> Floats:
    """(L, T) invoices (L, T) paid `years` (L,) later; each year's fall due evenly, so a part slips to the next."""
    T = invoices.shape[1]
    whole = np.floor(years).astype(np.int64)
    part = years - whole
    paid = np.zeros_like(invoices)
    for slip, share in ((whole, 1.0 - part), (whole + 1, part)):
        for t in range(T):
            at = t + slip
            inside = np.flatnonzero(at < T)
            paid[inside, at[inside]] += share[inside] * invoices[inside, t]
    return paid
