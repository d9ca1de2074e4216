"""The measures of a plan by name: what each counts, its unit, and over what it can be limited.

`sourcing/measures.py` computes them; a programme adds its own through the table `uses`.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MEASURES", "Measure"]

PART_SCOPES = ("programme", "sector", "subproject", "part", "product", "family")
MAKER_SCOPES = ("maker", "owner_group", "region", "venture", "partner")


@dataclass(frozen=True)
class Measure:
    """One measure. `flow` is the rate market that converts it when it is money, and None when it is not.

    A ratio is bounded as numerator <= theta x denominator, so it stays linear; it has no yearly total of its own. `better` is
    what everybody wants of it, least or most; it is empty where that depends on who asks.
    """

    name: str
    unit: str
    meaning: str
    flow: str | None = None
    ratio: bool = False
    scopes: tuple[str, ...] = PART_SCOPES + MAKER_SCOPES
    better: str = ""


_MONEY = "the programme's currency, undiscounted"

MEASURES: dict[str, Measure] = {
    m.name: m
    for m in (
        Measure("cost", _MONEY, "the cost of the programme's perspective", "purchases", better="least"),
        Measure("buyer_cost", _MONEY, "imports with duty, home purchases, tooling the buyer pays, modules and set-up", "purchases", better="least"),
        Measure("programme_cost", _MONEY, "buyer cost less duty, plus public money, plus the shadow premium on foreign currency", "purchases", better="least"),
        Measure("foreign_currency", _MONEY, "landed imports, imported inputs, royalties and imported tooling", "imports", better="least"),
        Measure("tooling", _MONEY, "moulds, dies and fixtures, whoever pays", "investment", better="least"),
        Measure("investment", _MONEY, "tooling, modules and the set-up of ventures", "investment", better="least"),
        Measure("public_money", _MONEY, "grants, and tooling that the state pays", "investment", better="least"),
        Measure("contract_value", _MONEY, "committed quantity times price over the whole term, in the year of signing", "purchases"),
        Measure("home_purchases", _MONEY, "what makers at home are paid for parts", "purchases"),
        Measure("imports_displaced", _MONEY, "landed value of the imports that home parts replace, imported inputs not taken off", "imports", better="most"),
        Measure("imports_displaced_net", _MONEY, "the same, less imported inputs, royalties and imported tooling", "imports", better="most"),
        Measure("duty", _MONEY, "customs duty on what stays imported", "imports", scopes=PART_SCOPES),
        Measure("local_value", _MONEY, "home purchases less imported inputs and royalties", "purchases", better="most"),
        Measure("units_home", "units", "units made at home", better="most"),
        Measure("units_imported", "units", "units that stay imported", scopes=PART_SCOPES, better="least"),
        Measure("machine_hours", "hours", "machine-hours taken at makers"),
        Measure("defects", "units", "defective units expected, imported ones too; only parts and offers with defects_ppm", better="least"),
        Measure("launches", "launches", "awards that start in the year"),
        Measure("local_content", "share", "local value over the value of the parts, other content of the products included", ratio=True, scopes=("programme", "product"), better="most"),
        Measure("maker_share", "share", "home purchases from it over all home purchases", ratio=True, scopes=MAKER_SCOPES),
        Measure("defects_ppm", "parts per million", "defective units in a million, over parts with defects_ppm", ratio=True, scopes=PART_SCOPES, better="least"),
    )
}  # fmt: skip
