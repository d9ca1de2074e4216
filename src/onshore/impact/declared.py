"""Declared result tables of a measurement: what a run that `onshore impact` writes holds beside its input."""

from onshore.tables.declare import CHOICE, DATE, FLAG, INTEGER, NUMBER, SHARE, TEXT, Column, Table

__all__ = ["ESTIMATORS", "TABLES"]

ESTIMATORS = ("callaway_santanna", "imputation", "two_way")
UNIT = "a logarithm where the scale is `log`, else the panel's unit"


def _estimate(*more: Column) -> tuple[Column, ...]:
    return (
        Column("effect", NUMBER, "the estimate", required=True, unit=UNIT),
        Column("error", NUMBER, "its standard error, clustered", unit=UNIT),
        Column("low", NUMBER, "the lower end of its confidence interval", unit=UNIT),
        Column("high", NUMBER, "the upper end", unit=UNIT),
        *more,
    )


OVERALL = Table(
    "effect_overall",
    "one number for the whole effect, by estimator and way of weighing",
    ("estimator", "weighing"),
    (
        Column("estimator", CHOICE, "who made it", required=True, choices=ESTIMATORS),
        Column(
            "weighing",
            CHOICE,
            "over what it is a mean: `cohorts` (parts whose line started, the headline), `since` (time after a start), `months`, `cells` (parts and months after a start)",
            required=True,
            choices=("cohorts", "since", "months", "cells"),
        ),
        *_estimate(),
    ),
)
SINCE = Table(
    "effect_since",
    "the effect a number of months after the start; before it, how parts moved apart already",
    ("estimator", "months_since"),
    (
        Column("estimator", CHOICE, "who made it", required=True, choices=ESTIMATORS[:2]),
        Column("months_since", INTEGER, "months since the start; negative before it", required=True),
        *_estimate(
            Column("band_low", NUMBER, "the lower end of a band that covers the whole path at once", unit=UNIT),
            Column("band_high", NUMBER, "the upper end", unit=UNIT),
            Column("parts", INTEGER, "parts whose line started, in this mean", required=True),
        ),
    ),
)
COHORTS = Table(
    "effect_cohorts",
    "the mean effect on parts whose lines started in the same month",
    ("started",),
    (
        Column("started", DATE, "the month, or the period that it begins", required=True),
        *_estimate(
            Column("parts", INTEGER, "parts whose line started then", required=True),
            Column("months", INTEGER, "months (or periods) over which it is the mean", required=True),
        ),
    ),
)
MONTHS = Table(
    "effect_months",
    "the mean effect in a month on all parts whose line had started",
    ("month",),
    (Column("month", DATE, "the month, or the period that it begins", required=True), *_estimate()),
)
CELLS = Table(
    "effect_cells",
    "the effect on one cohort in one month, ATT(g, t)",
    ("started", "month"),
    (
        Column("started", DATE, "the month in which the cohort's lines started", required=True),
        Column("month", DATE, "the month", required=True),
        Column("base", DATE, "the month that it is held against", required=True),
        Column("months_since", INTEGER, "months since the start; negative before it", required=True),
        *_estimate(
            Column("parts", INTEGER, "parts of the cohort", required=True),
            Column("compared", INTEGER, "parts whose line had not started, to compare with", required=True),
        ),
    ),
)
PLACEBOS = Table(
    "effect_placebos",
    "the effect that is found when lines are pretended to have started earlier, looking only before their start; it should be nothing",
    ("months_earlier",),
    (
        Column("months_earlier", INTEGER, "how much earlier", required=True),
        *_estimate(
            Column("p_value", SHARE, "how often chance alone gives as much", required=True),
            Column("parts", INTEGER, "parts that could be looked at", required=True),
        ),
    ),
)
NAIVE = Table(
    "effect_naive",
    "what the naive two-way estimate is made of (Goodman-Bacon)",
    ("comparison",),
    (
        Column("comparison", CHOICE, "which parts it compares", required=True, choices=("never", "later", "already")),
        Column("meaning", TEXT, "in words", required=True),
        Column("weight", SHARE, "its share of the estimate", required=True),
        Column("effect", NUMBER, "what these comparisons give; empty where there are none", unit=UNIT),
    ),
)
AGAINST = Table(
    "effect_predicted",
    "what had been predicted beside what was measured",
    ("months_since",),
    (
        Column("months_since", INTEGER, "months since the start", required=True),
        Column("predicted", NUMBER, "the prediction", required=True, unit=UNIT),
        Column("predicted_low", NUMBER, "the lower end of its band", unit=UNIT),
        Column("predicted_high", NUMBER, "the upper end", unit=UNIT),
        Column("effect", NUMBER, "what was measured; empty where nothing was", unit=UNIT),
        Column("band_low", NUMBER, "the lower end of the band of the whole path", unit=UNIT),
        Column("band_high", NUMBER, "the upper end", unit=UNIT),
        Column("inside", FLAG, "whether the prediction lies in that band"),
    ),
)

TABLES: dict[str, Table] = {t.name: t for t in (OVERALL, SINCE, COHORTS, MONTHS, CELLS, PLACEBOS, NAIVE, AGAINST)}
