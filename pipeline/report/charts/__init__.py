"""A report's figures as SVG text, the same bytes every time.

What a figure says comes in with its labels: this package knows numbers, positions,
colours and shapes, and nothing of rules, verdicts or findings.
"""

from pipeline.report.charts.flow import Step, flow
from pipeline.report.charts.forest import ForestRow, Mark, forest
from pipeline.report.charts.monthly import Month, Strip, monthly
from pipeline.report.charts.timeline import Bar, Lane, Line, Moment, timeline
from pipeline.report.charts.varied import Dot, Panel, varied

__all__ = [
    "Bar",
    "Dot",
    "ForestRow",
    "Lane",
    "Line",
    "Mark",
    "Moment",
    "Month",
    "Panel",
    "Step",
    "Strip",
    "flow",
    "forest",
    "monthly",
    "timeline",
    "varied",
]
