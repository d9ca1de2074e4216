"""Declared tables of a plan: what a run holds beside its input."""

from onshore.tables.declare import CURRENCY, DATE, FLAG, INTEGER, KEY, NUMBER, SHARE, TEXT, YEAR, YEARS, Column, Table

AWARDS = Table(
    "awards",
    "an offer that the plan takes up",
    ("part", "offer", "start"),
    (
        Column("part", KEY, "the part", required=True),
        Column("offer", KEY, "the offer", required=True),
        Column("maker", KEY, "the maker", required=True),
        Column("venture", KEY, "the venture it is made in, if any"),
        Column("weight", SHARE, "how much of this option the plan takes; 1 but for divisible parts", required=True),
        Column("share", SHARE, "share of the part's need in this award", required=True),
        Column("signed", DATE, "when it has to be signed", required=True),
        Column("start", DATE, "first good unit", required=True),
        Column("start_year", YEAR, "the programme year of the start", required=True),
        Column("units", NUMBER, "units made within the programme", required=True, unit="units"),
        Column("home_purchases", NUMBER, "paid for them", required=True, unit="programme currency"),
        Column(
            "contract_value",
            NUMBER,
            "committed quantity times price over the term",
            required=True,
            unit="programme currency",
        ),
        Column("tooling", NUMBER, "tooling, whoever pays", required=True, unit="programme currency"),
        Column(
            "public_money", NUMBER, "grant, and tooling that the state pays", required=True, unit="programme currency"
        ),
        Column(
            "imports_displaced",
            NUMBER,
            "landed value of the imports it replaces",
            required=True,
            unit="programme currency",
        ),
    ),
)

SOURCES = Table(
    "sources",
    "how a part is sourced",
    ("part",),
    (
        Column("part", KEY, "the part", required=True),
        Column("sourced", TEXT, "imported, home, or both", required=True),
        Column("units", NUMBER, "units needed within the programme", required=True, unit="units"),
        Column("units_home", NUMBER, "of them made at home", required=True, unit="units"),
        Column("bill_before", NUMBER, "landed imports if it stayed imported", required=True, unit="programme currency"),
        Column("bill_after", NUMBER, "landed imports under the plan", required=True, unit="programme currency"),
        Column(
            "objective_imported",
            NUMBER,
            "its share of the objective if it stayed imported",
            required=True,
            unit="objective",
        ),
        Column("objective", NUMBER, "its share of the objective", required=True, unit="objective"),
        Column("options", INTEGER, "options considered", required=True),
        Column(
            "assumed", FLAG, "whether a figure it rests on has no source, or is marked an assumption", required=True
        ),
    ),
)

YEARLY = Table(
    "yearly",
    "a measure in a year, with every part imported and under the plan",
    ("measure", "year"),
    (
        Column("measure", KEY, "the measure", required=True),
        Column("year", YEAR, "the programme year", required=True),
        Column("before", NUMBER, "with every part imported", required=True),
        Column("after", NUMBER, "under the plan", required=True),
        Column("unit", TEXT, "its unit", required=True),
    ),
)

BILL = Table(
    "bill",
    "landed imports of the parts in a currency and year, before and after",
    ("currency", "year"),
    (
        Column("currency", CURRENCY, "the currency they are paid in", required=True),
        Column("year", YEAR, "the programme year", required=True),
        Column("before_own", NUMBER, "with every part imported, in that currency", required=True),
        Column("after_own", NUMBER, "under the plan, in that currency", required=True),
        Column("rate", NUMBER, "programme currency for one of it", required=True),
        Column("rate_date", DATE, "the day of that rate"),
        Column("rate_path", TEXT, "where it comes from", required=True),
        Column("before", NUMBER, "with every part imported", required=True, unit="programme currency"),
        Column("after", NUMBER, "under the plan", required=True, unit="programme currency"),
    ),
)

