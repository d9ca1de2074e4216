"""Limits as rows: whatever its measure, a limit is a bound on a weighted sum of options, ventures and modules.

A row of `limits` becomes one bound, or one for each key (`*`) and each year (`per` = year). A share, such as local
content >= theta, is written without a quotient: sum x (L - theta V) >= theta V0 - L0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from onshore.blueprint.measures import MEASURES
from onshore.sourcing.counted import Columns, Members, Term, gathered
from onshore.sourcing.measures import WITH_FIXED, Measures, fixed_by_year
from onshore.sourcing.problem import Floats, Ints, Problem
from onshore.sourcing.scopes import entities, grouped, scope_keys, volumes_of
from onshore.tables.parse import year_span

__all__ = ["Bound", "LimitRows", "Sum", "bounds_of", "limit_rows"]


@dataclass(frozen=True)
class Sum:
    """A sum over some options, `weights` (n,) at `options` (n,), on top of a constant."""

    options: Ints
    weights: Floats
    constant: float = 0.0

    @classmethod
    def of(cls, options: Ints, weights: Floats, constant: float = 0.0) -> Sum:
        """From terms in any order; those of one option add up, and what adds up to nothing is left out."""
        options, place = np.unique(options, return_inverse=True)
        weights = np.asarray(np.bincount(place.reshape(-1), weights, len(options)), dtype=np.float64)
        return cls(options[weights != 0], weights[weights != 0], constant)

    def at(self, x: Floats) -> float:
        """Its value where x (K,) says how much of each option is taken."""
        return float(self.weights @ x[self.options]) + self.constant


NOTHING = Sum(np.zeros(0, dtype=np.int64), np.zeros(0))


@dataclass(frozen=True)
class Bound:
    """One bound: what options count (`terms`) and boxes count (ventures, then modules by shop and year), `sense` `right`.

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
    boxes: Ints  # (b,)
    box_weights: Floats  # (b,)
    terms: Sum = NOTHING
    theta: float | None = None
    numerator: Sum | None = None
    denominator: Sum | None = None

    @property
    def options(self) -> Ints:
        """(n,) options that count in it."""
        return self.terms.options

    @property
    def weights(self) -> Floats:
        """(n,)"""
        return self.terms.weights


@dataclass(frozen=True)
class LimitRows:
    """Every bound of a programme before any option is seen; `terms` say what an option would count in them.

    `numerators` and `denominators` do the same for the two sides of each ratio, on top of the sums that the bounds have.
    """

    bounds: tuple[Bound, ...]
    terms: tuple[Term, ...]
    numerators: tuple[Term, ...]
    denominators: tuple[Term, ...]


RATIOS = {
    "local_content": ("local_value", "value_of_parts"),
    "maker_share": ("home_purchases", "home_purchases"),
    "defects_ppm": ("defects", "units_with_defects"),
}


def bounds_of(problem: Problem, measures: Measures) -> list[Bound]:
    """Every bound of the programme's `limits` over an option table, sorted by name."""
    rows = limit_rows(problem)
    where = entities(problem, measures.options)
    counted, above, below = (
        _by_row(gathered(measures, terms, len(rows.bounds), where), len(rows.bounds), measures.options.count)
        for terms in (rows.terms, rows.numerators, rows.denominators)
    )
    made = []
    for bound, terms, top, bottom in zip(rows.bounds, counted, above, below, strict=True):
        whole = replace(bound, terms=terms)
        if bound.numerator is not None and bound.denominator is not None:
            top, bottom = (
                replace(top, constant=bound.numerator.constant),
                replace(bottom, constant=bound.denominator.constant),
            )
            whole = replace(whole, numerator=top, denominator=bottom)
        made.append(whole)
    return made


def _by_row(columns: Columns, rows: int, options: int) -> list[Sum]:
    """Columns turned into the sum of each row."""
    by_option = sparse.csc_array((columns.data, columns.indices, columns.indptr), shape=(rows, options))
    by_row = sparse.csr_array(by_option)
    return [Sum(by_row.indices[a:b].astype(np.int64), by_row.data[a:b]) for a, b in pairwise(by_row.indptr)]


