"""From a point of the model to the tables of a plan. Nothing is decided here; every figure is summed from the legs."""

from __future__ import annotations

import numpy as np
import polars as pl

from onshore.blueprint.calendar import middle, month_start
from onshore.blueprint.measures import MEASURES
from onshore.sourcing.certificate import Proof
from onshore.sourcing.consequences import cash_of_makers, products_met
from onshore.sourcing.declared import TABLES
from onshore.sourcing.limits import Bound
from onshore.sourcing.measures import Measures, fixed_by_year
from onshore.sourcing.model import Model
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Problem
from onshore.sourcing.reasons import Moves, passed_over, reasons_of
from onshore.sourcing.steps import steps_of

__all__ = ["frame_of", "options_table", "price_rows", "tables_of"]


def tables_of(
    problem: Problem, options: Options, measures: Measures, model: Model, point: Floats, prices: Floats,
    proof: Proof, *, bound: float,
) -> dict[str, pl.DataFrame]:  # fmt: skip
    """Every declared table of the plan at `point` (C,); `prices` (R,) are those of the bound. Those of what is planned again stay empty.

    `bound` is the best known on the objective as it is minimised, `proof` what the prices prove over all options.
    """
    x = point[model.options]
    y = point[model.ventures]
    n = point[model.modules].reshape(problem.shops.hours.shape)
    moves = Moves(problem, options, model, point)
    kept_out, missed = reasons_of(moves), passed_over(moves)
    rows: dict[str, list[dict[str, object]] | pl.DataFrame] = {
        "awards": _awards(problem, options, measures, x),
        "sources": _sources(problem, options, model, x),
        "yearly": _yearly(problem, options, measures, x, y, n),
        "bill": _bill(problem, options, x),
        "limits_met": _limits(model, point, prices),
        "modules": _modules(problem, n),
        "opened": _opened(problem, options, x, y),
        "hours": _hours(problem, options, measures, x, n),
        "unit_costs": _unit_costs(problem, options, x),
        "options": options_table(problem, options, model, x),
        "reasons": kept_out,
        "row_prices": price_rows(model.named(prices)),
        "products_met": products_met(problem, options, measures, x),
        "cash": cash_of_makers(problem, options, x),
        "overrides": [],
        "passed_over": missed,
        "steps": steps_of(model, prices, [*kept_out, *missed], proof, upper=float(model.cost @ point), lower=bound),
    }
    return {name: frame_of(name, rows[name]) for name in TABLES}


def frame_of(name: str, rows: list[dict[str, object]] | pl.DataFrame) -> pl.DataFrame:
    """A declared table of a run."""
    table = TABLES[name]
    schema = table.types
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(rows, schema=schema, orient="row")
    return frame.select(list(schema)).sort(table.key)


def _day(problem: Problem, month: int) -> object:
    return month_start(month, problem.settings.first_year, problem.settings.calendar)


