"""What one table alone cannot show: the faults that a planner would trip on. Every check yields findings."""

from __future__ import annotations

from collections.abc import Iterator, Set

import polars as pl

from onshore.blueprint.calendar import middle, year_start
from onshore.blueprint.declared import TABLES
from onshore.blueprint.declared.record import SUMS
from onshore.blueprint.market_checks import market_checks
from onshore.blueprint.measures import MEASURES
from onshore.blueprint.money import ECB, Rates
from onshore.blueprint.needs import content_of, cycle
from onshore.blueprint.settings import Settings
from onshore.blueprint.uncertain_checks import uncertain_checks
from onshore.errors import Finding, finding
from onshore.tables.parse import numbers, year_span
from onshore.tables.words import nearest, nearest_of

__all__ = ["cross_check"]

Tables = dict[str, pl.DataFrame]


def cross_check(settings: Settings, tables: Tables, faulty: Set[str] = frozenset()) -> list[Finding]:
    """Every finding that needs more than one table, or a table and the settings.

    Where some tables are `faulty`, their incomplete rows are passed over, and nothing is said that a row of theirs, once
    mended, could take back: one fault must not show as many.
    """
    checks = (
        _years, _bill_of_materials, _needs, _parts, _offers, _capacity, _ventures, _limits, _decisions, _contracts,
        _products, _contradictions, _rate_jumps, _circles, uncertain_checks, _targets, _objective, _premium, _rates,
        market_checks,
    )  # fmt: skip
    whole = {
        name: frame.drop_nulls(TABLES[name].required) if name in faulty else frame for name, frame in tables.items()
    }
    found = [f for check in checks for f in check(settings, whole)]
    return [
        f for f in found if not (faulty and faulty & RESTS_ON.get((f.kind, f.table), RESTS_ON.get((f.kind, ""), set())))
    ]


_ALL = set(TABLES)
RESTS_ON: dict[tuple[str, str], set[str]] = {
    ("unknown_reference", "bom"): {"parts", "products", "bom"},
    ("unknown_reference", ""): _ALL,
    ("no_need", ""): {"needs", "volumes", "bom", "products", "parts"},
    ("no_source", ""): {"offers"},
    ("no_family", ""): {"parts"},
    ("no_capacity", ""): {"capacity", "parts"},
    ("idle_family", ""): {"parts"},
    ("no_brands", ""): {"brands"},
    ("idle_owner", ""): {"brands"},
    ("owners_not_whole", ""): {"owners"},
    ("volume_gap", ""): {"volumes"},
    ("commitment_without_offer", ""): {"offers"},
    ("unknown_measure", ""): {"uses"},
    ("unknown_market", ""): {"rates"},
    ("no_rate", ""): {"rates"},
    ("assembly_bought_whole", ""): {"bom"},
    ("nothing_to_draw", ""): _ALL,
    ("draws_beyond", ""): _ALL,
}
"""What a finding would be wrong about if rows were missing: the kind, in a table or in any, and the tables it rests on."""


def _labels(tables: Tables, table: str, column: str) -> set[str]:
    return set(tables[table][column].drop_nulls().unique())


def _years(settings: Settings, tables: Tables) -> Iterator[Finding]:
    """Rows dated outside the programme; history of `volumes` may lie before it."""
    first, last = settings.first_year, settings.last_year
    outside = ~pl.col("year").is_between(first, last)
    history = (pl.col("kind") == "history").fill_null(value=False) & (pl.col("year") < first)
    for table in ("needs", "capacity", "uses", "volumes"):
        bad = tables[table].filter(outside & ~history if table == "volumes" else outside)
        for row, year in bad.select("row", "year").iter_rows():
            yield finding("year_outside", table, row, "year", year, first=first, last=last)
    for row, years in tables["limits"].select("row", "years").drop_nulls().iter_rows():
        start, end = year_span(years)
        if start < first or end > last:
            yield finding("year_outside", "limits", row, "years", years, first=first, last=last)


