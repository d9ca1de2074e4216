"""From what the worlds answered to tables. Nothing is decided here but which of the plans is best."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from onshore.blueprint.calendar import month_start
from onshore.blueprint.programme import Programme
from onshore.uncertainty.asked import Asked
from onshore.uncertainty.book import Choice
from onshore.uncertainty.candidates import IN_PROGRAMME, Found
from onshore.uncertainty.declared import TABLES
from onshore.uncertainty.own import Known
from onshore.uncertainty.risk import Estimate, cvar, mean
from onshore.uncertainty.work import Answer, Look
from onshore.uncertainty.worlds import BASE

__all__ = ["FAIR", "remarks_of", "tables_of"]

FAIR = 1.05
"""A plan may go beyond its limits by so many times as much as the programme's plan does, on average, and still be chosen."""
CONFIDENCE = 0.95
Rows = list[dict[str, object]]


def remarks_of(found: Found, looks: Sequence[Look]) -> tuple[str, ...]:
    """What a reader should know before believing the tables, in words."""
    drawn = [look.own for look in looks if look.place.draw >= 0 and look.own is not None]
    without = sum(own.best is None for own in drawn)
    said = []
    if found.where == IN_PROGRAMME:
        said.append(
            "No plan keeps every hard limit on average over the draws, so those that were made for all draws keep the limits of the programme itself."
        )
    if without:
        said.append(
            f"{without} of {len(drawn)} draws have no plan that keeps every hard limit, so there is no bound by waiting to see."
        )
    return tuple(said)


def tables_of(
    programme: Programme,
    known: Known,
    asked: Asked,
    found: Found,
    looks: Sequence[Look],
    answers: Sequence[Answer],
    exits: Rows,
) -> dict[str, pl.DataFrame]:
    """Every declared table. `answers` come in the order of `looks`, and then the fresh draws."""
    tally = _Tally(programme, known, asked, found, looks, answers)
    rows = {
        "worlds": tally.worlds(), "plans": tally.plans(), "values": tally.values(), "breaks": tally.breaks(),
        "lost_awards": tally.lost(), "stable_awards": tally.stable(), "exits": exits, "sampled_bounds": tally.bounds(),
        "plan_awards": tally.awards(),
    }  # fmt: skip
    frames = {}
    for name, table in TABLES.items():
        frame = pl.DataFrame(rows[name], schema=table.types, orient="row")
        # worlds and plans keep their own order: the programme first, draws by number
        frames[name] = frame if name in ("worlds", "plans", "values") else frame.sort(table.key, maintain_order=True)
    return frames


