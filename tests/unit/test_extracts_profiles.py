"""A site's profile: what its keys may be, and what they do to a delivery."""

import re
from datetime import date
from decimal import Decimal

import pytest

from pipeline import cli
from pipeline.errors import ConfigurationError, DataRefused, InputMissing
from pipeline.extracts.description import describe
from pipeline.extracts.profiles import Profile, make_profile, read_profile
from tests.spec.extracts.receiving import (
    AS_OF,
    DRUGS,
    PARAMETERS,
    SYNONYMS,
    Delivery,
    as_csv,
    table,
)
from tests.spec.extracts.test_parquet import lab, write


@pytest.fixture
def delivery(tmp_path) -> Delivery:
    return Delivery(tmp_path)


def labs(**keys) -> Profile:
    return make_profile({"extracts": {"labs": keys}})


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"extract": {}}, "unknown key extract. Did you mean extracts?"),
        ({"extracts": {"lab": {}}}, "Did you mean labs?"),
        ({"extracts": {"labs": {"colums": {}}}}, "Did you mean columns?"),
        ({"extracts": {"labs": {"columns": {"lab": "x"}}}}, "Did you mean lab_id?"),
        ({"extracts": {"labs": {"units": {"ig": "g/l"}}}}, "Did you mean igg?"),
        ({"extracts": {"labs": {"columns": "x"}}}, "has to be a table"),
        ({"extracts": {"labs": {"columns": {"lab_id": 5}}}}, "a text or a list"),
        ({"extracts": {"labs": {"columns": {"test": ["a", "b"]}}}}, "only an id"),
        ({"extracts": {"labs": {"decimal_mark": "'"}}}, "'.' or ','"),
        ({"extracts": {"labs": {"date_format": "%d.%m.%y"}}}, "date format"),
        ({"extracts": {"labs": {"date_format": "%Y-%m"}}}, "date format"),
        ({"date_format": 5, "extracts": {"labs": {}}}, "has to be a text"),
        ({"date_format": "%d/%m/%y"}, "the profile: the date format"),
        ({"decimal_mark": "'"}, "the profile.decimal_mark has to be '.' or ','"),
        ({"separator": 1}, "the profile.separator has to be a text"),
        ({"extracts": {"labs": {"prefixes": {"test": "n"}}}}, "is no id"),
        (
            {
                "extracts": {
                    "labs": {"columns": {"unit": "a"}, "constants": {"unit": "b"}}
                }
            },
            "both a constant and a column",
        ),
        (
            {
                "extracts": {
                    "labs": {"prefixes": {"lab_id": "a"}, "constants": {"lab_id": "b"}}
                }
            },
            "both a constant and a prefix",
        ),
    ],
)
def test_a_profile_that_is_wrong_says_where_and_what_was_meant(document, words):
    """78, as every configuration: BI245."""
    with pytest.raises(ConfigurationError, match=re.escape(words)) as raised:
        make_profile(document)
    assert raised.value.exit_code == 78


def test_a_profile_is_read_from_toml(tmp_path):
    path = tmp_path / "site.toml"
    path.write_text('name = "North"\n[extracts.labs.columns]\nlab_id = "nr"\n')
    profile = read_profile(path)
    assert profile.name == "North"
    assert profile.of("labs").columns == {"lab_id": ("nr",)}
    assert profile.of("patients").columns == {}


