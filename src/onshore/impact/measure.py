"""A panel in, its effect out: the estimators in turn, and what they say in words and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from os import PathLike
from pathlib import Path

import numpy as np
import polars as pl

from onshore.blueprint.declared.measured import PANEL, PREDICTED
from onshore.errors import Finding, InputError, WrongUse, finding
from onshore.impact.adjust import NoOverlap
from onshore.impact.aggregate import Answers, answers_of, sized
from onshore.impact.cells import NEVER, Cells, cells_of, estimate
from onshore.impact.declared import TABLES
from onshore.impact.design import Design
from onshore.impact.imputation import impute
from onshore.impact.inference import (
    Estimates,
    Floats,
    Ints,
    Joint,
    by_cluster,
    drift_caught,
    joint_zero,
    standard_errors,
    sup_t,
)  # fmt: skip
from onshore.impact.naive import KINDS, naive
from onshore.impact.panel import Panel, month_name, panel_of
from onshore.impact.words import remarks_of, summary_of
from onshore.tables.check import check_table
from onshore.tables.declare import Table
from onshore.tables.memory import raw_of
from onshore.tables.read import WORKBOOKS, Raw, read_csv

__all__ = ["Effect", "Rows", "measure_effect", "started_in"]

Rows = pl.DataFrame | Sequence[Mapping[str, object]] | str | PathLike[str]
"""A table: a CSV file, a frame, or a list of one mapping a row."""


@dataclass(frozen=True)
class Effect:
    """What was measured: `figures` by their documented names, `tables` as declared, `warnings` of the input.

    `given` holds the tables that it was measured from, as they were read.
    """

    figures: dict[str, object]
    tables: dict[str, pl.DataFrame]
    warnings: tuple[Finding, ...]
    given: dict[str, pl.DataFrame]

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    def summary(self) -> str:
        """The effect in a few sentences, with what stands against it."""
        return summary_of(self.figures, [str(f) for f in self.warnings])

    def as_dict(self) -> dict[str, object]:
        """The figures under their documented names, for ``--json``."""
        return {**self.figures, "warnings": [f.as_dict() for f in self.warnings]}


def measure_effect(panel: Rows, *, predicted: Rows | None = None, design: Design | None = None) -> Effect:
    """What the start of lines at home did to prices, or imports, of the parts: by cohort and by months since.

    Parameters
    ----------
    panel
        The table `panel` (docs/reference/tables.md): a part and month a row, with the date its line started.
    predicted
        The table `predicted`, to hold against it; optional.
    design
        The choices; see `Design`.

    Raises
    ------
    InputError
        The tables have faults, or cannot answer: every reason at once, such as nobody to compare with.

    Source: Callaway and Sant'Anna (2021); beside it Borusyak, Jaravel and Spiess (2024); maths in
    docs/explanation/impact.md.
    """
    design = design or Design()
    rows, found = _read(panel, PANEL)
    path, bad = _read(predicted, PREDICTED) if predicted is not None else (None, [])
    found += bad
    if path is not None and design.scale == "log":
        found += _shares(path)
    if found and any(rows[c].null_count() == rows.height for c in PANEL.required):
        raise InputError(found)  # a column is not there, or the file cannot be read: all else would follow from that
    arrays, bad = panel_of(rows, design)
    found += bad
    if arrays is None or any(f.level == "error" for f in found):
        raise InputError(found)
    figures, tables = _measured(arrays, path, design)
    given = {"panel": rows} if path is None else {"panel": rows, "predicted": path}
    figures["remarks"] = remarks_of(figures)
    return Effect(figures, tables, tuple(found), given)


def started_in(panel: Rows) -> list[str]:
    """Parts of a panel whose line started, in order; whatever is wrong with the panel `measure_effect` will say."""
    rows, _ = _read(panel, PANEL)
    return rows.filter(pl.col("started").is_not_null())["part"].drop_nulls().unique().sort().to_list()


def _read(rows: Rows, table: Table) -> tuple[pl.DataFrame, list[Finding]]:
    if isinstance(rows, str | PathLike):
        return check_table(_file(Path(rows), table.name), table)
    return check_table(raw_of(table.name, rows), table)


def _file(path: Path, name: str) -> Raw:
    if path.suffix.lower() in WORKBOOKS:
        raise WrongUse(f"{path} is a workbook. Save its sheet as CSV (UTF-8), and give that.")
    return read_csv(name, path.read_bytes())


def _shares(path: pl.DataFrame) -> list[Finding]:
    """A price cannot fall by all of it, or more."""
    return [
        finding("out_of_bounds", "predicted", row, column, f"{value:g}", bounds="> -1", meaning="a share of the price")
        for column in ("effect", "low", "high")
        for row, value in path.filter(pl.col(column) <= -1).select("row", column).iter_rows()
    ]


def _measured(
    panel: Panel, path: pl.DataFrame | None, design: Design
) -> tuple[dict[str, object], dict[str, pl.DataFrame]]:
    """Figures and tables."""
    ahead = design.periods_ahead(panel.step)
    never_only = design.comparison == "never"
    cells = cells_of(panel.start, panel.y.shape[1], anticipation=ahead, base=design.base, never_only=never_only)
    effects = _estimated(panel, cells, design)
    answers = answers_of(cells, effects, panel.start)
    told = _Told(panel, design)
    imputed = impute(panel.y, panel.start, panel.x, anticipation=ahead)
    wrong = naive(panel.y, panel.start)
    since = _since(told, cells, answers, imputed.since, imputed.value, imputed.scores[:-1])
    placebos = _placebos(told, design)
    frames = {
        "effect_overall": _overall(told, answers, imputed.overall, imputed.scores[-1:], wrong.value, wrong.scores),
        "effect_since": since,
        "effect_cohorts": _cohorts(told, cells, answers),
        "effect_months": told.rows(answers.periods.along, month=told.months(answers.periods.axis)),
        "effect_cells": _cells(told, cells, effects),
        "effect_placebos": placebos,
        "effect_naive": pl.DataFrame({
            "comparison": list(KINDS), "meaning": list(KINDS.values()), "weight": [min(max(wrong.weight[k], 0.0), 1.0) for k in KINDS],
            "effect": [wrong.effect[k] for k in KINDS],
        }, strict=False),
        "effect_predicted": _against(path, since, design),
    }  # fmt: skip
    tables = {name: _declared(frames[name], TABLES[name]) for name in TABLES}
    figures = {
        **_headline(told, answers), **_sizes(panel, design), **_before(told, cells, effects, answers, ahead),
        **_others(tables), **_predicted(told, answers, tables["effect_predicted"]), "design": design.as_dict(),
    }  # fmt: skip
    return figures, tables


def _estimated(panel: Panel, cells: Cells, design: Design) -> Estimates:
    try:
        return estimate(
            panel.y, panel.start, cells, anticipation=design.periods_ahead(panel.step),
            never_only=design.comparison == "never", x=panel.x, method=design.method,
        )  # fmt: skip
    except NoOverlap as why:
        month = month_name(int(panel.months[why.args[0]]))
        raise InputError([finding("no_overlap", "panel", month=month)]) from None


@dataclass(frozen=True)
class _Told:
    """How estimates become rows: errors by cluster, intervals by the normal, periods as months."""

    panel: Panel
    design: Design

    @property
    def z(self) -> float:
        from scipy.special import ndtri

        return float(ndtri(0.5 + self.design.confidence / 2))

    def months(self, periods: Ints) -> list[date]:
        return [date(int(m) // 12, int(m) % 12 + 1, 1) for m in self.panel.months[periods]]

    def errors(self, psi: Floats) -> Floats:
        return standard_errors(psi, self.panel.cluster)

    def rows(self, found: Estimates, **axis: object) -> pl.DataFrame:
        """A row an estimate: `axis` columns, then effect, error, low, high."""
        return self.frame(found.value, self.errors(found.psi), **axis)

    def frame(self, value: Floats, error: Floats, **axis: object) -> pl.DataFrame:
        interval = {"low": value - self.z * error, "high": value + self.z * error}
        return pl.DataFrame({**axis, "effect": value, "error": error, **interval}, strict=False)

    def p_value(self, found: Estimates) -> Floats:
        from scipy.special import ndtr

        error = self.errors(found.psi)
        t = np.divide(np.abs(found.value), error, out=np.full_like(error, np.inf), where=error > 0)
        return np.where((error == 0) & (found.value == 0), 1.0, 2 * ndtr(-t))


def _declared(frame: pl.DataFrame, table: Table) -> pl.DataFrame:
    schema = table.types
    lacking = [pl.lit(None).alias(c) for c in schema if c not in frame.columns]
    return frame.with_columns(lacking).select(pl.col(c).cast(t) for c, t in schema.items()).sort(table.key)


def _overall(
    told: _Told, answers: Answers, imputed: float, score: Floats, naive_value: float, naive_scores: Floats
) -> pl.DataFrame:
    ways = {
        "cohorts": answers.cohorts.overall,
        "since": answers.since.overall,
        "months": answers.periods.overall,
        "cells": answers.simple,
    }
    rows = [told.rows(found, estimator="callaway_santanna", weighing=way) for way, found in ways.items()]
    for name, value, scores in (("imputation", imputed, score), ("two_way", naive_value, naive_scores[None])):
        rows.append(told.frame(np.array([value]), _root(scores, told), estimator=name, weighing="cells"))
    return pl.concat(rows)


def _root(scores: Floats, told: _Told) -> Floats:
    return np.sqrt((by_cluster(scores, told.panel.cluster) ** 2).sum(axis=1))


def _since(told: _Told, cells: Cells, answers: Answers, axis: Ints, value: Floats, scores: Floats) -> pl.DataFrame:
    """Both estimators by months since the start, each with its simultaneous band."""
    since, step, n = answers.since, told.panel.step, len(told.panel.parts)
    parts = [int(cells.treated[cells.since == e].sum()) for e in since.axis]
    ours = told.rows(since.along, estimator="callaway_santanna", months_since=since.axis * step).with_columns(
        parts=pl.Series(parts)
    )
    began = told.panel.start[told.panel.start != NEVER]
    seen = int(cells.t.max())
    theirs = told.frame(value, _root(scores, told), estimator="imputation", months_since=axis * step).with_columns(
        parts=pl.Series([int(((began + h) <= seen).sum()) for h in axis])
    )
    bands = []
    for rows, psi in ((ours, since.along.psi), (theirs, scores * n)):
        wide = sup_t(psi, told.panel.cluster, told.design.confidence, seed=told.design.seed)
        bands.append(
            rows.with_columns(
                band_low=pl.col("effect") - wide * pl.col("error"), band_high=pl.col("effect") + wide * pl.col("error")
            )
        )
    return pl.concat(bands)


def _cohorts(told: _Told, cells: Cells, answers: Answers) -> pl.DataFrame:
    axis = answers.cohorts.axis
    own = [(cells.g == g) & (cells.since >= 0) for g in axis]
    return told.rows(answers.cohorts.along, started=told.months(axis)).with_columns(
        parts=pl.Series([int(cells.treated[o][0]) for o in own]), months=pl.Series([int(o.sum()) for o in own])
    )


def _cells(told: _Told, cells: Cells, effects: Estimates) -> pl.DataFrame:
    return told.rows(
        effects, started=told.months(cells.g), month=told.months(cells.t), base=told.months(cells.b),
        months_since=cells.since * told.panel.step, parts=cells.treated, compared=cells.compared,
    )  # fmt: skip


def _placebos(told: _Told, design: Design) -> pl.DataFrame:
    """Each start moved k periods earlier, and only what lies before the true one looked at."""
    panel, rows = told.panel, []
    ahead, step = design.periods_ahead(panel.step), panel.step
    for months in design.placebos:
        k = months // step
        if k * step != months:
            continue
        cells = cells_of(
            panel.start,
            panel.y.shape[1],
            anticipation=ahead + k,
            base="universal",
            never_only=design.comparison == "never",
        )
        tried = (cells.since >= -ahead - k) & (cells.since < -ahead)
        if not tried.any():
            continue
        cells = cells[tried]
        found = sized(_estimated(panel, cells, design), cells.g, panel.start)
        parts = int(sum((panel.start == g).sum() for g in np.unique(cells.g)))
        rows.append(
            told.rows(found, months_earlier=[months]).with_columns(
                p_value=pl.Series(told.p_value(found)), parts=pl.lit(parts)
            )
        )
    return pl.concat(rows) if rows else pl.DataFrame({c.name: [] for c in TABLES["effect_placebos"].columns})


def _against(path: pl.DataFrame | None, since: pl.DataFrame, design: Design) -> pl.DataFrame:
    if path is None:
        return pl.DataFrame({c.name: [] for c in TABLES["effect_predicted"].columns})
    scaled = [pl.col(c).log1p() if design.scale == "log" else pl.col(c) for c in ("effect", "low", "high")]
    names = ("predicted", "predicted_low", "predicted_high")
    given = path.select("months_since", *(e.alias(n) for e, n in zip(scaled, names, strict=True)))
    measured = since.filter(pl.col("estimator") == "callaway_santanna").select(
        "months_since", "effect", "band_low", "band_high"
    )
    return given.join(
        measured.with_columns(pl.col("months_since").cast(pl.Int64)), on="months_since", how="left"
    ).with_columns(inside=pl.col("predicted").is_between("band_low", "band_high"))


def _headline(told: _Told, answers: Answers) -> dict[str, object]:
    row = told.rows(answers.cohorts.overall).row(0, named=True)
    shares = {n: float(np.expm1(row[c])) if told.design.scale == "log" else None for n, c in _AS_SHARE.items()}
    return {**row, **shares, "p_value": float(told.p_value(answers.cohorts.overall)[0])}


_AS_SHARE = {"change": "effect", "change_low": "low", "change_high": "high"}


def _sizes(panel: Panel, design: Design) -> dict[str, object]:
    began = panel.start != NEVER
    return {
        "scale": design.scale, "unit": panel.unit, "confidence": design.confidence, "parts": len(panel.parts),
        "parts_started": int(began.sum()), "cohorts": len(np.unique(panel.start[began])),
        "clusters": int(panel.cluster.max()) + 1, "first_month": month_name(int(panel.months[0])),
        "last_month": month_name(int(panel.months[-1])), "months_a_period": panel.step,
    }  # fmt: skip


def _before(told: _Told, cells: Cells, effects: Estimates, answers: Answers, ahead: int) -> dict[str, object]:
    """Whether parts moved alike before: the joint test over the last `window` periods, and over all cells as R's."""
    since, cluster, design = answers.since, told.panel.cluster, told.design
    chosen = (since.axis < -ahead) & (since.axis >= -ahead - design.window)
    leads = since.along[chosen]
    near = joint_zero(leads, cluster)
    drift = None
    if near is not None and design.base == "universal":
        drift = drift_caught(leads.psi, cluster, (since.axis[chosen] + 1 + ahead).astype(float))
    every = joint_zero(effects[cells.since < -ahead], cluster)
    return {
        "before_months": -int(since.axis[chosen].min(initial=0)) * told.panel.step,
        **_joint("before", near), **_joint("before_cells", every),
        "drift_caught_a_year": None if drift is None else drift * 12 / told.panel.step,
    }  # fmt: skip


