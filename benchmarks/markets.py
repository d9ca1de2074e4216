"""Part markets: a hundred thousand at once beside a loop over scipy.optimize.root and over pyblp; draws; growth.

    OMP_NUM_THREADS=1 PYTHONPATH=tests python benchmarks/markets.py

One thread, one run, processor seconds; the two-thread row says the clock's. Markets are drawn from a seed: 6 to 14 products, logit,
nested logit and CES, four owners, costs moved by about a tenth. The kernel is compiled before the clock starts.
pyblp (extra `benchmarks`) does logit and nested logit only, so it is timed on those; without it the row is left out.
"""

from __future__ import annotations

import time
import warnings

import numpy as np
from prices.worlds import drawn
from scipy.optimize import root

from onshore.prices import kernel
from onshore.prices.batch import market_at
from onshore.prices.calibration import Calibration, calibrate
from onshore.prices.equilibrium import Equilibrium, solve
from onshore.prices.kernel import CES, LOGIT, NESTED
from onshore.prices.markets import Markets

SEED, COUNT, LOOPED, BY_PYBLP = 1398, 100_000, 600, 200
KINDS = (LOGIT, NESTED, CES)


def world(
    count: int, seed: int = SEED, kinds: tuple[int, ...] = KINDS, products: tuple[int, int] = (6, 14)
) -> tuple[Calibration, Markets]:
    """Calibrated markets, and the same with their costs moved."""
    made = calibrate(drawn(seed, count, kinds=kinds, products=products, ventures=False))
    moved = np.exp(np.random.default_rng(seed).normal(-0.05, 0.1, made.price.size))
    return made, made.markets.but(cost=made.markets.cost * moved)


def clocked(work):
    """What it returns, and processor seconds."""
    began = time.process_time()
    made = work()
    return made, time.process_time() - began


def by_scipy(
    made: Calibration, moved: Markets, count: int, truth: Equilibrium, *, compiled: bool
) -> tuple[float, int, int]:
    """Seconds a market of a loop over `root` (hybr), how many it says failed, how many ended at another point.

    The conditions are written in NumPy, as a user would; `compiled` hands over our own instead.
    """
    failed = wrong = 0
    began = time.process_time()
    for m in range(count):
        x, of = market_at(moved.flat, m), slice(moved.start[m], moved.start[m + 1])
        conditions = _ours(x, moved.cost[of]) if compiled else _in_numpy(x, moved.cost[of])
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                found = root(conditions, made.price[of], method="hybr", tol=1e-12)
            except ValueError:  # a price below nothing
                failed += 1
                continue
        off = np.abs(found.x / truth.price[of] - 1).max()
        failed += not found.success
        wrong += not off < 1e-6
    return (time.process_time() - began) / count, failed, wrong


def _ours(x, cost):
    J = cost.size
    free, s, w, F, slopes = np.full(J, np.nan), np.empty(J), np.empty(J), np.empty(J), np.empty((J, J))

    def conditions(p):
        kernel.shares(x, p, s, w)
        kernel.conditions(x, cost, free, p, s, w, F, slopes)
        return F.copy()

    return conditions


def _in_numpy(x, cost):
    """r q + the sum over k of H m dq/dp, as a textbook has it, over the share."""
    same = x.nest[:, None] == x.nest[None, :]

    def conditions(p):
        if x.kind == CES:
            v = np.exp(x.taste) * p ** (1 - x.slope)
            b = v / (1 + v.sum())
            L = x.kept - cost / p
            return x.kept - x.slope * L + (x.slope - 1) * x.H @ (L * b)
        g = x.nesting
        v = np.exp((x.taste + x.slope * p) / (1 - g))
        D = same @ v
        within, nests = v / D, D ** (1 - g)
        share = within * nests / (1 + (nests * within).sum())
        m = x.kept * p - cost
        a = x.slope / (1 - g)
        slopes = share[:, None] * (np.eye(p.size) - g * same * within[None, :] - (1 - g) * share[None, :]) * a[None, :]
        return x.kept + ((x.H * slopes.T) @ m) / share

    return conditions


