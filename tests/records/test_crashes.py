"""Killed at any statement, the records hold all of a transaction or nothing of it."""

import os
import signal
import warnings
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from records import audit as log
from records import inbox as box
from records import outbox
from records.database import Records
from records.inbox import Incoming
from records.outbox import NewNotice, NoticeKind
from records.schema import audit, inbox, notice, patient, person
from records.transaction import Tx
from tests.databases import Place
from tests.records.cast import NOON, Cast, add_person

NOTHING, EVERYTHING = (2, 0, 4, "open", 1), (3, 1, 7, "done", 2)


@pytest.fixture
def answered(records: Records, cast: Cast) -> Cast:
    """An update waits in the inbox."""
    with records.begin() as tx:
        box.store(tx, [Incoming("callback:1", 1, "press", {"data": "done"})], elapsed=NOON)
    return cast


def handle(tx: Tx, cast: Cast) -> None:
    """What answering does: several tables, a new study's key, the audit log, and the inbox entry."""
    (entry,) = box.open_entries(tx, elapsed=NOON, limit=1)
    add_person(tx, tx.new_id(), name="Carla", chat="4713")
    row = tx.new_id()
    columns = ("study_id", "site_id", "study_version_id", "state", "added_at")
    other = tx.connection.execute(sa.select(*(patient.c[name] for name in columns))).one()
    value = tx.seal(patient, row, {"code": "C-001"}, study=row)
    tx.connection.execute(
        patient.insert().values(id=row, code_index=b"c", sealed=value, **dict(zip(columns, other, strict=True)))
    )
    tx.audit("patient.added", table=patient, object_id=row, by=None, at=NOON, recorded_at=NOON, after={"code": "C-001"})
    outbox.put(tx, [NewNotice(NoticeKind.EDIT, cast.amina, cast.visit)], now=NOON, elapsed=NOON)
    assert box.done(tx, entry.id, elapsed=NOON)


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed(place: Place, work: Callable[[Tx], None], *, before_statement: int | None = None, event: str = "") -> bool:
    """Do this work in another process that is killed at one moment; says whether that moment came."""
    with warnings.catch_warnings():
        # The child opens everything anew and leaves by a signal or by _exit: what threads of ours hold does not matter.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _work_and_die(place, work, before_statement=before_statement, event=event)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def _work_and_die(place: Place, work: Callable[[Tx], None], *, before_statement: int | None, event: str) -> None:
    try:
        records = place.open()
        seen = 0

        def count(*_: object) -> None:
            nonlocal seen
            seen += 1
            if seen == before_statement:
                die()

        sa.event.listen(records._engine, "before_cursor_execute", count)
        if event == "commit":
            sa.event.listen(records._engine, "commit", die)
        with records.begin() as tx:
            work(tx)
        if event == "after commit":
            die()
    finally:
        os._exit(0)


def standing(records: Records) -> tuple[object, ...]:
    with records.read() as tx:
        numbers = [
            tx.connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in (person, notice, audit)
        ]
        state = tx.connection.scalar(sa.select(inbox.c.state))
        assert log.verify(tx).holds
        return (*numbers, state, tx.connection.scalar(sa.select(sa.func.count()).select_from(patient)))


def test_a_kill_before_any_statement_leaves_nothing(records, answered, place):
    moment = 1
    while killed(place, lambda tx: handle(tx, answered), before_statement=moment):
        assert standing(records) == NOTHING, moment
        moment += 1

    assert moment > 12  # the work has that many statements
    assert standing(records) == EVERYTHING  # the last child came to its end


def test_a_kill_just_before_the_commit_leaves_nothing(records, answered, place):
    assert killed(place, lambda tx: handle(tx, answered), event="commit")
    assert standing(records) == NOTHING


def test_a_kill_just_after_the_commit_leaves_everything(records, answered, place):
    assert killed(place, lambda tx: handle(tx, answered), event="after commit")
    assert standing(records) == EVERYTHING


def test_two_workers_on_one_entry_handle_it_once(records, answered, opened):
    with records.read() as tx:
        (entry,) = box.open_entries(tx, elapsed=NOON, limit=1)
    done = []
    for worker in (records, opened()):
        with worker.begin() as tx:
            done.append(box.done(tx, entry.id, elapsed=NOON))

    assert done == [True, False]