def _joint(name: str, found: Joint | None) -> dict[str, object]:
    values = (None, None, None) if found is None else (found.statistic, found.count, found.p_value)
    return dict(zip((f"{name}_statistic", f"{name}_count", f"{name}_p_value"), values, strict=True))


def _others(tables: Mapping[str, pl.DataFrame]) -> dict[str, object]:
    """The other estimators' one number, and how much of the naive one rests on the wrong comparison."""
    overall = {(r["estimator"], r["weighing"]): r for r in tables["effect_overall"].iter_rows(named=True)}
    same, imputed, wrong = (overall[name, "cells"] for name in ("callaway_santanna", "imputation", "two_way"))
    trials = tables["effect_placebos"]
    return {
        "cells_effect": same["effect"], "cells_error": same["error"],
        "imputation_effect": imputed["effect"], "imputation_error": imputed["error"],
        "naive_effect": wrong["effect"], "naive_error": wrong["error"],
        "naive_already_weight": tables["effect_naive"].filter(pl.col("comparison") == "already")["weight"][0],
        "placebos": trials.height, "placebo_least_p_value": trials["p_value"].min(),
    }  # fmt: skip


def _predicted(told: _Told, answers: Answers, against: pl.DataFrame) -> dict[str, object]:
    """The mean over the months that are both predicted and measured: what was predicted less what was measured."""
    both = against.filter(pl.col("effect").is_not_null())
    if both.is_empty():
        return dict.fromkeys(
            ("predicted_mean", "predicted_measured", "predicted_p_value", "predicted_inside", "predicted_months")
        )
    along = answers.since.along[np.isin(answers.since.axis * told.panel.step, both["months_since"].to_numpy())]
    mean = Estimates(along.value.mean(keepdims=True) - both["predicted"].mean(), along.psi.mean(axis=0, keepdims=True))
    return {
        "predicted_mean": both["predicted"].mean(), "predicted_measured": float(along.value.mean()),
        "predicted_p_value": float(told.p_value(mean)[0]), "predicted_inside": int(both["inside"].sum()),
        "predicted_months": both.height,
    }  # fmt: skip
