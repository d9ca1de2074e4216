"""What to do: which part, which maker or venture, which year, with a proof of how good the plan is.

Read in this order: `problem` (a programme as arrays), `options` (every way to source a part), `measures` and
`limits` (what is counted and bounded), `model` (one sparse matrix), `solver` (HiGHS), `certificate` (the bound and
the gaps), `decomposition` (what is too large for the solver), `methods` and `planning` (the door), `made` and `result` (the tables of a run), `reasons`, `conflict`, `steps` and `worth` (why), `verification` (a
run recomputed from its files), `explanation` and `comparison` (what a run answers), `changes`, `warm` and `what_if` (a plan asked
again), `tradeoffs` (one measure against another).
"""

from onshore.sourcing.changes import Changes
from onshore.sourcing.comparison import Comparison, compare
from onshore.sourcing.explanation import Explanation, explain
from onshore.sourcing.made import Plan
from onshore.sourcing.planning import DEFAULT_GAP, plan
from onshore.sourcing.solver import Progress
from onshore.sourcing.tradeoffs.frontier import Frontier, frontier
from onshore.sourcing.tradeoffs.goals import InOrder, in_order
from onshore.sourcing.verification import Verification, verify
from onshore.sourcing.what_if import WhatIf, what_if
from onshore.sourcing.worth import Worth, step_worth

__all__ = [
    "DEFAULT_GAP", "Changes", "Comparison", "Explanation", "Frontier", "InOrder", "Plan", "Progress", "Verification",
    "WhatIf", "Worth", "compare", "explain", "frontier", "in_order", "plan", "step_worth", "verify", "what_if",
]  # fmt: skip
