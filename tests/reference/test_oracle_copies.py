"""The copies of the oracle are what the oracle says, where it is at hand."""

import pytest

from pipeline import resources
from tests.reference.outside_numbers import ORACLE

SHARED = resources.path("seeds").parent.parent / "shared" / "oracle"
COPIES = sorted(
    path.name for path in ORACLE.iterdir() if path.suffix in (".csv", ".json")
)


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_the_original(name):
    if not SHARED.is_dir():
        pytest.skip("the folder shared/oracle is not beside this checkout")
    assert (ORACLE / name).read_bytes() == (SHARED / name).read_bytes()
