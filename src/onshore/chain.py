"""The only file that calls several rooms: read; plan, track or measure; write the run, tell it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from onshore.blueprint.calendar import middle, year_start
from onshore.blueprint.declared import TABLES
from onshore.blueprint.money import Rates
from onshore.blueprint.needs import content_of_products
from onshore.blueprint.programme import Programme, read, write
from onshore.blueprint.uncertain import named
from onshore.errors import WrongUse, finding
from onshore.impact import Design, Effect, Rows, started_in
from onshore.impact import measure_effect as measured
from onshore.progress import Track, changes, contract_economics, track
from onshore.progress.declared import TRACK_TABLES
from onshore.report import write_report
from onshore.sourcing import (
    DEFAULT_GAP,
    Changes,
    Frontier,
    InOrder,
    Plan,
    Progress,
    WhatIf,
    frontier,
    in_order,
    plan,
    what_if,
)
from onshore.sourcing.declared import TABLES as PLAN_TABLES
from onshore.tables.runs import may_be_replaced, read_run, write_run
from onshore.tables.write import write_folder

if TYPE_CHECKING:
    from onshore.prices import Assumed, Book, PriceEffect
    from onshore.prices.drawn import Drawn
    from onshore.progress import Odds
    from onshore.uncertainty import Asked, Worlds

__all__ = [
    "DRAWS", "FRONTIER", "PROGRESS", "frontier_and_report", "goals_and_report", "measure_and_report", "measure_effect",
    "plan_and_report", "planned_of", "price_and_report", "price_effect", "track_and_report", "what_if_and_report",
    "worlds_and_report", "write_effect", "write_plan",
]  # fmt: skip

DRAWS = 4000
PROGRESS = "progress"
"""What `run.json` says a folder of `onshore progress` is."""
FRONTIER = "frontier"
"""And one of `onshore frontier`."""
WORLDS = "uncertainty"
"""And one of `onshore uncertainty`."""

VERSIONS_OF = ("onshore", "highspy", "numpy", "polars", "scipy")


def plan_and_report(
    path: Path | str, out: Path | str, *, gap: float | None = None, time_limit: float | None = None,
    method: str | None = None, steps: bool = False, progress: Callable[[Progress], None] | None = None,
) -> Plan:  # fmt: skip
    """Plan the programme at `path` and write the run, its report included, to `out`."""
    may_be_replaced(Path(out))  # before the work, not after it
    programme = read(path)
    asked = DEFAULT_GAP if gap is None else gap
    made = plan(programme, gap=asked, time_limit=time_limit, method=method, steps=steps, progress=progress)
    began = time.monotonic()

    def at(stage: str) -> None:
        if progress is not None:
            progress(Progress(time.monotonic() - began, stage))

    _written_and_told(made, out, gap, time_limit, at)
    return made


def what_if_and_report(
    run: Path | str, changes: Changes, out: Path | str | None = None, *, gap: float | None = None,
    time_limit: float | None = None, progress: Callable[[Progress], None] | None = None,
) -> WhatIf:  # fmt: skip
    """Ask the plan of a run again with changes and, where `out` is given, write the new plan there as a run with its report."""
    if out is not None:
        may_be_replaced(Path(out))
    found = what_if(run, changes, gap=gap, time_limit=time_limit, progress=progress)
    if out is not None:
        _written_and_told(found.plan, out, gap, time_limit, lambda stage: None)
    return found


def frontier_and_report(
    path: Path | str, first: str, second: str, out: Path | str | None = None, *, points: int = 9, gap: float | None = None,
    time_limit: float | None = None, progress: Callable[[Progress], None] | None = None,
) -> Frontier:  # fmt: skip
    """The frontier between two measures of the programme at `path`, written to `out` with its report where that is given."""
    if out is not None:
        may_be_replaced(Path(out))
    programme = read(path)
    made = frontier(programme, first, second, points=points, gap=gap, time_limit=time_limit, progress=progress)
    if out is not None:
        figures: dict[str, object] = {
            "kind": FRONTIER,
            **made.as_dict(),
            "asked_points": points,
            "asked_gap": gap,
            "asked_time_limit_seconds": time_limit,
            "versions": {name: version(name) for name in VERSIONS_OF},
        }
        write_report(write_run(Path(out), made.tables, figures, write_input=partial(write, programme)))
    return made


def goals_and_report(
    path: Path | str, goals: Sequence[str], out: Path | str | None = None, *, tolerance: float = 0.0, gap: float | None = None,
    time_limit: float | None = None, progress: Callable[[Progress], None] | None = None,
) -> InOrder:  # fmt: skip
    """Plan the programme at `path` by goals in order; the last plan is written to `out` as a run where that is given."""
    if out is not None:
        may_be_replaced(Path(out))
    asked = DEFAULT_GAP if gap is None else gap
    made = in_order(read(path), goals, tolerance=tolerance, gap=asked, time_limit=time_limit, progress=progress)
    if out is not None:
        _written_and_told(made.plan, out, gap, time_limit, lambda stage: None)
    return made


def _written_and_told(
    made: Plan, out: Path | str, gap: float | None, time_limit: float | None, at: Callable[[str], None]
) -> None:
    """The run, then what it does to prices, then its report; `at` is told the stage."""
    run = write_plan(made, out, gap=gap, time_limit=time_limit)
    # after the run is whole: neither a fault in what follows nor Ctrl-C may lose a plan
    if made.programme.has("part_markets"):
        price_and_report(run, progress=lambda done, all_: at("prices" if done < all_ else "report"))
    else:
        at("report")
        write_report(run)


def write_plan(made: Plan, out: Path | str, *, gap: float | None = None, time_limit: float | None = None) -> Path:
    """Write a plan as a run, without its report and without what it does to prices. The same plan gives the same bytes."""
    figures = {
        **made.as_dict(),
        "seed": 0,
        "asked_gap": DEFAULT_GAP if gap is None else gap,
        "asked_time_limit_seconds": time_limit,
        "versions": {name: version(name) for name in VERSIONS_OF},
    }
    tables = dict(made.tables)
    if made.programme.has("contracts"):
        tables["economics"] = contract_economics(made.programme)
    return write_run(Path(out), tables, figures, write_input=partial(write, made.programme))


def price_effect(
    run: Path | str, *, assumed: Assumed | None = None, progress: Callable[[int, int], None] | None = None
) -> PriceEffect:
    """What the plan of a run does to prices at home, from the run's unit costs and its `part_markets`, `brands` and `owners`.

    `progress` is called with the draws done and all of them. Raises `WrongUse` where the folder is no run of a plan.
    """
    if read_run(Path(run), {}).figures.get("kind") == PROGRESS:
        raise WrongUse(f"{run} holds a report of progress, not a plan. `onshore plan DIR --out RUN` makes one.")
    held = read_run(Path(run), {name: PLAN_TABLES[name] for name in ("unit_costs", "awards")})
    return _prices_of(read(held.input), held["unit_costs"], held["awards"], assumed=assumed, progress=progress)


def price_and_report(
    run: Path | str, *, assumed: Assumed | None = None, progress: Callable[[int, int], None] | None = None
) -> PriceEffect:
    """`price_effect`, with its tables written into the run in place of earlier ones, and the report written again."""
    made = price_effect(run, assumed=assumed, progress=progress)
    for name, frame in made.tables.items():
        frame.write_csv(Path(run) / f"{name}.csv")
    write_report(run)
    return made


def _prices_of(
    programme: Programme, unit_costs: pl.DataFrame, awards: pl.DataFrame, *, assumed: Assumed | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PriceEffect:  # fmt: skip
    """Hand the room of prices its tables: markets in the programme's currency, and what the plan moves.

    Money of `brands` is turned at the rate of the middle of the first programme year. A brand that is a part of the programme and
    states no duty has the part's.
    """
    from onshore.prices import book_of, effect_on_prices  # compiled when first used

    s = programme.settings
    parts, subprojects = programme["parts"], programme["subprojects"]
    brands = programme["brands"].join(
        parts.select("part", part_duty="duty_share"), on="part", how="left", maintain_order="left"
    )
    imported = pl.col("origin") == "import"
    brands = brands.with_columns(
        pl.when(imported).then(pl.coalesce("duty_share", "part_duty")).otherwise("duty_share").alias("duty_share")
    ).drop("part_duty")
    found = Rates(programme["rates"])
    priced = pl.concat([brands["currency"], programme["tastes"]["currency"].drop_nulls()]).unique().sort()
    day, market = middle(s.first_year, s.calendar), s.market("purchases")
    rates = {c: found.rate(c, s.currency, day, market) for c in priced}
    tables = (programme["part_markets"], brands, programme["owners"])
    into = {c: r.value for c, r in rates.items() if r is not None}
    differ = {"buyers": programme["buyers"], "tastes": programme["tastes"]}
    book = book_of(*tables, into, **differ) if programme.has("part_markets") else None
    abroad = (
        awards.join(programme["offers"].select("offer", "imported_input_share"), on="offer")
        .group_by("part")
        .agg(
            home_currency_share=(pl.col("imported_input_share").fill_null(0.0) * pl.col("units")).sum()
            / pl.col("units").sum()
        )
        .fill_nan(0.0)
    )
    bought = pl.col("units_home") + pl.col("units_imported")
    moves = unit_costs.join(abroad, on="part", how="left", maintain_order="left").select(
        "part", "year", "home", "home_currency_share", landed="imported",
        home_share=pl.when(bought > 0).then(pl.col("units_home") / bought).otherwise(0.0),
    )  # fmt: skip
    dearer = pl.col("home_share") * (pl.col("home").fill_null(0.0) - pl.col("landed"))
    product_moves = (
        content_of_products(programme["bom"], parts)
        .join(moves, on="part")
        .group_by("product", "year")
        .agg(change=(pl.col("quantity") * dearer).sum())
        .sort("product", "year")
    )
    sectors = parts.select("part", "subproject").join(
        subprojects.select("subproject", "sector"), on="subproject", how="left"
    )
    begun = awards.group_by("part").agg(starts=pl.col("start").min())
    of_plan = brands.filter(pl.col("origin") == "import").join(begun, on="part").sort("market", "brand")
    groups = (
        brands.join(sectors, on="part").group_by("market").agg(pl.first("sector"))
        .join(of_plan.group_by("market").agg(pl.first("part", "starts")), on="market", how="left").sort("market")
    )  # fmt: skip
    drawn = None if book is None else _drawn_of(programme, book, awards, assumed)
    return effect_on_prices(
        book,
        moves,
        product_moves,
        groups,
        years=tuple(s.years),
        currency=s.currency,
        calendar=s.calendar,
        assumed=assumed,
        drawn=drawn,
        progress=progress,
    )


def _drawn_of(programme: Programme, book: Book, awards: pl.DataFrame, assumed: Assumed | None) -> Drawn | None:
    """What `uncertainty` draws of the numbers that prices rest on: the draws of `onshore uncertainty`, of the same seed.

    A part's home price moves by the mean of its offers, weighted by contract value; an exchange rate as that of the middle of the
    first year does, and the rate of a cost whose currency is not known as the mean of the parts' currencies abroad.
    """
    from onshore.prices import Assumed
    from onshore.prices.drawn import USED, Sample, drawn_of
    from onshore.uncertainty.worlds import places_of, world_of

    asked = assumed or Assumed()
    rows = programme["uncertainty"]
    rows = rows.filter(pl.any_horizontal((pl.col("table") == t) & (pl.col("column") == c) for t, c in USED.items()))
    if rows.is_empty() or asked.draws < 1:
        return None
    said = rows.select(pl.concat_str("table", "column", separator=".")).to_series().unique().sort().to_list()
    table, markets, s = TABLES["part_markets"], programme["part_markets"], programme.settings
    keys = rows.filter(pl.col("table") == table.name)["key"].to_list()
    theirs = {m for key in keys for m in markets["market"].filter(named(table, markets, key, USED[table.name]))}
    programme = replace(programme, tables={**programme.tables, "uncertainty": rows})
    # freight is on top of a price only where the incoterm leaves it out
    freight = pl.when(pl.col("incoterm").is_in(["EXW", "FOB"])).then(pl.col("freight")).fill_null(0.0).cast(pl.Float64)
    parts = programme["parts"].select("part", "currency", "freight", "incoterm", old="import_price")
    offers = awards.select("part", "offer", "contract_value").join(
        programme["offers"].select("offer", old="unit_price"), on="offer"
    )
    day, market, moved = middle(s.first_year, s.calendar), s.market("imports"), "rates.quote_per_base" in said
    abroad = sorted(set(parts["currency"].drop_nulls()) - {s.currency})
    before = Rates(programme["rates"])

    def sample(world: Programme) -> Sample:
        after = Rates(world["rates"])
        factors = {s.currency: 1.0}
        for c in abroad:
            old, new = before.rate(c, s.currency, day, market), after.rate(c, s.currency, day, market)
            factors[c] = 1.0 if old is None or new is None else new.value / old.value
        landed = parts.join(world["parts"].select("part", new="import_price"), on="part").select(
            "part", landed=(pl.col("new").cast(pl.Float64) + freight) / (pl.col("old").cast(pl.Float64) + freight),
            rate=pl.col("currency").replace_strict(factors, return_dtype=pl.Float64) if moved else pl.lit(None, pl.Float64),
        )  # fmt: skip
        home = (
            offers.join(world["offers"].select("offer", new="unit_price"), on="offer").group_by("part").agg(
                home=(pl.col("contract_value") * pl.col("new").cast(pl.Float64) / pl.col("old").cast(pl.Float64)).sum() / pl.col("contract_value").sum()
            )
        )  # fmt: skip
        mean = sum(factors[c] for c in abroad) / len(abroad) if abroad else 1.0
        return Sample(
            world["part_markets"].select("market", "elasticity"), world["brands"].select("market", "brand", "quality"),
            landed.join(home, on="part", how="left"), mean if moved else None,
        )  # fmt: skip

    drawn = [p for p in places_of(programme, range(asked.draws)) if p.draw >= 0]
    return drawn_of(
        book, said, frozenset(theirs), [sample(world_of(programme, p, asked.seed).programme) for p in drawn]
    )


def track_and_report(
    path: Path | str, out: Path | str | None = None, *, as_of: date | None = None, market: str | None = None,
    currency: str | None = None, calendar: str | None = None, plan_run: Path | str | None = None,
    since: Path | date | None = None, seed: int = 0, draws: int = DRAWS,
) -> tuple[Track, Odds | None]:  # fmt: skip
    """Track the programme at `path` and, where `out` is given, write a progress folder with its report there.

    The odds of the targets are drawn with `seed` and `draws`; with no draws there are none. The awards of `plan_run` enter as planned. `since` is an earlier progress folder, or an earlier day: what changed since
    is then told. `calendar` is how days are written in the report.
    """
    if out is not None:
        may_be_replaced(Path(out))  # before the work, not after it
    programme = read(path)
    planned = None if plan_run is None else planned_of(plan_run)
    made = track(programme, as_of=as_of, market=market, currency=currency, planned=planned)
    chances = None
    if draws:
        from onshore.progress import odds  # the compiler is loaded only where odds are asked for

        chances = odds(made, seed=seed, draws=draws)
    if out is None:
        return made, chances
    tables = {**made.tables, **(chances.tables if chances and chances.forecasts else {})}
    if since is not None:
        earlier = _earlier(since, programme, made, planned)
        tables["changes"] = changes(earlier, made.tables, currency=made.currency, market=made.market)
    figures: dict[str, object] = {
        "kind": PROGRESS,
        "programme": programme.settings.name,
        "as_of": made.as_of.isoformat(),
        "since": since.isoformat() if isinstance(since, date) else None if since is None else _day_of(since),
        "currency": made.currency,
        "market": made.market,
        "calendar": calendar or programme.settings.calendar,
        "seed": seed,
        "draws": draws,
        "left_out": [] if chances is None else list(chances.left_out),
        "plan": None if plan_run is None else str(read_run(Path(plan_run), {}).figures["input_hash"]),
        "versions": {name: version(name) for name in ("onshore", "numba", "numpy", "polars", "scipy")},
    }
    run = write_run(Path(out), tables, figures, write_input=partial(write, programme))
    write_report(run)
    return made, chances


def _earlier(
    since: Path | date, programme: Programme, made: Track, planned: pl.DataFrame | None
) -> dict[str, pl.DataFrame]:
    """The tables of an earlier report, or of the same record as it was known on an earlier day."""
    if isinstance(since, date):
        if since >= made.as_of:
            raise WrongUse(f"{since} is not before {made.as_of}, the day of this report.")
        return track(programme, as_of=since, market=made.market, currency=made.currency, planned=planned).tables
    _day_of(since)
    return read_run(since, TRACK_TABLES).tables


def _day_of(folder: Path) -> str:
    """The day of a progress folder. Raises `WrongUse` where it is something else."""
    figures = read_run(folder, {}).figures
    if figures.get("kind") != PROGRESS:
        raise WrongUse(f"{folder} holds a plan, not a report of progress. `onshore progress DIR --out` writes one.")
    return str(figures["as_of"])


def planned_of(plan_run: Path | str) -> pl.DataFrame:
    """The awards of a run as amounts: part, maker, partner, contract_value, imports_displaced, currency, day.

    Imports displaced a year are those of the award over its years from the start to the end of the programme.
    """
    if read_run(Path(plan_run), {}).figures.get("kind") == PROGRESS:
        raise WrongUse(f"{plan_run} holds a report of progress, not a plan. `onshore plan DIR --out RUN` makes one.")
    run = read_run(Path(plan_run), {"awards": PLAN_TABLES["awards"]})
    programme = read(run.input)
    s = programme.settings
    end = pl.lit(year_start(s.last_year + 1, s.calendar))
    years = pl.max_horizontal((end - pl.col("start")).dt.total_days() / 365.25, pl.lit(1 / 12))
    partners = programme["ventures"].select("venture", "partner")
    return (
        run["awards"]
        .join(partners, on="venture", how="left")
        .select(
            "part", "maker", "partner", "contract_value", imports_displaced=pl.col("imports_displaced") / years,
            currency=pl.lit(s.currency), day="signed",
        )
    )  # fmt: skip


def worlds_and_report(
    path: Path | str, out: Path | str | None = None, *, asked: Asked | None = None, workers: int = 1, cluster: str | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Worlds:  # fmt: skip
    """The plan of a programme, or of a run, in many worlds and, where `out` is given, write them there with their report."""
    from onshore.uncertainty import plan_worlds

    if out is not None:
        may_be_replaced(Path(out))  # before the work, not after it
    run = read_run(Path(path), PLAN_TABLES) if (Path(path) / "run.json").is_file() else None
    programme = read(path if run is None else run.input)
    tables = None if run is None else run.tables
    made = plan_worlds(programme, tables, asked=asked, workers=workers, cluster=cluster, progress=progress)
    if out is not None:
        figures: dict[str, object] = {
            "kind": WORLDS,
            **made.as_dict(),
            "plan": None if run is None else str(run.figures["input_hash"]),
            "versions": {name: version(name) for name in VERSIONS_OF},
        }
        write_report(write_run(Path(out), made.tables, figures, write_input=partial(write, programme)))
    return made


def measure_effect(
    panel: Rows, *, predicted: Rows | None = None, run: Path | str | PriceEffect | None = None, reading: str = "replace",
    design: Design | None = None,
) -> Effect:  # fmt: skip
    """`onshore.impact.measure_effect`, with what a run (or its `PriceEffect`) predicts of prices held against it.

    Prices of the parts whose line started in the panel are predicted in this `reading`; a warning says how many of them
    the run knows. Raises `WrongUse` where it knows none, where a prediction is given besides, or values are in levels.
    """
    if run is None:
        return measured(panel, predicted=predicted, design=design)
    from onshore.prices.prediction import predicted_of  # the compiler comes with it

    if predicted is not None:
        raise WrongUse("Give a table of what had been predicted, or a run, not both.")
    if design is not None and design.scale != "log":
        raise WrongUse("A run predicts shares of prices: measure with the scale `log`.")
    prices, calendar = _predicting(run)
    started = started_in(panel)
    path = predicted_of(prices, started, reading=reading, calendar=calendar)
    effect = measured(panel, predicted=path.drop("parts"), design=design)
    known = int(path["parts"].to_numpy().max())
    if known == len(started):
        return effect
    some = finding("predicted_for_some", "panel", None, "part", known=known, started=len(started))
    return replace(effect, warnings=(*effect.warnings, some))


def _predicting(run: Path | str | PriceEffect) -> tuple[pl.DataFrame, str]:
    """The table `part_prices` and the calendar of its years."""
    from onshore.prices.declared import PART_PRICES
    from onshore.prices.effect import PriceEffect

    if isinstance(run, PriceEffect):
        return run.tables["part_prices"], run.calendar
    if not (Path(run) / f"{PART_PRICES.name}.csv").is_file():
        read_run(
            Path(run), {"awards": PLAN_TABLES["awards"]}
        )  # which tells a folder that is no plan from one without prices
        raise WrongUse(f"{run} holds no prices. Give its programme `part_markets` and `brands`, and plan again.")
    held = read_run(Path(run), {PART_PRICES.name: PART_PRICES})
    return held[PART_PRICES.name], read(held.input).settings.calendar


def measure_and_report(
    panel: Path | str, out: Path | str | None, *, predicted: Path | str | None = None, run: Path | str | None = None,
    reading: str = "replace", design: Design | None = None,
) -> Effect:  # fmt: skip
    """Measure the effect in a panel and, where `out` is given, write it there as a run with its report."""
    if out is not None:
        may_be_replaced(Path(out))
    effect = measure_effect(panel, predicted=predicted, run=run, reading=reading, design=design)
    if out is not None:
        write_report(write_effect(effect, out))
    return effect


def write_effect(effect: Effect, out: Path | str) -> Path:
    """Write a measurement as a run, without its report. The same panel and design give the same bytes."""
    figures = {
        "kind": "effect",
        **effect.as_dict(),
        "versions": {name: version(name) for name in ("onshore", "numpy", "polars", "scipy")},
    }
    return write_run(
        Path(out), effect.tables, figures, write_input=partial(write_folder, frames=effect.given, texts={})
    )
