"""If these fail, demand does not fit its shares, costs are not those that prices imply, or faults pass unseen."""

import numpy as np
import polars as pl
import pytest
from prices.cars.worlds import calibrated, differing, logit

from onshore.errors import InputError
from onshore.prices.cars import calibrate_cars, car_elasticities
from onshore.prices.cars.demand import choices, consumer_surplus
from onshore.prices.cars.equilibrium import gap
from onshore.prices.cars.inversion import _newton, mean_utilities
from onshore.prices.cars.squarem import Point


def test_one_model_by_hand():
    """Half buy at 4 with alpha -1: delta = log(0.5 / 0.5) + 4, margin 1 / (1 - 0.5) = 2, elasticity -4 (1 - 0.5)."""
    found = calibrate_cars(*logit({"a": 0.5}, ["x"], price=4.0, alpha=-1.0))
    row = found.products.row(0, named=True)
    assert row["delta"] == pytest.approx(4.0, abs=1e-12)
    assert row["cost"] == pytest.approx(2.0, abs=1e-12)
    assert row["margin_share"] == pytest.approx(0.5, abs=1e-12)
    assert row["own_elasticity"] == pytest.approx(-2.0, abs=1e-12)
    assert consumer_surplus(found.markets[0], np.array([4.0])) == pytest.approx(np.log(2), abs=1e-12)
    assert not found.warnings


def test_a_firms_models_share_its_margin():
    """Logit: a firm's margin is 1 / (-alpha (1 - its share)) on each model: 4 for the pair, 1 / (0.5 * 0.8) for the rival."""
    found = calibrate_cars(*logit({"a": 0.2, "b": 0.3, "c": 0.2}, ["x", "x", "y"]))
    assert (10 - found.products["cost"]).to_list() == pytest.approx([4.0, 4.0, 2.5], abs=1e-12)


def test_tax_lies_between_buyer_and_seller():
    """At a quarter's tax the seller keeps 8 of 10, and loses buyers as fast: its margin is 0.8 of 2.5, its cost 6."""
    found = calibrate_cars(*logit({"a": 0.2}, ["x"], tax=0.25))
    assert found.products["cost"][0] == pytest.approx(8.0 - 0.8 * 2.5, abs=1e-12)


def test_elasticities_of_logit_by_hand():
    """Logit: own alpha p (1 - share), cross -alpha p share of the other."""
    found = car_elasticities(calibrate_cars(*logit({"a": 0.2, "b": 0.3}, ["x", "y"])))
    assert found["elasticity"].to_list() == pytest.approx([-5 * 0.8, 5 * 0.3, 5 * 0.2, -5 * 0.7], abs=1e-12)
    assert found["price_of"].to_list() == ["a", "b", "a", "b"]


@pytest.mark.parametrize("seed", range(3))
def test_every_share_and_price_is_what_it_was(seed):
    """Shares come back from the demand, and no first-order condition has a gap at the observed prices."""
    products, agents, tastes = differing(seed)
    found = calibrate_cars(products, agents, tastes)
    for market in found.markets:
        share = products.filter(pl.col("market") == market.name)["share"].to_numpy()
        assert choices(market, market.price) @ market.weight == pytest.approx(share, rel=1e-12)
        assert np.abs(gap(market, market.price)).max() < 1e-11
    assert found.products["share_error"].abs().max() <= 1e-12


@pytest.mark.parametrize("seed", range(2))
def test_elasticities_are_slopes(seed):
    """Against central differences of the shares."""
    found = calibrated(seed, markets=1)
    market = found.markets[0]
    share = choices(market, market.price) @ market.weight
    n, h = len(share), 1e-5
    numeric = np.empty((n, n))
    for k in range(n):
        e = h * (np.arange(n) == k)
        up, down = (choices(market, market.price + s * e) @ market.weight for s in (1, -1))
        numeric[:, k] = (up - down) / (2 * h) * market.price[k] / share
    assert car_elasticities(found)["elasticity"].to_numpy() == pytest.approx(numeric.ravel(), abs=1e-8)


