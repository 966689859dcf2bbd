"""A small trial in which every state is there that the board can show, beside a study that shares nothing with it.

Site 417 is at work, 501 is another one, 302 joins in the middle and 611 has only begun to be invited.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from fastapi.routing import iter_route_contexts

from office import away, claims, leaving
from office.health import health
from office.holds import Target, lift_hold, place_hold
from office.inviting import invite
from office.patients import add_patient
from office.sites import add_site
from office.studies import import_document
from office.taking_down import take_down
from records import outbox, schema, sites
from records.keys import file_key_path
from records.outbox import NewNotice, NoticeKind
from records.pulses import beat
from records.studies import StudyRow
from records.threads import Threads
from scheduler.outages import hold
from scheduler.watching import TICK, watch
from tests.databases import Place
from tests.office.test_story import Line
from tests.office.vocabulary import DREAM, Trial
from tests.released import TABLE, amendment, release_everywhere
from trial.answers import AnswerKind, HelpKind, LeavingKind, Said, TakenDown, Via
from trial.people import Role
from trial.tasks import SiteFunction, TaskKind, TaskState
from web.app import create_app
from web.board.desk import BoardDesk

OTHER = "OTHER"
ELSEWHERE = "901"
ITS_PATIENT = "901-777"
ITS_PEOPLE = ("Foreign manager", "Foreign coordinator")
QUERY_WORDS = "The second series is missing"


@dataclass(frozen=True, slots=True)
class Whole:
    """The trial with whom and what tests ask for by name."""

    trial: Trial
    people: dict[str, UUID]
    patients: dict[str, UUID]
    claimed: dict[str, UUID]
    """The answers that claim an upload, by patient."""
    notices: dict[str, UUID]
    """Messages that may not have arrived, by site."""
    outage: UUID
    holds: dict[str, UUID]
    """What is on hold, by site, and "study" for a kind of task."""
    version: UUID
    """An amendment that was released nowhere, and moves patients by their consent."""
    place: Place


def routes_of(trial: Trial) -> frozenset[tuple[str, str]]:
    """Every address of the board with its method, as the application has them; looking at a page's head is looking."""
    threads = Threads()

    async def state() -> object:
        return health(trial.records, elapsed=trial.clock.elapsed())

    board = BoardDesk(trial.records, threads, trial.clock, trial.studies, changed=lambda: None)
    with_it = create_app(state, board=board)  # type: ignore[arg-type]  # nobody asks for its health
    without = create_app(state)  # type: ignore[arg-type]
    threads.close()
    return frozenset(_listed(with_it.routes)) - frozenset(_listed(without.routes))


def _listed(routes: Iterable[object]) -> Iterator[tuple[str, str]]:
    for route in iter_route_contexts(routes):  # type: ignore[arg-type]
        for method in (route.methods or set()) - {"HEAD"}:
            yield method, str(route.path)


@contextmanager
def whole_trial(place: Place, folder: Path) -> Iterator[Whole]:
    """In a copy of this database, so that one file of tests can look at it all the way."""
    path = folder / "sitebell.db"
    shutil.copy(place.path, path)
    shutil.copy(file_key_path(place.path), file_key_path(path))
    copy = Place(f"sqlite:///{path}", place.keys, path.parent)
    with copy.opened() as records:
        yield _filled(Trial(records), copy)


