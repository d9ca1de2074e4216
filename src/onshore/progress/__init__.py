"""Progress: what was signed, started and realised, from the record of contracts; and the odds of the target.

    track       `on.track`: where a programme stands on a day, as declared tables
    ledger      what each row of `contracts` is, and which rows may be added up
    seen        the shares in production and realised, and what was delivered
    worth       told figures in other currencies, each at the rate of its day
    sums        sums of ranges
    amounts     the four amounts of each measure by scope; `curve` over time; `promises` beside the targets
    faults      what does not agree in the record, as findings
    payables    money that is owed
    changes     what moved since an earlier report
    economics   what each contract pays for a unit of foreign currency saved a year, and its payback
    chances     `on.odds`: the odds of the targets; `forecast/` holds the statistics behind it
    declared    the result tables of this room

Planned, contracted, in production and realised are four amounts; nothing here adds one to another, a stock to a flow,
or a row to another that holds it.
"""

from typing import TYPE_CHECKING

from onshore.progress.changes import changes
from onshore.progress.economics import contract_economics
from onshore.progress.track import Track, last_day, track

if TYPE_CHECKING:
    from onshore.progress.chances import Odds, odds

__all__ = ["Odds", "Track", "changes", "contract_economics", "last_day", "odds", "track"]


def __getattr__(name: str) -> object:
    if name not in ("Odds", "odds"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from onshore.progress import chances  # the compiler is loaded only where odds are asked for

    return getattr(chances, name)
