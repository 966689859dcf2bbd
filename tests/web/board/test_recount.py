"""Figures on the board equal a plain recount of the rows that the same person takes with them as CSV."""

import csv
import io
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from office import claims
from office.board.late import LateFilters, late_page, late_rows
from office.board.overview import overview
from office.board.standing import figures_of
from office.board.uploads import Funnel, UploadFilters, upload_page, upload_rows
from office.board.viewer import Viewer, viewer_of
from records.board.lateness import Which
from records.board.uploads import Stage
from records.keys import file_key_path
from tests.databases import Place
from tests.office.vocabulary import START, Trial
from trial.answers import AnswerKind, LeavingKind
from trial.returns import Age, by_age
from trial.tasks import TaskKind, TaskState
from web.board import late, uploads
from web.board.tables import Columns, csv_lines

SITES = ("417", "501")
JOINS_LATE = "302"
ANSWERS = {
    TaskKind.HOLD: (AnswerKind.DONE, AnswerKind.BOOKED, AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE),
    TaskKind.UPLOAD: (AnswerKind.UPLOADED, AnswerKind.UPLOADED, AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE),
    TaskKind.SEND: (AnswerKind.DONE, AnswerKind.NOT_DONE),
    TaskKind.EVENT: (AnswerKind.DONE,),
    TaskKind.FACT: (AnswerKind.NOT_APPLICABLE,),
}

patients = st.lists(st.tuples(st.sampled_from((*SITES, JOINS_LATE)), st.integers(0, 300)), min_size=1, max_size=4)
"""Where somebody was registered, and how many days before the trial began here."""

happenings = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30), st.integers(0, 5)), max_size=12)
"""So many days pass, then something is said about some open task, or found of a claim, or nothing."""


