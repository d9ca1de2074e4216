"""Commands on a programme's tables: new, check, convert, tables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onshore.cli import show
from onshore.errors import WrongUse

if TYPE_CHECKING:
    from onshore.tables.declare import Column, Table

__all__ = ["check", "convert", "new", "tables"]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object; its names are in the manual.")]


def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What to write. It must not exist yet.")],
    workbook: Annotated[bool, typer.Option("--workbook", help="Write one workbook (.xlsx), not a folder.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write an empty programme to fill in.

    Every table has its headings, and a note on each column.

    Example: onshore new mine
    """
    from onshore.blueprint.programme import new as write_empty

    written = write_empty(folder, workbook=workbook)
    show.result({"ok": True, "written": str(written)}, f"Written: {written}", as_json=as_json)


def check(
    programme: Annotated[Path, typer.Argument(metavar="DIR", help="A programme: a folder or a workbook.")],
    as_json: AsJson = False,
) -> None:
    """Print every fault of a programme at once.

    Each says where it is, what it is and what to do. Exit code 1 when there are errors; warnings alone leave 0.

    Example: onshore check mine
    """
    from onshore.blueprint.programme import check as examine

    found = examine(programme)
    if as_json:
        show.result({**found.as_dict(), "ok": found.ok}, "", as_json=True)
    else:
        show.findings(found.findings, sys.stdout)
        show.line(found.summary())
    if not found.ok:
        raise typer.Exit(1)


def convert(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="A programme: a folder or a workbook.")],
    target: Annotated[Path, typer.Argument(metavar="TO", help="A folder, or a name ending in .xlsx.")],
    as_json: AsJson = False,
) -> None:
    """Turn a folder of CSV into a workbook, or back.

    The programme is checked first; one with errors is not written.

    Example: onshore convert mine mine.xlsx
    """
    from onshore.blueprint.programme import read, write

    write(read(source), target)
    show.result({"ok": True, "written": str(target)}, f"Written: {target}", as_json=as_json)


def tables(
    name: Annotated[str | None, typer.Argument(help="One of them; `programme` for the settings.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print which tables a programme has, or the columns of one.

    `panel` and `predicted` are tables of their own, for `onshore impact`.

    Example: onshore tables offers
    """
    from onshore.blueprint.declared import ALONE, TABLES
    from onshore.blueprint.settings import SETTINGS

    if name is not None and name != "programme" and name not in {**TABLES, **ALONE}:
        from difflib import get_close_matches

        near = get_close_matches(name, ["programme", *TABLES, *ALONE], n=1)
        raise WrongUse(f"`{name}` is not a table.{f' Nearest: `{near[0]}`.' if near else ''} Try: onshore tables")
    chosen = [ALONE[name]] if name in ALONE else [t for t in TABLES.values() if name in (None, t.name)]
    names: dict[str, object] = {"ok": True, "tables": [_table_names(t) for t in chosen]}
    if name in (None, "programme"):
        names["settings"] = [
            {"setting": s.name, "required": s.required, "meaning": s.meaning, "example": s.example} for s in SETTINGS
        ]
    if as_json:
        text = ""
    elif name is None:
        rows = [("programme", "-", "its settings: programme.toml, or a sheet `programme`")]
        rows += [(t.name, ", ".join(t.key), t.meaning) for t in chosen]
        text = show.listing(("table", "key", "a row is"), rows)
    elif name == "programme":
        settings = [(s.name, "yes" if s.required else "", s.meaning, s.example) for s in SETTINGS]
        text = show.listing(("setting", "required", "meaning", "example"), settings)
    else:
        text = show.listing(("column", "type", "required", "meaning", "example"), map(_column_row, chosen[0].columns))
    show.result(names, text, as_json=as_json)


def _column_row(c: Column) -> tuple[str, str, str, str, str]:
    return c.name, c.type.name, "yes" if c.required else "", c.meaning, c.example


def _table_names(table: Table) -> dict[str, object]:
    return {
        "table": table.name,
        "meaning": table.meaning,
        "key": list(table.key),
        "columns": [
            {
                "column": c.name,
                "type": c.type.name,
                "required": c.required,
                "unit": c.unit,
                "bounds": c.bounds_text(),
                "choices": list(c.choices),
                "refers": c.refers,
                "meaning": c.meaning,
                "example": c.example,
            }
            for c in table.columns
        ],
    }
