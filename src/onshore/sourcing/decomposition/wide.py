"""An option table too long to hold as trajectories: made by chunks of parts, kept as the columns and keys of its options.

Each chunk is the problem of some parts (`Problem.of_parts`): its options, measures and terms are worked out as for a small
programme, its columns are kept, and the rest is dropped. What the search finds is then made again in full for a few options
of each part (`Wide.some`), and everything that is told of a plan is told from those; what has to be known of all
options (the bound, each part's cheapest one) is kept here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from onshore.sourcing.certificate import Proof
from onshore.sourcing.counted import Bundle, bundled, gathered
from onshore.sourcing.decomposition.normal import THREADS, Normal, OptionColumns, mark_cheapest, smallest
from onshore.sourcing.limits import LimitRows, limit_rows
from onshore.sourcing.measures import Measures
from onshore.sourcing.model import (
    decided,
    forced_term,
    hours_of_modules,
    hours_term,
    link_names,
    modules_most,
    must_be_left,
    permitted_of,
    service_of_modules,
    shop_years,
    through_ventures,
    venture_bounds,
    without_any,
)
from onshore.sourcing.options import SHOWN, Options, options_of, options_of_keys, restrictions_of
from onshore.sourcing.problem import Floats, Ints, Problem
from onshore.sourcing.scopes import entities

__all__ = ["Wide", "wide_of"]

PARTS = 250
"""Parts of a chunk: the memory that is used beside the columns, and what fits the processor's cache, grow with it."""


@dataclass(frozen=True)
class Frame:
    """The rows of a programme but those that tie parts to ventures: names by block, sides turned to "at most", boxes."""

    names: tuple[tuple[str, str], ...]  # (F,) block and row
    right: Floats  # (F,)
    sign: Floats  # (F,)
    penalty: Floats  # (F,)
    boxes: sparse.csc_array  # (F, V + S T) of ventures and then modules, turned
    terms: Bundle
    denominators: Bundle
    limits: LimitRows


