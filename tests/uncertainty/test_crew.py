"""Several processes: the same tables as one, also where one of them is killed in the middle."""

from __future__ import annotations

import os
import signal

import pytest
from uncertainty.worlds import DEAR_DOLLAR, DRAWN_DOLLAR, two_parts

import onshore as on
from onshore.blueprint.crew import FREE, crew, usual_workers
from onshore.uncertainty import Asked, plan_worlds

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'onshore[scale]'")

ASKED = Asked(draws=12, fresh=12, own=2, gap=0)


def double(held: int, item: int) -> int:
    return held * item


def test_one_worker_is_this_process_and_keeps_the_order():
    """If it fails, what comes back is in another order than what went in, or progress is not told."""
    told: list[tuple[int, int]] = []
    with crew(1) as alone:
        assert alone.map(double, 2, [3, 1, 2], lambda done, count: told.append((done, count))) == [6, 2, 4]
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert usual_workers() >= 1


def test_a_cluster_that_does_not_answer():
    """If it fails, a wrong address ends in a traceback, and not in what to type."""
    with pytest.raises(on.WrongUse, match="No cluster answers at nowhere"), crew(1, "nowhere"):
        pass
    with pytest.raises(on.WrongUse, match="0 workers"), crew(0):
        pass


@pytest.fixture(scope="module")
def alone():
    programme = two_parts(scenarios=[DEAR_DOLLAR], uncertainty=[DRAWN_DOLLAR])
    return programme, plan_worlds(programme, asked=ASKED)


def same(programme: on.Programme, expected, **how: object) -> None:
    found = plan_worlds(programme, asked=ASKED, **how)
    for name, table in expected.tables.items():
        assert table.equals(found[name]), name


@pytest.mark.slow
def test_three_processes_give_what_one_gives(alone):
    """If it fails, the number of workers moves a number."""
    same(*alone, workers=3)


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_loses_nothing(alone):
    """If it fails, a machine that dies takes its worlds with it, or the answer changes."""
    killed: list[int] = []

    def kill(stage: str, done: int, count: int) -> None:
        if stage == "worlds" and done == 3 and not killed:
            pids = distributed.Client.current().run(os.getpid)
            killed.append(min(pids.values()))
            os.kill(killed[0], signal.SIGKILL)

    same(*alone, workers=2, progress=kill)
    assert len(killed) == 1


@pytest.mark.slow
def test_a_cluster_by_its_address(alone):
    """If it fails, a cluster that somebody else started cannot be used."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=FREE) as cluster:
        same(*alone, cluster=cluster.scheduler_address)
