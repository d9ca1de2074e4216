"""The automobiles of Berry, Levinsohn and Pakes, against what pyblp computed from the same published estimates.

If these fail, our demand, costs, prices or surplus are not those of the model. 1989 is looked at apart: one model jumps
there to another peak of its profit, so that another road might end at another equilibrium.
"""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from onshore.prices.cars import CarMarkets, CarPrices, calibrate_cars, car_prices
from onshore.prices.cars.demand import choices

REGIONS = ("US", "EU", "JP")


@pytest.fixture(scope="module")
def reference(data: Path) -> dict:
    if not (data / "prices").is_dir() or find_spec("pyblp") is None:
        pytest.skip("the automobiles come with pyblp, and their reference in ONSHORE_DATA: make .venv/bench")
    return json.loads((data / "prices/blp_reference.json").read_text())


@pytest.fixture(scope="module")
def table(data: Path) -> pl.DataFrame:
    return pl.read_csv(data / "prices/blp_reference_products.csv")


@pytest.fixture(scope="module")
def cars(reference: dict) -> CarMarkets:
    from blp import automobiles

    return calibrate_cars(*automobiles())


def cut(cars: CarMarkets, table: pl.DataFrame, share: float, **how: bool) -> CarPrices:
    """The answer to a cut of the marginal cost of every model from the US."""
    factor = pl.Series(np.where(table["region"] == "US", 1 - share, 1.0))
    return car_prices(cars, cars.products.select("market", "product", cost=pl.col("cost") * factor), **how)


@pytest.fixture(scope="module")
def answer(cars: CarMarkets, table: pl.DataFrame) -> CarPrices:
    return cut(cars, table, 0.05)


def farthest(ours: pl.Series, theirs: pl.Series, where: pl.Series | None = None) -> float:
    """Largest relative difference."""
    off = (ours / theirs - 1).abs()
    return (off if where is None else off.filter(where)).max()


def test_demand_and_costs(cars: CarMarkets, table: pl.DataFrame, reference: dict) -> None:
    """Mean utilities to 1e-10, implied costs to 1e-10 relative."""
    assert cars.products["product"].to_list() == table["car_ids"].cast(pl.String).to_list()
    assert (cars.products["delta"] - table["delta"]).abs().max() < 1e-10
    assert farthest(cars.products["cost"], table["cost0"]) < 1e-10
    assert cars.products["cost"].mean() == pytest.approx(reference["costs_mean"], rel=1e-10)
    assert cars.products["cost"].min() == pytest.approx(reference["costs_min"], rel=1e-10)
    assert cars.products["margin_share"].mean() == pytest.approx(reference["mean_markup_baseline_(p-c)/p"], rel=1e-10)
    assert [w.kind for w in cars.warnings] == ["weights_off"]


def test_prices_and_shares(answer: CarPrices, table: pl.DataFrame) -> None:
    """Every price to 1e-10 relative, 1989 apart, and shares to what that allows."""
    jumps = table["market_ids"] == 1989
    assert farthest(answer.products["price"], table["price1"], ~jumps) < 1e-10
    assert farthest(answer.products["share"], table["share1"], ~jumps) < 1e-9
    assert (answer.markets["status"] == "solved").all()


def test_the_market_that_jumps(answer: CarPrices, table: pl.DataFrame) -> None:
    """1989: ours is an equilibrium of its own account, here the same one, and the model that jumps is flagged."""
    market = answer.products.filter(pl.col("market") == "1989")
    assert market.filter("jump")["product"].to_list() == ["4480"]
    assert (market["residual"].abs() / market["price"]).max() < 1e-11
    assert farthest(market["price"], table.filter(pl.col("market_ids") == 1989)["price1"]) < 1e-10


