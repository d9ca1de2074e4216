"""From a plan's unit costs to prices, on programmes of a few rows whose answer is arithmetic."""

import numpy as np
import polars as pl
import pytest

from onshore.blueprint.declared import TABLES as INPUT
from onshore.prices import Assumed, batch, book_of, effect_on_prices, kernel, search
from onshore.prices.book import Book
from onshore.prices.declared import TABLES
from onshore.prices.drawn import Sample, drawn_of

YEARS = (1, 2)
NONE = Assumed(draws=0)


def table(name: str, rows: list[dict]) -> pl.DataFrame:
    schema = {c.name: c.type.dtype for c in INPUT[name].columns}
    return pl.DataFrame(
        [{c: row.get(c) for c in schema} for row in rows], schema={c: pl.Float64 if t.is_decimal() else t for c, t in schema.items()}, orient="row"
    )  # fmt: skip


def book(markets: list[dict], brands: list[dict], owners: list[dict] | None = None) -> Book:
    return book_of(table("part_markets", markets), table("brands", brands), table("owners", owners or []))


def market(**more: object) -> dict:
    return {
        "market": "lamp",
        "level": "wholesale",
        "regime": "free",
        "demand": "logit",
        "outside_share": 0.5,
        "elasticity": 0.8,
        **more,
    }


def brand(name: str, **more: object) -> dict:
    return {
        "market": "lamp",
        "brand": name,
        "seller": name,
        "origin": "import",
        "price": 10.0,
        "currency": "EUR",
        "units": 100.0,
        **more,
    }


def moves(home: float = 4.0, share: float = 1.0, landed: float = 5.0, part: str = "lamp") -> pl.DataFrame:
    """Imported in the first year, made at home in the second."""
    return pl.DataFrame(
        {"part": [part] * 2, "year": [1, 2], "landed": [landed] * 2, "home": [None, home], "home_share": [0.0, share], "home_currency_share": [0.0, 0.3]}
    )  # fmt: skip


NO_PRODUCTS = pl.DataFrame(schema={"product": pl.String, "year": pl.Int64, "change": pl.Float64})
NO_GROUPS = pl.DataFrame(schema={"market": pl.String, "sector": pl.String, "part": pl.String, "starts": pl.Date})


def effect(
    made: Book, plan: pl.DataFrame, assumed: Assumed = NONE, products: pl.DataFrame = NO_PRODUCTS, **more: object
):
    return effect_on_prices(made, plan, products, NO_GROUPS, years=YEARS, currency="EUR", assumed=assumed, **more)


def row(found, reading: str = "replace", year: int = 2) -> dict:
    return (
        found.tables["part_prices"].filter((pl.col("reading") == reading) & (pl.col("year") == year)).row(0, named=True)
    )


def test_one_brand_passes_on_the_saving_as_a_logit_seller_does() -> None:
    """One seller: margin = 1/(|a|(1-s)); the plan takes 1 off its cost, and its new price obeys the same equation."""
    made = book([market()], [brand("original", part="lamp")])
    assert made.seen.share == pytest.approx([0.5])
    a = 0.8 / (0.5 * 10)
    assert made.calibration.markets.slope[0] == pytest.approx(-a)
    cost = 10 - 1 / (a * 0.5)
    found = effect(made, moves())
    first, second = row(found, year=1), row(found)
    assert first["fisher"] == 1
    assert first["buyers"] == 0
    p = second["price_after"]
    s = second["units_after"] / 200
    assert p - (cost - 1) == pytest.approx(1 / (a * (1 - s)), rel=1e-9)
    assert second["cost_change"] == pytest.approx(-1)
    assert second["passed_through"] == pytest.approx(10 - p, rel=1e-9)
    assert second["buyers"] == pytest.approx(200 / a * (np.log1p(s / (1 - s)) - np.log(2)), rel=1e-9)
    assert second["home_share_after"] == 1
    assert second["pass_through"] == pytest.approx(0.5)  # 1 - s


def test_nothing_made_at_home_changes_nothing() -> None:
    made = book([market()], [brand("original", part="lamp"), brand("other")])
    found = effect(made, moves(share=0.0))
    for year in YEARS:
        told = row(found, year=year)
        assert told["fisher"] == 1
        assert [told[c] for c in ("buyers", "home_makers", "foreign_brands", "treasury", "resellers")] == [0] * 5
    assert found.tables["unpriced"].is_empty()