def test_rows_may_stand_in_any_order():
    """Shuffled rows give the same numbers beside the same names."""
    products, agents, tastes = differing(5)
    plain = calibrate_cars(products, agents, tastes).products
    mixed = calibrate_cars(products.sample(fraction=1, shuffle=True, seed=1), agents, tastes.reverse()).products
    both = plain.join(mixed, on=["market", "product"], suffix="_mixed")
    assert both.height == plain.height
    for name in ("delta", "cost", "own_elasticity"):
        assert both[name].to_numpy() == pytest.approx(both[f"{name}_mixed"].to_numpy(), rel=1e-10)


def test_the_inversion_has_a_second_way():
    """Newton's method arrives where the contraction does, also from a start far away."""
    rng = np.random.default_rng(1)
    taste, weight, share = rng.normal(0, 3, (6, 50)), np.full(50, 0.02), rng.uniform(0.01, 0.15, 6)
    first = mean_utilities(taste, weight, share)
    second = _newton(taste, weight, share, Point(np.full(6, -8.0), np.zeros(6), 0, False))
    assert first.found
    assert second.found
    assert second.x == pytest.approx(first.x, abs=1e-10)


def kinds(*tables) -> set[tuple[str, str, str | None]]:
    with pytest.raises(InputError) as caught:
        calibrate_cars(*tables)
    return {(f.kind, f.table, f.column) for f in caught.value.findings}


def changed(frame: pl.DataFrame, column: str, value: object, row: int = 0) -> pl.DataFrame:
    values = frame[column].to_list()
    values[row] = value
    return frame.with_columns(pl.Series(column, values, strict=False))


def test_faults_of_the_tables_are_found_at_once():
    """Each fault has its finding, with table and column, and all come together."""
    products, agents, tastes = differing(0)
    bad = changed(changed(changed(products, "share", 0.0), "price", None, 1), "firm", "", 2)
    assert kinds(bad, changed(agents, "weight", -1.0), tastes) == {
        ("out_of_bounds", "products", "share"),
        ("missing_value", "products", "price"),
        ("missing_value", "products", "firm"),
        ("out_of_bounds", "agents", "weight"),
    }
    assert kinds(changed(products, "share", 1.2), agents, tastes) == {("out_of_bounds", "products", "share")}
    assert kinds(changed(products, "share", 0.99), agents, tastes) == {("shares_above_buyers", "products", "share")}
    assert kinds(products, agents.filter(pl.col("market") == "m0"), tastes) == {
        ("unknown_reference", "products", "market")
    }
    assert kinds(products, changed(agents, "poor", -3.0), tastes) == {("likes_to_pay", "agents", "agent")}
    assert kinds(products.drop("size"), agents, tastes) == {("missing_column", "products", "size")}
    assert kinds(products, agents.drop("likes"), tastes) == {("missing_column", "agents", "likes")}
    assert kinds(products.rename({"price": "prise"}), agents, tastes) >= {("unknown_column", "products", "prise")}
    assert kinds(pl.concat([products, products[:1]]), agents, tastes) == {("duplicate_key", "products", "market")}
    assert kinds(products.clear(), agents, tastes) == {("missing_table", "products", None)}


def test_faults_of_tastes_are_found():
    """A taste for a column that means something else, and no taste for the price."""
    products, agents, tastes = differing(0)
    assert kinds(products, agents, changed(tastes, "characteristic", "share")) == {
        ("name_taken", "tastes", "characteristic")
    }
    assert kinds(products, agents, changed(tastes, "draw", "weight")) == {("name_taken", "tastes", "draw")}
    assert kinds(products, agents, tastes.filter(pl.col("characteristic") != "price")) == {
        ("no_price_taste", "tastes", "characteristic")
    }


def test_what_is_odd_but_possible_is_told():
    """A price below the margin that the taste for it implies, and weights that are not shares."""
    found = calibrate_cars(*logit({"a": 0.2}, ["x"], price=2.0))
    assert [w.kind for w in found.warnings] == ["negative_cost"]
    assert found.products["cost"][0] == pytest.approx(2.0 - 2.5, abs=1e-12)
    products, agents, tastes = logit({"a": 0.2}, ["x"])
    found = calibrate_cars(products, agents.with_columns(weight=pl.lit(0.5)), tastes)
    assert [w.kind for w in found.warnings] == ["weights_off"]
    assert "warning" in found.summary()
    assert found.as_dict()["products"]
