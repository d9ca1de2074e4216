"""Other people's numbers: R's `did` on minimum wages (mpdta), csdid with a covariate, and two series that answer nothing."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from onshore import demo
from onshore.errors import InputError
from onshore.impact import Design, measure_effect
from onshore.impact.aggregate import answers_of
from onshore.impact.cells import NEVER, cells_of, estimate
from onshore.impact.inference import joint_zero, standard_errors

CLOSE = 1e-12
FIRST = 2003
DOUBLY_ROBUST = {
    (2004, 2004): (-0.014529668304898711, 0.022129157238335542), (2004, 2007): (-0.10690389811145942, 0.03288649300289722),
    (2006, 2004): (-0.00047214608848536997, 0.022223437036658328), (2006, 2007): (-0.04129386558818046, 0.01972114414539531),
    (2007, 2006): (-0.028447487197560913, 0.018180881152697802), (2007, 2007): (-0.028781361039486576, 0.016238952966184977),
}  # fmt: skip
"""csdid 0.4.3, `ATTgt(..., xformla="lemp~lpop").fit(est_method="dr", bstrap=False)`."""
WEIGHTING = {
    (2004, 2004): (-0.01454843115413966, 0.02211453311143675), (2006, 2004): (-0.0008685602909426424, 0.022152843418129474),
    (2007, 2007): (-0.028894766614560228, 0.01624640937717923),
}  # fmt: skip
"""The same with `est_method="ipw"`."""


class Counties:
    """mpdta as arrays: log employment of 500 counties in 2003 to 2007, and the year their minimum wage rose."""

    def __init__(self, data: Path):
        if not (data / "impact").is_dir():
            pytest.skip("no impact/ in the reference data")
        self.folder = data / "impact" / "r_did"
        rows = pl.read_csv(self.folder / "mpdta_extra.csv").sort("countyreal", "year")
        each = rows.group_by("countyreal", maintain_order=True).first()
        year = each["first.treat"].to_numpy()
        self.y = rows["lemp"].to_numpy().reshape(-1, 5)
        self.start = np.where(year == 0, NEVER, year - FIRST).astype(np.int64)
        self.x = each["lpop"].to_numpy()[:, None]
        self.states = np.unique(each["clust"].to_numpy(), return_inverse=True)[1]
        self.own = np.arange(len(self.y))

    def table(self, name: str, scenario: str) -> pl.DataFrame:
        return pl.read_csv(self.folder / name, null_values="NA").filter(pl.col("scenario") == scenario)

    def measured(self, *, base="varying", never=True, method=None, anticipation=0, keep=None):
        kept = self.own if keep is None else np.flatnonzero(keep)
        start, x = self.start[kept], self.x[kept] if method else self.x[kept, :0]
        cells = cells_of(start, 5, anticipation=anticipation, base=base, never_only=never)
        return cells, estimate(
            self.y[kept], start, cells, anticipation=anticipation, never_only=never, x=x, method=method or ""
        )


@pytest.fixture(scope="module")
def counties(data):
    return Counties(data)


def by_year(cells, effects, errors):
    return {(g + FIRST, t + FIRST): pair for g, t, *pair in zip(cells.g, cells.t, effects.value, errors, strict=True)}


SCENARIOS = {
    "mpdta_nev_dr": {}, "mpdta_nyt_dr": {"never": False}, "mpdta_nev_reg_cov": {"method": "regression"}, "mpdta_nev_ipw": {},
}  # fmt: skip


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_cohort_and_year_is_that_of_r(counties, scenario):
    """ATT(g, t) and its error. If it fails, the estimator, a comparison group or an influence function is wrong."""
    cells, effects = counties.measured(**SCENARIOS[scenario])
    ours = by_year(cells, effects, standard_errors(effects.psi, counties.own))
    rows = counties.table("ref_attgt.csv", scenario)
    assert len(ours) == rows.height
    for g, t, att, se in rows.select("group", "t", "att", "se").iter_rows():
        assert ours[g, t] == pytest.approx((att, se), abs=CLOSE)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_aggregate_is_that_of_r(counties, scenario):
    """By cohort, time since, year and in one number, with errors. If it fails, weights or their own error are wrong."""
    cells, effects = counties.measured(**SCENARIOS[scenario])
    found = answers_of(cells, effects, counties.start)
    rows = counties.table("ref_aggte.csv", scenario)
    for kind, answer, first in (
        ("group", found.cohorts, FIRST),
        ("dynamic", found.since, 0),
        ("calendar", found.periods, FIRST),
    ):
        told = rows.filter(pl.col("type") == kind)
        assert (answer.axis + first).tolist() == told["egt"].to_list()
        assert answer.along.value == pytest.approx(told["att_egt"].to_numpy(), abs=CLOSE)
        assert standard_errors(answer.along.psi, counties.own) == pytest.approx(told["se_egt"].to_numpy(), abs=CLOSE)
        one = (answer.overall.value[0], standard_errors(answer.overall.psi, counties.own)[0])
        assert one == pytest.approx((told["overall_att"][0], told["overall_se"][0]), abs=CLOSE)
    simple = rows.filter(pl.col("type") == "simple")
    one = (found.simple.value[0], standard_errors(found.simple.psi, counties.own)[0])
    assert one == pytest.approx((simple["overall_att"][0], simple["overall_se"][0]), abs=CLOSE)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_test_of_pre_trends_is_that_of_r(counties, scenario):
    """Wald's statistic over all cells before a start, to the digits that R prints."""
    cells, effects = counties.measured(**SCENARIOS[scenario])
    told = pl.read_csv(counties.folder / "ref_pretest.csv").filter(pl.col("scenario") == scenario)["W"][0]
    assert joint_zero(effects[cells.since < 0], counties.own).statistic == pytest.approx(told, rel=1e-12)


