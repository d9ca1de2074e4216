"""How a chart looks, and how it becomes inline SVG. Altair and vl-convert are imported here, when first drawn.

Every chart is drawn twice, for a page and for a phone, so that its letters are legible on both; the style sheet
shows the one that fits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
from markupsafe import Markup

if TYPE_CHECKING:
    import altair as alt

    Drawing = alt.Chart | alt.LayerChart | alt.FacetChart | alt.VConcatChart

__all__ = [
    "AFTER", "BEFORE", "BINDS", "INK", "LINE", "MARKETS", "NARROW", "SOFT", "TIGHT", "WIDE", "axis_number", "bars", "distinct",
    "drawn", "fitted", "font", "theme",
]  # fmt: skip

WIDE, NARROW = 700, 340
"""Widths in CSS pixels of the two drawings."""

INK, SOFT, LINE = "#22303a", "#5b6b75", "#dfe5e8"
BEFORE, AFTER, TIGHT, BINDS = "#b4c0c7", "#0f6674", "#c9871f", "#b5482f"
MARKETS = ("#5b6b75", "#c9871f", "#b5482f", "#6a4c93", "#2f7d4f", "#0f6674")
"""Colours of rate markets, in their order; they also differ in shape."""

font = "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
axis_number = "replace(format(datum.value, ',~f'), /,/g, '\u202f')"
"""Vega expression that labels an axis with thin spaces between thousands."""


def drawn(name: str, build: Callable[[int], Drawing]) -> tuple[Markup, Markup]:
    """The SVG of `build(width)` for a page and for a phone. `name` keeps their ids apart on the page."""
    from altair.utils.schemapi import debug_mode

    with debug_mode(False):  # it would check each piece against its schema again and again: half of the time
        wide, narrow = (_svg(build(width), f"{name}-{kind}") for kind, width in (("wide", WIDE), ("narrow", NARROW)))
    return wide, narrow


def bars(panels: Sequence[tuple[str, pl.DataFrame]], width: int, colour: str = AFTER) -> Drawing:
    """Horizontal bars of `value` by `name` with `label` at their ends; a panel each, which has a scale of its own.

    Rows are drawn in their order, and names have to be distinct.
    """
    import altair as alt

    labels, ends = (190, 96) if width > 500 else (118, 84)
    across = width - labels - ends
    drawings = []
    for title, rows in panels:
        most = max(float(rows["value"].max() or 0), 1e-300)  # type: ignore[arg-type]
        axis = alt.Axis(grid=False, labelLimit=0.84 * labels, minExtent=labels, maxExtent=labels)
        base = alt.Chart(rows.select("name", "value", "label")).encode(
            y=alt.Y("name:N", sort=rows["name"].to_list(), title=None, axis=axis),
            x=alt.X("value:Q", scale=alt.Scale(domain=[0, most]), axis=None),
        )
        text = base.mark_text(align="left", dx=6).encode(text="label:N")
        drawings.append(
            alt.layer(base.mark_bar(height=13, color=colour), text).properties(
                width=across, height=23 * rows.height, title=title
            )
        )
    return alt.vconcat(*drawings, spacing=16)


def distinct(names: Sequence[str], keys: Sequence[str]) -> list[str]:
    """Names, with the key after those that two rows share: a chart would draw them as one."""
    times = Counter(names)
    return [f"{n} ({k})" if times[n] > 1 else n for n, k in zip(names, keys, strict=True)]


def fitted(text: str, pixels: float, size: int = 12, *, middle: bool = False) -> str:
    """The text, cut to about that width, at its end or in its middle.

    The drawing library can cut too, but takes its time over each letter.
    """
    most = max(4, int(pixels / (0.55 * size)))
    if len(text) <= most:
        return text
    tail = most // 2 if middle else 0
    return f"{text[: most - 1 - tail].rstrip()}…{text[len(text) - tail :]}"


def theme() -> dict[str, Any]:
    """The look that all charts share, as a Vega-Lite configuration."""
    words = {
        "labelColor": INK,
        "titleColor": SOFT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    }
    return {
        "font": font,
        "background": "transparent",
        "view": {"stroke": None},
        "axis": {**words, "grid": True, "gridColor": LINE, "domain": False, "ticks": False, "labelPadding": 6},
        "axisY": {"labelLimit": 180},
        "legend": {**words, "orient": "top", "title": None, "symbolSize": 90, "offset": 8, "columnPadding": 36},
        "header": {**words, "labelFontWeight": "bold", "labelAnchor": "start"},
        "title": {"color": INK, "fontSize": 12, "fontWeight": "bold", "anchor": "start", "offset": 6, "limit": 600},
        "text": {"color": INK, "fontSize": 12},
        "bar": {"cornerRadiusEnd": 1.5},
    }


def _svg(chart: Drawing, name: str) -> Markup:
    """Inline SVG that scales with its box, whose ids no other chart has, and which is the same every time.

    The marks' own descriptions go: the figure has one text for all. So does what says nothing: empty paths, the font of
    every letter (the style sheet has it), a thousandth of a pixel. Vega escapes what it is given.
    """
    import vl_convert

    svg = vl_convert.vegalite_to_svg(chart.configure(**theme()).to_dict(validate=False))
    for i, made in enumerate(dict.fromkeys(re.findall(r'id="([^"]+)"', svg))):
        svg = svg.replace(f'id="{made}"', f'id="{name}-{i}"').replace(f"url(#{made})", f"url(#{name}-{i})")
    svg = re.sub(r"<[^>]+>", lambda tag: _slim(tag[0]), svg)
    head = re.match(r'<svg class="marks" width="([\d.]+)" height="([\d.]+)"', svg)
    if head is None:
        raise RuntimeError("the drawing library writes its SVG in a new way")  # ours, not the input's
    svg = f'<svg aria-hidden="true" focusable="false" style="max-width:{head[1]}px"{svg[head.end() :]}'
    return Markup(svg)


_UNSEEN = re.compile(r'<path (?:aria-hidden="true" )?class="(?:back|fore)ground"(?: aria-hidden="true")? d="[^"]*"/>')
"""A group's frame without fill or stroke: the drawing's outermost group sets both to none."""


def _slim(tag: str) -> str:
    if tag.startswith("<path") and (' d=""' in tag or ' d="M0,0h0v0h0Z"' in tag or re.fullmatch(_UNSEEN, tag)):
        return ""
    said = "" if tag.startswith("<svg") else "|class"
    tag = re.sub(rf' (?:aria-[a-z]+|role|xmlns(?::xlink)?|version|font-family|pointer-events{said})="[^"]*"', "", tag)
    tag = re.sub(r' (?:opacity|stroke-opacity|fill-opacity)="1"', "", tag)
    return re.sub(r"\d+\.\d{3,}(?:e-\d+)?", lambda n: f"{float(n[0]):.2f}".rstrip("0").rstrip("."), tag)
