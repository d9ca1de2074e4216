"""Programmes that ship with the package, each a folder of CSV: `names` lists them, `folder` says where one is."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path

from onshore.errors import WrongUse

__all__ = ["folder", "names"]


def names() -> list[str]:
    """The demonstrations, in alphabetical order."""
    return sorted(f.name for f in _home().iterdir() if (f / "programme.toml").is_file())


def folder(name: str) -> Path:
    """The folder of a demonstration, to be read and never written to.

    Raises `WrongUse` where there is none of that name.
    """
    known = names()
    if name not in known:
        near = get_close_matches(str(name), known, n=1)
        hint = f" Nearest: `{near[0]}`." if near else ""
        raise WrongUse(f"There is no demonstration `{name}`; there is {', '.join(f'`{n}`' for n in known)}.{hint}")
    return _home() / name


def _home() -> Path:
    return Path(str(files(__name__)))
