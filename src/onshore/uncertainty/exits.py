"""What the plan loses if a group of partners leaves: their ventures stop, and the parts are imported again from that year on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from onshore.sourcing.instance import Whole
from onshore.sourcing.options import Legs, Options
from onshore.sourcing.problem import Floats, Problem
from onshore.uncertainty.book import Book, Choice, Faced
from onshore.uncertainty.breaks import broken, unsourced

__all__ = ["exits_of"]

GROUPS = (("ventures", "exit_group"), ("partners", "partner_group"))


@dataclass(frozen=True)
class Worth:
    """A plan's cost, foreign currency and units that have to be imported and cannot, and the hard limits it breaks."""

    cost: float
    foreign_currency: float
    short: float
    breaks: frozenset[str]


def exits_of(faced: Faced, book: Book, choice: Choice) -> list[dict[str, object]]:
    """For each group and each year in which it may leave: what the plan loses, exactly, on its own trajectories.

    A line that stops makes nothing from the first day of that year. What was spent on its tools before is sunk; they stay, with
    what they are worth at the end. What would have been spent later is not. Other lines go on as planned.
    """
    problem, x = faced.problem, book.weights(choice)
    before = _worth(faced, faced.options, faced.point(x, choice), choice)
    rows: list[dict[str, object]] = []
    for table, column in GROUPS:
        for group, ventures in _members(problem, table, column).items():
            through = problem.offers.in_venture & np.isin(problem.offers.venture, ventures)
            hit = through[faced.options.legs.offer] & (x[faced.options.option_of_leg] > 0)
            for t, year in enumerate(problem.years) if hit.any() else ():
                options = _stopped(problem, faced.options, hit, t)
                opened = tuple(
                    0.0 if v in ventures and problem.ventures.opens[v] >= 12 * t else y
                    for v, y in enumerate(choice.opened)
                )
                left = replace(choice, opened=opened)
                after = _worth(faced, options, faced.point(x, left), left)
                lost = (faced.options.legs.units - options.legs.units).sum(axis=1)
                parts = options.part[faced.options.option_of_leg[(lost > 0) & hit]]
                rows.append(
                    {
                        "groups": column, "group": group, "year": year, "loss": after.cost - before.cost,
                        "units": float(x[faced.options.option_of_leg] @ lost), "foreign_currency": after.foreign_currency - before.foreign_currency,
                        "parts": len(set(parts.tolist())), "short": after.short - before.short,
                        "breaks": ", ".join(sorted(after.breaks - before.breaks)) or None,
                    }
                )  # fmt: skip
    return rows


def _members(problem: Problem, table: str, column: str) -> dict[str, list[int]]:
    """The ventures of each group, as positions."""
    ventures = problem.tables["ventures"]
    if table == "partners":
        ventures = ventures.join(problem.tables["partners"].select("partner", column), on="partner")
    at = {label: v for v, label in enumerate(problem.ventures.labels)}
    rows = ventures.select("venture", column).drop_nulls().sort(column, "venture")
    groups: dict[str, list[int]] = {}
    for venture, group in rows.iter_rows():
        groups.setdefault(group, []).append(at[venture])
    return groups


def _stopped(problem: Problem, options: Options, hit: np.ndarray, t: int) -> Options:
    """The option table when some of its legs (L,) stop at the beginning of year t."""
    legs = options.legs
    years = np.arange(len(problem.years))
    goes_on = np.where(hit[:, None] & (years >= t)[None, :], 0.0, 1.0)
    signed = legs.start - problem.offers.lead[legs.offer] < 12 * t
    yearly = {n: getattr(legs, n) * goes_on for n in ("active", "units", "purchases", "tooling", "support")}
    cut: Legs = replace(legs, contract=np.where(hit & ~signed, 0.0, legs.contract), **yearly)
    lost = np.zeros_like(options.imported)
    np.add.at(lost, options.option_of_leg, legs.units - cut.units)
    return replace(options, legs=cut, imported=options.imported + lost)


def _worth(faced: Faced, options: Options, point: Floats, choice: Choice) -> Worth:
    """What the plan at a point comes to when its decisions run as `options` says."""
    problem, whole = faced.problem, Whole.of(faced.problem, options)
    k, v, n = whole.measures.discounted(problem.settings.perspective, residual=True)
    x = point[faced.model.options]
    cost = float(k @ x + v @ point[faced.model.ventures] + n.ravel() @ point[faced.model.modules])
    currency = whole.measures("foreign_currency")
    abroad = float(x[options.option_of_leg] @ currency.legs.sum(axis=1) + x @ currency.imports.sum(axis=1))
    limits = frozenset(row.name for row in broken(whole.model, point) if row.block == "limits")
    return Worth(cost, abroad, sum(short.over for short in unsourced(problem, options, x)), limits)
