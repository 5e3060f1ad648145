"""Files that cannot be read as what they claim to be, and those that only look odd.

Source: extracts.md and reliability.md, "Reading a delivery"; ids of bad_inputs.csv.
"""

import errno
import gzip
import os
import signal
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from pipeline.errors import DataRefused, InputMissing, NoPermission, ReadWriteFailed
from pipeline.extracts import delivery as delivery_module
from tests.spec.extracts.receiving import Delivery, as_csv, table

TWO = as_csv(table("prescriptions", {}, {"prescription_id": "RX2"}))


@contextmanager
def within_seconds(seconds: int):
    """Fail where the body waits: a pipe has nobody at its other end."""

    def give_up(*_):
        raise TimeoutError("it waited")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def refuses(delivery, content: str | bytes, *words: str, name="prescriptions.csv"):
    """Assert that the file is refused in one line that holds the words."""
    delivery.write(name, content)
    sentence = delivery.refused(DataRefused)
    assert len(sentence.splitlines()) == 1
    for word in (name, *words):
        assert word in sentence
    return sentence


# What is not a CSV at all


def test_an_empty_file_is_refused(delivery):
    """BI058: an engine calls it zero rows and success."""
    refuses(delivery, b"", "empty")


@pytest.mark.parametrize("content", [b"  \n\n", b"\n\n\n", b"   ", b"\r\n\r\n"])
def test_a_file_of_blanks_is_refused(delivery, content):
    """BI060."""
    refuses(delivery, content, "empty")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"PK\x03\x04\x14\x00\x06\x00", "Excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel"),
        (b"<!DOCTYPE html><h1>503 Service Unavailable</h1>", "HTML"),
        (b"  \n<html></html>", "HTML"),
        (b'[{"prescription_id": 1}]', "JSON"),
        (b'{"a": 1}\n{"a": 2}\n', "JSON"),
        (b"%PDF-1.7", "PDF"),
        (b"BZh91AY", "bzip2"),
        (b"\x28\xb5\x2f\xfd\x00", "zstd"),
    ],
)
def test_another_format_under_the_name_of_a_csv_is_named(delivery, content, word):
    """BI037, BI038, BI098: the content decides, not the name."""
    refuses(delivery, content, word)


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("utf-16", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("utf-16-be", "NUL"),
        ("latin-1", "not UTF-8 in line 2"),
    ],
)
def test_another_encoding_is_refused(delivery, encoding, word):
    """BI042, BI043."""
    text = as_csv(table("prescriptions", {"site_id": "Málaga"}))
    refuses(delivery, text.encode(encoding), word)


def test_a_second_encoding_in_the_middle_is_refused_with_its_line(delivery):
    """BI045: concatenated exports."""
    tail = TWO.splitlines()[2].replace("north", "Málaga").encode("latin-1")
    content = TWO.encode() + b"".join(tail + b"\n" for _ in range(3))
    refuses(delivery, content, "line 4")


