"""The first picture of a process takes a second or two: whoever expects somebody to look has it drawn beforehand."""

from functools import cache

from charts.bars import Age, ages


@cache
def prepare() -> None:
    """Loads what draws, once in a process, by drawing a small picture."""
    ages((Age("0", 1), Age("1", 0), Age("2", 0), Age("3", 0)), "")
