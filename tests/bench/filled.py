"""Databases as a busy trial has them: DREAM with twenty sites and as many open tasks as a benchmark asks for.

Sites, people and five patients come in through the front door; every other patient is a copy of one of those, row by row,
with ids of its own and everything about the person sealed in its own place. Their ids stand nowhere near each other, as
those of patients who came one by one. Copies leave no audit entries: the log is short at the beginning, and nothing that
is measured here reads it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle, islice
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from records import schema, teams
from records.database import POSTGRESQL, Records
from records.transaction import Tx
from tests.office.vocabulary import Trial
from trial.moments import Instant, instant
from trial.tasks import SiteFunction, TaskState

MOVED_IN = datetime(2026, 9, 7, 10, 0, tzinfo=UTC)
"""A Monday: the day from which all sites ring."""

QUIET = instant(MOVED_IN + timedelta(hours=1))
"""A moment at which nothing is due."""

FIRST_MORNING = date(2026, 9, 14)
FIRST_REGISTRATION = FIRST_MORNING - timedelta(weeks=9)
"""From here the heads-up for the re-evaluation imaging rings on the first morning."""

WEEKS = 5  # in each of them every one of those patients rings at least once, and no day is a public holiday
WEEKDAYS = 4  # Monday to Thursday
RINGING_SHARE = 100  # one open task in so many rings on a morning, or more

LATER_DAYS = range(140, 840)
"""By so many days the other patients come later: none of their alarms goes while anything is measured."""

PLACES = (("BE", "Europe/Brussels"), ("NL", "Europe/Amsterdam"), ("FR", "Europe/Paris"), ("DE", "Europe/Berlin"))
SITES = 20
LARGEST_CAP = 32_000
AT_ONCE = 500  # patients copied in one transaction
FIRST_CODE = 100_000


@dataclass(frozen=True, slots=True)
class Filling:
    """What a benchmark has to know of a filled database. `chats`: who is told at each site, by the site's id."""

    open_tasks: int
    chats: Mapping[UUID, int]


def mornings() -> Iterator[Instant]:
    """The moments at which tasks are due, a hundredth of all or more each, in the order of time."""
    for week in range(WEEKS):
        for weekday in range(WEEKDAYS):
            day = FIRST_MORNING + timedelta(weeks=week, days=weekday)
            yield instant(datetime.combine(day, time(8, 31), ZoneInfo("Europe/Brussels")))


