"""Every benchmark in turn: `python benchmarks/run.py`. Some fifteen minutes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from instances import data_folder

SCRIPTS = ("instances.py", "peers.py", "read_offers.py", "odds.py", "blp.py", "effects.py", "track.py")

if __name__ == "__main__":
    for script in SCRIPTS:
        print(f"\n== {script}", flush=True)
        if script == "instances.py" and not (data_folder() / "benchmarks").is_dir():
            print("left out: set ONSHORE_DATA to the folder that holds `benchmarks/`")
            continue
        subprocess.run([sys.executable, Path(__file__).with_name(script)], check=True)
