"""Every exception of the house, and `Finding`: a fault in the user's input as a value.

Faults in the user's input are collected and shown together (`Finding`); an exception is raised once, with
all of them inside. Programmer's faults are ordinary exceptions and keep their traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

__all__ = [
    "KINDS", "Finding", "InputError", "Kind", "LabelError", "NoPlan", "OnshoreError", "Stopped", "WrongUse",
    "finding",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of the input: where it is, what it is, what to do.

    `kind` is a name from the catalogue (`docs/reference/errors.md`); `level` is ``error`` (nothing is planned)
    or ``warning`` (it is planned, and the report says so). `row` counts as a spreadsheet does: the heading is
    row 1. `value` is the cell's own text.
    """

    kind: str
    level: str
    table: str
    cause: str
    remedy: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    @property
    def place(self) -> str:
        """`offers row 41, maker`: as much of it as is known."""
        row = "" if self.row is None else f" row {self.row}"
        column = "" if self.column is None else f", {self.column}"
        return f"{self.table}{row}{column}"

    def __str__(self) -> str:
        return f"{self.place}: {self.cause} {self.remedy}".rstrip()

    def as_dict(self) -> dict[str, object]:
        """The finding under its documented names, for ``--json``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Kind:
    """An entry of the catalogue: `cause` and `remedy` are sentences with {words} that `finding` fills in."""

    name: str
    level: str
    cause: str
    remedy: str


def finding(
    kind: str, table: str, row: int | None = None, column: str | None = None, value: object = None, **words: object
) -> Finding:
    """A `Finding` of a catalogued kind; its sentences may use {table}, {column}, {value} and the `words` given."""
    entry = KINDS[kind]
    shown = None if value is None else str(value)
    words = {"table": table, "column": column, "value": shown, **words}
    cause, remedy = entry.cause.format(**words), entry.remedy.format(**words)
    return Finding(kind, entry.level, table, cause, remedy, row, column, shown)


def _kinds(level: str, *rows: tuple[str, str, str]) -> dict[str, Kind]:
    return {name: Kind(name, level, cause, remedy) for name, cause, remedy in rows}


# fmt: off
KINDS: dict[str, Kind] = {
    **_kinds(
        "error",
        # files and headings
        ("no_programme", "`{value}` holds no programme.", "Give a folder with a programme.toml, or a workbook with a sheet `programme`; `onshore new DIR` writes an empty one."),
        ("unreadable_file", "The file cannot be read: {reason}.", "Save it again as {wanted}."),
        ("bad_toml", "The file is not TOML: {reason}.", "Mend that line; `onshore new DIR` writes an example."),
        ("not_utf8", "The file is not UTF-8: byte {byte} at offset {offset} fits no character.", "Save it as UTF-8, or write encoding = \"windows-1256\" in programme.toml if that is what it is."),
        ("no_heading", "The table has no heading.", "Write its column names in the first row; `onshore new DIR` writes empty tables to copy from."),
        ("far_cell", "A cell at {value} makes the sheet {rows} rows by {columns} columns large.", "Delete the rows and columns beyond the table, or keep a table as large as that in a folder of CSV."),
        ("wrong_separator", "The columns are separated by {what}, not by commas.", "Save it again as CSV with commas (`CSV UTF-8` in Excel)."),
        ("ragged_row", "The row has {found} fields and the heading {wanted}.", "Add or remove the commas that shift it; put a text that holds a comma in double quotes."),
        ("bad_quotes", "The double quotes do not close: {reason}.", "Close them, and double a quote inside a quoted text."),
        ("unknown_table", "`{value}` is not a table of a programme.{nearest}", "Rename it, or move it out of the folder."),
        ("table_given_twice", "The table is given twice: {places}.", "Keep one of them."),
        ("unknown_column", "The table has no column `{column}`.{nearest}", "Rename it, or begin its name with `x_` to carry it along unread."),
        ("duplicate_column", "The heading names `{column}` {times} times.", "Keep one."),
        ("unnamed_column", "Column {position} has values but no name.", "Name it in the heading, or empty it."),
        ("merged_cells", "The cells {value} are merged, so all but the first are empty.", "Unmerge them and fill each in."),
        ("missing_column", "The required column `{column}` is missing.", "Add it: {meaning}."),
        ("missing_table", "The table is missing or empty: {why}.", "Add {table}.csv (or a sheet `{table}`)."),
        ("unknown_setting", "`{value}` is not a setting.{nearest}", "Rename or remove it."),
        ("missing_setting", "The setting `{column}` is missing.", "Add it: {meaning}, such as {example}."),
        ("bad_setting", "`{column}` is {value}, which is not {wanted}.", "Write {meaning}, such as {example}."),
        ("newer_schema", "It is written for schema version {value}; this release reads version {known}.", "Update Onshore, or see docs/how-to/migrate-a-programme.md."),
        # cells
        ("missing_value", "`{column}` is empty.", "Fill it in: {meaning}."),
        ("not_a_number", "`{value}` is not a number.", "Write digits with a point for decimals, such as {example}."),
        ("ambiguous_number", "`{value}` is {whole} or {fraction}: nobody can say.", "Write {whole} or {fraction}."),
        ("not_whole", "`{value}` is not a whole number.", "Write one, such as {example}."),
        ("out_of_range", "`{value}` is too large, or too close to zero, to be kept.", "Correct it, or use another unit."),
        ("percent", "`{value}` carries a percent sign.", "Write the fraction: {fraction}."),
        ("too_many_decimals", "`{value}` has more than 6 decimals, which money does not keep.", "Round it, or use a larger unit."),
        ("not_a_date", "`{value}` is not a date.", "Write year-month-day, such as 2019-07-20 or, in Solar Hijri, 1398-04-29."),
        ("not_a_choice", "`{value}` is not one of {choices}.{nearest}", "Write one of them."),
        ("not_a_flag", "`{value}` is neither yes nor no.", "Write yes or no."),
        ("not_a_currency", "`{value}` is not a currency.{nearest}", "Write its ISO 4217 code, IRR for rials or IRT for tomans."),
        ("missing_currency", "`{money}` has an amount, but `{column}` is empty.", "Name the currency; rial (IRR) and toman (IRT) differ tenfold."),
        ("not_numbers", "`{value}` is not a list of numbers.", "Join them with semicolons, such as {example}."),
        ("not_years", "`{value}` is neither a year nor two years joined by a hyphen.", "Write 1399 or 1398-1400."),
        ("years_reversed", "`{value}` ends before it begins.", "Write the earlier year first."),
        ("out_of_bounds", "{value} is outside {bounds}.", "Correct it: {meaning}."),
        ("stray_space", "`{value}` has spaces at its ends.", "Remove them."),
        ("control_character", "`{value}` holds an invisible control character.", "Type the cell again."),
        ("cell_error", "The cell holds the spreadsheet error `{value}`.", "Mend its formula, or empty it."),
        ("uncalculated", "The cell holds a formula that was never calculated.", "Open the workbook, let it calculate, and save it."),
        # rows and tables together
        ("duplicate_key", "{key} stands in row {first} too.", "Keep one row, or give them different keys."),
        ("unknown_reference", "`{value}` is not in {target}.{nearest}", "Correct it, or add it to {target}."),
    ),
    **_kinds(
        "error",
        # what a planner would trip on
        ("year_outside", "{value} is outside the programme, {first} to {last}.", "Correct the year, or the programme's first_year and last_year."),
        ("bom_cycle", "The bill of materials goes in a circle: {path}.", "Remove one of these lines."),
        ("part_is_product", "`{value}` is a product too.", "Give the part and the product different keys."),
        ("need_given_twice", "The need of `{part}` for the assembly line in {year} is given more than once (here, and in another row or by volumes through the bill of materials).", "Keep one of them."),
        ("no_freight", "The price is {incoterm}, which leaves freight out, and `freight` is empty.", "Fill in freight and insurance of one unit, 0 if there is none."),
        ("freight_included", "Freight is given, but the incoterm says that the price holds it.", "Empty `freight`, or write EXW or FOB."),
        ("no_source", "`{part}` cannot be imported and nobody offers it.", "Add an offer, or allow its import."),
        ("no_experience", "The price falls with experience, but `experience_units` is empty.", "Say how many units of the part the maker has made before."),
        ("above_annual_max", "{value} is more than annual_max, {most}.", "Correct one of them."),
        ("local_above_value", "The local part, {value}, is more than other_value.", "Correct one of them."),
        ("decisions_conflict", "`{offer}` is forced, but its {what} `{name}` is forbidden.", "Remove one of the two decisions."),
        ("bad_ramp", "The ramp `{value}` goes above the full rate, or ends at none.", "Write shares of the full rate between 0 and 1, the last one above 0."),
        ("two_wholes", "A {what} is a piece of one contract, and `{value}` names more.", "Name one; only {sums} rows name their pieces."),
        ("piece_of_itself", "It is a piece of itself: {path}.", "Empty or correct one of these cells."),
        ("not_its_venture", "The offer is `{maker}`'s, but the venture `{value}` is `{its}`'s.", "Correct one of them."),
        ("no_family", "It takes machine-hours, but its part `{part}` has no family.", "Fill in parts.family."),
        ("no_capacity", "It takes machine-hours, but `capacity` has no row for {maker}, {family} in {years}.", "Add the row, with 0 hours if there are none."),
        ("module_unknown", "Modules are allowed, but `{column}` is empty.", "Say what one module adds and costs."),
        ("opens_too_late", "The venture opens on {value}, after the programme ends.", "Correct the date, or leave its offers out."),
        ("measure_taken", "`{value}` is a measure that Onshore computes itself.", "Choose another name."),
        ("unknown_measure", "`{value}` is not a measure.{nearest}", "Write one of docs/reference/measures.md, or declare it in `uses`."),
        ("scope_unfit", "`{measure}` cannot be limited over a {value}.", "Write one of {scopes}."),
        ("scope_without_key", "The limit is for a {scope}, but does not say which.", "Fill in scope_key; `*` means each of them."),
        ("key_without_scope", "`{value}` is named, but the scope is the whole programme.", "Fill in scope, or empty scope_key."),
        ("currency_unfit", "`{measure}` is not money, but a currency is named.", "Empty `currency`."),
        ("commitment_without_offer", "No offer of `{maker}` for `{part}` fits this signed line.", "Add the offer that was signed to `offers`, or correct the line."),
        ("most_cost", "The plan would make cost as large as it can.", "Write objective_sense = \"least\"."),
        ("unknown_market", "`{value}` is not a market of `rates`.{nearest}", "Correct it, or add its rates."),
        ("rate_of_itself", "`{value}` is quoted in itself.", "Correct base or quote."),
        ("no_rate", "There is no {market} rate from `{value}` to `{own}` on {on}.", "Add it to `rates` with a date on or before that day, or name another rate_market."),
        # the car market
        ("name_taken", "`{value}` is a column of {whole} with a meaning of its own.", "Give the characteristic or the draw another name."),
        ("no_price_taste", "No row says how the price is felt.", "Add a row with the characteristic `price` and a negative coefficient."),
        ("shares_above_buyers", "The shares of {market} add up to {value}; the weights of its consumers to {buyers}.", "Divide units sold by all who might buy, so that some buy nothing."),
        ("likes_to_pay", "To consumer `{value}` of {market} a dearer model is no worse.", "Make the coefficients of `price`, times the draws, add up to less than 0."),
        ("change_within_change", "`{value}` goes into `{whole}`, and both have a change of cost.", "Keep one: the change of the whole, or those of its pieces."),
        # markets at home
        ("no_brands", "The market `{value}` has no brands.", "Add them to `brands`, or remove the market."),
        ("part_and_product", "The brand is a part and a product at once.", "Keep one of the two: its cost follows that one."),
        ("cost_and_margin", "The brand states its cost and its margin.", "Keep one of them: the other follows."),
        ("owners_not_whole", "The {what} shares of the owners of `{value}` add up to {sum}.", "Correct them: they are shares of the whole."),
        ("parallel_of_free", "A parallel price is given, but prices of `{value}` are free.", "Empty parallel_price, or correct the market's regime."),
        ("no_indexed_share", "Prices of `{value}` are negotiated, but nobody says how they follow cost.", "Fill in indexed_share, 0 if they do not."),
        ("price_felt_twice", "Buyers of `{value}` differ, and `tastes` says how they mind a price; this would say it again.", "Leave it empty."),
        ("no_buyers", "Buyers of `{value}` differ, but nobody in `buyers` is one of them.", "Add them, or choose another demand."),
        ("buyers_not_whole", "The weights of the buyers of `{value}` add up to {sum}.", "Correct them: they are shares of all who could buy."),
        ("nothing_to_plan", "Nothing can be planned: {why}.", "{do}"),
    ),
    **_kinds(
        "error",
        # worlds (scenarios and uncertainty)
        ("cannot_change", "{place} cannot be changed in a world: {why}.", "Name another column, or make another programme of it."),
        ("changed_twice", "`{value}` names a cell that row {first} changes too.", "Keep one of them."),
        ("bad_parameters", "The parameters do not fit {distribution}: {why}.", "Write such as {example}; but for bernoulli they are multiples of the number in the table."),
        ("nothing_to_draw", "No cell of {place} under `{value}` holds a number to draw around.", "Fill one in, or remove the row."),
        ("draws_beyond", "The draws of {distribution} can leave what {place} may hold: {bounds}.", "Choose bounds that stay inside, or lognormal for what must be above 0."),
        ("nothing_uncertain", "Neither `scenarios` nor `uncertainty` has a row, so there is one world only.", "Fill in one of them."),
        ("fault_of_a_world", "In {world}: {cause}", "Change that scenario, or draw less widely. {remedy}"),
        # what an effect cannot be measured from
        ("varies_within_part", "`{part}` has more than one `{column}`: {values}.", "Write the same in every row of the part."),
        ("mixed_units", "The values are in {values}: moves of one against another would be taken for an effect.", "Bring them to one unit, or measure them apart."),
        ("not_positive", "{value} has no logarithm, and the effect is asked for as a share.", "Correct it, or measure in levels: --scale level."),
        ("month_twice", "`{part}` has more than one row in {month}.", "Keep one, or their mean."),
        ("months_missing", "No part has a row in {months}, so the months are not evenly spaced.", "Add these months, or keep a stretch without them."),
        ("part_gaps", "`{part}` has no row in {months}.", "Fill them in, or leave such parts out: --gaps drop."),
        ("too_few_months", "There is one month only: nothing moves.", "Give months before and after the starts."),
        ("nothing_started", "No line starts within the panel, after its first month and up to its last: there is no effect to measure.", "Fill in `started` for the parts that are made at home, and give months before and after it."),
        ("nothing_to_compare", "When a line starts, no part is left whose line has not started: what the parts would have done without is not to be seen.", "Add parts that stay imported, or that start later, of the same kind and unit."),
        ("one_cluster", "All parts {side} are one cluster: what befell it cannot be told from the effect, and no error can be given.", "Add parts of other clusters, or do not conclude anything."),
        ("no_overlap", "In the comparison for lines started in {month} the covariates tell the started from the others: there is no like to compare with.", "Leave a covariate out, or add parts that resemble them."),
    ),
    **_kinds(
        "warning",
        ("assembly_bought_whole", "`{value}` is bought whole and has a bill of materials of its own: it and its pieces are both needed.", "Leave it out of `parts` if it is put together at home."),
        ("scarce_twice", "Foreign currency has a hard ceiling here and a premium of {premium} in programme.toml: both count its scarcity.", "Set shadow_premium to 0, or give the limit a penalty, unless both are meant."),
        ("volume_gap", "`{product}` has no volume for {years}: none is built then.", "Add the rows, with 0 where that is meant."),
        # the record of contracts (onshore progress)
        ("sum_of_parts", "`{value}` is said to be {told}, and its parts {parts} add to {sum}{how}: {difference} apart.", "Ask which is right. Only the parts are added up."),
        ("piece_exceeds_whole", "The pieces of `{value}` ({parts}) add to {sum}{how}, more than its own {told}.", "Correct one of them, or part_of."),
        ("rest_of_a_sum", "Its {figure} is not published; what `{total}` leaves for it is {rest}.", "Nothing, if the rest will do; it is marked as derived."),
        ("told_twice", "{told} is also what `{other}` is said to be: one sum may be told twice.", "Say so in may_repeat or part_of if it is, so that it is not counted twice."),
        ("may_repeat", "It may be {others} told again, so it stands in the higher total alone.", "Find out, and empty may_repeat or make it a subset."),
        ("sources_disagree", "Sources give its {figure} as {amounts}.", "Keep both; totals carry the range."),
        ("disputed_currency", "Its {figure} is printed as {amounts}: the same number in two currencies.", "Find out which; until then totals carry both."),
        ("two_rates", "Its {figure} of {told} is also printed as {other}: {implied} a {currency}, {nearest}.", "Keep the sum in its own currency, and name the rate with any other."),
        ("tenfold", "A source gives its {figure} as {other}, ten times {which} {told}: rial for toman, or a slip.", "Correct the row, or mark the claim `wrong`; it is not counted."),
        ("without_rate", "No market of `rates` turns {value} into {own} on {on}.", "Add a rate of that day or before it; the sums that need it are left empty."),
        ("before_signing", "{what} on {value}, before the signing on {signed}.", "Correct one of the two days."),
        ("not_dated", "It is to be added up, but nobody says when it was signed.", "Fill in `signed`; until then it counts nowhere."),
        ("not_a_contract_value", "Its value is {noun}, which is not added to what contracts are worth.", "Nothing, if that is what it is."),
        ("realised_above_physical", "{share} of the saving is realised at {physical} of the work ({on}).", "Both stand as printed; neither is forced under the other."),
        ("share_falls", "What was reached falls from {before} to {value}.", "Correct one of the two, unless it did fall."),
        ("sectors_without_contracts", "{lacking} of {count} sectors have no contract in the record: {names}.", "Read targets of the whole programme with that in mind; nothing is made up for them."),
        ("targets_do_not_add", "The {count} lines of {date} for `{measure}` add to {sum}, beside the announced {told}.", "Say which is meant; both are shown."),
        ("rate_jump", "{value} is more than five times, or less than a fifth of, the rate before it.", "Check its digits, rial against toman, and which way round the pair stands."),
        ("predicted_for_some", "The run predicts prices of {known} of the {started} parts whose line started; the prediction is theirs.", "Hold it against those alone: leave the others out of the panel."),
        ("idle_tastes", "The demand of `{value}` is not random coefficients: its rows here are not used.", "Leave them out, or correct the market's demand."),
        ("idle_owner", "No brand has the seller `{value}`.{nearest}", "Correct it, or leave the row out."),
        ("idle_family", "No part is of the family `{value}`.{nearest}", "Correct it, or leave the row out."),
        ("no_need", "`{value}` is needed in no year.", "Add a row to `needs`, or a product that it goes into with a volume."),
        ("weights_off", "In {markets} markets the weights do not add up to 1 but to {low} to {high}.", "Fine where consumers were drawn by importance; else divide by their sum."),
        ("shares_unfit", "No mean utilities give the shares of {markets}.", "Do not use these markets; look for a share near 0, or for consumers too few."),
        ("negative_cost", "{models} models have a cost of 0 or less.", "Look at the taste for the price: demand may be told too inelastic. Or at the change of cost."),
        ("no_equilibrium", "No prices were found at which every firm in {markets} is content.", "Do not use these markets; try a smaller change."),
        ("price_jumps", "{models} prices move by more than {limit}; the most is {model} in {market}, {share}.", "Report them apart: a firm may have gone over to the few buyers who hardly mind."),
        ("better_price", "{models} models have a better price for their firm; the most is {model} in {market}, at {price} by {gain} of its profit.", "Report them apart: these prices are no Nash equilibrium. Too few consumers, or tastes too wide, make such peaks."),
        ("part_left_out", "`{part}` is left out: it has no row in {months}.", "Fill them in to count it."),
        ("started_before", "{parts} had started before there was anything to compare with: left out.", "Give earlier months, if there are any."),
        ("one_cohort", "All lines that can be measured started in {month}: whatever else befell them then is in the effect.", "Say what else happened then, or wait for later starts."),
        ("few_clusters", "Only {count} clusters {side}: errors are rough and look smaller than they are.", "Do not lean on an interval; read the placebos."),
        ("no_pretrend", "No line has two periods before its start: whether parts moved alike before it cannot be seen.", "Give earlier months."),
        ("none_never", "Every line starts in the end: from {month} on there is nobody to compare with, and nothing is measured.", "Add parts that stay imported."),
        ("blank_row", "The row is empty.", "Remove it, or fill it in."),
        ("unread_file", "`{value}` is not read.", "Save it as {wanted}, or move it out of the folder."),
    ),
}
# fmt: on


class OnshoreError(Exception):
    """The root of every error that Onshore raises on purpose."""


class InputError(OnshoreError):
    """The programme (or a file) has faults. All of them are in `findings`.

    Mend what each one names; `onshore check` lists them again.
    """

    def __init__(self, findings: Iterable[Finding]):
        self.findings = tuple(findings)
        errors = [f for f in self.findings if f.level == "error"]
        head = "1 fault" if len(errors) == 1 else f"{len(errors)} faults"
        shown = "\n".join(f"  {f}" for f in errors[:20])
        more = f"\n  and {len(errors) - 20} more: `onshore check` lists them" if len(errors) > 20 else ""
        super().__init__(f"{head} in the input:\n{shown}{more}")


class WrongUse(OnshoreError):
    """A command or function was called in a way that cannot work; the message says what to type instead."""


class LabelError(OnshoreError):
    """Two sets of labels that must agree do not; the message names the odd ones on each side."""


class NoPlan(OnshoreError):
    """The solver proved that no plan keeps every hard limit, or found none in the time it was given.

    The message says which of the two it is and what to try. `details` holds the conflicting limits, the least change
    and each limit's own, under the names of docs/reference/commands.md, where the limits were proved impossible.
    """

    def __init__(self, message: str, details: dict[str, object] | None = None):
        super().__init__(message)
        self.details = details or {}


class Stopped(OnshoreError):
    """The work was interrupted (Ctrl-C); nothing was written."""
