"""Reasons are checked by acting on them: give what stands against a part the room it asks for, and the plan improves."""

import copy

import pytest
from sourcing.test_properties import free_world
from sourcing.worlds import seeds

import onshore as on
from onshore.sourcing.planning import plan


def why(settings: dict, tables: dict) -> dict[str, dict]:
    return {r["part"]: r for r in plan(on.build(settings, tables), gap=0)["reasons"].iter_rows(named=True)}


SETTINGS = {
    "schema_version": 1,
    "name": "r",
    "currency": "EUR",
    "calendar": "gregorian",
    "first_year": 2027,
    "last_year": 2027,
    "discount_rate": 0,
}


def test_each_reason_by_hand():
    """If it fails, a reader is told the wrong reason. 100 of each part at 10; the budget for tooling is 50."""

    def offer(part: str, price: float, tooling: float = 0, **more: object) -> dict:
        return {
            "offer": f"o-{part}",
            "part": part,
            "maker": "m",
            "unit_price": price,
            "currency": "EUR",
            "annual_max": 100,
            "lead_time_months": 0,
            "tooling_cost": tooling,
            **more,
        }

    names = ("alone", "late", "barred", "dear", "tooled", "joint")
    tables = {
        "parts": [{"part": p, "import_price": 10, "currency": "EUR"} for p in names],
        "needs": [{"part": p, "year": 2027, "units": 100} for p in names],
        "makers": [{"maker": "m"}],
        "partners": [{"partner": "f"}],
        "ventures": [{"venture": "v", "maker": "m", "partner": "f", "set_up_cost": 450, "currency": "EUR"}],
        "offers": [offer("late", 5, lead_time_months=12), offer("barred", 5), offer("dear", 11.2), offer("tooled", 7, 80), offer("joint", 6, venture="v")],
        "limits": [{"limit": "budget", "measure": "tooling", "sense": "at_most", "value": 50, "currency": "EUR"}],
        "decisions": [{"what": "offer", "key": "o-barred", "verdict": "forbid", "reason": "no approval"}],
    }  # fmt: skip
    found = why(SETTINGS, tables)
    assert {p: r["why"] for p, r in found.items()} == {
        "alone": "no offer",
        "late": "never possible",
        "barred": "forbidden",
        "dear": "dearer",
        "tooled": "limit",
        "joint": "dearer",
    }
    assert found["dear"]["dearer_share"] == pytest.approx(0.12)
    assert (found["tooled"]["stands_against"], found["tooled"]["excess"], found["tooled"]["saving"]) == (
        "budget",
        pytest.approx(30),
        pytest.approx(220),
    )
    assert found["joint"]["saving"] == pytest.approx(400 - 450)  # the venture would serve this part alone


@pytest.mark.parametrize("seed", seeds(4000, 20, 80))
def test_more_room_where_it_is_asked_for_improves_the_plan(seed):
    """If it fails, `stands_against` names a limit that is not in the way, or too little of it."""
    settings, tables = free_world(seed)
    try:
        before = plan(on.build(settings, tables), gap=0)
    except on.NoPlan:
        return
    limits = {limit["limit"]: i for i, limit in enumerate(tables["limits"])}
    for reason in before["reasons"].iter_rows(named=True):
        if reason["why"] == "limit" and reason["stands_against"] in limits:
            eased = copy.deepcopy(tables)
            limit = eased["limits"][limits[reason["stands_against"]]]
            if limit["measure"] in ("maker_share", "local_content", "defects_ppm"):
                continue
            limit["value"] += (1 if limit["sense"] == "at_most" else -1) * reason["excess"] * (1 + 1e-6)
            after = plan(on.build(settings, eased), gap=0)
            sign = before.programme.settings.sign
            assert sign * after.objective <= sign * before.objective - reason["saving"] + 1e-6 * max(
                1, abs(before.objective)
            )
        assert reason["why"] != "within the gap"