@pytest.mark.parametrize("bad", [b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"])
def test_what_only_looks_like_utf8_is_refused(delivery, bad):
    """BI050: overlong forms and lone surrogates."""
    refuses(delivery, TWO.encode().replace(b"north", bad, 1), "line 2")


def test_a_nul_anywhere_refuses_the_file(delivery):
    """BI046: extracts.md rules over the catalogue's quarantine of the row."""
    refuses(delivery, TWO.replace("RX2", "RX\x002"), "NUL", "line 3")


def test_a_block_of_nul_at_the_end_refuses_the_file(delivery):
    """BI047: a sparse tail after a crash of the sender."""
    refuses(delivery, TWO.encode() + b"\0" * 5000, "NUL")


# Headers


def test_a_missing_required_column_is_named_with_the_closest(delivery):
    """BI066, BI065."""
    content = TWO.replace("start_date", "startdatum")
    refuses(delivery, content, "start_date is missing", "'startdatum'")


def test_two_columns_of_one_name_are_refused(delivery):
    """BI063."""
    content = TWO.replace("indication", "intent")
    refuses(delivery, content, "2 columns are called 'intent'")


@pytest.mark.parametrize(
    "cell", ["Ann Example", "EXAMPLE", "1961-04-30", "p0003834", "ann example", "Zoë"]
)
def test_a_header_that_may_be_a_patients_value_is_named_by_its_place(delivery, cell):
    """BI061, BI067, P7: no cell of a file without a header gets into a message."""
    place = TWO.partition("\n")[0].count(",") + 2
    head, *rows = TWO.splitlines()
    wider = [f"{head},{cell}", *(f"{row},1" for row in rows)]
    delivery.write("prescriptions.csv", "\n".join(wider) + "\n")
    with delivery.received() as received:
        assert received.has_note(f"columns that were not read: column {place}.")
        assert not received.has_note(cell)
    doubled = TWO.replace("indication", cell).replace("intent", cell)
    said = refuses(delivery, doubled, "2 columns are called like column")
    assert cell.casefold() not in said.casefold()


def test_a_column_without_a_name_is_refused(delivery):
    """BI069."""
    refuses(delivery, TWO.replace("indication", ""), "no name")


def test_a_header_in_another_case_has_to_be_mapped(delivery):
    """BI064: without a profile an optional column would silently be all null."""
    refuses(delivery, TWO.replace("adherence", "Adherence"), "'adherence'", "profile")


def test_a_file_without_a_header_is_refused_and_shows_no_value(delivery):
    """BI061: the first patient must not become the header, nor be printed."""
    content = "\n".join(TWO.splitlines()[1:]) + "\n"
    sentence = refuses(delivery, content, "header")
    assert "RX1" not in sentence
    assert "P1" not in sentence


def test_lines_before_the_header_are_refused(delivery):
    """BI090."""
    refuses(delivery, "Report of May\nprinted by the pharmacy\n" + TWO, "header")


def test_too_many_columns_are_refused(delivery):
    """BI096."""
    header = ",".join(f"column_{number}" for number in range(2000))
    refuses(delivery, header + "\n", "columns")


def test_neither_end_nor_supply_is_refused_before_a_row_is_read(delivery):
    """One of the two is required, so a file that has neither has no usable row."""
    rows = table("prescriptions", drop=["end_date", "days_supply"])
    refuses(delivery, as_csv(rows), "end_date and days_supply")


def test_unknown_columns_are_ignored_and_named(delivery):
    """BI067."""
    delivery.rows("prescriptions", {"ward_note": "x"})
    with delivery.received() as received:
        assert received.has_note("prescriptions.csv", "ward_note")
        assert "ward_note" not in received.engine.columns("accepted_prescriptions")


def test_the_order_of_columns_is_free(delivery):
    """Columns are found by name: an engine with a column list would swap them."""
    [row] = table("prescriptions")
    delivery.write("prescriptions.csv", as_csv([dict(reversed(row.items()))]))
    with delivery.received() as received:
        assert received.accepted("prescriptions", "prescription_id, patient_id") == [
            ("RX1", "P1")
        ]


def test_a_missing_optional_column_is_all_null(delivery):
    rows = table("prescriptions", drop=["adherence", "site_id"])
    delivery.write("prescriptions.csv", as_csv(rows))
    with delivery.received() as received:
        found = received.accepted("prescriptions", "adherence, site_id")
        assert found == [(None, None)]
        assert received.has_note("prescriptions.csv", "adherence", "not there")


# Framing


def many(count: int) -> list[str]:
    rows = [{"prescription_id": f"RX{number}"} for number in range(count)]
    return as_csv(table("prescriptions", *rows)).splitlines(keepends=True)


def test_a_quote_closed_500_rows_later_is_refused_at_its_line(delivery):
    """BI075: an engine loses 500 rows without an error."""
    lines = many(1000)
    lines[200] = lines[200].replace("north", '"north')
    lines[700] = lines[700].replace("north", 'north"')
    refuses(delivery, "".join(lines), "line 201", "quoted field")


def test_a_quote_that_never_ends_is_refused(delivery):
    lines = many(3)
    lines[3] = lines[3].replace("north", '"north')
    refuses(delivery, "".join(lines), "line 4", "quoted field")


def test_text_after_a_closing_quote_is_refused(delivery):
    refuses(delivery, TWO.replace("RX2", '"RX"2'), "line 3", "closing quote")


def test_a_line_break_inside_a_quoted_field_is_refused(delivery):
    """BI084: no extract has free text, so a record is one line."""
    refuses(delivery, TWO.replace("RX2", '"RX\n2"'), "line 3")


@pytest.mark.parametrize(
    ("change", "n_fields"), [(lambda line: line + ",x", 15), (lambda line: "a,b", 2)]
)
def test_a_row_of_another_width_is_refused_at_its_line(delivery, change, n_fields):
    """BI072: extracts.md refuses the file, since the framing is in doubt."""
    lines = [line.rstrip("\n") for line in many(5)]
    lines[3] = change(lines[3])
    content = "\n".join(lines) + "\n"
    refuses(delivery, content, "line 4", f"{n_fields} fields", "14")


def test_a_delimiter_that_changes_in_the_middle_is_refused(delivery):
    """BI071."""
    lines = many(6)
    lines[4:] = [line.replace(",", ";") for line in lines[4:]]
    refuses(delivery, "".join(lines), "line 5")


def test_a_last_line_cut_off_is_said_to_be_a_truncated_transfer(delivery):
    """BI086."""
    content = TWO[: TWO.rindex(",")]
    content = content[: content.rindex(",")]
    refuses(delivery, content, "line 3", "ends in the middle")


def test_a_line_that_is_too_long_is_refused(delivery):
    refuses(delivery, TWO.replace("RX2", "x" * 6_000_000), "line")


def test_a_whole_last_line_without_a_line_end_is_read_with_a_note(delivery):
    delivery.write("prescriptions.csv", TWO.rstrip("\n"))
    with delivery.received() as received:
        assert received.decided("prescriptions") == ["accepted"] * 2
        assert received.has_note("prescriptions.csv", "no line end")


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_the_header_decides_the_delimiter(delivery, mark):
    rows = table("prescriptions", {}, {"prescription_id": "RX2", "site_id": "a,b"})
    delivery.write("prescriptions.csv", as_csv(rows, delimiter=mark))
    with delivery.received() as received:
        assert received.accepted("prescriptions", "prescription_id, site_id") == [
            ("RX1", "north"),
            ("RX2", "a,b"),
        ]


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (b"\xef\xbb\xbf" + TWO.encode(), "byte order mark"),
        (b"sep=,\n" + TWO.encode(), "names the delimiter"),
        (b'"sep=,"\r\n' + TWO.replace("\n", "\r\n").encode(), "names the delimiter"),
        (b'"SEP=;"\n' + TWO.replace(",", ";").encode(), "names the delimiter"),
        (b'"sep=\t"\n' + TWO.replace(",", "\t").encode(), "names the delimiter"),
        (TWO.encode() + b"\x1a", "control-Z"),
    ],
)
def test_what_exporters_add_is_taken_off_with_a_note(delivery, content, note):
    """BI039, BI048, BI093."""
    delivery.write("prescriptions.csv", content)
    with delivery.received() as received:
        first = 3 if b"sep=" in content.lower() else 2
        assert [row[1] for row in received.rows("prescriptions")] == [first, first + 1]
        assert received.has_note("prescriptions.csv", note)


