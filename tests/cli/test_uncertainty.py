"""`onshore uncertainty`: exit codes, its JSON, what it writes, and its page against its own tables."""

from __future__ import annotations

import builtins
import json

import pytest
from report.conftest import EVIL
from report.pages import Page, csv, shown
from uncertainty.worlds import DEAR_DOLLAR, DRAWN_DOLLAR, TWO_PARTS, two_parts

import onshore as on
from onshore.cli import main
from onshore.cli.names import NAMES
from onshore.report import write_report
from onshore.tables.runs import read_run
from onshore.uncertainty.declared import TABLES

ASKED = ["--draws", "3", "--fresh", "2", "--workers", "1", "--quiet"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two parts in one scenario and a few draws, planned first and then put into worlds; a maker's name is no markup."""
    folder = tmp_path_factory.mktemp("worlds")
    makers = [{**row, "name": EVIL} for row in TWO_PARTS["makers"]]
    scenario = {**DEAR_DOLLAR, "scenario": "<b>dear</b>"}
    tables = {"makers": makers, "scenarios": [scenario], "uncertainty": [DRAWN_DOLLAR]}
    on.write(two_parts(**tables), folder / "mine")
    on.write_plan(on.plan(on.read(folder / "mine")), folder / "run")
    assert main(["uncertainty", str(folder / "run"), "--out", str(folder / "worlds"), *ASKED]) == 0
    return folder


def test_its_json_has_the_names_of_the_manual(files, capfd):
    """If it fails, a program that reads the answer meets a name that is missing or unknown, or more than one line."""
    assert main(["uncertainty", str(files / "mine"), "--draws", "0", "--workers", "1", "--quiet", "--json"]) == 0
    out = capfd.readouterr().out
    said = json.loads(out)
    assert out.count("\n") == 1
    assert set(said) == set(NAMES["uncertainty"])
    assert (said["run"], said["best_on_average"], said["least_regret"]) == (None, None, "own of <b>dear</b>")


def test_a_programme_and_its_run_give_the_same_worlds(files):
    """If it fails, the plan of a run is not the plan that is put into worlds, or the same seed gives other numbers."""
    again = on.plan_worlds(on.read(files / "mine"), asked=on.Asked(draws=3, fresh=2))
    run = read_run(files / "worlds", TABLES)
    for name, table in again.tables.items():
        assert table.equals(run[name]), name


def test_the_folder_reads_back_as_declared_and_can_be_told_again(files):
    """If it fails, a table is not what the reference says, or the page needs more than its folder."""
    run = read_run(files / "worlds", TABLES)
    assert run.figures["kind"] == "uncertainty"
    own = run["values"].filter(plan="plan")
    # fresh draws come after those that chose, so that none praises the plan it picked
    assert own["sample"].to_list() == ["named"] * 2 + ["draws"] * 3 + ["fresh"] * 2
    assert own["world"].to_list()[2:] == [f"draw {i}" for i in range(5)]
    assert run["values"].height == run["plans"].height * 7
    before = (files / "worlds" / "report.html").read_bytes()
    assert write_report(files / "worlds").read_bytes() == before
    with pytest.raises(on.WrongUse, match="another kind: uncertainty"):
        on.verify(files / "worlds")


def test_the_page_says_what_its_tables_say(files):
    """If it fails, somebody signs by a number that is not there, or a name becomes markup."""
    page, worlds, plans = (
        Page(files / "worlds" / "report.html"),
        csv(files / "worlds", "worlds"),
        csv(files / "worlds", "plans"),
    )
    assert page.values["worlds-plan"] == pytest.approx(worlds["value"][0])
    assert page.values["worlds-mean"] == pytest.approx(plans["mean"][0])
    named = page.body("named-table")
    assert [shown(row[1]) for row in named] == pytest.approx(worlds.filter(sample="named")["value"].to_list())
    assert named[1][0] == "<b>dear</b>"
    assert len(page.body("stable-table")) == csv(files / "worlds", "stable_awards").height
    assert EVIL not in page.text
    assert "<b>dear" not in page.text


def test_wrong_use_and_faults(files, capfd, tmp_path):
    """If it fails, a programme with one world, a cluster that is not there or numbers that cannot be end in a traceback."""
    on.write(two_parts(), tmp_path / "certain")
    assert main(["uncertainty", str(tmp_path / "certain")]) == 1
    assert "one world only" in capfd.readouterr().err
    assert main(["uncertainty", str(tmp_path / "nowhere")]) == 1
    assert main(["uncertainty", str(files / "mine"), "--level", "1"]) == 2
    assert main(["uncertainty", str(files / "mine"), "--out", str(files)]) == 2
    assert "is not a run" in capfd.readouterr().err


def test_without_dask_several_workers_are_refused_with_what_to_install(files, capfd, monkeypatch):
    """If it fails, somebody without the extra meets a traceback."""
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.partition(".")[0] == "distributed":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert main(["uncertainty", str(files / "run"), "--workers", "2", "--quiet"]) == 2
    assert "onshore[scale]" in capfd.readouterr().err
