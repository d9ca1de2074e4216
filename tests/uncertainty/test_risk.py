"""Averages and tails of samples whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from onshore.uncertainty.risk import cvar, mean, tail

TEN = np.arange(1.0, 11.0)


@pytest.mark.parametrize(("level", "value"), [(0.0, 5.5), (0.8, 9.5), (0.75, (10 + 9 + 0.5 * 8) / 2.5), (0.95, 10.0)])
def test_conditional_value_at_risk_of_ten_equal_costs(level, value):
    """If it fails, the tail is cut in the wrong place, or a world that lies half in it counts whole."""
    assert cvar(TEN, level).value == pytest.approx(value)
    assert tail(TEN, level).sum() == pytest.approx(1)


def test_it_is_the_least_over_eta():
    """If it fails, it is not what Rockafellar and Uryasev (2000) define: the least of eta + E max(0, c - eta) / (1 - level)."""
    costs = np.array([3.0, -1, 4, 1, 5, 9, 2, 6, 5, 3, 5])
    for level in (0.3, 0.5, 0.9):
        etas = np.linspace(-2, 10, 2401)
        least = min(eta + np.maximum(0, costs - eta).mean() / (1 - level) for eta in etas)
        assert cvar(costs, level).value == pytest.approx(least, abs=6e-3)


def test_errors():
    """If it fails, an error is not s / sqrt(n), an interval not Student's, or one draw in the tail pretends to have an error."""
    assert mean(np.array([1.0, 3.0])).error == pytest.approx(1.0)
    low, high = mean(np.array([1.0, 3.0])).between(0.95)
    assert (low, high) == pytest.approx((2 - 12.706, 2 + 12.706), abs=1e-3)  # t of one degree of freedom
    assert mean(np.array([1.0])).error is None
    assert mean(np.array([1.0])).between(0.95) is None
    assert cvar(TEN, 0.9).error is None
    assert cvar(TEN, 0.8).error == pytest.approx(np.std([9] * 9 + [14], ddof=1) / np.sqrt(10))
