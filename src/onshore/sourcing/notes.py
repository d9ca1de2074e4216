"""What a plan says of itself: what was not modelled, and what a reader should be warned of."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.sourcing.model import Model
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Problem

__all__ = ["not_modelled", "remarks"]

OPTIONAL = (
    ("offers", "hours_per_unit", "machine-hours: no offer says how many a unit takes, so capacity binds nobody"),
    ("offers", "progress_ratio", "learning: no offer's price falls with experience"),
    ("offers", "defects_ppm", "quality: no offer states its defects"),
    ("offers", "imported_input_share", "imported inputs: home prices count as wholly local"),
    ("offers", "ramp", "ramp-up: every line runs at full rate from its first day"),
    ("offers", "minimum_units", "smallest scale: any quantity is worth making"),
    ("parts", "duty_share", "customs duty: none is counted"),
    ("products", "other_value", "content of products beside their modelled parts"),
)
UNREAD = ( ("parts", "criticality"), ("parts", "design_rights"),
    ("makers", "jobs"), ("ventures", "partner_share"), ("contract_lines", "share"),
)  # fmt: skip


def not_modelled(problem: Problem, options: Options) -> tuple[str, ...]:
    """In words: optional columns left empty, columns given that the plan does not read, and options left out."""
    said = [
        text
        for table, column, text in OPTIONAL
        if problem.tables[table][column].null_count() == problem.tables[table].height
    ]
    if problem.settings.asset_life_years is None:
        said.append("residual value: tooling, modules and set-up are worth nothing at the programme's end")
    for table, column in UNREAD:
        if problem.tables[table][column].null_count() < problem.tables[table].height:
            said.append(f"{table}.{column} is given and not read by the plan")
    return (*said, *(f"restriction of the option table, {r}" for r in options.restrictions))


def _named(names: list[str], noun: str) -> str:
    """`2 offers (a, b)`; past five names, their number only."""
    count = f"{len(names)} {noun}{'s' if len(names) > 1 else ''}"
    return f"{count} ({', '.join(names)})" if len(names) <= 5 else f"{count} ({', '.join(names[:5])} ...)"


def remarks(
    problem: Problem, options: Options, model: Model, tables: dict[str, pl.DataFrame], present: dict[str, float]
) -> tuple[str, ...]:
    """Warnings that the figures call for."""
    said = []
    never = np.ones(len(problem.offers.labels), dtype=np.bool_)
    never[options.offered] = False
    idle = sorted(problem.offers.labels[o] for o in np.flatnonzero(never))
    if idle:
        said.append(f"{_named(idle, 'offer')} can never be taken up: lead time, validity, smallest scale or no need")
    touching = {b.limit for b in model.bounds if len(b.options) or len(b.boxes)}
    empty = sorted({b.limit for b in model.bounds} - touching)
    if empty:
        said.append(f"nothing that can be chosen counts in {_named(empty, 'limit')}")
    floors = tables["limits_met"].filter(
        (pl.col("measure") == "contract_value") & (pl.col("sense") == "at_least") & pl.col("binds")
    )
    for name in floors["bound"]:
        said.append(
            f"`{name}`, a floor on contract value, binds: it rewards dear offers; see imports_displaced beside it"
        )
    saving = present["buyer_cost_imported"] - present["buyer_cost"]
    if tables["awards"].height and saving <= 1e-6 * abs(present["buyer_cost_imported"]):
        said.append(
            f"the buyer saves nothing: its cost is {-saving:,.0f} {problem.settings.currency} above importing everything"
        )
    broken = tables["limits_met"].filter(pl.col("room") < -1e-9 * pl.col("value").abs())["bound"].to_list()
    if broken:
        more = f" and {len(broken) - 12} more" if len(broken) > 12 else ""
        said.append(f"soft limits missed: {', '.join(broken[:12])}{more}")
    return tuple(said)
