"""From Matplotlib's SVG to one that a page with a content security policy takes in.

Matplotlib writes its style in `style` attributes and elements, which such a policy refuses; here
they become attributes, and its colours variables of the page's style. Ids are kept where something
refers to them, and begin with the chart's own.
"""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as Tree

INK: Final = {
    "text": "#1a2030",
    "soft": "#525c6d",
    "edge": "#8a93a3",
    "grid": "#d5d9e0",
    "mark": "#444e5f",
}
"""Colours by what they are for, as the light theme has them."""

SERIES: Final = ("#0072b2", "#c24e00", "#00795a", "#a3467a", "#7a5c00", "#5b5bd6")
"""Colours of lines: of Okabe and Ito's set, darkened to 3:1 on white.
https://jfly.uni-koeln.de/color/"""

_VARIABLES: Final = {
    INK["text"]: "--text",
    INK["soft"]: "--soft",
    INK["edge"]: "--strong-line",
    INK["grid"]: "--line",
    INK["mark"]: "--quiet",
    **{colour: f"--series-{at}" for at, colour in enumerate(SERIES, start=1)},
}
_ATTRIBUTES: Final = frozenset(
    {
        "fill", "fill-opacity", "fill-rule", "opacity", "stroke", "stroke-dasharray",
        "stroke-dashoffset", "stroke-linecap", "stroke-linejoin", "stroke-opacity",
        "stroke-width", "text-anchor", "font-size",
    }
)  # fmt: skip
"""Properties that SVG has as attributes; the typeface is the page's."""
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_CLASSES: Final = ("plot-title", "plot-mark")
_REFERENCE: Final = re.compile(r"#([\w.-]+)")
_LONG: Final = re.compile(r"-?\d+\.\d{3,}")


def finished(drawn: str, own: str, title: str, description: str) -> str:
    """The element `svg` of a chart, with its title and description for screen readers.

    `own` is what its ids begin with.
    """
    # What Matplotlib has just written; it has no entities.
    root = Tree.fromstring(drawn[drawn.index("<svg") :])  # noqa: S314
    view = root.get("viewBox", "")
    for item in root.iter():
        item.tag = item.tag.rpartition("}")[2]
        item.tail = None
        if item.tag != "text":
            item.text = None
    _drop(root, {"metadata", "style"})
    used = {name for item in root.iter() for name in _references(item)}
    for item in root.iter():
        _clean(item, own, used)
    root.attrib.clear()
    root.attrib |= {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": "plot",
        "viewBox": view,
        "role": "img",
        "aria-labelledby": f"{own}-title {own}-words",
        "stroke-linejoin": "round",
    }
    for tag, part, text in (("desc", "words", description), ("title", "title", title)):
        element = Tree.Element(tag, {"id": f"{own}-{part}"})
        element.text = text
        root.insert(0, element)
    return Tree.tostring(root, encoding="unicode")


def _drop(item: Tree.Element, tags: set[str]) -> None:
    for child in list(item):
        _drop(child, tags)
        empty = child.tag in {"defs", "g"} and not len(child)
        if child.tag in tags or empty:
            item.remove(child)


def _references(item: Tree.Element) -> list[str]:
    return [
        found for name in (_LINK, "clip-path") for found in _REFERENCE.findall(item.get(name, ""))
    ]


def _clean(item: Tree.Element, own: str, used: set[str]) -> None:
    given = dict(item.attrib)
    item.attrib.clear()
    item.attrib |= _attributes(given.pop("style", ""))
    name = given.pop("id", "")
    if name in used:
        item.set("id", f"{own}-{name}")
    elif name in _CLASSES:
        item.set("class", name)
    if given.get("transform", "").startswith("rotate(-0 "):
        del given["transform"]
    for key, value in given.items():
        if key in (_LINK, "clip-path"):
            item.set(key.rpartition("}")[2], _REFERENCE.sub(rf"#{own}-\1", value))
        else:
            item.set(key, _LONG.sub(_rounded, " ".join(value.split())))


def _attributes(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style.split(";"))
    stripped = ((name.strip(), value.strip()) for name, _, value in pairs)
    return {name: _colour(value) for name, value in stripped if name in _ATTRIBUTES}


def _colour(value: str) -> str:
    return f"var({_VARIABLES[value]}, {value})" if value in _VARIABLES else value


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found[0]):.2f}".rstrip("0").rstrip(".")
