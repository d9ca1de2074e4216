"""Measuring an effect: `measure_effect` beside csdid and pyfixest, the same panel, the same answer.

    python benchmarks/effects.py

Seed 1398. Each runs on one thread in a process of its own; seconds are of processor time once the code is loaded and the panel is
in memory in the form that the tool takes. csdid makes ATT(g, t) and its event study; pyfixest a saturated event study
(Sun-Abraham); ours makes both estimators, errors, bands, pre-trends, placebos and the naive estimate. A peer that
does not end within fifteen minutes is stopped and said to have been.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import date

import numpy as np
import polars as pl
from alone import peak_megabytes

SEED = 1398
MINUTES = 15
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS"), "1")


def panel(parts: int, months: int, cohorts: int) -> tuple[np.ndarray, np.ndarray]:
    """Logarithms of prices (parts, months), and the month of each part's start, `months` for none.

    Random walks around a common path, and an effect of -8 % that grows in over a year; half of the parts never start.
    """
    draw = np.random.default_rng(SEED)
    starts = np.linspace(months // 3, 0.9 * months, cohorts).astype(int)
    start = np.where(draw.random(parts) < 0.5, months, draw.choice(starts, parts))
    common = np.cumsum(draw.normal(0.01, 0.01, months))
    y = draw.normal(3, 1, parts)[:, None] + common + draw.normal(0, 0.02, (parts, months)).cumsum(axis=1)
    since = np.arange(months) - start[:, None]
    return y + np.where(since >= 0, -0.08 * (1 - np.exp(-(since + 1) / 6)), 0.0), start


def months_of(count: int) -> list[date]:
    return [date(2019 + m // 12, m % 12 + 1, 1) for m in range(count)]


def ours(y: np.ndarray, start: np.ndarray) -> tuple[dict[int, float], float]:
    from onshore.impact import Design, measure_effect

    parts, months = y.shape
    days = months_of(months)
    started = pl.Series([days[s] if s < months else None for s in start], dtype=pl.Date)
    frame = pl.DataFrame({
        "part": np.repeat([f"p{i:06}" for i in range(parts)], months), "month": days * parts, "value": y.ravel(), "unit": "log EUR",
        "started": started.gather(np.repeat(np.arange(parts), months)),
    })  # fmt: skip
    begun = time.process_time()
    found = measure_effect(frame, design=Design(scale="level", comparison="never"))
    seconds = time.process_time() - begun
    since = found["effect_since"].filter(pl.col("estimator") == "callaway_santanna", pl.col("months_since") >= 0)
    return dict(zip(since["months_since"].to_list(), since["effect"].to_list(), strict=True)), seconds


def pandas_panel(y: np.ndarray, start: np.ndarray):
    import pandas as pd

    parts, months = y.shape
    return pd.DataFrame({
        "part": np.repeat(np.arange(parts), months), "month": np.tile(np.arange(1, months + 1), parts), "value": y.ravel(),
        "started": np.repeat(np.where(start < months, start + 1, 0), months),
    })  # fmt: skip


def csdid(y: np.ndarray, start: np.ndarray) -> tuple[dict[int, float], float]:
    from csdid.att_gt import ATTgt

    frame = pandas_panel(y, start)
    begun = time.process_time()
    model = ATTgt(
        yname="value",
        gname="started",
        idname="part",
        tname="month",
        xformla="value~1",
        data=frame,
        control_group="nevertreated",
    )
    model.fit(est_method="dr", base_period="universal", bstrap=False)
    model.aggte("dynamic", bstrap=False, cband=False)
    seconds = time.process_time() - begun
    told = model.atte
    return {int(e): float(v) for e, v in zip(told["egt"], told["att_egt"], strict=True) if e >= 0}, seconds


def pyfixest(y: np.ndarray, start: np.ndarray) -> tuple[dict[int, float], float]:
    import pyfixest as pf

    frame = pandas_panel(y, start)
    begun = time.process_time()
    model = pf.event_study(frame, yname="value", idname="part", tname="month", gname="started", estimator="saturated")
    told = model.aggregate()
    seconds = time.process_time() - begun
    return {int(float(e)): float(v) for e, v in told["Estimate"].items() if float(e) >= 0}, seconds


TOOLS = {"onshore": ours, "csdid": csdid, "pyfixest": pyfixest}
SIZES = {(1_000, 36, 6): ("onshore", "csdid", "pyfixest"), (10_000, 60, 12): ("onshore", "csdid")}
"""Parts, months, cohorts, and who is asked: at the larger size pyfixest held 21 GB and took 170 s, once."""


def one(tool: str, *size: int) -> None:
    import contextlib
    import io
    import warnings

    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        small = panel(40, 8, 2)
        TOOLS[tool](*small)  # so that imports and compilation are not counted
        path, seconds = TOOLS[tool](*panel(*size))
    print(json.dumps({"path": path, "seconds": seconds, "megabytes": peak_megabytes()}))


def main() -> None:
    for (parts, months, cohorts), tools in SIZES.items():
        print(f"{parts} parts x {months} months, {cohorts} cohorts, half of the parts never start, seed {SEED}")
        first: dict[str, object] = {}
        for tool in tools:
            said = _alone(tool, parts, months, cohorts)
            if isinstance(said, str):
                print(f"{tool:10} {said}")
                continue
            first = first or said
            apart = max(abs(v - first["path"][e]) for e, v in said["path"].items())
            ratio = said["seconds"] / first["seconds"]
            print(
                f"{tool:10} {said['seconds']:8.2f} CPU s, ratio {ratio:6.1f}, {said['megabytes']:6.0f} MB, at most {apart:.0e} apart"
            )


def _alone(tool: str, *size: int) -> dict[str, object] | str:
    """The figures of one tool, or why there are none."""
    command = [sys.executable, __file__, "--one", tool, *map(str, size)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60 * MINUTES, env={**os.environ, **ONE_THREAD}
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {MINUTES} minutes"
    if done.returncode:
        return f"failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}"
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        main()
