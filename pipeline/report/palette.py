"""The colours, shapes and fonts of a report; knows nothing of wording or formats.

A figure drawn in these colours follows the reader's theme: the HTML renderer turns each
hex of ``DARK`` into a CSS variable. Any other colour stays as it is.
"""

from pathlib import Path
from typing import Final

from pipeline import resources

FAMILY: Final = "IBM Plex Sans"

PAPER: Final = "#ffffff"
INK: Final = "#16222c"
MUTED: Final = "#52616f"
"""Second-rank text; 4.5:1 on PAPER and on SOFT."""
LINE: Final = "#7a8c9a"
"""Axes, limits, centre lines; 3:1 on PAPER."""
GRID: Final = "#dde4ea"
SOFT: Final = "#f2f5f8"
"""Panels and the area between limits."""
BAND: Final = "#c5d5e2"
"""A published baseline's band."""
ACCENT: Final = "#0b5a8a"

ABOVE: Final = "#b42318"
BELOW: Final = "#5b3fa0"
CONSISTENT: Final = ACCENT
INCONCLUSIVE: Final = "#8a4b00"
NOT_ENOUGH: Final = MUTED

DARK: Final = {
    PAPER: "#10171d",
    INK: "#e6edf3",
    MUTED: "#a7b6c2",
    LINE: "#7f93a3",
    GRID: "#2a353f",
    SOFT: "#18222a",
    BAND: "#33495a",
    ACCENT: "#79bdf2",
    ABOVE: "#ff8a80",
    BELOW: "#b9a5f5",
    INCONCLUSIVE: "#f0a856",
}
"""The dark theme's colour for each colour of the light one."""

NAMES: Final = {
    PAPER: "paper",
    INK: "ink",
    MUTED: "muted",
    LINE: "line",
    GRID: "grid",
    SOFT: "soft",
    BAND: "band",
    ACCENT: "accent",
    ABOVE: "above",
    BELOW: "below",
    INCONCLUSIVE: "inconclusive",
}
"""The CSS variable of each colour, without its dashes."""

EMPHASIS: Final = {
    "": INK,
    "act": ABOVE,
    "warn": INCONCLUSIVE,
    "good": CONSISTENT,
    "muted": MUTED,
}
"""The text colour of a value's emphasis."""

TINTS: Final = {
    "act": ("#fdf2f0", "#2a191a"),
    "warn": ("#fdf6ea", "#292013"),
    "info": ("#eff6fa", "#14222d"),
}
"""The ground of a note or a row, light and dark; every text colour keeps 4.5:1 on it."""

SHAPES: Final = {
    "above": "triangle",
    "below": "wedge",
    "consistent": "disc",
    "inconclusive": "diamond",
    "not_enough": "ring",
}
"""A shape for each verdict; matplotlib's markers for them are in ``MARKERS``."""

MARKERS: Final = {
    "above": "^",
    "below": "v",
    "consistent": "o",
    "inconclusive": "D",
    "not_enough": "o",
}
"""``not_enough`` is drawn hollow: face PAPER, edge NOT_ENOUGH."""

COLOURS: Final = {
    "above": ABOVE,
    "below": BELOW,
    "consistent": CONSISTENT,
    "inconclusive": INCONCLUSIVE,
    "not_enough": NOT_ENOUGH,
}


def font_folder() -> Path:
    """The folder that holds the vendored fonts and their licence."""
    return resources.path("reports", "fonts")


def font_files() -> tuple[Path, ...]:
    """The Regular and Bold TrueType files, for typst and matplotlib."""
    return tuple(font_folder() / f"IBMPlexSans-{w}.ttf" for w in ("Regular", "Bold"))
