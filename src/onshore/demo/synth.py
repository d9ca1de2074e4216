"""Made-up programmes of any size from a seed, whose limits bind and which have a plan.

    onshore synth --parts 3000 --seed 1 mine

Everything comes from one generator, table by table, so the same size and seed give the same bytes. The right-hand
sides of the limits come from a hidden plan (`synth_hidden.py`), and home prices are set so that the best plan saves
some 2 to 5 % of importing everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from onshore.blueprint import settings_file
from onshore.demo.synth_hidden import hidden_plan
from onshore.demo.synth_tables import hidden_tables, tables_of
from onshore.demo.synth_world import SETTINGS, supply_of, world_of
from onshore.errors import InputError, WrongUse
from onshore.tables.write import claim, write_folder

__all__ = ["FEWEST", "MOST", "Drawn", "draw", "write"]

FEWEST, MOST = 20, 1_000_000


@dataclass(frozen=True)
class Drawn:
    """A programme: its settings under dotted names, and its tables.

    `hidden` is a plan that keeps every limit, not a good one: `awards` (offer, start_year; the whole need each),
    `ventures` that are open, `modules` (maker, family, modules, year: in service from it).
    """

    settings: dict[str, object]
    tables: dict[str, pl.DataFrame]
    hidden: dict[str, pl.DataFrame]


def draw(parts: int, seed: int) -> Drawn:
    """A programme of so many parts. Raises `WrongUse` outside 20 to a million parts, or for a negative seed."""
    if not FEWEST <= parts <= MOST:
        raise WrongUse(f"A programme is made with {FEWEST} to {MOST:,} parts, not {parts:,}.")
    if seed < 0:
        raise WrongUse(f"A seed is 0 or more, not {seed}.")
    rng = np.random.default_rng(seed)
    world = world_of(rng, parts)
    supply = supply_of(rng, world)
    supply, limits, hidden = hidden_plan(rng, world, supply)
    settings = {"name": f"Made up: {parts} parts, seed {seed}", **SETTINGS}
    tables = tables_of(world, supply, limits, f"drawn from seed {seed}")
    return Drawn(settings, tables, hidden_tables(hidden, supply, tables["offers"]["offer"]))


def write(parts: int, seed: int, folder: Path) -> Drawn:
    """The programme as a folder of CSV; the same size and seed give the same bytes.

    Raises `WrongUse` where the folder is not empty.
    """
    claim(folder)  # before the work, not after it
    drawn = draw(parts, seed)
    settings, faults = settings_file.checked(drawn.settings)
    if settings is None:
        raise InputError(faults)
    write_folder(folder, drawn.tables, {"programme.toml": settings_file.as_toml(settings)})
    return drawn
