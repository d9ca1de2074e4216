"""From tables to markets: the checks, the demand that fits every share, the costs that fit every price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from onshore.errors import Finding, InputError, finding
from onshore.prices.cars.declared import (
    AGENTS,
    CALIBRATED,
    CONSTANT,
    ELASTICITIES,
    PRICE,
    PRODUCTS,
    TASTES,
    with_numbers,
)
from onshore.prices.cars.demand import Array, Market, choices, numbered, share_slopes
from onshore.prices.cars.equilibrium import implied_margins
from onshore.prices.cars.inversion import mean_utilities
from onshore.prices.cars.owners import owners_of, stakes_of
from onshore.tables.check import check_table
from onshore.tables.memory import raw_of
from onshore.tables.words import nearest

__all__ = ["CarMarkets", "calibrate_cars", "car_elasticities", "felt"]

WEIGHTS_OFF = 1e-6
"""Consumers' weights that add up to 1 but for this are taken to."""
UNFIT = 1e-9
"""A share whose logarithm the demand misses by more is told."""


@dataclass(frozen=True)
class CarMarkets:
    """Calibrated markets. `products`: the table `calibrated`, in the order given; `warnings`: what to be wary of.

    `markets` holds the same as arrays, a `Market` each, its models in the order of `products`; `owners` is the table given.
    """

    products: pl.DataFrame
    warnings: tuple[Finding, ...]
    markets: tuple[Market, ...]
    owners: pl.DataFrame

    def summary(self) -> str:
        """What was calibrated, how dear and how elastic, and every warning."""
        p = self.products
        lines = [
            f"{p.height} models of {p['firm'].n_unique()} firms in {len(self.markets)} markets",
            f"  margins: median {_median(p['margin_share']):.1%} of the seller's price",
            f"  own price elasticity: median {_median(p['own_elasticity']):.2f}",
        ]
        return "\n".join(lines + [f"  warning: {w}" for w in self.warnings])

    def as_dict(self) -> dict[str, object]:
        """For ``--json``: `products`, a list of rows, and `warnings`."""
        return {"products": self.products.to_dicts(), "warnings": [w.as_dict() for w in self.warnings]}


def calibrate_cars(
    products: pl.DataFrame, agents: pl.DataFrame, tastes: pl.DataFrame, owners: pl.DataFrame | None = None
) -> CarMarkets:
    """Demand and costs at which every share and every price of `products` is what it is.

    The tables are `products`, `agents`, `tastes` and `owners` of `declared`; without the last, every firm is its own owner. Utility of model j to consumer i is

        u[j, i] = delta[j] + sum over rows of tastes of coefficient * characteristic[j] * draw[i],

    where the characteristic may be the price; delta takes up everything else, so a row with neither a draw nor the
    price changes nothing. Shares, prices and delta are of one market each; money is in the unit of the prices.

    Raises `InputError` with every fault: shares outside (0, 1) or that add up to the buyers, consumers who like to pay,
    a market without consumers, a name that is nowhere.

    Source: Berry, Levinsohn and Pakes (1995), Econometrica 63, 841-890. Maths: docs/explanation/car-market.md.
    """
    products, agents, tastes = _checked(products, agents, tastes)
    owners = owners_of(owners, products["firm"].unique().to_list())
    theirs = {str(name): rows for (name,), rows in agents.group_by("market")}
    markets, errors, fits = [], [], []
    for (name,), mine in products.group_by("market", maintain_order=True):
        market, error = _calibrated(str(name), mine, theirs[str(name)], tastes, owners)
        markets.append(market)
        errors.append(error)
        fits.append(_fit(mine, market, error))
    fitted = pl.concat(fits).sort("row").select(c.name for c in CALIBRATED.columns)
    return CarMarkets(fitted, tuple(_doubts(markets, errors)), tuple(markets), owners)


def car_elasticities(markets: CarMarkets) -> pl.DataFrame:
    """The table `elasticities`: for each pair of models of a market, at the observed prices.

    elasticity[j, k] = (p[k] / share[j]) (Lambda[j] (j is k) - Gamma[j, k]), see `demand.share_slopes`.
    """
    frames = []
    for market in markets.markets:
        names = markets.products.filter(pl.col("market") == market.name)["product"].to_list()
        n = len(names)
        columns = {
            "market": [market.name] * n**2,
            "product": [name for name in names for _ in range(n)],
            "price_of": names * n,
            "elasticity": _elasticities(market).ravel(),
        }
        frames.append(pl.DataFrame(columns))
    return pl.concat(frames).select(c.name for c in ELASTICITIES.columns)


def _median(values: pl.Series) -> float:
    return float(np.median(values.to_numpy()))


@np.errstate(invalid="ignore", divide="ignore")  # NaN where nobody buys, which is told
def _elasticities(market: Market) -> Array:
    s = choices(market, market.price)
    slope, cross = share_slopes(market, s)
    return (np.diag(slope) - cross) * market.price / (s @ market.weight)[:, None]


