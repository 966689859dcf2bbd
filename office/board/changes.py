"""Entries of the audit trail about a patient, read back as what changed."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from records import schema
from records.board.story import Entry
from records.plans import TaskRow, VisitRow
from records.sealing import Json
from trial.labels import Labels
from trial.messages import ItemKind
from trial.occurrences import label_of, task_label_of
from trial.story import Change, ChangeKind, Moved
from trial.study import Study
from trial.tasks import SiteFunction
from trial.timeline import Certainty

_PLAIN: Final[Mapping[tuple[str, str], ChangeKind]] = {
    (schema.patient.name, "patient.followed"): ChangeKind.FOLLOWED,
    (schema.patient.name, "patient.paused"): ChangeKind.PAUSED,
    (schema.patient.name, "patient.ended"): ChangeKind.ENDED,
    (schema.patient.name, "patient.asked_about_earlier"): ChangeKind.ASKED_EARLIER,
    (schema.claim_check.name, "claim.verified"): ChangeKind.CLAIM_VERIFIED,
    (schema.claim_check.name, "claim.unseen"): ChangeKind.CLAIM_UNSEEN,
    (schema.task.name, "task.nobody_reachable"): ChangeKind.NOBODY_REACHABLE,
    (schema.task.name, "task.step_skipped"): ChangeKind.STEP_SKIPPED,
    (schema.task.name, "task.ladder_ended"): ChangeKind.LADDER_ENDED,
    (schema.task.name, "task.nudged"): ChangeKind.NUDGED,
    (schema.hold.name, "hold.lifted"): ChangeKind.HOLD_LIFTED,
    (schema.item_link.name, "item.opened"): ChangeKind.PAGE_OPENED,
    (schema.item_link.name, "item.link_made"): ChangeKind.PAGE_LINKED,
}
"""What needs no more than its kind."""

_NOT_TOLD: Final = frozenset({"items.told", "item.changed", "claim.rung", "task.rung"})
"""What stands in the log already: a message was sent, or somebody is choosing."""

_OWN_WORDS: Final = frozenset(
    {
        "answer.recorded",
        "protocol.amended",
        "answer.undone",
        "event.recorded",
        "fact.recorded",
        "leaving.confirmed",
        "leaving.taken_back",
        "patient.added",
        "site.closed",
        "site.opened",
    }
)
"""Reasons that are words of the program's own, for what follows from an entry that stands there, too."""


def told_in_words(entries: Sequence[Entry]) -> set[UUID]:
    """People whom entries name."""
    named = (entry.after.get("responsible") for entry in entries if entry.action == "patient.assigned")
    return {UUID(one) for one in named if isinstance(one, str)}


