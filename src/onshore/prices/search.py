"""The equilibrium of one market of `kernel`: Newton in as few unknowns as there are, then in prices, then continuation.

In logit, nested logit and CES all products of one owner (in one nest) have the same mark-up, but for tax. So the unknowns are
mark-ups of *cells*, an owner in a nest: often fewer than prices. docs/explanation/prices.md has the equations.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from onshore.blueprint.compiled import compiled
from onshore.prices.kernel import (
    CES,
    CLOSE,
    LINEAR,
    NESTED,
    NOTHING,
    Market,
    implied_cost,
    newton,
    shares,
    solve_in_place,
)

__all__ = ["equilibrium", "markups"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FROM_HERE, ON_THE_WAY = np.int64(30), np.int64(12)
"""Steps of Newton's at most. Not plain integers: Numba compiles a function again for every literal it is called with."""


@compiled
def equilibrium(x: Market, cost: Floats, fixed: Floats, p: Floats) -> tuple[float, bool]:
    """Move p to the equilibrium; return the largest |F| left (infinity: none found) and whether continuation found it.

    Newton in mark-ups from p, then Newton in prices. Where both fail, continuation: from the costs (and set prices) that make p an equilibrium to
    those wanted, in steps that Newton can follow.
    """
    first = p.copy()
    left = np.inf
    if x.kind != LINEAR:
        left = markups(x, cost, fixed, p, 20)
    if not math.isfinite(left):
        for j in range(p.size):
            p[j] = first[j]
        left = newton(x, cost, fixed, p, FROM_HERE)
    if math.isfinite(left):
        return left, False
    for j in range(p.size):
        p[j] = first[j]
    return _continued(x, cost, fixed, p), True


@compiled
def _continued(x: Market, cost: Floats, fixed: Floats, p: Floats) -> float:
    """`equilibrium` by continuation: the largest |F| left, infinity where the steps had to become too small."""
    begun, here, set_here, first = cost.copy(), cost.copy(), fixed.copy(), p.copy()
    done, ahead, left = 0.0, 0.25, np.inf
    if not implied_cost(x, fixed, p, begun):
        return np.inf
    while done < 1.0:
        to = min(1.0, done + ahead)
        for j in range(p.size):
            here[j] = cost[j] if to == 1.0 else begun[j] + to * (cost[j] - begun[j])
            set_here[j] = fixed[j] if to == 1.0 else first[j] + to * (fixed[j] - first[j])
        trial = p.copy()
        left = newton(x, here, set_here, trial, ON_THE_WAY)
        if math.isfinite(left):
            done, ahead = to, min(2.0 * ahead, 0.5)
            for j in range(p.size):
                p[j] = trial[j]
        else:
            ahead *= 0.5
            if ahead < 1e-5:
                return np.inf
    return left


class Cells(NamedTuple):
    """A market by owners and cells; what a Newton step reads and fills. G owners (equal rows of H), N nests, P cells."""

    group: Ints  # (J,) its owner, -1 for what is not sold
    cell: Ints  # (J,) its cell, -1 where its price is not free
    nest: Ints  # (J,) its nest; all 0 but for NESTED
    within: Floats  # (J,) correlation within the nest; 0 but for NESTED
    H: Floats  # (J, G) weight of each owner on the product
    owner: Ints  # (P,) of a cell
    place: Ints  # (P,) nest of a cell
    s: Floats  # (J,)
    w: Floats  # (J,)
    m: Floats  # (J,) margins; m/p for CES
    e: Floats  # (J,) what a mark-up moves p by (ln p for CES)
    U: Floats  # (G, N) sum over a nest of H m w
    W: Floats  # (G,) the same over all with s
    S: Floats  # (N,) shares of nests
    E: Floats  # (P,)
    T: Floats  # (G, P)
    X: Floats  # (P,) mark-ups
    wanted: Floats  # (P,) those that the conditions ask for
    step: Floats  # (P,)
    A: Floats  # (P, P)


