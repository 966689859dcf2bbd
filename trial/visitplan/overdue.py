"""`overdue_after` of a study file: how long something may be late before it counts as overdue.

Sources of the presets: EORTC, Data Timeliness (June 2018, for site staff): forms are overdue three months after
registration at baseline, four months after their theoretical date during treatment, twelve months in follow-up. TRISST
(Cragg and others, Trials 2019;20:241, table 1): a tolerance of 14 or 28 days after the due date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from trial.moments import CalendarOffset, Unit
from trial.problems import nearest
from trial.study import HOLD, TaskClass, VisitDefinition
from trial.tasks import TaskKind
from trial.visitplan.documents import Entry, Reading

NONE = CalendarOffset(0, Unit.DAY)


class Preset(StrEnum):
    """Rules that others have published."""

    EORTC = "eortc"
    TRISST_14 = "trisst14"
    TRISST_28 = "trisst28"


BY_KIND = {
    Preset.TRISST_14: dict.fromkeys(TaskKind, CalendarOffset(14, Unit.DAY)),
    Preset.TRISST_28: dict.fromkeys(TaskKind, CalendarOffset(28, Unit.DAY)),
}
BY_CLASS = {
    Preset.EORTC: {
        TaskClass.BASELINE: CalendarOffset(3, Unit.MONTH),
        TaskClass.TREATMENT: CalendarOffset(4, Unit.MONTH),
        TaskClass.FOLLOW_UP: CalendarOffset(12, Unit.MONTH),
    }
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Tolerances by kind of task, or by class: then what is asked for by itself, an event or a fact, has none."""

    by_kind: Mapping[TaskKind, CalendarOffset]
    by_class: Mapping[TaskClass, CalendarOffset]

    def tolerances(self) -> Mapping[TaskKind, CalendarOffset]:
        """Those that hold where nothing special does: of what follows up."""
        usual = self.by_class.get(TaskClass.FOLLOW_UP, NONE)
        of_visits = {kind: usual for kind in (TaskKind.HOLD, TaskKind.UPLOAD, TaskKind.SEND) if self.by_class}
        return MappingProxyType({**dict.fromkeys(TaskKind, NONE), **self.by_kind, **of_visits})

    def special(self, visits: Mapping[str, VisitDefinition]) -> Mapping[tuple[str, str], CalendarOffset]:
        """Those of single tasks, by visit and name, that differ from their kind's."""
        usual = self.tolerances()
        found = {
            (visit.id, name): self.by_class.get(of_class, NONE)
            for visit in visits.values()
            for name, kind, of_class in _tasks(visit)
            if self.by_class and self.by_class.get(of_class, NONE) != usual[kind]
        }
        return MappingProxyType(found)


def _tasks(visit: VisitDefinition) -> list[tuple[str, TaskKind, TaskClass]]:
    return [
        (HOLD, TaskKind.HOLD, visit.task_class),
        *((task.name, task.kind, task.task_class) for task in visit.tasks),
    ]


def overdue_rules(reading: Reading, top: Entry) -> Rules:
    """The section as it stands there: a preset, or a mapping by kind of task, or one by class."""
    if not top.has("overdue_after"):
        return Rules({}, {})
    node = top.get("overdue_after")
    if isinstance(node, str):
        if node.strip() not in set(Preset):
            top.problem("overdue_after", f"{node.strip()!r} is not known", nearest(node.strip(), Preset))
            return Rules({}, {})
        preset = Preset(node.strip())
        return Rules(BY_KIND.get(preset, {}), BY_CLASS.get(preset, {}))
    entry = reading.entry(("overdue_after",), node)
    by_kind = {kind: found for kind in TaskKind if (found := _tolerance(reading, entry, kind)) is not None}
    by_class = {one: found for one in TaskClass if (found := _tolerance(reading, entry, one)) is not None}
    if by_kind and by_class:
        top.problem("overdue_after", "kinds of task and classes are mixed", "keep to one of them")
    entry.finish()
    return Rules(by_kind, by_class)


def _tolerance(reading: Reading, entry: Entry, key: str) -> CalendarOffset | None:
    text = entry.text(key)
    if text is None:
        return None
    found = reading.offset(entry.at(key), text, working_days=True)
    if found.amount < 0:
        entry.problem(key, "a tolerance is never negative", "write such as 14d")
    return found
