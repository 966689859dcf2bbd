"""A press is judged by its data and by the rights of its sender now: whoever it comes from, whatever it was made for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import count
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from bot import presses
from bot.buttons import encode
from bot.conversation import Conversation
from bot.presses import Press
from bot.turns import HandledBefore, Reaction
from records import inbox, schema
from records.database import Records
from records.inbox import InboxEntry, Incoming
from records.plans import TaskRow
from tests.databases import Place, key_text, migrated_sqlcipher, sqlcipher_place  # noqa: F401 - fixtures
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, LeavingKind
from trial.messages import Toast
from trial.moments import use_pinned_zones
from trial.people import Role

MESSAGE = 77


@dataclass
class Office:
    """One patient at site 417, with a visit due today, and everybody who may or may not answer for it."""

    trial: Trial
    conversation: Conversation
    task: TaskRow
    numbers: "count[int]"

    def entry(self) -> InboxEntry:
        number = next(self.numbers)
        with self.trial.records.begin() as tx:
            arrived = Incoming(
                identity=f"callback:{number}", update_id=number, kind="press", payload={}, tombstone=False
            )
            inbox.store(tx, [arrived], elapsed=self.trial.clock.elapsed())
            return inbox.open_entries(tx, elapsed=self.trial.clock.elapsed(), limit=1)[0]

    def chat(self, person_id: UUID) -> int:
        chat = self.trial.person(person_id).chat_id
        assert chat is not None
        return chat

    def press(self, chat: int, press: Press) -> Reaction:
        return self.conversation.press(self.entry(), chat, MESSAGE, encode(press))

    def written(self) -> dict[str, int]:
        """How many rows there are of all that a press could write."""
        tables = (schema.answer, schema.card, schema.card_message, schema.question, schema.notice, schema.audit)
        with self.trial.records.read() as tx:
            return {
                table.name: tx.connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables
            }


@pytest.fixture
def records(sqlcipher_place: Place):  # noqa: F811 - the fixture
    use_pinned_zones()
    with sqlcipher_place.opened() as opened:
        yield opened


@pytest.fixture
def office(records: Records) -> Office:
    trial = Trial(records)
    patient = trial.patient("417-003", first_registration="2026-03-02")
    conversation = Conversation(records, trial.clock, trial.studies)
    return Office(trial, conversation, trial.task(patient, "baseline_imaging"), count(1))


def presses_on(task: TaskRow) -> list[Press]:
    """Every kind of press there is on a card."""
    today = date(2026, 3, 2)
    return [
        presses.Front(task.visit_id),
        presses.ChooseDay(task.id, AnswerKind.DONE),
        presses.Month(task.id, AnswerKind.DONE, today.replace(day=1)),
        presses.Say(task.id, AnswerKind.DONE, today),
        presses.Others(task.id),
        presses.ChooseReason(task.id, AnswerKind.NOT_DONE),
        presses.SayReason(task.id, AnswerKind.NOT_DONE, "mri_not_possible"),
        presses.WriteReason(task.id, AnswerKind.NOT_DONE),
        presses.SayValue(task.id, "yes"),
        presses.WhyLeft(task.id),
        presses.ConfirmLeft(task.id, LeavingKind.DEATH),
        presses.SayLeft(task.id, LeavingKind.DEATH),
    ]


def _revoked(trial: Trial) -> UUID:
    """Revoked, but a press of theirs still finds its way in: as if the chat were still theirs."""
    person = trial.enrolled("Amina")
    with trial.records.begin() as tx:
        tx.connection.execute(sa.update(schema.person).values(revoked_at=trial.clock.now()))
    return person


def _left_yesterday(trial: Trial) -> UUID:
    person = trial.enrolled("Amina")
    with trial.records.begin() as tx:
        tx.connection.execute(
            sa.update(schema.membership)
            .where(schema.membership.c.person_id == person)
            .values(since=date(2026, 1, 1), until=date(2026, 3, 1))
        )
    return person


def _starts_tomorrow(trial: Trial) -> UUID:
    person = trial.enrolled("Amina")
    with trial.records.begin() as tx:
        tx.connection.execute(
            sa.update(schema.membership)
            .where(schema.membership.c.person_id == person)
            .values(since=date(2026, 3, 3), until=None)
        )
    return person


WITHOUT_RIGHT: dict[str, Callable[[Trial], UUID]] = {
    "a coordinator of another site": lambda trial: trial.enrolled("Clara", site="501"),
    "an investigator of another site": lambda trial: trial.enrolled("Dora", site="501", role=Role.INVESTIGATOR),
    "somebody whose access was ended": _revoked,
    "somebody whose time ended yesterday": _left_yesterday,
    "somebody whose time begins tomorrow": _starts_tomorrow,
}


@pytest.mark.parametrize("who", WITHOUT_RIGHT, ids=str)
def test_without_the_right_no_press_writes_or_shows_anything(office: Office, who: str) -> None:
    chat = office.chat(WITHOUT_RIGHT[who](office.trial))
    before = office.written()

    reactions = [office.press(chat, press).toast for press in presses_on(office.task)]

    assert set(reactions) == {Toast.NOT_YOURS}
    assert office.written() == before


def test_a_chat_that_is_nobodys_gets_no_further(office: Office) -> None:
    before = office.written()

    reactions = {office.press(99_999, press).toast for press in presses_on(office.task)}

    assert reactions == {Toast.NOT_YOURS}
    assert office.written() == before


@pytest.mark.parametrize(
    ("role", "site"), [(Role.COORDINATOR, "417"), (Role.INVESTIGATOR, "417"), (Role.MANAGER, None)], ids=str
)
def test_whoever_has_the_right_answers_under_their_own_name(office: Office, role: Role, site: str | None) -> None:
    person = office.trial.enrolled("Amina", role=role, site=site)

    reaction = office.press(office.chat(person), presses.Say(office.task.id, AnswerKind.DONE, date(2026, 3, 2)))

    assert reaction.toast is Toast.RECORDED
    with office.trial.records.read() as tx:
        assert tx.connection.scalars(sa.select(schema.answer.c.person_id)).all() == [person]


def test_the_right_is_that_of_the_moment_of_the_press(office: Office) -> None:
    chat = office.chat(office.trial.enrolled("Amina"))
    assert office.press(chat, presses.ChooseDay(office.task.id, AnswerKind.DONE)).toast is Toast.NOTHING

    office.trial.revoked("Amina")

    press = presses.Say(office.task.id, AnswerKind.DONE, date(2026, 3, 2))
    assert office.press(chat, press).toast is Toast.NOT_YOURS


def test_what_does_not_exist_is_out_of_date(office: Office) -> None:
    chat = office.chat(office.trial.enrolled("Amina"))
    before = office.written()

    unknown = [
        presses.Say(uuid4(), AnswerKind.DONE, date(2026, 3, 2)),
        presses.Undo(uuid4()),
        presses.Receipt(uuid4()),
        presses.Others(uuid4()),
    ]

    assert {office.press(chat, press).toast for press in unknown} == {Toast.UNKNOWN}
    assert office.press(chat, presses.Front(uuid4())).toast is Toast.NOT_YOURS
    assert office.written() == before


def test_an_upload_cannot_be_claimed_before_its_scan_took_place(office: Office) -> None:
    person = office.trial.enrolled("Amina")
    upload = office.trial.task(office.task.patient_id, "baseline_imaging", "upload_ct")

    choose = office.press(office.chat(person), presses.ChooseDay(upload.id, AnswerKind.UPLOADED))
    say = office.press(office.chat(person), presses.Say(upload.id, AnswerKind.UPLOADED, date(2026, 3, 2)))

    assert choose.toast is Toast.CLOSED
    assert say.toast is not Toast.RECORDED


def test_only_a_manager_ends_access_or_lets_stay(office: Office) -> None:
    amina, berta = office.trial.enrolled("Amina"), office.trial.enrolled("Berta")

    for press in (presses.Revoke(berta), presses.Keep(berta), presses.Revoke(amina)):
        assert office.press(office.chat(amina), press).toast is Toast.NOT_YOURS
    assert office.press(office.chat(office.trial.manager()), presses.Revoke(berta)).toast is Toast.RECORDED

    assert office.trial.person(berta).revoked_at is not None
    assert office.trial.person(amina).revoked_at is None


def test_a_practice_item_is_answered_by_its_owner_alone(office: Office) -> None:
    amina, berta = office.trial.enrolled("Amina"), office.trial.enrolled("Berta")

    assert office.press(office.chat(amina), presses.GotIt(berta)).toast is Toast.NOT_YOURS
    assert office.press(office.chat(berta), presses.GotIt(berta)).toast is Toast.RECORDED


def test_an_invitation_is_answered_by_the_chat_that_opened_it_alone(office: Office) -> None:
    amina = office.trial.enrolled("Amina")
    with office.trial.records.read() as tx:
        invite = tx.connection.scalars(sa.select(schema.invite.c.id)).first()
    assert isinstance(invite, UUID)
    before = office.written()

    for press in (
        presses.Join(invite),
        presses.Decline(invite),
        presses.Languages(invite),
        presses.Speak(invite, "ja"),
    ):
        for chat in (office.chat(amina), 99_999):
            assert office.press(chat, press).toast is Toast.CLOSED

    assert office.written() == before


def test_an_update_that_was_handled_is_not_handled_again(office: Office) -> None:
    chat = office.chat(office.trial.enrolled("Amina"))
    entry = office.entry()
    data = encode(presses.Say(office.task.id, AnswerKind.DONE, date(2026, 3, 2)))
    office.conversation.press(entry, chat, MESSAGE, data)
    before = office.written()

    with pytest.raises(HandledBefore):
        office.conversation.press(entry, chat, MESSAGE, data)

    assert office.written() == before
