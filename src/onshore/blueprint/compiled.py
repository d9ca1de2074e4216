"""`compiled`: a kernel turned into machine code by Numba, and kept on disk where a place can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

__all__ = ["compiled"]

P = ParamSpec("P")
R = TypeVar("R")


def compiled(kernel: Callable[P, R]) -> Callable[P, R]:
    """Compile a function of numbers and arrays when it is first called, without the interpreter's lock.

    The machine code is kept beside the source, else in the user's cache or in NUMBA_CACHE_DIR. A service user who can
    write to none of them compiles again in each process, as Numba would otherwise refuse to import the kernel. Sums
    keep their order (no `fastmath`), so a result is the same on every run.
    """
    from numba import njit

    try:
        return _kept(njit(cache=True, nogil=True, error_model="numpy")(kernel))
    except RuntimeError:  # "no locator available": nowhere to keep it
        return _kept(njit(nogil=True, error_model="numpy")(kernel))


def _kept(dispatcher: object) -> Callable[..., R]:
    """A dispatcher is called like the function it was made from; its stubs do not say so."""
    return cast("Callable[..., R]", dispatcher)