def fill(records: Records, *, open_tasks: int) -> Filling:
    """Fills an empty, migrated database with at least this many open tasks."""
    trial = Trial(records, start=MOVED_IN, rings_from=MOVED_IN.date().isoformat())
    chats = _sites_and_people(trial)
    registered = [FIRST_REGISTRATION + timedelta(days=weekday) for weekday in range(WEEKDAYS)]
    models = [
        trial.patient(f"000-00{place}", site="100", first_registration=day.isoformat())
        for place, day in enumerate(registered)
    ]
    copies = Copies(records, tuple(chats))
    for model in models:
        copies.add(model, open_tasks // RINGING_SHARE - 1, by_days=range(1))
    missing = open_tasks - _open_tasks(records)
    copies.add(models[0], -(-missing // copies.tasks_of(models[0])), by_days=LATER_DAYS)
    analyse(records)
    return Filling(_open_tasks(records), chats)


@dataclass(frozen=True, slots=True)
class LargeSite:
    """A site with one person, who has to do all of it."""

    person_id: UUID
    open_tasks: int


LARGE_SITE_BEGAN = "2026-01-05"
REGISTERED_BEFORE = range(-70, 0)
"""By so many days the patients of a large site came earlier than its first ones: all have begun, and much is late."""


def fill_large_site(records: Records, *, patients: int) -> LargeSite:
    """Fills an empty, migrated database with one site and so many patients, of whom nobody has answered anything."""
    trial = Trial(records, start=MOVED_IN, rings_from=LARGE_SITE_BEGAN)
    country, zone = PLACES[0]
    site_id = trial.site("100", "Place 100", country, zone, rings_from=LARGE_SITE_BEGAN)
    reader = trial.enrolled("Amina", site="100", functions=frozenset(SiteFunction), digest_on=0)
    model = trial.patient("000-001", site="100", first_registration=FIRST_REGISTRATION.isoformat())
    Copies(records, (site_id,)).add(model, patients - 1, by_days=REGISTERED_BEFORE)
    analyse(records)
    return LargeSite(reader, _open_tasks(records))


def _sites_and_people(trial: Trial) -> dict[UUID, int]:
    """At each site one person for the imaging, who is told, and one coordinator beside."""
    chats: dict[UUID, int] = {}
    for number, (country, zone) in enumerate(islice(cycle(PLACES), SITES), start=100):
        site_id = trial.site(str(number), f"Place {number}", country, zone, rings_from=MOVED_IN.date().isoformat())
        told = trial.enrolled("Amina", site=str(number), functions=frozenset({SiteFunction.IMAGING}))
        trial.enrolled("Berta", site=str(number), functions=frozenset({SiteFunction.COORDINATION}))
        chat = trial.person(told).chat_id
        assert chat is not None
        chats[site_id] = chat
        with trial.records.begin() as tx:
            # Hundreds of cards a morning for one person: no real day holds so many, and that is what is measured.
            teams.set_daily_cap(tx, told, LARGEST_CAP)
    return chats


@dataclass(frozen=True, slots=True)
class _Model:
    """A patient's rows as they stand, its events opened."""

    patient: Mapping[str, Any]
    events: Sequence[tuple[Mapping[str, Any], date]]
    visits: Sequence[Mapping[str, Any]]
    tasks: Sequence[Mapping[str, Any]]


class Copies:
    def __init__(self, records: Records, site_ids: Sequence[UUID]) -> None:
        self._records = records
        self._sites = cycle(site_ids)
        self._number = FIRST_CODE

    def tasks_of(self, patient_id: UUID) -> int:
        with self._records.read() as tx:
            return sum(row["state"] == TaskState.OPEN for row in _read(tx, patient_id).tasks)

    def add(self, patient_id: UUID, number: int, *, by_days: range) -> None:
        """So many copies of a patient, each later by a number of days from this range, one after the other."""
        days = cycle(by_days)
        for begun in range(0, number, AT_ONCE):
            with self._records.begin() as tx:
                model = _read(tx, patient_id)
                rows: dict[sa.Table, list[dict[str, Any]]] = {
                    table: [] for table in (schema.patient, schema.patient_event, schema.visit, schema.task)
                }
                for shift in islice(days, min(AT_ONCE, number - begun)):
                    self._number += 1
                    for table, copied in _copy(tx, model, next(self._sites), self._number, timedelta(days=shift)):
                        rows[table].append(copied)
                for table, copied_rows in rows.items():
                    tx.connection.execute(table.insert(), copied_rows)


def _read(tx: Tx, patient_id: UUID) -> _Model:
    def rows(table: sa.Table) -> list[Mapping[str, Any]]:
        found = tx.connection.execute(table.select().where(table.c.patient_id == patient_id))
        return [row._asdict() for row in found]

    patient = tx.connection.execute(schema.patient.select().where(schema.patient.c.id == patient_id)).one()
    events = [
        (row, date.fromisoformat(str(tx.unseal(schema.patient_event, row["id"], row["sealed"])["date"])))
        for row in rows(schema.patient_event)
    ]
    return _Model(patient._asdict(), events, rows(schema.visit), rows(schema.task))


def _copy(
    tx: Tx, model: _Model, site_id: UUID, number: int, shift: timedelta
) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
    study = model.patient["study_id"]
    patient_id = uuid4()
    code = f"{number // 1000}-{number % 1000:03}"
    mine = {"patient_id": patient_id, "site_id": site_id}
    yield (
        schema.patient,
        {
            **model.patient,
            "id": patient_id,
            "site_id": site_id,
            "code_index": tx.blind("patient.code", f"{study}|{code}"),
            "sealed": tx.seal(schema.patient, patient_id, {"code": code}, study=study),
        },
    )
    for event, day in model.events:
        row_id = uuid4()
        payload = {"date": (day + shift).isoformat()}
        sealed = tx.seal(schema.patient_event, row_id, payload, study=study)
        yield schema.patient_event, {**event, "id": row_id, "patient_id": patient_id, "sealed": sealed}
    visits = {visit["id"]: uuid4() for visit in model.visits}
    for visit in model.visits:
        moved = _moved(visit, shift, "target", "earliest", "latest")
        yield schema.visit, {**visit, **mine, **moved, "id": visits[visit["id"]]}
    for task in model.tasks:
        moved = _moved(task, shift, "opens", "due", "closes", "next_attention_at")
        yield schema.task, {**task, **mine, **moved, "id": uuid4(), "visit_id": visits[task["visit_id"]]}


def _moved(row: Mapping[str, Any], shift: timedelta, *names: str) -> dict[str, Any]:
    return {name: None if row[name] is None else row[name] + shift for name in names}


def _open_tasks(records: Records) -> int:
    with records.read() as tx:
        statement = sa.select(sa.func.count()).where(schema.task.c.state == TaskState.OPEN.value)
        return int(tx.connection.execute(statement).scalar_one())


def analyse(records: Records) -> None:
    """What PostgreSQL does by itself within a minute of such a change."""
    if records.dialect == POSTGRESQL:
        with records.begin() as tx:
            tx.connection.exec_driver_sql("ANALYZE")
