"""What a plan in many worlds is worth: its spread over draws, and its regret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from onshore.report.charts import AFTER, BEFORE, BINDS, INK, axis_number, drawn
from onshore.report.in_worlds import InWorlds
from onshore.report.numbers import number, percent, scale_of
from onshore.report.pieces import Block, Card, Cards, Chapter, Figure, Text, many

if TYPE_CHECKING:
    from onshore.report.charts import Drawing

__all__ = ["worlds"]

PLAN, CHOSEN = "the plan", "best on average"
COLOURS = {PLAN: AFTER, CHOSEN: BINDS}


def worlds(told: InWorlds) -> Chapter:
    """The plan's value over the worlds."""
    table, scale, unit = told["worlds"], told.scale, told.unit
    drawn_ = table.filter(sample="draws")
    base = table.row(0, named=True)
    cards = [
        Card(
            "worlds-plan",
            "The plan, as planned",
            scale.told(base["value"], unit),
            "in the programme itself",
            base["value"],
        )
    ]
    own = told["plans"].row(0, named=True)
    if own["mean"] is not None:
        cards.append(
            Card(
                "worlds-mean",
                "On average",
                scale.told(own["mean"], unit),
                f"± {scale(own['mean_error'])}, {own['draws']} fresh draws",
                own["mean"],
            )
        )
        cards.append(
            Card(
                "worlds-cvar",
                f"In the worst {told.worst}",
                scale.told(own["cvar"], unit),
                "conditional value at risk",
                own["cvar"],
            )
        )
        cards.append(
            Card("worlds-kept", "Keeps every hard limit", percent(round(own["kept"], 4)), "of fresh draws", own["kept"])
        )
    blocks: list[Block] = [Text(_answer(told), "lead"), Cards(tuple(cards))]
    if drawn_.height:
        blocks += [_spread(told), _regrets(told)]
    blocks += [Text(str(remark), "mind") for remark in told.remarks]
    if clipped := int(table["clipped"].sum()):
        blocks.append(
            Text(
                f"{many(clipped, 'number').capitalize()} drawn lay beyond what the column holds, and stand at the nearest it does.",
                "mind",
            )
        )
    blocks.append(Text(
        "In each world the plan is put in as it was signed: same offers, same days of signing, same shares. A line that is late starts late; what fails, comes too "
        "late or too small is imported at that world’s price. A broken limit is told with its size and not priced.", "small",
    ))  # fmt: skip
    return Chapter("worlds", "What the plan is worth in other worlds", "Worth", tuple(blocks))


def _answer(told: InWorlds) -> str:
    named = told["worlds"].filter((pl.col("sample") == "named") & (pl.col("world") != "programme"))
    drawn_ = told["worlds"].filter(sample="draws")
    said = f"The plan was put into {many(named.height, 'scenario')} and {many(drawn_.height, 'draw')}."
    plan = told.chosen("best_on_average")
    if plan is not None:
        said += f" {_against(told, plan)}"
    first = told["stable_awards"].filter("sign_first").height
    return f"{said} {many(first, 'award').capitalize()} {'is' if first == 1 else 'are'} the same in nearly all of them."


def _against(told: InWorlds, plan: dict[str, object]) -> str:
    """Whether the plan that looked best on the draws that chose it is better on others, in a sentence."""
    if plan["plan"] == "plan":
        return "No other that was weighed is better on average over the draws."
    if plan["against_plan"] is None:
        return f"On the draws the plan `{plan['plan']}` looks best on average; no fresh draw has weighed it."
    gain = -told.programme.settings.sign * float(str(plan["against_plan"]))
    error = plan["against_plan_error"]
    by = f"{told.scale.told(abs(gain), told.unit)}" + ("" if error is None else f" ± {told.scale(float(str(error)))}")
    if error is not None and gain > 2.0 * float(str(error)):
        return f"Another plan is better on average, by {by} on fresh draws that chose neither."
    return f"The plan that looked best on the draws is {'better' if gain > 0 else 'worse'} by {by} on fresh ones: no difference that can be relied on."


