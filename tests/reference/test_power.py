"""Critical values, power and needed numbers against R 4.2.2 and section 0's table."""

import pytest

from pipeline.statistics import power, verdicts
from pipeline.statistics.proportions import at_least, shift_odds
from tests.reference.outside_numbers import BASELINES, DEFAULTS, table

RULE = (DEFAULTS.a_above, DEFAULTS.k_min_above)


@pytest.mark.parametrize(
    "row",
    table("power_grid.csv"),
    ids=lambda r: "-".join((r["baseline"], r["alternative"], r["n"])),
)
def test_a_critical_value_and_its_power(row):
    n, upper, truth = int(row["n"]), float(row["U"]), float(row["p1"])
    critical = power.critical_value(n, upper, *RULE)
    assert critical == int(row["crit"])
    level = float(row["actual_alpha"])
    assert at_least(critical, n, upper) == pytest.approx(level, rel=0, abs=1e-9)
    found = power.power(n, upper, truth, *RULE)
    assert found == pytest.approx(float(row["power"]), rel=0, abs=1e-9)


@pytest.mark.parametrize(
    "row",
    table("power_summary.csv"),
    ids=lambda r: f"{r['baseline']}-{r['alternative']}",
)
def test_the_patients_needed_for_above(row):
    upper, truth = float(row["U"]), float(row["p1"])
    needed = power.needed_for_above(upper, truth, *RULE, DEFAULTS.power_target)
    assert needed.first == int(row["n80_first"])
    assert needed.always == int(row["n80_all"])
    critical = power.critical_value(needed.always, upper, *RULE)
    assert critical == int(row["crit_at_n80_all"])
    found = power.power(needed.always, upper, truth, *RULE)
    expected = float(row["power_at_n80_all"])
    assert found == pytest.approx(expected, rel=0, abs=1e-9)


@pytest.mark.parametrize(
    "row",
    table("power_consistent.csv"),
    ids=lambda r: f"{r['baseline']}-{r['truth']}-{r['target']}",
)
def test_the_patients_needed_to_exclude_the_margin(row):
    margin = BASELINES[row["baseline"]].margin(DEFAULTS.or_margin)
    needed = power.needed_to_exclude(
        margin, float(row["p_true"]), DEFAULTS.a_excl, float(row["target"])
    )
    assert needed.always == int(row["n_all"])
    most = power.most_excluding(needed.always, margin, DEFAULTS.a_excl)
    assert most == int(row["max_k_consistent"])


@pytest.mark.parametrize(
    ("name", "low", "high", "margin", "n_min", "n80", "if_u", "if_half"),
    [
        ("immunocompetent_lt0.5", 0.005, 0.005, 0.00995, 300, 2483, 2196, 777),
        ("hiv_ic_5_7", 0.05, 0.07, 0.13084, 22, 204, 182, 68),
        ("aids_approx10", 0.08163, 0.12195, 0.18182, 15, 132, 130, 48),
        ("overall_approx5", 0.04040, 0.06173, 0.09524, 30, 229, 239, 94),
        ("allo_bmt_upto30", 0.30, 0.30, 0.46154, 5, 77, 66, 17),
    ],
)
def test_the_table_of_what_the_numbers_allow(
    name, low, high, margin, n_min, n80, if_u, if_half
):
    """`statistics.md` section 0, as printed there."""
    baseline, ratio = BASELINES[name], DEFAULTS.or_margin
    found = baseline.margin(ratio)
    truth = shift_odds(baseline.upper, ratio)
    assert round(baseline.lower, 5) == low
    assert round(baseline.upper, 5) == high
    assert round(found, 5) == margin
    assert verdicts.least_n(found, DEFAULTS.a_excl) == n_min
    needed = power.needed_for_above(baseline.upper, truth, *RULE, 0.8)
    assert needed.always == n80
    for share, patients in ((baseline.high, if_u), (baseline.high / 2, if_half)):
        needed = power.needed_to_exclude(found, share, DEFAULTS.a_excl, 0.8)
        assert needed.always == patients
