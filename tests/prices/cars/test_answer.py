"""If these fail, prices after a change are no equilibrium, or what is doubtful about them is not said."""

import numpy as np
import polars as pl
import pytest
from prices.cars.worlds import calibrated, costs, differing, logit
from scipy.special import lambertw

from onshore.errors import InputError
from onshore.prices.cars import calibrate_cars, car_prices
from onshore.prices.cars import equilibrium as eq


def closed_form(alpha: float, deltas: list[float], cost: float) -> float:
    """Price of a monopolist in logit whose models cost the same: (p - c) a = 1 + W(sum exp(delta - a c - 1))."""
    a = -alpha
    return cost + (1 + lambertw(sum(np.exp(d - a * cost - 1) for d in deltas)).real) / a


def test_a_cheaper_monopolist_by_hand():
    """The price has a closed form with Lambert's W; profit, surplus and index follow."""
    markets = calibrate_cars(*logit({"a": 0.3, "b": 0.3}, ["x", "x"]))
    found = car_prices(markets, costs(markets, pl.col("cost") - 1))
    before = markets.products["cost"][0]
    price = closed_form(-0.5, markets.products["delta"].to_list(), before - 1)
    assert found.products["price"].to_list() == pytest.approx([price, price], rel=1e-11)
    share = 1 - 1 / (0.5 * (price - before + 1))
    row = found.markets.row(0, named=True)
    assert row["share"] == pytest.approx(share, rel=1e-10)
    assert row["profit"] == pytest.approx(share * (price - before + 1), rel=1e-10)
    assert row["consumer_surplus"] == pytest.approx(-np.log(1 - share) / 0.5, rel=1e-10)
    assert row["price_index"] == pytest.approx(price / 10, rel=1e-10)
    assert found.products["pass_through"][0] == pytest.approx(10 - price, rel=1e-10)
    assert row["status"] == "solved"
    assert row["deviations"] == 0


def test_a_merger_by_hand():
    """Two rivals become one owner of two: the same closed form, above the duopoly's price."""
    markets = calibrate_cars(*logit({"a": 0.2, "b": 0.2}, ["x", "y"]))
    found = car_prices(markets, pl.DataFrame({"market": ["m"], "product": ["b"], "firm": ["x"]}))
    price = closed_form(-0.5, markets.products["delta"].to_list(), markets.products["cost"][0])
    assert price > 10
    assert found.products["price"].to_list() == pytest.approx([price, price], rel=1e-11)
    assert found.products["firm"].to_list() == ["x", "x"]


def test_a_tax_is_a_dearer_world():
    """A tax of 25 % on the seller's price: the buyer's price is 1.25 times that of a maker whose buyers mind 1.25 times."""
    markets = calibrate_cars(*logit({"a": 0.3}, ["x"]))
    found = car_prices(markets, pl.DataFrame({"market": ["m"], "product": ["a"], "tax_share": [0.25]}))
    delta, cost = markets.products["delta"][0], markets.products["cost"][0]
    price = 1.25 * closed_form(-0.5 * 1.25, [delta], cost)
    row = found.products.row(0, named=True)
    assert row["price"] == pytest.approx(price, rel=1e-11)
    assert row["tax"] == pytest.approx(row["share"] * price * 0.2, rel=1e-12)
    assert row["tax_before"] == 0.0


@pytest.mark.parametrize("seed", range(3))
def test_nothing_changed_changes_nothing(seed):
    """Exactly, whether costs are left out or given as they are; and one market's change leaves the other as it is."""
    markets = calibrated(seed)
    for changes in (markets.products.select("market", "product"), costs(markets, pl.col("cost"))):
        found = car_prices(markets, changes)
        assert (found.products["price"] == found.products["price_before"]).all()
        for name in ("share", "profit", "consumer_surplus"):
            assert (found.markets[name] == found.markets[f"{name}_before"]).all()
        assert (found.markets["price_index"] == 1).all()
        assert (found.markets["status"] == "unchanged").all()
    one = car_prices(markets, costs(markets, pl.col("cost") * 0.9).filter(pl.col("market") == "m0"))
    assert one.markets["status"].to_list() == ["solved", "unchanged"]
    other = one.products.filter(pl.col("market") == "m1")
    assert (other["price"] == other["price_before"]).all()