def _bill_of_materials(settings: Settings, tables: Tables) -> Iterator[Finding]:
    bom, parts, products = tables["bom"], tables["parts"]["part"], tables["products"]["product"].drop_nulls()
    path = cycle(bom)
    if path:
        rows = bom.filter((pl.col("product") == path[0]) & (pl.col("part") == path[1]))["row"]
        yield finding("bom_cycle", "bom", rows[0] if len(rows) else None, "part", path[1], path=" > ".join(path))
    for column, names, other in (("product", "products.product", products), ("part", "parts.part", parts)):
        # what is bought or sold by name, and assemblies
        known = pl.concat([other, bom["part" if column == "product" else "product"]]).unique().drop_nulls()
        lost = bom.filter(~pl.col(column).is_in(known.implode()))
        if column == "product":
            lost = lost.filter(~pl.col("product").is_in(parts.drop_nulls().implode()))
        hint = nearest_of(known.sort().to_list() if lost.height else [])
        for row, item in lost.select("row", column).iter_rows():
            yield finding("unknown_reference", "bom", row, column, item, target=names, nearest=hint(item))
    for kind, wholes in (("assembly_bought_whole", bom["product"]), ("part_is_product", products)):
        whole = tables["parts"].filter(pl.col("part").is_in(wholes.implode()))
        for row, item in whole.select("row", "part").iter_rows():
            yield finding(kind, "parts", row, "part", item)


def _needs(settings: Settings, tables: Tables) -> Iterator[Finding]:
    """A part's need for the assembly line given outright and by bills of materials as well would count twice."""
    if cycle(tables["bom"]):
        return
    planned = tables["volumes"].filter(pl.col("year").is_between(settings.first_year, settings.last_year))
    content = content_of(tables["bom"], tables["parts"])
    built = content.names.is_in(planned["product"].implode()).to_numpy()[content.product]
    parts_built = content.names.gather(content.part[built]).unique()
    oem = tables["needs"].filter(pl.col("market").fill_null("oem") == "oem")
    both = built & content.names.is_in(oem["part"].implode()).to_numpy()[content.part]
    pairs = pl.DataFrame(
        {"product": content.names.gather(content.product[both]), "part": content.names.gather(content.part[both])}
    )
    dated = pairs.join(planned.select("product", "year"), on="product").select("part", "year").unique()
    twice = oem.join(dated, on=["part", "year"])
    for row, part, year in twice.sort("row").select("row", "part", "year").iter_rows():
        yield finding("need_given_twice", "needs", row, "units", None, part=part, year=year)
    oem_default = tables["needs"].with_columns(pl.col("market").fill_null("oem"))
    repeated = oem_default.filter(
        pl.struct("part", "year", "market").is_duplicated() & tables["needs"]["market"].is_null()
    )
    for row, part, year in repeated.select("row", "part", "year").iter_rows():
        yield finding("need_given_twice", "needs", row, "market", None, part=part, year=year)
    needed = pl.concat([tables["needs"]["part"], parts_built])
    for row, part in tables["parts"].filter(~pl.col("part").is_in(needed.implode())).select("row", "part").iter_rows():
        yield finding("no_need", "parts", row, "part", part)


def _parts(settings: Settings, tables: Tables) -> Iterator[Finding]:
    parts, offered = tables["parts"], tables["offers"]["part"].unique()
    open_terms = parts.filter(pl.col("incoterm").is_in(["EXW", "FOB"]) & pl.col("freight").is_null())
    for row, term in open_terms.select("row", "incoterm").iter_rows():
        yield finding("no_freight", "parts", row, "freight", None, incoterm=term)
    closed = parts.filter(~pl.col("incoterm").fill_null("CIF").is_in(["EXW", "FOB"]) & (pl.col("freight") > 0))
    for row, freight in closed.select("row", "freight").iter_rows():
        yield finding("freight_included", "parts", row, "freight", freight)
    stuck = parts.filter(~pl.col("importable").fill_null(value=True) & ~pl.col("part").is_in(offered.implode()))
    for row, part in stuck.select("row", "part").iter_rows():
        yield finding("no_source", "parts", row, "importable", "no", part=part)


