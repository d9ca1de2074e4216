"""The first page: what the plan does and what it saves, and what to mind."""

from __future__ import annotations

from math import isfinite

import polars as pl
from markupsafe import Markup

from onshore.report.numbers import NONE, change, count, percent, rate, scale_of
from onshore.report.pieces import (
    Block,
    Card,
    Cards,
    Cell,
    Chapter,
    Column,
    Grid,
    Points,
    Row,
    Text,
    cells,
    listed,
    many,
    sentence,
    ticked,
)
from onshore.report.reading import FEW, Reading, total
from onshore.report.record import realised
from onshore.sourcing.made import ENDINGS

__all__ = ["cautions", "headline"]


WARNED = 50
"""Most warnings of the check that are told one by one."""


def headline(reading: Reading) -> Chapter:
    """What a minister reads: the answer in a sentence, four numbers, and what they rest on."""
    blocks: list[Block] = [Text(_answer(reading), "lead")]
    if reading["sources"].height <= FEW:
        parts = many(reading["sources"].height, "part")
        blocks.append(Text(
            f"Only {parts} {'was' if parts == '1 part' else 'were'} planned. This illustrates the method on a handful of "
            "rows and supports no statement about a programme as a whole.", "mind",
        ))  # fmt: skip
    blocks += [
        Cards(_cards(reading)),
        Text(
            "All four are planned amounts; nothing here is contracted, in production or realised. Contract value is a "
            "stock, fixed on the day of signing; imports displaced are a flow, so much a year. They are different "
            "measures and are never added to each other.",
            "small",
        ),
    ]
    face = realised(reading)
    blocks += [Text(face)] if face else []
    blocks += [_by_currency(reading), Text(_assumed(reading))]
    return Chapter("headline", "In short", "In short", tuple(blocks))


def _answer(reading: Reading) -> Markup:
    awards, sources, bill = reading["awards"], reading["sources"], reading["bill"]
    made = int((sources["sourced"] != "imported").sum())
    before, after = total(bill["before"]), total(bill["after"])
    scale = scale_of([before, after])
    if not awards.height:
        return Markup("The plan makes nothing at home: what was planned, {}, stays imported.").format(
            many(sources.height, "part")
        )
    makers = many(awards["maker"].n_unique(), "maker")
    return Markup(
        "The plan makes <strong>{} of {}</strong> at home, through {} to {}. The bill for landed imports of these "
        "parts goes from {} to <strong>{}</strong> {} ({})."
    ).format(
        count(made), many(sources.height, "part"), many(awards.height, "award"), makers, scale(before),
        scale.told(after, reading.currency), reading.years, change(before, after),
    )  # fmt: skip


def _cards(reading: Reading) -> tuple[Card, ...]:
    sources, awards, bill = reading["sources"], reading["awards"], reading["bill"]
    made, parts = int((sources["sourced"] != "imported").sum()), sources.height
    before, after = total(bill["before"]), total(bill["after"])
    value = total(awards["contract_value"])
    displaced = reading.yearly("imports_displaced")
    last = float(displaced["after"].to_list()[-1])
    paid, worth, flow = scale_of([before, after]), scale_of([value]), scale_of([last])
    own = reading.currency
    return (
        Card("parts-home", "Parts made at home", f"{count(made)} of {count(parts)}", f"by {many(awards.height, 'award')}", made),
        Card("bill-after", "Import bill, planned", paid(after), f"{paid.unit(own)}, from {paid(before)} {reading.years}", after),
        Card("contract-value", "Contract value (stock)", worth(value), f"{worth.unit(own)} to sign, over the whole terms", value),
        Card("imports-displaced", "Imports displaced (flow)", flow(last), f"{flow.unit(own)} a year, in {reading.year(reading.settings.last_year)}", last),
    )  # fmt: skip


def _by_currency(reading: Reading) -> Grid:
    """The bill of all years, in each currency and in the programme's."""
    bill = reading["bill"]
    before, after = total(bill["before"]), total(bill["after"])
    scale = scale_of([*bill["before"], *bill["after"], before, after])
    own, market = reading.currency, reading.settings.market("imports")
    rows: list[Row] = []
    for (currency,), years in bill.sort("currency", "year").group_by(["currency"], maintain_order=True):
        paid = scale_of([total(years["before_own"])])
        told = (NONE, NONE) if currency == own else _rates(years, market)
        rows.append(cells(
            Cell(str(currency), paid.word), paid(total(years["before_own"])), paid(total(years["after_own"])), *told, scale(total(years["before"])),
            scale(total(years["after"])), change(total(years["before"]), total(years["after"])),
        ))  # fmt: skip
    columns = (
        Column("Paid in", kind="words"), Column("Before", "that currency"), Column("After", "that currency"),
        Column("Rate", f"{own} for one"),
        Column("Its market and day", kind="long"), Column("Before", scale.unit(own)),
        Column("After", scale.unit(own)), Column("Change"),
    )  # fmt: skip
    whole = cells("All", "", "", "", "", scale(before), scale(after), change(before, after)) if len(rows) > 1 else None
    return Grid(
        "bill-by-currency", f"Landed imports of the planned parts {reading.years}, by the currency they are paid in",
        columns, tuple(rows), whole,
        note="Before: every part imported. After: under the plan. A rate is the last one published on or before the middle of each programme year.",
    )  # fmt: skip


def _rates(years: pl.DataFrame, market: str) -> tuple[str, str]:
    """The rate and where it comes from; where it moves over the years, from what to what."""
    rates, paths, days = (
        years[c].unique(maintain_order=True).drop_nulls().to_list() for c in ("rate", "rate_path", "rate_date")
    )
    if len(rates) == 1:
        return rate(rates[0]), paths[0] if paths else f"{market}: no rate"
    of = f", of {min(days)} to {max(days)}" if days else ""
    return f"{rate(min(rates))} to {rate(max(rates))}", f"{market}, one a year{of}; see the import bill"


def _assumed(reading: Reading) -> Markup:
    share = reading.figure_or_none("assumed_share_of_bill")
    if share is None:
        return Markup("There is no import bill, so no share of it rests on assumptions.")
    return Markup(
        "<strong>{}</strong> of the import bill belongs to parts with a figure that has no source or is marked an "
        "assumption. <a href=\"#sources\">Which ones</a>"
    ).format(percent(share))  # fmt: skip


def cautions(reading: Reading) -> Chapter | None:
    """What the plan and the check of its input warn of."""
    said = [sentence(r) for r in reading.words("remarks")]
    ended = ENDINGS.get(str(reading.run.figures["status"]))
    if ended is not None:
        said.append(f"{sentence(ended)} The gaps say how much better another plan may be.")
    breaks = reading.words("all_imported_breaks")
    if breaks:
        said.append(
            f"Importing every part would break {listed([f'`{b}`' for b in breaks])}: the plan has to act, whatever it costs."
        )
    shared = reading.figure("shared_learning")
    if isfinite(shared) and shared < 0:
        scale = scale_of([shared])
        said.append(
            f"If a maker's experience carried over between parts of one family, purchases would be lower by "
            f"{scale.told(-shared, reading.currency)}; the plan does not count on it."
        )
    warnings = reading.programme.warnings
    said += [f"{w.place}: {w.cause} {w.remedy}" for w in warnings[:WARNED]]
    if len(warnings) > WARNED:
        said.append(
            f"The check of the input warns of {count(len(warnings) - WARNED)} things more; `onshore check` lists them."
        )
    if not said:
        return None
    return Chapter("cautions", "What to mind", "What to mind", (Points(tuple(ticked(s) for s in said)),))
