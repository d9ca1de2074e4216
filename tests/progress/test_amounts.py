"""If these fail, the four amounts are not what the record says: added up twice, converted at the wrong day, or guessed."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from progress.records import RATES, contract, flow, record, value

from onshore.blueprint.money import Rates
from onshore.blueprint.programme import Programme
from onshore.progress import track
from onshore.progress.worth import View, converted

DAY = date(2021, 6, 1)


def seen(
    key: str, as_of: str, stage: str, share: float | None = None, count: int | None = None, part: str | None = None
) -> dict[str, Any]:
    return {"contract": key, "as_of": as_of, "stage": stage, "share": share, "count": count, "part": part}


def amount(programme: Programme, measure: str, stage: str, *, market: str | None = "free", currency: str = "EUR", scope: str = "programme", key: str = "programme", as_of: date = DAY) -> tuple[float, float] | None:  # fmt: skip
    rows = track(programme, as_of=as_of)["amounts"].filter(
        (pl.col("measure") == measure) & (pl.col("stage") == stage) & (pl.col("scope") == scope) & (pl.col("key") == key)
        & (pl.col("currency") == currency) & pl.col("market").eq_missing(pl.lit(market, pl.String))
    )  # fmt: skip
    assert rows.height < 2
    return rows.select("low", "high").row(0) if rows.height else None


def test_by_hand() -> None:
    """Two rounds: 1,000 XAF before July at 100 a euro and 3,000 after it at 200 are 10 + 15 = 25 euros; savings 40 + 60."""
    rows = [
        contract("a", **value(1000), **flow(40)),
        contract("b", signed="2020-08-01", **value(3000), **flow(60)),
        contract("half", "subset", part_of="a", **value(900), **flow(30)),
    ]
    looked = [
        seen("a", "2021-01-01", "saving realised", 0.5),
        seen("a", "2021-05-01", "saving realised", 0.75),
        seen("b", "2021-01-01", "parts in production", 0.2),
    ]
    made = record(rows, observations=looked)
    assert amount(made, "contract_value", "contracted") == pytest.approx((25, 25))
    assert amount(made, "contract_value", "contracted", market="official") == pytest.approx((80, 80))
    assert amount(made, "contract_value", "contracted", market=None, currency="XAF") == (4000, 4000)
    assert amount(made, "imports_displaced", "contracted") == (100, 100)
    assert amount(made, "imports_displaced", "realised") == (30, 30)  # 0.75 x 40; nobody saw b
    assert amount(made, "imports_displaced", "in_production") == (12, 12)
    assert amount(made, "imports_displaced", "realised", as_of=date(2021, 2, 1)) == (20, 20)
    assert amount(made, "imports_displaced", "contracted", as_of=date(2020, 3, 1)) == (40, 40)
    assert amount(made, "imports_displaced", "planned") is None


def test_the_desks_of_the_record() -> None:
    """The shape of the public record: a rest of a sum, a currency in dispute, a contract that may be told twice.

    a 85, b 90, c 102 in one of two currencies, d the rest of 341 or 343; e 40 may be a piece of a told again. Together 341 to
    343, and 40 more at most. Realised .6, .7, .27, .25 of them: .25 x 341 + .35 x 85 + .45 x 90 + .02 x (51 to 102).
    """
    rows = [
        contract("a", **flow(85)), contract("b", **flow(90)), contract("c", **flow(102, "USD")), contract("d", signed="2020-08-01"),
        contract("s", "aggregate", "2021-01-01", part_of="a+b+c+d", **flow(341)),
        contract("e", may_repeat="a", **flow(40)),
    ]  # fmt: skip
    claims = [
        {"contract": "c", "figure": "saving_per_year", "amount": 102, "currency": "EUR", "verdict": None},
        {"contract": "s", "figure": "saving_per_year", "amount": 343, "currency": "EUR", "verdict": "open"},
    ]
    shares = [
        seen(k, "2021-05-01", "saving realised", s) for k, s in (("a", 0.6), ("b", 0.7), ("c", 0.27), ("d", 0.25))
    ]
    dollars = [{"date": "2020-01-01", "base": "USD", "quote": "EUR", "market": "free", "quote_per_base": 0.5}]
    made = record(rows, rates=[*RATES, *dollars], claims=claims, observations=shares)
    assert amount(made, "imports_displaced", "contracted") == pytest.approx((341, 383))
    low, high = 0.25 * 341 + 0.35 * 85 + 0.45 * 90 + 0.02 * 51, 0.25 * 343 + 0.35 * 85 + 0.45 * 90 + 0.02 * 102
    assert amount(made, "imports_displaced", "realised") == pytest.approx((low, high))
    assert amount(made, "imports_displaced", "contracted", scope="round", key="d") == pytest.approx(
        (64, 343 - 85 - 90 - 51)
    )
    assert amount(made, "imports_displaced", "contracted", scope="round", key="e") == (0, 40)
    # before the sum was printed, nobody knew the rest
    assert amount(made, "imports_displaced", "contracted", as_of=date(2020, 12, 1)) == pytest.approx(
        (85 + 90 + 51, 85 + 90 + 102 + 40)
    )


def test_counts_of_parts_make_a_share_in_production() -> None:
    """A whole has at least what was seen of its pieces; a share that is printed goes before a count."""
    rows = [
        contract("a", **flow(100), parts_count=40),
        contract("x", "subset", part_of="a"),
        contract("y", "subset", part_of="a"),
    ]
    looked = [
        seen("a", "2020-05-01", "parts in production", count=4), seen("x", "2020-06-01", "parts in production", count=10),
        seen("y", "2020-07-01", "parts in production", count=6), seen("a", "2021-01-01", "parts in production", 0.9),
    ]  # fmt: skip
    made = record(rows, observations=looked)
    days = {date(2020, 5, 2): 10, date(2020, 6, 2): 25, date(2020, 7, 2): 40, date(2021, 1, 2): 90}
    assert {d: amount(made, "imports_displaced", "in_production", as_of=d) for d in days} == {
        d: pytest.approx((v, v)) for d, v in days.items()
    }


def test_lines_give_makers_and_parts_their_share() -> None:
    """Lines of 300 and 500 of a contract of 1,000: two makers, and 200 that nobody itemised; one line's part has started."""
    parts = [{"part": p, "import_price": 2, "currency": "EUR"} for p in ("p", "q")]
    offers = [
        {"offer": f"o-{p}", "part": p, "maker": m, "unit_price": 1, "currency": "EUR", "annual_max": 9, "lead_time_months": 0, "tooling_cost": 0}
        for p, m in (("p", "m"), ("q", "n"))
    ]  # fmt: skip
    lines = [
        {"contract": "a", "maker": "m", "part": "p", "value": 300, "currency": "XAF"},
        {"contract": "a", "maker": "n", "part": "q", "value": 500, "currency": "XAF"},
    ]
    needs = [{"part": p, "year": 2020, "market": "oem", "units": 1} for p in ("p", "q")]
    made = record(
        [contract("a", **value(1000), **flow(50))], parts=parts, offers=offers, makers=[{"maker": "m"}, {"maker": "n"}], needs=needs,
        contract_lines=lines, observations=[seen("a", "2020-05-01", "parts in production", part="p")],
    )  # fmt: skip
    by_maker = {
        k: amount(made, "contract_value", "contracted", scope="maker", key=k) for k in ("m", "n", "not itemised")
    }
    assert by_maker == {"m": pytest.approx((3, 3)), "n": pytest.approx((5, 5)), "not itemised": pytest.approx((2, 2))}
    assert amount(made, "imports_displaced", "in_production") == pytest.approx((50 * 300 / 800, 50 * 300 / 800))


