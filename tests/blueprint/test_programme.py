"""A programme as a whole: settings, files, in memory, and back to files."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from onshore.blueprint.declared import TABLES
from onshore.blueprint.programme import Check, Programme, build, check, new, read, write
from onshore.blueprint.settings import SETTINGS, OptionBounds
from onshore.errors import InputError, WrongUse

SETTINGS_TEXT = """\
schema_version = 1
name = "کوچک"
currency = "EUR"
calendar = "gregorian"
first_year = 2027
last_year = 2029
discount_rate = 0.08
"""
PARTS = 'part,name,import_price,currency,x_rank,note\nlamp,چراغ,12.25,EUR,1,a\necu,"Unit, 1.7",182.5,EUR,,\n'
OFFERS = (
    "offer,part,maker,unit_price,currency,annual_max,lead_time_months,ramp,tooling_cost,valid_until\n"
    "l1,lamp,maad,7.5,EUR,20000,3.5,0.5; 1,1200000.25,1405-10-11\n"
)


def folder(path: Path, settings: str = SETTINGS_TEXT, **tables: str) -> Path:
    """A small valid programme; a table given as an empty text is left out."""
    files = {
        "parts": PARTS,
        "offers": OFFERS,
        "makers": "maker\nmaad\n",
        "needs": "part,year,units\nlamp,2027,12000\necu,2028,5\n",
        **tables,
    }
    path.mkdir(exist_ok=True)
    (path / "programme.toml").write_text(settings, encoding="utf-8")
    for name, text in files.items():
        if text:
            (path / f"{name}.csv").write_text(text, encoding="utf-8")
    return path


def kinds(found: Check) -> list[str]:
    return [f.kind for f in found.errors]


def values(programme: Programme) -> dict[str, list[dict[str, object]]]:
    return {name: frame.drop("row").to_dicts() for name, frame in programme.tables.items()}


def test_read(tmp_path: Path) -> None:
    """Else nothing else in the package has anything to work on."""
    programme = read(folder(tmp_path / "mine"))
    assert programme.origin == "mine"
    assert list(programme.tables) == list(TABLES)
    assert all(dict(programme[n].schema).items() >= t.schema.items() for n, t in TABLES.items())
    assert programme.has("offers")
    assert not programme.has("bom")
    assert programme["offers"]["tooling_cost"].to_list() == [Decimal("1200000.25")]
    assert programme["offers"]["valid_until"].to_list() == [date(2027, 1, 1)]
    assert programme["parts"]["row"].to_list() == [2, 3]
    assert programme["parts"]["x_rank"].to_list() == ["1", None]
    assert programme.settings.years == (2027, 2028, 2029)
    assert "parts 2" in programme.summary()


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    """Else mending a programme is a fault a day."""
    path = folder(
        tmp_path / "mine",
        settings=SETTINGS_TEXT.replace("0.08", '"8 %"') + "colour = 1\n",
        makers="maker,regionn\nmaad,x\n",
        offers=OFFERS.replace("maad", "maid").replace("7.5", '"1,234"'),
    )
    found = check(path)
    assert sorted(kinds(found)) == [
        "ambiguous_number",
        "bad_setting",
        "unknown_column",
        "unknown_reference",
        "unknown_setting",
    ]
    assert found.programme is None
    assert not found.ok
    assert found.summary() == "5 errors, no warnings"
    with pytest.raises(InputError, match="5 faults") as raised:
        read(path)
    assert raised.value.findings == found.findings
    assert json.loads(json.dumps(found.as_dict()))["errors"] == 5


@pytest.mark.parametrize(
    ("old", "new_text", "kind", "says"),
    [
        ("first_year = 2027", "first_year = ", "bad_toml", "row 5"),
        ('name = "کوچک"\n', "", "missing_setting", "`name` is missing"),
        ("first_year = 2027", "frist_year = 2027", "unknown_setting", "Nearest: `first_year`."),
        ("last_year = 2029", "last_year = 2026", "bad_setting", "2027 (`first_year`) or later"),
        ("last_year = 2029", "last_year = 3029", "bad_setting", "within 100 years"),
        ("2027", '"2027"', "bad_setting", "a whole number"),
        ("2027", "2027.5", "bad_setting", "a whole number"),
        ("2027", "true", "bad_setting", "a whole number"),
        ("0.08", "inf", "bad_setting", "a number from -0.5 to 5"),
        ("0.08", "8", "bad_setting", "a number from -0.5 to 5"),
        ('"EUR"', '"toman"', "bad_setting", "IRT for tomans"),
        ('"gregorian"', '"jalali"', "bad_setting", "one of `gregorian`, `solar-hijri`"),
        ('"gregorian"', '"solar-hijri"', "bad_setting", "the calendar of a year 2027"),
        ("schema_version = 1", "schema_version = 2", "newer_schema", "version 2; this release reads version 1"),
        ("schema_version = 1", "schema_version = 0", "bad_setting", "a whole number from 1"),
        ("0.08", "0.08\nencoding = \"latin-1\"", "bad_setting", "windows-1256"),
        ("0.08", "0.08\noptions = 3", "unknown_setting", "`options`"),
        ("0.08", "0.08\n[options]\nstart_years = [2030]", "bad_setting", "years from 2027 to 2029"),
        ("0.08", "0.08\n[options]\nshare_steps = [0.5, 1.5]", "bad_setting", "up to 1"),
        ("0.08", "0.08\n[options]\nshare_steps = []", "bad_setting", "above 0"),
        ("0.08", "0.08\n[options]\nsplit_steps = [1.0]", "bad_setting", "below 1"),
        ("0.08", "0.08\n[options]\nshare_steps = [0.5, 0.5]", "bad_setting", "different"),
        ("0.08", "0.08\n[options]\npairs_max = -1", "bad_setting", "from 0 to 10000"),
        ("0.08", "0.08\n[options.deep]\nx = 1", "unknown_setting", "options.deep"),
        ("0.08", '0.08\n"options.pairs_max" = 1\n[options]\npairs_max = 2', "bad_toml", "given twice"),
        ('"کوچک"', '""', "bad_setting", "which is not a text"),
    ],
)  # fmt: skip
def test_settings(tmp_path: Path, old: str, new_text: str, kind: str, says: str) -> None:
    """Else a mistyped setting is a default, and a plan answers another question."""
    found = check(folder(tmp_path / "mine", settings=SETTINGS_TEXT.replace(old, new_text, 1)))
    assert [f.kind for f in found.errors if f.table == "programme"][:1] == [kind]
    assert says in str(found.errors[0])


def test_settings_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Else a settings file saved by Notepad is not TOML."""
    path = folder(tmp_path / "mine")
    (path / "programme.toml").write_bytes(b"\xef\xbb\xbf" + SETTINGS_TEXT.encode())
    assert check(path).ok


