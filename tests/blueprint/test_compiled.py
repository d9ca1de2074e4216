"""If these fail, kernels are not compiled, or a user without a writable home cannot import them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import onshore

KERNEL = """
from onshore.blueprint.compiled import compiled

@compiled
def total(values):
    s = 0.0
    for v in values:
        s += v
    return s
"""


def test_a_kernel_runs_where_nothing_can_be_written(tmp_path: Path) -> None:
    """The sum is right although neither the folder of the source nor the home can hold a cache."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "kernel.py").write_text(KERNEL)
    env = {k: v for k, v in os.environ.items() if k not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    nowhere = "/dev/null/nowhere"
    env |= {"PYTHONPATH": os.pathsep.join([str(code), str(Path(onshore.__file__).parents[1])]), "HOME": nowhere}
    # a file where Numba would make the folder of its cache: root may write anywhere, so permissions alone prove nothing
    (code / "__pycache__").write_text("")
    asked = "import numpy as np, kernel; print(kernel.total(np.arange(5.0)), kernel.total.signatures)"
    ran = subprocess.run([sys.executable, "-B", "-c", asked], env=env, capture_output=True, text=True, check=False)
    shutil.rmtree(code)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("10.0 [")
