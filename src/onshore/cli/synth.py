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
    as_json: AsJson = False,
) -> None:
    """Write a made-up programme of any size.

    Parts, makers, ventures, offers and machine-hours are drawn from a seed: the same size and seed give the same
    bytes. Limits on investment, foreign currency, contracts, local content and launches bind, and a plan that keeps
    them all exists; the best one saves some 2 to 5 % of importing everything. For trying things out and for
    measuring: nothing in it is about a real industry, and every row says so.

    Example: onshore synth --parts 3000 --seed 7 big
    """
    from onshore.demo.synth import write

    drawn = write(parts, seed, folder)
    rows = {name: frame.height for name, frame in drawn.tables.items()}
    text = f"Written: {folder}\nRows: {', '.join(f'{name} {count}' for name, count in rows.items())}"
    show.result({"ok": True, "written": str(folder), "seed": seed, "rows": rows}, text, as_json=as_json)
