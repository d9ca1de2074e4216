"""The three pieces of work that are done world by world, each a function that a worker can be handed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onshore.blueprint.programme import Programme
from onshore.errors import Finding
from onshore.sourcing.problem import Floats
from onshore.uncertainty.book import Book, Choice, Faced, faced
from onshore.uncertainty.breaks import Broken, broken, unsourced
from onshore.uncertainty.own import Own, Warm, own_plan
from onshore.uncertainty.sampled import Best, Drawn, Sample, best_on_average
from onshore.uncertainty.worlds import Place, World, faults_of, world_of

__all__ = ["Answer", "Drawing", "Look", "Lost", "Weighing", "answers_in", "look_at", "planned_for"]


@dataclass(frozen=True)
class Drawing:
    """What it takes to look at a world: the programme, its option table as decisions, and where a search begins."""

    programme: Programme
    seed: int
    gap: float
    book: Book
    warm: Warm


@dataclass(frozen=True)
class Look:
    """A world as it was found: its own plan; and for a draw, what the programme's options cost and take in it.

    Where the world contradicts itself there are `faults` and nothing else.
    """

    place: Place
    faults: tuple[Finding, ...]
    gone: int = 0
    clipped: int = 0
    own: Own | None = None
    drawn: Drawn | None = None


def look_at(held: Drawing, place: Place) -> Look:
    """Make the world, check it, plan it."""
    world = world_of(held.programme, place, held.seed)
    if faults := faults_of(world):
        return Look(place, tuple(faults))
    own = own_plan(world, gap=held.gap, warm=held.warm)
    if place.draw < 0:
        return Look(place, (), len(world.gone), world.clipped, own)
    model = faced(world, held.book, decided=True).model
    drawn = Drawn(model.cost, model.matrix, model.low, model.high)
    return Look(place, (), len(world.gone), world.clipped, own, drawn)


def planned_for(sample: Sample, worlds: Sequence[int]) -> Best:
    """The plan that is best on average over a batch of the sample."""
    return best_on_average(sample, worlds)


@dataclass(frozen=True)
class Weighing:
    """Plans to be put into worlds. Draws before `fresh` have been looked at, and are right in themselves."""

    programme: Programme
    seed: int
    fresh: int
    book: Book
    choices: tuple[Choice, ...]


Lost = tuple[int, int, bool]
"""An award that comes to nothing: its offer, the month of its signing, and whether the offer is gone."""


@dataclass(frozen=True)
class Answer:
    """What each plan comes to in a world, what it does not keep, and which of its awards are lost. `faults` as in `Look`."""

    place: Place
    faults: tuple[Finding, ...]
    values: tuple[float, ...] = ()
    broken: tuple[tuple[Broken, ...], ...] = ()
    lost: tuple[tuple[Lost, ...], ...] = ()


def answers_in(held: Weighing, place: Place) -> Answer:
    """Put every plan into the world."""
    world = world_of(held.programme, place, held.seed)
    if place.draw >= held.fresh and (faults := faults_of(world)):
        return Answer(place, tuple(faults))
    there = faced(world, held.book, decided=False)
    weights = [held.book.weights(choice) for choice in held.choices]
    points = [there.point(x, choice) for x, choice in zip(weights, held.choices, strict=True)]
    return Answer(
        place,
        (),
        tuple(float(there.model.cost @ z) for z in points),
        tuple(_not_kept(there, z) for z in points),
        tuple(_lost(there, held.book, world, x) for x in weights),
    )


def _not_kept(there: Faced, point: Floats) -> tuple[Broken, ...]:
    short = unsourced(there.problem, there.options, point[there.model.options])
    return (*broken(there.model, point), *short)


def _lost(there: Faced, book: Book, world: World, x: Floats) -> tuple[Lost, ...]:
    labels, first = there.problem.offers.labels, there.options.first_of_option
    return tuple(
        (offer, signed, labels[offer] in world.gone)
        for k, (_, legs) in enumerate(book.decisions)
        if x[k] > 0
        for j, (offer, signed, _) in enumerate(legs)
        if there.lost[first[k] + j]
    )
