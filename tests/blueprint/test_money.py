"""Rates: the last one on or before the day, inverted or crossed where need be, never invented."""

from datetime import date

import polars as pl
import pytest

from onshore.blueprint.money import Rates

ROWS = [
    (date(2019, 7, 1), "USD", "IRR", "free", 120_000.0),
    (date(2019, 8, 1), "USD", "IRR", "free", 118_000.0),
    (date(2018, 4, 10), "USD", "IRR", "official", 42_000.0),
]


@pytest.fixture
def rates() -> Rates:
    return Rates(pl.DataFrame(ROWS, schema=["date", "base", "quote", "market", "quote_per_base"], orient="row"))


def test_the_last_rate_on_or_before_the_day(rates):
    """If it fails, tomorrow's rate converts today's money."""
    assert rates.rate("USD", "IRR", date(2019, 7, 31), "free").value == 120_000
    assert rates.rate("USD", "IRR", date(2019, 8, 1), "free").value == 118_000
    assert rates.rate("USD", "IRR", date(2019, 6, 30), "free") is None


def test_markets_are_kept_apart(rates):
    """If it fails, one sum has a rate of one market and another of the other."""
    assert rates.rate("USD", "IRR", date(2019, 7, 20), "official").value == 42_000
    assert rates.rate("USD", "IRR", date(2019, 7, 20), "NIMA") is None


def test_ecb_has_no_saturday(rates):
    """If it fails, a rate is missing at week-ends. 2019-07-20 is a Saturday; the ECB gave 1.1226 on the Friday."""
    found = rates.rate("EUR", "USD", date(2019, 7, 20), "ECB")
    assert (found.value, found.on) == (1.1226, date(2019, 7, 19))


def test_a_pair_is_crossed_and_says_so(rates):
    """If it fails, euro and rial cannot be compared, or nobody can see how they were."""
    found = rates.rate("EUR", "IRR", date(2019, 7, 20), "free")
    assert found.value == pytest.approx(1.1226 * 120_000)
    assert "ECB EUR/USD of 2019-07-19" in found.path
    assert "free USD/IRR of 2019-07-01" in found.path
    assert found.on == date(2019, 7, 1)


def test_toman_is_ten_rials(rates):
    """If it fails, a sum is ten times too large or too small."""
    assert rates.rate("IRT", "IRR", date(2019, 7, 20), "free").value == 10
    assert rates.rate("USD", "IRT", date(2019, 7, 20), "free").value == pytest.approx(12_000)


def test_a_currency_no_longer_quoted_has_no_rate(rates):
    """If it fails, the last rouble rate of the ECB (2022-03-01) passes for one of 2031."""
    assert rates.rate("RUB", "EUR", date(2022, 3, 1), "ECB") is not None
    assert rates.rate("RUB", "EUR", date(2031, 1, 1), "ECB") is None


@pytest.mark.parametrize(("base", "quote"), [("USD", "IRR"), ("EUR", "IRT"), ("EUR", "USD")])
def test_there_and_back_is_one(rates, base, quote):
    """If it fails, converting to a currency and back changes the sum."""
    day = date(2019, 7, 20)
    assert rates.rate(base, quote, day, "free").value * rates.rate(quote, base, day, "free").value == pytest.approx(1)