@pytest.mark.parametrize("content", [b"[extracts", b"name = 1\nname = 2\n", b"\xff"])
def test_what_is_not_toml_is_refused(tmp_path, content):
    """BI189."""
    path = tmp_path / "site.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="is not TOML"):
        read_profile(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_profile(tmp_path / "nowhere.toml")


def test_columns_are_found_under_the_sites_names(delivery):
    delivery.write("labs.csv", as_csv(table("labs")).replace("lab_id", "Befund Nr"))
    assert "lab_id is missing" in delivery.refused(DataRefused)
    profile = labs(columns={"lab_id": "Befund Nr"})
    with delivery.received(profile=profile) as received:
        assert received.accepted("labs", "lab_id") == [("L1",)]


def test_a_mapped_column_has_to_be_there_even_where_it_is_optional(delivery):
    delivery.write("labs.csv", as_csv(table("labs")))
    sentence = delivery.refused(DataRefused, profile=labs(columns={"value": "Wert"}))
    assert "the column Wert is missing" in sentence


def test_an_id_may_be_made_of_several_columns(delivery):
    rows = [
        {"part": "7", "lab_id": "1"},
        {"part": "8", "lab_id": "1"},
        {"part": "", "lab_id": "1"},
        {"part": "", "lab_id": ""},
    ]
    delivery.write("labs.csv", as_csv(table("labs", *rows)))
    profile = labs(columns={"lab_id": ["lab_id", "part"]}, separator="/")
    with delivery.received(profile=profile) as received:
        assert received.accepted("labs", "lab_id") == [("1/7",), ("1/8",), ("1/",)]
        assert received.broken("labs")[-1] == "lab_id:missing"


def test_a_prefix_and_a_constant_stand_for_what_a_site_does_not_write(delivery):
    delivery.write("followups.csv", as_csv(table("followups", drop=["site_id"])))
    profile = make_profile(
        {
            "extracts": {
                "followups": {
                    "constants": {"site_id": "north"},
                    "prefixes": {"patient_id": "north:"},
                }
            }
        }
    )
    with delivery.received(profile=profile) as received:
        found = received.accepted("followups", "patient_id, site_id")
        assert found == [("north:P1", "north")]


def test_a_prefix_does_not_fill_an_empty_id(delivery):
    delivery.write("labs.csv", as_csv(table("labs", {"patient_id": ""})))
    profile = labs(prefixes={"patient_id": "north:"})
    with delivery.received(profile=profile) as received:
        assert received.broken("labs") == ["patient_id:missing"]


def test_codes_are_mapped_without_case_and_blanks(delivery):
    rows = [
        {"lab_id": "1", "test": " Blut-CD4 "},
        {"lab_id": "2", "test": "IgG", "unit": "keine"},
        {"lab_id": "3", "test": "Blutbild"},
    ]
    delivery.write("labs.csv", as_csv(table("labs", *rows)))
    profile = labs(values={"test": {"blut-cd4": "cd4"}, "unit": {"keine": ""}})
    with delivery.received(profile=profile) as received:
        assert received.decided("labs") == ["accepted", "accepted", "out_of_scope"]
        assert received.accepted("labs", "test, unit") == [("cd4", None), ("igg", None)]


def test_a_code_that_means_no_listed_one_is_a_wrong_profile(delivery):
    profile = labs(values={"test": {"x": "cd44"}})
    sentence = delivery.refused(ConfigurationError, profile=profile)
    assert "Did you mean cd4?" in sentence


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"prescriptions": {"constants": {"route": "orall"}}}, "Did you mean oral?"),
        ({"prescriptions": {"constants": {"drug": "aspirin"}}}, "means aspirin"),
        ({"prescriptions": {"constants": {"drug": " "}}}, "every row has to have it"),
        ({"prescriptions": {"constants": {"dose": "0"}}}, "the rule not_above"),
        ({"prescriptions": {"constants": {"dose": "1,5"}}}, "rule not_a_number"),
        ({"prescriptions": {"constants": {"days_supply": "800"}}}, "out_of_range"),
        ({"prescriptions": {"values": {"dose": {"x": "many"}}}}, "not_a_number"),
        ({"followups": {"values": {"accessible": {"x": "so"}}}}, "not_a_boolean"),
        ({"followups": {"constants": {"visit_date": "1.2.2026"}}}, "not_a_date"),
        ({"followups": {"constants": {"site_id": "a\tb"}}}, "malformed"),
        ({"labs": {"units": {"igg": "mg"}}}, "units.igg means mg"),
        ({"labs": {"units": {"cd4": "g/L"}}}, "cells/ul is"),
        ({"labs": {"units": {"igg": ""}}}, "mg/dl or g/l is"),
        ({"labs": {"values": {"resulted_date": {"open": "soon"}}}}, "not_a_date"),
    ],
)
def test_what_would_quarantine_every_row_is_a_wrong_profile(delivery, tables, words):
    """78, as for a value map that leads to no listed code."""
    profile = make_profile({"extracts": tables})
    sentence = delivery.refused(ConfigurationError, profile=profile)
    [extract] = tables
    assert f"The profile's extracts.{extract}." in sentence
    assert words in sentence


