"""What `run.json` says a folder is, and which versions made it."""

from __future__ import annotations

from importlib.metadata import version

__all__ = ["FRONTIER", "PROGRESS", "WORLDS", "versions"]

PROGRESS, FRONTIER, WORLDS = "progress", "frontier", "uncertainty"
"""The `kind` of a folder of `onshore progress`, `onshore frontier` and `onshore uncertainty`; that of a plan has none."""
VERSIONS_OF = ("onshore", "highspy", "numpy", "polars", "scipy")


def versions() -> dict[str, str]:
    """Of what a run rests on."""
    return {name: version(name) for name in VERSIONS_OF}
