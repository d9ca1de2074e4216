"""What makers lose at least: by hand, against brute force at prices that nobody chose well, and against every plan."""

from functools import partial

import numpy as np
import pytest
from scipy import sparse
from sourcing.brute import World
from sourcing.worlds import random_world, seeds

import onshore as on
from onshore.chain import write_plan
from onshore.demo import synth
from onshore.sourcing import planning, verify
from onshore.sourcing.certificate import Losses
from onshore.sourcing.decomposition import decomposed, stages
from onshore.sourcing.decomposition.dual import Dual
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.decomposition.losses import HOME, least_losses, losses_of, lost_by
from onshore.sourcing.decomposition.normal import OptionColumns
from onshore.sourcing.decomposition.table import Block, Table
from onshore.sourcing.decomposition.wide import wide_of
from onshore.sourcing.problem import problem_of


def never() -> bool:
    return False


def nothing(_: Losses) -> None:
    pass


def climbed(full: Full) -> Dual:
    """Prices that have climbed a little."""
    dual = Dual.start(full)
    for tau in (0.1, 0.01):
        dual.widen(1.0)
        dual.climb(full.table.active(), tau, 20)
        dual.full_pass(dual.prices)
    return dual


def a_machine(saving: float, room: float) -> Full:
    """Two parts, each 100 to import, that would save so much on the one machine and take one of its hours."""
    none, nobody = np.zeros(0), np.zeros(0, dtype=np.int64)
    columns = OptionColumns(
        np.array([0, 2, 4]), np.array([0, 0, 1, 1, 2]), np.array([0, 0], dtype=np.int32), np.ones(2),
        np.array([100.0, 100.0 - saving, 100.0, 100.0 - saving]), np.arange(4),
    )  # fmt: skip
    return Full(
        sparse.csc_array((1, 0)), nobody, none, none, none, np.array([room]), np.full(1, np.inf), np.zeros(1, dtype=np.int64),
        np.ones(1), nobody, nobody, np.zeros(2, dtype=bool), np.zeros(1, dtype=np.int64),
        Table.here([[Block(0, 0, np.arange(1), columns)]], 1),
    )  # fmt: skip


def test_half_an_hour_that_nothing_fits_is_lost():
    """If it fails, the loss is not that of idle hours: room for one and a half parts of which each saves 10 is worth 15 in fractions
    and 10 in whole parts, so 5 are lost."""
    full = a_machine(10.0, 1.5)
    dual = Dual.start(full)
    assert dual.full_pass(np.array([10.0])) == 185.0
    found = least_losses(full, np.array([10.0]), np.array([0]), np.array([50.0]), np.zeros(1), nothing)
    assert found.at_least == pytest.approx([5.0], abs=1e-4)
    assert lost_by(full, np.array([10.0]), np.array([1, 2]), np.ones(2), np.zeros(0)) == pytest.approx([5.0])


def test_no_more_is_proved_than_was_looked_for():
    """If it fails, an option that was left aside for losing too much is taken for one that is not there."""
    full = a_machine(10.0, 1.5)
    found = least_losses(full, np.array([10.0]), np.array([0]), np.array([3.0]), np.zeros(1), nothing)
    assert found.at_least[0] <= 3.0


def test_a_part_that_leaves_its_maker_is_charged_to_him():
    """If it fails, losses are counted twice or not at all: at a price of 4 both parts are best on the machine, with room for one; what
    the other loses by staying away is 6, of which its maker is charged his share."""
    full = a_machine(10.0, 1.0)
    assert Dual.start(full).full_pass(np.array([4.0])) == 2 * 94.0 - 4.0
    assert lost_by(full, np.array([4.0]), np.array([1, 2]), np.ones(2), np.zeros(0)) == pytest.approx([6.0 * HOME])
    found = least_losses(full, np.array([4.0]), np.array([0]), np.array([50.0]), np.zeros(1), nothing)
    assert found.at_least == pytest.approx([6.0 * HOME], rel=1e-4)


@pytest.mark.parametrize("seed", seeds(7000, 20, 400))
def test_no_plan_is_below_the_bound_at_any_prices(seed):
    """If it fails, a loss is counted that some plan does not have: the sharper bound lies."""
    settings, tables = random_world(seed)
    best = World(settings, tables).best()
    if best is None:
        return
    full = wide_of(problem_of(on.build(settings, tables))).full
    rng = np.random.default_rng(seed)
    dual = climbed(full)
    for scale in (1.0, 0.5, rng.uniform(0.0, 2.0, len(full.right))):
        v = np.minimum(dual.best * scale, full.penalty)
        below = dual.full_pass(v)
        makers = np.arange(int(full.maker.max(initial=-1)) + 1)
        within = np.full(len(makers), rng.choice((1.0, 100.0, 1e6)))
        found = least_losses(full, v, makers, within, np.zeros(len(makers)), nothing)
        assert (found.at_least >= 0).all()
        assert below + found.total <= best + 1e-6 * max(1.0, abs(best))


@pytest.fixture(scope="module")
def planned():
    made = synth.draw(60, 3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "sought", partial(planning.sought, rounds=1))
        for most in (
            "BRANCHED",
            "CUT",
        ):  # where branches grow losses are not looked for, where rows are rounded not at these prices
            patch.setattr(decomposed, most, 0)
        return on.plan(on.build(made.settings, made.tables), gap=1e-3, method="decomposed")


