"""Made-up programmes that differ from the plain one in a single thing: what `scale.py growth` grows."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

__all__ = ["GROWN"]

Programme = tuple[dict[str, object], dict[str, pl.DataFrame]]
"""Settings and tables, as `onshore.demo.synth.draw` gives them."""


def twice_the_shares(settings: dict[str, object], tables: dict[str, pl.DataFrame]) -> Programme:
    """Six shares of a need in place of three: about twice the options."""
    return {**settings, "options.share_steps": [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]}, tables


def twice_the_makers(settings: dict[str, object], tables: dict[str, pl.DataFrame]) -> Programme:
    """Each maker has a twin with hours, a venture and launches of the same size, and every second of its offers."""

    def twin(frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
        return frame.with_columns(pl.col(c) + "-twin" for c in columns)

    limits = tables["limits"]
    of_maker = limits.filter(pl.col("scope") == "maker")
    second = pl.int_range(pl.len()).over("maker") % 2 == 1
    moved = [pl.when(second).then(pl.col(c) + "-twin").otherwise(pl.col(c)).alias(c) for c in ("maker", "venture")]
    added = {
        "makers": twin(tables["makers"], "maker"),
        "capacity": twin(tables["capacity"], "maker"),
        "ventures": twin(tables["ventures"], "venture", "maker"),
        "limits": twin(of_maker, "limit", "scope_key"),
    }
    # a twin that got no offer of a family keeps the hours: a shop without work costs a row and nothing else
    doubled = {name: pl.concat([tables[name], more]) for name, more in added.items()}
    return settings, {**tables, **doubled, "offers": tables["offers"].with_columns(moved)}


def fewer_limits(settings: dict[str, object], tables: dict[str, pl.DataFrame]) -> Programme:
    """No floors of local content."""
    return settings, {**tables, "limits": tables["limits"].filter(pl.col("measure") != "local_content")}


def more_limits(settings: dict[str, object], tables: dict[str, pl.DataFrame]) -> Programme:
    """Each product's content besides in every year but the first three, in which little can be made yet, at a tenth of a per cent:
    rows that are carried and hardly ever decide."""
    limits = tables["limits"]
    years = [str(y) for y in range(int(str(settings["first_year"])) + 3, int(str(settings["last_year"])) + 1)]
    content = limits.filter(pl.col("measure") == "local_content")
    yearly = [
        content.with_columns(pl.col("limit") + f"-{y}", pl.lit(y).alias("years"), pl.lit(0.001).alias("value"))
        for y in years
    ]
    return settings, {**tables, "limits": pl.concat([limits, *yearly])}


GROWN: dict[str, Callable[[dict[str, object], dict[str, pl.DataFrame]], Programme]] = {
    "twice the shares": twice_the_shares, "twice the makers": twice_the_makers,
    "no floors of content": fewer_limits, "floors of content by year": more_limits,
}  # fmt: skip
