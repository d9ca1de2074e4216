"""If these fail, what was measured is held against a prediction for other months, or for other parts."""

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from prices.test_run import BRANDS, PART_MARKETS, WORLD

import onshore as on
from onshore.chain import plan_and_report
from onshore.cli import main
from onshore.prices.prediction import predicted_of


def rows(part: str, starts: date, by_year: dict[int, float], market: str = "m") -> pl.DataFrame:
    return pl.DataFrame({
        "reading": "replace", "market": market, "part": part, "starts": starts, "year": list(by_year), "fisher": list(by_year.values()),
        "low": [v - 0.01 for v in by_year.values()], "high": [v + 0.01 for v in by_year.values()],
    })  # fmt: skip


def test_months_fall_in_their_years_by_hand() -> None:
    """Starts in July: six months lie in the first year, twelve in the second, and none beyond the last."""
    path = predicted_of(
        rows("lamp", date(2020, 7, 1), {2019: 1.0, 2020: 0.98, 2021: 0.9}),
        ["lamp"],
        reading="replace",
        calendar="gregorian",
    )
    assert path["months_since"].to_list() == list(range(18))
    assert path["effect"].to_list() == pytest.approx([-0.02] * 6 + [-0.1] * 12)
    assert path["low"].to_list() == pytest.approx([-0.03] * 6 + [-0.11] * 12)
    hijri = predicted_of(
        rows("lamp", date(2020, 3, 20), {1398: 1.0, 1399: 0.95}), ["lamp"], reading="replace", calendar="solar-hijri"
    )
    assert hijri["effect"].to_list() == pytest.approx([-0.05] * 12)  # the first day of 1399


def test_parts_count_alike_and_only_those_asked_for() -> None:
    """The mean of logarithms, as measured effects are; a part that starts later is in fewer months."""
    table = pl.concat([
        rows("lamp", date(2020, 1, 1), {2020: 0.9, 2021: 0.9}), rows("gear", date(2021, 1, 1), {2020: 1.0, 2021: 0.8}, "g"),
        rows("seat", date(2020, 1, 1), {2020: 0.1, 2021: 0.1}, "s"),
    ])  # fmt: skip
    path = predicted_of(table, ["lamp", "gear", "nut"], reading="replace", calendar="gregorian")
    assert path["effect"].to_list() == pytest.approx([np.sqrt(0.9 * 0.8) - 1] * 12 + [-0.1] * 12)
    assert path["parts"].to_list() == [2] * 12 + [1] * 12


def panel(first: int) -> list[dict]:
    """Gear and seven others over two years from `first`; four start after a year, and get a tenth cheaper."""
    rng = np.random.default_rng(1398)
    return [
        {"part": part, "month": date(first + m // 12, m % 12 + 1, 1), "value": float(10 * np.exp(0.01 * rng.normal()) * (0.9 if i % 2 == 0 and m >= 12 else 1)),
         "unit": "EUR", "started": date(first + 1, 1, 1) if i % 2 == 0 else None}
        for i, part in enumerate(("gear", "lever", *"abcdef")) for m in range(24)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("predicts")
    shutil.copytree(WORLD, folder / "in")
    (folder / "in" / "part_markets.csv").write_text(PART_MARKETS)
    (folder / "in" / "brands.csv").write_text(BRANDS)
    plan_and_report(folder / "in", folder / "run")
    return folder / "run"


def test_what_a_run_predicts_is_held_against_what_was_measured(
    run: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The same numbers from the run's folder, from its `PriceEffect` and on the command line, without a table in between."""
    said = on.price_effect(run)
    fisher = said.tables["part_prices"].filter(pl.col("reading") == "replace")["fisher"].to_list()[-1]
    effect = on.measure_effect(panel(2027), run=run)
    against = effect["effect_predicted"].filter(pl.col("effect").is_not_null())
    assert np.expm1(against["predicted"].to_list()[0]) == pytest.approx(fisher - 1)
    assert against["predicted_low"].to_list()[0] < against["predicted"].to_list()[0]
    assert on.measure_effect(panel(2027), run=said)["effect_predicted"].equals(effect["effect_predicted"])
    assert [f.kind for f in effect.warnings if f.kind == "predicted_for_some"] == [
        "predicted_for_some"
    ]  # gear alone of four
    pl.DataFrame(panel(2027)).write_csv(tmp_path / "panel.csv")
    assert main(["impact", str(tmp_path / "panel.csv"), "--run", str(run), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["predicted_mean"] == pytest.approx(effect.figures["predicted_mean"])


def test_what_cannot_be_predicted_is_refused(run: Path, tmp_path: Path) -> None:
    others = [r for r in panel(2027) if r["part"] != "gear"]
    with pytest.raises(on.WrongUse, match="says nothing of the prices"):
        on.measure_effect(others, run=run)
    with pytest.raises(on.WrongUse, match="not both"):
        on.measure_effect(others, run=run, predicted=[{"months_since": 0, "effect": -0.1}])
    with pytest.raises(on.WrongUse, match="scale `log`"):
        on.measure_effect(others, run=run, design=on.Design(scale="level"))
    with pytest.raises(on.WrongUse, match="no reading"):
        on.measure_effect(panel(2027), run=run, reading="replaced")
    on.write_plan(on.plan(on.read(WORLD)), tmp_path / "plain")
    with pytest.raises(on.WrongUse, match="holds no prices"):
        on.measure_effect(panel(2027), run=tmp_path / "plain")
