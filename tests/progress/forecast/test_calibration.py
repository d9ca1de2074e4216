"""Simulation-based calibration: if it fails, a probability of 70 % does not mean seven times in ten."""

from __future__ import annotations

import pytest

from onshore.progress.forecast.calibration import Calibration, calibrate, few_rounds_but
from onshore.progress.forecast.priors import Prior


def check(found: Calibration, least: float) -> None:
    """Ranks uniform for all quantities together (the least of their p values, Bonferroni), bands within 4 errors."""
    assert found.refused <= found.programmes // 50
    assert found.least_effective > 100
    assert found.table["p_uniform"].min() * found.table.height > least  # type: ignore[operator]
    for band in (50, 90):
        off = (found.table[f"covered_{band}"] - band / 100).abs() / found.table[f"error_{band}"]
        assert off.max() < 4  # type: ignore[operator]


def test_a_few_programmes() -> None:
    """Thirty see a gross error only: a sign, a factor of two, a band of the wrong width."""
    check(calibrate(30, seed=20, proposals=1000, draws=396), 0.01)


def test_a_wrong_forecast_is_caught() -> None:
    """Programmes whose truth is a factor of e^2 from what the forecast believes must fail the check."""
    import numpy as np
    import polars as pl

    from onshore.progress.forecast import calibration

    drawn = calibration.draw_programme

    def shifted(*words: object) -> calibration.Drawn:
        found = drawn(*words)  # type: ignore[arg-type]
        later = {k: v * np.exp(2) for k, v in found.truth.items() if "year on" in k}
        return calibration.Drawn(found.contracts, found.observed, found.rates, {**found.truth, **later})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "draw_programme", shifted)
        table = calibrate(8, seed=3, proposals=1000, draws=198).table
    assert table.filter(pl.col("quantity") == "realised a year on")["p_uniform"].item() < 0.001


@pytest.mark.slow
@pytest.mark.parametrize("everything", [False, True])
def test_many_programmes(everything: bool) -> None:
    """Two hundred of some five rounds; with `everything` delays and another currency too."""
    check(calibrate(200, seed=5, everything=everything), 0.01)


@pytest.mark.slow
def test_large_programmes() -> None:
    """Some six hundred contracts each, drawn in cells and fitted by lot."""
    priors = few_rounds_but(rate=Prior("contracts signed a month", "log", 22.0, 0.3))
    check(calibrate(20, seed=6, priors=priors, draws=990), 0.01)
