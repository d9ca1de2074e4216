"""The mixed-integer programme as one sparse matrix: min c z over low <= A z <= high, with names for its rows.

Columns in order: an option a column (x, one an option), a venture a column (y), modules by shop and year of
service (n), and one slack for each soft limit. Rows are named like the functions that add them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
import polars as pl
from scipy import sparse

from onshore.errors import NoPlan
from onshore.sourcing.counted import Members, Term, gathered
from onshore.sourcing.limits import Bound
from onshore.sourcing.measures import Measures
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Ints, Problem
from onshore.sourcing.scopes import entities

__all__ = ["Mip", "Model", "column_of", "least_slacks", "model_of", "without_the_impossible", "worst_breach"]


@dataclass(frozen=True)
class Mip:
    """C columns and R rows: what a solver needs."""

    cost: Floats  # (C,)
    matrix: sparse.csr_array  # (R, C)
    low: Floats  # (R,)
    high: Floats  # (R,)
    lower: Floats  # (C,) bounds of the columns
    upper: Floats  # (C,)
    integer: np.ndarray  # (C,) bool


@dataclass(frozen=True)
class Model(Mip):
    """The whole model. `blocks` says which rows each block holds; `bounds` are the limits, in row order.

    `names` tell the rows of a block apart: a part, part and venture, shop and year, maker, or bound.
    """

    names: tuple[str, ...]  # (R,)
    maker: Ints  # (R,) whose row it is: of his machines, his ventures or a hard limit of his own; else -1
    blocks: dict[str, slice]
    options: slice
    ventures: slice
    modules: slice
    slacks: slice
    bounds: tuple[Bound, ...]

    def named(self, prices: Floats) -> dict[tuple[str, str], float]:
        """Every price (R,) by block and row; those of `choose_one` the bound does not use."""
        return {
            (block, self.names[r]): float(prices[r])
            for block, rows in self.blocks.items()
            if block != "choose_one"
            for r in range(rows.start, rows.stop)
            if prices[r] != 0
        }

    def prices_of(self, named: Mapping[tuple[str, str], float]) -> Floats:
        """(R,) prices from those by block and row, zero where there is none."""
        prices = np.zeros(len(self.low))
        for block, rows in self.blocks.items():
            for r in range(rows.start, rows.stop):
                prices[r] = named.get((block, self.names[r]), 0.0)
        return prices


def least_slacks(model: Model, point: Floats) -> Floats:
    """The point (C,) with each soft limit's slack no larger than the rest of the point makes it."""
    z = point.copy()
    z[model.slacks] = 0.0
    used = model.matrix @ z
    soft = [r for r, b in enumerate(model.bounds) if b.penalty is not None]
    for j, r in enumerate(soft):
        row = model.blocks["limits"].start + r
        z[model.slacks.start + j] = max(0.0, used[row] - model.high[row], model.low[row] - used[row])
    return z


def worst_breach(model: Model, point: Floats) -> tuple[float, int]:
    """The largest breach of a row, as a share of what the row holds at the point, and which row it is."""
    used = model.matrix @ point
    held = abs(model.matrix) @ np.abs(point)
    finite = [np.where(np.isfinite(side), np.abs(side), 0.0) for side in (model.low, model.high)]
    over = np.maximum(used - model.high, model.low - used) / np.maximum(1e-12, np.maximum(held, np.maximum(*finite)))
    return (max(0.0, float(over.max())), int(over.argmax())) if len(over) else (0.0, 0)


M = TypeVar("M", bound=Mip)