def test_windows_line_ends_are_read_in_place(delivery):
    delivery.write("prescriptions.csv", TWO.replace("\n", "\r\n"))
    with delivery.received() as received:
        assert received.accepted("prescriptions", "line, site_id") == [
            (2, "north"),
            (3, "north"),
        ]


@pytest.mark.parametrize(
    "content",
    [
        TWO.replace("\n", "\r"),
        TWO.replace("\n", "\r\n", 1),
        TWO.replace("\n", "\r", 1),
        TWO.replace("\n", "\r\n").removesuffix("\r\n") + "\n",
    ],
)
def test_other_and_mixed_line_ends_are_read(delivery, content):
    """BI082, BI083."""
    delivery.write("prescriptions.csv", content.encode())
    with delivery.received() as received:
        assert received.accepted("prescriptions", "line, prescription_id, site_id") == [
            (2, "RX1", "north"),
            (3, "RX2", "north"),
        ]


def test_blank_lines_are_left_out_and_lines_stay_those_of_the_file(delivery):
    """BI088: they are counted, not rows."""
    header, *rows = TWO.splitlines(keepends=True)
    content = "\n" + header + "\n" + rows[0] + "\n  \n" + rows[1] + "\n"
    delivery.write("prescriptions.csv", content)
    with delivery.received() as received:
        assert [row[1] for row in received.rows("prescriptions")] == [4, 7]
        assert received.terms("prescriptions")["received"] == 2
        assert received.has_note("prescriptions.csv", "5 blank lines")


