"""The command that makes programmes up: synth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onshore.cli import show
from onshore.cli.tables import AsJson

__all__ = ["synth"]


def synth(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What to write. It must not exist yet.")],
    parts: Annotated[int, typer.Option("--parts", metavar="N", help="How many parts, from 20 to a million.")] = 300,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="What it is drawn from; 0 or more.")] = 1,
    fixed_costs: Annotated[
        float,
        typer.Option(
            "--fixed-costs", metavar="X", help="Ventures' set-up and modules cost so many times what they would."
        ),
    ] = 1.0,
    tight: Annotated[
        bool, typer.Option("--tight", help="Makers have 0.77 of their machine-hours, and no modules to add.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a made-up programme of any size.

    Parts, makers, ventures, offers and machine-hours are drawn from a seed: the same options give the same
    bytes. Limits on investment, foreign currency, contracts, local content and launches bind, and a plan that keeps
    them all exists; the best one saves some 2 to 5 % of importing everything. For trying things out and for
    measuring: nothing in it is about a real industry, and every row says so.

    `--fixed-costs` and `--tight` make programmes that are harder to plan. They too have a plan that keeps every limit;
    with dearer fixed costs plans save less, or nothing.

    Example: onshore synth --parts 3000 --seed 7 big
    """
    from onshore.demo.synth import write

    drawn = write(parts, seed, folder, fixed_costs=fixed_costs, tight=tight)
    rows = {name: frame.height for name, frame in drawn.tables.items()}
    text = f"Written: {folder}\nRows: {', '.join(f'{name} {count}' for name, count in rows.items())}"
    show.result({"ok": True, "written": str(folder), "seed": seed, "rows": rows}, text, as_json=as_json)