def test_constants_and_units_may_be_written_as_the_seeds_know_them(delivery):
    delivery.write("followups.csv", as_csv(table("followups", drop=["syndrome"])))
    rows = [{"test": "acyclovir_susceptibility", "value": "2"}]
    delivery.write("labs.csv", as_csv(table("labs", *rows)))
    tables = {
        "labs": {"units": {"acyclovir_susceptibility": "mcg/mL"}},
        "prescriptions": {"constants": {"route": " PO ", "site_id": ""}},
    }
    with delivery.received(profile=make_profile({"extracts": tables})) as received:
        assert received.accepted("prescriptions", "route, site_id") == [("oral", None)]
        assert received.accepted("labs", "value, unit") == [(Decimal("2"), "ug/ml")]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("31.05.2026", date(2026, 5, 31)),
        ("01.02.2026", date(2026, 2, 1)),
        ("2026-05-31", None),
        ("5/31/2026", None),
        ("31.5.2026", None),
        ("31.02.2026", None),
        ("31.05.2026 10:00", None),
    ],
)
def test_a_declared_date_format_is_the_only_one(delivery, cell, read):
    """BI130: a second format is never inferred."""
    delivery.write(
        "labs.csv", as_csv(table("labs", {"collected_date": cell, "resulted_date": ""}))
    )
    with delivery.received(profile=labs(date_format="%d.%m.%Y")) as received:
        found = received.accepted("labs", "collected_date")
        assert found == ([(read,)] if read else [])
        if read is None:
            assert received.broken("labs") == ["collected_date:not_a_date"]


def test_one_column_may_have_a_format_of_its_own_with_a_time(delivery):
    change = {"resulted_date": "20/01/2026 23:59"}
    delivery.write("labs.csv", as_csv(table("labs", change)))
    profile = labs(date_formats={"resulted_date": "%d/%m/%Y %H:%M"})
    with delivery.received(profile=profile) as received:
        assert received.accepted("labs", "collected_date, resulted_date") == [
            (date(2026, 1, 12), date(2026, 1, 20))
        ]
        assert received.has_note("labs.csv", "time", "resulted_date")


@pytest.mark.parametrize(
    ("cell", "read"),
    [("0,4", "0.4"), ("400", "400"), ("1.000", None), ("1.000,5", None)],
)
def test_a_decimal_comma_is_declared_never_guessed(delivery, cell, read):
    """BI102; with it a point would group digits."""
    delivery.write("labs.csv", as_csv(table("labs", {"test": "cd4", "value": cell})))
    with delivery.received(profile=labs(decimal_mark=",")) as received:
        found = received.accepted("labs", "value")
        assert found == ([(Decimal(read),)] if read else [])


@pytest.mark.parametrize("tables", [{}, {"patients": {"separator": "/"}}])
def test_what_stands_at_the_top_holds_for_extracts_without_a_table(delivery, tables):
    """extracts.md, docs: a CD4 of 1.250 is not 1.25, which would be AIDS."""
    change = {"collected_date": "31.05.2026", "resulted_date": "", "test": "cd4"}
    rows = [{**change, "value": "1,5"}, {**change, "lab_id": "L2", "value": "1.250"}]
    delivery.write("labs.csv", as_csv(table("labs", *rows)))
    visit = table("followups", {"visit_date": "12.01.2026"})
    delivery.write("followups.csv", as_csv(visit))
    item = {"start_date": "05.01.2026", "end_date": "14.01.2026", "dose": "0,4"}
    delivery.write("prescriptions.csv", as_csv(table("prescriptions", item)))
    top = {"date_format": "%d.%m.%Y", "decimal_mark": ",", "extracts": tables}
    with delivery.received(profile=make_profile(top)) as received:
        found = received.accepted("labs", "collected_date, value")
        assert found == [(date(2026, 5, 31), Decimal("1.5"))]
        assert received.broken("labs") == ["", "value:not_a_number"]
        assert received.accepted("prescriptions", "start_date, dose") == [
            (date(2026, 1, 5), Decimal("0.4"))
        ]
        assert received.decided("followups") == ["accepted"]