def _awards(problem: Problem, options: Options, measures: Measures, x: Floats) -> list[dict[str, object]]:
    o, legs = problem.offers, options.legs
    weight = x[options.option_of_leg]
    public, displaced = measures("public_money").legs, measures("imports_displaced").legs
    rows = []
    for leg in np.flatnonzero(weight > 0):
        offer, start, w = int(legs.offer[leg]), int(legs.start[leg]), float(weight[leg])
        rows.append(
            {
                "part": problem.parts.labels[o.part[offer]],
                "offer": o.labels[offer],
                "maker": problem.makers[o.maker[offer]],
                "venture": problem.ventures.labels[o.venture[offer]] if o.in_venture[offer] else None,
                "weight": w,
                "share": float(legs.share[leg]),
                "signed": _day(problem, start - int(o.lead[offer])),
                "start": _day(problem, start),
                "start_year": problem.years[start // 12],
                "units": w * float(legs.units[leg].sum()),
                "home_purchases": w * float(legs.purchases[leg].sum()),
                "contract_value": w * float(legs.contract[leg]),
                "tooling": w * float(legs.tooling[leg].sum()),
                "public_money": w * float(public[leg].sum()),
                "imports_displaced": w * float(displaced[leg].sum()),
            }
        )
    return rows


def _sources(problem: Problem, options: Options, model: Model, x: Floats) -> list[dict[str, object]]:
    parts = problem.parts
    imported = _by_part(options, x[:, None] * options.imported)
    objective = _by_part(options, x * model.cost[model.options])
    home = parts.need.sum(axis=1) - imported.sum(axis=1)
    before, after = (parts.need * parts.cif).sum(axis=1), (imported * parts.cif).sum(axis=1)
    assumed, sign = assumed_parts(problem, options, x), problem.settings.sign
    rows: list[dict[str, object]] = []
    for p, part in enumerate(parts.labels):
        units = float(parts.need[p].sum())
        made = float(home[p]) if abs(home[p]) > 1e-9 * units else 0.0
        rows.append(
            {
                "part": part,
                "sourced": "imported" if made == 0 else "home" if abs(units - made) <= 1e-9 * units else "both",
                "units": units,
                "units_home": made,
                "bill_before": float(before[p]),
                "bill_after": float(after[p]),
                "objective_imported": float(sign * model.cost[options.first_of_part[p]] + 0.0),
                "objective": float(sign * objective[p] + 0.0),
                "options": int(options.considered[p]),
                "assumed": bool(assumed[p]),
            }
        )
    return rows


def assumed_parts(problem: Problem, options: Options, x: Floats) -> np.ndarray:
    """(P,) parts with a row in `parts`, `needs`, or an award's row in `offers`, without a source or marked an assumption."""
    position = {p: i for i, p in enumerate(problem.parts.labels)}
    assumed = np.zeros(len(position), dtype=np.bool_)
    taken = {problem.offers.labels[o] for o in options.legs.offer[x[options.option_of_leg] > 0]}
    for name in ("parts", "needs", "offers"):
        table = problem.tables[name]
        for row in table.filter(_unsourced(table)).iter_rows(named=True):
            if name != "offers" or row["offer"] in taken:
                assumed[position[row["part"]]] = True
    return assumed


def _unsourced(table: pl.DataFrame) -> pl.Expr:
    """No source, or an `x_assumption` that says what was assumed."""
    if "source" not in table.columns:
        return pl.lit(value=True)
    empty = pl.col("source").is_null() | (pl.col("source").str.strip_chars() == "")
    return empty | pl.col("x_assumption").is_not_null() if "x_assumption" in table.columns else empty


def _by_part(options: Options, values: Floats) -> Floats:
    """Sum over each part's options: (K, ...) to (P, ...)."""
    summed: Floats = np.add.reduceat(values, options.first_of_part[:-1], axis=0)
    return summed


def _yearly(
    problem: Problem, options: Options, measures: Measures, x: Floats, y: Floats, n: Floats
) -> list[dict[str, object]]:
    """Every measure that adds up over years, the programme's own ones too."""
    own = sorted(set(problem.tables["uses"]["measure"]))
    ventures, modules = fixed_by_year(problem)
    fixed = y @ ventures + np.einsum("st,stu->u", n, modules)
    first = options.first_of_part[:-1]
    weight = x[options.option_of_leg]
    rows: list[dict[str, object]] = []
    for name in [*(m.name for m in MEASURES.values() if not m.ratio), *own]:
        amounts = measures(name)
        after = weight @ amounts.legs + x @ amounts.imports + (fixed if amounts.fixed else 0.0)
        before = amounts.imports[first].sum(axis=0)
        unit = (
            problem.settings.currency
            if name in MEASURES and MEASURES[name].flow
            else MEASURES[name].unit
            if name in MEASURES
            else _unit(problem, name)
        )
        for t, year in enumerate(problem.years):
            rows.append(
                {"measure": name, "year": year, "before": float(before[t]), "after": float(after[t]), "unit": unit}
            )
    return rows


def _unit(problem: Problem, measure: str) -> str:
    units = problem.tables["uses"].filter(pl.col("measure") == measure)["unit"].drop_nulls().unique().to_list()
    return " / ".join(sorted(units)) or measure


def _bill(problem: Problem, options: Options, x: Floats) -> list[dict[str, object]]:
    parts, settings = problem.parts, problem.settings
    imported = _by_part(options, x[:, None] * options.imported)
    market = settings.market("imports")
    rows = []
    for currency in sorted(set(parts.currency)):
        own = np.array([c == currency for c in parts.currency]) * parts.cif_own
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


def _opened(problem: Problem, options: Options, x: Floats, y: Floats) -> list[dict[str, object]]:
    o, v = problem.offers, problem.ventures
    taken = options.legs.offer[x[options.option_of_leg] > 0]
    return [
        {
            "venture": v.labels[i], "maker": problem.makers[v.maker[i]], "partner": v.partner[i],
            "set_up_cost": float(v.set_up[i]), "awards": int((o.in_venture[taken] & (o.venture[taken] == i)).sum()),
        }
        for i in np.flatnonzero(y > 0)
    ]  # fmt: skip


def _hours(problem: Problem, options: Options, measures: Measures, x: Floats, n: Floats) -> list[dict[str, object]]:
    shops, o, legs = problem.shops, problem.offers, options.legs
    taken = np.flatnonzero(x[options.option_of_leg] > 0)
    at = o.shop[legs.offer[taken]]
    used = np.zeros(shops.hours.shape)
    hours = measures("machine_hours").legs[taken] * x[options.option_of_leg[taken]][:, None]
    np.add.at(used, at[at >= 0], hours[at >= 0])
    there = shops.hours + np.cumsum(n * shops.module_hours, axis=1)
    return [
        {
            "maker": problem.makers[shops.maker[s]], "family": shops.family[s], "year": year, "hours": float(there[s, t]),
            "used": float(used[s, t]),
        }
        for s in range(len(shops.family)) for t, year in enumerate(problem.years)
    ]  # fmt: skip


def _unit_costs(problem: Problem, options: Options, x: Floats) -> list[dict[str, object]]:
    parts, legs = problem.parts, options.legs
    weight = x[options.option_of_leg][:, None]
    part = options.part[options.option_of_leg]
    made, paid = np.zeros(parts.need.shape), np.zeros(parts.need.shape)
    np.add.at(made, part, weight * legs.units)
    np.add.at(paid, part, weight * legs.purchases)
    imported = _by_part(options, x[:, None] * options.imported)
    landed = parts.cif * (1 + parts.duty[:, None])
    return [
        {
            "part": parts.labels[p], "year": year, "units_imported": float(imported[p, t]), "imported": float(landed[p, t]),
            "units_home": float(made[p, t]), "home": float(paid[p, t] / made[p, t]) if made[p, t] > 0 else None,
        }
        for p in range(len(parts.labels)) for t, year in enumerate(problem.years)
    ]  # fmt: skip


def options_table(problem: Problem, options: Options, model: Model, x: Floats) -> pl.DataFrame:
    """Columns at once, not row by row: this is the one table that has hundreds of rows a part."""
    legs, sign = options.legs, problem.settings.sign
    labels = pl.Series(problem.offers.labels, dtype=pl.String)
    days = pl.Series([_day(problem, month) for month in range(12 * len(problem.years))], dtype=pl.Date)
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
