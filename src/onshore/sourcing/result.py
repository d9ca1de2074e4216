"""From a point of the model to the tables of a plan. Nothing is decided here; every figure is summed from the legs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from onshore.blueprint.calendar import middle, month_start
from onshore.blueprint.measures import MEASURES
from onshore.sourcing.certificate import Losses, Proof
from onshore.sourcing.chosen import Chosen, summed
from onshore.sourcing.consequences import cash_of_makers, products_met
from onshore.sourcing.declared import TABLES, TREE_TABLES
from onshore.sourcing.limits import Bound
from onshore.sourcing.measures import fixed_by_year
from onshore.sourcing.model import Model
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Ints, Problem
from onshore.sourcing.reasons import Moves, passed_over, reasons_of
from onshore.sourcing.steps import steps_of
from onshore.tables.labels import positions

__all__ = ["frame_of", "loss_rows", "options_table", "price_rows", "tables_of"]

ROUNDED = 1e-12
"""Share of the largest loss below which one is what rounding left of none."""


def tables_of(
    problem: Problem, options: Options, model: Model, point: Floats, prices: Floats, proof: Proof, before: Chosen,
    after: Chosen, *, bound: float,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """Every declared table of the plan at `point` (C,); `prices` (R,) are those of the bound. Those of what is planned again stay empty.

    `before` is everything imported and `after` the plan, `bound` the best known on the objective as it is minimised, `proof`
    what the prices prove over all options.
    """
    y = point[model.ventures]
    n = point[model.modules].reshape(problem.shops.hours.shape)
    moves = Moves(problem, options, model, point)
    kept_out, missed = reasons_of(moves), passed_over(moves)
    useful = (row for held in (kept_out, missed) for row in held.drop_nulls("stands_against").iter_rows(named=True))
    imported = after.by_part(after.options.imported)
    rows: dict[str, list[dict[str, object]] | pl.DataFrame] = {
        "awards": _awards(problem, after),
        "sources": _sources(problem, options, model, after, imported),
        "yearly": _yearly(problem, before, after, y, n),
        "bill": _bill(problem, imported),
        "limits_met": _limits(model, point, prices),
        "modules": _modules(problem, n),
        "opened": _opened(problem, after, y),
        "hours": _hours(problem, after, n),
        "unit_costs": _unit_costs(problem, after, imported),
        "options": options_table(problem, options, model, point[model.options]),
        "reasons": kept_out,
        "row_prices": price_rows(model.named(prices)),
        "maker_losses": [],
        **{name: [] for name in TREE_TABLES},
        "products_met": products_met(problem, before, after),
        "cash": cash_of_makers(problem, after),
        "overrides": [],
        "passed_over": missed,
        "steps": steps_of(model, prices, useful, proof, upper=float(model.cost @ point), lower=bound),
    }
    return {name: frame_of(name, rows[name]) for name in TABLES}


def frame_of(name: str, rows: list[dict[str, object]] | pl.DataFrame) -> pl.DataFrame:
    """A declared table of a run."""
    table = TABLES[name]
    schema = table.types
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select(list(schema)).cast(pl.Schema(schema)).sort(table.key)


def _days(problem: Problem, months: Ints) -> pl.Series:
    """The first day of each month (n,)."""
    distinct, at = np.unique(months, return_inverse=True)
    first, calendar = problem.settings.first_year, problem.settings.calendar
    days = pl.Series([month_start(month, first, calendar) for month in distinct.tolist()], dtype=pl.Date)
    return days.gather(at)


def _labels(labels: Sequence[str], at: Ints) -> pl.Series:
    """The label at each place (n,)."""
    return pl.Series(labels, dtype=pl.String).gather(at)


def _awards(problem: Problem, after: Chosen) -> pl.DataFrame:
    o, legs, w = problem.offers, after.options.legs, after.of_leg
    offer = legs.offer
    in_venture = pl.Series(o.in_venture[offer])
    venture = o.venture[offer] if problem.ventures.labels else np.zeros(0, dtype=np.int64)
    ventures = (
        _labels(problem.ventures.labels, venture) if len(venture) else pl.Series([None] * len(offer), dtype=pl.String)
    )
    return pl.DataFrame(
        {
            "part": _labels(problem.parts.labels, o.part[offer]),
            "offer": _labels(o.labels, offer),
            "maker": _labels(problem.makers, o.maker[offer]),
            "venture": ventures.set(~in_venture, None),
            "weight": w,
            "share": legs.share,
            "signed": _days(problem, legs.start - o.lead[offer]),
            "start": _days(problem, legs.start),
            "start_year": np.array(problem.years)[legs.start // 12],
            "units": w * legs.units.sum(axis=1),
            "home_purchases": w * legs.purchases.sum(axis=1),
            "contract_value": w * legs.contract,
            "tooling": w * legs.tooling.sum(axis=1),
            "public_money": w * after.measure("public_money").legs.sum(axis=1),
            "imports_displaced": w * after.measure("imports_displaced").legs.sum(axis=1),
        }
    )


def _sources(problem: Problem, options: Options, model: Model, after: Chosen, imported: Floats) -> pl.DataFrame:
    parts, sign = problem.parts, problem.settings.sign
    objective = after.by_part(model.cost[model.options][after.which])
    units = parts.need.sum(axis=1)
    home = units - imported.sum(axis=1)
    made = np.where(np.abs(home) > 1e-9 * units, home, 0.0)
    sourced = np.where(made == 0, "imported", np.where(np.abs(units - made) <= 1e-9 * units, "home", "both"))
    return pl.DataFrame(
        {
            "part": pl.Series(parts.labels, dtype=pl.String),
            "sourced": pl.Series(sourced, dtype=pl.String),
            "units": units,
            "units_home": made,
            "bill_before": (parts.need * parts.cif).sum(axis=1),
            "bill_after": (imported * parts.cif).sum(axis=1),
            "objective_imported": sign * model.cost[options.first_of_part[:-1]] + 0.0,
            "objective": sign * objective + 0.0,
            "options": options.considered,
            "assumed": assumed_parts(problem, after),
        }
    )


def assumed_parts(problem: Problem, after: Chosen) -> np.ndarray:
    """(P,) parts with a row in `parts`, `needs`, or an award's row in `offers`, without a source or marked an assumption."""
    assumed = np.zeros(len(problem.parts.labels), dtype=np.bool_)
    taken = _labels(problem.offers.labels, np.unique(after.options.legs.offer))
    for name in ("parts", "needs", "offers"):
        table = problem.tables[name]
        if name == "offers":
            table = table.filter(pl.col("offer").is_in(taken.implode()))
        found = table.filter(_unsourced(table))["part"].unique()
        assumed[positions(found, problem.parts.labels, "parts.part")] = True
    return assumed