LIMITS_MET = Table(
    "limits_met",
    "a bound, what the plan reaches and what it is worth",
    ("bound",),
    (
        Column("bound", KEY, "its name: the limit, its key and its year", required=True),
        Column("limit", KEY, "the limit", required=True),
        Column("measure", KEY, "the measure", required=True),
        Column("scope", TEXT, "what it is measured over", required=True),
        Column("scope_key", KEY, "which one"),
        Column("years", YEARS, "over which years", required=True),
        Column("sense", TEXT, "at_most or at_least", required=True),
        Column("value", NUMBER, "the bound", required=True),
        Column("level", NUMBER, "what the plan reaches"),
        Column("room", NUMBER, "how far the plan stays inside; negative is a shortfall, allowed for soft limits only"),
        Column("unit", TEXT, "unit of these three", required=True),
        Column("binds", FLAG, "whether no room is left (within a millionth)", required=True),
        Column("penalty", NUMBER, "price of a unit of shortfall; empty for a hard limit"),
        Column("penalty_paid", NUMBER, "what the shortfall of a soft limit adds to the objective", unit="objective"),
        Column("bound_price", NUMBER, "fall of the lower bound on the objective for a unit more room", required=True),
    ),
)

MODULES = Table(
    "modules",
    "modules of capacity that the plan orders",
    ("maker", "family", "in_service"),
    (
        Column("maker", KEY, "the maker", required=True),
        Column("family", KEY, "the process family", required=True),
        Column("in_service", YEAR, "the year from which they work", required=True),
        Column("ordered", YEAR, "the year in which they are ordered", required=True),
        Column("modules", INTEGER, "how many", required=True),
        Column("hours", NUMBER, "machine-hours they add a year", required=True),
        Column("cost", NUMBER, "what they cost", required=True, unit="programme currency"),
    ),
)

OPENED = Table(
    "opened",
    "ventures that the plan opens",
    ("venture",),
    (
        Column("venture", KEY, "the venture", required=True),
        Column("maker", KEY, "its domestic side", required=True),
        Column("partner", KEY, "its foreign side", required=True),
        Column("set_up_cost", NUMBER, "what opening it costs", required=True, unit="programme currency"),
        Column("awards", INTEGER, "awards made in it", required=True),
    ),
)

HOURS = Table(
    "hours",
    "machine-hours of a maker in a family and year",
    ("maker", "family", "year"),
    (
        Column("maker", KEY, "the maker", required=True),
        Column("family", KEY, "the process family", required=True),
        Column("year", YEAR, "the programme year", required=True),
        Column("hours", NUMBER, "there are, modules included", required=True),
        Column("used", NUMBER, "the plan takes", required=True),
    ),
)

UNIT_COSTS = Table(
    "unit_costs",
    "what a unit of a part costs in a year: landed with duty, and made at home",
    ("part", "year"),
    (
        Column("part", KEY, "the part", required=True),
        Column("year", YEAR, "the programme year", required=True),
        Column("units_imported", NUMBER, "units that stay imported", required=True),
        Column("imported", NUMBER, "landed price with duty", required=True, unit="programme currency per unit"),
        Column("units_home", NUMBER, "units made at home", required=True),
        Column(
            "home",
            NUMBER,
            "mean price of those, tooling excluded; empty when there are none",
            unit="programme currency per unit",
        ),
    ),
)

OPTIONS = Table(
    "options",
    "an option that was considered",
    ("part", "option"),
    (
        Column("part", KEY, "the part", required=True),
        Column("option", INTEGER, "its place in the part's list; 0 is to stay imported", required=True),
        Column("offer", KEY, "the offer, or the first of two"),
        Column("offer_2", KEY, "the second offer"),
        Column("start", DATE, "first good unit of the first"),
        Column("start_2", DATE, "first good unit of the second"),
        Column("share", SHARE, "share of the need of the first"),
        Column("share_2", SHARE, "share of the need of the second"),
        Column("objective", NUMBER, "what choosing it adds to the objective", required=True),
        Column("chosen", SHARE, "how much of it the plan takes", required=True),
    ),
)