def _offers(settings: Settings, tables: Tables) -> Iterator[Finding]:
    offers = tables["offers"]
    for row, _ in (
        offers.filter((pl.col("progress_ratio") < 1) & pl.col("experience_units").is_null())
        .select("row", "offer")
        .iter_rows()
    ):
        yield finding("no_experience", "offers", row, "experience_units")
    for column in ("minimum_units", "guaranteed_units"):
        above = offers.filter(pl.col(column) > pl.col("annual_max"))
        for row, value, most in above.select("row", column, "annual_max").iter_rows():
            yield finding("above_annual_max", "offers", row, column, f"{value:g}", most=f"{most:g}")
    steps = {ramp: numbers(ramp) for ramp in offers["ramp"].drop_nulls().unique()}
    bad = [ramp for ramp, shares in steps.items() if max(shares) > 1 or shares[-1] == 0]
    for row, ramp in offers.filter(pl.col("ramp").is_in(bad)).select("row", "ramp").iter_rows():
        yield finding("bad_ramp", "offers", row, "ramp", ramp)
    ventures = tables["ventures"].select("venture", pl.col("maker").alias("venture_maker"))
    made_in = offers.select("row", "maker", "venture").drop_nulls("venture")
    wrong = made_in.join(ventures, on="venture").filter(pl.col("maker") != pl.col("venture_maker"))
    for row, maker, venture, its in wrong.sort("row").select("row", "maker", "venture", "venture_maker").iter_rows():
        yield finding("not_its_venture", "offers", row, "venture", venture, maker=maker, its=its)
    yield from _machine_hours(settings, tables)


def _machine_hours(settings: Settings, tables: Tables) -> Iterator[Finding]:
    """An offer that takes machine-hours needs its part's family, and the maker's hours in every year."""
    offers = tables["offers"].filter(pl.col("hours_per_unit") > 0).select("row", "part", "maker")
    timed = offers.join(tables["parts"].select("part", "family"), on="part")
    for row, part in timed.filter(pl.col("family").is_null()).sort("row").select("row", "part").iter_rows():
        yield finding("no_family", "offers", row, "hours_per_unit", None, part=part)
    wanted = timed.drop_nulls("family").group_by("maker", "family").agg(pl.min("row"))
    years = pl.DataFrame({"year": list(settings.years)}, schema={"year": pl.Int64})
    missing = wanted.join(years, how="cross").join(tables["capacity"], on=["maker", "family", "year"], how="anti")
    for maker, family, row, absent in (
        missing.sort("year")
        .group_by("maker", "family", "row", maintain_order=True)
        .agg(pl.col("year"))
        .sort("row")
        .rows()
    ):
        yield finding(
            "no_capacity",
            "offers",
            row,
            "hours_per_unit",
            None,
            maker=maker,
            family=family,
            years=", ".join(map(str, absent)),
        )


def _capacity(settings: Settings, tables: Tables) -> Iterator[Finding]:
    families = _labels(tables, "parts", "family")
    idle = tables["capacity"].filter(~pl.col("family").is_in(list(families)))
    for row, family in idle.group_by("family").agg(pl.min("row")).sort("row").select("row", "family").iter_rows():
        yield finding("idle_family", "capacity", row, "family", family, nearest=nearest(family, families))
    expandable = tables["capacity"].filter(pl.col("modules_max") > 0)
    for column in ("module_hours", "module_cost"):
        for row in expandable.filter(pl.col(column).is_null())["row"]:
            yield finding("module_unknown", "capacity", row, column)


def _ventures(settings: Settings, tables: Tables) -> Iterator[Finding]:
    end = year_start(settings.last_year + 1, settings.calendar)
    used = _labels(tables, "offers", "venture")
    late = tables["ventures"].filter((pl.col("opens") >= end) & pl.col("venture").is_in(list(used)))
    for row, opens in late.select("row", "opens").iter_rows():
        yield finding("opens_too_late", "ventures", row, "opens", opens)


