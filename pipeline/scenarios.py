"""A simulated network's scenario, read from the options of the command line."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from pipeline.errors import UsageError
from pipeline.periods import parse_date
from pipeline.simulate import Change, Cluster, Scenario

_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")


def parse(asked: Mapping[str, Any]) -> Scenario:
    """The scenario of the options that were given; for the rest its own defaults stand.

    Raises UsageError for what cannot be read or is out of range.
    """
    given = {name: value for name, value in asked.items() if value not in (None, ())}
    for name, read in _READERS.items():
        if name in given:
            given[name] = read(given[name])
    return Scenario(**given)


def _weights(option: str) -> Callable[[Sequence[str]], dict[str, float]]:
    def read(pairs: Sequence[str]) -> dict[str, float]:
        split = [pair.partition("=") for pair in pairs]
        return {name: _number(value, option) for name, _, value in split}

    return read


def _cluster(text: str) -> Cluster:
    site, month, cases = _three(text, "--cluster", "SITE,MONTH,CASES")
    if not cases.isdecimal():
        raise UsageError(f"--cluster has {cases!r} cases; a whole number is expected.")
    return Cluster(site, _month(month, "--cluster"), int(cases))


def _change(text: str) -> Change:
    month, odds, population = _three(text, "--change", "MONTH,ODDS,POPULATION")
    return Change(_month(month, "--change"), _number(odds, "--change"), population)


def _three(text: str, option: str, form: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != form.count(",") + 1:
        raise UsageError(f"{option} is {text!r}; write it as {form}.")
    return parts


def _number(text: str, option: str) -> float:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        raise UsageError(f"{option} has {text!r} where a number is expected.")
    return float(text)


def _month(text: str, option: str) -> date:
    return parse_date(f"{text}-01" if _MONTH.fullmatch(text) else text, option)


_READERS = {
    "as_of": lambda text: parse_date(text, "--as-of"),
    "resistance": _weights("--resistance"),
    "mix": _weights("--mix"),
    "cluster": _cluster,
    "change": _change,
}
