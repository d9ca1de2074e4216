"""A made-up programme of any size from a seed, whose limits bind and which has a plan.

    python benchmarks/synthetic.py PARTS SEED DIR      writes it as a folder of CSV

Amounts are euros; everything is drawn from one generator, table by table. The right-hand sides of the limits come
from a hidden plan made greedily for another objective, so that a plan exists and the limits bind.
"""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
import polars as pl

import onshore as on
from onshore.sourcing.limits import Bound, bounds_of
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import Model, model_of
from onshore.sourcing.options import Options, options_of
from onshore.sourcing.problem import problem_of

__all__ = ["programme"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Tables = dict[str, pl.DataFrame]

FAMILIES = np.array(["assembly", "casting", "electronics", "forging", "moulding", "stamping"])
FIRST, T = 2027, 8
YEARS = np.arange(FIRST, FIRST + T)
VALUE_OF_HOUR = 40.0
"""Euros of imports that one machine-hour replaces, about."""
PREMIUM = 0.15
"""What the hidden plan would pay above the import price to displace it. Home prices are then set so that it costs as
much as importing everything; the best plan saves 2 to 5 % of that (seen from 50 to 3,000 parts)."""

SETTINGS: dict[str, object] = {
    "schema_version": 1, "currency": "EUR", "calendar": "gregorian", "first_year": FIRST, "last_year": FIRST + T - 1,
    "discount_rate": 0.10, "asset_life_years": 10,
    # 5.5 offers a part in 7 years at 3 shares and one pair in both orders: some 155 options a part
    "options.start_years": [int(y) for y in YEARS[1:]], "options.share_steps": [0.5, 0.8, 1.0],
    "options.split_steps": [0.6], "options.pairs_max": 1,
}  # fmt: skip


def programme(parts: int, seed: int, fixed: float = 1.0) -> on.Programme:
    """A programme of so many parts. `fixed` multiplies what ventures and modules cost: 5 and 20 are hard variants."""
    draw = np.random.default_rng(seed)
    settings = {"name": f"synthetic, {parts} parts, seed {seed}", **SETTINGS}
    tables, need = _demand(draw, parts)
    tables |= _supply(draw, tables["parts"], need, fixed)
    tables["limits"] = _limits(draw, tables)
    rough = _Table(on.build(settings, tables))
    hidden = _greedy(draw, rough.model, rough.options, rough.phased(draw))
    price = pl.col("unit_price") * _dearer(rough, hidden)
    tables["offers"] = tables["offers"].with_columns(price.round(4))
    kept = _Table(on.build(settings, tables)).kept(hidden, content=0.20 if parts < 1000 else 0.08)
    value = pl.col("limit").replace_strict(kept, default=pl.col("value"), return_dtype=pl.Float64).alias("value")
    tables["limits"] = tables["limits"].with_columns(value)
    return on.build(settings, tables)


def _demand(draw: np.random.Generator, count: int) -> tuple[Tables, Floats]:
    """Parts, products, bills of materials and volumes, and the need (P, T) that they make."""
    vehicles = int(np.clip(20 * np.log10(count / 30) ** 2 + 30, 50, 300))
    products = [f"vehicle-{i:03d}" for i in range(vehicles)]
    growth, noise = draw.uniform(0.98, 1.10, vehicles), draw.normal(1.0, 0.05, (vehicles, T))
    units = np.round(draw.lognormal(np.log(20_000), 0.6, vehicles)[:, None] * growth[:, None] ** np.arange(T) * noise)

    names = [f"part-{i:07d}" for i in range(count)]
    uses = np.minimum(1 + draw.geometric(0.35, count), 12)
    part = np.repeat(np.arange(count), uses)
    product = np.concatenate([draw.choice(vehicles, n, replace=False) for n in uses])
    quantity = draw.choice([1, 2, 4], len(part), p=[0.7, 0.2, 0.1])
    need = np.zeros((count, T))
    np.add.at(need, part, quantity[:, None] * units[product])
    value = 1e6 * draw.lognormal(-0.3, 1.1, count)
    frames = {
        "products": {"product": products},
        "volumes": {"product": np.repeat(products, T), "year": np.tile(YEARS, vehicles), "units": units.ravel()},
        "bom": {"product": np.array(products)[product], "part": np.array(names)[part], "quantity": quantity},
        "parts": {
            "part": names, "family": draw.choice(FAMILIES, count), "import_price": (value / need[:, 0]).round(4),
            "currency": "EUR", "duty_share": draw.uniform(0.0, 0.2, count).round(3),
        },
    }  # fmt: skip
    return {name: pl.DataFrame(frame) for name, frame in frames.items()}, need


def _supply(draw: np.random.Generator, parts: pl.DataFrame, need: Floats, fixed: float) -> Tables:
    """Makers, ventures, offers and machine-hours. A maker in a venture makes everything through it."""
    count = max(8, parts.height // 25)
    makers = np.array([f"maker-{i:05d}" for i in range(count)])
    ventures = np.array([f"venture-{i:05d}" for i in range(count)])
    in_venture = np.arange(count) % 7 == 3  # 15 % of them
    skill = draw.normal(0.0, 0.08, count) - 0.06 * in_venture
    works = np.zeros((count, len(FAMILIES)), dtype=np.bool_)  # one to three families each, and a maker for each family
    for m in range(count):
        works[m, draw.choice(len(FAMILIES), draw.integers(0, 3), replace=False)] = True
        works[m, m % len(FAMILIES)] = True

    family = np.searchsorted(FAMILIES, parts["family"].to_numpy())
    able = [np.flatnonzero(works[:, f]) for f in range(len(FAMILIES))]
    sources = [
        draw.choice(able[f], min(n, len(able[f])), replace=False)
        for f, n in zip(family, draw.integers(3, 9, parts.height), strict=True)
    ]
    maker, part = np.concatenate(sources), np.repeat(np.arange(parts.height), [len(s) for s in sources])
    price = parts["import_price"].to_numpy()[part]
    value = price * need[part, 0]
    offers = len(part)

    dearness = np.clip(draw.normal(1.15, 0.14, offers) + skill[maker], 0.65, 1.6)
    learning, hours = draw.uniform(0.03, 0.22, offers), draw.uniform(0.8, 1.2, offers) * price / VALUE_OF_HOUR
    tooling = (draw.uniform(0.10, 0.60, parts.height)[part] + draw.uniform(0.02, 0.15, offers)) * value
    local = np.minimum(draw.uniform(0.5, 0.95, offers) + 0.03 * in_venture[maker], 0.98)
    # price x (volume in first years + 0.15)^-b, told as a price after 0.15 years of experience
    asked = (dearness * price * 0.15**-learning).round(4)
    table = {
        "offer": [f"offer-{i:08d}" for i in range(offers)], "part": parts["part"].to_numpy()[part],
        "maker": makers[maker], "venture": [str(ventures[m]) if in_venture[m] else None for m in maker],
        "unit_price": asked, "currency": "EUR", "annual_max": np.ceil(1.2 * need.max(axis=1))[part],
        "lead_time_months": draw.integers(6, 15, offers), "ramp": "0.4; 0.75; 1",
        "progress_ratio": (2**-learning).round(4), "experience_units": np.ceil(0.15 * need[part, 0]),
        "tooling_cost": tooling.round(), "tooling_imported_share": 0.4, "imported_input_share": (1 - local).round(3),
        "hours_per_unit": hours.round(6),
    }  # fmt: skip
    # the load that comes if every part is shared evenly among its sources
    load = np.zeros((count, len(FAMILIES)))
    np.add.at(load, (maker, family[part]), hours * need[part, 0] / np.bincount(part)[part])
    opened = np.flatnonzero(in_venture)
    set_up = fixed * 0.22 * VALUE_OF_HOUR * load.sum(axis=1)[opened] * draw.uniform(0.5, 1.5, len(opened))
    partners = [f"partner-{i:04d}" for i in range(len(opened))]
    return {
        "makers": pl.DataFrame({"maker": makers}),
        "partners": pl.DataFrame({"partner": partners}),
        "ventures": pl.DataFrame(
            {
                "venture": ventures[opened], "maker": makers[opened], "partner": partners,
                "set_up_cost": set_up.round(), "currency": "EUR", "royalty_share": 0.02,
            }
        ),
        "capacity": _capacity(draw, makers, load, fixed),
        "offers": pl.DataFrame(table),
    }  # fmt: skip


def _capacity(draw: np.random.Generator, makers: npt.NDArray[np.str_], load: Floats, fixed: float) -> pl.DataFrame:
    """Machine-hours that grow into their size, and up to two modules of 30 % of the load from the third year."""
    maker, family = np.nonzero(load)
    shops, busy, t = len(maker), load[maker, family], np.arange(T)
    hours = (busy * draw.uniform(0.55, 1.25, shops))[:, None] * 1.04**t * np.minimum(1.0, 0.5 + 0.2 * t)
    module = 0.3 * busy
    cost = fixed * 0.45 * VALUE_OF_HOUR * module * draw.uniform(0.5, 1.5, shops)
    most = np.where(t >= 2, draw.integers(0, 3, shops)[:, None], 0)
    return pl.DataFrame(
        {
            "maker": np.repeat(makers[maker], T), "family": np.repeat(FAMILIES[family], T),
            "year": np.tile(YEARS, shops), "hours": hours.ravel().round(),
            "module_hours": np.repeat(module.round(), T), "module_cost": np.repeat(cost.round(), T),
            "currency": "EUR", "modules_max": most.ravel(), "module_lead_years": 1,
        }
    )  # fmt: skip


def _limits(draw: np.random.Generator, tables: Tables) -> pl.DataFrame:
    """A maker absorbs launches of 15 to 35 % of its parts a year; the other limits bind nothing yet."""
    known = tables["offers"].group_by("maker").agg(pl.len().alias("parts")).sort("maker")
    most = np.maximum(1, (known["parts"].to_numpy() * draw.uniform(0.15, 0.35, known.height)).round())
    names = ("limit", "measure", "sense", "value", "scope", "scope_key", "years", "per", "currency")
    rows: list[tuple[object, ...]] = []
    for maker, value in zip(known["maker"], most.tolist(), strict=True):
        rows.append((f"launches-{maker}", "launches", "at_most", value, "maker", maker, "", "year", ""))
    for money in ("investment", "foreign_currency"):
        rows += [(f"{money}-{y}", money, "at_most", 1e15, "", "", str(y), "", "EUR") for y in YEARS]
    rows.append(("contract-value", "contract_value", "at_least", 0.0, "", "", "", "", "EUR"))
    for p in sorted(set(tables["bom"]["product"])):
        rows.append((f"content-{p}", "local_content", "at_least", 0.0, "product", p, "", "", ""))
    return pl.DataFrame(rows, schema=names, orient="row")


class _Table:
    """A programme as its option table and model."""

    def __init__(self, made: on.Programme):
        self.problem = problem_of(made)
        self.options = options_of(self.problem)
        self.measures = Measures(self.problem, self.options)
        self.model = model_of(self.problem, self.options, self.measures, bounds_of(self.problem, self.measures))

    def phased(self, draw: np.random.Generator) -> Floats:
        """(K,) the hidden plan's objective: cost less a premium on imports displaced, and parts in turn, not at once."""
        options, legs = self.options, self.options.legs
        displaced = self.measures.by_option(self.measures("imports_displaced").legs @ self.problem.discount)
        turn = 12 * draw.integers(1, T - 2, len(options.first_of_part) - 1)
        early = self.measures.by_option((legs.start < turn[options.part[options.option_of_leg]]).astype(np.float64))
        return np.where(early > 0, np.inf, self.model.cost[self.model.options] - PREMIUM * displaced)

    def kept(self, point: Floats, content: float) -> dict[str, float]:
        """The value of each limit that a point keeps by a little; local content by `content`."""
        by = {
            "investment": lambda level: 1.01 * level, "foreign_currency": lambda level: 1.001 * level,
            "contract_value": lambda level: 0.97 * level, "local_content": lambda level: max(0.0, level - content),
        }  # fmt: skip
        own = [b for b in self.model.bounds if b.measure in by]
        return {b.limit: float(f"{by[b.measure](_level(b, self.model, point)):.6g}") for b in own}


def _dearer(table: _Table, point: Floats) -> float:
    """The factor on home prices at which the plan costs what importing everything does. No option makes other units."""
    cost = table.model.cost
    imported = cost[table.options.first_of_part[:-1]].sum()
    paid = table.measures.by_option(table.options.legs.purchases @ table.problem.discount) @ point[table.model.options]
    return float(1 + (imported - cost @ point) / paid)


def _greedy(draw: np.random.Generator, model: Model, options: Options, score: Floats) -> Floats:
    """A point (C,) that keeps every row: some ventures and modules by lot, then each part's best option that fits."""
    z = np.zeros(len(model.cost))
    z[model.ventures] = draw.random(model.ventures.stop - model.ventures.start) < 0.5
    most = model.upper[model.modules].reshape(-1, T)
    built = (draw.random(len(most)) < 0.5) * most[:, 2]
    z[model.modules] = np.where(np.arange(T) == 2, built[:, None], 0.0).ravel()
    room = model.high + 1e-9 * np.abs(model.high) - model.matrix @ z
    columns = model.matrix.tocsc()
    for p in draw.permutation(len(options.first_of_part) - 1):
        first, end = options.first_of_part[p : p + 2]
        at = slice(columns.indptr[first], columns.indptr[end])
        option = np.repeat(np.arange(end - first), np.diff(columns.indptr[first : end + 1]))
        broken = np.bincount(option, columns.data[at] > room[columns.indices[at]], minlength=end - first)
        best = first + int(np.where(broken == 0, score[first:end], np.inf).argmin())
        z[best] = 1.0
        taken = slice(columns.indptr[best], columns.indptr[best + 1])
        room[columns.indices[taken]] -= columns.data[taken]
    return z


def _level(bound: Bound, model: Model, point: Floats) -> float:
    """What a limit measures at a point."""
    x = point[model.options]
    if bound.numerator is not None and bound.denominator is not None:
        return bound.numerator.at(x) / bound.denominator.at(x)
    fixed = bound.ventures @ point[model.ventures] + bound.modules.ravel() @ point[model.modules]
    return float(bound.weights @ x[bound.options] + fixed)


if __name__ == "__main__":
    on.write(programme(int(sys.argv[1]), int(sys.argv[2])), sys.argv[3])
