"""How soon the monthly charts signal a change of the odds, and how often none is there.

Counts of months go from `pools` into `pipeline.statistics.signals` as in a run; the runs
of acvwatch state a run length for each chart, and that is what false alarms are held
against.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.defaults import defaults
from benchmarks.pools import DEFINITIONS, Pool, classified, drawn
from benchmarks.tallies import Alarms, Tally
from pipeline import seeds, simulate
from pipeline.statistics import signals
from pipeline.statistics.baselines import Baseline
from pipeline.statistics.rates import read_baselines

POPULATION = "hiv"
BASE = 0.06
WITHIN_MONTHS = 12
CHARTS = tuple(
    (definition, chart)
    for definition in DEFINITIONS
    for chart in (signals.AGAINST_HISTORY, signals.AGAINST_BASELINE)
)
CALLING = (
    ("case", signals.AGAINST_HISTORY),
    ("confirmed", signals.AGAINST_HISTORY),
    ("confirmed", signals.AGAINST_BASELINE),
)
"""The charts whose alarm calls for action (`statistics.md` section b 11)."""

BY_MONTH = "any, by month of start"
MATURES_AFTER = {"case": "maturity_days", "confirmed": "lab_maturity_days"}
"""How long after its last day a month is judged: an alarm is not known before."""

_OTHERS = (
    *("immunocompetent", "aids_prolonged", "hsct_allogeneic"),
    *("solid_organ_transplant", "other_immunocompromised"),
)
_HISTORY_MONTHS = 12


@dataclass(frozen=True)
class Change:
    """The odds are multiplied from a month on, counted from the first month of the data."""

    odds: float
    from_month: int


@dataclass
class Detection:
    """What the charts of one change said, for networks of one size."""

    change: Change
    size: int
    evaluable: float
    """Evaluable patients a month, as counted."""
    signalled: dict[Any, Tally] = field(default_factory=dict)
    """By chart, and ``any`` of those that call for action: an alarm that a run shows
    within twelve months of the change, when its month is mature. `BY_MONTH` has the months
    that *began* within twelve months of it, as `statistics.md` section d counts."""
    false_alarms: dict[Any, Alarms] = field(default_factory=dict)
    """The same of a network that does not change."""
    against_known_share: Alarms | None = None
    """Those of a chart of ``case`` set for the share of the network drawn from."""


def scenario(patients: int, months: int, change: Change | None, seed: int):
    """A network of people with HIV alone, 6% of whom carry resistant virus."""
    whole = simulate.Scenario(
        patients=patients,
        seed=seed,
        months=months - _HISTORY_MONTHS,
        history_months=_HISTORY_MONTHS,
        mix=dict.fromkeys(_OTHERS, 0.0) | {POPULATION: 1.0},
        resistance={POPULATION: BASE},
    )
    if change is None:
        return whole
    first = pd.Timestamp(whole.data_start) + pd.DateOffset(months=change.from_month - 1)
    changed = simulate.Change(first.date(), change.odds, POPULATION)
    return simulate.Scenario(**vars(whole) | {"change": changed})


def parameters_of_a_whole_report() -> dict[str, Any]:
    """The defaults, with the run length that a report of all populations sets.

    Only the charts of one population are drawn here, and the run length grows with the
    number of charts: it is set to what it would be with the charts of all of them.
    """
    values = defaults()
    baselines = read_baselines(seeds.read("baselines"), values)
    judged = sum(each.kind != "share" for each in baselines)
    n_charts = len(DEFINITIONS) * (len(seeds.read("populations")) + judged)
    whole = values["chart_run_length_per_chart"] * n_charts
    whole = max(whole, values["chart_run_length_months"])
    return values | {"chart_run_length_months": whole}


def study(
    patients: int,
    months: int,
    changes: Sequence[Change],
    sizes: Mapping[int, int],
    seed: int,
) -> list[Detection]:
    """What was signalled, a `Detection` for every change and size.

    A network of ``patients`` is simulated without and with each change, from the same
    draws, and classified. ``sizes`` maps evaluable patients a month to how many networks
    of that size are drawn from it; the same patients are in them whatever the change.
    """
    found, patients_of = [], {}
    for change in (None, *changes):
        with classified(scenario(patients, months, change, seed)) as pool:
            picks = pool.picks("month", [POPULATION])
            mature = _mature(pool)
        for size, networks in sizes.items():
            if change is None:
                patients_of[size] = _patients_of(picks, mature, patients, size)
            members = drawn(patients, networks, patients_of[size], seed + size)
            charts = [*_charted(picks, members, networks, mature)]
            found.append(
                _judged(change, size, picks, members, networks, mature, charts)
            )
    return found


def _mature(pool: Pool) -> pd.DataFrame:
    rows = pool.engine.frame(
        "select distinct definition, month, is_mature from monthly_counts "
        "where population = $population",
        {"population": POPULATION},
    )
    rows["month"] = pd.to_datetime(rows["month"])
    return rows.pivot(index="month", columns="definition", values="is_mature")


def _patients_of(picks, mature, patients: int, size: int) -> int:
    cases = picks[picks["definition"] == "case"]
    in_mature = pd.to_datetime(cases["window_start"]).map(mature["case"]).sum()
    return round(size * mature["case"].sum() * patients / in_mature)


def _charted(picks, members, networks: int, mature, baselines=None):
    parameters = parameters_of_a_whole_report()
    if baselines is None:
        baselines = read_baselines(seeds.read("baselines"), parameters)
    counts = {name: _counts(picks, name, members, networks, mature) for name in mature}
    for network in range(networks):
        monthly = pd.concat(
            pd.DataFrame(
                {
                    "population": POPULATION,
                    "definition": name,
                    "month": mature.index,
                    "n": n[network],
                    "k": k[network],
                    "is_mature": mature[name].to_numpy(),
                }
            )
            for name, (n, k) in counts.items()
        )
        yield signals.charts(monthly, baselines, parameters)


def _counts(picks, definition: str, members, networks: int, mature):
    mine = picks[picks["definition"] == definition]
    network = members[mine["patient"].to_numpy() - 1]
    month = mature.index.get_indexer(pd.to_datetime(mine["window_start"]))
    shape = (networks, len(mature))
    place = (network * len(mature) + month)[network >= 0]
    is_case = mine["is_numerator"].to_numpy()[network >= 0]
    return [
        np.bincount(kept, minlength=networks * len(mature)).reshape(shape)
        for kept in (place, place[is_case])
    ]


def _against_known_share(picks, members, networks: int, mature) -> Alarms:
    """Beside the chart against the own history: what estimating the share costs."""
    share = float(picks.loc[picks["definition"] == "case", "is_numerator"].mean())
    known = Baseline("known_share", POPULATION, "upper_bound", None, share, "")
    charts = [*_charted(picks, members, networks, mature, [known])]
    return _false_alarms(charts)["case", signals.AGAINST_BASELINE]


def _judged(change, size, picks, members, networks, mature, charts) -> Detection:
    n, _ = _counts(picks, "case", members, networks, mature)
    evaluable = float(n[:, mature["case"].to_numpy()].mean())
    if change is None:
        return Detection(
            Change(1.0, 0),
            size,
            evaluable,
            false_alarms=_false_alarms(charts),
            against_known_share=_against_known_share(picks, members, networks, mature),
        )
    first = mature.index[change.from_month - 1]
    known = [alarms_in_time(rows, first, is_known=True) for rows in charts]
    begun = [alarms_in_time(rows, first, is_known=False) for rows in charts]
    signalled: dict[Any, Tally] = {
        chart: Tally(sum(chart in alarms for alarms in known), networks)
        for chart in CHARTS
    }
    for name, alarms in (("any", known), (BY_MONTH, begun)):
        called = sum(bool(each & set(CALLING)) for each in alarms)
        signalled[name] = Tally(called, networks)
    return Detection(change, size, evaluable, signalled)


def alarms_in_time(rows: pd.DataFrame, first: pd.Timestamp, *, is_known: bool) -> set:
    """The charts with an alarm that is known, or that began, within twelve months."""
    end = first + pd.DateOffset(months=WITHIN_MONTHS)
    shown_on = rows["month"]
    if is_known:
        waited = {name: defaults()[days] for name, days in MATURES_AFTER.items()}
        shown_on = shown_on + pd.offsets.MonthEnd(0)
        shown_on = shown_on + pd.to_timedelta(rows["definition"].map(waited), unit="D")
    mine = rows[rows["is_alarm"] & (rows["month"] >= first) & (shown_on < end)]
    return set(zip(mine["definition"], mine["chart"], strict=True))


def _false_alarms(charts) -> dict[Any, Alarms]:
    rows = pd.concat(charts)
    rows = rows[rows["state"] == signals.WATCHED]
    found: dict[Any, Alarms] = {}
    for definition, chart in CHARTS:
        mine = rows[(rows["definition"] == definition) & (rows["chart"] == chart)]
        stated = float((1 / mine["run_length"]).sum())
        found[definition, chart] = Alarms(
            int(mine["is_alarm"].sum()), stated, len(mine)
        )
    called = [found[chart] for chart in CALLING]
    found["any"] = Alarms(
        sum(each.found for each in called),
        sum(each.stated for each in called),
        sum(each.months for each in called),
    )
    return found