def test_accepted_units_go_before_a_printed_share() -> None:
    """Each unit displaces its landed price 10 + 2 less 3 of imported inputs, 9 euros; only the last twelve months count as a flow.

    100 units in July 2020, 50 in January 2021. On 2021-06-01: 150 x 9 = 1,350 a year, and 150 x 6 = 900 of value delivered; a
    year later only the second delivery is less than... none is: the flow is gone, the stock stays.
    """
    part = {"part": "p", "import_price": 10, "freight": 2, "incoterm": "FOB", "currency": "EUR"}
    offer = {
        "offer": "o", "part": "p", "maker": "m", "unit_price": 6, "currency": "EUR", "annual_max": 999, "lead_time_months": 0,
        "tooling_cost": 0, "imported_input_share": 0.5,
    }  # fmt: skip
    sent = [
        {"contract": "a", "part": "p", "maker": "m", "delivered": d, "accepted": n, "rejected": 1}
        for d, n in (("2020-07-01", 100), ("2021-01-01", 50))
    ]
    made = record(
        [contract("a", "single contract", **flow(5000))], parts=[part], offers=[offer], makers=[{"maker": "m"}], deliveries=sent,
        needs=[{"part": "p", "year": 2020, "market": "oem", "units": 500}],
        observations=[seen("a", "2021-05-01", "saving realised", 0.9)],
    )  # fmt: skip
    assert amount(made, "imports_displaced", "realised") == pytest.approx((1350, 1350))
    assert amount(made, "contract_value", "realised") == pytest.approx((900, 900))
    assert amount(made, "imports_displaced", "realised", as_of=date(2021, 9, 1)) == pytest.approx((450, 450))
    curve = track(made, as_of=DAY)["curve"].filter(
        (pl.col("stage") == "realised") & (pl.col("market") == "free") & (pl.col("currency") == "EUR")
    )
    flows = dict(curve.filter(pl.col("measure") == "imports_displaced").select("day", "high").iter_rows())
    assert flows[date(2020, 7, 31)] == pytest.approx(900)
    assert flows[DAY] == pytest.approx(1350)


