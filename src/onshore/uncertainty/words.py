"""What the worlds say, in a dozen lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from onshore.blueprint.measures import MEASURES
from onshore.blueprint.settings import Settings
from onshore.uncertainty.asked import Asked
from onshore.uncertainty.candidates import PLAN

__all__ = ["told", "unit_of"]


def unit_of(settings: Settings) -> str:
    """The unit of the objective: the programme's currency, or the measure's own."""
    known = MEASURES.get(settings.objective)
    return settings.objective if known is None else settings.currency if known.flow else known.unit


def told(
    settings: Settings,
    asked: Asked,
    tables: Mapping[str, pl.DataFrame],
    figures: Mapping[str, object],
    remarks: Sequence[str],
) -> str:
    """The summary of a `Worlds`."""
    worlds, plans, stable, exits = (tables[n] for n in ("worlds", "plans", "stable_awards", "exits"))
    unit = unit_of(settings)
    named, drawn = (worlds.filter(pl.col("sample") == s) for s in ("named", "draws"))
    lines = [
        f"{settings.name}: the plan in {_many(named.height - 1, 'scenario')} and {_many(drawn.height, 'draw')}, seed {asked.seed} ({unit})"
    ]
    for row in named.iter_rows(named=True):
        lines.append(f"  {row['world']:<22} {row['value']:>20,.0f}   {_regret(row)}{_trouble(row)}")
    if drawn.height:
        values = drawn["value"].sort()
        lines.append(
            f"  {'draws':<22} {values[0]:>20,.0f} to {values[-1]:,.0f}; kept whole in {int((drawn['broken'] == 0).sum())}, awards lost in {int((drawn['lost'] > 0).sum())}"
        )
        if clipped := int(drawn["clipped"].sum()):
            lines.append(f"  {_many(clipped, 'number')} drawn beyond what the column holds, set to the nearest it does")
    for what, words in (
        ("best_on_average", "best on average"),
        ("best_in_the_tail", f"best in the worst {1 - asked.level:.0%}"),
        ("least_regret", "least regret"),
    ):
        if (name := figures[what]) is not None:
            lines.append(f"  {words:<22} {_plan(plans.filter(plan=str(name)).row(0, named=True), what)}")
    for row in tables["sampled_bounds"].iter_rows(named=True):
        error = "" if row["error"] is None else f" ± {row['error']:,.0f}"
        side = "reached" if row["side"] == "reached" else "no plan better than"
        lines.append(f"  {row['risk']}: {side} {row['value']:,.0f}{error} ({row['how']})")
    first = stable.filter("sign_first")
    pool = stable["worlds"][0] if stable.height else 0
    lines.append(
        f"  sign first: {_listed(first['offer'].to_list())} (own plan of {asked.nearly:.0%} or more of {pool} world{'' if pool == 1 else 's'})"
    )
    for (groups, group), rows in exits.group_by("groups", "group", maintain_order=True):
        worst = rows.sort("loss", descending=True).row(0, named=True)
        lines.append(
            f"  if {group} ({groups}) leaves in {worst['year']}: {worst['loss']:,.0f} {settings.currency} dearer, {worst['units']:,.0f} units imported again"
        )
    return "\n".join([*lines, *(f"  note: {remark}" for remark in remarks)])


def _many(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _regret(row: Mapping[str, object]) -> str:
    if row["best"] is None:
        return f"no plan of its own ({row['status']})"
    low, high = (0.0 if abs(float(str(row[n]))) < 0.5 else row[n] for n in ("regret_low", "regret_high"))
    return f"regret {low:,.0f} to {high:,.0f}"


def _trouble(row: Mapping[str, object]) -> str:
    lost, broken = int(str(row["lost"])), int(str(row["broken"]))
    told = [*([f"{_many(lost, 'award')} lost"] if lost else []), *([f"{broken} not kept"] if broken else [])]
    return f"; {', '.join(told)}" if told else ""


def _plan(row: Mapping[str, object], what: str) -> str:
    if what != "least_regret" and row["mean"] is None:
        return f"{row['plan']}; no fresh draw has weighed it"
    if what == "least_regret":
        return f"{row['plan']}: at most {row['worst_regret']:,.0f} worse than the best of any world"
    name, beside = ("mean", _against(row)) if what == "best_on_average" else ("cvar", "")
    error = "" if row[f"{name}_error"] is None else f" ± {row[f'{name}_error']:,.0f}"
    kept = f"keeps all limits in {row['kept']:.0%} of {row['draws']} fresh draws"
    return f"{row['plan']}: {row[name]:,.0f}{error}; {beside}{kept}"


def _against(row: Mapping[str, object]) -> str:
    """Against the programme's plan, world by world."""
    if row["plan"] == PLAN:
        return ""
    error = "" if row["against_plan_error"] is None else f" ± {row['against_plan_error']:,.0f}"
    return f"{row['against_plan']:+,.0f}{error} against the plan; "


def _listed(names: list[str], most: int = 6) -> str:
    return (
        ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "") if names else "none"
    )
