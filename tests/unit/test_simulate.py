"""A simulated network: the same from its seed, in the contract's shape, with its truth.

The lists of codes are copied from the specification of the extracts.
"""

import math
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline import simulate
from pipeline.engines.duck import Duck
from pipeline.errors import UsageError
from pipeline.simulate import Change, Cluster, Scenario

COLUMNS = {
    "prescriptions": (
        "prescription_id patient_id drug route dose dose_unit doses_per_day start_date "
        "end_date days_supply intent indication adherence site_id"
    ),
    "followups": (
        "followup_id patient_id visit_date lesion_status severity syndrome accessible "
        "site_id recorded_at"
    ),
    "immune_status": "patient_id condition from_date to_date",
    "labs": "lab_id patient_id collected_date resulted_date test result value unit",
    "clinical_events": "event_id patient_id event_date event recorded_at",
    "patients": "patient_id birth_year weight_kg",
    "truth": (
        "patient_id start_date is_resistant is_underdosed is_nonadherent "
        "has_other_diagnosis is_lost population site_id cause"
    ),
}
CODES = {
    ("prescriptions", "route"): "oral iv topical ophthalmic",
    ("prescriptions", "dose_unit"): "mg g mg/kg %",
    ("prescriptions", "intent"): "treatment prophylaxis",
    ("prescriptions", "indication"): "hsv zoster",
    ("followups", "lesion_status"): "new progressing unchanged improving healed",
    ("followups", "severity"): "mild moderate severe",
    ("followups", "syndrome"): "hsv zoster",
    ("immune_status", "condition"): (
        "none_documented hiv aids hsct_allogeneic hsct_autologous "
        "solid_organ_transplant haematological_malignancy immunosuppressive_medication "
        "primary_immunodeficiency hypogammaglobulinaemia other_immunocompromise"
    ),
    ("labs", "test"): (
        "hsv_culture acyclovir_susceptibility foscarnet_susceptibility genotype_ul23 "
        "genotype_ul30 hsv_pcr vzv_pcr hiv_test cd4 igg creatinine_clearance"
    ),
    ("labs", "result"): (
        "positive negative resistant susceptible indeterminate resistance_mutation "
        "no_resistance_mutation"
    ),
    ("labs", "unit"): "mg/dL g/L ug/mL umol/L",
    ("clinical_events", "event"): (
        "id_consult immune_review drug_reaction bacterial_superinfection "
        "fungal_superinfection other_etiology weight_loss lymphadenopathy "
        "pregnancy_start pregnancy_end death transfer_out"
    ),
    ("truth", "cause"): (
        "resistant underdosed nonadherent other_diagnosis slow_healer none"
    ),
    ("truth", "population"): (
        "immunocompetent hiv aids_prolonged hsct_allogeneic solid_organ_transplant "
        "other_immunocompromised"
    ),
}
IDS = {
    "prescriptions": "prescription_id",
    "followups": "followup_id",
    "labs": "lab_id",
    "clinical_events": "event_id",
    "patients": "patient_id",
}
SCENARIO = Scenario(patients=6_000)


@contextmanager
def simulated(folder: Path, scenario: Scenario, threads: int = 2):
    """An engine that holds the scenario's tables."""
    folder = folder.resolve()
    with Duck(folder / "work.duckdb", folders=[folder], threads=threads) as engine:
        simulate.make(engine, scenario)
        yield engine


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    with simulated(tmp_path_factory.mktemp("network"), SCENARIO) as engine:
        yield engine


def count(engine: Duck, sql: str) -> int:
    return engine.rows(f"select count(*) from {sql}")[0][0]


def written(folder: Path, scenario: Scenario, file_format: str, threads: int):
    """The bytes of every file that is written, by name."""
    folder.mkdir()
    out = folder / "out"
    out.mkdir()
    with simulated(folder, scenario, threads) as engine:
        simulate.write(engine, out.resolve(), file_format)
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_a_seed_gives_the_same_bytes_whatever_the_threads(tmp_path, file_format):
    one = written(tmp_path / "one", SCENARIO, file_format, 1)
    two = written(tmp_path / "two", SCENARIO, file_format, 2)
    extracts = {f"{extract}.{file_format}" for extract in simulate.EXTRACTS}
    assert set(one) == {*extracts, "truth.parquet"}
    assert one == two


def test_another_seed_gives_other_people(tmp_path):
    small = Scenario(patients=50)
    one = written(tmp_path / "one", small, "csv", 1)
    two = written(tmp_path / "two", replace(small, seed=8), "csv", 1)
    assert one["patients.csv"] != two["patients.csv"]


@pytest.mark.parametrize("table", COLUMNS)
def test_a_table_has_the_columns_of_its_contract(network, table):
    assert list(network.columns(f"sim_{table}")) == COLUMNS[table].split()
    assert count(network, f"sim_{table}") > 0


@pytest.mark.parametrize(("table", "column"), CODES)
def test_a_code_is_one_of_those_listed_and_each_is_used(network, table, column):
    found = network.rows(
        f"select distinct {column} from sim_{table} where {column} is not null"
    )
    assert {code for (code,) in found} == set(CODES[table, column].split())


