"""What must hold of every equilibrium, whoever computed it.

Each test says what breaks if it fails. Markets come from seeds (`worlds`); derivatives are held against differences, equilibria
against the definition: no firm does better by moving alone.
"""

import numpy as np
import pytest
from prices.worlds import EVERY, drawn

from onshore.prices import kernel
from onshore.prices.batch import market_at
from onshore.prices.calibration import REASONS, calibrate
from onshore.prices.equilibrium import Equilibrium, after, demand_at, solve
from onshore.prices.kernel import CES, LINEAR, LOGIT, NESTED, newton
from onshore.prices.markets import Markets, pick
from onshore.prices.search import markups

SEEDS = range(4)
NAMES = {LOGIT: "logit", NESTED: "nested", CES: "ces", LINEAR: "linear"}


def world(seed: int, count: int = 60, **more: object) -> Equilibrium:
    made = calibrate(drawn(seed, count, **more))  # type: ignore[arg-type]
    assert made.feasible.all()
    return made.equilibrium


def costs_moved(markets: Markets, seed: int, spread: float = 0.1) -> Markets:
    return markets.but(cost=markets.cost * np.exp(np.random.default_rng(seed).normal(-0.05, spread, markets.cost.size)))


@pytest.mark.parametrize("kind", EVERY, ids=NAMES.get)
def test_derivatives_equal_differences(kind: int) -> None:
    """A wrong Jacobian makes Newton slow or lost, and pass-through wrong without a sound."""
    found = world(1, 12, kinds=(kind,), tax=True)
    for m in range(12):
        x, of = market_at(found.markets.flat, m), slice(found.markets.start[m], found.markets.start[m + 1])
        p0, cost = found.price[of] * 1.07, found.markets.cost[of]
        J, free = p0.size, np.full(p0.size, np.nan)

        def conditions(p, c, x=x, J=J, free=free):
            s, w, F, by_price, by_cost, by_units = np.empty(J), np.empty(J), np.empty(J), *np.empty((3, J, J))
            kernel.shares(x, p, s, w)
            kernel.conditions(x, c, free, p, s, w, F, by_price)
            kernel.cost_slopes(x, free, p, s, w, by_cost)
            kernel.quantity_slopes(x, p, s, w, by_units)
            units = x.size * s / p if x.kind == CES else (s if x.kind == LINEAR else x.size * s)
            return F, units, by_price, by_cost, by_units

        _, _, by_price, by_cost, by_units = conditions(p0, cost)
        if kind == CES:
            by_price = by_price / p0[None, :]  # the kernel's are by logarithms
        for k in range(J):
            h = 1e-6 * p0[k]
            step = np.eye(J)[k] * h
            up, down = conditions(p0 + step, cost), conditions(p0 - step, cost)
            assert by_price[:, k] == pytest.approx((up[0] - down[0]) / (2 * h), rel=2e-6, abs=2e-6)
            assert by_units[:, k] == pytest.approx(
                (up[1] - down[1]) / (2 * h), rel=2e-6, abs=2e-6 * np.abs(by_units).max()
            )
            up, down = conditions(p0, cost + step), conditions(p0, cost - step)
            assert by_cost[:, k] == pytest.approx((up[0] - down[0]) / (2 * h), rel=2e-6, abs=2e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_observed_prices_come_back(seed: int) -> None:
    """Calibration and equilibrium disagree about the first-order condition."""
    seen = drawn(seed, 200, tax=True)
    made = calibrate(seen)
    found = solve(made.markets, seen.price * np.random.default_rng(seed).uniform(0.9, 1.2, seen.price.size))
    assert found.price == pytest.approx(seen.price, rel=1e-11)
    assert (found.residual <= 1e-11 * np.maximum.reduceat(seen.price, seen.start[:-1])).all()
    of_linear = (seen.kind == LINEAR)[found.markets.market]
    assert found.share[~of_linear] == pytest.approx(seen.share[~of_linear], rel=1e-9)
    assert found.units[of_linear] == pytest.approx((seen.size[found.markets.market] * seen.share)[of_linear], rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_elasticity_asked_for_is_that_of_the_market(seed: int) -> None:
    """The one number that a user gives means something else than the page says."""
    seen = drawn(seed, 60)
    made = calibrate(seen)
    units = [
        made.markets.total(made.markets.units(demand_at(made.markets, seen.price * f)[0], seen.price * f))
        for f in (1 - 1e-6, 1 + 1e-6)
    ]
    slope = (np.log(units[1]) - np.log(units[0])) / (np.log1p(1e-6) - np.log1p(-1e-6))
    assert -slope == pytest.approx(seen.elasticity, rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_margin_does_as_well_as_the_elasticity(seed: int) -> None:
    """A margin given by the user is not the margin of the market that comes out."""
    seen = drawn(seed, 60, tax=True)
    by_elasticity = calibrate(seen)
    margin = np.full(seen.price.size, np.nan)
    one = seen.start[:-1]
    margin[one] = (1 - by_elasticity.markets.cost / (seen.kept * seen.price))[one]
    usable = (margin[one] > 0) & (margin[one] < 1)
    by_margin = calibrate(_but(seen, elasticity=np.full(60, np.nan), margin=margin))
    assert (by_margin.reason[~usable] == 7).all()
    assert usable.sum() > 40
    assert by_margin.feasible[usable].all()
    assert by_margin.markets.slope[usable] == pytest.approx(by_elasticity.markets.slope[usable], rel=1e-9)


def test_nothing_changed_changes_nothing_exactly() -> None:
    """A scenario without a change would print a change of 1e-16."""
    before = world(2)
    same = after(before, before.markets.but(cost=before.markets.cost.copy()))
    for name in ("price", "share", "rent", "residual", "state", "gain"):
        assert np.array_equal(getattr(same, name), getattr(before, name), equal_nan=True), name
    cost = before.markets.cost.copy()
    cost[0] *= 0.9  # one market changes: the others must not, to the last bit
    one = after(before, before.markets.but(cost=cost))
    rest = slice(before.markets.start[1], None)
    assert np.array_equal(one.price[rest], before.price[rest])
    assert one.price[0] < before.price[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_raising_one_cost_raises_its_own_price(seed: int) -> None:
    before = world(seed)
    cost = before.markets.cost.copy()
    one = before.markets.start[:-1]
    cost[one] += 0.05 * before.price[one]
    made = after(before, before.markets.but(cost=cost))
    assert made.ok.all()
    assert (made.price[one] > before.price[one]).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_doubling_money_doubles_prices(seed: int) -> None:
    """Something in the kernel has a scale of its own: a tolerance, a limit on steps, a guess."""
    seen = drawn(seed, 60, tax=True)
    once, twice = (
        calibrate(seen),
        calibrate(_but(seen, price=2 * seen.price, size=np.where(seen.kind == CES, 2, 1) * seen.size)),
    )
    changed = [costs_moved(c.markets, 9) for c in (once, twice)]
    logit = seen.kind != CES
    assert changed[1].slope[logit] == pytest.approx(changed[0].slope[logit] / 2, rel=1e-12)
    found = [solve(m, c.price) for m, c in zip(changed, (once, twice), strict=True)]
    assert found[1].price == pytest.approx(2 * found[0].price, rel=1e-11)
    assert found[1].units == pytest.approx(found[0].units, rel=1e-9)


def test_a_market_does_not_know_its_neighbours() -> None:
    """Positions leak: markets solved together differ from markets solved alone, or in another order."""
    markets = costs_moved(world(3).markets, 5)
    begin = world(3).price
    whole = solve(markets, begin)
    order = np.random.default_rng(0).permutation(markets.count)
    shuffled = solve(markets.take(order), begin[pick(markets.start, order)])
    assert np.array_equal(shuffled.price, whole.price[pick(markets.start, order)])
    threads = solve(markets, begin, threads=2)
    assert np.array_equal(threads.price, whole.price)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_merger_of_all_owners_never_lowers_prices(seed: int) -> None:
    """Holds where no weight in H exceeds 1, as without cross-holdings."""
    before = world(seed, 80, kinds=(LOGIT, NESTED, LINEAR), ventures=False)
    assert before.markets.H.max() <= 1
    made = after(before, before.markets.but(H=np.ones_like(before.markets.H)))
    done = made.ok & ~made.negative_units
    assert done.mean() > 0.8
    assert (made.price >= before.price * (1 - 1e-12))[done[made.markets.market]].all()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_firm_does_better_alone(seed: int) -> None:
    """By brute force over a fine grid of one product's prices: the definition, not the first-order condition."""
    found = world(seed, 12, kinds=(LOGIT, NESTED, CES), tax=True)
    x = found.markets
    assert not found.tempted.any()
    for m in range(x.count):
        of = slice(x.start[m], x.start[m + 1])
        one = x.take(np.array([m]))
        H = one.H.reshape(one.cost.size, -1)
        for j in range(one.cost.size):
            for times in (0.5, 0.8, 0.95, 1.05, 1.3, 2.0, 5.0):
                p = found.price[of].copy()
                p[j] *= times
                units = one.units(demand_at(one, p)[0], p)
                here = H[j] @ (found.profit[of])
                assert H[j] @ ((one.kept * p - one.cost) * units) <= here + 1e-9 * abs(here)


def test_a_lure_away_from_the_conditions_is_told() -> None:
    """First-order conditions hold in a market with a venture, and one firm would still do better far away: `gain` must say so."""
    seen = drawn(256, 100, kinds=(LOGIT, NESTED, CES))
    found = calibrate(seen).equilibrium
    (m,) = np.flatnonzero(found.tempted)
    x, of = found.markets.take(np.array([m])), slice(seen.start[m], seen.start[m + 1])
    J, best = x.cost.size, 0.0
    H = x.H.reshape(J, J)
    assert H.max() > 1
    for j in range(J):
        here = H[j] @ found.profit[of]
        for times in np.geomspace(0.4, 6, 200):
            p = found.price[of].copy()
            p[j] *= times
            best = max(best, H[j] @ ((x.kept * p - x.cost) * x.units(demand_at(x, p)[0], p)) / here - 1)
    assert best > 1e-3
    assert found.gain[m] == pytest.approx(best, rel=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_pass_through_equals_a_small_change(seed: int) -> None:
    before = world(seed, 30, tax=True)
    own, common = before.pass_through
    h = 1e-5 * before.price.min()
    lifted = solve(before.markets.but(cost=before.markets.cost + h), before.price)
    lowered = solve(before.markets.but(cost=before.markets.cost - h), before.price)
    assert common == pytest.approx((lifted.price - lowered.price) / (2 * h), rel=1e-4, abs=1e-5)
    one = before.markets.start[:-1]
    step = np.zeros_like(before.price)
    step[one] = h
    up, down = (solve(before.markets.but(cost=before.markets.cost + sign * step), before.price) for sign in (1, -1))
    assert own[one] == pytest.approx(((up.price - down.price) / (2 * h))[one], rel=1e-4, abs=1e-5)


def test_logit_single_product_pass_through_by_hand() -> None:
    """One firm, one product, logit: dp/dc = 1 - s, from r/a + m(1-s) = 0."""
    seen = drawn(0, 1, kinds=(LOGIT,), products=(1, 1))
    found = calibrate(seen).equilibrium
    assert found.pass_through[0] == pytest.approx(1 - seen.share, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_full_capacity_is_kept_and_worth_its_rent(seed: int) -> None:
    """More is sold than can be made; or a rent is charged where there is room."""
    before = world(seed, 60)
    capacity = np.full(before.price.size, np.inf)
    some = np.random.default_rng(seed).random(before.price.size) < 0.5
    capacity[some] = before.units[some] * np.random.default_rng(seed + 1).uniform(0.6, 1.3, some.sum())
    made = after(before, before.markets.but(capacity=capacity))
    assert made.ok.all()
    assert (made.units[some] <= capacity[some] * (1 + 1e-8)).all()
    assert (made.rent >= 0).all()
    room = some & (made.units < capacity * (1 - 1e-8))
    assert (made.rent[room] == 0).all()
    assert (made.rent[~some] == 0).all()
    tight = some & (capacity < 0.9 * before.units)
    assert (made.price[tight] > before.price[tight]).mean() > 0.9


def test_a_set_price_is_rationed_by_a_parallel_price() -> None:
    """Demand at the list price exceeds what is made: buyers pay the list and a rent that clears the market."""
    seen = drawn(0, 1, kinds=(LOGIT,), products=(1, 1))
    seen = _but(
        seen,
        listed=drawn(0, 1, kinds=(LOGIT,), products=(1, 1)).price,
        margin=np.array([0.1]),
        share=np.array([0.5]),
        elasticity=np.array([1.0]),
    )
    made = calibrate(seen)
    before = made.equilibrium
    assert before.price[0] == seen.price[0]
    assert before.margin[0] == pytest.approx(0.1 * seen.price[0])
    short = after(before, made.markets.but(capacity=np.array([0.4 * seen.size[0]])))
    # logit by hand: ln(s/(1-s)) falls from ln(1) to ln(0.4/0.6), by slope times the rent
    assert short.rent[0] == pytest.approx(np.log(0.4 / 0.6) / made.markets.slope[0], rel=1e-8)
    assert short.price[0] == pytest.approx(seen.price[0] + short.rent[0], rel=1e-12)
    assert short.margin[0] == pytest.approx(before.margin[0])  # the rent is not the seller's


def test_a_rationed_price_is_taken_as_it_is_seen() -> None:
    """The list says 6, buyers pay 8, and all that is made is sold: the rent of 2 must be the equilibrium's own."""
    seen = drawn(0, 3, kinds=(LOGIT,), products=(2, 4))
    listed = np.full(seen.price.size, np.nan)
    listed[0] = 0.75 * seen.price[0]
    short = np.full(seen.price.size, np.inf)
    margin = np.where(np.isnan(listed), np.nan, 0.1)
    lacking = calibrate(_but(seen, listed=listed, margin=margin))
    assert lacking.reason.tolist() == [12, 0, 0]
    short[0] = (seen.size[0] * seen.share)[0]
    found = calibrate(_but(seen, listed=listed, margin=margin, capacity=short)).equilibrium
    assert found.rent[0] == pytest.approx(0.25 * seen.price[0], rel=1e-7)
    assert found.price == pytest.approx(seen.price, rel=1e-7)
    assert found.margin[0] == pytest.approx(0.1 * listed[0])


def test_continuation_rescues_what_newton_loses() -> None:
    """From an absurd start Newton fails in many markets, and continuation must find every one of them.

    Without ventures: whoever controls one with H > 1 may want its price beyond every bound, and then there is nothing to find.
    """
    before = world(7, 400, kinds=(LOGIT, NESTED, CES), ventures=False)
    far = costs_moved(before.markets, 3, spread=1.5)
    made = solve(far, before.price)
    counts = made.as_dict()
    assert counts["solved"] + counts["rescued"] + counts["flagged"] == 400
    assert counts["rescued"] > 0
    assert counts["flagged"] == 0
    assert (made.residual <= 1e-10 * np.maximum.reduceat(made.price, far.start[:-1])).all()


def test_infeasible_markets_are_flagged_with_their_reason() -> None:
    """One market for each reason that observations alone can show; all the others must come through untouched."""
    seen = drawn(4, 12, kinds=(LOGIT,), products=(3, 3))
    price, share, margin = seen.price.copy(), seen.share.copy(), seen.margin.copy()
    elasticity, nesting, listed = seen.elasticity.copy(), seen.nesting.copy(), seen.listed.copy()
    price[0] = 0
    share[3] = np.nan
    share[6:9] = 0.5
    elasticity[3] = np.nan
    share[12:15] = 1 / 3
    elasticity[5] = -1
    elasticity[6], margin[18] = np.nan, 1.2
    listed[21] = price[21]
    nesting[24] = 0.3
    made = calibrate(
        _but(seen, price=price, share=share, margin=margin, elasticity=elasticity, nesting=nesting, listed=listed)
    )
    assert made.reason.tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 10, 0, 0, 0]
    assert made.why(4).startswith("nobody can leave")
    assert len(REASONS) == 15
    found = made.equilibrium
    assert found.as_dict() == {"markets": 12, "solved": 3, "rescued": 0, "flagged": 9, "tempted": 0}
    assert np.isnan(found.price[:27]).all()
    assert found.price[27:] == pytest.approx(seen.price[27:])


def test_a_negative_cost_is_reported_not_dropped() -> None:
    seen = drawn(0, 1, kinds=(LOGIT,), products=(1, 1))
    made = calibrate(_but(seen, elasticity=np.array([0.05])))  # hardly anybody leaves: the margin exceeds the price
    assert made.feasible.all()
    assert made.negative_cost.all()
    assert made.equilibrium.ok.all()


def _but(seen, **changed):
    from dataclasses import replace

    return replace(seen, **changed)


@pytest.mark.parametrize("kind", [LOGIT, NESTED, CES])
def test_mark_ups_and_prices_lead_to_the_same_place(kind: int) -> None:
    """Two ways of solving, of which the second owes nothing to equal mark-ups: owners in parts, taxes, and a price that is set."""
    made = calibrate(drawn(7, 25, kinds=(kind,), tax=True))
    x, agreed = made.markets, 0
    for m in range(x.count):
        at = slice(x.start[m], x.start[m + 1])
        market, cost, fixed = market_at(x.flat, m), x.cost[at] * np.linspace(0.8, 1.1, x.counts[m]), x.fixed[at].copy()
        fixed[-1] = made.price[at][-1] * 1.05
        one, other = made.price[at].copy(), made.price[at].copy()
        left, theirs = markups(market, cost, fixed, one, 20), newton(market, cost, fixed, other, 30)
        if np.isfinite(left) and np.isfinite(theirs):
            assert one == pytest.approx(other, rel=1e-10)
            assert one[-1] == fixed[-1]
            agreed += 1
    assert agreed > 20
