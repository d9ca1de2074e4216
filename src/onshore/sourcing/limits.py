"""Limits as rows: whatever its measure, a limit is a bound on a weighted sum of options, ventures and modules.

A row of `limits` becomes one bound, or one for each key (`*`) and each year (`per` = year). A share, such as local
content >= theta, is written without a quotient: sum x (L - theta V) >= theta V0 - L0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from onshore.blueprint.measures import MEASURES
from onshore.sourcing.measures import Measures, Scope, fixed_by_year, scope_keys, scope_of, volumes_of
from onshore.sourcing.problem import Floats, Ints, Problem
from onshore.tables.parse import year_span

__all__ = ["Bound", "bounds_of"]


@dataclass(frozen=True)
class Sum:
    """A sum over some options, `weights` (n,) at `options` (n,), on top of a constant."""

    options: Ints
    weights: Floats
    constant: float

    @classmethod
    def of(cls, options: Ints, weights: Floats, constant: float) -> Sum:
        """From terms in any order; those of one option add up, and what adds up to nothing is left out."""
        if (np.diff(options) <= 0).any():
            low, span = int(options.min()), int(options.max() - options.min()) + 1
            if span <= 8 * len(options):
                weights = np.asarray(np.bincount(options - low, weights, span), dtype=np.float64)
                options = low + np.arange(span, dtype=np.int64)
            else:
                options, place = np.unique(options, return_inverse=True)
                weights = np.asarray(np.bincount(place.reshape(-1), weights, len(options)), dtype=np.float64)
        some = weights != 0
        return cls(options[some], weights[some], constant)

    def at(self, x: Floats) -> float:
        """Its value where x (K,) says how much of each option is taken."""
        return float(self.weights @ x[self.options]) + self.constant


@dataclass(frozen=True)
class Bound:
    """One bound: `options` (n,) with `weights` (n,), plus ventures (V,) and modules (S, T), `sense` `right`.

    All in the limit's own unit and currency. A ratio has its share `theta`, and the level it reaches is `numerator` over
    `denominator`; for any other measure the three are None.
    """

    name: str
    limit: str
    measure: str
    scope: str
    key: str | None
    years: tuple[int, ...]
    sense: str
    value: float
    unit: str
    penalty: float | None
    right: float
    options: Ints
    weights: Floats
    ventures: Floats
    modules: Floats
    theta: float | None = None
    numerator: Sum | None = None
    denominator: Sum | None = None


RATIOS = {
    "local_content": ("local_value", "value_of_parts"),
    "maker_share": ("home_purchases", "home_purchases"),
    "defects_ppm": ("defects", "units_with_defects"),
}


def bounds_of(problem: Problem, measures: Measures) -> list[Bound]:
    """Every bound of the programme's `limits`, sorted by name."""
    return sorted(_bounds(problem, measures), key=lambda b: b.name)


def _bounds(problem: Problem, measures: Measures) -> Iterator[Bound]:
    for row in problem.tables["limits"].iter_rows(named=True):
        scope = row["scope"] or "programme"
        first, last = year_span(row["years"]) if row["years"] else (problem.years[0], problem.years[-1])
        span = tuple(range(first, last + 1))
        each_key, each_year = row["scope_key"] == "*", row["per"] == "year"
        for key in scope_keys(problem, scope) if each_key else [row["scope_key"]]:
            over = scope_of(problem, measures.options, scope, key)
            for years in [(y,) for y in span] if each_year else [span]:
                parts = [row["limit"], *([str(key)] if each_key else []), *([str(years[0])] if each_year else [])]
                yield _bound(problem, measures, {**row, "scope": scope}, over, ":".join(parts), key, years)


