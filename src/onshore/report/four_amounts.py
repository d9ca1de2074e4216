"""Where the programme stands: the four amounts of each measure, side by side at every market's rates."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from markupsafe import Markup

from onshore.report.numbers import NONE, number, scale_of
from onshore.report.pieces import Block, Card, Cards, Cell, Chapter, Column, Grid, Link, Row, Text, cells, links, many
from onshore.report.standing import MEASURE_WORDS, STAGE_WORDS, STAGES, Standing, ranged

__all__ = ["four_amounts"]

MOST_SOURCES = 24
"""Links under a total; each contract has its own beside it."""


def four_amounts(standing: Standing) -> Chapter:
    """A minister's first page: a sentence, the amounts, and the same in every market."""
    blocks: list[Block] = [Text(_answer(standing), "lead"), Cards(_cards(standing)), Text(
        "Planned, contracted, in production and realised are four amounts, and each of them exists for two measures. Contract "
        "value is a stock, fixed on the day of signing; imports displaced are a flow, so much a year. None of them is ever "
        "added to another. Sums of contracts keep the rate of the day on which each was signed.", "small",
    )]  # fmt: skip
    blocks += [_table(standing, measure) for measure in MEASURE_WORDS]
    return Chapter("standing", "Where the programme stands", "In short", tuple(blocks))


def _answer(standing: Standing) -> Markup:
    ledger = standing["ledger"]
    counted = ledger.filter(pl.col("role") == "counted").height
    flows = {
        row["stage"]: row for row in standing.amounts("programme", measure="imports_displaced").iter_rows(named=True)
    }
    signed, realised = flows.get("contracted"), flows.get("realised")
    scale = scale_of([row["high"] for row in flows.values()])
    unit = scale.unit(standing.currency)
    said = Markup("On {}, {} of the record’s {} are added up. ").format(
        " ".join(filter(None, (t.text if isinstance(t, Cell) else str(t) for t in [standing.day(standing.as_of)]))), many(counted, "contract row"), many(ledger.height, "row")
    )  # fmt: skip
    if signed:
        said += Markup("They are to displace imports of <strong>{} {}</strong> a year").format(
            ranged(scale, signed["low"], signed["high"]).text, unit
        )
        said += Markup("; <strong>{} {}</strong> is realised, of {}.").format(
            ranged(scale, realised["low"], realised["high"]).text, unit, many(realised["contracts"], "contract")
        ) if realised else Markup("; what of it is realised, nobody has printed.")  # fmt: skip
    return said


def _cards(standing: Standing) -> tuple[Card, ...]:
    """Realised, in production and contracted flow, and the contracts' value."""
    cards = []
    for measure, stage in (
        ("imports_displaced", "realised"), ("imports_displaced", "in_production"), ("imports_displaced", "contracted"),
        ("contract_value", "contracted"),
    ):  # fmt: skip
        found = standing.amounts("programme", measure=measure).filter(pl.col("stage") == stage)
        label = f"{MEASURE_WORDS[measure]}, {STAGE_WORDS[stage].lower()}"
        if not found.height or found["high"][0] is None:
            cards.append(Card(f"{measure}-{stage}", label, NONE, "not known"))
            continue
        row = found.row(0, named=True)
        scale = replace(scale_of([row["high"]]), decimals=0 if row["high"] != row["low"] else 1)
        unseen = f"; {row['unseen']} more not seen" if row["unseen"] else ""
        sub = f"{scale.unit(standing.currency)}, {many(row['contracts'], 'contract')}{unseen}"
        cards.append(Card(f"{measure}-{stage}", label, ranged(scale, row["low"], row["high"]).text, sub, row["high"]))
    return tuple(cards)


