"""What a chapter is made of. Plain values: how they look is page.html's business, and everything is escaped there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from onshore.report.numbers import count

__all__ = [
    "Block", "Card", "Cards", "Cell", "Chapter", "Column", "Figure", "Grid", "Link", "Points", "Row", "Text", "cells",
    "links", "listed", "many", "sentence", "ticked",
]  # fmt: skip


@dataclass(frozen=True)
class Link:
    """A source that can be opened: the host's name, and where it leads."""

    text: str
    href: str


@dataclass(frozen=True)
class Cell:
    """A cell of a table: `text`, smaller words under it, and links after it."""

    text: str
    sub: str = ""
    links: tuple[Link, ...] = ()


Row = Sequence[str | Cell]


@dataclass(frozen=True)
class Column:
    """A column's heading, with `unit` under it.

    `kind`: `number` is set to the right, `words` break, `day` never breaks, and `long` words ask for room.
    """

    heading: str
    unit: str = ""
    kind: str = "number"


@dataclass(frozen=True)
class Grid:
    """A table. The first cell of a row is its heading; `total` is a last row set apart."""

    kind = "grid"

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row | None = None
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A chart, drawn twice: for a page and for a phone. `see` is the sentence that says what to see."""

    kind = "figure"

    id: str
    caption: str
    alt: str
    wide: Markup
    narrow: Markup
    see: str


@dataclass(frozen=True)
class Card:
    """A headline number: `value` is exact, for machines; `text` is how it is shown."""

    id: str
    label: str
    text: str
    sub: str
    value: float | None = None


@dataclass(frozen=True)
class Cards:
    kind = "cards"

    cards: tuple[Card, ...]


@dataclass(frozen=True)
class Text:
    """A paragraph. `role` sets it apart: `lead`, `small`, `mind` (a warning) or nothing."""

    kind = "text"

    text: str
    role: str = ""


@dataclass(frozen=True)
class Points:
    kind = "points"

    points: tuple[str, ...]


Block = Grid | Figure | Cards | Text | Points


@dataclass(frozen=True)
class Chapter:
    """A chapter; `short` is its name in the table of contents."""

    id: str
    title: str
    short: str
    blocks: tuple[Block, ...]


def cells(*values: str | Cell) -> Row:
    return values


def sentence(words: str) -> str:
    """With a capital and a full stop; the name of a table's column keeps its small letter."""
    first = words.partition(" ")[0]
    begun = words if "." in first or "_" in first or first.startswith("`") else words[:1].upper() + words[1:]
    return begun if begun.endswith((".", "?", "!")) else f"{begun}."


def ticked(text: str) -> Markup:
    """Escaped, with what stands between backticks set as code."""
    pieces = re.split(r"`([^`]+)`", text)
    return Markup("").join(
        Markup("<code>{}</code>").format(p) if i % 2 else Markup.escape(p) for i, p in enumerate(pieces)
    )


def links(source: str | None) -> tuple[Link, ...]:
    """The addresses in a `source` cell, each once and named by its host. Only http and https are ever links."""
    found = dict.fromkeys(re.findall(r"https?://[^\s|<>\"'`]+", source or ""))
    return tuple(Link(href.split("/")[2].removeprefix("www."), href.rstrip(".,;)")) for href in found)


def listed(names: Sequence[str], most: int = 12, last: str = "and") -> str:
    """`a, b and c`; beyond `most`, how many more."""
    if len(names) > most:
        return f"{', '.join(names[:most])} {last} {count(len(names) - most)} more"
    return f" {last} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def many(number: int, noun: str, plural: str = "") -> str:
    """`1 part`, `3 parts`, `no parts`."""
    return f"{count(number) if number else 'no'} {noun if number == 1 else plural or noun + 's'}"
