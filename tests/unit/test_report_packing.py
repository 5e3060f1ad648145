"""A packed PDF holds what typst wrote, object for object."""

import dataclasses
import io
import re

import pikepdf
import pytest

from pipeline.errors import InvariantBroken
from pipeline.report import packing, pdf
from tests import report_samples


def as_set(run: str = "a") -> bytes:
    """A report as typst wrote it, not packed."""
    document = dataclasses.replace(report_samples.document(40), run=run)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(packing, "packed", lambda written: written)
        return pdf.render(document)


@pytest.fixture(scope="module")
def written() -> bytes:
    return as_set()


def test_every_object_is_what_it_was(written):
    packed = packing.packed(written)
    assert len(packed) < len(written) / 2
    with (
        pikepdf.open(io.BytesIO(written)) as before,
        pikepdf.open(io.BytesIO(packed)) as after,
    ):
        assert after.check_pdf_syntax() == []
        numbers = range(1, len(before.objects) + 1)
        assert len(numbers) > 1_000
        for number in numbers:
            was, found = (of.get_object(number, 0) for of in (before, after))
            if isinstance(was, pikepdf.Stream):
                assert found.read_raw_bytes() == was.read_raw_bytes()
                was, found = was.stream_dict, found.stream_dict
            assert found.unparse() == was.unparse()
        for name in ("/Root", "/Info", "/ID"):
            assert after.trailer[name].unparse() == before.trailer[name].unparse()


@pytest.mark.parametrize("run", ["a", "b", "c", "d", "e", "f", "g", "h"])
def test_a_stream_is_as_long_as_its_line_ends_tell(run):
    """Also one whose last byte is the first half of a line end."""
    packed = packing.packed(as_set(run))
    heads = list(re.finditer(rb"/Length (\d+)[^\n]*>>\nstream\n", packed))
    assert len(heads) == packed.count(b"endstream") > 10
    for head in heads:
        end = head.end() + int(head[1])
        assert packed[end : end + 11] == b"\r\nendstream"


def test_a_pdf_that_is_laid_out_otherwise_is_refused(written):
    otherwise = io.BytesIO()
    with pikepdf.open(io.BytesIO(written)) as opened:
        opened.save(otherwise, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    for refused in (b"", otherwise.getvalue(), written.replace(b"endobj", b"endobk")):
        with pytest.raises(InvariantBroken, match="otherwise than is known"):
            packing.packed(refused)
