"""The delivery that a test changes before it is received."""

import pytest

from tests.spec.extracts.receiving import Delivery


@pytest.fixture
def delivery(tmp_path) -> Delivery:
    """A delivery of one accepted prescription and one accepted visit."""
    return Delivery(tmp_path)
