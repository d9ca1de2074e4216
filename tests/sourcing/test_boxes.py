"""Ventures and modules made whole before the parts settle."""

import numpy as np
import pytest

import onshore as on
from onshore.demo import synth
from onshore.sourcing.decomposition.boxes import dived
from onshore.sourcing.decomposition.dual import Dual
from onshore.sourcing.decomposition.stages import COARSE, EVERY
from onshore.sourcing.decomposition.wide import wide_of
from onshore.sourcing.problem import problem_of


@pytest.fixture(scope="module")
def climbed() -> Dual:
    """Prices of a programme whose ventures and modules are twenty times as dear."""
    drawn = synth.draw(40, 1, fixed_costs=20.0)
    dual = Dual.start(wide_of(problem_of(on.build(drawn.settings, drawn.tables))).full)
    thin = dual.full.table.thinned(EVERY)
    for tau, steps in COARSE:
        dual.climb(thin, tau, steps)
        dual.full_pass(dual.prices)
    return dual


def test_a_dive_ends_with_whole_boxes_that_keep_their_own_rows(climbed):
    """If it fails, parts settle around a tenth of a venture, or around more modules than a shop may have."""
    full = climbed.full
    made = dived(climbed, np.inf, lambda: False)
    z = made.full.lower
    assert np.array_equal(z, made.full.upper)
    assert np.array_equal(z, np.round(z))
    assert (full.lower <= z).all()
    assert (z <= full.upper).all()
    own = ~full.table.touched()
    assert own.any()
    assert ((full.matrix @ z)[own] <= full.right[own] + 1e-9).all()
    assert made.bound >= climbed.bound - 1e-6 * abs(climbed.bound)


def test_a_dive_that_is_proved_worse_than_a_plan_is_dropped(climbed):
    """If it fails, a better plan is given up for boxes that cannot beat it."""
    assert dived(climbed, climbed.bound, lambda: False) is None
