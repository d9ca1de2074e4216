"""Write the pages of docs/reference/ from the declarations, the settings, the measures, the commands and the errors.

`make docs` runs it; a test compares. `python docs/generate.py --check` exits with 1 when a page is out of date.
"""

from __future__ import annotations

import inspect
import string
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import typer

from onshore import cli, errors
from onshore.blueprint.declared import ALONE, TABLES
from onshore.blueprint.measures import MEASURES
from onshore.blueprint.settings import SCHEMA_VERSION, SETTINGS
from onshore.cli.names import EFFECT_FIGURES, FAILURE, FIGURES, FRONTIER_FIGURES, NAMES, WORLD_FIGURES
from onshore.impact.declared import TABLES as EFFECT_TABLES
from onshore.prices.cars.declared import INPUTS as CAR_INPUTS
from onshore.prices.cars.declared import RESULTS as CAR_RESULTS
from onshore.prices.cars.declared import STATUSES
from onshore.prices.declared import TABLES as PRICE_TABLES
from onshore.progress.declared import CHANGES, ODDS_TABLES, TRACK_TABLES
from onshore.progress.declared import TABLES as RECORD_TABLES
from onshore.sourcing.declared import FRONTIER_TABLES, GOALS
from onshore.sourcing.declared import TABLES as PLAN_TABLES
from onshore.tables import declare
from onshore.tables.declare import Column, Table, Type
from onshore.uncertainty.declared import TABLES as WORLD_TABLES

FOLDER = Path(__file__).parent / "reference"
HEAD = "<!-- Written by docs/generate.py (`make docs`). Change what it is written from, not this page. -->\n"


def pages() -> dict[str, str]:
    """Every generated page by file name."""
    return {
        "tables.md": tables_page(),
        "settings.md": settings_page(),
        "measures.md": measures_page(),
        "runs.md": runs_page(),
        "progress.md": progress_page(),
        "worlds.md": worlds_page(),
        "car-market.md": car_market_page(),
        "commands.md": commands_page(),
        "errors.md": errors_page(),
    }


def tables_page() -> str:
    text = [
        HEAD, "# Tables\n",
        "A programme is a folder of CSV files, or one workbook with a sheet a table, beside its [settings](settings.md).",
        "Only the tables that a programme uses have to be there. Columns come in any order; a required column has a",
        "value in every row, and an optional one left empty means *not modelled*. Any table may carry",
        f"{_words(f'`{c}`' for c in declare.ALWAYS_ALLOWED)} and columns whose name begins with `x_`, which pass through as text.",
        "Rows are counted as a spreadsheet does: the heading is row 1.\n",
        "## Kinds of cell\n",
        _grid(("kind", "what it holds"), [(f"`{t.name}`", t.meaning) for t in _types()]),
        "## The tables\n",
        _grid(("table", "a row is"), [(f"[{t.name}](#{t.name})", t.meaning) for t in TABLES.values()]),
    ]  # fmt: skip
    alone = [
        "## Tables of their own\n", "Not of a programme: each is a file that one command reads (`onshore impact`).\n",
        _grid(("table", "a row is"), [(f"[{t.name}](#{t.name})", t.meaning) for t in ALONE.values()]),
    ]  # fmt: skip
    return _page(
        text + [_table_section(t) for t in TABLES.values()] + alone + [_table_section(t) for t in ALONE.values()]
    )


def _types() -> list[Type]:
    return [t for t in vars(declare).values() if isinstance(t, Type)]


def _table_section(table: Table) -> str:
    headings = ("column", "type", "unit", "required", "allowed", "refers to", "meaning", "example")
    rows = [
        (f"`{c.name}`", c.type.name, _unit(c), "yes" if c.required else "", _allowed(c), _reference(c), c.meaning, _code(c.example))
        for c in table.columns
    ]  # fmt: skip
    key = _words(f"`{k}`" for k in table.key)
    return f"### {table.name}\n\nA row is {table.meaning}. Key: {key}.\n\n{_grid(headings, rows)}"


def _unit(column: Column) -> str:
    if column.unit:
        return column.unit
    return f"`{column.currency}`" if column.type is declare.MONEY_ else ""


def _allowed(column: Column) -> str:
    return ", ".join(f"`{c}`" for c in column.choices) or column.bounds_text()


