"""The run folder: declared tables, a snapshot of the input, and `run.json`. Written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from onshore.errors import WrongUse
from onshore.tables.declare import Table

__all__ = ["RUN_SCHEMA_VERSION", "Run", "hash_of", "may_be_replaced", "read_run", "write_run"]

RUN_SCHEMA_VERSION = 1
META = "run.json"
INPUT = "input"


@dataclass(frozen=True)
class Run:
    """A run that was read: `figures` of run.json, its tables, and where the snapshot of its input lies."""

    path: Path
    figures: dict[str, object]
    tables: dict[str, pl.DataFrame]

    @property
    def input(self) -> Path:
        return self.path / INPUT

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]


def write_run(
    path: Path, tables: Mapping[str, pl.DataFrame], figures: dict[str, object], *,
    write_input: Callable[[Path], object],
) -> Path:  # fmt: skip
    """Write a run under a temporary name beside `path`, and rename it when it is whole.

    `write_input` writes the snapshot into the folder it is given. An earlier run at `path` is replaced; anything else
    there is refused with `WrongUse`.
    """
    path = Path(path)
    may_be_replaced(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    draft.chmod(0o755)
    try:
        write_input(draft / INPUT)
        for name, frame in tables.items():
            frame.write_csv(draft / f"{name}.csv")
        described = {"run_schema_version": RUN_SCHEMA_VERSION, "input_hash": hash_of(draft / INPUT), **figures}
        (draft / META).write_text(
            json.dumps(described, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
        )
        may_be_replaced(path)
        if path.exists():
            shutil.rmtree(path)
        draft.rename(path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return path


def may_be_replaced(path: Path) -> None:
    """Raises `WrongUse` unless `path` is free, empty, or an earlier run."""
    if path.is_dir() and (not any(path.iterdir()) or (path / META).is_file()):
        return
    if path.exists():
        raise WrongUse(f"{path} exists and is not a run. Name another place with --out.")


def read_run(path: Path, declared: Mapping[str, Table]) -> Run:
    """A run with its tables typed as declared. Raises `WrongUse` where it is not a run, or one of another version."""
    path = Path(path)
    if not (path / META).is_file():
        raise WrongUse(f"{path} is not a run: it has no {META}. `onshore plan DIR --out RUN` makes one.")
    figures = json.loads((path / META).read_text(encoding="utf-8"))
    if figures.get("run_schema_version") != RUN_SCHEMA_VERSION:
        raise WrongUse(f"{path} is a run of another version of Onshore; plan its input folder again.")
    tables = {}
    for name, table in declared.items():
        if not (path / f"{name}.csv").is_file() and "kind" in figures:
            raise WrongUse(
                f"{path} is a run of another kind: {figures['kind']}. `onshore plan DIR --out RUN` makes a plan."
            )
        if not (path / f"{name}.csv").is_file():
            raise WrongUse(f"{path} is damaged: {name}.csv is missing. Plan its input folder again.")
        try:
            tables[name] = pl.read_csv(path / f"{name}.csv", schema=table.types)
            whole = not any(tables[name][c].null_count() for c in table.required)
        except pl.exceptions.PolarsError:
            whole = False
        if not whole:
            raise WrongUse(f"{path} is damaged: {name}.csv is not what the planner wrote. Plan its input folder again.")
    return Run(path, figures, tables)


def hash_of(folder: Path) -> str:
    """SHA-256 over the names and bytes of a folder's files, in alphabetical order."""
    digest = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        with file.open("rb") as data:
            while piece := data.read(1 << 20):
                digest.update(piece)
        digest.update(b"\0")
    return digest.hexdigest()
