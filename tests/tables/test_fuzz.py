"""Damaged programmes: `check` never raises, and what it accepts is what a slow, independent reader reads.

The reader below shares nothing with the package but the declarations: it is Python's csv module, Decimal and a
number grammar written out another way, one cell at a time.
"""

from __future__ import annotations

import csv
import io
import tempfile
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from onshore.blueprint.declared import TABLES
from onshore.blueprint.programme import Check, check
from onshore.tables.declare import Column

VALID = {
    "programme.toml": (
        'schema_version = 1\nname = "Small"\ncurrency = "EUR"\ncalendar = "gregorian"\n'
        "first_year = 2027\nlast_year = 2029\ndiscount_rate = 0.08\n\n[options]\npairs_max = 2\n"
    ),
    "sectors.csv": "sector,name\ncars,Cars\n",
    "subprojects.csv": "subproject,sector,start,budget,currency\nengine,cars,1406-01-01,5000000.50,EUR\n",
    "parts.csv": (
        "part,name,subproject,family,import_price,currency,price_date,duty_share,importable,criticality,source\n"
        'ecu,"Control unit, 1.7 l",engine,electronics,182.50,EUR,2026-06-30,0.05,yes,high,customs\n'
        "lamp,چراغ جلو,,,۱۲٫۲۵,EUR,۱۴۰۵-۰۴-۰۹,,no,low,\n"
    ),
    "needs.csv": "part,year,market,units\necu,2027,oem,12000\necu,2028,,15000\nlamp,2027,oem,\"1,200,000\"\nlamp,2029,aftermarket,5\n",
    "makers.csv": 'maker,name,region,size,jobs,note\ncrouse,Crouse,Tehran,large,20000,"says ""yes"""\nmaad,,,small,,\n',
    "partners.csv": "partner,country\nfaurecia,France\n",
    "ventures.csv": "venture,maker,partner,opens,partner_share,set_up_cost,currency\nfcaes,maad,faurecia,2027-03-20,0.5,4e6,EUR\n",
    "offers.csv": (
        "offer,part,maker,venture,unit_price,currency,annual_max,lead_time_months,ramp,term_years,progress_ratio,"
        "experience_units,tooling_cost,tooling_paid_by,valid_until,x_rank\n"
        "e1,ecu,crouse,,96.40,EUR,40000,14,0.4; 0.75; 1,5,0.9,20000,1200000,buyer,2026-12-31,1\n"
        "e2,ecu,maad,fcaes,99,IRR,1e4,6.5,,,,,0,,,\n"
        "l1,lamp,maad,,7,EUR,2000000,3,1,,,,\"1,200,000.25\",public,,2\n"
    ),
    "rates.csv": "date,base,quote,market,quote_per_base\n2026-07-20,EUR,IRR,ECB,131500\n1405-01-01,EUR,IRR,free,1300000.5\n",
    "limits.csv": "limit,measure,scope,years,sense,value,currency\nt,tooling,programme,2027-2028,at_most,2500000,EUR\n",
}  # fmt: skip

NASTY = (
    "1,234", "1.234", "1,234.5", "12,5", "۱۲", "۱٬۲۳۴", "1 234", "12 %", "inf", "nan", "1e400", "1e-400", "0x10", "1_0",
    "-1", "−5", "5.0", "5.5", "1e3", ".5", "5.", "0,123", "1.1234567", "123456789012345678", "9" * 40, "", " ", "\u00a0",
    "yes", "TRUE", "no", "2027", "2027-2028", "2028-2027", "2019-02-30", "1398-04-29", "07/20/2019", "eur", "تومان",
    "ecu", "ECU", " ecu", "ecu\u200f", "crouse", "\x00", "a\tb", "a\nb", '"', '""', 'a"b', "a,b", ";", "=1+1", "#N/A",
    "row", "note", "0.4; 0.75", "1;;2", "١٢٣", "１２", "½", "1٫5", "12،5", "1'234'567", "+7", "-0", "00012", "\ufeff1",
)  # fmt: skip

