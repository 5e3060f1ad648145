"""Findings made up for tests: a network, one site, no cases, 3 patients, absences.

The numbers are invented; estimates are made here with scipy after `statistics.md`, so
that no test of wording rests on this project's own statistics.
"""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
from scipy.stats import beta, binom

from pipeline import resources
from pipeline.findings import Findings, Monitoring

AS_OF = date(2026, 6, 30)
ROLLING = date(2025, 7, 1), AS_OF
YEAR = date(2025, 1, 1), date(2025, 12, 31)

BASELINES = {
    "immunocompetent": [("immunocompetent_upper", "upper_bound", 0.005, 0.005, 0.005)],
    "immunocompromised": [
        ("immunocompromised_band", "band", 0.05, 0.07, 0.07),
        ("immunocompromised_point", "point", 0.0404040, 0.0617284, 0.05),
    ],
    "hiv": [("hiv_band", "band", 0.05, 0.07, 0.07)],
    "aids_prolonged": [("aids_prolonged_point", "point", 0.081633, 0.121951, 0.1)],
    "hsct_allogeneic": [("hsct_allogeneic_upper", "upper_bound", 0.3, 0.3, 0.3)],
}
"""population: (baseline, kind, L, U, nominal) of `statistics.md` section 0."""
NEEDED = {
    "immunocompetent_upper": (300, 2483),
    "immunocompromised_band": (22, 204),
    "hiv_band": (22, 204),
    "aids_prolonged_point": (15, 132),
    "immunocompromised_point": (30, 229),
    "hsct_allogeneic_upper": (5, 77),
}
"""baseline: n_min and n for 80% power, `statistics.md` section 0."""

NETWORK = {
    "immunocompetent": (812, 6, 1),
    "immunocompromised": (233, 27, 5),
    "hiv": (96, 7, 2),
    "aids": (41, 5, 2),
    "aids_prolonged": (12, 2, 1),
    "hsct_allogeneic": (24, 9, 2),
    "solid_organ_transplant": (58, 4, 1),
    "prolonged_therapy": (77, 8, 3),
    "all": (1102, 34, 6),
}
"""population: evaluable, cases, confirmed."""


def full() -> Findings:
    """A network of sites with cases, every extract and every list."""
    return findings(NETWORK)


def confirmed_above() -> Findings:
    """A network where confirmed resistance in HIV is above the published rate."""
    return findings(NETWORK | {"hiv": (96, 20, 18)})


def signals() -> Findings:
    """A network with a month over its limit, one that stands out, a cluster and a site
    to review."""
    made = full()
    found = made.monitoring
    charts, funnel = found.charts.copy(), found.funnel.copy()
    is_hiv = (charts["population"] == "hiv") & (charts["definition"] == "confirmed")
    is_hiv &= (charts["month"] == date(2025, 11, 1)) & (charts["chart"] == "baseline")
    charts.loc[is_hiv, ["cusum", "is_alarm"]] = 4.25, True
    charts.loc[is_hiv, "excursion_start"] = date(2025, 9, 1)
    is_jump = is_hiv.shift(-1, fill_value=False)
    charts.loc[is_jump, ["is_jump", "p_month"]] = True, 0.004
    is_high = (funnel["site_id"] == "clinic-03") & (funnel["definition"] == "case")
    funnel.loc[is_high, ["mark", "finding", "p_high", "q_bh"]] = (
        "alarm_high",
        "review",
        0.0004,
        0.012,
    )
    ratios = found.observed_expected.copy()
    is_review = (ratios["site_id"] == "clinic-03") & (ratios["definition"] == "case")
    ratios.loc[is_review, "finding"] = "review"
    return replace(
        made,
        monitoring=replace(
            found,
            charts=charts,
            funnel=funnel,
            observed_expected=ratios,
            alarm_courses=_long(
                population=["hiv"], definition=["confirmed"], chart=["baseline"],
                baseline_id=["hiv_band"], **_of_course("p-401", "clinic-03"),
            ),
            clusters=_long(
                site_id=["clinic-03"], cluster=[1], first_date=[date(2025, 11, 3)],
                last_date=[date(2025, 11, 20)], n_patients=[3], n_cases=[4],
                most_within=[3], expected_cases=[0.8], p=[0.0006], q_bh=[0.0072],
                finding=["review"],
            ),
            cluster_courses=_long(cluster=[1], **_of_course("p-402", "clinic-03")),
        ),
    )  # fmt: skip