@pytest.mark.parametrize("table", IDS)
def test_an_id_is_unique(network, table):
    rows = network.rows(
        f"select count(*), count(distinct {IDS[table]}) from sim_{table}"
    )
    assert rows[0][0] == rows[0][1]


@pytest.mark.parametrize(
    ("table", "broken"),
    [
        ("prescriptions", "start_date > $as_of or end_date < start_date"),
        ("prescriptions", "end_date is null and days_supply is null"),
        ("prescriptions", "not days_supply between 1 and 730"),
        ("prescriptions", "end_date <> start_date + days_supply - 1"),
        ("prescriptions", "dose <= 0 or doses_per_day <= 0 or doses_per_day > 24"),
        ("prescriptions", "not adherence between 0 and 1"),
        ("prescriptions", "start_date < $data_start"),
        ("followups", "visit_date > $as_of or recorded_at > $as_of"),
        ("followups", "recorded_at < visit_date"),
        ("immune_status", "from_date > $as_of or to_date < from_date"),
        ("labs", "collected_date > $as_of or resulted_date > $as_of"),
        ("labs", "resulted_date < collected_date"),
        ("labs", "resulted_date is null and (result is not null or value is not null)"),
        ("labs", "not regexp_full_match(value, '[<>]?[0-9]+([.][0-9]+)?')"),
        ("clinical_events", "event_date > $as_of or recorded_at > $as_of"),
        ("patients", "not birth_year between 1900 and 2026"),
        ("patients", "not weight_kg between 0.3 and 400"),
    ],
)
def test_no_row_breaks_a_rule_of_the_contract(network, table, broken):
    dates = {"as_of": SCENARIO.as_of, "data_start": SCENARIO.data_start}
    found = network.rows(f"select count(*) from sim_{table} where {broken}", dates)
    assert found == [(0,)]


TREATMENT = """
    sim_prescriptions
    where intent = 'treatment' and route in ('oral', 'iv')
    and drug in ('acyclovir', 'valacyclovir', 'famciclovir')
"""


def test_the_truth_has_one_row_a_course_with_a_prescription_on_its_first_day(network):
    distinct = network.rows(
        "select count(distinct (patient_id, start_date)) from sim_truth"
    )
    assert distinct == [(count(network, "sim_truth"),)]
    assert not count(
        network,
        """sim_truth where (patient_id, start_date) not in (
            select (patient_id, start_date) from sim_prescriptions
            where route in ('oral', 'iv')
            and drug in ('acyclovir', 'valacyclovir', 'famciclovir')
        )""",
    )


def test_every_treatment_belongs_to_a_course_of_the_truth(network):
    """A refill starts within two days of the last day of the course's first item."""
    orphans = f"""(select * from {TREATMENT}) as given
        where not exists (
            from sim_truth
            where sim_truth.patient_id = given.patient_id
            and given.start_date - sim_truth.start_date between 0 and 14 + 2
        )"""
    assert count(network, TREATMENT) > 5_000
    assert count(network, orphans) == 0


def test_nothing_happens_after_a_patient_died_or_left(network):
    late = """sim_clinical_events as ends
        inner join sim_followups using (patient_id)
        where ends.event in ('death', 'transfer_out') and visit_date > ends.event_date"""
    assert count(network, late) == 0


def test_rows_recorded_after_the_data_end_are_missing(network):
    """Visits of the last days are fewer than those of days long reported."""
    by_age = """sim_followups
        where $as_of - visit_date between {} and {} + 9"""
    counts = [
        network.rows(
            f"select count(*) from {by_age.format(age, age)}", {"as_of": SCENARIO.as_of}
        )[0][0]
        for age in (0, 40)
    ]
    assert counts[0] < 0.9 * counts[1]


def test_failures_have_their_cause_and_healed_courses_have_none(network):
    """The decision window of the documents: days 7 to 10 (criteria, section 3)."""
    shares = network.rows("""
        select cause <> 'none', avg(cast(
            lesion_status in ('unchanged', 'progressing', 'new') as integer
        ))
        from sim_truth
        inner join sim_followups using (patient_id)
        where visit_date - start_date between 7 and 10
        group by all order by 1
    """)
    assert shares[0][1] < 0.01
    assert shares[1][1] > 0.97


def share_bounds(share: float, n: int) -> tuple[float, float]:
    """Where a share of n lies but once in some 15,000 times."""
    spread = 4 * math.sqrt(share * (1 - share) / n)
    return share - spread, share + spread


@pytest.mark.parametrize(
    ("population", "share"),
    [
        ("immunocompetent", 0.003),
        ("hiv", 0.06),
        ("aids_prolonged", 0.10),
        ("hsct_allogeneic", 0.25),
        ("solid_organ_transplant", 0.05),
        ("other_immunocompromised", 0.05),
    ],
)
def test_resistance_is_as_common_as_the_published_rates(network, population, share):
    """A patient with an HSV course is resistant where any course is."""
    n, resistant = network.rows(
        """
        select count(*), count(*) filter (where is_ever) from (
            select bool_or(is_resistant) as is_ever from sim_truth
            inner join sim_prescriptions using (patient_id, start_date)
            where population = $population and indication = 'hsv'
            group by patient_id
        )
        """,
        {"population": population},
    )[0]
    low, high = share_bounds(share, n)
    assert low <= resistant / n <= high


