"""How a chart looks, and how it becomes inline SVG. Altair and vl-convert are imported here, when first drawn.

Every chart is drawn twice, for a page and for a phone, so that its letters are legible on both; the style sheet
shows the one that fits.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    import altair as alt

    Drawing = alt.Chart | alt.LayerChart | alt.FacetChart | alt.VConcatChart

__all__ = [
    "AFTER", "BEFORE", "BINDS", "INK", "MARKETS", "NARROW", "TIGHT", "WIDE", "axis_number", "drawn", "font", "theme",
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
    wide, narrow = (_svg(build(width), f"{name}-{kind}") for kind, width in (("wide", WIDE), ("narrow", NARROW)))
    return wide, narrow


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
        "title": {"color": INK, "fontSize": 12, "fontWeight": "bold", "anchor": "start", "offset": 6},
        "text": {"color": INK, "fontSize": 12},
        "bar": {"cornerRadiusEnd": 1.5},
    }


def _svg(chart: Drawing, name: str) -> Markup:
    """Inline SVG that scales with its box, whose ids no other chart has, and which is the same every time.

    The marks' own descriptions go: the figure has one text for all. Vega escapes what it is given.
    """
    page = io.StringIO()
    chart.configure(**theme()).save(page, format="svg")
    svg = page.getvalue()
    for i, made in enumerate(dict.fromkeys(re.findall(r'id="([^"]+)"', svg))):
        svg = svg.replace(f'id="{made}"', f'id="{name}-{i}"').replace(f"url(#{made})", f"url(#{name}-{i})")
    svg = re.sub(r' (?:aria-[a-z]+|role|xmlns(?::xlink)?|version)="[^"]*"', "", svg)
    head = re.match(r'<svg class="marks" width="([\d.]+)" height="([\d.]+)"', svg)
    if head is None:
        raise RuntimeError("the drawing library writes its SVG in a new way")  # ours, not the input's
    svg = f'<svg aria-hidden="true" focusable="false" style="max-width:{head[1]}px"{svg[head.end() :]}'
    return Markup(svg)