def _products(settings: Settings, tables: Tables) -> Iterator[Finding]:
    more = tables["products"].filter(pl.col("other_local_value") > pl.col("other_value").fill_null(0))
    for row, value in more.select("row", "other_local_value").iter_rows():
        yield finding("local_above_value", "products", row, "other_local_value", value)
    planned = tables["volumes"].filter(pl.col("year").is_between(settings.first_year, settings.last_year))
    for product, row, years in (
        planned.group_by("product").agg(pl.min("row"), pl.col("year").unique()).sort("row").rows()
    ):  # fmt: skip
        absent = sorted(set(settings.years) - set(years))
        if absent:
            yield finding(
                "volume_gap", "volumes", row, "year", None, product=product, years=", ".join(map(str, absent))
            )


def _contradictions(settings: Settings, tables: Tables) -> Iterator[Finding]:
    """An offer that is forced although its part, maker or venture is forbidden."""
    decided = {
        (what, key): verdict for what, key, verdict in tables["decisions"].select("what", "key", "verdict").iter_rows()
    }
    offers = tables["offers"].filter(pl.col("offer").is_in(tables["decisions"]["key"].implode()))
    belongs = {o: names for o, *names in offers.select("offer", "part", "maker", "venture").iter_rows()}
    for row, what, key, verdict in tables["decisions"].select("row", "what", "key", "verdict").iter_rows():
        if what == "offer" and verdict == "force" and key in belongs:
            for other, name in zip(("part", "maker", "venture"), belongs[key], strict=True):
                if decided.get((other, name)) == "forbid":
                    yield finding(
                        "decisions_conflict", "decisions", row, "verdict", verdict, offer=key, what=other, name=name
                    )


def _rate_jumps(settings: Settings, tables: Tables) -> Iterator[Finding]:
    """A rate that is five times the one before it: a slip of a digit, toman for rial, or the wrong way round."""
    series = tables["rates"].sort("base", "quote", "market", "date")
    ratio = (pl.col("quote_per_base") / pl.col("quote_per_base").shift(1).over("base", "quote", "market")).log().abs()
    for row, value in series.filter(ratio > RATE_JUMP).sort("row").select("row", "quote_per_base").iter_rows():
        yield finding("rate_jump", "rates", row, "quote_per_base", f"{value:g}")


RATE_JUMP = 1.609  # ln 5


def scope_labels(tables: Tables) -> dict[str, set[str]]:
    """The names that a limit's `scope_key` may take, by scope."""
    places = {
        "sector": ("sectors", "sector"), "subproject": ("subprojects", "subproject"), "part": ("parts", "part"),
        "product": ("products", "product"), "family": ("parts", "family"), "maker": ("makers", "maker"),
        "owner_group": ("makers", "owner_group"), "region": ("makers", "region"),
        "venture": ("ventures", "venture"), "partner": ("ventures", "partner"),
    }  # fmt: skip
    return {scope: _labels(tables, *place) for scope, place in places.items()}


def _limits(settings: Settings, tables: Tables) -> Iterator[Finding]:
    own = _labels(tables, "uses", "measure")
    for row, measure in (
        tables["uses"].filter(pl.col("measure").is_in(list(MEASURES))).select("row", "measure").iter_rows()
    ):
        yield finding("measure_taken", "uses", row, "measure", measure)
    labels = scope_labels(tables)
    columns = ("row", "measure", "scope", "scope_key", "value", "currency")
    for row, measure, scope, key, value, currency in tables["limits"].select(columns).iter_rows():
        scope = scope or "programme"
        known = MEASURES.get(measure)
        if known is None and measure not in own:
            yield finding(
                "unknown_measure", "limits", row, "measure", measure, nearest=nearest(measure, {*MEASURES, *own})
            )
            continue
        yield from _scope_of(row, scope, key, labels)
        if known is not None and scope not in known.scopes:
            yield finding("scope_unfit", "limits", row, "scope", scope, measure=measure, scopes=", ".join(known.scopes))
        money = known is not None and known.flow is not None
        if money and currency is None:
            yield finding("missing_currency", "limits", row, "currency", None, money="value")
        if not money and currency is not None:
            yield finding("currency_unfit", "limits", row, "currency", currency, measure=measure)
        if known is not None and known.unit == "share" and not 0 <= value <= 1:
            yield finding(
                "out_of_bounds", "limits", row, "value", f"{value:g}", bounds="0 to 1", meaning="a share is a fraction"
            )


