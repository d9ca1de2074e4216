"""Problems that others proved the optimum of, through the public door with a gap of 0."""

from pathlib import Path

import polars as pl
import pytest
from instances import INSTANCES

from onshore import Plan

HOLMBERG = ("Holmberg p1", "Holmberg p2", "Holmberg p3", "Holmberg p4", "Holmberg p5", "Holmberg p6")


def _planned(name: str, data: Path) -> Plan:
    """The plan of an instance, at its proved optimum and itself proved."""
    instance = INSTANCES[name]
    plan = instance.plan(data)
    sign = plan.programme.settings.sign
    assert plan.status == "optimal"
    assert plan.objective == pytest.approx(instance.optimum, rel=1e-9)
    assert plan.bound == pytest.approx(instance.optimum, rel=1e-9)
    assert sign * plan.bound_of_prices <= sign * plan.objective + 1e-6 * instance.optimum
    return plan


@pytest.mark.parametrize("name", [*HOLMBERG, "OR-Library cap61", "OR-Library cap101"])
def test_facilities_as_makers_with_one_module(name: str, data: Path) -> None:
    """Fails when modules may be had in fractions, twice or unpaid, when hours are not kept within them, or when a
    part is shared by makers that may not share it."""
    plan = _planned(name, data)
    assert (plan["modules"]["modules"] == 1).all()
    assert (plan["hours"]["used"] <= plan["hours"]["hours"] + 1e-6).all()
    assert (plan["awards"]["weight"] == 1).all()
    assert (plan["sources"]["sourced"] == "home").all()


def test_divisible_parts_mix_offers(data: Path) -> None:
    """Fails when a divisible part must stand on one option: no facility of cap41 can serve its largest customer alone."""
    plan = _planned("OR-Library cap41", data)
    assert (plan["awards"]["weight"] < 1).any()
    assert plan["awards"].group_by("part").agg(pl.sum("weight"))["weight"].to_list() == pytest.approx([1.0] * 50)


@pytest.mark.parametrize("name", ["Khan I01", "Khan I02", pytest.param("Khan I03", marks=pytest.mark.slow)])
def test_items_as_offers_that_use_resources(name: str, data: Path) -> None:
    """Fails when measures of `uses` are lost, summed wrong or bounded wrong, or when `most` is taken for `least`."""
    plan = _planned(name, data)
    assert (plan["limits_met"]["level"] <= plan["limits_met"]["value"] + 1e-9).all()
    assert (plan["awards"].group_by("part").len()["len"] == 1).all()


@pytest.mark.slow
def test_near_the_best_known_where_nobody_proved_an_optimum(data: Path) -> None:
    """Fails when a hundred groups with ten resources are planned more than 0.1 % below what others found, or when the bound
    falls below a plan that exists."""
    instance = INSTANCES["Khan I07"]
    plan = instance.plan(data)
    assert instance.met(plan.objective)
    assert plan.bound >= instance.optimum
    assert plan.bound_of_prices >= instance.optimum
