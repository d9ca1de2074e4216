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
    declared    the result tables of this room

Planned, contracted, in production and realised are four amounts; nothing here adds one to another, a stock to a flow,
or a row to another that holds it.
"""

from onshore.progress.changes import changes
from onshore.progress.economics import contract_economics
from onshore.progress.track import Track, last_day, track

__all__ = ["Track", "changes", "contract_economics", "last_day", "track"]
