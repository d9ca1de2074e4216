"""Tables: how one is declared, read, checked and written, and how its labels become positions.

    declare   what a table and its columns are (`Table`, `Column`, the types)
    read      a folder of CSV files or a workbook to raw tables, all text (`records`, `workbook` help it)
    parse     text to typed columns, with a finding for every cell that is not one (`words`: the grammar of a cell)
    check     one table against its declaration; references between tables
    write     typed tables to a folder or a workbook, to read back as the same values; `template`: an empty one
    labels    labels to positions, the only place where names become indexes

The room knows no programme: what the tables of one are is declared in `blueprint`, and handed in.
"""

from __future__ import annotations

from importlib import import_module

_HOME = {
    "Column": "declare",
    "Raw": "read",
    "Table": "declare",
    "agree": "labels",
    "check_table": "check",
    "numbers": "words",
    "positions": "labels",
    "read_folder": "read",
    "read_workbook": "read",
    "references": "check",
    "write_folder": "write",
    "write_template": "template",
    "write_workbook": "write",
    "year_span": "words",
}

__all__ = [
    "Column", "Raw", "Table", "agree", "check_table", "numbers", "positions", "read_folder", "read_workbook",
    "references", "write_folder", "write_template", "write_workbook", "year_span",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
