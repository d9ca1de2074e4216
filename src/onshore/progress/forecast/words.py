"""A forecast told in words: a page that a minister can read and an auditor can check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from onshore.progress.forecast.odds import Forecast

__all__ = ["odds_in_words"]

READING = {
    "contracted": "signed by then", "realised": "realised by then", "cumulated": "realised in sum since the first day",
}  # fmt: skip
SHOWN = 12


def money(x: float | None) -> str:
    """Three digits of the size people say: 158 m, 10.0 bn."""
    if x is None:
        return "-"
    for size, name in ((1e12, " tn"), (1e9, " bn"), (1e6, " m"), (1e3, " k")):
        if abs(x) >= size:
            return f"{x / size:.3g}{name}"
    return f"{x:.3g}"


def percent(p: float, low: float = 0.0, high: float = 1.0) -> str:
    """A probability as drawn; never a bare 0 or 100, which drawing cannot know."""
    if p <= 0:
        return f"under {high:.1%}"
    return f"over {low:.1%}" if p >= 1 else f"{p:.0%}" if 0.01 <= p <= 0.99 else f"{p:.1%}"


def odds_in_words(f: Forecast) -> str:
    """The text of `Forecast.summary()`."""
    unit = f" ({f.unit})" if f.unit else ""
    lines = [
        f"Odds as of {f.as_of}, from {f.contracts:,} contracts, {f.observed:,} of them with a published share{unit}.",
        f"{f.draws:,} draws, seed {f.seed}; the curves are worth {f.effective:,.0f} independent ones.",
        "", "Targets",
        *(_chance(row) for row in f.chances.iter_rows(named=True)),
        "", "How wide is honest",
        *_bands(f),
        "", "Beliefs: prior, then posterior (median, 90 % interval)",
        *(_belief(row) for row in f.beliefs.iter_rows(named=True)),
    ]  # fmt: skip
    if f.observed:
        both = ["reach", "pace"]
        pair = f.correlations.filter(pl.col("parameter").is_in(both) & pl.col("other").is_in(both))
        lines += [
            f"  The end share and the pace have a posterior correlation of {pair['correlation'][0]:+.2f}: a "
            "low share on one day may be a slow contract or a poor one."
        ]
    if f.pulls.height:
        lines += ["", "What pulls down, were it on time (largest first)", *_pulls(f.pulls)]
    lines += ["", "Other programmes, beside and not pooled", *(_other(r) for r in f.reference.iter_rows(named=True))]
    lines += ["", "No coverage is claimed: that takes twenty real forecasts whose outcome is known."]
    return "\n".join([*lines, *(f"Note: {n}" for n in f.notes)])


def _chance(r: dict[str, object]) -> str:
    assumed = "" if r["basis"] else ", if that is meant"
    needed = "due" if r["run_rate_needed"] is None else f"needs {money(r['run_rate_needed'])} a year more"  # type: ignore[arg-type]
    chance = percent(r["probability"], r["low"], r["high"])  # type: ignore[arg-type]
    return (
        f"  {r['target']}: {money(r['value'])} {READING[str(r['reading'])]} {r['due']}{assumed}: {chance}. "  # type: ignore[arg-type]
        f"Now {money(r['now'])}; then {money(r['median'])} (90 %: {money(r['q05'])} to {money(r['q95'])}); "  # type: ignore[arg-type]
        f"{needed}, so far {money(r['run_rate_so_far'])} a year; expected shortfall {money(r['expected_shortfall'])}."  # type: ignore[arg-type]
    )


def _bands(f: Forecast) -> list[str]:
    last = f.fan.filter(pl.col("date") == f.fan["date"].max())
    return [
        f"  {r['amount']} on {r['date']}: 90 % band {money(r['q05'])} to {money(r['q95'])}, "
        + (f"{r['q95'] / r['q05']:.1f} times from end to end." if r["q05"] > 0 else "its lower end is nothing.")
        for r in last.iter_rows(named=True)
    ]


def _belief(r: dict[str, object]) -> str:
    prior, post = ([money(r[p + k]) for k in ("median", "low", "high")] for p in ("prior_", ""))  # type: ignore[arg-type]
    return (
        f"  {r['words']}: {prior[0]} ({prior[1]} to {prior[2]}) -> {post[0]} ({post[1]} to {post[2]})"
        f"{' ' + str(r['unit']) if r['unit'] else ''}; {r['said']}"
    )


def _pulls(pulls: pl.DataFrame) -> list[str]:
    return [
        f"  {r['contract']}, {r['why']} ({r['share']:.0%}; a middling one has {r['middling']:.0%}): "
        f"{money(r['amount'])} of {r['target']} ({r['reading']}), {100 * r['probability']:+.1f} points of its probability"
        for r in pulls.sort("amount", "contract", "target", descending=[True, False, False])
        .head(SHOWN)
        .iter_rows(named=True)
    ] + ([f"  and {pulls.height - SHOWN} more in the table"] if pulls.height > SHOWN else [])


def _other(r: dict[str, object]) -> str:
    ours = f"; here {percent(r['ours'])}: {r['ours_what']}" if r["ours_what"] else ""  # type: ignore[arg-type]
    return (
        f"  {r['country']}, {r['programme']}: {r['count']} of {r['of']} ({r['share']:.1%}), {r['what']} "
        f"after {r['months']} months{ours}"
    )
