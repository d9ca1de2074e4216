"""The part-level demonstration: its sums are the published ones, and its generator writes it."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import onshore as on
from onshore import demo
from onshore.demo import car_line

HOME = demo.folder("car-line")
PER_EURO = {"EUR": 1.0, "USD": 1.0707, "CNY": 7.5919}  # the ECB's reference rates of 2020-03-20
DRAWN_WHOLLY = ("offers", "capacity", "limits", "decisions", "bom")


def table(name: str) -> pl.DataFrame:
    return pl.read_csv(HOME / f"{name}.csv", infer_schema_length=None)


def cars() -> pl.DataFrame:
    """Euros of imports in one car, by model: in all, of material and electronics, and of the first desk's parts."""
    freight = pl.when(pl.col("incoterm") == "FOB").then(pl.col("freight")).otherwise(0.0)
    rate = pl.col("currency").replace_strict(PER_EURO, return_dtype=pl.Float64)
    parts = table("parts").with_columns(landed=(pl.col("import_price") + freight) / rate)
    lines = table("bom").join(parts, on="part").with_columns(value=pl.col("landed") * pl.col("quantity"))
    material = pl.col("family").is_in(["raw material", "electronics"])
    by_model = lines.group_by("product").agg(
        pl.sum("value"),
        pl.col("value").filter(material).sum().alias("material"),
        pl.col("value").filter(pl.col("subproject") == "desk-1").sum().alias("desk"),
    )
    volumes = table("volumes").filter(pl.col("year") == 1400).select("product", "units")
    return by_model.join(volumes, on="product").join(table("products").select("product", "maker"), on="product")


def mean(frame: pl.DataFrame, column: str) -> float:
    """Over cars, not over models."""
    return float((frame[column] * frame["units"]).sum() / frame["units"].sum())


def test_the_content_of_a_car_is_the_published_one() -> None:
    """Fails if a change to the drawing breaks what makes the demonstration worth believing: its published sums."""
    ikco, saipa = cars().filter(pl.col("maker") == "IKCO"), cars().filter(pl.col("maker") == "SAIPA")
    assert mean(ikco, "value") == pytest.approx(1715, rel=1e-3)
    assert mean(ikco, "material") / mean(ikco, "value") == pytest.approx(0.67, abs=1e-3)
    assert mean(saipa, "value") * 1.1802 == pytest.approx(1600, rel=1e-3)
    assert 1260 / 1.1802 < cars()["value"].min() < cars()["value"].max() < 4721 / 1.1802  # the ministry's range


def test_the_cut_of_the_first_desk_is_the_published_one() -> None:
    """Fails if the Dena+ no longer saves EUR 225 and other IKCO cars about 80, or the year's EUR 38 m no longer follows."""
    ikco = cars().filter(pl.col("maker") == "IKCO")
    others = ikco.filter(pl.col("product") != "dena-plus")
    assert ikco.filter(pl.col("product") == "dena-plus")["desk"].item() == pytest.approx(225, rel=1e-3)
    assert mean(others, "desk") == pytest.approx(80, rel=1e-3)
    assert mean(ikco, "desk") * ikco["units"].sum() == pytest.approx(38e6, rel=0.02)


def test_the_bill_is_the_published_one_though_nothing_was_set_to_it() -> None:
    """Fails if content and volumes no longer add up to the USD 1.5 bn that the minister gave for the industry."""
    assert mean(cars(), "value") * cars()["units"].sum() * 1.1802 == pytest.approx(1.5e9, rel=0.02)


def test_volumes_are_the_published_ones() -> None:
    """Fails if a split family no longer adds up to what was printed of it."""
    units = dict(table("volumes").filter(pl.col("year") == 1400).select("product", "units").iter_rows())
    assert sum(units[f"peugeot-{m}"] for m in ("206", "207", "405", "pars")) == 297_817
    assert units["dena"] + units["dena-plus"] == 50_257
    assert (units["samand"], units["rana"], units["tara"]) == (50_095, 35_630, 8_451)
    assert (units["quick"], units["tiba"], units["saina"], units["shahin"]) == (147_000, 100_000, 79_000, 50_000)


def test_every_row_is_published_or_marked() -> None:
    """Fails if a made-up figure could pass for a published one: the third rule of the house."""
    for path in sorted(HOME.glob("*.csv")):
        rows = table(path.stem)
        blank = pl.lit(value=True)
        assumed = pl.col("x_assumption").is_not_null() if "x_assumption" in rows.columns else ~blank
        assert rows.filter(pl.col("source").is_null() & ~assumed).is_empty(), path.name
    for name in DRAWN_WHOLLY:
        assert table(name)["x_assumption"].null_count() == 0, name
        assert table(name)["source"].null_count() == table(name).height, name


def test_the_readme_tells_what_is_there() -> None:
    """Fails if the page that people read first gives other figures than the tables."""
    text = (HOME / "README.md").read_text(encoding="utf-8")
    assert text.count(f"{table('parts').height} parts") == 1
    assert f"{cars()['units'].sum():,}" in text
    desk = cars().filter(pl.col("maker") == "IKCO")
    assert f"EUR {mean(desk, 'desk') * desk['units'].sum() / 1e6:.1f} m" in text


def test_the_generator_writes_the_folder(tmp_path: Path) -> None:
    """Fails if someone edits a shipped table by hand, or the generator without writing the folder again."""
    car_line.write(tmp_path)
    assert {f.name for f in tmp_path.iterdir()} == {f.name for f in HOME.iterdir()}
    for path in HOME.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_check_finds_nothing() -> None:
    """Fails if the demonstration has so much as a warning, or holds a path of the machine it was made on."""
    assert [str(f) for f in on.check(HOME).findings] == []
    for path in HOME.iterdir():
        assert not re.search(r"(?<![\w/.])/(?:home|root|tmp|work|Users)/", path.read_text(encoding="utf-8")), path.name
    assert sum(f.stat().st_size for f in HOME.iterdir()) < 1_000_000


@pytest.mark.slow
def test_the_plan_is_sensible() -> None:
    """Fails if the demonstration has become slow, trivial, or no longer shows why parts stay imported."""
    plan = on.plan(on.read(HOME), gap=0.01, time_limit=60)
    assert plan.gaps.of_cost is not None
    assert plan.gaps.of_cost < 0.01
    figures = plan.as_dict()
    assert 0.25 < int(str(figures["parts_made_at_home"])) / int(str(figures["parts"])) < 0.67
    assert int(str(figures["options"])) < 20_000
    assert {"no offer", "dearer", "limit", "never possible", "forbidden"} <= set(plan["reasons"]["why"])
    priced = set(plan["limits_met"].filter(pl.col("bound_price") != 0)["measure"])
    assert {"tooling", "foreign_currency", "local_content", "launches", "maker_share"} <= priced
