"""`onshore impact`: exit codes, its JSON, what it writes, and its page."""

import json
import re

import numpy as np
import polars as pl
import pytest
from impact.panels import panel, paths

from onshore.cli import main
from onshore.cli.names import NAMES
from onshore.impact.declared import TABLES
from onshore.report import write_report
from onshore.tables.runs import read_run

STARTS = [6] * 12 + [9] * 12 + [None] * 12


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A panel with a fall of a tenth that comes in over months, and its prediction."""
    folder = tmp_path_factory.mktemp("files")
    y = paths(STARTS, 14, lambda _, since: -0.1 * (1 - 0.5 ** (since + 1)), noise=0.01, seed=2)
    panel(np.exp(y), STARTS).write_csv(folder / "panel.csv")
    rows = [{"months_since": h, "effect": -0.1, "low": -0.15, "high": -0.05} for h in range(6)]
    pl.DataFrame(rows).write_csv(folder / "predicted.csv")
    return folder


@pytest.fixture(scope="module")
def run(files):
    out = files / "run"
    assert (
        main(["impact", str(files / "panel.csv"), "--predicted", str(files / "predicted.csv"), "--out", str(out)]) == 0
    )
    return out


def test_its_json_has_the_names_of_the_manual(files, capfd):
    """If it fails, a program that reads the answer meets a name that is missing or unknown, or more than one line."""
    code = main(["impact", str(files / "panel.csv"), "--json"])
    out = capfd.readouterr().out
    assert (code, out.count("\n")) == (0, 1)
    said = json.loads(out)
    assert set(said) == set(NAMES["impact"])
    assert said["run"] is None
    assert said["change_low"] <= said["change"] <= said["change_high"] < 0


def test_a_panel_that_cannot_answer_gets_reasons_and_no_number(files, capfd, tmp_path):
    """Exit code 1, the findings on standard error, and nothing written."""
    rows = pl.read_csv(files / "panel.csv").with_columns(started=pl.lit(None, dtype=pl.String))
    rows.write_csv(tmp_path / "panel.csv")
    assert main(["impact", str(tmp_path / "panel.csv"), "--out", str(tmp_path / "run")]) == 1
    said = capfd.readouterr()
    assert "No line starts within the panel" in said.err
    assert said.out == ""
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "wrong", [["--scale", "share"], ["--covariate", "size"], ["--anticipation", "-1"], ["--out", "PANEL"]]
)
def test_wrong_use(files, capfd, wrong):
    """Exit code 2 with what to write instead; a file in the place of the run is left alone."""
    panel_file = str(files / "panel.csv")
    assert main(["impact", panel_file, *(panel_file if w == "PANEL" else w for w in wrong)]) == 2
    assert capfd.readouterr().err
    assert main(["impact", str(files / "nowhere.csv")]) == 2


def test_the_run_holds_every_table_as_declared_and_the_panel(run, files):
    """If it fails, a run cannot be read back, or no longer says what it was measured from."""
    read = read_run(run, TABLES)
    assert read.figures["parts"] == 36
    assert read["effect_predicted"].height == 6
    again = pl.read_csv(read.input / "panel.csv", try_parse_dates=True)
    assert again.sort("part", "month")["value"].equals(pl.read_csv(files / "panel.csv").sort("part", "month")["value"])


def test_the_same_panel_gives_the_same_bytes(run, files):
    """If it fails, two people with one panel get two reports, or `onshore report` writes another page."""
    out = files / "again"
    main(["impact", str(files / "panel.csv"), "--predicted", str(files / "predicted.csv"), "--out", str(out)])
    first = {p.name: p.read_bytes() for p in run.iterdir() if p.is_file()}
    assert first == {p.name: p.read_bytes() for p in out.iterdir() if p.is_file()}
    write_report(out)
    assert (out / "report.html").read_bytes() == first["report.html"]


def test_the_page_shows_the_number_the_pictures_and_what_speaks_against_it(run):
    """If it fails, a reader of the page alone believes a number without its interval, tests or prediction."""
    page = (run / "report.html").read_text("utf-8")
    figures = read_run(run, TABLES).figures
    assert f'<data value="{figures["effect"]}">' in page
    for place in (
        "since-figure",
        "cohorts-figure",
        "placebos-table",
        "naive-table",
        "predicted-table",
        "overall-table",
    ):
        assert f'id="{place}"' in page
    assert page.count("<svg") == 4, "each chart twice, for a page and for a phone"
    assert ">predicted</text>" in page
    assert not re.search(r"<script|https?://(?!www\.w3\.org)", page), "it needs no network"
    assert len(set(re.findall(r' id="([^"]+)"', page))) == len(re.findall(r' id="([^"]+)"', page))


def test_an_effect_in_levels_names_its_unit(tmp_path):
    """If it fails, imports of so many euros are printed as a share."""
    frame = panel(paths(STARTS, 14, lambda _, since: -3.0, noise=0.5, seed=3), STARTS)
    frame.write_csv(tmp_path / "panel.csv")
    main(["impact", str(tmp_path / "panel.csv"), "--scale", "level", "--out", str(tmp_path / "run")])
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "per cent" not in page
    assert "values moved by −" in page
    assert " EUR against" in page


def test_a_name_in_the_panel_is_text_on_the_page(tmp_path):
    """If it fails, what stands in a panel can become part of the page's code."""
    frame = panel(paths([0, *STARTS], 14, lambda _, since: -1.0, noise=0.1), [0, *STARTS])
    rows = frame.with_columns(pl.col("part").replace({"p000": "<script>x</script>"}), unit=pl.lit("<b>EUR"))
    rows.write_csv(tmp_path / "panel.csv")
    main(["impact", str(tmp_path / "panel.csv"), "--scale", "level", "--out", str(tmp_path / "run")])
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<b>EUR" not in page
