"""Made-up programmes: the same bytes from a seed, no faults, and a plan that keeps every limit."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import onshore as on
from onshore.blueprint.settings_file import checked
from onshore.cli import main
from onshore.demo import synth
from onshore.errors import WrongUse
from onshore.sourcing.limits import bounds_of
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import model_of
from onshore.sourcing.options import options_of
from onshore.sourcing.problem import problem_of
from onshore.sourcing.solver import solve


def content(folder: Path) -> dict[str, bytes]:
    return {f.name: f.read_bytes() for f in folder.iterdir()}


def test_a_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Fails if a benchmark could not be run again elsewhere: something drawn hangs on more than size and seed."""
    for name, seed in (("one", 5), ("again", 5), ("other", 6)):
        synth.write(60, seed, tmp_path / name)
    assert content(tmp_path / "one") == content(tmp_path / "again")
    assert content(tmp_path / "one")["offers.csv"] != content(tmp_path / "other")["offers.csv"]


@pytest.mark.parametrize(("parts", "seed"), [(20, 0), (300, 1), (2000, 2)])
def test_the_check_finds_nothing(tmp_path: Path, parts: int, seed: int) -> None:
    """Fails if what `synth` writes is not a programme, or would greet people with warnings."""
    synth.write(parts, seed, tmp_path / "made")
    found = on.check(tmp_path / "made")
    assert [str(f) for f in found.findings] == []
    assert found.programme is not None
    assert found.programme["parts"].height == parts


def test_what_is_read_is_what_was_drawn(tmp_path: Path) -> None:
    """Fails if writing loses digits: then the hidden plan might not keep the limits of the folder."""
    drawn = synth.write(200, 3, tmp_path / "made")
    read = on.read(tmp_path / "made")
    for table, column in (
        ("offers", "unit_price"),
        ("offers", "hours_per_unit"),
        ("parts", "import_price"),
        ("limits", "value"),
    ):
        assert read[table][column].cast(pl.Float64).to_list() == drawn.tables[table][column].to_list()


def test_every_row_says_that_it_was_drawn() -> None:
    """Fails if a made-up figure could pass for a real one."""
    for name, frame in synth.draw(50, 9).tables.items():
        assert frame["x_assumption"].unique().to_list() == ["drawn from seed 9"], name
        assert frame["source"].null_count() == frame.height, name


def test_the_distributions_are_those_of_the_planner() -> None:
    """Fails if a change makes programmes of another kind, so that measurements no longer compare."""
    tables = synth.draw(20_000, 4).tables
    per_part = tables["offers"].group_by("part").len()["len"]
    assert (per_part.min(), per_part.max()) == (3, 8)
    assert per_part.mean() == pytest.approx(5.5, abs=0.1)
    assert tables["makers"].height == 20_000 // 25
    assert tables["ventures"].height / tables["makers"].height == pytest.approx(0.15, abs=0.01)
    assert not tables["offers"].select("part", "maker").is_duplicated().any()
    lines = tables["bom"].group_by("part").len()["len"]
    assert (lines.min(), lines.max()) == (2, 12)
    assert not tables["bom"].select("part", "product").is_duplicated().any()
    assert {
        f"{r:.2f}"
        for r in tables["offers"]["progress_ratio"]
        .describe()
        .filter(pl.col("statistic").is_in(["min", "max"]))["value"]
    } == {"0.86", "0.98"}


class Table:
    """A programme as the planner's rows, and the hidden plan as a point of them."""

    def __init__(self, drawn: synth.Drawn):
        self.drawn = drawn
        self.problem = problem_of(on.build(drawn.settings, drawn.tables))
        self.options = options_of(self.problem)
        measures = Measures(self.problem, self.options)
        self.model = model_of(self.problem, self.options, measures, bounds_of(self.problem, measures))
        self.imported = float(self.model.cost[self.options.first_of_part[:-1]].sum())

    def hidden(self) -> np.ndarray:
        problem, options, model, point = self.problem, self.options, self.model, np.zeros(len(self.model.cost))
        year = dict(self.drawn.hidden["awards"].iter_rows())
        point[options.first_of_part[:-1]] = 1.0
        for k in np.flatnonzero(np.diff(options.first_of_option) == 1):
            leg = options.first_of_option[k]
            starts = self.problem.settings.first_year + int(options.legs.start[leg]) // 12
            offer = problem.offers.labels[options.legs.offer[leg]]
            if options.legs.share[leg] == 1.0 and year.get(offer) == starts:
                point[k], point[options.first_of_part[options.part[k]]] = 1.0, 0.0
                del year[offer]
        assert not year  # every award was found among the options
        for venture in self.drawn.hidden["ventures"]["venture"]:
            point[model.ventures.start + problem.ventures.labels.index(venture)] = 1.0
        shops = {
            (problem.makers[m], f): s
            for s, (m, f) in enumerate(zip(problem.shops.maker, problem.shops.family, strict=True))
        }
        modules = np.zeros(problem.shops.hours.shape)
        for maker, family, count, from_year in self.drawn.hidden["modules"].iter_rows():
            modules[shops[maker, family], from_year - problem.settings.first_year] = count
        point[model.modules] = modules.ravel()
        return point