def test_a_delimiter_at_every_line_end_is_no_column(delivery):
    """BI074."""
    content = TWO.replace("\n", ",\n")
    delivery.write("prescriptions.csv", content)
    with delivery.received() as received:
        assert received.decided("prescriptions") == ["accepted"] * 2


def test_a_column_without_a_name_that_holds_something_is_refused(delivery):
    header, *rows = TWO.splitlines()
    content = "\n".join([header + ",", *(row + ",x" for row in rows)]) + "\n"
    refuses(delivery, content, "without a name")


def test_a_quote_inside_an_unquoted_field_is_a_character(delivery):
    """BI078."""
    delivery.write("prescriptions.csv", TWO.replace("north", 'no"rth', 1))
    with delivery.received() as received:
        assert received.accepted("prescriptions", "line, site_id") == [
            (2, 'no"rth'),
            (3, "north"),
        ]
        assert received.has_note("prescriptions.csv", "quote")


def test_quoted_fields_may_hold_delimiters_and_doubled_quotes(delivery):
    rows = table("prescriptions", {"site_id": 'a,"b"'}, {"prescription_id": "RX2"})
    delivery.write("prescriptions.csv", as_csv(rows))
    with delivery.received() as received:
        assert received.accepted("prescriptions", "site_id") == [('a,"b"',), ("north",)]


def test_a_header_repeated_in_the_middle_counts_as_a_row_with_a_note(delivery):
    """BI092: concatenated exports."""
    header = TWO.splitlines(keepends=True)[0]
    delivery.write("followups.csv", as_csv(table("followups")) * 2)
    delivery.write("prescriptions.csv", TWO + header)
    with delivery.received() as received:
        assert received.has_note("prescriptions.csv", "repeat the header")
        assert received.decided("followups") == ["accepted", "quarantined", "duplicate"]
        assert received.decided("prescriptions")[-1] == "out_of_scope"


# gzip


def test_gzip_is_read_by_its_content_whatever_its_name(delivery):
    """BI034, BI031: several members are one file."""
    content = gzip.compress(TWO[:40].encode()) + gzip.compress(TWO[40:].encode())
    delivery.write("prescriptions.csv", content)
    with delivery.received() as received:
        assert [row[1] for row in received.rows("prescriptions")] == [2, 3]
        [size] = [file.bytes for file in received.reception.inputs if file.rows == 2]
        assert size == len(content)


def test_truncated_gzip_is_refused(delivery):
    refuses(delivery, gzip.compress(TWO.encode())[:-12], "gzip")


def test_a_wrong_checksum_is_refused(delivery):
    """BI029: an engine reads it as success."""
    content = bytearray(gzip.compress(TWO.encode()))
    content[-6] ^= 1
    refuses(delivery, bytes(content), "gzip")


def test_a_wrong_length_is_refused(delivery):
    content = bytearray(gzip.compress(TWO.encode()))
    content[-1] ^= 1
    refuses(delivery, bytes(content), "gzip")


def test_something_after_the_end_is_refused(delivery):
    """BI032."""
    refuses(delivery, gzip.compress(TWO.encode()) + b"trailing garbage", "gzip")


def test_gzip_of_nothing_is_refused(delivery):
    refuses(delivery, gzip.compress(b""), "empty")


