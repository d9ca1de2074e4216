"""What branches prove, as it is written in a run and recomputed from it.

A tree starts with every plan. A node is split by one decision into two: of the sum of some whole columns one side takes at most a
whole number, the other at least one more, so every plan is in one of them. A node that is not split has prices of the rows, and of
rounded rows (`Cut`), which bound what its plans cost; the least of these bounds is below every plan's cost, whoever
found the tree. See docs/explanation/decomposition.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import fsum

import numpy as np
from scipy import sparse

from onshore.sourcing.certificate import bound_of_prices
from onshore.sourcing.decomposition.full import Full
from onshore.sourcing.model import Model, without_the_impossible
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Ints

__all__ = ["Cut", "Decision", "NoTree", "Node", "Priced", "Tree", "bounds_of_leaves", "cut_rows"]

Priced = Callable[[dict[tuple[str, str], float]], Floats]


class NoTree(Exception):
    """What is told of branches proves nothing: in words, why."""


@dataclass(frozen=True)
class Decision:
    """What a node is split by: a box (venture or module), or of a part the options that a maker has rows for, or those before one.

    One side takes at most `most` of them, the other at least one more. -1 where it is none of that kind.
    """

    most: int
    box: int = -1
    part: int = -1
    maker: int = -1
    before: int = -1  # a place among all options


@dataclass(frozen=True)
class Node:
    """A node by what tells it from its parent (None for the first), what its plans cost at least, and prices that prove it, none where
    it is split.

    Prices are multipliers as the certificate has them: of an "at most" row 0 or less.
    """

    parent: int | None
    decision: Decision | None
    more: bool  # it is the side that takes at least one more
    bound: float
    rows: dict[int, float] = field(default_factory=dict)
    cuts: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Cut:
    """A row divided and rounded: what a `counted` option uses is taken off all options of its part and off the right side,
    and boxes that are `flipped` are counted from their most, the others from their least."""

    row: int
    divisor: float
    counted: Ints  # places among all options, one a part at most
    flipped: Ints  # boxes


@dataclass(frozen=True)
class Tree:
    """Nodes by number and cuts by number. Rows and boxes go by their places in what the search was given, parts, makers and
    options by those in the programme's tables."""

    nodes: dict[int, Node]
    cuts: dict[int, Cut]

    @property
    def leaves(self) -> dict[int, Node]:
        """The nodes that are not split."""
        split = {n.parent for n in self.nodes.values()}
        return {number: node for number, node in self.nodes.items() if number not in split}


def bounds_of_leaves(model: Model, options: Options, tree: Tree) -> dict[int, float]:
    """What no plan of each node that is not split costs less than, from the model alone; infinite where a part has no option left.

    Rows and boxes of the tree are rows and columns of the model. Nothing of the search is used: cuts are rounded
    again from the model's rows, and a node's bound is that of its prices over the model with those rows and with what is decided.
    Raises `NoTree` where nodes do not hold every plan, or a row cannot be rounded as is said.
    """
    tight = without_the_impossible(model)
    wide = _with_cuts(tight, options, tree)
    children: dict[int | None, list[int]] = {}
    for number, node in tree.nodes.items():
        children.setdefault(node.parent, []).append(number)
    if len(children.get(None, [])) != 1:
        raise NoTree("there is not one node that all start from")
    bounds: dict[int, float] = {}
    reached, waiting = 0, [(children[None][0], tight.lower, tight.upper)]
    while waiting:
        number, lower, upper = waiting.pop()
        reached += 1
        under = children.get(number, [])
        if under:
            waiting += [
                (child, *sides)
                for child, sides in zip(under, _split(tight, options, tree, under, lower, upper), strict=True)
            ]
            continue
        bounds[number] = _bound(replace(wide, lower=lower, upper=upper), options, tree, tree.nodes[number])
    if reached != len(tree.nodes):
        raise NoTree("there are nodes that no split leads to")
    return bounds


def _with_cuts(model: Model, options: Options, tree: Tree) -> Model:
    """The model (without what no plan can use) with a row for each cut, at the end, in the order of their numbers."""
    rounded = [_rounded(model, options, tree.cuts[c]) for c in sorted(tree.cuts)]
    count = len(rounded)
    return replace(
        model,
        matrix=sparse.csr_array(sparse.vstack([model.matrix, *(sparse.csr_array(row[None, :]) for row, _ in rounded)])),
        low=np.concatenate([model.low, np.full(count, -np.inf)]),
        high=np.concatenate([model.high, [right for _, right in rounded]]),
        maker=np.concatenate([model.maker, [model.maker[tree.cuts[c].row] for c in sorted(tree.cuts)]]).astype(
            np.int64
        ),
    )


def _prices_of(model: Model, tree: Tree, node: Node) -> Floats:
    """(R,) multipliers of a node for a model with cuts."""
    place = {c: len(model.low) - len(tree.cuts) + i for i, c in enumerate(sorted(tree.cuts))}
    if not set(node.cuts) <= set(place):
        raise NoTree("a cut has a price and is not told")
    u = np.zeros(len(model.low))
    u[list(node.rows)] = list(node.rows.values())
    u[[place[c] for c in node.cuts]] = list(node.cuts.values())
    return u


