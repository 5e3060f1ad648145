"""Settings: which place wins, what is refused, and that decimals stay exact."""

import os
from decimal import Decimal
from io import StringIO

import pandas as pd
import pytest

from pipeline import resources, settings
from pipeline.errors import ConfigurationError

SEED = """\
name,type,default,minimum,maximum,unit,origin,section,source,meaning
window_from,integer,7,1,21,days,documents,criteria 3,SIGNS,first day
strict_window_from,integer,10,1,21,days,documents,criteria 3,SIGNS,strict first day
window_to,integer,10,1,21,days,documents,criteria 3,SIGNS,last day
min_adherence,decimal,0.8,0,1,share,ours,criteria 2.9,acvwatch,poor below
allow_empty,boolean,false,,,,ours,extracts,acvwatch,may be empty
absent_immune_status,choice,unknown,unknown|immunocompetent,,,ours,criteria 5,acvwatch,x
allow_missing,list,,,followups|patients,,ours,extracts,acvwatch,may be absent
"""


def resolve(text=None, environment=None, tmp_path=None, **overrides):
    """The settings from a configuration file's text and the other two places."""
    defaults = pd.read_csv(StringIO(SEED), dtype=str, keep_default_na=False)
    file = None
    if text is not None:
        file = tmp_path / "acvwatch.toml"
        file.write_text(text, "utf-8")
    return settings.resolve(
        defaults, file=file, environment=environment or {}, overrides=overrides
    )


def refused(*arguments, **options) -> str:
    """What the refusal says."""
    with pytest.raises(ConfigurationError) as refusal:
        resolve(*arguments, **options)
    assert refusal.value.exit_code == 78
    return str(refusal.value)


def test_defaults_have_their_types():
    found = resolve()
    assert dict(found.values) == {
        "window_from": 7,
        "strict_window_from": 10,
        "window_to": 10,
        "min_adherence": Decimal("0.8"),
        "allow_empty": False,
        "absent_immune_status": "unknown",
        "allow_missing": (),
    }
    assert found.changed == frozenset()
    assert (found.memory_limit, found.threads, found.pseudonym_key_file) == (None,) * 3


def test_an_absent_cell_may_also_be_null():
    defaults = pd.read_csv(StringIO(SEED), dtype=str)
    found = settings.resolve(defaults, file=None, environment={}, overrides={})
    assert found["allow_missing"] == ()


def test_command_line_over_environment_over_file_over_default(tmp_path):
    text = "window_from = 6\nmin_adherence = 0.7\nthreads = 2"
    environment = {"ACVWATCH_WINDOW_FROM": "5", "ACVWATCH_MEMORY_LIMIT": "4GB"}
    from_file = resolve(text, tmp_path=tmp_path)
    assert (from_file["window_from"], from_file["min_adherence"]) == (6, Decimal("0.7"))
    assert resolve(text, environment, tmp_path)["window_from"] == 5
    found = resolve(text, environment, tmp_path, window_from="4")
    assert found["window_from"] == 4
    assert found.changed == {"window_from", "min_adherence"}
    assert (found.threads, found.memory_limit) == (2, "4GB")


def test_the_default_set_again_is_no_change(tmp_path):
    text = "window_from = 7\nmin_adherence = 0.80\nallow_missing = []"
    assert resolve(text, tmp_path=tmp_path).changed == frozenset()


def test_a_number_of_the_file_is_exact(tmp_path):
    found = resolve("min_adherence = 0.1000000000000000055", tmp_path=tmp_path)
    assert found["min_adherence"] == Decimal("0.1000000000000000055")
    assert resolve("min_adherence = 1", tmp_path=tmp_path)["min_adherence"] == 1


def test_lists_are_in_one_order(tmp_path):
    text = 'allow_missing = ["patients", "followups"]'
    found = resolve(text, tmp_path=tmp_path)
    assert found["allow_missing"] == ("followups", "patients")
    environment = {"ACVWATCH_ALLOW_MISSING": "patients, followups"}
    assert resolve(environment=environment).values == found.values


def test_an_unknown_key_is_named_with_the_nearest_known_one(tmp_path):
    found = refused("windw_from = 7", tmp_path=tmp_path)
    assert found.startswith("windw_from in ")
    assert found.endswith("is not a key; the nearest known key is window_from.")
    found = refused(environment={"ACVWATCH_MEMORYLIMIT": "4GB"})
    assert found == (
        "ACVWATCH_MEMORYLIMIT in the environment is not a key; the nearest known key is "
        "memory_limit."
    )
    assert "windowto on the command line is not a key" in refused(windowto="9")
    assert "is not a key" in refused("[windows]\nfrom = 7", tmp_path=tmp_path)


