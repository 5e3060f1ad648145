"""Every number of the report is that of the tables beside it, on the page and in print.

The shown numbers are read back from the page and held against rates, flow, quality,
courses and line_list: a number of d decimals must be the exact one rounded to them.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tests.end_to_end.deliveries import read_csv
from tests.end_to_end.pages import Page

POPULATIONS = {
    "Immunocompetent": "immunocompetent",
    "Immunocompromised": "immunocompromised",
    "HIV": "hiv",
    "AIDS": "aids",
    "AIDS, prolonged therapy": "aids_prolonged",
    "Allogeneic stem cell transplant": "hsct_allogeneic",
    "Solid organ transplant": "solid_organ_transplant",
    "Prolonged therapy": "prolonged_therapy",
    "All patients": "all",
}
FLAGS = {
    "immunocompetent": ("is_immunocompetent",),
    "immunocompromised": ("is_immunocompromised",),
    "hiv": ("is_hiv",),
    "aids": ("is_aids",),
    "aids_prolonged": ("is_aids", "is_prolonged"),
    "hsct_allogeneic": ("is_hsct_allogeneic",),
    "solid_organ_transplant": ("is_solid_organ_transplant",),
    "prolonged_therapy": ("is_prolonged",),
    "all": (),
}
"""The flags of a population (criteria 5)."""

WORDS = {
    "above": "above",
    "below": "below",
    "consistent": "consistent",
    "inconclusive": "inconclusive",
    "not enough data": "insufficient_data",
}
EXTRACTS = {
    "Prescriptions": "prescriptions",
    "Follow-ups": "followups",
    "Immune status": "immune_status",
    "Laboratory results": "labs",
    "Clinical events": "clinical_events",
    "Patients": "patients",
}
ROLLING, YEAR = date(2025, 7, 1), date(2025, 1, 1)
CELL = re.compile(
    r"([\d,]+)/([\d,]+)(?: in question, [\d,]+ settled)?: (<?[\d.]+)% \((<?[\d.]+)–(<?[\d.]+)\)"
)


@pytest.fixture(scope="module")
def page(network_run) -> Page:
    """The report of the simulated network."""
    return network_run.page()


@pytest.fixture(scope="module")
def rates(network_run) -> pd.DataFrame:
    """The published rates."""
    return network_run.table("rates")


@pytest.fixture(scope="module")
def courses(network_run) -> pd.DataFrame:
    """The published courses."""
    return network_run.table("courses")


def whole(shown: str) -> int:
    """A shown count, which may carry its unit."""
    return int(shown.split()[0].replace(",", ""))


def is_shown_as(exact: float, shown: str) -> bool:
    """Whether a number is the shown one, rounded to the decimals that are shown."""
    if shown.startswith("<"):
        return 0 <= exact < float(shown[1:])
    half = 0.5 * 10 ** -len(shown.partition(".")[2])
    return abs(exact - float(shown)) <= half * (1 + 1e-9)


def are_shown_as(
    rate: pd.Series, k: str, n: str, percent: str, lo: str, hi: str
) -> bool:
    """Whether counts, rate and interval are those of a row of the rates."""
    return (whole(k), whole(n)) == (rate["k"], rate["n"]) and all(
        is_shown_as(100 * rate[column], shown)
        for column, shown in (("rate", percent), ("cp_lo", lo), ("cp_hi", hi))
    )


def is_cell_of(rate: pd.Series, cell: str) -> bool:
    """The same for a cell such as ``7/96: 7.3% (3.0–14.4)``."""
    if rate["n"] == 0:
        return cell == "0/0: no evaluable patient"
    if pd.isna(rate["rate"]):  # adjusted, and no failure was tested
        return cell == f"{rate['k']}/{rate['n']} in question, 0 settled: no rate"
    found = CELL.fullmatch(cell)
    return found is not None and are_shown_as(rate, *found.groups())


def rate_of(rates: pd.DataFrame, population: str, **key: object) -> pd.Series:
    """One row of the rates: the headline row, but for the given parts of its key."""
    asked = {
        "population": POPULATIONS[population],
        "definition": "case",
        "rule": "headline",
        "unit": "patient",
        "syndrome": "hsv",
        "window": ROLLING,
    } | key
    found = rates.assign(window=pd.to_datetime(rates["window_start"]).dt.date)
    for name, value in asked.items():
        found = found[found[name] == value]
    assert len(found) >= 1, asked
    # two baselines of one population differ in the comparison alone
    assert found[["n", "k"]].drop_duplicates().shape[0] == 1
    return found.iloc[0]


def baseline_of(rates: pd.DataFrame, population: str, published: str) -> str:
    """The baseline that a row of a table is about, from its words."""
    mine = rates[
        (rates["population"] == POPULATIONS[population]) & (rates["baseline_id"] != "")
    ]
    kinds = dict(zip(mine["kind"], mine["baseline_id"], strict=True))
    if len(kinds) == 1:
        return next(iter(kinds.values()))
    return kinds["band" if "–" in published else "point"]


def shown_rates(
    page: Page, rates: pd.DataFrame, table: str
) -> Iterator[tuple[dict, dict]]:
    """Each row of a table of rates, with the key that its first columns name."""
    rows = list(page.tables[table].records())
    assert rows, table
    for row in rows:
        key = {}
        if "Published" in row and row["Published"] != "none":
            key["baseline_id"] = baseline_of(rates, row["Population"], row["Published"])
        yield row, key


def answer(page: Page) -> str:
    """The text of the page from its first question on: what comes before sums up."""
    return page.text.rpartition(page.headings["q1"])[2]


def test_the_headline_table_is_the_headline_rates(page, rates):
    rows = list(shown_rates(page, rates, "q1-headline"))
    assert {key["baseline_id"] for _, key in rows} == {
        *("immunocompetent_upper", "immunocompromised_band", "hiv_band"),
        *("immunocompromised_point", "aids_prolonged_point", "hsct_allogeneic_upper"),
    }
    assert len(rows) == 6
    for row, key in rows:
        rate = rate_of(rates, row["Population"], **key)
        lo, _, hi = row["95% CI %"].partition("–")
        counts = row["Cases patients"], row["Evaluable patients"]
        assert are_shown_as(rate, *counts, row["Rate %"], lo, hi), row
        assert WORDS[row["Verdict"]] == rate["verdict"], row
        is_excluded = rate["p_excl"] <= 0.05
        assert row["Doubling excluded"] == ("yes" if is_excluded else "no"), row


def test_the_sentences_say_the_headline_rates(page, rates):
    sentences = re.findall(
        r"^(.+): ([\d,]+) of ([\d,]+) evaluable patients?, ([\d.<]+)%, "
        r"95% CI ([\d.<]+)–([\d.<]+); (?:published (.+) \((.+)\): (.+?)[,;]|no published)",
        answer(page),
        re.MULTILINE,
    )
    # six comparisons, and the three populations without a published rate
    assert len(sentences) >= 6 + 3
    for population, k, n, percent, lo, hi, published, _, verdict in sentences:
        key = {}
        if published:
            key["baseline_id"] = baseline_of(rates, population, published)
        rate = rate_of(rates, population, **key)
        assert are_shown_as(rate, k, n, percent, lo, hi), population
        if published:
            assert WORDS[verdict] == rate["verdict"], population


@pytest.mark.parametrize(
    ("table", "column", "key"),
    [
        ("q1-forest-numbers", 2, {}),
        ("q1-forest-numbers", 4, {"definition": "ppv_adjusted"}),
        ("q1-forest-numbers", 6, {"definition": "confirmed"}),
        ("q1-ceiling-floor", 2, {}),
        ("q1-ceiling-floor", 4, {"definition": "ppv_adjusted"}),
        ("q1-ceiling-floor", 6, {"definition": "confirmed"}),
        ("q1-windows", 2, {}),
        ("q1-windows", 4, {"window": YEAR}),
        ("q1-rules", 2, {}),
        ("q1-rules", 4, {"rule": "strict"}),
        ("q1-units", 1, {}),
        ("q1-units", 2, {"unit": "patient_first"}),
        ("q1-units", 3, {"unit": "course"}),
        ("q1-zoster", 1, {"syndrome": "zoster"}),
    ],
)
def test_the_rates_side_by_side_are_the_published_ones(table, column, key, page, rates):
    heads = page.tables[table].heads
    for cells in page.tables[table].rows:
        row = dict(zip(heads, cells, strict=True))
        asked = dict(key)
        if "Published" in row:
            asked["baseline_id"] = baseline_of(
                rates, row["Population"], row["Published"]
            )
        rate = rate_of(rates, row["Population"], **asked)
        assert is_cell_of(rate, cells[column]), (cells, rate[["k", "n", "rate"]])
        if heads[column + 1 : column + 2] == ["Verdict"]:
            assert WORDS[cells[column + 1]] == rate["verdict"], cells


def test_what_stands_beside_each_rate(page, rates):
    columns = {
        "Not evaluable": "not_evaluable",
        "Excluded": "excluded",
        "Immature": "immature",
        "Confirmed outside": "confirmed_outside",
        "Responded early": "n_short",
    }
    for row, key in shown_rates(page, rates, "q1-counts"):
        rate = rate_of(rates, row["Population"], **key)
        for head, column in columns.items():
            assert whole(row[head]) == rate[column], (row, head)


def test_what_each_verdict_rests_on(page, rates):
    columns = {
        "p above": "p_excess",
        "p above, Holm": "p_holm",
        "p below": "p_below",
        "p excess": "p_excl",
        "P(rate > published)": "post_gt_U",
        "P(rate > excess)": "post_gt_M",
    }
    for row, key in shown_rates(page, rates, "q1-evidence"):
        rate = rate_of(rates, row["Population"], **key)
        for head, column in columns.items():
            assert is_shown_as(rate[column], row[head]), (row, head)


def test_how_large_n_must_be(page, rates):
    columns = {
        "Evaluable now patients": "n",
        "Least n patients": "n_min",
        "n for 80% power patients": "n80_all",
    }
    for row, key in shown_rates(page, rates, "q1-needed"):
        rate = rate_of(rates, row["Population"], **key)
        for head, column in columns.items():
            assert whole(row[head]) == rate[column], (row, head)


def test_what_the_rate_could_be(page, rates):
    """k/(n+u) and (k+u)/(n+u) (statistics g)."""
    for row, key in shown_rates(page, rates, "q6-bounds"):
        rate = rate_of(rates, row["Population"], **key)
        k, n, unknown = rate["k"], rate["n"], rate["not_evaluable"]
        assert whole(row["Evaluable patients"]) == n
        assert whole(row["Not evaluable patients"]) == unknown
        if n + unknown:
            best, worst = 100 * k / (n + unknown), 100 * (k + unknown) / (n + unknown)
            assert is_shown_as(best, row["If all responded %"])
            assert is_shown_as(worst, row["If all failed %"])


def in_rate(
    courses: pd.DataFrame, population: str, first: date, last: date, definition: str
) -> pd.DataFrame:
    """The mature courses in the rate of a population whose start is in a window."""
    start = pd.to_datetime(courses["start_date"]).dt.date
    maturity = "is_mature" if definition == "case" else "is_lab_mature"
    chosen = (start >= first) & (start <= last) & courses[maturity] & courses["in_rate"]
    for flag in FLAGS[population]:
        chosen &= courses[flag]
    return courses[chosen & (courses["syndrome"] != "zoster")]


def counted(
    courses: pd.DataFrame, population: str, first: date, last: date, definition: str
) -> tuple[int, int]:
    """Cases and evaluable, counted anew: a patient with a case is a case (criteria 6)."""
    found = in_rate(courses, population, first, last, definition)
    classes = ("confirmed", "suspected") if definition == "case" else ("confirmed",)
    cases = found[found["classification"].isin(classes)]
    return cases["patient_id"].nunique(), found["patient_id"].nunique()


@pytest.mark.parametrize("definition", ["case", "confirmed"])
def test_the_rates_are_counted_from_the_courses(definition, rates, courses):
    for title, population in POPULATIONS.items():
        for first, last in ((ROLLING, date(2026, 6, 30)), (YEAR, date(2025, 12, 31))):
            rate = rate_of(rates, title, definition=definition, window=first)
            expected = counted(courses, population, first, last, definition)
            assert (rate["k"], rate["n"]) == expected, (title, first)


@pytest.mark.parametrize(
    ("table", "definition"),
    [("q3-monthly-numbers", "case"), ("q3-confirmed", "confirmed")],
)
def test_the_months_are_counted_from_the_courses(table, definition, page, courses):
    rows = list(page.tables[table].records())
    # from the first month of the simulation to that of the as-of date
    assert [row["Month"] for row in rows] == [
        f"{month:%Y-%m}" for month in pd.period_range("2023-07", "2026-06", freq="M")
    ]
    shown = [head for head in rows[0] if head.endswith(" k/n")]
    assert len(shown) >= 5
    for row in rows:
        month = pd.Period(row["Month"], freq="M")
        first, last = month.start_time.date(), month.end_time.date()
        for head in shown:
            population = POPULATIONS[head.removesuffix(" k/n")]
            k, n = counted(courses, population, first, last, definition)
            assert row[head] == f"{k}/{n}", (row["Month"], head)


def test_the_adherence_split_is_counted_from_the_courses(page, courses):
    last = date(2026, 6, 30)
    rank = {"confirmed": 0, "suspected": 1, "refuted": 2, "responded": 3}
    for row in page.tables["q6-adherence"].records():
        population = POPULATIONS[row["Population"]]
        found = in_rate(courses, population, ROLLING, last, "case")
        found = found.assign(rank=found["classification"].map(rank))
        # one course a patient: by class, then by earliest start
        found = found.sort_values(["rank", "start_date"]).drop_duplicates("patient_id")
        is_case = found["rank"] <= 1
        for head, mine in (
            ("Adherence known", found["adherence"].notna()),
            ("Adherence not known", found["adherence"].isna()),
        ):
            cell = CELL.match(row[head])
            k, n = int((is_case & mine).sum()), int(mine.sum())
            if n:
                assert cell is not None
                assert (whole(cell[1]), whole(cell[2])) == (k, n), (row, head)
            else:
                assert cell is None


def test_the_reasons_are_counted_from_the_courses(page, courses):
    """Mature courses of the rolling window, any syndrome, under both rules."""
    start = pd.to_datetime(courses["start_date"]).dt.date
    mature = courses[(start >= ROLLING) & courses["is_mature"]]
    rows = list(page.tables["q6-reasons"].records())
    for head, column in (
        ("Headline courses", "classification"),
        ("Strict courses", "strict_classification"),
    ):
        found: dict[str, int] = {}
        for row in rows:
            name = row["Class"].lower().replace(" ", "_")
            found[name] = found.get(name, 0) + whole(row[head])
        expected = mature[column].value_counts().to_dict()
        assert {name: n for name, n in found.items() if n} == expected, head


def test_the_flow_is_the_published_flow(page, network_run, rates):
    flow = network_run.table("flow")
    rows = flow[flow["table"] == "rows"].groupby("term")["n"].sum()
    assert rows["received"] == rows.drop("received").sum()
    assert (rows[["duplicate", "quarantined", "deferred", "out_of_scope"]] > 0).all()
    built = flow[flow["table"] == "courses"].set_index("term")["n"]
    assert built["built"] == built.drop("built").sum()
    headline = rate_of(rates, "All patients")
    expected = {
        "Received, all extracts": rows["received"],
        "Received, all extracts: Out of scope": rows["out_of_scope"],
        "Received, all extracts: Dated after the as-of date": rows["deferred"],
        "Received, all extracts: Duplicate": rows["duplicate"],
        "Received, all extracts: Superseded": rows["superseded"],
        "Received, all extracts: Quarantined": rows["quarantined"],
        "Accepted": rows["accepted"],
        "Courses of treatment built": built["built"],
        "Courses of treatment built: Absorbed by an overlapping course": built[
            "absorbed"
        ],
        "Courses kept, whole delivery": built["built"] - built["absorbed"],
        "Evaluable": headline["n"],
        "Cases: suspected or confirmed in the rate": headline["k"],
    }
    expected |= {
        f"Courses kept, whole delivery: {name.replace('_', ' ').capitalize()}": built[
            name
        ]
        for name in (
            *("confirmed", "suspected", "refuted", "responded"),
            *("excluded", "not_evaluable", "pending"),
        )
    }
    shown = {
        row["Step"]: whole(row["Number"])
        for row in page.tables["q6-flow-numbers"].records()
    }
    assert {step: shown[step] for step in expected} == expected
    window = "Herpes simplex, treated in the rolling window"
    left = ("Excluded", "Not evaluable", "Immature only", "Confirmed outside the rate")
    assert shown[window] == shown["Evaluable"] + sum(
        shown[f"{window}: {term}"] for term in left
    )
    assert shown[f"{window}: Excluded"] == headline["excluded"]
    assert shown[f"{window}: Not evaluable"] == headline["not_evaluable"]
    assert shown[f"{window}: Immature only"] == headline["immature"]


def test_the_extracts_are_the_published_flow(page, network_run):
    terms = {
        "Received": "received",
        "Accepted": "accepted",
        "Out of scope": "out_of_scope",
        "Dated after the as-of date": "deferred",
        "Duplicate": "duplicate",
        "Superseded": "superseded",
        "Quarantined": "quarantined",
    }
    flow = network_run.table("flow")
    numbers = flow[flow["table"] == "rows"].set_index(["extract", "term"])["n"]
    rows = list(page.tables["q6-extracts"].records())
    assert [EXTRACTS[row["Extract"]] for row in rows] == list(EXTRACTS.values())
    for row in rows:
        for head, term in terms.items():
            assert whole(row[head]) == numbers[EXTRACTS[row["Extract"]], term], row


def test_the_fields_are_the_published_quality(page, network_run):
    quality = network_run.table("quality").set_index(["measure", "extract", "name"])
    rows = list(page.tables["q6-completeness"].records())
    assert len(rows) == len(quality.loc["present"])
    for row in rows:
        found = quality.loc["present", EXTRACTS[row["Extract"]], row["Field"]]
        assert whole(row["With a value rows"]) == found["n"]
        assert whole(row["Accepted rows"]) == found["out_of"]
        assert is_shown_as(100 * found["n"] / found["out_of"], row["Complete %"])
    broken = [
        (EXTRACTS[row["Extract"]], whole(row["Rows"]))
        for row in page.tables["q6-quarantine"].records()
    ]
    expected = quality.loc["quarantined"].reset_index()
    assert broken == list(zip(expected["extract"], expected["n"], strict=True))


def test_the_line_list_is_the_file_and_the_courses(page, network_run, courses):
    rows = list(page.tables["q2-line-list"].records())
    file = read_csv(network_run.folder / "restricted/line_list.csv")
    assert len(rows) == len(file) == network_run.result.n_line_list > 5
    by_course = courses.set_index(["patient_id", "start_date", "dosing"])
    for row, line in zip(rows, file, strict=True):
        assert row["Patient"] == line["patient_id"]
        assert row["Site"] == line["site_id"]
        assert row["Start"] == line["start_date"]
        assert row["Flagged"] == line["flag_date"]
        assert row["Days open"] == line["days_open"]
        assert row["Class"].split(",")[0].lower() == line["classification"]
        key = line["patient_id"], pd.Timestamp(line["start_date"]), line["dosing"]
        course = by_course.loc[key]
        for column in ("classification", "site_id", "risk_group", "syndrome"):
            assert line[column] == course[column], (key, column)
        if line["deciding_day"]:
            assert float(line["deciding_day"]) == course["deciding_day"]
            assert f"day {course['deciding_day']:.0f}" in row["Seen"]
        assert line["is_repeated"] == str(course["is_repeated"])
        assert line["in_rate"] == str(course["in_rate"])
        opened = pd.Timestamp("2026-06-30") - pd.Timestamp(line["flag_date"])
        assert int(line["days_open"]) == opened.days


def test_the_other_lists_hold_courses_of_their_class(page, courses):
    keyed = courses.assign(day=courses["start_date"].dt.strftime("%Y-%m-%d"))
    found = {
        (course["patient_id"], course["day"]): course
        for course in keyed.to_dict("records")
    }
    watched = list(page.tables["q2-watch-list"].records())
    explained = list(page.tables["q2-explained-failures"].records())
    assert watched
    assert explained
    for row in watched:
        assert found[row["Patient"], row["Start"]]["watch"] is not None
    for row in explained:
        mine = keyed[
            (keyed["patient_id"] == row["Patient"]) & (keyed["day"] == row["Start"])
        ]
        assert (mine["outcome"] == "failed").any()
        classes = set(mine["classification"])
        assert classes & {"excluded", "refuted", "not_evaluable"}


def test_the_unattached_results_are_those_of_the_flow(page, network_run):
    rows = list(page.tables["q2-unattached-list"].records())
    assert "nobody-treated" in [row["Patient"] for row in rows]
    flow = network_run.table("flow")
    results = flow[flow["table"] == "results"].set_index("term")["n"]
    assert results["reported"] == results["attached"] + results["unattached"]
    # the list holds the resistant ones, the flow all five tests
    assert len(rows) <= results["unattached"]


def test_the_methods_are_those_of_the_manifest(page, network_run):
    manifest = network_run.manifest()
    files = {row["File"]: row for row in page.tables["q7-input-files"].records()}
    assert len(files) == len(manifest["inputs"]) == len(EXTRACTS)
    for file in manifest["inputs"]:
        row = files[file["label"]]
        assert whole(row["Rows"]) == file["rows"]
        assert whole(row["Size bytes"]) == file["bytes"]
        assert row["SHA-256"].replace(" ", "") == file["sha256"]
    shown = {row["Parameter"] for row in page.tables["q7-parameter-values"].records()}
    assert shown >= {
        name for name, value in manifest["configuration"].items() if value is not None
    }
    versions = dict(page.tables["q7-versions"].rows)
    assert versions["run"] == manifest["run"] == network_run.folder.name


@pytest.fixture(scope="module")
def printed(network_run, tmp_path_factory) -> str:
    """The text of the PDF, its white space folded."""
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext (poppler-utils) is not here to read the PDF's text")
    target = tmp_path_factory.mktemp("printed") / "report.txt"
    source = network_run.folder / "restricted/report.pdf"
    subprocess.run([tool, "-raw", str(source), str(target)], check=True)
    return " ".join(Path(target).read_text("utf-8").split())


def test_the_pdf_says_the_same_sentences(page, printed):
    sentences = re.findall(r"^.+ evaluable patients?, .+$", answer(page), re.MULTILINE)
    assert len(sentences) >= 9
    squeezed = _squeezed(printed)
    missing = [line for line in sentences if _squeezed(line) not in squeezed]
    assert missing == []


def test_the_pdf_holds_every_headline_row(page, printed):
    squeezed = _squeezed(printed)
    for table in ("q1-headline", "q1-counts", "q6-extracts"):
        for cells in page.tables[table].rows:
            numbers = [cell for cell in cells if re.match(r"[\d.<]", cell)]
            assert _squeezed("".join(numbers)) in squeezed, (table, cells)


def _squeezed(text: str) -> str:
    """The text without what line breaks and hyphenation may change."""
    return re.sub(r"[\s\u00ad\u2010-]", "", text)


def test_the_share_of_failures_tested_says_of_how_many(page, rates):
    """`statistics.md`, top: failures with a result, of all failures in the floor's rate."""
    for row, key in shown_rates(page, rates, "q1-ceiling-floor"):
        floor = rate_of(rates, row["Population"], **key, definition="confirmed")
        if row["Failures tested"] == "no failure to test":
            assert (floor["n_tested"], floor["tested_share"]) == (0, 1)
            continue
        counts, _, share = row["Failures tested"].partition(": ")
        if counts == "none":
            assert (floor["n_tested"], floor["tested_share"]) == (0, 0)
            continue
        tested, _, failures = counts.partition("/")
        assert whole(tested) == floor["n_tested"]
        assert is_shown_as(100 * floor["tested_share"], share.rstrip("%"))
        assert whole(tested) / whole(failures) == pytest.approx(floor["tested_share"])
        adjusted = rate_of(rates, row["Population"], **key, definition="ppv_adjusted")
        assert f"in question, {adjusted['n_tested']:,} settled" in " ".join(
            row.values()
        )
