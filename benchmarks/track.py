"""The four amounts of a large record: our ledger beside the same sums in pandas and in DuckDB's SQL.

    python benchmarks/track.py [contracts]

A million contracts and ten observations each, seed 1398; half of the single contracts are pieces of rounds. The sums are
contracted, in production and realised, of both measures, by programme, sector and subproject, in euros at two markets'
rates of the day of signing. The three read the same Parquet files, each in a process of its own; ours also tells roles, rests of
sums, ranges, and what nobody has seen, and its sums are held against theirs.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from alone import Figures, alone, answer, peak_megabytes, timed

SEED, CONTRACTS, AS_OF = 1398, 1_000_000, date(2021, 6, 1)
MARKETS = ("free", "official")
STAGES = {"parts in production": "in_production", "saving realised": "realised"}


def generate(folder: Path, n: int) -> None:
    """contracts, observations and rates as Parquet."""
    draw = np.random.default_rng(SEED)
    first = n // 10
    days = np.datetime64("2016-01-01") + draw.integers(0, 365 * 5, n)
    piece = (np.arange(n) >= first) & (draw.random(n) < 0.4)
    whole = np.char.add("c", draw.integers(0, first, n).astype(str))
    size = np.where(piece, 1e-4, 1.0)
    pl.DataFrame({
        "contract": np.char.add("c", np.arange(n).astype(str)),
        "kind": np.where(np.arange(n) < first, "round", "single contract"),
        "part_of": pl.Series(whole).set(~pl.Series(piece), None),
        "subproject": np.char.add("p", draw.integers(0, 90, n).astype(str)),
        "signed": days, "value": np.round(size * draw.lognormal(25, 1, n), 2), "currency": "IRR",
        "saving_per_year": np.round(size * draw.lognormal(12, 1, n), 2), "saving_currency": "EUR", "saving_basis": "gross",
    }).write_parquet(folder / "contracts.parquet")  # fmt: skip
    of, after = draw.integers(0, n, 10 * n), draw.integers(30, 1000, 10 * n)
    pl.DataFrame({
        "contract": np.char.add("c", of.astype(str)), "as_of": days[of] + after,
        "stage": np.where(draw.random(10 * n) < 0.5, "saving realised", "parts in production"), "share": after / 1000,
    }).unique(["contract", "as_of", "stage"], keep="first").write_parquet(folder / "observations.parquet")  # fmt: skip
    rates = [
        {"date": date(y, m, 1), "base": "EUR", "quote": "IRR", "market": k, "quote_per_base": float(v)}
        for y in range(2015, 2022) for m in range(1, 13) for k, v in (("official", 47000), ("free", 40000 + 9000 * (y - 2015) + 100 * m))
    ]  # fmt: skip
    pl.DataFrame(rates).write_parquet(folder / "rates.parquet")


def ours(folder: Path, figures: Figures) -> pl.DataFrame:
    from onshore.blueprint.declared import TABLES
    from onshore.blueprint.money import Rates
    from onshore.blueprint.programme import Programme, build
    from onshore.progress.amounts import amounts
    from onshore.progress.ledger import ledger_of
    from onshore.progress.seen import shares_of
    from onshore.progress.track import known_on, with_codes
    from onshore.progress.worth import views_of

    settings = {
        "schema_version": 1,
        "name": "large",
        "currency": "EUR",
        "calendar": "gregorian",
        "first_year": 2020,
        "last_year": 2026,
        "discount_rate": 0.0,
    }
    subprojects = [{"subproject": f"p{i}", "sector": f"s{i % 9}"} for i in range(90)]
    small = build(settings, {"sectors": [{"sector": f"s{i}"} for i in range(9)], "subprojects": subprojects})
    with timed(figures, "read"):
        tables = dict(small.tables)
        for name in ("contracts", "observations", "rates"):
            frame = pl.read_parquet(folder / f"{name}.parquet").with_row_index("row", 2)
            schema = TABLES[name].schema
            tables[name] = frame.select(
                pl.col(c).cast(d) if c in frame.columns else pl.lit(None, d).alias(c) for c, d in schema.items()
            )
        programme = Programme(small.settings, tables, "large")
    with timed(figures, "sums"):
        known = with_codes(known_on(programme, AS_OF))
        ledger, rates = ledger_of(known), Rates(known["rates"])
        found = amounts(
            known, ledger, shares_of(known, ledger), rates, as_of=AS_OF, views=views_of(["EUR"], MARKETS),
            scopes=("programme", "sector", "subproject"),
        )  # fmt: skip
    return found.filter(pl.col("market").is_not_null()).select(
        "scope", "key", "measure", "stage", "market", amount="high"
    )


def with_pandas(folder: Path, figures: Figures) -> pl.DataFrame:
    import pandas as pd

    with timed(figures, "read"):
        contracts, seen, rates = (
            pd.read_parquet(folder / f"{n}.parquet") for n in ("contracts", "observations", "rates")
        )
    with timed(figures, "sums"):
        as_of = pd.Timestamp(AS_OF)
        contracts["signed"], rates["date"] = pd.to_datetime(contracts["signed"]), pd.to_datetime(rates["date"])
        seen["as_of"] = pd.to_datetime(seen["as_of"])
        counted = contracts[contracts["part_of"].isna() & (contracts["signed"] <= as_of)].sort_values("signed")
        last = seen[seen["as_of"] <= as_of].sort_values("as_of").drop_duplicates(["contract", "stage"], keep="last")
        last = last.assign(stage=last["stage"].map(STAGES))[["contract", "stage", "share"]]
        signed = counted[["contract"]].assign(stage="contracted", share=1.0)
        frames = []
        for market in MARKETS:
            here = rates[rates["market"] == market][["date", "quote_per_base"]]
            rated = pd.merge_asof(counted, here, left_on="signed", right_on="date")
            rated["contract_value"] = rated["value"] / rated["quote_per_base"]
            rated["imports_displaced"] = rated["saving_per_year"]
            rated["sector"] = "s" + (rated["subproject"].str[1:].astype(int) % 9).astype(str)
            both = pd.concat([signed, last]).merge(rated, on="contract")
            for measure in ("contract_value", "imports_displaced"):
                mine = both[(both["stage"] != "realised") | (measure == "imports_displaced")]
                mine = mine.assign(amount=mine["share"] * mine[measure], programme="programme")
                for scope in ("programme", "sector", "subproject"):
                    sums = mine.groupby([scope, "stage"], as_index=False)["amount"].sum().rename(columns={scope: "key"})
                    frames.append(sums.assign(scope=scope, measure=measure, market=market))
    return pl.from_pandas(pd.concat(frames)).select("scope", "key", "measure", "stage", "market", "amount")


SQL = """
with counted as (select *, 's' || (cast(subproject[2:] as int) % 9) as sector from contracts where part_of is null and signed <= $day),
last as (
  select contract, case stage when 'saving realised' then 'realised' else 'in_production' end as stage, arg_max(share, as_of) as share
  from observations where as_of <= $day group by all
  union all select contract, 'contracted', 1.0 from counted),
