"""What must hold whatever the panel. If one fails, an estimate depends on what it should not depend on."""

import numpy as np
import polars as pl
import pytest
from impact.panels import panel, paths

from onshore.impact import Design, measure_effect
from onshore.impact.aggregate import answers_of
from onshore.impact.cells import NEVER, cells_of, estimate
from onshore.impact.imputation import impute
from onshore.impact.inference import by_cluster, joint_zero, standard_errors, sup_t
from onshore.impact.naive import naive

LEVEL = Design(scale="level", placebos=(1, 2, 3))
STARTS = [4] * 9 + [6] * 8 + [9] * 7 + [None] * 12


def shrinking(start, since):
    return -0.1 * start - 0.02 * since


@pytest.fixture(scope="module")
def noisy():
    return panel(paths(STARTS, 12, shrinking, noise=0.1, seed=3), STARTS)


def test_the_order_of_rows_changes_nothing(noisy):
    """Not by a digit: what is drawn for the bands is the same too."""
    one, other = (measure_effect(f, design=LEVEL) for f in (noisy, noisy.sample(fraction=1, shuffle=True, seed=5)))
    assert one.figures == other.figures
    assert all(one[t].equals(other[t]) for t in one.tables)


def test_more_parts_that_never_start_leave_the_effect_where_it_is():
    """With the same common path and no noise, exactly; the answer may not depend on how many stay imported."""
    more = STARTS + [None] * 40
    few, many = (measure_effect(panel(paths(s, 12, shrinking), s), design=LEVEL) for s in (STARTS, more))
    assert few.figures["effect"] == pytest.approx(many.figures["effect"], abs=1e-9)
    assert few.figures["imputation_effect"] == pytest.approx(many.figures["imputation_effect"], abs=1e-9)


def test_levels_and_common_shocks_do_not_matter(noisy):
    """Adding to each part its own number and to each month its own leaves every estimate."""
    shifted = noisy.with_columns(
        value=pl.col("value") + 7 * pl.col("part").str.slice(1).cast(pl.Float64) + 3.0 * pl.col("month").dt.month() ** 2
    )
    one, other = (measure_effect(f, design=LEVEL)["effect_overall"]["effect"].to_numpy() for f in (noisy, shifted))
    assert one == pytest.approx(other, abs=1e-9)


def test_another_unit_scales_the_effect_and_its_error(noisy):
    """In thousandths, everything is a thousand times as large; in shares nothing moves."""
    thousandths = noisy.with_columns(pl.col("value") * 1000)
    one, other = (measure_effect(f, design=LEVEL).figures for f in (noisy, thousandths))
    assert 1000 * one["effect"] == pytest.approx(other["effect"])
    assert 1000 * one["error"] == pytest.approx(other["error"])
    positive = noisy.with_columns(pl.col("value").exp())
    one, other = (measure_effect(f).figures for f in (positive, positive.with_columns(pl.col("value") * 1000)))
    assert one["effect"] == pytest.approx(other["effect"])


def arrays(seed=0, n=60, periods=8):
    draw = np.random.default_rng(seed)
    start = draw.choice([3, 5, 6, NEVER], n)
    return draw.normal(0, 1, (n, periods)).cumsum(axis=1), start, draw.normal(0, 1, (n, 1))


def test_the_test_of_pre_trends_does_not_depend_on_the_base():
    """Against parts that never start, `varying` differences are sums of `universal` ones: the same Wald statistic."""
    y, start, x = arrays()
    told = []
    for base in ("universal", "varying"):
        cells = cells_of(start, 8, anticipation=0, base=base, never_only=True)
        found = estimate(y, start, cells, anticipation=0, never_only=True, x=x[:, :0], method="regression")
        told.append(joint_zero(found[cells.since < 0], np.arange(60)).statistic)
    assert told[0] == pytest.approx(told[1])


def test_influence_adds_up_to_nothing_and_moves_as_a_part_does():
    """psi[i] / N is what the estimate loses when part i is counted a little less: the derivative, by weights."""
    y, start, x = arrays(1)
    cells = cells_of(start, 8, anticipation=0, base="universal", never_only=False)
    none = x[:, :0]
    found = answers_of(cells, estimate(y, start, cells, anticipation=0, never_only=False, x=none, method=""), start)
    assert found.cohorts.overall.psi.sum() == pytest.approx(0, abs=1e-9)
    many = 400
    for i in (0, 17, 40):
        doubled = np.repeat(np.arange(60), many + (np.arange(60) == i))
        again = answers_of(
            cells, estimate(y[doubled], start[doubled], cells, anticipation=0, never_only=False, x=none[doubled], method=""), start[doubled]
        )  # fmt: skip
        for one, other in (
            (found.cohorts.overall, again.cohorts.overall),
            (found.simple, again.simple),
            (found.since.overall, again.since.overall),
        ):
            assert (other.value - one.value)[0] * 60 * many == pytest.approx(one.psi[0, i], rel=0.05, abs=0.02)


def test_without_covariates_all_ways_of_using_them_agree():
    """A column of nothing but ones tells nothing: three methods, one number and one error."""
    from onshore.impact.adjust import ADJUST

    draw = np.random.default_rng(2)
    dy, d, ones = draw.normal(0, 1, 50), (np.arange(50) < 20).astype(float), np.ones((50, 1))
    for value, psi in (f(dy, d, ones) for f in ADJUST.values()):
        assert value == pytest.approx(dy[:20].mean() - dy[20:].mean())
        expected = np.where(d == 1, (dy - dy[:20].mean()) * 2.5, -(dy - dy[20:].mean()) * 50 / 30)
        assert psi == pytest.approx(expected)


