"""Onshore: plan and run an industrial localisation programme.

The front door: the names below, each loaded when it is first used, so that ``import onshore`` costs nothing.

    import onshore as on

    programme = on.read("mine")
    print(on.plan(programme).summary())
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onshore.blueprint.needs import Need, need
    from onshore.blueprint.programme import Check, Programme, build, check, new, read, write
    from onshore.chain import measure_effect, price_effect, write_effect, write_plan
    from onshore.errors import Finding, InputError, NoPlan, OnshoreError, WrongUse
    from onshore.impact import Design, Effect
    from onshore.progress import Odds, Track, odds, track
    from onshore.report import write_report
    from onshore.sourcing import (
        Changes,
        Comparison,
        Explanation,
        Frontier,
        InOrder,
        Plan,
        Verification,
        WhatIf,
        Worth,
        compare,
        explain,
        frontier,
        in_order,
        plan,
        step_worth,
        verify,
        what_if,
    )
    from onshore.uncertainty import Asked, Worlds, plan_worlds

    __version__: str

__all__ = [
    "Asked", "Changes", "Check", "Comparison", "Design", "Effect", "Explanation", "Finding", "Frontier", "InOrder", "InputError", "Need", "NoPlan", "Odds",
    "OnshoreError", "Plan", "Programme", "Track", "Verification", "WhatIf", "Worlds", "Worth", "WrongUse", "__version__", "build", "check",
    "compare", "explain", "frontier", "in_order", "measure_effect", "need", "new", "odds", "plan", "plan_worlds", "price_effect", "read", "step_worth", "track", "verify",
    "what_if", "write", "write_effect", "write_plan", "write_report",
]  # fmt: skip

_HOME = {
    "Check": "onshore.blueprint.programme",
    "Finding": "onshore.errors",
    "InputError": "onshore.errors",
    "Need": "onshore.blueprint.needs",
    "NoPlan": "onshore.errors",
    "OnshoreError": "onshore.errors",
    "Plan": "onshore.sourcing",
    "Programme": "onshore.blueprint.programme",
    "WrongUse": "onshore.errors",
    "build": "onshore.blueprint.programme",
    "check": "onshore.blueprint.programme",
    "need": "onshore.blueprint.needs",
    "new": "onshore.blueprint.programme",
    "plan": "onshore.sourcing",
    "read": "onshore.blueprint.programme",
    "write": "onshore.blueprint.programme",
    "Changes": "onshore.sourcing",
    "InOrder": "onshore.sourcing",
    "in_order": "onshore.sourcing",
    "Frontier": "onshore.sourcing",
    "frontier": "onshore.sourcing",
    "WhatIf": "onshore.sourcing",
    "what_if": "onshore.sourcing",
    "Comparison": "onshore.sourcing",
    "Explanation": "onshore.sourcing",
    "Verification": "onshore.sourcing",
    "compare": "onshore.sourcing",
    "explain": "onshore.sourcing",
    "verify": "onshore.sourcing",
    "Worth": "onshore.sourcing",
    "step_worth": "onshore.sourcing",
    "Odds": "onshore.progress",
    "Track": "onshore.progress",
    "odds": "onshore.progress",
    "track": "onshore.progress",
    "Design": "onshore.impact",
    "Effect": "onshore.impact",
    "measure_effect": "onshore.chain",
    "write_effect": "onshore.chain",
    "price_effect": "onshore.chain",
    "write_plan": "onshore.chain",
    "Asked": "onshore.uncertainty",
    "Worlds": "onshore.uncertainty",
    "plan_worlds": "onshore.uncertainty",
    "write_report": "onshore.report",
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        value: object = version("onshore")
    elif name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    else:
        raise AttributeError(f"module 'onshore' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
