"""Small car markets made up for the tests: plain logit to be solved by hand, and consumers who differ."""

import numpy as np
import polars as pl

from onshore.prices.cars import CarMarkets, calibrate_cars


def logit(
    shares: dict[str, float], firms: list[str], price: float = 10.0, alpha: float = -0.5, tax: float | None = None
):
    """One market `m`, one consumer, every model at the same price."""
    products = pl.DataFrame(
        {"market": "m", "product": list(shares), "firm": firms, "price": price, "share": list(shares.values())}
    ).with_columns(tax_share=pl.lit(tax, dtype=pl.Float64))
    agents = pl.DataFrame({"market": ["m"], "agent": ["all"], "weight": [1.0]})
    tastes = pl.DataFrame(
        {"characteristic": ["price"], "draw": [None], "coefficient": [alpha]}, schema_overrides={"draw": pl.String}
    )
    return products, agents, tastes


def differing(seed: int, markets: int = 2, models: int = 7, consumers: int = 37, money: float = 1.0):
    """Tables of random markets: consumers differ in the taste for size, for any car at all, and for money."""
    rng = np.random.default_rng(seed)
    n, i = markets * models, markets * consumers
    share = rng.uniform(0.01, 0.1, n) / models * 4
    products = pl.DataFrame(
        {
            "market": np.repeat([f"m{t}" for t in range(markets)], models),
            "product": [f"car{j}" for j in range(models)] * markets,
            "firm": [f"firm{f}" for f in rng.integers(0, 3, n)],
            "price": money * rng.uniform(8, 20, n),
            "share": share,
            "size": rng.normal(size=n),
        }
    )
    agents = pl.DataFrame(
        {
            "market": np.repeat([f"m{t}" for t in range(markets)], consumers),
            "agent": list(range(consumers)) * markets,
            "weight": 1 / consumers,
            "likes": rng.normal(size=i),
            "wants": rng.normal(size=i),
            "poor": np.exp(rng.normal(0, 0.3, i)),
        }
    )
    tastes = pl.DataFrame(
        {
            "characteristic": ["size", "constant", "price", "price"],
            "draw": ["likes", "wants", "poor", None],
            "coefficient": [0.7, 0.9, -0.3 / money, -0.05 / money],
        }
    )
    return products, agents, tastes


def calibrated(seed: int, **size) -> CarMarkets:
    return calibrate_cars(*differing(seed, **size))


def costs(markets: CarMarkets, change) -> pl.DataFrame:
    """The table `changes` with every cost through `change`, an expression."""
    return markets.products.select("market", "product", change.alias("cost"))