class Changes:
    """Reads the entries of one patient, the first first: an event's earlier date is known from the entry before."""

    def __init__(
        self,
        study: Study,
        who: Mapping[UUID, str],
        visits: Mapping[UUID, VisitRow],
        tasks: Mapping[UUID, TaskRow],
        checked: Mapping[UUID, UUID],
        *,
        unblinded: bool,
    ) -> None:
        self._study = study
        self._who = who
        self._visits = visits
        self._tasks = tasks
        self._checked = checked  # the task of each check of a claim
        self._unblinded = unblinded
        self._days: dict[str, date] = {}
        self._items: dict[UUID, ItemKind] = {}

    def of(self, entry: Entry) -> Change | None:
        """What changed; None where the log tells it elsewhere, or its reader must not know it."""
        if entry.action in _NOT_TOLD:
            return None
        if entry.removed:
            return Change(ChangeKind.REMOVED, action=entry.action)
        plain = _PLAIN.get((entry.object_type, entry.action))
        if plain is not None:
            return Change(plain, what=self._task(entry) or self._visit(entry.after.get("visit")))
        if entry.object_type == schema.office_item.name:
            return self._item(entry)
        return self._course(entry)

    def reason_of(self, entry: Entry) -> str | None:
        """Why, in somebody's own words."""
        return None if entry.reason in _OWN_WORDS else entry.reason

    def _course(self, entry: Entry) -> Change | None:
        after = entry.after
        match entry.action:
            case "patient.added" | "patient.version_changed" | "consent.recorded":
                return _version(entry)
            case "plan.changed":
                return Change(ChangeKind.PLANNED, version=_text(after.get("protocol")), moved=_moved(after))
            case "event.recorded":
                return self._event(after)
            case "event.withdrawn":
                event = _text(entry.before.get("event"))
                return Change(ChangeKind.EVENT_WITHDRAWN, what=self._event_label(event), day=_day(entry.before["date"]))
            case "fact.recorded":
                return self._fact(after)
            case "patient.assigned":
                return self._assigned(after)
            case "attempt.logged":
                return Change(ChangeKind.ATTEMPT_LOGGED, day=_day(after.get("day")))
            case "hold.placed":
                return Change(ChangeKind.HOLD_PLACED, day=_day(after.get("until")))
            case "claim.queried":
                return Change(ChangeKind.CLAIM_QUERIED, what=self._task(entry), words=_text(after.get("words")))
            case _:
                return Change(ChangeKind.OTHER, action=entry.action)

    def _item(self, entry: Entry) -> Change:
        if entry.action == "item.opened":
            self._items[entry.object_id] = ItemKind(_text(entry.after.get("kind")))
            return Change(ChangeKind.ITEM_OPENED, item=self._items[entry.object_id])
        outcome = _text(entry.after.get("outcome"))
        return Change(ChangeKind.ITEM_CLOSED, item=self._items.get(entry.object_id), action=outcome)

    def _event(self, after: Mapping[str, Json]) -> Change:
        name, day = _text(after.get("event")), _day(after.get("date"))
        kind = (
            ChangeKind.EVENT_PLANNED if after.get("certainty") == Certainty.PLANNED.value else ChangeKind.EVENT_HAPPENED
        )
        was = self._days.get(name)
        if day is not None:
            self._days[name] = day
        return Change(kind, what=self._event_label(name), day=day, was=was if was != day else None)

    def _event_label(self, name: str) -> Labels:
        event = self._study.events.get(name)
        return {"en": name} if event is None else event.label

    def _fact(self, after: Mapping[str, Json]) -> Change | None:
        name, value = _text(after.get("fact")), _text(after.get("value"))
        fact = self._study.facts.get(name)
        if fact is not None and fact.restricted and not self._unblinded:
            return None
        if fact is None:
            return Change(ChangeKind.FACT_RECORDED, what={"en": name}, value={"en": value})
        return Change(ChangeKind.FACT_RECORDED, what=fact.label, value=fact.values.get(value, {"en": value}))

    def _assigned(self, after: Mapping[str, Json]) -> Change:
        function, person = SiteFunction(_text(after.get("function"))), after.get("responsible")
        if not isinstance(person, str):
            return Change(ChangeKind.UNASSIGNED, function=function)
        return Change(ChangeKind.ASSIGNED, function=function, name=self._who.get(UUID(person), ""))

    def _task(self, entry: Entry) -> Labels | None:
        """What an entry about a task, or about a claimed upload, is about."""
        if entry.object_type == schema.claim_check.name:
            claimed = self._tasks.get(self._checked[entry.object_id]) if entry.object_id in self._checked else None
            return None if claimed is None else task_label_of(self._study, claimed.occurrence, claimed.name)
        task = self._tasks.get(entry.object_id) if entry.object_type == schema.task.name else None
        return None if task is None else label_of(self._study, task.occurrence)

    def _visit(self, value: Json) -> Labels | None:
        visit = self._visits.get(UUID(value)) if isinstance(value, str) else None
        return None if visit is None else label_of(self._study, visit.occurrence)


def _version(entry: Entry) -> Change:
    """Which version plans the patient, or which they have consented to."""
    version = _text(entry.after.get("protocol"))
    if entry.action == "patient.added":
        return Change(ChangeKind.PATIENT_ADDED, version=version)
    if entry.action == "consent.recorded":
        return Change(ChangeKind.CONSENTED, version=version, day=_day(entry.after.get("given_on")))
    return Change(ChangeKind.VERSION_CHANGED, version=version, day=_day(entry.after.get("since")))


def _moved(after: Mapping[str, Json]) -> Moved:
    return Moved(*(_count(after.get(name)) for name in ("added", "moved", "cancelled", "revived")))


def _count(value: Json) -> int:
    return len(value) if isinstance(value, list) else 0


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _day(value: Json) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None
