"""The tables of the car market. Money is in one unit throughout: the one that the taste for the price is told in.

A model is a product of a market; a consumer is an agent, who stands for as many buyers as its weight says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from onshore.tables.declare import CHOICE, FLAG, INTEGER, KEY, NUMBER, SHARE, Column, Table

__all__ = [
    "AGENTS", "ANSWER", "BOM", "CALIBRATED", "CHANGES", "CONSTANT", "COSTS", "ELASTICITIES", "INPUTS", "MARKETS",
    "NEW_COSTS", "OWNERS", "PART_CHANGES", "PRICE", "PRODUCTS", "RESULTS", "STATUSES", "TASTES", "with_numbers",
]  # fmt: skip

CONSTANT, PRICE = "constant", "price"
"""Characteristics that every model has without a column of their own: 1, and its price."""

STATUSES = {
    "unchanged": "nothing of this market was changed",
    "solved": "the accelerated fixed point",
    "rescued": "Newton's method, where the fixed point gave up",
    "unsolved": "nothing reached the tolerance: its prices are the nearest found and no equilibrium",
}
"""How a market's prices were found. Every market has one."""

_MARKET = Column("market", KEY, "the market: a country in a year", "1398", required=True)
_PRODUCT = Column("product", KEY, "the model", "pride-131", required=True)
_FIRM = Column("firm", KEY, "whose profit its price serves", "saipa", required=True)
_COST = Column("cost", NUMBER, "marginal cost of one, delivered", "7.6", unit="money")
_TAX = Column("tax_share", NUMBER, "tax on the sale, as a share of the seller's price; empty is none", "0.09", low=0.0)

PRODUCTS = Table(
    "products",
    "a model in a market, with a column for each characteristic that `tastes` names",
    ("market", "product"),
    (
        _MARKET,
        _PRODUCT,
        _FIRM,
        Column("price", NUMBER, "what a buyer pays, tax in it", "9.1", required=True, unit="money", above=0.0),
        Column("share", NUMBER, "buyers over all who might buy, so that shares add up to less than 1", "0.0021", required=True, above=0.0, high=1.0),
        _TAX,
    ),
)  # fmt: skip

AGENTS = Table(
    "agents",
    "a consumer of a market, with a column for each draw that `tastes` names",
    ("market", "agent"),
    (
        _MARKET,
        Column("agent", KEY, "the consumer", "17", required=True),
        Column("weight", NUMBER, "share of the buyers it stands for", "0.005", required=True, above=0.0),
    ),
)

TASTES = Table(
    "tastes",
    "how much a characteristic is worth: `coefficient` times the consumer's draw",
    ("characteristic", "draw"),
    (
        Column("characteristic", KEY, "a column of `products`, or `price`, or `constant`", "horsepower", required=True),
        Column("draw", KEY, "a column of `agents`; empty where all consumers feel the same", "nodes1"),
        Column("coefficient", NUMBER, "utility a unit of the characteristic, a unit of the draw", "4.6", required=True),
    ),
)

CHANGES = Table(
    "changes",
    "what is different for a model; an empty cell is as before",
    ("market", "product"),
    (
        _MARKET,
        _PRODUCT,
        replace(_FIRM, required=False, meaning="whose profit its price serves from now on", refers="products.firm"),
        _COST,
        replace(_TAX, meaning="tax on the sale, as a share of the seller's price"),
    ),
)

OWNERS = Table(
    "owners",
    "who owns a firm; one without a row is its own owner",
    ("firm", "owner"),
    (
        replace(_FIRM, refers="products.firm"),
        Column("owner", KEY, "who owns a part of it", "idro", required=True),
        Column("profit_share", SHARE, "share of its profit", "0.4", required=True),
        Column("control_share", SHARE, "share of the say over its prices; the same as of profit when empty", "1"),
    ),
)

COSTS = Table(
    "costs",
    "a model's marginal cost",
    ("market", "product"),
    (_MARKET, _PRODUCT, replace(_COST, required=True)),
)

BOM = Table(
    "bom",
    "how many of a part go into one of a model, or of another part",
    ("product", "part"),
    (
        _PRODUCT,
        Column("part", KEY, "the part", "headlamp", required=True),
        Column("quantity", NUMBER, "of the part in one", "2", required=True, above=0.0),
    ),
)

PART_CHANGES = Table(
    "part_changes",
    "a part whose unit cost changes",
    ("part",),
    (
        Column("part", KEY, "the part", "headlamp", required=True),
        Column("unit_cost_change", NUMBER, "new less old cost of one", "-0.012", required=True, unit="money"),
    ),
)

