"""The curve and its likelihood: by hand, and against Gauss and Legendre's integral. If it fails, every odds rests on a wrong curve."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from onshore.progress.forecast.priors import Prior, Priors
from onshore.progress.forecast.realisation import (
    PARAMETERS,
    Records,
    fit_realisation,
    grown,
    log_likelihood,
    median_curve,
    nodes,
    realisation_priors,
)  # fmt: skip
from onshore.progress.forecast.sampling import TooFewDraws, Weighted, draw_grid, systematic

THETA = np.array([[0.8, np.log(0.7), np.log(24), np.log(0.4), np.log(1.5), np.log(0.05)]])


def one(age: float, share: float) -> Records:
    return Records(np.array([0]), np.array([age]), np.array([share]))


def test_curve_by_hand() -> None:
    """At age τ a contract has realised 1 - 1/e of what it will; before its start nothing, in the end all."""
    found = grown(np.array([-3.0, 0.0, 24.0, 48.0, 1e6]), np.log(24.0), np.array(1.0))
    assert found.tolist() == pytest.approx([0, 0, 1 - np.exp(-1), 1 - np.exp(-2), 1])
    assert median_curve(THETA, np.array([24.0])).item() == pytest.approx(expit(0.8) * (1 - np.exp(-1)))


@pytest.mark.parametrize(
    ("age", "share", "error"), [(27.0, 0.6, 0.03), (15.6, 0.25, 0.03), (6.0, 0.0, 0.03), (40.0, 1.0, 0.2)]
)
def test_likelihood_is_the_integral(age: float, share: float, error: float) -> None:
    """If it fails, integrating over a contract's own u and τ, or a published 0 or 1, is wrong."""
    at, weight = np.polynomial.legendre.leggauss(400)
    x, y = np.meshgrid(6 * at, 6 * at)
    s = expit(0.8 + 0.7 * x) * (1 - np.exp(-((age / np.exp(np.log(24) + 0.4 * y)) ** 1.5)))
    said = {0: norm.cdf(0, s, 0.05), 1: norm.sf(1, s, 0.05)}.get(share, norm.pdf(share, s, 0.05))
    expected = 36 * weight @ (said * norm.pdf(x) * norm.pdf(y)) @ weight
    # a share of 1 is a rarity (e^-8) that lives between the lattice's outermost points
    assert log_likelihood(THETA, one(age, share), nodes()).item() == pytest.approx(np.log(expected), abs=error)


def test_contracts_multiply_and_shares_of_one_contract_do_not() -> None:
    """If it fails, two shares of one contract count as two contracts, or the reverse."""
    a, b, z = one(40, 0.80), one(39, 0.79), nodes()
    apart = Records(np.array([0, 1]), np.array([40.0, 39.0]), np.array([0.80, 0.79]))
    together = Records(np.array([0, 0]), np.array([40.0, 39.0]), np.array([0.80, 0.79]))
    total = log_likelihood(THETA, a, z) + log_likelihood(THETA, b, z)
    assert log_likelihood(THETA, apart, z) == pytest.approx(total)
    assert log_likelihood(THETA, together, z).item() > total.item() + 0.3  # one good contract explains both


def test_without_a_record_the_posterior_is_the_prior() -> None:
    """If it fails, nothing is told apart from something."""
    empty = Records(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
    found = fit_realisation(empty, Priors(), 4000, np.random.default_rng(1))
    beliefs = realisation_priors(Priors())
    assert found.theta.mean(0) == pytest.approx([p.centre for p in beliefs], abs=0.08)
    assert found.effective == pytest.approx(4000)


def test_many_contracts_find_the_truth() -> None:
    """A hundred and twenty contracts seen at ages from 2 to 60 months tell reach and pace apart; if it fails, they never will."""
    draw, n = np.random.default_rng(7), 120
    age = draw.uniform(2, 60, n)
    u, tau = expit(0.3 + 0.5 * draw.standard_normal(n)), 18 * np.exp(0.3 * draw.standard_normal(n))
    share = np.clip(u * (1 - np.exp(-((age / tau) ** 1.8))) + 0.03 * draw.standard_normal(n), 0, 1)
    found = fit_realisation(Records(np.arange(n), age, share), Priors(), 800, draw)
    mean = found.weight @ found.theta
    spread = np.sqrt(found.weight @ np.square(found.theta - mean))
    assert np.all(np.abs(mean - [0.3, np.log(0.5), np.log(18), np.log(0.3), np.log(1.8), np.log(0.03)]) < 3.5 * spread)
    assert spread[PARAMETERS.index("pace")] < 0.15
    assert found.effective > 200


def test_a_record_that_no_curve_fits_is_refused() -> None:
    """If it fails, noise is printed as odds. A share that falls from 0.9 to 0.1 and back contradicts itself."""
    said = np.tile([0.9, 0.1], 20)
    records = Records(np.zeros(40, dtype=np.int64), np.linspace(10, 40, 40), said)
    sure = Priors(error=Prior("error", "log", 0.002, 0.01))
    with pytest.raises(TooFewDraws, match="100 is the least"):
        fit_realisation(records, sure, 600, np.random.default_rng(0))


def test_effective_draws_by_hand() -> None:
    """Weights of a half, a quarter and a quarter are worth 1 / (1/4 + 1/16 + 1/16) = 8/3 draws."""
    found = Weighted(np.arange(3.0)[:, None], np.array([0.5, 0.25, 0.25]))
    assert found.effective == pytest.approx(8 / 3)
    picked = systematic(found.weight, 8, np.random.default_rng(0))
    assert np.bincount(picked).tolist() == [4, 2, 2]


def test_grid_finds_a_sharp_peak_in_a_wide_box() -> None:
    """If it fails, a large programme's rate of signing is drawn from one cell."""
    peak, sharp = np.array([3.21, -1.0]), np.array([1e-4, 0.3])
    drawn = draw_grid(
        lambda t: -0.5 * np.square((t - peak) / sharp).sum(1),
        np.array([-20.0, -10]), np.array([20.0, 10]), 4000, np.random.default_rng(0),
    )  # fmt: skip
    assert drawn.mean(0) == pytest.approx(peak, abs=0.02)
    assert drawn.std(0) == pytest.approx(sharp, rel=0.08)
