"""What does not agree in the record: every finding about contracts, claims, observations, payments and targets.

All of them are warnings. Nothing is mended here: what a finding doubts is kept, and totals carry the range.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from onshore.blueprint.money import Rates
from onshore.blueprint.programme import Programme
from onshore.errors import Finding, finding
from onshore.progress.ledger import SAME, Ledger, pieces_of
from onshore.progress.worth import View, worth_of

__all__ = ["between", "faults", "short"]

FIGURES = {"contract_value": ("value", "value"), "imports_displaced": ("saving_per_year", "saving a year")}
"""The column and the words of each measure."""
NEAR = 0.05
"""How near a printed conversion has to come to a market's rate to be taken for it."""


def faults(programme: Programme, ledger: Ledger, rates: Rates, markets: tuple[str, ...]) -> tuple[Finding, ...]:
    """Every finding, in the order of `errors.KINDS`, then of rows."""
    found = [
        *_sums(ledger, rates, markets), *_rests(ledger, rates, markets), *_twice(ledger), *_claims(ledger, rates, markets), *_counts(programme, ledger),
        *_rateless(programme, ledger, rates, markets), *_days(programme, ledger), *_kinds(ledger),
        *_shares(programme), *_targets(programme, ledger),
    ]  # fmt: skip
    return tuple(found)


def short(amount: float, currency: str | None) -> str:
    """`EUR 341 million`: four figures of an amount in words."""
    for size, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million"), (1.0, "")):
        if abs(amount) >= size:
            return f"{currency or ''} {amount / size:,.4g}{word}".strip()
    return f"{currency or ''} {amount:,.4g}".strip()


def between(low: float, high: float, currency: str) -> str:
    """A range in words; one figure where its ends are the same."""
    if abs(high - low) <= 1e-9 * max(abs(high), 1.0):
        return short(high, currency)
    return f"{short(low, currency)} to {short(high, currency)}"


def _rows(ledger: Ledger) -> dict[str, int]:
    return dict(ledger.contracts.select("contract", "row").iter_rows())


def _sums(ledger: Ledger, rates: Rates, markets: tuple[str, ...]) -> Iterator[Finding]:
    """A sum beside what its parts add to, and a whole beside its pieces, in the currency of the first."""
    pairs, rows = pieces_of(ledger.contracts), _rows(ledger)
    own = ledger.told.filter((pl.col("said_by") == "row") & (pl.col("standing") == "counts"))
    heads = own.join(pairs.select(contract="whole").unique(), on="contract").select("contract", "measure", "currency")
    views = tuple(View(c, m) for c in sorted(heads["currency"].unique()) for m in markets)
    named = pl.concat([pairs["whole"], pairs["piece"]]).unique().alias("contract").to_frame()
    told = ledger.told.join(named, on="contract")
    worth = worth_of(Ledger(ledger.contracts, told, ledger.forms.clear()), rates, views).own
    of = pairs.with_columns(pieces=pl.len().over("whole")).join(worth, left_on="piece", right_on="contract")
    of = of.join(
        own.select(piece="contract", measure="measure", told_in="currency"), on=["piece", "measure"], how="left"
    )
    found = []
    for view in views:
        low, high = view.sides
        sums = of.group_by("whole", "measure", "by_sum").agg(
            low=pl.sum(low), high=pl.sum(high), lost=pl.col(low).null_count() > 0, there=pl.len(), pieces=pl.first("pieces"),
            parts=pl.col("piece").cast(pl.String).sort().str.join(", "), alike=(pl.col("told_in") == view.currency).all(ignore_nulls=False),
        )  # fmt: skip
        mine = heads.filter(pl.col("currency") == view.currency).join(
            worth.select("contract", "measure", least=low, most=high), on=["contract", "measure"]
        )
        both = mine.join(sums, left_on=["contract", "measure"], right_on=["whole", "measure"]).filter(
            ~pl.col("lost") & (~pl.col("by_sum") | (pl.col("there") == pl.col("pieces")))
        )
        over, under = pl.col("low") - pl.col("most"), pl.col("least") - pl.col("high")
        apart = pl.when("by_sum").then(pl.max_horizontal(over, under)).otherwise(over)
        found.append(
            both.with_columns(apart=apart, market=pl.lit(view.market)).filter(pl.col("apart") > SAME * pl.col("most"))
        )
    if not found:
        return
    every = pl.concat(found).unique(["contract", "measure", "low", "high"], keep="first", maintain_order=True)
    for row in every.sort("contract", maintain_order=True).iter_rows(named=True):
        currency = row["currency"]
        words = {
            "told": between(row["least"], row["most"], currency), "parts": row["parts"],
            "sum": between(row["low"], row["high"], currency), "difference": short(row["apart"], currency),
            "how": "" if row["alike"] else f" at the {row['market']} rate",
        }  # fmt: skip
        kind = "sum_of_parts" if row["by_sum"] else "piece_exceeds_whole"
        place = (rows[row["contract"]], FIGURES[row["measure"]][0], row["contract"])
        yield finding(kind, "contracts", *place, **words)