def test_time_that_ends_with_what_makers_lose_ends_the_search(monkeypatch):
    """If it fails, a large programme goes on for a minute after its time limit, looking for plans that it has no time for."""
    sharpened = []

    def to_the_end(search):
        sharpened.append(search.choice)
        search.clock.stopped.set()

    def settle(search, **asked):
        assert not sharpened, "looked for more plans"
        return settled(search, **asked)

    settled = stages.Stages.settle
    for most in ("BRANCHED", "CUT"):
        monkeypatch.setattr(decomposed, most, 0)
    monkeypatch.setattr(stages, "CLOSE", 1.0)
    monkeypatch.setattr(stages.Stages, "sharpen", to_the_end)
    monkeypatch.setattr(stages.Stages, "settle", settle)
    made = synth.draw(40, 2)
    found = decomposed.sought(wide_of(problem_of(on.build(made.settings, made.tables))).full, gap=0.0)
    assert sharpened
    assert found.choice is not None


def test_makers_share_what_a_plan_loses_and_no_more(planned):
    """If it fails, a dearer option is charged to two makers in full: whatever is chosen, all together lose what it costs above the
    best at most, and what their own rows leave idle."""
    n = wide_of(problem_of(planned.programme)).full
    rng = np.random.default_rng(0)
    first = np.concatenate([[0], np.cumsum(n.table.options_of_parts)])
    dual = Dual.start(n)
    dual.climb(n.table, 0.01, 30)
    for scale in (1.0, rng.uniform(0.0, 2.0, len(n.right))):
        v = dual.prices * scale
        least, t = n.table.price(v), n.table.joined()
        box = n.cost + n.matrix.T @ v
        for _ in range(20):
            at = rng.integers(first[:-1], first[1:])
            boxes = np.floor(rng.uniform(n.lower, n.upper + 1.0))
            used = sparse.csc_array((t.data, t.indices, t.indptr), shape=(len(v), len(t.cost)))[:, at].sum(axis=1)
            idle = v * (n.right - used - n.matrix @ boxes)
            over = (n.table.reduced[at] - least).sum() + (box * boxes - np.minimum(box * n.lower, box * n.upper)).sum()
            lost = lost_by(n, v, t.which[at], np.ones(len(at)), boxes).sum()
            assert lost <= over + idle[n.maker >= 0].sum() + 1e-9 * np.abs(idle).sum()
            assert lost >= idle[n.maker >= 0].sum() - 1e-9 * np.abs(idle).sum()


def test_what_makers_lose_is_added_to_the_bound(planned):
    """If it fails, the table does not say where the bound comes from, or a plan loses less than every plan does."""
    table = planned["maker_losses"]
    assert planned.bound == pytest.approx(planned.bound_of_prices + table["at_least"].sum(), rel=1e-12)
    assert planned.bound > planned.bound_of_prices
    assert table["lost"].sum() <= planned.objective - planned.bound_of_prices + 1e-6 * planned.objective
    assert (table["lost"] >= table["at_least"] - 1e-6 * planned.objective).all()


def test_a_claimed_loss_is_looked_for_again(planned, tmp_path):
    """If it fails, a bound can be written into a run by hand."""
    run = write_plan(planned, tmp_path / "run")
    found = verify(run)
    assert found.ok, found.summary()
    assert found.bound == pytest.approx(planned.bound, rel=1e-9)
    path = run / "maker_losses.csv"
    largest = f"{planned['maker_losses']['at_least'].max()!r}"
    path.write_text(path.read_text().replace(largest, f"{2 * float(largest)!r}"))
    found = verify(run)
    assert not found.ok
    assert any("maker_losses" in d for d in found.differences)
    assert found.bound < planned.bound + 0.1 * float(largest)  # looked for more closely, which may find a little more


@pytest.mark.parametrize(("table", "column"), [("maker_losses", "maker"), ("options", "part")])
def test_a_name_that_the_input_has_not_is_told(planned, tmp_path, table, column):
    """If it fails, a run beside another input ends in a traceback."""
    run = write_plan(planned, tmp_path / "run")
    path = run / f"{table}.csv"
    name = planned[table][column][0]
    path.write_text(path.read_text().replace(f"\n{name},", "\nnobody,"))
    with pytest.raises(on.WrongUse, match="another option table"):
        verify(run)


def test_a_loss_told_twice_is_caught(planned, tmp_path):
    """If it fails, a row copied in the run's table is taken for what the plan wrote."""
    run = write_plan(planned, tmp_path / "run")
    path = run / "maker_losses.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, lines[-1]]) + "\n")
    assert any("maker_losses" in d for d in verify(run).differences)


def test_time_that_is_up_leaves_a_bound(planned):
    """If it fails, Ctrl-C or a time limit among the makers loses what was found, or proves what was not."""
    wide = wide_of(problem_of(planned.programme))
    dual = Dual.start(wide.full)
    sizes = wide.full.table.options_of_parts
    at_home = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    found = losses_of(
        wide.full, dual.best, at_home, np.ones(len(sizes)), wide.full.lower, up=lambda: True, tell=nothing
    )
    assert found.total == 0.0
