"""The worlds of `tests/worlds`, each solved by hand in its README. The figures here are that README's."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import onshore as on

WORLDS = Path(__file__).parents[1] / "worlds"


def read(name: str, **settings: object) -> on.Programme:
    programme = on.read(WORLDS / name)
    return replace(programme, settings=replace(programme.settings, **settings)) if settings else programme


def with_rows(programme: on.Programme, table: str, **columns: list) -> on.Programme:
    """The programme with the columns of a table replaced or filled in."""
    return on.build(
        programme.settings,
        {**programme.tables, table: programme[table].with_columns(**{k: pl.Series(k, v) for k, v in columns.items()})},
    )


def test_one_dear_local():
    """If it fails, a floor, a divisible part or the price of a limit is wrong."""
    plan = on.plan(read("one-dear-local"), gap=0)
    assert plan.objective == pytest.approx(1120)
    assert plan.bound_of_prices == pytest.approx(1120)
    assert plan["limits_met"]["bound_price"].to_list() == pytest.approx([3.0])
    assert plan["awards"]["units"].to_list() == pytest.approx([40.0])
    assert plan.imported == pytest.approx(1000)
    assert (plan.gaps.of_cost, plan.gaps.of_savings) == (pytest.approx(0, abs=1e-9), None)
    assert plan.breaks == ("floor",)


def test_two_parts_one_maker():
    """If it fails, machine-hours do not bind, or the wrong part is kept."""
    plan = on.plan(read("two-parts-one-maker"), gap=0)
    assert plan.objective == pytest.approx(1480)
    assert plan["awards"]["part"].to_list() == ["gear"]
    assert plan["hours"].select("hours", "used").rows() == [(100.0, 80.0)]


def test_a_module_lets_both_be_made():
    """If it fails, modules add no hours, cost nothing, or are ordered when they are not worth it."""
    base = read("two-parts-one-maker")
    for cost, objective, modules in ((60, 1450, 1), (120, 1480, 0)):
        plan = on.plan(
            with_rows(base, "capacity", module_hours=[100.0], module_cost=[cost], currency=["EUR"], modules_max=[1]),
            gap=0,
        )
        assert plan.objective == pytest.approx(objective)
        assert plan["modules"]["modules"].sum() == modules


def test_impossible_is_said():
    """If it fails, a plan that breaks a hard limit is shown as a plan."""
    with pytest.raises(on.NoPlan, match="floor-1401"):
        on.plan(read("impossible-1401"))


def test_a_soft_limit_reports_its_shortfall():
    """If it fails, a penalty is not paid, or the shortfall is hidden."""
    plan = on.plan(with_rows(read("impossible-1401"), "limits", penalty=[7.0]), gap=0)
    assert plan.objective == pytest.approx(2350)
    assert plan["limits_met"].select("level", "room").rows() == [(0.0, -50.0)]
    assert any("floor-1401" in remark for remark in plan.remarks)


def test_venture_opens_when_it_pays():
    """If it fails, set-up costs are ignored, or counted once a part."""
    base = read("venture-worth-opening")
    plan = on.plan(base, gap=0)
    assert plan.objective == pytest.approx(1900)
    assert plan["opened"].select("venture", "awards").rows() == [("joint", 2)]
    forbidden = on.build(
        base.settings,
        {
            **base.tables,
            "decisions": [{"what": "part", "key": "seal", "verdict": "forbid", "reason": "no design rights"}],
        },
    )
    plan = on.plan(forbidden, gap=0)
    assert plan.objective == pytest.approx(2000)
    assert plan["opened"].is_empty()


def test_ramp_starts_within_the_year():
    """If it fails, lead time, ramp or the month of the start is not prorated."""
    plan = on.plan(read("ramp-within-the-year"), gap=0)
    assert plan.objective == pytest.approx(22_200)
    award = plan["awards"].row(0, named=True)
    assert (str(award["signed"]), str(award["start"]), award["units"]) == (
        "2027-01-01",
        "2027-07-01",
        pytest.approx(1200),
    )
    assert plan["unit_costs"]["units_home"].to_list() == pytest.approx([300, 900])
    tooling = plan["yearly"].filter(pl.col("measure") == "tooling")["after"].to_list()
    assert tooling == pytest.approx([600, 0])
    assert plan["options"]["objective"].to_list() == pytest.approx([24_000, 22_200, 23_400])


def test_learning_and_residual_value():
    """If it fails, the learning curve is not its exact mean, or tooling is worth the wrong sum at the end."""
    plan = on.plan(read("learning-and-residual"), gap=0)
    assert plan.objective == pytest.approx(1831.55, abs=0.01)
    assert plan.present_costs["programme_cost_without_residual"] == pytest.approx(2031.55, abs=0.01)
    purchases = plan["yearly"].filter(pl.col("measure") == "home_purchases")["after"].to_list()
    assert purchases == pytest.approx([884.86, 746.69], abs=0.01)


def test_rial_and_toman():
    """If it fails, a toman is read as a rial, or the market of a rate is ignored."""
    assert on.plan(read("rial-and-toman"), gap=0).objective == pytest.approx(90e6)
    plan = on.plan(read("rial-and-toman", rate_market="official"), gap=0)
    assert plan.objective == pytest.approx(47e6)
    assert plan["awards"].is_empty()


def test_two_makers_share_a_part():
    """If it fails, pairs of offers are not formed, split or costed. By hand: 60 x 8 + 40 x 9 = 840, each at its maximum."""
    settings = {
        "schema_version": 1,
        "name": "pair",
        "currency": "EUR",
        "calendar": "gregorian",
        "first_year": 2027,
        "last_year": 2027,
        "discount_rate": 0,
        "options": {"pairs_max": 1, "split_steps": [0.6]},
    }
    offer = {"part": "a", "currency": "EUR", "lead_time_months": 0, "tooling_cost": 0}
    programme = on.build(
        settings,
        {
            "parts": [{"part": "a", "import_price": 10, "currency": "EUR"}],
            "needs": [{"part": "a", "year": 2027, "units": 100}],
            "makers": [{"maker": "m"}, {"maker": "n"}],
            "offers": [
                {"offer": "x", "maker": "m", "unit_price": 8, "annual_max": 60, **offer},
                {"offer": "y", "maker": "n", "unit_price": 9, "annual_max": 60, **offer},
            ],
        },
    )
    plan = on.plan(programme, gap=0)
    assert plan.objective == pytest.approx(840)
    assert plan["awards"].select("offer", "share").rows() == [("x", 0.6), ("y", 0.4)]


@pytest.mark.parametrize(("floor", "part", "objective"), [(0.47, "b", 940), (0.5, "a", 1000)])
def test_content_of_a_product_that_shares_a_part(floor, part, objective):
    """If it fails, local content counts a part's whole need, or forgets the rest of the product.

    10 cars hold one a and two b each, 5 vans four b. Beside its parts a car has 100 of value, 60 of it local. Imported, a
    costs 50 and b 10; at home 60 (a quarter of it imported inputs) and 11. All imported: 10 x 50 + 40 x 10 = 900, the
    car's content is 600 / (1,000 + 700) = 35 %. With b at home it is (600 + 220) / (1,000 + 720) = 47.7 %, for 40
    more; with a at home (600 + 450) / (1,000 + 800) = 58.3 %, for 100 more.
    """
    settings = {
        "schema_version": 1,
        "name": "content",
        "currency": "EUR",
        "calendar": "gregorian",
        "first_year": 2027,
        "last_year": 2027,
        "discount_rate": 0,
    }
    offer = {"maker": "m", "currency": "EUR", "annual_max": 100, "lead_time_months": 0, "tooling_cost": 0}
    programme = on.build(
        settings,
        {
            "parts": [{"part": "a", "import_price": 50, "currency": "EUR"}, {"part": "b", "import_price": 10, "currency": "EUR"}],
            "products": [{"product": "car", "other_value": 100, "other_local_value": 60, "currency": "EUR"}, {"product": "van"}],
            "bom": [{"product": "car", "part": "a", "quantity": 1}, {"product": "car", "part": "b", "quantity": 2}, {"product": "van", "part": "b", "quantity": 4}],
            "volumes": [{"product": "car", "year": 2027, "units": 10}, {"product": "van", "year": 2027, "units": 5}],
            "makers": [{"maker": "m"}],
            "offers": [{"offer": "oa", "part": "a", "unit_price": 60, "imported_input_share": 0.25, **offer}, {"offer": "ob", "part": "b", "unit_price": 11, **offer}],
            "limits": [{"limit": "content", "measure": "local_content", "scope": "product", "scope_key": "car", "sense": "at_least", "value": floor}],
        },
    )  # fmt: skip
    plan = on.plan(programme, gap=0)
    assert plan.imported == pytest.approx(900)
    assert plan["awards"]["part"].to_list() == [part]
    assert plan.objective == pytest.approx(objective)
    assert plan["limits_met"]["level"][0] == pytest.approx({"a": 1050 / 1800, "b": 820 / 1720}[part])


def test_a_signed_contract_is_kept():
    """If it fails, a plan walks away from what is already signed. gear saves 120 and lever 90, but lever is signed."""
    base = read("two-parts-one-maker")
    signed = {
        "contracts": [{"contract": "c1", "kind": "single contract", "signed": "2026-11-01"}],
        "contract_lines": [{"contract": "c1", "maker": "shop", "part": "lever"}],
    }
    plan = on.plan(on.build(base.settings, {**base.tables, **signed}), gap=0)
    assert plan["awards"]["part"].to_list() == ["lever"]
    assert plan.objective == pytest.approx(1600 - 90)
    framework = {**signed, "contracts": [{"contract": "c1", "kind": "framework"}]}
    plan = on.plan(on.build(base.settings, {**base.tables, **framework}), gap=0)
    assert plan["awards"]["part"].to_list() == ["gear"]  # a framework commits nobody


@pytest.mark.parametrize("absurd", [1e6, 1e9, 1e11, 1e13])
def test_an_absurd_amount_breaks_no_hard_limit(absurd):
    """If it fails, one amount in the wrong currency drowns a budget in rounding, and the plan is still called optimal.

    Three parts, each worth 100 x 2 at home for tooling of 20,000 (30,000 is the budget) or an absurd sum: one is made.
    """
    names = ("a", "b", "c")
    offer = {"currency": "EUR", "annual_max": 10000, "lead_time_months": 0}
    programme = on.build(
        {"schema_version": 1, "name": "absurd", "currency": "EUR", "calendar": "gregorian", "first_year": 2027, "last_year": 2027, "discount_rate": 0},
        {
            "parts": [{"part": p, "import_price": 10, "currency": "EUR"} for p in names],
            "needs": [{"part": p, "year": 2027, "units": 10000} for p in names],
            "makers": [{"maker": "m"}, {"maker": "n"}],
            "offers": [{"offer": f"{p}-{m}", "part": p, "maker": m, "unit_price": 5 if m == "m" else 4, "tooling_cost": 20000 if m == "m" else absurd, **offer} for p in names for m in "mn"],
            "limits": [
                {"limit": "budget", "measure": "tooling", "sense": "at_most", "value": 30000, "currency": "EUR"},
                {"limit": "floor", "measure": "tooling", "sense": "at_least", "value": 1000, "currency": "EUR"},
            ],
        },
    )  # fmt: skip
    plan = on.plan(programme, gap=0)
    assert plan["awards"]["maker"].to_list() == ["m"]
    assert plan.objective == pytest.approx(2 * 100_000 + 50_000 + 20_000)
    assert plan["limits_met"].filter(pl.col("bound") == "budget")["level"].to_list() == [20000]


def test_a_soft_share_is_charged_as_it_says():
    """If it fails, the penalty of a missed share is in one unit in the report and in another in the plan.

    Content of at least 90 % of 1,000 of imports: nothing is made at home, so 900 of local value is missing, at 0.5 each.
    """
    programme = on.build(
        {"schema_version": 1, "name": "soft", "currency": "EUR", "calendar": "gregorian", "first_year": 2027, "last_year": 2027, "discount_rate": 0},
        {
            "parts": [{"part": "a", "import_price": 10, "currency": "EUR"}],
            "needs": [{"part": "a", "year": 2027, "units": 100}],
            "limits": [{"limit": "c", "measure": "local_content", "sense": "at_least", "value": 0.9, "penalty": 0.5}],
        },
    )  # fmt: skip
    plan = on.plan(programme, gap=0)
    assert (plan.objective, plan.penalties) == (pytest.approx(1450), pytest.approx(450))
    assert plan["limits_met"]["penalty_paid"].to_list() == pytest.approx([450])
    assert plan.present_costs["programme_cost"] == pytest.approx(1000)
