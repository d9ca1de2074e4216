"""The empty programme to fill in: every table with its headings, every setting explained, and a guide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from onshore.tables.declare import Table
from onshore.tables.write import write_folder, write_workbook

__all__ = ["guide_rows", "guide_text", "write_template"]


def write_template(
    path: Path,
    declared: Mapping[str, Table],
    toml: str,
    settings: Sequence[tuple[str, object, str]],
    workbook: bool = False,
) -> None:
    """Write it as a folder (with TABLES.md) or one workbook (with a sheet `guide`). Raises `WrongUse` over anything.

    `toml` is the text of programme.toml; `settings` are the same as rows of name, value and meaning.
    """
    frames = {name: table.empty() for name, table in declared.items()}
    if workbook:
        write_workbook(path, frames, settings, declared, guide_rows(declared))
    else:
        write_folder(path, frames, {"programme.toml": toml, "TABLES.md": guide_text(declared)})


def guide_rows(declared: Mapping[str, Table]) -> list[tuple[str, ...]]:
    """A row a column: table, column, type, required, meaning."""
    rows: list[tuple[str, ...]] = [("table", "column", "type", "required", "meaning")]
    for table in declared.values():
        rows.append((table.name, "", "", "", f"A row is {table.meaning}. Key: {', '.join(table.key)}."))
        for c in table.columns:
            rows.append((table.name, c.name, c.type.name, "yes" if c.required else "", _details(table, c.name)))
    return rows


def guide_text(declared: Mapping[str, Table]) -> str:
    """The same for people with a folder, as Markdown."""
    parts = [
        "# The tables of a programme",
        "Fill in what you have and delete the files you do not need. A column that is not required may be left out "
        "or empty: what it describes is then not modelled. Any table may also carry `note`, `source` and columns "
        "that begin with `x_`.",
    ]
    for table in declared.values():
        rows = ["| column | type | required | meaning |", "|---|---|---|---|"]
        for c in table.columns:
            details = _details(table, c.name).replace("|", "\\|")
            rows.append(f"| `{c.name}` | {c.type.name} | {'yes' if c.required else ''} | {details} |")
        parts += [f"## {table.name}", f"A row is {table.meaning}. Its key: {', '.join(table.key)}.", "\n".join(rows)]
    return "\n\n".join(parts) + "\n"


def _details(table: Table, name: str) -> str:
    c = table.by_name[name]
    notes = [c.meaning[:1].upper() + c.meaning[1:]]
    notes += [f"unit: {c.unit}"] if c.unit else []
    notes += [f"bounds: {c.bounds_text()}"] if c.bounds_text() else []
    notes += [f"one of: {', '.join(c.choices)}"] if c.choices else []
    notes += [f"in {c.refers}"] if c.refers else []
    notes += [f"such as {c.example}"] if c.example else []
    return "; ".join(notes)
