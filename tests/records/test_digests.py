"""Digests: what one goes through, where it stands, and that it has at most one notice waiting."""

from datetime import timedelta

import pytest

from records import audit as log
from records import cards, digests, outbox, schema
from records.outbox import NoticeKind
from tests.records.cast import NOW, add_task, note
from trial.messages import DigestKind

CHAT, MESSAGE = 4711, 90210
DAY = timedelta(days=1)


@pytest.fixture
def tasks(records, cast):
    """Two tasks of the cast's visit and one of another."""
    with records.begin() as tx:
        note(tx, cast)
        other = tx.new_id()
        tx.connection.execute(
            schema.visit.insert().values(
                id=other,
                patient_id=cast.patient,
                site_id=cast.site,
                occurrence="fu_12mo",
                definition="fu",
                status="firm",
                study_version="1",
            )
        )
        return [
            (cast.visit, add_task(tx, cast)),
            (other, add_task(tx, cast, name="other")),
            (cast.visit, add_task(tx, cast, name="report")),
        ]


def make(tx, cast, items, *, to=None, at=NOW, kind=DigestKind.WEEKLY, of_person=None):
    made = digests.make_digest(tx, person_id=to or cast.amina, kind=kind, items=items, made_at=at, of_person=of_person)
    return digests.digest_by_id(tx, made)


def test_the_tasks_of_one_visit_are_gone_through_together(records, cast, tasks):
    (scans, other, report) = tasks
    with records.begin() as tx:
        made = make(tx, cast, [scans, other, report, scans])
        items = digests.items_of(tx, made.id)

    assert {scans: 1, report: 1, other: 2} == {(item.visit_id, item.task_id): item.position for item in items}
    assert [item.position for item in items] == [1, 1, 2]
    assert (made.kind, made.place, made.screen, made.message_id) == (DigestKind.WEEKLY, 0, "", None)


def test_a_digest_without_items_is_a_digest(records, cast):
    with records.begin() as tx:
        made = make(tx, cast, [], kind=DigestKind.HAND_OVER, of_person=cast.berta)

        assert (made.kind, made.of_person) == (DigestKind.HAND_OVER, cast.berta)
        assert digests.items_of(tx, made.id) == ()


def test_a_digest_is_found_by_its_message_and_turned(records, cast, tasks):
    with records.begin() as tx:
        made = make(tx, cast, tasks)
        digests.set_message(tx, made, chat_id=CHAT, message_id=MESSAGE)
        digests.set_shown(tx, made.id, b"shown")
        found = digests.digest_by_message(tx, chat_id=CHAT, message_id=MESSAGE)
        digests.turn(tx, made.id, place=2, screen="days")
        turned = digests.digest_by_id(tx, made.id)

    assert (found.id, found.message_id, found.shown) == (made.id, MESSAGE, b"shown")
    assert (turned.place, turned.screen, turned.shown) == (2, "days", None)


def test_a_digest_stands_where_the_last_press_came_from_and_nowhere_once_its_message_is_gone(records, cast, tasks):
    with records.begin() as tx:
        made = make(tx, cast, tasks)
        digests.set_message(tx, made, chat_id=CHAT, message_id=MESSAGE)
        moved = digests.set_message(tx, digests.digest_by_id(tx, made.id), chat_id=CHAT, message_id=MESSAGE + 1)
        there = digests.digest_by_message(tx, chat_id=CHAT, message_id=MESSAGE + 1)
        left = digests.digest_by_message(tx, chat_id=CHAT, message_id=MESSAGE)
        outdated = digests.forget_message(tx, made)
        gone = digests.forget_message(tx, there)

        assert moved
        assert gone
        assert (left, outdated) == (None, False)
        assert digests.digest_by_id(tx, made.id).message_id is None


def test_a_message_shows_one_digest(records, cast, tasks):
    with records.begin() as tx:
        first, second = make(tx, cast, tasks), make(tx, cast, tasks)
        digests.set_message(tx, first, chat_id=CHAT, message_id=MESSAGE)

        assert not digests.set_message(tx, second, chat_id=CHAT, message_id=MESSAGE)
        assert digests.set_message(tx, digests.digest_by_id(tx, first.id), chat_id=CHAT, message_id=MESSAGE)
        assert digests.digest_by_id(tx, second.id).message_id is None


def test_a_card_is_not_a_digest(records, cast, tasks):
    with records.begin() as tx:
        card = cards.ensure_card(tx, cast.visit, cast.amina)
        cards.adopt(tx, card.id, chat_id=CHAT, message_id=MESSAGE, sent_at=NOW)

        assert digests.digest_by_message(tx, chat_id=CHAT, message_id=MESSAGE) is None


def test_the_newest_digest_of_each_person_follows_a_visit(records, cast, tasks):
    with records.begin() as tx:
        sent = {}
        for name, to, at in (("old", cast.amina, NOW - 7 * DAY), ("new", cast.amina, NOW), ("hers", cast.berta, NOW)):
            sent[name] = make(tx, cast, tasks, to=to, at=at)
            digests.set_message(tx, sent[name], chat_id=CHAT, message_id=MESSAGE + len(sent))
        make(tx, cast, tasks, at=NOW + DAY)  # not sent yet: it will show what holds then
        showing = digests.digests_showing(tx, [cast.visit])

        assert {(sent["new"].id, cast.amina), (sent["hers"].id, cast.berta)} == set(showing)
        assert digests.digests_showing(tx, []) == ()
        assert digests.digests_showing(tx, [tx.new_id()]) == ()


def test_the_last_digest_is_the_newest_that_was_made(records, cast, tasks):
    with records.begin() as tx:
        nothing = digests.last_digest_of(tx, cast.amina)
        make(tx, cast, tasks, at=NOW + DAY)
        newest = make(tx, cast, tasks, at=NOW + 2 * DAY)

        assert nothing is None
        assert newest == digests.last_digest_of(tx, cast.amina)


def test_a_digest_has_at_most_one_notice_that_waits(records, cast, tasks):
    with records.begin() as tx:
        made = make(tx, cast, tasks)
        hers = make(tx, cast, tasks, to=cast.berta)
        first = outbox.put_digests(tx, [(made.id, cast.amina)], now=NOW, elapsed=NOW)
        second = outbox.put_digests(tx, [(made.id, cast.amina), (hers.id, cast.berta)], now=NOW, elapsed=NOW)
        claimed = outbox.claim(tx, elapsed=NOW, token=1, limit=9)
        after = outbox.put_digests(tx, [(made.id, cast.amina)], now=NOW, elapsed=NOW)

    assert (first, second, after) == (1, 1, 1)
    assert {(NoticeKind.DIGEST, made.id), (NoticeKind.DIGEST, hers.id)} == {
        (one.kind, one.digest_id) for one in claimed
    }


def test_a_digests_message_put_back_by_somebody_is_found(records, cast, tasks):
    with records.begin() as tx:
        made = make(tx, cast, tasks)
        digests.set_message(tx, made, chat_id=CHAT, message_id=MESSAGE)
        tx.audit(
            "digest.sent",
            table=schema.digest,
            object_id=made.id,
            by=None,
            at=NOW,
            recorded_at=NOW,
            after={"message_id": MESSAGE},
        )
    with records.begin() as tx:
        holds = log.verify(tx).holds
        forged = tx.seal(schema.digest, made.id, {"message_id": 1}, version=2)
        tx.connection.execute(schema.digest.update().values(sealed=forged))

    assert holds
    with records.read() as tx:
        assert not log.verify(tx).holds
