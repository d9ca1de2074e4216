"""Several goals at once, by hand: lamp gains 160 for 40 of tooling, mirror 240 for 60; importing both costs 2,000."""

import pytest
from sourcing.test_frontier import interrupted
from sourcing.test_worth import SETTINGS, TABLES

import onshore as on
from onshore.chain import write_plan
from onshore.sourcing import verify

FREE = {**TABLES, "limits": []}


@pytest.mark.parametrize(
    ("goals", "tolerance", "reached", "awards"),
    [
        (["cost + 3.9 tooling"], 0, [2000 - 240 - 160 + 390], ["l", "r"]),  # a euro of tooling saves 4 euros of cost
        (["cost + 4.1 tooling"], 0, [2000], []),
        (["tooling", "cost"], 0, [0, 2000], []),
        (["cost", "tooling"], 0, [1600, 100], ["l", "r"]),
        (["cost", "tooling"], 0.1, [1760, 60], ["r"]),  # 1,760 is within a tenth of 1,600, 1,840 is not
        (["cost", "tooling"], 0.15, [1840, 40], ["l"]),
        (["units_home:most", "cost"], 0, [200, 1600], ["l", "r"]),
    ],
)
def test_by_hand(goals, tolerance, reached, awards):
    """If it fails, a later goal takes from an earlier one more than it may, or weights are not what is paid."""
    made = on.in_order(on.build(SETTINGS, FREE), goals, tolerance=tolerance, gap=0)
    assert made.goals["reached"].to_list() == pytest.approx(reached)
    assert made.plan["awards"]["offer"].to_list() == awards
    assert made.goals["best"].to_list() == pytest.approx(made.goals["bound"].to_list())


def test_the_plan_can_be_written(tmp_path):
    """If it fails, a plan by goals is no run like any other: it cannot be verified, explained or told."""
    made = on.in_order(on.build(SETTINGS, FREE), ["cost", "tooling"], tolerance=0.1, gap=0)
    assert verify(write_plan(made.plan, tmp_path / "run")).ok


def test_every_fault_at_once():
    """If it fails, a goal that nobody can read is left out unseen."""
    with pytest.raises(on.WrongUse) as fault:
        on.in_order(on.build(SETTINGS, FREE), ["cst", "0 cost", "local_content", "cost + + tooling", "launches"])
    assert [words in line for words, line in zip(
        ("Nearest: `cost`", "weights above 0", "is a share", "weights above 0", "launches:least"), str(fault.value).splitlines(), strict=True
    )] == [True] * 5  # fmt: skip


def test_ctrl_c_keeps_the_goals_there_are(monkeypatch):
    """If it fails, a plan that was found is lost, or the next goal is looked at where the user wanted no more."""
    goals = ["cost", "tooling", "foreign_currency"]
    programme = on.build(SETTINGS, FREE)
    whole = on.in_order(programme, goals, tolerance=0.1, gap=0)
    interrupted(monkeypatch, 2)
    some = on.in_order(programme, goals, tolerance=0.1, gap=0)
    assert some.goals["goal"].to_list() == goals[:2]
    assert some.goals["best"][0] == whole.goals["best"][0]
    assert some.plan.asked_gap == 0
    assert "interrupted" in some.summary()
