"""Quasi-Newton descent over a box, for hundreds of thousands of prices: projected L-BFGS.

Prices that lie at a side of their box and are pushed against it are left out of a step (Bertsekas 1982: two-metric
projection); the rest move along the L-BFGS direction (Nocedal 1980) made from the pairs of earlier steps as far as those
prices go, and are projected back. One step costs some passes over the pairs; a search for the Cauchy point, as in
L-BFGS-B (Byrd, Lu, Nocedal and Zhu 1995), costs one for every price that meets its side on the way, and many do.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from onshore.blueprint.compiled import compiled
from onshore.sourcing.problem import Floats

__all__ = ["descended"]

MEMORY = 20
"""Pairs of earlier steps."""
ENOUGH = 1e-4
"""Share of the decrease that the slope promises which a step has to reach (Armijo)."""
SHORTEST = 1e-10


def descended(value: Callable[[Floats], tuple[float, Floats]], x: Floats, most: Floats, steps: int) -> Floats:
    """(n,) where a convex function with its gradient has come to after so many steps from x, 0 <= x <= most."""
    n = len(x)
    moves, turns = np.zeros((MEMORY, n)), np.zeros((MEMORY, n))
    held = 0
    f, g = value(x)
    for _ in range(steps):
        d = _direction(x, g, most, moves, turns, held)
        slope = float(d @ g)
        if slope >= 0.0:
            if held == 0:
                break  # nothing can move
            held = 0
            continue
        step = 1.0 if held else min(1.0, 1.0 / np.abs(d).sum())
        while True:
            to = np.clip(x + step * d, 0.0, most)
            reached, turned = value(to)
            promised = float(g @ (to - x))
            if reached <= f + ENOUGH * promised:
                break
            # the least of the parabola through both values and the slope, kept within a tenth and a half
            curve = reached - f - step * slope
            step *= min(0.5, max(0.1, -0.5 * slope * step / curve)) if curve > 0.0 else 0.5
            if step < SHORTEST:
                break
        if step < SHORTEST:
            if held == 0:
                break
            held = 0
            continue
        move, turn = to - x, turned - g
        if float(move @ turn) > 1e-12 * float(turn @ turn):
            moves[held % MEMORY], turns[held % MEMORY] = move, turn
            held += 1
        x, f, g = to, reached, turned
    return x


@compiled
def _direction(x: Floats, g: Floats, most: Floats, moves: Floats, turns: Floats, held: int) -> Floats:
    """(n,) the step of the free prices: the two loops of L-BFGS with every product over the free prices alone."""
    n, count = len(x), min(held, len(moves))
    free = np.empty(n, dtype=np.bool_)
    q = np.zeros(n)
    for i in range(n):
        free[i] = not ((x[i] <= 0.0 and g[i] >= 0.0) or (x[i] >= most[i] and g[i] <= 0.0))
        if free[i]:
            q[i] = g[i]
    along, curved = np.zeros(count), np.zeros(count)
    scale = 1.0
    first = True
    for back in range(count):
        m = (held - 1 - back) % len(moves)
        curve, square, onto = 0.0, 0.0, 0.0
        for i in range(n):
            if free[i]:
                curve += moves[m, i] * turns[m, i]
                square += turns[m, i] * turns[m, i]
                onto += moves[m, i] * q[i]
        if curve <= 1e-12 * square or square == 0.0:
            continue  # what is left of this pair says nothing
        if first:
            scale = curve / square
            first = False
        curved[back], along[back] = curve, onto / curve
        for i in range(n):
            if free[i]:
                q[i] -= along[back] * turns[m, i]
    for i in range(n):
        q[i] *= scale
    for back in range(count - 1, -1, -1):
        if curved[back] == 0.0:
            continue
        m = (held - 1 - back) % len(moves)
        onto = 0.0
        for i in range(n):
            if free[i]:
                onto += turns[m, i] * q[i]
        onto /= curved[back]
        for i in range(n):
            if free[i]:
                q[i] += (along[back] - onto) * moves[m, i]
    for i in range(n):
        q[i] = -q[i] if free[i] else 0.0
    return q
