"""A plan as it is handed on: its figures, its tables and its proof, assembled from a point of the model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.blueprint.programme import Programme
from onshore.sourcing.certificate import Gaps, Proof, gaps_of
from onshore.sourcing.chosen import Chosen
from onshore.sourcing.model import Model
from onshore.sourcing.notes import not_modelled, remarks
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Problem
from onshore.sourcing.replay import shared_learning
from onshore.sourcing.result import tables_of
from onshore.sourcing.solver import Answer

__all__ = ["ENDINGS", "Plan", "assembled"]

ENDINGS = {
    "rounds": "the search ended by itself before the gap that was asked for",
    "time_limit": "the time was up: the best plan so far, with its own gap",
    "interrupted": "stopped by Ctrl-C: the best plan so far, with its own gap; what overrides cost was not asked",
}
"""How a search ended that did not prove the gap it was asked for, by status."""


@dataclass(frozen=True)
class Plan:
    """A plan with its proof. Objectives are in programme currency, or the unit of the objective's measure.

    `objective` is what the plan reaches and `bound` what no plan can beat: below it for an objective that should be
    least, above it for one that should be most. `imported` is S0, with every part imported and limits ignored (`breaks` names
    those it would break). `tables` are the declared tables of a run. `asked_gap` and `asked_time_limit` (seconds) are where each
    search could stop.
    """

    programme: Programme
    status: str
    method: str
    objective: float
    bound: float
    bound_of_prices: float
    imported: float
    gaps: Gaps
    present_costs: dict[str, float]
    penalties: float
    breaks: tuple[str, ...]
    shared_learning: float
    tables: dict[str, pl.DataFrame]
    not_modelled: tuple[str, ...]
    remarks: tuple[str, ...]
    asked_gap: float | None = None
    asked_time_limit: float | None = None

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    def as_dict(self) -> dict[str, object]:
        """The figures of `run.json`, under the names of docs/reference/runs.md."""
        s = self.programme.settings
        return {
            "programme": s.name,
            "currency": s.currency,
            "perspective": s.perspective,
            "objective_measure": s.objective,
            "objective_sense": s.objective_sense,
            "status": self.status,
            "method": self.method,
            "objective": self.objective,
            "bound": self.bound,
            "bound_of_prices": self.bound_of_prices,
            "objective_imported": self.imported,
            "gap_of_cost": self.gaps.of_cost,
            "gap_of_savings": self.gaps.of_savings,
            "gap_of_stake": self.gaps.of_stake,
            "penalties": self.penalties,
            **self.present_costs,
            "all_imported_breaks": list(self.breaks),
            "shared_learning": self.shared_learning,
            "parts": self["sources"].height,
            "parts_made_at_home": int((self["sources"]["sourced"] != "imported").sum()),
            "awards": self["awards"].height,
            "options": int(self["sources"]["options"].sum()),
            "assumed_share_of_bill": self.assumed_share,
            "not_modelled": list(self.not_modelled),
            "remarks": list(self.remarks),
        }

    @property
    def assumed_share(self) -> float | None:
        """Share of the import bill (all imported) of parts with a figure that has no source or is an assumption."""
        sources = self["sources"]
        total = float(sources["bill_before"].sum())
        return float(sources.filter("assumed")["bill_before"].sum()) / total if total else None

    @property
    def ended(self) -> str | None:
        """In words, why the search ended before the gap was proved; None where it was."""
        return ENDINGS.get(self.status)

    def summary(self) -> str:
        """Ten lines for a person."""
        s, sources = self.programme.settings, self["sources"]
        made = int((sources["sourced"] != "imported").sum())
        what = f"{s.perspective} cost, present value" if s.objective == "cost" else s.objective
        unit = self["yearly"].filter(pl.col("measure") == s.objective)["unit"][0]
        bill = self["yearly"].filter(pl.col("measure") == "foreign_currency")
        binding = self["limits_met"].filter("binds")["bound"].to_list()
        full = ", ".join(binding[:12]) + (f" and {len(binding) - 12:,} more" if len(binding) > 12 else "")
        kept_out = self["reasons"].filter(pl.col("why") == "limit").height
        gap = "none exists" if self.gaps.of_savings is None else f"{self.gaps.of_savings:.2%}"
        lines = [
            f"{s.name}: {made:,} of {sources.height:,} parts made at home, {self['awards'].height:,} awards ({self.status})",
            f"  {what:<34} {self.objective:>22,.0f} {unit}",
            *([f"  of it penalties of soft limits     {self.penalties:>22,.0f}"] if self.penalties else []),
            f"  with every part imported           {self.imported:>22,.0f}",
            f"  no plan can be {'above' if s.sign < 0 else 'below'}               {self.bound:>22,.0f}",
            f"  gap: {'none' if self.gaps.of_cost is None else f'{self.gaps.of_cost:.4%}'} of cost, {gap} of savings, {self.gaps.of_stake:.2%} of stake",
            f"  foreign currency, all years        {bill['before'].sum():>22,.0f} before",
            f"                                     {bill['after'].sum():>22,.0f} after",
            f"  limits used to the last unit: {full or 'none'}",
            f"  parts kept imported for want of room in a limit or of machine-hours: {kept_out:,}",
        ]
        lines += [f"  {self.ended}"] if self.ended else []
        return "\n".join([*lines, *(f"  note: {r}" for r in self.remarks)])


def assembled(
    programme: Programme, problem: Problem, options: Options, model: Model, point: Floats, answer: Answer, proof: Proof,
) -> Plan:  # fmt: skip
    """The plan at a point of the model: every figure and table that follows from it, from the bound and its prices."""
    prices = np.zeros(len(model.low)) if answer.prices is None else answer.prices
    first = options.first_of_part[:-1]
    objective = float(model.cost @ point)
    sign = problem.settings.sign
    bound = min(max(answer.bound, proof.by_prices), objective)
    all_imported = np.zeros(len(point))
    all_imported[first] = 1.0
    before, after = (Chosen(problem, options, z[model.options]) for z in (all_imported, point))
    present = {}
    for perspective in ("buyer", "programme"):
        for residual in (True, False):
            k, v, m = after.measures().discounted(perspective, residual=residual)
            name = f"{perspective}_cost" + ("" if residual else "_without_residual")
            present[name] = float(k @ after.weight + v @ point[model.ventures] + m.ravel() @ point[model.modules])
        present[f"{perspective}_cost_imported"] = float(
            before.measures().discounted(perspective, residual=True)[0].sum()
        )
    tables = tables_of(problem, options, model, point, prices, proof, before, after, bound=bound)
    return Plan(
        programme=programme,
        status=answer.status,
        method=answer.method,
        objective=sign * objective + 0.0,  # without the zero, nothing displaced would print as -0
        bound=sign * bound + 0.0,
        bound_of_prices=sign * min(proof.by_prices, objective) + 0.0,
        imported=sign * proof.imported + 0.0,
        gaps=gaps_of(objective, bound, proof.imported, proof.least),
        present_costs=present,
        penalties=float(model.cost[model.slacks] @ point[model.slacks]),
        breaks=_broken(model, all_imported),
        shared_learning=shared_learning(problem, after),
        tables=tables,
        not_modelled=not_modelled(problem, options),
        remarks=remarks(problem, options, model, tables, present),
    )


def _broken(model: Model, point: Floats) -> tuple[str, ...]:
    """Names of the hard limits that a point breaks."""
    used = (model.matrix @ point)[model.blocks["limits"]]
    low, high = model.low[model.blocks["limits"]], model.high[model.blocks["limits"]]
    slack = 1e-9 * np.maximum(1.0, np.abs(np.where(np.isfinite(high), high, low)))
    return tuple(
        b.name
        for b, u, lo, hi, s in zip(model.bounds, used, low, high, slack, strict=True)
        if b.penalty is None and (u > hi + s or u < lo - s)
    )