def _scope_of(row: int, scope: str, key: str | None, labels: dict[str, set[str]]) -> Iterator[Finding]:
    if scope == "programme" and key is not None:
        yield finding("key_without_scope", "limits", row, "scope_key", key)
    if scope != "programme" and key is None:
        yield finding("scope_without_key", "limits", row, "scope_key", None, scope=scope)
    if scope != "programme" and key not in (None, "*") and key not in labels[scope]:
        yield finding(
            "unknown_reference",
            "limits",
            row,
            "scope_key",
            key,
            target=f"the {scope}s of the programme",
            nearest=nearest(key, labels[scope]),
        )


def _decisions(settings: Settings, tables: Tables) -> Iterator[Finding]:
    decisions = tables["decisions"]
    labels = {what: _labels(tables, f"{what}s", what) for what in decisions["what"].unique()}
    for row, what, key in decisions.select("row", "what", "key").iter_rows():
        if key not in labels[what]:
            hint = nearest(key, labels[what])
            yield finding("unknown_reference", "decisions", row, "key", key, target=f"{what}s.{what}", nearest=hint)


def _contracts(settings: Settings, tables: Tables) -> Iterator[Finding]:
    contracts = tables["contracts"]
    known = _labels(tables, "contracts", "contract")
    for column in ("part_of", "may_repeat"):
        named = contracts.select("row", "contract", "kind", others=column).drop_nulls("others")
        for row, contract, kind, others in named.iter_rows():
            pieces = [p.strip() for p in others.split("+")]
            if column == "part_of" and len(pieces) > 1 and kind not in SUMS:
                yield finding("two_wholes", "contracts", row, column, others, what=kind, sums=", ".join(SUMS))
            for piece in pieces:
                if piece not in known or piece == contract:
                    hint = nearest(piece, known - {contract})
                    yield finding(
                        "unknown_reference", "contracts", row, column, piece, target="contracts.contract", nearest=hint
                    )
    offers, lines = tables["offers"], tables["contract_lines"]
    named = offers.filter(
        pl.col("part").is_in(lines["part"].implode()) | pl.col("offer").is_in(lines["offer"].implode())
    )
    made = set(named.select("maker", "part").iter_rows())
    of_offer = {offer: (maker, part) for offer, maker, part in named.select("offer", "maker", "part").iter_rows()}
    for row, maker, part, offer in lines.select("row", "maker", "part", "offer").iter_rows():
        fits = (maker, part) in made if offer is None else of_offer.get(offer, (maker, part)) == (maker, part)
        if not fits:
            yield finding("commitment_without_offer", "contract_lines", row, "offer", offer, maker=maker, part=part)


def _circles(settings: Settings, tables: Tables) -> Iterator[Finding]:
    """Something that is a piece of itself, in however many steps."""
    for table, key, above in (("subprojects", "subproject", "parent"), ("contracts", "contract", "part_of")):
        parent = dict(tables[table].select(key, above).drop_nulls().iter_rows())
        for row, name in tables[table].select("row", key).iter_rows():
            chain = [name]
            while parent.get(chain[-1]) in parent and parent[chain[-1]] not in chain:
                chain.append(parent[chain[-1]])
            if parent.get(chain[-1]) == name:
                yield finding("piece_of_itself", table, row, above, parent[name], path=" > ".join([*chain, name]))