def _reference(column: Column) -> str:
    table = column.refers.partition(".")[0]
    return f"[{column.refers}](#{table})" if column.refers else ""


def settings_page() -> str:
    rows = [
        (f"`{s.name}`", s.type, "yes" if s.required else "", _default(s.default), _choices_or_bounds(s.choices, s.low, s.high), s.meaning, _code(s.example))
        for s in SETTINGS
    ]  # fmt: skip
    example = "\n".join(_toml(s.name, s.type, s.example) for s in SETTINGS if s.required)
    return _page([
        HEAD, "# Settings\n",
        "They stand in `programme.toml`, or in a workbook's sheet `programme` with the columns `setting` and `value`.",
        "A dotted name stands in a section: `options.pairs_max` is `pairs_max` under `[options]`.",
        f"This release reads `schema_version` {SCHEMA_VERSION}; see [migrating](../how-to/migrate-a-programme.md).\n",
        "The least there is:\n", f"```toml\n{example}\n```\n",
        _grid(("setting", "type", "required", "when absent", "allowed", "meaning", "example"), rows),
    ])  # fmt: skip


def _toml(name: str, kind: str, example: str) -> str:
    return f'{name} = "{example}"' if kind in {"text", "currency", "choice"} else f"{name} = {example}"


def _default(value: object) -> str:
    if value is None:
        return ""
    return _code(
        str(list(value)) if isinstance(value, tuple) else f"{value:g}" if isinstance(value, float) else str(value)
    )


def _choices_or_bounds(choices: Sequence[str], low: float | None, high: float | None) -> str:
    bounds = [f"{sign} {bound:g}" for sign, bound in ((">=", low), ("<=", high)) if bound is not None]
    return ", ".join(f"`{c}`" for c in choices) or ", ".join(bounds)


def measures_page() -> str:
    rows = [(f"`{m.name}`", m.unit, m.meaning, ", ".join(m.scopes)) for m in MEASURES.values()]
    return _page([
        HEAD, "# Measures\n",
        "What a plan counts, year by year. A row of [limits](tables.md#limits) bounds one of them over a scope, and",
        "`objective` may name one. A programme adds its own through the table [uses](tables.md#uses).\n",
        _grid(("measure", "unit", "meaning", "scopes"), rows),
    ])  # fmt: skip


RUN_TABLES = {**PLAN_TABLES, **RECORD_TABLES, **PRICE_TABLES}
RUN_FIGURES = {
    "run_schema_version": "version of the run folder",
    "input_hash": "SHA-256 over the snapshot of the input",
    "seed": "seed of whatever is drawn",
    "asked_gap": "the gap at which the search was told to stop",
    "asked_time_limit_seconds": "the time it was given; null for as long as it takes",
    "versions": "of Onshore and of the libraries that make the numbers",
}


def runs_page() -> str:
    text = [
        HEAD, "# Runs\n",
        "`onshore plan DIR --out RUN` writes a folder: `input/`, a copy of what was planned; `run.json`; `report.html`",
        "and `report.xlsx`, the same tables as a workbook;",
        "and the tables below as CSV. It is written under another name and renamed when it is whole. The same programme",
        f"gives the same bytes. {_words(f'`{t}`' for t in RECORD_TABLES)} is there when the programme has contracts.",
        f"{_words(f'`{t}`' for t in PRICE_TABLES)} are there when it has `part_markets`.\n",
        "## run.json\n",
        _grid(("name", "value"), [(f"`{n}`", v) for n, v in {**RUN_FIGURES, **FIGURES}.items()]),
        "## The tables\n",
        _grid(("table", "a row is"), [(f"[{t.name}](#{t.name})", t.meaning) for t in RUN_TABLES.values()]),
        *(_table_section(t) for t in RUN_TABLES.values()),
        "## A measurement\n",
        "`onshore impact PANEL --out RUN` writes a run of another kind: `input/` with the panel, `report.html`, the tables",
        "below, and in `run.json` `kind`, which is `effect`, and these figures:\n",
        _grid(("name", "value"), [(f"`{n}`", v) for n, v in EFFECT_FIGURES.items()]),
        _grid(("table", "a row is"), [(f"[{t.name}](#{t.name})", t.meaning) for t in EFFECT_TABLES.values()]),
        *(_table_section(t) for t in EFFECT_TABLES.values()),
        "## A frontier\n",
        "`onshore frontier DIR --between FIRST SECOND --out DIR` writes a folder of a third kind: `input/` with the programme,",
        "`report.html`, the tables below, and in `run.json` `kind`, which is `frontier`, and these figures:\n",
        _grid(("name", "value"), [(f"`{n}`", v) for n, v in FRONTIER_FIGURES.items()]),
        _grid(("table", "a row is"), [(f"[{t.name}](#{t.name})", t.meaning) for t in FRONTIER_TABLES.values()]),
        *(_table_section(t) for t in FRONTIER_TABLES.values()),
        "## Goals in order\n",
        "What `on.in_order` and `onshore goals` say of each goal; the last plan is a run like any other.\n",
        _table_section(GOALS),
    ]  # fmt: skip
    return _page(text)


