"""What became of other countries' programmes: beside the odds of one's own, never pooled with them.

They count projects, not money, by their own words of what a project is; a programme that is asked about at home and one
that is reported abroad differ in more than luck. They say whether a forecast would be a surprise, and no more.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.special import expit
from scipy.stats import beta

from onshore.progress.forecast.realisation import grown
from onshore.progress.forecast.simulation import Beliefs

__all__ = ["beside", "reference_class"]

UZBEKISTAN = (
    "press service of the President, meeting of 2018-02-21, "
    "http://www.uzbekembassy.in/discussion-of-the-execution-of-the-localization-program-and-the-import-reduction-plan/"
)
MOROCCO = (
    "L'Economiste, 2022-09-27, the minister, "
    "https://redac.leconomiste.com/flash-infos/banque-de-projets-87-capitaux-marocains"
)
ROWS = (
    ("Uzbekistan", "localisation programme of 2017", 12, "production not started", 176, 948, UZBEKISTAN),
    ("Uzbekistan", "localisation programme of 2017", 12, "production below its forecast", 218, 948, UZBEKISTAN),
    ("Uzbekistan", "localisation programme of 2017", 12, "neither of the two", 948 - 176 - 218, 948, UZBEKISTAN),
    ("Morocco", "bank of projects, from 2020-09", 24, "plant running, investment complete", 40, 1179, MOROCCO),
    ("Morocco", "bank of projects, from 2020-09", 24, "60 to 80 % of the investment made", 200, 1179, MOROCCO),
)


def reference_class() -> pl.DataFrame:
    """A row for each count: country, programme, months, what, count, of, share, low, high, source.

    `months` is the age of the programme (Uzbekistan's report is on one year; its projects may be older). `low` and
    `high` are the 90 % Jeffreys interval of `share`, as though projects were alike and independent, so too narrow.
    *Neither of the two* is ours: 948 less 176 less 218, which takes the two counts to have no project in common.
    """
    names = ["country", "programme", "months", "what", "count", "of", "source"]
    table = pl.DataFrame(ROWS, schema=names, orient="row")
    count, of = table["count"].to_numpy(), table["of"].to_numpy()
    return table.with_columns(
        share=pl.col("count") / pl.col("of"),
        low=pl.Series(beta.ppf(0.05, count + 0.5, of - count + 0.5)),
        high=pl.Series(beta.ppf(0.95, count + 0.5, of - count + 0.5)),
    ).select(*names[:-1], "share", "low", "high", "source")


OURS = {
    "production not started": ("a new contract has realised under 5 % after 12 months", 12.0, 0.0, 0.05),
    "plant running, investment complete": (
        "a new contract has realised 95 % or more after 24 months",
        24.0,
        0.95,
        1.01,
    ),
}


def beside(draws: Beliefs, draw: np.random.Generator) -> pl.DataFrame:
    """`reference_class` with `ours_what` and `ours`: the probability that this programme's posterior gives to what
    comes nearest for one new contract, by its own draws of the curve. Nearest, not the same: read the two texts."""
    theta = draws.realisation
    z = draw.standard_normal((2, len(theta), 50))
    reach = expit(theta[:, :1] + np.exp(theta[:, 1:2]) * z[0])
    log_pace = theta[:, 2:3] + np.exp(theta[:, 3:4]) * z[1]
    rows = []
    for what, (words, months, low, high) in OURS.items():
        share = reach * grown(np.array(months), log_pace, np.exp(theta[:, 4:5]))
        rows.append((what, words, float(((share >= low) & (share < high)).mean())))
    ours = pl.DataFrame(rows, schema=["what", "ours_what", "ours"], orient="row")
    return reference_class().join(ours, on="what", how="left", maintain_order="left")