def limit_rows(problem: Problem) -> LimitRows:
    """The bounds of the programme's `limits`, sorted by name, with what counts in each."""
    alike: dict[tuple[str, str, str | None], list[tuple[int, dict[str, Any]]]] = {}
    for number, row in enumerate(problem.tables["limits"].iter_rows(named=True)):
        alike.setdefault((row["measure"], row["scope"] or "programme", row["currency"]), []).append((number, row))
    made = [_Rows.of(problem, *kind, rows) for kind, rows in alike.items()]
    bounds = [b for rows in made for b in rows.bounds]
    numbers = [n for rows in made for n in rows.numbers]
    order = sorted(range(len(bounds)), key=lambda b: (bounds[b].name, numbers[b]))
    place = np.empty(len(bounds), dtype=np.int64)
    place[order] = np.arange(len(bounds))
    first = np.concatenate([[0], np.cumsum([len(rows.bounds) for rows in made])])

    def placed(terms: list[Term], at: int) -> list[Term]:
        return [replace(t, rows=np.where(t.rows >= 0, place[np.maximum(t.rows, 0) + at], -1)) for t in terms]

    return LimitRows(
        tuple(bounds[b] for b in order),
        *(
            tuple(
                t for rows, at in zip(made, first[:-1].tolist(), strict=True) for t in placed(getattr(rows, side), at)
            )
            for side in ("terms", "numerators", "denominators")
        ),
    )


@dataclass(frozen=True)
class _Rows:
    """The rows of `limits` of one measure, scope and currency: their bounds, by row, key and then year, and terms whose rows are
    numbered among them. One term holds them all, so the work grows with what counts and not with limits times parts.
    """

    bounds: list[Bound]
    numbers: list[int]  # place in `limits` of the row of each bound
    terms: list[Term]
    numerators: list[Term]
    denominators: list[Term]

    @classmethod
    def of(
        cls, problem: Problem, measure: str, scope: str, currency: str | None, rows: list[tuple[int, dict[str, Any]]]
    ) -> _Rows:
        known, T = MEASURES.get(measure), len(problem.years)
        every = scope_keys(problem, scope) if any(row["scope_key"] == "*" for _, row in rows) else []
        keys: list[str | None] = []
        heads: list[dict[str, Any]] = []
        latest: dict[str | None, int] = {}  # limits of a key in different years share a line
        lines: list[Ints] = []
        spans, numbers = [], []
        for number, row in rows:
            first, last = year_span(row["years"]) if row["years"] else (problem.years[0], problem.years[-1])
            at = np.arange(first, last + 1) - problem.settings.first_year
            each_key, each_year = row["scope_key"] == "*", row["per"] == "year"
            for key in every if each_key else [row["scope_key"]]:
                if key not in latest or (lines[latest[key]][at] >= 0).any():
                    latest[key] = len(keys)
                    keys.append(key)
                    lines.append(np.full(T, -1))
                for span in np.split(at, len(at)) if each_year else [at]:
                    lines[latest[key]][span] = len(heads)
                    years = tuple(problem.years[t] for t in span)
                    name = [row["limit"], *([str(key)] if each_key else []), *([str(years[0])] if each_year else [])]
                    heads.append({
                        "name": ":".join(name), "key": key, "years": years, "limit": row["limit"], "measure": measure, "scope": scope,
                        "sense": row["sense"], "value": float(row["value"]), "penalty": row["penalty"],
                        "unit": currency or (known.unit if known else measure),
                    })  # fmt: skip
                    spans.append(span)
                    numbers.append(number)
        grid = np.array(lines, dtype=np.int64).reshape(len(keys), T)
        if known is not None and known.ratio:
            return _ratio(problem, measure, scope, keys, grid, heads, spans, numbers)
        per_unit = np.ones(T)
        if known is not None and known.flow is not None and currency is not None:
            per_unit = 1.0 / problem.exchange(currency, known.flow)
        group = grouped(problem, scope, keys)
        boxes, weights = _boxes(problem, measure, group.ventures, group.shops, grid, per_unit, len(heads))
        bounds = [
            Bound(**h, right=h["value"], boxes=b, box_weights=w) for h, b, w in zip(heads, boxes, weights, strict=True)
        ]
        return cls(bounds, numbers, [Term(measure, group.over, group.members, grid, per_unit)], [], [])


