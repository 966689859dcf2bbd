"""The demo's world in figures: a year of it is lived once, and looked at from every side."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.demo_history import PAST, is_begun, is_made, spoken
from app.demo_world import PATIENTS, PLACES, PLAYERS, TOULOUSE, YEAR, script
from records import outbox, people, schema
from records.audit import verify
from records.database import Records
from scheduler.clock import FixedClock
from scheduler.upcoming import next_due
from tests.app.lived import ENDS, LIVING_MAX_S, URL, LivedDemo
from tests.rehearsal.small import delivered

pytestmark = pytest.mark.timeout(LIVING_MAX_S)

SILENT, WEAK = "512", "624"
JOINS_LATER = "708"
WAITING = {104_002: "Berlin", 402_002: "Tokyo", 704_002: "Lyon"}


@dataclass(frozen=True, slots=True)
class Year:
    """The lived year, opened as the service opens it."""

    folder: Path
    records: Records
    days: list[date]
    past: dict[str, Any]

    def rows(self, wanted: sa.Select[Any]) -> list[Any]:
        with self.records.read() as tx:
            return list(tx.connection.execute(wanted))


@pytest.fixture(scope="module")
def year(lived_demo: LivedDemo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    lived = lived_demo.copied_to(tmp_path_factory.mktemp("year") / "demo")
    records = lived.open()
    yield Year(lived.data, records, lived.days, lived.past())
    records.close()


@dataclass(frozen=True, slots=True)
class Due:
    """A firm task of the year whose last day is over."""

    site: str
    state: str
    late_days: int


@pytest.fixture(scope="module")
def due(year: Year) -> list[Due]:
    task, site = schema.task, schema.site
    rows = year.rows(sa.select(task, site.c.number).join(site, site.c.id == task.c.site_id).where(task.c.firm))
    first, today = ENDS.date() + timedelta(days=YEAR), ENDS.date()
    found = []
    for row in rows:
        last = row.closes or row.due
        if row.due is not None and row.due >= first and last < today and row.number != JOINS_LATER:
            found.append(Due(row.number, row.state, (today - last).days))
    return [one for one in found if one.state in {"open", "done", "not_done", "not_applicable"}]


def returned(due: list[Due], site: str | None = None) -> float:
    those = [one for one in due if site in {None, one.site}]
    return sum(one.state != "open" for one in those) / len(those)


def test_a_dozen_sites_and_some_eighty_patients(year: Year):
    assert len(year.rows(sa.select(schema.site))) == len(PLACES) == 12
    assert len(year.rows(sa.select(schema.patient))) == len(PATIENTS)
    assert 75 <= len(PATIENTS) <= 90
    assert len(TOULOUSE) == 8
    assert {place.country for place in PLACES} == {"AT", "BE", "CH", "DE", "FR", "GB", "JP", "US"}


def test_the_languages_are_those_that_there_are_and_that_the_study_approves(year: Year):
    there = {row.language for row in year.rows(sa.select(schema.person))}

    assert there == set(spoken()) & {player.language for player in PLAYERS}


def test_late_tasks_are_of_every_age(due: list[Due]):
    late = [one.late_days for one in due if one.state == "open"]
    classes = Counter(
        "0-7" if age <= 7 else "8-30" if age <= 30 else "31-90" if age <= 90 else "over 90" for age in late
    )

    assert all(classes[name] >= 1 for name in ("0-7", "8-30", "31-90", "over 90")), classes
    assert len(late) < 100


def test_the_trial_looks_like_one(due: list[Due]):
    others = {place.number for place in PLACES} - {SILENT, WEAK, JOINS_LATER}

    assert 0.8 <= returned(due) <= 0.93
    assert returned(due, WEAK) < 0.8
    assert sum(returned(due, number) >= 0.8 for number in others) >= len(others) - 1


def test_the_silent_site_is_silent_and_the_office_knows_it(year: Year):
    answer, task, site, item = schema.answer, schema.task, schema.site, schema.office_item
    said = sa.select(sa.func.max(answer.c.answered_at)).join(task, task.c.id == answer.c.task_id)
    ((last,),) = year.rows(said.join(site, site.c.id == task.c.site_id).where(site.c.number == SILENT))
    open_items = year.rows(
        sa.select(item.c.kind)
        .join(site, site.c.id == item.c.site_id)
        .where(site.c.number == SILENT, item.c.closed_at.is_(None))
    )
    there = [player.chat for player in PLAYERS if player.place == SILENT]
    with year.records.read() as tx:
        reachable = [person.reachable for chat in there if (person := people.person_by_chat(tx, chat)) is not None]

    assert ENDS - last > timedelta(weeks=12)
    assert "site_silent" in {row.kind for row in open_items}
    assert sorted(reachable) == [False, True]


def test_uploads_are_claimed_verified_queried_and_unseen(year: Year):
    checks = Counter(row.kind for row in year.rows(sa.select(schema.claim_check.c.kind)))
    claimed = year.rows(sa.select(schema.answer.c.id).where(schema.answer.c.kind == "uploaded"))

    assert all(checks[kind] > 0 for kind in ("verified", "queried", "unseen"))
    assert len(claimed) > checks["verified"]


def test_all_kinds_of_ends_and_mishaps_are_there(year: Year):
    events = {row.event for row in year.rows(sa.select(schema.patient_event.c.event))}
    answers = Counter(row.kind for row in year.rows(sa.select(schema.answer.c.kind)))

    assert {"death", "withdrawn_from_visits", "lost", "transferred", "not_operated"} <= events
    assert answers["undo"] >= 3
    assert answers["need_help"] >= 3
    assert answers["booked"] >= 20
    assert len(year.rows(sa.select(schema.outage))) == 1
    assert [
        row.state for row in year.rows(sa.select(schema.notice.c.state).where(schema.notice.c.state == "unknown"))
    ] == ["unknown"]
    assert "outside_window" in {row.kind for row in year.rows(sa.select(schema.office_item.c.kind))}


def test_every_chat_shows_exactly_what_our_deliveries_say(year: Year):
    shown = {one["message_id"]: one["text"] for one in year.past["messages"] if one["from_bot"]}

    assert shown == delivered(year.records)
    assert len(year.past["messages"]) > 800


def test_newcomers_answer_for_something_that_is_due_soon(year: Year):
    task, patient, assignment = schema.task, schema.patient, schema.assignment
    with year.records.read() as tx:
        waiting = [
            person
            for site in year.rows(sa.select(schema.site))
            for person in people.people_at(tx, site.study_id, site.id)
            if person.chat_id is None
        ]
    soon = sa.select(assignment.c.person_id, task.c.next_attention_at).join(
        patient, patient.c.id == assignment.c.patient_id
    )
    soon = soon.join(task, task.c.patient_id == patient.c.id).where(
        task.c.function == "imaging", task.c.state == "open"
    )
    rings: dict[object, list[datetime]] = {}
    for row in year.rows(soon.where(task.c.next_attention_at.is_not(None))):
        rings.setdefault(row.person_id, []).append(row.next_attention_at)

    assert len(waiting) == len(WAITING)
    for person in waiting:
        assert ENDS < min(rings[person.id]) <= ENDS + timedelta(days=7)


def test_what_comes_next_comes_soon_and_nothing_waits(year: Year):
    with year.records.read() as tx:
        standing = outbox.standing(tx, elapsed=FixedClock(ENDS).elapsed())
    coming = next_due(year.records, FixedClock(ENDS).now())

    assert standing.oldest_due is None
    assert coming is not None
    assert coming - ENDS < timedelta(days=3)


def test_each_month_of_the_year_is_told(year: Year):
    assert {(day.year, day.month) for day in year.days} >= {(2025, 12), (2026, 5), (2026, 11)}


def test_the_history_holds_and_lies_alone_in_its_folder(year: Year):
    with year.records.read() as tx:
        assert verify(tx).holds
    assert is_made(URL, data_dir=year.folder)
    assert is_begun(year.records)
    assert {path.name.partition("-")[0] for path in year.folder.iterdir()} == {"sitebell.db", "sitebell.db.key", PAST}


def test_who_speaks_a_language_that_is_not_approved_gets_english():
    assert {player.language for player in script({"en"}).players} == {"en"}
    assert {player.language for player in script({"en", "ja", "fr", "de"}).players} == {"en", "ja", "fr", "de"}
