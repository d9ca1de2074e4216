"""Exit codes, and one JSON object on standard output whatever happens."""

import json
import os
import signal
import subprocess
import sys

import pytest

import onshore as on
from onshore import cli
from onshore.cli import impact, main, plan, prices, progress, show, synth, tables, trade, uncertainty, why
from onshore.cli.names import FAILURE, NAMES
from onshore.errors import InputError, NoPlan, finding

SETTINGS = """\
schema_version = 1
name = "Two parts"
currency = "EUR"
calendar = "gregorian"
first_year = 2027
last_year = 2028
discount_rate = 0
"""
TABLES = {
    "parts": "part,import_price,currency,incoterm\nlamp,10,EUR,CIF\nmirror,20,EUR,CIF\n",
    "needs": "part,year,market,units\nlamp,2027,oem,1000\nlamp,2028,oem,1000\nmirror,2027,oem,100\nmirror,2028,oem,100\n",
    "makers": "maker\nalba\nbruna\n",
    "offers": (
        "offer,part,maker,unit_price,currency,annual_max,lead_time_months,tooling_cost\n"
        "alba-lamp,lamp,alba,7,EUR,1000,0,2000\n"
        "bruna-mirror,mirror,bruna,18,EUR,500,0,1000\n"
    ),
}


@pytest.fixture
def programme(tmp_path):
    """Two parts, one worth making: imports cost 24,000 over two years, the best plan 20,000."""
    folder = tmp_path / "two-parts"
    folder.mkdir()
    (folder / "programme.toml").write_text(SETTINGS)
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


@pytest.fixture
def faulty(programme):
    offers = programme / "offers.csv"
    offers.write_text(offers.read_text().replace("mirror,bruna,", "mirror,brunna,"))
    return programme


def said(capfd, *args):
    """Exit code, and what was printed as JSON."""
    code = main([*map(str, args), "--json"])
    out = capfd.readouterr().out
    assert out.count("\n") == 1
    return code, json.loads(out)


def names_of(command, said):
    return {n for n in NAMES[command] if n in said}


# --- wrong use -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ("chek",),
        ("check",),
        ("plan", "mine"),
        ("plan", "mine", "--out", "run", "--gap", "2"),
        ("plan", "mine", "--out", "run", "--gap", "small"),
        ("tables", "ofers"),
        ("demo", "atlantis"),
        ("check", "mine", "--fast"),
    ],
)
def test_wrong_use_is_2_and_says_what_to_type(args, capfd):
    """If it fails, a mistyped command is not exit code 2, ends in a traceback, or has no answer in JSON."""
    assert main(args) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert "Traceback" not in printed.err
    code, answer = said(capfd, *args)
    assert code == 2
    assert set(answer) == {"ok", "error"}
    assert not answer["ok"]


def test_a_near_name_is_offered(capfd):
    """If it fails, who mistypes the name of a table is not told the one they meant."""
    main(["tables", "ofers"])
    assert "Nearest: `offers`" in capfd.readouterr().err


# --- every error becomes a message in one place --------------------------------------------------


def raising(error):
    def command(*_, **__):
        raise error

    return command