def _filled(trial: Trial, place: Place) -> Whole:
    trial.site("302", "Lyon", "FR", "Europe/Paris", rings_from="2026-03-01")
    trial.site("611", "Houston", "US", "America/Chicago", rings_from="2026-04-20")
    people = _people(trial)
    _foreign(trial, people)
    patients = {
        "417-001": trial.patient("417-001", first_registration="2026-01-12"),
        "417-002": trial.patient("417-002", first_registration="2026-02-20"),
        "417-003": trial.patient("417-003", first_registration="2026-02-23"),
        "417-004": trial.patient("417-004", first_registration="2026-02-23"),
        "417-005": trial.patient("417-005", first_registration="2026-02-23"),
        "417-006": trial.patient(
            "417-006", first_registration="2026-01-26", held={"baseline_imaging": "2026-01-28"}, surgery="2026-02-16"
        ),
        "501-001": trial.patient("501-001", site="501", first_registration="2026-02-02"),
        "501-002": trial.patient(
            "501-002", site="501", first_registration="2026-01-12", held={"baseline_imaging": "2026-01-12"}
        ),
        "302-001": trial.patient("302-001", site="302", first_registration="2025-08-01"),
        "611-001": trial.patient(
            "611-001", site="611", first_registration="2026-01-26", held={"baseline_imaging": "2026-01-26"}
        ),
    }
    line = Line(trial)
    line.delivers("a welcome")
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    line.delivers("Was it done?", stands_at=70)
    claimed = _said(trial, people, patients)
    trial.live_until("2026-03-10 12:00")
    watch(trial.records, trial.studies, **trial.times)
    trial.does(away.set_away, people["Amina"], date(2026, 3, 20), people["Berta"], by=people["Amina"])
    trial.out_of_reach(people["Blocked person"])
    trial.revoked("Revoked person")
    line.delivers("Was it done?", stands_at=71)
    notices = _troubled(trial, people, patients)
    with trial.records.begin() as tx:
        beat(tx, TICK, trial.clock.elapsed())
    trial.wait(hours=3)
    with trial.records.begin() as tx:
        outage = hold(tx, **trial.times)
    assert outage is not None
    trial.live_until("2026-03-11 12:00")
    asked = "questions:\n  - {id: imaging_interval, about: fu, ask: Every four months from surgery or from the first scan}\n"
    table = TABLE.replace("visits_due_after_activation", "after_reconsent")
    document = amendment(table=table) + asked
    version = import_document(trial.records, document, "two.yaml", **trial.stamp)
    held = _held(trial, people, patients)
    return Whole(trial, people, patients, claimed, notices, outage, held, version.version_id, place)


def _people(trial: Trial) -> dict[str, UUID]:
    imaging = frozenset({SiteFunction.IMAGING})
    people = {
        "Manager A": trial.manager(),
        "Monitor A": trial.enrolled("Monitor A", site=None, role=Role.MONITOR),
        "Auditor A": trial.enrolled("Auditor A", site=None, role=Role.AUDITOR),
        "Administrator A": trial.enrolled("Administrator A", site=None, role=Role.ADMINISTRATOR),
        "Amina": trial.enrolled("Amina", functions=imaging),
        "Berta": trial.enrolled("Berta"),
        "Investigator A": trial.enrolled("Investigator A", role=Role.INVESTIGATOR),
        "Monitor S": trial.enrolled("Monitor S", role=Role.MONITOR),
        "Blocked person": trial.enrolled("Blocked person"),
        "Revoked person": trial.enrolled("Revoked person"),
        "Tomoko": trial.enrolled("Tomoko", site="501", language="ja"),
        "Investigator B": trial.enrolled("Investigator B", site="501", role=Role.INVESTIGATOR),
        "Lyon person": trial.enrolled("Lyon person", site="302"),
    }
    trial.invited("Invited person")
    trial.invited("Houston person", site="611")
    return people


def _foreign(trial: Trial, people: dict[str, UUID]) -> None:
    """Another study of the same deployment."""
    document = DREAM.read_text(encoding="utf-8").replace("\n  id: DREAM\n", f"\n  id: {OTHER}\n")
    import_document(trial.records, document, "other.yaml", **trial.stamp)
    add_site(
        trial.records,
        study_code=OTHER,
        number=ELSEWHERE,
        name="Elsewhere",
        country="BE",
        zone_name="Europe/Brussels",
        disclosure="code",
        rings_from=date(2026, 1, 1),
        **trial.stamp,
    )
    release_everywhere(trial.records, now=trial.clock.now())
    for chat, (name, site, role) in enumerate(
        zip(ITS_PEOPLE, (None, ELSEWHERE), (Role.MANAGER, Role.COORDINATOR), strict=True), start=9001
    ):
        invitation = invite(
            trial.records, study_code=OTHER, site_number=site, role=role, name=name, language="en", **trial.stamp
        )
        trial.joins(invitation.token, chat=chat)
        people[name] = invitation.person_id
    add_patient(
        trial.records,
        trial.studies,
        study_code=OTHER,
        site_number=ELSEWHERE,
        code=ITS_PATIENT,
        events={"first_registration": date(2026, 1, 12)},
        **trial.stamp,
    )


