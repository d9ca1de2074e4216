"""What if: the changes that can be asked for, and the programme with them made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from onshore.blueprint.programme import Programme
from onshore.blueprint.scenarios import CellChange, cells_of, with_cells
from onshore.errors import WrongUse
from onshore.sourcing.said import amount
from onshore.tables import words
from onshore.tables.words import nearest

__all__ = ["Changed", "Changes", "changed"]

PRICE, VALUE = ("offers", "offer", "unit_price"), ("limits", "limit", "value")
"""The cells that a change of an offer and of a limit move: table, key, column."""


@dataclass(frozen=True)
class Changes:
    """What is asked. Everything is changed at once.

    `without` names makers that drop out: none of their offers can be taken up, and lines signed with them bind no more.
    `offers` gives offers another unit price, `limits` limits another value, each in the currency it has: a number is the new
    one, a text such as `-5%` a change of what it was. `scenarios` names scenarios of the programme.
    """

    without: tuple[str, ...] = ()
    offers: Mapping[str, str | float] = field(default_factory=dict)
    limits: Mapping[str, str | float] = field(default_factory=dict)
    scenarios: tuple[str, ...] = ()


class Changed(NamedTuple):
    """The programme with the changes, each of them in words, and whether they only take room away (`tighter`) or only give it
    (`looser`): then the best plan can only get worse, or better."""

    programme: Programme
    words: tuple[str, ...]
    tighter: bool
    looser: bool


def changed(programme: Programme, changes: Changes) -> Changed:
    """The programme with the changes made.

    Raises `WrongUse` with every name that is unknown and every value that cannot be read, `InputError` where the changes leave
    something that does not fit.
    """
    faults = _unknown(programme, changes)
    moves: list[tuple[CellChange, str, float]] = []
    for given, (table, key, column) in ((changes.offers, PRICE), (changes.limits, VALUE)):
        was = dict(programme[table].select(key, column).iter_rows())
        for name, asked in given.items():
            if name in was:
                moved = _moved(Decimal(str(was[name])), asked)
                if moved is None:
                    faults.append(f"`{asked}` for {key} `{name}` is neither a number nor a change such as -5%.")
                else:
                    cell = CellChange(table, name, column, f"{moved:f}")
                    side = (
                        0.0 if table == "offers" else _eased(programme, name) * float(moved - Decimal(str(was[name])))
                    )
                    moves.append((cell, f"{key} {name}: {column} {amount(was[name])} to {amount(moved)}", side))
    if faults:
        raise WrongUse("\n".join(faults))
    if not (moves or changes.without or changes.scenarios):
        raise WrongUse("Nothing is changed. Name a maker, an offer, a limit or a scenario.")
    cells = [cell for name in changes.scenarios for cell in cells_of(programme, name)]
    void = programme["contract_lines"].filter(pl.col("maker").is_in(list(changes.without)))
    said = [
        *(f"scenario {name}" for name in changes.scenarios),
        *(f"without {maker}" for maker in changes.without),
        *([f"{void.height} signed lines bind no more"] if void.height else []),
        *(text for _, text, _ in moves),
    ]
    sides = [side for _, _, side in moves]
    after = with_cells(programme, [*cells, *(cell for cell, _, _ in moves)], _dropped_out(programme, changes.without))
    return Changed(
        after, tuple(said),
        tighter=not changes.scenarios and not changes.offers and not void.height and not _forced(programme, changes.without) and max(sides, default=0.0) <= 0,
        looser=not changes.scenarios and not changes.offers and not changes.without and min(sides, default=0.0) >= 0,
    )  # fmt: skip


def _unknown(programme: Programme, changes: Changes) -> list[str]:
    """Every name that the programme has not, with the nearest."""
    asked = (
        ("maker", changes.without, programme["makers"]["maker"]),
        ("offer", changes.offers, programme["offers"]["offer"]),
        ("limit", changes.limits, programme["limits"]["limit"]),
        ("scenario", changes.scenarios, programme["scenarios"]["scenario"].unique(maintain_order=True)),
    )
    return [
        f"There is no {noun} `{name}`.{nearest(name, known.to_list()) or f' The table `{noun}s` has them.'}"
        for noun, names, known in asked
        for name in names
        if name not in set(known)
    ]


def _moved(was: Decimal, asked: str | float) -> Decimal | None:
    """The new value, to the six decimals that money keeps; None where nobody can say what is asked."""
    text = str(asked).strip()
    share = re.fullmatch(r"([+-]?[\d.]+)\s*%", text)
    try:
        if share:
            return round(was * (1 + Decimal(words.number(share[1].lstrip("+"))) / 100), 6).normalize()
        return Decimal(words.number(text))
    except words.Refused:
        return None


def _eased(programme: Programme, limit: str) -> float:
    """1 where a larger value gives room, -1 where it takes it."""
    sense = programme["limits"].row(by_predicate=pl.col("limit") == limit, named=True)["sense"]
    return 1.0 if sense == "at_most" else -1.0


def _forced(programme: Programme, makers: tuple[str, ...]) -> bool:
    """Whether a row of `decisions` that is taken back had forced one of them."""
    verdicts = programme["decisions"].filter((pl.col("what") == "maker") & pl.col("key").is_in(list(makers)))
    return bool((verdicts["verdict"] == "force").any())


def _dropped_out(programme: Programme, makers: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    """`decisions` with the makers forbidden, and `contract_lines` without theirs."""
    if not makers:
        return {}
    decisions, lines = programme["decisions"], programme["contract_lines"]
    own = (pl.col("what") == "maker") & pl.col("key").is_in(list(makers))
    first = int(decisions["row"].max() or 1) + 1  # type: ignore[arg-type]
    added = pl.DataFrame(
        [
            {"row": first + i, "what": "maker", "key": m, "verdict": "forbid", "reason": "It drops out."}
            for i, m in enumerate(makers)
        ],
        schema_overrides={"row": pl.Int64},
    )
    return {
        "decisions": pl.concat([decisions.filter(~own), added], how="diagonal"),
        "contract_lines": lines.filter(~pl.col("maker").is_in(list(makers))),
    }
