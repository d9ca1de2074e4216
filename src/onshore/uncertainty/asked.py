"""What is asked of the worlds, checked at once."""

from __future__ import annotations

from dataclasses import dataclass

from onshore.errors import WrongUse

__all__ = ["Asked"]


@dataclass(frozen=True)
class Asked:
    """`draws` look for plans, `fresh` ones (as many where None) only weigh them; `level` is that of conditional value at risk.

    `nearly` is the share of worlds from which on an award is to be signed first, `own` how many plans of single worlds are weighed
    beside, `gap` the share of the objective within which each search may stop.
    """

    draws: int = 100
    fresh: int | None = None
    seed: int = 0
    level: float = 0.9
    nearly: float = 0.9
    own: int = 6
    gap: float = 1e-3

    def __post_init__(self) -> None:
        faults = [
            *([f"{self.draws} draws"] if self.draws < 0 else []), *([f"{self.fresh} fresh draws"] if (self.fresh or 0) < 0 else []),
            *([f"a level of {self.level:g}"] if not 0 <= self.level < 1 else []), *([f"a seed of {self.seed}"] if self.seed < 0 else []),
            *([f"a share of {self.nearly:g}"] if not 0 < self.nearly <= 1 else []), *([f"{self.own} plans"] if self.own < 0 else []),
            *([f"a gap of {self.gap:g}"] if not 0 <= self.gap <= 1 else []),
        ]  # fmt: skip
        if faults:
            raise WrongUse(
                f"{', '.join(faults)}: counts are 0 or more, a level is at least 0 and below 1, shares lie between 0 and 1."
            )