def _said(trial: Trial, people: dict[str, UUID], patients: dict[str, UUID]) -> dict[str, UUID]:
    """What people answer, and what the trial office finds of it."""
    boss, amina, tomoko = people["Manager A"], people["Amina"], people["Tomoko"]

    def baseline(code: str):
        return trial.task(patients[code], "baseline_imaging")

    trial.says(amina, baseline("417-002"), AnswerKind.BOOKED, day="2026-03-12")
    trial.does(
        take_down,
        trial.studies,
        task_id=baseline("417-003").id,
        kind=AnswerKind.DONE,
        said=Said(day=date(2026, 2, 27)),
        told=TakenDown("Study nurse", date(2026, 3, 3)),
        via=Via.PHONE,
        by=boss,
    )
    trial.says(amina, baseline("417-004"), AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.WITHDRAWN)
    kind, left = LeavingKind.WITHDRAWN_FROM_EVERYTHING, date(2026, 3, 2)
    trial.does(leaving.confirm, trial.studies, patients["417-004"], kind, left, boss)
    trial.says(amina, baseline("417-005"), AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)
    trial.says(tomoko, baseline("501-001"), AnswerKind.NEED_HELP, needs=HelpKind.CALL_ME)
    claimed = {
        "417-003": _claims(trial, amina, patients["417-003"], "2026-03-01"),
        "417-006": _claims(trial, amina, patients["417-006"], "2026-01-29"),
        "501-002": _claims(trial, tomoko, patients["501-002"], "2026-01-13"),
    }
    trial.does(claims.query, trial.studies, claimed["417-006"], boss, QUERY_WORDS)
    trial.does(claims.verify, trial.studies, claimed["501-002"], boss)
    return claimed


def _held(trial: Trial, people: dict[str, UUID], patients: dict[str, UUID]) -> dict[str, UUID]:
    """A patient, two sites and a kind of task on hold, one of which was lifted; and a site of the other study."""
    boss, until = people["Manager A"], date(2026, 6, 1)
    with trial.records.read() as tx:
        places = {one.number: one for one in sites.sites(tx)}
    here, there = (StudyRow(places[one].study_id, places[one].study_code) for one in ("417", ELSEWHERE))

    def hold(target: Target, reason: str, by: UUID) -> UUID:
        placed = trial.does(place_hold, trial.studies, target, until, reason, by=by)
        assert isinstance(placed, UUID)
        return placed

    lifted = hold(Target(here, places["302"]), "The ethics committee asks for a change", boss)
    trial.does(lift_hold, trial.studies, lifted, "The committee has agreed", by=boss)
    return {
        "417": hold(Target(here, places["417"], patients["417-002"]), "Between two clinics", boss),
        "501": hold(Target(here, places["501"]), "The scanner is being replaced", boss),
        "study": hold(Target(here, kind=TaskKind.SEND), "The forms are being changed", boss),
        ELSEWHERE: hold(Target(there, places[ELSEWHERE]), "The site moves house", people["Foreign manager"]),
    }


def _claims(trial: Trial, person: UUID, patient: UUID, day: str) -> UUID:
    """All scans of the patient that can be are said to be uploaded; the first answer that says so."""
    waiting = [
        task
        for task in trial.tasks(patient).values()
        if task.kind == "upload" and task.due is not None and task.state is TaskState.OPEN
    ]
    for task in waiting:
        trial.says(person, task, AnswerKind.UPLOADED, day=day)
    with trial.records.read() as tx:
        table = schema.answer
        rows = tx.connection.execute(
            table.select().where(table.c.task_id == waiting[0].id).order_by(table.c.received_at.desc())
        )
        return rows.first().id


def _troubled(trial: Trial, people: dict[str, UUID], patients: dict[str, UUID]) -> dict[str, UUID]:
    """One message of which nobody knows whether it arrived, and one that did not, at each of two sites."""
    found: dict[str, UUID] = {}
    with trial.records.begin() as tx:
        for site, person, code in (("417", "Amina", "417-001"), ("501", "Tomoko", "501-001")):
            visit = trial.task(patients[code], "baseline_imaging").visit_id
            unknown, failed = outbox.put(
                tx,
                [
                    NewNotice(NoticeKind.CARD, person_id=people[person], visit_id=visit),
                    NewNotice(NoticeKind.EDIT, person_id=people[person], visit_id=visit),
                ],
                **trial.times,
            )
            for notice, state in ((unknown, "unknown"), (failed, "failed")):
                tx.connection.execute(schema.notice.update().where(schema.notice.c.id == notice).values(state=state))
            found[site] = unknown
    return found
