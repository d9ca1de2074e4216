"""The tables of branches prove what the search claims, whoever wrote them; what proves nothing is told."""

import shutil

import numpy as np
import polars as pl
import polars.testing
import pytest
from sourcing.brute import World
from sourcing.test_branching import grown
from sourcing.worlds import free_world, random_world, seeds, tightened

import onshore as on
from onshore.chain import what_if_and_report, write_plan
from onshore.demo import synth
from onshore.sourcing import verify
from onshore.sourcing.declared import TREE_TABLES
from onshore.sourcing.decomposition.full import full_of
from onshore.sourcing.instance import Whole
from onshore.sourcing.model import without_the_impossible
from onshore.sourcing.problem import problem_of
from onshore.sourcing.tree import NoTree, bounds_of_leaves
from onshore.sourcing.tree_tables import Names, proved_by, tree_of, tree_tables
from onshore.sourcing.warm import proved_again


def whole_of(seed):
    return whole_with(*random_world(seed))


def whole_with(settings, tables):
    try:
        whole = Whole.of(problem_of(on.build(settings, tables)))
    except (on.NoPlan, on.InputError):  # a world without an offer may lack a source, or what it makes least
        return None
    full = full_of(without_the_impossible(whole.model), whole.options, whole.problem.parts.divisible)
    if (full.table.options_of_parts == 0).any() or full.beyond:
        return None
    best = World(settings, tables).best()
    return None if best is None else (whole, full, best)


@pytest.mark.parametrize("seed", seeds(9000, 25, 400))
def test_what_is_recomputed_from_the_tables_is_what_the_search_proved(seed):
    """If it fails, a branch or a cut is written other than it was searched, or proves more than is true."""
    made = whole_of(seed)
    if made is None:
        return
    whole, full, best = made
    branches = grown(full, best + 0.1 * max(1.0, abs(best)), 6)
    tree = branches.tree()
    again = bounds_of_leaves(whole.model, whole.options, tree)
    for number, node in tree.leaves.items():
        assert again[number] == pytest.approx(node.bound, rel=1e-9, abs=1e-6)
    tables = tree_tables(tree, Names.of(whole))
    told, least = proved_by(tree_of(tables, Names.of(whole)), whole)
    assert least <= best + 1e-6 * max(1.0, abs(best))
    assert min(least, branches.worst) == pytest.approx(branches.bound, rel=1e-9, abs=1e-6)
    for name in TREE_TABLES:
        polars.testing.assert_frame_equal(told[name], tables[name])


@pytest.mark.parametrize("seed", seeds(9000, 10, 200))
def test_whatever_is_written_proves_nothing_that_is_false(seed):
    """If it fails, made-up prices, divisors, counted options or sides of branches can prove that the best plan does not exist."""
    made = whole_of(seed)
    if made is None:
        return
    whole, full, best = made
    tables = tree_tables(grown(full, best + 0.1 * max(1.0, abs(best)), 6).tree(), Names.of(whole))
    rng = np.random.default_rng(seed)

    def forged(name: str, column: str, turned) -> dict[str, pl.DataFrame]:
        frame = tables[name]
        return {**tables, name: frame.with_columns(turned(frame[column]).alias(column))}

    def noise(x: pl.Series) -> pl.Series:
        return pl.Series(x.to_numpy() * rng.uniform(-0.5, 3.0, len(x)), dtype=x.dtype)

    made_up = [forged("branch_prices", "price", noise) for _ in range(5)]
    made_up += [forged("cuts", "divisor", noise) for _ in range(5)]
    made_up += [
        forged(name, column, lambda x: x + 1) for name, column in (("branches", "at_most"), ("branches", "before"))
    ]
    made_up += [{**tables, "cut_terms": tables["cut_terms"].sample(fraction=0.5, seed=seed)}]
    made_up += [{**tables, "branches": tables["branches"].sample(fraction=0.7, seed=s)} for s in range(5)]
    for each in made_up:
        try:
            _, least = proved_by(tree_of(each, Names.of(whole)), whole)
        except (NoTree, on.WrongUse):
            continue
        assert least <= best + 1e-6 * max(1.0, abs(best))


@pytest.mark.parametrize("seed", seeds(9000, 15, 300))
def test_branches_of_another_programme_prove_nothing_that_is_false(seed):
    """If it fails, what-if claims more of a changed programme than is true: the branches are those of the one before."""
    settings, tables = free_world(seed)
    made = whole_with(settings, tables)
    if made is None:
        return
    whole, full, best = made
    told = tree_tables(grown(full, best + 0.1 * max(1.0, abs(best)), 6).tree(), Names.of(whole))
    cheaper = [{**o, "unit_price": 0.9 * o["unit_price"]} for o in tables["offers"][:1]]
    others = [
        {**tables, "offers": cheaper + tables["offers"][1:]}, {**tables, "offers": tables["offers"][1:]},
        tightened(tables, -0.2), tightened(tables, 0.1),
    ]  # fmt: skip
    for each in others:
        used = {o["offer"] for o in each["offers"]}
        other = whole_with(settings, {**each, "uses": [u for u in each["uses"] if u["offer"] in used]})
        if other is not None:
            _, least = proved_again(told, other[0])
            assert least <= other[2] + 1e-6 * max(1.0, abs(other[2]))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A programme of 120 parts planned with branches, as it is written."""
    made = synth.draw(120, 3)
    plan = on.plan(on.build(made.settings, made.tables), gap=1e-3, method="decomposed")
    assert plan["branches"].height > 1
    return write_plan(plan, tmp_path_factory.mktemp("tree") / "run")


def test_the_bound_of_branches_is_found_again(run):
    """If it fails, what branches prove is the run's claim alone."""
    found = verify(run)
    assert found.ok, found.summary()
    assert found.bound == pytest.approx(found.claimed_bound, rel=1e-12)


@pytest.mark.parametrize(
    ("table", "turned"),
    [
        ("branches", lambda t: t.filter(pl.col("branch") != pl.col("branch").max())),
        ("branches", lambda t: t.with_columns(bound=pl.col("bound") + 1000.0)),
        ("branch_prices", lambda t: t.with_columns(price=pl.col("price") * 2.0)),
        ("cuts", lambda t: t.head(-1)),
    ],
    ids=["a branch is missing", "a bound is raised", "prices are others", "a cut is missing"],
)
def test_tables_of_branches_that_were_changed_are_caught(run, tmp_path, table, turned):
    """If it fails, a better bound can be claimed than the branches prove."""
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    turned(pl.read_csv(copy / f"{table}.csv", infer_schema_length=None)).write_csv(copy / f"{table}.csv")
    assert not verify(copy).ok


@pytest.mark.parametrize("gap", [None, 5e-4])
def test_a_plan_asked_again_stands_on_branches(run, tmp_path, gap):
    """If it fails, what-if goes by the bound of prices again, many times as wide, or a run that it writes cannot be verified."""
    offer = on.read(run / "input")["offers"]["offer"][0]
    found = what_if_and_report(run, on.Changes(offers={offer: "-5%"}), tmp_path / "after", gap=gap)
    assert found.plan.bound > found.plan.bound_of_prices
    assert found.plan["branches"].height > 1
    again = verify(tmp_path / "after")
    assert again.ok, again.summary()
    assert again.bound == pytest.approx(found.plan.bound, rel=1e-9)
