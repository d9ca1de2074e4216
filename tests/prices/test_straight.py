"""If these fail, a product that comes to or leaves a market of linear demand takes the wrong buyers with it."""

import numpy as np
import pytest
from prices.test_effect import book, brand, effect, market, moves, row
from prices.worlds import drawn

from onshore.prices.calibration import calibrate
from onshore.prices.kernel import LINEAR
from onshore.prices.scenarios import Situation, compare, enter, leave, room_for_entrants
from onshore.prices.straight import drop_prices


def situation(seed: int, count: int = 4) -> Situation:
    seen = drawn(seed, count, kinds=(LINEAR,), ventures=False)
    made, N = calibrate(seen), seen.price.size
    return Situation(made.markets, made.equilibrium, np.zeros(N), np.zeros(N), np.zeros(N), np.ones(N), seen.price)


def pair() -> Situation:
    """Two brands of a linear market: q = A - B p with what the calibration makes of half the buyers outside."""
    return book([market(demand="linear")], [brand("a", units=60.0), brand("b", units=40.0, price=8.0)]).situation


def test_a_brand_that_leaves_by_hand() -> None:
    """Dropping b is what a price does at which nobody buys b: a's demand is then the same line."""
    x = pair()
    B, A, p = x.markets.B.reshape(2, 2), x.markets.taste, x.begin
    gone = leave(x, np.array([False, True]))
    out = (A[1] - B[1, 0] * p[0]) / B[1, 1]  # the price of b at which its last buyer goes, a's being p
    assert gone.markets.taste[0] - gone.markets.B[0] * p[0] == pytest.approx(A[0] - B[0, 0] * p[0] - B[0, 1] * out)
    change = compare(x, gone)
    assert change.buyers[0] < 0
    assert change.gain.variety[0] < 0
    slope, cost = gone.markets.B[0], gone.markets.cost[0]
    assert change.after.price[0] == pytest.approx(
        0.5 * (gone.markets.taste[0] / slope + cost)
    )  # a monopolist on a line


def test_off_its_diagonal_the_inverse_slope_is_one_number_and_drop_prices_lie_above_prices_alike() -> None:
    """K[j, k] = 1/(|a| N s0) and a[j] = p[j] + 1/(|a| s0), from B = |a| N (diag s - s s')."""
    x = pair()
    slope, s0, size = abs(x.markets.slope[0]), 0.5, 200.0
    K = np.linalg.inv(x.markets.B.reshape(2, 2))
    assert K[0, 1] == pytest.approx(1 / (slope * size * s0))
    assert drop_prices(x.markets) - x.begin == pytest.approx(1 / (slope * s0))


def test_who_comes_and_goes_again_was_never_there() -> None:
    """Buyers gain by who comes; when it leaves, prices, units and gains are what they were; a twin of a brand sells as much as it."""
    x = situation(1)
    m = x.markets
    at = m.start[:-1]  # a like brand comes beside the first of each market
    drop = drop_prices(m)[at]
    wide, new = room_for_entrants(x, np.arange(m.count))
    y = enter(wide, new, cost=m.cost[at], taste=drop, kept=m.kept[at])
    change = compare(wide, y)
    assert (change.gain.variety > 0).all()
    assert (change.after.units[new] > 0).all()
    again = leave(y, np.isin(np.arange(wide.begin.size), new))
    back = compare(wide, again)
    sold = wide.markets.sold
    assert back.after.price[sold] == pytest.approx(x.equilibrium.price, rel=1e-9)
    assert back.buyers == pytest.approx(np.zeros(m.count), abs=1e-6 * np.abs(change.buyers).max())


def test_both_readings_of_a_plan_and_what_a_line_cannot_say() -> None:
    """Enter and barred are told; one brand alone cannot tell how close a newcomer is; a newcomer nobody buys is flagged, not sold below nothing."""
    brands = [brand("original", part="lamp"), brand("other"), brand("mine", origin="home", price=8.0)]
    found = effect(book([market(demand="linear")], brands), moves())
    assert set(found.tables["part_prices"]["reading"]) == {"replace", "enter", "barred"}
    assert row(found, "enter")["variety"] > 0
    assert row(found, "enter")["fisher"] < 1
    assert row(found, "barred")["buyers"] < row(found, "enter")["buyers"]
    alone = effect(book([market(demand="linear")], brands[:1]), moves())
    assert set(alone.tables["part_prices"]["reading"]) == {"replace"}
    dear = row(effect(book([market(demand="linear")], brands), moves(home=40.0)), "enter")
    assert (dear["state"], dear["buyers"]) == ("flagged", None)
    assert dear["why"].startswith("a brand would sell less than nothing")
