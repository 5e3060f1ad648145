"""The parameters of a run, resolved from command line, environment, file and defaults.

Knows the shape of a parameter, not what one means beyond the order that some must keep;
knows nothing of SQL or of a delivery.
"""

import difflib
import itertools
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pipeline.errors import ConfigurationError

if TYPE_CHECKING:
    import pandas as pd

TYPES = ("integer", "decimal", "boolean", "choice", "list")
"""The types that a row of `seeds/parameters.csv` may state."""

PREFIX = "ACVWATCH_"
"""What the name of a key begins with in the environment."""

KEY_BYTES = 32
"""The least length of a pseudonym key (reliability, Shareable)."""

Value = int | Decimal | bool | str | tuple[str, ...]

_ORDERED = (
    ("window_from", "strict_window_from", "window_to", "followup_days"),
    ("watch_from_day", "watch_to_day"),
)


@dataclass(frozen=True)
class Settings:
    """The value of every parameter, and how the engine is to run."""

    values: Mapping[str, Value]
    changed: frozenset[str]
    """The parameters whose value is not the default."""
    memory_limit: str | None = None
    threads: int | None = None
    pseudonym_key_file: Path | None = None
    spark_master: str | None = None
    spark_remote: str | None = None
    spark_folder: Path | None = None

    def __getitem__(self, name: str) -> Value:
        """The value of the parameter."""
        return self.values[name]


@dataclass(frozen=True)
class Parameter:
    """One key of the configuration: its type and what it may be."""

    name: str
    type: str
    minimum: str = ""
    maximum: str = ""
    unit: str = ""

    @property
    def allowed(self) -> tuple[str, ...]:
        """The words that a choice or a list may hold."""
        words = self.minimum or self.maximum
        return tuple(words.split("|")) if words else ()

    @property
    def expectation(self) -> str:
        """What the key must be, as the end of a sentence."""
        span = f" from {self.minimum} to {self.maximum} {self.unit}".rstrip()
        return {
            "integer": f"a whole number{span}",
            "decimal": f"a number{span}",
            "boolean": "true or false",
            "choice": f"one of {', '.join(self.allowed)}",
            "list": f"a list of any of {', '.join(self.allowed)}",
            "size": "a size such as 4GB or 512MiB",
            "path": "the path of a file",
            "folder": "the path of a folder",
            "address": f"an address such as {self.minimum}",
        }[self.type]


ENGINE_KEYS = (
    Parameter("memory_limit", "size"),
    Parameter("threads", "integer", "1", "1024", "threads"),
    Parameter("pseudonym_key_file", "path"),
    Parameter("spark_master", "address", "spark://host:7077"),
    Parameter("spark_remote", "address", "sc://host:15002"),
    Parameter("spark_folder", "folder"),
)
"""The keys that say how a run is done, not what is counted."""

_SEED = "in seeds/parameters.csv"
_ENVIRONMENT = "in the environment"
_SIZE = re.compile(r"[0-9]+(\.[0-9]+)? ?[KMGT]i?B")
_ADDRESSES = {
    "spark_master": re.compile(r"local(\[[0-9*, ]+\])?|yarn|(spark|k8s)://\S+"),
    "spark_remote": re.compile(r"sc://\S+"),
}
_TEXTS = {
    "integer": (re.compile(r"-?[0-9]{1,18}"), int),
    "decimal": (re.compile(r"-?[0-9]+(\.[0-9]+)?"), Decimal),
    "boolean": (re.compile(r"true|false"), lambda text: text == "true"),
}


def resolve(
    defaults: "pd.DataFrame",
    *,
    file: Path | None,
    environment: Mapping[str, str],
    overrides: Mapping[str, str],
) -> Settings:
    """The settings of a run: command line over environment over file over defaults.

    ``defaults`` is `seeds/parameters.csv` read as text, ``environment`` all variables of
    the process, ``overrides`` what the command line sets, as text. Every fault of every
    place is raised in one ConfigurationError: an unknown key (with the nearest known
    one), a wrong type, a value outside its range, windows out of order.
    """
    rows = defaults.fillna("").to_dict("records")
    known = {row["name"]: _parameter(row) for row in rows}
    initial = {row["name"]: row["default"] for row in rows}
    known |= {key.name: key for key in ENGINE_KEYS}
    standard, faults = _merged({_SEED: _typed(initial, known)}, known)
    given, further = _merged(
        {
            f"in {file}": _read_file(file),
            _ENVIRONMENT: _typed(_from_environment(environment), known),
            "on the command line": _typed(overrides, known),
        },
        known,
    )
    values = standard | given
    faults += further + _out_of_order(values) + _two_sparks(values)
    if faults:
        raise ConfigurationError(*faults)
    return _settings(values, standard, initial)


def read_key(path: Path) -> bytes:
    """The key that replaces patients' ids by pseudonyms, at least 32 bytes.

    Raises ConfigurationError where it is missing, too short, or open to other users.
    """
    try:
        mode = path.stat().st_mode
        key = path.read_bytes() if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise ConfigurationError(
            f"pseudonym_key_file is {path}, which cannot be read "
            f"({error.strerror or type(error).__name__})."
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"pseudonym_key_file is {path}, which other users may read or change.",
            f"Take that away: chmod 600 {path}",
        )
    if len(key) < KEY_BYTES:
        raise ConfigurationError(
            f"pseudonym_key_file is {path}, which holds fewer than {KEY_BYTES} bytes.",
            "Make a key from a source of randomness, such as: "
            "head -c 32 /dev/urandom > key",
        )
    return key


