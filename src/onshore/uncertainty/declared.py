"""Declared result tables of a plan in many worlds: what a folder that `onshore uncertainty` writes holds beside its input."""

from onshore.tables.declare import CHOICE, DATE, FLAG, INTEGER, KEY, NUMBER, SHARE, TEXT, YEAR, Column, Table

__all__ = ["TABLES"]

OBJECTIVE = "objective"
PLAN = Column("plan", KEY, "which plan", required=True)
WORLD = Column("world", KEY, "which world: `programme`, a scenario, or a draw", required=True)

WORLDS = Table(
    "worlds",
    "a world: how it differs, its own plan, and the plan in it",
    ("world",),
    (
        WORLD,
        Column("sample", CHOICE, "whether it is named, or drawn", required=True, choices=("named", "draws")),
        Column("gone", INTEGER, "offers that fail in it", required=True),
        Column("clipped", INTEGER, "numbers drawn beyond what their column holds, and set to the nearest it does", required=True),
        Column("status", TEXT, "how the search for its own plan ended; `infeasible` where it has none", required=True),
        Column("best", NUMBER, "what its own plan reaches", unit=OBJECTIVE),
        Column("bound", NUMBER, "what no plan over its options can be better than", unit=OBJECTIVE),
        Column("value", NUMBER, "what the plan comes to in it", required=True, unit=OBJECTIVE),
        Column("regret_low", NUMBER, "value less best: the plan is at least so much worse than the best of that world", unit=OBJECTIVE),
        Column("regret_high", NUMBER, "value less bound: and at most so much", unit=OBJECTIVE),
        Column("lost", INTEGER, "awards of the plan that come to nothing in it", required=True),
        Column("broken", INTEGER, "hard limits, shops and parts that the plan cannot keep in it", required=True),
    ),
)  # fmt: skip

PLANS = Table(
    "plans",
    "a plan that was weighed, on draws that chose none of them",
    ("plan",),
    (
        PLAN,
        Column("origin", TEXT, "where it comes from", required=True),
        Column("awards", INTEGER, "how many awards it has", required=True),
        Column("draws", INTEGER, "how many draws the next eight rest on", required=True),
        Column("mean", NUMBER, "its average", unit=OBJECTIVE),
        Column("mean_error", NUMBER, "standard error of that", unit=OBJECTIVE),
        Column("cvar", NUMBER, "its average over the worst share of draws: conditional value at risk", unit=OBJECTIVE),
        Column("cvar_error", NUMBER, "standard error of that", unit=OBJECTIVE),
        Column("against_plan", NUMBER, "average of its value less the plan's, world by world", unit=OBJECTIVE),
        Column("against_plan_error", NUMBER, "standard error of that", unit=OBJECTIVE),
        Column("kept", SHARE, "share of the draws in which it keeps every hard limit, and every part has a source"),
        Column("excess", NUMBER, "how far it goes beyond them, on average: each row's excess as a share of what it holds, added up"),
        Column("worst_regret", NUMBER, "most that it can be worse than the best, over the worlds of `worlds`", unit=OBJECTIVE),
        Column("chosen_for", TEXT, "what it is the best for among these: average, tail, regret"),
    ),
)  # fmt: skip

VALUES = Table(
    "values",
    "a plan in a world",
    ("plan", "world"),
    (
        PLAN,
        WORLD,
        Column("sample", CHOICE, "named worlds, the draws that chose, or fresh draws that only weigh", required=True, choices=("named", "draws", "fresh")),
        Column("value", NUMBER, "what it comes to, penalties of soft limits in it", required=True, unit=OBJECTIVE),
        Column("lost", INTEGER, "awards that come to nothing", required=True),
        Column("broken", INTEGER, "hard limits, shops and parts that it cannot keep", required=True),
    ),
)  # fmt: skip

BREAKS = Table(
    "breaks",
    "what a plan does not keep in a world that is named or chose",
    ("plan", "world", "block", "row"),
    (
        PLAN,
        WORLD,
        Column("block", TEXT, "limits, machine_hours, modules_in_service; or cannot_be_imported", required=True),
        Column("row", KEY, "the limit, the shop and year, or the part", required=True),
        Column("bound", NUMBER, "what it should keep to"),
        Column("over", NUMBER, "by how much it does not", required=True),
        Column("unit", TEXT, "the unit of both", required=True),
    ),
)  # fmt: skip

