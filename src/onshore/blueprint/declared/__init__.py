"""Every input table, declared once. From here come the reader, the checker, the reference page and the template."""

from onshore.blueprint.declared import control, demand, market, record, supply
from onshore.blueprint.declared.measured import ALONE
from onshore.tables.declare import Table

TABLES: dict[str, Table] = {
    t.name: t for t in (*demand.TABLES, *supply.TABLES, *control.TABLES, *record.TABLES, *market.TABLES)
}

__all__ = ["ALONE", "TABLES"]
