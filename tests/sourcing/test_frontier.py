"""The frontier between two measures, against a napkin and against every combination there is."""

import itertools
import sys

import polars as pl
import pytest
from sourcing.brute import World
from sourcing.test_properties import free_world
from sourcing.test_worth import SETTINGS, TABLES
from sourcing.worlds import seeds

import onshore as on
from onshore.demo import synth
from onshore.errors import Stopped
from onshore.sourcing.tradeoffs import trade

FREE = {**TABLES, "limits": []}
"""Lamp gains 160 for 40 of tooling, mirror 240 for 60; importing both costs 2,000."""


def points(made: on.Frontier) -> list[tuple[float, float]]:
    return [(round(a, 6), round(b, 6)) for a, b in made["frontier"].select("second", "first").iter_rows()]


def test_a_frontier_by_hand():
    """If it fails, a budget is traded against cost wrongly. Four plans: neither, lamp, mirror, both; at 25, 50 and 75 of tooling the best are the first, second and third."""
    made = on.frontier(on.build(SETTINGS, FREE), "cost", "tooling", points=5, gap=0)
    assert points(made) == [(0, 2000), (40, 1840), (60, 1760), (100, 1600)]
    assert made["frontier"]["first_bound"].to_list() == pytest.approx([2000, 1840, 1760, 1600])
    assert made["frontier"]["parts_made_at_home"].to_list() == [0, 1, 1, 2]
    assert made.dropped == 1  # the hard end stands for the level 25 as well
    assert not made.remarks or "dropped" in made.remarks[0]


def test_the_other_way_round():
    """If it fails, the frontier depends on which measure is named first."""
    made = on.frontier(on.build(SETTINGS, FREE), "tooling", "cost", points=5, gap=0)
    assert points(made) == [(1600, 100), (1760, 60), (1840, 40), (2000, 0)]


def test_a_share_by_hand():
    """If it fails, content is bought at the wrong price. Made at home each part is dearer by 100; imported inputs are 40 % of mirror.

    Nothing local: 2,000; lamp: 1,100 / 2,100; mirror: 660 / 2,100; both: 1,760 / 2,200 = 0.8, at 2,200.
    """
    dear = [
        {**o, "unit_price": 11, "tooling_cost": 0, **({"imported_input_share": 0.4} if o["part"] == "mirror" else {})}
        for o in TABLES["offers"]
    ]
    made = on.frontier(on.build(SETTINGS, {**FREE, "offers": dear}), "cost", "local_content", points=5, gap=0)
    shares = [0.8, 1100 / 2100, 0]
    assert made["frontier"]["second"].to_list() == pytest.approx(shares)
    assert made["frontier"]["first"].to_list() == pytest.approx([2200, 2100, 2000])
    assert made["frontier"]["first_bound"].to_list() == pytest.approx([2200, 2100, 2000])


def test_one_plan_best_in_both():
    """If it fails, a conflict is drawn where there is none."""
    made = on.frontier(on.build(SETTINGS, FREE), "cost", "foreign_currency", gap=0)
    assert points(made) == [(0, 1600)]
    assert made.uncertain_share is None
    assert "do not stand against one another" in made.remarks[-1]


@pytest.mark.parametrize(
    ("measures", "says"),
    [
        (
            ("cst", "tolling"),
            "`cst` is not a measure. Nearest: `cost`.\n`tolling` is not a measure. Nearest: `tooling`.",
        ),
        (("cost", "launches"), "launches:least or launches:most"),
        (("cost", "tooling:lest"), "tooling:least or tooling:most"),
        (("cost", "maker_share"), "not measured over the whole programme"),
        (("local_content", "cost"), "name it second"),
        (("cost", "defects_ppm"), "Nothing counts in `defects_ppm`"),
        (("cost", "cost"), "named twice"),
    ],
)
def test_faults_are_told(measures, says):
    """If it fails, a slip in a name ends in a traceback, or in a frontier of something else."""
    with pytest.raises(on.WrongUse) as fault:
        on.frontier(on.build(SETTINGS, FREE), *measures)
    assert says in str(fault.value)


