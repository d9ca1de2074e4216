"""The time a search has, and the end of it by Ctrl-C in every thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from onshore.blueprint.crew import THREADS

__all__ = ["Clock"]

A = TypeVar("A")
T = TypeVar("T")


class Clock:
    """Seconds since the start, and whether they are up; once `stopped` is set they are."""

    def __init__(self, limit: float | None = None):
        self.began, self.limit, self.stopped = time.monotonic(), limit, threading.Event()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def left(self) -> float | None:
        return None if self.limit is None else max(0.0, self.limit - self.seconds)

    def up(self) -> bool:
        return self.stopped.is_set() or self.left == 0.0

    @contextmanager
    def meanwhile(self, work: Callable[[], object]) -> Iterator[None]:
        """The work done in a thread beside the block, which waits for it; Ctrl-C stops the clock for both."""
        with ThreadPoolExecutor(1) as pool:
            doing = pool.submit(work)
            try:
                yield
                doing.result()
            except KeyboardInterrupt:
                self.stopped.set()  # or the work would go on before this is left
                raise

    def beside(self, work: Callable[[A], T], things: Sequence[A]) -> list[T]:
        """What the work makes of each thing, in order, some side by side in threads; Ctrl-C stops the clock for them all."""
        with ThreadPoolExecutor(max(1, min(THREADS, len(things)))) as pool:
            try:
                return list(pool.map(work, things))
            except KeyboardInterrupt:
                self.stopped.set()
                raise
