"""Where a large option table lies: apart from the heap in which its chunks are made, in memory or, past that, in a file.

Chunks are made and dropped by the thousand; what is kept of each, strewn among what is dropped, would hold on to twice its
own memory. A table that memory cannot hold lies in a file without a name in the folder for temporary files (`TMPDIR`), and
the system keeps in memory what was read last.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np

__all__ = ["Shelf"]

SHARE = 0.6
"""Share of the machine's memory that a table may take; a larger one goes to a file."""
EDGE = 64
"""Bytes: each array begins at a multiple."""


class Shelf:
    """Arrays that stay for as long as they are used."""

    def __init__(self, expected: float = 0.0) -> None:
        """`expected` bytes in all."""
        self.file: BinaryIO | None = None
        if expected > SHARE * os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"):
            self.file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the shelf
            weakref.finalize(self, self.file.close)

    def put(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The same arrays, side by side in memory of their own."""
        at = np.cumsum([0, *(-(-a.nbytes // EDGE) * EDGE for a in arrays)])
        size = max(1, int(at[-1]))
        if self.file is None:
            room = mmap.mmap(-1, size)
        else:
            begins = -(-self.file.seek(0, os.SEEK_END) // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
            self.file.truncate(begins + size)
            room = mmap.mmap(self.file.fileno(), size, offset=begins)
        put = []
        for a, offset in zip(arrays, at[:-1].tolist(), strict=True):
            held = np.frombuffer(room, a.dtype, a.size, offset).reshape(a.shape)
            held[...] = a
            put.append(held)
        return put
