"""If these fail, a target, an unpaid bill, a late contract or a change is told wrongly, or the record is read before its day."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from progress.records import contract, flow, record, value

import onshore as on
from onshore.errors import WrongUse
from onshore.progress import changes, last_day, track
from onshore.progress.declared import TRACK_TABLES

DAY = date(2021, 6, 1)
PLAIN = [contract("a", **value(1000), **flow(10)), contract("b", signed="2021-03-01", **value(4000), **flow(20))]


def target(key: str = "t", **cells: Any) -> dict[str, Any]:
    return {
        "target": key, "measure": "imports replaced", "counts": "imports_displaced", "basis": "annual rate", "scope": "programme",
        "due": "2021-12-01", "value": 130, "currency": "EUR", **cells,
    }  # fmt: skip


def test_a_target_and_the_run_rate_it_needs() -> None:
    """30 of 130 contracted by 2021-06-01, 16 months after the first signing; 100 lacking in the 6 months left."""
    row = (
        track(record(PLAIN, targets=[target()]), as_of=DAY)["promises"]
        .filter(pl.col("market") == "free")
        .row(0, named=True)
    )
    assert (row["low"], row["high"], row["share_low"]) == (30, 30, pytest.approx(30 / 130))
    assert row["months_left"] == pytest.approx(183 / 30.4375)
    assert row["a_month_needed"] == pytest.approx(100 / (183 / 30.4375))
    assert row["a_month_so_far"] == pytest.approx(30 / (486 / 30.4375))


def test_a_target_past_its_day_is_held_against_that_day() -> None:
    """Contract b was signed after the target fell due, so it does not count for it; nothing is needed a month any more."""
    row = track(record(PLAIN, targets=[target(due="2021-01-01")]), as_of=DAY)["promises"].row(0, named=True)
    assert (row["day"], row["high"], row["months_left"], row["a_month_needed"]) == (date(2021, 1, 1), 10, 0, None)


@pytest.mark.parametrize(
    "cells",
    [{"counts": None}, {"basis": "cumulative"}, {"basis": "signed"}, {"currency": None, "unit": "parts"}],
)
def test_what_a_target_does_not_count_is_held_against_nothing(cells: dict[str, Any]) -> None:
    assert track(record(PLAIN, targets=[target(**cells)]), as_of=DAY)["promises"].is_empty()


def test_payables_by_hand() -> None:
    """Of 100 + 300 due, 300 is owed for 40 days and one payment of 100 came 10 days late; what falls due later is not owed yet.

    A payment made after the day of the report is still owed on it; one without a payer is the buyer's.
    """
    pay = [
        {"contract": "a", "due": "2021-01-01", "paid": "2021-01-11", "amount": 100, "currency": "EUR", "payer": "buyer", "payee": "m"},
        {"contract": "a", "due": "2021-04-22", "paid": "2021-06-02", "amount": 300, "currency": "EUR", "payer": None, "payee": "m"},
        {"contract": "a", "due": "2021-07-01", "paid": None, "amount": 500, "currency": "EUR", "payer": "buyer", "payee": "m"},
    ]  # fmt: skip
    rows = track(record([{**PLAIN[0], "buyer": "buyer"}], payments=pay), as_of=DAY)["payables"]
    assert rows.rows() == [("buyer", "m", "EUR", 2, 400.0, 300.0, 1, date(2021, 4, 22), 40.0, 10.0)]


def test_contracts_past_their_day() -> None:
    """a was due on 2021-03-02 and is a quarter in production: 7.5 of its 10 a year are lacking, three months on."""
    looked = [{"contract": "a", "as_of": "2021-01-01", "stage": "parts in production", "share": 0.25}]
    rows = [{**PLAIN[0], "due": "2021-03-02"}, {**PLAIN[1], "due": "2022-01-01"}]
    late = track(record(rows, observations=looked), as_of=DAY)["overdue"]
    here = late.filter((pl.col("currency") == "EUR") & (pl.col("market") == "free"))
    assert dict(here.select("measure", "high").iter_rows()) == {
        "contract_value": pytest.approx(7.5),
        "imports_displaced": 7.5,
    }
    assert here["months_late"].unique().to_list() == [pytest.approx(91 / 30.4375)]


def test_only_what_was_known_by_the_day_counts() -> None:
    """What is signed, printed, seen or claimed later is not known yet, whatever the tables hold."""
    rows = [*PLAIN, contract("late", signed="2020-03-01", published="2021-07-01", **flow(99))]
    looked = [{"contract": "a", "as_of": "2021-07-01", "stage": "saving realised", "share": 1.0}]
    said = [{"contract": "a", "figure": "saving_per_year", "amount": 12, "currency": "EUR", "published": "2021-07-01"}]
    now, then = (track(record(rows, observations=looked, claims=said), as_of=d) for d in (date(2021, 7, 2), DAY))
    flows = {d: t.amount("imports_displaced", "contracted") for d, t in (("now", now), ("then", then))}
    assert (flows["then"]["low"], flows["then"]["high"]) == (30, 30)  # type: ignore[index]
    assert (flows["now"]["low"], flows["now"]["high"]) == (129, 131)  # type: ignore[index]
    assert then.amount("imports_displaced", "realised") is None
    assert last_day(record(rows, observations=looked)) == date(2021, 7, 1)
    assert last_day(record(PLAIN)) == date(2021, 3, 1)


def test_a_report_beside_itself_has_no_change() -> None:
    made = track(record(PLAIN), as_of=DAY)
    assert changes(made.tables, made.tables, currency="EUR", market="free").is_empty()


def test_what_changed_is_told() -> None:
    """A contract that came, an amount that moved, a share that rose and a finding that is new."""
    looked = [
        {"contract": "a", "as_of": d, "stage": "saving realised", "share": s}
        for d, s in (("2021-01-01", 0.4), ("2021-05-01", 0.3))
    ]
    made = record(PLAIN, observations=looked)
    before, after = track(made, as_of=date(2021, 2, 1), currency="EUR"), track(made, as_of=DAY, currency="EUR")
    found = changes(before.tables, after.tables, currency="EUR", market="free")
    told = {(what, key): (then, now) for what, key, then, now in found.iter_rows()}
    assert told["amount", "imports displaced, contracted"] == ("EUR 10", "EUR 30")
    assert told["amount", "imports displaced, realised"] == ("EUR 4", "EUR 3")
    assert told["contract", "b"] == ("", "b, round, signed 2021-03-01")
    assert told["saving realised", "a"] == ("0.4", "0.3")
    assert ("finding", "What was reached falls from 0.4 to 0.3.") in told


def test_the_tables_are_as_declared() -> None:
    """A column that is renamed in the code alone, or comes out with another type, is caught here."""
    made = on.track(record(PLAIN, targets=[target()]), as_of=DAY)
    for name, table in TRACK_TABLES.items():
        assert dict(made[name].schema) == {c.name: c.type.dtype for c in table.columns}, name
        for column in table.required:
            assert not made[name][column].null_count(), f"{name}.{column}"
        assert made[name].n_unique(list(table.key)) == made[name].height, name


def test_wrong_use_says_what_to_do() -> None:
    with pytest.raises(WrongUse, match="no contracts"):
        track(record([]), as_of=DAY)
    with pytest.raises(WrongUse, match=r"`fre` is not a market of `rates`. Nearest: `free`"):
        track(record(PLAIN), as_of=DAY, market="fre")
    with pytest.raises(WrongUse, match="`EUX` is not a currency"):
        track(record(PLAIN), as_of=DAY, currency="EUX")
    with pytest.raises(WrongUse, match="Nothing was signed and printed by 2019-01-01"):
        track(record(PLAIN), as_of=date(2019, 1, 1))
    with pytest.raises(WrongUse, match="Read it first"):
        track("mine", as_of=DAY)  # type: ignore[arg-type]
    with pytest.raises(WrongUse, match="no day in it"):
        track(record([contract("a", signed=None, **flow(1))]))