def test_three_readings_and_a_protected_maker() -> None:
    """A home brand beside the imports lowers prices; with imports barred the one home rival that stays dares more."""
    made = book([market()], [brand("original", part="lamp"), brand("other"), brand("mine", origin="home", price=8.0)])
    found = effect(made, moves())
    assert set(found.tables["part_prices"]["reading"]) == {"replace", "enter", "barred"}
    assert row(found, "replace")["fisher"] < 1
    assert row(found, "enter")["fisher"] < 1
    assert row(found, "enter")["variety"] > 0
    barred = row(found, "barred")
    assert barred["buyers"] < row(found, "enter")["buyers"]
    assert barred["foreign_brands"] < 0
    brands = found.tables["brand_prices"].filter((pl.col("reading") == "barred") & (pl.col("year") == 2))
    assert brands.filter(pl.col("price_after").is_null())["brand"].to_list() == ["original", "other"]
    assert brands.filter(pl.col("brand") == "(home entrant)")["price_after"].item() > 4


def test_the_taste_that_the_plan_implies() -> None:
    """With that taste, buyers choose the home brand as often as the plan has it."""
    made = book([market()], [brand("original", part="lamp"), brand("mine", origin="home")])
    found = effect(made, moves(home=5.0, share=0.75))
    extra = row(found, "enter")["implied_taste"]
    slope = abs(made.calibration.markets.slope[0])
    from onshore.prices.scenarios import enter, room_for_entrants

    wide, at = room_for_entrants(made.situation, np.array([0]))
    mean, _ = made.entrant_taste(np.array([made.brands["brand"].to_list().index("original")]))
    y = enter(wide, at, cost=np.array([5.0]), taste=mean + slope * extra)
    units = y.equilibrium.units
    original = made.brands["brand"].to_list().index("original")
    assert units[at[0]] / (units[at[0]] + units[original]) == pytest.approx(0.75, rel=1e-4)


def test_a_contract_passes_on_its_indexed_share() -> None:
    made = book(
        [market(regime="negotiated", indexed_share=0.8, elasticity=0.1, outside_share=0.1)],
        [brand("original", part="lamp", margin_share=0.05)],
    )
    told = row(effect(made, moves()))
    assert told["price_after"] == pytest.approx(10 - 0.8)
    assert told["passed_through"] == pytest.approx(0.8)


def test_an_administered_price_stays_and_the_margin_takes_the_saving() -> None:
    """Cars at a list price of 10, 13 beside it, all sold: cost falls by 2, and only the seller's profit moves, by 2 a car."""
    car = brand(
        "car", seller="maker", origin="home", product="car", parallel_price=13.0, margin_share=0.05, annual_max=100.0
    )
    made = book([market(regime="administered")], [car])
    products = pl.DataFrame({"product": ["car"] * 2, "year": [1, 2], "change": [0.0, -2.0]})
    found = effect(made, moves(part="unknown"), products=products)
    told = row(found)
    assert told["fisher"] == 1
    assert told["home_makers"] == pytest.approx(200)
    assert (told["buyers"], told["resellers"]) == (0, 0)
    sold = found.tables["brand_prices"].filter(pl.col("year") == 2).row(0, named=True)
    assert (sold["list_after"], sold["price_after"]) == (pytest.approx(10), pytest.approx(13))
    assert found.tables["unpriced"]["item"].to_list() == ["unknown"]
    assert found.tables["price_index"]["group"].unique().to_list() == ["products"]


def test_owners_share_the_profit_and_duty_falls_with_imports() -> None:
    brands = [brand("original", seller="venture", part="lamp", duty_share=0.25)]
    owners = [
        {"seller": "venture", "owner": "us", "profit_share": 0.6, "control_share": 1.0, "residence": "home"},
        {"seller": "venture", "owner": "them", "profit_share": 0.4, "control_share": 0.0, "residence": "foreign"},
    ]
    found = effect(book([market()], brands, owners), moves())
    told = row(found)
    assert told["home_makers"] == pytest.approx(1.5 * told["foreign_brands"])
    assert told["treasury"] == pytest.approx(-100 * 5.0 * 0.25 / 1.25)  # all of the duty on 100 units


def test_bands_hold_the_middle_and_follow_the_seed() -> None:
    made = book([market()], [brand("original", part="lamp"), brand("mine", origin="home", price=8.0)])
    once, again = (effect(made, moves(), Assumed(draws=40, seed=3)) for _ in range(2))
    for name in TABLES:
        assert once.tables[name].equals(again.tables[name]), name
    other = effect(made, moves(), Assumed(draws=40, seed=4))
    told = row(once)
    assert told["low"] < told["fisher"] < told["high"]
    assert row(other)["low"] != told["low"]
    flat = effect(made, moves(), Assumed(draws=5, elasticity_sigma=0.0, rate_sigma=0.0))
    assert row(flat)["low"] == pytest.approx(row(flat)["fisher"], rel=1e-9)


def test_a_market_that_no_demand_explains_is_kept_with_its_reason() -> None:
    """Nobody can leave, so there is no elasticity: flagged, in no index, and nothing made up."""
    made = book([market(outside_share=0.0)], [brand("original", part="lamp")])
    found = effect(made, moves())
    told = row(found)
    assert told["state"] == "flagged"
    assert told["why"].startswith("nobody can leave")
    assert told["fisher"] is None
    index = found.tables["price_index"].filter(pl.col("year") == 2).row(0, named=True)
    assert (index["markets"], index["flagged"]) == (0, 1)


