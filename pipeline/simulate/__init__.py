"""An invented hospital network whose truth is known; knows nothing of contracts.

Everything is drawn from a seed by integer arithmetic of our own, so the same scenario
gives the same rows whatever the thread count or the engine's version.
"""

from pipeline.simulate.network import (
    EXTRACTS,
    FORMATS,
    Engine,
    make,
    scenario_for_prescriptions,
    write,
)
from pipeline.simulate.scenario import MAX_PATIENTS, Change, Cluster, Scenario

__all__ = [
    "EXTRACTS",
    "FORMATS",
    "MAX_PATIENTS",
    "Change",
    "Cluster",
    "Engine",
    "Scenario",
    "make",
    "scenario_for_prescriptions",
    "write",
]