def _spread(told: InWorlds) -> Figure:
    scale, values = told.scale, told["values"].filter(pl.col("sample") != "named")
    best = told.run.figures["best_on_average"]
    frames = [values.filter(plan="plan").select("value", name=pl.lit(PLAN))]
    if best not in (None, "plan"):
        frames.append(values.filter(plan=str(best)).select("value", name=pl.lit(CHOSEN)))
    shown = pl.concat(frames).with_columns(pl.col("value") / scale.factor)
    wide, narrow = drawn("spread-chart", lambda width: _spread_chart(shown, width))
    own = shown.filter(name=PLAN)["value"]
    see = f"The plan comes to {number(own.min(), scale.decimals)} to {number(own.max(), scale.decimals)} {scale.unit(told.unit)}; half of the draws lie between {number(own.quantile(0.25), scale.decimals)} and {number(own.quantile(0.75), scale.decimals)}."  # type: ignore[arg-type]
    return Figure(
        "spread-figure",
        f"Share of draws in which a plan comes to so much or less, {scale.unit(told.unit)}",
        see,
        wide,
        narrow,
        see,
    )


def _spread_chart(shown: pl.DataFrame, width: int) -> Drawing:
    import altair as alt

    names = [n for n in COLOURS if n in set(shown["name"])]
    steps = shown.sort("name", "value").with_columns(
        share=pl.int_range(1, pl.len() + 1).over("name") / pl.len().over("name")
    )
    colour = alt.Color("name:N", scale=alt.Scale(domain=names, range=[COLOURS[n] for n in names]), legend=alt.Legend())
    x = alt.Axis(labelExpr=axis_number, tickCount=6 if width > 500 else 4, grid=False)
    return (
        alt.Chart(steps)
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("value:Q", title=None, scale=alt.Scale(zero=False), axis=x),
            y=alt.Y("share:Q", title=None, axis=alt.Axis(format="%", tickCount=5)),
            color=colour,
        )
        .properties(width=width - 60, height=190)
    )


def _regrets(told: InWorlds) -> Figure:
    worlds = told["worlds"].filter(sample="draws").drop_nulls("regret_high").sort("regret_high")
    scale = scale_of(worlds["regret_high"].abs())
    shown = worlds.select(
        rank=pl.int_range(1, worlds.height + 1), low=pl.col("regret_low") / scale.factor, high=pl.col("regret_high") / scale.factor
    )  # fmt: skip
    wide, narrow = drawn("regret-chart", lambda width: _regret_chart(shown, width))
    see = (
        f"With hindsight the plan could have been better by up to {scale.told(worlds['regret_high'].to_list()[-1], told.unit)}. The dark end of each line is what "
        "another plan is known to gain, the light end what none can exceed."
        if worlds.height
        else "No draw has a plan of its own to compare with."
    )  # fmt: skip
    return Figure("regret-figure", f"Regret in each draw, least first, {scale.unit(told.unit)}", see, wide, narrow, see)


def _regret_chart(shown: pl.DataFrame, width: int) -> Drawing:
    import altair as alt

    x = alt.X("rank:Q", title=None, axis=alt.Axis(grid=False, tickMinStep=1, tickCount=6))
    axis = alt.Axis(labelExpr=axis_number, tickCount=5)
    base = alt.Chart(shown)
    return alt.layer(
        base.mark_rule(strokeWidth=3, color=BEFORE).encode(x=x, y=alt.Y("low:Q", title=None, axis=axis), y2="high:Q"),
        base.mark_point(filled=True, size=26, opacity=1, color=AFTER).encode(x=x, y=alt.Y("low:Q", title=None)),
        alt.Chart(pl.DataFrame({"y": [0.0]})).mark_rule(color=INK).encode(y="y:Q"),
    ).properties(width=width - 60, height=170)  # fmt: skip
