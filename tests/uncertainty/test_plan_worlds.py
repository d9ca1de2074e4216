"""Worlds solved by hand: what the plan is worth in each, which plan is best, what a partner's leaving costs."""

from __future__ import annotations

import polars as pl
import pytest
from uncertainty.worlds import DEAR_DOLLAR, DRAWN_DOLLAR, LEAVING, SETTINGS, changed, two_parts

import onshore as on
from onshore.uncertainty import Asked, plan_worlds

FAILS = {"table": "makers", "key": "brio", "column": "maker", "value": "fails"}


def row_of(found, world: str) -> dict:
    return found["worlds"].filter(world=world).row(0, named=True)


def test_scenarios_of_two_parts():
    """If it fails, a world's rate does not reach its plan, regret is not cost less best, or a maker that fails is still paid."""
    rows = [DEAR_DOLLAR, {"scenario": "brio-fails", **FAILS}]
    found = plan_worlds(two_parts(scenarios=rows), asked=Asked(draws=0, gap=0))
    assert row_of(found, "programme")["value"] == pytest.approx(2700)
    dear, fails = row_of(found, "dear-dollar"), row_of(found, "brio-fails")
    assert (dear["value"], dear["best"], dear["regret_low"], dear["lost"]) == pytest.approx((3200, 2850, 350, 0))
    assert (fails["value"], fails["best"], fails["regret_high"], fails["gone"]) == pytest.approx((3000, 3000, 0, 1))
    assert found["lost_awards"].select("world", "offer", "why").rows() == [("brio-fails", "brio-gear", "fails")]
    regrets = dict(found["plans"].select("plan", "worst_regret").iter_rows())
    assert regrets == pytest.approx({"plan": 350, "own of brio-fails": 650, "own of dear-dollar": 150})
    assert found.chosen("regret") == "own of dear-dollar"
    stable = {o: (s, n) for o, s, n in found["stable_awards"].select("offer", "share", "worlds").iter_rows()}
    assert stable == {"alba-lamp": (0.5, 2), "brio-gear": (0.5, 2)}


def test_a_rate_that_is_drawn():
    """If it fails, the best plan on average or in the tail is not found, its value is wrong, or a bound lies above it."""
    found = plan_worlds(two_parts(uncertainty=[DRAWN_DOLLAR]), asked=Asked(draws=10, fresh=5, seed=5, gap=0, own=0))
    drawn = (found["worlds"].filter(sample="draws")["value"] == 3200).to_list()
    dear = sum(drawn) / 10
    assert 0.3 < dear < 0.7  # else both plans are as good, and nothing is shown
    plans = {r["plan"]: r for r in found["plans"].iter_rows(named=True)}
    fresh = found["values"].filter(plan="plan", sample="fresh")["value"]
    assert plans["plan"]["mean"] == pytest.approx(2700 + 500 * (fresh == 3200).mean())
    assert plans["plan"]["cvar"] == pytest.approx(3200)
    assert (plans["average"]["mean"], plans["average"]["mean_error"]) == pytest.approx((2850, 0))
    assert plans["average"]["cvar"] == pytest.approx(2850)
    assert found.chosen("average") == found.chosen("tail") == "average"
    bounds = {
        (r["risk"], r["how"].partition(":")[0]): r["value"] for r in found["sampled_bounds"].iter_rows(named=True)
    }
    assert bounds["average", "wait and see"] == pytest.approx(2700 + 150 * dear)
    pairs = [(a + b) / 2 for a, b in zip(drawn[::2], drawn[1::2], strict=True)]
    batches = sum(min(2700 + 500 * share, 2850) for share in pairs) / 5  # the better of the two plans in each batch
    assert bounds["average", "batches"] == pytest.approx(batches)
    assert bounds["average", "wait and see"] <= batches <= 2850
    assert bounds["tail", "tails"] == pytest.approx(2850)
    assert found["stable_awards"].filter("sign_first")["offer"].to_list() == ["brio-gear"]


def test_a_delay_moves_the_start_and_not_the_signing():
    """If it fails, a late line is not late by the delay, or the contract is signed again with knowledge of it."""
    settings = {**SETTINGS, "last_year": 2028, "rate_market": "ECB"}
    tables = {
        "parts": [{"part": "pump", "import_price": 10, "currency": "EUR"}],
        "needs": [{"part": "pump", "year": y, "market": "oem", "units": 100} for y in (2027, 2028)],
        "makers": [{"maker": "alba"}],
        "offers": [{"offer": "o", "part": "pump", "maker": "alba", "unit_price": 5, "currency": "EUR", "annual_max": 100, "lead_time_months": 0, "tooling_cost": 0}],
        "scenarios": [{"scenario": "late", "table": "offers", "key": "o", "column": "lead_time_months", "value": "6"}],
    }  # fmt: skip
    found = plan_worlds(on.build(settings, tables), asked=Asked(gap=0))
    assert row_of(found, "programme")["value"] == pytest.approx(1000)
    assert row_of(found, "late")["value"] == pytest.approx(50 * 10 + 50 * 5 + 100 * 5)


