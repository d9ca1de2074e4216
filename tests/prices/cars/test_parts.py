"""If these fail, a part's saving does not reach the cost of the cars that it goes into, or reaches it twice."""

import polars as pl
import pytest
from prices.cars.worlds import logit

from onshore.errors import InputError
from onshore.prices.cars import calibrate_cars, car_prices, costs_through_bom

COSTS = pl.DataFrame({"market": ["m", "m", "n"], "product": ["a", "b", "a"], "cost": [100.0, 80.0, 90.0]})
BOM = pl.DataFrame(
    {
        "product": ["a", "a", "engine", "seat"],
        "part": ["engine", "lamp", "piston", "cover"],
        "quantity": [1.0, 2.0, 4.0, 1.0],
    }
)


def changed(**parts: float) -> pl.DataFrame:
    return pl.DataFrame({"part": list(parts), "unit_cost_change": list(parts.values())})


def test_through_all_levels_by_hand():
    """Two lamps at -3 and four pistons of the one engine at -0.5: -8 for a in both markets; b is in no bill."""
    found = costs_through_bom(COSTS, BOM, changed(lamp=-3.0, piston=-0.5, cover=1.0))
    assert found.products["cost"].to_list() == [92.0, 80.0, 82.0]
    assert found.products["in_bom"].to_list() == [True, False, True]
    assert found.unused_parts == ("cover",)
    assert found.changes.rows() == [("m", "a", 92.0), ("n", "a", 82.0)]
    assert "2 of 3" in found.summary()
    assert found.as_dict()["unused_parts"] == ["cover"]


def test_an_assembly_and_its_piece_are_refused():
    """Nobody can say whether the engine's change holds the pistons'; nor follow a bill that goes in a circle."""
    with pytest.raises(InputError) as caught:
        costs_through_bom(COSTS, BOM, changed(engine=-5.0, piston=-0.5))
    assert [(f.kind, f.value, f.row) for f in caught.value.findings] == [("change_within_change", "piston", 3)]
    circle = pl.concat([BOM, pl.DataFrame({"product": ["piston"], "part": ["engine"], "quantity": [1.0]})])
    with pytest.raises(InputError) as caught:
        costs_through_bom(COSTS, circle, changed(lamp=-3.0))
    assert [f.kind for f in caught.value.findings] == ["bom_cycle"]


def test_faults_of_the_tables_are_found_at_once():
    """A cost, a quantity and a change that are missing."""
    with pytest.raises(InputError) as caught:
        costs_through_bom(
            COSTS.with_columns(cost=pl.lit(None)),
            BOM.drop("quantity"),
            pl.DataFrame({"part": ["lamp"], "unit_cost_change": [None]}),
        )
    assert {(f.table, f.column) for f in caught.value.findings} == {
        ("costs", "cost"), ("bom", "quantity"), ("part_changes", "unit_cost_change"),
    }  # fmt: skip


def test_from_a_part_to_the_price_of_a_car():
    """The cheaper lamp reaches the car's price: what `costs_through_bom` gives, `car_prices` takes."""
    markets = calibrate_cars(*logit({"a": 0.3, "b": 0.2}, ["x", "y"]))
    costs = markets.products.select("market", "product", "cost")
    found = car_prices(markets, costs_through_bom(costs, BOM, changed(lamp=-0.5)).changes)
    moved = found.products.filter(pl.col("product") == "a").row(0, named=True)
    assert moved["cost"] == pytest.approx(moved["cost_before"] - 1.0)
    assert moved["price"] < moved["price_before"]
