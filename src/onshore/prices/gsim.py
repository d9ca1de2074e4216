"""A linear yardstick beside the equilibrium: the partial-equilibrium model of Francois and Hall, GSIM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from onshore.prices.markets import Floats

__all__ = ["Gsim", "gsim"]


@dataclass(frozen=True)
class Gsim:
    """What a change of tariffs does to R regions, to the first order in prices and the second in welfare.

    `price` (R,) is the change of each exporter's price, as a share. The others are in the money of the trade matrix.
    """

    price: Floats
    producers: Floats
    consumers: Floats
    tariff_revenue: Floats

    @property
    def net(self) -> Floats:
        return self.producers + self.consumers + self.tariff_revenue

    def summary(self) -> str:
        """Prices, and who gains in all."""
        moved = ", ".join(f"{100 * p:+.2f} %" for p in self.price)
        return f"Exporters' prices: {moved}. In all: {float(self.net.sum()):+.2f}."


def gsim(
    trade: Floats, tariff_before: Floats, tariff_after: Floats, *, demand: float, supply: float, substitution: float
) -> Gsim:
    """World prices at which each exporter's supply meets the demand for it, log-linear in tariffs.

    With exporters r in rows and importers v in columns, theta the share of r in what v spends at home prices, phi the share of
    v in what r sells, Em < 0 the demand elasticity `demand`, Ex `supply`, Es `substitution`, t the relative change of 1 + tariff::

        Ex P[r] = sum over v of phi[r, v] ( N[r, r] (P[r] + t[r, v]) + sum over s of N[r, s] (P[s] + t[s, v]) )
        N[r, r] = theta Em - (1 - theta) Es     N[r, s] = theta[s, v] (Em + Es)

    `trade` is at world prices; `tariff_before` and `tariff_after` are 1 + the tariff. Perfect competition: no markups.

    Source: Francois and Hall (2003), Global simulation analysis of industry-level trade policy, World Bank.
    """
    R = trade.shape[0]
    t = tariff_after / tariff_before - 1.0
    at_home = trade * tariff_before
    theta, phi = at_home / at_home.sum(axis=0), trade / trade.sum(axis=1, keepdims=True)
    cross = np.broadcast_to(theta[None, :, :] * (demand + substitution), (R, R, R)).copy()  # r, s, v
    own = np.arange(R)
    cross[own, own, :] = theta * demand - (1.0 - theta) * substitution
    weight = np.einsum("rv,rsv->rsv", phi, cross)
    price = np.linalg.solve(supply * np.eye(R) - weight.sum(axis=2), np.einsum("rsv,sv->r", weight, t))

    units = np.einsum("rsv,sv->rv", cross, price[:, None] + t)
    after = trade * (1.0 + price[:, None]) * (1.0 + units)
    paid = (theta * ((1.0 + price[:, None]) * (1.0 + t) - 1.0)).sum(axis=0)
    return Gsim(
        price=price,
        producers=trade.sum(axis=1) * (price + 0.5 * supply * price**2),
        consumers=at_home.sum(axis=0) * (0.5 * demand * paid**2 * np.sign(paid) - paid),
        tariff_revenue=(after * (tariff_after - 1.0)).sum(axis=0) - (trade * (tariff_before - 1.0)).sum(axis=0),
    )
