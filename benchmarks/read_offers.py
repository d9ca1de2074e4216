"""Reading a million offers: our read and check beside Polars' own reader, which checks nothing.

    python benchmarks/read_offers.py [rows] [repeats]

Both run in turn, each time in a process of its own, so that the peak of memory is its own. Seed 1398.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
from alone import peak_megabytes

SEED = 1398
COLUMNS = (
    "offer", "part", "maker", "unit_price", "currency", "annual_max", "minimum_units", "lead_time_months",
    "progress_ratio", "experience_units", "tooling_cost", "hours_per_unit", "defects_ppm", "valid_until",
)  # fmt: skip


def generate(folder: Path, rows: int) -> None:
    """offers.csv with fourteen columns, beside the parts and makers that it refers to."""
    draw = np.random.default_rng(SEED)
    parts = [f"part-{i:06d}" for i in range(max(rows // 8, 1))]
    makers = [f"maker-{i:04d}" for i in range(500)]
    pl.DataFrame({"part": parts, "import_price": "10.5", "currency": "EUR"}).write_csv(folder / "parts.csv")
    pl.DataFrame({"maker": makers}).write_csv(folder / "makers.csv")
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2022, 12, 31), eager=True).cast(pl.String)
    offers = {
        "offer": [f"offer-{i:07d}" for i in range(rows)],
        "part": np.array(parts)[draw.integers(len(parts), size=rows)],
        "maker": np.array(makers)[draw.integers(len(makers), size=rows)],
        "unit_price": draw.lognormal(4, 1, rows).round(2),
        "currency": draw.choice(["EUR", "IRR", "CNY"], rows),
        "annual_max": draw.integers(100, 100_000, rows),
        "minimum_units": draw.integers(0, 100, rows),
        "lead_time_months": draw.uniform(1, 36, rows).round(1),
        "progress_ratio": draw.uniform(0.8, 1, rows).round(3),
        "experience_units": draw.integers(1, 10_000, rows),
        "tooling_cost": draw.integers(0, 5_000_000, rows),
        "hours_per_unit": draw.uniform(0, 2, rows).round(4),
        "defects_ppm": draw.uniform(0, 900, rows).round(1),
        "valid_until": days.gather(draw.integers(len(days), size=rows)),
    }
    pl.DataFrame(offers).select(COLUMNS).write_csv(folder / "offers.csv")


def theirs(folder: Path) -> int:
    """What a user would write: the three files with a schema. No bounds, keys, references or exact amounts."""
    numbers = dict.fromkeys(COLUMNS[5:13], pl.Float64)
    schema = dict.fromkeys(COLUMNS, pl.String) | {"unit_price": pl.Float64, "valid_until": pl.Date} | numbers
    pl.read_csv(folder / "parts.csv")
    pl.read_csv(folder / "makers.csv")
    return pl.read_csv(folder / "offers.csv", schema=schema).height


def ours(folder: Path) -> int:
    """The same three files read, typed, bounded, keyed and their references followed."""
    from onshore.blueprint.declared import TABLES
    from onshore.tables.check import check_table, references
    from onshore.tables.read import read_folder

    source = read_folder(folder, TABLES)
    tables = {name: table.empty() for name, table in TABLES.items()}
    found = list(source.findings)
    for name in sorted(source.tables):
        tables[name], bad = check_table(source.tables.pop(name), TABLES[name])
        found += bad
    found += references(tables, TABLES)
    if found:
        raise SystemExit(f"unexpected: {found[0]}")
    return tables["offers"].height


def timed(what: str, folder: Path) -> dict[str, float]:
    """Run one of the two in a fresh process: seconds once the code is loaded, peak megabytes of all of it."""
    command = [sys.executable, __file__, "--one", what, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def one(what: str, folder: Path) -> None:
    if what == "ours":
        import onshore.blueprint.declared
        import onshore.tables.check  # noqa: F401
    job = {"theirs": theirs, "ours": ours}[what]
    start = time.perf_counter()
    height = job(folder)
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "megabytes": peak_megabytes(), "rows": height}))


def main(rows: int = 1_000_000, repeats: int = 3) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, rows)
        size = (folder / "offers.csv").stat().st_size / 1e6
        print(f"{rows} offers, {len(COLUMNS)} columns, {size:.0f} MB, seed {SEED}, {repeats} repeats in turn")
        runs: dict[str, list[dict[str, float]]] = {"theirs": [], "ours": []}
        for _ in range(repeats):
            for what, figures in runs.items():
                figures.append(timed(what, folder))
    middle = {what: median(f["seconds"] for f in figures) for what, figures in runs.items()}
    for what, label in (("theirs", "polars.read_csv, unchecked"), ("ours", "Onshore, read and checked")):
        seconds = [f["seconds"] for f in runs[what]]
        peak = max(f["megabytes"] for f in runs[what])
        print(f"{label:28} {middle[what]:6.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), peak {peak:.0f} MB")
    print(f"ratio {middle['ours'] / middle['theirs']:.1f}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main(*map(int, sys.argv[1:]))
