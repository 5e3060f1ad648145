"""A PDF packed into object streams; knows nothing of what it says."""

import io
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

_AMBIGUOUS = b"\r\nendstream"
_TRIES = 8
_SPACE = ord(" ")
_OBJECTS = re.compile(
    rb"<< /Type /ObjStm /Length (?P<length>\d+) /Filter /FlateDecode "
    rb"(?P<index>/N \d+ /First \d+) >>\nstream\n"
)


def packed(written: bytes) -> bytes:
    """The same PDF in a fifth of the bytes, its id made from its content.

    No stream of it ends in a carriage return, which keeps every validator content.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(written)) as pdf:
        if _AMBIGUOUS in written:  # to look at every object takes longest of all
            for stream in pdf.objects:
                if isinstance(stream, pikepdf.Stream):
                    _end_plainly(stream)
        smaller = _saved(pdf)
        for fillers in range(1, _TRIES):
            if _AMBIGUOUS not in smaller:
                break
            # Other objects move into other object streams, which then end otherwise.
            spares = [pdf.make_indirect(pikepdf.Dictionary()) for _ in range(fillers)]
            pdf.Root["/AcvwatchFiller"] = pikepdf.Array(spares)
            smaller = _saved(pdf)
    return smaller


def _saved(pdf: "pikepdf.Pdf") -> bytes:
    import pikepdf

    target = io.BytesIO()
    pdf.save(
        target,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        deterministic_id=True,
    )
    return _with_plain_ends(target.getvalue())


def _with_plain_ends(saved: bytes) -> bytes:
    """The same, but for object streams whose last byte is a carriage return.

    No object moves, so that all offsets stay true; such a stream stays where it does not
    find room.
    """
    changed = bytearray(saved)
    for found in _OBJECTS.finditer(saved):
        end = found.end() + int(found["length"])
        if saved[end - 1 : end] == b"\r":
            room = end - found.start()
            objects = zlib.decompress(saved[found.end() : end])
            for fitting in _repacked(objects, found["index"], room):
                changed[found.start() : end] = fitting
                break
    return bytes(changed)


def _repacked(objects: bytes, index: bytes, room: int) -> Iterator[bytes]:
    """Object streams of that size that mean the same and end otherwise.

    One of the spaces between numbers is a line end in each. The last byte, that of a sum
    over all bytes, is another then; the stream is packed hard, and spaces fill it up.
    """
    spaces = [place for place, byte in enumerate(objects) if byte == _SPACE]
    for place in spaces[:_TRIES]:
        other = objects[:place] + b"\n" + objects[place + 1 :]
        packed_hard = zlib.compress(other, zlib.Z_BEST_COMPRESSION)
        length = len(packed_hard)
        head = b"<< /Type /ObjStm /Length %d /Filter /FlateDecode %s" % (length, index)
        tail = b" >>\nstream\n" + packed_hard
        if len(head) + len(tail) <= room:
            yield head + tail.rjust(room - len(head))


def _end_plainly(stream: "pikepdf.Stream") -> None:
    # Data whose last byte is a carriage return runs into the line end that follows it:
    # a validator that looks for that line end counts one byte too few. One byte more of
    # filling at the end of a font, or of white space elsewhere, changes the last byte.
    if "/N" in stream or not stream.read_raw_bytes().endswith(b"\r"):
        return
    data = stream.read_bytes()
    if "/Length1" in stream:
        stream.write(data + b"\0")
        stream["/Length1"] = len(data) + 1
    else:
        stream.write(data + b"\n")
