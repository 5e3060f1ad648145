"""Folders whose names read like a pattern, or like a value: BI016, BI018."""

import shutil

import pandas as pd

from pipeline import cli
from tests.end_to_end.conftest import publish
from tests.end_to_end.test_parts import BEFORE, in_parts

ODD = "ward [1] ?*, site=9"
__all__ = ["in_parts"]


def test_a_run_in_an_odd_folder_says_what_it_says_elsewhere(
    network, network_run, tmp_path, in_parts, capsys
):
    """In parts, after a run before it, and told again for one patient."""
    extracts = tmp_path / f"delivered {ODD}"
    extracts.symlink_to(network)
    out = tmp_path / f"out {ODD}"
    publish(extracts, out, as_of=BEFORE)
    found = publish(extracts, out)
    assert in_parts, "walked in parts"
    for table in ("courses", "rates"):
        pd.testing.assert_frame_equal(found.table(table), network_run.table(table))
    # Another folder that the name would be a pattern of, and that may not be read.
    shutil.copytree(out, tmp_path / "out ward 1 xy, site=9", symlinks=True)
    again = publish(extracts, out)
    assert again.result.is_unchanged
    assert len(again.result.rates) == len(found.result.rates)
    patient = found.table("courses")["patient_id"].iloc[0]
    told = cli.run_command(["explain", str(found.folder), "--patient", patient])
    assert told == 0, capsys.readouterr().err
    assert patient in capsys.readouterr().out
