"""The manual is held to its word: generated pages are fresh, nothing is undocumented, links lead somewhere, blocks run.

A block runs by what follows its language: `csv file=mine/parts.csv` is written, `csv sheet=mine.xlsx#parts` is typed under
the headings of that sheet and `text cells=mine.xlsx#parts` cell by cell, `bash` and `python` are run in order
in one empty folder (`bash exit=1` expects that code), and each line of `text output` must appear in what the block
before it printed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from docs.typist import minutes_of, type_cells, type_table

from onshore import errors
from onshore.blueprint.declared import ALONE, TABLES
from onshore.blueprint.measures import MEASURES
from onshore.blueprint.settings import SETTINGS
from onshore.cli import app
from onshore.cli.names import NAMES
from onshore.impact.declared import TABLES as EFFECT_TABLES
from onshore.prices.cars.declared import INPUTS as CAR_INPUTS
from onshore.prices.cars.declared import RESULTS as CAR_RESULTS
from onshore.progress.declared import CHANGES, ODDS_TABLES, TRACK_TABLES
from onshore.progress.declared import TABLES as RECORD_TABLES
from onshore.sourcing.declared import FRONTIER_TABLES, GOALS
from onshore.sourcing.declared import TABLES as PLAN_TABLES
from onshore.uncertainty.declared import TABLES as WORLD_TABLES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
EXECUTED = [
    ROOT / "README.md",
    *sorted((DOCS / "tutorials").glob("*.md")),
    *sorted((DOCS / "how-to").glob("*.md")),
    DOCS / "explanation/car-market.md",
]
DATA = Path(os.environ.get("ONSHORE_DATA") or ROOT.parent / "shared" / "data")
PAGES = [*ROOT.glob("*.md"), *sorted(DOCS.rglob("*.md"))]


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_up_to_date(generator):
    """If it fails, the reference describes the program as it was before the last change."""
    for name, text in generator.pages().items():
        assert (DOCS / "reference" / name).read_text("utf-8") == text, f"{name}: run `make docs`"


def test_every_page_of_the_reference_is_generated(generator):
    """If it fails, a page of the reference is kept by hand and grows old unseen, or a generated page is missing."""
    assert {path.name for path in (DOCS / "reference").iterdir()} == set(generator.pages())


def reference(name: str) -> str:
    return (DOCS / "reference" / name).read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("tables.md", TABLES),
        ("runs.md", PLAN_TABLES),
        ("runs.md", RECORD_TABLES),
        ("progress.md", TRACK_TABLES),
        ("progress.md", ODDS_TABLES),
        ("progress.md", {CHANGES.name: CHANGES}),
        ("worlds.md", WORLD_TABLES),
        ("car-market.md", CAR_INPUTS),
        ("car-market.md", CAR_RESULTS),
        ("tables.md", ALONE),
        ("runs.md", EFFECT_TABLES),
        ("runs.md", {**FRONTIER_TABLES, GOALS.name: GOALS}),
    ],
)
def test_every_column_is_documented(name, declared):
    """If it fails, a table or column cannot be looked up in the reference, or stands there with another meaning."""
    page = reference(name)
    for table in declared.values():
        section = page.partition(f"\n### {table.name}\n")[2].partition("\n### ")[0]
        assert section, table.name
        for column in table.columns:
            assert f"| `{column.name}` |" in section
            assert column.meaning.replace("|", "\\|") in section


def test_every_setting_measure_and_error_is_documented():
    """If it fails, a user meets a setting, a measure or an error that the reference does not know."""
    settings, measures, page = reference("settings.md"), reference("measures.md"), reference("errors.md")
    assert all(f"| `{s.name}` |" in settings for s in SETTINGS)
    assert all(f"| `{m}` |" in measures for m in MEASURES)
    assert all(f"| `{k}` |" in page for k in errors.KINDS)
    assert all(f"### {name}\n" in page for name in errors.__all__ if name.endswith(("Error", "Plan", "Stopped", "Use")))


def test_every_command_is_documented_with_an_example():
    """If it fails, a command has no section or example in the reference, or one of its options has no help."""
    commands = typer.main.get_command(app).commands
    page = reference("commands.md")
    assert set(commands) == set(NAMES)
    for name, command in commands.items():
        assert f"\n## {name}\n" in page
        assert f"\nonshore {name} " in page.partition(f"\n## {name}\n")[2].partition("```text\nonshore")[2], (
            "an example"
        )
        assert all(p.help for p in command.params if p.name != "help")


def test_what_the_pages_call_a_function_is_one():
    """If it fails, an equation points at code that was renamed or moved."""
    named = re.compile(r"`((?:\w+/)*\w+\.py)(?:: ([\w., ]+))?`")
    astray = []
    for page in sorted((ROOT / "docs" / "explanation").glob("*.md")):
        for path, names in named.findall(page.read_text(encoding="utf-8")):
            files = [
                f
                for room in ("src/onshore", "tests", ".")
                for f in (ROOT / room).glob(f"**/{path}" if room != "." else path)
            ]
            text = "\n".join(f.read_text(encoding="utf-8") for f in files)
            last = [n.strip().rpartition(".")[2] for n in names.split(",") if n.strip()]
            if not files or not all(re.search(rf"\b{n}\b", text) for n in last):
                astray.append(f"{page.name}: {path} {names}")
    assert not astray


def test_links_lead_somewhere():
    """If it fails, a link in the manual leads to a page or a heading that is not there."""
    for page in PAGES:
        text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
        for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", text):
            if target.startswith(("http://", "https://")):
                continue
            found = page if not target else (page.parent / target)
            assert found.exists(), f"{page.relative_to(ROOT)}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.*)$", found.read_text("utf-8"), flags=re.MULTILINE)
                slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
                assert anchor in slugs, f"{page.relative_to(ROOT)}: {target}#{anchor}"


@dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, its language, the word after it, its text."""

    line: int
    language: str
    word: str
    text: str


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    fence = re.compile(r"^```(\w+)(?: ([^\n]*))?\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
    return [
        Block(text.count("\n", 0, m.start()) + 1, m[1], m[2] or "", m[3])
        for m in fence.finditer(text)
    ]  # fmt: skip


def run(block: Block, folder: Path) -> str:
    """What a block prints, on either stream. The `make` of a README is left to the workflow that called us."""
    lines = [line for line in block.text.splitlines() if not line.startswith(("make ", "git ", "cd ", "pip "))]
    command = ["bash", "-euc", "\n".join(lines)] if block.language == "bash" else [sys.executable, "-c", block.text]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8")
    expected = next((int(w.removeprefix("exit=")) for w in block.word.split() if w.startswith("exit=")), 0)
    assert done.returncode == expected, f"line {block.line}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.mark.parametrize("page", EXECUTED, ids=lambda p: p.stem)
def test_blocks_run_and_say_what_the_page_says(page, tmp_path):
    """If it fails, a reader who types what the page says gets an error, or another answer than the page shows."""
    printed: str | None = ""
    for block in blocks(page):
        given = next((w.removeprefix("with=") for w in block.word.split() if w.startswith("with=")), None)
        if given and not (DATA / given).is_dir():
            printed = None
            continue
        if given:
            shutil.copytree(DATA / given, tmp_path / given, dirs_exist_ok=True)
        if block.word.startswith("file="):
            file = tmp_path / block.word.removeprefix("file=")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")
        elif block.word.startswith(("sheet=", "cells=")):
            how, _, place = block.word.partition("=")
            book, _, sheet = place.partition("#")
            {"sheet": type_table, "cells": type_cells}[how](tmp_path / book, sheet, block.text)
        elif block.language in ("bash", "python"):
            printed = run(block, tmp_path)
        elif (block.language, block.word) == ("text", "output") and printed is not None:
            for line in block.text.splitlines():
                assert " ".join(line.split()) in " ".join(printed.split()), (
                    f"line {block.line}: {line!r} not in\n{printed}"
                )


def test_the_tutorial_takes_as_long_as_it_says():
    """If it fails, the minutes on the page are those of an older page, or a newcomer needs more than fifteen."""
    page = (DOCS / "tutorials" / "first-programme.md").read_text("utf-8")
    told = dict(re.findall(r"^\| (\d\. .*|together) \| (\d+) \|$", page, flags=re.MULTILINE))
    counted = {}
    for section in page.split("\n## "):
        if section[:1].isdigit():
            counted[section.partition("\n")[0]] = minutes_of(section)
    first = len(page.partition("\n## ")[0].split()) / 200
    assert {k: int(v) for k, v in told.items()} == {k: round(v) for k, v in counted.items()} | {
        "together": round(sum(counted.values()) + first)
    }
    assert sum(counted.values()) + first <= 15
