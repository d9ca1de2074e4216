"""A made-up programme as the tables of the blueprint. Every row says from which seed it was drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.demo.synth_hidden import MODULE_YEAR, Hidden, Limits
from onshore.demo.synth_world import (
    EXPERIENCE,
    FAMILIES,
    RAMP,
    ROYALTY,
    TOOLING_ABROAD,
    YEARS,
    Floats,
    Ints,
    Supply,
    T,
    World,
)

__all__ = ["hidden_tables", "tables_of"]

Columns = dict[str, object]


def tables_of(world: World, supply: Supply, limits: Limits, assumption: str) -> dict[str, pl.DataFrame]:
    """Every table, in the order of the blueprint's."""
    parts, products = _names("part", len(world.price)), _names("vehicle", len(world.units))
    makers = _names("maker", len(supply.in_venture))
    families = pl.Series(FAMILIES)
    used = np.flatnonzero(~np.isnan(limits.local_content))
    tables: dict[str, Columns] = {
        "parts": {
            "part": parts, "family": families.gather(world.family), "import_price": world.price, "currency": "EUR",
            "duty_share": world.duty,
        },
        "products": {"product": products},
        "bom": {
            "product": products.gather(world.line_product), "part": parts.gather(world.line_part),
            "quantity": world.quantity,
        },
        "volumes": {
            "product": products.gather(np.repeat(np.arange(len(products)), T)),
            "year": np.tile(YEARS, len(products)), "units": world.units.ravel(), "kind": "outlook",
        },
        "makers": {"maker": makers},
        "capacity": _capacity(supply, makers, families),
        **_ventures(supply, makers),
        "offers": _offers(world, supply, parts, makers),
    }  # fmt: skip
    drawn = {name: _frame(columns) for name, columns in tables.items()}
    drawn["limits"] = _limits(limits, makers, supply.launches, products, used)
    marks = [pl.lit(assumption).alias("x_assumption"), pl.lit(None, dtype=pl.String).alias("source")]
    return {name: frame.with_columns(marks) for name, frame in drawn.items()}


def hidden_tables(hidden: Hidden, supply: Supply, offers: pl.Series) -> dict[str, pl.DataFrame]:
    """The hidden plan under the names of the tables."""
    makers = _names("maker", len(supply.in_venture))
    shops = np.flatnonzero(hidden.built)
    return {
        "awards": pl.DataFrame({"offer": offers.gather(hidden.offer), "start_year": YEARS[hidden.year]}),
        "ventures": pl.DataFrame({"venture": _venture_names(makers).gather(np.flatnonzero(hidden.opened))}),
        "modules": pl.DataFrame(
            {
                "maker": makers.gather(supply.shop_maker[shops]),
                "family": pl.Series(FAMILIES).gather(supply.shop_family[shops]),
                "modules": hidden.built[shops],
                "year": np.full(len(shops), YEARS[MODULE_YEAR]),
            }
        ),
    }


def _frame(columns: Columns) -> pl.DataFrame:
    """A frame of equally long columns and of texts that stand in every row."""
    texts = {name: text for name, text in columns.items() if isinstance(text, str)}
    frame = pl.DataFrame({name: values for name, values in columns.items() if name not in texts})
    return frame.with_columns(pl.lit(text).alias(name) for name, text in texts.items()).select(list(columns))


def _names(noun: str, count: int) -> pl.Series:
    """`part-0000017`: as many digits at every size, so that a smaller programme's names sort like a larger one's."""
    number = pl.int_range(count, eager=True).cast(pl.String).str.zfill(8 if noun == "offer" else 7)
    return pl.select(pl.concat_str(pl.lit(f"{noun}-"), number)).to_series()


def _capacity(supply: Supply, makers: pl.Series, families: pl.Series) -> Columns:
    """A row a shop and year; modules from the third year."""
    shop = np.repeat(np.arange(len(supply.module)), T)
    late = np.tile(np.arange(T) >= 2, len(supply.module))
    return {
        "maker": makers.gather(supply.shop_maker[shop]), "family": families.gather(supply.shop_family[shop]),
        "year": np.tile(YEARS, len(supply.module)), "hours": supply.room.ravel(), "module_hours": supply.module[shop],
        "module_cost": supply.module_cost[shop], "currency": "EUR",
        "modules_max": np.where(late, supply.modules[shop], 0), "module_lead_years": np.ones(len(shop), dtype=np.int64),
    }  # fmt: skip


