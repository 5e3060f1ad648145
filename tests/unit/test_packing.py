"""A packed PDF holds what it held, and no stream of it ends in a carriage return."""

import io

import pikepdf
import pytest

from pipeline.report import packing

ENDS_BADLY = b"\r\nendstream"


def written(pdf: pikepdf.Pdf, mode: pikepdf.ObjectStreamMode) -> bytes:
    target = io.BytesIO()
    pdf.save(target, object_stream_mode=mode, deterministic_id=True)
    return target.getvalue()


def with_objects(name: int) -> pikepdf.Pdf:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    places = (place * 7_919 % 99_991 for place in range(name, name + 3_000))
    each = (pikepdf.Dictionary(Place=place, Next=place + 1) for place in places)
    pdf.Root["/Held"] = pikepdf.Array([pdf.make_indirect(held) for held in each])
    return pdf


def held(pdf: bytes) -> list[str]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [str(each) for each in opened.Root["/Held"]]


@pytest.fixture(scope="module")
def packed_badly() -> list[tuple[bytes, bytes]]:
    """PDFs, each plain and as a library packs it, whose streams end as they must not."""
    found = []
    for name in range(60):
        pdf = with_objects(name)
        plain = written(pdf, pikepdf.ObjectStreamMode.disable)
        with pikepdf.open(io.BytesIO(plain)) as opened:
            packed = written(opened, pikepdf.ObjectStreamMode.generate)
        if ENDS_BADLY in packed:
            found.append((plain, packed))
    return found


def test_a_stream_that_ends_in_a_carriage_return_is_mended(packed_badly):
    in_place = 0
    for plain, badly in packed_badly:
        mended = packing.packed(plain)
        assert ENDS_BADLY not in mended
        assert held(mended) == held(badly) == held(plain)
        in_place += len(mended) == len(badly)
    assert in_place, "no object moves where the stream can be packed harder"


def test_what_is_packed_is_packed_the_same_again(packed_badly):
    plain, _ = packed_badly[0]
    assert packing.packed(plain) == packing.packed(plain)
