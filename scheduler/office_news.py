"""What came up for the trial office since the last news: one message to each manager, in their hours, and told once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from records import office_items, outbox, patients, people, plans, schema, sites
from records.office_items import ItemRow
from records.outbox import NewNotice, NoticeKind
from records.sealing import Json
from records.studies import studies as studies_of
from records.transaction import Tx
from scheduler.definitions import Definitions
from scheduler.last_look import IN_HOURS
from scheduler.there import managers
from trial.answers import HelpKind
from trial.hours import next_permitted
from trial.labels import Labels
from trial.message_codec import message_to_data
from trial.messages import OfficeItem, OfficeNews
from trial.moments import Instant
from trial.occurrences import label_of

LINES: Final = 8
"""So many lines one message has; the others are counted. Ours."""


def tell_news(tx: Tx, studies: Definitions, study_id: UUID, study_code: str, *, now: Instant, elapsed: Instant) -> int:
    """Tells a study's managers what they were not told yet, once the first of them is in their hours; how many items."""
    untold = office_items.untold_items(tx, study_id)
    if not untold:
        return 0
    moments = {reader.person_id: next_permitted(now, reader.hours) for reader in managers(tx, study_id, now=now)}
    if not any(at <= now for at in moments.values()):
        return 0
    lines = _lines(untold)
    message = OfficeNews(
        study=study_code,
        items=tuple(_line(tx, studies, item, now.date()) for item in lines[:LINES]),
        more=max(0, len(lines) - LINES),
    )
    payload: dict[str, Json] = {"message": _plain(message_to_data(message)), IN_HOURS: True}
    notices = [
        # Whoever is not in their hours yet gets the same news in the morning.
        NewNotice(
            NoticeKind.MESSAGE,
            person_id=person_id,
            payload=payload,
            hold_until=None if at <= now else elapsed + (at - now),
        )
        for person_id, at in sorted(moments.items())
    ]
    outbox.put(tx, notices, now=now, elapsed=elapsed)
    office_items.mark_told(tx, [item.id for item in untold], at=now)
    tx.audit(
        "items.told",
        table=schema.study,
        object_id=study_id,
        by=None,
        at=now,
        recorded_at=elapsed,
        after={"items": [str(item.id) for item in untold], "told": [str(one) for one in sorted(moments)]},
    )
    return len(untold)


def next_news(tx: Tx, *, now: Instant) -> Instant | None:
    """The next moment at which a manager may be told what none was told yet; None: there is nothing, or nobody."""
    moments = [
        next_permitted(now, reader.hours)
        for study in studies_of(tx)
        if office_items.untold_items(tx, study.id)
        for reader in managers(tx, study.id, now=now)
    ]
    return min(moments, default=None)


def _lines(untold: Sequence[ItemRow]) -> tuple[ItemRow, ...]:
    """An item for each line, the longest open first. The tasks of a visit are mostly rung alike: what would read the same
    of each of them is told once, with the longest that it has been so.
    """
    lines: dict[tuple[object, ...], ItemRow] = {}
    for item in untold:
        about = item.visit_id or item.id
        alike = (item.kind, about, item.person_id, _help(item.details), _day(item.details, "day"))
        lines[alike] = min(lines.get(alike, item), item, key=lambda one: _day(one.details, "since") or date.max)
    return tuple(lines.values())


def _line(tx: Tx, studies: Definitions, item: ItemRow, today: date) -> OfficeItem:
    site = None if item.site_id is None else sites.site_by_id(tx, item.site_id)
    patient = None if item.patient_id is None else patients.patient_by_id(tx, item.patient_id)
    visit = None if item.visit_id is None else plans.visit_by_id(tx, item.visit_id)
    if patient is None and visit is not None:
        patient = patients.patient_by_id(tx, visit.patient_id)
    person = None if item.person_id is None else people.person_by_id(tx, item.person_id)
    label: Labels | None = None
    if visit is not None and patient is not None:
        label = label_of(studies.of_version(tx, patient.study_version_id), visit.occurrence)
    return OfficeItem(
        what=item.kind,
        site_number=None if site is None else site.number,
        code=None if patient is None else patient.code,
        visit=label,
        name=None if person is None else person.name,
        days=_days(item.details, today),
        help=_help(item.details),
        day=_day(item.details, "day"),
    )


def _day(details: Mapping[str, Json], name: str) -> date | None:
    value = details.get(name)
    return date.fromisoformat(value) if isinstance(value, str) else None


def _days(details: Mapping[str, Json], today: date) -> int | None:
    since = _day(details, "since")
    return None if since is None else (today - since).days


def _help(details: Mapping[str, Json]) -> HelpKind | None:
    value = details.get("help")
    return HelpKind(value) if isinstance(value, str) else None


def _plain(data: object) -> Json:
    """The same data, known to be plain."""
    match data:
        case None | bool() | int() | str():
            return data
        case Sequence():
            return [_plain(one) for one in data]
        case Mapping():
            return {str(name): _plain(one) for name, one in data.items()}
        case _:
            raise TypeError("a message has a value that cannot be stored")
