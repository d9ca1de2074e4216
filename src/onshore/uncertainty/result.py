"""A plan in many worlds: its tables, its figures and a summary."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import polars as pl

from onshore.blueprint.programme import Programme
from onshore.uncertainty.asked import Asked
from onshore.uncertainty.words import told

__all__ = ["Worlds"]


@dataclass(frozen=True)
class Worlds:
    """The plan in many worlds. `tables` are declared in docs/reference/runs.md; figures of objective are in its own unit."""

    programme: Programme
    asked: Asked
    tables: dict[str, pl.DataFrame]
    remarks: tuple[str, ...]

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    def chosen(self, what: str) -> str | None:
        """The plan that is best by `average`, `tail` or `regret`; None where nothing was drawn."""
        for name, ways in self["plans"].select("plan", "chosen_for").iter_rows():
            if ways is not None and what in ways.split(", "):
                return str(name)
        return None

    def as_dict(self) -> dict[str, object]:
        """The figures of `run.json` and of ``--json``, under the names of docs/reference/commands.md."""
        s, worlds = self.programme.settings, self["worlds"]
        return {
            "programme": s.name, "currency": s.currency, "objective_measure": s.objective, "objective_sense": s.objective_sense,
            **asdict(self.asked), "worlds": worlds.height, "worlds_without_plan": worlds["best"].null_count(),
            "numbers_clipped": int(worlds["clipped"].sum()),
            "best_on_average": self.chosen("average"), "best_in_the_tail": self.chosen("tail"), "least_regret": self.chosen("regret"),
            "plans": self["plans"].to_dicts(), "bounds": self["sampled_bounds"].to_dicts(),
            "sign_first": self["stable_awards"].filter("sign_first")["offer"].to_list(),
            "remarks": list(self.remarks),
        }  # fmt: skip

    def summary(self) -> str:
        """A dozen lines for a person."""
        return told(self.programme.settings, self.asked, self.tables, self.as_dict(), self.remarks)