def keeps_every_row(table: Table) -> bool:
    activity, slack = table.model.matrix @ table.hidden(), 1e-9
    high, low = table.model.high, table.model.low
    return bool((activity <= high + slack * np.abs(high)).all() and (activity >= low - slack * np.abs(low)).all())


@pytest.mark.parametrize(("parts", "seed"), [(20, 1), (100, 1), (300, 2)])
def test_the_hidden_plan_keeps_every_row_of_the_planner(parts: int, seed: int) -> None:
    """Fails if the generator's accounts drift from the planner's: then a programme might have no plan at all."""
    table = Table(synth.draw(parts, seed))
    point = table.hidden()
    assert keeps_every_row(table)
    # prices were set so that it costs 1.4 % more than importing everything, by the planner's accounts too
    assert float(table.model.cost @ point) / table.imported == pytest.approx(1.014, abs=1e-4)


@pytest.mark.parametrize(("fixed_costs", "tight"), [(5.0, False), (20.0, False), (1.0, True), (5.0, True)])
def test_a_harder_programme_has_a_plan_too(fixed_costs: float, tight: bool) -> None:
    """Fails if what makes a programme hard makes it impossible."""
    assert keeps_every_row(Table(synth.draw(60, 3, fixed_costs=fixed_costs, tight=tight)))


def test_what_makes_a_programme_hard() -> None:
    """Fails if a knob turns something else than what it names, so that two programmes could not be told apart by it."""
    plain, dear, tight = (synth.draw(60, 3, **knobs).tables for knobs in ({}, {"fixed_costs": 5.0}, {"tight": True}))
    for table, column in (("ventures", "set_up_cost"), ("capacity", "module_cost")):
        assert (dear[table][column] == 5 * plain[table][column]).all()
    drawn = ("parts", "products", "bom", "volumes", "makers", "offers")
    assert all(dear[t].drop("x_assumption").equals(plain[t].drop("x_assumption")) for t in drawn)
    assert (tight["capacity"]["hours"] - 0.77 * plain["capacity"]["hours"]).abs().max() <= 0.5  # whole hours
    assert tight["capacity"]["modules_max"].to_list() == [0] * tight["capacity"].height
    assert plain["capacity"]["modules_max"].max() == 2
    same = tight["offers"].drop("x_assumption", "unit_price"), plain["offers"].drop("x_assumption", "unit_price")
    assert same[0].equals(same[1])
    assert dear["offers"]["x_assumption"].unique().to_list() == ["drawn from seed 3, fixed costs x 5"]


@pytest.mark.parametrize("seed", [1, 2])
def test_savings_and_what_binds(seed: int) -> None:
    """Fails if programmes become trivial (nothing binds), hopeless (nothing saved) or too good to be true."""
    table = Table(synth.draw(150, seed))
    answer = solve(table.model, relaxed=True)
    assert 0.02 < 1 - answer.bound / table.imported < 0.055
    assert answer.prices is not None
    priced = np.abs(answer.prices) > 1e-9
    first = table.model.blocks["limits"].start
    measures = {b.measure for r, b in enumerate(table.model.bounds) if priced[first + r]}
    assert {"investment", "foreign_currency", "local_content", "launches"} <= measures
    assert priced[table.model.blocks["machine_hours"]].any()


def test_settings_are_valid() -> None:
    """Fails if a setting was renamed: then no folder could be written."""
    assert checked(synth.draw(20, 0).settings)[1] == []


@pytest.mark.parametrize(("parts", "seed"), [(19, 1), (1_000_001, 1), (100, -1)])
def test_wrong_sizes_and_seeds_are_refused(tmp_path: Path, parts: int, seed: int) -> None:
    """Fails if a slip of the keyboard ends in a traceback or a written folder."""
    with pytest.raises(WrongUse):
        synth.write(parts, seed, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_the_command(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Fails if `onshore synth` writes elsewhere than it says, or over something."""
    folder = tmp_path / "made"
    assert main(["synth", "--parts", "40", "--seed", "2", str(folder), "--json"]) == 0
    said = json.loads(capfd.readouterr().out)
    assert (said["ok"], said["written"], said["seed"], said["rows"]["parts"]) == (True, str(folder), 2, 40)
    assert set(said["rows"]) == {f.stem for f in folder.glob("*.csv")}
    assert main(["synth", "--parts", "40", str(folder)]) == 2
    hard = tmp_path / "hard"
    assert main(["synth", "--parts", "40", "--fixed-costs", "5", "--tight", str(hard)]) == 0
    assert (
        'name = "Made up: 40 parts, seed 1, fixed costs x 5, tight machines"' in (hard / "programme.toml").read_text()
    )
    assert main(["synth", "--parts", "40", "--fixed-costs", "-1", str(tmp_path / "other")]) == 2


@pytest.mark.slow
@pytest.mark.parametrize("parts", [100, 300])
def test_a_plan_saves_something(parts: int) -> None:
    """Fails if only the relaxation saves: whole plans of small programmes must as well."""
    drawn = synth.draw(parts, 1)
    plan = on.plan(on.build(drawn.settings, drawn.tables), gap=0.02, time_limit=120)
    assert 0.015 < 1 - plan.objective / plan.imported < 0.055
