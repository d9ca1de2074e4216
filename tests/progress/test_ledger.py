"""If these fail, a contract is counted twice or not at all, or a figure that is in dispute passes for a fact."""

from __future__ import annotations

import polars as pl
import pytest
from progress.records import contract, flow, record, value

from onshore.progress.ledger import ledger_of, pieces_of


def roles(*rows: dict[str, object]) -> dict[str, tuple[str, str]]:
    ledger = ledger_of(record(list(rows)))
    return {key: (role, top) for key, role, top in ledger.contracts.select("contract", "role", "top").iter_rows()}


def test_topmost_rows_are_added_up() -> None:
    """Rounds, and single contracts outside a round; nothing else, and nothing below one."""
    found = roles(
        contract("r"), contract("inside", "single contract", part_of="r"), contract("half", "subset", part_of="r"),
        contract("deep", "subset", part_of="half"), contract("alone", "single contract"), contract("all", "aggregate", part_of="r+alone"),
        contract("bare", "aggregate"), contract("words", "statement"), contract("frame", "framework"), contract("umbrella", "programme"),
        contract("paper", "plan"), contract("works", "facility"), contract("line", "line opened"), contract("abroad", "export cooperation"),
    )  # fmt: skip
    assert {k: r for k, (r, _) in found.items() if r == "counted"} == {"r": "counted", "alone": "counted"}
    assert {k for k, (r, _) in found.items() if r == "piece"} == {"inside", "half", "deep"}
    assert found["deep"] == ("piece", "r")
    assert {k for k, (r, _) in found.items() if r == "sum"} == {"all"}
    assert {k for k, (r, _) in found.items() if r == "apart"} == {
        "bare", "words", "frame", "umbrella", "paper", "works", "line", "abroad",
    }  # fmt: skip


def test_a_single_contract_under_a_framework_is_added_up() -> None:
    """It is outside every round; the framework itself never is, and neither is a subset of it."""
    found = roles(
        contract("f", "framework"), contract("c", "single contract", part_of="f"), contract("s", "subset", part_of="f")
    )
    assert found == {"f": ("apart", "f"), "c": ("counted", "c"), "s": ("apart", "s")}


def test_sums_name_their_pieces_and_pieces_their_whole() -> None:
    ledger = ledger_of(
        record(
            [
                contract("a"),
                contract("b"),
                contract("s", "aggregate", part_of="a + b"),
                contract("p", "subset", part_of="a"),
            ]
        )
    )
    found = set(pieces_of(ledger.contracts).select("whole", "piece", "by_sum").iter_rows())
    assert found == {("s", "a", True), ("s", "b", True), ("a", "p", False)}


@pytest.mark.parametrize(
    ("amount", "currency", "verdict", "standing"),
    [
        (110, "EUR", None, "counts"),
        (110, "EUR", "wrong", "wrong"),
        (1000, "EUR", None, "tenfold"),
        (10.2, "EUR", None, "tenfold"),
        (1000, "EUR", "wrong", "tenfold"),
        (100, "USD", None, "disputed currency"),
        (130, "USD", None, "told in another currency"),
    ],
)
def test_what_a_claim_is_good_for(amount: float, currency: str, verdict: str | None, standing: str) -> None:
    """Beside a row that says EUR 100: a claim makes a range, or is told apart as a slip, a dispute or a conversion."""
    said = {"contract": "r", "figure": "saving_per_year", "amount": amount, "currency": currency, "verdict": verdict}
    told = ledger_of(record([contract("r", **flow(100))], claims=[said])).told
    assert told.filter(pl.col("said_by") == "claim")["standing"].to_list() == [standing]


def test_an_investment_is_not_a_contract_value() -> None:
    """What was invested in a counted contract is not added to what contracts are worth; of a sum it is still compared."""
    told = ledger_of(
        record(
            [
                contract("r", **value(5), value_kind="investment"),
                contract("s", "statement", **value(5), value_kind="statement"),
            ]
        )
    ).told
    assert dict(told.select("contract", "standing").iter_rows()) == {"r": "another kind of value", "s": "counts"}


def test_the_rest_of_a_sum_needs_all_other_pieces() -> None:
    """One piece lacking is the rest; two lacking are not guessed at."""
    one = ledger_of(
        record([contract("a", **flow(10)), contract("b"), contract("s", "aggregate", part_of="a+b", **flow(25))])
    )
    assert set(one.forms.select("contract", "term", "coefficient").iter_rows()) == {("b", "s", 1.0), ("b", "a", -1.0)}
    two = ledger_of(record([contract("a"), contract("b"), contract("s", "aggregate", part_of="a+b", **flow(25))]))
    assert two.forms.is_empty()
