"""Markets of random coefficients among the others: where buyers are alike they are logit, whatever else happens."""

import numpy as np
import polars as pl
import pytest
from prices.test_effect import NO_GROUPS, NO_PRODUCTS, YEARS, brand, market, moves, table

from onshore.prices import Assumed, Book, PriceEffect, book_of, effect_on_prices
from onshore.prices.declared import BRAND_PRICES, PART_PRICES

BRANDS = [
    brand("original", part="lamp", duty_share=0.2, currency_share=0.5),
    brand("other", price=8.0, units=60.0, tax_share=0.1),
    brand("mine", origin="home", price=7.0, units=40.0),
    brand("late", origin="home", price=9.0, units=50.0),
]
OWNERS = [
    {"seller": s, "owner": o, "profit_share": p, "control_share": c, "residence": r}
    for s, o, p, c, r in (("mine", "us", 0.7, 1.0, "home"), ("mine", "other", 0.3, 0.0, "foreign"), ("late", "us", 1.0, 1.0, "home"))
]  # fmt: skip
SLOPE = -0.8 / (0.5 * (10 * 100 + 8 * 60 + 7 * 40 + 9 * 50) / 250)
"""Of a logit market of these brands with an elasticity of 0.8 and half of the buyers outside."""


def book(demand: str, buyers: list[dict] | None = None, tastes: list[dict] | None = None, **more: object) -> Book:
    plain = market(**{"demand": demand, "elasticity": 0.8 if demand == "logit" else None, **more})
    sold = table("brands", BRANDS).with_columns(x_size=pl.Series(["1.0", "0.2", "-0.5", "0.4"]))
    if more.get("regime") == "administered":
        sold = sold.with_columns(margin_share=0.1, annual_max="units", parallel_price=pl.col("price") * 1.2)
    theirs = table("buyers", buyers or [{"buyer": "all", "market": "lamp", "weight": 1.0}])
    draws = [b.get("x_likes") for b in buyers or [{}]]
    felt = tastes or [{"characteristic": "price", "market": "lamp", "coefficient": SLOPE, "currency": "EUR"}]
    return book_of(
        table("part_markets", [plain]), sold, table("owners", OWNERS), buyers=theirs.with_columns(x_likes=pl.Series(draws, dtype=pl.String)),
        tastes=table("tastes", felt),
    )  # fmt: skip


def effect(made: Book, assumed: Assumed | None = None, products: pl.DataFrame = NO_PRODUCTS) -> PriceEffect:
    given = assumed or Assumed(draws=0)
    return effect_on_prices(made, moves(), products, NO_GROUPS, years=YEARS, currency="EUR", assumed=given)


def compared(one: PriceEffect, other: PriceEffect, name: str) -> None:
    a, b = (
        f.tables[name].filter(pl.col("reading") == "replace").sort(*f.tables[name].columns[:4]) for f in (one, other)
    )
    for column in a.columns:
        if a[column].dtype == pl.Float64 and column not in ("residual",):
            known = pytest.approx(a[column].fill_null(np.nan).to_numpy(), rel=1e-8, abs=1e-8, nan_ok=True)
            assert b[column].fill_null(np.nan).to_numpy() == known, column


def test_buyers_who_are_alike_are_logit() -> None:
    """With one buyer the two ways of solving must agree: prices, taxes, owners in parts, gains, pass-through, bands."""
    assumed = Assumed(draws=6, seed=2)
    one, other = effect(book("logit"), assumed), effect(book("random coefficients"), assumed)
    for declared in (PART_PRICES, BRAND_PRICES):
        compared(one, other, declared.name)
    told = other.tables["part_prices"].filter(pl.col("year") == 2).row(0, named=True)
    assert (told["demand"], told["state"], told["tempted"]) == ("random coefficients", "solved", False)
    assert other.demands == {"random coefficients": 1}


DIFFERENT = [{"market": "lamp", "buyer": str(i), "weight": 0.2, "x_likes": str(z)} for i, z in enumerate((-1.4, -0.5, 0, 0.5, 1.4))]  # fmt: skip
FELT = [
    {"market": "lamp", "characteristic": "price", "coefficient": -0.35, "currency": "EUR"},
    {"market": "lamp", "characteristic": "price", "draw": "x_likes", "coefficient": 0.08, "currency": "EUR"},
    {"market": "lamp", "characteristic": "x_size", "draw": "x_likes", "coefficient": 1.2},
]


def test_buyers_who_differ_fit_what_is_seen_and_gain_by_their_own_surplus() -> None:
    """Shares and prices seen are the equilibrium before; the gain is the rise of the sum of their logsums."""
    made = book("random coefficients", DIFFERENT, FELT)
    before = made.situation.equilibrium
    assert before.price == pytest.approx(made.seen.price)
    assert before.units == pytest.approx(made.brands["units"].to_numpy())
    found = effect(made)
    told = (
        found.tables["part_prices"].filter((pl.col("reading") == "replace") & (pl.col("year") == 2)).row(0, named=True)
    )
    after = found.tables["brand_prices"].filter((pl.col("year") == 2) & (pl.col("reading") == "replace"))
    buyers = made.seen.mixed[0]

    def worth(prices: np.ndarray) -> float:
        u = made.calibration.markets.taste[:, None] + buyers.taste + buyers.alpha * prices[:, None]
        return float(500 * (buyers.weight @ (np.log1p(np.exp(u).sum(axis=0)) / -buyers.alpha)))

    assert told["buyers"] == pytest.approx(worth(after["price_after"].to_numpy()) - worth(made.seen.price), rel=1e-9)
    assert told["fisher"] < 1
    assert told["cost_change"] == pytest.approx(-1)
    assert set(found.tables["part_prices"]["reading"]) == {"replace"}  # what they would feel of a newcomer is not known


def test_a_set_price_stays_whatever_its_buyers_feel() -> None:
    """The administered regime: what is saved stays with the seller."""
    made = book("random coefficients", DIFFERENT, FELT, regime="administered")
    found = effect(made, Assumed(draws=3))
    told = found.tables["part_prices"].filter(pl.col("year") == 2).row(0, named=True)
    assert (told["fisher"], told["low"], told["high"]) == (1, 1, 1)
    assert (told["buyers"], told["resellers"]) == (0, 0)
    sold = (
        found.tables["brand_prices"].filter((pl.col("brand") == "original") & (pl.col("year") == 2)).row(0, named=True)
    )
    assert (sold["list_after"], sold["price_after"]) == (pytest.approx(10), pytest.approx(12))
    assert sold["profit_after"] - sold["profit_before"] == pytest.approx(100)


def test_a_brand_that_leaves_takes_its_place_in_the_choice_with_it() -> None:
    """Where buyers are alike, what is left is the logit of those that stay."""
    from onshore.prices.scenarios import compare, leave

    changes = []
    for demand in ("logit", "random coefficients"):
        x = book(demand).situation
        changes.append(compare(x, leave(x, np.array([False, True, False, False]))))
    a, b = changes
    assert np.nan_to_num(b.after.price) == pytest.approx(np.nan_to_num(a.after.price))
    assert (b.gain.prices, b.gain.variety) == (pytest.approx(a.gain.prices), pytest.approx(a.gain.variety))