class _Tally:
    """Answers as arrays: costs (plans, worlds), least is best; worlds in the order of `answers`."""

    def __init__(
        self,
        programme: Programme,
        known: Known,
        asked: Asked,
        found: Found,
        looks: Sequence[Look],
        answers: Sequence[Answer],
    ) -> None:
        self.programme, self.known, self.asked, self.found, self.looks, self.answers = (
            programme,
            known,
            asked,
            found,
            looks,
            answers,
        )
        self.sign = programme.settings.sign
        self.costs = np.array([a.values for a in answers]).T
        self.kept = np.array([[not b for b in a.broken] for a in answers]).T
        self.excess = np.array([[sum(row.share for row in b) for b in a.broken] for a in answers]).T
        named = [a.place.draw < 0 for a in answers]
        drawn = [0 <= a.place.draw < asked.draws for a in answers]
        self.at = {
            "named": np.flatnonzero(named),
            "draws": np.flatnonzero(drawn),
            "fresh": np.flatnonzero(~(np.array(named) | np.array(drawn))),
        }
        self.sample = {i: name for name, places in self.at.items() for i in places.tolist()}

    def natural(self, cost: float | None) -> float | None:
        return None if cost is None else self.sign * cost + 0.0

    def day(self, month: int) -> date:
        return month_start(month, self.programme.settings.first_year, self.programme.settings.calendar)

    def worlds(self) -> Rows:
        rows: Rows = []
        for i, (look, answer) in enumerate(zip(self.looks, self.answers, strict=False)):
            own, cost = look.own, answer.values[0]
            assert own is not None  # a world with faults has ended the work
            rows.append(
                {
                    "world": look.place.name, "sample": self.sample[i], "gone": look.gone, "clipped": look.clipped, "status": own.status,
                    "best": self.natural(own.best), "bound": self.natural(own.bound), "value": self.natural(cost),
                    "regret_low": None if own.best is None else cost - own.best, "regret_high": None if own.bound is None else cost - own.bound,
                    "lost": len(answer.lost[0]), "broken": len(answer.broken[0]),
                }
            )  # fmt: skip
        return rows

    def plans(self) -> Rows:
        best, regrets, rows = self._best(), self._regrets(), []
        fresh = self.costs[:, self.at["fresh"]]
        for i, plan in enumerate(self.found.plans):
            average = mean(fresh[i]) if fresh.size else None
            tail = cvar(fresh[i], self.asked.level) if fresh.size else None
            against = mean(fresh[i] - fresh[0]) if fresh.size else None
            rows.append(
                {
                    "plan": plan.name, "origin": plan.origin, "awards": sum(len(legs) for (_, legs), _ in plan.choice.weights),
                    "draws": fresh.shape[1],
                    "mean": average and self.natural(average.value), "mean_error": average and average.error,
                    "cvar": tail and self.natural(tail.value), "cvar_error": tail and tail.error,
                    "against_plan": against and self.natural(against.value), "against_plan_error": against and against.error,
                    "kept": float(self.kept[i, self.at["fresh"]].mean()) if fresh.size else None,
                    "excess": float(self.excess[i, self.at["fresh"]].mean()) if fresh.size else None,
                    "worst_regret": regrets[i], "chosen_for": ", ".join(what for what, j in best.items() if j == i) or None,
                }
            )  # fmt: skip
        return rows

    def _regrets(self) -> list[float | None]:
        """(plans,) the largest of cost less bound, over the worlds with a plan of their own."""
        bounds = [look.own.bound for look in self.looks if look.own is not None]
        known = [w for w, b in enumerate(bounds) if b is not None]
        below = np.array([b for b in bounds if b is not None])
        return [float((costs[known] - below).max()) if known else None for costs in self.costs]

    def _best(self) -> dict[str, int]:
        """Which plan is best by what, among those that go beyond their limits about as little as the programme's plan does."""
        draws, seen = self.at["draws"], np.arange(len(self.looks))
        over = draws if len(draws) else seen
        excess = self.excess[:, over].mean(axis=1)
        fair = np.flatnonzero(excess <= FAIR * excess[0] + 1e-9)
        by = {}
        if len(draws):
            by["average"] = [float(self.costs[i, draws].mean()) for i in fair]
            by["tail"] = [cvar(self.costs[i, draws], self.asked.level).value for i in fair]
        regrets = self._regrets()
        if regrets[0] is not None:
            by["regret"] = [float(regrets[i] or 0.0) for i in fair]
        return {what: int(fair[int(np.argmin(values))]) for what, values in by.items()}

    def values(self) -> Rows:
        return [
            {
                "plan": plan.name, "world": answer.place.name, "sample": self.sample[w], "value": self.natural(answer.values[i]),
                "lost": len(answer.lost[i]), "broken": len(answer.broken[i]),
            }
            for i, plan in enumerate(self.found.plans) for w, answer in enumerate(self.answers)
        ]  # fmt: skip

    def breaks(self) -> Rows:
        return [
            {"plan": plan.name, "world": answer.place.name, "block": b.block, "row": b.name, "bound": b.bound, "over": b.over, "unit": b.unit}
            for i, plan in enumerate(self.found.plans)
            for answer in self.answers[: len(self.looks)]
            for b in answer.broken[i]
        ]  # fmt: skip

    def lost(self) -> Rows:
        offers, parts = self.known.problem.offers, self.known.problem.parts
        why = ("too late, too small or no longer valid", "fails")
        return [
            {"world": a.place.name, "part": parts.labels[offers.part[o]], "offer": offers.labels[o], "signed": self.day(signed), "why": why[gone]}
            for a in self.answers[: len(self.looks)]
            for o, signed, gone in sorted(set(a.lost[0]))
        ]  # fmt: skip

    def stable(self) -> Rows:
        """Over the draws that have a plan of their own; over the scenarios where nothing is drawn."""
        pool = [k for k in self.looks if k.place.draw >= 0] or [k for k in self.looks if k.place.kind != BASE]
        choices = [k.own.choice for k in pool if k.own is not None and k.own.choice is not None]
        signed: dict[int, list[int]] = defaultdict(list)
        for choice in choices:
            for offer, months in _awarded(choice).items():
                signed[offer].append(min(months))
        has = _awarded(self.found.plans[0].choice)
        offers, parts, makers = self.known.problem.offers, self.known.problem.parts, self.known.problem.makers
        return [
            {
                "part": parts.labels[offers.part[o]], "offer": offers.labels[o], "maker": makers[offers.maker[o]],
                "share": len(months) / len(choices), "worlds": len(choices), "earliest": self.day(min(months)), "latest": self.day(max(months)),
                "in_plan": o in has, "sign_first": len(months) >= self.asked.nearly * len(choices),
            }
            for o, months in signed.items()
        ]  # fmt: skip

    def awards(self) -> Rows:
        offers, parts, makers = self.known.problem.offers, self.known.problem.parts, self.known.problem.makers
        return [
            {
                "plan": plan.name, "part": parts.labels[p], "offer": offers.labels[o], "maker": makers[offers.maker[o]],
                "signed": self.day(signed), "share": share, "weight": weight,
            }
            for plan in self.found.plans for (p, legs), weight in plan.choice.weights for o, signed, share in legs
        ]  # fmt: skip

    def bounds(self) -> Rows:
        """What the chosen plans reach on fresh draws, and what no plan can be better than."""
        drawn = [k.own for k in self.looks if k.place.draw >= 0 and k.own is not None]
        own = np.array([o.bound for o in drawn if o.bound is not None])
        best, fresh, level = self._best(), self.at["fresh"], self.asked.level
        kept = self.kept[:, fresh].mean(axis=1) if len(fresh) else np.zeros(len(self.kept))
        rows: Rows = []

        def add(risk: str, side: str, how: str, found: Estimate | None) -> None:
            if found is not None:
                ends = found.between(CONFIDENCE)
                low, high = (None, None) if ends is None else sorted(self.sign * e for e in ends)
                rows.append(
                    {
                        "risk": risk, "side": side, "how": how, "value": self.natural(found.value), "error": found.error, "low": low,
                        "high": high, "sample": found.draws,
                    }
                )  # fmt: skip

        for risk, of in (("average", mean), ("tail", lambda c: cvar(c, level))):
            if risk in best and len(fresh):
                add(
                    risk,
                    "reached",
                    f"fresh draws of `{self.found.plans[best[risk]].name}`, all limits kept in {kept[best[risk]]:.0%}",
                    of(self.costs[best[risk], fresh]),
                )
            if len(own) == len(drawn) > 0:  # a world without a plan has no bound, and the others are no fair sample
                add(risk, "bound", "wait and see: of plans that keep their limits in every world", of(own))
        add("average", "bound", f"batches: of plans that keep their limits {self.found.where}", self.found.average)
        if self.found.tail is not None:
            add(
                "tail",
                "bound",
                f"tails: of plans that keep their limits {self.found.where}",
                Estimate(self.found.tail, None, len(drawn)),
            )
        return rows


def _awarded(choice: Choice) -> dict[int, list[int]]:
    """Offers that a plan awards, with the months of their signing."""
    found: dict[int, list[int]] = defaultdict(list)
    for (_, legs), _ in choice.weights:
        for offer, signed, _ in legs:
            found[offer].append(signed)
    return found
