"""Worlds worked out by hand. If one fails, an effect, its error or its comparison is computed wrongly."""

import numpy as np
import polars as pl
import pytest
from impact.panels import panel, paths

from onshore.impact import Design, measure_effect

LEVEL = Design(scale="level")


def overall(effect):
    return {(r["estimator"], r["weighing"]): r["effect"] for r in effect["effect_overall"].iter_rows(named=True)}


def test_two_groups_and_two_months():
    """Started parts move by -2 and -1, the others by 1 and 0: the effect is -1.5 - 0.5 = -2.

    Deviations from each mean are half a unit four times, so the variance is 0.5 / 2^2 + 0.5 / 2^2 = 0.25, the error 0.5.
    """
    values = np.array([[10, 8], [12, 11], [20, 21], [30, 30]], dtype=float)
    effect = measure_effect(panel(values, [1, 1, None, None]), design=LEVEL)
    assert effect.figures["effect"] == pytest.approx(-2, abs=1e-12)
    assert effect.figures["error"] == pytest.approx(0.5, abs=1e-12)
    assert all(v == pytest.approx(-2, abs=1e-12) for v in overall(effect).values())
    assert {f.kind for f in effect.warnings} == {"few_clusters", "one_cohort", "no_pretrend"}


def test_two_groups_in_shares():
    """A price that halves while the others stay is a change of -50 %, whatever its size."""
    effect = measure_effect(panel(np.array([[10.0, 5], [8, 4], [3, 3], [70, 70]]), [1, 1, None, None]))
    assert effect.figures["change"] == pytest.approx(-0.5, abs=1e-12)


def test_three_cohorts_with_a_known_effect():
    """Effects of -(1 + months since) x cohort come out exactly where nothing else happens, by cohort and month."""
    starts = [3] * 4 + [5] * 3 + [7] * 2 + [None] * 5
    truth = lambda start, since: -0.1 * start * (1 + since)  # noqa: E731
    effect = measure_effect(panel(paths(starts, 10, truth), starts), design=Design(scale="level", placebos=(1, 2)))
    for r in effect["effect_cells"].iter_rows(named=True):
        since, start = r["months_since"], r["started"].month - 1
        assert r["effect"] == pytest.approx(truth(start, since) if since >= 0 else 0, abs=1e-10)
    means = {3: -0.3 * np.mean(range(1, 8)), 5: -0.5 * np.mean(range(1, 6)), 7: -0.7 * 2}
    cohorts = effect["effect_cohorts"]
    assert cohorts["effect"].to_list() == pytest.approx(list(means.values()), abs=1e-10)
    assert cohorts["parts"].to_list() == [4, 3, 2]
    assert effect.figures["effect"] == pytest.approx((4 * means[3] + 3 * means[5] + 2 * means[7]) / 9, abs=1e-10)
    assert effect["effect_placebos"]["effect"].to_list() == pytest.approx([0, 0], abs=1e-10)
    both = overall(effect)
    assert both["imputation", "cells"] == pytest.approx(both["callaway_santanna", "cells"], abs=1e-10)
    since = effect["effect_since"].filter(pl.col("months_since") == 1)
    assert since["effect"].to_list() == pytest.approx([-0.2 * (4 * 3 + 3 * 5 + 2 * 7) / 9] * 2, abs=1e-10)


def test_the_naive_estimate_says_minus_where_no_effect_is():
    """Two parts, three months. A's line gives +1 and then +3, B's gives 0: the naive estimate is -0.5.

    It averages, half and half, A against B before B starts, 1, and B against A after A did, 0 - (3 - 1) = -2. What can be
    measured is A in its first month, 1.
    """
    values = np.array([[5, 6, 8], [5, 6, 8], [2, 2, 2], [2, 2, 2]], dtype=float)
    effect = measure_effect(panel(values, [1, 1, 2, 2]), design=LEVEL)
    parts = {r["comparison"]: (r["weight"], r["effect"]) for r in effect["effect_naive"].iter_rows(named=True)}
    assert parts["later"] == pytest.approx((0.5, 1))
    assert parts["already"] == pytest.approx((0.5, -2))
    assert parts["never"] == (0, None)
    assert effect.figures["naive_effect"] == pytest.approx(-0.5)
    assert effect.figures["effect"] == pytest.approx(1)
    assert "already" in " ".join(effect.figures["remarks"])
    assert "none_never" in {f.kind for f in effect.warnings}


def test_what_is_anticipated_is_no_base():
    """Prices that fall by 1 a month before the start, because it was known, are held against the month before that."""
    starts = [4, 4, None, None]
    values = np.full((4, 7), 9.0)
    values[:2, 3:] -= 1
    values[:2, 4:] -= 1
    assert measure_effect(panel(values, starts), design=LEVEL).figures["effect"] == pytest.approx(-1)
    known = measure_effect(panel(values, starts), design=Design(scale="level", anticipation=1))
    assert known.figures["effect"] == pytest.approx(-2)
    assert known.figures["imputation_effect"] == pytest.approx(-2)


def test_a_prediction_is_held_against_the_same_months():
    """Predicted -10 % and -20 %; measured -10 % in both: the first lies in the band and the second does not."""
    starts = [3] * 12 + [None] * 12
    values = np.full((24, 5), 100.0)
    values[:12, 3:] *= 0.9
    values *= np.exp(np.random.default_rng(1).normal(0, 0.001, values.shape))
    path = [
        {"months_since": 0, "effect": -0.1},
        {"months_since": 1, "effect": -0.2},
        {"months_since": 9, "effect": -0.2},
    ]
    effect = measure_effect(panel(values, starts), predicted=path)
    assert effect["effect_predicted"]["inside"].to_list() == [True, False, None]
    assert effect.figures["predicted_months"] == 2
    assert effect.figures["predicted_inside"] == 1
    assert effect.figures["predicted_mean"] == pytest.approx((np.log(0.9) + np.log(0.8)) / 2)
    assert effect.figures["predicted_p_value"] < 0.001
    assert "missed" in effect.summary()


def test_quarters_are_counted_in_months():
    """A panel by quarter: months since are 0, 3, 6, and a start in a quarter's second month lies in that quarter."""
    starts = [2, 2, None, None]
    frame = panel(paths(starts, 5, lambda s, e: -1.0), starts, step=3)
    late = frame.with_columns(pl.col("started").dt.offset_by("1mo"))
    effect = measure_effect(late, design=LEVEL)
    assert effect["effect_since"].filter(pl.col("estimator") == "imputation")["months_since"].to_list() == [0, 3, 6]
    assert effect.figures["effect"] == pytest.approx(-1)
