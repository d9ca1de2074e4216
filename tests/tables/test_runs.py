"""The run folder: whole or not at all, and never over anything else."""

import json

import polars as pl
import pytest

from onshore.errors import WrongUse
from onshore.tables.declare import KEY, NUMBER, Column, Table
from onshore.tables.runs import hash_of, read_run, write_run

DECLARED = {
    "awards": Table(
        "awards",
        "an award",
        ("part",),
        (Column("part", KEY, "the part", required=True), Column("units", NUMBER, "units")),
    )
}
AWARDS = pl.DataFrame({"part": ["a", "b"], "units": [1.5, 2.0]})


def snapshot(folder):
    folder.mkdir()
    (folder / "parts.csv").write_text("part\na\n")


def made(path, **figures):
    return write_run(path, {"awards": AWARDS}, figures, write_input=snapshot)


def test_round_trip(tmp_path):
    """If it fails, a report or a later check reads other figures than the planner wrote."""
    run = read_run(made(tmp_path / "deep" / "run", status="optimal"), DECLARED)
    assert run["awards"].equals(AWARDS)
    assert run.figures["status"] == "optimal"
    assert run.figures["input_hash"] == hash_of(run.input)


def test_a_failure_leaves_nothing(tmp_path):
    """If it fails, a half-written run can be taken for a whole one."""

    def broken(folder):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_run(tmp_path / "run", {"awards": AWARDS}, {}, write_input=broken)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_the_run_before(tmp_path):
    """If it fails, planning again and stopping loses the plan that was there."""

    def broken(folder):
        raise OSError("disk")

    made(tmp_path / "run", status="first")
    with pytest.raises(OSError, match="disk"):
        write_run(tmp_path / "run", {"awards": AWARDS}, {}, write_input=broken)
    assert read_run(tmp_path / "run", DECLARED).figures["status"] == "first"


def test_an_earlier_run_is_replaced_and_nothing_else_is(tmp_path):
    """If it fails, a user's own folder can be deleted by naming it as --out."""
    made(tmp_path / "run", status="first")
    made(tmp_path / "run", status="second")
    assert read_run(tmp_path / "run", DECLARED).figures["status"] == "second"
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("dear")
    with pytest.raises(WrongUse, match="not a run"):
        made(mine)
    assert (mine / "letter.txt").read_text() == "dear"


def test_what_is_not_a_run_is_said(tmp_path):
    """If it fails, a user who names the wrong folder gets a traceback."""
    with pytest.raises(WrongUse, match=r"run\.json"):
        read_run(tmp_path, DECLARED)
    path = made(tmp_path / "run")
    for damaged in ("part,units\na,garbage\n", "part,units\n,1\n", "part\na,1,2\n", ""):
        (path / "awards.csv").write_text(damaged)
        with pytest.raises(WrongUse, match="damaged"):
            read_run(path, DECLARED)
    (path / "awards.csv").unlink()
    with pytest.raises(WrongUse, match="damaged"):
        read_run(path, DECLARED)
    (path / "run.json").write_text(json.dumps({"run_schema_version": 99}))
    with pytest.raises(WrongUse, match="version"):
        read_run(path, DECLARED)


def test_the_hash_sees_names_and_bytes(tmp_path):
    """If it fails, two different inputs can pass for one."""
    for name, text in (("a", "x"), ("b", "x"), ("a", "y")):
        folder = tmp_path / f"{name}{text}"
        folder.mkdir()
        (folder / name).write_text(text)
    assert len({hash_of(p) for p in tmp_path.iterdir()}) == 3
