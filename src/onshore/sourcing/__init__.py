"""What to do: which part, which maker or venture, which year, with a proof of how good the plan is.

Read in this order: `problem` (a programme as arrays), `options` (every way to source a part), `measures` and
`limits` (what is counted and bounded), `model` (one sparse matrix), `solver` (HiGHS), `certificate` (the bound and
the gaps), `planning` (the door), `result` (the tables of a run), `reasons`, `conflict`, `steps` and `worth` (why), `verification` (a
run recomputed from its files), `explanation` and `comparison` (what a run answers).
"""

from onshore.sourcing.comparison import Comparison, compare
from onshore.sourcing.explanation import Explanation, explain
from onshore.sourcing.made import Plan
from onshore.sourcing.planning import DEFAULT_GAP, plan
from onshore.sourcing.solver import Progress
from onshore.sourcing.verification import Verification, verify
from onshore.sourcing.worth import Worth, step_worth

__all__ = [
    "DEFAULT_GAP", "Comparison", "Explanation", "Plan", "Progress", "Verification", "Worth", "compare", "explain",
    "plan", "step_worth", "verify",
]  # fmt: skip