PROGRESS_TABLES = {**TRACK_TABLES, CHANGES.name: CHANGES, **ODDS_TABLES}


def progress_page() -> str:
    """The tables of a progress folder."""
    text = [
        HEAD, "# Progress\n",
        "`onshore progress DIR --out FOLDER` writes a folder: `input/`, a copy of what was read; `run.json`; `report.html` and",
        "`report.xlsx`, the same tables as a workbook; and the tables below as CSV. It is written under another name and renamed",
        f"when it is whole. `{CHANGES.name}` is there with `--since`, and {_words(f'`{t}`' for t in ODDS_TABLES)} where a target is",
        "still to come due. How rows are added up: [Read the record](../how-to/read-the-record.md); the odds: [Odds](../explanation/odds.md).\n",
        "Planned, contracted, in production and realised are four amounts, and contract value and imports displaced two measures.",
        "No row of `amounts` is ever added to another.\n",
        "## The tables\n",
        _grid(("table", "a row is"), [(f"[{t.name}](#{t.name})", t.meaning) for t in PROGRESS_TABLES.values()]),
    ]  # fmt: skip
    return _page(text + [_table_section(t) for t in PROGRESS_TABLES.values()])


def worlds_page() -> str:
    """The tables of a plan in many worlds."""
    text = [
        HEAD, "# Worlds\n",
        "`onshore uncertainty DIR|RUN --out FOLDER` writes a folder: `input/`, a copy of the programme; `run.json`; `report.html` and",
        "`report.xlsx`, the same tables as a workbook; and the tables below as CSV. It is written under another name and renamed",
        "when it is whole. The same programme, plan, seed and counts give the same bytes, whatever the number of workers. What is",
        "drawn and how it is added up: [The plan in other worlds](../explanation/uncertainty.md).\n",
        "## run.json\n", "`kind` is `uncertainty`; beside it:\n",
        _grid(("name", "value"), [(f"`{n}`", v) for n, v in WORLD_FIGURES.items()]),
        "## The tables\n",
        _grid(("table", "a row is"), [(f"[{t.name}](#{t.name})", t.meaning) for t in WORLD_TABLES.values()]),
    ]  # fmt: skip
    return _page(text + [_table_section(t) for t in WORLD_TABLES.values()])


def car_market_page() -> str:
    text = [
        HEAD, "# The car market\n",
        "Frames in memory, for the functions of `onshore.prices.cars`; the [explanation](../explanation/car-market.md) has",
        "the letters. They are checked as the tables of a programme are: an unknown column is a finding, and any table may",
        f"carry {_words(f'`{c}`' for c in declare.ALWAYS_ALLOWED)} and columns whose name begins with `x_`. Money is in one unit throughout.\n",
        "## What goes in\n",
        *(_table_section(t) for t in CAR_INPUTS.values()),
        "## What comes out\n",
        *(_table_section(t) for t in CAR_RESULTS.values()),
        "### A market's status\n",
        _grid(("status", "its prices were found by"), [(f"`{n}`", m) for n, m in STATUSES.items()]),
    ]  # fmt: skip
    return _page(text)