CHUNKS = (
    b'"', b",", b"\n", b"\r", b"\r\n", b"\x00", b";", b"\t", b"\xef\xbb\xbf", b"\xff", b"\xc3", b"\xe2\x80\x8f", b"\x1a",
    b'""', b',"', b'",', b"\n\n", b",,", b'"\n"', "۵".encode(), b"1,234", b" ", b"=", b"[", b"\\", b"#",
)  # fmt: skip


# the independent reader -----------------------------------------------------------------------------------------


def slow_number(text: str) -> Decimal:
    """The value of a number in any spelling that is open to one reading; ValueError for the rest."""
    sign, body = 1, text.strip()
    if body[:1] in "+-\u2212":
        sign, body = (1 if body[0] == "+" else -1), body[1:]
    mantissa, e, exponent = body.lower().partition("e")
    digits, marks = "", []
    for c in mantissa:
        if c in "0123456789" or "\u06f0" <= c <= "\u06f9" or "\u0660" <= c <= "\u0669":
            digits += str(unicodedata.digit(c))
        else:
            marks.append((c, len(digits)))
    decimals = _decimals([m for m, _ in marks], [at for _, at in marks], digits, bool(e))
    power = int(exponent.replace("\u2212", "-")) if e else 0
    return sign * Decimal(f"{digits}e{power - decimals}")


def _decimals(marks: list[str], places: list[int], digits: str, scientific: bool) -> int:
    """How many of the digits stand behind the decimal mark."""
    if not digits:
        raise ValueError("no digits")
    if not marks:
        return 0
    if scientific and marks not in (["."], ["\u066b"]):
        raise ValueError("grouped and scientific")
    last, behind = marks[-1], len(digits) - places[-1]
    if len(marks) == 1 and last in ".\u066b":
        return behind
    threes = [b - a for a, b in zip(places, [*places[1:], len(digits)], strict=True)]
    if len(set(marks)) == 1 and all(t == 3 for t in threes) and 1 <= places[0] <= 3 and digits[0] != "0":
        if len(marks) == 1 and last in ",\u060c":
            raise ValueError("ambiguous")
        return 0
    if len(marks) == 1 and last in ",\u060c" and behind and places[0]:
        if behind == 3 and digits[: places[0]] != "0":
            raise ValueError("ambiguous")
        return behind
    grouping = set(marks[:-1])
    if (
        last in ".,\u066b\u060c"
        and behind
        and len(grouping) == 1
        and last not in grouping
        and all(t == 3 for t in threes[:-1])
    ):
        return behind
    raise ValueError("marks")


def slow_value(column: Column, cell: str) -> object:
    text = cell.strip()
    if not text:
        return None
    match column.type.name:
        case "number" | "share":
            return float(slow_number(text))
        case "integer" | "year":
            value = slow_number(text)
            if value != int(value):
                raise ValueError(text)
            return int(value)
        case "money":
            return slow_number(text)
        case "date":
            year, month, day = (int(p) for p in text.replace("/", "-").split("-"))
            return JalaliDate(year, month, day).to_gregorian() if 1200 <= year < 1600 else date(year, month, day)
        case "flag":
            return {"yes": True, "true": True, "no": False, "false": False}[text.lower()]
        case "numbers":
            return tuple(float(p.translate(str.maketrans("\u066b", "."))) for p in text.replace("؛", ";").split(";"))
        case "years":
            first, _, last = text.replace("\u2013", "-").replace("\u2212", "-").partition("-")
            return int(first), int(last or first)
        case _:
            return text