REASONS = Table(
    "reasons",
    "why a part stays imported: its cheapest option at home, and what stands against it with all else as planned",
    ("part",),
    (
        Column("part", KEY, "the part", required=True),
        Column("why", TEXT, "no offer; never possible (lead time, validity, smallest scale); forbidden (decisions, contracts); dearer; limit; within the gap", required=True),
        Column("offer", TEXT, "the offer, or two, of its cheapest option"),
        Column("saving", NUMBER, "what the objective would gain by it, ventures to open and penalties counted; negative: it would lose", unit="objective"),
        Column("dearer_share", NUMBER, "that loss as a share of staying imported; negative is a gain", unit="share"),
        Column("stands_against", TEXT, "limits and rows that have no room for it, the tightest first; all of them must give way"),
        Column("excess", NUMBER, "how much more room the first of them would need, in its own unit"),
    ),
)  # fmt: skip

ROW_PRICES = Table(
    "row_prices",
    "a row of the model with a price: from these the bound is recomputed (docs/explanation/plan.md)",
    ("block", "row"),
    (
        Column("block", KEY, "the block of rows: limits, machine_hours, open_before_use, modules_in_service, forced_makers", required=True),
        Column("row", KEY, "its name within the block", required=True),
        Column("price", NUMBER, "what the bound moves by for one more on its right-hand side; the objective always made least", required=True),
    ),
)  # fmt: skip

MAKER_LOSSES = Table(
    "maker_losses",
    "a maker of a programme planned in parts: what the plan costs above the bound of prices for his sake, and what no plan costs less "
    "(docs/explanation/decomposition.md); `bound` is the bound of prices, or that of the one branch in `branches`, and the sum of `at_least`. Where the two lie far apart, a "
    "better plan may still be found",
    ("maker",),
    (
        Column("maker", KEY, "the maker", required=True),
        Column("lost", NUMBER, "what the plan loses there: dearer options than the part's best at the prices, and what is left idle at its price", required=True),
        Column("within", NUMBER, "how much was looked for; empty where nothing was"),
        Column("at_least", NUMBER, "what every plan loses there at least", required=True),
    ),
)  # fmt: skip

BRANCHES = Table(
    "branches",
    "a branch of the proof, where what the relaxation splits was decided both ways (docs/explanation/decomposition.md): a branch is split "
    "by one decision into two others, so that every plan lies in one of those that are not split, and none costs less than the least "
    "of their bounds",
    ("branch",),
    (
        Column("branch", INTEGER, "its number; 0 holds every plan", required=True),
        Column("parent", INTEGER, "the branch that it was split from"),
        Column("what", TEXT, "what was decided: venture, module, maker (of a part) or options (of a part)"),
        Column("key", TEXT, "the venture; the module's maker, family and year; or the part"),
        Column("maker", KEY, "the maker, where it was decided whether he makes the part"),
        Column("before", INTEGER, "where a part's options were split: those before this one, or it and those after"),
        Column("at_most", INTEGER, "of ventures, modules or chosen options this branch has at most so many"),
        Column("at_least", INTEGER, "or at least so many"),
        Column("bound", NUMBER, "what no plan in it costs less than, the objective always made least; empty where it is split, or holds no plan", unit="objective"),
    ),
)  # fmt: skip

BRANCH_PRICES = Table(
    "branch_prices",
    "a row with a price in a branch that is not split: from these its bound is recomputed",
    ("branch", "block", "row"),
    (
        Column("branch", INTEGER, "the branch", required=True),
        Column("block", KEY, "the block of rows, as in `row_prices`; or cuts", required=True),
        Column("row", KEY, "its name within the block; or the number of the cut", required=True),
        Column("price", NUMBER, "what the bound moves by for one more on its right-hand side; the objective always made least", required=True),
    ),
)  # fmt: skip

