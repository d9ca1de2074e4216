"""Made-up programmes of any size from a seed, whose limits bind and which have a plan.

    onshore synth --parts 3000 --seed 1 mine
    onshore synth --parts 300 --fixed-costs 5 --tight hard

Everything comes from one generator, table by table, so the same size and seed give the same bytes. The right-hand
sides of the limits come from a hidden plan (`synth_hidden.py`), and home prices are set so that the best plan saves
some 2 to 5 % of importing everything.

Harder ones differ from the programme of the same size and seed in what is asked for, and in the limits, which a hidden plan
of their own keeps. Dearer ventures and modules leave home prices as they are, so plans save less or nothing. Tighter
machines set home prices anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from pathlib import Path

import numpy as np
import polars as pl

from onshore.blueprint import settings_file
from onshore.demo.synth_hidden import hidden_plan
from onshore.demo.synth_tables import hidden_tables, tables_of
from onshore.demo.synth_world import SETTINGS, supply_of, tightened, world_of
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


def draw(parts: int, seed: int, *, fixed_costs: float = 1.0, tight: bool = False) -> Drawn:
    """A programme of so many parts; `fixed_costs` times what ventures and modules cost, `tight` machines (`tightened`).

    Raises `WrongUse` outside 20 to a million parts, for a negative seed, or for fixed costs that are negative or endless.
    """
    if not FEWEST <= parts <= MOST:
        raise WrongUse(f"A programme is made with {FEWEST} to {MOST:,} parts, not {parts:,}.")
    if seed < 0:
        raise WrongUse(f"A seed is 0 or more, not {seed}.")
    if not 0 <= fixed_costs < inf:
        raise WrongUse(f"Fixed costs are multiplied by 0 or more, not by {fixed_costs:g}.")
    rng = np.random.default_rng(seed)
    world = world_of(rng, parts)
    supply = supply_of(rng, world)
    if tight:
        supply = tightened(supply)
    supply, limits, hidden = hidden_plan(rng, world, supply, fixed_costs)
    harder = (f", fixed costs x {fixed_costs:g}" if fixed_costs != 1 else "") + (", tight machines" if tight else "")
    settings = {"name": f"Made up: {parts} parts, seed {seed}{harder}", **SETTINGS}
    tables = tables_of(world, supply, limits, f"drawn from seed {seed}{harder}")
    return Drawn(settings, tables, hidden_tables(hidden, supply, tables["offers"]["offer"]))


def write(parts: int, seed: int, folder: Path, *, fixed_costs: float = 1.0, tight: bool = False) -> Drawn:
    """The programme of `draw` as a folder of CSV; the same arguments give the same bytes.

    Raises `WrongUse` where the folder is not empty.
    """
    claim(folder)  # before the work, not after it
    drawn = draw(parts, seed, fixed_costs=fixed_costs, tight=tight)
    settings, faults = settings_file.checked(drawn.settings)
    if settings is None:
        raise InputError(faults)
    write_folder(folder, drawn.tables, {"programme.toml": settings_file.as_toml(settings)})
    return drawn