@contextmanager
def small_trial(place: Place) -> Iterator[Trial]:
    """A trial of its own, beside the one of the test."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sitebell.db"
        shutil.copy(place.path, path)
        shutil.copy(file_key_path(place.path), file_key_path(path))
        with Place(f"sqlite:///{path}", place.keys, path.parent).opened() as records:
            trial = Trial(records)
            # It begins in the middle: what fell due before rings nobody.
            trial.site(JOINS_LATE, "Lyon", "FR", "Europe/Paris", rings_from="2026-04-01")
            yield trial


def lives(trial: Trial, registered: list[tuple[str, int]], happens: list[tuple[int, int, int]]) -> UUID:
    """The course of a small trial; its manager."""
    boss = trial.manager()
    people = {site: trial.enrolled(f"Coordinator {site}", site=site) for site in (*SITES, JOINS_LATE)}
    known = [
        (
            people[site],
            trial.patient(
                f"{site}-{number:03}", site=site, first_registration=(START.date() - timedelta(days=ago)).isoformat()
            ),
        )
        for number, (site, ago) in enumerate(registered, start=1)
    ]
    for days, which, what in happens:
        trial.wait(days=days)
        trial.tick()
        happen(trial, boss, known, which, what)
    return boss


def happen(trial: Trial, boss: UUID, known: list[tuple[UUID, UUID]], which: int, what: int) -> None:
    today = trial.clock.now().date()
    person, patient = known[which % len(known)]
    standing = [
        task
        for task in trial.tasks(patient).values()
        if task.state is TaskState.OPEN and (task.due is None or task.due <= today)
    ]
    claimed = claims.list_claims(trial.records, trial.studies, study_code="DREAM")
    if what == 4 and claimed:
        check = claims.verify if which % 2 else claims.query
        trial.does(check, trial.studies, claimed[which % len(claimed)].answer_id, boss)
    elif what == 5 and which % 5 == 0 and standing:
        trial.says(person, standing[0], AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.WITHDRAWN)
    elif standing:
        task = standing[which % len(standing)]
        kinds = ANSWERS[task.kind]
        kind = kinds[what % len(kinds)]
        day = None if kind in {AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE} else said_day(kind, task.due, today)
        trial.says(person, task, kind, day=None if day is None else day.isoformat(), text=None if day else "no time")


def said_day(kind: AnswerKind, due: date | None, today: date) -> date:
    return today + timedelta(days=3) if kind is AnswerKind.BOOKED else min(due or today, today)


def exported(columns: Columns, rows: object) -> list[dict[str, str]]:
    """The rows of a file, as whoever opens it has them."""
    written = csv_lines(tuple(columns), ([cell(row) for cell in columns.values()] for row in rows))
    return list(csv.DictReader(io.StringIO(b"".join(written).decode("utf-8-sig"), newline="")))


def late_file(trial: Trial, viewer: Viewer, which: Which) -> list[dict[str, str]]:
    found = trial.asks(late_rows, trial.studies, viewer, LateFilters(which))
    return exported(late.COLUMNS, found)


def check_late(trial: Trial, viewer: Viewer) -> None:
    with trial.records.read() as tx:
        board = overview(tx, trial.studies, viewer, now=trial.clock.now(), elapsed=trial.clock.elapsed())
        sites = figures_of(tx, trial.studies, viewer.sites, now=trial.clock.now())
    files = {which: late_file(trial, viewer, which) for which in Which}
    past = files[Which.PAST]

    assert board.late == len(past)
    assert board.overdue == sum(row["state"] == "overdue" for row in past) == len(files[Which.OVERDUE])
    assert len(past) == len(files[Which.LATE]) + len(files[Which.OVERDUE])
    assert board.due_this_week == len(files[Which.DUE])
    assert board.earlier == len(files[Which.EARLIER])
    assert board.ages == by_age((int(row["days"]), 1) for row in past)
    assert sum(board.ages[age] for age in Age) == board.late
    for which, rows in files.items():
        page = trial.asks(late_page, trial.studies, viewer, LateFilters(which))
        assert page.tally.found == len(rows) <= page.tally.of or which is Which.EARLIER
        assert exported(late.COLUMNS, page.rows) == rows[: len(page.rows)]
    by_site = Counter(row["site"] for row in past)
    assert {one.site.number: one.late for one in sites.values() if one.late} == dict(by_site)
    urgency = [(row["state"] != "overdue", row["last_day"], row["due"]) for row in past]
    assert urgency == sorted(urgency)


def check_funnel(trial: Trial, viewer: Viewer) -> None:
    filters = UploadFilters(frozenset(Stage))
    rows = exported(uploads.COLUMNS, trial.asks(upload_rows, trial.studies, viewer, filters))
    page = trial.asks(upload_page, trial.studies, viewer, filters)
    at = Counter(row["stage"] for row in rows)

    assert page.found == len(rows)
    assert page.funnel == Funnel(
        due=len(rows),
        held=len(rows) - at["due"],
        claimed=at["claimed"] + at["queried"] + at["verified"],
        verified=at["verified"],
        queried=at["queried"],
    )
    listed = claims.list_claims(trial.records, trial.studies, study_code="DREAM")
    assert Counter(one.state.value for one in listed) == Counter(
        {stage: at[stage] for stage in ("claimed", "queried", "verified") if at[stage]}
    )


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(patients, happenings)
@example([("417", 40), ("302", 90), ("501", 2)], [(30, 0, 0), (20, 1, 0), (1, 0, 0), (1, 0, 0), (30, 3, 4), (1, 2, 4)])
def test_figures_equal_a_recount_of_the_exported_rows(
    migrated_sqlcipher: Place, registered: list[tuple[str, int]], happens: list[tuple[int, int, int]]
):
    with small_trial(migrated_sqlcipher) as trial:
        boss = lives(trial, registered, happens)
        with trial.records.read() as tx:
            viewer = viewer_of(tx, boss, now=trial.clock.now())
        assert viewer is not None
        check_late(trial, viewer)
        check_funnel(trial, viewer)
