"""References in place of patients' delivered ids, as `pseudonym_key_file` asks for.

A reference is the first 128 bits of HMAC-SHA256(key, delivered id) in hex (reliability,
Shareable). The accepted rows get them before any rule is applied, so that whatever a run
publishes of them has the reference alone. Knows nothing of rules or reports.
"""

import hashlib
import hmac
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.contracts.sql_text import identifier
from pipeline.errors import ConfigurationError
from pipeline.manifest import Published

IN_MANIFEST = "pseudonym_key"
"""Where a manifest says which key a run has, by its `fingerprint`."""

_BLOCK_BYTES = 64
_LABEL = b"\0acvwatch pseudonym key"
_REFERENCE = "left(sha256($outer || unhex(sha256($inner || encode(patient_id)))), 32)"


def fingerprint(key: bytes | None) -> str | None:
    """What tells one key from another and does not give it away.

    Not the SHA-256 of the key: of a long one HMAC is keyed by that.
    """
    return key and hmac.new(key, _LABEL, hashlib.sha256).hexdigest()


def require_same_key(previous: Published | None, key: bytes | None) -> None:
    """Raise ConfigurationError where the previous run's references are of another key.

    Each patient would be taken for another one in every comparison with it.
    """
    if previous is None or previous.manifest.get(IN_MANIFEST) == fingerprint(key):
        return
    now = "the one of pseudonym_key_file" if key else "no key, as none is set"
    raise ConfigurationError(
        f"The run {previous.name}, with which this one is compared, has patients' "
        f"references by another key than this run: {now}.",
        "Set pseudonym_key_file as it was for that run, or publish to another --out.",
    )


def replace_ids(engine, accepted: Mapping[str, Path], key: bytes) -> None:
    """Replace patient_id in every table of accepted rows, and in the file it is in.

    The rows keep their order and every other column.
    """
    pads = _pads(key)
    for table, path in accepted.items():
        written = path.with_name(f"{path.name}.references")
        engine.write_parquet(
            f"select * replace ({_REFERENCE} as patient_id) from {identifier(table)}",
            written,
            pads,
        )
        os.replace(written, path)
        engine.read(table, path)


def _pads(key: bytes) -> dict[str, Any]:
    """The inner and the outer pad of HMAC with a hash of 64-byte blocks (RFC 2104)."""
    if len(key) > _BLOCK_BYTES:
        key = hashlib.sha256(key).digest()
    block = key.ljust(_BLOCK_BYTES, b"\0")
    return {
        "inner": bytes(byte ^ 0x36 for byte in block),
        "outer": bytes(byte ^ 0x5C for byte in block),
    }
