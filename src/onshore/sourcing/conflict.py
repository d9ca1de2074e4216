"""Impossible limits: a smallest set that conflicts, the least change that makes a plan possible, each limit alone.

The conflicting set is irreducible: with all of it no plan exists, without any one of it (and all other hard limits
dropped) one does. It comes from a deletion filter over the hard limits, those first that a proof of the relaxation names, in
halves before one by one; machine-hours, decisions and signed contracts are taken as given. Source: Chinneck (2008),
Feasibility and Infeasibility in Optimization, ch. 6 (deletion filter) and ch. 7 (elastic rows).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
from scipy import sparse

from onshore.sourcing.limits import Bound
from onshore.sourcing.model import Model
from onshore.sourcing.said import amount
from onshore.sourcing.solver import solve

__all__ = ["Conflict", "Move", "conflict_of"]

SECONDS_A_STEP = 10.0
SAID = 12
"""Changes that are said in words."""


@dataclass(frozen=True)
class Move:
    """A limit eased from `value` to `eased`, in its own unit; `eased` None where no easing of it alone is enough."""

    bound: str
    value: float
    eased: float | None
    unit: str

    def __str__(self) -> str:
        if self.eased is None:
            return f"`{self.bound}` alone is not enough"
        return f"`{self.bound}` from {amount(self.value)} to {amount(self.eased)} {self.unit}"


@dataclass(frozen=True)
class Conflict:
    """`bounds` conflict: empty when even without limits no plan exists. `proofs` says of each hard limit how it was
    placed: LP-proved or MIP-proved to be unneeded, needed, or timed out (kept, so the set may be larger than least).
    """

    bounds: tuple[str, ...]
    proofs: dict[str, str]
    least: tuple[Move, ...]
    alone: tuple[Move, ...]

    def summary(self) -> str:
        """A paragraph: what conflicts, the least change, and each limit's own."""
        if not self.bounds:
            return (
                "No plan exists even without its limits: machine-hours, decisions, signed contracts and parts that "
                "cannot be imported leave none. Add capacity or offers, or change `decisions`."
            )
        named = ", ".join(f"`{b}`" for b in self.bounds)
        together = (
            "cannot be kept"
            if len(self.bounds) == 1
            else "cannot be kept together; dropping any one makes a plan possible"
        )
        if len(self.proofs) > len(self.bounds) > 1:
            together += ", as far as these go"
        lines = [f"No plan exists: {named} {together}."]
        if self.least:
            lines.append(f"Least change: {_listed(self.least)}.")
        if len(self.bounds) > 1 and self.alone:
            lines.append(f"One limit alone: {_listed(self.alone)}.")
        return "\n".join([*lines, "Change them in `limits`, or give one a penalty to make it soft."])

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: `conflict`, `proofs`, `least_change`, `each_alone`."""
        moves = {"least_change": self.least, "each_alone": self.alone}
        return {
            "conflict": list(self.bounds),
            "proofs": self.proofs,
            **{
                k: [{"bound": m.bound, "value": m.value, "eased": m.eased, "unit": m.unit} for m in v]
                for k, v in moves.items()
            },
        }


def _listed(moves: Sequence[Move]) -> str:
    more = f"; and {len(moves) - SAID} more, all in --json" if len(moves) > SAID else ""
    return "; ".join(map(str, moves[:SAID])) + more


def conflict_of(model: Model, *, seconds: float = SECONDS_A_STEP) -> Conflict:
    """Why an impossible model is; each step may take `seconds`."""
    nothing = replace(model, cost=np.zeros_like(model.cost))
    first = model.blocks["limits"].start
    hard = {b.name: first + r for r, b in enumerate(model.bounds) if b.penalty is None}
    if _possible(_without(nothing, hard.values()), seconds)[0] is False:
        return Conflict((), {}, (), ())
    bounds = {b.name: b for b in model.bounds}
    kept = _suspects(nothing, hard, bounds, seconds)
    proofs: dict[str, str] = {}
    for size in _halves(len(kept)):
        names = list(kept)
        for some in (names[i : i + size] for i in range(0, len(names), size)):
            others = {n: r for n, r in kept.items() if n not in some}
            possible, how = _possible(_without(nothing, [r for n, r in hard.items() if n not in others]), seconds)
            if possible is False:
                kept = others
                proofs |= dict.fromkeys(some, f"{how} unneeded")
            elif size == 1:
                proofs[some[0]] = "needed" if possible else "timed out"
    return Conflict(
        bounds=tuple(kept),
        proofs=proofs,
        least=tuple(m for m in _moves(model, hard, bounds, seconds) if m.eased != m.value),
        alone=tuple(m for name, row in kept.items() for m in _moves(model, {name: row}, bounds, seconds)),
    )


def _halves(count: int) -> list[int]:
    """Half of so many, half of that, and so on to 1: few limits conflict, and to drop one at a time is slow where there are many."""
    sizes = [max(1, -(-count // 2))]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // 2))
    return sizes


def _possible(model: Model, seconds: float) -> tuple[bool | None, str]:
    """Whether any point keeps the rows, and what proved it; None where time ran out."""
    if solve(model, relaxed=True, time_limit=seconds).status == "infeasible":
        return False, "LP-proved"
    answer = solve(model, time_limit=seconds)
    if answer.status == "infeasible":
        return False, "MIP-proved"
    return (True if answer.point is not None else None), "MIP-proved"


def _without(model: Model, rows: Iterable[int]) -> Model:
    low, high = model.low.copy(), model.high.copy()
    dropped = list(rows)
    low[dropped], high[dropped] = -np.inf, np.inf
    return replace(model, low=low, high=high)


def _suspects(model: Model, hard: dict[str, int], bounds: dict[str, Bound], seconds: float) -> dict[str, int]:
    """The limits with a price when as little as possible is missed of all: by duality (Farkas 1902) these alone cannot be kept.

    All of them where only whole options conflict, or where time ran out.
    """
    if not hard:
        return hard
    elastic = _elastic(model, hard, bounds)[0]
    relaxed = solve(elastic, relaxed=True, time_limit=seconds)
    if relaxed.prices is None:
        return hard
    priced = {name: row for name, row in hard.items() if abs(relaxed.prices[row]) > 1e-9}
    others = [row for name, row in hard.items() if name not in priced]
    return priced if priced and _possible(_without(model, others), seconds)[0] is False else hard


def _moves(model: Model, rows: dict[str, int], bounds: dict[str, Bound], seconds: float) -> list[Move]:
    """The least easing of these rows together, each in shares of its own value; None where none is enough."""
    elastic, sign, scale = _elastic(model, rows, bounds)
    answer = solve(elastic, gap=1e-6, time_limit=seconds)
    if answer.status == "infeasible":
        return [Move(n, bounds[n].value, None, bounds[n].unit) for n in rows]
    if answer.point is None:
        return []  # not known in the time there is
    by = answer.point[len(model.cost) :] * scale
    by[by < 1e-9 * scale] = 0.0
    return [
        _moved(bounds[n], float(-s * b), answer.point[: len(model.cost)])
        for n, s, b in zip(rows, sign, by, strict=True)
    ]


def _elastic(model: Model, rows: dict[str, int], bounds: dict[str, Bound]) -> tuple[Model, np.ndarray, np.ndarray]:
    """The model in which these rows may be missed, at 1 for each share of their own value; their signs and values.

    The row of a share has 0 or next to it on its right: the most that one column counts in it stands for its value.
    """
    at = np.array(list(rows.values()))
    counts = abs(model.matrix.tocsr()[at]).max(axis=1).toarray().ravel()
    right = np.abs([bounds[n].right for n in rows])
    scale = np.where(right > 1e-6, right, np.maximum(counts, 1e-6))
    sign = np.array([-1.0 if bounds[n].sense == "at_most" else 1.0 for n in rows])
    slack = sparse.csr_array((sign * scale, (at, np.arange(len(at)))), shape=(model.matrix.shape[0], len(at)))
    elastic = replace(
        model,
        cost=np.concatenate([np.zeros_like(model.cost), np.ones(len(at))]),
        matrix=sparse.csr_array(sparse.hstack([model.matrix, slack], format="csr")),
        lower=np.concatenate([model.lower, np.zeros(len(at))]),
        upper=np.concatenate([model.upper, np.full(len(at), np.inf)]),
        integer=np.concatenate([model.integer, np.zeros(len(at), dtype=np.bool_)]),
    )
    return elastic, sign, scale


def _moved(bound: Bound, change: float, point: np.ndarray) -> Move:
    """The limit's own value after its row's right-hand side moved; a share moves by its row over its denominator."""
    if bound.theta is not None and bound.denominator is not None:
        below = bound.denominator.at(point)
        change = change / below * (1e6 if bound.measure == "defects_ppm" else 1.0) if below else 0.0
    return Move(
        bound.name, bound.value, _outward(bound.value + change, bound.sense) if change else bound.value, bound.unit
    )


def _outward(value: float, sense: str) -> float:
    """Six digits, rounded to the side that eases: what is printed can be typed in, and is enough."""
    nearest = float(f"{value:.6g}")
    if abs(nearest - value) <= 1e-8 * abs(value):
        return nearest
    step = Decimal(1).scaleb(Decimal(repr(value)).adjusted() - 5)
    rounding = ROUND_CEILING if sense == "at_most" else ROUND_FLOOR
    return float((Decimal(repr(value)) / step).to_integral_value(rounding=rounding) * step)
