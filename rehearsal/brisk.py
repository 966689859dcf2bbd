"""A rehearsal without its chats: the engine plans, rings, groups, caps and digests as ever, and people say what they say.

Left out is what stands in a chat: no card and no digest is composed, rendered or brought up to date, and an answer goes to the
use case that a press would have come to. Other messages are composed as ever, so that people join and confirm as ever.
"""

from dataclasses import dataclass
from typing import Final, assert_never
from uuid import UUID

from bot import presses
from bot.composing import Send
from bot.presses import Press
from bot.sender import settle
from locales import Text
from office.answers import Outcome, Recorded, Undone, record_answer, undo_answer
from records import answers, digests, outbox, people, plans, reminders
from records.claims import CLAIM_STEPS
from records.outbox import Claim, NoticeKind
from records.transaction import Tx
from rehearsal.cast import Cast
from rehearsal.engine import Engine
from rehearsal.hands import Hands
from scheduler.last_look import put_off
from trial.answers import AnswerKind, Said, Via
from trial.messages import Toast
from trial.tasks import TaskState

NOT_SHOWN: Final = "nothing_changed"
NOTHING_TOLD: Final = "answered"
NOT_ENROLLED: Final = "not_enrolled"
NO_WORDS: Final = Text("")


class BriskEngine(Engine):
    """Sends cards and digests without saying anything in them."""

    def _deliver(self, claim: Claim) -> None:
        match claim.kind:
            case NoticeKind.MESSAGE:
                super()._deliver(claim)
            case NoticeKind.EDIT | NoticeKind.DELETION:
                with self.records.begin() as tx:
                    outbox.drop(tx, claim, NOT_SHOWN, now=self.now)
            case NoticeKind.CARD | NoticeKind.DIGEST:
                self._send_without_words(claim)
            case _:
                assert_never(claim.kind)

    def _send_without_words(self, claim: Claim) -> None:
        now, elapsed = self.clock.now(), self.clock.elapsed()
        with self.records.begin() as tx:
            if put_off(tx, claim, now=now, elapsed=elapsed):
                return
            person = None if claim.person_id is None else people.person_by_id(tx, claim.person_id)
            if person is None or person.chat_id is None:
                outbox.drop(tx, claim, NOT_ENROLLED, now=now)
                return
            if not _tells_something(tx, claim):
                outbox.drop(tx, claim, NOTHING_TOLD, now=now)
                return
            if not outbox.hand_over(tx, claim):
                return
            said = Send(person.chat_id, NO_WORDS, (), person.language)
            result = self.chats.carry(said, now=now)
            settle(tx, claim, said, result, started=elapsed, now=now, elapsed=elapsed)
        if result.message_id is not None:
            self._arrived(claim, said, result.message_id)


def _tells_something(tx: Tx, claim: Claim) -> bool:
    """Whether anything that this was to tell about is still open, or is asked about again."""
    if claim.kind is NoticeKind.DIGEST:
        return claim.digest_id is not None and bool(digests.items_of(tx, claim.digest_id))
    if claim.visit_id is None:
        return False
    open_tasks = {task.id for task in plans.tasks_of_visit(tx, claim.visit_id) if task.state is TaskState.OPEN}
    told = reminders.reminders_in(tx, claim.notice_id)
    return any(task_id in open_tasks or step in CLAIM_STEPS for task_id, step in told)


class BriskHands(Hands):
    """Hands that say in one go what others press: the same answers, judged and recorded by the same use cases."""

    def _press(self, who: Cast, visit_id: UUID, meant: Press, wanted: Toast | None = None) -> bool:
        if who.person_id is None:
            return False
        times = self._engine.times
        outcome: Outcome | Undone
        with self._engine.records.begin() as tx:
            place, actor = plans.visit_place(tx, visit_id), people.actor(tx, who.person_id)
            if place is None or actor is None:
                return False
            if isinstance(meant, presses.Undo):
                outcome = undo_answer(
                    tx, self._engine.studies, place, actor, answer_id=meant.answer, via=Via.BUTTON, **times
                )
            else:
                word = _word(tx, meant)
                outcome = record_answer(
                    tx,
                    self._engine.studies,
                    place,
                    actor,
                    task_id=word.task_id,
                    kind=word.kind,
                    said=word.said,
                    via=Via.BUTTON,
                    **times,
                )
        taken = isinstance(outcome, Undone if wanted is Toast.UNDONE else Recorded)
        if taken:
            self._heard[who.player.place or ""] = self._stage.now
        return taken


@dataclass(frozen=True, slots=True)
class _Word:
    """What a press says."""

    task_id: UUID
    kind: AnswerKind
    said: Said


def _word(tx: Tx, meant: Press) -> _Word:
    match meant:
        case presses.Say(task, AnswerKind.LATER, day):
            return _Word(task, AnswerKind.LATER, Said(until=day))
        case presses.Say(task, kind, day):
            return _Word(task, kind, Said(day=day))
        case presses.SayReason(task, kind, reason):
            return _Word(task, kind, Said(reason=reason))
        case presses.SayValue(task, value):
            return _Word(task, AnswerKind.STATED, Said(value=value))
        case presses.SayLeft(task, leaving):
            return _Word(task, AnswerKind.NO_LONGER_FOLLOWED, Said(leaving=leaving))
        case presses.SayHelp(task, wanted):
            return _Word(task, AnswerKind.NEED_HELP, Said(help=wanted))
        case presses.AlreadySent(task):
            # The claim stands as it was said, with the same day.
            claimed = [one for one in answers.standing_of_task(tx, task) if one.kind is AnswerKind.UPLOADED]
            return _Word(task, AnswerKind.UPLOADED, claimed[-1].said if claimed else Said())
        case _:
            raise TypeError("hands say nothing of the kind")