def every_plan(settings: dict, tables: dict) -> list[tuple[float, float]]:
    """Cost and foreign currency of every combination, by brute force."""
    world = World(settings, tables)
    parts = sorted(world.part)
    values = []
    for choice in itertools.product(*(world.options(p) for p in parts)):
        chosen = dict(zip(parts, choice, strict=True))
        legs = [leg for k in choice for leg in k]
        used = {leg["offer"]["venture"] for leg in legs if "venture" in leg["offer"]}
        modules = next(iter(world._module_plans([], legs)))
        cost = world._value(chosen, legs, used, dict.fromkeys(modules, 0))
        if cost is not None:
            values.append((cost, sum(world.yearly("foreign_currency", chosen, lambda *_: True))))
    return values


def plain_world(seed: int) -> tuple[dict, dict]:
    """A random world in which a choice of options is all there is to choose."""
    settings, tables = free_world(seed)
    settings.update(objective="cost", objective_sense="least")
    for offer in tables["offers"]:
        offer.pop("hours_per_unit", None)
    return settings, {**tables, "limits": [], "capacity": [], "decisions": [], "contracts": [], "contract_lines": []}


@pytest.mark.parametrize("seed", seeds(8300, 3, 60))
def test_no_plan_beats_the_frontier(seed):
    """If it fails, a point of the frontier is not the best for its level, or a bound cuts off a plan that exists."""
    settings, tables = plain_world(seed)
    programme = on.build(settings, tables)
    try:
        made = on.frontier(programme, "cost", "foreign_currency", points=4, gap=0)
    except on.NoPlan:
        with pytest.raises(on.NoPlan):  # by the plain planner too
            on.plan(programme)
        return
    plans = every_plan(settings, tables)
    near = 1e-6 * max(1.0, *(abs(c) for c, _ in plans))
    for second, first in points(made):
        best = min(c for c, f in plans if f <= second + near)
        assert first == pytest.approx(best, abs=10 * near)
    rows = made["frontier_bounds"].filter(pl.col("plan") != pl.col("bound")).iter_rows(named=True)
    for row in rows:
        assert row["bound"] <= min(c for c, f in plans if f <= row["second"] + near) + 10 * near
        assert row["plan"] >= min(c for c, f in plans if f <= row["second"] + near) - 10 * near


def test_a_table_too_large_for_branch_and_bound_is_weighed_with_branches(monkeypatch):
    """If it fails, the ends of a larger programme's frontier lie far from the best there is, or a bound cuts off a plan that exists."""
    made = synth.draw(30, 2)
    programme = on.build(made.settings, made.tables)
    near = on.frontier(programme, "cost", "foreign_currency", points=2)
    goals = on.in_order(programme, ["foreign_currency"]).goals
    monkeypatch.setattr(sys.modules[on.Frontier.__module__], "BRANCHED", 0)
    far = on.frontier(programme, "cost", "foreign_currency", points=2)
    assert near["frontier"]["gap"].max() < 0.5 * far["frontier"]["gap"].max()
    assert near["frontier"]["second"].min() < far["frontier"]["second"].min()
    for one, other in ((near, far), (far, near)):
        for z, bound in one["frontier"].select("second", "first_bound").iter_rows():
            assert all(first >= bound for second, first in points(other) if second <= z)
    assert goals["bound"][0] <= near["frontier"]["second"].min()


def interrupted(monkeypatch, at):
    """Ctrl-C in the search of this number."""
    searched, asked = trade.searched, []

    def until(*args, **kwargs):
        asked.append(1)
        assert len(asked) <= at, "searched after Ctrl-C"
        if len(asked) < at:
            return searched(*args, **kwargs)
        raise Stopped("Interrupted; nothing was written.")

    monkeypatch.setattr(trade, "searched", until)


def test_ctrl_c_keeps_the_points_there_are(monkeypatch):
    """If it fails, minutes of searching are lost, or the next search begins where the user wanted none."""
    programme = on.build(SETTINGS, FREE)
    whole = on.frontier(programme, "cost", "tooling", points=5, gap=0)
    interrupted(monkeypatch, 5)  # both ends, and the first level between
    some = on.frontier(programme, "cost", "tooling", points=5, gap=0)
    assert set(points(some)) < set(points(whole))
    assert points(some)[0] == points(whole)[0]
    assert points(some)[-1] == points(whole)[-1]
    assert "interrupted" in some.summary()


def test_ctrl_c_before_both_ends_leaves_nothing(monkeypatch):
    """If it fails, half a frontier is told as one."""
    interrupted(monkeypatch, 1)
    with pytest.raises(Stopped):
        on.frontier(on.build(SETTINGS, FREE), "cost", "tooling", points=5, gap=0)
