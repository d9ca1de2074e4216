"""Draws: the same whatever is drawn beside them, together where they should be, and never out of range in silence."""

from __future__ import annotations

import numpy as np
import pytest
from uncertainty.worlds import DRAWN_DOLLAR, TWO_PARTS, two_parts

from onshore.uncertainty.worlds import DRAW, Place, gone_with, uniform, world_of

PRICES = {"table": "offers", "key": "*", "column": "unit_price", "distribution": "normal", "parameters": "sigma=0.1"}


def draw(programme, i: int, seed: int = 0):
    return world_of(programme, Place(DRAW, f"draw {i}", i), seed)


def prices(programme, i: int, seed: int = 0) -> list[float]:
    return [float(p) for p in draw(programme, i, seed).programme["offers"]["unit_price"]]


def test_a_draw_depends_on_its_seed_number_and_name_alone():
    """If it fails, workers, the order of rows or one more uncertain number move what all others draw."""
    alone, beside = two_parts(uncertainty=[PRICES]), two_parts(uncertainty=[DRAWN_DOLLAR, PRICES])
    turned = two_parts(uncertainty=[PRICES], offers=TWO_PARTS["offers"][::-1])
    first = [prices(alone, i) for i in range(4)]
    assert first[::-1] == [prices(alone, i) for i in (3, 2, 1, 0)]
    assert first == [prices(beside, i) for i in range(4)]
    assert first == [prices(turned, i)[::-1] for i in range(4)]
    assert first != [prices(alone, i, seed=1) for i in range(4)]
    assert len({p for row in first for p in row}) == 8  # each row of its own, each draw of its own


def test_a_group_is_drawn_together():
    """If it fails, a common shock is many small ones that cancel out."""
    together = two_parts(uncertainty=[{**PRICES, "group": "steel"}])
    for i in range(5):
        lamp, gear = prices(together, i)
        assert lamp / 11 == pytest.approx(gear / 15, rel=1e-6)


def test_uniform_numbers_are_uniform():
    """If it fails, every distribution is biased. Means of 2,000 draws lie within five errors."""
    u = np.array([uniform(3, "stream", i) for i in range(2000)])
    assert abs(u.mean() - 0.5) < 5 * np.sqrt(1 / 12 / 2000)
    assert abs((u < 0.1).mean() - 0.1) < 5 * np.sqrt(0.09 / 2000)
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 5 / np.sqrt(2000)


def test_numbers_stay_within_their_column_and_are_counted():
    """If it fails, half an offer is made or a share above 1 is paid, or nobody hears that draws were cut."""
    rows = [{**r, "imported_input_share": 0.5} for r in TWO_PARTS["offers"]]
    wide = {**PRICES, "column": "imported_input_share", "parameters": "sigma=3"}
    programme = two_parts(offers=rows, uncertainty=[wide])
    worlds = [draw(programme, i) for i in range(20)]
    shares = [s for w in worlds for s in w.programme["offers"]["imported_input_share"]]
    assert min(shares) == 0
    assert max(shares) == 1
    assert sum(w.clipped for w in worlds) == sum(s in (0, 1) for s in shares)


def test_who_is_gone_with_whom():
    """If it fails, a maker, its owner, a partner or a group of them fails, and its offers are made all the same."""
    programme = two_parts(
        partners=[{"partner": "far", "partner_group": "overseas"}],
        ventures=[{"venture": "joint", "maker": "alba", "partner": "far", "exit_group": "west"}],
        offers=[{**TWO_PARTS["offers"][0], "venture": "joint"}, TWO_PARTS["offers"][1]],
    )
    for table, column, key in (
        ("makers", "maker", "alba"), ("makers", "owner_group", "north"), ("partners", "partner", "far"),
        ("partners", "partner_group", "overseas"), ("ventures", "venture", "joint"), ("ventures", "exit_group", "west"),
        ("offers", "offer", "alba-lamp"),
    ):  # fmt: skip
        assert gone_with(programme, table, column, key) == {"alba-lamp"}, column
    assert gone_with(programme, "makers", "maker", "*") == {"alba-lamp", "brio-gear"}