@pytest.mark.parametrize("method", ["doubly_robust", "regression", "weighting"])
def test_covariates_take_out_what_they_explain(method):
    """Parts with a larger x drift more and start more often: without x the effect is wrong, with it it is not.

    Weighting by odds is right on average only, so it is held to its error.
    """
    draw = np.random.default_rng(4)
    n, periods = 400, 8
    x = draw.normal(0, 1, n)
    starts = [5 if c else None for c in draw.random(n) < 1 / (1 + np.exp(-x))]
    values = draw.normal(3, 1, n)[:, None] + 0.1 * np.outer(x, np.arange(periods))
    values[[s is not None for s in starts], 5:] -= 1
    frame = panel(values, starts, x_size=x)
    without = measure_effect(frame, design=Design(scale="level", placebos=(1,)))
    assert abs(without.figures["effect"] + 1) > 0.1
    assert without.figures["placebo_least_p_value"] < 0.001
    given = measure_effect(frame, design=Design(scale="level", covariates=("x_size",), method=method))
    if method == "weighting":
        assert abs(given.figures["effect"] + 1) < 3 * given.figures["error"]
    else:
        assert given.figures["effect"] == pytest.approx(-1, abs=1e-9)
    assert given.figures["imputation_effect"] == pytest.approx(-1, abs=1e-9)


def dense(y, start, x):
    """Imputation as the paper writes it, with dummies and matrices: mean effects and errors by periods since."""
    n, periods = y.shape
    part, time = np.divmod(np.arange(n * periods), periods)
    since = np.where(start[part] == NEVER, -99, time - np.minimum(start[part], 99))
    before = since < 0
    z = np.zeros((n * periods, n + 2 * periods))
    z[np.arange(len(z)), part] = 1
    z[np.arange(len(z)), n + time] = 1
    z[np.arange(len(z)), n + periods + time] = x[part, 0]
    flat = y.ravel()
    rest = flat - z @ np.linalg.lstsq(z[before], flat[before], rcond=None)[0]
    told = []
    for h in np.unique(since[~before]):
        v = (since == h) / (since == h).sum()
        v[before] = -z[before] @ np.linalg.lstsq(z[before].T @ z[before], z[~before].T @ v[~before], rcond=None)[0]
        noise = rest.copy()
        for g in np.unique(start[start != NEVER]):
            own = (start[part] == g) & (time == g + h)
            if own.any():
                noise[own] -= (v[own] ** 2 * rest[own]).sum() / (v[own] ** 2).sum()
        scores = (v * noise * (before | (since == h))).reshape(n, periods).sum(axis=1)
        told.append((rest[since == h].mean(), np.sqrt((scores**2).sum())))
    return np.array(told).T


def test_imputation_is_what_dummies_and_matrices_give():
    """Our sums by cohort against least squares with a column for each part and month, and weights written out."""
    y, start, x = arrays(5, n=30, periods=7)
    value, error = dense(y, start, x)
    found = impute(y, start, x, anticipation=0)
    assert found.value == pytest.approx(value, abs=1e-9)
    assert np.sqrt((found.scores[:-1] ** 2).sum(axis=1)) == pytest.approx(error, abs=1e-9)


def test_the_naive_estimate_is_least_squares_and_its_pieces_add_up():
    """Against a regression with dummies; the weights of Goodman-Bacon add up to 1 and the pieces to the estimate."""
    y, start, _ = arrays(6)
    n, periods = y.shape
    part, time = np.divmod(np.arange(n * periods), periods)
    z = np.hstack([np.eye(n)[part], np.eye(periods)[time], (time >= start[part])[:, None]])
    found = naive(y, start)
    assert found.value == pytest.approx(np.linalg.lstsq(z, y.ravel(), rcond=None)[0][-1])
    assert sum(found.weight.values()) == pytest.approx(1)
    assert sum(w * found.effect[k] for k, w in found.weight.items() if w) == pytest.approx(found.value)


def test_clusters_are_summed_before_they_are_squared():
    """Two clusters of two: (1 + 2)^2 + (3 - 1)^2 = 13, over 4 parts; each its own: 1 + 4 + 9 + 1 = 15."""
    psi = np.array([[1.0, 3, 2, -1]])
    assert by_cluster(psi, np.array([0, 1, 0, 1])).tolist() == [[3, 2]]
    assert standard_errors(psi, np.array([0, 1, 0, 1]))[0] == pytest.approx(np.sqrt(13) / 4)
    assert standard_errors(psi, np.arange(4))[0] == pytest.approx(np.sqrt(15) / 4)


def test_a_band_over_one_estimate_is_its_interval_and_over_many_is_wider():
    """1.96 for one; for k independent ones the quantile 0.975^(1/k)-like of the normal: 2.80 for ten."""
    draw = np.random.default_rng(7)
    psi = draw.normal(0, 1, (10, 20_000))
    own = np.arange(20_000)
    assert sup_t(psi[:1], own, 0.95) == pytest.approx(1.96, abs=0.03)
    assert sup_t(psi, own, 0.95) == pytest.approx(2.80, abs=0.03)
    assert sup_t(np.repeat(psi[:1], 5, axis=0), own, 0.95) == pytest.approx(1.96, abs=0.03)
