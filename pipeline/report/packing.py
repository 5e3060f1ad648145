"""A PDF packed into object streams; knows nothing of what it says."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pikepdf

_AMBIGUOUS = b"\r\nendstream"
_TRIES = 8


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
    return target.getvalue()


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
