"""Criteria 8 as case notes: one chapter a indicator, met, missed, open, not asked.

One module a family of indicators. Expected states are taken from the rule book by
hand, none from a program. Days count from the start of the course, day 0.
"""

from tests.spec.conformance import (
    alternatives,
    at_the_flag,
    foscarnet,
    immune,
    immunoglobulin,
    severe,
    topical,
    transplants,
)
from tests.spec.conformance.stories import Story

__all__ = ["CHAPTERS", "STORIES", "Story"]

MODULES = (
    at_the_flag,
    alternatives,
    foscarnet,
    topical,
    immune,
    severe,
    immunoglobulin,
    transplants,
)

#: The stories of each indicator, by its name.
CHAPTERS: dict[str, list[Story]] = {
    name: stories for module in MODULES for name, stories in module.CHAPTERS.items()
}

#: Every story in reading order, with the indicator it is about.
STORIES = [(name, story) for name, stories in CHAPTERS.items() for story in stories]
