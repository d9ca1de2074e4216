"""Trade-offs: the frontier between two measures, each point certified, and how far it can lie from the best there is.

Epsilon-constraint (Haimes, Lasdon and Wismer 1971): the first measure is made best while the second is held at levels between
the two ends, and the ends are lexicographic: the best of one, then the best of the other that keeps it. From the hard end to
the easy one, each search starts from the plan and the prices of the level before. See docs/explanation/trade-offs.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from onshore.blueprint.programme import Programme
from onshore.errors import WrongUse
from onshore.sourcing.declared import FRONTIER_TABLES
from onshore.sourcing.decomposition.decomposed import BRANCHED, Start
from onshore.sourcing.instance import Instance, instance_of
from onshore.sourcing.problem import Floats
from onshore.sourcing.said import amount
from onshore.sourcing.solver import Progress
from onshore.sourcing.tradeoffs.aims import Aim, aims_of
from onshore.sourcing.tradeoffs.trade import Found, Trade

__all__ = ["Frontier", "frontier"]

SAME = 1e-9
"""Values closer than this share of their own size are equal."""
PIECES = 24
"""Into so many the stretch between two levels is cut where the bounds are drawn and summed."""


@dataclass(frozen=True)
class Frontier:
    """The points of the frontier from the best of the second measure to the best of the first.

    `tables` holds `frontier`, a row a point, and `frontier_bounds`: for values of the second measure the least that the first
    can be as far as is known, and the least it could be. `uncertain_share` is the area between those two over the rectangle that
    the ends span; None where there is one point only. `dropped` counts points that another one beats, `gap` is where each search
    could stop.
    """

    programme: Programme
    first: Aim
    second: Aim
    tables: dict[str, pl.DataFrame]
    uncertain_share: float | None
    dropped: int
    remarks: tuple[str, ...]
    gap: float

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    def summary(self) -> str:
        """The points, what one more of the second costs in the first, and what is uncertain."""
        a, b, rows = self.first, self.second, self["frontier"]
        lines = [
            f"{self.programme.settings.name}: {a.sense} {a.measure} for each {b.measure}, {rows.height} point{'' if rows.height == 1 else 's'}",
            f"  {b.measure + ', ' + b.unit:>34} {a.measure + ', ' + a.unit:>34} {'no plan better than':>24} {'gap':>9}",
        ]
        for r in rows.iter_rows(named=True):
            gap = "none" if r["gap"] is None else f"{r['gap']:.3%}"
            lines.append(f"  {amount(r['second']):>34} {r['first']:>34,.0f} {r['first_bound']:>24,.0f} {gap:>9}")
        if self.uncertain_share is not None:
            lines.append(f"  between plans and bounds lies {self.uncertain_share:.2%} of what the two ends span")
        return "\n".join([*lines, *(f"  note: {r}" for r in self.remarks)])

    def as_dict(self) -> dict[str, object]:
        """The figures of `run.json`, and for ``--json`` with the points."""
        return {
            "programme": self.programme.settings.name,
            "currency": self.programme.settings.currency,
            "first": self.first.measure,
            "first_sense": self.first.sense,
            "first_unit": self.first.unit,
            "second": self.second.measure,
            "second_sense": self.second.sense,
            "second_unit": self.second.unit,
            "uncertain_share": self.uncertain_share,
            "dropped": self.dropped,
            "remarks": list(self.remarks),
        }


def frontier(
    programme: Programme, first: str, second: str, *, points: int = 9, gap: float | None = None,
    time_limit: float | None = None, progress: Callable[[Progress], None] | None = None,
) -> Frontier:  # fmt: skip
    """The best of `first` for each level of `second`: at most `points` plans, none of which another beats.

    A measure is written by its name, with `:least` or `:most` where it does not go without saying. `gap` is the share of its
    objective at which each search stops; by default a ten-thousandth, or where the programme is large a thousandth, and as
    near to it as a search of some seconds comes. `time_limit` are the seconds that each may take. Ctrl-C leaves the points that there
    are, once there are both ends.

    Raises `WrongUse` where a measure is unknown or cannot be traded, `NoPlan` where no plan keeps the hard limits, `Stopped` where
    Ctrl-C comes before there are both ends.
    """
    if not isinstance(programme, Programme):
        raise WrongUse(f"frontier takes a programme, not {programme!r}. Read it first: on.frontier(on.read(...), ...).")
    if points < 2:
        raise WrongUse(f"A frontier has 2 points or more, not {points}.")
    one, two = aims_of(programme, (first, second))
    instance = instance_of(programme)
    # a dozen searches: of a large table, each stops where its parts settle
    trade = Trade(instance, gap, time_limit, progress, rounds=int(instance.options.count <= BRANCHED))
    _fits(instance, one, two)
    easy, hard, edge = _ends(trade, one, two)
    found = [hard]
    signed = [two.sign * two.at(instance, end.point) for end in (hard, easy)]  # hard to easy
    start = hard.start()
    if signed[1] - signed[0] > SAME * max(map(abs, signed)):
        for i, level in enumerate(np.linspace(signed[0], signed[1], points)[1:-1], start=2):
            if trade.interrupted:
                break
            made = trade.best(one, [two.bound(instance, two.sign * level)], start, f"point {i} of {points}")
            found.append(made)
            start = made.start()
    return _told(trade, one, two, [*found, easy], edge)


def _fits(instance: Instance, one: Aim, two: Aim) -> None:
    """Raises `WrongUse` with all that the frontier could not mean."""
    faults = []
    if one.ratio:
        faults.append(
            f"`{one.measure}` is a share: name it second, so that its level is held and the other is made best."
        )
    soft = [b.name for b in instance.model.bounds if b.penalty is not None]
    if soft and two.measure == instance.problem.settings.objective:
        faults.append(f"Penalties of soft limits ({', '.join(soft[:5])}) are in `{two.measure}`: name it first.")
    if two.ratio:
        below = two.bound(instance, 0.0).denominator
        if below is None or (below.constant == 0 and not below.weights.any()):
            faults.append(f"Nothing counts in `{two.measure}`: the programme states no figure that it rests on.")
    if faults:
        raise WrongUse("\n".join(faults))


def _ends(trade: Trade, one: Aim, two: Aim) -> tuple[Found, Found, Found]:
    """The best of the first, then of the second; the other way round; and what proves how far the second can go."""
    instance = trade.instance
    best = trade.best(one, [], None, f"the best {one.measure}")
    easy = best if trade.rough else _then_second(trade, one, two, best)
    edge = trade.best_of_second(two, [], Start(point=easy.point), f"the best {two.measure}")
    reached = two.at(instance, edge.point)
    # a search that stops at a wide gap leaves too little room at its very end for the next one
    level = two.bound(instance, reached + (two.sign * trade.gap * abs(reached) if trade.rough else 0.0))
    hard = trade.best(one, [level], Start(best.prices, edge.point), f"then the best {one.measure}")
    return easy, hard, edge


def _then_second(trade: Trade, one: Aim, two: Aim, best: Found) -> Found:
    """The plan that is best in the second among those as good in the first."""
    kept = [one.bound(trade.instance, one.at(trade.instance, best.point))]
    eased = trade.best_of_second(two, kept, Start(point=best.point), f"then the best {two.measure}")
    near = SAME * max(1.0, abs(best.value))
    return best.moved_to(eased.point) if trade.value(one, eased.point) <= best.value + near else best


def _told(trade: Trade, one: Aim, two: Aim, found: list[Found], edge: Found) -> Frontier:
    """Points that another beats go; bounds hold for every level that is no easier, so the highest such counts."""
    instance = trade.instance
    at = np.array([two.sign * two.at(instance, f.point) for f in found])
    value = np.array([f.value for f in found])
    level = np.array([a if f.level is None else two.sign * f.level for f, a in zip(found, at, strict=True)])
    level[-1] = np.inf  # the easy end is bounded by no level at all
    near_at, near = SAME * max(1e-300, np.abs(at).max()), SAME * max(1e-300, np.abs(value).max())
    beaten = [
        any(
            at[j] <= at[i] + near_at and value[j] <= value[i] + near
            and (at[j] < at[i] - near_at or value[j] < value[i] - near or j < i)
            for j in range(len(found)) if j != i
        )
        for i in range(len(found))
    ]  # fmt: skip
    keep = [i for i in np.argsort(at, kind="stable") if not beaten[i]]
    low = _Low(level, np.array([f.bound for f in found]), [f.line(two) for f in found], two.sign)
    rows = []
    for n, i in enumerate(keep, start=1):
        bound = min(low(at[i]), value[i])
        rows.append(
            {
                "point": n, "second": two.sign * at[i] + 0.0, "first": one.sign * value[i] + 0.0, "first_bound": one.sign * bound + 0.0,
                "gap": (value[i] - bound) / abs(value[i]) if value[i] else None, "status": found[i].status,
                "parts_made_at_home": _made_at_home(instance, found[i].point),
            }
        )  # fmt: skip
    known = [(at[i], value[i]) for i in keep]
    curve, share = _between(known, low)
    bounds = [
        {"second": two.sign * z + 0.0, "plan": one.sign * u + 0.0, "bound": one.sign * v + 0.0} for z, u, v in curve
    ]
    dropped = len(found) - len(keep)
    remarks = []
    if edge.bound < edge.value - SAME * max(1.0, abs(edge.value)):
        proved = "is not known" if np.isinf(edge.bound) else f"{amount(two.sign * edge.bound)} {two.unit} at most"
        proved = proved if two.sign < 0 or np.isinf(edge.bound) else proved.replace("at most", "at least")
        remarks.append(f"how far {two.measure} can go beyond the hard end: {proved}")
    if dropped:
        remarks.append(f"points dropped, as another plan is no worse in both measures: {dropped}")
    if trade.interrupted:
        remarks.append(
            "interrupted: there are fewer points than were asked for, and the last one found may be far from its best"
        )
    if len(keep) == 1:
        remarks.append(f"one plan is best in both: {one.measure} and {two.measure} do not stand against one another")
    soft = [b.name for b in instance.model.bounds if b.penalty is not None]
    if soft and one.measure != instance.problem.settings.objective:
        remarks.append(f"soft limits are not held: their penalties are in {instance.problem.settings.objective}")
    made = {"frontier": rows, "frontier_bounds": bounds}
    tables = {name: pl.DataFrame(made[name], schema=t.types, orient="row") for name, t in FRONTIER_TABLES.items()}
    return Frontier(instance.programme, one, two, tables, share, dropped, tuple(remarks), trade.gap)


@dataclass(frozen=True)
class _Low:
    """What is proved: no plan that reaches `z` in the second measure is below this in the first, both made least.

    Each search proves its bound for all levels as hard as its own or harder, and by its price a line over all levels (weak duality).
    """

    level: Floats
    bound: Floats
    lines: list[tuple[float, float, float] | None]  # bound, level, slope in the second's own unit
    sign: float

    def __call__(self, z: float) -> float:
        steps = self.bound[self.level >= z - SAME * abs(z)]
        lines = [b + slope * (self.sign * z - at) for b, at, slope in filter(None, self.lines)]
        return float(max([*steps, *lines], default=-np.inf))


def _between(known: list[tuple[float, float]], low: _Low) -> tuple[list[tuple[float, float, float]], float | None]:
    """The stairs of the plans over the bounds: (second, plan, bound) at each cut, and the share of the area between."""
    (first, top), (last, bottom) = known[0], known[-1]
    if len(known) == 1:
        return [(first, top, min(top, low(first)))], None
    cuts, area = [(first, top, min(top, low(first)))], 0.0
    for (z, u), (z1, _) in pairwise(known):
        # just beyond a level its own bound holds no more, so the middle of each piece is asked
        middles = z + (np.arange(PIECES) + 0.5) / PIECES * (z1 - z)
        cuts += [(float(m), u, min(u, low(float(m)))) for m in middles]
        area += sum(u - min(u, low(float(m))) for m in middles) * (z1 - z) / PIECES
    cuts.append((last, bottom, min(bottom, low(last))))
    return cuts, area / ((last - first) * (top - bottom))


def _made_at_home(instance: Instance, point: Floats) -> int:
    x, first = point[instance.model.options], instance.options.first_of_part[:-1]
    return int((x[first] < 1.0).sum())
