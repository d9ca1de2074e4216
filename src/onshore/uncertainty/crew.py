"""Work on many worlds, one after another or spread over processes and machines by Dask.

What comes back is in the order of what went in, so nothing depends on how many worked on it. A worker that dies loses no
work: what it had is done again by another.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, TypeVar

from onshore.errors import Stopped, WrongUse

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Crew", "Tell", "crew", "usual_workers"]

H = TypeVar("H")
I = TypeVar("I")
R = TypeVar("R")

FREE = "127.0.0.1:0"
"""Where Dask shows how it fares: any port that is free, so that two plans at a time do not quarrel over one."""

Tell = Callable[[int, int], None]
"""Called with how many are done, and of how many."""


class Crew(Protocol):
    """Those who work: `map(work, held, items, tell)` is [work(held, i) for i in items]."""

    def map(self, work: Callable[[H, I], R], held: H, items: Sequence[I], tell: Tell) -> list[R]: ...


def usual_workers() -> int:
    """As many as this process has processors, where Dask is installed; else 1."""
    if find_spec("distributed") is None:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def crew(workers: int = 1, cluster: str | None = None) -> Iterator[Crew]:
    """One process without Dask for one worker; else so many processes here, or the cluster at an address.

    Raises `WrongUse` where Dask is not installed, or the address does not answer.
    """
    if workers < 1:
        raise WrongUse(f"{workers} workers cannot work. Name 1 or more.")
    if cluster is None and workers == 1:
        yield _Alone()
        return
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise WrongUse(
            "Several workers need Dask, which is not installed. Install it with: pip install 'onshore[scale]'. "
            "One worker needs nothing more: --workers 1."
        ) from None
    if cluster is None:
        with (
            LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=FREE) as local,
            Client(local) as client,
        ):
            yield _Spread(client)
        return
    try:
        client = Client(cluster, timeout=10)
    except (OSError, ValueError) as why:
        raise WrongUse(
            f"No cluster answers at {cluster}: {why}. Start one with `dask scheduler` and `dask worker`."
        ) from None
    with client:
        yield _Spread(client)


class _Alone:
    """This process."""

    def map(self, work: Callable[[H, I], R], held: H, items: Sequence[I], tell: Tell) -> list[R]:
        done = []
        for item in items:
            done.append(work(held, item))
            tell(len(done), len(items))
        return done


class _Spread:
    """A Dask cluster."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def map(self, work: Callable[[H, I], R], held: H, items: Sequence[I], tell: Tell) -> list[R]:
        from distributed import as_completed

        # a task of its own, not data put on workers: one that dies takes its copy with it, and a task can be done again
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that it may be large, which is why it is sent once
            there = self.client.submit(_held, held, pure=False)
        futures = [self.client.submit(work, there, item, pure=False) for item in items]
        at = {future.key: i for i, future in enumerate(futures)}
        done: dict[int, R] = {}
        try:
            for future, result in as_completed(futures, with_results=True):
                done[at[future.key]] = result
                future.release()
                tell(len(done), len(items))
        except KeyboardInterrupt:
            self.client.cancel(futures)
            raise Stopped("Interrupted; nothing was written.") from None
        return [done[i] for i in range(len(items))]


def _held(held: H) -> H:
    return held