def test_another_base_clusters_and_anticipation_are_those_of_r(counties):
    """If it fails, one of these three choices means something else than in R."""
    kept = counties.start != 1
    for scenario, choices, cluster in (
        ("universal", {"base": "universal"}, counties.own),
        ("clustered", {}, counties.states),
        ("anticipation1", {"anticipation": 1, "keep": kept}, np.arange(kept.sum())),
    ):
        cells, effects = counties.measured(**choices)
        ours = by_year(cells, effects, standard_errors(effects.psi, cluster))
        rows = counties.table("ref_gaps.csv", scenario).filter(pl.col("se").is_not_null())
        assert len(ours) == rows.height
        for g, t, att, se in rows.select("group", "t", "att", "se").iter_rows():
            assert ours[g, t] == pytest.approx((att, se), abs=CLOSE)


@pytest.mark.parametrize(("method", "expected"), [("doubly_robust", DOUBLY_ROBUST), ("weighting", WEIGHTING)])
def test_covariates_do_as_in_csdid(counties, method, expected):
    """If it fails, the logit, the odds or the part of their estimation in the error is wrong.

    To 1e-10: csdid's logit stops where its deviance moves by less than 1e-8, ours goes on.
    """
    cells, effects = counties.measured(method=method)
    ours = by_year(cells, effects, standard_errors(effects.psi, counties.own))
    for at, pair in expected.items():
        assert ours[at] == pytest.approx(pair, abs=1e-10)


def test_through_the_front_door(counties):
    """The same numbers from a table: years as months apart twelve, logarithms as they are."""
    days = [pl.date(FIRST + t, 1, 1) for t in range(5)]
    rows = pl.DataFrame({
        "part": np.repeat([f"c{i}" for i in range(500)], 5), "month": pl.select(pl.concat_list(days)).item().to_list() * 500,
        "value": counties.y.ravel(), "unit": "log jobs",
        "started": [None if s == NEVER else f"{FIRST + s}-06-01" for s in np.repeat(counties.start, 5).tolist()],
    })  # fmt: skip
    found = measure_effect(rows, design=Design(scale="level", comparison="never", base="varying"))
    assert found.figures["effect"] == pytest.approx(-0.0310182822287484, abs=CLOSE)
    assert found.figures["error"] == pytest.approx(0.0124460593209979, abs=CLOSE)
    assert found.figures["naive_effect"] == pytest.approx(-0.0365, abs=5e-5), "as printed in the documentation of did"
    assert found.figures["imputation_effect"] == pytest.approx(-0.0477, abs=5e-5), "did2s and didimputation on mpdta"
    assert found["effect_since"].filter(pl.col("estimator") == "imputation")["months_since"].to_list() == [
        0,
        12,
        24,
        36,
    ]


def test_the_price_index_of_car_parts_concludes_nothing(data):
    """One series, one start, nobody comparable: the US index of parts beside new cars, used cars and repair.

    Tariffs on Chinese parts from 2018-07 are taken for the start. If it fails, one series got an effect and an error.
    """
    if not (data / "price_indices").is_dir():
        pytest.skip("no price_indices/ in the reference data")
    series = []
    for path in sorted((data / "price_indices").glob("CUUR*.csv")):
        frame = pl.read_csv(path).filter(
            pl.col("observation_date").str.slice(0, 4).cast(pl.Int64).is_between(2015, 2021)
        )
        series.append(frame.select(
            part=pl.lit(path.stem), month="observation_date", value=path.stem, unit=pl.lit("1982-84 = 100"),
            started=pl.lit("2018-07-01" if path.stem.endswith("SETC") else None, dtype=pl.String),
        ))  # fmt: skip
    with pytest.raises(InputError) as caught:
        measure_effect(pl.concat(series))
    assert [f.kind for f in caught.value.findings if f.level == "error"] == ["one_cluster"]


def test_the_published_prices_of_iran_conclude_nothing():
    """Thirty rows of the press: hardly an item twice, months years apart, two units, and no line's start."""
    prices = pl.read_csv(demo.folder("iran-1398") / "prices.csv", infer_schema=False)
    rows = prices.filter(pl.col("kind") == "price").select(
        part="item", month="date", value="value", unit=pl.col("currency")
    )
    with pytest.raises(InputError) as caught:
        measure_effect(rows)
    assert {f.kind for f in caught.value.findings} >= {"part_gaps", "months_missing", "nothing_started"}
