"""Why: a run's answer about a part, a limit, an offer, a maker, its machine-hours, or the whole plan, from its tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from onshore.blueprint.programme import read
from onshore.errors import WrongUse
from onshore.sourcing.declared import TABLES
from onshore.sourcing.options import BRIEF, SHOWN
from onshore.sourcing.said import amount
from onshore.tables.runs import Run, read_run
from onshore.tables.words import nearest

__all__ = ["Explanation", "explain"]

HOURS = "machine_hours: "


@dataclass(frozen=True)
class Explanation:
    """`about` is a name of the run, or None for the plan; `lines` are the answer in words, `facts` the rows it rests on."""

    about: str | None
    lines: tuple[str, ...]
    facts: dict[str, list[dict[str, object]]]

    def summary(self) -> str:
        return "\n".join(self.lines)

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: `about`, `lines` and the rows by table."""
        return {"about": self.about, "lines": list(self.lines), "facts": self.facts}


def explain(path: Path | str, name: str | None = None) -> Explanation:
    """Why a part is sourced as it is, what a limit is worth and keeps out, what became of an offer or a maker, or what
    shapes the plan.

    `name` is a part, a limit or one bound of it, a row as `stands_against` names it, an offer or a maker; where two have
    one name, the first of these. Raises `WrongUse` for a name that the run does not have.
    """
    run = read_run(Path(path), TABLES)
    if name is None:
        return _whole(run)
    if name in set(run["sources"]["part"]):
        return _part(run, name)
    bounds = run["limits_met"].filter((pl.col("bound") == name) | (pl.col("limit") == name))
    if not bounds.is_empty():
        return _limit(run, name, bounds)
    given = read(run.input)
    if name.startswith(HOURS) and name in (rows := _hours_rows(run)):
        return _hours(run, name, rows[name])
    if name in set(given["offers"]["offer"]):
        return _offer(run, name, given["offers"].row(by_predicate=pl.col("offer") == name, named=True))
    if name in set(given["makers"]["maker"]):
        return _maker(run, name, given["offers"].filter(pl.col("maker") == name))
    known = {
        *run["sources"]["part"], *run["limits_met"]["bound"], *run["limits_met"]["limit"], *_hours_rows(run),
        *given["offers"]["offer"], *given["makers"]["maker"],
    }  # fmt: skip
    raise WrongUse(f"`{name}` is no part, limit, offer or maker of this run.{nearest(name, known)}")


def _whole(run: Run) -> Explanation:
    counts = run["reasons"].group_by("why").len().sort("len", "why", descending=[True, False])
    binding = run["limits_met"].filter("binds").sort("bound")
    against = run["reasons"].filter(pl.col("why") == "limit").drop_nulls("stands_against")
    crowding = against.select(pl.col("stands_against").str.split("; ").list.first().alias("row")).group_by("row").len()
    lines = [
        f"{run['sources'].filter(pl.col('sourced') != 'imported').height} of {run['sources'].height} parts are made at home.",
        *(f"{n} stay imported: {why}." for why, n in counts.rows()),
        *(
            f"`{name}` stands first against {n} of them."
            for name, n in crowding.sort("len", "row", descending=[True, False]).rows()
        ),
        *(_price(row) for row in binding.iter_rows(named=True)),
    ]
    return Explanation(None, tuple(lines), {"reasons": counts.to_dicts(), "limits_met": binding.to_dicts()})


def _price(row: dict[str, object]) -> str:
    price = row["bound_price"]
    worth = (
        f"one more {row['unit']} of room lowers the bound by at most {amount(price)}"
        if price
        else "more room would not move the bound"
    )
    return f"`{row['bound']}` binds at {amount(row['level'])} {row['unit']}: {worth}."


def _brief(run: Run) -> bool:
    """Whether the run holds few options of each part: one of very many parts does."""
    return run.figures.get("method") == "decomposed" and run["sources"].height > BRIEF


def _part(run: Run, part: str) -> Explanation:
    mine = pl.col("part") == part
    source = run["sources"].row(by_predicate=mine, named=True)
    awards = run["awards"].filter(mine)
    most = run.figures.get("objective_sense") == "most"
    options = run["options"].filter(mine).sort("objective", "option", descending=[most, False])
    lines = [f"{part}: {source['sourced']}, {source['options']} options considered."]
    for a in awards.iter_rows(named=True):
        lines.append(
            f"Awarded: {a['offer']} of {a['maker']}, {a['share']:.0%} of the need from {a['start']}, signed by {a['signed']}."
        )
    lines.append(f"Objective {source['objective']:,.2f}; had it stayed imported {source['objective_imported']:,.2f}.")
    reasons = run["reasons"].filter(mine)
    missed = run["passed_over"].filter(mine)
    lines += [_reason(r) for r in reasons.iter_rows(named=True)]
    lines += [_passed_over(r) for r in missed.iter_rows(named=True)]
    best = options.head(SHOWN)
    lines.append("Some of its options:" if _brief(run) else "Its best options, limits apart:")
    lines += [
        f"  {_option(o)} {o['objective']:>18,.2f}{'  <- chosen' if o['chosen'] > 0 else ''}"
        for o in best.iter_rows(named=True)
    ]
    return Explanation(
        part,
        tuple(lines),
        {
            "sources": [source], "awards": awards.to_dicts(), "reasons": reasons.to_dicts(),
            "passed_over": missed.to_dicts(), "options": best.to_dicts(),
        },
    )  # fmt: skip


