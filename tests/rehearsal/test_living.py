"""A script that is lived by the real engine: what it leaves in the records is what stands in the chats."""

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from records import schema
from records.audit import verify
from records.keys import file_key_path
from tests.databases import Place
from tests.rehearsal.small import (
    AMINA,
    DORA,
    ENDS,
    HANA,
    NORI,
    Rehearsed,
    delivered,
    rehearsed,
    short_script,
    small_script,
)

DAYS = {
    "a Monday": ENDS,
    "a day of Golden Week": datetime(2027, 5, 4, 7, 30, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    "the last day of a year": datetime(2026, 12, 31, 22, 15, tzinfo=UTC),
}


@pytest.fixture(scope="module")
def lived(migrated_sqlcipher: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsed]:
    """The plain script, lived once for all who only look."""
    with rehearsed(copied(migrated_sqlcipher, tmp_path_factory), small_script()) as found:
        yield found


def copied(migrated: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    path = tmp_path_factory.mktemp("lived") / "sitebell.db"
    shutil.copy(migrated.path, path)
    shutil.copy(file_key_path(migrated.path), file_key_path(path))
    return Place(f"sqlite:///{path}", migrated.keys, path.parent)


class ForgetfulConnection(sa.Connection):
    """The library's own: it prepares nothing, and asks the database each time."""

    def forget(self) -> None:
        """There is nothing to forget."""


def kinds(lived: Rehearsed) -> Counter[str]:
    return Counter(row.kind for row in lived.rows(schema.answer))


def test_what_stands_in_the_chats_is_what_the_deliveries_say(lived: Rehearsed):
    shown = {one.message_id: one.text.text for one in lived.past.chats.everything() if one.from_bot}

    assert shown == delivered(lived.records)
    assert len(shown) > 40


def test_people_answer_by_their_habits(lived: Rehearsed):
    said, chats = kinds(lived), lived.past.chats
    answered = {row.person_id for row in lived.rows(schema.answer)}
    unread = {
        chat: sum(one.from_bot and one.message_id > read for one in chats.shown(chat))
        for chat, read in lived.past.read_up_to.items()
    }

    assert said["done"] > 3
    assert said["uploaded"] > 3
    assert len(answered) >= 3
    assert unread[HANA] > 0
    assert unread[AMINA] <= 3


def test_who_is_silent_and_who_has_blocked_the_bot_hear_no_more_than_they_can(lived: Rehearsed):
    last = max(one.at for one in lived.past.chats.shown(NORI))
    items = {row.kind for row in lived.rows(schema.office_item)}

    assert lived.past.chats.blocked == {NORI}
    assert (ENDS - last).days >= 34
    assert {"blocked", "site_silent"} <= items


def test_a_patient_who_left_is_confirmed_by_the_office(lived: Rehearsed):
    said = kinds(lived)
    attempts, events = lived.rows(schema.contact_attempt), lived.rows(schema.patient_event)

    assert said["no_longer_followed"] == 1
    assert len(attempts) == 1
    assert "lost" in {row.event for row in events}


def test_whoever_has_not_joined_has_an_invitation_and_their_own_patients(lived: Rehearsed):
    waiting = [row for row in lived.rows(schema.person) if row.chat_index is None and row.revoked_at is None]
    (assigned,) = lived.rows(schema.assignment)
    builders = {row.prepared_by for row in lived.rows(schema.release)}

    assert lived.past.chats.shown(DORA) == ()
    assert {row.id for row in waiting} == {assigned.person_id} | builders


def test_a_message_that_got_no_answer_is_tried_once_more_unless_it_became_pointless(sqlcipher_place: Place):
    with rehearsed(sqlcipher_place, small_script(lost=((-60, AMINA),))) as lived:
        tried = lived.rows(schema.delivery)
        lost = [row for row in tried if row.outcome == "ambiguous"]
        again = {row.notice_id for row in tried if row.attempt > 1}
        void = {row.id for row in lived.rows(schema.notice) if row.state == "void"}

    assert len(lost) == 2
    assert {row.notice_id for row in lost} <= again | void


def test_an_outage_is_recorded_and_everything_goes_on_after_it(sqlcipher_place: Place):
    with rehearsed(sqlcipher_place, small_script(outages=((-28, 26),))) as lived:
        (outage,) = lived.rows(schema.outage)
        after = [one for one in lived.past.chats.everything() if one.at > outage.ended_at]

    assert (outage.ended_at - outage.began_at).total_seconds() >= 26 * 3600
    assert after


@pytest.mark.parametrize("ends_at", DAYS.values(), ids=DAYS)
def test_the_same_seed_and_day_live_the_same_however_the_database_is_asked(
    sqlcipher_place: Place, ends_at: datetime, monkeypatch: pytest.MonkeyPatch
):
    with rehearsed(sqlcipher_place, short_script(), ends_at=ends_at) as lived:
        first = lived.fingerprint(), lived.clear()
        moments = [one.at for one in lived.past.chats.everything()]
    # Nothing of it was committed: the database is as empty as before.
    monkeypatch.setattr("records.lived.LivedConnection", ForgetfulConnection)
    with rehearsed(sqlcipher_place, short_script(), ends_at=ends_at) as lived:
        second = lived.fingerprint(), lived.clear()

    assert first == second
    assert max(moments) <= ends_at
    assert moments == sorted(moments)


@settings(max_examples=2)
@given(
    ends_at=st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - UTC is given beside
    seed=st.integers(0, 2**32),
)
@example(ends_at=datetime(2027, 3, 29, 0, 30, tzinfo=UTC), seed=7)  # Europe's clocks went forward the day before
def test_whatever_the_day_and_the_seed_it_is_lived_to_its_end(
    migrated_sqlcipher: Place, tmp_path_factory: pytest.TempPathFactory, ends_at: datetime, seed: int
):
    place = copied(migrated_sqlcipher, tmp_path_factory)
    with rehearsed(place, short_script(), ends_at=ends_at, seed=seed) as lived:
        shown = {one.message_id: one.text.text for one in lived.past.chats.everything() if one.from_bot}

        assert shown == delivered(lived.records)
        assert shown
        lived.records.commit()
    with place.opened() as records, records.read() as tx:
        assert verify(tx).holds


def test_the_trial_office_works(lived: Rehearsed):
    closed = [row for row in lived.rows(schema.office_item) if row.closed_by is not None]
    queried = [row for row in lived.rows(schema.claim_check) if row.kind == "queried"]
    (refused,) = [row for row in lived.rows(schema.delivery) if row.outcome == "refused"]
    registered = Counter(
        row.patient_id for row in lived.rows(schema.patient_event) if row.event == "first_registration"
    )

    assert closed
    assert queried
    assert max(registered.values()) == 2  # the first date, and the right one
    assert {row.id: row.state for row in lived.rows(schema.notice)}[refused.notice_id] == "failed"


def test_the_audit_chain_of_a_rehearsal_holds(sqlcipher_place: Place):
    with rehearsed(sqlcipher_place, small_script(outages=((-28, 26),))) as lived:
        lived.records.commit()
    with sqlcipher_place.opened() as records, records.read() as tx:
        assert verify(tx).holds
