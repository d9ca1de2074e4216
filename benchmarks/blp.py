"""Prices of the car market after a change of cost, beside pyblp: time, and how far from the equilibrium each ends.

    python benchmarks/blp.py

The automobiles that pyblp ships (2,217 models in 20 markets, 200 consumers each) at the estimates of Berry, Levinsohn
and Pakes (1995), table IV; the marginal cost of every model from the US falls by 5 %. One thread, every job in a process
of its own, all in one run; processor seconds, medians. The yardstick is pyblp at a tolerance where its prices no longer
move, which takes a minute.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from alone import Figures, alone, answer

__all__ = ["automobiles", "regions"]

SIGMA = {"constant": 3.612, "hpwt": 4.628, "air": 1.818, "mpd": 1.050, "space": 2.056}
ALPHA = -43.501
CUT = 0.95
TIMES = 5
TIGHT = "1e-18"
ATOLS = ("default", "1e-16", TIGHT)
"""What `compute_prices` is told; its default is 1e-12, a norm scaled by the first-order condition and not by a price."""


def automobiles() -> tuple[Any, Any, Any]:
    """Tables `products`, `agents` and `tastes` of the automobiles, from the files of an installed pyblp."""
    import polars as pl

    products, agents = (pl.read_csv(_folder() / f"blp_{name}.csv") for name in ("products", "agents"))
    nodes = [f"nodes{n}" for n in range(len(SIGMA))]
    return (
        products.select(
            *SIGMA.keys() - {"constant"}, market="market_ids", product="car_ids", firm="firm_ids", price="prices", share="shares"
        ),
        agents.select(
            *nodes, market="market_ids", agent=pl.int_range(pl.len()).over("market_ids"), weight="weights", per_income=1 / pl.col("income")
        ),
        pl.DataFrame(
            {"characteristic": [*SIGMA, "price"], "draw": [*nodes, "per_income"], "coefficient": [*SIGMA.values(), ALPHA]}
        ),
    )  # fmt: skip


def regions() -> Any:
    """Where each model of `automobiles` is from: US, EU or JP."""
    import polars as pl

    return pl.read_csv(_folder() / "blp_products.csv")["region"]


def _folder() -> Path:
    found = find_spec("pyblp")
    if found is None or found.origin is None:
        raise SystemExit("pyblp is not here: make .venv/bench")
    return Path(found.origin).parent / "data"


def _seconds(work: Callable[[], object], times: int = TIMES) -> float:
    """Median of processor seconds; the first call, which may compile, is not counted."""
    if times > 1:
        work()
    taken = []
    for _ in range(times):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return median(taken)


def ours(folder: str) -> Figures:
    """Calibration from tables; prices as arrays, which is what pyblp does; and the whole answer as tables."""
    import numpy as np
    import polars as pl

    from onshore.prices.cars import calibrate_cars, car_prices
    from onshore.prices.cars.equilibrium import equilibrium

    tables = automobiles()
    figures = Figures(calibrate=_seconds(lambda: calibrate_cars(*tables)))
    markets = calibrate_cars(*tables)
    factor = np.where(regions().to_numpy() == "US", CUT, 1.0)
    changes = markets.products.select("market", "product", cost=pl.col("cost") * pl.Series(factor))
    after = []
    for market in markets.markets:
        cost = changes.filter(pl.col("market") == market.name)["cost"].to_numpy()
        after.append(market.changed(cost, market.kept, market.firm))

    def prices() -> list[Any]:
        return [equilibrium(market, market.price) for market in after]

    figures["prices"] = _seconds(prices, 3 * TIMES)
    figures["tables"] = _seconds(lambda: car_prices(markets, changes, look_for_deviations=False))
    figures["searched"] = _seconds(lambda: car_prices(markets, changes))
    np.save(Path(folder) / "ours.npy", np.concatenate([found.price for found in prices()]))
    return figures


def theirs(folder: str, *atols: str) -> Figures:
    """pyblp at each tolerance asked for."""
    import numpy as np
    import pyblp

    pyblp.options.verbose = False
    problem, sigma, pi = _problem(pyblp)
    figures = Figures()
    options = {
        "method": "1s", "optimization": pyblp.Optimization("return"), "finite_differences": False,
        "iteration": pyblp.Iteration("squarem", {"atol": 1e-14}),
    }  # fmt: skip
    results = problem.solve(sigma, pi, **options)
    figures["costs"] = _seconds(results.compute_costs)
    costs = results.compute_costs()
    costs[regions().to_numpy() == "US"] *= CUT
    for atol in atols:
        how = (
            {}
            if atol == "default"
            else {"iteration": pyblp.Iteration("simple", {"atol": float(atol), "max_evaluations": 5000})}
        )
        kept: list[Any] = []
        figures[f"prices {atol}"] = _seconds(
            lambda how=how, kept=kept: kept.append(results.compute_prices(costs=costs, **how)),
            1 if atol == TIGHT else TIMES,
        )  # type: ignore[misc]
        np.save(Path(folder) / f"{atol}.npy", np.asarray(kept[-1], dtype=float)[:, 0])
    return figures


def _problem(pyblp: Any) -> tuple[Any, Any, Any]:
    import numpy as np
    import polars as pl

    products, agents = (
        {c: frame[c].to_numpy() for c in frame.columns}
        for frame in (pl.read_csv(_folder() / f"blp_{name}.csv") for name in ("products", "agents"))
    )
    linear = pyblp.Formulation("1 + hpwt + air + mpd + space")
    random = pyblp.Formulation("1 + prices + hpwt + air + mpd + space")
    problem = pyblp.Problem((linear, random), products, pyblp.Formulation("0 + I(1 / income)"), agents)
    values = list(SIGMA.values())
    pi = np.zeros((6, 1))
    pi[1] = ALPHA
    return problem, np.diag([values[0], 0.0, *values[1:]]), pi


def main() -> None:
    import numpy as np

    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
    versions = ", ".join(f"{name} {version(name)}" for name in ("onshore", "pyblp", "numpy", "numba"))
    print(f"{versions}, Python {sys.version.split()[0]}; one thread\n")
    with tempfile.TemporaryDirectory() as folder:
        own = alone(__file__, "ours", folder)
        peer = alone(__file__, "theirs", folder, *ATOLS)
        truth = np.load(Path(folder) / f"{TIGHT}.npy")
        off = {n: float(np.abs(np.load(Path(folder) / f"{n}.npy") / truth - 1).max()) for n in ("ours", *ATOLS[:-1])}
    print("| prices after the cut | CPU s | ratio | farthest price, relative |\n|---|---|---|---|")
    print(f"| onshore | {own['prices']:.3f} | 1 | {off['ours']:.1e} |")
    for atol in ATOLS:
        label = "yardstick" if atol == TIGHT else f"{off[atol]:.1e}"
        seconds = peer[f"prices {atol}"]
        print(
            f"| pyblp, {atol if atol == 'default' else f'atol {atol}'} | {seconds:.3f} | {seconds / own['prices']:.0f} | {label} |"
        )
    print("\n| besides | CPU s |\n|---|---|")
    print(f"| onshore: shares inverted and costs found, from tables | {own['calibrate']:.3f} |")
    print(f"| onshore: prices, surplus, profits as tables | {own['tables']:.3f} |")
    print(f"| the same, every model's price tried for a better one | {own['searched']:.3f} |")
    print(f"| pyblp: costs | {peer['costs']:.3f} |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        answer({"ours": ours, "theirs": theirs}[sys.argv[2]](*sys.argv[3:]))
    else:
        main()
