"""A programme as aligned arrays: the problem that the planner sees. Labels end here; kernels see positions.

Index letters: p part (P), o offer (O), m maker, v venture (V), f family, t programme year (T). Money is float64
in the programme's currency unless a name says `_own` (the row's own currency); this file is the one place where
exact money becomes float64.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import polars as pl

from onshore.blueprint.calendar import middle, month_of, month_start
from onshore.blueprint.declared import TABLES
from onshore.blueprint.money import Rates
from onshore.blueprint.needs import content_of, units_of_parts
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
class Courses:
    """(n, J) rows of which many run alike but for their size: each a size times one of a few courses.

    A million parts have five million offers in a handful of currencies: held in full, their yearly sums would take the memory that
    the search needs.
    """

    size: Floats  # (n,)
    course: Ints  # (n,) row of `courses`; -1 is the last one, as in NumPy
    courses: Floats  # (m, J)

    @overload
    def __getitem__(self, which: slice) -> Courses: ...
    @overload
    def __getitem__(self, which: Ints) -> Floats: ...
    def __getitem__(self, which: Ints | slice) -> Courses | Floats:
        """(k, J) of the rows at these places; of a slice still as courses."""
        if isinstance(which, slice):
            return Courses(self.size[which], self.course[which], self.courses)
        rows = self.courses.take(self.course[which], axis=0)
        rows *= self.size[which][:, None]
        return rows


@dataclass(frozen=True)
class Offers:
    """O offers, ordered by part and then by name."""

    labels: tuple[str, ...]
    part: Ints  # (O,) position in Parts
    maker: Ints  # (O,) position in Problem.makers
    shop: Ints  # (O,) position in Shops of the maker's machines for the part's family, -1 where it has none
    venture: Ints  # (O,) position in Ventures; read only where `in_venture`
    in_venture: Bools  # (O,)
    price: Courses  # (O, T) of a unit before learning
    price_own: Courses  # (O, T) the same in the offer's currency
    currency: Ints  # (O,) row of Problem.signing_rates
    annual_max: Floats  # (O,) units a year
    at_least: Floats  # (O,) units a year at full rate below which it is not made
    guaranteed: Floats  # (O,) units a year, nan where the planned ones are committed
    earliest: Ints  # (O,) first month in which it can start
    lead: Ints  # (O,) months from signing to start
    latest_signing: Floats  # (O,) last month of signing, inf where open
    term: Floats  # (O,) months, inf where open
    ramp: Courses  # (O, J) share of the full rate in each twelve months since the start; the last holds on
    progress: Floats  # (O,) progress ratio of the price
    experience: Floats  # (O,) units made before
    tooling: Courses  # (O, T) tooling cost at the rate of each year
    support: Courses  # (O, T) public grant at the rate of each year
    buyer_pays: Bools  # (O,) tooling
    public_pays: Bools  # (O,) tooling
    tooling_abroad: Floats  # (O,) share of tooling paid abroad
    inputs_abroad: Floats  # (O,) share of the price that goes abroad for imported inputs
    royalty: Courses  # (O, T) share of the price that goes abroad besides
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
    signing_rates: Floats  # (currencies, 12 T) programme currency for one of the offer's, by month

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
        content = content_of(self.tables["bom"], self.tables["parts"])
        place = positions(content.names.gather(content.part), self.parts.labels, "parts.part")
        first = np.flatnonzero(np.diff(content.product, prepend=-1, append=-1))
        return {
            product: (place[a:b], content.quantity[a:b])
            for product, (a, b) in zip(
                content.names.gather(content.product[first[:-1]]), pairwise(first.tolist()), strict=True
            )
        }

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
    shops = _shops(settings, tables, rates, makers)
    currencies = tables["offers"]["currency"].unique().sort().to_list()
    offers = _offers(settings, tables, rates, parts, makers, ventures, shops, currencies)
    signing_rates = _signing_rates(settings, rates, currencies)
    return Problem(settings, parts, offers, shops, ventures, makers, tables, rates, signing_rates)


def _exchange(settings: Settings, rates: Rates, currency: str, flow: str) -> Floats:
    if currency == settings.currency:
        return np.ones(len(settings.years))
    found = [
        rates.rate(currency, settings.currency, middle(y, settings.calendar), settings.market(flow))
        for y in settings.years
    ]
    return np.array([np.nan if r is None else r.value for r in found])


def _coded(values: pl.Series) -> tuple[list[Any], Ints]:
    """The distinct values of a column, sorted, and where each row's stands among them: -1 for an empty cell."""
    distinct = values.drop_nulls().unique().sort()
    at = values.replace_strict(distinct, pl.Series(range(len(distinct)), dtype=pl.Int64), default=-1)
    return distinct.to_list(), at.to_numpy().astype(np.int64)


