"""The odds as a whole: worlds by hand, properties, and the Iranian record."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from onshore.errors import LabelError, WrongUse
from onshore.progress.forecast.odds import Forecast, forecast
from onshore.progress.forecast.reference_class import reference_class

DAY, FIRST, DUE = date(2021, 10, 20), date(2019, 7, 1), date(2022, 3, 20)
CONTRACTS = pl.DataFrame({
    "contract": ["C01", "C04", "C06", "C10", "C12"],
    "signed": [date(2019, 7, 20), date(2019, 10, 5), date(2019, 11, 1), date(2020, 7, 1), date(2021, 10, 19)],
    "amount": [85e6, 90e6, 102e6, 65e6, 56.4e6],
})  # fmt: skip
OBSERVED = pl.DataFrame(
    {"contract": ["C01", "C04", "C06", "C10"], "as_of": [DAY] * 4, "share": [0.60, 0.70, 0.27, 0.25]}
)


def targets(*values: float, basis: str | None = "annual rate", due: date = DUE) -> pl.DataFrame:
    rows = [{"target": f"T{v:.0f}", "basis": basis, "due": due, "value": v} for v in values]
    return pl.DataFrame(rows, schema_overrides={"basis": pl.String})


def odds(
    contracts: pl.DataFrame = CONTRACTS,
    observed: pl.DataFrame = OBSERVED,
    aims: pl.DataFrame | None = None,
    **more: object,
) -> Forecast:
    asked: dict[str, object] = {"as_of": DAY, "first_day": FIRST, "seed": 1398, "draws": 1000, **more}
    return forecast(contracts, observed, targets(180e6) if aims is None else aims, **asked)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def iran() -> Forecast:
    aims = pl.concat([targets(8.6e9, basis=None), targets(150e6, 180e6, 220e6)])
    return odds(aims=aims, until=date(2023, 3, 20))


def test_the_record(iran: Forecast) -> None:
    """The published shares are EUR 158 m a year on that day; if it fails, a forecast departs from what is known."""
    now = iran.fan.filter((pl.col("amount") == "realised") & (pl.col("date") == DAY)).row(0, named=True)
    assert now["q05"] < 85e6 * 0.60 + 90e6 * 0.70 + 102e6 * 0.27 + 65e6 * 0.25 < now["q95"]
    signed = iran.fan.filter((pl.col("amount") == "contracted") & (pl.col("date") == DAY)).row(0, named=True)
    assert signed["q05"] == signed["q95"] == pytest.approx(398.4e6)


def test_ten_billion_is_out_of_reach_and_small_targets_are_not(iran: Forecast) -> None:
    """USD 10 bn (some EUR 8.6 bn) in each reading is all but nil, and never a bare nought; a higher target is less likely."""
    big = iran.chances.filter(pl.col("target") == "T8600000000")
    assert big["reading"].to_list() == ["contracted", "realised", "cumulated"]
    assert (big["probability"] < 0.005).all()
    assert (big["high"] > 0).all()
    small = iran.chances.filter(pl.col("value") < 1e9).sort("value")["probability"].to_list()
    assert small == sorted(small, reverse=True)
    assert small[0] > 0.9
    assert 0.3 < small[1] < 0.95
    assert "under 0." in iran.summary()


def test_run_rates_by_hand(iran: Forecast) -> None:
    """(8.6 bn - 398.4 m) over the 151 days to 20 March 2022; 398.4 m over the 842 days since 1 July 2019."""
    row = iran.chances.filter(pl.col("reading") == "contracted").row(0, named=True)
    assert row["run_rate_needed"] == pytest.approx((8.6e9 - 398.4e6) * 365.25 / 151)
    assert row["run_rate_so_far"] == pytest.approx(398.4e6 * 365.25 / 842)


def test_one_cross_section_tells_age_and_desk_badly_apart(iran: Forecast) -> None:
    """If it fails, four shares of one day pass for knowledge: reach and pace rise together, the spread is the prior's."""
    pair = iran.correlations.filter(
        pl.col("parameter").is_in(["reach", "pace"]) & pl.col("other").is_in(["reach", "pace"])
    )
    assert pair["correlation"].item() > 0.25
    beliefs = {row["parameter"]: row for row in iran.beliefs.iter_rows(named=True)}
    assert beliefs["reach_spread"]["said"].startswith("the record said")
    assert beliefs["error"]["said"] == "the record said nothing: this is the prior"
    assert "this is the prior" in iran.summary()
    assert beliefs["rate"]["said"] == "the record speaks"