def test_tables_are_as_declared() -> None:
    found = effect(book([market()], [brand("original", part="lamp")]), moves())
    for name, declared in TABLES.items():
        assert found.tables[name].columns == [c.name for c in declared.columns]
        for column in declared.required:
            assert found.tables[name][column].null_count() == 0, (name, column)


def test_draws_in_one_batch_are_draws_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if a draw's elasticity, rate or taste reaches another draw's markets, or another market's brands."""
    markets = [
        market(),
        market(market="horn", demand="linear"),
        market(market="bulb", demand="nested logit", nesting=0.3),
    ]
    brands = [brand(n, market=m, part=p if n == "original" else None, origin=o, price=v, currency_share=0.4, nest="x")
              for m, p in (("lamp", "lamp"), ("horn", "horn"), ("bulb", None))
              for n, o, v in (("original", "import", 10.0), ("other", "import", 9.0), ("mine", "home", 8.0))]  # fmt: skip
    made = book(markets, brands)
    plan = pl.concat([moves(), moves(part="horn", home=4.5)])
    assumed = Assumed(draws=7, seed=1)
    together = effect(made, plan, assumed)
    monkeypatch.setattr("onshore.prices.effect.AT_ONCE", 1)
    alone = effect(made, plan, assumed)
    for name in TABLES:
        for column in together.tables[name].columns:
            a, b = together.tables[name][column], alone.tables[name][column]
            assert a.equals(b) or (a - b).abs().max() < 1e-12 * a.abs().max(), (name, column)
    low = together.tables["part_prices"].filter((pl.col("reading") == "enter") & (pl.col("year") == 2))["low"]
    assert low.null_count() == 0


def test_markets_of_a_table_and_of_a_draw_run_the_same_machine_code() -> None:
    """Every kernel is compiled for one kind of argument: if this fails, whoever first asks for prices waits twice as long."""
    effect(book([market()], [brand("original", part="lamp")]), moves(), Assumed(draws=2))
    kernels = [(n, f) for room in (batch, kernel, search) for n, f in vars(room).items() if hasattr(f, "signatures")]
    assert {"solve", "respond", "newton", "markups"} <= {n for n, _ in kernels}
    assert [n for n, f in kernels if len(f.signatures) > 1] == []


def sampled(made: Book, markets: dict[str, float], quality: float = 0.0) -> Sample:
    return Sample(
        pl.DataFrame({"market": list(markets), "elasticity": list(markets.values())}),
        made.brands.select("market", "brand", quality=pl.when(pl.col("origin") == "import").then(pl.lit(quality))),
        pl.DataFrame({"part": ["lamp"], "landed": [1.0], "home": [1.0], "rate": [None]}, schema_overrides={"rate": pl.Float64}),
        None,
    )  # fmt: skip


def test_what_the_programme_does_not_draw_stays_as_assumed() -> None:
    """A market whose elasticity is said has no spread left here; the other's band is what it was, to the last bit."""
    two = [market(), market(market="seal")]
    made = book(two, [brand("original", part="lamp"), brand("original", market="seal", part="lamp")])
    assumed = Assumed(draws=5, rate_sigma=0.0)
    said = drawn_of(
        made, ["part_markets.elasticity"], frozenset({"lamp"}), [sampled(made, {"lamp": 0.9, "seal": 0.8})] * 5
    )
    found, plain = effect(made, moves(), assumed, drawn=said), effect(made, moves(), assumed)
    ours, theirs = (
        {r["market"]: (r["low"], r["high"]) for r in f.tables["part_prices"].filter(pl.col("reading") == "replace", pl.col("year") == 2).iter_rows(named=True)}
        for f in (found, plain)
    )  # fmt: skip
    assert ours["seal"] == theirs["seal"]
    assert theirs["seal"][0] < theirs["seal"][1]
    once = effect(book([market(elasticity=0.9)], [brand("original", part="lamp")]), moves())
    assert ours["lamp"] == pytest.approx((row(once)["fisher"],) * 2, rel=1e-12)


def test_an_entrant_is_judged_by_the_quality_that_is_drawn() -> None:
    """The better the planned part, the more the brand that makes it takes from the imports, so the lower their prices."""
    made = book([market()], [brand("original", part="lamp"), brand("mine", origin="home", units=50.0)])
    assumed = Assumed(draws=3, rate_sigma=0.0, elasticity_sigma=0.0)
    plain, better = (
        drawn_of(made, ["brands.quality"], frozenset(), [sampled(made, {"lamp": 0.8}, q)] * 3) for q in (0.0, 5.0)
    )
    low, lower = (row(effect(made, moves(), assumed, drawn=d), "enter")["low"] for d in (plain, better))
    assert lower < low - 1e-3