def test_another_format_inside_gzip_is_refused(delivery):
    refuses(delivery, gzip.compress(b"<html>503</html>"), "HTML")
    refuses(delivery, gzip.compress(TWO.encode("utf-16")), "UTF-16")
    parquet = gzip.compress(as_parquet(TWO, delivery.home))
    refuses(
        delivery, parquet, "is Parquet inside gzip: deliver the Parquet file itself"
    )
    twice = gzip.compress(gzip.compress(TWO.encode()))
    refuses(delivery, twice, "is gzip inside gzip: compress it once")


def test_a_bomb_is_refused_by_its_ratio_and_by_its_size(delivery):
    bomb = gzip.compress(TWO.encode() * 50_000)
    delivery.write("prescriptions.csv", bomb)
    assert "max_expansion_ratio" in delivery.refused(DataRefused)
    sentence = delivery.refused(
        DataRefused, max_expansion_ratio=10_000_000, max_expanded_bytes=1_000_000
    )
    assert "max_expanded_bytes" in sentence


def test_a_sparse_file_is_refused_by_its_size(delivery):
    """BI015."""
    path = delivery.write("prescriptions.csv", TWO)
    os.truncate(path, 1 << 40)
    assert "max_expanded_bytes" in delivery.refused(DataRefused)


# What is no regular file


def test_a_pipe_is_refused_without_waiting(delivery):
    delivery.remove("prescriptions.csv")
    os.mkfifo(delivery.folder / "prescriptions.csv")
    with within_seconds(60):
        assert "no regular file" in delivery.refused(DataRefused)


def test_a_device_is_refused(delivery):
    """BI005: reached by a link, it also leaves the folder."""
    delivery.remove("prescriptions.csv")
    (delivery.folder / "prescriptions.csv").symlink_to("/dev/zero")
    with within_seconds(60):
        assert "leaves the folder" in delivery.refused(DataRefused)


def test_a_link_out_of_the_folder_is_refused(delivery, tmp_path):
    """BI006."""
    outside = tmp_path / "outside.csv"
    outside.write_text(TWO)
    delivery.remove("prescriptions.csv")
    (delivery.folder / "prescriptions.csv").symlink_to(outside)
    assert "leaves the folder" in delivery.refused(DataRefused)


def test_a_dangling_link_is_refused(delivery):
    """BI007."""
    delivery.remove("prescriptions.csv")
    (delivery.folder / "prescriptions.csv").symlink_to("nowhere.csv")
    assert "leads nowhere" in delivery.refused(DataRefused)


def test_a_link_to_itself_is_refused(delivery):
    (delivery.folder / "labs.csv").symlink_to("labs.csv")
    assert "leads nowhere" in delivery.refused(DataRefused)


def test_a_link_within_the_folder_is_followed(delivery):
    delivery.write("source.csv", as_csv(table("labs")))
    (delivery.folder / "labs.csv").symlink_to("source.csv")
    with delivery.received() as received:
        assert received.decided("labs") == ["accepted"]


def test_a_folder_in_a_files_place_is_refused(delivery):
    """BI003."""
    (delivery.folder / "labs.csv").mkdir()
    assert "is a folder" in delivery.refused(DataRefused)


def test_a_file_that_may_not_be_read_ends_with_77(delivery, monkeypatch):
    """BI009: a test may run as root, who may read everything."""

    def deny(path, *_, **__):
        raise PermissionError(13, "denied", str(path))

    monkeypatch.setattr(delivery_module.os, "open", deny)
    sentence = delivery.refused(NoPermission)
    assert "prescriptions.csv" in sentence
    assert NoPermission.exit_code == 77


def test_a_failing_disk_ends_with_74(delivery, monkeypatch):
    """BI024."""

    def fail(*_):
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(delivery_module.HashedFile, "readinto", fail)
    assert "EIO" in delivery.refused(ReadWriteFailed)


@pytest.mark.parametrize("is_same_instant", [False, True])
def test_a_file_that_grows_while_it_is_read_is_refused(
    delivery, monkeypatch, is_same_instant
):
    """BI011: within one tick of the file system's clock only the size tells."""
    path = delivery.folder / "prescriptions.csv"
    whole = delivery_module.HashedFile.refuse_if_changed

    def grow_then_ask(opened):
        # Files are read side by side: another may be done before this one is begun.
        before = path.stat()
        if opened.state[1] == before.st_ino:
            grown.write("more\n")
            grown.flush()
            if is_same_instant:
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        whole(opened)

    monkeypatch.setattr(delivery_module.HashedFile, "refuse_if_changed", grow_then_ask)
    with path.open("a") as grown:
        sentence = delivery.refused(DataRefused)
    assert sentence.startswith("prescriptions.csv changed while it was read")


