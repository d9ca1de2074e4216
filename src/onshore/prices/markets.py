"""Many small markets as flat arrays, and what they have in common: ownership, positions, copies with a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from onshore.prices.batch import Flat
from onshore.prices.kernel import CES, LINEAR, LOGIT, MIXED, NESTED

__all__ = [
    "DEMANDS", "Flags", "Floats", "Ints", "Markets", "as_kernels_know", "blocks", "holdings", "ownership", "pick", "starts",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

DEMANDS: Mapping[str, int] = {
    "logit": LOGIT,
    "nested logit": NESTED,
    "ces": CES,
    "linear": LINEAR,
    "random coefficients": MIXED,
}
"""Words of the tables and their codes in the kernel."""


@dataclass(frozen=True)
class Markets:
    """M markets with N products in all; those of market m are `start[m]` to `start[m + 1]`.

    Prices and costs are in the market's own money per unit. `size` is the number of buyers, those who buy nothing
    included (units a year); for CES what they spend a year; it scales quantities and never prices. LINEAR holds its
    quantities in `taste` and `B`, and its `size` is 1. Arrays are as in `kernel`; the blocks of H and B lie row by row.
    """

    start: Ints  # (M+1,)
    kind: Ints  # (M,)
    slope: Floats  # (M,)
    outside: Floats  # (M,)
    size: Floats  # (M,)
    taste: Floats  # (N,)
    nest: Ints  # (N,)
    nesting: Floats  # (N,)
    kept: Floats  # (N,)
    cost: Floats  # (N,)
    fixed: Floats  # (N,) the price where it is set, else NaN
    sold: Flags  # (N,)
    capacity: Floats  # (N,) units; infinite where there is no limit
    H: Floats  # (sum of J^2,)
    B: Floats  # (sum of J^2 over LINEAR markets,)
    mixed: npt.NDArray[np.object_] | None = None  # (M,) the `mixed.Buyers` of MIXED markets; None where there are none

    def __post_init__(self) -> None:
        as_kernels_know(self)

    @property
    def count(self) -> int:
        return self.kind.size

    @cached_property
    def counts(self) -> Ints:
        """(M,) how many products each market has."""
        return np.diff(self.start)

    @cached_property
    def market(self) -> Ints:
        """(N,) the market of each product."""
        return np.repeat(np.arange(self.count), self.counts)

    @cached_property
    def square(self) -> Ints:
        """(M+1,) where the blocks of H begin."""
        return starts(self.counts**2)

    @cached_property
    def blocks_b(self) -> Ints:
        """(M+1,) where the blocks of B begin."""
        return starts(np.where(self.kind == LINEAR, self.counts**2, 0))

    @cached_property
    def flat(self) -> Flat:
        """The arrays as the kernel takes them."""
        return Flat(
            self.start, self.square, self.blocks_b, self.kind, self.slope, self.outside, self.size, self.taste, self.nest,
            self.nesting, self.kept, self.sold, self.H, self.B,
        )  # fmt: skip

    def total(self, values: Floats) -> Floats:
        """(M,) sums over the products of each market."""
        return np.add.reduceat(values, self.start[:-1]) if values.size else np.zeros(self.count)

    def units(self, share: Floats, price: Floats) -> Floats:
        """(N,) units a year from shares, which are of spending for CES and quantities for LINEAR."""
        of = self.kind[self.market]
        size = self.size[self.market]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(of == LINEAR, share, np.where(of == CES, size * share / price, size * share))

    def but(self, **changed: npt.NDArray[np.generic]) -> Markets:
        """A copy with other arrays, each of the shape it had."""
        for name, values in changed.items():
            if values.shape != getattr(self, name).shape:
                raise ValueError(f"{name} has shape {values.shape}, not {getattr(self, name).shape}")
        return replace(self, **changed)  # type: ignore[arg-type]

    def take(self, chosen: Ints) -> Markets:
        """The chosen markets, in that order; a market may be taken many times."""
        of_product, of_H = pick(self.start, chosen), pick(self.square, chosen)
        by_market = {n: getattr(self, n)[chosen] for n in ("kind", "slope", "outside", "size")}
        by_product = {
            n: getattr(self, n)[of_product]
            for n in ("taste", "nest", "nesting", "kept", "cost", "fixed", "sold", "capacity")
        }
        return Markets(
            start=starts(self.counts[chosen]), **by_market, **by_product,
            H=self.H[of_H], B=self.B[pick(self.blocks_b, chosen)], mixed=None if self.mixed is None else self.mixed[chosen],
        )  # fmt: skip


def as_kernels_know(record: object) -> None:
    """Turn every array of a frozen record into one that lies in one piece and may be written to, copied only where it is not.

    A kernel is compiled again for each kind of array it meets, in many seconds; what comes out of a table may only be read.
    """
    for name, values in vars(record).items():
        if isinstance(values, np.ndarray):
            object.__setattr__(record, name, np.require(values, requirements=("C", "W")))


def starts(counts: Ints) -> Ints:
    """(M+1,) positions at which runs of these lengths begin and end."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def pick(start: Ints, chosen: Ints) -> Ints:
    """Positions of the elements of the chosen runs."""
    counts = np.diff(start)[chosen]
    ends = np.cumsum(counts)
    return np.repeat(start[chosen] - (ends - counts), counts) + np.arange(ends[-1] if ends.size else 0)


def blocks(matrices: Sequence[Floats]) -> Floats:
    """Square matrices, one a market, laid one after another as `Markets.H` and `Markets.B` hold them."""
    if not matrices:
        return np.empty(0)
    return np.concatenate([np.ascontiguousarray(m, dtype=np.float64).ravel() for m in matrices])


def holdings(held: Sequence[Sequence[tuple[str, float, float]]]) -> tuple[Floats, Floats]:
    """Control and profit, both (owners, J), of what each of J is held by: its (owner, share of profit, share of control)."""
    names = sorted({owner for rows in held for owner, *_ in rows})
    profit, control = np.zeros((2, len(names), len(held)))
    for j, rows in enumerate(held):
        for owner, p, c in rows:
            profit[names.index(owner), j], control[names.index(owner), j] = p, c
    return control, profit


def ownership(control: Floats, profit: Floats) -> Floats:
    """H (J, J): the weight that whoever sets the price of j puts on the profit of k, over its weight on j.

    H[j, k] = sum over owners of control[i, j] profit[i, k] / sum of control[i, j] profit[i, j]; both (owners, J), shares
    of control and of profit. Without cross-holdings H is at most 1; with them it may be more, and a merger may then
    lower prices. O'Brien and Salop (2000), Antitrust Law Journal 67(3), 559-614.
    """
    weight = control.T @ profit
    own = np.diagonal(weight).copy()
    if not (own > 0).all():
        raise ValueError("a product has no owner that both controls it and profits from it")
    return np.asarray(weight / own[:, None])
