"""Impact: what really happened to prices and imports of parts whose lines started, measured afterwards.

measure_effect   a panel of parts by month and the dates of starts in, an `Effect` out
design           the choices, with defaults for prices by month
panel            a table to arrays, and everything that it cannot answer
cells            ATT(g, t) with influence functions; `adjust`: given covariates; `aggregate`: cells to answers
imputation       a second estimator, to be read beside the first
naive            the usual estimate and what is wrong with it
inference        errors by cluster, bands, tests
words            the same in sentences
declared         the result tables of this room
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onshore.impact.design import Design
    from onshore.impact.measure import Effect, Rows, measure_effect, started_in

__all__ = ["Design", "Effect", "Rows", "measure_effect", "started_in"]

_HOME = {
    "Design": "design",
    "Effect": "measure",
    "Rows": "measure",
    "measure_effect": "measure",
    "started_in": "measure",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
