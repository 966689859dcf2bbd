"""The only code that draws: figures become pictures, SVG for pages and PNG for the chat.

Colours are the custom properties of the page's style sheet, so that one picture is right in light, in dark and in print;
for PNG they are given.
"""

from charts.bars import Age, Share, ages, both_for_a_chat, returns_by_site
from charts.drawing import Picture
from charts.funnel import Step, funnel
from charts.preparing import prepare
from charts.spans import Row, Span, Surety
from charts.timeline import Sheet, timeline, timeline_sheet
from charts.timeline_key import Key
from charts.trend import Month, returns_by_month

__all__ = [
    "Age",
    "Key",
    "Month",
    "Picture",
    "Row",
    "Share",
    "Sheet",
    "Span",
    "Step",
    "Surety",
    "ages",
    "both_for_a_chat",
    "funnel",
    "prepare",
    "returns_by_month",
    "returns_by_site",
    "timeline",
    "timeline_sheet",
]
