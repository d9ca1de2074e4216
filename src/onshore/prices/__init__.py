"""Prices: how markets at home answer when the costs, makers, owners or taxes of what they sell change.

    book_of            the tables of markets, brands and owners as arrays, calibrated when asked
    effect_on_prices   a plan's unit costs in, prices before and after out, with bands and who gains what
    markets, calibration, equilibrium, scenarios, surplus   the same for markets given as arrays
    kernel, batch      the compiled part
    gsim               a linear yardstick
    declared           the result tables of this room
    cars               the car market: demand with tastes that differ, prices of makers with many models

The room takes tables of costs and knows no plan. docs/explanation/prices.md has every equation.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onshore.prices.book import Book, book_of
    from onshore.prices.effect import PriceEffect, effect_on_prices
    from onshore.prices.story import Assumed

__all__ = ["Assumed", "Book", "PriceEffect", "book_of", "effect_on_prices"]

_HOME = {
    "Assumed": "story",
    "Book": "book",
    "PriceEffect": "effect",
    "book_of": "book",
    "effect_on_prices": "effect",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
