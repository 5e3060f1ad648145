"""The styles of an HTML page, with its fonts, and the policy that admits them.

Knows the palette and the files of the `reports` folder; knows nothing of documents.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache

from pipeline import resources
from pipeline.report import palette

_RANGES = {
    "Latin1": "U+0-FF,U+131,U+152-153,U+2C6,U+2DA,U+2DC,U+2013-2014,U+2018-201A,"
    "U+201C-201E,U+2020-2022,U+2026,U+2030,U+2039-203A,U+2044,U+20AC,U+2122,U+2212,"
    "U+FB01-FB02",
    "Pi": "U+2000-200D,U+2015,U+202F,U+2032-2033,U+2070,U+2074-2079,U+2080-2089,"
    "U+2153-215E,U+2190-2199,U+2202,U+2206,U+2211,U+221A,U+221E,U+2248,U+2260,"
    "U+2264-2265,U+25CA,U+2713,U+FFFD",
}
_WEIGHTS = {"Regular": 400, "Bold": 700}


@cache
def sheet() -> str:
    """The styles of every page: fonts, colours, rules."""
    return _faces() + _themes() + shipped("style.css")


def _faces() -> str:
    faces = []
    for weight, number in _WEIGHTS.items():
        for part, characters in _RANGES.items():
            font = palette.font_folder() / f"IBMPlexSans-{weight}-{part}.woff2"
            data = base64.b64encode(font.read_bytes()).decode("ascii")
            faces.append(
                f'@font-face{{font-family:"{palette.FAMILY}";font-weight:{number};'
                f"src:url(data:font/woff2;base64,{data}) format('woff2');"
                f"unicode-range:{characters}}}\n"
            )
    return "".join(faces)


def _themes() -> str:
    names = palette.NAMES.items()
    light = {name: colour for colour, name in names}
    dark = {name: palette.DARK[colour] for colour, name in names}
    light |= {name: pair[0] for name, pair in palette.TINTS.items()}
    dark |= {name: pair[1] for name, pair in palette.TINTS.items()}
    return (
        f":root{{color-scheme:light dark;{_variables(light)}}}\n"
        "@media screen and (prefers-color-scheme:dark)"
        f"{{:root{{{_variables(dark)}}}}}\n"
    )


def _variables(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in colours.items())


def shipped(name: str) -> str:
    """The text of a file of the `reports` folder."""
    return resources.path("reports", name).read_text(encoding="utf-8")


def policy(css: str, script: str) -> str:
    """The content security policy that admits these styles and this script alone."""
    return (
        f"default-src 'none'; script-src {_hash(script)}; style-src {_hash(css)}; "
        "font-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