def slow_table(name: str, data: bytes) -> list[dict[str, object]]:
    text = data.decode("utf-8-sig")
    records = list(csv.reader(io.StringIO(text, newline="")))
    headings, rows = records[0], []
    for number, record in enumerate(records[1:], start=2):
        if not "".join(record).strip() and '"' not in text:
            continue
        if not any(cell.strip() for cell in record):
            continue
        assert len(record) == len(headings), "a ragged row was accepted"
        row: dict[str, object] = {"row": number}
        for heading, cell in zip(headings, record, strict=True):
            column = TABLES[name].by_name.get(heading)
            if column is not None:
                row[heading] = slow_value(column, cell)
            elif heading.strip():
                assert heading in ("note", "source") or heading.startswith("x_"), f"{heading!r} was accepted"
                row[heading] = cell if cell.strip() else None
            else:
                assert not cell.strip(), "a value without a name was accepted"
        rows.append(row)
    assert len({h for h in headings if h.strip()}) == sum(1 for h in headings if h.strip()), (
        "a repeated heading was accepted"
    )
    return rows


def assert_read_truly(found: Check, files: dict[str, bytes]) -> None:
    """Every accepted table equals what the slow reader makes of the same bytes."""
    assert found.programme is not None
    for name, table in TABLES.items():
        frame = found.programme[name]
        expected = slow_table(name, files[f"{name}.csv"]) if f"{name}.csv" in files else []
        assert frame.columns[: len(table.schema)] == list(table.schema)
        assert frame.height == len(expected), name
        for ours, theirs in zip(frame.iter_rows(named=True), expected, strict=True):
            for key, value in ours.items():
                column = table.by_name.get(key)
                if value is not None and column is not None and column.type.name in ("numbers", "years"):
                    value = slow_value(column, value)
                assert value == theirs.get(key), (name, ours["row"], key)
            assert set(theirs) <= set(ours)


# damage ---------------------------------------------------------------------------------------------------------


@st.composite
def damaged(draw: st.DrawFn) -> dict[str, bytes]:
    """The small programme with one to three things done to its files."""
    files = {name: text.encode() for name, text in VALID.items()}
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(files)))
        ways = (
            [_bytes, _bytes] if name.endswith(".toml") else [_cell, _cell, _cell, _cell, _rows, _columns, _bytes, _name]
        )
        draw(st.sampled_from(ways))(draw, files, name)
    return files


def _bytes(draw: st.DrawFn, files: dict[str, bytes], name: str) -> None:
    data = files[name]
    at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 3))
    tail = data[at + length :]
    match draw(st.sampled_from(["delete", "insert", "replace", "truncate", "random", "line ends", "byte order mark"])):
        case "delete":
            files[name] = data[:at] + tail
        case "insert":
            files[name] = data[:at] + draw(st.sampled_from(CHUNKS)) + data[at:]
        case "replace":
            files[name] = data[:at] + draw(st.sampled_from(CHUNKS)) + tail
        case "truncate":
            files[name] = data[:at]
        case "random":
            files[name] = data[:at] + draw(st.text(max_size=5)).encode() + data[at:]
        case "line ends":
            files[name] = data.replace(b"\n", draw(st.sampled_from([b"\r\n", b"\r", b"\n\n", b",\n"])))
        case _:
            files[name] = b"\xef\xbb\xbf" + data


def _table(files: dict[str, bytes], name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(files[name].decode("utf-8", "replace"), newline="")))