def _calibrated(
    name: str, products: pl.DataFrame, agents: pl.DataFrame, tastes: pl.DataFrame, owners: pl.DataFrame
) -> tuple[Market, Array]:
    """The market at its observed prices, and what remains of each share's logarithm."""
    alpha, taste = felt(products, agents, tastes)
    price, share, tax = (products[c].to_numpy() for c in ("price", "share", "tax_share"))
    weight = agents["weight"].to_numpy()
    delta = mean_utilities(taste + alpha * price[:, None], weight, share)
    market = Market(
        name=name, base=delta.x[:, None] + taste, alpha=alpha, weight=weight, price=price, cost=np.zeros_like(price),
        kept=1 / (1 + tax), firm=numbered(products["firm"]), delta=delta.x,
        stakes=stakes_of(owners, products["firm"].unique().sort().to_list()),
    )  # fmt: skip
    cost = market.kept * price - implied_margins(market, price)
    return market.changed(cost, market.kept, market.firm), -delta.residual


def felt(products: pl.DataFrame, agents: pl.DataFrame, tastes: pl.DataFrame) -> tuple[Array, Array]:
    """alpha (I,), and what a consumer feels beyond delta and the price (J, I): of products, agents and tastes of one market."""
    alpha, taste = np.zeros(agents.height), np.zeros((products.height, agents.height))
    for characteristic, draw, coefficient in tastes.select("characteristic", "draw", "coefficient").iter_rows():
        feels = coefficient * (np.ones(agents.height) if draw is None else agents[draw].to_numpy())
        if characteristic == PRICE:
            alpha += feels
        elif draw is not None:  # what all feel alike is in delta
            has = np.ones(products.height) if characteristic == CONSTANT else products[characteristic].to_numpy()
            taste += has[:, None] * feels
    return alpha, taste


def _fit(products: pl.DataFrame, market: Market, error: Array) -> pl.DataFrame:
    """The table `calibrated` of one market, with `row`."""
    return products.select("row", "market", "product", "firm", "price", "share").with_columns(
        delta=market.delta,
        share_error=error,
        cost=market.cost,
        margin_share=market.margin(market.price) / (market.kept * market.price),
        own_elasticity=np.diag(_elasticities(market)),
    )


def _checked(*frames: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The three tables typed, with `tax_share` 0 where empty; every fault at once."""
    products, agents, tastes = frames
    tastes, found = check_table(raw_of(TASTES.name, tastes), TASTES)
    wanted = []
    for column, table, known in (("characteristic", PRODUCTS, (CONSTANT, PRICE)), ("draw", AGENTS, ())):
        names = [n for n in tastes[column].drop_nulls().unique(maintain_order=True) if n not in known]
        found += [
            finding("name_taken", TASTES.name, None, column, n, whole=table.name) for n in names if n in table.by_name
        ]
        wanted.append(with_numbers(table, names, f"a number that tastes.{column} names"))
    if not tastes["characteristic"].is_in([PRICE]).any():
        found.append(finding("no_price_taste", TASTES.name, None, "characteristic"))
    if found:
        raise InputError(found)
    products, bad = check_table(raw_of(PRODUCTS.name, products), wanted[0])
    agents, worse = check_table(raw_of(AGENTS.name, agents), wanted[1])
    found = [*bad, *worse] or [*_across(products, agents, tastes)]
    if found:
        raise InputError(found)
    return products.with_columns(pl.col("tax_share").fill_null(0.0)), agents, tastes


def _across(products: pl.DataFrame, agents: pl.DataFrame, tastes: pl.DataFrame) -> Iterator[Finding]:
    """What is wrong between tables that are sound by themselves."""
    if products.is_empty():
        yield finding("missing_table", PRODUCTS.name, why="there is no model")
    known = agents["market"].unique()
    first = products.group_by("market", maintain_order=True).agg(pl.first("row"), pl.sum("share"))
    buyers = dict(agents.group_by("market").agg(pl.sum("weight")).iter_rows())
    for market, row, shares in first.iter_rows():
        if market not in buyers:
            yield finding(
                "unknown_reference",
                PRODUCTS.name,
                row,
                "market",
                market,
                target="agents.market",
                nearest=nearest(market, known),
            )
        elif shares >= buyers[market]:
            yield finding(
                "shares_above_buyers",
                PRODUCTS.name,
                row,
                "share",
                f"{shares:g}",
                market=market,
                buyers=f"{buyers[market]:g}",
            )
    alpha, _ = felt(products.clear(), agents, tastes)
    likes = agents.filter(pl.Series(alpha >= 0))
    for row, market, agent in likes.select("row", "market", "agent").iter_rows():
        yield finding("likes_to_pay", AGENTS.name, row, "agent", agent, market=market)


def _doubts(markets: list[Market], errors: list[Array]) -> Iterator[Finding]:
    """Warnings: what a reader of the numbers should know."""
    off = [m.name for m in markets if abs(m.weight.sum() - 1) > WEIGHTS_OFF]
    if off:
        sums = [m.weight.sum() for m in markets]
        yield finding(
            "weights_off",
            AGENTS.name,
            None,
            "weight",
            markets=len(off),
            low=f"{min(sums):.4g}",
            high=f"{max(sums):.4g}",
        )
    unfit = [m.name for m, e in zip(markets, errors, strict=True) if np.max(np.abs(e)) > UNFIT]
    if unfit:
        yield finding("shares_unfit", PRODUCTS.name, None, "share", markets=", ".join(unfit))
    negative = sum(int((m.cost <= 0).sum()) for m in markets)
    if negative:
        yield finding("negative_cost", PRODUCTS.name, None, "price", models=negative)
