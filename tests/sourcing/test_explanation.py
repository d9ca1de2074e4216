"""What a run answers: why a part, what a limit, and what moved between two runs."""

import pytest

import onshore as on
from onshore.chain import write_plan

SETTINGS = {
    "schema_version": 1,
    "name": "e",
    "currency": "EUR",
    "calendar": "gregorian",
    "first_year": 2027,
    "last_year": 2027,
    "discount_rate": 0,
}


def tables(budget: float = 50, price: float = 7) -> dict:
    """100 of each part at 10. lamp saves 200 for tooling of 40, mirror 300 for 60: together above a budget of 50."""
    offer = {"maker": "m", "currency": "EUR", "annual_max": 100, "lead_time_months": 0}
    return {
        "parts": [{"part": p, "import_price": 10, "currency": "EUR"} for p in ("lamp", "mirror", "glass")],
        "needs": [{"part": p, "year": 2027, "units": 100} for p in ("lamp", "mirror", "glass")],
        "makers": [{"maker": "m"}],
        "offers": [{"offer": "l", "part": "lamp", "unit_price": 8, "tooling_cost": 40, **offer}, {"offer": "r", "part": "mirror", "unit_price": price, "tooling_cost": 60, **offer}],
        "limits": [{"limit": "budget", "measure": "tooling", "sense": "at_most", "value": budget, "currency": "EUR"}],
    }  # fmt: skip


@pytest.fixture
def run(tmp_path):
    return lambda name="run", **changes: write_plan(
        on.plan(on.build(SETTINGS, tables(**changes)), gap=0), tmp_path / name
    )


def test_a_part_that_a_limit_keeps_out(run):
    """If it fails, the answer does not name what would have to give way."""
    said = on.explain(run(), "mirror").summary()
    assert "no room in budget (the first lacks 50)" in said  # 40 + 60 - 50
    assert "would gain 240.00" in said  # 300 - 60
    assert "r 100% from 2027-01-01" in said


def test_a_part_that_is_made(run):
    """If it fails, an award cannot be traced to its offer and dates."""
    said = on.explain(run(), "lamp").summary()
    assert "Awarded: l of m, 100% of the need from 2027-01-01, signed by 2027-01-01." in said
    assert "<- chosen" in said


def test_a_limit_names_the_parts_it_keeps_out(run):
    """If it fails, nobody sees what a budget costs."""
    found = on.explain(run(), "budget")
    assert [r["part"] for r in found.facts["reasons"]] == ["mirror"]
    assert "the plan reaches 40" in found.summary()


def test_the_whole_plan(run):
    """If it fails, the reasons do not add up to the parts that stay imported."""
    found = on.explain(run())
    assert {r["why"]: r["len"] for r in found.facts["reasons"]} == {"limit": 1, "no offer": 1}


def test_an_unknown_name_is_answered_with_the_nearest(run):
    """If it fails, a slip of the finger is answered with silence."""
    with pytest.raises(on.WrongUse, match="Nearest: `mirror`"):
        on.explain(run(), "miror")


def test_a_run_beside_itself_is_empty(run):
    """If it fails, a comparison reports what did not move."""
    one = run()
    assert on.compare(one, one).empty


def test_an_award_moves_with_its_own_offer(run):
    """If it fails, a moved award is not traced to the cell that moved it. At 9.5 mirror saves nothing."""
    found = on.compare(run("a", budget=100), run("b", budget=100, price=9.5))
    assert found.inputs.rows() == [("offers", "r", "unit_price", "7.000000", "9.500000")]
    assert found.awards.rows() == [("mirror", "r 100.0% from 2027-01-01", "imported", True)]
    assert "objective" in found.figures["figure"].to_list()


def test_an_award_moves_with_a_limit(run):
    """If it fails, a part that a limit crowds out looks as if its offer had changed."""
    found = on.compare(run("a", budget=100), run("b", budget=50))
    assert found.inputs.select("table", "key", "column").rows() == [("limits", "budget", "value")]
    assert found.awards.select("part", "own_input_moved").rows() == [("mirror", False)]
    assert "its own rows did not move" in found.summary()


def test_rows_that_are_in_one_run_only(run, tmp_path):
    """If it fails, an offer that was withdrawn goes unmentioned."""
    fewer = tables()
    fewer["offers"] = fewer["offers"][:1]
    other = write_plan(on.plan(on.build(SETTINGS, fewer), gap=0), tmp_path / "fewer")
    assert on.compare(run(), other).inputs.rows() == [("offers", "r", "row", "there", None)]
