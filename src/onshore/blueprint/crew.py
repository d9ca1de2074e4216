"""Work on many worlds or on the pieces of a large table, one after another or spread over processes and machines by Dask.

What comes back is in the order of what went in, so nothing depends on how many worked on it. Of `map`, a worker that dies
loses no work: what it had is done again by another. What is held dies with who holds it.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from onshore.errors import Stopped, WrongUse

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["Alone", "Crew", "Held", "Here", "Tell", "crew", "usual_workers"]

H = TypeVar("H")
K = TypeVar("K", covariant=True)
I = TypeVar("I")
R = TypeVar("R")

FREE = "127.0.0.1:0"
"""Where Dask shows how it fares: any port that is free, so that two plans at a time do not quarrel over one."""

Tell = Callable[[int, int], None]
"""Called with how many are done, and of how many."""


class Held(Protocol[K]):
    """Things that stay with those who work: `each(work, a, b)` is [work(h, a[0], b[0]), ...], in the order of the things.

    What work changes in a thing stays changed.
    """

    def each(self, work: Callable[..., R], *given: Sequence[object]) -> list[R]: ...


class Crew(Protocol):
    """Those who work: `map(work, held, items, tell)` is [work(held, i) for i in items]; `hold` makes things that stay with them."""

    def map(self, work: Callable[[H, I], R], held: H, items: Sequence[I], tell: Tell) -> list[R]: ...

    def hold(self, make: Callable[[I], H], items: Sequence[I], tell: Tell) -> Held[H]: ...


THREADS = max(1, min(4, os.cpu_count() or 1))


@dataclass(frozen=True)
class Here(Generic[H]):
    """Things in this process, worked on by several threads unless they are small."""

    things: Sequence[H]
    small: bool = False

    def each(self, work: Callable[..., R], *given: Sequence[object]) -> list[R]:
        if self.small or THREADS == 1:
            return [work(*args) for args in zip(self.things, *given, strict=True)]
        with ThreadPoolExecutor(THREADS) as pool:
            return list(pool.map(work, self.things, *given))


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
        yield Alone()
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


class Alone:
    """This process."""

    def map(self, work: Callable[[H, I], R], held: H, items: Sequence[I], tell: Tell) -> list[R]:
        done = []
        for item in items:
            done.append(work(held, item))
            tell(len(done), len(items))
        return done

    def hold(self, make: Callable[[I], H], items: Sequence[I], tell: Tell) -> Held[H]:
        made = []
        with ThreadPoolExecutor(THREADS) as pool:
            for thing in pool.map(make, items):
                made.append(thing)
                tell(len(made), len(items))
        return Here(made)


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

    def hold(self, make: Callable[[I], H], items: Sequence[I], tell: Tell) -> Held[H]:
        """Each worker keeps every so manyth thing as an actor, which is never moved, copied or written to disk."""
        workers = sorted(self.client.scheduler_info(n_workers=-1)["workers"])[: len(items)]
        keepers = [
            self.client.submit(_Keeper, make, actor=True, pure=False, workers=[w], allow_other_workers=False)
            for w in workers
        ]
        there: _There[H] = _There([keeper.result() for keeper in keepers], len(items))
        there.ask("add", list(zip(there.turns, items, strict=True)), lambda done: tell(done, len(items)))
        return there


class _Keeper:
    """The things that one worker holds, by their turn: calls may come in another order than they were made in."""

    def __init__(self, make: Callable[[Any], object]) -> None:
        self.make = make
        self.things: dict[int, object] = {}

    def add(self, turn: int, item: object) -> None:
        self.things[turn] = self.make(item)

    def work(self, turn: int, work: Callable[..., object], *given: object) -> object:
        return work(self.things[turn], *given)


@dataclass(frozen=True)
class _There(Generic[H]):
    """Thing i lies with keeper i modulo their number."""

    keepers: Sequence[Any]
    count: int

    @property
    def turns(self) -> list[int]:
        return [i // len(self.keepers) for i in range(self.count)]

    def each(self, work: Callable[..., R], *given: Sequence[object]) -> list[R]:
        return self.ask("work", list(zip(self.turns, [work] * self.count, *given, strict=True)))

    def ask(
        self, what: str, args: Sequence[tuple[object, ...]], tell: Callable[[int], None] = lambda _: None
    ) -> list[Any]:
        asked = [getattr(self.keepers[i % len(self.keepers)], what)(*a) for i, a in enumerate(args)]
        answers = []
        try:
            for future in asked:
                answers.append(future.result())
                tell(len(answers))
        except OSError as why:  # what Dask says of an actor that is gone
            raise WrongUse(f"A worker that held a piece of the work is gone ({why}). Run it again.") from None
        return answers


def _held(held: H) -> H:
    return held
