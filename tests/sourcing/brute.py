"""A slow twin of the planner, written from the text of DESIGN alone: month by month, every combination tried.

It shares no code with `sourcing`. Money is in EUR; USD converts at the one rate of the world.
"""

from __future__ import annotations

from itertools import combinations, product

from scipy.integrate import quad

USD = 0.8  # EUR for one USD, the only rate of the random worlds


class World:
    """The tables of a random world as dictionaries, with what brute force needs of them."""

    def __init__(self, settings: dict, tables: dict[str, list[dict]]):
        self.s, self.t = settings, tables
        self.T = settings["last_year"] - settings["first_year"] + 1
        self.part = {r["part"]: r for r in tables["parts"]}
        self.offer = {r["offer"]: r for r in tables["offers"]}
        self.venture = {r["venture"]: r for r in tables.get("ventures", [])}
        self.maker = {r["maker"]: r for r in tables["makers"]}
        self.need = {(r["part"], r["year"] - settings["first_year"]): r["units"] for r in tables["needs"]}

    def months_until(self, day: str) -> int:
        """Months from the first day of the programme to the first day of the month `day` (always a first)."""
        year, month, _ = map(int, day.split("-"))
        return (year - self.s["first_year"]) * 12 + month - 1

    def delta(self, t: int) -> float:
        return (1 + self.s["discount_rate"]) ** -(t + 0.5)

    def eur(self, row: dict, amount: float) -> float:
        return amount * (USD if row["currency"] == "USD" else 1.0)

    # ---- one leg, month by month

    def leg(self, name: str, start: int, share: float) -> dict | None:
        """What an offer does from month `start` on with a share of the need; None when it cannot be."""
        o, T = self.offer[name], self.T
        p = self.part[o["part"]]
        lead, term = o["lead_time_months"], 12 * o.get("term_years", 10_000)
        if "valid_until" in o and start - lead > self.months_until(o["valid_until"]):
            return None
        ramp = [float(x) for x in o.get("ramp", "1").split(";")]
        full = [min(share * self.need.get((o["part"], t), 0.0), o["annual_max"]) for t in range(T)]
        least = max(o.get("minimum_units", 0), o.get("guaranteed_units", 0))
        units, guaranteed, active = [0.0] * T, [0.0] * T, [0.0] * T
        for m in range(start, min(12 * T, start + int(term))):
            rate = ramp[min((m - start) // 12, len(ramp) - 1)] / 12
            units[m // 12] += rate * full[m // 12]
            guaranteed[m // 12] += rate * o.get("guaranteed_units", 0)
            active[m // 12] += 1 / 12
        if sum(units) <= 0 or any(active[t] > 0 and full[t] < least for t in range(T)):
            return None
        return self._money(o, p, start, term, full, units, guaranteed, active)

    def _money(self, o, p, start, term, full, units, guaranteed, active) -> dict:
        import math

        T, lead = self.T, o["lead_time_months"]
        b = math.log2(o.get("progress_ratio", 1.0))
        E, made, price = o.get("experience_units", 1.0), 0.0, []
        for t in range(T):
            curve = (
                quad(lambda n: ((E + n) / E) ** b, made, made + units[t])[0] / units[t]
                if units[t] > 1e-12
                else ((E + made) / E) ** b
            )
            price.append(self.eur(o, o["unit_price"]) * (1 + o.get("price_indexation", 0.0)) ** t * curve)
            made += units[t]
        royalty = [0.0] * T
        if "venture" in o:
            v = self.venture[o["venture"]]
            opens = self.months_until(v["opens"])
            for m in range(max(0, opens), 12 * T):
                if m < opens + 12 * v.get("years", 10_000):
                    royalty[m // 12] += v.get("royalty_share", 0.0) / 12
        abroad_share = [o.get("imported_input_share", 0.0) + r for r in royalty]
        committed = guaranteed if "guaranteed_units" in o else units
        value = sum(c * x for c, x in zip(committed, price, strict=True))
        if "term_years" in o:
            beyond = max(0.0, term - (12 * T - start)) / 12
            value += beyond * (o.get("guaranteed_units", full[-1])) * price[-1]
        spend = [0.0] * T
        for m in range(start - lead, start) if lead else [start]:
            spend[m // 12] += 1 / (lead or 1)
        tooling = [f * self.eur(o, o["tooling_cost"]) for f in spend]
        support = [f * self.eur(o, o.get("public_support", 0.0)) for f in spend]
        purchases = [u * x for u, x in zip(units, price, strict=True)]
        return {
            "offer": o, "start": start, "units": units, "purchases": purchases, "tooling": tooling, "support": support,
            "active": active, "contract": value, "signed": start - lead,
            "abroad": [a * x + o.get("tooling_imported_share", 0.0) * g for a, x, g in zip(abroad_share, purchases, tooling, strict=True)],
            "local": [x * (1 - a) for a, x in zip(abroad_share, purchases, strict=True)],
        }  # fmt: skip

    # ---- the options of a part

    def options(self, part: str) -> list[list[dict]]:
        """Lists of legs; the empty one is to stay imported. Forced, forbidden and signed ones are already applied."""
        offers = sorted(n for n, o in self.offer.items() if o["part"] == part)
        bounds = self.s["options"]
        years = [
            y - self.s["first_year"]
            for y in bounds.get("start_years") or range(self.s["first_year"], self.s["last_year"] + 1)
        ]
        found: list[list[dict]] = [[]]

        def start(name: str, year: int) -> int | None:
            o = self.offer[name]
            opens = self.months_until(self.venture[o["venture"]]["opens"]) if "venture" in o else 0
            month = max(12 * year, o["lead_time_months"], opens)
            return month if month < 12 * (year + 1) else None

        for name, year, share in product(offers, years, bounds["share_steps"]):
            month = start(name, year)
            leg = self.leg(name, month, share) if month is not None else None
            if leg:
                found.append([leg])
        pairs = [ab for ab in combinations(offers, 2) if self.offer[ab[0]]["maker"] != self.offer[ab[1]]["maker"]]
        price = {n: self.eur(self.offer[n], self.offer[n]["unit_price"]) for n in offers}
        pairs.sort(key=lambda ab: (price[ab[0]] + price[ab[1]], ab))
        splits = {w for s in bounds["split_steps"] for w in (s, 1 - s)}
        for (a, b), year, share, w in product(pairs[: bounds["pairs_max"]], years, bounds["share_steps"], splits):
            months = start(a, year), start(b, year)
            if None not in months:
                legs = self.leg(a, months[0], share * w), self.leg(b, months[1], share * (1 - w))
                if all(legs):
                    found.append(list(legs))
        return [k for k in found if self._permitted(part, k)]

    def _permitted(self, part: str, legs: list[dict]) -> bool:
        names = {leg["offer"]["offer"] for leg in legs}
        makers = {leg["offer"]["maker"] for leg in legs}
        ventures = {leg["offer"].get("venture") for leg in legs}
        imported = [self.need.get((part, t), 0.0) - sum(leg["units"][t] for leg in legs) for t in range(self.T)]
        if self.part[part].get("importable") == "no" and any(
            i > 1e-9 * max(1, self.need.get((part, t), 0)) for t, i in enumerate(imported)
        ):
            return False
        for d in self.t.get("decisions", []):
            force, key = d["verdict"] == "force", d["key"]
            if d["what"] == "part" and key == part and (bool(legs) != force):
                return False
            if d["what"] == "offer" and self.offer[key]["part"] == part and ((key in names) != force):
                return False
            if not force and ((d["what"] == "maker" and key in makers) or (d["what"] == "venture" and key in ventures)):
                return False
        for line in self.t.get("contract_lines", []):
            if line["part"] == part and line["maker"] not in makers:
                return False
        return True

    # ---- measures of a choice

    def yearly(self, name: str, chosen: dict[str, list[dict]], inside) -> list[float]:
        """A measure by year over the parts and legs for which `inside(part, leg or None)` holds; fixed costs apart."""
        T, out = self.T, [0.0] * self.T
        for part, legs in chosen.items():
            p = self.part[part]
            cif = self.eur(
                p, p["import_price"] + (p.get("freight", 0.0) if p.get("incoterm") in ("EXW", "FOB") else 0.0)
            )
            for t in range(T):
                made = sum(leg["units"][t] for leg in legs)
                if inside(part, None):
                    out[t] += self._imported(name, p, cif, self.need.get((part, t), 0.0) - made)
                for leg in legs:
                    if inside(part, leg):
                        out[t] += self._made(name, leg, cif, t)
        return out

    def _imported(self, name: str, p: dict, cif: float, units: float) -> float:
        duty, phi = p.get("duty_share", 0.0), self.s.get("shadow_premium", 0.0)
        if name == "cost":
            name = f"{self.s['perspective']}_cost"
        return {
            "buyer_cost": units * cif * (1 + duty), "programme_cost": units * cif * (1 + phi), "foreign_currency": units * cif,
            "units_imported": units, "defects": units * p.get("defects_ppm", 0) / 1e6, "value_of_parts": units * cif,
            "units_with_defects": units if "defects_ppm" in p else 0.0,
        }.get(name, 0.0)  # fmt: skip

    def _made(self, name: str, leg: dict, cif: float, t: int) -> float:
        o, phi = leg["offer"], self.s.get("shadow_premium", 0.0)
        payer = o.get("tooling_paid_by", "buyer")
        u, x, g, h = leg["units"][t], leg["purchases"][t], leg["tooling"][t], leg["support"][t]
        if name == "cost":
            name = f"{self.s['perspective']}_cost"
        known = {
            "buyer_cost": x + (g if payer == "buyer" else 0), "programme_cost": x + (g if payer != "maker" else 0) + h + phi * leg["abroad"][t],
            "foreign_currency": leg["abroad"][t], "tooling": g, "investment": g, "public_money": h + (g if payer == "public" else 0),
            "home_purchases": x, "imports_displaced": u * cif, "imports_displaced_net": u * cif - leg["abroad"][t], "local_value": leg["local"][t],
            "value_of_parts": x, "units_home": u, "machine_hours": u * o.get("hours_per_unit", 0), "defects": u * o.get("defects_ppm", 0) / 1e6,
            "units_with_defects": u if "defects_ppm" in o else 0.0, "launches": float(leg["start"] // 12 == t),
            "contract_value": leg["contract"] if leg["signed"] // 12 == t else 0.0,
        }  # fmt: skip
        if name in known:
            return known[name]
        total = 0.0
        for r in self.t.get("uses", []):
            if r["offer"] == o["offer"] and r["measure"] == name:
                year = r["year"] - self.s["first_year"] if "year" in r else None
                per = r.get("per", "award")
                if per == "award":
                    total += r["amount"] if t == (leg["start"] // 12 if year is None else year) else 0.0
                elif year in (None, t):
                    total += r["amount"] * (u if per == "unit" else leg["active"][t])
        return total

    # ---- the best of all

    def best(self) -> float | None:
        """The least objective over every combination, None when none is allowed."""
        parts = sorted(self.part)
        tables = [self.options(p) for p in parts]
        shops = [(r["maker"], r["family"]) for r in self.t.get("capacity", []) if r["year"] == self.s["first_year"]]
        forced = [d["key"] for d in self.t.get("decisions", []) if d["what"] == "maker" and d["verdict"] == "force"]
        opened = {d["key"] for d in self.t.get("decisions", []) if d["what"] == "venture" and d["verdict"] == "force"}
        best = None
        for choice in product(*tables):
            chosen = dict(zip(parts, choice, strict=True))
            legs = [leg for k in choice for leg in k]
            if any(m not in {leg["offer"]["maker"] for leg in legs} for m in forced):
                continue
            used = opened | {leg["offer"]["venture"] for leg in legs if "venture" in leg["offer"]}
            for ventures, modules in product(self._venture_plans(used), self._module_plans(shops, legs)):
                value = self._value(chosen, legs, ventures, modules)
                if value is not None and (best is None or value < best):
                    best = value
        return best

    def _venture_plans(self, used: set[str]) -> list[set[str]]:
        """The ventures in use, and idle ones beside them: a floor on investment may pay for that."""
        forbidden = {
            d["key"] for d in self.t.get("decisions", []) if d["what"] == "venture" and d["verdict"] == "forbid"
        }
        idle = sorted(set(self.venture) - used - forbidden)
        return [used | set(more) for n in range(len(idle) + 1) for more in combinations(idle, n)]

    def _module_plans(self, shops: list, legs: list[dict]):
        """Every {(maker, family, year): count} that gives enough machine-hours."""
        row = {(r["maker"], r["family"], r["year"] - self.s["first_year"]): r for r in self.t.get("capacity", [])}
        ranges = []
        for key, r in sorted(row.items()):
            allowed = key[2] - r.get("module_lead_years", 0) >= 0
            ranges.append([(key, n) for n in range((r.get("modules_max", 0) if allowed else 0) + 1)])
        for plan in product(*ranges):
            count = dict(plan)
            if all(self._hours_hold(m, f, count, row, legs) for m, f in shops):
                yield count

    def _hours_hold(self, maker: str, family: str, count: dict, row: dict, legs: list[dict]) -> bool:
        service, hours, most = 0, 0.0, 0
        for t in range(self.T):
            r = row[maker, family, t]
            service += count[maker, family, t]
            hours += count[maker, family, t] * r.get("module_hours", 0.0)
            most = max(most, r.get("modules_max", 0))
            used = sum(
                leg["units"][t] * leg["offer"].get("hours_per_unit", 0.0)
                for leg in legs if leg["offer"]["maker"] == maker and self.part[leg["offer"]["part"]].get("family") == family
            )  # fmt: skip
            if service > most or used > r["hours"] + hours + 1e-7:
                return False
        return True

    def _left(self, month: int) -> float:
        """Share of an outlay on what works from `month` that is left at the end."""
        life = self.s.get("asset_life_years")
        return max(0.0, 1 - (12 * self.T - month) / 12 / life) if life else 0.0

    def _fixed(self, ventures: set[str], modules: dict, inside) -> tuple[list[float], float]:
        """Yearly outlay on ventures and modules, and its present value less what is left of it."""
        yearly, residual = [0.0] * self.T, 0.0
        end = (1 + self.s["discount_rate"]) ** -self.T
        row = {(r["maker"], r["family"], r["year"] - self.s["first_year"]): r for r in self.t.get("capacity", [])}
        for key, n in modules.items():
            if n and inside(key[0], None, key[1]):
                cost = n * self.eur(row[key], row[key]["module_cost"])
                yearly[key[2] - row[key].get("module_lead_years", 0)] += cost
                residual += cost * self._left(12 * key[2])
        for v in ventures:
            if inside(self.venture[v]["maker"], v, None):
                opens = self.months_until(self.venture[v]["opens"])
                cost = self.eur(self.venture[v], self.venture[v]["set_up_cost"])
                yearly[min(opens // 12, self.T - 1)] += cost
                residual += cost * self._left(opens)
        return yearly, sum(self.delta(t) * x for t, x in enumerate(yearly)) - end * residual

    def _value(self, chosen: dict, legs: list[dict], ventures: set[str], modules: dict) -> float | None:
        penalty = 0.0
        for limit in self.t.get("limits", []):
            miss = self._miss(limit, chosen, ventures, modules)
            if miss > 1e-7 * max(1.0, abs(limit["value"])):
                if "penalty" not in limit:
                    return None
                penalty += limit["penalty"] * miss
        name = self.s["objective"]
        everywhere = lambda *_: True  # noqa: E731
        yearly = self.yearly(name, chosen, everywhere)
        fixed, fixed_present = self._fixed(ventures, modules, everywhere)
        if name != "cost":
            total = sum(yearly) + (sum(fixed) if name in ("investment", "buyer_cost", "programme_cost") else 0.0)
            return penalty + (-total if self.s["objective_sense"] == "most" else total)
        present = sum(self.delta(t) * x for t, x in enumerate(yearly)) + fixed_present
        end = (1 + self.s["discount_rate"]) ** -self.T
        for leg in legs:
            payer = leg["offer"].get("tooling_paid_by", "buyer")
            if payer == "buyer" or (payer == "public" and self.s["perspective"] == "programme"):
                present -= end * self._left(leg["start"]) * sum(leg["tooling"])
        return present + penalty

    def _miss(self, limit: dict, chosen: dict, ventures: set[str], modules: dict) -> float:
        """By how much a limit is missed, in its own unit (for a ratio, in units of its numerator)."""
        scope, key = limit.get("scope", "programme"), limit.get("scope_key")
        first, last = (
            (limit["years"].split("-") * 2)[:2] if "years" in limit else (self.s["first_year"], self.s["last_year"])
        )
        span = range(int(first) - self.s["first_year"], int(last) - self.s["first_year"] + 1)

        def inside(part: str, leg: dict | None) -> bool:
            if scope == "programme":
                return True
            if scope in ("part", "family"):
                return (part if scope == "part" else self.part[part].get("family")) == key
            if leg is None:
                return False
            if scope == "venture":
                return leg["offer"].get("venture") == key
            maker = leg["offer"]["maker"]
            return (maker if scope == "maker" else self.maker[maker].get(scope)) == key

        def fixed_inside(maker: str, venture: str | None, family: str | None) -> bool:
            """A venture, or a module of a maker's machines of a family."""
            if scope == "family":
                return family == key
            if scope in ("part", "venture"):
                return scope == "venture" and venture == key
            return scope == "programme" or (maker if scope == "maker" else self.maker[maker].get(scope)) == key

        def total(name: str, where=inside) -> float:
            return sum(self.yearly(name, chosen, where)[t] for t in span)

        unit = USD if limit.get("currency") == "USD" else 1.0
        if limit["measure"] == "maker_share":
            level = total("home_purchases") - limit["value"] * total("home_purchases", lambda *_: True)
            excess = level
        elif limit["measure"] == "local_content":
            excess = total("local_value") - limit["value"] * total("value_of_parts")
        elif limit["measure"] == "defects_ppm":
            excess = total("defects") - limit["value"] / 1e6 * total("units_with_defects")
        else:
            level = total(limit["measure"])
            if limit["measure"] in ("cost", "buyer_cost", "programme_cost", "investment"):
                yearly, _ = self._fixed(ventures, modules, fixed_inside)
                level += sum(yearly[t] for t in span)
            excess = level / unit - limit["value"]
        return max(0.0, excess if limit["sense"] == "at_most" else -excess)