def _rests(ledger: Ledger, rates: Rates, markets: tuple[str, ...]) -> Iterator[Finding]:
    rows = _rows(ledger)
    own = ledger.told.filter((pl.col("said_by") == "row") & (pl.col("standing") == "counts"))
    for (contract, measure), terms in ledger.forms.group_by("contract", "measure", maintain_order=True):
        total = terms.filter(pl.col("coefficient") > 0)["term"][0]
        currency = own.filter((pl.col("contract") == total) & (pl.col("measure") == measure))["currency"][0]
        part = ledger.told.filter(pl.col("contract").is_in(terms["term"].implode()))
        views = tuple(View(currency, m) for m in markets)
        worth = worth_of(Ledger(ledger.contracts, part, ledger.forms.clear()), rates, views).own
        each = terms.join(worth, left_on=["term", "measure"], right_on=["contract", "measure"])
        told = []
        for low, high in (v.sides for v in views):
            if each[low].null_count() == 0:
                least = [
                    (c * l, c * h) if c > 0 else (c * h, c * l)
                    for c, l, h in each.select("coefficient", low, high).iter_rows()
                ]
                told.append((sum(l for l, _ in least), sum(h for _, h in least)))
        if told:
            rest = between(min(t[0] for t in told), max(t[1] for t in told), currency)
            column, words = FIGURES[str(measure)]
            yield finding(
                "rest_of_a_sum", "contracts", rows[str(contract)], column, None, figure=words, total=total, rest=rest
            )


def _twice(ledger: Ledger) -> Iterator[Finding]:
    """One amount in two rows that are not said to be related. Single contracts may well cost the same."""
    rows = _rows(ledger)
    contracts = ledger.contracts
    for row, others in contracts.select("row", "may_repeat").drop_nulls().iter_rows():
        yield finding("may_repeat", "contracts", row, "may_repeat", others, others=others)
    large = (
        contracts.with_columns(pl.col("contract", "top").cast(pl.String))
        .filter((pl.col("kind") != "single contract") & (pl.col("value") > 0))
        .select("row", "contract", "top", "value", "currency", "part_of", "may_repeat")
    )
    twins = large.filter(pl.struct("value", "currency").is_duplicated())
    pairs = twins.join(twins, on=["value", "currency"], suffix="_other").filter(pl.col("row_other") < pl.col("row"))
    named = pl.concat_str("part_of", "may_repeat", separator="+", ignore_nulls=True).str.split("+")
    related = (
        (pl.col("top") == pl.col("top_other"))
        | named.list.contains(pl.col("contract_other"))
        | pl.concat_str("part_of_other", "may_repeat_other", separator="+", ignore_nulls=True)
        .str.split("+")
        .list.contains(pl.col("contract"))
    )
    for contract, value, currency, other in (
        pairs.filter(~related.fill_null(value=False))
        .sort("row", "row_other")
        .unique("row", keep="first", maintain_order=True)
        .select("contract", "value", "currency", "contract_other")
        .iter_rows()
    ):
        told = short(float(value), currency)
        yield finding("told_twice", "contracts", rows[contract], "value", told, told=told, other=other)