FAULT = InputError([finding("missing_value", "offers", 2, "maker", meaning="the maker")])


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (FAULT, 1, "offers row 2, maker"),
        (NoPlan("No plan keeps tooling-1399."), 1, "tooling-1399"),
        (FileNotFoundError(2, "No such file or directory", "nowhere"), 2, "nowhere: No such file"),
        (PermissionError(13, "Permission denied", "locked"), 2, "locked: Permission denied"),
        (KeyboardInterrupt(), 130, "Nothing was written"),
    ],
)
def test_errors_become_messages(error, code, words, monkeypatch, capfd):
    """If it fails, a fault, a missing file or Ctrl-C ends with the wrong exit code, without words that say what is
    wrong, or with undocumented names in its JSON.
    """
    monkeypatch.setattr(cli, "app", raising(error))
    assert main(["check", "mine"]) == code
    printed = capfd.readouterr()
    assert printed.out == ""
    assert words in printed.err
    answered, answer = said(capfd, "check", "mine")
    assert answered == code
    assert not answer["ok"]
    assert set(answer) < set(FAILURE)
    assert words.split(",")[0] in str(answer) or answer["findings"][0]["row"] == 2


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    """If it fails, a fault of the program is passed off as one of the user, and its place is lost."""
    monkeypatch.setattr(cli, "app", raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        main(["check", "mine"])


# --- commands ------------------------------------------------------------------------------------


def test_version(capfd):
    """If it fails, a user cannot tell which version is installed."""
    assert main(["--version"]) == 0
    assert capfd.readouterr().out.startswith("onshore 0.")


def test_help_of_every_command(capfd):
    """If it fails, a command has no help, or its help has no example to copy."""
    for command in NAMES:
        assert main([command, "--help"]) == 0
        assert f"Example: onshore {command}" in capfd.readouterr().out


def test_tables(capfd):
    """If it fails, the list of tables lacks parts, offers or limits, or its JSON has other names than it promises."""
    assert main(["tables"]) == 0
    assert "a part" not in capfd.readouterr().err
    code, answer = said(capfd, "tables")
    assert code == 0
    assert names_of("tables", answer) == set(answer) == {"ok", "tables", "settings"}
    assert {t["table"] for t in answer["tables"]} >= {"parts", "offers", "limits"}


def test_tables_of_one(capfd):
    """If it fails, who asks about one table gets others too, or is not shown its columns or settings."""
    code, answer = said(capfd, "tables", "offers")
    assert code == 0
    assert [t["table"] for t in answer["tables"]] == ["offers"]
    main(["tables", "offers"])
    assert "unit_price" in capfd.readouterr().out
    main(["tables", "programme"])
    assert "discount_rate" in capfd.readouterr().out


def test_new_then_check(tmp_path, capfd):
    """If it fails, `new` writes no template folder or workbook, or does not refuse a folder that is already there."""
    code, answer = said(capfd, "new", tmp_path / "mine")
    assert code == 0
    assert set(answer) == set(NAMES["new"])
    assert main(["new", str(tmp_path / "mine")]) == 2
    assert main(["new", str(tmp_path / "book.xlsx"), "--workbook"]) == 0
    assert (tmp_path / "book.xlsx").is_file()


def test_check_of_a_good_one(programme, capfd):
    """If it fails, a programme without faults is refused, or the JSON of `check` has other names than it promises."""
    code, answer = said(capfd, "check", programme)
    assert (code, answer["ok"], answer["errors"]) == (0, True, 0)
    assert set(answer) == set(NAMES["check"])


def test_check_of_a_faulty_one(faulty, capfd):
    """If it fails, a misspelt maker is not told with its table, row, column and the nearest name."""
    code, answer = said(capfd, "check", faulty)
    assert (code, answer["ok"], answer["errors"]) == (1, False, 1)
    fault = answer["findings"][0]
    assert (fault["table"], fault["row"], fault["column"], fault["value"]) == ("offers", 3, "maker", "brunna")
    assert main(["check", str(faulty)]) == 1
    printed = capfd.readouterr()
    assert "offers row 3, maker" in printed.out
    assert "`bruna`" in printed.out


@pytest.mark.parametrize("command", ["need", "plan", "convert"])
def test_a_faulty_one_goes_no_further(command, faulty, tmp_path, capfd):
    """If it fails, a programme with faults is planned or converted all the same, or leaves files behind."""
    target = {"need": [], "plan": ["--out", tmp_path / "run"], "convert": [tmp_path / "book.xlsx"]}[command]
    code, answer = said(capfd, command, faulty, *target)
    assert code == 1
    assert set(answer) == {"ok", "findings"}
    assert {p.name for p in tmp_path.iterdir()} == {"two-parts"}


def test_need(programme, capfd):
    """If it fails, `need` loses units of the table `needs`, or its JSON has other names than it promises."""
    code, answer = said(capfd, "need", programme)
    assert code == 0
    assert set(answer) == set(NAMES["need"])
    assert {"part": "lamp", "year": 2027, "market": "oem", "units": 1000.0} in answer["needs"]
    assert main(["need", str(programme)]) == 0


def test_convert_there_and_back(programme, tmp_path, capfd):
    """If it fails, a programme taken to a workbook and back needs other units than before."""
    assert main(["convert", str(programme), str(tmp_path / "book.xlsx")]) == 0
    assert main(["convert", str(tmp_path / "book.xlsx"), str(tmp_path / "again")]) == 0
    capfd.readouterr()
    before, after = said(capfd, "need", programme)[1], said(capfd, "need", tmp_path / "again")[1]
    assert before == after


def test_plan_then_report(programme, tmp_path, capfd):
    """If it fails, `plan` writes no report, `report` cannot write it again, or their JSON lacks a promised name."""
    run = tmp_path / "run"
    code, answer = said(capfd, "plan", programme, "--out", run, "--quiet")
    assert code == 0
    assert set(answer) >= set(NAMES["plan"])
    assert (run / "report.html").is_file()
    (run / "report.html").unlink()
    code, answer = said(capfd, "report", run)
    assert code == 0
    assert set(answer) == set(NAMES["report"])
    assert (run / "report.html").is_file()


def test_what_if_frontier_and_goals(programme, tmp_path, capfd):
    """If it fails, a trade-off cannot be asked for from the command line, or its JSON lacks a promised name.

    The lamp gains 6,000 - 2,000 over importing; without alba the 20,000 are 24,000 again.
    """
    run = tmp_path / "run"
    on.write_plan(on.plan(on.read(programme)), run)
    code, answer = said(capfd, "what-if", run, "--without", "alba", "--offer", "bruna-mirror:+5%", "--quiet")
    assert (code, answer["difference_low"], answer["difference_high"]) == (0, 4000, 4000)
    assert set(answer) == set(NAMES["what-if"])
    folder = tmp_path / "frontier"
    code, answer = said(
        capfd, "frontier", programme, "--between", "cost", "tooling", "--points", 3, "--out", folder, "--quiet"
    )
    assert (code, [p["first"] for p in answer["points"]]) == (0, [24000, 20000])
    assert set(answer) == set(NAMES["frontier"])
    assert "What one costs in the other" in (folder / "report.html").read_text("utf-8")
    code, answer = said(capfd, "goals", programme, "--goal", "tooling", "--goal", "cost", "--quiet")
    assert (code, [g["reached"] for g in answer["goals"]]) == (0, [0, 24000])
    assert set(answer) == set(NAMES["goals"])


def test_what_if_says_what_to_type(programme, tmp_path, capfd):
    """If it fails, a change that nobody can read is taken for another, or told without its remedy."""
    run = on.write_plan(on.plan(on.read(programme)), tmp_path / "run")
    for given, says in (
        ("alba-lamp:5", "alba-lamp=5"), ("alba-lamp", "NAME=VALUE, or NAME:-5%"), ("alba-lam:-5%", "Nearest: `alba-lamp`"),
    ):  # fmt: skip
        code, answer = said(capfd, "what-if", run, "--offer", given, "--quiet")
        assert code == 2
        assert says in answer["error"]


def test_no_plan_is_1(programme, tmp_path, capfd):
    """If it fails, the limit that makes a plan impossible is not named, or a run is written without a plan."""
    (programme / "limits.csv").write_text("limit,measure,sense,value\nall-at-home,units_imported,at_most,0\n")
    offers = programme / "offers.csv"
    offers.write_text(offers.read_text().replace("bruna,18,EUR,500", "bruna,18,EUR,50"))
    code, answer = said(capfd, "plan", programme, "--out", tmp_path / "run")
    assert code == 1
    assert "all-at-home" in answer["error"]
    assert not (tmp_path / "run").exists()


def test_demo(tmp_path, capfd):
    """If it fails, the first command that a newcomer types lists no demonstration, or plans none with a report."""
    code, answer = said(capfd, "demo", "--list")
    assert (code, plan.DEMO in answer["demos"]) == (0, True)
    code, answer = said(capfd, "demo", "--out", tmp_path / "run", "--quiet")
    assert code == 0
    assert set(answer) >= set(NAMES["demo"]) - {"demos"}
    assert (tmp_path / "run" / "report.html").is_file()


# --- the process ---------------------------------------------------------------------------------


def test_ctrl_c_leaves_nothing_behind(programme, tmp_path, monkeypatch, capfd):
    """If it fails, a plan stopped by Ctrl-C leaves files behind, or ends in something else than one plain message."""

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(show.Watch, "__call__", interrupt)
    assert main(["plan", str(programme), "--out", str(tmp_path / "run")]) == 130
    assert {p.name for p in tmp_path.iterdir()} == {programme.name}
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "Stopped. Nothing was written.\n")


