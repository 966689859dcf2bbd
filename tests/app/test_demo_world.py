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
from app.demo_world import CORRECTIONS, PATIENTS, PLACES, PLAYERS, TOULOUSE, script
from office.board.items import ItemFilter, ItemLine, item_lines
from office.board.notices import NoticesPage, Why, notices_page
from office.board.overview import Overview, overview
from office.board.sites import SitesPage, sites_page
from office.board.uploads import WAITING, UploadFilters, UploadPage, upload_page
from office.board.viewer import viewer_of
from office.study_files import study_from_text
from records import outbox, people, schema, studies
from records.audit import verify
from records.database import Records
from records.outbox import NoticeState
from records.transaction import entry_row
from scheduler.clock import FixedClock
from scheduler.definitions import Definitions
from scheduler.upcoming import next_due
from tests.app.lived import ENDS, LIVING_MAX_S, ONE_YEAR, URL, LivedDemo
from tests.rehearsal.small import delivered
from trial.answers import Via
from trial.messages import ItemKind

pytestmark = [pytest.mark.xdist_group(ONE_YEAR), pytest.mark.timeout(LIVING_MAX_S)]

SILENT, WEAK = "512", "624"
NEWCOMERS = 3


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
class Board:
    """The trial manager's pages on the last day."""

    overview: Overview
    sites: SitesPage
    items: tuple[ItemLine, ...]
    uploads: UploadPage
    notices: NoticesPage

    def rate(self, number: str) -> float:
        """What came back of what was due at a site."""
        rate = next(one.returns.rate for one in self.overview.sites if one.site.number == number)
        return float(rate or 0)


@pytest.fixture(scope="module")
def board(year: Year) -> Board:
    definitions = Definitions(study_from_text)
    with year.records.read() as tx:
        (study,) = studies.studies(tx)
        (manager,) = (one for one in people.people_at(tx, study.id, None) if one.enrolled_at is not None)
        viewer = viewer_of(tx, manager.id, now=ENDS)
        assert viewer is not None
        return Board(
            overview(tx, definitions, viewer, now=ENDS, elapsed=ENDS),
            sites_page(tx, definitions, viewer, now=ENDS),
            item_lines(tx, definitions, viewer, ItemFilter(), now=ENDS),
            upload_page(tx, definitions, viewer, UploadFilters(), now=ENDS),
            notices_page(tx, definitions, viewer, seen=True, now=ENDS, elapsed=ENDS),
        )


def test_a_dozen_sites_and_some_eighty_patients(year: Year):
    assert len(year.rows(sa.select(schema.site))) == len(PLACES) == 12
    assert len(year.rows(sa.select(schema.patient))) == len(PATIENTS)
    assert 75 <= len(PATIENTS) <= 90
    assert len(TOULOUSE) == 8
    assert {place.country for place in PLACES} == {"AT", "BE", "CH", "DE", "FR", "GB", "JP", "US"}


def test_the_languages_are_those_that_there_are_and_that_the_study_approves(year: Year):
    there = {row.language for row in year.rows(sa.select(schema.person))}

    assert there == set(spoken()) & {player.language for player in PLAYERS}


def test_late_tasks_are_of_every_age(board: Board):
    assert min(board.overview.ages.values()) >= 1
    assert board.overview.late < 120
    assert 0 < board.overview.overdue < board.overview.late
    assert board.overview.earlier > 0
    assert board.overview.due_this_week > 0


def test_the_trial_looks_like_one(board: Board):
    rates = {place.number: board.rate(place.number) for place in PLACES}
    near = [number for number, rate in rates.items() if 0.76 <= rate <= 0.85 and number != WEAK]

    assert 0.8 <= float(board.overview.returns.rate or 0) <= 0.9
    assert min(board.overview.behind, key=lambda one: one.returns.rate or 0).site.number == WEAK
    assert rates[WEAK] < 0.72
    assert 1 <= len(near) <= 4, rates
    assert sum(rate >= 0.85 for rate in rates.values()) >= 6


