"""The planner against a slow twin that tries every combination, on random programmes with every feature on."""

import pytest
from sourcing.brute import World
from sourcing.worlds import random_world

import onshore as on


def agree(seed: int) -> None:
    settings, tables = random_world(seed)
    best = World(settings, tables).best()
    programme = on.build(settings, tables)
    if best is None:
        with pytest.raises(on.NoPlan):
            on.plan(programme, gap=0.0)
        return
    plan = on.plan(programme, gap=0.0)
    sign = programme.settings.sign  # brute force gives the least of sign times the objective
    tolerance = 1e-6 * max(1.0, abs(best))
    assert sign * plan.objective == pytest.approx(best, abs=tolerance)
    assert sign * plan.bound <= best + tolerance
    assert sign * plan.bound_of_prices <= best + tolerance


@pytest.mark.parametrize("block", range(10))
def test_same_optimum(block):
    """If it fails, some feature (ramp, learning, pairs, limits, modules ...) is computed or bounded wrongly."""
    for seed in range(20 * block, 20 * (block + 1)):
        agree(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(40))
def test_same_optimum_on_thousands(block):
    """The same, on two thousand more."""
    for seed in range(1000 + 50 * block, 1000 + 50 * (block + 1)):
        agree(seed)