def commands_page() -> str:
    root = typer.main.get_command(cli.app)
    codes = "| code | when |\n|---|---|\n| 0 | fine |\n| 1 | the input has faults, or no plan exists or was found |\n| 2 | wrong use |\n| 130 | stopped by Ctrl-C; nothing was written |\n"
    text = [
        HEAD, "# Commands\n", f"{_prose(root.help)}\n",
        "`DIR` is a programme, a folder or a workbook; `RUN` is a folder that `onshore plan` writes.\n",
        "## Exit codes\n", codes,
        "## With --json\n",
        "One object on standard output and nothing else; progress goes to standard error. Money is a number in the",
        "currency named beside it, a date is `2019-07-20`, and what does not exist is null. Names stay from release to",
        "release; new ones may join them. A command that fails prints:\n",
        _grid(("name", "value"), [(f"`{n}`", v) for n, v in FAILURE.items()]),
    ]  # fmt: skip
    return _page(text + [_command_section(name, command) for name, command in root.commands.items()])


def _command_section(name: str, command: typer.core.TyperCommand) -> str:
    context = typer.Context(command, info_name=f"onshore {name}")
    rows = []
    for p in command.params:
        label = (
            p.metavar or p.name if p.param_type_name == "argument" else " ".join(filter(None, (p.opts[0], p.metavar)))
        )
        rows.append((f"`{label}`", "yes" if p.required else "", p.help or ""))
    names = [(f"`{n}`", v) for n, v in NAMES[name].items()]
    usage = command.get_usage(context).removeprefix("Usage: ")
    return "\n".join([
        f"## {name}\n", f"```text\n{usage}\n```\n", f"{_prose(command.help)}\n",
        _grid(("argument or option", "required", "meaning"), rows),
        _grid(("name in --json", "value"), names),
    ])  # fmt: skip


def _prose(text: str | None) -> str:
    """A help text with its example set as a command."""
    lines = inspect.cleandoc(text or "").splitlines()
    return "\n".join(
        f"```text\n{line.removeprefix('Example: ')}\n```" if line.startswith("Example: ") else line for line in lines
    )


def errors_page() -> str:
    sample = errors.finding(
        "unknown_reference", "offers", 41, "maker", "GDNSK", target="makers", nearest=" Nearest: `GDANSK`."
    )
    text = [
        HEAD, "# Errors\n",
        "## Findings\n",
        "A fault of the input is a finding: its kind, its level, the place (table, row as in a spreadsheet, column),",
        "the value, the cause and the remedy. All of them are shown at once:\n",
        f"```text\n{sample.level}: {sample}\n```\n",
        "After an **error** nothing is planned; after a **warning** the plan is made and its report says so. In the",
        "sentences below, words in ‹brackets› are filled in.\n",
    ]  # fmt: skip
    for level in ("error", "warning"):
        rows = [(f"`{k.name}`", _filled(k.cause), _filled(k.remedy)) for k in errors.KINDS.values() if k.level == level]
        text += [f"### {level.capitalize()}s\n", _grid(("kind", "cause", "remedy"), rows)]
    raised = [
        c for c in (getattr(errors, n) for n in errors.__all__) if inspect.isclass(c) and issubclass(c, Exception)
    ]
    text += ["## Exceptions\n", "All of them are in `onshore.errors`, under `OnshoreError`.\n"]
    text += [f"### {c.__name__}\n\n{inspect.getdoc(c)}\n" for c in sorted(raised, key=lambda c: c.__name__)]
    return _page(text)


def _filled(sentence: str) -> str:
    """A catalogued sentence with its {words} in brackets; `nearest` is a whole sentence, and optional."""
    words = {name: f"‹{name}›" for _, name, _, _ in string.Formatter().parse(sentence) if name}
    return sentence.format(**{**words, "nearest": " ‹Nearest: …›"})


def _page(blocks: Iterable[str]) -> str:
    return "\n".join(blocks).rstrip() + "\n"


def _grid(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, without the columns that are empty in every row."""
    rows = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    kept = [i for i in range(len(headings)) if any(row[i] for row in rows)]
    lines = [[headings[i] for i in kept], ["---"] * len(kept), *([row[i] for i in kept] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _words(items: Iterable[str]) -> str:
    return ", ".join(items)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with --check say which are out of date."""
    FOLDER.mkdir(exist_ok=True)
    stale = [n for n, text in pages().items() if not (FOLDER / n).exists() or (FOLDER / n).read_text("utf-8") != text]
    if "--check" in arguments:
        for name in stale:
            print(f"docs/reference/{name} is out of date: run `make docs`")
        return 1 if stale else 0
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"docs/reference/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