def by_pyblp(count: int) -> tuple[float, float, float] | None:
    """Seconds a market of `pyblp.Simulation.replace_endogenous` at its default, ours, and the largest relative difference."""
    try:
        import pyblp
    except ImportError:
        return None
    pyblp.options.verbose = False
    made, moved = world(count, kinds=(LOGIT,))
    ours, mine = clocked(lambda: solve(moved, made.price, check=False))
    difference = spent = 0.0
    for m in range(count):
        of = slice(moved.start[m], moved.start[m + 1])
        J = moved.counts[m]
        H = moved.H[moved.square[m] : moved.square[m + 1]].reshape(J, J)
        firms = np.argmax(H > 0, axis=1)
        data = {
            "market_ids": np.zeros(J),
            "firm_ids": firms,
            "prices": made.price[of],
            "x": moved.taste[of],
            "c": moved.cost[of],
        }
        began = time.process_time()
        simulation = pyblp.Simulation(
            (pyblp.Formulation("0 + prices + x"), None, pyblp.Formulation("0 + c")), data, beta=[moved.slope[m], 1.0], gamma=[1.0],
            xi=np.zeros(J), omega=np.zeros(J), costs_type="linear",
        )  # fmt: skip
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            found = simulation.replace_endogenous(costs=moved.cost[of], prices=made.price[of])
        spent += time.process_time() - began
        difference = max(difference, float(np.abs(found.product_data.prices.ravel() / ours.price[of] - 1).max()))
    return spent / count, mine / count, difference


def main() -> None:
    world(40)
    solve(world(40)[1], world(40)[0].price)  # compiled now
    made, moved = world(COUNT)
    solved, ours = clocked(lambda: solve(moved, made.price, check=False))
    checked, with_check = clocked(lambda: solve(moved, made.price))
    print(f"{COUNT:,} markets, {made.price.size:,} products, seed {SEED}")
    print(solved.summary())
    print(
        f"Onshore: {ours:.2f} s; with the check of deviations {with_check:.2f} s; firms that would move alone in {int(checked.tempted.sum())}"
    )
    began = time.perf_counter()
    solve(moved, made.price, check=False)
    one = time.perf_counter() - began
    began = time.perf_counter()
    solve(moved, made.price, check=False, threads=2)
    print(f"clock: one thread {one:.2f} s, two {time.perf_counter() - began:.2f} s")
    for compiled, words in ((False, "conditions in NumPy"), (True, "our compiled conditions")):
        each, failed, wrong = by_scipy(made, moved, LOOPED, solved, compiled=compiled)
        print(
            f"scipy.optimize.root, {words}, {LOOPED} markets: {1e6 * each:,.0f} us a market, {each * COUNT / ours:,.0f} times ours; "
            f"{failed} reported failure, {wrong} ended elsewhere"
        )  # fmt: skip
    beside = by_pyblp(BY_PYBLP)
    if beside is None:
        print("pyblp is not installed: pip install 'onshore[benchmarks]'")
    else:
        theirs, mine, off = beside
        print(
            f"pyblp {BY_PYBLP} logit markets: {1e6 * theirs:,.0f} us a market, {theirs / mine:,.0f} times ours, up to {off:.1e} apart"
        )

    draws, count = 50, 2000
    base = drawn(SEED, count, kinds=KINDS, products=(6, 14), ventures=False)
    rng = np.random.default_rng(SEED)
    began, states = time.process_time(), np.zeros(3, int)
    negative = 0
    for _ in range(draws):
        elasticity = base.elasticity * np.exp(rng.normal(0, 0.25, count))
        drawn_once = calibrate(type(base)(**{**base.__dict__, "elasticity": elasticity}))
        cost = drawn_once.markets.cost * np.exp(rng.normal(-0.05, 0.1, base.price.size))
        found = solve(drawn_once.markets.but(cost=cost), base.price, check=False, skip=~drawn_once.feasible)
        states += np.bincount(found.state, minlength=3)
        negative += int(found.markets.total(drawn_once.negative_cost.astype(float)).astype(bool).sum())
    spent = time.process_time() - began
    print(
        f"Monte Carlo with recalibration: {draws * count:,} equilibria in {spent:.2f} s, {draws * count / spent:,.0f} a second; "
        f"{states[0]} solved, {states[1]} rescued, {states[2]} flagged, {negative} with a negative cost"
    )  # fmt: skip

    print("growth: markets of 6 to 14 products, microseconds a market")
    for size in (1_000, 10_000, 100_000):
        a, b = world(size)
        _, spent = clocked(lambda a=a, b=b: solve(b, a.price, check=False))
        print(f"  {size:>8,} markets {1e6 * spent / size:8.1f}")
    print("growth: 1,000 markets, by products in each")
    for size in (2, 5, 10, 20, 40):
        a, b = world(1_000, products=(size, size))
        _, spent = clocked(lambda a=a, b=b: solve(b, a.price, check=False))
        print(f"  {size:>8} products {1e3 * spent:8.1f}")


if __name__ == "__main__":
    main()
