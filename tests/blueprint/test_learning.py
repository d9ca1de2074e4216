"""The learning curve against its definition and a published table."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad

from onshore.blueprint.learning import mean_price_factor

DATA = Path(os.environ.get("ONSHORE_DATA", Path(__file__).parents[3] / "shared" / "data"))


def factor(before: float, units: float, experience: float, ratio: float) -> float:
    return float(mean_price_factor(*(np.array([v]) for v in (before, units, experience, ratio)))[0])


def test_a_doubling_costs_the_ratio():
    """If it fails, the ratio is not one of price per doubling."""
    assert factor(100, 0, 100, 0.8) == pytest.approx(0.8)
    assert factor(300, 0, 100, 0.8) == pytest.approx(0.64)


@pytest.mark.parametrize(("before", "units"), [(0, 100), (73.3, 41.7), (1e7, 1e-3)])
def test_a_price_that_does_not_learn_is_exactly_itself(before, units):
    """If it fails, 100 units at 10 cost 1000.0000000000002."""
    assert factor(before, units, 7, 1.0) == 1.0


def test_a_trickle_of_units_loses_no_digits():
    """If it fails, the mean over very few units is rounding noise."""
    assert factor(40, 1e-9, 100, 0.8) == pytest.approx(1.4 ** np.log2(0.8), rel=1e-11)


@pytest.mark.parametrize("ratio", [0.55, 0.8, 0.999, 1.0])
@pytest.mark.parametrize("units", [1e-2, 1.0, 5000.0])
def test_mean_is_the_integral(ratio, units):
    """If it fails, a year's price is not the mean over the units made in it."""
    b = np.log2(ratio)
    mean = quad(lambda n: ((100 + n) / 100) ** b, 40, 40 + units)[0] / units
    assert factor(40, units, 100, ratio) == pytest.approx(mean, rel=1e-9)


def test_block_of_units_as_published():
    """If it fails, our continuous curve is not Wright's. First unit 75, units 201 to 250, ratio 0.85 (CRAN learningCurve).

    Its sum over whole units from n to m is the curve's integral from n - 1/2 to m + 1/2, to a part in a million here.
    """
    file = DATA / "prices" / "learning_curve_reference.json"
    if not file.exists():
        pytest.skip("no reference data; set ONSHORE_DATA to the folder that holds prices/")
    published = json.loads(file.read_text())["crawford_unit_cum(t=100,n=125,r=.85)"]["published"]
    b = np.log2(0.85)
    first = 100 * sum(n**b for n in range(1, 11))  # the curve is steep at first: those units one by one
    rest = 100 * 10.5**b * 115 * factor(0, 115, 10.5, 0.85)
    assert first + rest == pytest.approx(published, rel=2e-5)
