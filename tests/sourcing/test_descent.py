"""Projected L-BFGS against SciPy's L-BFGS-B, and a corner by hand."""

import numpy as np
import pytest
from scipy import optimize

from onshore.sourcing.decomposition.descent import descended


@pytest.mark.parametrize("seed", range(5))
def test_it_comes_to_the_minimum_that_another_method_finds(seed):
    """If it fails, prices stop short of the bound that they could prove."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(60, 40)), rng.normal(size=60)
    most = np.where(rng.uniform(size=40) < 0.3, rng.uniform(0.05, 0.3, 40), np.inf)

    def value(x):
        over = a @ x - b
        return float(np.logaddexp(0.0, over).sum() + 0.1 * x @ x), a.T @ (1 / (1 + np.exp(-over))) + 0.2 * x

    x = descended(value, np.minimum(0.5, most), most, 400)
    other = optimize.minimize(
        value, np.full(40, 0.01), jac=True, method="L-BFGS-B", bounds=optimize.Bounds(np.zeros(40), most),
        options={"maxiter": 5000, "ftol": 0.0, "gtol": 1e-10},
    )  # fmt: skip
    assert (x >= 0).all()
    assert (x <= most).all()
    assert value(x)[0] == pytest.approx(other.fun, rel=1e-9)
    assert np.allclose(x, other.x, atol=1e-4)
    assert ((x == 0) | (x == most)).any()  # sides matter here


def test_it_stays_in_a_corner_that_is_the_minimum():
    """If it fails, prices leave their sides for nothing: the least of x + y over the box is at (0, 0), of -x at its cap."""
    x = descended(
        lambda x: (x[0] + x[1] - x[2], np.array([1.0, 1.0, -1.0])), np.full(3, 0.5), np.array([np.inf, 1.0, 2.0]), 50
    )
    assert x.tolist() == [0.0, 0.0, 2.0]
