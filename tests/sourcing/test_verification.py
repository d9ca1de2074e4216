"""A run is recomputed from its files, and a tampered one is caught."""

import json

import polars as pl
import pytest
from sourcing.worlds import random_world, seeds

import onshore as on
from onshore.chain import write_plan
from onshore.sourcing import verify


def written(path, seed):
    settings, tables = random_world(seed)
    try:
        return write_plan(on.plan(on.build(settings, tables), gap=0), path)
    except on.NoPlan:
        return None


@pytest.mark.parametrize("seed", seeds(6000, 8, 30))
def test_an_honest_run_is_found_again(seed, tmp_path):
    """If it fails, a run cannot be audited from its files: something of the plan is not in them."""
    run = written(tmp_path / "run", seed)
    if run is None:
        return
    found = verify(run)
    assert found.ok, found.summary()
    figures = json.loads((run / "run.json").read_text())
    assert found.objective == pytest.approx(figures["objective"], rel=1e-12)
    for name in ("of_cost", "of_savings", "of_stake"):
        claimed, recomputed = figures[f"gap_{name}"], getattr(found.gaps, name)
        assert (claimed is None) == (recomputed is None)
        assert claimed is None or claimed <= recomputed + 1e-9


@pytest.fixture
def run(tmp_path):
    return next(
        r
        for r in (written(tmp_path / f"run{s}", s) for s in range(6000, 6030))
        if r and pl.read_csv(r / "awards.csv").height
    )


def test_another_option_than_the_plan_chose_is_caught(run):
    """If it fails, awards can be changed after planning and still be called the plan."""
    options = pl.read_csv(run / "options.csv")
    part = options.filter(pl.col("chosen") == 1, pl.col("option") > 0)["part"][0]
    home = pl.when(pl.col("option") == 0).then(1.0).otherwise(0.0)
    options.with_columns(
        pl.when(pl.col("part") == part).then(home).otherwise(pl.col("chosen")).alias("chosen")
    ).write_csv(run / "options.csv")
    assert not verify(run).ok


def test_two_options_for_one_part_are_caught(run):
    """If it fails, a part can be bought twice."""
    options = pl.read_csv(run / "options.csv")
    options.with_columns(chosen=pl.lit(1.0)).write_csv(run / "options.csv")
    assert not verify(run).feasible


def test_a_better_claim_than_the_files_bear_is_caught(run):
    """If it fails, run.json can claim any objective."""
    figures = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**figures, "objective": figures["objective"] * 0.9 - 1}))
    assert any(d.startswith("objective") for d in verify(run).differences)


@pytest.mark.parametrize(
    ("figure", "value"),
    [
        ("bound", -1e12),
        ("gap_of_cost", 0.5),
        ("parts_made_at_home", 99),
        ("awards", 99),
        ("assumed_share_of_bill", 0.123),
        ("buyer_cost", 1.0),
        ("remarks", ["all is well"]),
    ],
)
def test_any_figure_that_was_changed_is_caught(run, figure, value):
    """If it fails, run.json can claim what its own tables do not bear."""
    figures = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**figures, figure: value}))
    assert not verify(run).ok


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("awards", "contract_value"),
        ("yearly", "after"),
        ("limits_met", "value"),
        ("hours", "used"),
        ("sources", "bill_after"),
    ],
)
def test_any_table_that_was_changed_is_caught(run, table, column):
    """If it fails, a published table can be changed after planning and still be verified."""
    frame = pl.read_csv(run / f"{table}.csv")
    if frame.is_empty():
        return
    frame.with_columns(pl.col(column) + 1000.0).write_csv(run / f"{table}.csv")
    assert any(d.startswith(f"{table}.csv") for d in verify(run).differences)


def test_a_changed_snapshot_is_caught(run):
    """If it fails, the input of a published plan can be changed unseen."""
    with (run / "input" / "parts.csv").open("a") as file:
        file.write("\n")
    assert any("snapshot" in d for d in verify(run).differences)


def test_prices_only_ever_weaken_the_bound(run):
    """If it fails, a made-up price can prove too much: any prices must give a true lower bound."""
    honest = verify(run)
    prices = pl.read_csv(run / "row_prices.csv")
    for factor in (-1.0, 0.0, 0.5, 3.0, 100.0):
        prices.with_columns(pl.col("price").cast(pl.Float64) * factor).write_csv(run / "row_prices.csv")
        found = verify(run)
        assert found.bound <= honest.objective + 1e-6 * abs(honest.objective)