CALIBRATED = Table(
    "calibrated",
    "a model as its demand and cost were found",
    ("market", "product"),
    (
        _MARKET,
        _PRODUCT,
        _FIRM,
        Column("price", NUMBER, "as observed", unit="money"),
        Column("share", NUMBER, "as observed"),
        Column("delta", NUMBER, "mean utility, the price's part left out", unit="utility"),
        Column("share_error", NUMBER, "logarithm of the demand's share over the observed one"),
        Column("cost", NUMBER, "marginal cost that makes the price the firm's best; may be negative, and is told then", unit="money"),
        Column("margin_share", NUMBER, "what the seller keeps of its own price above cost"),
        Column("own_elasticity", NUMBER, "per cent of share for one per cent of price"),
    ),
)  # fmt: skip

ELASTICITIES = Table(
    "elasticities",
    "how a model's share answers a price",
    ("market", "product", "price_of"),
    (
        _MARKET,
        _PRODUCT,
        Column("price_of", KEY, "the model whose price rises", required=True),
        Column("elasticity", NUMBER, "per cent of share for one per cent of price"),
    ),
)

ANSWER = Table(
    "answer",
    "a model before and after",
    ("market", "product"),
    (
        _MARKET,
        _PRODUCT,
        Column("firm", KEY, "whose profit its price serves after the change", required=True),
        Column("cost_before", NUMBER, "marginal cost", unit="money"),
        Column("cost", NUMBER, "after the change", unit="money"),
        Column("price_before", NUMBER, "as observed", unit="money"),
        Column("price", NUMBER, "after the change", unit="money"),
        Column("price_change_share", NUMBER, "of the price before"),
        Column("pass_through", NUMBER, "change of price over change of its own cost, where that changed; rivals' costs move the price too"),
        Column("share_before", NUMBER, "of all who might buy"),
        Column("share", NUMBER, "after the change"),
        Column("profit_before", NUMBER, "of the model", unit="money per possible buyer"),
        Column("profit", NUMBER, "after the change", unit="money per possible buyer"),
        Column("tax_before", NUMBER, "paid to the treasury", unit="money per possible buyer"),
        Column("tax", NUMBER, "after the change", unit="money per possible buyer"),
        Column("residual", NUMBER, "price less what the first-order condition asks for", unit="money"),
        Column("jump", FLAG, "whether the price moved by more than a share of itself that is suspicious"),
        Column("deviation_price", NUMBER, "the price of this model alone that would serve its firm best, where it is another; empty where not looked for", unit="money"),
        Column("deviation_gain_share", NUMBER, "what the firm would gain by it, of its profit; 0 where no other price is better"),
    ),
)  # fmt: skip

MARKETS = Table(
    "markets",
    "a market before and after",
    ("market",),
    (
        _MARKET,
        Column("status", CHOICE, "how its prices were found", required=True, choices=tuple(STATUSES)),
        Column("evaluations", INTEGER, "of the first-order conditions"),
        Column("residual", NUMBER, "largest of its models'", unit="money"),
        Column("price_index", NUMBER, "cost of the cars bought before, at the new prices over the old (Laspeyres)"),
        Column("share_before", NUMBER, "who bought a car"),
        Column("share", NUMBER, "after the change"),
        Column("consumer_surplus_before", NUMBER, "what the choice is worth to buyers", unit="money per possible buyer"),
        Column("consumer_surplus", NUMBER, "after the change", unit="money per possible buyer"),
        Column("profit_before", NUMBER, "of all firms", unit="money per possible buyer"),
        Column("profit", NUMBER, "after the change", unit="money per possible buyer"),
        Column("tax_before", NUMBER, "paid to the treasury", unit="money per possible buyer"),
        Column("tax", NUMBER, "after the change", unit="money per possible buyer"),
        Column("jumps", INTEGER, "models whose price jumps"),
        Column("deviations", INTEGER, "models with a better price for their firm; empty where not looked for"),
    ),
)  # fmt: skip

NEW_COSTS = Table(
    "new_costs",
    "a model's cost after its parts' costs changed",
    ("market", "product"),
    (
        _MARKET,
        _PRODUCT,
        Column("cost_before", NUMBER, "as given", unit="money"),
        Column("cost", NUMBER, "after the change", unit="money"),
        Column("in_bom", FLAG, "whether the bill of materials knows the model; if not, its cost stays", required=True),
    ),
)

INPUTS: dict[str, Table] = {t.name: t for t in (PRODUCTS, AGENTS, TASTES, OWNERS, CHANGES, COSTS, BOM, PART_CHANGES)}
RESULTS: dict[str, Table] = {t.name: t for t in (CALIBRATED, ELASTICITIES, ANSWER, MARKETS, NEW_COSTS)}


def with_numbers(table: Table, names: Iterable[str], meaning: str) -> Table:
    """The table with a required number column for each of the names that it does not have yet."""
    extra = (Column(n, NUMBER, meaning, "1.2", required=True) for n in names if n not in table.by_name)
    return replace(table, columns=(*table.columns, *extra))
