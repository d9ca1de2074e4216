"""What was asked, how near the answer is to the best, and whose cost it is."""

from __future__ import annotations

from markupsafe import Markup

from onshore.blueprint.measures import MEASURES
from onshore.report.numbers import change, percent, scale_of
from onshore.report.pieces import Chapter, Column, Grid, Points, Row, Text, cells, many, ticked
from onshore.report.reading import Reading

__all__ = ["proof"]


def proof(reading: Reading) -> Chapter:
    """The goal, the plan's figure beside what no plan can beat, the three gaps in words, and whose cost it is."""
    reached = [reading.figure(n) for n in ("objective_imported", "objective", "bound")]
    scale = scale_of(reached)
    beaten = (
        "No plan can reach more than"
        if reading.most
        else "No plan can cost less than"
        if reading.settings.objective == "cost"
        else "No plan can go below"
    )
    rows = (
        cells("Every part imported, limits ignored", scale(reached[0])),
        cells("The plan", scale(reached[1])),
        cells(beaten, scale(reached[2])),
    )
    unit = scale.unit(reading.objective_unit)
    return Chapter(
        "proof", "What was asked, and how good the answer is", "Goal and proof",
        (
            Text(_goal(reading)),
            Grid("objective", f"The objective: {reading.objective_name}", (Column("", kind="words"), Column("", unit)), rows, note=_penalties(reading)),
            Points(tuple(_gaps(reading))),
            _costs(reading),
        ),
    )  # fmt: skip


def _penalties(reading: Reading) -> str:
    """What of the objective is the price of soft limits missed."""
    paid = float(reading["limits_met"]["penalty_paid"].fill_null(0.0).sum())
    return (
        f"Soft limits that are missed weigh {scale_of([paid]).told(paid, reading.objective_unit)} in it."
        if paid > 0
        else ""
    )


def _goal(reading: Reading) -> Markup:
    s = reading.settings
    bounds = reading["limits_met"].height
    within = f"within {many(bounds, 'limit')}" if bounds else "without any limit"
    if s.objective == "cost":
        what = MEASURES[f"{s.perspective}_cost"].meaning
        return Markup(
            "The plan was asked for the <strong>least {} cost</strong> ({}) {}: the present value {} at {} a year{}."
        ).format(
            s.perspective, what, within, reading.years, percent(s.discount_rate),
            f", with a shadow premium of {percent(s.shadow_premium)} on foreign currency" if s.shadow_premium and s.perspective == "programme" else "",
        )  # fmt: skip
    meaning = (
        MEASURES[s.objective].meaning if s.objective in MEASURES else "a measure that the programme declares in `uses`"
    )
    return Markup("The plan was asked for the <strong>{} {}</strong> ({}), added up {}, undiscounted, {}.").format(
        s.objective_sense, reading.objective_name, ticked(meaning), reading.years, within
    )


def _gaps(reading: Reading) -> list[str]:
    """The three gaps in words, null ones too."""
    cost, savings, stake = (reading.figure_or_none(f"gap_of_{n}") for n in ("cost", "savings", "stake"))
    said = []
    if cost is None:
        said.append("Gap of the figure: none exists, because the plan’s figure is nothing.")
    elif percent(cost) == percent(0):
        said.append("Gap of the figure: 0. The plan is proved best; no other choice among the same options beats it.")
    else:
        said.append(
            f"Gap of the figure: {percent(cost)}. A better plan, if there is one, is better by no more than that."
        )
    if savings is not None:
        said.append(
            f"Gap of what is gained over importing everything: {percent(savings)}. No more than that share of the gain was missed."
        )
    else:
        short = reading.settings.sign * (reading.figure("bound") - reading.figure("objective_imported"))
        worst = (
            f", and the limits cost at least {scale_of([short]).told(short, reading.objective_unit)}"
            if short > 0
            else ""
        )
        said.append(
            f"Gap of what is gained over importing everything: none exists, because the plan gains nothing over it{worst}."
        )
    if stake is not None:
        said.append(f"Gap of all that choosing can move: {percent(stake)}. No more than that share of it was missed.")
    return said


def _costs(reading: Reading) -> Grid:
    """Both perspectives, before and after, with and without what assets are worth at the end."""
    names = [f"{who}_cost{form}" for who in ("buyer", "programme") for form in ("_imported", "", "_without_residual")]
    values = {name: reading.figure(name) for name in names}
    scale = scale_of(values.values())
    rows: tuple[Row, ...] = tuple(
        cells(
            f"{who.capitalize()}’s cost", scale(values[f"{who}_cost_imported"]),
            scale(values[f"{who}_cost"]), change(values[f"{who}_cost_imported"], values[f"{who}_cost"]),
            scale(values[f"{who}_cost_without_residual"]),
        )
        for who in ("buyer", "programme")
    )  # fmt: skip
    meanings = " ".join(
        f"{who.capitalize()}’s cost: {MEASURES[f'{who}_cost'].meaning}." for who in ("buyer", "programme")
    )
    unit = scale.unit(reading.currency)
    life = reading.settings.asset_life_years
    lasting = "nothing is credited for what tooling, modules and set-up are worth at the end" if life is None else (
        f"tooling, modules and set-up last {life:g} years, and what is left of them at the end is credited in a straight line"
    )  # fmt: skip
    return Grid(
        "costs", f"Whose cost: present value {reading.years}, at {percent(reading.settings.discount_rate)} a year",
        (
            Column("", kind="words"), Column("Every part imported", unit), Column("The plan", unit), Column("Change"),
            Column("The plan, without residual value", unit),
        ),
        rows, note=f"{meanings} Residual value: {lasting}.",
    )  # fmt: skip
