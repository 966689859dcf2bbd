"""What a press asks of the database: on PostgreSQL every statement is a round trip, and fifty people press in a second."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count

import pytest
import sqlalchemy as sa

from bot.buttons import encode
from bot.conversation import Conversation
from bot.presses import Press, Say
from records import inbox
from records.database import Records
from records.inbox import Incoming
from tests.databases import Place, key_text, migrated_sqlcipher, sqlcipher_place  # noqa: F401 - fixtures
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind
from trial.messages import Toast
from trial.moments import use_pinned_zones

UPLOADED_AT_MOST = 19
DONE_AT_MOST = 26
"""With what the whole ladder asks for: the site's closing days, who waits for help, an alarm for a claim that nobody looks
at, the day against the visit's window, and the digests that show the visit.
"""
CHAT, MESSAGE = 7001, 1


@pytest.fixture
def records(sqlcipher_place: Place) -> Iterator[Records]:  # noqa: F811 - the fixture
    use_pinned_zones()
    with sqlcipher_place.opened() as opened:
        yield opened


@pytest.fixture
def trial(records: Records) -> Trial:
    return Trial(records)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Those that any engine runs meanwhile, without what begins and ends a transaction."""
    run: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            run.append(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


def test_an_answer_on_the_card_where_it_stands_asks_for_little(trial: Trial) -> None:
    amina = trial.enrolled("Amina")
    patient = trial.patient("417-003", first_registration="2026-03-02")
    hold = trial.task(patient, "baseline_imaging")
    trial.shows_card(amina, hold.visit_id, message_id=MESSAGE)
    conversation = Conversation(trial.records, trial.clock, trial.studies)
    numbers = count(1)

    def press(meant: Press) -> list[str]:
        number = next(numbers)
        with trial.records.begin() as tx:
            arrived = Incoming(identity=f"callback:{number}", update_id=number, kind="press", payload={})
            inbox.store(tx, [arrived], elapsed=trial.clock.elapsed())
            (entry,) = inbox.open_entries(tx, elapsed=trial.clock.elapsed(), limit=1)
        with statements() as run:
            reaction = conversation.press(entry, CHAT, MESSAGE, encode(meant))
        assert reaction.toast is Toast.RECORDED
        return run

    done = press(Say(hold.id, AnswerKind.DONE, date(2026, 2, 20)))
    upload = trial.task(patient, "baseline_imaging", "upload_ct")
    uploaded = press(Say(upload.id, AnswerKind.UPLOADED, date(2026, 3, 2)))

    assert len(done) <= DONE_AT_MOST, done
    assert len(uploaded) <= UPLOADED_AT_MOST, uploaded
    assert trial.person(amina).chat_id == CHAT
    assert trial.audit_holds()