def _unsourced(table: pl.DataFrame) -> pl.Expr:
    """No source, or an `x_assumption` that says what was assumed."""
    if "source" not in table.columns:
        return pl.lit(value=True)
    empty = pl.col("source").is_null() | (pl.col("source").str.strip_chars() == "")
    return empty | pl.col("x_assumption").is_not_null() if "x_assumption" in table.columns else empty


def _yearly(problem: Problem, before: Chosen, after: Chosen, y: Floats, n: Floats) -> list[dict[str, object]]:
    """Every measure that adds up over years, the programme's own ones too."""
    own = sorted(set(problem.tables["uses"]["measure"]))
    ventures, modules = fixed_by_year(problem)
    fixed = y @ ventures + np.einsum("st,stu->u", n, modules)
    rows: list[dict[str, object]] = []
    for name in [*(m.name for m in MEASURES.values() if not m.ratio), *own]:
        amounts = after.measure(name)
        reached = after.of_leg @ amounts.legs + after.weight @ amounts.imports + (fixed if amounts.fixed else 0.0)
        imported = before.measure(name).imports.sum(axis=0)
        unit = (
            problem.settings.currency
            if name in MEASURES and MEASURES[name].flow
            else MEASURES[name].unit
            if name in MEASURES
            else _unit(problem, name)
        )
        for t, year in enumerate(problem.years):
            rows.append(
                {"measure": name, "year": year, "before": float(imported[t]), "after": float(reached[t]), "unit": unit}
            )
    return rows


