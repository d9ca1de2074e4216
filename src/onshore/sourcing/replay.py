"""What learning would be worth if a maker's experience carried over between parts of one family.

The plan learns per maker and part. This replays its awards with experience cumulated over all parts that the
maker makes in the family, and gives the difference; it decides nothing.
"""

from __future__ import annotations

import numpy as np

from onshore.blueprint.learning import mean_price_factor
from onshore.sourcing.chosen import Chosen
from onshore.sourcing.problem import Problem

__all__ = ["shared_learning"]


def shared_learning(problem: Problem, after: Chosen) -> float:
    """Undiscounted purchases with shared experience, less those of the plan, in programme currency; 0 or negative.

    Units made by the maker's other awards in the family up to the start of a year count as experience in it.
    """
    o, legs = problem.offers, after.options.legs
    offer, weight, units = legs.offer, after.of_leg, legs.units
    if not len(offer) or (o.progress[offer] == 1).all():
        return 0.0
    before = np.cumsum(units, axis=1) - units
    weighted = before * weight[:, None]
    group = {
        key: i
        for i, key in enumerate(sorted({(int(o.maker[a]), problem.parts.family[o.part[a]] or "") for a in offer}))
    }
    of_leg = np.array([group[int(o.maker[a]), problem.parts.family[o.part[a]] or ""] for a in offer])
    shared = np.zeros((len(group), units.shape[1]))
    np.add.at(shared, of_leg, weighted)
    others = shared[of_leg] - weighted
    factor = mean_price_factor(before + others, units, o.experience[offer][:, None], o.progress[offer][:, None])
    replayed = units * o.price[offer] * factor
    return float((weight[:, None] * (replayed - legs.purchases)).sum())
