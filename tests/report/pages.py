"""A page read back: headline numbers, and every table as rows of texts."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import polars as pl

__all__ = ["Page", "csv", "shown"]


class Page(HTMLParser):
    """Headline numbers, and every table as rows of texts, by id."""

    def __init__(self, path: Path):
        super().__init__()
        self.text = path.read_text(encoding="utf-8")
        self.values: dict[str, float] = {}
        self.tables: dict[str, list[list[str]]] = {}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._card = self._table = ""
        self._cell: list[str] | None = None
        self._small = 0
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        self.tags.append((tag, at))
        if tag == "div" and at.get("id"):
            self._card = self._table = str(at["id"])
        if tag == "data":
            self.values[self._card] = float(at["value"] or "nan")
        if tag == "tr":
            self.tables.setdefault(self._table, []).append([])
        if tag in ("td", "th"):
            self._cell = []
        if tag == "span":
            self._small += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            self.tables[self._table][-1].append("".join(self._cell).strip())
            self._cell = None
        if tag == "span":
            self._small -= 1

    def handle_data(self, data: str) -> None:
        if self._cell is not None and not self._small:
            self._cell.append(data)

    def body(self, table: str) -> list[list[str]]:
        return self.tables[table][1:]


def shown(text: str) -> float:
    return float(text.replace("\u202f", "").replace("−", "-").removesuffix("%"))


def csv(run: Path, table: str) -> pl.DataFrame:
    return pl.read_csv(run / f"{table}.csv", infer_schema_length=None)