def one_site() -> Findings:
    """One site: few patients, one suspected case, nothing confirmed."""
    few = {name: (n // 20, int(k > 20), 0) for name, (n, k, _) in NETWORK.items()}
    made = findings(few)
    kept = made.line_list.tail(1).assign(site_id="ward-7")
    alone = _monitoring(few, sites=("ward-7",))
    gone = made.silent_sites.iloc[:0]
    return replace(made, line_list=kept, silent_sites=gone, monitoring=alone)


def no_cases() -> Findings:
    """A network where nobody failed: every list and every numerator is empty."""
    made = findings({name: (n, 0, 0) for name, (n, _, _) in NETWORK.items()})
    return replace(
        made,
        **{name: getattr(made, name).iloc[:0] for name in LISTS},
        counts=dict.fromkeys(made.counts, 0),
    )


def three_patients() -> Findings:
    """Three patients, one of them evaluable."""
    few = dict.fromkeys(NETWORK, (0, 0, 0)) | {"immunocompetent": (1, 0, 0)}
    made = findings(few | {"all": (1, 0, 0)})
    return replace(made, **{name: getattr(made, name).iloc[:0] for name in LISTS})


def no_optional_extracts() -> Findings:
    """Prescriptions and follow-ups alone: nobody's immune status is known."""
    few = dict.fromkeys(NETWORK, (0, 0, 0)) | {"all": (400, 12, 0)}
    optional = ("immune_status", "labs", "clinical_events", "patients")
    return not_received(findings(few), *optional)


def no_followups() -> Findings:
    """No follow-ups: no course can be evaluated, and no rate was counted."""
    made = findings(dict.fromkeys(NETWORK, (0, 0, 0)))
    emptied = replace(
        made,
        **{
            name: getattr(made, name).iloc[:0]
            for name in (*LISTS, "monthly", "reasons")
        },
        rates=made.rates.iloc[:0],
        adherence_split=made.adherence_split.iloc[:0],
        posteriors=made.posteriors.iloc[:0],
        monitoring=_monitoring(dict.fromkeys(NETWORK, (0, 0, 0))),
        history_from=None,
    )
    return not_received(emptied, "followups")


def followups_quarantined() -> Findings:
    """Follow-ups came, none of them usable; confirmed courses alone are in a rate."""
    made = findings(NETWORK | {"hiv": (18, 18, 18)})
    flags = [[*row, "no_followups"] for row in made.rates["flags"]]
    verdict = made.rates["verdict"].where(
        made.rates["verdict"].isna(), "insufficient_data"
    )
    judged = replace(made, rates=made.rates.assign(verdict=verdict, flags=flags))
    return none_accepted(judged, "followups", "quarantined")


def no_course() -> Findings:
    """Prescriptions of other drugs alone: no course could be built."""
    made = three_patients()
    none = findings(dict.fromkeys(NETWORK, (0, 0, 0)))
    built = made.course_flow.assign(n=0)
    emptied = replace(made, rates=none.rates, monthly=none.monthly, course_flow=built)
    return none_accepted(emptied, "prescriptions", "out_of_scope")


def not_received(made: Findings, *extracts: str) -> Findings:
    """The same where the extracts were not delivered."""
    flow = made.extract_flow
    is_there = ~flow["extract"].isin(extracts)
    return replace(made, extract_flow=flow[is_there], absent_extracts=extracts)


def none_accepted(made: Findings, extract: str, term: str) -> Findings:
    """The same where 56 rows of the extract were received and all ended alike."""
    flow = made.extract_flow.copy()
    mine = flow["extract"] == extract
    flow.loc[mine, "n"] = 0
    flow.loc[mine & flow["term"].isin(["received", term]), "n"] = 56
    return replace(made, extract_flow=flow)


SAMPLES = {
    made.__name__: made
    for made in (
        full,
        confirmed_above,
        signals,
        one_site,
        no_cases,
        three_patients,
        no_optional_extracts,
        no_followups,
        followups_quarantined,
        no_course,
    )
}
LISTS = (
    "indicator_details",
    "missed",
    "line_list",
    "watch_list",
    "explained_failures",
    "breakthrough",
    "unattached",
    "turnaround",
    "quarantine_rules",
    "silent_sites",
)


def findings(populations: dict[str, tuple[int, int, int]]) -> Findings:
    """Findings whose headline rates are those of the populations given."""
    return Findings(
        as_of=AS_OF,
        run="2026-06-30-3f9a1c0b7d2e",
        version="0.1.0",
        engine="duckdb",
        previous_run="2026-05-31-0123456789ab",
        rolling_start=ROLLING[0],
        rolling_end=ROLLING[1],
        year_start=YEAR[0],
        year_end=YEAR[1],
        history_from=date(2025, 3, 1),
        rates=_rates(populations),
        monthly=_monthly(populations),
        adherence_split=_adherence_split(populations),
        extract_flow=_extract_flow(),
        course_flow=_long(
            term=["built", "absorbed", "confirmed", "suspected", "refuted", "responded",
                  "excluded", "not_evaluable", "pending"],
            n=[2310, 60, 6, 41, 12, 1204, 201, 704, 82],
        ),
        patient_flow=_patient_flow(populations["all"]),
        laboratory_flow=_long(term=["reported", "attached", "unattached"], n=[64, 62, 2]),
        reasons=_reasons(),
        completeness=_completeness(),
        quarantine_rules=_long(
            extract=["prescriptions", "labs"], rule=["dose_unit", "result_code"], n=[9, 4]
        ),
        turnaround=_long(
            step=["flag_to_specimen", "specimen_to_result", "flag_to_alternative"],
            n=[18, 15, 6], median_days=[2.0, 14.5, 5.0], p90_days=[9.0, 31.0, 21.5],
            n_without=[23, 3, 35],
        ),
        silent_sites=_long(site_id=["clinic-12"], last_date=[date(2026, 5, 2)]),
        indicators=_indicators(populations["all"][1]),
        indicator_details=_long(
            indicator=["culture_and_susceptibility", "pregnancy_review"],
            state=["missed", "information"], detail=["culture_alone", "acyclovir iv"],
            n=[1, 1],
        ),
        missed=_missed(),
        line_list=line_list(4),
        watch_list=_watch_list(),
        explained_failures=_explained_failures(),
        breakthrough=_breakthrough(),
        unattached=_long(
            patient_id=["p-901"], test=["genotype_ul23"], result=["resistance_mutation"],
            collected_date=[date(2026, 3, 3)], resulted_date=[date(2026, 3, 24)],
        ),
        counts=_counts(),
        parameters=_parameters(),
        baselines=_seed("baselines"),
        sources=_seed("sources"),
        models=_long(
            model=["staging/prescriptions", "courses/kept_courses"],
            what=["One prescription in scope.", "One course that is kept."],
            grain=["one row a prescription", "one row a course"],
            units=["days, mg", "days"], source=["criteria 2", "criteria 2.7"],
        ),
        inputs=_long(
            label=["prescriptions.csv"], extract=["prescriptions"], bytes=[1048576],
            sha256=["0123456789abcdef" * 4], rows=[9120],
        ),
        monitoring=_monitoring(populations),
        posteriors=_posteriors(populations),
        absent_extracts=(),
        notes=("Extract labs: the column assay_kit is not known and was ignored.",),
        versions={"duckdb": "2.0", "python": "3.11"},
    )  # fmt: skip


def rate(
    population: str, n: int, k: int, baseline: tuple | None = None, **change: object
) -> dict[str, object]:
    """One row of `rates`, estimated and judged after `statistics.md` a and b."""
    row = {
        "population": population, "definition": "case", "rule": "headline",
        "unit": "patient", "syndrome": "hsv", "baseline_id": "",
        "window_start": ROLLING[0], "window_end": ROLLING[1], "kind": None,
        "baseline_low": None, "baseline_high": None, "margin": None, "as_of": AS_OF,
        "n": n, "k": k, "not_evaluable": n // 4, "excluded": n // 10,
        "immature": n // 12, "n_short": k // 3, "confirmed_outside": k // 5,
        "n_tested": k // 2, "tested_share": (k // 2) / k if k else 1.0,
        "flags": ["provisional"], "deff": None, "n_eff": None,
        "verdict": None, "verdict_best": None, "verdict_worst": None,
        "tipping_point": None, "family_size": 6, "n_min": None, "n80_all": None,
        "detectable_or80": None, "p_excess": None, "p_holm": None, "p_below": None,
        "p_excess_mid": None, "p_excl": None, "post_gt_U": None, "post_gt_M": None,
    } | _estimates(n, k)  # fmt: skip
    if baseline is not None:
        row |= _judged(n, k, *baseline)
        row["verdict_best"] = row["verdict_worst"] = row["verdict"]
    row |= change
    if baseline is not None and row["definition"] == "case":
        row["flags"] = [*row["flags"], "definition_mismatch"]
    if row["definition"] == "confirmed" and row["tested_share"] < 0.8:
        row["flags"] = [*row["flags"], "under_tested"]
        if row["verdict"] in ("consistent", "below"):
            row["verdict"] = "inconclusive"
    return row


def _estimates(n: int, k: int) -> dict[str, float | None]:
    names = (
        "rate",
        "cp_lo",
        "cp_hi",
        "upper95_one_sided",
        "jeffreys_lo",
        "jeffreys_hi",
    )
    if not n:
        return dict.fromkeys(names)
    low = beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    upper = beta.ppf(0.95, k + 1, n - k) if k < n else 1.0
    jeffreys = beta.ppf([0.025, 0.975], k + 0.5, n - k + 0.5)
    return dict(zip(names, (k / n, low, high, upper, *jeffreys), strict=True))


def _judged(
    n: int, k: int, baseline_id: str, kind: str, low: float, high: float, nominal: float
) -> dict[str, object]:
    margin = 2 * nominal / (1 + nominal)
    excess, below = binom.sf(k - 1, n, high), binom.cdf(k, n, low)
    excluded = binom.cdf(k, n, margin)
    n_min, n80 = NEEDED[baseline_id]
    if n < 5 or (n < n_min and not (excess <= 0.025 and k >= 2)):
        verdict = "insufficient_data"
    elif excess <= 0.025 and k >= 2:
        verdict = "above"
    elif below <= 0.025:
        verdict = "below"
    else:
        verdict = "consistent" if excluded <= 0.05 else "inconclusive"
    return {
        "baseline_id": baseline_id, "kind": kind, "baseline_low": low,
        "baseline_high": high, "margin": margin, "verdict": verdict,
        "p_excess": excess, "p_holm": min(1.0, 6 * excess), "p_below": below,
        "p_excl": excluded, "p_excess_mid": excess,
        "post_gt_U": beta.sf(high, k + 0.5, n - k + 0.5),
        "post_gt_M": beta.sf(margin, k + 0.5, n - k + 0.5),
        "n_min": n_min, "n80_all": n80, "detectable_or80": 2.0 if n >= n80 else None,
    }  # fmt: skip


def _rates(populations: dict[str, tuple[int, int, int]]) -> pd.DataFrame:
    rows = []
    year = {"window_start": YEAR[0], "window_end": YEAR[1], "flags": []}
    for population, (n, cases, confirmed) in populations.items():
        floor = {"definition": "confirmed", "n_tested": cases // 2}
        floor["tested_share"] = (cases // 2) / cases if cases else 1.0
        for baseline in BASELINES.get(population, [None]):
            adjusted = {"definition": "ppv_adjusted", "n_tested": cases // 2}
            adjusted["tested_share"] = floor["tested_share"]
            tested = min(n - n // 8, confirmed)
            failures = {"k": min(n - n // 8, cases)}  # the rate is not of these
            rows += [
                rate(population, n - n // 8, tested, baseline, **adjusted) | failures,
                rate(population, n, cases, baseline),
                rate(population, n - n // 8, confirmed, baseline, **floor),
                rate(population, n, cases - cases // 4, baseline, rule="strict"),
                rate(population, n + n // 9, cases, baseline, **year),
            ]
        course = {"unit": "course", "deff": 1.1, "n_eff": n / 1.1}
        rows.append(rate(population, n + n // 3, cases, None, **course))
        rows.append(rate(population, n // 5, cases // 5, None, syndrome="zoster"))
    return pd.DataFrame(rows)


def _monthly(populations: dict[str, tuple[int, int, int]]) -> pd.DataFrame:
    rows = []
    for population, (n, cases, confirmed) in populations.items():
        for definition, total in (("case", cases), ("confirmed", confirmed)):
            days = 35 if definition == "case" else 75
            for place in range(18):
                month = date(2025 + place // 12, place % 12 + 1, 1)
                held = n // 12 + (place * 7) % 5 if n >= 12 else int(place % 4 == 0 < n)
                rows.append(
                    {
                        "population": population,
                        "definition": definition,
                        "month": month,
                        "n": held,
                        "k": min(
                            held, int((place * total) % 17 < total) if total else 0
                        ),
                        "is_mature": month + timedelta(days=31 + days) <= AS_OF,
                    }
                )
    return pd.DataFrame(rows)


SITES = tuple(f"clinic-{place:02d}" for place in range(12))


def _monitoring(
    populations: dict[str, tuple[int, int, int]], sites: tuple[str, ...] = SITES
) -> Monitoring:
    """Charts that stay low, and sites among which patients are dealt out in turn."""
    return Monitoring(
        charts=_charts(populations),
        trends=_trends(populations),
        alarm_courses=pd.DataFrame(
            columns=["population", "definition", "chart", "baseline_id",
                     *_of_course("", "")]
        ),
        clusters=pd.DataFrame(
            columns=["site_id", "cluster", "first_date", "last_date", "n_patients",
                     "n_cases", "most_within", "expected_cases", "p", "q_bh", "finding"]
        ),
        cluster_courses=pd.DataFrame(columns=["cluster", *_of_course("", "")]),
        funnel=_funnel(populations, sites),
        observed_expected=_observed_expected(populations, sites),
        n_without_site=min(7, populations["all"][0]),
        n_cases_without_site=min(1, populations["all"][1]),
    )  # fmt: skip


def _of_course(patient: str, site: str) -> dict[str, list[object]]:
    return {
        "patient_id": [patient], "site_id": [site], "start_date": [date(2025, 10, 27)],
        "drugs": ["valacyclovir"], "classification": ["confirmed"],
        "risk_group": ["hiv"], "flag_date": [date(2025, 11, 5)],
    }  # fmt: skip


def _charts(populations: dict[str, tuple[int, int, int]]) -> pd.DataFrame:
    """18 months: too few for a history, so that only published rates have charts."""
    monthly, rows = _monthly(populations), []
    seen = {name for name, (n, _, _) in populations.items() if n}
    n_charts = 2 * sum(len(BASELINES.get(name, [])) for name in seen)
    for month in monthly.to_dict("records"):
        compared = [
            ("baseline", *judged) for judged in BASELINES.get(month["population"], [])
        ]
        for chart, baseline_id, _, _, high, _ in [
            *compared, ("history", "", None, None, None, None),
        ]:  # fmt: skip
            status = "set" if chart == "baseline" else "history_too_short"
            status = status if month["population"] in seen else "no_patients"
            is_watched = status == "set" and month["is_mature"]
            rows.append(
                month
                | {
                    "chart": chart, "baseline_id": baseline_id, "p0": high,
                    "state": "watched" if month["is_mature"] else "immature",
                    "cusum": 0.25 * (month["month"].month % 4) if is_watched else None,
                    "limit": 3.5 if status == "set" else None, "is_alarm": False,
                    "excursion_start": None, "is_jump": False, "status": status,
                    "p_month": 0.4 if is_watched and month["n"] else None,
                    "run_length_target": 144.0 if n_charts else 120.0,
                    "run_length": 150.2 if status == "set" else None,
                    "n_charts": n_charts,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _trends(populations: dict[str, tuple[int, int, int]]) -> pd.DataFrame:
    rows = []
    for population, (n, cases, confirmed) in populations.items():
        for definition, k in (("case", cases), ("confirmed", confirmed)):
            is_tested, has_slope = k >= 5, k >= 10
            rows.append(
                {
                    "population": population, "definition": definition, "n_months": 16,
                    "n": n, "k": k, "chi2": 0.9 if is_tested else None,
                    "p": 0.343 if is_tested else None,
                    "slope_a_month": 0.01 if has_slope else None,
                    "slope_se": 0.02 if has_slope else None,
                    "slope_p": 0.617 if has_slope else None,
                    "status": "tested" if is_tested else "too_few_cases",
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _dealt(number: int, sites: tuple[str, ...]) -> dict[str, int]:
    return {
        site: number // len(sites) + (place < number % len(sites))
        for place, site in enumerate(sites)
    }


def _funnel(
    populations: dict[str, tuple[int, int, int]], sites: tuple[str, ...]
) -> pd.DataFrame:
    rows = []
    for population, (n, cases, confirmed) in populations.items():
        for definition, k in (("case", cases), ("confirmed", confirmed)):
            patients, found = _dealt(n, sites), _dealt(k, sites)
            held = [site for site in sites if patients[site]]
            targets = [
                ("baseline", judged[0], judged[3])
                for judged in BASELINES.get(population, [])
            ]
            for target, baseline_id, theta in [
                *targets, ("network", "", k / n if n else None),
            ]:  # fmt: skip
                for site in held:
                    rate = found[site] / patients[site]
                    rows.append(
                        {
                            "population": population, "definition": definition,
                            "target": target, "baseline_id": baseline_id,
                            "site_id": site, "n": patients[site], "k": found[site],
                            "rate": rate, "theta": theta,
                            "p_high": 0.5 if theta else None, "p_low": 0.5, "mark": "",
                            "n_sites": len(held), "p_dispersion": 0.5, "rho": 1e-6,
                            "is_overdispersed": False,
                            "shrunken": k / n if len(held) > 4 else None,
                            "shrunken_lo": 0.0, "shrunken_hi": min(1.0, 2 * k / n + 0.1),
                            "shrunken_by": "no_variation" if len(held) > 4 else "",
                            "q_bh": None, "finding": "",
                        }
                    )  # fmt: skip
    columns = ["population", "definition", "target", "site_id", "mark", "finding"]
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def _observed_expected(
    populations: dict[str, tuple[int, int, int]], sites: tuple[str, ...]
) -> pd.DataFrame:
    n, cases, confirmed = populations["all"]
    rows = []
    for definition, k in (("case", cases), ("confirmed", confirmed)):
        patients, found = _dealt(n, sites), _dealt(k, sites)
        held = [("", n, k)] if n else []
        held += [
            (site, patients[site], found[site]) for site in sites if patients[site]
        ]
        for site, of, observed in held:
            expected = 0.02 * of
            rows.append(
                {
                    "definition": definition, "site_id": site, "n": of, "n_without": 3,
                    "observed": observed, "expected_low": expected,
                    "expected": expected, "sir": observed / expected,
                    "sir_lo": observed / expected / 2, "sir_hi": (observed + 3) / expected,
                    "sir_low_edge": observed / expected, "p_high": 0.5, "p_low": 0.5,
                    "p_excl": 0.2, "q_bh": None if site == "" else 0.9, "finding": "",
                    "verdict": "inconclusive" if site == "" else None,
                }
            )  # fmt: skip
    return (
        pd.DataFrame(rows) if rows else pd.DataFrame(columns=["site_id", "definition"])
    )


def _posteriors(populations: dict[str, tuple[int, int, int]]) -> pd.DataFrame:
    rates = _rates(populations)
    is_judged = (rates["unit"] == "patient") & (rates["baseline_id"] != "")
    found = rates[is_judged]
    return found.assign(
        post_gt_U_published=found["post_gt_U"], post_gt_M_published=found["post_gt_M"]
    )


def line_list(number: int) -> pd.DataFrame:
    """So many rows of a line list, confirmed ones first, of all sorts."""
    groups = ("hsct_allogeneic", "hiv", "immunocompetent", "unknown")
    rows = []
    for place in range(number):
        is_confirmed, start = place == 0, AS_OF - timedelta(days=40 + place)
        rows.append(
            {
                "patient_id": f"p-{place:04d}", "site_id": f"clinic-{place % 12:02d}",
                "start_date": start, "end_date": start + timedelta(days=9),
                "drugs": "acyclovir, valacyclovir" if place % 3 else "acyclovir",
                "syndrome": "unknown" if place == 3 else "hsv",
                "classification": "confirmed" if is_confirmed else "suspected",
                "reason": "laboratory" if is_confirmed else "progressive",
                "flag_date": start + timedelta(days=8),
                "deciding_day": 8 if place else None,
                "deciding_status": "progressing" if place else None,
                "risk_group": groups[place % 4],
                "is_immunocompetent": groups[place % 4] == "immunocompetent",
                "is_repeated": place == 1, "is_shedding": place == 1,
                "not_ruled_out": ["adherence_unknown", "hsv_not_laboratory_proven"]
                if place else [],
                "next_step": "foscarnet" if is_confirmed else "culture_and_susceptibility",
                "further_steps": ["id_consult", "stop_and_do_not_switch_within_class"],
                "days_open": 32 + place, "is_new": place % 2 == 0,
                "is_newly_confirmed": is_confirmed, "in_rate": place != 0,
                "set_aside_reason": None if place else "dosing_unknown",
                "missed_indicators": ["id_consult"] if place < 2 else [],
                "open_indicators": ["hiv_test_offered"] if place % 2 else [],
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _indicators(cases: int) -> pd.DataFrame:
    """Each asked of every case: a half met, and by turns missed, open or else."""
    seed = _seed("indicators")
    met, rest = cases // 2, cases - cases // 2
    states = ("n_missed", "n_open", "n_other_guidance", "n_cannot_judge")
    counts = {name: [0] * len(seed) for name in ("n_met", "n_information", *states)}
    for place, is_shown in enumerate(seed["is_information"] == "true"):
        counts["n_information" if is_shown else "n_met"][place] += met
        counts["n_information" if is_shown else states[place % 4]][place] += rest
    return seed.assign(n_denominator=cases, **counts)


def _missed() -> pd.DataFrame:
    return _long(
        patient_id=["p-0001", "p-0009"], site_id=["clinic-01", None],
        start_date=[date(2026, 5, 20), date(2026, 4, 1)],
        drugs=["valacyclovir", None], classification=["suspected", None],
        missed_indicators=[["id_consult", "hiv_test_offered"], ["hsct_prophylaxis"]],
    )  # fmt: skip


def _watch_list() -> pd.DataFrame:
    return _long(
        patient_id=["p-101", "p-102"], site_id=["clinic-03", None],
        start_date=[date(2026, 6, 24), date(2026, 6, 2)],
        end_date=[date(2026, 7, 3), date(2026, 6, 22)], drugs=["valacyclovir"] * 2,
        watch=["progressing_early", "relapse_on_therapy"],
        last_visit_date=[date(2026, 6, 28), date(2026, 6, 19)],
        last_status=["progressing", "new"], risk_group=["hiv", "immunocompetent"],
        classification=["pending", "responded"],
    )  # fmt: skip


def _explained_failures() -> pd.DataFrame:
    return _long(
        patient_id=["p-201", "p-202"], site_id=["clinic-04", "clinic-05"],
        start_date=[date(2026, 4, 2), date(2026, 5, 4)],
        end_date=[date(2026, 4, 11), date(2026, 5, 13)], drugs=["acyclovir"] * 2,
        deciding_date=[date(2026, 4, 11), date(2026, 5, 12)],
        deciding_status=["unchanged", "progressing"],
        classification=["excluded", "refuted"],
        reason=["inadequate_dosing", "alternative_diagnosis"],
        risk_group=["other_immunocompromised", "solid_organ_transplant"],
        is_within_other_guidance=[True, False],
    )  # fmt: skip


def _breakthrough() -> pd.DataFrame:
    return _long(
        patient_id=["p-301"], site_id=["clinic-06"], drug=["valacyclovir"],
        prescription_start=[date(2026, 1, 1)], prescription_end=[date(2026, 6, 30)],
        first_visit_date=[date(2026, 4, 1)], last_visit_date=[date(2026, 4, 12)],
        n_visits=[2], risk_group=["hsct_allogeneic"],
    )  # fmt: skip


def _adherence_split(populations: dict[str, tuple[int, int, int]]) -> pd.DataFrame:
    rows = [
        (population, known, n // 2 + (n % 2 if known else 0), k // 2)
        for population, (n, k, _) in populations.items()
        for known in (True, False)
    ]
    return pd.DataFrame(rows, columns=["population", "adherence_known", "n", "k"])


def _extract_flow() -> pd.DataFrame:
    terms = {
        "received": 9120, "accepted": 8200, "out_of_scope": 880, "deferred": 6,
        "duplicate": 20, "superseded": 5, "quarantined": 9,
    }  # fmt: skip
    extracts = ("prescriptions", "followups", "immune_status", "labs",
                "clinical_events", "patients")  # fmt: skip
    rows = [(name, term, n) for name in extracts for term, n in terms.items()]
    return pd.DataFrame(rows, columns=["extract", "term", "n"])


def _patient_flow(counted: tuple[int, int, int]) -> pd.DataFrame:
    n, k, _ = counted
    terms = {
        "patients": 2 * n + 2, "evaluable": n, "cases": k, "excluded": n // 10,
        "not_evaluable": n // 2 + 2, "immature": n // 3, "confirmed_outside": k // 5,
    }  # fmt: skip
    rows = [(name, term, x) for name in ("hsv", "zoster") for term, x in terms.items()]
    return pd.DataFrame(rows, columns=["syndrome", "term", "n"])


def _reasons() -> pd.DataFrame:
    rows = [
        ("confirmed", "laboratory", 6, 6), ("suspected", "persistent", 12, 9),
        ("suspected", "progressive", 29, 22), ("responded", None, 1204, 1180),
        ("excluded", "inadequate_dosing", 120, 120),
        ("not_evaluable", "no_followup", 301, 340),
        ("not_evaluable", "therapy_too_short", 20, 18),
    ]  # fmt: skip
    names = ["classification", "reason", "n_headline", "n_strict"]
    return pd.DataFrame(rows, columns=names)


def _completeness() -> pd.DataFrame:
    rows = [
        ("prescriptions", "adherence", 8200, 5122),
        ("prescriptions", "site_id", 8200, 8100),
        ("followups", "site_id", 8200, 8200),
        ("labs", "resulted_date", 0, 0),
    ]
    return pd.DataFrame(rows, columns=["extract", "field", "n_accepted", "n_present"])


def _counts() -> dict[str, int]:
    return {
        "n_line_list_closed": 17, "n_explained_closed": 44, "n_unlinked_followups": 3,
        "n_quarantined_resistant": 1, "n_without_birth_year": 12,
        "n_within_other_guidance": 1, "n_deaths": 9, "n_courses": 2250,
        "n_unknown_syndrome": 140, "n_cases_unknown_adherence": 11, "n_patients": 1800,
        "n_watch_closed": 4, "n_breakthrough_closed": 2, "n_genotyped": 20,
        "n_ul23_mutation": 19, "n_unknown_immune_status": 210,
    }  # fmt: skip


def _parameters() -> pd.DataFrame:
    seed = _seed("parameters")
    names = ["name", "default", "unit", "origin", "section", "source", "meaning"]
    changed = seed["name"] == "min_adherence"
    values = seed["default"].mask(changed, "0.85")
    return seed[names].assign(value=values, is_changed=changed)


def _seed(name: str) -> pd.DataFrame:
    path = resources.path("seeds", f"{name}.csv")
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _long(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)