def test_a_sum_without_a_rate_is_unknown() -> None:
    """Nothing is converted at a rate from after its day, and a sum that lacks one is empty, not smaller."""
    made = record([contract("a", **value(1000)), contract("b", signed="2019-05-01", **value(1000))])
    assert amount(made, "contract_value", "contracted") == (None, None)
    assert amount(made, "contract_value", "contracted", market=None, currency="XAF") == (2000, 2000)


def test_planned_awards_stand_beside_and_are_not_added() -> None:
    """The awards of a plan are the planned amounts in every scope but rounds, and move no other amount."""
    made = record(
        [contract("a", **flow(50))], parts=[{"part": "p", "import_price": 2, "currency": "EUR"}],
        needs=[{"part": "p", "year": 2020, "market": "oem", "units": 1}],
    )  # fmt: skip
    plan = pl.DataFrame(
        {"part": ["p", "p"], "maker": ["m", "n"], "partner": [None, "f"], "contract_value": [300.0, 100.0], "imports_displaced": [7.0, 3.0],
         "currency": ["EUR", "EUR"], "day": [date(2020, 1, 1), date(2020, 1, 1)]}
    )  # fmt: skip
    without, with_plan = track(made, as_of=DAY)["amounts"], track(made, as_of=DAY, planned=plan)["amounts"]
    planned = with_plan.filter(pl.col("stage") == "planned")
    flows = planned.filter(
        (pl.col("measure") == "imports_displaced") & (pl.col("market") == "free") & (pl.col("currency") == "EUR")
    )
    assert dict(zip(flows["key"], flows["high"], strict=True)) == {"programme": 10, "m": 7, "n": 3, "f": 3}
    assert_frame_equal(with_plan.filter(pl.col("stage") != "planned"), without)


# properties

NUMBERS = st.integers(1, 10**6)
EXAMPLES = pytest.mark.parametrize("examples", [5, pytest.param(200, marks=pytest.mark.slow)])


def _for_all(examples: int, holds: Callable[[st.DataObject], None]) -> None:
    """The property on that many records."""
    settings(max_examples=examples, deadline=None)(given(st.data())(holds))()


