"""Figures made fit to stand inside a page: safe, themed, their ids their own.

Knows SVG and the palette; knows nothing of documents or templates.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from pipeline.errors import InvariantBroken
from pipeline.report import palette

_SVG = "http://www.w3.org/2000/svg"
_SHARED = "shared"
_HREFS = ("href", "{http://www.w3.org/1999/xlink}href")
_DROPPED = frozenset({"metadata", "style", "script", "title", "desc", "foreignObject"})
_PAINTS = frozenset({"fill", "stroke", "color", "stop-color"})
_PROPERTY = re.compile(r"[a-z-]+")
_HARMLESS = re.compile(r"[\w\s#.,()'%+-]+")
_PICTURE = re.compile(
    r"(<svg [^<>]*>)<defs>((?:<g id=\"\w+\">.*?</g>)*)</defs>((?:<\w+ [^<>]*/>)*)</svg>",
    re.DOTALL,
)
_DEFINED = re.compile(r"<g id=\"(\w+)\">(.*?)</g>", re.DOTALL)
_ELEMENT = re.compile(
    r"<use href=\"#(?P<used>\w+)\"(?P<place>(?: [xy]=\"-?\d+\")*)/>|<[^<>]*/>"
)
_HEX = re.compile(r"#[0-9a-f]{6}|#[0-9a-f]{3}")


def inline(svg: str, name: str, title: str, alt: str, styles: dict[str, str]) -> str:
    """An ``svg`` element for a page whose ids begin with ``name`` and ``alt`` is its text.

    Style attributes become classes, so that a page needs no ``unsafe-inline``: each new
    set of declarations is added to ``styles`` (declarations to class). Palette colours
    become CSS variables. Scripts, styles, handlers and outward references are dropped.
    Raises InvariantBroken where ``svg`` is not XML.
    """
    root = _read(svg, name)
    _make_fit(root, name, styles)
    _describe(root, name, title, alt)
    return ElementTree.tostring(root, encoding="unicode")


@dataclass(frozen=True)
class Shared:
    """What the small pictures of a page have in common, which is made fit once."""

    styles: dict[str, str]
    """Declarations to class, as of `inline`."""
    defined: dict[str, str] = field(default_factory=dict)
    """What pictures define, as a page holds it, to its id there."""
    _names: dict[str, str] = field(default_factory=dict)
    _elements: dict[str, str] = field(default_factory=dict)

    def name(self, definition: str) -> str:
        """The id of what a picture defines, which is told by its content."""
        if definition not in self._names:
            element = self._fit(f'<g xmlns="{_SVG}">{definition}</g>')
            name = self.defined.setdefault(_written(element), f"u{len(self.defined)}")
            self._names[definition] = name
        return self._names[definition]

    def element(self, drawn: str) -> str:
        """An element of a picture as a page holds it."""
        if drawn not in self._elements:
            place = drawn.index(" ")
            element = self._fit(f'{drawn[:place]} xmlns="{_SVG}"{drawn[place:]}')
            self._elements[drawn] = _written(element)
        return self._elements[drawn]

    def root(self, drawn: str, alt: str) -> str:
        """The beginning of a picture, whose label is ``alt``."""
        root = self._fit(f"{drawn}</svg>")
        root.set("role", "img")
        root.set("aria-label", alt)
        return _written(root).removesuffix("/>") + ">"

    def _fit(self, drawn: str) -> ElementTree.Element:
        element = _read(drawn, "of a row")
        _make_fit(element, _SHARED, self.styles)
        return element


def inline_small(svg: str, alt: str, shared: Shared) -> str:
    """The same for a picture of which a page holds hundreds; its alt text is a label.

    ``svg`` is of `charts.timeline`: what it defines is added to ``shared``, so that a page
    holds it once. Raises InvariantBroken where it is drawn otherwise.
    """
    picture = _PICTURE.fullmatch(svg)
    if not picture:
        raise InvariantBroken("The figure of a row is not drawn as such figures are.")
    root, defined, body = picture.groups()
    begun = shared.root(root, alt)
    names = {name: shared.name(content) for name, content in _DEFINED.findall(defined)}

    def fit(element: re.Match[str]) -> str:
        if element["used"]:
            return f'<use{element["place"]} href="#{names[element["used"]]}"/>'
        return shared.element(element[0])

    return f"{begun}{_ELEMENT.sub(fit, body)}</svg>"


def definitions(shared: Mapping[str, str]) -> str:
    """The shared elements, each with its id."""
    return "".join(
        element.replace("<g", f'<g id="{name}"', 1) for element, name in shared.items()
    )


def _written(element: ElementTree.Element) -> str:
    """As text for an HTML page, which knows the namespace."""
    text = ElementTree.tostring(element, encoding="unicode")
    return text.replace(f' xmlns="{_SVG}"', "", 1).replace(" />", "/>")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _read(svg: str, name: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(svg)
    except ElementTree.ParseError:
        raise InvariantBroken(f"The figure {name} is not well-formed SVG.") from None


def _make_fit(root: ElementTree.Element, name: str, styles: dict[str, str]) -> None:
    _drop_what_a_page_must_not_hold(root)
    for element in root.iter():
        _make_local(element, name)
        _move_style_to_class(element, styles)
    ElementTree.register_namespace("", _SVG)


def _drop_what_a_page_must_not_hold(root: ElementTree.Element) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) in _DROPPED:
                parent.remove(child)
        if not _keeps_spaces(parent):
            parent.text = None
        for child in parent:
            if not _keeps_spaces(parent):
                child.tail = None


def _keeps_spaces(element: ElementTree.Element) -> bool:
    return _local(element.tag) in ("text", "tspan")


def _make_local(element: ElementTree.Element, name: str) -> None:
    for key, value in list(element.attrib.items()):
        if key.startswith("on") or (key in _HREFS and not value.startswith("#")):
            del element.attrib[key]
        elif key in _HREFS:
            del element.attrib[key]
            element.set("href", f"#{name}-{value[1:]}")
        elif key == "id":
            element.set(key, f"{name}-{value}")
        elif "url(#" in value:
            element.set(key, value.replace("url(#", f"url(#{name}-"))
        elif key == "d":
            element.set(key, " ".join(value.split()))


def _move_style_to_class(element: ElementTree.Element, styles: dict[str, str]) -> None:
    pairs = [(k, element.attrib.pop(k)) for k in sorted(_PAINTS) if k in element.attrib]
    for part in element.attrib.pop("style", "").split(";"):
        key, _, value = part.partition(":")
        pairs.append((key.strip(), value.strip()))
    kept = {
        key: _themed(value) if key in _PAINTS else value
        for key, value in pairs
        if _PROPERTY.fullmatch(key) and _HARMLESS.fullmatch(value)
    }
    if kept:
        declarations = ";".join(f"{key}:{value}" for key, value in kept.items())
        element.set("class", styles.setdefault(declarations, f"s{len(styles)}"))


def _themed(value: str) -> str:
    return _HEX.sub(_variable, value.lower())


def _variable(found: re.Match[str]) -> str:
    colour = found[0]
    if len(colour) == 4:
        colour = "#" + "".join(2 * digit for digit in colour[1:])
    name = palette.NAMES.get(colour)
    return f"var(--{name})" if name else colour


def _describe(root: ElementTree.Element, name: str, title: str, alt: str) -> None:
    for key in ("width", "height"):
        root.attrib.pop(key, None)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    for position, (tag, text) in enumerate((("title", title), ("desc", alt))):
        element = ElementTree.Element(f"{{{_SVG}}}{tag}", id=f"{name}-{tag}")
        element.text = text
        root.insert(position, element)
