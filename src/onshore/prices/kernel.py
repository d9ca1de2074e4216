"""One part's market as bare numbers: demand, the first-order conditions with their derivatives, and Newton in prices.

Every function is compiled; J products, no labels, no checks. Beside the `Market` they read and fill

    p (J,)      prices that buyers pay
    cost, fixed (J,)   delivered cost c, and the price where it is set, else NaN: apart from the market, because
                continuation and full capacities move them
    s (J,)      share of units; of spending for CES; the quantity itself for LINEAR
    w (J,)      share within the nest

F[j] is the first-order condition of the price of j over its own slope: what the margin exceeds the best reply by, in
units of price (docs/explanation/prices.md has each equation). Morrow and Skerlos (2011), Operations Research 59(2), 328-345.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from onshore.blueprint.compiled import compiled

__all__ = [
    "CES", "LINEAR", "LOGIT", "MIXED", "NESTED", "Market", "conditions", "cost_slopes", "implied_cost", "newton",
    "quantity_slopes", "shares", "solve_in_place",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LOGIT, NESTED, CES, LINEAR, MIXED = 0, 1, 2, 3, 4
"""The last is for buyers who differ: nothing in here knows it, `mixed` does."""


class Market(NamedTuple):
    """One market of J products, all but its costs."""

    kind: int  # LOGIT, NESTED, CES or LINEAR
    slope: float  # price coefficient a < 0 (LOGIT), alpha < 0 (NESTED), elasticity of substitution e > 1 (CES)
    outside: float  # 1 where buyers may buy none of the products, 0 where they must
    size: float  # buyers a year; their spending for CES; 1 for LINEAR
    taste: Floats  # (J,) mean utility at a price of nothing (at a price of one for CES); intercept A for LINEAR
    nest: Ints  # (J,) number of the nest, from 0
    nesting: Floats  # (J,) correlation within the nest, g
    kept: Floats  # (J,) r: what the seller keeps of a consumer's price
    sold: Flags  # (J,) whether the product is there at all
    H: Floats  # (J, J) weight that whoever prices j puts on the profit of k, over its weight on j
    B: Floats  # (J, J) LINEAR: q = A - B p; empty otherwise


CLOSE = 1e-10
"""Relative to the largest price: below this, one more Newton step ends at the rounding error."""
DONE, NOTHING = 1e-12, 1e-13
"""The first after a step, the second where prices are an equilibrium from the start and stay what they are."""


@compiled
def shares(x: Market, p: Floats, s: Floats, w: Floats) -> float:
    """Fill `s` and `w`; return the inclusive value ln(outside + sum of the exponents). LINEAR returns 0."""
    taste, sold, B = x.taste, x.sold, x.B
    J = p.size
    if x.kind == LINEAR:
        for j in range(J):
            q = taste[j]
            for k in range(J):
                if sold[k]:
                    q -= B[j, k] * p[k]
            s[j] = q if sold[j] else 0.0
            w[j] = s[j]
        return 0.0
    top = 0.0 if x.outside > 0.0 else -np.inf
    if x.kind == NESTED:
        return _nested(x, p, s, w)
    for j in range(J):
        if sold[j]:
            u = taste[j] + (x.slope * p[j] if x.kind == LOGIT else (1.0 - x.slope) * math.log(p[j]))
            s[j] = u
            top = max(top, u)
    total = x.outside * math.exp(-top) if x.outside > 0.0 else 0.0
    for j in range(J):
        s[j] = math.exp(s[j] - top) if sold[j] else 0.0
        total += s[j]
    for j in range(J):
        s[j] /= total
        w[j] = s[j]
    return top + math.log(total)


@compiled
def _nested(x: Market, p: Floats, s: Floats, w: Floats) -> float:
    """Shares of the nested logit: s[j] = w[j] exp(I[n]) / (outside + sum of exp(I)), I[n] = (1-g) ln D[n]."""
    taste, nest, nesting, sold = x.taste, x.nest, x.nesting, x.sold
    J = p.size
    value = np.full(J, -np.inf)  # I[n]; first the largest exponent of the nest
    total = np.zeros(J)  # D[n], scaled by that
    for j in range(J):
        if sold[j]:
            s[j] = (taste[j] + x.slope * p[j]) / (1.0 - nesting[j])
            value[nest[j]] = max(value[nest[j]], s[j])
    for j in range(J):
        w[j] = math.exp(s[j] - value[nest[j]]) if sold[j] else 0.0
        total[nest[j]] += w[j]
    top = 0.0 if x.outside > 0.0 else -np.inf
    for j in range(J):
        if sold[j]:
            w[j] /= total[nest[j]]
            s[j] = (1.0 - nesting[j]) * (value[nest[j]] + math.log(total[nest[j]]))
            top = max(top, s[j])
    whole = x.outside * math.exp(-top) if x.outside > 0.0 else 0.0
    for j in range(J):
        if sold[j]:
            s[j] = w[j] * math.exp(s[j] - top)  # the nest's exponent, divided over its products
            whole += s[j]
        else:
            s[j] = 0.0
    for j in range(J):
        s[j] /= whole
    return top + math.log(whole)


@compiled
def conditions(
    x: Market, cost: Floats, fixed: Floats, p: Floats, s: Floats, w: Floats, F: Floats, slopes: Floats
) -> float:
    """Fill F and, in `slopes`, its derivatives by prices (by their logarithms for CES). Return the largest |F|."""
    kept, sold, H, B = x.kept, x.sold, x.H, x.B
    J = p.size
    if x.kind == NESTED:
        _nested_conditions(x, cost, p, s, w, F, slopes)
    elif x.kind == LOGIT:
        for j in range(J):
            W = 0.0
            for k in range(J):
                W += H[j, k] * (kept[k] * p[k] - cost[k]) * s[k]
            F[j] = kept[j] / x.slope + kept[j] * p[j] - cost[j] - W
            for k in range(J):
                m = kept[k] * p[k] - cost[k]
                slopes[j, k] = s[k] * (x.slope * W - H[j, k] * (kept[k] + x.slope * m))
            slopes[j, j] += kept[j]
    elif x.kind == CES:
        for j in range(J):
            V = 0.0
            for k in range(J):
                V += H[j, k] * (kept[k] - cost[k] / p[k]) * s[k]
            G = kept[j] - cost[j] / p[j] - (kept[j] + (x.slope - 1.0) * V) / x.slope
            F[j] = p[j] * G
            for k in range(J):
                L = kept[k] - cost[k] / p[k]
                inner = H[j, k] * (cost[k] / p[k] - (x.slope - 1.0) * L) + (x.slope - 1.0) * V
                slopes[j, k] = -p[j] * (x.slope - 1.0) / x.slope * s[k] * inner
            slopes[j, j] += cost[j] + F[j]
    else:
        for j in range(J):
            total = 0.0
            for k in range(J):
                if sold[k]:
                    total += H[j, k] * (kept[k] * p[k] - cost[k]) * B[k, j]
            F[j] = (total - kept[j] * s[j]) / B[j, j]
            for k in range(J):
                slopes[j, k] = (H[j, k] * kept[k] * B[k, j] + kept[j] * B[j, k]) / B[j, j] if sold[k] else 0.0
    worst = 0.0
    for j in range(J):
        if not sold[j] or not math.isnan(fixed[j]):
            F[j] = p[j] - fixed[j] if sold[j] else 0.0
            for k in range(J):
                slopes[j, k] = 0.0
            slopes[j, j] = p[j] if x.kind == CES else 1.0
        if not abs(F[j]) <= worst:
            worst = abs(F[j])
    return worst


@compiled
def _nested_conditions(x: Market, cost: Floats, p: Floats, s: Floats, w: Floats, F: Floats, slopes: Floats) -> None:
    nest, nesting, kept, H = x.nest, x.nesting, x.kept, x.H
    J = p.size
    of_nest = np.empty(J)  # sum over k of nest n: H[j, k] m[k] s[k]
    for j in range(J):
        g, a = nesting[j], x.slope / (1.0 - nesting[j])
        U = W = 0.0
        for k in range(J):
            of_nest[k] = 0.0
        for k in range(J):
            hm = H[j, k] * (kept[k] * p[k] - cost[k])
            W += hm * s[k]
            of_nest[nest[k]] += hm * s[k]
            if nest[k] == nest[j]:
                U += hm * w[k]
        F[j] = kept[j] / a + kept[j] * p[j] - cost[j] - g * U - (1.0 - g) * W
        for k in range(J):
            ak, gk = x.slope / (1.0 - nesting[k]), nesting[k]
            m = kept[k] * p[k] - cost[k]
            own = H[j, k] * (kept[k] + ak * m)
            to_all = s[k] * own - ak * (gk * w[k] * of_nest[nest[k]] + (1.0 - gk) * s[k] * W)
            to_nest = w[k] * (own - ak * U) if nest[k] == nest[j] else 0.0
            slopes[j, k] = -g * to_nest - (1.0 - g) * to_all
        slopes[j, j] += kept[j]


@compiled
def cost_slopes(x: Market, fixed: Floats, p: Floats, s: Floats, w: Floats, slopes: Floats) -> None:
    """Fill `slopes` with the derivatives of F by costs; the row of a product whose price is not free is -1 at itself."""
    nest, nesting, sold, H, B = x.nest, x.nesting, x.sold, x.H, x.B
    J = p.size
    for j in range(J):
        free = sold[j] and math.isnan(fixed[j])
        for k in range(J):
            if not free or not sold[k]:
                slopes[j, k] = 0.0
            elif x.kind == LOGIT:
                slopes[j, k] = H[j, k] * s[k]
            elif x.kind == NESTED:
                within = w[k] if nest[k] == nest[j] else 0.0
                slopes[j, k] = H[j, k] * (nesting[j] * within + (1.0 - nesting[j]) * s[k])
            elif x.kind == CES:
                slopes[j, k] = (x.slope - 1.0) / x.slope * H[j, k] * s[k] * p[j] / p[k]
            else:
                slopes[j, k] = -H[j, k] * B[k, j] / B[j, j]
        if x.kind != LINEAR or not free:
            slopes[j, j] -= 1.0


@compiled
def quantity_slopes(x: Market, p: Floats, s: Floats, w: Floats, slopes: Floats) -> None:
    """Fill `slopes[j, k]` with the derivative of the units of j by the price of k."""
    nest, nesting, sold, B = x.nest, x.nesting, x.sold, x.B
    J = p.size
    for j in range(J):
        for k in range(J):
            own = 1.0 if j == k else 0.0
            if not sold[j] or not sold[k]:
                slopes[j, k] = 0.0
            elif x.kind == LOGIT:
                slopes[j, k] = x.size * x.slope * s[j] * (own - s[k])
            elif x.kind == NESTED:
                g = nesting[k]
                within = g * w[k] if nest[j] == nest[k] else 0.0
                slopes[j, k] = x.size * x.slope / (1.0 - g) * s[j] * (own - within - (1.0 - g) * s[k])
            elif x.kind == CES:
                slopes[j, k] = x.size * s[j] / p[j] * ((x.slope - 1.0) * s[k] - x.slope * own) / p[k]
            else:
                slopes[j, k] = -B[j, k]


@compiled
def solve_in_place(A: Floats, b: Floats) -> bool:
    """b becomes the solution of A x = b, by elimination with partial pivots; A is spoilt. False where A is singular."""
    n = b.size
    for i in range(n):
        pivot = i
        for r in range(i + 1, n):
            if abs(A[r, i]) > abs(A[pivot, i]):
                pivot = r
        if not abs(A[pivot, i]) > 0.0:  # also where it is not a number
            return False
        if pivot != i:
            for c in range(i, n):
                A[i, c], A[pivot, c] = A[pivot, c], A[i, c]
            b[i], b[pivot] = b[pivot], b[i]
        for r in range(i + 1, n):
            f = A[r, i] / A[i, i]
            if f != 0.0:
                for c in range(i + 1, n):
                    A[r, c] -= f * A[i, c]
                b[r] -= f * b[i]
    for i in range(n - 1, -1, -1):
        for c in range(i + 1, n):
            b[i] -= A[i, c] * b[c]
        b[i] /= A[i, i]
    return True


@compiled
def implied_cost(x: Market, fixed: Floats, p: Floats, cost: Floats) -> bool:
    """`cost` becomes that at which p is an equilibrium (F is linear in costs); where a price is not free it stays."""
    sold = x.sold
    J = p.size
    s, w, F, slopes = np.empty(J), np.empty(J), np.empty(J), np.empty((J, J))
    shares(x, p, s, w)
    conditions(x, cost, fixed, p, s, w, F, slopes)
    cost_slopes(x, fixed, p, s, w, slopes)
    for j in range(J):
        if not sold[j] or not math.isnan(fixed[j]):
            F[j] = 0.0
    if not solve_in_place(slopes, F):
        return False
    for j in range(J):
        cost[j] -= F[j]
        if not math.isfinite(cost[j]):
            return False
    return True


@compiled
def newton(x: Market, cost: Floats, fixed: Floats, p: Floats, most: int | np.int64) -> float:
    """Move p to where F is nothing; return the largest |F| left, or infinity where it did not get there.

    A Newton step is cut to what keeps the exponents within e^4, and halved until the largest |F| falls; where no
    part of it helps, the fixed point of Morrow and Skerlos (the margin becomes the best reply's) is stepped to.
    """
    nesting, kept, sold = x.nesting, x.kept, x.sold
    J = p.size
    s, w, F, slopes = np.empty(J), np.empty(J), np.empty(J), np.empty((J, J))
    step, begun, longest = np.empty(J), p.copy(), 1.0 if x.kind == CES else 4.0
    shares(x, p, s, w)
    worst = conditions(x, cost, fixed, p, s, w, F, slopes)
    close = True  # at the rounding error of a step
    scale = 0.0
    for turn in range(most):
        scale = 0.0
        for j in range(J):
            begun[j] = p[j]
            if sold[j]:
                scale = max(scale, abs(p[j]))
        if worst == 0.0 or (close and worst <= (DONE if turn else NOTHING) * scale):
            return worst
        if not math.isfinite(worst):
            return np.inf
        close = worst <= CLOSE * scale
        fixed_point = p.copy()
        for j in range(J):
            step[j] = -F[j]
            if sold[j]:
                fixed_point[j] -= F[j] / kept[j] if math.isnan(fixed[j]) else F[j]
                if x.kind == CES:
                    fixed_point[j] = max(fixed_point[j], 0.3 * p[j])
        length = 1.0 if solve_in_place(slopes, step) else np.nan
        for j in range(J):
            size = abs(step[j]) * (1.0 if x.kind == CES else abs(x.slope) / (1.0 - nesting[j]))
            if x.kind != LINEAR and not length * size <= longest:  # also where it is not a number
                length = longest / size
        now = np.inf
        for halving in range(13):
            last = halving == 12 or not length > 0.0
            for j in range(J):
                if last:
                    p[j] = fixed_point[j]
                elif x.kind == CES:
                    p[j] = begun[j] * math.exp(length * step[j])
                else:
                    p[j] = begun[j] + length * step[j]
            shares(x, p, s, w)
            now = conditions(x, cost, fixed, p, s, w, F, slopes)
            if now < worst or last:
                break
            if close:  # the last step was the best that rounding allows
                for j in range(J):
                    p[j] = begun[j]
                return worst
            length *= 0.5
        worst = now
    return worst if worst <= CLOSE * scale else np.inf