def test_the_table_of_an_extract_stands_over_the_top():
    top = {"decimal_mark": ",", "extracts": {"labs": {"decimal_mark": "."}}}
    profile = make_profile(top)
    assert profile.of("labs").decimal_mark == "."
    assert profile.of("patients").decimal_mark == ","


def test_a_word_may_stand_for_a_number(delivery):
    """BI121: undetectable is a censored value where the site says which."""
    change = {"test": "cd4", "value": "Undetectable"}
    delivery.write("labs.csv", as_csv(table("labs", change)))
    profile = labs(values={"value": {"undetectable": "<20"}})
    with delivery.received(profile=profile) as received:
        assert received.accepted("labs", "value_operator, value") == [
            ("<", Decimal("20"))
        ]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("9999::bigint", "9999"),
        ("9999::integer", "9999.0"),
        ("9999::double", "9999"),
        ("9999.5::float", "9999.5"),
        ("0.1::float", "0.1"),
        ("'nan'::double", "NaN"),
        ("9999::decimal(9, 2)", "9999"),
        ("9999.5::decimal(9, 2)", "9999.5"),
        ("'9999'", "9999"),
        ("'9999'::enum('9999', '5')", "9999"),
    ],
)
@pytest.mark.parametrize(("meant", "read"), [("", None), ("7.5", Decimal("7.5"))])
def test_values_of_a_typed_column_are_mapped_by_their_text(
    delivery, typed, text, meant, read
):
    """A site that writes 9999 for not known has no dose of 9,999 mg."""
    kind = typed.rpartition("::")[2] if "::" in typed else "varchar"
    rows = [lab(test="'cd4'", value=typed)]
    rows += [lab(lab_id="'L2'", test="'cd4'", value=f"'5'::{kind}")]
    rows += [lab(lab_id="'L3'", test="'cd4'", value=f"null::{kind}")]
    write(delivery, "labs.parquet", *rows)
    with delivery.received(profile=labs(values={"value": {text: meant}})) as received:
        found = received.accepted("labs", "value")
        assert found == [(read,), (Decimal("5"),), (None,)]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("date '2000-01-01'", "2000-01-01"),
        ("timestamp '2000-01-01'", "2000-01-01"),
        ("timestamp '2000-01-01 10:30:00'", "2000-01-01 10:30:00"),
    ],
)
@pytest.mark.parametrize("meant", ["", "2026-02-02"])
def test_dates_of_a_typed_column_are_mapped_by_their_text(delivery, typed, text, meant):
    kind = typed.partition(" ")[0]
    day = {"collected_date": f"{kind} '1999-12-31'"}
    rows = [lab(**day, resulted_date=typed)]
    rows += [lab(**day, lab_id="'L2'", resulted_date=f"{kind} '2026-01-20'")]
    write(delivery, "labs.parquet", *rows)
    profile = labs(values={"resulted_date": {text: meant}})
    with delivery.received(profile=profile) as received:
        read = date.fromisoformat(meant) if meant else None
        assert received.accepted("labs", "resulted_date") == [
            (read,),
            (date(2026, 1, 20),),
        ]
        assert not received.has_note("time")


