"""A PDF packed into object streams; knows nothing of what it says.

Its objects are moved as they stand (ISO 32000-1, 7.5.7 and 7.5.8): a tagged report has
twenty of them a row, and to read each takes longer than to set the row.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from pipeline.errors import InvariantBroken

_TOGETHER = 200
"""Objects of an object stream: a reader unpacks all of them for one."""

_FREE, _ALONE, _PACKED = (0, 0, 65535), 1, 2
_PLACE = struct.Struct(">BIH")
_ENTRY = 20
_TRAILER = re.compile(rb"trailer\s*<<(.*)>>\s*startxref\s+(\d+)\s+%%EOF\s*", re.DOTALL)
_SIZE = re.compile(rb"/Size \d+")
_HEAD = re.compile(rb"(\d+) 0 obj\s+")
# Both letters of the line end, or data that ends in the first of them would be told to be
# shorter than they are by a validator that takes the second for all of it.
_END_OF_STREAM = b"\r\nendstream"

_Place = tuple[int, int, int]


def packed(written: bytes) -> bytes:
    """The same PDF in a fifth of the bytes; ``written`` is one of typst's.

    Raises InvariantBroken where ``written`` is not laid out as typst does.
    """
    trailer, alone, loose = _taken_apart(written)
    size = 1 + max([*alone, *loose])
    places: dict[int, _Place] = {}
    numbers = list(loose)
    for start in range(0, len(numbers), _TOGETHER):
        members = numbers[start : start + _TOGETHER]
        alone[size] = _object_stream([(number, loose[number]) for number in members])
        places |= {n: (_PACKED, size, place) for place, n in enumerate(members)}
        size += 1
    pieces = [written[: written.index(b"\n", written.index(b"\n") + 1) + 1]]
    length = len(pieces[0])
    for number, body in alone.items():
        places[number] = (_ALONE, length, 0)
        pieces.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        length += len(pieces[-1])
    places[size] = (_ALONE, length, 0)
    table = _table([places.get(number, _FREE) for number in range(size + 1)], trailer)
    end = b"%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (size, table, length)
    return b"".join((*pieces, end))


def _taken_apart(
    written: bytes,
) -> tuple[bytes, dict[int, bytes], Mapping[int, bytes]]:
    """What the trailer says but its size; the streams; and all other objects."""
    trailer = _TRAILER.fullmatch(written, max(0, written.rfind(b"trailer")))
    if not trailer:
        raise InvariantBroken("Typst ended a PDF otherwise than is known of it.")
    alone, loose = {}, {}
    for number, body in _objects(written, int(trailer[2]), trailer.start()):
        if body.endswith(b"\nendstream"):
            alone[number] = body.removesuffix(b"\nendstream") + _END_OF_STREAM
        else:
            loose[number] = body
    return _SIZE.sub(b"", trailer[1]), alone, loose


def _objects(written: bytes, table: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Each object's number and what stands between its ``obj`` and ``endobj``."""
    entries = written[table:end].split(b"\n", 2)[2]
    starts = sorted(
        int(entries[at : at + 10])
        for at in range(0, len(entries), _ENTRY)
        if entries[at + 17 : at + 18] == b"n"
    )
    for start, following in zip(starts, [*starts[1:], table], strict=True):
        head = _HEAD.match(written, start)
        body = written[head.end() if head else start : following].rstrip()
        if not head or not body.endswith(b"\nendobj"):
            raise InvariantBroken("Typst laid out a PDF otherwise than is known of it.")
        yield int(head[1]), body.removesuffix(b"\nendobj")


def _object_stream(members: Sequence[tuple[int, bytes]]) -> bytes:
    index, at = [], 0
    for number, body in members:
        index.append(b"%d %d" % (number, at))
        at += len(body) + 1
    content = [b" ".join(index), *(body for _, body in members)]
    says = b"/Type/ObjStm/N %d/First %d" % (len(members), len(content[0]) + 1)
    return _stream(says, b"\n".join(content))


def _table(places: Sequence[_Place], trailer: bytes) -> bytes:
    """Where each object lies; a row is told by its difference from the one before."""
    rows = np.frombuffer(b"".join(_PLACE.pack(*place) for place in places), np.uint8)
    rows = rows.reshape(len(places), _PLACE.size)
    changes = np.diff(rows, axis=0, prepend=np.zeros((1, _PLACE.size), np.uint8))
    says = b"/Type/XRef/W[1 4 2]/Size %d%b" % (len(places), trailer.strip())
    says += b"/DecodeParms<</Predictor 12/Columns %d>>" % _PLACE.size
    return _stream(says, np.insert(changes, 0, 2, axis=1).tobytes())


def _stream(says: bytes, content: bytes) -> bytes:
    data = zlib.compress(content)
    head = b"<<%b/Filter/FlateDecode/Length %d>>\nstream\n" % (says, len(data))
    return head + data + _END_OF_STREAM