def _ventures(supply: Supply, makers: pl.Series) -> dict[str, Columns]:
    """A partner for each maker in a venture."""
    of = np.flatnonzero(supply.in_venture)
    partners = _names("partner", len(of))
    return {
        "partners": {"partner": partners},
        "ventures": {
            "venture": _venture_names(makers).gather(of), "maker": makers.gather(of), "partner": partners,
            "set_up_cost": supply.set_up[of], "currency": "EUR", "royalty_share": np.full(len(of), ROYALTY),
        },
    }  # fmt: skip


def _venture_names(makers: pl.Series) -> pl.Series:
    return makers.str.replace("maker", "venture", literal=True)


def _offers(world: World, supply: Supply, parts: pl.Series, makers: pl.Series) -> Columns:
    venture = _venture_names(makers).gather(supply.maker)
    through = pl.Series(supply.in_venture[supply.maker])
    return {
        "offer": _names("offer", len(supply.part)), "part": parts.gather(supply.part), "maker": makers.gather(supply.maker),
        "venture": pl.select(pl.when(through).then(venture)).to_series(),
        "unit_price": supply.price, "currency": "EUR",
        "annual_max": np.ceil(1.2 * world.need.max(axis=1))[supply.part], "lead_time_months": supply.lead,
        "ramp": "; ".join(f"{r:g}" for r in RAMP), "progress_ratio": np.round(2**-supply.learning, 4),
        "experience_units": np.ceil(EXPERIENCE * world.need[:, 0])[supply.part], "tooling_cost": supply.tooling,
        "tooling_imported_share": np.full(len(supply.part), TOOLING_ABROAD), "imported_input_share": supply.imported,
        "hours_per_unit": supply.hours,
    }  # fmt: skip


def _limits(limits: Limits, makers: pl.Series, launches: Ints, products: pl.Series, used: Ints) -> pl.DataFrame:
    """Investment and foreign currency by year, contracts, content of each product, launches of each maker."""
    years = pl.Series(YEARS).cast(pl.String)
    floors, spent = products.gather(used), np.flatnonzero(limits.investment)
    some = years.gather(spent)
    rows = [
        _rows("investment-" + some, "investment", "at_most", limits.investment[spent], years=some, currency="EUR"),
        _rows("currency-" + years, "foreign_currency", "at_most", limits.foreign_currency, years=years, currency="EUR"),
        _rows(
            pl.Series(["contract-value"]),
            "contract_value",
            "at_least",
            np.array([limits.contract_value]),
            currency="EUR",
        ),
        _rows(
            "content-" + floors, "local_content", "at_least", limits.local_content[used], scope="product", key=floors
        ),
        _rows(
            "launches-" + makers,
            "launches",
            "at_most",
            launches.astype(np.float64),
            scope="maker",
            key=makers,
            per="year",
        ),
    ]
    return pl.concat(rows)


def _rows(
    name: pl.Series, measure: str, sense: str, value: Floats | npt.NDArray[np.float64], *, scope: str = "programme",
    key: pl.Series | None = None, years: pl.Series | None = None, per: str | None = None, currency: str | None = None,
) -> pl.DataFrame:  # fmt: skip
    """Limits that differ in name, key, years and value only."""
    absent = pl.Series([None] * len(name), dtype=pl.String)
    columns = {
        "limit": name,
        "scope_key": absent if key is None else key,
        "years": absent if years is None else years,
        "value": value,
    }
    texts = {"measure": measure, "scope": scope, "per": per, "sense": sense, "currency": currency}
    frame = pl.DataFrame(columns).with_columns(pl.lit(text, dtype=pl.String).alias(c) for c, text in texts.items())
    return frame.select("limit", "measure", "scope", "scope_key", "years", "per", "sense", "value", "currency")