def _bound(
    problem: Problem, measures: Measures, row: dict[str, Any], over: Scope, name: str, key: str | None, years: tuple[int, ...]
) -> Bound:  # fmt: skip
    """One bound of a row of `limits`, over some years and one key."""
    at = np.array(years) - problem.settings.first_year
    known, currency, value = MEASURES.get(row["measure"]), row["currency"], float(row["value"])
    common: dict[str, Any] = {
        "name": name, "limit": row["limit"], "measure": row["measure"], "scope": row["scope"], "key": key, "years": years,
        "sense": row["sense"], "value": value, "penalty": row["penalty"],
        "unit": currency or (known.unit if known else row["measure"]),
    }  # fmt: skip
    if known is not None and known.ratio:
        return _ratio(problem, measures, over, at, common, value)
    per_unit = np.ones(len(problem.years))
    if known is not None and known.flow is not None and currency is not None:
        per_unit = 1.0 / problem.exchange(currency, known.flow)
    terms, ventures, modules = _row(problem, measures, row["measure"], over, at, per_unit)
    return Bound(
        **common, right=value, options=terms.options, weights=terms.weights, ventures=ventures, modules=modules
    )


def _row(
    problem: Problem, measures: Measures, name: str, over: Scope, at: Ints, per_unit: Floats
) -> tuple[Sum, Floats, Floats]:
    """A measure summed over a scope and years, by option, venture (V,) and module (S, T)."""
    amounts, options = measures(name), measures.options
    by_leg = _cells(amounts.legs, over.legs, at) * per_unit[at]
    by_import = _cells(amounts.imports, over.options, at) * per_unit[at]
    if over.weight is not None:
        weight = over.weight[:, at]
        by_leg *= weight[options.part[options.option_of_leg[over.legs]]]
        by_import *= weight[options.part[over.options]]
    terms = Sum.of(
        np.concatenate([options.option_of_leg[over.legs], over.options]),
        np.concatenate([by_leg.sum(axis=1), by_import.sum(axis=1)]),
        0.0,
    )
    if not amounts.fixed or not (over.ventures.any() or over.shops.any()):
        return terms, np.zeros(len(over.ventures)), np.zeros(problem.shops.hours.shape)
    ventures, modules = fixed_by_year(problem)
    return (
        terms,
        over.ventures * (ventures[:, at] @ per_unit[at]),
        over.shops[:, None] * (modules[:, :, at] @ per_unit[at]),
    )


def _cells(amounts: Floats, rows: Ints, at: Ints) -> Floats:
    """(n, m) some rows and years; all rows without gathering them one by one."""
    every = len(rows) == len(amounts)
    return amounts[:, at] if every else amounts[rows][:, at]


def _ratio(problem: Problem, measures: Measures, over: Scope, at: Ints, common: dict[str, Any], theta: float) -> Bound:
    measure = str(common["measure"])
    above, below = RATIOS[measure]
    one = np.ones(len(problem.years))
    scale = 1e6 if measure == "defects_ppm" else 1.0
    numerator, _, _ = _row(problem, measures, above, over, at, one)
    whole = scope_of(problem, measures.options, "programme", None) if measure == "maker_share" else over
    denominator, _, _ = _row(problem, measures, below, whole, at, one)
    n0, d0 = (
        _other_content(problem, str(common["scope"]), common["key"], at) if measure == "local_content" else (0.0, 0.0)
    )
    theta = theta / scale
    terms = Sum.of(
        np.concatenate([numerator.options, denominator.options]),
        np.concatenate([numerator.weights, -theta * denominator.weights]),
        0.0,
    )
    return Bound(
        **common,
        right=theta * d0 - n0,
        options=terms.options,
        weights=terms.weights,
        ventures=np.zeros(len(problem.ventures.labels)),
        modules=np.zeros(problem.shops.hours.shape),
        theta=theta,
        numerator=Sum(numerator.options, scale * numerator.weights, scale * n0),
        denominator=Sum(denominator.options, denominator.weights, d0),
    )


def _other_content(problem: Problem, scope: str, key: object, at: Ints) -> tuple[float, float]:
    """Local value and value of the products beside their modelled parts, over the years: L0 and V0."""
    local = value = 0.0
    rows = problem.tables["products"].select("product", "other_value", "other_local_value", "currency")
    for product, other, other_local, currency in rows.iter_rows():
        if currency is not None and (scope == "programme" or product == key):
            units = (volumes_of(problem, product) * problem.exchange(currency, "purchases"))[at].sum()
            value += float(other or 0) * units
            local += float(other_local or 0) * units
    return local, value