def without_the_impossible(model: M) -> M:
    """The same plans, without numbers that no plan can use: they would swamp the tolerances of their rows.

    A whole column that alone breaks an at-most row is fixed at 0 and its coefficients dropped; in an at-least row
    without negative coefficients none counts for more than the whole right-hand side.
    """
    matrix = model.matrix.copy()
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    column, value = matrix.indices, matrix.data
    with np.errstate(invalid="ignore"):
        lowest = np.where(value < 0, value * model.upper[column], value * model.lower[column])
    least = np.bincount(row, weights=np.nan_to_num(lowest, neginf=-np.inf), minlength=matrix.shape[0])
    with np.errstate(invalid="ignore"):
        alone = least[row] - lowest + value
        over = (value > 0) & (alone > model.high[row] + 1e-9 * np.maximum(1.0, np.abs(model.high[row])))
    gone = np.zeros(len(model.cost), dtype=np.bool_)
    gone[column[over & np.isfinite(alone)]] = True
    gone &= model.integer & (model.upper <= 1.0) & (model.lower == 0.0)
    value[gone[column]] = 0.0
    positive = np.bincount(row, weights=value < 0, minlength=matrix.shape[0]) == 0
    capped = positive & np.isposinf(model.high) & (model.low > 0)
    matrix.data = np.where(capped[row], np.minimum(value, model.low[row]), value)
    matrix.eliminate_zeros()
    return replace(model, matrix=matrix, upper=np.where(gone, 0.0, model.upper))


def column_of(columns: sparse.csc_array, j: int) -> Floats:
    """(R,) one column of the matrix, dense."""
    dense = np.zeros(columns.shape[0])
    at = slice(columns.indptr[j], columns.indptr[j + 1])
    dense[columns.indices[at]] = columns.data[at]
    return dense


class _Rows:
    """Collects blocks of sparse rows."""

    def __init__(self, columns: int):
        self.columns = columns
        self.parts: list[sparse.csr_array] = []
        self.low: list[Floats] = []
        self.high: list[Floats] = []
        self.names: list[str] = []
        self.maker: list[Ints] = []
        self.blocks: dict[str, slice] = {}
        self.count = 0

    def add(
        self, name: str, labels: Sequence[str], row: Ints, column: Ints, value: Floats, low: Floats, high: Floats,
        maker: Ints,
    ) -> None:  # fmt: skip
        """One block of len(low) rows, given by coordinates; repeated ones add up."""
        self.names += labels
        self.maker.append(maker)
        self.parts.append(sparse.csr_array((value, (row, column)), shape=(len(low), self.columns)))
        self.low.append(np.asarray(low, dtype=np.float64))
        self.high.append(np.asarray(high, dtype=np.float64))
        self.blocks[name] = slice(self.count, self.count + len(low))
        self.count += len(low)


def model_of(problem: Problem, options: Options, measures: Measures, bounds: list[Bound]) -> Model:
    """The whole model. Raises `NoPlan` where decisions leave a part without any option."""
    K, V = options.count, len(problem.ventures.labels)
    S, T = problem.shops.hours.shape
    soft = [b for b in bounds if b.penalty is not None]
    at = np.cumsum([0, K, V, S * T, len(soft)])
    x, y, n, s = (slice(int(a), int(b)) for a, b in pairwise(at))
    rows = _Rows(int(at[-1]))
    choose_one(rows, problem, options)
    open_before_use(rows, problem, options, y.start)
    machine_hours(rows, problem, measures, n.start)
    modules_in_service(rows, problem, n.start)
    forced_makers(rows, problem, measures)
    limits(rows, bounds, y.start, s.start, makers_of(problem, bounds))

    per_option, per_venture, per_module = measures.objective()
    cost = np.concatenate([per_option, per_venture, per_module.ravel(), [b.penalty for b in soft]])
    lower, upper = np.zeros(len(cost)), np.ones(len(cost))
    permitted = permitted_of(problem, options)
    must_be_left(without_any(problem, options, permitted))
    upper[x] = np.where(permitted, 1.0, 0.0)
    lower[y], upper[y] = venture_bounds(problem)
    upper[n] = modules_most(problem)
    upper[s] = np.inf
    integer = np.ones(len(cost), dtype=np.bool_)
    integer[x] = ~problem.parts.divisible[options.part]
    integer[s] = False
    matrix = sparse.csr_array(sparse.vstack(rows.parts, format="csr"))
    matrix.eliminate_zeros()
    return Model(
        cost, matrix, np.concatenate(rows.low), np.concatenate(rows.high),
        lower, upper, integer, tuple(rows.names), np.concatenate(rows.maker), rows.blocks, x, y, n, s, tuple(bounds),
    )  # fmt: skip


