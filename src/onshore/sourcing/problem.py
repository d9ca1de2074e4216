"""A programme as aligned arrays: the problem that the planner sees. Labels end here; kernels see positions.

Index letters: p part (P), o offer (O), m maker, v venture (V), f family, t programme year (T). Money is float64
in the programme's currency unless a name says `_own` (the row's own currency); this file is the one place where
exact money becomes float64.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.blueprint.calendar import middle, month_of, month_start
from onshore.blueprint.money import Rates
from onshore.blueprint.needs import content_of_products, need
from onshore.blueprint.programme import Programme
from onshore.blueprint.settings import Settings
from onshore.errors import InputError, finding
from onshore.tables.labels import positions
from onshore.tables.parse import numbers

__all__ = ["Offers", "Parts", "Problem", "Shops", "Ventures", "problem_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Parts:
    """P parts in alphabetical order."""

    labels: tuple[str, ...]
    need: Floats  # (P, T) units a year
    cif: Floats  # (P, T) landed price of a unit without duty
    cif_own: Floats  # (P,) the same in `currency`
    currency: tuple[str, ...]  # (P,)
    duty: Floats  # (P,) share of the landed price
    defects: Floats  # (P,) share of units, nan where not modelled
    importable: Bools  # (P,)
    divisible: Bools  # (P,)
    family: tuple[str | None, ...]  # (P,)


@dataclass(frozen=True)
class Offers:
    """O offers, ordered by part and then by name."""

    labels: tuple[str, ...]
    part: Ints  # (O,) position in Parts
    maker: Ints  # (O,) position in Problem.makers
    venture: Ints  # (O,) position in Ventures; read only where `in_venture`
    in_venture: Bools  # (O,)
    price: Floats  # (O, T) of a unit before learning
    price_own: Floats  # (O, T) the same in the offer's currency
    signing_rate: Floats  # (O, 12 T) programme currency for one of the offer's, by month
    annual_max: Floats  # (O,) units a year
    at_least: Floats  # (O,) units a year at full rate below which it is not made
    guaranteed: Floats  # (O,) units a year, nan where the planned ones are committed
    earliest: Ints  # (O,) first month in which it can start
    lead: Ints  # (O,) months from signing to start
    latest_signing: Floats  # (O,) last month of signing, inf where open
    term: Floats  # (O,) months, inf where open
    ramp: Floats  # (O, J) share of the full rate in each twelve months since the start; the last holds on
    progress: Floats  # (O,) progress ratio of the price
    experience: Floats  # (O,) units made before
    tooling: Floats  # (O, T) tooling cost at the rate of each year
    support: Floats  # (O, T) public grant at the rate of each year
    buyer_pays: Bools  # (O,) tooling
    public_pays: Bools  # (O,) tooling
    tooling_abroad: Floats  # (O,) share of tooling paid abroad
    abroad: Floats  # (O, T) share of the price that goes abroad: imported inputs and royalties
    hours: Floats  # (O,) machine-hours a unit, 0 where not modelled
    defects: Floats  # (O,) share of units, nan where not modelled
    prepayment: Floats  # (O,) share of the first twelve months' value
    payment_days: Floats  # (O,) from delivery to payment


@dataclass(frozen=True)
class Shops:
    """S shops: a maker's machines of one family. Modules are ordered by the year in which they come into service."""

    maker: Ints  # (S,)
    family: tuple[str, ...]  # (S,)
    hours: Floats  # (S, T) a year
    module_hours: Floats  # (S, T) a year that one coming into service in t adds
    module_cost: Floats  # (S, T) of one coming into service in t, at the rate of the year it is ordered
    modules_max: Ints  # (S, T) in service
    order_year: Ints  # (S, T) year in which one coming into service in t is ordered; negative: too late


@dataclass(frozen=True)
class Ventures:
    """V ventures in alphabetical order."""

    labels: tuple[str, ...]
    maker: Ints  # (V,)
    partner: tuple[str, ...]  # (V,)
    opens: Ints  # (V,) month
    set_up: Floats  # (V,) cost of opening it, at the rate of the year it opens


