"""Presses on a card, and the words that a card asked for."""

from datetime import date, timedelta
from typing import assert_never
from uuid import UUID

from bot import buttons
from bot.buttons import CardPress, encode
from bot.turns import Reaction, Turn
from office.answers import AlreadyAnswered, Outcome, Recorded, Refusal, Undone, record_answer, undo_answer
from office.cards import UNDO_WITHIN, card_view
from office.telling import tell
from records import answers, cards, outbox, people, plans, questions
from records.cards import CardPlace
from records.people import PersonRow
from records.plans import VisitPlace
from records.questions import Question
from scheduler.definitions import Definitions, zone_of
from trial.access import Action, may
from trial.answers import AnswerKind, Said, Via
from trial.messages import Refusal as Refused
from trial.messages import Refused as NotTaken
from trial.messages import Toast
from trial.moments import local_day

WORDS_WITHIN = timedelta(hours=1)
"""How long a question for a reason in words stays open, by elapsed time."""

_TOASTS = {
    Refusal.UNKNOWN: Toast.UNKNOWN,
    Refusal.NOT_ALLOWED: Toast.NOT_YOURS,
    Refusal.CLOSED: Toast.CLOSED,
    Refusal.FUTURE_DAY: Toast.FUTURE_DAY,
    Refusal.BEFORE_REGISTRATION: Toast.BEFORE_REGISTRATION,
    Refusal.UNFIT: Toast.UNKNOWN,
    Refusal.TOO_LATE_TO_UNDO: Toast.TOO_LATE_TO_UNDO,
    Refusal.ALREADY_UNDONE: Toast.UNDONE,
}


