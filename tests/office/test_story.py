"""The communication log of a patient, read as an inspector would: who was told what exactly, who said what, what changed."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import pytest

from office.board.patient import patient_of
from office.board.story import Answered, Changed, StoryEntry, Told, days_of, story_of
from office.board.viewer import viewer_of
from office.claims import query
from office.entering import take_back_by
from office.leaving import confirm
from office.taking_down import take_down
from records import digests, outbox, schema
from records.outbox import Attempt, NoticeKind, NoticeState, Outcome
from records.transaction import Tx
from tests.office.vocabulary import Trial
from trial.answers import AnswerKind, LeavingKind, Said, TakenDown, Via
from trial.messages import DigestKind, ItemKind
from trial.people import Role
from trial.story import ChangeKind


@dataclass
class Line:
    """The way to Telegram, one message after the other. `comes`: of the next attempts to send a card."""

    trial: Trial
    comes: list[Outcome] = field(default_factory=list)
    sent: int = 0

    def delivers(self, text: str = "a message", *, stands_at: int | None = None) -> None:
        """Sends all that waits, and tries again what may be tried again."""
        while self._one(text, stands_at):
            self.trial.clock.wait(outbox.LONGEST_WAIT)

    def _one(self, text: str, stands_at: int | None) -> bool:
        times = self.trial.times
        with self.trial.records.begin() as tx:
            claims = outbox.claim(tx, elapsed=times["elapsed"], token=1, limit=1)
        for claim in claims:
            with self.trial.records.begin() as tx:
                assert outbox.hand_over(tx, claim)
            self.sent += 1
            told_of = claim.kind is NoticeKind.CARD and bool(self.comes)
            outcome = self.comes.pop(0) if told_of else Outcome.ACCEPTED
            message_id = stands_at or self.sent if outcome is Outcome.ACCEPTED else None
            attempt = Attempt(
                outcome=outcome,
                started_at=times["elapsed"],
                finished_at=times["elapsed"],
                language="en",
                catalogue="test",
                text=text,
                buttons=[[["Done", "press"], ["Later", "press"]]],
                message_id=message_id,
            )
            with self.trial.records.begin() as tx:
                assert outbox.settle(tx, claim, attempt, now=times["now"], elapsed=times["elapsed"])
        return bool(claims)


@pytest.fixture
def manager(trial: Trial):
    return trial.manager()


@pytest.fixture
def amina(trial: Trial, manager):
    return trial.enrolled("Amina")


@pytest.fixture
def line(trial: Trial, amina) -> Line:
    line = Line(trial)
    line.delivers("a welcome")
    return line


@pytest.fixture
def patient(trial: Trial, line):
    return trial.patient("417-001", first_registration="2026-03-02")


def story(trial: Trial, person: UUID, patient: UUID) -> tuple[StoryEntry, ...]:
    with trial.records.read() as tx:
        viewer = viewer_of(tx, person, now=trial.clock.now())
        assert viewer is not None
        found = patient_of(tx, viewer, patient)
        assert found is not None
        return story_of(tx, trial.studies, viewer, *found)


def told(entries: tuple[StoryEntry, ...]) -> list[Told]:
    return [entry for entry in entries if isinstance(entry, Told)]


def said(entries: tuple[StoryEntry, ...]) -> list[Answered]:
    return [entry for entry in entries if isinstance(entry, Answered)]


def changed(entries: tuple[StoryEntry, ...]) -> list[ChangeKind]:
    return [entry.change.kind for entry in entries if isinstance(entry, Changed)]


def test_it_begins_with_the_patient_and_tells_everything_in_its_order(trial: Trial, manager, amina, patient, line):
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    line.delivers("🔔 Site 417\nBaseline CT and MRI: was it done?")
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    entries = story(trial, manager, patient)

    assert changed(entries)[:3] == [ChangeKind.PATIENT_ADDED, ChangeKind.EVENT_HAPPENED, ChangeKind.PLANNED]
    [message] = told(entries)
    assert (message.to, message.kind, message.state, message.steps) == (
        "Amina",
        NoticeKind.CARD,
        NoticeState.SENT,
        ("late",),
    )
    assert message.shown is not None
    assert message.shown.text == "🔔 Site 417\nBaseline CT and MRI: was it done?"
    assert message.shown.buttons == (("Done", "Later"),)
    [answer] = said(entries)
    assert (answer.by, answer.via, answer.word.kind, answer.word.day) == (
        "Amina",
        Via.BUTTON,
        AnswerKind.DONE,
        date(2026, 2, 20),
    )
    moments = [entry.at for entry in entries]
    assert moments == sorted(moments)


def test_later_versions_of_a_message_stand_under_it(trial: Trial, manager, amina, patient, line):
    task = trial.task(patient, "baseline_imaging")
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    line.delivers("first", stands_at=70)
    trial.shows_card(amina, task.visit_id, message_id=70)
    trial.says(amina, task, AnswerKind.BOOKED, day="2026-03-10")
    line.delivers("booked", stands_at=70)
    trial.says(amina, task, AnswerKind.LATER, until="2026-03-04")
    line.delivers("later", stands_at=70)
    [message] = told(story(trial, manager, patient))

    assert message.shown is not None
    assert message.shown.text == "first"
    assert [edit.shown.text for edit in message.edits if edit.shown] == ["booked", "later"]
    assert {edit.kind for edit in message.edits} == {NoticeKind.EDIT}


def test_each_attempt_and_its_outcome_is_told_also_when_nobody_knows_what_came_of_it(
    trial: Trial, manager, patient, line
):
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    line.comes = [Outcome.AMBIGUOUS, Outcome.AMBIGUOUS]
    line.delivers("perhaps twice")
    [message] = told(story(trial, manager, patient))

    assert message.state is NoticeState.UNKNOWN
    assert [(one.outcome, one.text) for one in message.attempts] == [(Outcome.AMBIGUOUS, "perhaps twice")] * 2


def test_a_message_that_did_not_arrive_says_so(trial: Trial, manager, patient, line):
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    line.comes = [Outcome.FLOOD, Outcome.UNREACHABLE]
    line.delivers()
    [message] = told(story(trial, manager, patient))

    assert message.state is NoticeState.FAILED
    assert [one.outcome for one in message.attempts] == [Outcome.FLOOD, Outcome.UNREACHABLE]


def test_what_was_called_back_before_it_left_stands_there_with_its_reason(trial: Trial, manager, amina, patient, line):
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    task = trial.task(patient, "baseline_imaging")
    trial.says(amina, task, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)
    [card] = [one for one in told(story(trial, manager, patient)) if one.kind is NoticeKind.CARD]

    assert (card.state, card.void_because, card.attempts) == (NoticeState.VOID, "patient_paused", ())


def test_an_answer_by_phone_says_who_told_whom_and_one_that_was_taken_back_says_by_whom_and_why(
    trial: Trial, manager, amina, patient
):
    task = trial.task(patient, "baseline_imaging")
    nurse = TakenDown("Study nurse", date(2026, 3, 2))
    down = {"kind": AnswerKind.DONE, "said": Said(day=date(2026, 2, 20)), "told": nurse, "via": Via.PHONE}
    outcome = trial.does(take_down, trial.studies, task_id=task.id, by=manager, **down)
    trial.wait(hours=1)
    back = {"patient_id": patient, "reason": "The nurse meant another patient.", "by": manager}
    trial.does(take_back_by, trial.studies, outcome.answer_id, **back)
    first, second = said(story(trial, manager, patient))

    assert (first.by, first.via, first.told) == ("Manager A", Via.PHONE, nurse)
    assert first.taken_back_at == second.at
    assert second.takes_back == first.word
    assert (second.by, second.reason) == ("Manager A", "The nurse meant another patient.")


def test_a_query_and_a_patient_who_left_are_told_with_who_and_what(trial: Trial, manager, amina, patient):
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    upload = trial.task(patient, "baseline_imaging", "upload_ct")
    claimed = trial.says(amina, upload, AnswerKind.UPLOADED, day="2026-02-20")
    trial.does(query, trial.studies, claimed.answer_id, manager, "Two series are missing.")
    trial.says(
        amina,
        trial.task(patient, "reevaluation_imaging"),
        AnswerKind.NO_LONGER_FOLLOWED,
        leaving=LeavingKind.DEATH,
    )
    trial.does(confirm, trial.studies, patient, LeavingKind.DEATH, date(2026, 3, 2), manager)
    entries = story(trial, manager, patient)
    changes = [entry for entry in entries if isinstance(entry, Changed)]

    [asked] = [entry for entry in changes if entry.change.kind is ChangeKind.CLAIM_QUERIED]
    assert (asked.by, asked.change.words) == ("Manager A", "Two series are missing.")
    items = [entry.change for entry in changes if entry.change.item is ItemKind.LEAVING]
    assert [one.kind for one in items] == [ChangeKind.ITEM_OPENED, ChangeKind.ITEM_CLOSED]
    kinds = changed(entries)
    assert kinds.index(ChangeKind.PAUSED) < kinds.index(ChangeKind.ENDED)


def test_messages_about_the_patient_stand_there_and_those_about_others_do_not(
    trial: Trial, manager, amina, patient, line
):
    other = trial.patient("417-002", first_registration="2026-03-02")
    for one in (patient, other):
        task = trial.task(one, "reevaluation_imaging")
        trial.says(amina, task, AnswerKind.NO_LONGER_FOLLOWED, leaving=LeavingKind.LOST)
    trial.forward_to("2026-03-03 10:00")
    line.delivers()
    messages = [one for one in told(story(trial, manager, patient)) if one.kind is NoticeKind.MESSAGE]

    assert [(one.to, one.message) for one in messages] == [("Manager A", "leaving_to_confirm")]


def test_a_digest_that_tells_of_another_site_is_shown_without_its_text_to_whoever_belongs_to_one(
    trial: Trial, manager, amina, patient, line
):
    elsewhere = trial.patient("501-001", site="501", first_registration="2026-03-02")
    trial.forward_to("2026-03-09 10:00")
    with trial.records.begin() as tx:
        visits = [(one.visit_id, one.id) for one in (trial.task(patient, "baseline_imaging"),)]
        others = [(one.visit_id, one.id) for one in (trial.task(elsewhere, "baseline_imaging"),)]
        digest_of(tx, trial, manager, [*visits, *others])
    line.delivers("two of two: 417-001, 501-001")
    berta = trial.enrolled("Berta", role=Role.MONITOR)
    whole = [one for one in told(story(trial, manager, patient)) if one.kind is NoticeKind.DIGEST]
    part = [one for one in told(story(trial, berta, patient)) if one.kind is NoticeKind.DIGEST]

    assert [one.shown.text for one in whole if one.shown] == ["two of two: 417-001, 501-001"]
    assert [(one.withheld, one.shown.text if one.shown else None) for one in part] == [(True, "")]


def digest_of(tx: Tx, trial: Trial, person: UUID, tasks: list[tuple[UUID, UUID]]) -> None:
    """A digest to one person about these tasks, pairs of visit and task."""
    made = trial.clock.now()
    digest_id = digests.make_digest(tx, person_id=person, kind=DigestKind.WEEKLY, items=tasks, made_at=made)
    outbox.put_digests(tx, [(digest_id, person)], **trial.times)
    tx.audit("digest.made", table=schema.digest, object_id=digest_id, by=None, at=made, recorded_at=made)


def test_days_are_those_of_the_site(trial: Trial, manager, line):
    patient = trial.patient("501-001", site="501", first_registration="2026-03-02")
    trial.forward_to("2026-03-02 17:00")
    trial.event("501-001", "second_registration", "2026-03-02")
    with trial.records.read() as tx:
        viewer = viewer_of(tx, manager, now=trial.clock.now())
        who, site = patient_of(tx, viewer, patient)
        days = days_of(story_of(tx, trial.studies, viewer, who, site), site)

    assert [day.day for day in days] == [date(2026, 3, 2), date(2026, 3, 3)]


@pytest.mark.parametrize(
    ("role", "site"), [(Role.COORDINATOR, "501"), (Role.MONITOR, "501"), (Role.ADMINISTRATOR, None)]
)
def test_for_whom_may_not_see_the_patient_there_is_none(trial: Trial, patient, role, site):
    somebody = trial.enrolled("Somebody", role=role, site=site)
    with trial.records.read() as tx:
        viewer = viewer_of(tx, somebody, now=trial.clock.now())
        assert viewer is not None
        assert patient_of(tx, viewer, patient) is None


def test_every_entry_stands_for_a_row_that_the_audit_trail_knows(trial: Trial, manager, amina, patient, line):
    trial.forward_to("2026-03-03 10:00")
    trial.tick()
    line.delivers()
    trial.says(amina, trial.task(patient, "baseline_imaging"), AnswerKind.DONE, day="2026-02-20")
    entries = story(trial, manager, patient)

    assert all(entry.order > 0 for entry in entries)
    assert trial.audit_holds()
