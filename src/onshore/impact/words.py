"""What was measured, in sentences: the same in the summary, in the run and in the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import expm1

__all__ = ["amount", "remarks_of", "summary_of"]

LEVEL = 0.05
"""Below this a test speaks against what is claimed."""
PART_OF_NAIVE = 0.05


def amount(value: float, figures: Mapping[str, object]) -> str:
    """An effect as people say it: `-8.1 %` on the scale of logarithms, else the number with its unit."""
    if figures["scale"] == "log":
        return f"{100 * expm1(value):+.1f} %"
    return f"{value:+.4g} {figures['unit']}"


def summary_of(figures: Mapping[str, object], warnings: Sequence[str]) -> str:
    """The headline, what stands beside it, and every remark and warning."""
    f = figures
    said = [
        f"{f['parts_started']} of {f['parts']} parts had a line that started, in {f['cohorts']} cohorts; "
        f"{f['first_month']} to {f['last_month']}, {f['clusters']} clusters.",
        f"Effect on them: {_of(f, 'effect')}, {f['confidence']:.0%} interval {_of(f, 'low')} to {_of(f, 'high')}.",
        f"Imputation, over parts and months: {_of(f, 'imputation_effect')}; the same mean of the first: {_of(f, 'cells_effect')}.",
        f"Naive two-way estimate, not to be used: {_of(f, 'naive_effect')}.",
    ]
    return "\n".join([*said, *f["remarks"], *(f"Warning: {w}" for w in warnings)])  # type: ignore[misc]


def _of(figures: Mapping[str, object], name: str) -> str:
    return amount(float(figures[name]), figures)  # type: ignore[arg-type]


def remarks_of(figures: Mapping[str, object]) -> list[str]:
    """What a reader has to know before the number is believed."""
    return [*_before(figures), *_placebos(figures), *_conclusion(figures), *_naive(figures), *_prediction(figures)]


def _before(f: Mapping[str, object]) -> list[str]:
    p = f["before_p_value"]
    if p is None:
        return [
            "Whether parts moved alike before their lines started could not be tested, so the effect rests on belief."
        ]
    tested = f"the {f['before_months']} months before the starts (p = {p:.3f})"
    if float(p) < LEVEL:  # type: ignore[arg-type]
        return [f"Parts moved apart already in {tested}: what is called an effect may be that drift going on."]
    caught = f["drift_caught_a_year"]
    unseen = ""
    if caught is not None:
        drift = amount(float(caught), f).lstrip("+")  # type: ignore[arg-type]
        unseen = f"; a drift of {drift} a year would have been seen four times in five, a smaller one less often"
    return [f"Nothing shows that parts moved apart in {tested}{unseen}."]


def _placebos(f: Mapping[str, object]) -> list[str]:
    if not f["placebos"]:
        return ["No placebo date could be tried: no line has enough months before its start."]
    worst = float(f["placebo_least_p_value"])  # type: ignore[arg-type]
    if worst * int(f["placebos"]) < LEVEL:  # type: ignore[call-overload]
        return [f"A placebo date finds an effect where there can be none (p = {worst:.3f}, of {f['placebos']} tried)."]
    return []


def _conclusion(f: Mapping[str, object]) -> list[str]:
    if float(f["low"]) <= 0 <= float(f["high"]):  # type: ignore[arg-type]
        return ["No effect can be told from none with this panel; that is not the same as there being none."]
    return []


def _naive(f: Mapping[str, object]) -> list[str]:
    share = float(f["naive_already_weight"])  # type: ignore[arg-type]
    if share < PART_OF_NAIVE:
        return []
    return [
        f"The naive estimate takes {share:.0%} of its weight from comparing later starts with parts that had started "
        "already, and so takes the growth of their effect off its own."
    ]


def _prediction(f: Mapping[str, object]) -> list[str]:
    if f["predicted_months"] is None:
        return []
    p = float(f["predicted_p_value"])  # type: ignore[arg-type]
    agrees = "the two cannot be told apart" if p >= LEVEL else "the prediction missed"
    return [
        f"Predicted for the same months: {_of(f, 'predicted_mean')}, measured {_of(f, 'predicted_measured')} "
        f"(p = {p:.3f}): {agrees}. {f['predicted_inside']} of {f['predicted_months']} months lie in the band."
    ]
