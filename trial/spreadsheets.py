"""What a spreadsheet would run instead of showing. Pure."""

from typing import Final

FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A cell that begins with one of these is taken for a formula (OWASP, CSV injection)."""


def safe(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula: a leading sign of one gets an apostrophe before it."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