def test_a_boolean_of_a_typed_column_is_mapped(delivery):
    visits = [("F1", "true", True), ("F2", "false", None)]
    rows = [
        f"select '{name}' as followup_id, 'P1' as patient_id, "
        f"date '2026-01-12' as visit_date, 'new' as lesion_status, {cell} as accessible"
        for name, cell, _ in visits
    ]
    delivery.remove("followups.csv")
    write(delivery, "followups.parquet", *rows)
    values = {"values": {"accessible": {"False": ""}}}
    profile = make_profile({"extracts": {"followups": values}})
    with delivery.received(profile=profile) as received:
        assert received.accepted("followups", "accessible") == [
            (read,) for *_, read in visits
        ]


def test_a_moment_whose_text_depends_on_the_machine_is_not_mapped(delivery):
    write(
        delivery, "labs.parquet", lab(recorded_at="timestamptz '2026-01-12 10:00:00Z'")
    )
    profile = labs(values={"recorded_at": {"2026-01-12": ""}})
    assert "recorded_at" in delivery.refused(ConfigurationError, profile=profile)


def test_ids_are_mapped_before_they_are_prefixed(delivery):
    """A site that renames a ward, or writes a word where it knows none."""
    rows = [
        {"followup_id": "1", "site_id": "Ward 7"},
        {"followup_id": "2", "site_id": "unknown"},
        {"followup_id": "3", "site_id": "w9"},
        {"followup_id": "4", "patient_id": "None"},
    ]
    delivery.write("followups.csv", as_csv(table("followups", *rows)))
    tables = {
        "values": {
            "site_id": {"ward 7": "w7", "Unknown": ""},
            "patient_id": {"none": ""},
        },
        "prefixes": {"site_id": "n-"},
    }
    profile = make_profile({"extracts": {"followups": tables}})
    with delivery.received(profile=profile) as received:
        found = received.accepted("followups", "followup_id, site_id")
        assert found == [("1", "n-w7"), ("2", None), ("3", "n-w9")]
        assert received.broken("followups")[3] == "patient_id:missing"


def test_an_empty_unit_means_what_the_site_says_it_means(delivery):
    rows = [
        {"lab_id": "1", "test": "igg", "value": "7"},
        {"lab_id": "2", "test": "igg", "value": "700", "unit": "mg/dL"},
    ]
    delivery.write("labs.csv", as_csv(table("labs", *rows)))
    with delivery.received(profile=labs(units={"igg": "g/L"})) as received:
        assert received.accepted("labs", "value, unit") == [
            (Decimal("700"), "mg/dl"),
            (Decimal("700"), "mg/dl"),
        ]


def test_a_profile_may_say_which_files_an_extract_has(delivery):
    """Those of the others are found by name; an empty list says: not delivered."""
    delivery.write("patients.csv", "subject_id,anchor_age\n1,50\n")
    delivery.write("Patients_2.csv", "subject_id,anchor_age\n1,50\n")
    delivery.write("rx export.csv", as_csv(table("prescriptions")))
    delivery.write("labs_north.csv", as_csv(table("labs")))
    profile = make_profile(
        {
            "extracts": {
                "prescriptions": {"files": ["rx *.csv"]},
                "patients": {"files": []},
                "labs": {"units": {"igg": "g/L"}},
            }
        }
    )
    with delivery.received(profile=profile) as received:
        assert [file.label for file in received.reception.inputs] == [
            "rx export.csv",
            "followups.csv",
            "labs_north.csv",
        ]
        assert "patients" in received.reception.absent


def test_an_extract_may_have_files_that_are_named_like_another(delivery):
    delivery.write("labs_visits.csv", as_csv(table("followups")))
    profile = make_profile({"extracts": {"followups": {"files": "labs_*.csv"}}})
    with delivery.received(profile=profile) as received:
        assert [file.label for file in received.reception.inputs] == [
            "prescriptions.csv",
            "labs_visits.csv",
        ]


def test_a_required_extract_cannot_be_said_to_have_no_files(delivery):
    profile = make_profile({"extracts": {"followups": {"files": []}}})
    assert "followups" in delivery.refused(InputMissing, profile=profile)


