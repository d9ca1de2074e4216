"""Whether the odds mean what they say, on programmes whose truth is known.

Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari and Gelman 2018): draw the parameters from the
prior, a programme from the parameters and a posterior from its record; the rank of the truth among the posterior's
draws is then uniform, for every parameter and for what is forecast. The programmes are drawn here by other code than
the forecast's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.stats import chi2

from onshore.progress.forecast.beliefs import fit
from onshore.progress.forecast.known import record_on
from onshore.progress.forecast.priors import Prior, Priors
from onshore.progress.forecast.realisation import PARAMETERS
from onshore.progress.forecast.sampling import Floats, TooFewDraws
from onshore.progress.forecast.simulation import MONTH, simulate

__all__ = ["FEW_ROUNDS", "Calibration", "Drawn", "calibrate", "draw_programme"]

DAY = date(2021, 10, 20)
FEW_ROUNDS = Priors(
    rate=Prior("contracts signed a month", "log", 0.18, 0.5, "a month"),
    size=Prior("size of a middling contract", "log", 1.0, 1.0),
)
"""The shipped priors, but a programme of some five rounds in 27 months: a wide prior of the rate would draw thousands."""
RANKS = 100  # a rank lies from 0 to 99: the posterior is thinned to 99 draws
BINS = 10
GROUPS = ((0, "none"), (3, "1 to 3"), (6, "4 to 6"), (12, "7 to 12"), (24, "13 to 24"))


@dataclass(frozen=True)
class Drawn:
    """A programme drawn from the prior: its record as tables, and the truth: parameters and later amounts."""

    contracts: pl.DataFrame
    observed: pl.DataFrame
    rates: pl.DataFrame | None
    truth: dict[str, float]


@dataclass(frozen=True)
class Calibration:
    """`ranks`: programme, quantity, contracts, rank. `table`: a row for each quantity with the p value of a chi-square
    test of uniform ranks and the share of programmes whose truth lay in the middle 50 and 90 % (with its standard
    error). `widths`: how many times the upper end of a 90 % band is its lower end, by number of contracts."""

    programmes: int
    refused: int
    least_effective: float
    ranks: pl.DataFrame
    table: pl.DataFrame
    widths: pl.DataFrame


def draw_programme(
    priors: Priors, draw: np.random.Generator, months: int = 27, ahead: int = 12, everything: bool = False
) -> Drawn:
    """Parameters from `priors`, then signings for `months` until `DAY` and for `ahead` after it, their curves, and
    published shares on `DAY` (four contracts in five) and a half and a whole year before (two in five each).

    With `everything` contracts also wait to start and are held in another currency whose rate is published monthly.
    """
    names = [*PARAMETERS, "rate", "evenness", "size", "size_spread", "delay", "drift", "volatility"]
    drawn = {n: float(getattr(priors, n).centre + getattr(priors, n).spread * draw.standard_normal()) for n in names}
    r, rate = np.exp(drawn["evenness"]), np.exp(drawn["rate"])
    counts = draw.negative_binomial(r, r / (r + rate), months + ahead)
    month = np.repeat(np.arange(months + ahead), counts)
    days = np.sort((month + draw.random(len(month)) - months) * MONTH)  # from DAY
    days = np.where(days <= 0, np.floor(days), np.ceil(days))
    amount = np.exp(drawn["size"] + np.exp(drawn["size_spread"]) * draw.standard_normal(len(days)))
    wait = draw.exponential(np.exp(drawn["delay"]), len(days)) * MONTH if everything else np.zeros(len(days))
    begun = np.where(days + wait <= 0, np.floor(days + wait), np.maximum(days + wait, 1.0)) if everything else days
    odds = drawn["reach"] + np.exp(drawn["reach_spread"]) * draw.standard_normal(len(days))
    reach = 1 / (1 + np.exp(-odds))
    tau = np.exp(drawn["pace"] + np.exp(drawn["pace_spread"]) * draw.standard_normal(len(days)))
    kappa, error = np.exp(drawn["shape"]), np.exp(drawn["error"])

    def share(day: float) -> Floats:
        return reach * (1 - np.exp(-((np.maximum(day - begun, 0) / MONTH / tau) ** kappa)))

    shares = []
    for back, often in ((0, 0.8), (183, 0.4), (365, 0.4)):
        for i in np.flatnonzero((days < -back) & (draw.random(len(days)) < often)):
            said = float(np.clip(share(-back)[i] + error * draw.standard_normal(), 0, 1))
            shares.append((f"c{i:05d}", DAY - timedelta(days=back), said))
    last = round(ahead * MONTH)
    factor, rates = 1.0, None
    if everything:
        drift, volatility = drawn["drift"], np.exp(drawn["volatility"])
        path = np.cumsum(drift / 12 + volatility / 12**0.5 * draw.standard_normal(25))
        on = [DAY - timedelta(days=round(k * MONTH)) for k in range(24, -1, -1)]
        rates = pl.DataFrame({"date": on, "rate": np.exp(path)})
        years = last / 365.25
        factor = float(np.exp(drift * years + volatility * years**0.5 * draw.standard_normal()))
    known = days <= 0
    contracts = pl.DataFrame({
        "contract": [f"c{i:05d}" for i in range(len(days))],
        "signed": [DAY + timedelta(days=int(d)) for d in days],
        "amount": amount,
        **({"started": [DAY + timedelta(days=int(b)) for b in begun], "exposed": np.ones(len(days))} if everything else {}),
    }, schema_overrides={"contract": pl.String, "signed": pl.Date, "started": pl.Date})  # fmt: skip
    observed = pl.DataFrame(shares, schema={"contract": pl.String, "as_of": pl.Date, "share": pl.Float64}, orient="row")
    by_then = days <= last
    later = {
        "contracted a year on": factor * float(amount[by_then].sum()),
        "realised a year on": factor * float((amount * share(last))[by_then].sum()),
    }
    return Drawn(contracts.filter(pl.Series(known)), observed, rates, {**drawn, **later})


def calibrate(
    programmes: int, *, seed: int, priors: Priors = FEW_ROUNDS, everything: bool = False, months: int = 27,
    ahead: int = 12, draws: int = 990, proposals: int = 3000,
) -> Calibration:  # fmt: skip
    """Draw so many programmes, forecast each and rank its truth. Programmes whose posterior was refused
    (`TooFewDraws`) are counted in `refused` and left out: more than a few would mean the ranks flatter."""
    draw = np.random.default_rng(seed)
    ranks, bands, effective, refused = [], [], np.inf, 0
    grid = np.array([-round(months * MONTH), 0, round(ahead * MONTH / 2), round(ahead * MONTH)], dtype=np.float64)
    for p in range(programmes):
        drawn = draw_programme(priors, draw, months, ahead, everything)
        known = record_on(drawn.contracts, drawn.observed, DAY)
        try:
            # the last term lengthens the first month, so that a signing on the first day is within it
            found = fit(known, -months * MONTH - 1, None, drawn.rates, DAY, priors, draws, draw, proposals)
        except TooFewDraws:
            refused += 1
            continue
        paths = simulate(known, found.draws, grid, draw)
        effective = min(effective, found.realisation.effective)
        posterior = {name: values for name, (_, values) in found.told.items()}
        posterior |= {"contracted a year on": paths.contracted[:, -1], "realised a year on": paths.realised[:, -1]}
        for name, values in posterior.items():
            ranks.append((p, name, len(known.amount), _rank(values, drawn.truth[name], draw)))
        low, high = np.quantile(paths.realised[:, -1], [0.05, 0.95])
        bands.append((len(known.amount), high / low if low > 0 else np.inf))
    table = pl.DataFrame(
        ranks,
        schema={"programme": pl.Int64, "quantity": pl.String, "contracts": pl.Int64, "rank": pl.Int64},
        orient="row",
    )
    return Calibration(programmes, refused, float(effective), table, _table(table), _widths(bands))


def _rank(values: Floats, truth: float, draw: np.random.Generator) -> int:
    """Among 99 of the draws, 0 to 99; ties (nothing more was signed) are broken by lot."""
    chosen = draw.permutation(values)[: RANKS - 1]
    tied = np.isclose(chosen, truth, rtol=1e-9, atol=0)
    return int(((chosen < truth) & ~tied).sum() + draw.integers(tied.sum() + 1))


def _table(ranks: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for (name,), group in ranks.group_by("quantity", maintain_order=True):
        rank = group["rank"].to_numpy()
        n, counts = len(rank), np.bincount(rank * BINS // RANKS, minlength=BINS)
        p = float(chi2.sf(np.square(counts - n / BINS).sum() / (n / BINS), BINS - 1))
        row: dict[str, object] = {"quantity": name, "programmes": n, "p_uniform": p}
        for band in (50, 90):
            inside = float((np.abs(rank + 0.5 - RANKS / 2) < band / 2 * RANKS / 100).mean())
            row |= {f"covered_{band}": inside, f"error_{band}": float(np.sqrt(band / 100 * (1 - band / 100) / n))}
        rows.append(row)
    return pl.DataFrame(rows)


def _widths(bands: list[tuple[int, float]]) -> pl.DataFrame:
    table = pl.DataFrame(bands, schema={"contracts": pl.Int64, "times": pl.Float64}, orient="row")
    group = pl.lit("more")
    for most, name in reversed(GROUPS):
        group = pl.when(pl.col("contracts") <= most).then(pl.lit(name)).otherwise(group)
    return (
        table.with_columns(group.alias("group")).group_by("group")
        .agg(pl.len().alias("programmes"), *(pl.col("times").quantile(q).alias(f"times_q{round(q * 100)}") for q in (0.25, 0.5, 0.75)),
             pl.col("contracts").min().alias("least"))
        .sort("least").drop("least")
    )  # fmt: skip


def few_rounds_but(**changes: Prior) -> Priors:
    """`FEW_ROUNDS` with some priors replaced."""
    return replace(FEW_ROUNDS, **changes)
