"""The seeds of a simulation as tables, with what a scenario changes in them.

pandas is imported by the first call that needs it: it is slow to import.
"""

from typing import TYPE_CHECKING, Any

from pipeline import resources
from pipeline.errors import UsageError
from pipeline.simulate.scenario import Scenario, refuse_unless

if TYPE_CHECKING:
    import pandas as pd

_SEEDED = ("healing", "visits", "tests", "values", "events", "companions")


def _seed(name: str) -> "pd.DataFrame":
    import pandas as pd

    path = resources.path("seeds", f"simulation_{name}.csv")
    table = pd.read_csv(path, encoding="utf-8")
    # a date takes an INTEGER of days, not a BIGINT
    return table.astype(dict.fromkeys(table.select_dtypes("int64").columns, "int32"))


def constants() -> dict[str, Any]:
    """The numbers of `seeds/simulation_parameters.csv` by name."""
    table = _seed("parameters")
    return {
        name: int(value) if value == int(value) else float(value)
        for name, value in zip(table["name"], table["value"], strict=True)
    }


def tables(scenario: Scenario, slots: int) -> dict[str, "pd.DataFrame"]:
    """The tables that the SQL joins, by name; ``slots`` is the fineness of a choice."""
    import pandas as pd

    populations = _populations(scenario)
    network = pd.DataFrame(
        {
            "choice": "population",
            "subject": "network",
            "value": populations["population"],
            "share": populations["share"],
        }
    )
    choices = pd.concat([_seed("choices"), network], ignore_index=True)
    regimens = _seed("regimens")
    regimens["regimen_number"] = pd.Series(range(len(regimens)), dtype="int32")
    of_regimen = ["use", "syndrome", "immune_status", "renal_band"]
    return {f"sim_{name}": _seed(name) for name in _SEEDED} | {
        "sim_populations": populations,
        "sim_choices": _slotted(choices, ["choice", "subject"], slots),
        "sim_regimens": regimens,
        "sim_regimen_slots": _slotted(regimens, of_regimen, slots),
        "sim_values": _slotted(_seed("values"), ["value_set"], slots),
    }


def _populations(scenario: Scenario) -> "pd.DataFrame":
    table = _seed("populations").set_index("population")
    change = scenario.change
    named = {
        *scenario.resistance,
        *scenario.mix,
        *({change.population} if change else ()),
    }
    for unknown in sorted(named - set(table.index)):
        raise UsageError(
            f"The scenario names the population {unknown}; known are "
            f"{', '.join(table.index)}."
        )
    for name, share in scenario.resistance.items():
        refuse_unless(0 <= share <= 1, f"resistance of {name}", share)
        table.loc[name, "resistant_share"] = share
    for name, weight in scenario.mix.items():
        refuse_unless(weight >= 0, f"weight of {name}", weight)
        table.loc[name, "share"] = weight
    refuse_unless(table["share"].sum() > 0, "sum of weights", 0)
    table["changed_share"] = table["resistant_share"]
    if change:
        odds = change.odds
        before = table.loc[change.population, "resistant_share"]
        table.loc[change.population, "changed_share"] = (
            odds * before / (1 - before + odds * before)
        )
    return table.reset_index()


def _slotted(table: "pd.DataFrame", group: list[str], slots: int) -> "pd.DataFrame":
    """The table with each row once a slot of its group, in proportion to its share.

    A draw then finds its row by equality, which is a hash join.
    """
    shares = table.groupby(group, sort=False)["share"]
    upto = (shares.cumsum() / shares.transform("sum") * slots).round().astype("int32")
    table["upto"] = upto
    counts = upto - table.groupby(group, sort=False)["upto"].shift(1).fillna(0)
    slotted = table.drop(columns="upto").loc[table.index.repeat(counts.astype("int32"))]
    slotted["slot"] = slotted.groupby(group, sort=False).cumcount().astype("int32")
    return slotted.reset_index(drop=True)
