"""The few rows that most tests of the records stand on."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from records import answers, people
from records.database import Records
from records.schema import patient, person, site, study, study_version, task, visit
from records.transaction import Tx
from trial.access import Membership
from trial.answers import AnswerKind, Said, Via
from trial.moments import Instant, instant
from trial.people import Role
from trial.tasks import SiteFunction, TaskKind, TaskState

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
NOW = instant(NOON)


@dataclass(frozen=True, slots=True)
class Cast:
    """One study with a site, two of its people and one visit of one patient."""

    study: UUID
    site: UUID
    amina: UUID
    berta: UUID
    patient: UUID
    visit: UUID


@pytest.fixture
def cast(records: Records) -> Cast:
    with records.begin() as tx:
        return add_cast(tx)


def add_cast(tx: Tx) -> Cast:
    cast = Cast(*(tx.new_id() for _ in range(6)))
    version_id = tx.new_id()
    tx.connection.execute(study.insert().values(id=cast.study, code="DREAM"))
    tx.connection.execute(
        study_version.insert().values(
            id=version_id, study_id=cast.study, version="1", document="", sha256="", imported_at=NOON
        )
    )
    tx.connection.execute(
        site.insert().values(
            id=cast.site,
            study_id=cast.study,
            number="417",
            name="Site 417",
            country="JP",
            zone="Asia/Tokyo",
            disclosure="code",
            rings_from=date(2026, 1, 1),
        )
    )
    for person_id, name, chat in ((cast.amina, "Amina", "4711"), (cast.berta, "Berta", "4712")):
        add_person(tx, person_id, name=name, chat=chat)
    tx.connection.execute(
        patient.insert().values(
            id=cast.patient,
            study_id=cast.study,
            site_id=cast.site,
            study_version_id=version_id,
            code_index=tx.blind("patient.code", f"{cast.study}|B-014"),
            state="followed",
            added_at=NOON,
            sealed=tx.seal(patient, cast.patient, {"code": "B-014"}, study=cast.study),
        )
    )
    tx.audit(
        "patient.added",
        table=patient,
        object_id=cast.patient,
        by=None,
        at=NOON,
        recorded_at=NOON,
        after={"code": "B-014"},
    )
    tx.connection.execute(
        visit.insert().values(
            id=cast.visit,
            patient_id=cast.patient,
            site_id=cast.site,
            occurrence="fu_6mo",
            definition="fu",
            status="firm",
            study_version="1",
        )
    )
    return cast


def add_person(tx: Tx, person_id: UUID, *, name: str, chat: str) -> None:
    values = {"name": name, "chat_id": chat}
    tx.connection.execute(
        person.insert().values(
            id=person_id,
            language="ja",
            chat_index=tx.blind("person.chat", chat),
            enrolled_at=NOON,
            sealed=tx.seal(person, person_id, values),
        )
    )
    tx.audit("person.enrolled", table=person, object_id=person_id, by=None, at=NOON, recorded_at=NOON, after=values)


DUE = date(2026, 3, 2)


def add_task(
    tx: Tx,
    cast: Cast,
    *,
    name: str = "scans",
    kind: TaskKind = TaskKind.UPLOAD,
    state: TaskState = TaskState.OPEN,
    due: date | None = DUE,
    closes: date | None = None,
) -> UUID:
    """A task of the visit, for the people who do imaging."""
    task_id = tx.new_id()
    tx.connection.execute(
        task.insert().values(
            id=task_id,
            visit_id=cast.visit,
            patient_id=cast.patient,
            site_id=cast.site,
            name=name,
            kind=kind.value,
            function=SiteFunction.IMAGING.value,
            ladder="visit",
            state=state.value,
            firm=True,
            opens=due,
            due=due,
            closes=closes,
            tzdata="2026a",
        )
    )
    return task_id


def say(tx: Tx, cast: Cast, task_id: UUID, kind: AnswerKind, *, at: Instant = NOW, undoes: UUID | None = None) -> UUID:
    """Amina says so, with the button."""
    return answers.add_answer(
        tx,
        study_id=cast.study,
        patient_id=cast.patient,
        visit_id=cast.visit,
        task_id=task_id,
        person_id=cast.amina,
        kind=kind,
        via=Via.BUTTON,
        said=Said(day=DUE),
        answered_at=at,
        received_at=at,
        undoes=undoes,
    )


def join(
    tx: Tx, cast: Cast, person_id: UUID, *, role: Role = Role.COORDINATOR, at_office: bool = False, **when: date
) -> UUID:
    """A membership at the site, or in the trial office, from the beginning of the year on."""
    held = Membership(
        study_id=cast.study,
        site_id=None if at_office else cast.site,
        role=role,
        functions=frozenset({SiteFunction.IMAGING}),
        since=when.get("since", date(2026, 1, 1)),
        until=when.get("until"),
    )
    return people.add_membership(tx, person_id, held)


def note(tx: Tx, cast: Cast) -> None:
    """An entry of the log, which a study's first sealed value needs."""
    tx.audit("test.noted", table=study, object_id=cast.study, by=None, at=NOON, recorded_at=NOON)