def test_a_file_rewritten_in_its_size_is_refused(tmp_path):
    """BI011: a later time tells where the size does not."""
    path = tmp_path / "labs.csv"
    path.write_bytes(b"abc")
    candidate = delivery_module.Candidate("labs", "labs.csv", path)
    with delivery_module.open_regular(candidate) as opened:
        path.write_bytes(b"abd")
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
        with pytest.raises(DataRefused, match="changed"):
            opened.refuse_if_changed()
        with pytest.raises(DataRefused, match="changed"):
            delivery_module.refuse_if_replaced(path, "labs.csv", opened.state)


# Names


def test_two_names_that_differ_by_case_are_refused(delivery):
    """BI020."""
    delivery.write("labs_North.csv", as_csv(table("labs")))
    delivery.write("labs_north.csv", as_csv(table("labs")))
    sentence = delivery.refused(DataRefused)
    assert "labs_North.csv" in sentence
    assert "labs_north.csv" in sentence


def test_two_names_that_differ_by_unicode_form_are_refused(delivery):
    """BI020: one precomposed letter, one with a combining accent."""
    delivery.write("labs_\u00e9.csv", as_csv(table("labs")))
    delivery.write("labs_e\u0301.csv", as_csv(table("labs")))
    assert "differ only by" in delivery.refused(DataRefused)


def test_an_extract_in_capitals_is_not_silently_left_out(delivery):
    delivery.write("Labs.csv", as_csv(table("labs")))
    assert "lower case" in delivery.refused(DataRefused)


@pytest.mark.parametrize(
    "name",
    [
        "labs_north's ward.csv",
        "labs-[a].csv",
        "labs.*.csv",
        "labs_year=2024.csv",
        "labs_\x1b[31m.csv",
        "labs_line\nbreak.csv",
        'labs_"q".csv',
        "labs_a\\b.csv",
        "labs_\\[x]?*.csv",
        os.fsdecode(b"labs_\xff.csv"),
    ],
)
def test_odd_names_are_safe_and_shown_escaped(delivery, name):
    """BI016, BI018, BI019."""
    delivery.write(name, as_csv(table("labs")))
    with delivery.received() as received:
        assert received.decided("labs") == ["accepted"]
        [label] = [f.label for f in received.reception.inputs if f.extract == "labs"]
        assert label.isprintable()
        assert "2024" not in received.engine.columns("accepted_labs")


def as_parquet(text: str, folder: Path) -> bytes:
    """A CSV as Parquet, every column of it text."""
    (folder / "plain.csv").write_text(text)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (from read_csv('{folder}/plain.csv', all_varchar = true)) "
            f"to '{folder}/plain.parquet' (format parquet)"
        )
    return (folder / "plain.parquet").read_bytes()


@pytest.mark.parametrize(
    ("odd", "twin"), [("[a]", "a"), ("?", "x"), ("*", "xy"), ("[]]", "]"), ("a]", "a")]
)
@pytest.mark.parametrize("form", ["csv", "gz", "parquet"])
def test_a_name_that_reads_like_a_pattern_is_that_files_alone(
    tmp_path, odd, twin, form
):
    """BI016: an engine takes it for a pattern, and reads the rows of its neighbour.

    The neighbour holds as many rows, of others; so does the folder's neighbour.
    """
    neighbour = Delivery(tmp_path / f"home{twin}")
    neighbour.rows("prescriptions", {"patient_id": "OTHER"})
    delivery = Delivery(tmp_path / f"home{odd}")
    for name, patient in ((f"labs_{odd}", "P1"), (f"labs_{twin}", "P2")):
        text = as_csv(table("labs", {"lab_id": patient, "patient_id": patient}))
        data = gzip.compress(text.encode()) if form == "gz" else text.encode()
        if form == "parquet":
            data = as_parquet(text, tmp_path)
        delivery.write(f"{name}.{form}", data)
    with delivery.received() as received:
        assert received.accepted("prescriptions", "patient_id") == [("P1",)]
        files = {f.file_id: f.label for f in received.reception.files}
        found = received.accepted("labs", "file_id, patient_id")
        assert {patient: files[number] for number, patient in found} == {
            "P1": f"labs_{odd}.{form}",
            "P2": f"labs_{twin}.{form}",
        }
        assert received.terms("labs") == {"received": 2, "accepted": 2}


