"""The only code that draws: figures become pictures, SVG for pages and PNG for the chat.

Colours are the custom properties of the page's style sheet, so that one picture is right in light, in dark and in print;
for PNG they are given.
"""

from charts.bars import Age, Share, ages, returns_by_site
from charts.drawing import Picture, png

__all__ = ["Age", "Picture", "Share", "ages", "png", "returns_by_site"]