@compiled
def _cells(x: Market, fixed: Floats) -> Cells:
    """Number the owners and the cells of a market."""
    J, groups, cells, nests = fixed.size, 0, 0, 1
    weight, sold, nested = x.H, x.sold, x.kind == NESTED
    whole, real = (
        np.empty((6, J), np.int64),
        np.empty((5, J)),
    )  # asking for memory is a good part of a small market's time
    group, cell, nest, first, owner, place = whole[0], whole[1], whole[2], whole[3], whole[4], whole[5]
    within = real[0]
    for j in range(J):
        group[j] = cell[j] = -1
        nest[j], within[j] = 0, 0.0
    for j in range(J):
        if nested:
            nest[j], within[j] = x.nest[j], x.nesting[j]
            nests = max(nests, nest[j] + 1)
        if not sold[j]:
            continue
        for g in range(groups):
            i, same = first[g], True
            for k in range(J):
                if weight[i, k] != weight[j, k]:
                    same = False
                    break
            if same:
                group[j] = g
                break
        if group[j] < 0:
            group[j], first[groups] = groups, j
            groups += 1
        if not math.isnan(fixed[j]):
            continue
        for c in range(cells):
            if owner[c] == group[j] and place[c] == nest[j]:
                cell[j] = c
                break
        if cell[j] < 0:
            owner[cells], place[cells], cell[j] = group[j], nest[j], cells
            cells += 1
    H = np.empty((J, groups))
    for g in range(groups):
        for k in range(J):
            H[k, g] = weight[first[g], k]
    of_cells = np.empty((4, cells))
    return Cells(
        group, cell, nest, within, H, owner[:cells], place[:cells], real[1], real[2], real[3], real[4], np.empty((groups, nests)), np.empty(groups),
        np.ones(nests), of_cells[0], np.empty((groups, cells)), of_cells[1], of_cells[2], of_cells[3], np.empty((cells, cells)),
    )  # fmt: skip


@compiled
def _look(x: Market, cost: Floats, fixed: Floats, p: Floats, of: Cells) -> float:
    """At prices p, fill shares, margins, U, W, S and the mark-ups that are wanted; return the largest |F|."""
    J, groups, nests = p.size, of.W.size, of.S.size
    s, w, m, U, W, S, wanted, H = of.s, of.w, of.m, of.U, of.W, of.S, of.wanted, of.H
    group, cell, nest, within, kept = of.group, of.cell, of.nest, of.within, x.kept
    ces, nested, slope = x.kind == CES, x.kind == NESTED, x.slope
    shares(x, p, s, w)
    for g in range(groups):
        W[g] = 0.0
        for n in range(nests):
            U[g, n] = 0.0
    if nested:
        for n in range(nests):
            S[n] = 0.0
    for k in range(J):
        if group[k] >= 0:
            m[k] = kept[k] - cost[k] / p[k] if ces else kept[k] * p[k] - cost[k]
            n = nest[k]
            if nested:
                S[n] += s[k]
            earned = m[k] * w[k]
            for g in range(groups):
                U[g, n] += H[k, g] * earned
    for g in range(groups):
        for n in range(nests):
            W[g] += S[n] * U[g, n]
    worst = 0.0
    for j in range(J):
        g, c = group[j], cell[j]
        F = 0.0
        if c >= 0:
            wanted[c] = within[j] * U[g, nest[j]] + (1.0 - within[j]) * W[g]
            if ces:
                F = p[j] * (m[j] - (kept[j] + (slope - 1.0) * W[g]) / slope)
            else:
                F = kept[j] * (1.0 - within[j]) / slope + m[j] - wanted[c]
        elif g >= 0:
            F = p[j] - fixed[j]
        if not abs(F) <= worst:
            worst = abs(F)
    return worst


@compiled
def _priced(x: Market, cost: Floats, fixed: Floats, of: Cells, p: Floats) -> bool:
    """Prices at the cells' mark-ups; False where CES has none above nothing."""
    group, cell, within, X, kept, ces, slope = of.group, of.cell, of.within, of.X, x.kept, x.kind == CES, x.slope
    for j in range(p.size):
        c = cell[j]
        if c < 0:
            if group[j] >= 0:
                p[j] = fixed[j]
        elif ces:
            rest = kept[j] - (kept[j] + (slope - 1.0) * X[c]) / slope
            if not (rest > 0.0 and cost[j] > 0.0):
                return False
            p[j] = cost[j] / rest
        else:
            p[j] = (cost[j] + X[c]) / kept[j] - (1.0 - within[j]) / slope
    return True