@dataclass(frozen=True)
class Problem:
    """Everything the planner needs and nothing else: no frame, no label but those to write the answer with."""

    settings: Settings
    parts: Parts
    offers: Offers
    shops: Shops
    ventures: Ventures
    makers: tuple[str, ...]
    tables: dict[str, pl.DataFrame]
    rates: Rates

    @property
    def years(self) -> tuple[int, ...]:
        return self.settings.years

    def of_parts(self, first: int, last: int) -> Problem:
        """The same programme with the parts first : last only, and what is offered for them."""
        a, b = np.searchsorted(self.offers.part, [first, last]).tolist()
        parts = Parts(**{f.name: getattr(self.parts, f.name)[first:last] for f in fields(Parts)})
        offers = Offers(**{f.name: getattr(self.offers, f.name)[a:b] for f in fields(Offers)})
        return replace(self, parts=parts, offers=replace(offers, part=offers.part - first))

    @cached_property
    def discount(self) -> Floats:
        """(T,) (1 + r)^-(t + 1/2): money moves in the middle of the year."""
        return np.asarray((1.0 + self.settings.discount_rate) ** -(np.arange(len(self.years)) + 0.5))

    @cached_property
    def content(self) -> pl.DataFrame:
        """How many of each part a unit of each product holds: product, part, quantity."""
        return content_of_products(self.tables["bom"], self.tables["parts"])

    @cached_property
    def volumes(self) -> dict[str, Floats]:
        """(T,) units of each product built in each programme year."""
        built: dict[str, Floats] = {}
        rows = self.tables["volumes"].filter(pl.col("year").is_in(self.years)).select("product", "year", "units")
        for product, year, units in rows.iter_rows():
            built.setdefault(product, np.zeros(len(self.years)))[year - self.settings.first_year] = float(units)
        return built

    @cached_property
    def held_by(self) -> dict[str, tuple[Ints, Floats]]:
        """Places of the parts that each product holds, and how many of each."""
        content = self.content.sort("product", "part")
        places = positions(content["part"].to_list(), self.parts.labels, "parts.part")
        quantity = content["quantity"].to_numpy().astype(np.float64)
        product = content["product"].to_numpy()
        first = np.flatnonzero(product[1:] != product[:-1]) + 1
        spans = [0, *first.tolist(), len(product)]
        return {product[a]: (places[a:b], quantity[a:b]) for a, b in pairwise(spans) if b > a}

    @cached_property
    def makers_by(self) -> dict[str, tuple[str | None, ...]]:
        """(M,) owner group and region of each maker."""
        frame = self.tables["makers"].sort("maker")
        return {scope: tuple(frame[scope].to_list()) for scope in ("owner_group", "region")}

    @property
    def discount_end(self) -> float:
        """(1 + r)^-T, of what is left at the end."""
        return float((1.0 + self.settings.discount_rate) ** -len(self.years))

    def exchange(self, currency: str, flow: str) -> Floats:
        """(T,) programme currency for one of `currency` in the middle of each year, in the flow's market."""
        return _exchange(self.settings, self.rates, currency, flow)


def problem_of(programme: Programme) -> Problem:
    """The programme's arrays.

    Raises `InputError` where there is nothing to plan: no parts, or no need for any.
    """
    settings, tables = programme.settings, programme.tables
    rates = Rates(tables["rates"])
    if not programme.has("parts"):
        raise InputError([finding("nothing_to_plan", "parts", why="the programme has no parts", do="Fill in `parts`.")])
    makers = tuple(sorted(tables["makers"]["maker"].to_list()))
    parts = _parts(programme, rates)
    if not parts.need.any():
        why = "no part is needed in any programme year"
        raise InputError([finding("nothing_to_plan", "needs", why=why, do="Fill in `needs`, or `volumes` and `bom`.")])
    ventures = _ventures(settings, tables, rates, makers)
    offers = _offers(settings, tables, rates, parts, makers, ventures)
    shops = _shops(settings, tables, rates, makers)
    return Problem(settings, parts, offers, shops, ventures, makers, tables, rates)


def _exchange(settings: Settings, rates: Rates, currency: str, flow: str) -> Floats:
    if currency == settings.currency:
        return np.ones(len(settings.years))
    found = [
        rates.rate(currency, settings.currency, middle(y, settings.calendar), settings.market(flow))
        for y in settings.years
    ]
    return np.array([np.nan if r is None else r.value for r in found])


def _by_currency(settings: Settings, rates: Rates, currencies: list[str | None], flow: str) -> Floats:
    """(n, T) rate of each row's currency; 1 where a row names none, which the checker allows only without money."""
    table = {c: _exchange(settings, rates, c, flow) for c in set(currencies) if c is not None}
    ones = np.ones(len(settings.years))
    return np.array([ones if c is None else table[c] for c in currencies]).reshape(len(currencies), len(ones))


def _floats(frame: pl.DataFrame, column: str, absent: float) -> Floats:
    """A numeric column as float64; `absent` stands for an empty cell and is stated in the column's meaning."""
    values: Floats = frame[column].cast(pl.Float64).fill_null(absent).to_numpy().astype(np.float64)
    return values


