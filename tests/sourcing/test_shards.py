"""The option table in pieces that other processes hold."""

import os
import signal

import pytest

import onshore as on
from onshore.blueprint.crew import crew
from onshore.demo import synth
from onshore.sourcing.decomposition import wide
from onshore.sourcing.decomposition.shelf import Shelf
from onshore.sourcing.problem import problem_of

TABLES = ("sources", "awards", "options", "row_prices", "limits_met")


@pytest.fixture(scope="module")
def drawn():
    made = synth.draw(40, 2)
    return on.build(made.settings, made.tables)


@pytest.mark.slow
def test_two_workers_that_hold_the_table_give_the_plan_of_one(drawn, monkeypatch):
    """If it fails, who holds a piece changes what is summed, or a piece forgets what it was told."""
    pytest.importorskip("distributed", reason="pip install 'onshore[scale]'")
    monkeypatch.setattr(wide, "PARTS", 3)
    plans = [on.plan(drawn, gap=0.03, method="decomposed", workers=n) for n in (1, 2)]
    assert plans[0].objective == plans[1].objective
    assert plans[0].bound == plans[1].bound
    for name in TABLES:
        assert plans[0][name].equals(plans[1][name]), name


@pytest.mark.slow
def test_a_worker_that_dies_with_its_piece_is_told_of(drawn):
    """If it fails, a machine that is gone shows as a traceback, or as a plan without its parts."""
    pytest.importorskip("distributed", reason="pip install 'onshore[scale]'")
    with crew(2) as those:
        pieces = those.hold(lambda n: {"pid": os.getpid(), "n": n}, [0, 1, 2], lambda done, of: None)
        pids = pieces.each(lambda piece: piece["pid"])
        assert pids[0] == pids[2] != pids[1]
        pieces.each(lambda piece, n: piece.update(n=n), [5, 6, 7])
        assert pieces.each(lambda piece: piece["n"]) == [5, 6, 7]
        os.kill(pids[1], signal.SIGKILL)
        with pytest.raises(on.WrongUse, match="gone"):
            pieces.each(lambda piece: piece["n"])


def test_a_table_in_a_file_is_the_table_in_memory(drawn, monkeypatch):
    """If it fails, what memory cannot hold is read back wrong."""
    problem = problem_of(drawn)
    assert Shelf(1.0).file is None
    here = wide.wide_of(problem)
    monkeypatch.setattr("onshore.sourcing.decomposition.shelf.SHARE", 0.0)
    assert Shelf(1.0).file is not None
    monkeypatch.setattr("onshore.sourcing.decomposition.shelf.ROOM", 1 << 12)  # several rooms
    there = wide.wide_of(problem)
    v = 1e4 * here.full.penalty.clip(max=1.0)
    assert here.bound(v) == there.bound(v)
    assert (here.full.table.price(v) == there.full.table.price(v)).all()


def test_a_table_that_no_disk_holds_is_refused(monkeypatch):
    """If it fails, a table larger than the disk ends the process in the middle of it, without a word."""
    monkeypatch.setattr("onshore.sourcing.decomposition.shelf.SHARE", 0.0)
    with pytest.raises(on.WrongUse, match="TMPDIR"):
        Shelf(1e18, 1e18)
