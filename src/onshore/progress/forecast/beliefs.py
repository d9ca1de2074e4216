"""Priors beside posteriors: every parameter fitted to the record, and what the record had to say of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl

from onshore.errors import WrongUse
from onshore.progress.forecast.known import signed_by_month
from onshore.progress.forecast.priors import Prior, Priors
from onshore.progress.forecast.realisation import NODES, PARAMETERS, fit_realisation, realisation_priors
from onshore.progress.forecast.sampling import Floats, Weighted
from onshore.progress.forecast.signings import fit_delay, fit_exchange, fit_signings, fit_sizes
from onshore.progress.forecast.simulation import SINGLE, Beliefs, Known

__all__ = ["Fit", "beliefs_table", "correlations_table", "fit"]

FITTED = 150  # published shares that the curve is fitted to, of contracts drawn by lot where there are more
PROPOSALS = 4000  # curves tried where shares are few; as they multiply the posterior nears a normal and fewer do
FEW = 1000  # below so many effective draws the result carries a note


@dataclass(frozen=True)
class Fit:
    """The posterior of everything: weighted for realisation, equal draws that belong together in `draws`."""

    realisation: Weighted
    draws: Beliefs
    told: dict[str, tuple[Prior, Floats]]
    notes: list[str]


def fit(
    known: Known, first: float, largest: float | None, rates: pl.DataFrame | None, as_of: date, priors: Priors,
    draws: int, draw: np.random.Generator, proposals: int = PROPOSALS,
) -> Fit:  # fmt: skip
    """Fit all parts to the record. `first` is the programme's first day (days, below 0); `largest` the largest target,
    of which the prior of a contract's size is a share (1 where there is no target)."""
    notes = []
    observed = np.unique(known.records.contract)
    records = known.records
    if len(records.age) > FITTED:
        few = max(len(observed) * FITTED // len(records.age), 30)
        records = records.of(np.sort(draw.choice(observed, min(few, len(observed)), replace=False)))
        notes.append(
            f"The curve is fitted to {few} contracts drawn by lot of the {len(observed):,} observed: its bands are "
            "somewhat wider than all would give, never narrower by design. What each contract has realised is drawn "
            "from its own share."
        )
        proposals = min(proposals, 2000)
    realisation = fit_realisation(records, priors, proposals, draw)
    if realisation.effective < FEW:
        notes.append(f"The curves drawn are worth {realisation.effective:.0f} independent ones; under {FEW} is thin.")
    distinct = _distinct(known, draws)
    size = replace(priors.size, median=priors.size.median * (largest or 1.0))
    counts, months = signed_by_month(known, first)
    signings = fit_signings(counts, months, priors, draws, draw)
    sizes = fit_sizes(known.amount, size, priors, draws, draw)
    delay, exchange = np.zeros(draws), np.zeros((draws, 2))
    exchange[:, 1] = -np.inf
    told: dict[str, tuple[Prior, Floats]] = {
        "rate": (priors.rate, signings[:, 0]), "evenness": (priors.evenness, signings[:, 1]),
        "size": (size, sizes[:, 0]), "size_spread": (priors.size_spread, sizes[:, 1]),
    }  # fmt: skip
    if known.delayed:
        started = ~np.isnan(known.begun)
        waited = np.where(started, known.begun - known.signed, -known.signed) / (365.25 / 12)
        delay = fit_delay(waited, started, priors, draws, draw)
        told["delay"] = (priors.delay, delay)
    if known.exposed.any():
        days, values = _rates(rates, as_of)
        exchange = fit_exchange(days, values, priors, draws, draw)
        told |= {"drift": (priors.drift, exchange[:, 0]), "volatility": (priors.volatility, exchange[:, 1])}
        if len(days) < 2:
            notes.append("No rates were given by that day: the exchange rate is drawn from its prior.")
    theta = realisation.pick(distinct, draw)
    named = zip(PARAMETERS, realisation_priors(priors), strict=True)
    every = realisation.pick(4000, draw)
    told = {name: (prior, every[:, i]) for i, (name, prior) in enumerate(named)} | told
    return Fit(realisation, Beliefs(theta, signings, sizes, delay, exchange), told, notes)


def _distinct(known: Known, draws: int) -> int:
    """How many distinct curves to draw with: every draw its own while that is quick, else 200 at least."""
    singles = min(len(known.amount), SINGLE)
    rows = len(known.records.age) * singles / max(len(known.amount), 1)
    most = draws if not rows else max(200, int(30_000_000 / (rows * NODES)))
    if len(known.amount) > SINGLE:
        most = 200
    return next(draws // r for r in range(1, draws + 1) if draws % r == 0 and draws // r <= most)


def _rates(rates: pl.DataFrame | None, as_of: date) -> tuple[Floats, Floats]:
    if rates is None:
        return np.zeros(0), np.zeros(0)
    if not {"date", "rate"} <= set(rates.columns) or not (rates["rate"] > 0).all():
        raise WrongUse("rates of a forecast takes date and rate, a rate above 0.")
    seen = rates.filter(pl.col("date") <= as_of).sort("date")
    if seen["date"].is_duplicated().any():
        raise WrongUse("rates of a forecast has a day twice; give one market's.")
    days = (seen["date"] - as_of).dt.total_days().to_numpy().astype(np.float64)
    return days, seen["rate"].to_numpy().astype(np.float64)


def beliefs_table(found: Fit) -> pl.DataFrame:
    """parameter, words, unit, prior and posterior (median and 90 % interval), width_kept, said.

    `width_kept` is the posterior's 90 % interval over the prior's, on the scale of the prior: 1 is nothing learnt.
    """
    levels = (0.05, 0.5, 0.95)
    rows = []
    for name, (prior, drawn) in found.told.items():
        low, mid, high = np.quantile(drawn, levels)
        kept = float((high - low) / (2 * 1.6449 * prior.spread))
        moved = abs(mid - prior.centre) / prior.spread
        rows.append({
            "parameter": name, "words": prior.words, "unit": prior.unit,
            **dict(zip(("prior_low", "prior_median", "prior_high"), prior.quantiles(levels), strict=True)),
            **dict(zip(("low", "median", "high"), prior.natural(np.array([low, mid, high])).tolist(), strict=True)),
            "width_kept": kept, "said": _said(kept, moved),
        })  # fmt: skip
    return pl.DataFrame(rows)


def _said(kept: float, moved: float) -> str:
    if kept > 0.9 and moved < 0.25:
        return "the record said nothing: this is the prior"
    if kept > 0.7:
        return "the record said little"
    return "the record speaks" if kept < 0.35 else "the record and the prior both speak"


def correlations_table(found: Fit) -> pl.DataFrame:
    """parameter, other, correlation: of the six of realisation, on the scales of their priors."""
    weight, theta = found.realisation.weight, found.realisation.theta
    centred = theta - weight @ theta
    covariance = (centred * weight[:, None]).T @ centred
    spread = np.sqrt(np.diag(covariance))
    rows = [
        (PARAMETERS[i], PARAMETERS[j], float(covariance[i, j] / (spread[i] * spread[j])))
        for i in range(len(PARAMETERS)) for j in range(i)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=["parameter", "other", "correlation"], orient="row").sort(
        pl.col("correlation").abs(), descending=True
    )