def _flags(frame: pl.DataFrame, column: str, *, absent: bool) -> Bools:
    values: Bools = frame[column].fill_null(absent).to_numpy().astype(np.bool_)
    return values


def _parts(programme: Programme, rates: Rates) -> Parts:
    settings, frame = programme.settings, programme["parts"].sort("part")
    labels = frame["part"].to_list()
    own = (
        _floats(frame, "import_price", np.nan)
        + _floats(frame, "freight", 0.0) * frame["incoterm"].is_in(["EXW", "FOB"]).fill_null(value=False).to_numpy()
    )
    needs = need(programme).table.group_by("part", "year").agg(pl.sum("units")).sort("part", "year")
    units = np.zeros((len(labels), len(settings.years)))
    units[positions(needs["part"].to_list(), labels, "parts.part"), needs["year"].to_numpy() - settings.first_year] = (
        needs["units"]
    )
    return Parts(
        labels=tuple(labels),
        need=units,
        cif=own[:, None] * _by_currency(settings, rates, frame["currency"].to_list(), "imports"),
        cif_own=own,
        currency=tuple(frame["currency"].to_list()),
        duty=_floats(frame, "duty_share", 0.0),
        defects=_floats(frame, "defects_ppm", np.nan) / 1e6,
        importable=_flags(frame, "importable", absent=True),
        divisible=_flags(frame, "divisible", absent=False),
        family=tuple(frame["family"].to_list()),
    )