def test_one_site_is_silent_and_half_of_it_cannot_be_told(board: Board):
    silent = {line.site.number: line for line in board.sites.lines if line.silence is not None}

    assert set(silent) == {SILENT}
    assert (silent[SILENT].reachable, silent[SILENT].people) == (1, 2)
    assert ENDS.date() - (silent[SILENT].heard_on or ENDS.date()) > timedelta(weeks=12)


def test_the_office_works_its_list(year: Year, board: Board):
    kinds = Counter(item.kind for item in board.items)
    closed = Counter(
        row.kind
        for row in year.rows(sa.select(schema.office_item.c.kind).where(schema.office_item.c.closed_by.is_not(None)))
    )

    assert 8 <= len(board.items) <= 20, kinds
    assert kinds[ItemKind.SITE_SILENT] == kinds[ItemKind.BLOCKED] == kinds[ItemKind.LEAVING] == 1
    assert {ItemKind.LADDER_ENDED, ItemKind.OUTSIDE_WINDOW, ItemKind.NOTICE_UNKNOWN} <= set(kinds)
    assert closed[ItemKind.LADDER_ENDED] > 50
    assert {ItemKind.OUTSIDE_WINDOW, ItemKind.CONTESTED, ItemKind.HELP} <= set(closed)


def test_what_was_said_came_in_every_way(year: Year):
    said = sa.select(schema.answer.c.via, schema.answer.c.kind, schema.person.c.language)
    rows = year.rows(said.outerjoin(schema.person, schema.person.c.id == schema.answer.c.person_id))
    ways = Counter(row.via for row in rows)

    assert {row.language for row in rows if row.via == Via.REPLY} == {"en", "ja", "fr", "de"}
    assert ways[Via.BUTTON] > 500
    assert ways[Via.PHONE] > 20
    assert {row.kind for row in rows if row.via == Via.PHONE} == {"done", "uploaded", "not_done", "later"}


def test_the_office_nudges_corrects_and_is_contested(year: Year):
    audit = schema.audit
    done = Counter(row.action for row in year.rows(sa.select(audit.c.action)))
    with year.records.read() as tx:
        reasons = [
            tx.unseal(audit, entry_row(row.sequence), row.sealed)["reason"]
            for row in year.rows(sa.select(audit).where(audit.c.action == "event.recorded"))
        ]
    taken = sa.select(schema.answer.c.id).where(schema.answer.c.via == Via.PHONE)
    contested = year.rows(sa.select(schema.answer.c.id).where(schema.answer.c.undoes.in_(taken)))

    assert done["task.nudged"] >= 5
    assert CORRECTIONS[0].reason in reasons
    assert len(contested) >= 2


def test_somebody_is_away_today(year: Year):
    absence = schema.absence
    away = year.rows(sa.select(absence).where(absence.c.first <= ENDS.date(), absence.c.last >= ENDS.date()))

    assert len(away) == 1


def test_uploads_stand_at_every_stage(year: Year, board: Board):
    funnel = board.uploads.funnel
    stages = Counter(row.stage for row in board.uploads.rows)
    checks = Counter(row.kind for row in year.rows(sa.select(schema.claim_check.c.kind)))

    assert all(checks[kind] > 0 for kind in ("verified", "queried", "unseen"))
    assert funnel.due > funnel.held > funnel.claimed > funnel.verified > 200
    assert all(stages[stage] >= 1 for stage in WAITING)


def test_all_kinds_of_ends_and_mishaps_are_there(year: Year):
    events = {row.event for row in year.rows(sa.select(schema.patient_event.c.event))}
    answers = Counter(row.kind for row in year.rows(sa.select(schema.answer.c.kind)))

    assert {"death", "withdrawn_from_visits", "lost", "transferred", "not_operated"} <= events
    assert answers["undo"] >= 3
    assert answers["need_help"] >= 3
    assert answers["booked"] >= 20
    assert answers["later"] >= 20


def test_messages_that_did_not_arrive_and_an_outage_are_listed(board: Board):
    assert {(line.state, line.why) for line in board.notices.lines} == {
        (NoticeState.UNKNOWN, Why.NO_ANSWER),
        (NoticeState.FAILED, Why.REFUSED),
    }
    assert len(board.notices.silences) == 1


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

    assert len(waiting) == NEWCOMERS
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
