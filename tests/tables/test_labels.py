"""Labels to positions: an index is right or there is none."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from onshore.errors import LabelError
from onshore.tables.labels import agree, positions


def test_positions() -> None:
    """Else an offer's numbers go to another part."""
    assert positions(["b", "a", "b"], ("a", "b"), "parts").tolist() == [1, 0, 1]
    assert positions(pl.Series([1400, 1399]), np.array([1399, 1400]), "years", exact=True).tolist() == [1, 0]
    keys, axis = pl.DataFrame({"m": ["x"], "f": ["q"]}), pl.DataFrame({"maker": ["x", "x"], "family": ["p", "q"]})
    assert positions(keys, axis, "capacity").tolist() == [1]
    assert positions([], [], "nothing").dtype == np.int64
    assert positions([], ["a"], "nothing").tolist() == []


@pytest.mark.parametrize(
    ("labels", "axis", "exact", "says"),
    [
        (["a", "c"], ["a", "b"], False, "not on the axis: `c`"),
        (["a"], ["a", "a"], False, "the axis repeats `a`"),
        (["a", None], ["a"], False, "1 labels are empty"),
        (["a", "a", "b"], ["a", "b"], True, "given twice: `a`"),
        (["a"], ["a", "b"], True, "missing: `b`"),
        (["a"], [], False, "not on the axis: `a`"),
        (["1"], [1], False, "of type"),
        ([str(i) for i in range(9)], ["x"], False, "and 4 more"),
    ],
)
def test_what_does_not_agree_raises_and_is_named(labels: list, axis: list, exact: bool, says: str) -> None:
    """Else a missing label becomes the last position, or nothing at all."""
    with pytest.raises(LabelError, match=f"parts: .*{says}"):
        positions(labels, axis, "parts", exact)


def test_agree_wants_the_same_order() -> None:
    """Else two arrays that are added up row by row are not of the same rows."""
    agree(["a", "b"], ["a", "b"], "parts")
    with pytest.raises(LabelError, match="another order, from position 0: `b`"):
        agree(["b", "a"], ["a", "b"], "parts")
