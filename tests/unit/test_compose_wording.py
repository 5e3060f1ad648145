"""Every code of the rule book has words, and no verdict says more than it knows."""

import re
from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import lists, resources
from pipeline.report.compose import formats, sentences, wording
from pipeline.report.compose.sentences import Terms
from tests.findings_samples import BASELINES, full, rate

WORDS = sentences.terms(full())

# The codes are those of criteria.md, sections 4 to 6 and 9, copied from it.
CLASSES = (
    *("confirmed", "suspected", "refuted", "responded"),
    *("excluded", "not_evaluable", "pending"),
)
REASONS = (
    *("laboratory", "inadequate_dosing", "poor_adherence", "dosing_unknown"),
    *("concurrent_alternative", "after_therapy", "therapy_too_short"),
    *("susceptible_isolate", "alternative_diagnosis", "persistent", "progressive"),
    *("switched_early", "died_or_left", "no_followup"),
)
WATCH = ("progressing_early", "switched_while_progressing", "relapse_on_therapy")
POPULATIONS = (
    *("immunocompetent", "immunocompromised", "hiv", "aids", "aids_prolonged"),
    *("hsct_allogeneic", "solid_organ_transplant", "prolonged_therapy", "all"),
)
RISK_GROUPS = (
    *("hsct_allogeneic", "aids_prolonged", "hiv", "solid_organ_transplant"),
    *("other_immunocompromised", "immunocompetent", "unknown"),
)
STEPS = (
    *("culture_and_susceptibility", "id_consult"),
    *("stop_and_do_not_switch_within_class", "trifluridine_if_accessible"),
    *("foscarnet", "cidofovir", "foscarnet_if_confirmed"),
    *("await_result", "keep_off_the_class", "review_therapy", "last_look"),
)
NOT_RULED_OUT = (
    *("adherence_unknown", "immune_status_unknown", "hsv_not_laboratory_proven"),
    "two_negative_hsv_tests",
)
VERDICTS = ("above", "consistent", "inconclusive", "insufficient_data", "below")


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (CLASSES, wording.CLASSES),
        (CLASSES, wording.CLASS_REASONS),
        (REASONS, wording.REASONS),
        (WATCH, wording.WATCH),
        (WATCH, wording.WATCH_ACTIONS),
        (POPULATIONS, wording.POPULATIONS),
        (RISK_GROUPS, wording.RISK_GROUPS),
        (STEPS, wording.STEPS),
        (NOT_RULED_OUT, wording.NOT_RULED_OUT),
        (VERDICTS, wording.VERDICTS),
    ],
)
def test_every_code_of_the_criteria_has_words(codes, words):
    assert set(codes) <= set(words)
    assert all(words[code] != "" for code in codes)


def test_every_step_that_a_run_may_name_has_words():
    assert {*lists.STEPS.values(), lists.FOLLOW_UP} == set(wording.STEPS)


def test_every_reason_belongs_to_one_class():
    listed = [reason for found in wording.CLASS_REASONS.values() for reason in found]
    assert sorted(listed) == sorted(REASONS)


def test_every_explained_failure_says_what_to_put_right():
    explained = ("excluded", "refuted", "not_evaluable")
    for name in explained:
        assert set(wording.CLASS_REASONS[name]) <= set(wording.REMEDIES)


def test_the_verdicts_are_printed_with_these_words():
    assert [wording.VERDICTS[code] for code in VERDICTS] == [
        "above",
        "consistent",
        "inconclusive",
        "not enough data",
        "below",
    ]


def test_every_baseline_has_the_words_of_the_criteria():
    assert WORDS.published == {
        "immunocompetent_upper": "below 0.5%",
        "immunocompromised_band": "5–7%",
        "hiv_band": "5–7%",
        "aids_prolonged_point": "about 10%",
        "immunocompromised_point": "about 5%",
        "hsct_allogeneic_upper": "up to 30%",
        "tk_deficient_share": "about 95%",
    }


def test_every_seed_population_and_reason_has_words():
    populations = pd.read_csv(resources.path("seeds", "populations.csv"))["population"]
    reasons = pd.read_csv(resources.path("seeds", "reasons.csv"))["reason"]
    assert set(populations) == set(wording.POPULATIONS)
    assert set(reasons) == set(wording.REASONS)


def test_a_population_lies_inside_those_that_hold_all_its_patients():
    """`criteria.md` section 5: every patient that the flags allow, all together."""
    names = ("hiv", "aids", "hsct_allogeneic", "solid_organ_transplant", "other",
             "none_documented", "prolonged_therapy")  # fmt: skip
    inside = {
        inner: set(wording.POPULATIONS) - {inner} for inner in wording.POPULATIONS
    }
    for values in product((False, True), repeat=len(names)):
        has = dict(zip(names, values, strict=True)) | {"all": True}
        has["hiv"] |= has["aids"]
        has["aids_prolonged"] = has["aids"] and has["prolonged_therapy"]
        has["immunocompromised"] = any(has[name] for name in (*names[:1], *names[2:5]))
        is_competent = has["none_documented"] and not has["immunocompromised"]
        has["immunocompetent"] = is_competent
        for inner in filter(has.get, inside):
            inside[inner] = {outer for outer in inside[inner] if has[outer]}
    said = {inner: set(outers) for inner, outers in wording.LIES_INSIDE.items()}
    assert said == {inner: outers for inner, outers in inside.items() if outers}


