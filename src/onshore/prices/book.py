"""From the tables of markets, brands and owners to arrays: one place where labels become positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.prices.calibration import Calibration, Observed, calibrate
from onshore.prices.cars.market import felt
from onshore.prices.kernel import CES, LINEAR, LOGIT, MIXED, NESTED
from onshore.prices.markets import DEMANDS, Flags, Floats, Ints, blocks, holdings, ownership, pick, starts
from onshore.prices.mixed import Buyers
from onshore.prices.scenarios import Situation
from onshore.prices.straight import drop_prices

__all__ = ["Book", "book_of"]


@dataclass(frozen=True)
class Book:
    """Markets as they are seen, in one currency. `markets` and `brands` are the tables, in the order of the arrays."""

    markets: pl.DataFrame
    brands: pl.DataFrame
    seen: Observed
    duty_share: Floats
    currency_share: Floats
    home_share: Floats
    check: bool = True
    """Whether equilibria are searched for somebody who would rather move alone: not where many are drawn."""

    @cached_property
    def calibration(self) -> Calibration:
        return calibrate(self.seen)

    @cached_property
    def situation(self) -> Situation:
        """The markets as they are, in equilibrium."""
        made = self.calibration
        imported = (self.brands["origin"] == "import").to_numpy()
        cost = np.nan_to_num(made.markets.cost)
        found = made.equilibrium if self.check else made.solved(check=False)
        return Situation(
            made.markets, found, self.duty_share, np.where(imported, cost, 0.0), self.currency_share, self.home_share,
            self.seen.price, self.check,
        )  # fmt: skip

    @property
    def imported(self) -> Flags:
        """(N,) brands made abroad."""
        return np.asarray((self.brands["origin"] == "import").to_numpy())

    def only(self, chosen: Ints) -> Book:
        """The book of the chosen markets, in that order; a market may be taken many times."""
        at = pick(self.seen.start, chosen)
        return replace(
            self, markets=self.markets[chosen], brands=self.brands[at], seen=self.seen.take(chosen),
            duty_share=self.duty_share[at], currency_share=self.currency_share[at], home_share=self.home_share[at],
        )  # fmt: skip

    def with_elasticity(self, times: Floats) -> Book:
        """Calibrated again with other elasticities (or, where a margin was given, other margins): (M,) factors.

        A margin is divided, as it stands for the inverse of an elasticity; it is kept below all of the price. Buyers who differ
        mind every price so many times as much.
        """
        s = self.seen
        mixed = None if s.mixed is None else s.mixed.copy()
        for m in np.flatnonzero(s.kind == MIXED):
            assert mixed is not None
            mixed[m] = mixed[m].times(times[m])
        by_product = np.repeat(times, np.diff(s.start))
        margin = np.where(np.isnan(s.listed), np.minimum(s.margin / by_product, 0.99), s.margin)
        return replace(self, seen=replace(s, elasticity=s.elasticity * times, margin=margin, mixed=mixed))

    def entrant_taste(self, planned: Ints) -> tuple[Floats, Floats]:
        """Mean and spread of what a home maker's own brand may be worth to buyers, one for each planned brand.

        It makes the planned part, so it brings that part's quality; its appeal is that of the home brands of its nest, else of its
        market's home brands, else of all brands. The spread is theirs, or all brands' where there is only one of them.
        """
        made = self.calibration.markets
        of, home = made.market, ~self.imported
        worth = np.where((made.kind == LOGIT) | (made.kind == NESTED), np.abs(made.slope), made.kind == LINEAR)[of]
        quality = self.brands["quality"].fill_null(0.0).to_numpy()
        appeal = drop_prices(made) - worth * quality
        mean, spread = np.empty(planned.size), np.empty(planned.size)
        for i, j in enumerate(planned):
            everyone = slice(made.start[of[j]], made.start[of[j] + 1])
            here, at_home = appeal[everyone], home[everyone]
            near = at_home & (made.nest[everyone] == made.nest[j])
            like = here[near] if near.any() else here[at_home] if at_home.any() else here
            mean[i] = like.mean() + worth[j] * quality[j]
            spread[i] = (like if like.size > 1 else here).std()
        return mean, spread


def book_of(
    part_markets: pl.DataFrame, brands: pl.DataFrame, owners: pl.DataFrame, rates: Mapping[str, float] | None = None, *,
    buyers: pl.DataFrame | None = None, tastes: pl.DataFrame | None = None,
) -> Book:  # fmt: skip
    """The book of checked tables. `rates` turns each currency of `brands` into one; without them all must be in the same.
    `buyers` and `tastes` say how buyers differ in markets of random coefficients.

    A brand's price holds its tax; its share is that of its units among those who could buy (`outside_share` bought none), or, for
    CES, of what could be spent. The number of buyers follows from both.
    """
    if rates is None:
        if brands["currency"].n_unique() > 1:
            raise ValueError("brands are priced in several currencies: give the rates into one")
        rates = dict.fromkeys(brands["currency"].unique().to_list(), 1.0)
    order = part_markets.sort("market").with_row_index("m")
    sold = brands.join(order.select("market", "m", "demand", "outside_share", "nesting"), on="market").sort(
        "m", "brand"
    )
    per = sold["currency"].replace_strict(dict(rates), return_dtype=pl.Float64).to_numpy()
    counts = sold.group_by("m", maintain_order=True).len()["len"].to_numpy().astype(np.int64)
    start, of = starts(counts), sold["m"].to_numpy().astype(np.int64)
    kind = order["demand"].replace_strict(dict(DEMANDS), return_dtype=pl.Int64).to_numpy()

    def column(name: str, empty: float = np.nan) -> Floats:
        return sold[name].cast(pl.Float64).fill_null(empty).to_numpy().astype(np.float64)

    tax, listed, units = column("tax_share", 0.0), column("price") * per, column("units")
    parallel = column("parallel_price") * per
    regime = order["regime"].to_numpy()[of]
    is_set = regime != "free"
    price = np.where(is_set & ~np.isnan(parallel), parallel, listed)
    kept = 1.0 / (1.0 + tax)
    of_spending = np.where((kind == CES)[of], price * units, units)
    inside = np.add.reduceat(of_spending, start[:-1])
    potential = inside / (1.0 - order["outside_share"].to_numpy())
    margin = np.where(
        np.isnan(column("cost")),
        column("margin_share"),
        1.0 - column("cost") * per / (kept * np.where(is_set, listed, price)),
    )
    nested = (kind == NESTED)[of]
    nest = sold.select(pl.col("nest").fill_null("").rank("dense").over("m").cast(pl.Int64) - 1)["nest"].to_numpy()
    H, home = _owned(sold, owners, start)
    seen = Observed(
        start=start, kind=kind, size=potential, elasticity=order["elasticity"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        price=price, share=of_spending / potential[of], margin=margin, kept=kept, nest=np.where(nested, nest, 0),
        nesting=np.where(nested, column("nesting", 0.0), 0.0), listed=np.where(is_set, listed, np.nan),
        capacity=column("annual_max", np.inf), H=H, mixed=_mixed(order, sold, buyers, tastes, rates),
    )  # fmt: skip
    return Book(
        order.drop("m"), sold.drop("m", "demand", "outside_share", "nesting"), seen, column("duty_share", 0.0),
        column("currency_share", 0.0), home,
    )  # fmt: skip


def _mixed(
    order: pl.DataFrame, sold: pl.DataFrame, buyers: pl.DataFrame | None, tastes: pl.DataFrame | None, rates: Mapping[str, float]
) -> npt.NDArray[np.object_] | None:  # fmt: skip
    """The `Buyers` of each market of random coefficients, (M,); the price in the currency that `rates` turn to."""
    differ = order.filter(pl.col("demand") == "random coefficients")
    if differ.is_empty():
        return None
    if buyers is None or tastes is None:
        raise ValueError("markets of random coefficients need the tables `buyers` and `tastes`")
    made = np.full(order.height, None, dtype=object)
    per = pl.col("currency").replace_strict(dict(rates), default=1.0, return_dtype=pl.Float64)
    for m, market in differ.select("m", "market").iter_rows():
        mine = pl.col("market") == market
        rows = tastes.filter(mine).with_columns(pl.col("coefficient") / per)
        models, theirs = sold.filter(mine), buyers.filter(mine)
        models, theirs = (f.with_columns(pl.col(r"^x_.*$").cast(pl.Float64, strict=False)) for f in (models, theirs))
        alpha, taste = felt(models, theirs, rows)
        made[m] = Buyers(taste, alpha, theirs["weight"].to_numpy())
    return made


def _owned(sold: pl.DataFrame, owners: pl.DataFrame, start: Ints) -> tuple[Floats, Floats]:
    """H of every market, and the share of each brand's profit that stays at home."""
    held: dict[str, list[tuple[str, float, float, bool]]] = {}
    for seller, owner, profit, control, residence in owners.select(
        "seller", "owner", "profit_share", "control_share", "residence"
    ).iter_rows():
        held.setdefault(seller, []).append((owner, profit, profit if control is None else control, residence == "home"))
    sellers, origin = sold["seller"].to_list(), sold["origin"].to_list()
    home = np.array(
        [
            sum(p for _, p, _, at_home in held[s] if at_home) if s in held else float(o == "home")
            for s, o in zip(sellers, origin, strict=True)
        ]
    )
    matrices = []
    for a, z in pairwise(start):
        here = [[row[:3] for row in held[s]] if s in held else [(s, 1.0, 1.0)] for s in sellers[a:z]]
        matrices.append(ownership(*holdings(here)))
    return blocks(matrices), home
