"""The names that each command prints with ``--json``: documented, tested, and kept from one release to the next."""

from __future__ import annotations

__all__ = ["FAILURE", "FIGURES", "NAMES"]

FAILURE = {
    "ok": "false",
    "findings": "when the input has faults: a list of findings (kind, level, table, row, column, value, cause, remedy)",
    "error": "when anything else is wrong: what, in words",
    "conflict": "when limits are impossible: a smallest set of them that conflicts; empty when no limit is to blame",
    "proofs": "how each hard limit was placed: needed, LP-proved or MIP-proved unneeded, or timed out",
    "least_change": "the least easing of limits that makes a plan possible: bound, value, eased, unit",
    "each_alone": "how far each limit of the set would have to be eased alone; eased is null where no easing is enough",
}
"""What any command prints when it fails, with exit code 1, 2 or 130."""

FIGURES = {
    "programme": "the programme's name",
    "currency": "its currency, in which all money here is",
    "perspective": "whose cost: `buyer` or `programme`",
    "objective_measure": "what was optimised: `cost`, or a measure",
    "objective_sense": "`least` or `most`",
    "status": "`optimal`: proved within the gap that was asked for; `time_limit`: the best plan when time was up",
    "objective": "UB, what the plan reaches; cost is discounted",
    "bound": "LB, what no plan over the same options can be below",
    "bound_of_prices": "the bound that the prices of the limits prove by themselves",
    "objective_imported": "S0, with every part imported and limits ignored",
    "gap_of_cost": "(UB - LB) / UB",
    "gap_of_savings": "(UB - LB) / (S0 - LB); null unless the plan is better than importing everything",
    "gap_of_stake": "(UB - LB) / (max(S0, UB) - the sum of each part's cheapest option)",
    "penalties": "what the penalties of soft limits add to the objective",
    "buyer_cost": "the buyer's cost, discounted, with the residual value of investments",
    "buyer_cost_without_residual": "the same without it",
    "buyer_cost_imported": "the buyer's cost with every part imported",
    "programme_cost": "the programme's cost, discounted, with the residual value of investments",
    "programme_cost_without_residual": "the same without it",
    "programme_cost_imported": "the programme's cost with every part imported",
    "all_imported_breaks": "the hard limits that importing everything would break",
    "shared_learning": "what home purchases would change by if experience carried over between a maker's parts",
    "parts": "how many parts",
    "parts_made_at_home": "how many of them are made at home, wholly or in part",
    "awards": "how many awards",
    "options": "how many options were considered",
    "assumed_share_of_bill": "share of the import bill of parts with a figure that has no source, or is an assumption",
    "not_modelled": "a list of what the programme left out, in words",
    "remarks": "a list of what a reader should know, in words",
}
"""The figures of a plan: in ``run.json``, and with ``--json``."""

_PLAN = {
    "ok": "true",
    "run": "the run that was written, a folder",
    "report": "its report.html",
    **FIGURES,
}

NAMES: dict[str, dict[str, str]] = {
    "new": {"ok": "true", "written": "the folder or workbook that was written"},
    "check": {
        "ok": "whether there are no errors; warnings alone leave it true",
        "errors": "how many errors",
        "warnings": "how many warnings",
        "findings": "a list of findings (kind, level, table, row, column, value, cause, remedy)",
    },
    "convert": {"ok": "true", "written": "the folder or workbook that was written"},
    "tables": {
        "ok": "true",
        "tables": "a list of tables (table, meaning, key, columns), or the one asked for",
        "settings": "a list of settings (setting, required, meaning, example), unless a table was asked for",
    },
    "need": {"ok": "true", "needs": "a list of rows: part, year, market, units"},
    "plan": _PLAN,
    "demo": {
        **_PLAN,
        "demo": "the demonstration's name",
        "progress": "the folder that says where it stands; null where it has no record of contracts",
        "demos": "with --list, alone: the names there are",
    },
    "report": {"ok": "true", "report": "the report.html that was written"},
    "synth": {
        "ok": "true",
        "written": "the folder that was written",
        "seed": "what it was drawn from",
        "rows": "how many rows each table has, by name",
    },
    "explain": {
        "ok": "true",
        "about": "the name asked for; null for the whole plan",
        "lines": "the answer, a list of sentences",
        "facts": "the rows it rests on, by table of the run",
        "step": "with --step: bound, step, unit, worth_low, worth_high",
    },
    "compare": {
        "ok": "true",
        "awards": "parts sourced otherwise: part, before, after, own_input_moved",
        "inputs": "cells of the input that moved: table, key, column, before, after",
        "figures": "figures of run.json that moved: figure, before, after",
    },
    "progress": {
        "ok": "true",
        "folder": "the folder that was written; null without --out",
        "programme": "the programme's name",
        "as_of": "the day",
        "currency": "the currency of the summary",
        "market": "the market of the summary",
        "amounts": "amounts of the whole programme: measure, stage, currency, market, low, high, basis, contracts, without_figure, unseen",
        "promises": "targets beside amounts: the columns of the table",
        "overdue": "contracts past their day: the columns of the table",
        "payables": "money owed: the columns of the table",
        "odds": "null with --draws 0; else `forecasts` (measure, currency, fan, chances, beliefs, correlations, pulls, reference ...) and `left_out`",
        "findings": "what does not agree in the record: a list of findings (kind, level, table, row, column, value, cause, remedy)",
    },
    "verify": {
        "ok": "whether the plan is feasible and nothing differs",
        "feasible": "whether it keeps every row",
        "objective": "recomputed from the files",
        "bound": "recomputed from prices over the whole option table",
        "claimed_bound": "the run's own, by branch and bound: a claim that is not searched for again",
        "gap_of_cost": "by that bound; so are the next two",
        "gap_of_savings": "null unless the plan is better than importing everything",
        "gap_of_stake": "always defined",
        "differences": "figures and tables of the run that came out otherwise, in words",
    },
}
"""What each command prints when all is well."""
