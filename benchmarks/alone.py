"""One job in a process of its own, so that its processor time and its peak of memory are its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Figures", "alone", "answer", "peak_megabytes", "timed"]

Figures = dict[str, float]


def alone(script: str, *words: object) -> Figures:
    """Run `python script --job words...`, which prints its figures with `answer`, and return them."""
    done = subprocess.run([sys.executable, script, "--job", *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))} failed:\n{done.stderr}")
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def answer(figures: Figures) -> None:
    """What a job prints last."""
    print(json.dumps(figures))


def peak_megabytes() -> float:
    """Most memory that this process has held. `ru_maxrss` would count what its parent held when it was started."""
    status = Path("/proc/self/status")
    if status.exists():
        return (
            next(float(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) / 1024
        )
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


@contextmanager
def timed(figures: Figures, name: str) -> Iterator[None]:
    """Put the processor seconds that the block takes, all threads together, under `name`.

    They hold still on a busy machine, where the clock's seconds do not.
    """
    began = time.process_time()
    yield
    figures[name] = time.process_time() - began