def _unit(problem: Problem, measure: str) -> str:
    units = problem.tables["uses"].filter(pl.col("measure") == measure)["unit"].drop_nulls().unique().to_list()
    return " / ".join(sorted(units)) or measure


def _bill(problem: Problem, imported: Floats) -> list[dict[str, object]]:
    parts, settings = problem.parts, problem.settings
    market = settings.market("imports")
    rows = []
    currencies = pl.Series(parts.currency, dtype=pl.String)
    for currency in currencies.unique().sort():
        own = (currencies == currency).to_numpy() * parts.cif_own
        before, after = own @ parts.need, own @ imported
        for t, year in enumerate(problem.years):
            rate = problem.rates.rate(currency, settings.currency, middle(year, settings.calendar), market)
            value = rate.value if rate else float("nan")
            rows.append(
                {
                    "currency": currency, "year": year, "before_own": float(before[t]), "after_own": float(after[t]),
                    "rate": value, "rate_date": rate.on if rate and currency != settings.currency else None,
                    "rate_path": rate.path if rate else "", "before": float(before[t] * value), "after": float(after[t] * value),
                }
            )  # fmt: skip
    return rows


def _limits(model: Model, point: Floats, prices: Floats) -> list[dict[str, object]]:
    rest = point.copy()
    rest[model.slacks] = 0.0
    block = model.blocks["limits"]
    reached = (model.matrix @ rest)[block].tolist()
    return [
        _limit(b, r, point[model.options], p)
        for b, r, p in zip(model.bounds, reached, prices[block].tolist(), strict=True)
    ]


def _limit(bound: Bound, reached: float, x: Floats, price: float) -> dict[str, object]:
    level: float | None = reached
    if bound.numerator is not None and bound.denominator is not None:
        below = bound.denominator.at(x)
        level = bound.numerator.at(x) / below if below else None
    sign = 1.0 if bound.sense == "at_most" else -1.0
    room = None if level is None else sign * (bound.value - level)
    # a price is the fall of the objective's lower bound for one more unit of room in the bound's own unit
    price = abs(price)
    if bound.theta is not None and bound.denominator is not None:
        price *= bound.denominator.at(x) / (1e6 if bound.measure == "defects_ppm" else 1.0)
    years = f"{bound.years[0]}-{bound.years[-1]}" if len(bound.years) > 1 else str(bound.years[0])
    return {
        "bound": bound.name, "limit": bound.limit, "measure": bound.measure, "scope": bound.scope, "scope_key": bound.key,
        "years": years, "sense": bound.sense, "value": bound.value, "level": level, "room": room, "unit": bound.unit,
        "binds": room is not None and room <= 1e-6 * max(1e-9, abs(bound.value)), "penalty": bound.penalty,
        "penalty_paid": None if bound.penalty is None else bound.penalty * max(0.0, sign * (reached - bound.right)),
        "bound_price": price,
    }  # fmt: skip


def price_rows(prices: dict[tuple[str, str], float]) -> list[dict[str, object]]:
    """Every price that the bound uses, by block and row."""
    return [{"block": block, "row": row, "price": price} for (block, row), price in prices.items()]


def loss_rows(problem: Problem, lost: Floats, losses: Losses) -> list[dict[str, object]]:
    """Makers that the plan loses something at, `lost` (M,), and those that a loss was looked for at."""
    rows: dict[int, dict[str, object]] = {
        m: {"maker": problem.makers[m], "lost": float(lost[m]), "within": None, "at_least": 0.0}
        for m in np.flatnonzero(lost > ROUNDED * lost.max(initial=0.0)).tolist()
    }
    for m, within, at_least in zip(*(a.tolist() for a in (losses.maker, losses.within, losses.at_least)), strict=True):
        rows[m] = {"maker": problem.makers[m], "lost": float(lost[m]), "within": within, "at_least": at_least}
    return list(rows.values())


