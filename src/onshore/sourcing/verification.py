"""A run recomputed from its files alone: is the plan possible, what does it cost, and how good is it at least?

Nothing of the search is used. The input's snapshot is read again, the option table and the rows are built again, the
chosen options are put in, and the bound is computed from the prices in `row_prices` over the whole table, from what each
maker loses at least, which is looked for again, and from the prices of each branch (`tree`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from onshore.blueprint.programme import read
from onshore.errors import LabelError, WrongUse
from onshore.sourcing.certificate import Gaps, Losses, Proof, gaps_of, proof_of
from onshore.sourcing.declared import TABLES
from onshore.sourcing.decomposition.full import Full, full_of
from onshore.sourcing.decomposition.losses import NEAR, least_losses, lost_by, weights
from onshore.sourcing.decomposition.wide import Wide, wide_of
from onshore.sourcing.instance import Whole
from onshore.sourcing.made import Plan, assembled
from onshore.sourcing.model import without_the_impossible, worst_breach
from onshore.sourcing.problem import Floats, Ints, Problem, problem_of
from onshore.sourcing.read_back import OTHER_TABLE, named_prices, point_of
from onshore.sourcing.result import frame_of, loss_rows, price_rows
from onshore.sourcing.solver import Answer, Progress, stages
from onshore.sourcing.tree import NoTree, Priced, cut_rows
from onshore.sourcing.tree_tables import Names, proved_by, tree_of
from onshore.sourcing.worth import as_claimed
from onshore.tables.labels import positions
from onshore.tables.runs import Run, hash_of, read_run

__all__ = ["Verification", "named_prices", "point_of", "verify"]

AGREE = 1e-9
"""Share by which a recomputed figure may differ from the one in run.json."""


@dataclass(frozen=True)
class Verification:
    """`feasible`: every part has one option and every row holds to a hundred-thousandth of its size. Gaps rest on
    `bound`, the one recomputed from prices, what makers lose at least, and branches, so they are no smaller than those of a run that had a
    tighter one.
    `differences` says in words which figure or table of the run came out otherwise.
    """

    feasible: bool
    breach: float
    broken: str | None
    objective: float
    bound: float
    claimed_bound: float
    gaps: Gaps
    differences: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return self.feasible and not self.differences

    def summary(self) -> str:
        """What was recomputed, and whether it agrees."""
        cost = "none" if self.gaps.of_cost is None else f"{self.gaps.of_cost:.4%}"
        savings = "none exists" if self.gaps.of_savings is None else f"{self.gaps.of_savings:.2%}"
        lines = [
            f"Feasible: {'yes' if self.feasible else f'no, {self.broken} is broken by {self.breach:.2g} of its size'}",
            f"Objective {self.objective:,.2f}, bound recomputed {self.bound:,.2f}",
            f"The run's own bound: {self.claimed_bound:,.2f} (where it is tighter, HiGHS' branch and bound went on: its claim)",
            f"Gap by the bound recomputed: {cost} of cost, {savings} of savings, {self.gaps.of_stake:.2%} of stake",
        ]
        return "\n".join([*lines, *(self.differences or ("Every other figure and table of the run was found again.",))])

    def as_dict(self) -> dict[str, object]:
        """For ``--json``."""
        return {
            "feasible": self.feasible,
            "objective": self.objective,
            "bound": self.bound,
            "claimed_bound": self.claimed_bound,
            "gap_of_cost": self.gaps.of_cost,
            "gap_of_savings": self.gaps.of_savings,
            "gap_of_stake": self.gaps.of_stake,
            "differences": list(self.differences),
        }


def verify(path: Path | str, *, progress: Callable[[Progress], None] | None = None) -> Verification:
    """Recompute a run. Raises `WrongUse` where it is no run, `InputError` where its snapshot has faults.

    Every table and figure of the run is made again from the chosen options and compared, but for the overrides and
    the steps that were planned again, which would have to be searched again; those steps have to lie within what the
    certificate allows. What HiGHS' own branch and bound proves of a programme planned whole stays the run's claim; what prices and
    branches prove is found again, and so is what each maker loses at least, by branch and bound for each. `progress` is called meanwhile.
    """
    tell = stages(progress)
    run = read_run(Path(path), TABLES)
    programme = read(run.input)
    problem = problem_of(programme)
    sign, figures = problem.settings.sign, run.figures
    searched = _Searched.wide if figures.get("method") == "decomposed" else _Searched.whole
    s = searched(run, problem, tell)
    model, point = s.told.model, s.point
    tell("branches")
    branches = _Branches.of(run, s)
    above = branches.above or _Above(s.full, s.v, s.proof.by_prices)
    losses = _losses(run, problem, above, s, tell)
    tell("tables")
    breach, row = worst_breach(model, point)
    claim = Answer(
        str(figures.get("status")), sign * _number(figures.get("bound")), point, s.prices, str(figures.get("method"))
    )
    made = assembled(programme, problem, s.told.options, model, point, claim, s.proof)
    told = {
        "overrides": run["overrides"], "steps": as_claimed(made.tables["steps"], run["steps"]),
        "row_prices": frame_of("row_prices", price_rows(s.named)), "maker_losses": _as_claimed(losses, run["maker_losses"]),
        **branches.tables,
    }  # fmt: skip
    made = replace(made, tables={**made.tables, **told})
    proved = max(s.proof.by_prices, branches.bound, above.bound + float(losses["at_least"].sum()))
    proved = min(sign * made.objective, proved)
    gaps = gaps_of(sign * made.objective, proved, sign * made.imported, s.proof.least)
    return Verification(
        feasible=breach <= 1e-5 and bool((point <= model.upper + 1e-9).all()),
        breach=breach,
        broken=model.names[row] if len(model.names) else None,
        objective=made.objective,
        bound=sign * proved + 0.0,
        claimed_bound=_number(figures.get("bound")),
        gaps=gaps,
        differences=branches.faults + _differences(run, made),
    )


@dataclass(frozen=True)
class _Searched:
    """What was searched, made again: the normal form of all options with the prices of its rows, and the plan in the model that it is told by."""

    full: Full
    v: Floats  # (R,)
    priced: Priced  # such prices, from those of rows by name
    boxes: Ints  # (B,) its boxes among ventures, then modules
    told: Whole
    point: Floats  # of that model
    prices: Floats  # of its rows
    proof: Proof
    named: dict[tuple[str, str], float]
    taken: Ints  # (n,) the plan's options among all
    weight: Floats  # (n,)

    @classmethod
    def wide(cls, run: Run, problem: Problem, tell: Callable[[str], None]) -> _Searched:
        """By decomposition: never held in full, and told by some of its options."""
        wide = wide_of(problem, tell)
        tell("bound")
        v, listed = wide.prices_of(named_prices(run.tables)), _listed(run, wide)
        told, named = Whole.of(problem, wide.some(listed)), wide.named(v)
        point = point_of(run.tables, told)
        at, weight = weights(point[told.model.options])
        return cls(
            wide.full, v, wide.prices_of, wide.full.boxes, told, point, told.model.prices_of(named), wide.proof(v), named,
            listed[at], weight,
        )  # fmt: skip

    @classmethod
    def whole(cls, run: Run, problem: Problem, tell: Callable[[str], None]) -> _Searched:
        """In one piece."""
        tell("options")
        told = Whole.of(problem)
        tell("bound")
        model, options = told.model, told.options
        full = full_of(without_the_impossible(model), options, problem.parts.divisible)
        prices, point = model.prices_of(named_prices(run.tables)), point_of(run.tables, told)

        def priced(named: dict[tuple[str, str], float]) -> Floats:
            return full.of_prices(model.prices_of(named))

        return cls(
            full, full.of_prices(prices), priced, full.boxes - model.ventures.start, told, point, prices,
            proof_of(model, options, prices), model.named(prices), *weights(point[model.options]),
        )  # fmt: skip


@dataclass(frozen=True)
class _Above:
    """What every plan loses is added to a bound of prices: the rows, the prices of them all, and the bound."""

    full: Full
    v: Floats
    bound: float


@dataclass(frozen=True)
class _Branches:
    """The tables of branches again, what they prove, and in words where they prove nothing."""

    tables: dict[str, pl.DataFrame]
    bound: float = -np.inf
    faults: tuple[str, ...] = ()
    above: _Above | None = None  # of a relaxation that was cut and not split

    @classmethod
    def of(cls, run: Run, s: _Searched) -> _Branches:
        if run["branches"].is_empty():
            return cls({})
        told = s.told.options
        every = s.told if (told.considered == np.diff(told.first_of_part)).all() else Whole.of(s.told.problem)
        try:
            tree = tree_of(run.tables, Names.of(every))
            tables, bound = proved_by(tree, every)
            if run["maker_losses"].is_empty():
                return cls(tables, bound)
            return cls(
                tables, bound, (), _Above(*cut_rows(tree, every.model, every.options, s.full, s.boxes, s.priced), bound)
            )
        except NoTree as fault:
            return cls({}, faults=(f"branches.csv: proves nothing, as {fault}",))


def _losses(run: Run, problem: Problem, above: _Above, s: _Searched, tell: Callable[[str], None]) -> pl.DataFrame:
    """The table `maker_losses` again, of the makers that the run claims something for."""
    claimed = run["maker_losses"]
    if claimed.is_empty():
        return claimed
    makers, looked = problem.makers, claimed.drop_nulls("within")
    maker, within = _places(looked["maker"], makers, "makers.maker"), looked["within"].to_numpy()
    told = looked["at_least"].to_numpy()
    some = told > 0
    found = least_losses(above.full, above.v, maker[some], within[some], told[some], lambda _: tell("makers"))
    at_least = np.zeros(len(makers))
    at_least[found.maker] = found.at_least
    lost = lost_by(above.full, above.v, s.taken, s.weight, s.point[s.told.model.ventures.start :][s.boxes])
    return frame_of("maker_losses", loss_rows(problem, lost, Losses(maker, within, at_least[maker])))


def _places(keys: pl.Series, labels: tuple[str, ...], axis: str) -> Ints:
    """Where they are among the labels of the input."""
    try:
        return positions(keys.to_list(), labels, axis)
    except LabelError:
        raise WrongUse(OTHER_TABLE) from None


def _as_claimed(found: pl.DataFrame, claimed: pl.DataFrame) -> pl.DataFrame:
    """What makers lose at least as a run claims it, where branch and bound found as much again within its own gap."""
    once = claimed.select("maker", "at_least").unique("maker", keep="first")
    beside = found.join(once, on="maker", how="left", suffix="_claimed")
    allowed = pl.col("at_least_claimed").is_between(0.0, pl.col("at_least") * (1.0 + NEAR)).fill_null(value=False)
    taken = pl.when(allowed).then("at_least_claimed").otherwise("at_least").alias("at_least")
    return beside.with_columns(taken).select(found.columns)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _listed(run: Run, wide: Wide) -> Ints:
    """The places, in order, of the options that the run tells of."""
    labels = wide.problem.parts.labels
    table = run["options"].sort("part", "option")
    part = _places(table["part"], labels, "parts.part")
    number = table["option"].to_numpy()
    if (number >= np.diff(wide.first_of_part)[part]).any() or set(part.tolist()) != set(range(len(labels))):
        raise WrongUse(OTHER_TABLE)
    return np.asarray(wide.first_of_part[part] + number)


def _differences(run: Run, made: Plan) -> tuple[str, ...]:
    """In words: every figure of run.json and every table that came out otherwise."""
    said = []
    for name, value in made.as_dict().items():
        claimed = run.figures.get(name)
        if not _same(claimed, value):
            said.append(f"{name}: run.json says {claimed}, recomputed {value}")
    for name, table in made.tables.items():
        if not _same_table(run[name], table):
            said.append(f"{name}.csv: not the table that follows from the chosen options")
    if run.figures.get("input_hash") != hash_of(run.input):
        said.append("input_hash: the snapshot of the input was changed after planning")
    return tuple(said)


def _same(claimed: object, value: object) -> bool:
    if isinstance(value, float) and isinstance(claimed, int | float):
        return abs(claimed - value) <= AGREE * max(1.0, abs(value))
    return claimed == value


def _same_table(claimed: pl.DataFrame, made: pl.DataFrame) -> bool:
    """Cell by cell; numbers within `AGREE` of the column's largest."""
    if claimed.shape != made.shape:
        return False
    for name, dtype in made.schema.items():
        a, b = claimed[name], made[name]
        if dtype != pl.Float64:
            if not a.equals(b, null_equal=True):
                return False
            continue
        largest = max(1.0, float(b.abs().max() or 0.0))  # type: ignore[arg-type]
        if not a.is_null().equals(b.is_null()) or float((a - b).abs().max() or 0.0) > AGREE * largest:  # type: ignore[arg-type]
            return False
    return True
