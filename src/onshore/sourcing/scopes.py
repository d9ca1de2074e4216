"""What a limit's scope takes in: the parts, makers or ventures of each key, and the ventures and shops that go with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from onshore.sourcing.counted import Members
from onshore.sourcing.options import Options
from onshore.sourcing.problem import Floats, Ints, Problem

__all__ = ["Group", "entities", "grouped", "in_product", "scope_keys", "volumes_of"]


@dataclass(frozen=True)
class Group:
    """How a measure is split by the keys of a scope: what it is grouped `over`, and which boxes belong to each key."""

    over: str
    members: Members
    ventures: Members  # (V,) whose set-up is in
    shops: Members  # (S,) whose modules are in


def entities(problem: Problem, options: Options, first_part: int = 0) -> dict[str, Ints]:
    """(L,) part, maker, venture and shop of each leg, -1 where it has none; (K,) part of each option.

    `first_part` is the place, among all parts, of the first one of a problem that holds some of them only.
    """
    o, offer = problem.offers, options.legs.offer
    venture = np.where(o.in_venture, o.venture, -1)
    return {
        "part": o.part[offer] + first_part, "maker": o.maker[offer], "venture": venture[offer], "shop": o.shop[offer],
        "part_of_option": options.part + first_part,
    }  # fmt: skip


def scope_keys(problem: Problem, scope: str) -> list[str]:
    """Every name that a scope can take, sorted: what `*` stands for."""
    tables = problem.tables
    source = {
        "family": tables["parts"]["family"], "owner_group": tables["makers"]["owner_group"],
        "region": tables["makers"]["region"], "partner": tables["ventures"]["partner"],
    }  # fmt: skip
    column = source[scope] if scope in source else tables[f"{scope}s"][scope]
    return sorted(set(column.drop_nulls()))


def grouped(problem: Problem, scope: str, keys: Sequence[str | None]) -> Group:
    """The parts, makers or ventures of each key of a scope, numbered like `keys`, in which a key may stand more than once."""
    V, S, P = len(problem.ventures.labels), len(problem.shops.family), len(problem.parts.labels)
    no_venture, no_shop = Members.of([-1] * V), Members.of([-1] * S)
    if scope == "programme":
        return Group("part", _all(P, len(keys)), _all(V, len(keys)), _all(S, len(keys)))
    if scope == "product":
        return Group("part", _by_product(problem, keys), no_venture, no_shop)
    at: dict[str | None, list[int]] = {}
    for i, key in enumerate(keys):
        at.setdefault(key, []).append(i)
    if scope == "subproject":
        return Group("part", _by_subproject(problem, at), no_venture, no_shop)
    if scope in ("part", "family", "sector"):
        if scope == "sector":
            sectors = dict(problem.tables["subprojects"].select("subproject", "sector").iter_rows())
            labels: Sequence[str | None] = [sectors.get(s) for s in _subprojects(problem)]
        else:
            labels = problem.parts.labels if scope == "part" else problem.parts.family
        shops = _labelled(problem.shops.family, at) if scope == "family" else no_shop
        return Group("part", _labelled(labels, at), no_venture, shops)
    if scope in ("venture", "partner"):
        ventures = _labelled(problem.ventures.labels if scope == "venture" else problem.ventures.partner, at)
        return Group("venture", ventures, ventures, no_shop)
    makers: Sequence[str | None] = problem.makers if scope == "maker" else problem.makers_by[scope]
    of_venture, of_shop = ([makers[m] for m in which.maker.tolist()] for which in (problem.ventures, problem.shops))
    return Group("maker", _labelled(makers, at), _labelled(of_venture, at), _labelled(of_shop, at))


def _all(count: int, keys: int) -> Members:
    """Each of `count` in every key."""
    return Members(keys * np.arange(count + 1), np.tile(np.arange(keys), count))


def _labelled(labels: Sequence[str | None], at: dict[str | None, list[int]]) -> Members:
    """Each entity in the keys that are its label; one without a label is in none."""
    return _listed([() if label is None else at.get(label, ()) for label in labels])


def _listed(held: Sequence[Sequence[int]]) -> Members:
    """Each entity in the keys that are listed for it."""
    indptr = np.concatenate([[0], np.cumsum([len(keys) for keys in held], dtype=np.int64)])
    return Members(indptr, np.array([key for keys in held for key in keys], dtype=np.int64))


def _subprojects(problem: Problem) -> list[str | None]:
    own = dict(problem.tables["parts"].select("part", "subproject").iter_rows())
    return [own[p] for p in problem.parts.labels]


def _by_subproject(problem: Problem, at: dict[str | None, list[int]]) -> Members:
    """Parts of each subproject or of any piece of it."""
    parent = dict(problem.tables["subprojects"].select("subproject", "parent").iter_rows())
    held: dict[str | None, list[int]] = {}
    for subproject in parent:
        chain: list[str] = []
        above: str | None = subproject
        while above is not None and above not in chain:
            chain.append(above)
            above = parent.get(above)
        held[subproject] = [key for s in chain for key in at.get(s, ())]
    return _listed([held.get(subproject, ()) for subproject in _subprojects(problem)])


def _by_product(problem: Problem, keys: Sequence[str | None]) -> Members:
    """Parts of each product, with the share (n, T) of the part's need that goes into it."""
    held = [in_product(problem, str(key)) for key in keys]
    part = np.concatenate([parts for parts, _ in held]).astype(np.int64)
    share = np.concatenate([shares for _, shares in held])
    product = np.repeat(np.arange(len(keys)), [len(parts) for parts, _ in held])
    order = np.lexsort((product, part))
    first = np.searchsorted(part[order], np.arange(len(problem.parts.labels) + 1))
    return Members(first, product[order], share[order])


def in_product(problem: Problem, product: str) -> tuple[Ints, Floats]:
    """The places (n,) of a product's parts, and the share (n, T) of each one's need that goes into the product."""
    part, quantity = problem.held_by.get(product, (np.zeros(0, dtype=np.int64), np.zeros(0)))
    used, need = quantity[:, None] * volumes_of(problem, product), problem.parts.need[part]
    return part, np.divide(used, need, out=np.zeros_like(used), where=need > 0)


def volumes_of(problem: Problem, product: str) -> Floats:
    """(T,) units of a product built in each programme year."""
    return problem.volumes.get(product, np.zeros(len(problem.years)))