@pytest.mark.parametrize("seed", range(4))
def test_raising_one_cost_raises_its_price(seed):
    """For every model in turn."""
    markets = calibrated(seed, markets=1)
    for name in markets.products["product"]:
        dearer = costs(markets, pl.col("cost") + 0.5).filter(pl.col("product") == name)
        found = car_prices(markets, dearer, look_for_deviations=False).products.filter(pl.col("product") == name)
        assert found["price"][0] > found["price_before"][0]


@pytest.mark.parametrize("seed", range(4))
def test_a_merger_of_all_never_lowers_a_price(seed):
    """One owner of everything: every price as high or higher, every buyer no better off."""
    markets = calibrated(seed)
    found = car_prices(markets, markets.products.select("market", "product", firm=pl.lit("firm0")))
    assert (found.products["price"] >= found.products["price_before"] - 1e-10).all()
    assert (found.markets["consumer_surplus"] <= found.markets["consumer_surplus_before"]).all()
    assert (found.markets["profit"] >= found.markets["profit_before"]).all()


@pytest.mark.parametrize("seed", range(3))
def test_twice_the_money_is_twice_the_price(seed):
    """Money in another unit, and half the taste for it, doubles every amount of money and nothing else."""
    one, two = (calibrated(seed, money=m) for m in (1.0, 2.0))
    first, second = (car_prices(m, costs(m, pl.col("cost") * 0.9)) for m in (one, two))
    assert second.products["cost"].to_numpy() == pytest.approx(2 * first.products["cost"].to_numpy(), rel=1e-11)
    assert second.products["price"].to_numpy() == pytest.approx(2 * first.products["price"].to_numpy(), rel=1e-11)
    assert second.markets["consumer_surplus"].to_numpy() == pytest.approx(
        2 * first.markets["consumer_surplus"].to_numpy(), rel=1e-10
    )
    assert second.products["share"].to_numpy() == pytest.approx(first.products["share"].to_numpy(), rel=1e-10)


@pytest.mark.parametrize("seed", range(3))
def test_slopes_of_the_conditions_are_slopes(seed):
    """Against central differences, away from equilibrium; the cheap diagonal is the matrix's; taxes are in."""
    rng = np.random.default_rng(seed)
    market = calibrated(seed, markets=1).markets[0]
    market = market.changed(market.cost, rng.uniform(0.7, 1.0, len(market.price)), market.firm)
    price, h = market.price * rng.uniform(0.9, 1.1, len(market.price)), 1e-5
    value, slopes = eq.gap_slopes(market, price)
    assert value == pytest.approx(eq.gap(market, price), abs=1e-11)
    assert eq.own_slopes(market, price) == pytest.approx(np.diag(slopes), abs=1e-12)
    for k in range(len(price)):
        e = h * (np.arange(len(price)) == k)
        numeric = (eq.gap(market, price + e) - eq.gap(market, price - e)) / (2 * h)
        assert slopes[:, k] == pytest.approx(numeric, abs=1e-7)