def _option(o: dict[str, object]) -> str:
    legs = [
        f"{o[f'offer{s}']} {o[f'share{s}']:.0%} from {o[f'start{s}']}" for s in ("", "_2") if o[f"offer{s}"] is not None
    ]
    return f"{' + '.join(legs) or 'stay imported':<60}"


def _reason(r: dict[str, object]) -> str:
    """The reason in a sentence that says what would change it."""
    why = r["why"]
    if why == "no offer":
        return "It stays imported: nobody offers it."
    if why == "never possible":
        return "It stays imported: its offers can never be taken up, by lead time, validity or smallest scale."
    if why == "forbidden":
        return "It stays imported: decisions or signed contracts forbid every option at home."
    share = "" if r["dearer_share"] is None else f" ({abs(float(str(r['dearer_share']))):.1%})"
    if why == "dearer":
        return f"It stays imported: its cheapest option at home, {r['offer']}, is worse by {-float(str(r['saving'])):,.2f}{share}."
    if why == "within the gap":
        return f"It stays imported although {r['offer']} would gain {r['saving']:,.2f}{share}: the search stopped at its gap first."
    return (
        f"It stays imported although {r['offer']} would gain {r['saving']:,.2f}{share}: no room in {r['stands_against']} "
        f"(the first lacks {amount(r['excess'])})."
    )


def _passed_over(r: dict[str, object]) -> str:
    """What a better option of a part that is made at home would gain, and what stands against it."""
    better = "Importing it" if r["offer"] == "imported" else f"{r['offer']} with its best start and share"
    if r["why"] == "within the gap":
        return f"{better} would gain {r['saving']:,.2f} more: the search stopped at its gap first."
    return (
        f"{better} would gain {r['saving']:,.2f} more: no room in {r['stands_against']} "
        f"(the first lacks {amount(r['excess'])})."
    )


def _step(row: dict[str, object]) -> list[str]:
    """What a step of room is worth, and the least that lets a part move."""
    said = f"{amount(abs(float(str(row['step']))))} {row['unit']} more room is worth between {row['worth_low']:,.2f} and {row['worth_high']:,.2f}"
    lines = [f"  {said} ({row['how']})."]
    if row["useful_step"] is not None:
        least = f"{amount(abs(float(str(row['useful_step']))))} {row['unit']}"
        lines.append(
            f"  The least useful step: {least} lets {row['useful_part']} move, and gains {row['useful_saving']:,.2f}."
        )
    return lines


def _standing(run: Run, names: set[str]) -> tuple[list[str], pl.DataFrame]:
    """Parts that rows of these names stand against, a sentence each, and their rows."""
    held = pl.concat([run["reasons"], run["passed_over"]]).filter(
        pl.col("stands_against").fill_null("").str.split("; ").list.eval(pl.element().is_in(list(names))).list.any()
    )
    lines = [
        f"It stands against {r['part']}: {r['offer']} would gain {r['saving']:,.2f}."
        for r in held.sort("saving", "part", descending=[True, False]).iter_rows(named=True)
    ]
    return lines, held


def _hours_rows(run: Run) -> dict[str, dict[str, object]]:
    """Rows of machine-hours by the name that `stands_against` gives them."""
    return {f"{HOURS}{r['maker']}, {r['family']} {r['year']}": r for r in run["hours"].iter_rows(named=True)}


def _hours(run: Run, name: str, row: dict[str, object]) -> Explanation:
    priced = run["row_prices"].filter(
        (pl.col("block") == "machine_hours") & (pl.col("row") == name.removeprefix(HOURS))
    )
    price = abs(float(priced["price"].sum()))
    worth = (
        f"one more hour lowers the bound by at most {amount(price)}"
        if price
        else "one more hour would not move the bound"
    )
    against, held = _standing(run, {name})
    lines = (f"`{name}`: {amount(row['used'])} of {amount(row['hours'])} hours are used; {worth}.", *against)
    return Explanation(name, lines, {"hours": [row], "reasons": held.to_dicts()})


