"""What a step of room is worth in every limit, from the certificate alone: an interval that costs no search.

With the limit eased by a step, no plan is better than LB(u) - lambda * step * reach (weak duality with the prices that the
run has), so the step is worth at most UB - LB(u) + lambda * step * reach; a soft limit's penalty caps that. It is worth at
least what a part that the step lets in gains, less the gap. `worth` makes the interval narrower by planning again.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from onshore.sourcing.certificate import Proof
from onshore.sourcing.limits import Bound
from onshore.sourcing.model import Model
from onshore.sourcing.problem import Floats

__all__ = ["CERTIFICATE", "steps_of", "usual_step"]

CERTIFICATE = "certificate"

Row = dict[str, object]


def usual_step(bound: Bound) -> float:
    """One percentage point of a share, one launch, one hundredth of an amount; one unit where the limit is at 0."""
    if bound.unit == "share":
        return 0.01
    return 1.0 if bound.measure == "launches" or bound.value == 0 else 0.01 * abs(bound.value)


def steps_of(
    model: Model, prices: Floats, moves: Iterable[Row], proof: Proof, *, upper: float, lower: float
) -> list[Row]:
    """A row for every bound; see the declared table `steps`.

    `moves` are rows of `reasons` and `passed_over`; `upper` is the plan's objective as it is minimised, `lower` its bound, and
    `proof` what `prices` (R,) prove.
    """
    useful = _useful(moves)
    return [
        _step(bound, price, reach, useful.get(bound.name), upper, lower, min(proof.promised, upper))
        for price, reach, bound in zip(prices[model.blocks["limits"]], proof.reach, model.bounds, strict=True)
    ]


def _step(
    bound: Bound, price: float, reach: float, move: Row | None, upper: float, lower: float, by_prices: float
) -> Row:
    sign = 1.0 if bound.sense == "at_most" else -1.0
    eased = usual_step(bound) * reach
    # the price as the certificate uses it: towards the side that is bounded, and no more than the penalty
    worth = min(max(0.0, -sign * float(price)), np.inf if bound.penalty is None else bound.penalty)
    high = max(0.0, upper - by_prices + worth * eased)
    if bound.penalty is not None:
        high = min(high, bound.penalty * eased)
    needed = None if move is None else _number(move["excess"]) + 1e-9 * max(1.0, abs(bound.value))
    gained = 0.0 if move is None else _number(move["saving"])
    low = max(0.0, gained - (upper - lower)) if needed is not None and needed <= usual_step(bound) else 0.0
    return {
        "bound": bound.name,
        "step": sign * usual_step(bound),
        "unit": bound.unit,
        "worth_low": min(low, high),
        "worth_high": high,
        "how": CERTIFICATE,
        "useful_step": None if needed is None else sign * needed,
        "useful_part": None if move is None else move["part"],
        "useful_saving": None if move is None else gained,
    }


def _useful(moves: Iterable[Row]) -> dict[str, Row]:
    """For each row, of the moves that it alone stands against, the one that lacks least."""
    found: dict[str, Row] = {}
    for move in moves:
        row = move["stands_against"]
        if row is not None and (str(row) not in found or _number(move["excess"]) < _number(found[str(row)]["excess"])):
            found[str(row)] = move
    return found


def _number(value: object) -> float:
    return float(str(value))