def test_no_differences_between_consumers_is_logit():
    """Consumers who are all alike, however many, give the closed form of one."""
    products, _, tastes = logit({"a": 0.3, "b": 0.2}, ["x", "y"])
    many = pl.DataFrame({"market": "m", "agent": [*"pqrst"], "weight": 0.2})
    one, five = (
        calibrate_cars(products, agents, tastes) for agents in (many[:1].with_columns(weight=pl.lit(1.0)), many)
    )
    first, second = (car_prices(m, costs(m, pl.col("cost") * 0.8)) for m in (one, five))
    assert second.products["price"].to_numpy() == pytest.approx(first.products["price"].to_numpy(), rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_newton_and_pieces_arrive_where_the_fixed_point_does(seed, monkeypatch):
    """The fallbacks give the same prices, and say so: solved, rescued and unsolved are told apart and add up."""
    markets = calibrated(seed, markets=1)
    market = markets.markets[0]
    after = market.changed(market.cost * 0.9, market.kept, market.firm)
    plain = eq.equilibrium(after, market.price)
    pieces, _ = eq._by_pieces(market, after, market.price, eq.TOLERANCE)
    assert pieces == pytest.approx(plain.price, rel=1e-10)
    monkeypatch.setattr(eq, "EVALUATIONS", 2)
    rescued = eq.equilibrium(after, market.price)
    assert (plain.status, rescued.status) == ("solved", "rescued")
    assert rescued.price == pytest.approx(plain.price, rel=1e-10)
    monkeypatch.setattr(eq, "NEWTON_STEPS", 0)
    found = car_prices(markets, costs(markets, pl.col("cost") * 0.9))
    assert found.markets["status"].to_list() == ["unsolved"]
    assert "no_equilibrium" in [w.kind for w in found.warnings]
    assert found.markets["residual"][0] > 1e-6


def few_rich(share: float = 0.3):
    """A monopolist at 2: nine in ten mind money twice over, one in ten hardly."""
    products = pl.DataFrame({"market": ["m"], "product": ["a"], "firm": ["x"], "price": [2.0], "share": [share]})
    agents = pl.DataFrame({"market": "m", "agent": ["many", "few"], "weight": [0.9, 0.1], "minds": [2.0, 0.02]})
    tastes = pl.DataFrame({"characteristic": ["price"], "draw": ["minds"], "coefficient": [-1.0]})
    return products, agents, tastes


def test_a_better_price_elsewhere_is_found():
    """Selling to the few who hardly mind pays more: the first-order condition does not see it, the search does, and
    finds the price that a fine scan finds."""
    markets = calibrate_cars(*few_rich())
    found = car_prices(markets, markets.products.select("market", "product"))
    market = markets.markets[0]
    scan = np.linspace(0.5, 400, 80_001)
    odds = np.exp(market.base[0][:, None] + market.alpha[:, None] * scan)
    profit = (market.weight @ (odds / (1 + odds))) * (scan - market.cost[0])
    row = found.products.row(0, named=True)
    assert row["deviation_price"] == pytest.approx(scan[profit.argmax()], abs=0.01)
    assert row["deviation_gain_share"] == pytest.approx(profit.max() / row["profit"] - 1, rel=1e-5)
    assert found.markets["deviations"][0] == 1
    assert "better_price" in [w.kind for w in found.warnings]
    silent = car_prices(markets, markets.products.select("market", "product"), look_for_deviations=False)
    assert silent.products["deviation_gain_share"].null_count() == 1
    assert silent.markets["deviations"].null_count() == 1


@pytest.mark.parametrize("seed", range(3))
def test_the_search_agrees_with_trying_every_price(seed):
    """Beside a dense scan of each model's price: no better price is missed, and none is made up. (Gains of less than a
    hundredth of a per cent close to the present price are the residual's to tell.)"""
    from onshore.prices.cars.demand import choices
    from onshore.prices.cars.deviations import deviations

    market = calibrated(seed, markets=1).markets[0]
    mine = market.firm[:, None] == market.firm

    def profit(price):
        return mine @ ((choices(market, price) @ market.weight) * market.margin(price))

    off = market.price * np.where(np.arange(len(market.price)) == 0, 0.7, 1.0)  # one model is priced wrong
    best, gain = deviations(market, off)
    assert gain[0] > 0
    for j in range(len(off)):
        tried = [profit(np.where(np.arange(len(off)) == j, x, off))[j] for x in np.linspace(5, 60, 1101)]
        assert gain[j] == pytest.approx(max(max(tried) / profit(off)[j] - 1, 0), abs=1e-4)
        assert np.isnan(best[j]) == (gain[j] == 0)


def test_jumps_and_costs_below_nothing_are_told():
    """A price that moves by more than the limit asked for, and a cost of less than nothing."""
    markets = calibrated(0)
    found = car_prices(markets, costs(markets, pl.col("cost") * 0.97), jump=0.01)
    assert found.products["jump"].sum() == found.markets["jumps"].sum() > 0
    assert found.warnings[0].kind == "price_jumps"
    found = car_prices(markets, costs(markets, pl.lit(-1.0)), look_for_deviations=False)
    assert {"negative_cost", "price_jumps"} <= {w.kind for w in found.warnings}
    assert "warning" in found.summary()
    assert set(found.as_dict()) == {"products", "markets", "warnings"}


def test_faults_of_changes_are_found_at_once():
    """A market, a model and a firm that are nowhere, and a tax below nothing."""
    markets = calibrated(0)
    bad = pl.DataFrame(
        {
            "market": ["m0", "m0", "nowhere", "m1"],
            "product": ["car0", "cart", "car0", "car0"],
            "firm": ["fire0", None, None, None],
            "tax_share": [None, None, None, -0.1],
        }
    )
    with pytest.raises(InputError) as caught:
        car_prices(markets, bad)
    assert {(f.kind, f.column, f.row) for f in caught.value.findings} == {
        ("unknown_reference", "firm", 2),
        ("unknown_reference", "product", 3),
        ("unknown_reference", "market", 4),
        ("out_of_bounds", "tax_share", 5),
    }


def test_every_model_comes_back_in_its_place():
    """The answer keeps the order of the products, also where markets are mixed in it."""
    products, agents, tastes = differing(1)
    mixed = products.sample(fraction=1, shuffle=True, seed=3)
    markets = calibrate_cars(mixed, agents, tastes)
    found = car_prices(markets, costs(markets, pl.col("cost") * 0.95))
    assert found.products["product"].to_list() == mixed["product"].to_list()
    assert (found.products["price_before"] == mixed["price"]).all()


def test_a_market_that_cannot_be_fitted_is_told_and_kept(monkeypatch):
    """Where no mean utilities are found there are no costs and no prices, a warning each, and no exception."""
    from onshore.prices.cars import market as room
    from onshore.prices.cars.squarem import Point

    nobody = Point(np.full(2, -1e6), np.full(2, 9.0), 5, False)
    monkeypatch.setattr(room, "mean_utilities", lambda taste, weight, share: nobody)
    markets = calibrate_cars(*logit({"a": 0.2, "b": 0.3}, ["x", "y"]))
    assert [w.kind for w in markets.warnings] == ["shares_unfit"]
    found = car_prices(markets, costs(markets, pl.lit(1.0)))
    assert found.markets["status"].to_list() == ["unsolved"]
    assert "no_equilibrium" in [w.kind for w in found.warnings]
    assert found.summary()


@pytest.mark.parametrize("alpha", [-1e-6, -1e3, -1e6])
def test_utilities_of_any_size_do_no_harm(alpha):
    """Tastes in very small or very large money: logit's margin 1 / (-alpha (1 - share)) to rounding, and a solution."""
    markets = calibrate_cars(*logit({"a": 0.2, "b": 0.3}, ["x", "y"], alpha=alpha))
    margin = (10 - markets.products["cost"]).to_numpy()
    assert margin == pytest.approx([1 / (-alpha * 0.8), 1 / (-alpha * 0.7)], rel=1e-6, abs=1e-13)
    found = car_prices(markets, costs(markets, pl.col("cost") * 0.9))
    assert found.markets["status"][0] in ("solved", "rescued")