def choose_one(rows: _Rows, problem: Problem, options: Options) -> None:
    """sum_k x_k = 1 for each part."""
    one = np.ones(len(options.first_of_part) - 1)
    rows.add(
        "choose_one", problem.parts.labels, options.part, np.arange(options.count), np.ones(options.count), one, one,
        np.full(len(one), -1),
    )  # fmt: skip


def open_before_use(rows: _Rows, problem: Problem, options: Options, y: int) -> None:
    """sum of the part's options through a venture <= y_v, for each part and venture that meet."""
    meets, option, row = through_ventures(problem, options)
    rows.add(
        "open_before_use",
        link_names(problem, meets),
        np.concatenate([row, np.arange(len(meets))]),
        np.concatenate([option, y + meets[:, 1]]),
        np.concatenate([np.ones(len(row)), -np.ones(len(meets))]),
        np.full(len(meets), -np.inf),
        np.zeros(len(meets)),
        problem.ventures.maker[meets[:, 1]],
    )


def through_ventures(problem: Problem, options: Options) -> tuple[Ints, Ints, Ints]:
    """Parts and ventures that meet (n, 2), in order; and every option through a venture with its place among them.

    Two legs of one option may go through one venture; the option counts once.
    """
    offer = options.legs.offer
    through = np.flatnonzero(problem.offers.in_venture[offer])
    if not len(through):
        return np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    V = len(problem.ventures.labels)
    pairs = np.unique(options.option_of_leg[through] * V + problem.offers.venture[offer[through]])
    option, venture = pairs // V, pairs % V
    meets, row = np.unique(options.part[option] * V + venture, return_inverse=True)
    return np.stack([meets // V, meets % V], axis=1), option, row.reshape(-1)


def link_names(problem: Problem, meets: Ints) -> list[str]:
    """`part in venture` for (n, 2) of them."""
    return [f"{problem.parts.labels[p]} in {problem.ventures.labels[v]}" for p, v in meets.tolist()]


def machine_hours(rows: _Rows, problem: Problem, measures: Measures, n: int) -> None:
    """sum hours_kft x_k - sum_{u <= t} module_hours_u n_u <= hours_t, for each shop and year."""
    S, T = problem.shops.hours.shape
    used = gathered(measures, [hours_term(problem)], S * T, entities(problem, measures.options))
    row, box, added = hours_of_modules(problem)
    rows.add(
        "machine_hours",
        shop_years(problem, range(S)),
        np.concatenate([used.indices, row]),
        np.concatenate([np.repeat(np.arange(measures.options.count), np.diff(used.indptr)), n + box]),
        np.concatenate([used.data, -added]),
        np.full(S * T, -np.inf),
        problem.shops.hours.ravel(),
        np.repeat(problem.shops.maker, T),
    )


def hours_term(problem: Problem) -> Term:
    """Machine-hours of each shop (S) and year."""
    S, T = problem.shops.hours.shape
    return Term("machine_hours", "shop", Members.of(np.arange(S)), np.arange(S * T).reshape(S, T), np.ones(T))


def hours_of_modules(problem: Problem) -> tuple[Ints, Ints, Floats]:
    """Row (shop and year), module (shop and year of service) and hours a year of it there, wherever one may be had."""
    shops = problem.shops
    T = shops.hours.shape[1]
    shop, u = np.nonzero(shops.modules_max > 0)
    later = np.arange(T)[None, :] >= u[:, None]
    box = shop * T + u
    row = (shop[:, None] * T + np.arange(T))[later]
    module = np.broadcast_to(box[:, None], later.shape)[later]
    return row, module, shops.module_hours.ravel()[module]


def shop_names(problem: Problem) -> list[str]:
    """(S,) `maker, family`."""
    shops = problem.shops
    return [f"{problem.makers[m]}, {f}" for m, f in zip(shops.maker, shops.family, strict=True)]


def shop_years(problem: Problem, shops: Iterable[int]) -> list[str]:
    """`maker, family year` for each shop and year."""
    names = shop_names(problem)
    return [f"{names[s]} {year}" for s in shops for year in problem.years]


def modules_in_service(rows: _Rows, problem: Problem, n: int) -> None:
    """sum_{u <= t} n_u <= modules_max_t, for each shop with modules and year."""
    shops, row, module, high = service_of_modules(problem)
    rows.add(
        "modules_in_service", shop_years(problem, shops.tolist()), row, n + module, np.ones(len(row)),
        np.full(len(high), -np.inf), high, np.repeat(problem.shops.maker[shops], problem.shops.hours.shape[1]),
    )  # fmt: skip


def service_of_modules(problem: Problem) -> tuple[Ints, Ints, Ints, Floats]:
    """Shops with modules, then row and module of every cell, and the most (rows,) in service."""
    most = problem.shops.modules_max
    T = most.shape[1]
    shops = np.flatnonzero((most > 0).any(axis=1))
    i, t, u = np.meshgrid(np.arange(len(shops)), np.arange(T), np.arange(T), indexing="ij")
    so_far = u <= t
    # a smaller maximum later cannot take a module out of service, so the largest so far holds
    high = np.maximum.accumulate(most[shops], axis=1).ravel().astype(np.float64)
    return shops, (i * T + t)[so_far], (shops[i] * T + u)[so_far], high


def modules_most(problem: Problem) -> Floats:
    """(S T,) modules that may come into service in each year."""
    return np.where(problem.shops.order_year >= 0, problem.shops.modules_max, 0).ravel().astype(np.float64)


def forced_makers(rows: _Rows, problem: Problem, measures: Measures) -> None:
    """sum of the options that a forced maker has a leg in >= 1."""
    forced = decided(problem, "maker", "force")
    used = gathered(measures, [forced_term(problem)], len(forced), entities(problem, measures.options))
    column = np.repeat(np.arange(measures.options.count), np.diff(used.indptr))
    one = np.ones(len(forced))
    rows.add(
        "forced_makers",
        forced,
        used.indices,
        column,
        used.data,
        one,
        np.full(len(forced), np.inf),
        decided_makers(problem),
    )


def forced_term(problem: Problem) -> Term:
    """Awards of each forced maker. A launch counts 1 in the year of the start; no option has two legs of one maker."""
    at = {maker: i for i, maker in enumerate(decided(problem, "maker", "force"))}
    T = len(problem.years)
    rows = np.repeat(np.arange(len(at))[:, None], T, axis=1)
    return Term("launches", "maker", Members.of([at.get(m, -1) for m in problem.makers]), rows, np.ones(T))


def makers_of(problem: Problem, bounds: Sequence[Bound]) -> Ints:
    """(bounds,) the maker whose own limit each is, -1 where it is no one maker's or may be missed at a penalty."""
    own = [b.key if b.scope == "maker" and b.penalty is None else None for b in bounds]
    return _places_of_makers(problem, own)


def decided_makers(problem: Problem) -> Ints:
    """(forced,) the makers that decisions force."""
    return _places_of_makers(problem, decided(problem, "maker", "force"))


def _places_of_makers(problem: Problem, labels: Sequence[str | None]) -> Ints:
    at = {maker: i for i, maker in enumerate(problem.makers)}
    return np.array([-1 if label is None else at.get(label, -1) for label in labels], dtype=np.int64)


def limits(rows: _Rows, bounds: list[Bound], y: int, s: int, maker: Ints) -> None:
    """Each bound; a soft one is eased by its own slack."""
    row, column, value, low, high = [], [], [], [], []
    soft = 0
    for r, b in enumerate(bounds):
        columns = [b.options, y + b.boxes]
        values = [b.weights, b.box_weights]
        if b.penalty is not None:
            columns.append(np.array([s + soft]))
            values.append(np.array([-1.0 if b.sense == "at_most" else 1.0]))
            soft += 1
        column.append(np.concatenate(columns))
        value.append(np.concatenate(values))
        row.append(np.full(len(column[-1]), r))
        low.append(-np.inf if b.sense == "at_most" else b.right)
        high.append(b.right if b.sense == "at_most" else np.inf)
    empty = np.zeros(0)
    rows.add(
        "limits",
        [b.name for b in bounds],
        np.concatenate([*row, empty]).astype(np.int64),
        np.concatenate([*column, empty]).astype(np.int64),
        np.concatenate([*value, empty]),
        np.array(low, dtype=np.float64),
        np.array(high, dtype=np.float64),
        maker,
    )


def decided(problem: Problem, what: str, verdict: str) -> list[str]:
    rows = problem.tables["decisions"].filter((pl.col("what") == what) & (pl.col("verdict") == verdict))
    return sorted(rows["key"].to_list())


def venture_bounds(problem: Problem) -> tuple[Floats, Floats]:
    """A forced venture is opened whether or not anything is made in it."""
    forced, forbidden = (set(decided(problem, "venture", v)) for v in ("force", "forbid"))
    labels = problem.ventures.labels
    return np.array([float(v in forced) for v in labels]), np.array([float(v not in forbidden) for v in labels])


def permitted_of(problem: Problem, options: Options) -> np.ndarray:
    """(K,) bool: options that decisions and signed contracts leave."""
    parts, offers, legs = problem.parts, problem.offers, options.legs
    of_leg, part_of_leg = options.option_of_leg, options.part[options.option_of_leg]
    local = np.diff(options.first_of_option) > 0
    permitted = options.allowed.copy()

    def has(leg_mask: np.ndarray) -> np.ndarray:
        return np.bincount(of_leg, weights=leg_mask, minlength=options.count) > 0

    def named(labels: tuple[str, ...], keys: list[str]) -> np.ndarray:
        return np.isin(np.array(labels, dtype=object), keys) if labels else np.zeros(0, dtype=np.bool_)

    part_of = options.part
    permitted &= ~(named(parts.labels, decided(problem, "part", "force"))[part_of] & ~local)
    permitted &= ~(named(parts.labels, decided(problem, "part", "forbid"))[part_of] & local)
    forbidden = named(offers.labels, decided(problem, "offer", "forbid"))
    forbidden = forbidden | (
        named(problem.makers, decided(problem, "maker", "forbid"))[offers.maker] if len(offers.labels) else forbidden
    )
    permitted &= ~has(forbidden[legs.offer])
    for offer in np.flatnonzero(named(offers.labels, decided(problem, "offer", "force"))):
        permitted &= has(legs.offer == offer) | (part_of != offers.part[offer])
    for maker, part, signed in _commitments(problem):
        fits = offers.maker[legs.offer] == maker if signed is None else legs.offer == signed
        permitted &= has(fits & (part_of_leg == part)) | (part_of != part)
    return permitted


def must_be_left(stuck: Sequence[str]) -> None:
    """Raises `NoPlan` where parts have no option that decisions and signed contracts leave."""
    if stuck:
        shown = ", ".join(f"`{p}`" for p in stuck[:10]) + (f" and {len(stuck) - 10} more" if len(stuck) > 10 else "")
        raise NoPlan(
            f"No plan exists: nothing is left to choose for {shown}. Its import, its offers, `decisions` and signed "
            "`contract_lines` exclude each other; see parts.importable, lead times, validity and smallest scale."
        )


def without_any(problem: Problem, options: Options, permitted: np.ndarray) -> list[str]:
    """Parts that have none of the options that are permitted."""
    left = np.bincount(options.part, weights=permitted, minlength=len(problem.parts.labels))
    return [problem.parts.labels[p] for p in np.flatnonzero(left == 0)]


COMMITTING = ("round", "single contract", "subset", "line opened")


def _commitments(problem: Problem) -> list[tuple[int, int, int | None]]:
    """Maker, part and (where it is named) offer of every signed line."""
    signed = problem.tables["contracts"].filter(pl.col("kind").is_in(COMMITTING))["contract"]
    lines = problem.tables["contract_lines"].filter(pl.col("contract").is_in(signed.to_list()))
    if lines.is_empty():
        return []
    makers, parts, offers = (
        {label: i for i, label in enumerate(x)} for x in (problem.makers, problem.parts.labels, problem.offers.labels)
    )
    return [
        (makers[m], parts[p], None if o is None else offers[o])
        for m, p, o in lines.select("maker", "part", "offer").iter_rows()
        if p in parts  # a problem may hold some of the parts only
    ]
