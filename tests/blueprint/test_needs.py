"""Units needed: through bills of materials of several levels, and where given outright."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import onshore as on
from onshore.blueprint.needs import cycle, units_of_parts

SETTINGS = {
    "schema_version": 1,
    "name": "n",
    "currency": "EUR",
    "calendar": "gregorian",
    "first_year": 2027,
    "last_year": 2028,
    "discount_rate": 0,
}


def part(name: str) -> dict:
    return {"part": name, "import_price": 1, "currency": "EUR"}


def test_three_levels_by_hand():
    """If it fails, a part two assemblies deep is bought in the wrong number.

    A car has 1 engine and 5 wheels; an engine has 4 pistons and 8 bolts; a piston has 2 bolts more; a wheel has 5.
    Bolts a car: 8 + 4 x 2 + 5 x 5 = 41. A van has 2 engines. 10 cars and 3 vans are built in 2027.
    """
    programme = on.build(
        SETTINGS,
        {
            "parts": [part("piston"), part("bolt")],
            "products": [{"product": "car"}, {"product": "van"}],
            "bom": [
                {"product": "car", "part": "engine", "quantity": 1}, {"product": "car", "part": "wheel", "quantity": 5},
                {"product": "van", "part": "engine", "quantity": 2}, {"product": "engine", "part": "piston", "quantity": 4},
                {"product": "engine", "part": "bolt", "quantity": 8}, {"product": "wheel", "part": "bolt", "quantity": 5},
                {"product": "piston", "part": "bolt", "quantity": 2},
            ],
            "volumes": [
                {"product": "car", "year": 2027, "units": 10}, {"product": "van", "year": 2027, "units": 3},
                {"product": "car", "year": 2028, "units": 1}, {"product": "car", "year": 2020, "units": 99, "kind": "history"},
            ],
            "needs": [{"part": "bolt", "year": 2028, "market": "aftermarket", "units": 7}],
        },
    )  # fmt: skip
    # vans: 2 engines each have 2 x 4 = 8 pistons and 2 x (8 + 4 x 2) = 32 bolts
    assert on.need(programme).table.rows() == [
        ("bolt", 2027, "oem", 10 * 41 + 3 * 32.0), ("bolt", 2028, "aftermarket", 7.0), ("bolt", 2028, "oem", 41.0),
        ("piston", 2027, "oem", 10 * 4 + 3 * 8.0), ("piston", 2028, "oem", 4.0),
    ]  # fmt: skip
    assert units_of_parts(programme).tolist() == [[10 * 41 + 3 * 32.0, 41 + 7.0], [10 * 4 + 3 * 8.0, 4.0]]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3), st.integers(1, 4)), min_size=1, max_size=10))
def test_explosion_equals_the_sum_over_paths(lines):
    """If it fails, a part reached by two ways is counted once, or a deep one not at all."""
    edges = {(a, a + d): q for a, d, q in lines}
    nodes = {n for edge in edges for n in edge}

    def count(a: int, b: int) -> int:
        return 1 if a == b else sum(q * count(c, b) for (x, c), q in edges.items() if x == a)

    ends = [n for n in nodes if n not in {a for a, _ in edges}]
    tops = [n for n in nodes if n not in {b for _, b in edges}]
    programme = on.build(
        SETTINGS,
        {
            "parts": [part(f"n{n}") for n in ends],
            "products": [{"product": f"n{n}"} for n in tops],
            "bom": [{"product": f"n{a}", "part": f"n{b}", "quantity": q} for (a, b), q in edges.items()],
            "volumes": [{"product": f"n{n}", "year": 2027, "units": 1} for n in tops],
        },
    )
    found = {p: u for p, _, _, u in on.need(programme).table.iter_rows()}
    assert found == {f"n{n}": pytest.approx(sum(count(t, n) for t in tops)) for n in ends}


def test_a_cycle_is_named():
    """If it fails, the explosion of a circular bill of materials never ends."""
    programme = {"product": ["a", "b", "c"], "part": ["b", "c", "a"]}
    import polars as pl

    path = cycle(pl.DataFrame(programme))
    assert set(path) == {"a", "b", "c"}
    assert path[0] == path[-1]
