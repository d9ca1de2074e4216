"""The door: a programme with `scenarios` or `uncertainty`, and the plan, in many worlds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

import polars as pl

from onshore.blueprint.crew import crew
from onshore.blueprint.programme import Programme
from onshore.errors import Finding, InputError, Stopped, WrongUse, finding
from onshore.sourcing.planning import plan
from onshore.uncertainty.asked import Asked
from onshore.uncertainty.book import Book, faced
from onshore.uncertainty.candidates import Tell, candidates_of
from onshore.uncertainty.exits import exits_of
from onshore.uncertainty.own import known_of
from onshore.uncertainty.result import Worlds
from onshore.uncertainty.tally import remarks_of, tables_of
from onshore.uncertainty.work import Answer, Drawing, Look, Weighing, answers_in, look_at
from onshore.uncertainty.worlds import BASE, Place, places_of, world_of

__all__ = ["plan_worlds"]


def plan_worlds(
    programme: Programme, tables: Mapping[str, pl.DataFrame] | None = None, *, asked: Asked | None = None, workers: int = 1,
    cluster: str | None = None, progress: Tell | None = None,
) -> Worlds:  # fmt: skip
    """The plan in every scenario and many draws: what it is worth, what it lacks, which awards are the same in nearly all of them.

    Parameters
    ----------
    programme
        With rows in `scenarios` or `uncertainty`.
    tables
        Those of its plan (`Plan.tables`, or of a run); it is planned first where None.
    workers, cluster
        More than one worker, or a cluster's address, need Dask (`pip install 'onshore[scale]'`). The result is the same. A script
        that asks for several must do so under `if __name__ == "__main__":`, as each worker reads the script again.
    progress
        Called with the stage, how many of its worlds are done, and of how many.

    Raises
    ------
    InputError
        Nothing is uncertain, or worlds contradict themselves: all of them at once.
    NoPlan
        The programme itself has no plan.
    Stopped
        Ctrl-C.
    WrongUse
        The tables are of another programme, numbers that cannot be, or Dask is asked for and not there.

    Maths: docs/explanation/uncertainty.md.
    """
    if not isinstance(programme, Programme):
        raise WrongUse(
            f"plan_worlds takes a programme, not {programme!r}. Read it first: on.plan_worlds(on.read(...))."
        )
    asked = asked or Asked()
    tell: Tell = progress or (lambda stage, done, count: None)
    if not programme.has("scenarios") and not programme.has("uncertainty"):
        raise InputError([finding("nothing_uncertain", "uncertainty")])
    if tables is None:
        tell("plan", 0, 1)
        made = plan(programme, gap=asked.gap)
        if made.status == "interrupted":
            raise Stopped("Interrupted; nothing was written.")
        tables = made.tables
    base = Place(BASE, BASE)
    known = known_of(world_of(programme, base, asked.seed), tables)
    with crew(workers, cluster) as team:
        drawing = Drawing(programme, asked.seed, asked.gap, known.book, known.warm)
        looks = team.map(look_at, drawing, places_of(programme, range(asked.draws)), partial(tell, "worlds"))
        _raise_faults(looks)
        found = candidates_of(known, looks, team, level=asked.level, gap=asked.gap, own=asked.own, tell=tell)
        choices = tuple(c.choice for c in found.plans)
        weighing = Weighing(programme, asked.seed, asked.draws, Book.together(choices), choices)
        fresh = range(asked.draws, asked.draws + (asked.draws if asked.fresh is None else asked.fresh))
        places = [look.place for look in looks] + [p for p in places_of(programme, fresh) if p.draw >= 0]
        answers = team.map(answers_in, weighing, places, partial(tell, "plans in worlds"))
        _raise_faults(answers)
    own = Book.together([known.choice])
    exits = exits_of(faced(world_of(programme, base, asked.seed), own, decided=False), own, known.choice)
    made_of = tables_of(programme, known, asked, found, looks, answers, exits)
    return Worlds(programme, asked, made_of, remarks_of(found, looks))


def _raise_faults(worlds: Iterable[Look | Answer]) -> None:
    """All faults of all worlds at once; one that many draws share is told for the first."""
    told: dict[tuple[object, ...], Finding] = {}
    for world in worlds:
        for f in world.faults:
            told.setdefault((f.table, f.row, f.column, f.remedy), f)
    if told:
        raise InputError(told.values())
