"""What a plan means for others: the content and quality of each product, and each maker's cash. It decides nothing."""

from __future__ import annotations

import numpy as np

from onshore.sourcing.measures import Measures
from onshore.sourcing.options import Legs, Options
from onshore.sourcing.problem import Floats, Problem
from onshore.sourcing.scopes import in_product, volumes_of

__all__ = ["cash_of_makers", "products_met"]


def products_met(problem: Problem, options: Options, measures: Measures, x: Floats) -> list[dict[str, object]]:
    """Local content and defects of each product and year, before and after; None where not modelled."""
    before = np.zeros(options.count)
    before[options.first_of_part[:-1]] = 1.0
    sides = [{name: _by_part(options, measures, name, z) for name in NAMES} for z in (before, x)]
    inspected = ~np.isnan(problem.parts.defects)
    rows = []
    for product, other, other_local, currency in (
        problem.tables["products"].select("product", "other_value", "other_local_value", "currency").sort("product").iter_rows()
    ):  # fmt: skip
        weight, units = in_product(problem, product), volumes_of(problem, product)
        per_unit = problem.exchange(currency, "purchases") if currency is not None else np.zeros(len(units))
        base, base_local = (float(v or 0) * units * per_unit for v in (other, other_local))
        quality = bool((weight.any(axis=1) & inspected).any())
        for t in np.flatnonzero(units):
            row: dict[str, object] = {"product": product, "year": problem.years[t], "units": float(units[t])}
            for when, side in zip(("before", "after"), sides, strict=True):
                value, local, defects = (float(weight[:, t] @ side[name][:, t]) for name in NAMES)
                whole = value + base[t]
                row[f"content_{when}"] = (local + base_local[t]) / whole if whole else None
                row[f"defects_{when}"] = defects / float(units[t]) if quality else None
            rows.append(row)
    return rows


NAMES = ("value_of_parts", "local_value", "defects")


def _by_part(options: Options, measures: Measures, name: str, x: Floats) -> Floats:
    """(P, T) a measure of each part under the choice x (K,)."""
    amounts = measures(name)
    total = x[:, None] * amounts.imports
    np.add.at(total, options.option_of_leg, x[options.option_of_leg][:, None] * amounts.legs)
    summed: Floats = np.add.reduceat(total, options.first_of_part[:-1], axis=0)
    return summed


def cash_of_makers(problem: Problem, options: Options, x: Floats) -> list[dict[str, object]]:
    """Deliveries, payments and what is owed, by maker and year. What a maker spends on making is not known here.

    The prepayment, a share of the first twelve months' value, is paid in the year of signing and taken off those
    months' invoices; the rest of an invoice is paid `payment_days` after delivery, evenly over the year.
    """
    o, T = problem.offers, len(problem.years)
    taken = np.flatnonzero(x[options.option_of_leg] > 0)
    legs, weight = options.legs.take(taken), x[options.option_of_leg[taken]][:, None]
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
    totals = {name: np.zeros((len(problem.makers), T)) for name in flows}
    for name, flow in flows.items():
        np.add.at(totals[name], o.maker[legs.offer], weight * flow)
    owed = np.cumsum(totals["delivered"] - totals["received"], axis=1)
    return [
        {
            "maker": problem.makers[m],
            "year": year,
            "owed": float(owed[m, t]),
            **{n: float(v[m, t]) for n, v in totals.items()},
        }
        for m in sorted(set(o.maker[legs.offer].tolist()))
        for t, year in enumerate(problem.years)
    ]


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