def _put(files: dict[str, bytes], name: str, rows: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    files[name] = out.getvalue().encode("utf-8", "replace")


def _cell(draw: st.DrawFn, files: dict[str, bytes], name: str) -> None:
    rows = _table(files, name)
    filled = [r for r in rows[1:] if r]
    if filled:
        row = draw(st.sampled_from(range(len(filled))))
        at = draw(st.integers(0, len(filled[row]) - 1))
        filled[row][at] = draw(st.one_of(st.sampled_from(NASTY), st.text(max_size=6)))
        _put(files, name, rows)


def _rows(draw: st.DrawFn, files: dict[str, bytes], name: str) -> None:
    rows = _table(files, name)
    if rows:
        at = draw(st.integers(0, len(rows) - 1))
        match draw(st.sampled_from(["delete", "repeat", "empty", "shuffle"])):
            case "delete":
                del rows[at]
            case "repeat":
                rows.insert(draw(st.integers(0, len(rows))), rows[at])
            case "empty":
                rows.insert(at, [])
            case _:
                rows[1:] = draw(st.permutations(rows[1:]))
        _put(files, name, rows)


def _columns(draw: st.DrawFn, files: dict[str, bytes], name: str) -> None:
    rows = _table(files, name)
    if not rows or len(rows[0]) < 2:
        return
    a, b = draw(st.integers(0, len(rows[0]) - 1)), draw(st.integers(0, len(rows[0]) - 1))
    way = draw(st.sampled_from(["swap", "swap cells", "delete", "rename", "repeat"]))
    for n, row in enumerate(rows):
        if max(a, b) >= len(row):
            continue
        if way == "swap" or (way == "swap cells" and n):
            row[a], row[b] = row[b], row[a]
        elif way == "delete":
            del row[a]
        elif way == "repeat":
            row.append(row[a])
    if way == "rename":
        heading = rows[0][a]
        rows[0][a] = draw(
            st.sampled_from([heading + " ", heading.upper(), heading[:-1], "row", "note", "", "x_" + heading, "0"])
        )
    _put(files, name, rows)


def _name(draw: st.DrawFn, files: dict[str, bytes], name: str) -> None:
    stem = name.removesuffix(".csv")
    new = draw(
        st.sampled_from([stem.upper() + ".csv", stem + "s.csv", stem + ".CSV", stem + ".txt", "x.csv", stem + ".xlsx"])
    )
    files[new] = files.pop(name)
    files.setdefault(name, b"") if draw(st.booleans()) else None


def examine(files: dict[str, bytes]) -> Check:
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        return check(folder)


def examine_truly(files: dict[str, bytes]) -> None:
    found = examine(files)
    for f in found.findings:
        assert str(f)
        assert f.level in ("error", "warning")
    if found.ok:
        named = {n: d for n, d in files.items() if n.endswith((".toml", ".csv"))}
        named |= {n.removesuffix(".CSV") + ".csv": d for n, d in files.items() if n.endswith(".CSV")}
        assert_read_truly(found, named)


def test_the_undamaged_programme_is_accepted_and_read_truly() -> None:
    """Else the other tests here test nothing."""
    assert [str(f) for f in examine({n: t.encode() for n, t in VALID.items()}).errors] == []
    examine_truly({n: t.encode() for n, t in VALID.items()})


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(files=damaged())
def test_a_damaged_programme_is_never_read_as_something_else(files: dict[str, bytes]) -> None:
    """Else some damage raises a traceback at the user, or goes into a plan without a word."""
    examine_truly(files)


@pytest.mark.slow
@settings(max_examples=4_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=damaged())
def test_thousands_of_damaged_programmes(files: dict[str, bytes]) -> None:
    """Else rarer damage than the hundred examples hold is read as something else."""
    examine_truly(files)


@settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(["number", "integer", "money", "date", "years", "numbers", "flag"]),
    text=st.one_of(
        st.sampled_from(NASTY),
        st.text(alphabet="0123456789.,-+eE '۱۲۳٤٥٫٬،;/\u2212\u00a0%", max_size=12),
        st.text(max_size=6),
    ),
)
def test_a_cell_is_refused_or_read_as_the_slow_reader_reads_it(kind: str, text: str) -> None:
    """Else a spelling that the two grammars understand differently becomes somebody's price."""
    import polars as pl

    from onshore.tables import declare as d
    from onshore.tables.parse import convert

    types = {t.name: t for t in (d.NUMBER, d.INTEGER, d.MONEY_, d.DATE, d.YEARS, d.NUMBERS, d.FLAG)}
    column = Column("c", types[kind], "m")
    values, found = convert("t", column, pl.Series([text], dtype=pl.String), pl.Series([2]))
    if not found:
        ours = values[0]
        if ours is not None and kind in ("numbers", "years"):
            ours = slow_value(column, ours)
        assert ours == slow_value(column, text)
    else:
        assert values[0] is None