@dataclass(frozen=True)
class Wide:
    """K options as columns over the rows (`names`), and as keys: the offer, month of start and share of each leg.

    `normal` holds those that may be chosen and alone break no row; `lost` those that alone break one, for a bound that holds
    with more room in it.
    """

    problem: Problem
    normal: Normal
    names: tuple[tuple[str, str], ...]  # (R,) block and row
    lost: OptionColumns
    lost_costs: Floats  # (b,) of boxes that alone break a row
    lost_boxes: sparse.csc_array  # (R, b)
    first_of_part: Ints  # (P + 1,)
    first_of_option: Ints  # (K + 1,)
    offer: np.ndarray  # (L,) int32
    start: np.ndarray  # (L,) int16, months
    share: Floats  # (L,)
    cheapest: Floats  # (P,) least objective of the options that are permitted
    imported: Floats  # (P,) objective of staying imported
    reach: Floats  # (bounds,) by how much a row gives way at most for one unit of its limit
    restrictions: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.first_of_option) - 1

    def bound(self, v: Floats) -> tuple[float, float]:
        """LB(v) over the whole table in plain products of matrices, with and without what alone breaks a row left out."""
        n = self.normal
        boxes = n.cost + n.matrix.T @ v
        least = _least(n.table, v)
        rest = float(np.where(boxes < 0, boxes * n.upper, boxes * n.lower).sum() - v @ n.right)
        lost = float(np.minimum(0.0, self.lost_costs + self.lost_boxes.T @ v).sum())
        return float(least.sum()) + rest, float(np.minimum(least, _least(self.lost, v)).sum()) + rest + lost

    def proof(self, v: Floats) -> Proof:
        """What is known of all options at the prices v (R,)."""
        by_prices, promised = self.bound(v)
        return Proof(float(self.imported.sum()), float(self.cheapest.sum()), by_prices, promised, self.reach)

    def named(self, v: Floats) -> dict[tuple[str, str], float]:
        """Every price by block and row, as the certificate of a `Model` has it: negative where the row is "at most"."""
        return {self.names[r]: float(-self.normal.sign[r] * v[r]) for r in np.flatnonzero(v)}

    def prices_of(self, price: dict[tuple[str, str], float]) -> Floats:
        """(R,) prices from those of rows by block and name; what is on the wrong side of a row is none."""
        given = np.array([price.get(name, 0.0) for name in self.names])
        return np.minimum(np.maximum(0.0, -self.normal.sign * given), self.normal.penalty)

    def told(self, reduced: Floats, taken: Ints, closed: Floats) -> Ints:
        """The options (in order) that a plan is told by: those taken, staying imported, the SHOWN cheapest ones of each part by
        objective, the cheapest by objective with what has to be opened, by reduced cost (n of `normal.table`), and those that cost what a
        taken one does. `closed` (V,) is the cost of opening each venture that is not open."""
        n, t, P = self.normal, self.normal.table, len(self.first_of_part) - 1
        part, every = t.part, np.zeros(self.count, dtype=np.bool_)
        every[taken] = True
        every[self.first_of_part[:-1]] = True
        local = np.flatnonzero(self.first_of_part[1:] - self.first_of_part[:-1] > 1)
        every[self.first_of_part[local] + 1] = True  # that there was one at all
        cost = np.full(P, np.nan)
        at = np.searchsorted(t.which, taken)
        cost[part[at]] = t.cost[at]
        same = np.abs(t.cost - cost[part]) <= 1e-12 * np.maximum.reduceat(np.abs(t.cost), t.first[:-1])[part]
        every[t.which[same]] = True
        needs = np.zeros(len(n.right))
        needs[n.links] = closed[n.boxes[n.linked]]
        opening = t.cost + sparse.csc_array((t.data, t.indices, t.indptr), shape=(len(n.right), len(t.cost))).T @ needs
        objective = np.full(self.count, np.inf)
        for columns in (t, self.lost):
            objective[columns.which] = columns.cost
        mark_cheapest(self.first_of_part, objective, SHOWN, every)
        every[self._best_of_offers(objective)] = True
        for value in (opening, reduced):
            every[t.which[smallest(t.first, value)]] = True
        home = np.where(np.isin(t.which, self.first_of_part[:-1]), np.inf, opening)
        every[t.which[smallest(t.first, home)]] = True
        if len(self.lost.cost):
            every[self.lost.which] |= self.lost.cost < cost[self.lost.part]
        return np.flatnonzero(every)

    def _best_of_offers(self, cost: Floats) -> Ints:
        """The option of least cost (K,) with each offer; any one of an offer that decisions forbid."""
        option = np.repeat(np.arange(self.count), np.diff(self.first_of_option))
        least = np.full(len(self.problem.offers.labels), np.inf)
        np.minimum.at(least, self.offer, cost[option])
        best = np.flatnonzero(cost[option] == least[self.offer])
        _, first = np.unique(self.offer[best], return_index=True)
        return option[best[first]]

    def some(self, chosen: Ints) -> Options:
        """These options (in order) in full."""
        part = np.searchsorted(self.first_of_part, chosen, side="right") - 1
        count = self.first_of_option[chosen + 1] - self.first_of_option[chosen]
        first = np.concatenate([[0], np.cumsum(count)])
        leg = np.repeat(self.first_of_option[chosen] - first[:-1], count) + np.arange(first[-1])
        keys = (self.offer[leg].astype(np.int64), self.start[leg].astype(np.int64) // 12, self.share[leg])
        return options_of_keys(
            self.problem, part, first, keys, chosen - self.first_of_part[part], np.diff(self.first_of_part),
            np.unique(self.offer).astype(np.int64), self.restrictions,
        )  # fmt: skip


def _least(columns: OptionColumns, v: Floats) -> Floats:
    """(P,) least c + v g of each part's columns; infinite where it has none."""
    matrix = sparse.csc_array((columns.data, columns.indices, columns.indptr), shape=(len(v), len(columns.cost)))
    least = np.full(len(columns.first) - 1, np.inf)
    some = np.flatnonzero(np.diff(columns.first) > 0)
    if len(some):
        least[some] = np.minimum.reduceat(columns.cost + matrix.T @ v, columns.first[some])
    return least


def wide_of(problem: Problem, tell: Callable[[int], None] | None = None) -> Wide:
    """The whole option table as columns. `tell` is called with the number of parts done.

    Raises `NoPlan` where decisions leave a part without any option.
    """
    frame = _frame(problem)
    made = [*_chunks(problem, frame, tell)]
    must_be_left([p for c in made for p in c.stuck])
    meets = np.concatenate([c.meets for c in made])
    boxes = _with_links(problem, frame, meets)
    names = (*frame.names, *(("open_before_use", name) for name in link_names(problem, meets)))
    F, links = len(frame.names), len(meets)
    right, sign = np.concatenate([frame.right, np.zeros(links)]), np.concatenate([frame.sign, np.ones(links)])
    first_of_link = F + np.concatenate([[0], np.cumsum([len(c.meets) for c in made])])
    for c, first in zip(made, first_of_link[:-1].tolist(), strict=True):
        c.indices[c.indices >= F] += first - F
    activity = _least_activity(made, boxes, problem, len(right))
    activity[:F][np.isfinite(frame.penalty)] = -np.inf  # a soft row can always be missed
    lower, most = _box_bounds(problem)
    over = _alone_over(boxes.indptr, boxes.indices, boxes.data, activity, right, sign) & (most <= 1.0) & (lower == 0.0)
    upper = np.where(over, 0.0, most)
    alone = [
        _alone_over(c.indptr, c.indices, c.data, activity, right, sign) & ~problem.parts.divisible[c.part] for c in made
    ]
    may_cap = _may_cap(made, alone, boxes, upper, right, sign)
    boxes.data = np.where(may_cap[boxes.indices], np.maximum(boxes.data, right[boxes.indices]), boxes.data)
    box_cost = np.concatenate([made[0].ventures, made[0].modules])
    first_of_part = np.concatenate([[0], np.cumsum(np.concatenate([c.options for c in made]))])
    first_of_option = np.concatenate([[0], np.cumsum(np.concatenate([c.legs for c in made]))])
    offer, start, share = (np.concatenate([getattr(c, name) for c in made]) for name in ("offer", "start", "share"))
    cheapest, imported = (np.concatenate([getattr(c, name) for c in made]) for name in ("cheapest", "imported"))
    reach, restrictions = _reach(frame.limits, made), restrictions_of(problem)  # of all parts, not of one chunk
    kept, lost = [], []
    made.reverse()
    for mask in alone:
        c = made.pop()  # each is let go once its columns are sorted out
        lost.append(c.only(mask))
        c = c.only(~mask)
        c.data = np.where(may_cap[c.indices], np.maximum(c.data, right[c.indices]), c.data)
        kept.append(c)
    chosen = np.flatnonzero(upper > 0)
    opens = upper[meets[:, 1]] > 0  # a forbidden venture has no box, and its links nothing to share
    normal = Normal(
        _joined(kept), sparse.csc_array(boxes[:, chosen]), chosen, box_cost[chosen], lower[chosen], upper[chosen], right,
        np.concatenate([frame.penalty, np.full(links, np.inf)]), np.arange(len(right)), sign, F + np.flatnonzero(opens),
        np.searchsorted(chosen, meets[opens, 1]), problem.parts.divisible,
    )  # fmt: skip
    return Wide(
        problem, normal, names, _joined(lost), box_cost[over], boxes[:, np.flatnonzero(over)], first_of_part, first_of_option, offer, start, share, cheapest, imported, reach,
        restrictions,
    )  # fmt: skip


def _may_cap(
    chunks: list[_Chunk], alone: list[np.ndarray], boxes: sparse.csc_array, upper: Floats, right: Floats, sign: Floats
) -> np.ndarray:
    """(R,) bool: at-least rows in which nothing counts against: there nothing has to count for more than the whole."""
    may = (sign < 0) & (right < 0)
    against = boxes.data > 0
    box = np.repeat(np.arange(boxes.shape[1]), np.diff(boxes.indptr))
    may[boxes.indices[against & (upper[box] > 0)]] = False
    for c, mask in zip(chunks, alone, strict=True):
        option = np.repeat(~mask, np.diff(c.indptr))
        may[c.indices[(c.data > 0) & option]] = False
    return may


def _reach(limits: LimitRows, chunks: list[_Chunk]) -> Floats:
    """(bounds,) `certificate.reach_of`, from what the options of each chunk can be a share of."""
    most = np.sum([c.reach for c in chunks], axis=0)
    return np.array([
        1.0 if b.denominator is None
        else max(0.0, float(m) + b.denominator.constant) / (1e6 if b.measure == "defects_ppm" else 1.0)
        for b, m in zip(limits.bounds, most, strict=True)
    ])  # fmt: skip


@dataclass
class _Chunk:
    """The permitted options of some parts as columns, turned to "at most", and what is kept of all of theirs."""

    part: Ints  # (n,) among all parts
    which: Ints  # (n,) among all options of the chunk
    indptr: Ints
    indices: np.ndarray
    data: Floats
    cost: Floats  # (n,)
    base: int  # options of the chunks before, once known
    options: Ints  # (parts,) options of each
    legs: Ints  # (options,) legs of each
    offer: np.ndarray
    start: np.ndarray
    share: Floats
    meets: Ints  # (links, 2) parts and ventures
    cheapest: Floats
    imported: Floats
    reach: Floats
    ventures: Floats  # (V,) their part of the objective
    modules: Floats  # (S T,)
    restrictions: tuple[str, ...]
    stuck: list[str]

    def only(self, chosen: np.ndarray) -> _Chunk:
        """Those of its columns (n,) bool."""
        at = np.flatnonzero(chosen)
        size = np.diff(self.indptr)[at]
        indptr = np.concatenate([[0], np.cumsum(size)])
        from_ = np.repeat(self.indptr[at] - indptr[:-1], size) + np.arange(indptr[-1])
        return replace(
            self, part=self.part[at], which=self.which[at], indptr=indptr, indices=self.indices[from_], data=self.data[from_],
            cost=self.cost[at],
        )  # fmt: skip


def _chunks(problem: Problem, frame: Frame, tell: Callable[[int], None] | None) -> Iterator[_Chunk]:
    """Chunk by chunk, in order, two at work at a time where there are processors for it."""
    P = len(problem.parts.labels)
    spans = [(a, min(P, a + PARTS)) for a in range(0, P, PARTS)]
    with ThreadPoolExecutor(min(THREADS, len(spans))) as pool:
        base = 0
        for (_, last), made in zip(spans, pool.map(lambda span: _chunk(problem, frame, *span), spans), strict=True):
            made.base = base
            base += int(made.options.sum())
            if tell is not None:
                tell(last)
            yield made


def _chunk(problem: Problem, frame: Frame, first: int, last: int) -> _Chunk:
    mine = problem.of_parts(first, last)
    options = options_of(mine)
    measures = Measures(mine, options)
    where = entities(mine, options, first)
    F, K = len(frame.names), options.count
    counted = gathered(measures, frame.terms, F, where)
    bottom = gathered(measures, frame.denominators, len(frame.limits.bounds), where)
    cost, ventures, modules = measures.objective()
    permitted = permitted_of(mine, options)
    meets, through, row = through_ventures(mine, options)
    at = counted.indptr[through + 1]
    indices = np.insert(counted.indices, at, (F + row).astype(np.int32))
    data = np.insert(counted.data * frame.sign[counted.indices], at, 1.0)
    indptr = counted.indptr + np.concatenate([[0], np.cumsum(np.bincount(through, minlength=K))])
    start = options.first_of_part[:-1]
    offer_base = int(np.searchsorted(problem.offers.part, first))
    chunk = _Chunk(
        options.part + first, np.arange(K), indptr, indices, data, cost, 0, np.diff(options.first_of_part),
        np.diff(options.first_of_option), (options.legs.offer + offer_base).astype(np.int32), options.legs.start.astype(np.int16),
        options.legs.share, meets + np.array([first, 0]), np.minimum.reduceat(np.where(permitted, cost, np.inf), start), cost[start],
        _most(bottom.indptr, bottom.indices, bottom.data, options.first_of_part, permitted, len(frame.limits.bounds)), ventures,
        modules.ravel(), options.restrictions, without_any(mine, options, permitted),
    )  # fmt: skip
    return chunk.only(permitted)


def _most(
    indptr: Ints, indices: np.ndarray, data: Floats, first_of_part: Ints, permitted: np.ndarray, rows: int
) -> Floats:
    """(rows,) sum over parts of the most that one permitted option counts."""
    option = np.repeat(np.arange(len(permitted)), np.diff(indptr))
    counts = permitted[option]
    part = np.searchsorted(first_of_part, option[counts], side="right") - 1
    row, value = indices[counts], data[counts]
    order = np.lexsort((part, row))
    part, row, value = part[order], row[order], value[order]
    new = np.flatnonzero((np.diff(row, prepend=-1) != 0) | (np.diff(part, prepend=-1) != 0))
    if not len(new):
        return np.zeros(rows)
    return np.asarray(np.bincount(row[new], np.maximum(0.0, np.maximum.reduceat(value, new)), rows), dtype=np.float64)


def _frame(problem: Problem) -> Frame:
    """The rows in the order machine-hours, modules in service, forced makers, limits."""
    V, (S, T) = len(problem.ventures.labels), problem.shops.hours.shape
    limits = limit_rows(problem)
    forced = decided(problem, "maker", "force")
    shops, service_row, service_module, high = service_of_modules(problem)
    hours_row, hours_module, hours = hours_of_modules(problem)
    at = np.cumsum([0, S * T, len(high), len(forced), len(limits.bounds)])
    names = (
        *(("machine_hours", name) for name in shop_years(problem, range(S))),
        *(("modules_in_service", name) for name in shop_years(problem, shops.tolist())),
        *(("forced_makers", name) for name in forced),
        *(("limits", b.name) for b in limits.bounds),
    )
    sign = np.concatenate(
        [np.ones(at[2]), -np.ones(len(forced)), [1.0 if b.sense == "at_most" else -1.0 for b in limits.bounds]]
    )
    right = sign * np.concatenate(
        [problem.shops.hours.ravel(), high, np.ones(len(forced)), [b.right for b in limits.bounds]]
    )
    penalty = np.concatenate(
        [np.full(at[3], np.inf), [np.inf if b.penalty is None else b.penalty for b in limits.bounds]]
    )
    box_row = np.concatenate(
        [np.full(len(b.boxes), at[3] + r) for r, b in enumerate(limits.bounds)] + [np.zeros(0)]
    ).astype(np.int64)
    rows = np.concatenate([hours_row, at[1] + service_row, box_row])
    columns = np.concatenate([V + hours_module, V + service_module, *(b.boxes for b in limits.bounds)])
    data = np.concatenate([-hours, np.ones(len(service_row)), *(b.box_weights for b in limits.bounds)]) * sign[rows]
    boxes = sparse.csc_array((data, (rows, columns)), shape=(int(at[-1]), V + S * T))
    terms = (
        hours_term(problem),
        *(replace(t, rows=t.rows + at[2]) for t in ([forced_term(problem)] if forced else [])),
        *(replace(t, rows=np.where(t.rows >= 0, t.rows + at[3], -1)) for t in limits.terms),
    )
    T = len(problem.years)
    return Frame(names, right, sign, penalty, boxes, bundled(terms, T), bundled(limits.denominators, T), limits)


def _with_links(problem: Problem, frame: Frame, meets: Ints) -> sparse.csc_array:
    """The boxes' columns with a row for each part and venture that meet: the venture counts -1 in it."""
    links = sparse.csc_array(
        (-np.ones(len(meets)), (np.arange(len(meets)), meets[:, 1])), shape=(len(meets), frame.boxes.shape[1])
    )
    made = sparse.csc_array(sparse.vstack([frame.boxes, links], format="csc"))
    made.eliminate_zeros()
    return made


def _box_bounds(problem: Problem) -> tuple[Floats, Floats]:
    low, high = venture_bounds(problem)
    most = modules_most(problem)
    return np.concatenate([low, np.zeros(len(most))]), np.concatenate([high, most])


def _least_activity(chunks: list[_Chunk], boxes: sparse.csc_array, problem: Problem, rows: int) -> Floats:
    """(R,) what each row, turned to "at most", comes to at least, every column for itself."""
    lower, upper = _box_bounds(problem)
    box = np.repeat(np.arange(boxes.shape[1]), np.diff(boxes.indptr))
    low = np.where(boxes.data < 0, boxes.data * upper[box], boxes.data * lower[box])
    least = np.zeros(rows)  # np.bincount of nothing would be integers
    least += np.bincount(boxes.indices, low, rows)
    for c in chunks:
        negative = c.data < 0
        least += np.bincount(c.indices[negative], c.data[negative], rows)
    return np.asarray(least, dtype=np.float64)


def _alone_over(
    indptr: Ints, indices: np.ndarray, data: Floats, least: Floats, right: Floats, sign: Floats
) -> np.ndarray:
    """(n,) bool: columns that, taken whole, break an at-most row whatever else is chosen (`model.without_the_impossible`)."""
    alone = least[indices] - np.minimum(data, 0.0) + data
    over = (data > 0) & (sign[indices] > 0) & (alone > right[indices] + 1e-9 * np.maximum(1.0, np.abs(right[indices])))
    gone = np.zeros(len(indptr) - 1, dtype=np.bool_)
    gone[np.searchsorted(indptr, np.flatnonzero(over), side="right") - 1] = True
    return gone


def _joined(chunks: list[_Chunk]) -> OptionColumns:
    """Chunks as one table; the columns of each are let go as soon as they are copied."""
    parts = sum(len(c.options) for c in chunks)
    part = np.concatenate([c.part for c in chunks])
    which = np.concatenate([c.which + c.base for c in chunks])
    cost = np.concatenate([c.cost for c in chunks])
    indptr = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(c.indptr) for c in chunks]))])
    indices, data = np.empty(indptr[-1], dtype=np.int32), np.empty(indptr[-1])
    at = 0
    for i in range(len(chunks)):
        c = chunks[i]
        indices[at : at + len(c.indices)], data[at : at + len(c.data)] = c.indices, c.data
        at += len(c.data)
        c.indices, c.data = indices[:0], data[:0]
    return OptionColumns(np.searchsorted(part, np.arange(parts + 1)), indptr, indices, data, cost, which)
