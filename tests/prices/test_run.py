"""From a folder of CSV to prices in a run, its report and the command line: the wiring, on the world of two parts and one maker."""

import json
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.optimize import brentq

import onshore as on
from onshore import demo
from onshore.chain import plan_and_report, price_and_report, write_plan
from onshore.cli import main
from onshore.cli.names import NAMES
from onshore.prices import Assumed
from onshore.prices.declared import TABLES
from onshore.tables.runs import read_run

WORLD = Path(__file__).parents[1] / "worlds" / "two-parts-one-maker"

PART_MARKETS = """market,level,regime,demand,outside_share,elasticity,trade_margin_share
gear-spares,wholesale,free,logit,0.5,0.8,0.25
"""
BRANDS = """market,brand,seller,origin,part,price,currency,units
gear-spares,original,importer,import,gear,20,EUR,100
gear-spares,other,somebody,import,,15,EUR,60
gear-spares,mine,shop,home,,14,EUR,40
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan makes gear at home at 8 for 10 landed; lever stays imported."""
    folder = tmp_path_factory.mktemp("prices")
    shutil.copytree(WORLD, folder / "in")
    (folder / "in" / "part_markets.csv").write_text(PART_MARKETS)
    (folder / "in" / "brands.csv").write_text(BRANDS)
    plan_and_report(folder / "in", folder / "run")
    return folder / "run"


def test_a_run_of_a_programme_with_markets_holds_its_prices(run: Path) -> None:
    held = read_run(run, TABLES)
    main_row = held["part_prices"].filter(pl.col("reading") == "replace").row(0, named=True)
    assert main_row["cost_change"] == pytest.approx(-2)  # 8 instead of 10, all of the need
    assert main_row["fisher"] < 1
    assert main_row["low"] < main_row["fisher"] < main_row["high"]
    assert main_row["retail_before"] == pytest.approx(1.25 * main_row["price_before"])
    assert main_row["buyers"] > 0
    assert held["part_prices"]["reading"].to_list() == ["replace", "enter", "barred"]
    assert held["unpriced"].is_empty()
    assert on.verify(run).ok


def test_price_effect_reads_the_run_alone(run: Path) -> None:
    found = on.price_effect(run)
    held = read_run(run, TABLES)
    for name, frame in found.tables.items():
        assert frame.equals(held[name]), name
    assert "Prices of parts in 2027: -" in found.summary()


def test_the_chapter_says_what_falls_and_what_barring_would_do(run: Path) -> None:
    page = (run / "report.html").read_text(encoding="utf-8")
    assert 'id="prices"' in page
    for grid in ("prices-index", "prices-gains", "prices-fall"):
        assert f'id="{grid}"' in page, grid
    assert "1 market falls" in page
    assert "100 % of their rows" in page.replace("\u202f", " ")


def test_the_command_prints_its_documented_names(run: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", str(run), "--draws", "5", "--seed", "2", "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert set(said) == set(NAMES["prices"])
    assert said["draws"] == 5
    assert [m["reading"] for m in said["markets"]] == ["replace", "enter", "barred"]


def test_what_is_no_run_of_a_plan_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["prices", str(tmp_path)]) == 2
    assert "is not a run" in capfd.readouterr().err