@compiled
def _step(x: Market, of: Cells) -> float:
    """Fill the Newton step of the mark-ups; return how far the largest exponent moves by it (NaN where there is no step).

    With sums over the free products k of cell l, and a the slope (1 - e for CES), `rise` 1 ((e - 1)/e for CES)::

        E[l] = sum w e       T[g, l] = sum H[g, k] w (rise + a m e) - a E[l] U[g]
        d wanted[c] / d X[l] = g (in its nest) T + (1 - g) S (T + alpha E[l] (U[g] - W[g]))
    """
    ces = x.kind == CES
    rise = (x.slope - 1.0) / x.slope if ces else 1.0
    groups, cells = of.W.size, of.X.size
    E, T, A, step, U, W, S, H, X = of.E, of.T, of.A, of.step, of.U, of.W, of.S, of.H, of.X
    cell, nest, within, owner, place, wanted = of.cell, of.nest, of.within, of.owner, of.place, of.wanted
    kept, w, m, e, nested = x.kept, of.w, of.m, of.e, x.kind == NESTED
    for l in range(cells):
        E[l], step[l] = 0.0, wanted[l] - X[l]
        for g in range(groups):
            T[g, l] = 0.0
    slope = 1.0 - x.slope if ces else x.slope
    for k in range(cell.size):
        l = cell[k]
        if l >= 0:
            e[k] = rise / (kept[k] - m[k]) if ces else 1.0 / kept[k]
            a = slope / (1.0 - within[k])
            E[l] += w[k] * e[k]
            part = w[k] * (rise + a * m[k] * e[k])
            tied = a * w[k] * e[k]
            for g in range(groups):
                T[g, l] += H[k, g] * part - tied * U[g, nest[k]]
    for c in range(cells):
        g, here, alike = owner[c], place[c], 0.0
        if nested:
            for k in range(cell.size):
                if cell[k] == c:
                    alike = within[k]
                    break
        for l in range(cells):
            n = place[l]
            moved = T[g, l]
            if nested:
                moved = (1.0 - alike) * S[n] * (T[g, l] + slope * E[l] * (U[g, n] - W[g]))
                if n == here:
                    moved += alike * T[g, l]
            A[c, l] = (1.0 if c == l else 0.0) - moved
    if not solve_in_place(A, step):
        return np.nan
    size = 0.0
    for k in range(cell.size):
        if cell[k] >= 0:
            moved = abs(step[cell[k]] * e[k]) * (4.0 if ces else abs(x.slope) / (1.0 - within[k]))
            if not moved <= size:
                size = moved
    return size


@compiled
def markups(x: Market, cost: Floats, fixed: Floats, p: Floats, most: int) -> float:
    """As `newton`, in mark-ups: p goes where F is nothing; infinity where that failed, and p is then of no use.

    The first step is one of the fixed point. A Newton step is cut to what keeps exponents within e^4 (prices of CES within
    a factor of e), and halved until the largest |F| falls.
    """
    of = _cells(x, fixed)
    X, wanted, step = of.X, of.wanted, of.step
    worst, scale = _look(x, cost, fixed, p, of), _scale(of, p)
    if worst <= NOTHING * scale:
        return worst
    begun = np.empty(X.size)
    for c in range(begun.size):
        X[c] = wanted[c]
    if not _priced(x, cost, fixed, of, p):
        return np.inf
    worst = _look(x, cost, fixed, p, of)
    for _ in range(most):
        scale = _scale(of, p)
        if worst <= NOTHING * scale:
            return worst
        if not math.isfinite(worst):
            return np.inf
        size = _step(x, of)
        if not math.isfinite(size):
            return np.inf
        length, now = 1.0 if size <= 4.0 else 4.0 / size, np.inf
        for c in range(begun.size):
            begun[c] = X[c]
        for _halving in range(12):
            for c in range(begun.size):
                X[c] = begun[c] + length * step[c]
            if _priced(x, cost, fixed, of, p):
                now = _look(x, cost, fixed, p, of)
            if now < worst or worst <= CLOSE * scale:
                break
            length *= 0.5
        if not now < worst:
            if worst > CLOSE * scale:
                return np.inf
            for c in range(begun.size):  # the last step was the best that rounding allows
                X[c] = begun[c]
            _priced(x, cost, fixed, of, p)
            return worst
        worst = now
    return np.inf


@compiled
def _scale(of: Cells, p: Floats) -> float:
    most, group = 0.0, of.group
    for j in range(p.size):
        if group[j] >= 0:
            most = max(most, abs(p[j]))
    return most
