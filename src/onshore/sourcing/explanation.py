"""Why: a run's answer about one part, one limit, or the whole plan, read from its tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from onshore.errors import WrongUse
from onshore.sourcing.declared import TABLES
from onshore.tables.runs import Run, read_run
from onshore.tables.words import nearest

__all__ = ["Explanation", "explain"]

MOST_OPTIONS = 8


@dataclass(frozen=True)
class Explanation:
    """`about` is a part, a limit, or None for the plan; `lines` are the answer in words, `facts` the rows it rests on."""

    about: str | None
    lines: tuple[str, ...]
    facts: dict[str, list[dict[str, object]]]

    def summary(self) -> str:
        return "\n".join(self.lines)

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: `about`, `lines` and the rows by table."""
        return {"about": self.about, "lines": list(self.lines), "facts": self.facts}


def explain(path: Path | str, name: str | None = None) -> Explanation:
    """Why a part is sourced as it is, what a limit is worth and keeps out, or what shapes the plan.

    `name` is a part, a limit, or one bound of it. Raises `WrongUse` for a name that the run does not have.
    """
    run = read_run(Path(path), TABLES)
    if name is None:
        return _whole(run)
    if name in set(run["sources"]["part"]):
        return _part(run, name)
    bounds = run["limits_met"].filter((pl.col("bound") == name) | (pl.col("limit") == name))
    if not bounds.is_empty():
        return _limit(run, name, bounds)
    known = {*run["sources"]["part"], *run["limits_met"]["bound"], *run["limits_met"]["limit"]}
    raise WrongUse(f"`{name}` is neither a part nor a limit of this run.{nearest(name, known)}")


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


def _amount(value: object) -> str:
    """1,234,567 or 0.0123: whole when large, six digits when small."""
    number = float(str(value))
    return f"{number:,.0f}" if abs(number) >= 100_000 else f"{number:,.6g}"


def _price(row: dict[str, object]) -> str:
    price = row["bound_price"]
    worth = (
        f"one more {row['unit']} of room lowers the bound by at most {_amount(price)}"
        if price
        else "more room would not move the bound"
    )
    return f"`{row['bound']}` binds at {_amount(row['level'])} {row['unit']}: {worth}."


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
    lines += [_reason(r) for r in reasons.iter_rows(named=True)]
    best = options.head(MOST_OPTIONS)
    lines.append("Its best options, limits apart:")
    lines += [
        f"  {_option(o)} {o['objective']:>18,.2f}{'  <- chosen' if o['chosen'] > 0 else ''}"
        for o in best.iter_rows(named=True)
    ]
    return Explanation(
        part,
        tuple(lines),
        {"sources": [source], "awards": awards.to_dicts(), "reasons": reasons.to_dicts(), "options": best.to_dicts()},
    )


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
        f"(the first lacks {_amount(r['excess'])})."
    )


def _limit(run: Run, name: str, bounds: pl.DataFrame) -> Explanation:
    lines = []
    for row in bounds.sort("bound").iter_rows(named=True):
        word = "at most" if row["sense"] == "at_most" else "at least"
        level = "nothing" if row["level"] is None else f"{_amount(row['level'])}"
        lines.append(
            f"`{row['bound']}`: {row['measure']} {word} {_amount(row['value'])} {row['unit']}; the plan reaches {level}."
        )
        lines.append(f"  {_price(row)}" if row["binds"] else f"  It does not bind; room {_amount(row['room'] or 0)}.")
    named = set(bounds["bound"])
    out = run["reasons"].filter(
        pl.col("stands_against").fill_null("").str.split("; ").list.eval(pl.element().is_in(list(named))).list.any()
    )
    lines += [
        f"It stands against {r['part']}: {r['offer']} would gain {r['saving']:,.2f}."
        for r in out.sort("saving", descending=True).iter_rows(named=True)
    ]
    return Explanation(name, tuple(lines), {"limits_met": bounds.to_dicts(), "reasons": out.to_dicts()})
