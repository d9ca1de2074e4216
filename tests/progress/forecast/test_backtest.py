"""Backtests: only what was published is used, and few outcomes claim nothing."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from onshore.progress.forecast.backtest import backtest
from onshore.progress.forecast.calibration import DAY, FEW_ROUNDS, draw_programme

FIRST = date(2019, 7, 1)
CONTRACTS = pl.DataFrame({
    "contract": ["a", "b"], "signed": [date(2019, 8, 1), date(2020, 2, 1)], "amount": [10.0, 20.0],
    "published": [date(2019, 8, 1), date(2020, 9, 1)],
})  # fmt: skip
OBSERVED = pl.DataFrame({
    "contract": ["a", "a", "b"], "as_of": [date(2020, 6, 1), date(2021, 6, 1), date(2021, 6, 1)], "share": [0.2, 0.5, 0.3],
})  # fmt: skip


def test_few_outcomes_claim_nothing() -> None:
    """`b` is published in September 2020, so a forecast of June knows `a` alone; if it fails, hindsight is used."""
    found = backtest(CONTRACTS, OBSERVED, [date(2020, 7, 1), date(2021, 1, 1)], first_day=FIRST, seed=1, draws=400)
    shares = found.forecasts.filter(pl.col("what") == "share")
    assert shares.select("made", "contract").rows() == [
        (date(2020, 7, 1), "a"), (date(2021, 1, 1), "a"), (date(2021, 1, 1), "b")
    ]  # fmt: skip
    total = found.forecasts.filter(pl.col("what") == "contracted").row(0, named=True)
    assert (total["outcome"], total["q05"]) == (30.0, 10.0)
    assert (found.outcomes, found.covered_50, found.covered_90) == (3, None, None)
    assert "no coverage is claimed" in found.summary()


def test_what_was_published_later_changes_nothing() -> None:
    """A share of June 2020 that was printed in 2022 is an outcome of no earlier forecast's record."""
    late = OBSERVED.with_columns(published=pl.col("as_of")).with_columns(
        published=pl.when(pl.col("as_of") == date(2020, 6, 1)).then(date(2022, 1, 1)).otherwise("published")
    )
    words = {"first_day": FIRST, "seed": 1, "draws": 400}
    with_it = backtest(CONTRACTS, late, [date(2020, 7, 1)], **words)  # type: ignore[arg-type]
    without = backtest(CONTRACTS, OBSERVED[1:], [date(2020, 7, 1)], **words)  # type: ignore[arg-type]
    assert with_it.forecasts.equals(without.forecasts)


@pytest.mark.slow
def test_twenty_outcomes_are_counted() -> None:
    """With twenty outcomes and more the bands are counted; the model that drew the programme covers what it should."""
    from onshore.progress.forecast.calibration import few_rounds_but
    from onshore.progress.forecast.priors import Prior

    many = few_rounds_but(rate=Prior("contracts signed a month", "log", 2.0, 0.1))
    drawn = draw_programme(many, np.random.default_rng(4), months=36)
    found = backtest(
        drawn.contracts, drawn.observed, [date(2020, 11, 1), date(2021, 5, 1)], first_day=date(2018, 10, 1), seed=1,
        draws=400, priors=FEW_ROUNDS,
    )  # fmt: skip
    assert found.outcomes >= 20
    assert found.covered_90 is not None
    assert found.covered_90 > 0.7
    assert found.forecasts["day"].max() <= DAY
