"""Two runs side by side: what moved in the plan, and what moved in the input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from onshore.blueprint.declared import TABLES as INPUT_TABLES
from onshore.blueprint.programme import Programme, read
from onshore.sourcing.declared import TABLES
from onshore.tables.runs import Run, read_run

__all__ = ["Comparison", "compare", "moved_awards"]

Tables = Mapping[str, pl.DataFrame]
"""Those of a run or of a plan, by name."""

FIGURES = ("objective", "bound", "objective_imported", "buyer_cost", "programme_cost", "awards", "parts_made_at_home")
INPUTS = {"table": pl.String, "key": pl.String, "column": pl.String, "before": pl.String, "after": pl.String}
AWARDS = {"part": pl.String, "before": pl.String, "after": pl.String, "own_input_moved": pl.Boolean}
FIGURE = {"figure": pl.String, "before": pl.Float64, "after": pl.Float64}


@dataclass(frozen=True)
class Comparison:
    """`awards`: parts whose sourcing moved, and whether a row of the part or its offers did; `inputs`: every cell
    that moved, by table and key (a row that is in one only has the column `row`); `figures`: of run.json, that moved.
    """

    awards: pl.DataFrame
    inputs: pl.DataFrame
    figures: pl.DataFrame

    @property
    def empty(self) -> bool:
        return self.awards.is_empty() and self.inputs.is_empty() and self.figures.is_empty()

    def summary(self) -> str:
        """Everything that moved, or that nothing did."""
        if self.empty:
            return "The two runs are the same: no award, no input and no figure moved."
        lines = [f"{self.inputs.height} cells of the input moved, {self.awards.height} parts are sourced otherwise."]
        lines += [f"  {f}: {b:,.2f} -> {a:,.2f}" for f, b, a in self.figures.rows()]
        lines += [f"  {t} {k}, {c}: {b} -> {a}" for t, k, c, b, a in self.inputs.rows()]
        for part, before, after, own in self.awards.rows():
            lines.append(
                f"  {part}: {before} -> {after}{'' if own else ' (its own rows did not move: limits or other parts did)'}"
            )
        return "\n".join(lines)

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: `awards`, `inputs` and `figures` as rows."""
        return {"awards": self.awards.to_dicts(), "inputs": self.inputs.to_dicts(), "figures": self.figures.to_dicts()}


def compare(before: Path | str, after: Path | str) -> Comparison:
    """What moved from one run to another. A run compared with itself gives nothing."""
    first, second = (read_run(Path(p), TABLES) for p in (before, after))
    old, new = read(first.input), read(second.input)
    inputs = moved_inputs(old, new)
    return Comparison(_awards(first.tables, second.tables, old, new, inputs), inputs, _figures(first, second))


def moved_inputs(before: Programme, after: Programme) -> pl.DataFrame:
    """Every setting and cell that differs between two programmes: table, key, column, before, after."""
    return pl.concat([_settings(before, after), *(_moved(name, before, after) for name in INPUT_TABLES)])


def moved_awards(before: Tables, after: Tables, old: Programme, new: Programme) -> pl.DataFrame:
    """The parts that two plans source otherwise: part, before, after, own_input_moved."""
    return _awards(before, after, old, new, moved_inputs(old, new))


def _figures(before: Run, after: Run) -> pl.DataFrame:
    rows = [(n, before.figures.get(n), after.figures.get(n)) for n in FIGURES]
    return pl.DataFrame([r for r in rows if r[1] != r[2]], schema=FIGURE, orient="row", strict=False)


def _settings(before: Programme, after: Programme) -> pl.DataFrame:
    a, b = vars(before.settings), vars(after.settings)
    rows = [("programme", "", name, str(a[name]), str(b[name])) for name in a if a[name] != b[name]]
    return pl.DataFrame(rows, schema=INPUTS, orient="row")


def _moved(name: str, before: Programme, after: Programme) -> pl.DataFrame:
    """Cells of one table that differ, row matched by key; the order of rows does not count."""
    table = INPUT_TABLES[name]
    sides = []
    for programme in (before, after):
        frame = programme[name]
        key = pl.concat_str([pl.col(c).cast(pl.String).fill_null("") for c in table.key], separator=", ").alias("key")
        others = [pl.col(c.name).cast(pl.String) for c in table.columns if c.name not in table.key]
        sides.append(frame.select(key, pl.lit("there").alias("row"), *others))
    joined = sides[0].join(sides[1], on="key", how="full", coalesce=True, suffix=":after")
    found = [
        joined.filter(
            pl.col(c).ne_missing(pl.col(f"{c}:after")) & (pl.lit(c == "row") | (pl.col("row") == pl.col("row:after")))
        ).select(
            pl.lit(name).alias("table"),
            "key",
            pl.lit(c).alias("column"),
            pl.col(c).alias("before"),
            pl.col(f"{c}:after").alias("after"),
        )
        for c in sides[0].columns
        if c != "key"
    ]
    return pl.concat([pl.DataFrame(schema=INPUTS), *(f.cast(pl.Schema(INPUTS)) for f in found)]).sort("key", "column")


def _sourced(run: Tables) -> pl.DataFrame:
    """How each part is sourced, in words."""
    award = pl.format("{} {}% from {}", "offer", (pl.col("share") * pl.col("weight") * 100).round(1), "start")
    made = (
        run["awards"]
        .sort("part", "offer", "start")
        .group_by("part", maintain_order=True)
        .agg(award.str.join(" + ").alias("how"))
    )
    return (
        run["sources"]
        .select("part")
        .join(made, on="part", how="left")
        .with_columns(pl.col("how").fill_null("imported"))
    )


def _awards(before: Tables, after: Tables, first: Programme, second: Programme, inputs: pl.DataFrame) -> pl.DataFrame:
    both = _sourced(before).join(_sourced(after), on="part", how="full", coalesce=True, suffix=":after")
    moved = both.filter(pl.col("how").ne_missing(pl.col("how:after"))).sort("part")
    offers = pl.concat([p["offers"].select("offer", "part") for p in (first, second)]).unique()
    touched = set(inputs.filter(pl.col("table") == "parts")["key"])
    touched |= set(inputs.filter(pl.col("table") == "needs")["key"].str.split(", ").list.first())
    touched |= set(
        offers.filter(pl.col("offer").is_in(inputs.filter(pl.col("table") == "offers")["key"].to_list()))["part"]
    )
    return moved.select(
        "part",
        pl.col("how").fill_null("not there").alias("before"),
        pl.col("how:after").fill_null("not there").alias("after"),
        pl.col("part").is_in(list(touched)).alias("own_input_moved"),
    ).cast(pl.Schema(AWARDS))  # fmt: skip