def _offer(run: Run, name: str, given: dict[str, object]) -> Explanation:
    awards = run["awards"].filter(pl.col("offer") == name)
    part, most = given["part"], run.figures.get("objective_sense") == "most"
    lines = [f"{name}: {given['maker']} for {part}."]
    lines += [
        f"Awarded {a['share']:.0%} of the need from {a['start']}, signed by {a['signed']}: contract value {a['contract_value']:,.0f}."
        for a in awards.iter_rows(named=True)
    ]
    mine = run["options"].filter(pl.col("part") == part).sort("objective", "option", descending=[most, False])
    within = mine.filter((pl.col("offer") == name) | (pl.col("offer_2") == name).fill_null(value=False))
    if awards.is_empty() and within.is_empty() and _brief(run):
        lines.append(
            f"Not awarded. What it would cost is not told: a run of so many parts tells of few options of {part}."
        )
    elif awards.is_empty() and within.is_empty():
        lines.append("Not awarded: no option with it could be made, by lead time, validity or smallest scale.")
    elif awards.is_empty():
        chosen = float((mine["objective"] * mine["chosen"]).sum())
        best = within.row(0, named=True)
        behind = (chosen - best["objective"]) if most else (best["objective"] - chosen)
        than = f"than what is planned for {part}, limits and the opening of ventures apart"
        lines.append(
            f"Not awarded: its best option is {'worse' if behind >= 0 else 'better'} by {abs(behind):,.2f} {than}."
        )
        lines.append(f"  {_option(best)} {best['objective']:>18,.2f}")
    held = pl.concat([run["reasons"], run["passed_over"]]).filter(
        (pl.col("part") == part) & pl.col("offer").fill_null("").str.split(" + ").list.contains(name)
    )
    lines += [
        _reason(r) for r in held.filter(pl.col("part").is_in(run["reasons"]["part"].to_list())).iter_rows(named=True)
    ]
    lines += [
        _passed_over(r)
        for r in held.filter(pl.col("part").is_in(run["passed_over"]["part"].to_list())).iter_rows(named=True)
    ]
    return Explanation(
        name,
        tuple(lines),
        {"awards": awards.to_dicts(), "options": within.head(SHOWN).to_dicts(), "reasons": held.to_dicts()},
    )


def _maker(run: Run, name: str, offers: pl.DataFrame) -> Explanation:
    mine = pl.col("maker") == name
    awards, hours = run["awards"].filter(mine), run["hours"].filter(mine)
    left = offers.filter(~pl.col("offer").is_in(awards["offer"].to_list()))
    lines = [
        f"{name}: {awards.height} awards for {awards['part'].n_unique()} parts, contract value {awards['contract_value'].sum():,.0f}; {left.height} of its {offers.height} offers are left."
    ]
    full = hours.filter((pl.col("used") > 0) & (pl.col("used") >= pl.col("hours") * (1 - 1e-6)))
    lines += [
        f"No hours are left in {r['family']} {r['year']}: {amount(r['hours'])} are used."
        for r in full.iter_rows(named=True)
    ]
    own = run["limits_met"].filter((pl.col("scope") == "maker") & (pl.col("scope_key") == name)).sort("bound")
    lines += [_price(row) for row in own.filter("binds").iter_rows(named=True)]
    rows = {n for n, r in _hours_rows(run).items() if r["maker"] == name} | set(own["bound"])
    against, held = _standing(run, rows)
    return Explanation(
        name,
        (*lines, *against),
        {
            "awards": awards.to_dicts(),
            "hours": full.to_dicts(),
            "limits_met": own.to_dicts(),
            "reasons": held.to_dicts(),
        },
    )


def _limit(run: Run, name: str, bounds: pl.DataFrame) -> Explanation:
    lines = []
    for row in bounds.sort("bound").iter_rows(named=True):
        word = "at most" if row["sense"] == "at_most" else "at least"
        level = "nothing" if row["level"] is None else f"{amount(row['level'])}"
        lines.append(
            f"`{row['bound']}`: {row['measure']} {word} {amount(row['value'])} {row['unit']}; the plan reaches {level}."
        )
        lines.append(f"  {_price(row)}" if row["binds"] else f"  It does not bind; room {amount(row['room'] or 0)}.")
        lines += _step(run["steps"].row(by_predicate=pl.col("bound") == row["bound"], named=True))
    steps = run["steps"].filter(pl.col("bound").is_in(bounds["bound"].to_list()))
    against, held = _standing(run, set(bounds["bound"]))
    facts = {"limits_met": bounds.to_dicts(), "steps": steps.to_dicts(), "reasons": held.to_dicts()}
    return Explanation(name, (*lines, *against), facts)
