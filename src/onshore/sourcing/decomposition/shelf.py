"""Where a large option table lies: apart from the heap in which its chunks are made, in memory or, past that, in a file.

Chunks are made and dropped by the thousand; what is kept of each, strewn among what is dropped, would hold on to twice its
own memory. A table that memory cannot hold lies in a file without a name in the folder for temporary files (`TMPDIR`), and
the system keeps in memory what was read last.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import tempfile
import weakref
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np

from onshore.errors import WrongUse

__all__ = ["Shelf", "give_back"]

SHARE = 0.6
"""Share of the machine's memory that a table may take; a larger one goes to a file."""
ROOM = 256 * 2**20
"""Bytes taken at a time: every part of a file that is held takes one of the files that a process may have open."""
EDGE = 64
"""Bytes: each array begins at a multiple."""


class Shelf:
    """Arrays that stay for as long as they are used."""

    def __init__(self, expected: float = 0.0, coming: float = 0.0) -> None:
        """`expected` bytes in all, on this shelf and others like it, of which some are still `coming`."""
        self.expected, self.room, self.used = int(expected), mmap.mmap(-1, 1), 1
        self.file: BinaryIO | None = None
        if expected > SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"):
            free = shutil.disk_usage(tempfile.gettempdir()).free
            if coming > free:  # a page that finds no room on the disk ends the process without a word
                raise WrongUse(
                    f"The option table takes some {expected / 1e9:.0f} GB: more than this machine's memory should hold, and more "
                    f"than the {free / 1e9:.0f} GB that are free in {tempfile.gettempdir()}. Name a folder on a larger disk in the "
                    "environment variable TMPDIR, or hold it on several machines with --cluster."
                )
            self.file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the shelf
            weakref.finalize(self, self.file.close)

    def put(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The same arrays, side by side in memory of their own."""
        at = np.cumsum([0, *(-(-a.nbytes // EDGE) * EDGE for a in arrays)])
        size = int(at[-1])
        if self.used + size > len(self.room):
            self.room, self.used = self._taken(max(size, 1, min(ROOM, self.expected))), 0
        put = []
        for a, offset in zip(arrays, (self.used + at[:-1]).tolist(), strict=True):
            held = np.frombuffer(self.room, a.dtype, a.size, offset).reshape(a.shape)
            held[...] = a
            put.append(held)
        self.used += size
        return put

    def _taken(self, size: int) -> mmap.mmap:
        """Room for so many bytes, which takes no memory before it is written to."""
        if self.file is None:
            return mmap.mmap(-1, size)
        begins = -(-self.file.seek(0, os.SEEK_END) // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
        self.file.truncate(begins + size)
        return mmap.mmap(self.file.fileno(), size, offset=begins)


def give_back() -> None:
    """Hand what the heap holds and nothing uses to the system, where the C library can (glibc).

    The blocks of a large table leave gigabytes in holes that are too small for what is told of a plan next.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if os.name == "posix" else None
    if trim is not None:
        trim(0)
