"""The public record of Iran's desks, against what was published of it: if these fail, its money is told wrongly."""

from __future__ import annotations

from collections import Counter
from datetime import date

import polars as pl
import pytest

import onshore as on
from onshore import demo
from onshore.progress import Track

DAY = date(2021, 10, 20)


@pytest.fixture(scope="module")
def desks() -> Track:
    return on.track(on.read(demo.folder("iran-1398")), as_of=DAY)


def flow(made: Track, stage: str, scope: str, key: str) -> tuple[float, float]:
    row = made.amount("imports_displaced", stage, scope, key, "EUR")
    assert row is not None
    return row["low"], row["high"]


def test_all_rows_load_and_ten_are_added_up(desks: Track) -> None:
    """Every kind of the record is known. Rounds and the one single contract outside a round count; 33 with the last of 2022."""
    later = on.track(on.read(demo.folder("iran-1398")), as_of=date(2022, 9, 1))
    assert later["ledger"].height == 33
    assert set(later["ledger"].filter(pl.col("role") == "counted")["contract"]) == {
        "C01", "C03", "C04", "C06", "C10", "C12", "C18", "C24", "C26", "C30",
    }  # fmt: skip
    assert Counter(later["ledger"]["role"]) == {"counted": 10, "piece": 8, "sum": 3, "apart": 12}


def test_contracted_saving_of_the_desks(desks: Track) -> None:
    """Desks 1 to 4 are EUR 341 to 343 m a year, as printed in the same week; desk 5 adds 56.4, Mashhad perhaps 40."""
    low, high = flow(desks, "contracted", "subproject", "desks")
    assert (low - 56.4e6, high - 56.4e6) == pytest.approx((341e6, 343e6))
    assert flow(desks, "contracted", "programme", "programme") == pytest.approx((397.4e6, 439.4e6))


def test_realised_saving_of_the_desks(desks: Track) -> None:
    """60, 70, 27 and 25 % of desks 1 to 4 are about EUR 158 m a year: 85 x .6 + 90 x .7 + 102 x .27 + 66 x .25 = 158.04."""
    low, high = flow(desks, "realised", "subproject", "desks")
    assert high == pytest.approx(85e6 * 0.6 + 90e6 * 0.7 + 102e6 * 0.27 + 66e6 * 0.25)
    assert 157e6 < low < high < 158.1e6


def test_desk_4_is_a_rest(desks: Track) -> None:
    """EUR 64 m at least, as the note has it with desk 3 in euros; 12.15 trillion rials; both marked as derived."""
    assert desks["ledger"].filter("derived")["contract"].to_list() == ["C10"]
    assert flow(desks, "contracted", "round", "C10")[0] == pytest.approx(64e6)
    rials = desks["amounts"].filter(
        (pl.col("scope") == "round") & (pl.col("key") == "C10") & (pl.col("measure") == "contract_value")
        & (pl.col("currency") == "IRR") & pl.col("market").is_null()
    )["high"].item()  # fmt: skip
    assert rials == pytest.approx(44.6e12 - 7.4e12 - 12e12 - 13.047e12)


def test_one_rial_sum_at_three_rates(desks: Track) -> None:
    """IRR 7.4 trillion is USD 176 m at the official rate and about USD 60 m at the free one."""
    worth = {
        m: desks.amount("contract_value", "contracted", "round", "C01", "USD", m)["high"] for m in ("official", "free")
    }  # type: ignore[index]
    assert worth["official"] == pytest.approx(176.2e6, rel=1e-3)
    assert worth["free"] == pytest.approx(60e6, rel=0.02)


def test_what_does_not_agree_is_found(desks: Track) -> None:
    """Every dispute that the demonstration's README lists, and no finding of a kind that it does not have."""
    found = Counter(f.kind for f in desks.findings)
    assert found == {
        "sum_of_parts": found["sum_of_parts"], "piece_exceeds_whole": 1, "rest_of_a_sum": 2, "may_repeat": 2, "told_twice": 1,
        "two_rates": found["two_rates"], "disputed_currency": 1, "tenfold": 1, "sources_disagree": 3,
        "realised_above_physical": 1, "sectors_without_contracts": 1, "targets_do_not_add": 1,
    }  # fmt: skip
    causes = [f.cause for f in desks.findings]
    assert any("add to USD 10.35 billion, beside the announced USD 10 billion" in c for c in causes)
    assert any("`C09` is said to be EUR 127 million" in c for c in causes)
    assert any("`C05` is said to be EUR 120 million" in c and "at the NIMA rate" in c for c in causes)
    assert any("IRR 40 trillion is also what `C16` is said to be" in c for c in causes)
    assert any("USD 952 million" in c and "the official rate" in c for c in causes)
    assert any("USD 173.9 million" in c and "the free rate" in c for c in causes)


def test_both_readings_of_the_target(desks: Track) -> None:
    """Ten billion dollars as contracts with parts makers (the news item) and as imports replaced in nine sectors (the ministry)."""
    table = desks["promises"].filter(
        (pl.col("market") == "free") & (pl.col("value") == 10e9) & (pl.col("stage") == "contracted")
    )
    assert dict(table.select("target", "measure").iter_rows()) == {"T01": "imports_displaced", "T11": "contract_value"}
    assert table["share_high"].max() < 0.07
