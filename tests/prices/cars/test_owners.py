"""If these fail, an owner of a part of a rival is not told from its owner, or from a stranger."""

import numpy as np
import polars as pl
import pytest
from prices.cars.worlds import calibrated, costs, differing, logit

from onshore.errors import InputError
from onshore.prices.cars import calibrate_cars, car_prices
from onshore.prices.cars.demand import Market
from onshore.prices.cars.equilibrium import gap, gap_slopes, own_slopes


def held(*rows: tuple[str, str, float, float | None]) -> pl.DataFrame:
    names = ("firm", "owner", "profit_share", "control_share")
    return pl.DataFrame(
        rows, schema=dict(zip(names, (pl.String, pl.String, pl.Float64, pl.Float64), strict=True)), orient="row"
    )


PART = held(("firm0", "a", 1, None), ("firm1", "b", 0.7, 1), ("firm1", "a", 0.3, 0), ("firm2", "c", 1, None))


def test_a_silent_stake_in_a_rival_by_hand():
    """Logit at one price: x has 40 % of y's profit. y's margin is 1/(-alpha (1-s)); x's first-order condition also minds 0.4 m s of y."""
    tables = logit({"a": 0.2, "b": 0.3}, ["x", "y"])
    found = calibrate_cars(*tables, held(("x", "x", 1, 1), ("y", "y", 0.6, 1), ("y", "x", 0.4, 0)))
    y = 1 / (0.5 * 0.7)
    x = (1 / 0.5 + 0.4 * y * 0.3) / 0.8  # m_x (1 - s_x) - 0.4 m_y s_y = 1 / -alpha
    assert (10 - found.products["cost"]).to_list() == pytest.approx([x, y], abs=1e-12)


def test_one_owner_of_two_firms_is_one_firm():
    """Told by owners or by firms, a merger is the same."""
    products, agents, tastes = differing(3)
    both = held(("firm0", "g", 1, None), ("firm1", "g", 1, None))
    merged = products.with_columns(pl.col("firm").replace({"firm1": "firm0"}))
    one, other = calibrate_cars(products, agents, tastes, both), calibrate_cars(merged, agents, tastes)
    assert one.products["cost"].to_list() == pytest.approx(other.products["cost"].to_list(), rel=1e-10)
    cheaper = [costs(m, pl.col("cost") * 0.9) for m in (one, other)]
    a, b = car_prices(one, cheaper[0]), car_prices(other, cheaper[1])
    assert a.products["price"].to_list() == pytest.approx(b.products["price"].to_list(), rel=1e-9)
    assert a.products["deviation_gain_share"].to_list() == pytest.approx(
        b.products["deviation_gain_share"].to_list(), abs=1e-9
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_prices_and_slopes_are_those_of_the_owners(seed):
    """No first-order condition has a gap at what is seen, and slopes are differences."""
    products, agents, tastes = differing(seed)
    markets = calibrate_cars(products, agents, tastes, PART).markets
    assert any(market.stakes.size for market in markets)
    for market in markets:
        assert np.abs(gap(market, market.price)).max() < 1e-11
        at = market.price * 1.03
        value, slopes = gap_slopes(market, at)
        assert value == pytest.approx(gap(market, at), abs=1e-10)
        assert own_slopes(market, at) == pytest.approx(np.diag(slopes), rel=1e-9)
        for j in range(at.size):
            assert slopes[:, j] == pytest.approx(_difference(market, at, j), abs=1e-6)


def _difference(market: Market, at: np.ndarray, j: int) -> np.ndarray:
    step = np.eye(at.size)[j] * 1e-5
    return (gap(market, at + step) - gap(market, at - step)) / 2e-5


def test_owners_change():
    """A stake that is bought raises prices of the two; sold again, prices are what they were; shuffled rows change nothing."""
    markets = calibrated(5)
    nothing = markets.products.select("market", "product", cost="cost")
    alone, bought = car_prices(markets, nothing), car_prices(markets, nothing, owners=PART)
    assert alone.products["price"].equals(alone.products["price_before"])
    moved = bought.products["price"] / bought.products["price_before"] - 1
    assert moved.min() > -1e-9
    assert moved.filter(bought.products["firm"] == "firm0").min() > 1e-6
    assert bought.products["price"].equals(car_prices(markets, nothing, owners=PART.reverse()).products["price"])
    held_before = calibrate_cars(*differing(5), PART)
    kept = car_prices(held_before, held_before.products.select("market", "product", "cost"))
    assert kept.products["price"].equals(kept.products["price_before"])
    sold = car_prices(held_before, held_before.products.select("market", "product", "cost"), owners=held())
    assert (sold.products["price"] / sold.products["price_before"]).max() < 1 + 1e-9


def test_faults_of_owners_are_found_at_once():
    """A firm that is nowhere, profits that are not the whole, control that is not: three findings, each in its place."""
    with pytest.raises(InputError) as caught:
        calibrate_cars(*differing(1), held(("firm9", "a", 1, None), ("firm1", "b", 0.7, 1), ("firm2", "c", 1, 0.5)))
    found = {(f.kind, f.row, f.column) for f in caught.value.findings}
    assert found == {
        ("unknown_reference", 2, "firm"), ("owners_not_whole", 3, "profit_share"), ("owners_not_whole", 4, "control_share"),
    }  # fmt: skip