def test_ctrl_c_at_whatever_moment(programme, tmp_path):
    """If it fails, Ctrl-C can leave half a run, or a traceback.

    A real signal once the plan is under way: exit code 130 and no run, or the whole run.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "onshore", "plan", str(programme), "--out", str(tmp_path / "run")],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    left = {p.name for p in tmp_path.iterdir()} - {programme.name}
    assert (process.returncode, left) in [(130, set()), (0, {"run"})], first + err
    assert b"Traceback" not in first + err


def test_a_reader_that_hangs_up_is_no_fault():
    """If it fails, output piped into `head` ends in a traceback."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([sys.executable, "-m", "onshore", "tables"], stdout=write, stderr=subprocess.PIPE)
    os.close(write)
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr


# --- progress ------------------------------------------------------------------------------------


class Step:
    def __init__(self, seconds, stage, bound=None, objective=None, gap=None):
        self.seconds, self.stage, self.bound, self.objective, self.gap = seconds, stage, bound, objective, gap


def test_progress_prints_sparse_lines_where_there_is_no_terminal(capfd):
    """If it fails, a log fills with lines of progress, or progress lands among the results on standard output."""
    with show.Watch(quiet=False) as watch:
        watch(Step(0.1, "options"))
        watch(Step(0.2, "solving", bound=10.0))
        watch(Step(0.3, "solving", bound=11.5, objective=12.0, gap=0.5 / 12))
        watch.tick(20.0)
        watch.tick(21.0)
    printed = capfd.readouterr()
    assert printed.out == ""
    lines = printed.err.splitlines()
    assert len(lines) == 3
    assert lines[2].split() == ["20.0", "s", "solving", "bound", "11.5", "plan", "12", "gap", "4.17%"]


def test_progress_goes_on_where_the_work_is_silent(capfd):
    """If it fails, a log stands still for minutes and its reader takes the plan for hung."""
    watch = show.Watch(quiet=False)
    for seconds in range(35):
        watch.tick(float(seconds))
    assert [text.split()[0] for text in capfd.readouterr().err.splitlines()] == ["0.0", "10.0", "20.0", "30.0"]


def test_quiet_is_quiet(capfd):
    """If it fails, `--quiet` prints progress all the same."""
    with show.Watch(quiet=True) as watch:
        watch(Step(0.1, "options"))
    assert capfd.readouterr() == ("", "")


def test_the_commands_say_what_they_offer():
    """If it fails, a command's JSON has no documented names, or names are documented for no command."""
    files = (tables, impact, plan, prices, progress, uncertainty, why, trade, synth)
    assert {name.replace("_", "-") for file in files for name in file.__all__} == set(NAMES)