@pytest.mark.parametrize("files", ["", [""], [1], {"a": "b"}, 1])
def test_files_are_names(files):
    with pytest.raises(ConfigurationError, match=r"labs\.files"):
        labs(files=files)


@pytest.fixture
def documented(delivery, request) -> Profile:
    """The profile of docs/extracts.md, and a delivery that fits it."""
    page = (request.config.rootpath / "docs" / "extracts.md").read_text("utf-8")
    [block] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    delivery.remove("prescriptions.csv")
    row = {
        "order_no": "17",
        "line_no": "1",
        "pid": "P1",
        "drug": "Aciclovir",
        "route": "Per os",
        "dose": "0,4",
        "dose_unit": "g",
        "doses_per_day": "5",
        "from": "05.01.2026",
        "until": "14.01.2026",
    }
    delivery.write("rx_2026.csv", as_csv([row], delimiter=";"))
    path = delivery.home / "north.toml"
    path.write_text(block, "utf-8")
    return read_profile(path)


def test_the_documented_profile_reads_a_delivery_that_fits_it(delivery, documented):
    """A follow-up file of the contract's own form stands beside it."""
    with delivery.received(profile=documented) as received:
        assert [file.label for file in received.reception.inputs] == [
            "rx_2026.csv",
            "followups.csv",
        ]
        found = received.accepted(
            "prescriptions",
            "prescription_id, patient_id, drug, route, dose, dose_unit, "
            "start_date, end_date, site_id",
        )
        [(identifier, *rest)] = found
        assert "17" in identifier
        assert rest == [
            *("north-P1", "acyclovir", "oral", Decimal("0.4"), "g"),
            *(date(2026, 1, 5), date(2026, 1, 14), "north"),
        ]
        visits = received.accepted("followups", "patient_id, visit_date")
        assert visits == [("north-P1", date(2026, 1, 12))]


def test_the_documented_profile_can_be_validated(delivery, documented, capsys):
    arguments = [
        "--as-of",
        AS_OF.isoformat(),
        "--profile",
        delivery.home / "north.toml",
    ]
    told = cli.run_command(["validate", str(delivery.folder), *map(str, arguments)])
    output = capsys.readouterr()
    assert told == 0, output.err
    assert "rx_2026.csv" in output.out
    assert "followups.csv" in output.out


def test_a_synonym_of_nothing_is_a_wrong_seed(delivery, monkeypatch):
    wrong = SYNONYMS.replace("valacyclovir", "valacyclowir")
    monkeypatch.setattr("tests.spec.extracts.receiving.SYNONYMS", wrong)
    assert "synonyms.csv" in delivery.refused(ConfigurationError)


def test_a_description_says_what_is_read_from_where(delivery):
    rows = [
        {"lab_id": "1", "test": "CD4", "value": "180"},
        {"lab_id": "2", "test": "Blutbild"},
        {"lab_id": "3", "test": "cd4", "ward": "7b"},
    ]
    delivery.write("labs.csv", as_csv(table("labs", *rows)).replace("value", "Wert"))
    profile = labs(columns={"value": "Wert"}, constants={"unit": "cells/ul"})
    with delivery.engine() as (engine, scratch):
        found = describe(
            engine,
            delivery.folder,
            as_of=AS_OF,
            parameters=PARAMETERS,
            synonyms=SYNONYMS,
            drugs=DRUGS,
            profile=profile,
            scratch=scratch,
        )
    [file] = [one for one in found if one.extract == "labs"]
    assert (file.label, file.n_rows, file.unknown) == ("labs.csv", 3, ("unit", "ward"))
    columns = file.columns.set_index("column")
    assert columns.loc["value"].tolist() == ["censored", "Wert", "read"]
    assert columns.loc["unit"].tolist() == ["code", "cells/ul", "constant"]
    assert columns.loc["recorded_at"].tolist() == ["datetime", "", "absent"]
    tests = file.codes[file.codes["column"] == "test"]
    assert tests[["text", "code", "n"]].values.tolist() == [
        ["cd4", "cd4", 2],
        ["blutbild", "", 1],
    ]