def test_no_sentence_of_a_document_is_copied():
    """The wording cites the documents; of their lines it repeats none."""
    folder = resources.path("seeds").parents[1] / "shared" / "source_documents"
    if not folder.is_dir():
        pytest.skip("the source documents lie in ../shared, which is not here")
    own = " ".join(_strings(vars(wording))).lower()
    titles = (wording.SIGNS, wording.RASH, wording.IVIG)
    for file in sorted(folder.glob("*.txt")):
        for line in re.split(r"[\n.]", file.read_text(encoding="utf-8")):
            sentence = re.sub(r"[\d, ]+$", "", line).strip(" -")
            if len(sentence.split()) > 5 and sentence not in titles:
                assert sentence.lower() not in own


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)


def test_the_sentence_of_the_report_specification():
    """report.md, question 1: 7 of 96, 7.3%, 3.0-14.4, 5-7%, inconclusive, doubling."""
    row = rate("hiv", 96, 7, BASELINES["hiv"][0])
    assert sentences.compared(row, WORDS) == (
        "HIV: 7 of 96 evaluable patients, 7.3%, 95% CI 3.0–14.4; published 5–7% (band): "
        "inconclusive; a doubling of the odds, to 13.1%, is not excluded."
    )


def test_a_published_result_is_worded_as_it_was_judged():
    """Reyes 2003, HIV-positive: 12 of 226, printed 5.3% (2.8-9.1); consistent."""
    row = rate("hiv", 226, 12, BASELINES["hiv"][0])
    assert sentences.compared(row, WORDS) == (
        "HIV: 12 of 226 evaluable patients, 5.3%, 95% CI 2.8–9.1; published 5–7% "
        "(band): consistent; a doubling of the odds, to 13.1%, is excluded."
    )


def test_too_few_failures_tested_exclude_nothing():
    row = rate("hiv", 226, 2, BASELINES["hiv"][0]) | {"definition": "confirmed"}
    row |= {"flags": ["under_tested"], "verdict": "inconclusive"}
    sentence = sentences.compared(row, WORDS)
    assert "is not excluded, for too few failures were tested" in sentence


def test_untested_failures_take_nothing_from_the_ceiling():
    row = rate("hiv", 226, 2, BASELINES["hiv"][0]) | {"flags": ["under_tested"]}
    assert sentences.compared(row, WORDS).endswith("to 13.1%, is excluded.")


def test_another_margin_is_not_called_a_doubling():
    row = rate("hiv", 96, 7, BASELINES["hiv"][0])
    sentence = sentences.compared(row, Terms(3.0, 0.05, WORDS.published))
    assert "odds 3 times as high" in sentence
    assert "doubling" not in sentence


@st.composite
def rates(draw):
    """A row of rates: any population, definition and verdict, any k of n."""
    population = draw(st.sampled_from(sorted(BASELINES)))
    baseline = draw(st.sampled_from(BASELINES[population]))
    n = draw(st.integers(0, 3000))
    k = draw(st.integers(0, n))
    return rate(
        population,
        n,
        k,
        baseline,
        definition=draw(st.sampled_from(["case", "confirmed", "ppv_adjusted"])),
        flags=draw(st.lists(st.sampled_from(sorted(wording.FLAGS)), unique=True)),
        verdict=draw(st.sampled_from(VERDICTS)),
    )


@settings(max_examples=150, deadline=None)
@given(rates())
def test_a_verdict_never_says_more_than_it_knows(row):
    sentence = sentences.compared(row, WORDS)
    lowered = sentence.lower()
    if row["verdict"] in ("inconclusive", "insufficient_data"):
        assert "no increase" not in lowered
        assert "no resistance" not in lowered
        assert "not above" not in lowered
    assert wording.VERDICTS[row["verdict"]] in sentence
    assert f"{row['k']:,} of {row['n']:,} evaluable patient" in sentence
    assert WORDS.published[row["baseline_id"]] in sentence
    assert wording.BASELINE_KINDS[row["kind"]] in sentence
    assert ("is excluded" in sentence) != ("is not excluded" in sentence)
    assert ("95% CI" in sentence) or ("no interval" in sentence)
    assert "  " not in sentence


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (7 / 96, "7.3%"),
        (1 / 368, "0.27%"),  # Stranska 2005, printed 0.27
        (0.0, "0.0%"),
        (1.0, "100.0%"),
        (0.00001, "<0.01%"),
        (0.00005, "0.01%"),
        (0.00994, "0.99%"),
        (0.00995, "1.0%"),
        (0.01, "1.0%"),
        (3 / 48, "6.3%"),  # 6.25: a half is rounded up
    ],
)
def test_percentages_have_one_decimal_and_two_below_one(share, text):
    assert formats.percent(share) == text


def test_intervals_and_counts():
    assert formats.interval(0.0298, 0.1444) == "3.0–14.4"
    assert formats.count(2483) == "2,483"
    assert formats.plural(1, "patient") == "1 patient"
    assert formats.plural(0, "patient") == "0 patients"
    assert formats.iso(None) == "not known"
