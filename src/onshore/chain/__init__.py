"""The only room that calls several: read; plan, track, price or measure; write the run, tell it."""

from onshore.chain.impact import measure_and_report, measure_effect, write_effect
from onshore.chain.plans import frontier_and_report, goals_and_report, plan_and_report, what_if_and_report, write_plan
from onshore.chain.prices import price_and_report, price_effect
from onshore.chain.progress import DRAWS, planned_of, track_and_report
from onshore.chain.said import FRONTIER, PROGRESS
from onshore.chain.worlds import worlds_and_report

__all__ = [
    "DRAWS",
    "FRONTIER",
    "PROGRESS",
    "frontier_and_report",
    "goals_and_report",
    "measure_and_report",
    "measure_effect",
    "plan_and_report",
    "planned_of",
    "price_and_report",
    "price_effect",
    "track_and_report",
    "what_if_and_report",
    "worlds_and_report",
    "write_effect",
    "write_plan",
]