def _table(standing: Standing, measure: str) -> Grid:
    """A row a stage; as it is told, then in the summary's currency at each market's rates."""
    here = standing["amounts"].filter((pl.col("scope") == "programme") & (pl.col("measure") == measure))
    shown = here.filter((pl.col("currency") == standing.currency) & pl.col("market").is_not_null())
    scale = scale_of(shown.filter(pl.col("market") == standing.market)["high"])
    rows: list[Row] = []
    for stage in STAGES:
        at = here.filter(pl.col("stage") == stage)
        if not at.height:
            rows.append(cells(STAGE_WORDS[stage], Cell("not known"), *(NONE for _ in standing.markets), Cell(NONE)))
            continue
        by_market = {r["market"]: r for r in at.filter(pl.col("currency") == standing.currency).iter_rows(named=True)}
        first = at.row(0, named=True)
        behind = "awards of the plan" if first["contracts"] is None else many(first["contracts"], "contract")
        sub = ", ".join(filter(None, (
            f"{first['unseen']} not seen" if first["unseen"] else "",
            f"{first['without_figure']} without a figure" if first["without_figure"] else "", _basis(measure, first["basis"]),
        )))  # fmt: skip
        rows.append(cells(
            STAGE_WORDS[stage], _own(at),
            *(ranged(scale, by_market[m]["low"], by_market[m]["high"]) if m in by_market else NONE for m in standing.markets),
            Cell(behind, sub, _sources(standing, stage)),
        ))  # fmt: skip
    unit = scale.unit(standing.currency)
    columns = (
        Column("", kind="words"), Column("As it is told", "own currencies"),
        *(Column(f"{m} rate", unit) for m in standing.markets), Column("Behind it", kind="words"),
    )  # fmt: skip
    note = (
        "A range where sources disagree, a currency is in dispute, or a contract may be another told twice. What nobody has seen "
        "is in no amount, and a share in production that is counted by parts takes each part to save alike."
    )
    apart = _apart(shown)
    return Grid(
        f"{measure.replace('_', '-')}-table",
        MEASURE_WORDS[measure],
        columns,
        tuple(rows),
        note=f"{note} {apart}".strip(),
    )


def _sources(standing: Standing, stage: str) -> tuple[Link, ...]:
    """Where an amount comes from: the contracts that are added up, or what was seen of them."""
    counted = standing["ledger"].filter(pl.col("role") == "counted")
    if stage == "contracted":
        told = counted["source"]
    else:
        seen = standing.programme["observations"]
        word = {"in_production": "parts in production", "realised": "saving realised"}.get(stage)
        if word is None or "source" not in seen.columns:
            return ()
        below = standing["ledger"].filter(pl.col("top").is_in(counted["contract"].implode()))["contract"]
        told = seen.filter(
            (pl.col("stage") == word) & pl.col("contract").is_in(below.implode()) & (pl.col("as_of") <= standing.as_of)
        )["source"]
    return links(" | ".join(told.drop_nulls().unique(maintain_order=True)))[:MOST_SOURCES]


def _basis(measure: str, basis: str | None) -> str:
    """What kind the figures are of: a value's kind, or whether imported inputs are off a saving."""
    if not basis:
        return ""
    if measure == "contract_value":
        return f"kinds of value: {basis}" if basis != "contract" else ""
    return {
        "unknown": "gross or net: not said",
        "gross": "gross of imported inputs",
        "net": "net of imported inputs",
    }.get(basis, f"imported inputs: {basis}")


def _own(rows: pl.DataFrame) -> Cell:
    """Sums in the currencies in which they are told; a contract whose currency is in dispute stands in one of them."""
    told = []
    for row in rows.filter(pl.col("market").is_null()).sort("high", descending=True).iter_rows(named=True):
        scale = scale_of([row["high"]])
        told.append(f"{ranged(scale, row['low'], row['high']).text} {scale.unit(row['currency'])}")
    return Cell(told[0], "; ".join(told[1:])) if told else Cell("in more than one")


def _apart(shown: pl.DataFrame) -> str:
    """How far the markets stand apart for what is contracted."""
    signed = shown.filter(pl.col("stage") == "contracted").drop_nulls("high").sort("high")
    if signed.height < 2 or signed["high"][0] <= 0:
        return ""
    low, high = signed.row(0, named=True), signed.row(-1, named=True)
    times = high["high"] / low["high"]
    if times < 1.01:
        return "Every market gives the same here."
    return f"The same contracts are {number(times, 1)} times as much at the {high['market']} rate as at the {low['market']} rate."