class CardTalk:
    """What happens when somebody presses a button of a card or writes the reason that it asked for."""

    def __init__(self, studies: Definitions) -> None:
        self._studies = studies

    def pressed(self, turn: Turn, person: PersonRow, chat: int, message_id: int | None, meant: CardPress) -> Reaction:
        """One press. The message that it came from becomes the place where the card stands."""
        place = _place_of(turn, meant)
        if place is None and not isinstance(meant, buttons.Front):
            return Reaction(Toast.UNKNOWN, person.language)
        # A visit that is not theirs and one that there is not are answered alike.
        if place is None or not _may_see(turn, person, place):
            return Reaction(Toast.NOT_YOURS, person.language)
        card = cards.ensure_card(turn.tx, place.visit_id, person.id)
        if message_id is not None:
            cards.adopt(turn.tx, card.id, chat_id=chat, message_id=message_id, sent_at=turn.now)
        # Whatever was asked in words before: this press is another answer.
        questions.drop(turn.tx, person.id)
        reaction, face = self._act(turn, person, card, meant)
        # What the chat shows may be older than what we last sent: a press asks for the card as it is.
        cards.turn(turn.tx, card.id, "" if face is None else encode(face))
        outbox.put_edits(turn.tx, place.visit_id, now=turn.now, elapsed=turn.elapsed, people=(person.id,))
        return reaction

    def worded(self, turn: Turn, person: PersonRow, text: str) -> bool:
        """A text that may be the reason a card asked for; False when none was asked for."""
        asked = questions.open_question(turn.tx, person.id, elapsed=turn.elapsed)
        if asked is None:
            return False
        questions.drop(turn.tx, person.id)
        task = plans.task_by_id(turn.tx, asked.task_id)
        if task is None:
            return False
        outcome = self._record(turn, person, asked.task_id, asked.kind, Said(text=text.strip()), Via.REPLY)
        card = cards.ensure_card(turn.tx, task.visit_id, person.id)
        if isinstance(outcome, Refusal):
            # Meanwhile somebody else closed it, or the right to answer ended: nobody shall think that it was taken.
            tell(turn.tx, person.id, Refused(NotTaken.UNREADABLE_TEXT), now=turn.now, elapsed=turn.elapsed)
        _reaction, face = self._after(turn, person, outcome)
        cards.set_screen(turn.tx, card.id, "" if face is None else encode(face))
        outbox.put_edits(turn.tx, task.visit_id, now=turn.now, elapsed=turn.elapsed, people=(person.id,))
        return True

    def _act(  # noqa: C901 - one case per press, flat
        self, turn: Turn, person: PersonRow, card: CardPlace, meant: CardPress
    ) -> tuple[Reaction, buttons.CardPress | None]:
        """What a press does: a short line, and the face that the card shows from now on."""
        quiet, closed = Reaction(Toast.NOTHING, person.language), Reaction(Toast.CLOSED, person.language)
        match meant:
            case buttons.Front() | buttons.Receipt():
                return quiet, None
            case buttons.Undo(answer):
                return self._undo(turn, person, answer)
            case buttons.WriteReason(task, kind):
                if not self._takes(turn, card, task, kind):
                    return closed, None
                wanted = Question(task_id=task, kind=kind, expires_at=turn.elapsed + WORDS_WITHIN)
                questions.ask(turn.tx, person.id, wanted)
                return quiet, meant
            case buttons.ChooseDay(task, kind) | buttons.Month(task, kind) | buttons.ChooseReason(task, kind):
                return (quiet, meant) if self._takes(turn, card, task, kind) else (closed, None)
            case buttons.Others(task) | buttons.WhyLeft(task) | buttons.ConfirmLeft(task):
                left = AnswerKind.NO_LONGER_FOLLOWED
                return (quiet, meant) if self._takes(turn, card, task, left) else (closed, None)
            case buttons.Say(task, kind, day):
                said = Said(until=day) if kind is AnswerKind.LATER else Said(day=day)
                return self._after(turn, person, self._record(turn, person, task, kind, said, Via.BUTTON))
            case buttons.SayReason(task, kind, reason):
                said = Said(reason=reason)
                return self._after(turn, person, self._record(turn, person, task, kind, said, Via.BUTTON))
            case buttons.SayValue(task, value):
                said = Said(value=value)
                return self._after(turn, person, self._record(turn, person, task, AnswerKind.STATED, said, Via.BUTTON))
            case buttons.SayLeft(task, leaving):
                said = Said(leaving=leaving)
                kind = AnswerKind.NO_LONGER_FOLLOWED
                return self._after(turn, person, self._record(turn, person, task, kind, said, Via.BUTTON))
        assert_never(meant)

    def _takes(self, turn: Turn, card: CardPlace, task_id: UUID, kind: AnswerKind) -> bool:
        """Whether an answer of this kind would still be taken."""
        view = card_view(turn.tx, self._studies, card.visit_id, card.person_id, now=turn.now, elapsed=turn.elapsed)
        task = None if view is None else view.task(task_id)
        return task is not None and task.open and kind in task.answers

    def _record(self, turn: Turn, person: PersonRow, task: UUID, kind: AnswerKind, said: Said, via: Via) -> Outcome:
        return record_answer(
            turn.tx,
            self._studies,
            task_id=task,
            person_id=person.id,
            kind=kind,
            said=said,
            via=via,
            now=turn.now,
            elapsed=turn.elapsed,
        )

    @staticmethod
    def _after(turn: Turn, person: PersonRow, outcome: Outcome) -> tuple[Reaction, buttons.CardPress | None]:
        match outcome:
            case Recorded():
                # When the ten minutes are over the card shows itself again, without the way back.
                outbox.put_edits(
                    turn.tx,
                    outcome.visit_id,
                    now=turn.now,
                    elapsed=turn.elapsed,
                    hold_until=turn.elapsed + UNDO_WITHIN,
                    people=(person.id,),
                )
                return Reaction(Toast.RECORDED, person.language), buttons.Receipt(outcome.answer_id)
            case AlreadyAnswered():
                said = Reaction(Toast.ALREADY_RECORDED, person.language, outcome.by, _day_at_the_site(turn, outcome))
                return said, buttons.Receipt(outcome.answer_id)
            case Refusal():
                return Reaction(_TOASTS[outcome], person.language), None
        assert_never(outcome)

    def _undo(self, turn: Turn, person: PersonRow, answer: UUID) -> tuple[Reaction, None]:
        outcome = undo_answer(
            turn.tx,
            self._studies,
            answer_id=answer,
            person_id=person.id,
            via=Via.BUTTON,
            now=turn.now,
            elapsed=turn.elapsed,
        )
        said = Toast.UNDONE if isinstance(outcome, Undone) else _TOASTS[outcome]
        return Reaction(said, person.language), None


def _day_at_the_site(turn: Turn, before: AlreadyAnswered) -> date | None:
    place = plans.task_place(turn.tx, before.task_id)
    return None if place is None else local_day(before.at, zone_of(place.zone))


def _may_see(turn: Turn, person: PersonRow, place: VisitPlace) -> bool:
    actor = people.actor(turn.tx, person.id)
    today = local_day(turn.now, zone_of(place.zone))
    return actor is not None and may(actor, Action.SEE, study_id=place.study_id, site_id=place.site_id, today=today)


def _place_of(turn: Turn, meant: CardPress) -> VisitPlace | None:
    match meant:
        case buttons.Front(visit):
            return plans.visit_place(turn.tx, visit)
        case buttons.Undo(answer) | buttons.Receipt(answer):
            found = answers.answer_by_id(turn.tx, answer)
            return None if found is None else plans.visit_place(turn.tx, found.visit_id)
        case _:
            return plans.visit_place_of_task(turn.tx, meant.task)
