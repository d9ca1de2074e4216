"""What each option adds to each measure in each year, and what a measure adds up to over a scope.

A measure has two sides: what the legs of an option do (so that it can be told by maker) and what stays imported.
Ventures and modules add their own outlay to the measures of cost and investment.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from onshore.sourcing.options import Options, residual_share
from onshore.sourcing.problem import Floats, Ints, Problem

__all__ = ["WITH_FIXED", "Amounts", "Measures", "discounted_boxes", "fixed_by_year", "total_of_boxes"]

WITH_FIXED = ("cost", "buyer_cost", "programme_cost", "investment")
"""Measures to which the set-up of ventures and the cost of modules belong."""


@dataclass(frozen=True)
class Amounts:
    """A measure before choosing: per leg (L, T) and per option's imports (K, T)."""

    legs: Floats
    imports: Floats
    fixed: bool


class Measures:
    """The measures of an option table, each computed once when first asked for."""

    def __init__(self, problem: Problem, options: Options):
        self.problem, self.options = problem, options
        self._known: dict[str, Amounts] = {}

    def __call__(self, name: str) -> Amounts:
        if name not in self._known:
            legs, imports = self._compute(name)
            self._known[name] = Amounts(legs, imports, name in WITH_FIXED)
        return self._known[name]

    def _compute(self, name: str) -> tuple[Floats, Floats]:
        """(L, T) and (K, T). `docs/explanation/plan.md` states each in symbols."""
        problem, legs, o = self.problem, self.options.legs, self.problem.offers
        offer, part, parts = legs.offer, self.options.part, problem.parts
        if name == "cost":
            return self._compute(f"{problem.settings.perspective}_cost")
        if name == "buyer_cost":
            return legs.purchases + legs.tooling * o.buyer_pays[offer, None], self._bought * (
                1 + parts.duty[part, None]
            )
        if name == "programme_cost":
            paid = legs.tooling * (o.buyer_pays | o.public_pays)[offer, None] + legs.support
            premium = problem.settings.shadow_premium
            return legs.purchases + paid + premium * self._abroad, self._bought * (1 + premium)
        if name == "foreign_currency":
            return self._abroad, self._bought
        if name == "duty":
            return self._nothing, self._bought * parts.duty[part, None]
        if name == "value_of_parts":
            return legs.purchases, self._bought
        if name == "units_imported":
            return self._nothing, self.options.imported
        if name == "defects":
            each, imported = np.nan_to_num(o.defects), np.nan_to_num(parts.defects)
            return legs.units * each[offer, None], self.options.imported * imported[part, None]
        if name == "units_with_defects":
            known, imported_known = ~np.isnan(o.defects), ~np.isnan(parts.defects)
            return legs.units * known[offer, None], self.options.imported * imported_known[part, None]
        return self._of_legs(name), self._none_imported

    def _of_legs(self, name: str) -> Floats:
        """(L, T) of a measure that imports have no share in."""
        legs, o = self.options.legs, self.problem.offers
        offer = legs.offer
        if name in ("tooling", "investment"):
            return legs.tooling
        if name == "public_money":
            return legs.support + legs.tooling * o.public_pays[offer, None]
        if name == "contract_value":
            return self._in_month(np.maximum(0, legs.start - o.lead[offer]), legs.contract)
        if name == "home_purchases":
            return legs.purchases
        if name == "imports_displaced":
            return legs.units * self.problem.parts.cif.take(o.part[offer], axis=0)
        if name == "imports_displaced_net":
            return legs.units * self.problem.parts.cif.take(o.part[offer], axis=0) - self._abroad
        if name == "local_value":
            return legs.purchases * (1.0 - self._share_abroad)
        if name == "units_home":
            return legs.units
        if name == "machine_hours":
            return legs.units * o.hours[offer, None]
        if name == "launches":
            return self._in_month(legs.start, np.ones(len(offer)))
        return self._uses(name)

    @cached_property
    def _bought(self) -> Floats:
        """(K, T) paid for what stays imported, before duty."""
        return self.options.imported * self.problem.parts.cif.take(self.options.part, axis=0)

    @property
    def _share_abroad(self) -> Floats:
        """(L, T) of the price: imported inputs and royalties."""
        o, offer = self.problem.offers, self.options.legs.offer
        return o.inputs_abroad[offer, None] + o.royalty[offer]

    @cached_property
    def _abroad(self) -> Floats:
        """(L, T) paid abroad for what is made at home."""
        legs, o = self.options.legs, self.problem.offers
        return legs.purchases * self._share_abroad + legs.tooling * o.tooling_abroad[legs.offer, None]

    @cached_property
    def _nothing(self) -> Floats:
        return np.broadcast_to(0.0, (len(self.options.legs.offer), len(self.problem.years)))

    @cached_property
    def _none_imported(self) -> Floats:
        return np.broadcast_to(0.0, (self.options.count, len(self.problem.years)))

    def _in_month(self, month: Ints, amount: Floats) -> Floats:
        """(L, T) the amount, in the year that holds the month."""
        years = np.arange(len(self.problem.years))
        return np.where(years[None, :] == (month // 12)[:, None], amount[:, None], 0.0)

    def _uses(self, name: str) -> Floats:
        """(L, T) a measure that the programme declares in `uses`."""
        problem, legs = self.problem, self.options.legs
        O, T = len(problem.offers.labels), len(problem.years)
        once, unit, yearly, at_start = (np.zeros((O, T)) for _ in range(4))
        rows = problem.tables["uses"].filter(pl.col("measure") == name)
        at = {label: o for o, label in enumerate(problem.offers.labels)}
        rows = rows.filter(pl.col("offer").is_in(problem.offers.labels))  # a problem may hold some of the parts only
        offers = [at[label] for label in rows["offer"]]
        for o, year, amount, per in zip(
            offers, rows["year"], rows["amount"], rows["per"].fill_null("award"), strict=True
        ):
            span = slice(None) if year is None else year - problem.settings.first_year
            kind = {"unit": unit, "year": yearly, "award": at_start if year is None else once}[per]
            kind[o, span] += amount
        offer = legs.offer
        first_year = self._in_month(legs.start, np.ones(len(offer)))
        return np.asarray(
            once[offer] + at_start[offer] * first_year + unit[offer] * legs.units + yearly[offer] * legs.active
        )

    def objective(self) -> tuple[Floats, Floats, Floats]:
        """What is minimised: per option (K,), venture (V,) and module in service from t (S, T).

        Cost is discounted, less what tooling, modules and set-up are worth at the end. Any other measure is the
        plain sum of its years, with its sign turned when it should be most.
        """
        per_option, per_venture, per_module = self.total(self.problem.settings.objective)
        sign = self.problem.settings.sign
        return sign * per_option, sign * per_venture, sign * per_module

    def total(self, name: str) -> tuple[Floats, Floats, Floats]:
        """A measure over all years: per option (K,), venture (V,) and module in service from t (S, T); cost is discounted."""
        return self.of_options(name), *total_of_boxes(self.problem, name)

    def of_options(self, name: str) -> Floats:
        """(K,) a measure over all years; cost is discounted."""
        if name == "cost":
            return self._discounted(self.problem.settings.perspective, residual=True)
        amounts = self(name)
        return self.by_option(amounts.legs.sum(axis=1)) + amounts.imports.sum(axis=1)

    def discounted(self, perspective: str, *, residual: bool) -> tuple[Floats, Floats, Floats]:
        """Present cost per option (K,), venture (V,) and module (S, T), with or without residual values."""
        return self._discounted(perspective, residual=residual), *discounted_boxes(self.problem, residual=residual)

    def _discounted(self, perspective: str, *, residual: bool) -> Floats:
        problem, legs, o = self.problem, self.options.legs, self.problem.offers
        amounts = self(f"{perspective}_cost")
        by_leg = amounts.legs @ problem.discount
        if residual:
            counted = o.buyer_pays if perspective == "buyer" else o.buyer_pays | o.public_pays
            left = problem.discount_end * residual_share(problem, legs.start)
            by_leg = by_leg - left * legs.tooling.sum(axis=1) * counted[legs.offer]
        return self.by_option(by_leg) + amounts.imports @ problem.discount

    def by_option(self, legs: Floats) -> Floats:
        """(K,) sum of (L,) over the legs of each option."""
        dense = np.zeros(self.options.count)  # np.bincount would turn to integers where there is no leg
        np.add.at(dense, self.options.option_of_leg, legs)
        return dense


def total_of_boxes(problem: Problem, name: str) -> tuple[Floats, Floats]:
    """A measure over all years per venture (V,) and module in service from t (S, T); cost is discounted."""
    if name == "cost":
        return discounted_boxes(problem, residual=True)
    ventures, modules = fixed_by_year(problem)
    counts = name in WITH_FIXED
    return counts * ventures.sum(axis=1), counts * modules.sum(axis=2)


def discounted_boxes(problem: Problem, *, residual: bool) -> tuple[Floats, Floats]:
    """Present cost per venture (V,) and module (S, T), with or without residual values."""
    ventures, modules = fixed_by_year(problem)
    per_venture, per_module = ventures @ problem.discount, modules @ problem.discount
    if residual:
        end, in_service = problem.discount_end, 12 * np.arange(len(problem.years))
        per_venture = per_venture - end * residual_share(problem, problem.ventures.opens) * ventures.sum(axis=1)
        per_module = per_module - end * residual_share(problem, in_service)[None, :] * modules.sum(axis=2)
    return per_venture, per_module


def fixed_by_year(problem: Problem) -> tuple[Floats, Floats]:
    """Outlay (V, T) of opening each venture, and (S, T, T) of one module by year of service and year of order."""
    T = len(problem.years)
    years = np.arange(T)
    opens = np.minimum(problem.ventures.opens // 12, T - 1)
    ventures = np.where(years[None, :] == opens[:, None], problem.ventures.set_up[:, None], 0.0)
    shops = problem.shops
    modules = np.where(years[None, None, :] == shops.order_year[:, :, None], shops.module_cost[:, :, None], 0.0)
    return ventures, modules