def _parameter(row: Mapping[str, str]) -> Parameter:
    if row["type"] not in TYPES:
        raise ConfigurationError(
            f"{row['name']} in seeds/parameters.csv has the type {row['type']!r}; "
            f"it must be one of {', '.join(TYPES)}."
        )
    return Parameter(
        row["name"], row["type"], row["minimum"], row["maximum"], row["unit"]
    )


def _read_file(file: Path | None) -> Mapping[str, object]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
    except OSError as error:
        found = f"cannot be read ({error.strerror or type(error).__name__})"
    except UnicodeDecodeError:
        found = "is not UTF-8 text"
    except RecursionError:
        found = "is nested too deeply"
    except tomllib.TOMLDecodeError as error:
        found = f"is not TOML that can be read: {error}"
    raise ConfigurationError(
        f"The configuration file {file} {found}.",
        "Each line of it is a key and its value, such as: window_from = 7; see "
        "docs/configuration.md.",
    )


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(PREFIX).lower(): text
        for name, text in environment.items()
        if name.startswith(PREFIX)
    }


def _typed(
    texts: Mapping[str, str], known: Mapping[str, Parameter]
) -> dict[str, object]:
    """Texts as a TOML file would have given them; what cannot be read stays text."""
    typed: dict[str, object] = {}
    for name, text in texts.items():
        type_ = known[name].type if name in known else ""
        pattern, read = _TEXTS.get(type_, (None, None))
        if pattern is not None and pattern.fullmatch(text):
            typed[name] = read(text)
        elif type_ == "list":
            typed[name] = [word.strip() for word in text.split(",") if word.strip()]
        else:
            typed[name] = text
    return typed


def _checked(parameter: Parameter, value: object) -> Value | Path | None:
    match parameter.type, value:
        case "boolean", bool():
            return value
        case "integer", int() if not isinstance(value, bool):
            return value if _is_within(parameter, value) else None
        case "decimal", int() | Decimal() if not isinstance(value, bool):
            return Decimal(value) if _is_within(parameter, value) else None
        case "choice", str():
            return value if value in parameter.allowed else None
        case "list", list() if all(word in parameter.allowed for word in value):
            return tuple(sorted(set(value)))
        case "size", str() if _SIZE.fullmatch(value):
            return value
        case "path" | "folder", str() if value:
            return Path(value)
        case "address", str() if _ADDRESSES[parameter.name].fullmatch(value):
            return value
    return None


def _is_within(parameter: Parameter, value: int | Decimal) -> bool:
    number = Decimal(value)
    if not number.is_finite():
        return False
    return Decimal(parameter.minimum) <= number <= Decimal(parameter.maximum)


def _merged(
    places: Mapping[str, Mapping[str, object]], known: Mapping[str, Parameter]
) -> tuple[dict[str, Value | Path], list[str]]:
    values: dict[str, Value | Path] = {}
    faults: list[str] = []
    for place, given in places.items():
        faults += _unknown_keys(given.keys() - known.keys(), known, place)
        for name in sorted(given.keys() & known.keys()):
            value = _checked(known[name], given[name])
            if value is None:
                faults.append(_wrong_value(known[name], given[name], place))
            else:
                values[name] = value
    return values, faults


def _unknown_keys(
    names: Iterable[str], known: Mapping[str, Parameter], place: str
) -> list[str]:
    return [
        f"{_spelled(name, place)} {place} is not a key; the nearest known key is "
        f"{difflib.get_close_matches(name, known, n=1, cutoff=0.0)[0]}."
        for name in sorted(names)
    ]


def _wrong_value(parameter: Parameter, value: object, place: str) -> str:
    found = repr(value) if isinstance(value, str) else _shown(value)
    is_bare = parameter.type == "list" and isinstance(value, str)
    written = f', in brackets: ["{parameter.allowed[0]}"]' if is_bare else ""
    return (
        f"{_spelled(parameter.name, place)} {place} is {found[:60]}; "
        f"it must be {parameter.expectation}{written}."
    )


def _spelled(name: str, place: str) -> str:
    return f"{PREFIX}{name.upper()}" if place == _ENVIRONMENT else name


def _shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "a table"
        case list():
            return f"[{', '.join(map(_shown, value))}]"
    return str(value)


def _out_of_order(values: Mapping[str, object]) -> list[str]:
    faults = []
    for names in _ORDERED:
        for lower, upper in itertools.pairwise(names):
            is_known = lower in values and upper in values
            if is_known and values[lower] > values[upper]:
                faults.append(
                    f"{lower} is {values[lower]} and {upper} is {values[upper]}: "
                    f"{lower} must not be later than {upper}."
                )
    return faults


def _two_sparks(values: Mapping[str, object]) -> list[str]:
    if {"spark_master", "spark_remote"} <= values.keys():
        return ["spark_master and spark_remote are both set; leave one of them out."]
    return []


def _settings(
    values: dict[str, Value | Path],
    standard: Mapping[str, Value | Path],
    names: Iterable[str],
) -> Settings:
    key_file = values.get("pseudonym_key_file")
    if isinstance(key_file, Path):
        read_key(key_file)  # refused now, not after an hour
    others = {key.name: values.pop(key.name, None) for key in ENGINE_KEYS}
    return Settings(
        values=MappingProxyType({name: values[name] for name in names}),
        changed=frozenset(name for name in standard if values[name] != standard[name]),
        **others,
    )
