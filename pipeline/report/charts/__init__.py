"""A report's figures as SVG text, the same bytes every time.

What a figure says comes in with its labels: this package knows numbers, positions,
colours and shapes, and nothing of rules, verdicts or findings.
"""

from pipeline.report.charts.cusum import CusumPanel, CusumRow, Track, cusum
from pipeline.report.charts.flow import Step, flow
from pipeline.report.charts.forest import ForestRow, Mark, forest
from pipeline.report.charts.funnel import Funnel, Limits, Site, funnel
from pipeline.report.charts.monthly import Month, Strip, monthly
from pipeline.report.charts.shares import Share, shares
from pipeline.report.charts.timeline import Bar, Lane, Line, Moment, timeline
from pipeline.report.charts.varied import Dot, Panel, varied

__all__ = [
    "Bar",
    "CusumPanel",
    "CusumRow",
    "Dot",
    "ForestRow",
    "Funnel",
    "Lane",
    "Limits",
    "Line",
    "Mark",
    "Moment",
    "Month",
    "Panel",
    "Share",
    "Site",
    "Step",
    "Strip",
    "Track",
    "cusum",
    "flow",
    "forest",
    "funnel",
    "monthly",
    "shares",
    "timeline",
    "varied",
]