def _claims(ledger: Ledger, rates: Rates, markets: tuple[str, ...]) -> Iterator[Finding]:
    """What another source says, beside what the row does."""
    rows = _rows(ledger)
    own = ledger.told.filter(pl.col("said_by") == "row").select(
        "contract", "measure", own_amount="amount", own_currency="currency"
    )
    said = ledger.told.filter(pl.col("said_by") == "claim").join(own, on=["contract", "measure"])
    columns = ("contract", "measure", "amount", "currency", "day", "standing", "own_amount", "own_currency")
    for contract, measure, amount, currency, day, standing, mine, in_own in said.select(columns).iter_rows():
        column, figure = FIGURES[measure]
        told, other = short(mine, in_own), short(amount, currency)
        place = ("contracts", rows[contract], column, other)
        if standing == "counts" and amount != mine:
            yield finding("sources_disagree", *place, figure=figure, amounts=f"{told} and {other}")
        elif standing == "disputed currency":
            yield finding("disputed_currency", *place, figure=figure, amounts=f"{told} and {other}")
        elif standing == "tenfold":
            which = "as large as" if amount > mine else "smaller than"
            yield finding("tenfold", *place, figure=figure, told=told, other=other, which=which)
        elif standing == "told in another currency":
            implied = f"{mine / amount:,.6g} {in_own}"
            near = _nearest(mine / amount, currency, in_own, day, rates, markets)
            yield finding(
                "two_rates",
                *place,
                figure=figure,
                told=told,
                other=other,
                implied=implied,
                currency=currency,
                nearest=near,
            )


def _counts(programme: Programme, ledger: Ledger) -> Iterator[Finding]:
    """Makers and parts that sources count otherwise."""
    said = programme["claims"].filter((pl.col("verdict") != "wrong").fill_null(value=True))
    for figure, words in (("makers_count", "number of makers"), ("parts_count", "number of parts")):
        both = said.filter(pl.col("figure") == figure).join(
            ledger.contracts.select("contract", place="row", own=figure), on="contract"
        )
        for row, own, amount in (
            both.filter(pl.col("own") != pl.col("amount")).select("place", "own", "amount").iter_rows()
        ):
            yield finding(
                "sources_disagree",
                "contracts",
                row,
                figure,
                f"{amount:g}",
                figure=words,
                amounts=f"{own} and {amount:g}",
            )


def _nearest(implied: float, base: str, quote: str, day: date | None, rates: Rates, markets: tuple[str, ...]) -> str:
    """Which market's rate of the day a printed conversion comes nearest to."""
    found = [] if day is None else [(m, r) for m in markets if (r := rates.rate(base, quote, day, m)) is not None]
    if not found:
        return "and no market of `rates` has one for that day"
    market, rate = min(found, key=lambda f: abs(f[1].value / implied - 1))
    gap = implied / rate.value - 1
    which = f"the {market} rate of {rate.on}" if len({r.value for _, r in found}) > 1 else f"the rate of {rate.on}"
    if abs(gap) <= NEAR:
        return f"{which} but for {gap:+.1%}" if abs(gap) >= 0.0005 else which
    return f"which no rate of the day explains; nearest is {which}, {rate.value:,.6g}"


def _rateless(programme: Programme, ledger: Ledger, rates: Rates, markets: tuple[str, ...]) -> Iterator[Finding]:
    """A counted figure that cannot be shown in the programme's currency on its day, in any market."""
    own, rows = programme.settings.currency, _rows(ledger)
    counted = ledger.contracts.filter(pl.col("role") == "counted").select("contract")
    told = ledger.told.filter(pl.col("standing").is_in(["counts", "disputed currency"])).join(counted, on="contract")
    days = told.drop_nulls("day").unique(["currency", "day"], maintain_order=True)
    for contract, measure, currency, day in days.select("contract", "measure", "currency", "day").iter_rows():
        if currency != own and all(rates.rate(currency, own, day, m) is None for m in markets):
            yield finding("without_rate", "contracts", rows[contract], FIGURES[measure][0], currency, own=own, on=day)


