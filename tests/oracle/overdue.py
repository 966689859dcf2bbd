"""From which day something open is overdue, worked out a second time from docs/study-files.md, "Overdue"."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tests.oracle.by_day import Document
from tests.oracle.wall_calendar import counted

HOLD, EVENT, FACT = "hold", "event", "fact"
NONE = "0d"
OF_CLASSES = {"eortc": {"baseline": "3mo", "treatment": "4mo", "follow_up": "12mo"}}
OF_EVERYTHING = {"trisst14": "14d", "trisst28": "28d"}


def overdue_on(document: Document, occurrence: str, task: str, last_day: date, country: str | None) -> date:
    """The first day on which it is overdue: the one after all the days that it may be late."""
    return counted(counted(last_day, tolerated(document, occurrence, task), country), "1d")


def tolerated(document: Document, occurrence: str, task: str) -> str:
    """How long it may be late. `occurrence`: `fu_6mo`, `event:surgery`, `fact:arm`."""
    said = document.get("overdue_after", {})
    if isinstance(said, str):
        if said in OF_EVERYTHING:
            return OF_EVERYTHING[said]
        said = OF_CLASSES[said]
    kind, _, name = occurrence.partition(":")
    if name:  # asked for by itself: of no class
        return str(said.get(kind, NONE))
    owners = [*document["visits"], *document.get("campaigns", [])]
    ids = (occurrence, *(occurrence.rsplit("_", parts)[0] for parts in (1, 2)))
    owner = next(owner for identity in ids for owner in owners if owner["id"] == identity)
    found = next((one for one in owner.get("tasks", []) if one["id"] == task), {"kind": HOLD})
    of_class = found.get("class", owner.get("class", "follow_up"))
    return str(said.get(of_class, said.get(_kind(found), NONE)))


def _kind(task: Mapping[str, Any]) -> str:
    return str(task.get("kind") or ("upload" if task["id"].startswith("upload") else "send"))