def test_variables_of_other_programs_are_left_alone():
    assert resolve(environment={"PATH": "/bin", "ACVWATCHER": "x"}).changed == set()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("window_from = 0", "is 0; it must be a whole number from 1 to 21 days."),
        ("window_from = 22", "is 22; it must be"),
        ("window_from = 7.0", "is 7.0; it must be a whole number"),
        ("window_from = true", "is true; it must be a whole number"),
        ('window_from = "7"', "is '7'; it must be a whole number"),
        ("window_from = {}", "is a table; it must be"),
        ("window_from = 2026-06-30", "is 2026-06-30; it must be"),
        ("min_adherence = nan", "is NaN; it must be a number from 0 to 1 share."),
        ("min_adherence = inf", "is Infinity; it must be"),
        ("min_adherence = -0.0001", "it must be a number"),
        ("min_adherence = true", "is true; it must be a number"),
        ("allow_empty = 1", "is 1; it must be true or false."),
        ('absent_immune_status = "none"', "must be one of unknown, immunocompetent."),
        ('allow_missing = "followups"', 'patients, in brackets: ["followups"].'),
        ('allow_missing = ["labs"]', "is [labs]; it must be a list"),
        ("allow_missing = [[1]]", "is [[1]]; it must be a list"),
        ("threads = 0", "is 0; it must be a whole number from 1 to 1024 threads."),
        ('memory_limit = "lots"', "is 'lots'; it must be a size such as 4GB"),
        ("pseudonym_key_file = 3", "is 3; it must be the path of a file."),
    ],
)
def test_a_wrong_value_is_told_with_what_is_expected(tmp_path, line, sentence):
    found = refused(line, tmp_path=tmp_path)
    assert found.startswith(f"{line.split(' ')[0]} in {tmp_path / 'acvwatch.toml'} is ")
    assert sentence in found


@pytest.mark.parametrize("text", ["07x", "1_0", "0x7", "٧", " 7", "7.0", "1e1", ""])
def test_a_number_outside_the_file_is_plain_digits(text):
    assert "it must be a whole number" in refused(window_from=text)


def test_the_windows_keep_their_order():
    assert refused(window_to="9") == (
        "strict_window_from is 10 and window_to is 9: strict_window_from must not be "
        "later than window_to."
    )
    assert "window_from is 11 and strict_window_from is 10" in refused(window_from="11")


def test_every_fault_is_told_at_once(tmp_path):
    found = refused(
        "window_fro = 1\nmin_adherence = 2",
        {"ACVWATCH_ALLOW_EMPTY": "yes"},
        tmp_path,
        window_to="40",
    )
    assert len(found.splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("window_from = 7\nwindow_from = 8", "Cannot overwrite a value"),
        ("window_from: 7", "is not TOML"),
        ("x = " + "[" * 10_000, "is nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, text, sentence):
    assert sentence in refused(text, tmp_path=tmp_path)


def test_a_file_that_is_missing_or_not_text_is_refused(tmp_path):
    defaults = pd.read_csv(StringIO(SEED), dtype=str, keep_default_na=False)
    (tmp_path / "latin").write_bytes(b'absent_immune_status = "\xe9"')
    for name, found in (("absent", "No such file"), ("latin", "is not UTF-8 text")):
        with pytest.raises(ConfigurationError, match=found):
            settings.resolve(
                defaults, file=tmp_path / name, environment={}, overrides={}
            )


def test_a_pseudonym_key_is_long_and_private(tmp_path):
    key = tmp_path / "key"
    line = f'pseudonym_key_file = "{key}"'
    assert "cannot be read" in refused(line, tmp_path=tmp_path)
    key.write_bytes(os.urandom(31))
    key.chmod(0o600)
    assert "fewer than 32 bytes" in refused(line, tmp_path=tmp_path)
    key.write_bytes(bytes(range(32)))
    found = resolve(line, tmp_path=tmp_path)
    assert settings.read_key(found.pseudonym_key_file) == bytes(range(32))
    key.chmod(0o640)
    assert "other users may read" in refused(line, tmp_path=tmp_path)


def test_a_type_that_the_seed_invents_is_refused():
    defaults = pd.read_csv(StringIO(SEED), dtype=str, keep_default_na=False)
    defaults.loc[0, "type"] = "float"
    with pytest.raises(ConfigurationError, match="window_from .* the type 'float'"):
        settings.resolve(defaults, file=None, environment={}, overrides={})


def test_the_shipped_defaults_are_within_their_ranges():
    shipped = pd.read_csv(
        resources.path("seeds", "parameters.csv"), dtype=str, keep_default_na=False
    )
    found = settings.resolve(shipped, file=None, environment={}, overrides={})
    assert list(found.values) == list(shipped["name"])
    # criteria 3 and 4, statistics b
    assert found["window_from"] == 7
    assert found["strict_window_from"] == found["window_to"] == 10
    assert found["min_adherence"] == Decimal("0.8")
    assert found["a_above"] == Decimal("0.025")