def test_windows_1256_is_read_when_named(tmp_path: Path) -> None:
    """Else the files of an older Excel in Persian cannot be read, or are read as other letters."""
    path = folder(tmp_path / "mine", settings=SETTINGS_TEXT + 'encoding = "windows-1256"\n')
    for file in path.glob("*.csv"):
        file.write_bytes(file.read_text(encoding="utf-8").encode("windows-1256"))
    programme = read(path)
    assert programme["parts"]["name"].to_list() == ["چراغ", "Unit, 1.7"]
    write(programme, tmp_path / "again")
    assert values(read(tmp_path / "again")) == values(programme)


def test_what_is_no_programme(tmp_path: Path) -> None:
    """Else a wrong path raises, or is an empty programme."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "b.xlsx").write_text("x")
    for name in ("absent", "empty", "a.txt", "absent.xlsx"):
        assert kinds(check(tmp_path / name)) == ["no_programme"]
    assert kinds(check(tmp_path / "b.xlsx")) == ["unreadable_file"]
    (tmp_path / "empty" / "parts.csv").write_text("part\nx\n")
    assert set(kinds(check(tmp_path / "empty"))) == {"no_programme", "missing_column"}
    assert check(folder(tmp_path / "mine") / "programme.toml").ok


def test_a_fault_in_a_file_is_not_told_again_by_those_who_refer_to_it(tmp_path: Path) -> None:
    """Else one missing comma in makers.csv is a thousand unknown makers."""
    path = folder(tmp_path / "mine", makers='maker,name\n"maad,x\n')
    assert kinds(check(path)) == ["bad_quotes"]
    assert kinds(check(folder(path, makers="maker,name\nmaad\n"))) == ["ragged_row"]
    (path / "makers.csv").rename(path / "Makers.csv")
    assert kinds(check(path)) == ["unknown_table"]
    (path / "Makers.csv").unlink()
    assert kinds(check(path)) == ["unknown_reference"]


@pytest.mark.parametrize("target", ["again", "again.xlsx"])
def test_a_round_trip_changes_nothing(tmp_path: Path, target: str) -> None:
    """Else converting a programme between folder and workbook changes its plan."""
    settings = SETTINGS_TEXT + (
        'objective = "imports_displaced"\nobjective_sense = "most"\nasset_life_years = 8\n[rate_markets]\nimports = "NIMA"\n'
        "[options]\nstart_years = [2027, 2028]\nshare_steps = [0.5, 1]\nsplit_steps = [0.6, 0.7]\npairs_max = 3\n"
    )
    rates = "date,base,quote,market,quote_per_base\n2026-07-20,EUR,IRR,NIMA,131500\n"
    first = read(folder(tmp_path / "mine", settings=settings, rates=rates))
    write(first, tmp_path / target)
    again = read(tmp_path / target)
    assert again.settings == first.settings
    assert again.settings.options == OptionBounds((2027, 2028), (0.5, 1.0), (0.6, 0.7), 3)
    assert values(again) == values(first)
    with pytest.raises(WrongUse, match=r"not empty|exists already"):
        write(first, tmp_path / target)


def test_formats_that_are_not_written(tmp_path: Path) -> None:
    """Else a folder called mine.ods is made, which nobody can open."""
    with pytest.raises(WrongUse, match=r"Try .*mine\.xlsx"):
        write(read(folder(tmp_path / "mine")), tmp_path / "mine.ods")


@pytest.mark.parametrize("workbook", [False, True])
def test_the_empty_programme_parses_and_names_everything(tmp_path: Path, workbook: bool) -> None:
    """Else a newcomer's first file is refused, or lacks a table, a column or a setting."""
    path = new(tmp_path / "mine", workbook=workbook)
    found = check(path)
    assert {f.kind for f in found.errors} <= {"missing_table"}
    if not workbook:
        assert {p.stem for p in path.glob("*.csv")} == set(TABLES)
        text, guide = (path / "programme.toml").read_text(), (path / "TABLES.md").read_text()
        assert all(s.name.rpartition(".")[2] in text for s in SETTINGS)
        assert all(f"`{c.name}`" in guide for t in TABLES.values() for c in t.columns)
    with pytest.raises(WrongUse):
        new(path)


