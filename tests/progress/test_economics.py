"""What a contract pays for a unit of currency saved a year: by hand, and what is said where it cannot be told."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from onshore.blueprint.programme import build
from onshore.progress import contract_economics
from onshore.progress.declared import ECONOMICS

SETTINGS = {
    "schema_version": 1, "name": "Record", "currency": "IRR", "calendar": "gregorian", "first_year": 2020, "last_year": 2021,
    "discount_rate": 0.0,
}  # fmt: skip

DESK = {
    "contract": "C01", "name": "Desk 1", "kind": "round", "part_of": None, "signed": "2019-07-20", "value": 7_400_000_000_000,
    "currency": "IRR", "saving_per_year": 85_000_000, "saving_currency": "EUR", "x_compared": None, "x_why_not": None,
}  # fmt: skip
RATES = [
    {"date": day, "base": "EUR", "quote": "IRR", "market": market, "quote_per_base": value}
    for day, market, value in (
        ("2019-07-01", "free", 135_000),
        ("2019-08-01", "free", 999_999),
        ("2019-01-01", "official", 47_000),
    )
]


def economics(*contracts: dict[str, object], rates: list[dict[str, object]] = RATES) -> pl.DataFrame:
    return contract_economics(build(SETTINGS, {"contracts": [{**DESK, **c} for c in contracts], "rates": rates}))


def test_by_hand() -> None:
    """If it fails, spending per unit saved or payback is miscounted, or converted at a rate from after the signing."""
    second = {"contract": "C02", "value": 12_000_000_000_000, "saving_per_year": 90_000_000, "signed": "2019-08-03"}
    found = economics({}, second)
    assert found.columns == list(ECONOMICS.by_name)
    assert found.select("contract", "market", "rate", "rate_date").rows() == [
        ("C01", "free", 135_000, date(2019, 7, 1)),
        ("C01", "official", 47_000, date(2019, 1, 1)),
        ("C02", "free", 999_999, date(2019, 8, 1)),
        ("C02", "official", 47_000, date(2019, 1, 1)),
    ]
    # 7.4e12 / 85e6 = 87,058.82 rials a euro; over 135,000 = 0.64488 years; over 47,000 = 1.85231
    # 12e12 / 90e6 = 133,333.33; over 999,999 = 0.133333; over 47,000 = 2.83688
    assert found["spent_per_saved"].to_list() == pytest.approx([87_058.8235, 87_058.8235, 133_333.3333, 133_333.3333])
    assert found["payback_years"].to_list() == pytest.approx([0.644880, 1.852315, 0.133333, 2.836879], rel=1e-5)
    assert found["compared"].all()
    assert found["why_not"].null_count() == 4


def test_tomans_are_not_rials() -> None:
    """If it fails, a contract in tomans is taken for rials, and its payback is ten times out."""
    found = economics({"value": 740_000_000_000, "currency": "IRT"}).filter(pl.col("market") == "free")
    assert found["spent_per_saved"].item() == pytest.approx(8_705.88235)
    assert found["rate"].item() == pytest.approx(13_500)
    assert found["payback_years"].item() == pytest.approx(0.644880, rel=1e-5)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"value": None, "currency": None}, "it has no value"),
        ({"saving_per_year": None, "saving_currency": None}, "it has no saving a year"),
        ({"saving_per_year": 0}, "it has no saving a year"),
        ({"signed": None}, "it has no day of signing"),
        ({"value": None, "saving_per_year": None}, "it has no value and no saving a year"),
    ],
)
def test_what_lacks_a_figure_stands_once_with_the_reason(change: dict[str, object], why: str) -> None:
    """If it fails, a contract that lacks a figure is dropped or compared, or nobody is told what it lacks."""
    row = economics(change).row(0, named=True)
    assert (row["compared"], row["why_not"], row["market"], row["payback_years"]) == (False, why, None, None)


@pytest.mark.parametrize(
    ("change", "compared", "why"),
    [
        ({"x_compared": "no", "x_why_not": "Told twice."}, False, "Told twice."),
        ({"x_compared": "no"}, False, "its own row takes it out and gives no reason"),
        ({"x_compared": "perhaps"}, False, "x_compared is `perhaps`, which is neither yes nor no"),
        ({"x_compared": "yes", "kind": "subset"}, True, None),
        ({"kind": "subset"}, False, "it is a subset, not a round or a single contract"),
        ({"kind": "single contract"}, True, None),
    ],
)
def test_which_are_compared(change: dict[str, object], compared: bool, why: str | None) -> None:
    """If it fails, a contract is compared against the word of its own row, or left out without the right reason."""
    found = economics(change)
    assert found["market"].to_list() == ["free", "official"]
    assert set(found["compared"]) == {compared}
    assert set(found["why_not"]) == {why}


def test_a_single_contract_inside_a_round_is_its_piece() -> None:
    """If it fails, a contract is counted twice: in its round and beside it."""
    found = economics({}, {"contract": "C02", "kind": "single contract", "part_of": "C01"}).filter(
        pl.col("contract") == "C02"
    )
    assert not found["compared"].any()
    assert set(found["why_not"]) == {"it is a piece of C01"}


def test_one_currency_needs_no_market() -> None:
    """If it fails, a contract paid in the currency it saves is converted, or has no payback for want of a market."""
    row = economics({"value": 13_000_000, "currency": "EUR", "saving_per_year": 26_000_000}).row(0, named=True)
    assert (row["market"], row["rate"], row["spent_per_saved"], row["payback_years"]) == (None, 1, 0.5, 0.5)


def test_a_market_without_the_rate_says_so() -> None:
    """If it fails, a later rate fills the gap of a market that has none yet, or one market's gap empties the others."""
    found = economics({"signed": "2019-06-30"})
    free = found.filter(pl.col("market") == "free").row(0, named=True)
    assert (free["rate"], free["payback_years"]) == (None, None)
    assert free["why_not"] == "the market has no rate from EUR to IRR on that day"
    assert found.filter(pl.col("market") == "official")["payback_years"].item() == pytest.approx(1.852315, rel=1e-5)


def test_without_rates_the_ecb_is_asked() -> None:
    """If it fails, a programme without rates of its own has no payback, or one at another rate than the ECB's."""
    row = economics({"value": 1_000_000, "currency": "USD", "saving_per_year": 500_000}, rates=[]).row(0, named=True)
    # ECB, Friday 2019-07-19: 1.1226 dollars a euro; 2 dollars spent for a euro saved a year
    assert (row["market"], row["rate"], row["rate_date"]) == ("ECB", pytest.approx(1.1226), date(2019, 7, 19))
    assert row["payback_years"] == pytest.approx(2 / 1.1226)


def test_no_contracts_no_rows() -> None:
    """If it fails, a programme without contracts ends in an error, or in a table that lacks columns."""
    found = contract_economics(build(SETTINGS, {}))
    assert found.is_empty()
    assert found.columns == list(ECONOMICS.by_name)
