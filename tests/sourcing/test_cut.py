"""Programmes too large for branches: the relaxation with rounded rows, and what makers lose above it."""

import numpy as np
import polars as pl
import pytest
from sourcing.test_decomposed import agree
from sourcing.worlds import seeds

import onshore as on
from onshore.chain import write_plan
from onshore.demo import synth
from onshore.sourcing import verification, verify
from onshore.sourcing.decomposition import branching, clock, decomposed, stages
from onshore.sourcing.decomposition.wide import wide_of
from onshore.sourcing.problem import problem_of


@pytest.fixture(scope="module", autouse=True)
def never_branched():
    """As if every programme were too large for branches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decomposed, "BRANCHED", 0)
        yield


@pytest.mark.parametrize("seed", seeds(9000, 15, 300))
def test_bound_and_plan_enclose_the_optimum(seed):
    """If it fails, a rounded row takes plans away, or losses are counted above prices that they are not of."""
    agree(seed)


@pytest.fixture(scope="module")
def planned(never_branched):
    made = synth.draw(120, 3)
    return on.plan(on.build(made.settings, made.tables), gap=1e-5, method="decomposed")


def test_losses_are_above_the_cut_relaxation(planned):
    """If it fails, the bound of the run is not the sum that its tables tell, or cuts bring nothing."""
    first = planned["branches"]["bound"][0]
    assert planned["branches"].height == 1
    assert planned["cuts"].height > 1
    assert planned["maker_losses"]["at_least"].sum() > 0
    assert planned.bound == pytest.approx(first + planned["maker_losses"]["at_least"].sum(), rel=1e-12)
    assert first > planned.bound_of_prices


def test_the_bound_is_found_again(planned, tmp_path):
    """If it fails, what cuts and losses prove together is the run's claim alone."""
    found = verify(write_plan(planned, tmp_path / "run"))
    assert found.ok, found.summary()
    assert found.bound == pytest.approx(planned.bound, rel=1e-6)


@pytest.mark.parametrize("seed", [1, 2])
def test_rows_are_rounded_again_to_the_last_digit(monkeypatch, tmp_path, seed):
    """If it fails, branch and bound of a maker takes another path in the proof than in the search, finds less at one of a hundred, and
    an honest run is said to differ."""
    made, rows = synth.draw(40, seed), []

    def kept(room, name):
        found = getattr(room, name)
        monkeypatch.setattr(room, name, lambda *asked: rows.append(found(*asked)) or rows[-1])

    kept(branching.Branches, "rooted")
    kept(verification, "cut_rows")
    verify(write_plan(on.plan(on.build(made.settings, made.tables), gap=0.0, method="decomposed"), tmp_path / "run"))
    (searched, v), (proved, u) = rows
    assert np.array_equal(v, u)
    assert np.array_equal(searched.right, proved.right)
    for one, other in ((searched.matrix, proved.matrix), (searched.table.joined(), proved.table.joined())):
        assert np.array_equal(one.indices, other.indices)
        assert np.array_equal(one.data, other.data)


@pytest.mark.parametrize(
    ("table", "turned"),
    [
        ("branch_prices", lambda t: t.with_columns(price=pl.col("price") * 0.5)),
        ("branches", lambda t: t.clear()),
        ("cuts", lambda t: t.with_columns(divisor=pl.col("divisor") * 1.1)),
    ],
    ids=["prices are others", "there are none", "divisors are others"],
)
def test_losses_above_other_prices_are_caught(planned, tmp_path, table, turned):
    """If it fails, losses are added to a bound of other prices than those they are counted at, which proves too much."""
    run = write_plan(planned, tmp_path / "run")
    turned(pl.read_csv(run / f"{table}.csv", infer_schema_length=None)).write_csv(run / f"{table}.csv")
    found = verify(run)
    assert not found.ok
    assert found.bound < planned.bound


def test_one_thread_or_several_find_the_same(monkeypatch):
    """If it fails, what is found while rows are rounded hangs on which thread comes first."""
    found = []
    for threads in (1, 3):
        for room in (clock, branching):
            monkeypatch.setattr(room, "THREADS", threads)
        made = synth.draw(30, 2)
        full = wide_of(problem_of(on.build(made.settings, made.tables))).full
        found.append(decomposed.sought(full, gap=0.0, rounds=1))
    assert found[0].tree is not None
    assert found[0].bound == found[1].bound
    assert found[0].choice.cost == found[1].choice.cost


def test_time_that_is_up_leaves_a_plan_and_its_bound(planned):
    """If it fails, a time limit that ends while rows are rounded loses the plan, or claims a bound without its proof."""
    for limit in (0.0, 0.5, 1.0, 1.5):
        cut_short = on.plan(planned.programme, gap=0.0, time_limit=limit, method="decomposed")
        assert cut_short.status == "time_limit"
        assert cut_short.bound <= planned.objective
        assert planned.bound <= cut_short.objective


def test_ctrl_c_is_told_even_where_the_gap_is_reached(monkeypatch):
    """If it fails, Ctrl-C at the end of one search of many goes unheard, and the next one begins."""

    def pressed(search: stages.Stages, _: int) -> None:
        search.gap = 1.0
        raise KeyboardInterrupt

    monkeypatch.setattr(stages.Stages, "improve", pressed)
    made = synth.draw(40, 2)
    found = decomposed.sought(wide_of(problem_of(on.build(made.settings, made.tables))).full, gap=0.0)
    assert found.status == "interrupted"


def test_what_is_proved_when_it_ends_is_claimed(monkeypatch):
    """If it fails, time that is up, or Ctrl-C, between the rounded rows and what makers lose throws away what the rows prove."""

    def pressed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stages.Stages, "sharpen", pressed)
    made = synth.draw(40, 2)
    found = decomposed.sought(wide_of(problem_of(on.build(made.settings, made.tables))).full, gap=0.0)
    assert found.status == "interrupted"
    assert found.bound == pytest.approx(min(node.bound for node in found.tree.leaves.values()), rel=1e-12)
