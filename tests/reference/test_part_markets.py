"""Equilibria that others computed. A wrong sign, a transposed ownership matrix or a lost tax moves them at once.

`parts_reference.json` holds nine markets to 25 digits; the others are the beer example of R's packages `antitrust` and `trade`
(their capacity block apart: it stopped short of its own optimum) and the GSIM example of Francois and Hall (2003).
"""

import json
from pathlib import Path

import numpy as np
import pytest

from onshore.prices.equilibrium import Equilibrium, solve
from onshore.prices.gsim import gsim
from onshore.prices.kernel import CES, LOGIT, NESTED
from onshore.prices.markets import Floats, Markets
from onshore.prices.surplus import consumer_gain

BEER = np.array(["BUD", "OLD STYLE", "MILLER", "MILLER", "OTHER-LITE", "OTHER-REG"])
MERGED = np.array(["BUD", "BUD", "MILLER", "MILLER", "OTHER-LITE", "OTHER-REG"])
LITE = np.array([0, 0, 0, 1, 1, 0])
"""Nests of the example: regular and light beer."""


def one_market(
    kind: int, slope: float, taste: Floats, cost: Floats, H: Floats, *, outside: bool = True, kept: Floats | None = None,
    nest: Floats | None = None, nesting: Floats | float = 0.0,
) -> Markets:  # fmt: skip
    J = len(cost)
    return Markets(
        start=np.array([0, J]), kind=np.array([kind]), slope=np.array([slope]), outside=np.array([float(outside)]),
        size=np.ones(1), taste=np.asarray(taste, float), nest=np.zeros(J, np.int64) if nest is None else np.asarray(nest, np.int64),
        nesting=np.broadcast_to(np.asarray(nesting, float), (J,)).copy(), kept=np.ones(J) if kept is None else np.asarray(kept, float),
        cost=np.asarray(cost, float), fixed=np.full(J, np.nan), sold=np.ones(J, bool), capacity=np.full(J, np.inf),
        H=np.asarray(H, float).ravel(), B=np.empty(0),
    )  # fmt: skip


def owned(by: np.ndarray) -> Floats:
    return (by[:, None] == by[None, :]).astype(float)


@pytest.fixture(scope="module")
def parts(data: Path) -> list[dict]:
    return json.loads((data / "prices" / "parts_reference.json").read_text())["markets"]


@pytest.mark.parametrize("number", range(9))
def test_nine_markets_to_twelve_digits(number: int, parts: list[dict]) -> None:
    m = parts[number]
    market = one_market(m["type"], m["par"], m["d"], m["c"], m["H"], kept=m["r"], nest=m["nest"], nesting=m["sg"])
    found = solve(market, 1.3 * market.cost)
    assert found.price == pytest.approx([float(p) for p in m["price"]], rel=1e-12)
    assert found.residual[0] < 1e-12
    assert not found.tempted[0]


@pytest.fixture(scope="module")
def r(data: Path) -> dict:
    return json.loads((data / "prices" / "r_antitrust_trade_reference.json").read_text())["reference"]


def beer(
    r: dict,
    name: str,
    kind: int,
    after: np.ndarray,
    *,
    outside: bool = False,
    nest: object = None,
    nesting: object = 0.0,
) -> list[Equilibrium]:
    """The example before and after, at R's own parameters; it must find R's prices from elsewhere, and R's shares."""
    x = r[name]
    slope, taste = (x["gamma"], np.log(x["meanval"])) if kind == CES else (x["alpha"], np.array(x["meanval"]))
    found = []
    for cost, by, price, share in (
        ("mcPre", BEER, "pricePre", "sharesPre"),
        ("mcPost", after, "pricePost", "sharesPost"),
    ):
        market = one_market(
            kind,
            slope,
            taste,
            np.array(x[cost]),
            owned(by),
            outside=outside,
            nest=nest,
            nesting=nesting,  # type: ignore[arg-type]
        )
        made = solve(market, np.array(x["pricePre"]) * 1.02)
        assert made.price == pytest.approx(x[price], rel=1e-12), price
        units = made.units / made.units.sum() if kind == CES else made.units  # R prints shares of units
        assert units == pytest.approx(np.array(x[share]) / np.sum(x[share]), rel=1e-11), share
        found.append(made)
    return found


def test_logit_tariff_of_trade(r: dict) -> None:
    beer(r, "trade_logit", LOGIT, BEER)


def test_ces_tariff_of_trade(r: dict) -> None:
    beer(r, "trade_ces", CES, BEER, outside=True)


def test_logit_merger_of_antitrust(r: dict) -> None:
    before, after = beer(r, "antitrust_logit_merger", LOGIT, MERGED)
    assert consumer_gain(before, after).total[0] < 0


def test_ces_merger_of_antitrust(r: dict) -> None:
    beer(r, "antitrust_ces_merger", CES, MERGED)


@pytest.mark.parametrize(
    ("name", "kept_apart"), [("sim_logitnests_merger", (0.6, 0.8)), ("sim_logitnests_common_merger", (0.7, 0.7))]
)
def test_nested_merger_of_antitrust(name: str, kept_apart: tuple[float, float], r: dict) -> None:
    """R's nesting parameters are 1 less the correlation."""
    correlation = 1.0 - np.array(kept_apart)
    beer(r, name, NESTED, MERGED, nest=LITE, nesting=correlation[LITE])


def test_gsim_to_the_printed_digits(data: Path) -> None:
    x = json.loads((data / "prices" / "gsim_nhtsa_reference.json").read_text())["gsim_us_eu"]
    i = x["inputs"]
    found = gsim(
        np.array(i["M"]), np.array(i["T0"]), np.array(i["T1"]), demand=i["Em"], supply=i["Ex"], substitution=i["Es"]
    )
    assert [round(p, 4) for p in found.price] == list(x["reported_by_paper"].values())
    for got, wanted in (
        (found.producers, "PS"),
        (found.consumers, "CS"),
        (found.tariff_revenue, "tariff_revenue"),
        (found.net, "net"),
    ):
        assert got == pytest.approx(x[wanted], rel=1e-9), wanted
