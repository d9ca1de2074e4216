"""What a panel cannot answer, it says: every reason at once. If one fails, a wrong number is given instead of a reason."""

import numpy as np
import polars as pl
import pytest
from impact.panels import panel

from onshore.errors import InputError, WrongUse
from onshore.impact import Design, measure_effect

FLAT = np.full((4, 4), 5.0)


def kinds(frame, **design):
    with pytest.raises(InputError) as caught:
        measure_effect(frame, design=Design(**design))
    return {f.kind for f in caught.value.findings if f.level == "error"}


@pytest.mark.parametrize(
    ("starts", "expected"),
    [
        ([None] * 4, "nothing_started"),
        ([9] * 4, "nothing_started"),
        ([0] * 4, "nothing_started"),
        ([2] * 4, "nothing_to_compare"),
        ([2, None, None, None], "one_cluster"),
        ([2, 2, 2, None], "one_cluster"),
    ],
    ids=["none", "after the last month", "in the first month", "nobody left", "one started", "one to compare with"],
)
def test_starts_that_answer_nothing(starts, expected):
    assert kinds(panel(FLAT, starts)) == {expected}


def test_never_only_needs_parts_that_never_start():
    """Later starts are enough by default and not when only those that never start are to be compared with."""
    frame = panel(FLAT, [1, 1, 3, 3])
    assert kinds(frame, comparison="never") == {"nothing_to_compare"}
    assert measure_effect(frame).figures["parts_started"] == 4


def test_gaps_are_refused_or_left_out_as_asked():
    """A part that lacks a month is a fault that names the month; asked to drop it, a warning."""
    frame = panel(np.full((6, 4), 5.0), [2, 2, 2, None, None, None])
    short = frame.filter(~((pl.col("part") == "p001") & (pl.col("month").dt.month() == 3)))
    assert kinds(short) == {"part_gaps"}
    dropped = measure_effect(short, design=Design(gaps="drop"))
    assert dropped.figures["parts"] == 5
    told = next(f for f in dropped.warnings if f.kind == "part_left_out")
    assert "p001" in told.cause
    assert "2019-03" in told.cause


def test_months_that_nobody_has():
    frame = panel(FLAT, [2, 2, None, None]).filter(pl.col("month").dt.month() != 2)
    assert kinds(frame) == {"months_missing"}


def test_one_month():
    assert kinds(panel(FLAT[:, :1], [None] * 4)) == {"too_few_months", "nothing_started"}


def test_faults_of_rows_are_told_together():
    """Two units, a value without a logarithm, two rows in a month, a start that changes, and nothing to compare."""
    frame = panel(FLAT, [2] * 4)
    broken = pl.concat([
        frame.with_columns(
            unit=pl.when(pl.col("part") == "p003").then(pl.lit("IRR")).otherwise("unit"),
            value=pl.when(pl.col("part") == "p002").then(0.0).otherwise("value"),
            started=pl.when((pl.col("part") == "p001") & (pl.col("month").dt.month() == 1)).then(None).otherwise("started"),
        ),
        frame[:1].with_columns(month=pl.date(2019, 1, 15)),
    ])  # fmt: skip
    assert kinds(broken) == {"mixed_units", "not_positive", "varies_within_part", "month_twice", "nothing_to_compare"}


def test_a_row_given_twice():
    frame = panel(FLAT, [2, 2, None, None])
    assert kinds(pl.concat([frame, frame[3:4]])) == {"duplicate_key"}


def test_a_cluster_in_some_rows_only():
    frame = panel(FLAT, [2, 2, None, None], cluster=["a", "b", "c", None])
    assert kinds(frame) == {"missing_value"}


def test_a_covariate_that_is_not_there_or_no_number():
    frame = panel(FLAT, [2, 2, None, None], x_size=["1", "2", "big", "4"])
    assert kinds(frame, covariates=("x_size",)) == {"not_a_number"}
    assert kinds(frame, covariates=("x_weight",)) == {"missing_column"}


def test_covariates_that_tell_the_groups_apart():
    """Where every started part is heavy and no other is, there is no like to compare with, and no number."""
    values = np.random.default_rng(0).normal(5, 0.1, (24, 4))
    frame = panel(values, [2] * 12 + [None] * 12, x_size=[*np.linspace(5, 6, 12), *np.linspace(0, 1, 12)])
    assert kinds(frame, covariates=("x_size",)) == {"no_overlap"}


def test_parts_that_started_too_early_are_left_out_and_named():
    effect = measure_effect(panel(np.full((5, 4), 5.0), [0, 2, 2, None, None]))
    assert effect.figures["parts"] == 4
    assert "p000" in next(f for f in effect.warnings if f.kind == "started_before").cause


def test_a_fall_by_more_than_everything_is_no_prediction():
    frame = panel(FLAT, [2, 2, None, None])
    with pytest.raises(InputError, match="-1"):
        measure_effect(frame, predicted=[{"months_since": 0, "effect": -1.2}])


@pytest.mark.parametrize(
    "wrong",
    [{"scale": "share"}, {"covariates": ("size",)}, {"anticipation": -1}, {"confidence": 95.0}, {"placebos": (0,)}],
)
def test_choices_that_there_are_not(wrong):
    """Each is told with what may be written instead."""
    with pytest.raises(WrongUse):
        Design(**wrong)


def test_a_workbook_is_not_taken_for_a_csv(tmp_path):
    with pytest.raises(WrongUse, match="CSV"):
        measure_effect(tmp_path / "panel.xlsx")


def test_a_column_that_is_not_there_is_all_that_is_said():
    """Without parts or values nothing else can be meant; without rows, the panel answers nothing."""
    frame = panel(FLAT, [2, 2, None, None])
    assert kinds(frame.drop("part")) == {"missing_column"}
    assert kinds(frame.drop("value")) == {"missing_column"}
    assert kinds(frame.clear()) == {"too_few_months", "nothing_started"}
    assert kinds(frame.with_columns(value=pl.when(pl.col("part") == "p001").then(None).otherwise("value"))) == {
        "missing_value"
    }
