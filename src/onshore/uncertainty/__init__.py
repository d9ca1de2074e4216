"""The plan in many worlds: what each leaves of it, which plan is best on average or in the tail, and what can be signed first.

Read in this order: `worlds` (a programme with some numbers changed), `book` (decisions, and what they come to in a world),
`breaks` (what is not kept there), `own` (the plan a world would have had), `sampled` (the plan best on average), `risk` (averages
and tails with their errors), `exits` (a group of partners leaves), `crew` (many worlds at once), `work` and `candidates` (what is
done for each), `weighing` (the door), `tally`, `result` and `words` (tables and a summary).
"""

from onshore.uncertainty.asked import Asked
from onshore.uncertainty.result import Worlds
from onshore.uncertainty.weighing import plan_worlds

__all__ = ["Asked", "Worlds", "plan_worlds"]