def _days(programme: Programme, ledger: Ledger) -> Iterator[Finding]:
    """Days out of order. Where a signing is known by its month or year alone, only what is before all of it is."""
    contracts = ledger.contracts
    for row in contracts.filter((pl.col("role") == "counted") & pl.col("signed").is_null())["row"]:
        yield finding("not_dated", "contracts", row, "signed")
    signed = contracts.drop_nulls("signed").select("contract", "signed", "row", "published", "due")
    for column, what in (("published", "It was printed"), ("due", "It is due")):
        early = signed.filter(pl.col(column) < pl.col("signed"))
        for row, day, on in early.select("row", column, "signed").iter_rows():
            yield finding("before_signing", "contracts", row, column, day, what=what, signed=on)
    for table, column, what in (
        ("observations", "as_of", "It was seen"), ("deliveries", "delivered", "It was delivered"),
        ("payments", "due", "It fell due"),
    ):  # fmt: skip
        early = (
            programme[table]
            .join(signed.select("contract", "signed"), on="contract")
            .filter(pl.col(column) < pl.col("signed"))
        )
        for row, day, on in early.sort("row").select("row", column, "signed").iter_rows():
            yield finding("before_signing", table, row, column, day, what=what, signed=on)


def _kinds(ledger: Ledger) -> Iterator[Finding]:
    rows = _rows(ledger)
    counted = ledger.contracts.filter(pl.col("role") == "counted").select("contract", "value_kind")
    other = ledger.told.filter((pl.col("standing") == "another kind of value") & (pl.col("said_by") == "row"))
    for contract, kind in other.join(counted, on="contract").select("contract", "value_kind").iter_rows():
        noun = f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
        yield finding("not_a_contract_value", "contracts", rows[contract], "value_kind", kind, noun=noun)


def _shares(programme: Programme) -> Iterator[Finding]:
    """Realised above physical on one day, and a share that falls."""
    seen = programme["observations"].filter(pl.col("part").is_null() & pl.col("share").is_not_null())
    both = seen.filter(pl.col("stage") == "saving realised").join(
        seen.filter(pl.col("stage") == "physical progress").select("contract", "as_of", physical="share"),
        on=["contract", "as_of"],
    )
    for row, share, physical, on in (
        both.filter(pl.col("share") > pl.col("physical")).select("row", "share", "physical", "as_of").iter_rows()
    ):
        words = {"share": f"{share:.4g}", "physical": f"{physical:.4g}", "on": on}
        yield finding("realised_above_physical", "observations", row, "share", f"{share:.4g}", **words)
    before = pl.col("share").shift(1).over("contract", "stage", order_by="as_of")
    falls = seen.with_columns(before=before).filter(pl.col("share") < pl.col("before"))
    for row, share, was in falls.sort("row").select("row", "share", "before").iter_rows():
        yield finding("share_falls", "observations", row, "share", f"{share:.4g}", before=f"{was:.4g}")


def _targets(programme: Programme, ledger: Ledger) -> Iterator[Finding]:
    """One figure for the whole programme beside the lines of its sectors, announced for the same day and thing; sectors of
    which the record has no contract."""
    targets = programme["targets"]
    named = programme["sectors"]["sector"].to_list()
    there = set(ledger.contracts.filter(pl.col("role") == "counted")["sector"].drop_nulls())
    lacking = [s for s in named if s not in there]
    if lacking and targets.filter((pl.col("scope") == "programme") & pl.col("counts").is_not_null()).height:
        yield finding(
            "sectors_without_contracts",
            "sectors",
            None,
            None,
            None,
            lacking=len(lacking),
            count=len(named),
            names=", ".join(lacking),
        )
    same = ("measure", "due", "currency", "announced")
    whole = targets.filter(pl.col("scope") == "programme").select("row", *same, told="value")
    lines = targets.filter(pl.col("scope") != "programme").group_by(same).agg(pl.sum("value"), pl.len())
    both = whole.join(lines, on=same, nulls_equal=True).filter(
        (pl.col("len") > 1) & ((pl.col("value") / pl.col("told") - 1).abs() > 1e-9)
    )
    for row, measure, announced, currency, told, total, count in both.select(
        "row", "measure", "announced", "currency", "told", "value", "len"
    ).iter_rows():
        words = {
            "count": count,
            "date": announced,
            "measure": measure,
            "sum": short(total, currency),
            "told": short(told, currency),
        }
        yield finding("targets_do_not_add", "targets", row, "value", None, **words)
