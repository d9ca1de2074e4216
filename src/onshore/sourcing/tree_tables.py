"""A tree of branches as the tables of a run (`branches`, `branch_prices`, `cuts`, `cut_terms`), and back: by names, never by position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from onshore.errors import WrongUse
from onshore.sourcing.declared import TREE_TABLES
from onshore.sourcing.instance import Whole
from onshore.sourcing.model import shop_years
from onshore.sourcing.problem import Ints, Problem
from onshore.sourcing.read_back import OTHER_TABLE
from onshore.sourcing.result import frame_of
from onshore.sourcing.tree import Cut, Decision, Node, NoTree, Tree, bounds_of_leaves

__all__ = ["Names", "proved_by", "tree_of", "tree_tables"]

Row = dict[str, object]


@dataclass(frozen=True)
class Names:
    """What rows, boxes and options are called. `first_box` is the place of the first venture among the columns."""

    problem: Problem
    rows: Sequence[tuple[str, str]]  # (R,) block and name
    first_of_part: Ints
    first_box: int = 0

    @classmethod
    def of(cls, whole: Whole) -> Names:
        model = whole.model
        rows = [(block, model.names[r]) for block, at in model.blocks.items() for r in range(at.start, at.stop)]
        return cls(whole.problem, rows, whole.options.first_of_part, model.ventures.start)

    @cached_property
    def boxes(self) -> list[tuple[str, str]]:
        """Ventures, then modules: what it is, and its key."""
        p = self.problem
        modules = shop_years(p, range(len(p.shops.family)))
        return [*(("venture", v) for v in p.ventures.labels), *(("module", m) for m in modules)]

    def option(self, place: int) -> tuple[str, int]:
        """The part, and the number in its list."""
        part = int(np.searchsorted(self.first_of_part, place, side="right")) - 1
        return self.problem.parts.labels[part], place - int(self.first_of_part[part])


def tree_tables(tree: Tree | None, names: Names) -> dict[str, pl.DataFrame]:
    """The four tables, empty without a tree."""
    if tree is None:
        return {name: frame_of(name, []) for name in TREE_TABLES}
    prices = [
        {"branch": number, "block": block, "row": row, "price": price}
        for number, node in tree.leaves.items()
        for (block, row), price in [
            *((names.rows[r], price) for r, price in node.rows.items()),
            *((("cuts", str(c)), price) for c, price in node.cuts.items()),
        ]
    ]
    terms: list[Row] = []
    for number, cut in tree.cuts.items():
        for place in cut.counted.tolist():
            part, option = names.option(place)
            terms.append({"cut": number, "what": "option", "key": part, "option": option})
        for box in cut.flipped.tolist():
            what, key = names.boxes[box - names.first_box]
            terms.append({"cut": number, "what": what, "key": key, "option": None})
    cuts = [
        {"cut": c, "block": names.rows[cut.row][0], "row": names.rows[cut.row][1], "divisor": cut.divisor}
        for c, cut in tree.cuts.items()
    ]
    made = {"branches": _branches(tree, names), "branch_prices": prices, "cuts": cuts, "cut_terms": terms}
    return {name: frame_of(name, made[name]) for name in TREE_TABLES}


def _branches(tree: Tree, names: Names) -> list[Row]:
    leaves, problem = tree.leaves, names.problem
    rows = []
    for number, node in tree.nodes.items():
        bound = node.bound if number in leaves and np.isfinite(node.bound) else None
        row: Row = {"branch": number, "parent": node.parent, "bound": bound}
        if node.decision is not None:
            row |= _told(node.decision, names, problem)
            row |= {"at_least": node.decision.most + 1} if node.more else {"at_most": node.decision.most}
        rows.append({column: row.get(column) for column in _COLUMNS})
    return rows


_COLUMNS = ("branch", "parent", "what", "key", "maker", "before", "at_most", "at_least", "bound")


def _told(d: Decision, names: Names, problem: Problem) -> Row:
    if d.box >= 0:
        what, key = names.boxes[d.box - names.first_box]
        return {"what": what, "key": key}
    if d.maker >= 0:
        return {"what": "maker", "key": problem.parts.labels[d.part], "maker": problem.makers[d.maker]}
    part, before = names.option(d.before)
    return {"what": "options", "key": part, "before": before}


def proved_by(tree: Tree, whole: Whole) -> tuple[dict[str, pl.DataFrame], float]:
    """The four tables with every bound recomputed over the model of all options, and the least of them: below every plan's cost.

    Raises `NoTree` where they prove nothing.
    """
    names = Names.of(whole)
    bounds = bounds_of_leaves(whole.model, whole.options, tree)
    nodes = {n: replace(node, bound=bounds.get(n, node.bound)) for n, node in tree.nodes.items()}
    return tree_tables(replace(tree, nodes=nodes), names), min(bounds.values())


def tree_of(tables: Mapping[str, pl.DataFrame], names: Names) -> Tree:
    """The tree that the tables tell of.

    Raises `NoTree` where they tell of none, `WrongUse` where they tell of rows or options that there are not.
    """
    problem = names.problem
    rows = {name: r for r, name in enumerate(names.rows)}
    boxes = {name: names.first_box + b for b, name in enumerate(names.boxes)}
    parts = {label: p for p, label in enumerate(problem.parts.labels)}
    makers = {label: m for m, label in enumerate(problem.makers)}

    def option(part: str, number: int) -> int:
        place = int(names.first_of_part[parts[part]]) + number
        if number < 0 or place >= names.first_of_part[parts[part] + 1]:
            raise KeyError(number)
        return place

    try:
        nodes: dict[int, Node] = {}
        for row in tables["branches"].iter_rows(named=True):
            decision, more = None, row["at_least"] is not None
            if row["parent"] is not None:
                sides = [row["at_most"], row["at_least"]]
                if sides.count(None) != 1:
                    raise NoTree(f"branch {row['branch']} has not one side")
                most = sides[1] - 1 if more else sides[0]
                if row["what"] in ("venture", "module"):
                    decision = Decision(most, box=boxes[row["what"], row["key"]])
                elif row["what"] == "maker":
                    decision = Decision(most, part=parts[row["key"]], maker=makers[row["maker"]])
                else:
                    decision = Decision(most, part=parts[row["key"]], before=option(row["key"], row["before"] or 0))
            nodes[row["branch"]] = Node(row["parent"], decision, more, -np.inf)
        for number, block, row, price in tables["branch_prices"].iter_rows():
            if number not in nodes:
                raise NoTree(f"branch {number} has prices and is not told")
            node = nodes[number]
            if block == "cuts":
                node.cuts[int(row)] = price
            else:
                node.rows[rows[block, row]] = price
        cuts = {}
        terms = tables["cut_terms"]
        for number, block, row, divisor in tables["cuts"].iter_rows():
            own = terms.filter(pl.col("cut") == number)
            counted = [
                option(p, k) for p, k in own.filter(pl.col("what") == "option").select("key", "option").iter_rows()
            ]
            flipped = [boxes[b] for b in own.filter(pl.col("what") != "option").select("what", "key").iter_rows()]
            cuts[number] = Cut(
                rows[block, row], divisor, np.array(counted, dtype=np.int64), np.array(flipped, dtype=np.int64)
            )
    except (KeyError, ValueError, TypeError):
        raise WrongUse(OTHER_TABLE) from None
    return Tree(nodes, cuts)
