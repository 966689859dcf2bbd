"""What was measured, as one table at the end of the run."""

from collections.abc import Sequence
from dataclasses import dataclass

HEADINGS = ("measured", "database", "result", "limit", "")


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `limit` is empty where a figure is only shown; `held` whether the limit was."""

    what: str
    database: str
    result: str
    limit: str = ""
    held: bool = True


class Table:
    """Collects lines while benchmarks run."""

    def __init__(self) -> None:
        self._lines: list[Line] = []

    def add(self, what: str, *, database: str = "", result: str, limit: str = "", held: bool = True) -> None:
        """Notes a figure before its limit is asserted, so that a miss is shown with its figure too."""
        self._lines.append(Line(what, database, result, limit, held))

    def lines(self) -> list[str]:
        """The table in the form in which docs/benchmarks.md takes it."""
        if not self._lines:
            return []
        rows = [HEADINGS, *(_cells(line) for line in self._lines)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
        drawn = [_drawn(row, widths) for row in rows]
        rule = "|".join(["", *("-" * (width + 2) for width in widths), ""])
        return [drawn[0], rule, *drawn[1:]]


def _cells(line: Line) -> tuple[str, ...]:
    verdict = ("holds" if line.held else "MISSED") if line.limit else ""
    return line.what, line.database, line.result, line.limit, verdict


def _drawn(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = (f" {cell:<{width}} " for cell, width in zip(row, widths, strict=True))
    return "|".join(["", *cells, ""])


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(int(rank), 1) - 1]
