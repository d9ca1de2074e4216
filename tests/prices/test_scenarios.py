"""Changes of markets: each against arithmetic, or against what must hold whatever the numbers are."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from prices.worlds import drawn

from onshore.prices.calibration import calibrate
from onshore.prices.equilibrium import after, solve
from onshore.prices.kernel import CES, LOGIT, NESTED
from onshore.prices.markets import blocks, pick
from onshore.prices.scenarios import (
    Situation,
    at_rate,
    compare,
    content_rule,
    cost_of_content,
    enter,
    leave,
    levy,
    limit,
    move_cost,
    own,
    replaced,
    room_for_entrants,
    set_prices,
    tax,
)  # fmt: skip
from onshore.prices.surplus import price_indices


def situation(seed: int = 0, count: int = 40, **more: object) -> Situation:
    seen = drawn(seed, count, **more)  # type: ignore[arg-type]
    made = calibrate(seen)
    rng = np.random.default_rng(seed)
    abroad = rng.random(seen.price.size) < 0.5
    duty = np.where(abroad, 0.15, 0.0)
    return Situation(
        made.markets, made.equilibrium, duty, np.where(abroad, made.markets.cost, 0.0), np.where(abroad, 1.0, 0.2),
        np.where(abroad, 0.0, 1.0), seen.price,
    )  # fmt: skip


def test_every_change_by_nothing_changes_nothing_exactly() -> None:
    """A report would show a plan that does nothing as doing something."""
    x = situation(1)
    N = x.begin.size
    nothing = {
        "cost": move_cost(x), "rate": at_rate(x, 1.0), "duty": levy(x, x.duty_share), "tax": tax(x, 1 / x.markets.kept - 1),
        "limit": limit(x, np.full(N, np.inf)), "own": own(x, x.markets.H.copy()), "prices": set_prices(x, np.full(N, np.nan)),
        "leave": leave(x, np.zeros(N, bool)), "replaced": replaced(x, np.zeros(N, bool), np.zeros(N), np.zeros(N), np.zeros(N)),
        "content": content_rule(x, np.ones(N, bool), required=0.5, free=0.6, dispersion=4.0, penalty=0.1),
    }  # fmt: skip
    for name, y in nothing.items():
        change = compare(x, y)
        assert np.array_equal(change.after.price, change.before.price), name
        for gained in (change.buyers, change.home, change.foreign, change.treasury, change.resellers):
            assert (gained == 0).all(), name
        assert (change.indices.fisher == 1).all(), name


def test_room_for_an_entrant_changes_nothing_before_it_comes() -> None:
    x = situation(2, kinds=(LOGIT, NESTED, CES))
    wide, at = room_for_entrants(x, np.arange(0, 40, 3))
    old = np.setdiff1d(np.arange(wide.begin.size), at)
    assert np.array_equal(wide.equilibrium.price[old], x.equilibrium.price)
    assert np.isnan(wide.equilibrium.price[at]).all()
    again = compare(wide, wide)
    assert (again.buyers == 0).all()


def test_an_entrant_lowers_prices_and_buyers_gain_variety_too() -> None:
    """In a market with a home brand of its own owner, entry is more competition: no price rises (substitutes, logit)."""
    x = situation(3, kinds=(LOGIT,), ventures=False)
    wide, at = room_for_entrants(x, np.arange(40))
    m = wide.markets
    y = enter(wide, at, cost=np.full(40, 5.0), taste=m.taste[at - 1])
    change = compare(wide, y)
    old = np.setdiff1d(np.arange(wide.begin.size), at)
    assert (change.after.price[old] <= change.before.price[old] * (1 + 1e-12)).all()
    assert (change.gain.variety > 0).all()
    assert (change.gain.prices > 0).all()
    assert change.gain.total == pytest.approx(change.gain.prices + change.gain.variety)
    out = compare(y, leave(y, np.isin(np.arange(wide.begin.size), at)).but(base=y.equilibrium))
    assert out.buyers == pytest.approx(-change.buyers, rel=1e-9)


def test_barring_all_imports_raises_prices_of_who_stays() -> None:
    """With a seller for each brand: who stays has lost rivals and nothing else."""
    x = situation(4, kinds=(LOGIT,), ventures=False)
    x = own(x, blocks([np.eye(J) for J in x.markets.counts]))
    abroad = x.duty_share > 0
    some = x.markets.total((~abroad).astype(float)) > 0
    both = some & (x.markets.total(abroad.astype(float)) > 0)
    change = compare(x, leave(x, abroad & both[x.markets.market]))
    stay = ~abroad & both[x.markets.market]
    assert (change.after.price[stay] >= change.before.price[stay] * (1 - 1e-12)).all()
    assert (change.buyers[both] < 0).all()
    assert (change.treasury[both] < 0).all()


def test_duty_by_hand() -> None:
    """Landed with 15 % duty at 11.5 a unit is 10 abroad; at 5 % it is 10.5, so the cost falls by 1."""
    x = situation(0, 1, kinds=(LOGIT,), products=(1, 1))
    x = x.but(duty_share=np.array([0.15]), dutiable=np.array([11.5]))
    y = levy(x, np.array([0.05]))
    assert y.markets.cost == pytest.approx(x.markets.cost - 1.0)
    assert y.duty == pytest.approx([0.5])
    assert x.duty == pytest.approx([1.5])
    assert y.treasury == pytest.approx(0.5 * y.equilibrium.units)


def test_rate_and_replacement_by_hand() -> None:
    """A dollar dearer by a fifth raises the foreign half of a cost; a home part at 6 for half of one landed at 10 saves 2."""
    x = situation(0, 1, kinds=(LOGIT,), products=(1, 1)).but(currency_share=np.array([0.5]), dutiable=np.array([10.0]))
    assert at_rate(x, 1.2).markets.cost == pytest.approx(1.1 * x.markets.cost)
    y = replaced(x, np.array([True]), np.array([10.0]), np.array([6.0]), np.array([0.5]))
    assert y.markets.cost == pytest.approx(x.markets.cost - 2)
    assert y.dutiable == pytest.approx([5.0])


def test_tax_falls_on_both_sides_by_the_logit_of_one_seller() -> None:
    """One seller, logit: with r the share it keeps, r/a + (r p - c)(1 - s) = 0 must hold at the new price."""
    x = situation(0, 1, kinds=(LOGIT,), products=(1, 1), tax=False)
    y = tax(x, np.array([0.25]))
    p, s = y.equilibrium.price[0], y.equilibrium.share[0]
    r, c, a = 0.8, y.markets.cost[0], y.markets.slope[0]
    assert r / a + (r * p - c) * (1 - s) == pytest.approx(0, abs=1e-12)
    assert y.treasury[0] == pytest.approx(0.2 * p * y.equilibrium.units[0] + y.duty[0] * y.equilibrium.units[0])


def test_money_adds_up_where_costs_are_all_there_is() -> None:
    """A small change of cost: buyers, owners and treasury together gain what production saves, and what more of it is worth."""
    x = situation(5, 30, kinds=(LOGIT, NESTED))
    h = 1e-4
    y = move_cost(x, by=-h)
    change = compare(x, y)
    whole = change.buyers + change.home + change.foreign + change.treasury
    before = x.equilibrium
    saved = h * x.markets.total(before.units)
    margin = before.margin + x.duty + (1 - x.markets.kept) * before.price  # what society earns on one unit more
    more = x.markets.total(margin * (change.after.units - before.units))
    assert whole == pytest.approx(saved + more, rel=1e-3)


def test_indices_by_hand_and_in_bounds() -> None:
    x = situation(6, 60, kinds=(LOGIT, NESTED, CES))
    y = move_cost(x, times=np.random.default_rng(0).uniform(0.85, 1.05, x.begin.size))
    change = compare(x, y)
    i, b, a = change.indices, change.before, change.after
    of = slice(0, x.markets.start[1])
    assert i.laspeyres[0] == pytest.approx((a.price[of] @ b.units[of]) / (b.price[of] @ b.units[of]))
    assert i.paasche[0] == pytest.approx((a.price[of] @ a.units[of]) / (b.price[of] @ a.units[of]))
    assert i.fisher == pytest.approx(np.sqrt(i.laspeyres * i.paasche))
    assert (i.exact <= i.laspeyres + 1e-12).all()  # buyers can always buy the old basket
    whole = i.added(np.zeros(60, np.int64), 1)
    assert whole.laspeyres[0] == pytest.approx((a.price @ b.units) / (b.price @ b.units))


def test_the_exact_index_of_ces_is_its_own_formula() -> None:
    """Where nobody can leave: (sum w p'^(1-e) / sum w p^(1-e))^(1/(1-e))."""
    seen = drawn(7, 20, kinds=(CES,))
    seen = replace(
        seen,
        share=seen.share / np.add.reduceat(seen.share, seen.start[:-1])[np.repeat(np.arange(20), np.diff(seen.start))],
    )
    margin = np.full(seen.price.size, np.nan)
    margin[seen.start[:-1]] = 0.4
    made = calibrate(replace(seen, elasticity=np.full(20, np.nan), margin=margin))
    x = made.equilibrium
    ok = made.feasible
    assert ok.sum() > 10
    y = after(x, made.markets.but(cost=made.markets.cost * 0.9))
    i = price_indices(x, y)
    e = made.markets.slope[made.markets.market]
    w = np.exp(made.markets.taste)
    before, later = (made.markets.total(w * p.price ** (1 - e)) for p in (x, y))
    assert i.exact[ok] == pytest.approx(((later / before) ** (1 / (1 - made.markets.slope)))[ok], rel=1e-10)


def test_splitting_what_nobody_links_changes_nothing() -> None:
    """A market solved among others is, to the last bit, the market solved alone."""
    x = situation(8, 6, kinds=(LOGIT,))
    together = x.equilibrium.price
    for m in range(6):
        alone = x.markets.take(np.array([m]))
        found = solve(alone, x.begin[pick(x.markets.start, np.array([m]))])
        assert np.array_equal(found.price, together[x.markets.start[m] : x.markets.start[m + 1]])


def test_content_costs_against_monte_carlo(data: Path) -> None:
    """Sourcing simulated part by part agrees with the closed form to the simulation's own error."""
    found = json.loads((data / "prices" / "parts_reference.json").read_text())["local_content_cost"]
    free = 1.08**4 / (1 + 1.08**4)  # home parts 8 % cheaper on average, theta = 4
    for required, wanted in found.items():
        got = np.log(cost_of_content(float(required), free, 4.0))
        assert got == pytest.approx(wanted["closed_form"], rel=1e-12), required
        assert got == pytest.approx(wanted["monte_carlo"], rel=0.03), required
    assert cost_of_content(0.5, 0.6, 4.0) == 1