def test_the_late_desk_pulls(iran: Forecast) -> None:
    """C06 (27 % at two years) is behind, C04 (70 %) is not; on time C06 would add to the chance."""
    assert set(iran.pulls["contract"]) >= {"C06"}
    assert not {"C01", "C04", "C12"} & set(iran.pulls["contract"])
    row = iran.pulls.filter((pl.col("contract") == "C06") & (pl.col("target") == "T180000000")).row(0, named=True)
    assert 5e6 < row["amount"] < 102e6
    assert row["probability"] > 0.05


def test_order_and_seed() -> None:
    """If it fails, shuffled rows or a second run give other odds."""
    first = odds()
    shuffled = odds(CONTRACTS.sample(fraction=1, shuffle=True, seed=1), OBSERVED.reverse())
    assert first.as_dict() == shuffled.as_dict()
    assert odds(seed=7).fan["q50"].to_list() != first.fan["q50"].to_list()


def test_a_unit_of_money_is_a_unit() -> None:
    """In thousands the probabilities are the same; if it fails, a prior knows the currency."""
    small = odds(CONTRACTS.with_columns(pl.col("amount") / 1000), aims=targets(180e3))
    assert small.chances["probability"].item() == pytest.approx(odds().chances["probability"].item(), abs=0.015)


def test_what_comes_later_is_not_seen() -> None:
    """Rows of a later day, or published later, change nothing; if it fails, a backtest peeks."""
    later = pl.DataFrame({"contract": ["X"], "signed": [date(2021, 12, 1)], "amount": [9e9]})
    unseen = OBSERVED[:1].with_columns(as_of=date(2022, 1, 1), share=0.99)
    found = odds(pl.concat([CONTRACTS, later]), pl.concat([OBSERVED, unseen]))
    assert found.as_dict() == odds().as_dict()
    hidden = CONTRACTS.with_columns(
        published=pl.when(pl.col("contract") == "C12").then(date(2022, 1, 1)).otherwise(None)
    )
    assert odds(hidden).contracts == 4


def test_a_share_above_another_stage_is_taken_as_printed() -> None:
    """Realised 70 % at 65 % of the work: nothing caps a share, so its posterior stands around 70 %."""
    alone = CONTRACTS.filter(pl.col("contract") == "C04")
    found = odds(alone, OBSERVED.filter(pl.col("contract") == "C04"), targets(63e6, due=DAY))
    assert found.chances["median"].item() == pytest.approx(63e6, rel=0.08)


def test_an_overdue_contract() -> None:
    """With a due day of its own that has passed, on time means whole: the gain is what it still lacks."""
    dated = CONTRACTS.with_columns(due=pl.when(pl.col("contract") == "C04").then(date(2021, 6, 1)).otherwise(None))
    row = odds(dated).pulls.filter(pl.col("contract") == "C04").row(0, named=True)
    assert row["why"] == "overdue"
    assert 0 < row["amount"] < 90e6 * 0.4


def test_another_currency_widens_the_band() -> None:
    """If it fails, the rate is not drawn, or moves what is held in the target's own currency."""
    on = [DAY - timedelta(days=30 * k) for k in range(24)]
    rates = pl.DataFrame({"date": on, "rate": np.exp(0.1 * (np.arange(24) % 2))})
    calm, moved = odds(), odds(CONTRACTS.with_columns(exposed=1.0), rates=rates)
    width = [f.chances["q95"].item() / f.chances["q05"].item() for f in (calm, moved)]
    assert width[1] > 1.3 * width[0]
    assert {"drift", "volatility"} <= set(moved.beliefs["parameter"])
    assert "No rates" in odds(CONTRACTS.with_columns(exposed=1.0)).summary()