def _ventures(settings: Settings, tables: dict[str, pl.DataFrame], rates: Rates, makers: tuple[str, ...]) -> Ventures:
    frame = tables["ventures"].sort("venture")
    opens = _months(settings, frame["opens"].to_list(), 0)
    year = np.minimum(opens // 12, len(settings.years) - 1)
    rate = _by_currency(settings, rates, frame["currency"].to_list(), "investment")
    return Ventures(
        labels=tuple(frame["venture"].to_list()),
        maker=positions(frame["maker"].to_list(), makers, "makers.maker"),
        partner=tuple(frame["partner"].to_list()),
        opens=opens,
        set_up=_floats(frame, "set_up_cost", 0.0) * rate[np.arange(frame.height), year],
    )


def _months(settings: Settings, days: list, absent: int) -> Ints:  # type: ignore[type-arg]
    """Months from the programme's first day, not before it."""
    months = [absent if d is None else max(0, month_of(d, settings.first_year, settings.calendar)) for d in days]
    return np.array(months, dtype=np.int64)


def _offers(
    settings: Settings,
    tables: dict[str, pl.DataFrame],
    rates: Rates,
    parts: Parts,
    makers: tuple[str, ...],
    ventures: Ventures,
) -> Offers:
    frame = tables["offers"].sort("part", "offer")
    T = len(settings.years)
    currencies = frame["currency"].to_list()
    venture_labels = frame["venture"].to_list()
    in_venture = np.array([v is not None for v in venture_labels], dtype=np.bool_)
    venture = (
        positions(
            [v or (ventures.labels[0] if ventures.labels else "") for v in venture_labels],
            ventures.labels,
            "ventures.venture",
        )
        if in_venture.any()
        else np.zeros(frame.height, dtype=np.int64)
    )
    index = (1.0 + _floats(frame, "price_indexation", 0.0))[:, None] ** np.arange(T)
    price_own = _floats(frame, "unit_price", np.nan)[:, None] * index
    invest = _by_currency(settings, rates, currencies, "investment")
    lead = np.ceil(_floats(frame, "lead_time_months", np.nan)).astype(np.int64)
    paid_by = frame["tooling_paid_by"].fill_null("buyer").to_list()
    return Offers(
        labels=tuple(frame["offer"].to_list()),
        part=positions(frame["part"].to_list(), parts.labels, "parts.part"),
        maker=positions(frame["maker"].to_list(), makers, "makers.maker"),
        venture=venture,
        in_venture=in_venture,
        price=price_own * _by_currency(settings, rates, currencies, "purchases"),
        price_own=price_own,
        signing_rate=_signing_rates(settings, rates, currencies),
        annual_max=_floats(frame, "annual_max", np.nan),
        at_least=np.maximum(_floats(frame, "minimum_units", 0.0), _floats(frame, "guaranteed_units", 0.0)),
        guaranteed=_floats(frame, "guaranteed_units", np.nan),
        earliest=np.maximum(lead, np.where(in_venture, ventures.opens[venture], 0) if ventures.labels else 0),
        lead=lead,
        latest_signing=_latest_signing(settings, frame["valid_until"].to_list()),
        term=12.0 * _floats(frame, "term_years", np.inf),
        ramp=_ramps(frame["ramp"].to_list(), T),
        progress=_floats(frame, "progress_ratio", 1.0),
        experience=_floats(frame, "experience_units", 1.0),
        tooling=_floats(frame, "tooling_cost", np.nan)[:, None] * invest,
        support=_floats(frame, "public_support", 0.0)[:, None] * invest,
        buyer_pays=np.array([p == "buyer" for p in paid_by], dtype=np.bool_),
        public_pays=np.array([p == "public" for p in paid_by], dtype=np.bool_),
        tooling_abroad=_floats(frame, "tooling_imported_share", 0.0),
        abroad=_floats(frame, "imported_input_share", 0.0)[:, None] + _royalties(settings, tables, frame),
        hours=_floats(frame, "hours_per_unit", 0.0),
        defects=_floats(frame, "defects_ppm", np.nan) / 1e6,
        prepayment=_floats(frame, "prepayment_share", 0.0),
        payment_days=_floats(frame, "payment_days", 0.0),
    )


def _latest_signing(settings: Settings, days: list) -> Floats:  # type: ignore[type-arg]
    """Last month of signing: the one whose first day is on or before `valid_until`."""
    latest = []
    for day in days:
        if day is None:
            latest.append(np.inf)
        else:
            month = month_of(day, settings.first_year, settings.calendar)
            latest.append(month if month_start(month, settings.first_year, settings.calendar) <= day else month - 1)
    return np.array(latest, dtype=np.float64)


def _signing_rates(settings: Settings, rates: Rates, currencies: list[str]) -> Floats:
    months = 12 * len(settings.years)
    days = [month_start(m, settings.first_year, settings.calendar) for m in range(months)]
    market, own = settings.market("purchases"), settings.currency
    table = {}
    for currency in sorted(set(currencies)):
        found = [rates.rate(currency, own, day, market) for day in days]
        table[currency] = np.array([np.nan if r is None else r.value for r in found])
    return np.array([table[c] for c in currencies]).reshape(len(currencies), months)


def _ramps(texts: list[str | None], years: int) -> Floats:
    steps = [numbers(t) if t else (1.0,) for t in texts]
    width = years + 1
    return np.array([(*s, *[s[-1]] * width)[:width] for s in steps]).reshape(len(texts), width)


def _royalties(settings: Settings, tables: dict[str, pl.DataFrame], offers: pl.DataFrame) -> Floats:
    """(O, T) royalty as a share of the price: for `years` from the opening, part years by month."""
    T = len(settings.years)
    royalty = {}
    for venture, share, opens, years in (
        tables["ventures"].select("venture", "royalty_share", "opens", "years").iter_rows()
    ):
        begin = 0 if opens is None else month_of(opens, settings.first_year, settings.calendar)
        end = np.inf if years is None else begin + 12.0 * years
        year = 12.0 * np.arange(T)
        royalty[venture] = (share or 0.0) * (np.clip(end, year, year + 12) - np.clip(begin, year, year + 12)) / 12.0
    return np.array([royalty.get(v, np.zeros(T)) for v in offers["venture"]]).reshape(offers.height, T)


def _shops(settings: Settings, tables: dict[str, pl.DataFrame], rates: Rates, makers: tuple[str, ...]) -> Shops:
    frame = tables["capacity"].sort("maker", "family", "year")
    T = len(settings.years)
    pairs = sorted(set(frame.select("maker", "family").iter_rows()))
    at = {pair: s for s, pair in enumerate(pairs)}
    shop = np.array([at[pair] for pair in frame.select("maker", "family").iter_rows()], dtype=np.int64)
    year = frame["year"].to_numpy() - settings.first_year
    lead = _floats(frame, "module_lead_years", 0.0).astype(np.int64)
    ordered = year - lead
    rate = _by_currency(settings, rates, frame["currency"].to_list(), "investment")
    cost = _floats(frame, "module_cost", 0.0) * rate[np.arange(frame.height), np.maximum(ordered, 0)]

    def grid(values: npt.NDArray[np.generic], absent: float) -> Floats:
        out = np.full((len(pairs), T), absent)
        out[shop, year] = values
        return out

    return Shops(
        maker=positions([m for m, _ in pairs], makers, "makers.maker"),
        family=tuple(f for _, f in pairs),
        hours=grid(_floats(frame, "hours", np.nan), 0.0),
        module_hours=grid(_floats(frame, "module_hours", 0.0), 0.0),
        module_cost=grid(cost, 0.0),
        modules_max=grid(_floats(frame, "modules_max", 0.0), 0.0).astype(np.int64),
        order_year=grid(ordered, -1.0).astype(np.int64),
    )
