"""If these fail, the odds of a target rest on contracts that it does not count, or a passed target is given odds."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from progress.records import contract, flow, record, value

import onshore as on
from onshore.errors import WrongUse
from onshore.progress.declared import ODDS_TABLES

DAY = date(2021, 6, 1)
SECTORS = {
    "sectors": [{"sector": s} for s in ("cars", "steel", "cloth")],
    "subprojects": [{"subproject": s, "sector": s} for s in ("cars", "steel")],
}
ROWS = [
    contract("a", subproject="cars", **value(1000), **flow(40)),
    contract("b", signed="2020-08-01", subproject="cars", **value(3000), **flow(60)),
    contract("c", signed="2020-09-01", subproject="steel", **flow(30)),
    contract("d", "subset", part_of="a", subproject="cars", **flow(20)),
]
SEEN = [
    {"contract": k, "as_of": "2021-05-01", "stage": "saving realised", "share": s}
    for k, s in (("a", 0.5), ("b", 0.3), ("d", 0.9))
]


def target(key: str, scope: str, amount: float, **cells: Any) -> dict[str, Any]:
    row = {
        "target": key,
        "measure": "imports replaced",
        "counts": "imports_displaced",
        "basis": "annual rate",
        "scope": scope,
    }
    return {**row, "due": "2022-06-01", "value": amount, "currency": "EUR", **cells}


@pytest.fixture(scope="module")
def made() -> on.Odds:
    targets = [
        target("low", "programme", 1), target("high", "programme", 9000), target("cars", "cars", 50), target("none", "cloth", 5),
        target("past", "programme", 5, due="2021-01-01"), target("stock", "cars", 30, counts="contract_value", basis="signed"),
    ]  # fmt: skip
    programme = record(ROWS, observations=SEEN, targets=targets, **SECTORS)
    return on.odds(on.track(programme, as_of=DAY), seed=3, draws=1000)


def test_a_target_counts_the_contracts_of_its_own_scope(made: on.Odds) -> None:
    """The programme has three counted contracts, cars two; a piece and what was seen of it never enter."""
    assert {key: (f.contracts, f.observed) for key, f in made.forecasts.items()} == {
        ("imports_displaced", "EUR", "programme"): (3, 2), ("imports_displaced", "EUR", "cars"): (2, 2),
        ("contract_value", "EUR", "cars"): (2, 0),
    }  # fmt: skip


def test_what_has_no_odds_is_said(made: on.Odds) -> None:
    assert made.left_out == (
        "no odds of past: due by 2021-06-01, so they were met or missed",
        "no odds of none: no contract in the record counts for them",
    )


def test_certain_and_hopeless_targets(made: on.Odds) -> None:
    """38 a year are realised: a target of 1 is met, one of 9,000 is not; a chance stands between its bounds."""
    odds = dict(made["chances"].select("target", "probability").iter_rows())
    assert odds["low"] == 1
    assert odds["high"] < 0.01
    assert made["chances"].filter(~pl.col("probability").is_between(pl.col("low"), pl.col("high"))).is_empty()
    assert made["chances"].filter(pl.col("target") == "low")["now"].item() == pytest.approx(
        40 * 0.5 + 60 * 0.3, rel=0.35
    )


def test_the_tables_are_as_declared(made: on.Odds) -> None:
    for name, table in ODDS_TABLES.items():
        assert dict(made[name].schema) == {c.name: c.type.dtype for c in table.columns}, name
        assert made[name].n_unique(list(table.key)) == made[name].height, name


def test_the_same_seed_gives_the_same_odds(made: on.Odds) -> None:
    targets = [target("cars", "cars", 50)]
    programme = record(ROWS[::-1], observations=SEEN[::-1], targets=targets, **SECTORS)
    first, second = (on.odds(on.track(programme, as_of=DAY), seed=3, draws=1000) for _ in range(2))
    assert first["chances"].equals(second["chances"])
    assert "odds of cars, EUR 50 by 2022-06-01: realised" in first.brief()


def test_odds_take_a_track() -> None:
    with pytest.raises(WrongUse, match=r"on.odds\(on.track\(programme\)\)"):
        on.odds(record([contract("a", **flow(1))]))  # type: ignore[arg-type]