def test_several_files_of_an_extract_are_one_extract(delivery):
    delivery.write("labs_b.csv", as_csv(table("labs", {"lab_id": "L2"})))
    delivery.write("labs-a.csv.gz", gzip.compress(as_csv(table("labs")).encode()))
    with delivery.received() as received:
        assert received.accepted("labs", "lab_id, line") == [("L1", 2), ("L2", 2)]


def test_a_folder_of_the_extracts_name_is_the_extract(delivery):
    """BI208: what a writer leaves beside its parts is not a part."""
    delivery.write("labs/part-1.csv", as_csv(table("labs")))
    delivery.write("labs/part-0.csv", as_csv(table("labs", {"lab_id": "L0"})))
    delivery.write("labs/_SUCCESS", b"")
    delivery.write("labs/.part-0.csv.crc", b"\0\0")
    with delivery.received() as received:
        assert [row[0] for row in received.rows("labs")] == [
            "labs/part-0.csv",
            "labs/part-1.csv",
        ]


def test_an_unfinished_folder_is_refused(delivery):
    """BI208."""
    delivery.write("labs/_temporary/part-0.csv", as_csv(table("labs")))
    delivery.write("labs/part-1.csv", as_csv(table("labs")))
    assert "has not finished" in delivery.refused(DataRefused)


def test_a_folder_without_a_file_is_refused(delivery):
    (delivery.folder / "labs").mkdir()
    assert "without a file" in delivery.refused(DataRefused)


def test_other_files_are_not_looked_at(delivery):
    delivery.write("readme.txt", b"\0\0")
    delivery.write("labsheets.csv", b"\0\0")
    with delivery.received() as received:
        assert len(received.reception.inputs) == 2


# The delivery as a whole


def test_every_fault_of_a_delivery_is_said_at_once(delivery):
    """All files are checked before a row of one is read."""
    delivery.write("prescriptions.csv", b"")
    delivery.write("followups.csv", as_csv(table("followups", drop=["visit_date"])))
    delivery.write("labs.csv", gzip.compress(b"x")[:5])
    (delivery.folder / "patients.csv").mkdir()
    sentences = delivery.refused(DataRefused).splitlines()
    assert len(sentences) == 4
    assert sorted(sentence.split()[0].rstrip(":") for sentence in sentences) == [
        "followups.csv",
        "labs.csv",
        "patients.csv",
        "prescriptions.csv",
    ]


def test_a_required_extract_that_is_not_there_ends_with_66(delivery):
    """BI002."""
    delivery.remove("followups.csv")
    assert "followups" in delivery.refused(InputMissing)
    assert InputMissing.exit_code == 66


def test_followups_may_be_missing_where_it_is_allowed(delivery):
    delivery.remove("followups.csv")
    with delivery.received(allow_missing=["followups"]) as received:
        assert received.reception.absent[0] == "followups"
        assert received.accepted("followups", "*") == []


def test_prescriptions_can_never_be_missing(delivery):
    delivery.remove("prescriptions.csv")
    sentence = delivery.refused(InputMissing, allow_missing=["prescriptions"])
    assert "prescriptions" in sentence


def test_a_folder_that_is_not_there_ends_with_66(delivery):
    delivery.folder = delivery.folder / "nowhere"
    assert "no folder" in delivery.refused(InputMissing)


def test_a_header_alone_is_refused_unless_it_is_allowed(delivery):
    """An empty delivery is not zero events."""
    delivery.write("followups.csv", as_csv(table("followups")).splitlines()[0] + "\n")
    assert "no data row" in delivery.refused(DataRefused)
    with delivery.received(allow_empty=True) as received:
        assert received.accepted("followups", "*") == []