def test_a_run_without_markets_says_which_tables_to_add(tmp_path: Path) -> None:
    plan_and_report(WORLD, tmp_path / "run")
    found = on.price_effect(tmp_path / "run")
    assert "add `part_markets` and `brands`" in found.summary()
    assert found.as_dict()["markets"] == []
    assert 'id="prices"' not in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_car_lines_report_tells_of_its_prices(tmp_path: Path) -> None:
    """The whole demonstration, planned and told: set prices stay, free ones are told model by model, every grid is there."""
    plan_and_report(demo.folder("car-line"), tmp_path / "run", gap=0.02, time_limit=60)
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    for grid in (
        "prices-figure",
        "prices-index",
        "prices-gains",
        "prices-fall",
        "prices-barred",
        "prices-models",
        "prices-set",
    ):
        assert f'id="{grid}' in page, grid
    assert "random coefficients in 1" in page
    held = read_run(tmp_path / "run", TABLES)
    last = held["part_prices"].filter((pl.col("reading") == "replace") & (pl.col("year") == 1403))
    cars = {r["market"]: r for r in last.filter(pl.col("market").is_in(["cars", "cars-free"])).iter_rows(named=True)}
    assert (cars["cars"]["fisher"], cars["cars"]["buyers"], cars["cars"]["regime"]) == (1, 0, "administered")
    assert cars["cars"]["home_makers"] > 0
    assert cars["cars-free"]["demand"] == "random coefficients"
    assert cars["cars-free"]["low"] < cars["cars-free"]["fisher"] < cars["cars-free"]["high"] < 1
    assert cars["cars-free"]["buyers"] > 0
    assert (last["state"] != "flagged").all()


def one_brand(folder: Path, currency: str, drawn: str) -> Path:
    """Gear, 10 landed and 8 at home, is all of a market of one brand: price 20, half of the buyers, elasticity 1.6."""
    shutil.copytree(WORLD, folder / "in")
    (folder / "in" / "parts.csv").write_text(
        f"part,family,import_price,currency\ngear,cutting,10,{currency}\nlever,cutting,10,EUR\n"
    )
    (folder / "in" / "rates.csv").write_text("date,base,quote,market,quote_per_base\n2026-12-31,USD,EUR,official,1\n")
    with (folder / "in" / "programme.toml").open("a") as settings:
        settings.write('\nrate_market = "official"\n')
    (folder / "in" / "part_markets.csv").write_text(PART_MARKETS.replace("0.8", "1.6"))
    (folder / "in" / "brands.csv").write_text("\n".join(BRANDS.splitlines()[:2]))
    (folder / "in" / "uncertainty.csv").write_text(
        f"table,key,column,distribution,parameters\n{drawn}\noffers,g,unit_price,uniform,low=0.75; high=0.75\n"
        "part_markets,*,elasticity,uniform,low=1.25; high=1.25\n"
    )
    write_plan(on.plan(on.read(folder / "in")), folder / "run")
    return folder / "run"


@pytest.mark.parametrize(
    ("currency", "drawn"),
    [("EUR", "parts,gear,import_price,uniform,low=1.2; high=1.2"), ("USD", "rates,*,quote_per_base,uniform,low=1.2; high=1.2")],
)  # fmt: skip
def test_bands_draw_what_the_programme_says_is_uncertain(tmp_path: Path, currency: str, drawn: str) -> None:
    """If it fails, bands rest on our sigmas although the programme has its own: every draw is certain here, so the band is a point.

    Elasticity 2: a = -0.2, cost 20 - 1/(0.2 x 0.5) = 10, taste 4. Imported at 12 for 10 the cost is 12; made at home at 6 it is 6.
    """
    run = one_brand(tmp_path, currency, drawn)
    found = price_and_report(run, assumed=Assumed(draws=3, rate_sigma=0.0))

    def price(cost: float) -> float:  # margin 1 / (0.2 (1 - s)), 1 / (1 - s) = 1 + exp(4 - 0.2 p)
        return float(brentq(lambda p: p - cost - 5 * (1 + np.exp(4 - 0.2 * p)), 0, 99, xtol=1e-12))

    assert price(10) == pytest.approx(20)
    row = found.tables["part_prices"].filter(pl.col("reading") == "replace").row(0, named=True)
    assert (row["low"], row["high"]) == pytest.approx((price(6) / price(12), price(6) / price(12)), rel=1e-9)
    said = {drawn.split(",")[0] + "." + drawn.split(",")[2], "offers.unit_price", "part_markets.elasticity"}
    assert set(found.said) == said
    assert set(found.tables["price_index"]["drawn"].to_list()[0].split(", ")) == said
    assert "as `uncertainty` says" in found.summary()
    assert "as the programme’s own `uncertainty` says" in (run / "report.html").read_text()
