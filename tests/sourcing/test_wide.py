"""The option table made by chunks against the model made at once, and moves of two parts."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy import sparse
from sourcing.worlds import random_world

import onshore as on
from onshore.chain import write_plan
from onshore.demo import synth
from onshore.sourcing import explanation
from onshore.sourcing.certificate import proof_of
from onshore.sourcing.decomposition import wide
from onshore.sourcing.decomposition.exchange import users_of
from onshore.sourcing.decomposition.normal import Normal, OptionColumns
from onshore.sourcing.decomposition.search import Choice, balanced, lowered
from onshore.sourcing.instance import Whole
from onshore.sourcing.methods import METHODS
from onshore.sourcing.options import SHOWN
from onshore.sourcing.problem import problem_of


def same_proof(seed: int) -> None:
    settings, tables = random_world(seed)
    problem = problem_of(on.build(settings, tables))
    try:
        whole = Whole.of(problem)
    except on.NoPlan as none:
        with pytest.raises(on.NoPlan, match=str(none).split("`")[0]):
            wide.wide_of(problem)
        return
    table = wide.wide_of(problem)
    rng = np.random.default_rng(seed)
    some = rng.uniform(size=len(table.names)) < 0.5
    v = np.minimum(rng.uniform(size=len(some)) * some * np.abs(whole.model.cost).mean() / 50, table.full.penalty)
    ours = table.proof(v)
    theirs = proof_of(whole.model, whole.options, whole.model.prices_of(table.named(v)))
    for name in ("imported", "least", "by_prices"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-9, abs=1e-9), name
    # columns counted for no more than a row's whole prove more with room in it, and still less than without
    assert theirs.promised - 1e-9 * abs(theirs.promised) <= ours.promised <= ours.by_prices + 1e-9 * abs(ours.by_prices)
    assert ours.reach == pytest.approx(theirs.reach, rel=1e-9)


def test_a_table_by_chunks_proves_what_the_model_proves(monkeypatch):
    """If it fails, a feature is lost where chunks of parts are joined: rows, links, decisions, what alone breaks a row."""
    monkeypatch.setattr(wide, "PARTS", 2)
    for seed in range(25):
        same_proof(seed)


@pytest.mark.slow
def test_a_table_by_chunks_proves_what_the_model_proves_hundreds(monkeypatch):
    """The same on more worlds."""
    monkeypatch.setattr(wide, "PARTS", 2)
    for seed in range(6000, 6300):
        same_proof(seed)


def test_a_few_options_in_full_are_those_of_the_table():
    """If it fails, the plan that is told is not the plan that was found."""
    settings, tables = random_world(3)
    whole = Whole.of(problem_of(on.build(settings, tables)))
    table = wide.wide_of(whole.problem)
    chosen = np.union1d(table.first_of_part[:-1], np.arange(1, table.count, 3))
    some = Whole.of(whole.problem, table.some(chosen))
    assert np.array_equal(some.model.cost[some.model.options], whole.model.cost[whole.model.options][chosen])
    assert np.array_equal(some.options.imported, whole.options.imported[chosen])
    assert np.array_equal(some.options.number, whole.options.number[chosen])


def test_what_is_shown_of_a_part_are_its_best_options():
    """If it fails, `explain` calls options the best of a part, or of an offer, that are not."""
    settings, tables = random_world(3)
    programme = on.build(settings, tables)
    assert programme.settings.sign > 0
    whole, told = (
        on.plan(programme, gap=0.0, method=m)["options"].sort("part", "objective", "option") for m in METHODS
    )
    shown = whole.group_by("part", maintain_order=True).head(SHOWN)
    assert shown.join(told, on=["part", "option"], how="anti").is_empty()
    assert best_of_offers(told).equals(best_of_offers(whole))


def test_a_plan_of_very_many_parts_is_told_briefly(monkeypatch, tmp_path):
    """If it fails, a run of a million parts misses a figure, a reason or an award, or `explain` calls impossible what it was not told."""
    made = synth.draw(30, 2)
    programme = on.build(made.settings, made.tables)
    at_length = on.plan(programme, gap=0.05, method="decomposed")
    for module in (wide, explanation):
        monkeypatch.setattr(module, "BRIEF", 0)
    briefly = on.plan(programme, gap=0.05, method="decomposed")
    for name, figure in at_length.as_dict().items():
        assert briefly.as_dict()[name] == (pytest.approx(figure, rel=1e-9) if isinstance(figure, float) else figure), (
            name
        )
    assert briefly["options"].height < 0.7 * at_length["options"].height
    for name, table in at_length.tables.items():
        if name == "options":
            both = table.join(briefly[name], on=["part", "option"], how="semi", maintain_order="left")
            assert_frame_equal(briefly[name], both, rel_tol=1e-9)
        else:
            assert_frame_equal(briefly[name], table, rel_tol=1e-9)
    told = pl.concat([briefly["options"][name] for name in ("offer", "offer_2")]).unique().to_list()
    offers = programme["offers"].filter(~pl.col("offer").is_in(told))
    run = write_plan(briefly, tmp_path / "run")
    assert "is not told" in on.explain(run, offers["offer"][0]).summary()
    assert "Some of its options" in on.explain(run, offers["part"][0]).summary()


def best_of_offers(options: pl.DataFrame) -> pl.DataFrame:
    legs = [options.select(pl.col(name).alias("offer"), "objective").drop_nulls() for name in ("offer", "offer_2")]
    return pl.concat(legs).group_by("offer").agg(pl.col("objective").min()).sort("offer")


def one_machine() -> Normal:
    """A machine with room for one of two parts: 100 without and 90 on it, 20 without and 15 on it."""
    table = OptionColumns(
        np.array([0, 2, 4]), np.array([0, 0, 1, 1, 2]), np.array([0, 0], dtype=np.int32), np.ones(2),
        np.array([100.0, 90.0, 20.0, 15.0]), np.arange(4),
    )  # fmt: skip
    nothing, none = np.zeros(0), np.zeros(0, dtype=np.int64)
    return Normal(
        sparse.csc_array((1, 0)), none, nothing, nothing, nothing, np.ones(1), np.full(1, np.inf),
        np.zeros(1, dtype=np.int64), np.ones(1), none, none, np.zeros(2, dtype=bool), np.full(1, -1), table,
    )  # fmt: skip


def test_two_parts_change_places():
    """If it fails, a full machine keeps the part that gains less: only both moves together lower 115 to 110."""
    normal = one_machine()
    start = Choice.of(normal, np.array([0, 3]), np.zeros(0))
    assert start.cost == 115.0
    made = lowered(start, 0, users_of(normal), lambda: False)
    assert made.taken.tolist() == [1, 2]
    assert made.cost == 110.0
    assert not made.broken.any()


def test_what_is_broken_is_mended_by_the_cheapest_move():
    """If it fails, a plan that is nearly one costs more than it must: of two parts on the machine the one that loses 5 goes."""
    normal = one_machine()
    both = Choice.of(normal, np.array([1, 3]), np.zeros(0))
    assert both.broken.any()
    made = balanced(normal, both, np.zeros(1), users_of(normal), seed=0, hot=0, sweeps=60, stop=lambda: False)
    assert made.taken.tolist() == [1, 2]
    assert made.cost == 110.0
