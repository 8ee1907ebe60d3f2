"""Vega-Lite in small pieces: layers whose marks lie at data values or at pixels, and their SVG.

A figure is one layered view. Its plot spans (0, 0) to (width, height) in pixels; legends, text columns
and tables at risk are text marks at pixels outside it, so that they share its axes by construction.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from coley.report.palette import colour

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coley.report.figures.kinds import Row

FONT = "Liberation Sans, Helvetica, Arial, DejaVu Sans, sans-serif"
SIZE = 13  # pixels; legible on paper and, scaled by the page's smallest figure, on a telephone
SMALL = 12

_LONG_NUMBER = re.compile(r"(\.\d\d)\d+")  # a hundredth of a pixel is finer than any printer
_SVG = "http://www.w3.org/2000/svg"
ElementTree.register_namespace("", _SVG)


def layer(mark: str, rows: Sequence[Row], encoding: Row, **properties: Any) -> Row:
    """Return one layer with its own rows."""
    return {"data": {"values": list(rows)}, "mark": {"type": mark, **properties}, "encoding": encoding}


def at(field: str, **more: Any) -> Row:
    """Encode a number through the axis of the plot."""
    return {"field": field, "type": "quantitative", **more}


def pixel(field: str) -> Row:
    """Encode a number as pixels from the plot's top left corner."""
    return {"field": field, "type": "quantitative", "scale": None}


def paint(field: str = "colour") -> Row:
    """Encode a colour that each row carries."""
    return {"field": field, "type": "nominal", "scale": None}


def text(rows: Sequence[Row], *, align: str = "left", x: Row | None = None, **properties: Any) -> Row:
    """Return rows {x, y, text, colour?} as text at pixels, unless `x` says otherwise."""
    ink = colour("ink")
    painted = [{"colour": ink, **row} for row in rows]
    encoding = {
        "x": x or pixel("x"),
        "y": pixel("y"),
        "text": {"field": "text", "type": "nominal"},
        "color": paint(),
    }
    style = {"align": align, "baseline": "middle", "fontSize": SIZE, **properties}
    return layer("text", painted, encoding, **style)


def lines(rows: Sequence[Row], **properties: Any) -> Row:
    """Return rows {x, y, x2, y2, colour?} as straight lines at pixels."""
    painted = [{"colour": colour("line"), **row} for row in rows]
    encoding = {
        "x": pixel("x"),
        "y": pixel("y"),
        "x2": {"field": "x2"},
        "y2": {"field": "y2"},
        "color": paint(),
    }
    return layer("rule", painted, encoding, **properties)


def boxes(rows: Sequence[Row], **properties: Any) -> Row:
    """Return rows {x, y, x2, y2, colour} as filled rectangles at pixels."""
    encoding = {
        "x": pixel("x"),
        "y": pixel("y"),
        "x2": {"field": "x2"},
        "y2": {"field": "y2"},
        "color": paint(),
    }
    return layer("rect", rows, encoding, **properties)


def axis(title: str | None, **more: Any) -> Row:
    """Return an axis without ornament."""
    return {
        "title": title,
        "labelFontSize": SMALL,
        "titleFontSize": SMALL,
        "titleFontWeight": "normal",
        "labelColor": colour("muted"),
        "titleColor": colour("muted"),
        "domainColor": colour("grey"),
        "tickColor": colour("grey"),
        "gridColor": colour("line"),
        "grid": False,
        "tickSize": 4,
        "labelPadding": 4,
        "titlePadding": 8,
        "labelOverlap": "greedy",
        "labelSeparation": 6,
        "labelFlush": False,
        **more,
    }


def view(layers: Sequence[Row], *, width: float, height: float) -> Row:
    """Return the layers as one specification."""
    return {
        "width": width,
        "height": height,
        "padding": 8,
        "background": colour("paper"),
        "config": {
            "aria": False,
            "font": FONT,
            "view": {"stroke": None, "fill": None},
            "customFormatTypes": False,
        },
        "layer": list(layers),
    }


def note(sentence: str) -> Row:
    """Return an empty frame with a sentence in it: what a figure without rows looks like."""
    width, height = 600, 90
    frame = [{"x": 0, "y": 0, "x2": width, "y2": height, "colour": colour("soft")}]
    words = [{"x": width / 2, "y": height / 2, "text": sentence, "colour": colour("muted")}]
    return view([boxes(frame), text(words, align="center")], width=width, height=height)


def to_svg(spec: Row, *, label: str, prefix: str) -> str:
    """Draw a specification as SVG text.

    Parameters
    ----------
    spec
        Vega-Lite, with its data inside; nothing is fetched.
    label
        The accessible name of the picture.
    prefix
        Makes ids unique where several figures stand in one page.
    """
    import vl_convert

    root = ElementTree.fromstring(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))
    root.set("role", "img")
    root.set("aria-label", label)
    for element in root.iter():
        for name in (
            ("role", "aria-roledescription", "aria-hidden", "pointer-events") if element is not root else ()
        ):
            element.attrib.pop(name, None)
        for name in ("d", "transform"):
            if name in element.attrib:
                element.set(name, _LONG_NUMBER.sub(r"\1", element.get(name, "")))
    # Vega numbers its clips from one drawing to the next: counted afresh, the same figure is the same text.
    fresh = {
        element.get("id"): f"{prefix}-{i}" for i, element in enumerate(e for e in root.iter() if e.get("id"))
    }
    for element in root.iter():
        if "id" in element.attrib:
            element.set("id", fresh[element.get("id")])
        if "clip-path" in element.attrib:
            clip = element.get("clip-path", "").removeprefix("url(#").removesuffix(")")
            element.set("clip-path", f"url(#{fresh[clip]})")
    return ElementTree.tostring(root, encoding="unicode")