CUTS = Table(
    "cuts",
    "a row that was divided and rounded to whole numbers, which every plan keeps and the relaxation does not",
    ("cut",),
    (
        Column("cut", INTEGER, "its number", required=True),
        Column("block", KEY, "the block of the row that was rounded, as in `row_prices`", required=True),
        Column("row", KEY, "its name within the block", required=True),
        Column("divisor", NUMBER, "what the row was divided by", required=True),
    ),
)  # fmt: skip

CUT_TERMS = Table(
    "cut_terms",
    "what a cut is counted from: an option whose use of the row was taken off all options of its part, or a venture or module counted "
    "from its most",
    ("cut", "what", "key"),
    (
        Column("cut", INTEGER, "the cut", required=True),
        Column("what", KEY, "option, venture or module", required=True),
        Column("key", KEY, "the part, the venture, or the module's maker, family and year", required=True),
        Column("option", INTEGER, "its place in the part's list"),
    ),
)  # fmt: skip

TREE_TABLES = ("branches", "branch_prices", "cuts", "cut_terms")
"""What branches prove, all four or none."""

PRODUCTS_MET = Table(
    "products_met",
    "local content and defects of a product in a year, with every part imported and under the plan",
    ("product", "year"),
    (
        Column("product", KEY, "the product", required=True),
        Column("year", YEAR, "the programme year", required=True),
        Column("units", NUMBER, "how many are built", required=True, unit="units"),
        Column("content_before", NUMBER, "local value over the value of its parts and its other content, all imported", unit="share"),
        Column("content_after", NUMBER, "the same under the plan", unit="share"),
        Column("defects_before", NUMBER, "defective parts in one unit, all imported; empty where no part states defects", unit="parts per unit"),
        Column("defects_after", NUMBER, "the same under the plan", unit="parts per unit"),
    ),
)  # fmt: skip

CASH = Table(
    "cash",
    "what a maker delivers and is paid in a year; what making it costs the maker is not known here",
    ("maker", "year"),
    (
        Column("maker", KEY, "the maker", required=True),
        Column("year", YEAR, "the programme year", required=True),
        Column("delivered", NUMBER, "value of the parts delivered", required=True, unit="programme currency"),
        Column("received", NUMBER, "paid by the buyer in the year, prepayments included", required=True, unit="programme currency"),
        Column("owed", NUMBER, "owed by the buyer at the year's end; negative when it has prepaid", required=True, unit="programme currency"),
        Column("tooling", NUMBER, "tooling that the maker pays", required=True, unit="programme currency"),
        Column("grants", NUMBER, "grants of the state", required=True, unit="programme currency"),
    ),
)  # fmt: skip

OVERRIDES = Table(
    "overrides",
    "what a decision costs: the objective with it less the objective without it, between two bounds",
    ("decision",),
    (
        Column("decision", KEY, "verdict, what and key", required=True),
        Column("cost_low", NUMBER, "it costs at least this much", required=True, unit="objective"),
        Column("cost_high", NUMBER, "and at most this; empty where that could not be told", unit="objective"),
        Column("reason", TEXT, "why it was decided"),
    ),
)  # fmt: skip

PASSED_OVER = Table(
    "passed_over",
    "a part made at home whose best option, limits apart, is another one; what stands against that, with all else as planned",
    ("part",),
    (
        Column("part", KEY, "the part", required=True),
        Column("why", TEXT, "limit; within the gap", required=True),
        Column("offer", TEXT, "the offer, or two, of that option; `imported` where importing would be better", required=True),
        Column("saving", NUMBER, "what the objective would gain by it, ventures to open and penalties counted", required=True, unit="objective"),
        Column("dearer_share", NUMBER, "that as a share of what is planned for the part; negative is a gain", unit="share"),
        Column("stands_against", TEXT, "limits and rows that have no room for it, the tightest first; all of them must give way"),
        Column("excess", NUMBER, "how much more room the first of them would need, in its own unit"),
    ),
)  # fmt: skip