def _boxes(
    problem: Problem, measure: str, ventures: Members, shops: Members, grid: Ints, per_unit: Floats, count: int
) -> tuple[list[Ints], list[Floats]]:
    """What opening each venture (V) and each module in service from t (S, T) adds to each bound."""
    if measure not in WITH_FIXED or not (len(ventures.key) or len(shops.key)):
        return [NOTHING.options] * count, [NOTHING.weights] * count
    (S, T), V = problem.shops.hours.shape, len(problem.ventures.labels)
    by_venture, by_module = fixed_by_year(problem)
    outlay = np.concatenate([by_venture, by_module.reshape(S * T, T)]) * per_unit
    of_venture, of_shop = (np.repeat(np.arange(len(m.indptr) - 1), np.diff(m.indptr)) for m in (ventures, shops))
    box = np.concatenate([of_venture, (V + of_shop[:, None] * T + np.arange(T)).ravel()])
    row = grid[np.concatenate([ventures.key, np.repeat(shops.key, T)])]
    counts = row >= 0
    column = np.broadcast_to(box[:, None], row.shape)
    made = sparse.csr_array((outlay[box][counts], (row[counts], column[counts])), shape=(count, V + S * T))
    made.sum_duplicates()
    made.eliminate_zeros()
    spans = [slice(a, b) for a, b in pairwise(made.indptr)]
    return [made.indices[s].astype(np.int64) for s in spans], [made.data[s] for s in spans]


def _ratio(
    problem: Problem, measure: str, scope: str, keys: list[str | None], grid: Ints, heads: list[dict[str, Any]],
    spans: list[Ints], numbers: list[int],
) -> _Rows:  # fmt: skip
    above, below = RATIOS[measure]
    one = np.ones(len(problem.years))
    scale = 1e6 if measure == "defects_ppm" else 1.0
    theta = np.array([head["value"] for head in heads]) / scale
    own = grouped(problem, scope, keys)
    whole = grouped(problem, "programme", keys) if measure == "maker_share" else own
    top = Term(above, own.over, own.members, grid, one)
    bottom = Term(below, whole.over, whole.members, grid, one)
    constants = (
        _other_content(problem, scope, heads, spans) if measure == "local_content" else np.zeros((2, len(heads)))
    )
    bounds = [
        Bound(
            **head, right=share * d0 - n0, boxes=NOTHING.options, box_weights=NOTHING.weights, theta=share,
            numerator=replace(NOTHING, constant=scale * n0), denominator=replace(NOTHING, constant=d0),
        )
        for head, share, n0, d0 in zip(heads, theta.tolist(), *constants.tolist(), strict=True)
    ]  # fmt: skip
    less = replace(bottom, members=_times(whole.members, np.where(grid >= 0, -theta[np.maximum(grid, 0)], 0.0)))
    return _Rows(bounds, numbers, [top, less], [replace(top, factor=scale * one)], [bottom])


def _times(members: Members, factor: Floats) -> Members:
    """The same members, what counts for each key multiplied by the key's factor (keys, T)."""
    each = factor[members.key]
    return replace(members, weight=each if members.weight is None else each * members.weight)


def _other_content(problem: Problem, scope: str, heads: list[dict[str, Any]], spans: list[Ints]) -> Floats:
    """(2, bounds) local value and value of the products beside their modelled parts: L0 and V0."""
    nothing = np.zeros((2, len(problem.years)))
    other: dict[str, Floats] = {}
    for row in problem.tables["products"].filter(pl.col("currency").is_not_null()).iter_rows(named=True):
        money = volumes_of(problem, row["product"]) * problem.exchange(row["currency"], "purchases")
        other[row["product"]] = np.outer([float(row["other_local_value"] or 0), float(row["other_value"] or 0)], money)
    every = np.sum([*other.values(), nothing], axis=0)
    of_bound = (every if scope == "programme" else other.get(str(head["key"]), nothing) for head in heads)
    return np.array([side[:, span].sum(axis=1) for side, span in zip(of_bound, spans, strict=True)]).T
