"""The odds of a target for programmes of five, a thousand and a million contracts: processor time and memory.

    python benchmarks/odds.py [contracts ...]

Each size runs in a process of its own, after a small forecast that pays for imports and compiling. Contracts are signed
over 48 months; four in five have a published share, some two or three. Seed 1398. No other tool answers this question, so
nothing stands beside it.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta

import numpy as np
import polars as pl
from alone import Figures, alone, answer, peak_megabytes, timed

SEED = 1398
DAY = date(2021, 10, 20)
MONTHS, MONTH = 48, 365.25 / 12


def programme(count: int) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Contracts, their shares (three dates) and one target."""
    draw = np.random.default_rng(SEED)
    age = np.sort(draw.uniform(0, MONTHS, count))
    amount = draw.lognormal(0, 0.7, count) / count
    reach = 1 / (1 + np.exp(-draw.normal(0.8, 0.7, count)))
    pace = 24 * np.exp(draw.normal(0, 0.4, count))
    days = pl.Series(np.floor(-age * MONTH).astype(np.int64))
    name = pl.Series([f"c{i:07d}" for i in range(count)])
    contracts = pl.DataFrame({"contract": name, "signed": DAY + days * timedelta(days=1), "amount": amount})
    shares = []
    for back, often in ((0, 0.8), (6, 0.4), (12, 0.4)):
        seen = (age > back) & (draw.random(count) < often)
        share = reach * -np.expm1(-(((np.maximum(age - back, 0)) / pace) ** 1.5)) + draw.normal(0, 0.05, count)
        on = DAY - timedelta(days=round(back * MONTH))
        shares.append(pl.DataFrame({"contract": name, "as_of": on, "share": share.clip(0, 1)}).filter(pl.Series(seen)))
    targets = pl.DataFrame({"target": ["half"], "basis": ["annual rate"], "due": [date(2022, 10, 20)], "value": [0.5]})
    return contracts, pl.concat(shares), targets


def job(count: int) -> None:
    from onshore.progress.forecast.odds import forecast

    first = DAY - timedelta(days=round(MONTHS * MONTH) + 1)
    small = programme(5)
    forecast(*small, as_of=DAY, first_day=first, seed=SEED, draws=200)
    tables = programme(count)
    figures: Figures = {"before": peak_megabytes(), "shares": tables[1].height}
    with timed(figures, "seconds"):
        found = forecast(*tables, as_of=DAY, first_day=first, seed=SEED)
    row = found.chances.row(0, named=True)
    answer({**figures, "peak": peak_megabytes(), "effective": found.effective, "low": row["q05"], "high": row["q95"],
            "probability": row["probability"]})  # fmt: skip


def main(counts: list[int]) -> None:
    print("| contracts | shares | CPU s | MB before | MB at most | effective draws | 90 % band | probability |")
    print("|---|---|---|---|---|---|---|---|")
    for count in counts:
        f = alone(__file__, count)
        print(
            f"| {count:,} | {f['shares']:,.0f} | {f['seconds']:.1f} | {f['before']:.0f} | {f['peak']:.0f} | "
            f"{f['effective']:,.0f} | {f['low']:.3f} to {f['high']:.3f} | {f['probability']:.2f} |"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        job(int(sys.argv[2]))
    else:
        main([int(n) for n in sys.argv[1:]] or [5, 1_000, 1_000_000])
