"""Cuts and branches: by hand, against every plan of small worlds, and against brute force."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import sparse
from sourcing.brute import World
from sourcing.test_losses import a_machine, climbed, never
from sourcing.worlds import random_world, seeds

import onshore as on
from onshore.demo import synth
from onshore.sourcing.decomposition import branching
from onshore.sourcing.decomposition.branching import Branches
from onshore.sourcing.decomposition.cuts import rounded
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.wide import wide_of
from onshore.sourcing.problem import problem_of


def started(full: Full) -> tuple[np.ndarray, np.ndarray]:
    """Prices, and the options that are active at them."""
    prices = climbed(full).best
    return prices, np.flatnonzero(np.concatenate(full.table.of_blocks(lambda b: b.active)))


def grown(full: Full, worst: float, splits: int = 10_000) -> Branches:
    branches = Branches(full, *started(full), worst, never)
    branches.grow(splits)
    return branches


def test_a_machine_with_room_for_one_and_a_half_parts_is_cut_to_one():
    """If it fails, rounding is not what it says: x1 + x2 <= 1.5 of whole parts is x1 + x2 <= 1."""
    full = a_machine(10.0, 1.5)
    t = full.table.joined()
    by_row = sparse.csr_array(sparse.csc_array((t.data, t.indices, t.indptr), shape=(1, 4)))
    cuts = rounded(full, t, by_row, np.array([0.25, 0.75, 0.25, 0.75]), np.zeros(0), np.array([0]), 5)
    assert len(cuts) == 1
    # told from where each part mostly is: -x1(home) - x2(home) <= -1
    for x, fits in (([1, 0, 1, 0], True), ([0, 1, 1, 0], True), ([0, 1, 0, 1], False)):
        assert (cuts.options @ np.array(x, dtype=float) <= cuts.right + 1e-9).all() == fits


def test_what_fits_no_machine_is_proved():
    """If it fails, the bound is still that of fractions, 185: one of two parts stays imported, so the least is 190."""
    branches = grown(a_machine(10.0, 1.5), 1000.0)
    assert branches.bound == pytest.approx(190.0)


def test_nothing_better_than_a_plan_is_looked_for():
    """If it fails, branches that hold no better plan are kept, or the bound exceeds the plan that there is."""
    branches = grown(a_machine(10.0, 1.5), 188.0)
    assert branches.bound == 188.0
    assert branches.lowest == []


@pytest.mark.parametrize("seed", seeds(9000, 25, 400))
def test_all_branches_come_to_the_optimum(seed):
    """If it fails, a branch is lost with the best plan in it (the bound is too high), or a split part is left split (too low)."""
    settings, tables = random_world(seed)
    best = World(settings, tables).best()
    if best is None:
        return
    full = wide_of(problem_of(on.build(settings, tables))).full
    worst = best + 0.1 * max(1.0, abs(best))
    for splits in (2, 10_000):
        branches = grown(full, worst, splits)
        assert branches.bound <= best + 1e-6 * max(1.0, abs(best))
        branches.grow(splits)
        assert branches.bound <= best + 1e-6 * max(1.0, abs(best))
    assert branches.bound == pytest.approx(best, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", seeds(9500, 15, 200))
def test_every_plan_keeps_every_cut(seed):
    """If it fails, a cut takes plans away, which no comparison with one optimum has to show."""
    settings, tables = random_world(seed)
    try:
        full = wide_of(problem_of(on.build(settings, tables))).full
    except on.NoPlan:
        return
    if (full.table.options_of_parts == 0).any():  # proved impossible before there are prices
        return
    branches = Branches(full, *started(full), np.inf, never)
    for _ in range(5):
        branches.grow(3)
    t, rng = branches.options, np.random.default_rng(seed)
    cuts, hard = branches.cuts, np.isinf(full.penalty)
    boxes = list(product(*(range(int(a), int(b) + 1) for a, b in zip(full.lower, full.upper, strict=True))))
    for z in (np.array(boxes[i], dtype=float) for i in rng.permutation(len(boxes))[:30]):
        taken = rng.integers(t.first[:-1], t.first[1:], size=(500, len(t.first) - 1))
        x = np.zeros((500, len(t.cost)))
        np.put_along_axis(x, taken, 1.0, axis=1)
        over = (branches.by_row @ x.T) + (full.matrix @ z - full.right)[:, None]
        kept = (over[hard] <= 1e-9 * np.maximum(1.0, np.abs(full.right[hard]))[:, None]).all(axis=0)
        beyond = cuts.options @ x[kept].T + (cuts.boxes @ z - cuts.right)[:, None]
        assert (beyond <= 1e-6 * np.maximum(1.0, np.abs(cuts.right))[:, None]).all()


def test_columns_that_break_a_cut_are_not_all_there_is():
    """If it fails, a branch is taken for empty because the columns that it has so far do not keep the cuts, and its plans are lost."""
    branches = grown(a_machine(10.0, 1.5), 1000.0, 0)
    assert len(branches.cuts)
    root = branches.open[0]
    both_at_home = branching._Lane(branches, np.array([1, 3]))
    again = both_at_home.branch(
        root.lower, root.upper, root.shut, replace(root, bound=-np.inf, prices=np.zeros(1), of_cuts=np.zeros(0))
    )
    assert again.bound == pytest.approx(root.bound)
    assert again.bound == pytest.approx(190.0)


@pytest.fixture(scope="module")
def full() -> Full:
    """A made-up programme of 40 parts with ventures, modules and limits that bind."""
    made = synth.draw(40, 2)
    return wide_of(problem_of(on.build(made.settings, made.tables))).full


def test_one_thread_or_several_prove_the_same(full, monkeypatch):
    """If it fails, the order in which lanes come back decides what is split."""
    several = grown(full, np.inf, 20)
    monkeypatch.setattr(branching, "THREADS", 1)
    one = grown(full, np.inf, 20)
    assert one.bound == several.bound
    assert [b.bound for b in one.lowest] == [b.bound for b in several.lowest]


def test_branches_prove_more_than_prices(full):
    """If it fails, splitting gains nothing: what the relaxation pays a tenth of stays a tenth."""
    dual = climbed(full)
    dual.finish(never, lambda: None, most=10_000, turns=8)
    branches = grown(full, np.inf, 20)
    assert branches.bound > dual.bound * (1 + 1e-6)


def test_a_lead_has_whole_boxes(full):
    """If it fails, plans are sought with a tenth of a venture."""
    branches = grown(full, np.inf, 4)
    leads = branches.leads(3)
    assert leads
    for leaf in leads:
        assert leaf.boxes == pytest.approx(np.round(leaf.boxes), abs=1e-6)


def test_what_is_split_among_too_little_is_whole(full):
    """If it fails, a part is split that stands on one option but for what is nothing, and there is no place to split it at."""
    branches = grown(full, np.inf, 0)
    first = branches.options.first
    weight = np.zeros(first[-1])
    weight[first[:-1]] = 1.0
    some = np.diff(first) > 2
    weight[first[:-1][some]] -= 1.5 * branching.WHOLE
    for at in (first[:-1] + 1, first[1:] - 1):
        weight[at[some]] += 0.75 * branching.WHOLE
    assert some.any()
    assert (branches.fractional(np.zeros(len(full.cost)), weight)[2] < 0).all()
