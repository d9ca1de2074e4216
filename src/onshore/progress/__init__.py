"""Progress: what was signed, started and realised, from the public record.

    contract_economics   what each contract pays for a unit of foreign currency saved a year, and its payback
    declared             the result tables of this room

Nothing here adds one contract to another, and nothing adds a promise to what was realised.
"""

from onshore.progress.economics import contract_economics

__all__ = ["contract_economics"]
