"""Counts, sizes, delays and the rate against SciPy and closed forms. If it fails, what is still to come is misjudged."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom

from onshore.progress.forecast.priors import Prior, Priors
from onshore.progress.forecast.signings import (
    fit_delay,
    fit_exchange,
    fit_signings,
    fit_sizes,
    signing_log_likelihood,
    simulate_counts,
)  # fmt: skip

FLAT = 10.0


def test_likelihood_is_scipys_negative_binomial() -> None:
    """If it fails, months without a signing, or parts of months, count for nothing or too much."""
    counts, months = np.array([0, 2, 0, 1, 0]), np.array([1, 1, 1, 1, 0.4])
    rate, r = 0.6, 0.8
    expected = nbinom.logpmf(counts, r * months, r / (r + rate)).sum()
    found = signing_log_likelihood(np.log([[rate, r]]), counts, months)
    assert found.item() == pytest.approx(expected)


def test_the_months_agree_with_the_year() -> None:
    """Twelve months drawn one by one have the mean and variance of one year: λ h and λ h (1 + λ / r)."""
    theta = np.repeat(np.log([[2.0, 0.5]]), 40_000, axis=0)
    months = simulate_counts(theta, np.ones(12), np.random.default_rng(0)).sum(1)
    year = simulate_counts(theta, np.array([12.0]), np.random.default_rng(1))[:, 0]
    for found in (months, year):
        assert found.mean() == pytest.approx(24, rel=0.02)
        assert found.var() == pytest.approx(24 * 5, rel=0.06)


def test_rate_follows_the_record_however_large() -> None:
    """If it fails, a programme of a million contracts is outside the prior's box."""
    for monthly in (1, 40_000):
        counts = np.random.default_rng(0).poisson(monthly, 48)
        drawn = fit_signings(counts, np.ones(48), Priors(), 2000, np.random.default_rng(1))
        assert np.exp(drawn[:, 0]).mean() == pytest.approx(counts.mean(), rel=0.12)


def test_sizes_with_a_flat_prior_are_the_textbook_posterior() -> None:
    """μ given the logs is centred on their mean; if it fails, sizes are learnt from the prior alone."""
    amounts = np.exp(np.random.default_rng(0).normal(4, 0.5, 60))
    flat = Prior("", "log", 1.0, FLAT)
    drawn = fit_sizes(amounts, flat, Priors(size_spread=Prior("", "log", 1.0, 5.0)), 4000, np.random.default_rng(1))
    logs = np.log(amounts)
    assert drawn[:, 0].mean() == pytest.approx(logs.mean(), abs=0.01)
    assert drawn[:, 0].std() == pytest.approx(logs.std(ddof=1) / 60**0.5, rel=0.08)


def test_nobody_signed_yet() -> None:
    """Two years without a signing lower the rate; no contract leaves the size at its prior."""
    drawn = fit_signings(np.zeros(24, dtype=int), np.ones(24), Priors(), 2000, np.random.default_rng(0))
    assert np.median(np.exp(drawn[:, 0])) < 0.05
    sizes = fit_sizes(np.zeros(0), Priors().size, Priors(), 4000, np.random.default_rng(0))
    assert np.median(sizes[:, 0]) == pytest.approx(np.log(0.01), abs=0.2)


def test_a_contract_that_waits_lengthens_the_delay() -> None:
    """If it fails, contracts that have not started are left out, and delays look short."""
    waited, begun = np.array([2.0, 3.0, 2.5, 20.0]), np.array([True, True, True, False])
    with_it = fit_delay(waited, begun, Priors(), 2000, np.random.default_rng(0))
    without = fit_delay(waited[:3], begun[:3], Priors(), 2000, np.random.default_rng(0))
    assert np.median(np.exp(with_it)) > 1.5 * np.median(np.exp(without))


def test_volatility_of_a_rate_by_hand() -> None:
    """Monthly moves of plus and minus 5 % are 17 % a year (0.05 √12); if it fails, the unit of time is wrong."""
    days = np.arange(61) * 365.25 / 12
    rates = np.exp(0.05 * (np.arange(61) % 2))
    drawn = fit_exchange(days, rates, Priors(), 2000, np.random.default_rng(0))
    assert np.median(np.exp(drawn[:, 1])) == pytest.approx(0.05 * 12**0.5, rel=0.05)
    assert abs(np.median(drawn[:, 0])) < 0.03