def test_every_setting_of_the_template_can_be_uncommented(tmp_path: Path) -> None:
    """Else an example in the template is refused when somebody uses it."""
    path = new(tmp_path / "mine")
    lines = (path / "programme.toml").read_text().splitlines()
    shown = [line.removeprefix("# ") if " = " in line and "#" in line else line for line in lines]
    text = "\n".join(shown)
    (path / "programme.toml").write_text(text)
    assert not {f.kind for f in check(path).errors} & {"bad_toml", "bad_setting", "unknown_setting", "missing_setting"}


def test_build_from_memory_is_checked_like_a_file(tmp_path: Path) -> None:
    """Else a script plans from numbers that a file would have been refused for."""
    from_file = read(folder(tmp_path / "mine"))
    settings = {
        "schema_version": 1, "name": "کوچک", "currency": "EUR", "calendar": "gregorian", "first_year": 2027,
        "last_year": 2029, "discount_rate": 0.08,
    }  # fmt: skip
    tables = {
        "parts": [
            {"part": "lamp", "name": "چراغ", "import_price": Decimal("12.25"), "currency": "EUR", "x_rank": 1, "note": "a"},
            {"part": "ecu", "name": "Unit, 1.7", "import_price": 182.5, "currency": "EUR"},
        ],
        "offers": pl.DataFrame(
            {
                "offer": ["l1"], "part": "lamp", "maker": "maad", "unit_price": 7.5, "currency": "EUR",
                "annual_max": 20000, "lead_time_months": 3.5, "ramp": [[0.5, 1.0]], "tooling_cost": [Decimal("1200000.25")],
                "valid_until": [date(2027, 1, 1)],
            }
        ),
        "makers": [{"maker": "maad"}],
        "needs": pl.DataFrame({"part": ["lamp", "ecu"], "year": [2027, 2028], "units": [12000.0, 5.0]}),
    }  # fmt: skip
    programme = build(settings, tables)
    assert values(programme) == values(from_file)
    assert programme.settings == from_file.settings
    again = build(programme.settings, programme.tables)
    assert again.tables["offers"].equals(programme["offers"])
    for bad, kind in (
        ({"makers": [{"maker": " maad"}]}, "stray_space"),
        ({"needs": pl.DataFrame({"part": ["lamp"], "year": [2027], "units": [float("nan")]})}, "not_a_number"),
        ({"needz": []}, "unknown_table"),
        ({"makers": [{"maker": "maad", "row": 3}]}, "unknown_column"),
    ):
        with pytest.raises(InputError) as raised:
            build(settings, {**tables, **bad})
        assert kind in {f.kind for f in raised.value.findings}
    with pytest.raises(WrongUse, match="makers"):
        build(settings, {**tables, "makers": "maad"})  # type: ignore[dict-item]


def test_settings_in_a_workbook(tmp_path: Path) -> None:
    """Else a setting typed into a sheet twice, or in words, is dropped."""
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("programme")
        rows = [
            ("setting", "value"), ("schema_version", 1), ("name", "x"), ("currency", "EUR"), ("calendar", "gregorian"),
            ("first_year", 2027), ("last_year", "۲۰۲۹"), ("discount_rate", "eight"), ("name", "y"), ("", "z"),
            ("options.share_steps", "0.5; 1"), ("shadow_premium", ""),
        ]  # fmt: skip
        for r, cells in enumerate(rows):
            for c, cell in enumerate(cells):
                sheet.write(r, c, cell)
    assert sorted(kinds(check(path))) == ["bad_setting", "duplicate_key", "missing_value"]