def test_an_optional_extract_may_be_empty(delivery):
    delivery.write("labs.csv", as_csv(table("labs")).splitlines()[0] + "\n")
    with delivery.received() as received:
        assert "labs" not in received.reception.absent
        assert received.terms("labs") == {}


def test_all_six_relations_are_always_there(delivery):
    with delivery.received() as received:
        for extract in ("immune_status", "labs", "clinical_events", "patients"):
            assert extract in received.reception.absent
            assert received.accepted(extract, "*") == []


def test_the_same_bytes_under_two_names_count_once(delivery):
    """BI021."""
    delivery.write("prescriptions_copy.csv", TWO)
    delivery.write("prescriptions.csv", TWO)
    with delivery.received() as received:
        assert received.decided("prescriptions") == ["accepted"] * 2 + ["duplicate"] * 2
        assert received.has_note("prescriptions.csv", "prescriptions_copy.csv", "same")


def test_the_inputs_are_named_with_their_size_and_hash(delivery):
    """The hash is that of the bytes: sha256 of "abc" is published in FIPS 180-2."""
    content = as_csv(table("patients"))
    delivery.write("patients.csv", content)
    with delivery.received() as received:
        [file] = [f for f in received.reception.inputs if f.extract == "patients"]
        assert (file.label, file.bytes, file.rows) == ("patients.csv", len(content), 1)
        assert len(file.sha256) == 64


def test_the_hash_is_the_published_one(tmp_path):
    """FIPS 180-2, appendix B.1."""
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    candidate = delivery_module.Candidate("labs", "abc", path)
    with delivery_module.open_regular(candidate) as opened:
        while opened.read(2):
            pass
        assert opened.sha256 == (
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )


@pytest.mark.parametrize("blank_lines", [0, 1], ids=["counted", "moved"])
def test_rows_stay_in_step_where_several_threads_read(delivery, blank_lines):
    """A row's line is told from its place, which no thread may change."""
    count = 700_000
    half = count // 2
    header = as_csv(table("followups")).splitlines()[0] + "\n"
    visits = [f"F{n},P1,2026-01-12,improving,,,,north\n" for n in range(count)]
    blanks = "\n" * blank_lines
    delivery.write("followups.csv", header + "".join(visits[:half]))
    delivery.write("followups_2.csv", header + blanks + "".join(visits[half:]))
    with delivery.received() as received:
        path = received.reception.accepted["accepted_followups"]
        found = received.engine.rows(
            "select line - cast(substr(followup_id, 2) as bigint), count(*), "
            "min(file_row_number), max(file_row_number) "
            "from read_parquet($path, file_row_number = true) "
            "where 'F' || file_row_number = followup_id group by all order by all",
            {"path": str(path)},
        )
        # From line 2, below the header; in the second file from 0 again.
        first, second = (2, half, 0, half - 1), (2 - half + blank_lines, half)
        assert found == [(*second, half, count - 1), first]


# What belongs to no extract


def test_a_file_with_a_slip_in_its_name_is_named(delivery):
    """An optional extract would otherwise be one that was not delivered."""
    delivery.write("lab_results.csv", "lab_id,patient_id\n")
    delivery.write(".hidden", "")
    with delivery.received() as received:
        assert (
            "Files in the folder that belong to no extract: lab_results.csv."
            in received.reception.notes
        )


def test_a_file_whose_name_may_be_a_patients_is_counted_and_not_named(delivery):
    delivery.write("Example, Ann.pdf", "")
    delivery.write("lab_results.csv", "")
    with delivery.received() as received:
        assert received.has_note("no extract: lab_results.csv and 1 more.")
        assert not received.has_note("Ann")
    delivery.remove("lab_results.csv")
    with delivery.received() as received:
        assert received.has_note("belong to no extract: 1 not named here.")


def test_a_folder_that_holds_extracts_alone_is_not_noted(delivery):
    with delivery.received() as received:
        assert not [note for note in received.reception.notes if "no extract" in note]
