"""Linear demand as the choice of buyers with quadratic utility, so that products may come and go.

q = A - B p over the products that are sold is what buyers choose whose utility is a'q - q'Kq / 2, K = B^-1 and a = K A, the
price at which a product alone is dropped. A product that leaves takes its row and column of K with it, and the others' demand
becomes (K_SS)^-1 (a_S - p_S). Shubik and Levitan (1980), Market Structure and Behavior; Singh and Vives (1984), RAND 15.

In calibrated markets K is the same off its diagonal, as B is the logit's (Werden and Froeb 1994). So a newcomer is as close to
each product as they are to one another, and its own slope that of a product of mean size (the harmonic mean of theirs).
"""

from __future__ import annotations

import numpy as np

from onshore.prices.kernel import LINEAR
from onshore.prices.markets import Flags, Floats, Ints, Markets

__all__ = ["drop_prices", "surplus", "with_newcomers", "without"]


def drop_prices(x: Markets) -> Floats:
    """(N,) `taste`, and for LINEAR the price a at which a product that is sold is dropped."""
    made = x.taste.copy()
    for m in np.flatnonzero((x.kind == LINEAR) & np.isfinite(x.total(np.where(x.sold, x.taste, 0.0)))).tolist():
        at, A, B = _sold(x, m, x.sold)
        made[at] = np.linalg.solve(B, A)
    return made


def without(x: Markets, where: Flags) -> tuple[Floats, Floats]:
    """`taste` and `B` of the markets once the products `where` are gone from LINEAR ones."""
    taste, every = x.taste.copy(), x.B.copy()
    for m in np.unique(x.market[where & x.sold & (x.kind == LINEAR)[x.market]]).tolist():
        at, A, B = _sold(x, m, x.sold & ~where)
        _put(x, m, at, A, B, taste, every)
    return taste, every


def with_newcomers(x: Markets, at: Ints, drop: Floats) -> tuple[Floats, Floats]:
    """`taste` and `B` of the markets once the products `at`, not sold before, are in; `drop` (E,) is each one's a.

    Raises `ValueError` where one product alone was sold: how close a second would be to it, nothing says.
    """
    taste, every = x.taste.copy(), x.B.copy()
    for j, a in zip(at.tolist(), drop.tolist(), strict=True):
        m = int(x.market[j])
        if x.kind[m] != LINEAR:
            continue
        old, A, B = _sold(x, m, x.sold)
        n = old.size
        if n < 2:
            raise ValueError(f"market {m} is linear with one product: how close a second is to it, nothing says")
        K = np.linalg.inv(B)
        close = float((K.sum() - np.trace(K)) / (n * (n - 1)))
        own = close + n / float((1.0 / (np.diag(K) - close)).sum())
        wide = np.full((n + 1, n + 1), close)
        wide[:n, :n], wide[n, n] = K, own
        made = np.linalg.inv(wide)
        _put(x, m, np.append(old, j), made @ np.append(K @ A, a), made, taste, every)
    return taste, every


def surplus(x: Markets, price: Floats, there: Flags) -> Floats:
    """(M,) what LINEAR buyers gain by being there, q'Kq / 2 over the products `there` alone; 0 for other demands."""
    made = np.zeros(x.count)
    known = np.isfinite(x.total(np.where(there, price + x.taste, 0.0)))
    for m in np.flatnonzero((x.kind == LINEAR) & known).tolist():
        at, A, B = _sold(x, m, there)
        q = A - B @ price[at]
        made[m] = 0.5 * float(q @ np.linalg.solve(B, q)) if at.size else 0.0
    return made


def _sold(x: Markets, m: int, there: Flags) -> tuple[Ints, Floats, Floats]:
    """Products of market m that are `there` of those sold, with A and B of them alone."""
    a, z = x.start[m], x.start[m + 1]
    B = x.B[x.blocks_b[m] : x.blocks_b[m + 1]].reshape(z - a, z - a)
    now, kept = np.flatnonzero(x.sold[a:z]), np.flatnonzero((x.sold & there)[a:z])
    if now.size == kept.size:
        return kept + a, x.taste[a:z][kept], B[np.ix_(kept, kept)]
    K = np.linalg.inv(B[np.ix_(now, now)])
    drop = K @ x.taste[a:z][now]
    stay = np.isin(now, kept)
    inner = np.linalg.inv(K[np.ix_(stay, stay)])
    return kept + a, inner @ drop[stay], inner


def _put(x: Markets, m: int, at: Ints, A: Floats, B: Floats, taste: Floats, every: Floats) -> None:
    """A and B of the products `at` into the arrays of all; what is not sold has a line of its own that nothing reads."""
    a, z = x.start[m], x.start[m + 1]
    block, here = np.eye(z - a), at - a
    block[np.ix_(here, here)] = B
    every[x.blocks_b[m] : x.blocks_b[m + 1]] = block.ravel()
    taste[a:z] = 0.0
    taste[at] = A
