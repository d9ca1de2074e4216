"""Where other people's data is; tests that need it say so when they skip."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of `$ONSHORE_DATA`, else `shared/data` beside the checkout."""
    folder = Path(os.environ.get("ONSHORE_DATA", Path(__file__).resolve().parents[3] / "shared" / "data"))
    if not (folder / "prices").is_dir():
        pytest.skip("no reference data here: set ONSHORE_DATA to the folder that holds `prices/`")
    return folder
