"""Each kind of finding about the record: one record that has it, and one that does not. If one fails, a fault of the record is
not told, or a sound record is doubted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from progress.records import RATES, contract, flow, record, value

from onshore.errors import KINDS
from onshore.progress import track

DAY = date(2021, 6, 1)
PLAIN = [contract("a", **value(1000), **flow(10)), contract("b", **value(2000), **flow(20))]


def claim(
    figure: str, amount: float, currency: str | None = None, verdict: str | None = None, contract: str = "a"
) -> dict[str, Any]:
    return {"contract": contract, "figure": figure, "amount": amount, "currency": currency, "verdict": verdict}


def seen(stage: str, share: float, as_of: str = "2021-01-01") -> dict[str, Any]:
    return {"contract": "a", "as_of": as_of, "stage": stage, "share": share}


def target(key: str, scope: str, amount: float, counts: str | None = "imports_displaced") -> dict[str, Any]:
    return {"target": key, "measure": "imports", "counts": counts, "scope": scope, "due": "2021-12-31", "value": amount, "currency": "EUR", "announced": "2020-01-01"}  # fmt: skip


def told(rows: list[dict[str, Any]], **tables: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(f.kind, f.place) for f in track(record(rows, **tables), as_of=DAY).findings]


CARS = {"sectors": [{"sector": "cars"}, {"sector": "steel"}], "subprojects": [{"subproject": "x", "sector": "cars"}]}

FAULTY = {
    "sum_of_parts": (([*PLAIN, contract("s", "aggregate", part_of="a+b", **flow(50))], {}), "contracts row 4, saving_per_year"),
    "piece_exceeds_whole": (([*PLAIN, contract("p", "subset", part_of="a", **value(1500))], {}), "contracts row 2, value"),
    "rest_of_a_sum": (([contract("a", **flow(10)), contract("b"), contract("s", "aggregate", part_of="a+b", **flow(30))], {}), "contracts row 3, saving_per_year"),
    "may_repeat": (([PLAIN[0], {**PLAIN[1], "may_repeat": "a"}], {}), "contracts row 3, may_repeat"),
    "told_twice": (([*PLAIN, contract("w", "statement", **value(1000))], {}), "contracts row 4, value"),
    "sources_disagree": ((PLAIN, {"claims": [claim("saving_per_year", 12, "EUR")]}), "contracts row 2, saving_per_year"),
    "disputed_currency": ((PLAIN, {"claims": [claim("saving_per_year", 10, "USD")]}), "contracts row 2, saving_per_year"),
    "two_rates": ((PLAIN, {"claims": [claim("value", 10.2, "EUR")]}), "contracts row 2, value"),
    "tenfold": ((PLAIN, {"claims": [claim("value", 10000, "XAF")]}), "contracts row 2, value"),
    "without_rate": (([contract("a", signed="2019-01-01", **value(1000))], {}), "contracts row 2, value"),
    "before_signing": ((PLAIN, {"observations": [seen("saving realised", 0.1, "2020-01-31")]}), "observations row 2, as_of"),
    "not_dated": (([contract("a", signed=None, **flow(10))], {}), "contracts row 2, signed"),
    "not_a_contract_value": (([{**PLAIN[0], "value_kind": "investment"}], {}), "contracts row 2, value_kind"),
    "realised_above_physical": ((PLAIN, {"observations": [seen("saving realised", 0.7), seen("physical progress", 0.65)]}), "observations row 2, share"),
    "share_falls": ((PLAIN, {"observations": [seen("saving realised", 0.7), seen("saving realised", 0.6, "2021-03-01")]}), "observations row 3, share"),
    "sectors_without_contracts": (([{**PLAIN[0], "subproject": "x"}], {**CARS, "targets": [target("t", "programme", 9)]}), "sectors"),
    "targets_do_not_add": (([{**PLAIN[0], "subproject": "x"}], {**CARS, "targets": [target("t", "programme", 10), target("u", "cars", 6), target("v", "steel", 5)]}), "targets row 2, value"),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAULTY)
def test_a_faulty_record_is_told(kind: str) -> None:
    (rows, tables), place = FAULTY[kind]
    found = told(rows, **tables)
    assert (kind, place) in found
    assert KINDS[kind].level == "warning"


def test_a_sound_record_is_not_doubted() -> None:
    """Sums that add, pieces that fit, a conversion at the day's rate, shares that rise: nothing is said of any."""
    rows = [
        *PLAIN, contract("s", "aggregate", part_of="a+b", **value(3000), **flow(30)),
        contract("p", "subset", part_of="a", **value(600)), contract("q", "subset", part_of="a", **value(400)),
        contract("c", "single contract", **value(600)), contract("d", "single contract", **value(600)),
    ]  # fmt: skip
    looked = [seen("saving realised", 0.5), seen("physical progress", 0.65), seen("saving realised", 0.6, "2021-03-01")]
    assert told(rows, observations=looked) == []


def test_a_conversion_names_the_market_it_comes_from() -> None:
    """1,000 XAF printed as EUR 20 is the official 50 a euro, not the free 100; as EUR 7 it is nobody's."""
    made = track(record(PLAIN, claims=[claim("value", 20, "EUR"), claim("value", 7, "EUR")]), as_of=DAY)
    causes = [f.cause for f in made.findings if f.kind == "two_rates"]
    assert (
        causes[0] == "Its value of XAF 1,000 is also printed as EUR 20: 50 XAF a EUR, the official rate of 2020-01-01."
    )
    assert "which no rate of the day explains; nearest is the free rate of 2020-01-01, 100" in causes[1]


def test_a_day_known_by_its_month_is_not_before_what_was_in_it() -> None:
    """A signing in an unknown day of a month stands as its first: what was printed on the fifth is not before it."""
    rows = [contract("a", signed="2020-02-01", date_precision="month", published="2020-02-05", **flow(10))]
    assert told(rows) == []


def test_rates_of_the_future_are_no_rates() -> None:
    """The free rate of July is not used for a contract of June, although it is the only one that is missing."""
    later = [r for r in RATES if r["date"] == "2020-07-01"]
    assert ("without_rate", "contracts row 2, value") in told(
        [contract("a", signed="2020-06-30", **value(5))], rates=later
    )