def test_starts_that_are_told() -> None:
    """Ages count from the start; a contract that has not started has realised nothing, and may wait on."""
    started = CONTRACTS.with_columns(
        started=pl.when(pl.col("contract") != "C12").then(pl.col("signed") + timedelta(days=60))
    )
    found = odds(started)
    assert "delay" in set(found.beliefs["parameter"])
    only = started.filter(pl.col("contract") == "C12")
    assert odds(only, OBSERVED[:0], targets(1e3, due=DAY)).chances["q95"].item() == 0


def test_nothing_signed_yet() -> None:
    """If it fails, the first day of a programme ends in an error."""
    found = odds(CONTRACTS[:0], OBSERVED[:0])
    assert found.contracts == 0
    assert found.pulls.is_empty()
    assert 0 <= found.chances["probability"].item() <= 1


def test_a_stock_is_not_cumulated() -> None:
    """Contract value is a stock: an annual rate of it is refused, its running sum is what is realised."""
    found = odds(aims=targets(300e6, basis=None), measure="contract_value")
    assert found.chances["reading"].to_list() == ["contracted", "realised"]
    with pytest.raises(WrongUse, match="annual rate"):
        odds(measure="contract_value")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"contracts": CONTRACTS.with_columns(amount=pl.lit(0.0))}, "above 0"),
        ({"contracts": CONTRACTS.drop("signed")}, "signed is missing"),
        ({"contracts": CONTRACTS.with_columns(amount=pl.lit(None, pl.Float64))}, "empty cells"),
        ({"observed": OBSERVED.with_columns(share=pl.lit(60.0))}, "from 0 to 1"),
        ({"first_day": date(2019, 8, 1)}, "C01 was signed before"),
        ({"aims": targets(1e6, basis="level")}, "basis is `level`"),
        ({"aims": pl.concat([targets(1e6), targets(1e6)])}, "stands twice"),
        ({"measure": "savings"}, "measure is `savings`"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused(change: dict[str, object], error: str) -> None:
    """If it fails, a table that cannot be meant gives odds."""
    with pytest.raises(WrongUse, match=error):
        odds(**change)  # type: ignore[arg-type]


def test_a_share_of_an_unknown_contract_is_refused() -> None:
    """If it fails, a mistyped contract is dropped in silence."""
    with pytest.raises(LabelError, match="C99"):
        odds(observed=OBSERVED.with_columns(contract=pl.lit("C99")))


def test_reference_class_stands_beside() -> None:
    """The published counts with their sources, and the fifth of Uzbekistan's projects that had not started."""
    table = reference_class()
    assert table.filter(pl.col("what") == "production not started").select("count", "of").row(0) == (176, 948)
    assert table.filter(pl.col("country") == "Morocco").select("count", "of").row(0) == (40, 1179)
    assert (table["low"] < table["share"]).all()
    assert table["source"].str.contains("http").all()
    assert odds().reference["ours"].drop_nulls().len() == 2


@pytest.mark.slow
def test_a_thousand_contracts_as_cells() -> None:
    """Contracts drawn in cells give the sum that contracts drawn one by one give; if it fails, scale changes the odds."""
    from onshore.progress.forecast import pulls, simulation

    draw = np.random.default_rng(0)
    n = 400
    many = pl.DataFrame({
        "contract": [f"c{i:04d}" for i in range(n)],
        "signed": [DAY - timedelta(days=int(d)) for d in draw.integers(30, 800, n)],
        "amount": draw.lognormal(0, 0.5, n),
    })  # fmt: skip
    seen = many.select("contract", as_of=pl.lit(DAY), share=pl.Series(draw.uniform(0.1, 0.6, n)))
    found = []
    with pytest.MonkeyPatch.context() as patch:
        for single in (50, 400):
            patch.setattr(simulation, "SINGLE", single)
            patch.setattr(pulls, "SINGLE", single)
            found.append(odds(many, seen, targets(200.0), draws=400).chances.row(0, named=True))
    cells, one_by_one = found
    assert cells["median"] == pytest.approx(one_by_one["median"], rel=0.02)
    width = [f["q95"] - f["q05"] for f in found]
    assert width[0] == pytest.approx(width[1], rel=0.35)
