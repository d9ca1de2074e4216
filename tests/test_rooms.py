"""Imports point downward, and nothing heavy is loaded before it is needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import onshore

ROOT = Path(__file__).parents[1]
HEAVY = {"altair", "highspy", "numpy", "polars", "scipy", "vl_convert"}


def loaded_by(code: str) -> set[str]:
    """Top names of the modules that a fresh interpreter holds after running `code`."""
    program = f"import contextlib, io, json, sys\nwith contextlib.redirect_stdout(io.StringIO()):\n    {code}\nprint(json.dumps([*sys.modules]))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_rooms_import_downward_only():
    """If it fails, a room imports one above or beside it, or one that may not uses solver, charts or terminal."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "code",
    [
        "import onshore",
        "from onshore.cli import main; main(['--help'])",
        "from onshore.cli import main; main(['plan', '--help'])",
        "from onshore.cli import main; main(['--version'])",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_used(code):
    """If it fails, `import onshore` or `--help` is slow, because it loads the solver, the tables or the charts."""
    assert loaded_by(code) & HEAVY == set()


def test_the_front_door_opens_to_every_name():
    """If it fails, a name that `onshore` offers cannot be loaded, or dir() does not show it."""
    for name in onshore.__all__:
        assert getattr(onshore, name) is not None
    assert set(onshore.__all__) <= set(dir(onshore))


def test_the_front_door_refuses_other_names():
    """If it fails, a misspelt name of `onshore` is not answered with an error that says which."""
    with pytest.raises(AttributeError, match="no attribute 'paln'"):
        onshore.paln  # noqa: B018


def test_no_name_of_the_front_door_is_a_room():
    """If it fails, importing a room puts a module in the place of a function of the same name."""
    rooms = {path.name for path in (ROOT / "src/onshore").iterdir() if path.is_dir()}
    assert rooms.isdisjoint(onshore.__all__)