def _exchanges(settings: Settings, rates: Rates, currencies: pl.Series, flow: str) -> tuple[Ints, Floats]:
    """Which rates each row (n,) has, and the rates (m, T): the last ones, 1, where it names no currency, which the checker allows only
    without money."""
    distinct, at = _coded(currencies)
    table = [_exchange(settings, rates, c, flow) for c in distinct]
    return at, np.array([*table, np.ones(len(settings.years))])


def _by_currency(settings: Settings, rates: Rates, currencies: pl.Series, flow: str) -> Floats:
    """(n, T) rate of each row's currency."""
    at, table = _exchanges(settings, rates, currencies, flow)
    return np.asarray(table[at])


def _at_rates(own: Courses, rate: Ints, rates: Floats) -> Courses:
    """The same at the rates (m, T) that each row has."""
    both, course = np.unique(own.course * len(rates) + rate % len(rates), return_inverse=True)
    return Courses(own.size, course, own.courses[both // len(rates)] * rates[both % len(rates)])


def _floats(frame: pl.DataFrame, column: str, absent: float) -> Floats:
    """A numeric column as float64; `absent` stands for an empty cell and is stated in the column's meaning."""
    values: Floats = frame[column].cast(pl.Float64).fill_null(absent).to_numpy().astype(np.float64)
    return values


def _flags(frame: pl.DataFrame, column: str, *, absent: bool) -> Bools:
    values: Bools = frame[column].fill_null(absent).to_numpy().astype(np.bool_)
    return values


def _parts(programme: Programme, rates: Rates) -> Parts:
    settings, frame = programme.settings, programme["parts"].sort("part")
    own = (
        _floats(frame, "import_price", np.nan)
        + _floats(frame, "freight", 0.0) * frame["incoterm"].is_in(["EXW", "FOB"]).fill_null(value=False).to_numpy()
    )
    return Parts(
        labels=tuple(frame["part"].to_list()),
        need=units_of_parts(programme),
        cif=own[:, None] * _by_currency(settings, rates, frame["currency"], "imports"),
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
    days, at = _coded(frame["opens"])
    opens = np.array([*(max(0, month_of(d, settings.first_year, settings.calendar)) for d in days), 0])[at]
    year = np.minimum(opens // 12, len(settings.years) - 1)
    rate = _by_currency(settings, rates, frame["currency"], "investment")
    return Ventures(
        labels=tuple(frame["venture"].to_list()),
        maker=positions(frame["maker"], makers, "makers.maker"),
        partner=tuple(frame["partner"].to_list()),
        opens=opens,
        set_up=_floats(frame, "set_up_cost", 0.0) * rate[np.arange(frame.height), year],
    )


def _offers(
    settings: Settings, tables: dict[str, pl.DataFrame], rates: Rates, parts: Parts, makers: tuple[str, ...],
    ventures: Ventures, shops: Shops, currencies: list[str],
) -> Offers:  # fmt: skip
    frame = tables["offers"].select(n for n in TABLES["offers"].by_name if n in tables["offers"].columns)
    frame = frame.sort("part", "offer")
    T = len(settings.years)
    part = positions(frame["part"], parts.labels, "parts.part")
    maker = positions(frame["maker"], makers, "makers.maker")
    in_venture = frame["venture"].is_not_null().to_numpy()
    venture = np.zeros(frame.height, dtype=np.int64)
    venture[in_venture] = positions(frame["venture"].drop_nulls(), ventures.labels, "ventures.venture")
    index, indexed = np.unique(_floats(frame, "price_indexation", 0.0), return_inverse=True)
    price_own = Courses(_floats(frame, "unit_price", np.nan), indexed, (1.0 + index)[:, None] ** np.arange(T))
    bought, invested = (_exchanges(settings, rates, frame["currency"], flow) for flow in ("purchases", "investment"))
    lead = np.ceil(_floats(frame, "lead_time_months", np.nan)).astype(np.int64)
    paid_by = frame["tooling_paid_by"].fill_null("buyer")
    return Offers(
        labels=tuple(frame["offer"].to_list()),
        part=part,
        maker=maker,
        shop=_shop_of(parts, shops, part, maker),
        venture=venture,
        in_venture=in_venture,
        price=_at_rates(price_own, *bought),
        price_own=price_own,
        currency=positions(frame["currency"], currencies, "offers.currency"),
        annual_max=_floats(frame, "annual_max", np.nan),
        at_least=np.maximum(_floats(frame, "minimum_units", 0.0), _floats(frame, "guaranteed_units", 0.0)),
        guaranteed=_floats(frame, "guaranteed_units", np.nan),
        earliest=np.maximum(lead, np.where(in_venture, ventures.opens[venture], 0) if ventures.labels else 0),
        lead=lead,
        latest_signing=_latest_signing(settings, frame["valid_until"]),
        term=12.0 * _floats(frame, "term_years", np.inf),
        ramp=_ramps(frame["ramp"], T),
        progress=_floats(frame, "progress_ratio", 1.0),
        experience=_floats(frame, "experience_units", 1.0),
        tooling=Courses(_floats(frame, "tooling_cost", np.nan), *invested),
        support=Courses(_floats(frame, "public_support", 0.0), *invested),
        buyer_pays=(paid_by == "buyer").to_numpy(),
        public_pays=(paid_by == "public").to_numpy(),
        tooling_abroad=_floats(frame, "tooling_imported_share", 0.0),
        inputs_abroad=_floats(frame, "imported_input_share", 0.0),
        royalty=_royalties(settings, tables, frame["venture"]),
        hours=_floats(frame, "hours_per_unit", 0.0),
        defects=_floats(frame, "defects_ppm", np.nan) / 1e6,
        prepayment=_floats(frame, "prepayment_share", 0.0),
        payment_days=_floats(frame, "payment_days", 0.0),
    )


def _shop_of(parts: Parts, shops: Shops, part: Ints, maker: Ints) -> Ints:
    """(O,) the shop of each offer's maker and its part's family, -1 where there is none."""
    if not shops.family:
        return np.full(len(part), -1)
    at = {family: f for f, family in enumerate(sorted(set(shops.family)))}
    shop = shops.maker * len(at) + np.array([at[f] for f in shops.family])  # ascending, as shops are sorted
    family = np.array([at.get(f or "", -1) for f in parts.family])[part]
    wanted = maker * len(at) + family
    place = np.minimum(np.searchsorted(shop, wanted), len(shop) - 1)
    return np.where((family >= 0) & (shop[place] == wanted), place, -1)


def _latest_signing(settings: Settings, days: pl.Series) -> Floats:
    """Last month of signing: the one whose first day is on or before `valid_until`."""
    distinct, at = _coded(days)
    latest = [np.inf] * (len(distinct) + 1)
    for i, day in enumerate(distinct):
        month = month_of(day, settings.first_year, settings.calendar)
        late = month_start(month, settings.first_year, settings.calendar) > day
        latest[i] = month - 1 if late else month
    return np.array(latest, dtype=np.float64)[at]


def _signing_rates(settings: Settings, rates: Rates, currencies: list[str]) -> Floats:
    months = 12 * len(settings.years)
    days = [month_start(m, settings.first_year, settings.calendar) for m in range(months)]
    market, own = settings.market("purchases"), settings.currency
    found = [[rates.rate(currency, own, day, market) for day in days] for currency in currencies]
    return np.array([[np.nan if r is None else r.value for r in row] for row in found]).reshape(-1, months)


def _ramps(texts: pl.Series, years: int) -> Courses:
    distinct, at = _coded(texts)
    width = years + 1
    steps = [*map(numbers, distinct), (1.0,)]
    courses = np.array([(*s, *[s[-1]] * width)[:width] for s in steps])
    return Courses(np.ones(len(at)), at, courses)


def _royalties(settings: Settings, tables: dict[str, pl.DataFrame], ventures: pl.Series) -> Courses:
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
    distinct, at = _coded(ventures)
    return Courses(np.ones(len(at)), at, np.array([*(royalty[v] for v in distinct), np.zeros(T)]))


def _shops(settings: Settings, tables: dict[str, pl.DataFrame], rates: Rates, makers: tuple[str, ...]) -> Shops:
    frame = tables["capacity"].sort("maker", "family", "year")
    T = len(settings.years)
    pairs = frame.select("maker", "family").unique(maintain_order=True)
    shop = positions(frame.select("maker", "family"), pairs, "capacity")
    year = frame["year"].to_numpy() - settings.first_year
    lead = _floats(frame, "module_lead_years", 0.0).astype(np.int64)
    ordered = year - lead
    rate = _by_currency(settings, rates, frame["currency"], "investment")
    cost = _floats(frame, "module_cost", 0.0) * rate[np.arange(frame.height), np.maximum(ordered, 0)]

    def grid(values: npt.NDArray[np.generic], absent: float) -> Floats:
        out = np.full((pairs.height, T), absent)
        out[shop, year] = values
        return out

    return Shops(
        maker=positions(pairs["maker"], makers, "makers.maker"),
        family=tuple(pairs["family"].to_list()),
        hours=grid(_floats(frame, "hours", np.nan), 0.0),
        module_hours=grid(_floats(frame, "module_hours", 0.0), 0.0),
        module_cost=grid(cost, 0.0),
        modules_max=grid(_floats(frame, "modules_max", 0.0), 0.0).astype(np.int64),
        order_year=grid(ordered, -1.0).astype(np.int64),
    )
