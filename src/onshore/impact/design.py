"""How an effect is to be measured: every choice that a reader may ask about, in one small value."""

from __future__ import annotations

from dataclasses import dataclass, fields

from onshore.errors import WrongUse

__all__ = ["CHOICES", "Design"]

CHOICES = {
    "scale": ("log", "level"),
    "comparison": ("not_yet", "never"),
    "method": ("doubly_robust", "regression", "weighting"),
    "base": ("universal", "varying"),
    "gaps": ("refuse", "drop"),
}


@dataclass(frozen=True)
class Design:
    """The choices. The defaults suit prices by month.

    scale
        `log`: the effect is a share of the value; `level`: it is in the value's unit.
    comparison
        `not_yet`: with parts whose line has not started by then; `never`: only with those whose line does not start.
    covariates
        Columns `x_...` of the panel, the same in every row of a part: like is compared with like.
    method
        How covariates are used; without them it makes no difference.
    anticipation
        Months before the start in which values may already answer (the contract was known). They are not a base.
    base
        What months before the start are held against: `universal`, the last month before it (and before what is
        anticipated), as an event study is read; `varying`, the month before each, as R's `did` does by default. Signs
        differ.
    gaps
        What a part that lacks months is: a fault, or left out.
    window
        How many periods before the start the test of pre-trends looks at.
    placebos
        How many months earlier the start is pretended to have been, one trial each.
    confidence
        Of intervals and bands.
    seed
        Of the draws for the simultaneous band.
    """

    scale: str = "log"
    comparison: str = "not_yet"
    covariates: tuple[str, ...] = ()
    method: str = "doubly_robust"
    anticipation: int = 0
    base: str = "universal"
    gaps: str = "refuse"
    window: int = 12
    placebos: tuple[int, ...] = (3, 6, 12)
    confidence: float = 0.95
    seed: int = 0

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise WrongUse(f"{name} is `{getattr(self, name)}`; write one of {', '.join(allowed)}.")
        if bad := [c for c in self.covariates if not c.startswith("x_")]:
            raise WrongUse(f"a covariate is a column whose name begins with x_, not `{bad[0]}`.")
        if self.anticipation < 0 or self.window < 1 or min(self.placebos, default=1) < 1:
            raise WrongUse("anticipation is 0 months or more; window and placebos are 1 or more.")
        if not 0.5 <= self.confidence < 1:
            raise WrongUse(f"confidence is {self.confidence:g}; write a share from 0.5 to below 1, such as 0.95.")

    def periods_ahead(self, step: int) -> int:
        """`anticipation` in periods of `step` months, rounded up."""
        return -(-self.anticipation // step)

    def as_dict(self) -> dict[str, object]:
        return {f.name: list(v) if isinstance(v := getattr(self, f.name), tuple) else v for f in fields(self)}