def test_what_cannot_be_kept_is_told_with_its_size_and_not_priced():
    """If it fails, a broken budget or too few machine-hours pass in silence, or a made-up penalty stands in the value."""
    extra = {
        **changed("offers", 1, currency="USD", tooling_cost=200, unit_price=15, hours_per_unit=1),
        "limits": [{"limit": "budget", "measure": "tooling", "sense": "at_most", "value": 220, "currency": "EUR"}],
        "capacity": [{"maker": "brio", "family": "cast", "year": 2027, "hours": 100}],
    }
    extra["parts"] = [
        {"part": "lamp", "import_price": 10, "currency": "USD"},
        {"part": "gear", "import_price": 20, "currency": "EUR", "family": "cast"},
    ]
    more = {"scenario": "more", "table": "needs", "key": "gear", "column": "units", "value": "150"}
    small = {**DEAR_DOLLAR, "value": "1.2"}
    found = plan_worlds(two_parts(**extra, scenarios=[small, more]), asked=Asked(gap=0))
    broken = {r["world"]: r for r in found["breaks"].filter(plan="plan").iter_rows(named=True)}
    assert (broken["dear-dollar"]["row"], broken["dear-dollar"]["over"]) == ("budget", pytest.approx(20))
    assert (broken["more"]["block"], broken["more"]["over"]) == ("machine_hours", pytest.approx(50))
    assert row_of(found, "dear-dollar")["value"] == pytest.approx(1200 + 1.2 * 1700)
    assert row_of(found, "more")["value"] == pytest.approx(1000 + 150 * 15 + 200)


def test_a_part_that_cannot_be_imported_and_loses_its_maker():
    """If it fails, units that nobody makes and nobody may import go unseen."""
    parts = changed("parts", 1, importable="no")
    found = plan_worlds(two_parts(**parts, scenarios=[{"scenario": "brio-fails", **FAILS}]), asked=Asked(gap=0))
    row = row_of(found, "brio-fails")
    assert (row["status"], row["best"], row["broken"]) == ("infeasible", None, 1)
    assert found["breaks"].select("block", "row", "over").rows() == [("cannot_be_imported", "gear", 100.0)]


def test_limits_that_no_plan_keeps_on_average():
    """If it fails, draws that cannot all be served leave no plan for them, or a bound counts the lucky ones alone."""
    floor = [
        {
            "limit": "brio",
            "measure": "units_home",
            "scope": "maker",
            "scope_key": "brio",
            "sense": "at_least",
            "value": 100,
        }
    ]
    fails = {"table": "makers", "key": "brio", "column": "maker", "distribution": "bernoulli", "parameters": "p=1"}
    found = plan_worlds(two_parts(limits=floor, uncertainty=[fails]), asked=Asked(draws=2, fresh=2, own=0, gap=0))
    gone = found["worlds"].filter(pl.col("gone") > 0)
    assert gone["status"].to_list() == ["infeasible", "infeasible"]
    assert found.remarks[0].startswith("No plan keeps every hard limit on average over the draws")
    assert found.remarks[1].startswith("2 of 2 draws have no plan")
    assert found.chosen("average") == "plan"
    assert "wait and see" not in " ".join(found["sampled_bounds"]["how"])
    assert found["breaks"].filter(plan="plan")["over"].to_list() == [100.0, 100.0]


def test_a_group_of_partners_leaves():
    """If it fails, what the plan loses when a group leaves is not what a napkin says."""
    found = plan_worlds(on.build({**SETTINGS, "last_year": 2029, "rate_market": "ECB"}, LEAVING), asked=Asked(gap=0))
    exits = found["exits"].filter(groups="exit_group")
    assert exits["loss"].to_list() == pytest.approx([800, 800, 400])
    assert exits["units"].to_list() == pytest.approx([300, 200, 100])
    assert exits["foreign_currency"].to_list() == pytest.approx([3000, 2000, 1000])
    other = found["exits"].filter(groups="partner_group").drop("groups", "group")
    assert other.equals(exits.drop("groups", "group"))


def test_an_objective_that_should_be_most():
    """If it fails, signs are turned wrongly: regret falls below 0, or the plan that displaces least is called the best."""
    settings = {**SETTINGS, "objective": "imports_displaced", "objective_sense": "most"}
    programme = two_parts(uncertainty=[DRAWN_DOLLAR])
    programme = on.build(settings, {n: f for n, f in programme.tables.items() if f.height})
    found = plan_worlds(programme, asked=Asked(draws=3, fresh=2, own=0, gap=0))
    worlds = found["worlds"]
    assert worlds["value"][0] == pytest.approx(3000)
    assert set(worlds.filter(sample="draws")["value"].round(6)) == {3000.0, 3500.0}
    assert worlds["regret_high"].abs().max() == pytest.approx(0, abs=1e-6)
    assert found["plans"]["cvar"][0] == pytest.approx(
        found["values"].filter(plan="plan", sample="fresh")["value"].min()
    )


def test_nothing_uncertain_and_wrong_numbers():
    """If it fails, a programme with one world, or a level of 1, is answered with numbers or a traceback."""
    with pytest.raises(on.InputError, match="one world only"):
        plan_worlds(two_parts())
    with pytest.raises(on.WrongUse, match=r"-1 draws, a level of 1, a share of 0"):
        Asked(draws=-1, level=1, nearly=0)


def test_worlds_that_contradict_themselves_are_told_all_at_once():
    """If it fails, a world in which an offer's smallest amount is above its largest is planned all the same."""
    offers = changed("offers", 0, minimum_units=50)
    rows = [
        {"scenario": s, "table": "offers", "key": "alba-lamp", "column": "annual_max", "value": v}
        for s, v in (("small", "40"), ("tiny", "4"))
    ]
    with pytest.raises(on.InputError) as fault:
        plan_worlds(two_parts(**offers, scenarios=rows))
    assert [f.kind for f in fault.value.findings] == ["fault_of_a_world"]
    assert "`small`" in str(fault.value)
