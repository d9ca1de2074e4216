"""Impossible limits are answered with a set that really conflicts, and changes that really help."""

import copy

import pytest
from sourcing.test_properties import free_world
from sourcing.worlds import seeds

import onshore as on
from onshore.sourcing.conflict import _outward

SETTINGS = {
    "schema_version": 1,
    "name": "c",
    "currency": "EUR",
    "calendar": "gregorian",
    "first_year": 2027,
    "last_year": 2027,
    "discount_rate": 0,
}
TABLES = {
    "parts": [{"part": "a", "import_price": 10, "currency": "EUR"}],
    "needs": [{"part": "a", "year": 2027, "units": 100}],
    "makers": [{"maker": "m"}],
    "offers": [{"offer": "o", "part": "a", "maker": "m", "unit_price": 9, "currency": "EUR", "annual_max": 100, "lead_time_months": 0, "tooling_cost": 80}],
}  # fmt: skip


def limit(name: str, measure: str, sense: str, value: float, **more: object) -> dict:
    return {"limit": name, "measure": measure, "sense": sense, "value": value, **more}


def no_plan(limits: list[dict], **tables: object) -> on.NoPlan:
    with pytest.raises(on.NoPlan) as caught:
        on.plan(on.build(SETTINGS, {**TABLES, "limits": limits, **tables}))
    return caught.value


def test_two_limits_that_conflict_by_hand():
    """If it fails, an office is told the wrong limits. 100 units at home need tooling of 80; the budget is 50."""
    error = no_plan(
        [
            limit("home", "units_home", "at_least", 60),
            limit("budget", "tooling", "at_most", 50, currency="EUR"),
            limit("idle", "launches", "at_most", 9),
        ]
    )
    assert error.details["conflict"] == ["budget", "home"]
    assert error.details["proofs"]["idle"].endswith("unneeded")
    alone = {m["bound"]: m["eased"] for m in error.details["each_alone"]}
    assert alone == {"budget": pytest.approx(80), "home": pytest.approx(0)}
    # easing the budget by 30 of 50 is less, in shares, than giving up all of the floor
    assert {m["bound"]: m["eased"] for m in error.details["least_change"]} == {"budget": pytest.approx(80)}
    assert "dropping any one makes a plan possible" in str(error)


def test_one_limit_that_nothing_alone_can_ease():
    """If it fails, the answer promises that moving one limit is enough when two have to move."""
    error = no_plan(
        [limit("home", "units_home", "at_least", 150), limit("budget", "tooling", "at_most", 50, currency="EUR")]
    )
    alone = {m["bound"]: m["eased"] for m in error.details["each_alone"]}
    assert error.details["conflict"] == ["home"]  # 150 of 100 can never be made
    assert alone == {"home": pytest.approx(0)}


def test_a_share_that_cannot_be_reached_by_hand():
    """If it fails, a floor of content is said to be beyond easing, or hundreds of other limits are named beside it.

    A fifth of each part's price is paid abroad, so 0.8 of it is local at most; what is missed of 0.9 is some 10^8 EUR.
    """
    offers = [{**TABLES["offers"][0], "annual_max": 1e8, "imported_input_share": 0.2, "tooling_cost": 0}]
    needs = [{**TABLES["needs"][0], "units": 1e8}]
    idle = [limit(f"idle-{i}", "launches", "at_most", 9 + i) for i in range(9)]
    error = no_plan([limit("content", "local_content", "at_least", 0.9), *idle], offers=offers, needs=needs)
    assert error.details["conflict"] == ["content"]
    assert [(m["bound"], m["eased"]) for m in error.details["least_change"]] == [("content", pytest.approx(0.8))]
    assert "idle" not in str(error)


def test_no_limit_is_to_blame():
    """If it fails, limits are blamed for what a decision or missing capacity forbids."""
    parts = [{**TABLES["parts"][0], "family": "f"}]
    offers = [{**TABLES["offers"][0], "hours_per_unit": 1}]
    capacity = [{"maker": "m", "family": "f", "year": 2027, "hours": 10}]
    forced = [{"what": "part", "key": "a", "verdict": "force", "reason": "so"}]
    error = no_plan(
        [limit("idle", "launches", "at_most", 9)], parts=parts, offers=offers, capacity=capacity, decisions=forced
    )
    assert error.details["conflict"] == []
    assert "even without its limits" in str(error)


@pytest.mark.parametrize("seed", seeds(5000, 25, 100))
def test_the_set_is_irreducible(seed):
    """If it fails, a limit of the set is not in the way, or all of it together still allows a plan."""
    settings, tables = free_world(seed)
    for row in tables["limits"]:
        row.pop("penalty", None)
    try:
        on.plan(on.build(settings, tables))
        return
    except on.NoPlan as error:
        conflict = error.details.get("conflict")  # none where decisions leave a part nothing
        if not conflict:
            return
    only = copy.deepcopy(tables)
    only["limits"] = [row for row in tables["limits"] if row["limit"] in conflict]
    with pytest.raises(on.NoPlan):
        on.plan(on.build(settings, only))
    for name in conflict:
        on.plan(on.build(settings, {**only, "limits": [row for row in only["limits"] if row["limit"] != name]}))


@pytest.mark.parametrize(
    ("value", "sense", "said"),
    [
        (0.2300439, "at_least", 0.230043),
        (0.2300439, "at_most", 0.230044),
        (80.00000001, "at_most", 80),
        (1234567.8, "at_most", 1234570),
        (-12.34567891, "at_least", -12.3457),
    ],
)
def test_the_change_can_be_typed_in_and_is_enough(value, sense, said):
    """If it fails, the printed easing is rounded to the side that stays impossible."""
    assert _outward(value, sense) == pytest.approx(said, rel=1e-12)