def _premium(settings: Settings, tables: Tables) -> Iterator[Finding]:
    """A shadow premium and a hard ceiling both say that foreign currency is scarce."""
    if settings.shadow_premium > 0:
        limits = tables["limits"]
        hard = limits.filter(
            (pl.col("measure") == "foreign_currency") & (pl.col("sense") == "at_most") & pl.col("penalty").is_null()
        )
        for row, value in hard.select("row", "value").iter_rows():
            yield finding("scarce_twice", "limits", row, "value", f"{value:g}", premium=f"{settings.shadow_premium:g}")


def _targets(settings: Settings, tables: Tables) -> Iterator[Finding]:
    sectors = _labels(tables, "sectors", "sector") | {"programme"}
    for row, scope in tables["targets"].select("row", "scope").iter_rows():
        if scope not in sectors:
            yield finding(
                "unknown_reference",
                "targets",
                row,
                "scope",
                scope,
                target="sectors.sector",
                nearest=nearest(scope, sectors),
            )


def _objective(settings: Settings, tables: Tables) -> Iterator[Finding]:
    known = {name for name, m in MEASURES.items() if not m.ratio} | _labels(tables, "uses", "measure")
    if settings.objective not in known:
        yield finding(
            "unknown_measure",
            "programme",
            None,
            "objective",
            settings.objective,
            nearest=nearest(settings.objective, known),
        )
    elif settings.objective == "cost" and settings.objective_sense == "most":
        yield finding("most_cost", "programme", None, "objective_sense", "most")


MONEY_IN_THE_PLAN = (
    ("parts", "currency", "imports"), ("offers", "currency", "purchases"), ("offers", "currency", "investment"),
    ("capacity", "currency", "investment"), ("ventures", "currency", "investment"),
    ("products", "currency", "purchases"), ("brands", "currency", "purchases"),
)  # fmt: skip


def _rates(settings: Settings, tables: Tables) -> Iterator[Finding]:
    """A currency that the plan must convert and cannot, in some programme year."""
    rates = Rates(tables["rates"])
    for row, base in tables["rates"].filter(pl.col("base") == pl.col("quote")).select("row", "base").iter_rows():
        yield finding("rate_of_itself", "rates", row, "quote", base)
    for name in sorted({settings.rate_market, *settings.rate_markets.values()}):
        if name != ECB and name not in rates.markets:
            yield finding(
                "unknown_market", "programme", None, "rate_market", name, nearest=nearest(name, {*rates.markets, ECB})
            )
    money_limits = [
        (r, c, MEASURES[m].flow)
        for r, m, c in tables["limits"].select("row", "measure", "currency").iter_rows()
        if c and m in MEASURES and MEASURES[m].flow
    ]
    uses = [
        (t, c, f, *rows)
        for t, c, f in MONEY_IN_THE_PLAN
        for rows in tables[t].drop_nulls(c).group_by(c).agg(pl.min("row")).sort("row").rows()
    ]
    of_limits: dict[tuple[str, str | None], int] = {}
    for row, currency, flow in money_limits:
        of_limits.setdefault((currency, flow), row)
    uses += [("limits", "currency", flow, currency, row) for (currency, flow), row in of_limits.items()]
    told: set[tuple[str, str]] = set()
    for table, column, flow, currency, row in uses:
        market = settings.market(str(flow))
        if (currency, market) in told:
            continue
        days = [middle(year, settings.calendar) for year in settings.years]
        if (table, flow) == (
            "offers",
            "purchases",
        ):  # a contract is valued on its day of signing, the first one at the earliest
            days.insert(0, year_start(settings.first_year, settings.calendar))
        absent = [day for day in days if rates.rate(currency, settings.currency, day, market) is None]
        if absent:
            told.add((currency, market))
            yield finding("no_rate", table, row, column, currency, own=settings.currency, market=market, on=absent[0])