@pytest.mark.parametrize(
    ("column", "option"),
    [
        ("is_underdosed", "underdosed"),
        ("is_nonadherent", "nonadherent"),
        ("has_other_diagnosis", "other_diagnosis"),
        ("is_lost", "lost"),
    ],
)
def test_a_share_of_the_scenario_is_met(network, column, option):
    """Among courses by mouth: what staff give is taken."""
    n, found = network.rows(f"""
        select count(*), count(*) filter (where {column}) from sim_truth
        where (patient_id, start_date) in (
            select (patient_id, start_date) from sim_prescriptions
            where route = 'oral' and intent = 'treatment'
        )
    """)[0]
    low, high = share_bounds(getattr(SCENARIO, option), n)
    assert low <= found / n <= high


def test_resistant_virus_stays_with_its_patient(network):
    """Between two HSV courses of a patient, and without a change in time."""
    mixed = """(
        select patient_id from sim_truth
        inner join sim_prescriptions using (patient_id, start_date)
        where indication = 'hsv'
        group by patient_id
        having count(distinct is_resistant) > 1
    )"""
    assert count(network, mixed) == 0


def test_a_cluster_adds_its_cases_at_its_site_and_in_its_month(tmp_path):
    few = Scenario(patients=200, resistance=dict.fromkeys(RATES, 0.0))
    cluster = Cluster(site="s07", month=date(2026, 2, 1), cases=9)
    with simulated(tmp_path, replace(few, cluster=cluster)) as engine:
        found = engine.rows("""
            select site_id, cause, count(distinct patient_id),
                min(start_date) >= date '2026-02-01', max(start_date) < date '2026-04-01'
            from sim_truth where is_resistant group by all
        """)
    assert found == [("s07", "resistant", 9, True, True)]


RATES = [
    "immunocompetent",
    "hiv",
    "aids_prolonged",
    "hsct_allogeneic",
    "solid_organ_transplant",
    "other_immunocompromised",
]


def test_a_change_multiplies_the_odds_from_its_month_on(tmp_path):
    """Odds of 1:9 times 9 are 1:1, a rate of one half."""
    change = Change(month=date(2025, 1, 1), odds=9, population="hiv")
    scenario = Scenario(
        patients=4_000,
        mix=dict.fromkeys(RATES, 0.0) | {"hiv": 1},
        resistance={"hiv": 0.1},
        change=change,
    )
    with simulated(tmp_path, scenario) as engine:
        rates = engine.rows("""
            select start_date >= date '2025-01-01', count(distinct patient_id),
                count(distinct patient_id) filter (where is_resistant)
            from sim_truth
            inner join sim_prescriptions using (patient_id, start_date)
            where indication = 'hsv'
            group by all order by 1
        """)
    for (_, n, resistant), share in zip(rates, (0.1, 0.5), strict=True):
        low, high = share_bounds(share, n)
        assert low <= resistant / n <= high


def test_prescriptions_and_visits_are_about_as_many_as_asked(tmp_path):
    with simulated(tmp_path, simulate.scenario_for_prescriptions(20_000)) as engine:
        assert 0.95 < count(engine, "sim_prescriptions") / 20_000 < 1.05
        assert 1.0 < count(engine, "sim_followups") / 20_000 < 1.3


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"patients": 0}, "patients"),
        ({"seed": -1}, "seed"),
        ({"lost": 1.5}, "lost"),
        ({"months": 6, "history_months": 6}, "months"),
        ({"reporting_delay": -1}, "reporting_delay"),
        ({"cluster": Cluster("s01", date(2020, 1, 1), 3)}, "cluster"),
        ({"change": Change(date(2030, 1, 1), 2, "hiv")}, "change"),
    ],
)
def test_a_scenario_out_of_range_is_refused(options, word):
    with pytest.raises(UsageError, match=word):
        Scenario(**options)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"mix": {"marsians": 1}}, "marsians"),
        ({"resistance": {"hiv": 2}}, "resistance of hiv"),
        ({"mix": dict.fromkeys(RATES, 0.0)}, "weights"),
    ],
)
def test_a_population_that_cannot_be_is_refused(tmp_path, options, word):
    with (
        pytest.raises(UsageError, match=word),
        simulated(tmp_path, Scenario(patients=10, **options)),
    ):
        pass


def test_a_cluster_needs_a_case_and_a_change_needs_odds():
    with pytest.raises(UsageError, match="cases"):
        Cluster("s01", date(2026, 1, 1), 0)
    with pytest.raises(UsageError, match="odds"):
        Change(date(2026, 1, 1), 0, "hiv")


def test_an_unknown_format_is_refused(network, tmp_path):
    with pytest.raises(UsageError, match="xlsx"):
        simulate.write(network, tmp_path, "xlsx")