LOST = Table(
    "lost_awards",
    "an award of the plan that comes to nothing in a world; its part is imported there",
    ("world", "part", "offer", "signed"),
    (
        WORLD,
        Column("part", KEY, "the part", required=True),
        Column("offer", KEY, "the offer", required=True),
        Column("signed", DATE, "when it is signed", required=True),
        Column("why", TEXT, "fails; or too late, too small or no longer valid", required=True),
    ),
)  # fmt: skip

STABLE = Table(
    "stable_awards",
    "an award, and in how many worlds their own plan has it",
    ("part", "offer"),
    (
        Column("part", KEY, "the part", required=True),
        Column("offer", KEY, "the offer", required=True),
        Column("maker", KEY, "the maker", required=True),
        Column("share", SHARE, "share of the worlds, among those that have a plan", required=True),
        Column("worlds", INTEGER, "of how many worlds", required=True),
        Column("earliest", DATE, "the earliest signing among them", required=True),
        Column("latest", DATE, "the latest", required=True),
        Column("in_plan", FLAG, "whether the plan has it too", required=True),
        Column("sign_first", FLAG, "whether nearly all worlds have it", required=True),
    ),
)  # fmt: skip

EXITS = Table(
    "exits",
    "what the plan loses if a group of partners leaves at the beginning of a year",
    ("groups", "group", "year"),
    (
        Column("groups", CHOICE, "which column names the group", required=True, choices=("exit_group", "partner_group")),
        Column("group", KEY, "the group", required=True),
        Column("year", YEAR, "the programme year", required=True),
        Column("loss", NUMBER, "how much the cost rises, discounted, with residual values", required=True, unit="programme currency"),
        Column("units", NUMBER, "units that are imported again", required=True, unit="units"),
        Column("foreign_currency", NUMBER, "foreign currency more, all years", required=True, unit="programme currency"),
        Column("parts", INTEGER, "of how many parts", required=True),
        Column("short", NUMBER, "of the units, those that cannot be imported", required=True, unit="units"),
        Column("breaks", TEXT, "hard limits that are broken then and were not before"),
    ),
)  # fmt: skip

BOUNDS = Table(
    "sampled_bounds",
    "how good any plan can be, from samples, and how good the chosen ones are",
    ("risk", "side", "how"),
    (
        Column("risk", CHOICE, "the average, or the tail: conditional value at risk", required=True, choices=("average", "tail")),
        Column("side", CHOICE, "what a plan reaches, or what none can be better than", required=True, choices=("reached", "bound")),
        Column("how", TEXT, "fresh draws; batches; tails; or wait and see, which there is where every draw has a plan", required=True),
        Column("value", NUMBER, "the estimate", required=True, unit=OBJECTIVE),
        Column("error", NUMBER, "its standard error; empty where the sample cannot tell", unit=OBJECTIVE),
        Column("low", NUMBER, "lower end of its 95 % interval", unit=OBJECTIVE),
        Column("high", NUMBER, "upper end", unit=OBJECTIVE),
        Column("sample", INTEGER, "how many draws, or batches, it rests on", required=True),
    ),
)  # fmt: skip

CHOSEN = Table(
    "plan_awards",
    "an award of a plan that was weighed",
    ("plan", "part", "offer", "signed"),
    (
        PLAN,
        Column("part", KEY, "the part", required=True),
        Column("offer", KEY, "the offer", required=True),
        Column("maker", KEY, "the maker", required=True),
        Column("signed", DATE, "when it is signed", required=True),
        Column("share", SHARE, "share of the part's need", required=True),
        Column("weight", SHARE, "how much of this option; 1 but for divisible parts", required=True),
    ),
)  # fmt: skip

TABLES: dict[str, Table] = {t.name: t for t in (WORLDS, PLANS, VALUES, BREAKS, LOST, STABLE, EXITS, BOUNDS, CHOSEN)}
