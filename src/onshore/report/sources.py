"""What was not modelled, what the figures rest on, and how the page came about."""

from __future__ import annotations

import polars as pl
from markupsafe import Markup

from onshore.report.numbers import NONE, count, percent
from onshore.report.pieces import (
    Block,
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
from onshore.report.reading import Reading
from onshore.report.standing import Standing

__all__ = ["made_by", "not_modelled", "progress_made_by", "sources"]

ASSUMPTION = "x_assumption"


def not_modelled(reading: Reading) -> Chapter:
    """What the plan does not know of, in its own words."""
    said = reading.words("not_modelled")
    lead = (
        "What is absent from the input is not modelled; it is not taken to be nothing."
        if said
        else "Everything that the tables can hold is given."
    )
    points = (Points(tuple(ticked(sentence(s)) for s in said)),) if said else ()
    return Chapter("not-modelled", "What was not modelled", "Not modelled", (Text(lead), *points))


def sources(reading: Reading) -> Chapter:
    """Rows with and without a source, the share of the bill that rests on assumptions, and the assumptions."""
    frames = {name: frame for name, frame in reading.programme.tables.items() if frame.height}
    counts = {name: _counts(frame) for name, frame in frames.items()}
    rows: tuple[Row, ...] = tuple(
        cells(Cell(name), count(frame.height), *(count(n) if n else NONE for n in counts[name]))
        for name, frame in frames.items()
    )
    whole = (
        "All tables",
        count(sum(f.height for f in frames.values())),
        *(count(sum(c[i] for c in counts.values())) for i in range(3)),
    )
    columns = (
        Column("Input table", kind="words"),
        Column("Rows"),
        Column("With a source"),
        Column("Without"),
        Column("Marked an assumption"),
    )
    blocks: list[Block] = [
        Text(_share(reading)),
        Grid("sources-table", "Where the input comes from", columns, rows, whole, note="A row that has a source may still be marked an assumption: its note says what in it was assumed."),
    ]  # fmt: skip
    assumed = [row for name, frame in frames.items() for row in _assumptions(reading, name, frame)]
    if assumed:
        headings = (Column("Table", kind="words"), Column("Rows", kind="words"), Column("What is assumed", kind="long"))
        blocks.append(Grid("assumptions-table", "Every assumption that is marked", headings, tuple(assumed)))
    return Chapter("sources", "Assumptions and sources", "Assumptions", tuple(blocks))


def _share(reading: Reading) -> Markup:
    share = reading.figure_or_none("assumed_share_of_bill")
    parts = int(reading["sources"]["assumed"].sum())
    if share is None:
        return Markup("There is no import bill for assumptions to have a share in.")
    return Markup(
        "<strong>{}</strong> of the import bill (every part imported) belongs to {} of {}: a figure of the part, its need or its "
        "award has no source, or is marked an assumption."
    ).format(percent(share), parts, many(reading["sources"].height, "part"))  # fmt: skip


def _counts(frame: pl.DataFrame) -> tuple[int, int, int]:
    """Rows with a source, without one, and marked an assumption."""
    told = int((~_empty(frame, "source")).sum())
    return told, frame.height - told, int((~_empty(frame, ASSUMPTION)).sum())


def _empty(frame: pl.DataFrame, column: str) -> pl.Series:
    if column not in frame.columns:
        return pl.repeat(True, frame.height, dtype=pl.Boolean, eager=True)
    return frame[column].is_null() | (frame[column].str.strip_chars() == "")


def _assumptions(reading: Reading, name: str, frame: pl.DataFrame) -> list[Row]:
    """Rows that assume the same thing in the same words, told once."""
    marked = frame.filter(~_empty(frame, ASSUMPTION))
    if not marked.height:
        return []
    key = next(c for c in frame.columns if c != "row")
    told: list[Row] = []
    for (words,), rows in marked.group_by([ASSUMPTION], maintain_order=True):
        told.append(cells(Cell(name), Cell(_some(rows[key].unique(maintain_order=True))), Cell(str(words))))
    return told


def _some(keys: pl.Series) -> str:
    """The first of them by name, and how many more."""
    few = [str(k) for k in keys.head(12)]
    return listed(few) if len(keys) <= len(few) else f"{', '.join(few)} and {count(len(keys) - len(few))} more"


def made_by(reading: Reading) -> Chapter:
    """Settings, versions and the hash of the input: what it takes to make this page again."""
    f, s = reading.run.figures, reading.settings
    o = s.options
    starts = listed([str(y) for y in o.start_years]) or "every programme year"
    asked: list[tuple[str, str]] = [
        ("Programme years", f"{reading.year(s.first_year)} to {reading.year(s.last_year)}, calendar {s.calendar}"),
        ("Objective", f"{s.objective_sense} {reading.objective_name}; perspective: {s.perspective}"),
        ("Discount rate", f"{percent(s.discount_rate)} a year; shadow premium on foreign currency {percent(s.shadow_premium)}"),
        ("Rate market", "; ".join([s.rate_market, *(f"{flow}: {market}" for flow, market in sorted(s.rate_markets.items()))])),
        ("Option table", f"{count(reading.figure('options'))} options; starts in {starts}; shares {listed([percent(x) for x in o.share_steps])}; at most {o.pairs_max} pairs of offers a part"),
        ("Proof", f"asked for a gap of {percent(reading.figure_or_none('asked_gap'))}; status: {f['status']}; seed {f.get('seed')}"),
    ]  # fmt: skip
    versions = f.get("versions")
    if isinstance(versions, dict):
        asked.append(("Versions", ", ".join(f"{name} {v}" for name, v in sorted(versions.items()))))
    asked += [("Schema of the input", str(s.schema_version)), ("Hash of the input", f"SHA-256 {f['input_hash']}")]
    rows = tuple(cells(name, Cell(value)) for name, value in asked)
    return Chapter(
        "made-by", "How this page was made", "How it was made",
        (
            Text(
                "Every number here is a sum of the tables that lie beside this page, one CSV file each, made from the input in "
                "the folder `input`. The same input and versions give the same page, byte for byte. A million is 10⁶, a billion 10⁹ and a trillion 10¹²."
            ),
            Grid("settings-table", "Settings and versions", (Column("", kind="words"), Column("", kind="long")), rows),
        ),
    )  # fmt: skip


def progress_made_by(standing: Standing) -> Chapter:
    """What it takes to make a progress report again."""
    f = standing.run.figures
    plan = f.get("plan")
    rows: list[tuple[str, str]] = [
        ("Day", f"{f['as_of']}; only what was signed, printed and seen by then is used"),
        ("Summary", f"in {standing.currency} at the {standing.market} rate; the tables have every currency and market"),
        ("Planned", f"awards of the plan whose input has the hash {plan}" if plan else "no plan was given"),
        ("Compared with", str(f.get("since") or "no earlier report")),
        ("Calendar", f"days are written in the {standing.settings.calendar} calendar"),
    ]  # fmt: skip
    versions = f.get("versions")
    if isinstance(versions, dict):
        rows.append(("Versions", ", ".join(f"{name} {v}" for name, v in sorted(versions.items()))))
    rows.append(("Hash of the input", f"SHA-256 {f['input_hash']}"))
    told = tuple(cells(name, Cell(value)) for name, value in rows)
    return Chapter(
        "made-by", "How this page was made", "How it was made",
        (
            Text(
                "Every number here stands in the tables beside this page, one CSV file each, made from the input in the folder "
                "`input`. The same input and versions give the same page, byte for byte. A million is 10⁶, a billion 10⁹ and a trillion 10¹²."
            ),
            Grid("settings-table", "Settings and versions", (Column("", kind="words"), Column("", kind="long")), told),
        ),
    )  # fmt: skip
