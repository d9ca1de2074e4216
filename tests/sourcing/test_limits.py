"""Limits as rows: made together, each still bounds what it bounds alone."""

import numpy as np
import pytest
from sourcing.worlds import random_world

import onshore as on
from onshore.sourcing.limits import bounds_of
from onshore.sourcing.measures import Measures
from onshore.sourcing.options import options_of
from onshore.sourcing.problem import problem_of

LIMITS = [
    {"limit": "a", "measure": "launches", "scope": "maker", "scope_key": "m1", "sense": "at_most", "value": 3},
    {"limit": "b", "measure": "launches", "scope": "maker", "scope_key": "*", "sense": "at_most", "value": 2},
    {"limit": "c", "measure": "launches", "scope": "maker", "scope_key": "m1", "per": "year", "sense": "at_most", "value": 1},
    {"limit": "d", "measure": "investment", "years": "2027", "sense": "at_most", "value": 90, "currency": "EUR"},
    {"limit": "e", "measure": "investment", "sense": "at_most", "value": 190, "currency": "USD"},
    {"limit": "f", "measure": "investment", "years": "2028", "sense": "at_most", "value": 80, "currency": "EUR"},
    {"limit": "g", "measure": "local_content", "sense": "at_least", "value": 0.2},
    {"limit": "h", "measure": "local_content", "years": "2028", "sense": "at_least", "value": 0.3},
    {"limit": "i", "measure": "maker_share", "scope": "region", "scope_key": "*", "sense": "at_most", "value": 0.7},
    {"limit": "j", "measure": "maker_share", "scope": "region", "scope_key": "N", "sense": "at_most", "value": 0.6},
    {"limit": "k", "measure": "launches", "scope": "family", "scope_key": "*", "sense": "at_most", "value": 4},
    {"limit": "l", "measure": "investment", "scope": "venture", "scope_key": "*", "sense": "at_most", "value": 70, "currency": "EUR"},
]  # fmt: skip


@pytest.mark.parametrize("seed", [2, 4, 5])
def test_limits_among_others_are_what_they_are_alone(seed):
    """If it fails, limits of one measure and scope that are made together mix up their rows, years, keys or shares."""
    settings, tables = random_world(seed)
    settings["last_year"] = max(settings["last_year"], 2028)
    years = range(2027, settings["last_year"] + 1)
    known = {(row["maker"], row["family"], row["year"]) for row in tables["capacity"]}
    tables["capacity"] += [
        {"maker": maker, "family": family, "year": year, "hours": 100}
        for maker, family in {(m, f) for m, f, _ in known} for year in years if (maker, family, year) not in known
    ]  # fmt: skip

    def bounds(limits):
        problem = problem_of(on.build(settings, {**tables, "limits": limits}))
        return bounds_of(problem, Measures(problem, options_of(problem)))

    together = {b.name: b for b in bounds(LIMITS)}
    alone = {b.name: b for row in LIMITS for b in bounds([row])}
    assert list(together) == sorted(alone)
    for name, one in alone.items():
        other = together[name]
        for at in ("limit", "key", "years", "sense", "value", "unit", "right", "theta"):
            assert getattr(other, at) == getattr(one, at)
        np.testing.assert_array_equal(other.boxes, one.boxes)
        np.testing.assert_array_equal(other.box_weights, one.box_weights)
        for mine, its in zip(
            (other.terms, other.numerator, other.denominator), (one.terms, one.numerator, one.denominator), strict=True
        ):
            if its is not None:
                np.testing.assert_array_equal(mine.options, its.options)
                np.testing.assert_array_equal(mine.weights, its.weights)
                assert mine.constant == its.constant