def cut_rows(
    tree: Tree, model: Model, options: Options, full: Full, boxes: Ints, priced: Priced
) -> tuple[Full, Floats]:
    """A normal form of the model with the cuts of a tree as rows at the end, and the prices that its one node has for all rows.

    `boxes` (B,) are the places of its boxes among ventures, then modules; `priced` makes prices of its rows from those of the
    model by name. Raises `NoTree` where the tree was split: what every plan
    loses at prices is above those of one node.
    """
    if len(tree.nodes) != 1:
        raise NoTree("what makers lose stands beside branches that were split")
    cut = _with_cuts(without_the_impossible(model), options, tree)
    rows = sparse.csr_array(cut.matrix[len(model.low) :])
    which = full.table.joined().which
    found = full.with_rows(
        rows[:, which], rows[:, model.ventures.start + boxes], cut.high[len(model.low) :], cut.maker[len(model.low) :]
    )
    u = _prices_of(cut, tree, next(iter(tree.nodes.values())))
    return found, np.concatenate([priced(model.named(u)), -u[len(model.low) :]])


def _split(
    model: Model, options: Options, tree: Tree, pair: list[int], lower: Floats, upper: Floats
) -> list[tuple[Floats, Floats]]:
    """Sides of the columns (C,) in both halves of a node, in the order of `pair`."""
    nodes = [tree.nodes[number] for number in pair]
    decision = nodes[0].decision
    if decision is None or [n.decision for n in nodes[1:]] != [decision] or {n.more for n in nodes} != {False, True}:
        raise NoTree(f"nodes {', '.join(map(str, pair))} are not the two sides of one decision")
    some, rest = _meant(model, options, decision)
    made = []
    for node in nodes:
        low, high = lower.copy(), upper.copy()
        if decision.box >= 0:
            if node.more:
                low[some] = np.maximum(low[some], decision.most + 1)
            else:
                high[some] = np.minimum(high[some], decision.most)
        else:
            high[rest if node.more else some] = 0.0
        made.append((low, high))
    return made


def _meant(model: Model, options: Options, decision: Decision) -> tuple[Ints, Ints]:
    """The columns that a decision is about, and the part's others."""
    if decision.box >= 0:
        return np.array([decision.box]), np.zeros(0, dtype=np.int64)
    span = np.arange(*options.first_of_part[decision.part :][:2])
    if decision.most != 0 or not model.integer[model.options][span].all():
        raise NoTree("a part that may have several makers, or more than one of it, is decided")
    if decision.before >= 0:
        meant = span < decision.before
    else:
        cells = model.matrix[:, span].tocoo()
        his = model.maker[cells.coords[0]] == decision.maker
        meant = np.isin(np.arange(len(span)), cells.coords[1][his])
    return span[meant], span[~meant]


def _bound(model: Model, options: Options, tree: Tree, node: Node) -> float:
    """LB of a node's prices over its columns."""
    left = np.maximum.reduceat(model.upper[model.options], options.first_of_part[:-1]) > 0
    if not left.all() or (model.lower > model.upper).any():
        return np.inf
    return bound_of_prices(model, options, _prices_of(model, tree, node))


def _rounded(model: Model, options: Options, cut: Cut) -> tuple[Floats, float]:
    """(C,) coefficients and the right side of a row divided and rounded (mixed-integer rounding, Nemhauser and Wolsey 1990, in the
    form of Marchand and Wolsey 2001, equation 3)."""
    row = model.matrix[[cut.row], :].toarray()[0]
    at_most = np.isfinite(model.high[cut.row])
    if at_most == np.isfinite(model.low[cut.row]) or row[model.slacks].any():
        raise NoTree("a row with a penalty, or with two sides, is rounded")
    a, right = (row, float(model.high[cut.row])) if at_most else (-row, -float(model.low[cut.row]))
    off = np.zeros(len(options.first_of_part) - 1)
    off[options.part[cut.counted]] = a[cut.counted]
    a[model.options] -= off[options.part]
    right -= fsum(off)  # sums that no order changes, so that the digits are those of the search
    sign, base = np.ones(len(a)), model.lower.copy()
    sign[cut.flipped], base[cut.flipped] = -1.0, model.upper[cut.flipped]
    base[model.options] = 0.0
    if not np.isfinite(base).all() or cut.divisor <= 0:
        raise NoTree("a row is counted from what has no end, or divided by nothing")
    right -= fsum((a * base)[np.flatnonzero(base)])
    scaled, whole = sign * a / cut.divisor, right / cut.divisor
    f = whole - np.floor(whole)
    if not 0.0 < f < 1.0:
        raise NoTree("a row that is whole already is rounded")
    floor = np.floor(scaled)
    integer = floor + np.maximum(0.0, scaled - floor - f) / (1.0 - f)
    made = sign * np.where(model.integer, integer, np.minimum(0.0, scaled) / (1.0 - f))
    return made, float(np.floor(whole)) + fsum((made * base)[np.flatnonzero(base)])