rated as (
  select c.*, r.market, c.value / r.quote_per_base as contract_value, c.saving_per_year as imports_displaced
  from (select *, unnest(['free', 'official']) as m from counted) c asof join rates r on c.m = r.market and c.signed >= r.date),
both_ as (
  select 'programme' as programme, sector, subproject, market, stage, share * contract_value as contract_value, share * imports_displaced as imports_displaced
  from last join rated using (contract)),
tall as (unpivot both_ on contract_value, imports_displaced into name measure value amount)
select case when grouping(subproject) = 0 then 'subproject' when grouping(sector) = 0 then 'sector' else 'programme' end as scope,
  coalesce(subproject, sector, programme) as key, measure, stage, market, sum(amount) as amount
from tall where stage <> 'realised' or measure = 'imports_displaced'
group by grouping sets ((programme, measure, stage, market), (sector, measure, stage, market), (subproject, measure, stage, market))
"""


def with_duckdb(folder: Path, figures: Figures) -> pl.DataFrame:
    import duckdb

    base = duckdb.connect()
    base.execute("set threads = 2")
    with timed(figures, "read"):
        for name in ("contracts", "observations", "rates"):
            base.execute(f"create table {name} as select * from '{folder / name}.parquet'")
    with timed(figures, "sums"):
        rows = base.execute(SQL, {"day": AS_OF}).fetchall()
    return pl.DataFrame(rows, schema=["scope", "key", "measure", "stage", "market", "amount"], orient="row")


TOOLS = {"onshore": ours, "pandas": with_pandas, "duckdb": with_duckdb}


def job(tool: str, folder: str) -> None:
    figures: Figures = {}
    found = TOOLS[tool](Path(folder), figures)
    figures["peak"] = peak_megabytes()
    found.sort("scope", "key", "measure", "stage", "market").write_parquet(Path(folder) / f"{tool}.parquet")
    answer(figures)


def main(n: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        generate(Path(name), n)
        figures = {tool: alone(__file__, tool, name) for tool in TOOLS}
        held = {tool: pl.read_parquet(Path(name) / f"{tool}.parquet") for tool in TOOLS}
    for tool, found in held.items():
        apart = (found["amount"] / held["duckdb"]["amount"] - 1).abs().max()
        if found.height != held["duckdb"].height or apart > 1e-9:  # type: ignore[operator]
            raise SystemExit(f"{tool} and DuckDB do not agree: {found.height} rows, {apart} apart")
    print(f"{n:,} contracts, {10 * n:,} observations, {held['duckdb'].height} sums; processor seconds of two threads")
    print("| tool | read | sums | ratio of sums | MB at most |\n|---|---|---|---|---|")
    for tool, f in figures.items():
        print(
            f"| {tool} | {f['read']:.1f} | {f['sums']:.1f} | {f['sums'] / figures['onshore']['sums']:.2f} | {f['peak']:,.0f} |"
        )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        job(*sys.argv[2:])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else CONTRACTS)