STEPS = Table(
    "steps",
    "what easing a bound by a step is worth: the best objective now less the best with the step, between two bounds",
    ("bound",),
    (
        Column("bound", KEY, "the bound, as in `limits_met`", required=True),
        Column("step", NUMBER, "by how much it is eased; below 0 for a floor that is lowered", required=True),
        Column("unit", TEXT, "unit of the step", required=True),
        Column("worth_low", NUMBER, "it is worth at least this much", required=True, unit="objective"),
        Column("worth_high", NUMBER, "and at most this", required=True, unit="objective"),
        Column("how", TEXT, "certificate: from the run's prices alone; planned again: narrowed by `onshore plan --steps`", required=True),
        Column("useful_step", NUMBER, "the least step that lets one part move to its best option with all else as planned; empty where no part lacks this bound alone"),
        Column("useful_part", KEY, "that part"),
        Column("useful_saving", NUMBER, "what the plan gains by that move", unit="objective"),
    ),
)  # fmt: skip

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        AWARDS, SOURCES, YEARLY, BILL, LIMITS_MET, MODULES, OPENED, HOURS, UNIT_COSTS, OPTIONS, REASONS, ROW_PRICES,
        MAKER_LOSSES, BRANCHES, BRANCH_PRICES, CUTS, CUT_TERMS, PRODUCTS_MET, CASH, OVERRIDES, PASSED_OVER, STEPS,
    )
}  # fmt: skip

FRONTIER = Table(
    "frontier",
    "a point of a frontier: the best plan for a level of the second measure; no other point is better in one and no worse in the other",
    ("point",),
    (
        Column("point", INTEGER, "counted from the best of the second measure", required=True),
        Column("second", NUMBER, "what the plan reaches in the second measure", required=True, unit="the second measure's"),
        Column("first", NUMBER, "and in the first", required=True, unit="the first measure's"),
        Column("first_bound", NUMBER, "what no plan that reaches as much in the second can beat", required=True, unit="the first measure's"),
        Column("gap", NUMBER, "between those two, as a share of what the plan reaches", unit="share"),
        Column("status", TEXT, "how the search ended, as a plan's", required=True),
        Column("parts_made_at_home", INTEGER, "how many parts are made at home, wholly or in part", required=True),
    ),
)  # fmt: skip

FRONTIER_BOUNDS = Table(
    "frontier_bounds",
    "for a value of the second measure, between which two values the best of the first lies",
    ("second",),
    (
        Column("second", NUMBER, "a value of the second measure", required=True, unit="the second measure's"),
        Column("plan", NUMBER, "the best that a plan of the frontier reaches there", required=True, unit="the first measure's"),
        Column("bound", NUMBER, "what no plan can beat there", required=True, unit="the first measure's"),
    ),
)  # fmt: skip

GOALS = Table(
    "goals",
    "a goal that was met in its turn",
    ("order",),
    (
        Column("order", INTEGER, "its turn", required=True),
        Column("goal", TEXT, "the measure, or the weighted sum of measures", required=True),
        Column("best", NUMBER, "what it reached in its turn; a sum is told as it is made least", required=True, unit="the goal's"),
        Column("bound", NUMBER, "what no plan that keeps the goals before it can beat", required=True, unit="the goal's"),
        Column("gap", NUMBER, "between those two, as a share of what it reached", unit="share"),
        Column("tolerance", NUMBER, "the share of what it reached by which it may give way to goals after it", required=True),
        Column("reached", NUMBER, "what the last plan reaches, penalties left out", required=True, unit="the goal's"),
        Column("status", TEXT, "how its search ended, as a plan's", required=True),
    ),
)  # fmt: skip

FRONTIER_TABLES: dict[str, Table] = {t.name: t for t in (FRONTIER, FRONTIER_BOUNDS)}
"""What `onshore frontier` writes."""