def _modules(problem: Problem, n: Floats) -> list[dict[str, object]]:
    shops = problem.shops
    return [
        {
            "maker": problem.makers[shops.maker[s]], "family": shops.family[s], "in_service": problem.years[t],
            "ordered": problem.years[0] + int(shops.order_year[s, t]), "modules": round(float(n[s, t])),
            "hours": float(n[s, t] * shops.module_hours[s, t]), "cost": float(n[s, t] * shops.module_cost[s, t]),
        }
        for s, t in zip(*np.nonzero(n > 0), strict=True)
    ]  # fmt: skip


def _opened(problem: Problem, after: Chosen, y: Floats) -> list[dict[str, object]]:
    o, v = problem.offers, problem.ventures
    taken = after.options.legs.offer
    awards = np.bincount(o.venture[taken[o.in_venture[taken]]], minlength=len(v.labels))
    return [
        {
            "venture": v.labels[i], "maker": problem.makers[v.maker[i]], "partner": v.partner[i],
            "set_up_cost": float(v.set_up[i]), "awards": int(awards[i]),
        }
        for i in np.flatnonzero(y > 0)
    ]  # fmt: skip


def _hours(problem: Problem, after: Chosen, n: Floats) -> pl.DataFrame:
    shops, T = problem.shops, len(problem.years)
    shop = problem.offers.shop[after.options.legs.offer]
    hours = after.measure("machine_hours").legs * after.of_leg[:, None]
    used = summed(shop[shop >= 0], hours[shop >= 0], len(shops.family))
    there = shops.hours + np.cumsum(n * shops.module_hours, axis=1)
    return pl.DataFrame(
        {
            "maker": _labels(problem.makers, np.repeat(shops.maker, T)),
            "family": _labels(shops.family, np.repeat(np.arange(len(shops.family)), T)),
            "year": np.tile(problem.years, len(shops.family)),
            "hours": there.ravel(),
            "used": used.ravel(),
        }
    )


def _unit_costs(problem: Problem, after: Chosen, imported: Floats) -> pl.DataFrame:
    parts, legs = problem.parts, after.options.legs
    P, T = parts.need.shape
    part, weight = problem.offers.part[legs.offer], after.of_leg[:, None]
    made, paid = summed(part, weight * legs.units, P), summed(part, weight * legs.purchases, P)
    landed = parts.cif * (1 + parts.duty[:, None])
    home = np.divide(paid, made, out=np.full((P, T), np.nan), where=made > 0)
    return pl.DataFrame(
        {
            "part": _labels(parts.labels, np.repeat(np.arange(P), T)),
            "year": np.tile(problem.years, P),
            "units_imported": imported.ravel(),
            "imported": landed.ravel(),
            "units_home": made.ravel(),
            "home": pl.Series(home.ravel(), nan_to_null=True),
        }
    )


def options_table(problem: Problem, options: Options, model: Model, x: Floats) -> pl.DataFrame:
    """Columns at once, not row by row: this is the one table that has hundreds of rows a part."""
    legs, sign = options.legs, problem.settings.sign
    labels = pl.Series(problem.offers.labels, dtype=pl.String)
    days = _days(problem, np.arange(12 * len(problem.years)))
    columns: dict[str, pl.Series] = {}
    count = np.diff(options.first_of_option)
    for place, suffix in enumerate(("", "_2")):
        there = count > place
        leg = np.where(there, options.first_of_option[:-1] + place, 0)
        of_leg = {"offer": labels.gather(legs.offer), "start": days.gather(legs.start), "share": pl.Series(legs.share)}
        for name, values in of_leg.items():
            # an option without that leg gathered leg 0: its cells are emptied
            gathered = values.gather(leg) if len(values) else values.extend_constant(None, len(leg))
            columns[f"{name}{suffix}"] = gathered.set(pl.Series(~there), None)
    return pl.DataFrame(
        {
            "part": pl.Series(problem.parts.labels, dtype=pl.String).gather(options.part),
            "option": options.number,
            **columns,
            "objective": sign * model.cost[model.options] + 0.0,
            "chosen": x,
        }
    )
