"""A document as JSON text and back, so that a stored run can be rendered again."""

import json
from typing import Any

from pipeline.report import document as nouns

_KIND = "noun"


def to_json(document: nouns.Document) -> bytes:
    """The document as UTF-8 JSON; every noun carries its class name."""
    written = json.dumps(
        document,
        default=_plain,
        ensure_ascii=False,
        sort_keys=True,
        check_circular=False,
    )
    return written.encode()


def from_json(data: bytes) -> nouns.Document:
    """The document that `to_json` wrote, equal to it."""
    return _noun(json.loads(data))


def _plain(noun: Any) -> dict[str, Any]:
    return {_KIND: type(noun).__name__, **vars(noun)}


def _noun(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_noun(part) for part in value)
    if not isinstance(value, dict):
        return value
    parts = {key: _noun(part) for key, part in value.items() if key != _KIND}
    return getattr(nouns, value[_KIND])(**parts) if _KIND in value else parts