def test_sums_by_market_and_region(answer: CarPrices, table: pl.DataFrame, reference: dict) -> None:
    """Price changes, shares, profits, surplus and pass-through as pyblp's post-estimation has them."""
    p = answer.products.with_columns(table["region"])
    assert 100 * p["price_change_share"].mean() == pytest.approx(reference["mean_pct_price_change"], abs=1e-8)
    for region in REGIONS:
        mine = p.filter(pl.col("region") == region)
        assert 100 * mine["price_change_share"].mean() == pytest.approx(
            reference["mean_pct_price_change_by_region"][region], abs=1e-8
        )
        for when, suffix in (("before", "_before"), ("after", "")):
            for what in ("share", "profit"):
                assert mine[f"{what}{suffix}"].sum() == pytest.approx(
                    reference[f"{what}_sum_{when}_by_region"][region], rel=1e-9
                )
    m = answer.markets
    assert m["consumer_surplus_before"].sum() == pytest.approx(reference["consumer_surplus_sum_before"], rel=1e-11)
    assert m["consumer_surplus"].sum() == pytest.approx(reference["consumer_surplus_sum_after"], rel=1e-11)
    change = (m["consumer_surplus"] - m["consumer_surplus_before"]).to_list()
    assert dict(zip(m["market"], change, strict=True)) == pytest.approx(
        reference["per_market_consumer_surplus_change"], abs=1e-10
    )
    assert p["pass_through"].median() == pytest.approx(reference["median_passthrough_US"], rel=1e-8)
    assert p["pass_through"].mean() == pytest.approx(reference["passthrough_US_mean_dp/dc"], rel=1e-8)
    assert p.filter(pl.col("market") != "1989")["price_change_share"].mean() * 100 == pytest.approx(
        reference["mean_pct_price_change_excluding_market_1989"], abs=1e-8
    )


@pytest.mark.parametrize("share", [0.01, 0.02, 0.05, 0.10])
def test_jumps_of_other_cuts(cars: CarMarkets, table: pl.DataFrame, data: Path, share: float) -> None:
    """The same models jump to the same prices, and the same pass-through comes out."""
    expected = json.loads((data / "prices/blp_nash_check.json").read_text())[f"US -{share:.0%}"]
    found = cut(cars, table, share, look_for_deviations=False).products
    jumped = {(m, c): p for m, c, p in found.filter("jump").select("market", "product", "price").rows()}
    assert jumped == pytest.approx(
        {(str(m), str(c)): p for m, c, _, p in expected["price_jumps_over_12pct"]}, abs=0.0051
    )
    assert 100 * found["price_change_share"].mean() == pytest.approx(expected["mean_pct_change"], abs=1e-7)
    assert found["pass_through"].median() == pytest.approx(expected["median_passthrough_US"], rel=1e-7)


def test_better_prices_elsewhere(cars: CarMarkets, data: Path) -> None:
    """The reference tried prices up to 12 margins above cost and found 23 models with a better one at the observed
    prices. At its prices the firm gains what it says; ours, without that bound, are as many or more and gain no less."""
    expected = json.loads((data / "prices/blp_nash_check.json").read_text())["baseline"]
    found = car_prices(cars, cars.products.select("market", "product"))
    gains = {(m, c): g for m, c, g in found.products.select("market", "product", "deviation_gain_share").rows()}
    assert sum(g > 0 for g in gains.values()) >= expected["profitable_deviations"]
    assert (found.products["price"] == found.products["price_before"]).all()
    for year, car, _, tried, pct in expected["examples"]:
        market = next(m for m in cars.markets if m.name == str(year))
        names = cars.products.filter(pl.col("market") == market.name)["product"].to_list()
        j = names.index(str(car))
        mine = market.firm == market.firm[j]
        now, then = (
            float(((choices(market, p) @ market.weight) * market.margin(p))[mine].sum())
            for p in (market.price, np.where(np.arange(len(names)) == j, tried, market.price))
        )
        assert 100 * (then / now - 1) == pytest.approx(pct, abs=0.06 if pct > 3 else 0.006)
        assert gains[str(year), str(car)] >= then / now - 1
