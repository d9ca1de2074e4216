"""Other people's problems, each turned into a programme and planned through the public door.

    python benchmarks/instances.py [--data DIR]

DIR holds `benchmarks/` with `sscflp` (Holmberg), `cflp` (OR-Library) and `mmkp` (Khan). It is `$ONSHORE_DATA` when
not given, else `shared/data` beside the checkout. Every instance is solved to a gap of 0 in a process of its own. Where nobody
has proved an optimum, the best known is to be met within `NEAR` in `SECONDS`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from alone import Figures, alone, answer, peak_megabytes, timed

import onshore as on

__all__ = ["INSTANCES", "Instance", "data_folder", "holmberg", "khan", "or_library"]

YEAR = 2027
FAMILY = "service"
NEAR, SECONDS = 1e-3, 60.0


def holmberg(text: str) -> on.Programme:
    """Single-source facility location: `I J`, I capacities, I fixed costs, J demands, J rows of I costs of serving.

    Holmberg, Rönnqvist, Yuan (1999), European Journal of Operational Research 113, 544-559.
    """
    words = iter(text.split())
    facilities, customers = _sizes(words, 2)
    capacity, fixed, demand = (_take(words, n) for n in (facilities, facilities, customers))
    return _facility_location(capacity, fixed, demand, [_take(words, facilities) for _ in range(customers)])


def or_library(text: str, divisible: bool = False) -> on.Programme:
    """Facility location: `I J`, I times capacity and fixed cost, J times a demand and I costs of serving it whole.

    Beasley (1988), European Journal of Operational Research 33, 314-325. `divisible` lets a demand be split.
    """
    words = iter(text.split())
    facilities, customers = _sizes(words, 2)
    sites = [_take(words, 2) for _ in range(facilities)]
    served = [_take(words, 1 + facilities) for _ in range(customers)]
    capacity, fixed = (list(column) for column in zip(*sites, strict=True))
    return _facility_location(capacity, fixed, [row[0] for row in served], [row[1:] for row in served], divisible)


def khan(text: str) -> on.Programme:
    """Multiple-choice multidimensional knapsack: `n l m`, m capacities, n times a number and l rows `value r1..rm`.

    Khan, Li, Manning, Akbar (2002), Studia Informatica Universalis 2, 157-178. What stands after the last group is not read.
    """
    words = iter(text.split())
    groups, items, resources = _sizes(words, 3)
    capacity = _take(words, resources)
    named = ["value", *(f"resource-{r}" for r in range(resources))]
    parts, offers, uses = [], [], []
    for _ in range(groups):
        part = f"group-{_sizes(words, 1)[0]:03d}"
        parts.append(_part(part))
        for i in range(items):
            offer = f"{part}-item-{i:02d}"
            offers.append(_offer(offer, part, "maker", 0))
            amounts = zip(named, _take(words, len(named)), strict=True)
            uses += [{"offer": offer, "measure": measure, "amount": amount} for measure, amount in amounts]
    limits = [
        {"limit": measure, "measure": measure, "sense": "at_most", "value": most}
        for measure, most in zip(named[1:], capacity, strict=True)
    ]
    tables = {"makers": [{"maker": "maker"}], "parts": parts, "offers": offers, "uses": uses, "limits": limits}
    return _programme("multiple-choice knapsack", tables, objective="value", objective_sense="most")


def _facility_location(
    capacity: list[float], fixed: list[float], demand: list[float], costs: list[list[float]], divisible: bool = False
) -> on.Programme:
    """A facility is a maker without machines that may buy one module; a customer is a part that takes its hours.

    `costs` has a row a customer and a column a facility.
    """
    makers = [f"facility-{i:02d}" for i in range(len(capacity))]
    parts = [f"customer-{j:03d}" for j in range(len(demand))]
    modules = [
        {
            "maker": maker, "family": FAMILY, "year": YEAR, "hours": 0, "module_hours": hours, "module_cost": cost,
            "currency": "EUR", "modules_max": 1,
        }
        for maker, hours, cost in zip(makers, capacity, fixed, strict=True)
    ]  # fmt: skip
    offers = [
        {**_offer(f"{part}-{maker}", part, maker, cost), "hours_per_unit": hours}
        for part, hours, row in zip(parts, demand, costs, strict=True)
        for maker, cost in zip(makers, row, strict=True)
    ]
    tables = {
        "makers": [{"maker": maker} for maker in makers],
        "parts": [{**_part(part), "family": FAMILY, "divisible": divisible} for part in parts],
        "capacity": modules,
        "offers": offers,
    }
    return _programme("facility location", tables)


def _part(part: str) -> dict[str, object]:
    return {"part": part, "import_price": 0, "currency": "EUR", "importable": False}


def _offer(offer: str, part: str, maker: str, price: float) -> dict[str, object]:
    return {
        "offer": offer, "part": part, "maker": maker, "unit_price": price, "currency": "EUR", "annual_max": 1,
        "lead_time_months": 0, "tooling_cost": 0,
    }  # fmt: skip


def _programme(name: str, tables: dict[str, list[dict[str, object]]], **settings: object) -> on.Programme:
    """One year, no discounting, one unit of each part."""
    tables["needs"] = [{"part": row["part"], "year": YEAR, "market": "oem", "units": 1} for row in tables["parts"]]
    common = {"schema_version": 1, "name": name, "currency": "EUR", "calendar": "gregorian", "discount_rate": 0}
    return on.build({**common, "first_year": YEAR, "last_year": YEAR, **settings}, tables)


def _take(words: Iterator[str], count: int) -> list[float]:
    return [float(next(words)) for _ in range(count)]


def _sizes(words: Iterator[str], count: int) -> list[int]:
    return [int(next(words)) for _ in range(count)]


@dataclass(frozen=True)
class Instance:
    """A file, the feature that it exercises, its optimum, and the reader that makes a programme of it.

    `optimum` is proved, or, where it is not `proved`, the best that anyone is known to have found.
    """

    name: str
    file: str
    exercises: str
    optimum: float
    programme: Callable[[str], on.Programme]
    proved: bool = True

    def plan(self, data: Path) -> on.Plan:
        """Its plan with a gap of 0, as far as that comes in `SECONDS` where no optimum is proved."""
        text = (data / "benchmarks" / self.file).read_text()
        return on.plan(self.programme(text), gap=0.0, time_limit=None if self.proved else SECONDS)

    def met(self, objective: float) -> bool:
        """Whether a plan is as good as it has to be."""
        return abs(objective - self.optimum) <= (1e-6 if self.proved else NEAR) * self.optimum


MODULES = "machine-hours, one module at most, single sourcing"
USES = "measures of `uses` as limits and as the objective"
HOLMBERG = {"p1": 8848, "p2": 7913, "p3": 9314, "p4": 10714, "p5": 8838, "p6": 7777}

INSTANCES: dict[str, Instance] = {
    i.name: i
    for i in (
        *(Instance(f"Holmberg {p}", f"sscflp/{p}", MODULES, optimum, holmberg) for p, optimum in HOLMBERG.items()),
        Instance("OR-Library cap61", "cflp/cap61.txt", MODULES, 932615.75, or_library),
        Instance("OR-Library cap101", "cflp/cap101.txt", MODULES, 796648.4375, or_library),
        Instance(
            "OR-Library cap41",
            "cflp/cap41.txt",
            "the same with divisible parts",
            1040444.375,
            partial(or_library, divisible=True),
        ),
        Instance("Khan I01", "mmkp/I01.txt", USES, 173, khan),
        Instance("Khan I02", "mmkp/I02.txt", USES, 364, khan),
        Instance("Khan I03", "mmkp/I03.txt", USES, 1602, khan),
        Instance("Khan I07", "mmkp/I07.txt", USES, 24587, khan, proved=False),  # nothing above 24,607 exists
    )
}


def data_folder() -> Path:
    """`$ONSHORE_DATA`, else `shared/data` beside the checkout."""
    return Path(os.environ.get("ONSHORE_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data")


def job(name: str, data: str) -> None:
    instance, figures = INSTANCES[name], Figures()
    with timed(figures, "seconds"):
        plan = instance.plan(Path(data))
    answer({**figures, "value": plan.objective, "gap": plan.gaps.of_cost or 0.0, "megabytes": peak_megabytes()})


def main() -> None:
    parser = argparse.ArgumentParser(description="Other people's problems, planned through the public door.")
    parser.add_argument("--data", type=Path, default=data_folder())
    data = parser.parse_args().data
    print(f"{'instance':18}{'known optimum':>15}{'ours':>15}{'gap':>8}{'CPU s':>8}{'MB':>6}  exercises")
    wrong = []
    for name, i in INSTANCES.items():
        f = alone(__file__, name, data)
        print(
            f"{name:18}{i.optimum:15,.3f}{f['value']:15,.3f}{f['gap']:8.2%}{f['seconds']:8.2f}{f['megabytes']:6.0f}  {i.exercises}"
        )
        if not i.met(f["value"]):
            wrong.append(name)
    if wrong:
        raise SystemExit(f"not as good as is known: {', '.join(wrong)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--job"]:
        job(*sys.argv[2:])
    else:
        main()