def _record(draw: Any, order: int) -> Programme:
    """Some rounds with pieces, a sum over some of them, and observations; rows in the order of a seed."""
    n = draw(st.integers(1, 5))
    rows = [
        contract(f"r{i}", signed=f"2020-0{1 + i}-01", **value(draw(NUMBERS)), **flow(draw(st.one_of(st.none(), NUMBERS)), draw(st.sampled_from(["EUR", "XAF"]))))
        for i in range(n)
    ]  # fmt: skip
    rows += [
        contract(f"p{i}", "subset", part_of=f"r{i}", **flow(draw(NUMBERS))) for i in range(draw(st.integers(0, n)))
    ]
    looked = [
        seen(f"r{i}", f"2020-1{j}-01", "saving realised", draw(st.integers(0, 100)) / 100)
        for i in range(n) for j in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    random.Random(order).shuffle(rows)
    random.Random(order).shuffle(looked)
    return record(rows, observations=looked)


@EXAMPLES
def test_the_order_of_rows_changes_nothing(examples: int) -> None:
    """Shuffled tables give the same amounts, curves and promises."""
    _for_all(examples, _shuffled)


def _shuffled(data: st.DataObject) -> None:
    order = data.draw(st.integers(0, 10**6))
    made = _record(data.draw, 0)
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=order) for name, frame in made.tables.items()}
    again = Programme(made.settings, shuffled, made.origin)
    for table in ("amounts", "curve", "promises"):
        assert_frame_equal(track(again, as_of=DAY)[table], track(made, as_of=DAY)[table], rel_tol=1e-12, abs_tol=1e-9)


@EXAMPLES
def test_an_aggregate_of_rows_that_are_there_changes_no_total(examples: int) -> None:
    """Nor does a statement or a programme that names them, whatever it says, where every piece has a figure of its own."""
    _for_all(examples, _with_a_sum)


def _with_a_sum(data: st.DataObject) -> None:
    made = _record(data.draw, 0)
    named = (
        made["contracts"]
        .filter((pl.col("kind") == "round") & pl.col("saving_per_year").is_not_null())["contract"]
        .to_list()
    )
    kind = data.draw(st.sampled_from(["aggregate", "statement", "programme", "plan"]))
    more = contract(
        "sum", kind, part_of="+".join(named) or None, **value(data.draw(NUMBERS)), **flow(data.draw(NUMBERS))
    )
    rows = [*made["contracts"].drop("row").to_dicts(), more]
    again = record(rows, observations=made["observations"].drop("row").to_dicts())
    assert_frame_equal(track(again, as_of=DAY)["amounts"], track(made, as_of=DAY)["amounts"])


@EXAMPLES
def test_the_last_day_of_the_curve_is_the_amount(examples: int) -> None:
    """The S-curve and the table of amounts are two ways to one number."""
    _for_all(examples, _curve_and_amounts)


def _curve_and_amounts(data: st.DataObject) -> None:
    made = track(_record(data.draw, 0), as_of=DAY)
    key = ["measure", "stage", "currency", "market"]
    end = made["curve"].filter(pl.col("day") == DAY).select(*key, "low", "high").sort(key)
    total = (
        made["amounts"]
        .filter(
            (pl.col("scope") == "programme") & pl.col("market").is_not_null() & (pl.col("currency") == made.currency)
        )
        .select(*key, "low", "high")
        .sort(key)
    )
    seen_ones = total.join(end.select(key), on=key, how="semi").sort(key)
    assert_frame_equal(end, seen_ones, rel_tol=1e-9, abs_tol=1e-6)
    assert total.join(end, on=key, how="anti")["high"].drop_nulls().is_empty()


@settings(deadline=None)
@given(st.integers(1, 10**13), st.integers(1, 10**9))
def test_there_and_back_at_one_rate_is_exact(amount: int, rate: int) -> None:
    """A whole amount converted into another currency and back at one rate is itself again, to the unit."""
    rates = Rates(
        pl.DataFrame(
            {
                "date": [date(2020, 1, 1)],
                "base": ["EUR"],
                "quote": ["XAF"],
                "market": ["free"],
                "quote_per_base": [rate / 1000],
            }
        )
    )
    one = pl.DataFrame({"currency": ["EUR"], "day": [date(2020, 2, 1)], "amount": [float(amount)]})
    there = converted(one, "amount", rates, (View("XAF", "free"),))["amount|XAF|free"]
    back = pl.DataFrame({"currency": ["XAF"], "day": [date(2020, 2, 1)], "amount": there})
    assert round(converted(back, "amount", rates, (View("EUR", "free"),))["amount|EUR|free"].item()) == amount
