"""Other people's data: where it is, and what is skipped without it. The scripts that read it are in benchmarks/."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of `$ONSHORE_DATA`, else `shared/data` beside the checkout."""
    from instances import data_folder

    folder = data_folder()
    if not (folder / "benchmarks").is_dir():
        pytest.skip("no reference data here: set ONSHORE_DATA to the folder that holds `benchmarks/`")
    return folder
