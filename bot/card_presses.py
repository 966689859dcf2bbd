"""Presses on a card, and the words that a card asked for."""

from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never
from uuid import UUID

from bot import buttons
from bot.buttons import CardPress, encode
from bot.turns import Reaction, Turn
from office.answers import AlreadyAnswered, Outcome, Recorded, Refusal, Undone, record_answer, undo_answer
from office.cards import UNDO_WITHIN, card_view
from office.telling import tell
from records import answers, cards, plans, questions
from records.cards import CardPlace
from records.edits import put_edits
from records.people import PersonRow, Speaker
from records.plans import VisitPlace
from records.questions import Question
from scheduler.definitions import Definitions, zone_of
from trial.access import Action, may
from trial.answers import AnswerKind, Said, Via
from trial.messages import Refusal as Refused
from trial.messages import Refused as NotTaken
from trial.messages import Toast
from trial.moments import instant, local_day

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


@dataclass(frozen=True, slots=True)
class Scene:
    """Who presses or writes, about which visit, and when: what the rights are judged by."""

    turn: Turn
    speaker: Speaker
    place: VisitPlace

    @property
    def person(self) -> PersonRow:
        return self.speaker.person

    def says(self, toast: Toast) -> Reaction:
        return Reaction(toast, self.person.language)


@dataclass(frozen=True, slots=True)
class Upshot:
    """What came of a press or of words: a short line, the face that the card shows from now on, and whether an edit of
    it is on its way already.
    """

    reaction: Reaction
    face: CardPress | None = None
    edited: bool = False

    @property
    def screen(self) -> str:
        return "" if self.face is None else encode(self.face)


class CardTalk:
    """What happens when somebody presses a button of a card or writes the reason that it asked for."""

    def __init__(self, studies: Definitions) -> None:
        self._studies = studies

    def pressed(self, turn: Turn, speaker: Speaker, chat: int, message_id: int | None, meant: CardPress) -> Reaction:
        """One press. The message that it came from becomes the place where the card stands."""
        person = speaker.person
        place = _place_of(turn, meant)
        if place is None and not isinstance(meant, buttons.Front):
            return Reaction(Toast.UNKNOWN, person.language)
        # A visit that is not theirs and one that there is not are answered alike.
        if place is None or not _may_see(turn, speaker, place):
            return Reaction(Toast.NOT_YOURS, person.language)
        card = _card_of(turn, place, person, chat, message_id)
        if speaker.asked:
            # Whatever was asked in words before: this press is another answer.
            questions.drop(turn.tx, person.id)
        upshot = self._act(Scene(turn, speaker, place), card, meant)
        # What the chat shows may be older than what we last sent: a press asks for the card as it is.
        cards.turn(turn.tx, card.id, upshot.screen)
        _show(turn, card, upshot)
        return upshot.reaction

    def worded(self, turn: Turn, speaker: Speaker, text: str) -> bool:
        """A text that may be the reason a card asked for; False when none was asked for."""
        person = speaker.person
        asked = questions.open_question(turn.tx, person.id, elapsed=turn.elapsed)
        if asked is None:
            return False
        questions.drop(turn.tx, person.id)
        place = plans.visit_place_of_task(turn.tx, asked.task_id)
        if place is None:
            return False
        card = cards.ensure_card(turn.tx, place.visit_id, person.id)
        scene = Scene(turn, speaker, place)
        said = self._record(scene, asked.task_id, asked.kind, Said(text=text.strip()), Via.REPLY)
        if isinstance(said, Refusal):
            # Meanwhile somebody else closed it, or the right to answer ended: nobody shall think that it was taken.
            tell(turn.tx, person.id, Refused(NotTaken.UNREADABLE_TEXT), now=turn.now, elapsed=turn.elapsed)
        upshot = _after(scene, said)
        cards.set_screen(turn.tx, card.id, upshot.screen)
        _show(turn, card, upshot)
        return True

    def _act(self, scene: Scene, card: CardPlace, meant: CardPress) -> Upshot:  # noqa: C901 - one case per press, flat
        quiet, closed = scene.says(Toast.NOTHING), scene.says(Toast.CLOSED)
        match meant:
            case buttons.Front() | buttons.Receipt():
                return Upshot(quiet)
            case buttons.Undo(answer):
                return self._undo(scene, answer)
            case buttons.WriteReason(task, kind):
                if not self._takes(scene.turn, card, task, kind):
                    return Upshot(closed)
                wanted = Question(task_id=task, kind=kind, expires_at=instant(scene.turn.elapsed + WORDS_WITHIN))
                questions.ask(scene.turn.tx, scene.person.id, wanted)
                return Upshot(quiet, meant)
            case buttons.ChooseDay(task, kind) | buttons.Month(task, kind) | buttons.ChooseReason(task, kind):
                return Upshot(quiet, meant) if self._takes(scene.turn, card, task, kind) else Upshot(closed)
            case buttons.Others(task) | buttons.WhyLeft(task) | buttons.ConfirmLeft(task):
                left = AnswerKind.NO_LONGER_FOLLOWED
                return Upshot(quiet, meant) if self._takes(scene.turn, card, task, left) else Upshot(closed)
            case buttons.Say(task, kind, day):
                said = Said(until=day) if kind is AnswerKind.LATER else Said(day=day)
                return _after(scene, self._record(scene, task, kind, said, Via.BUTTON))
            case buttons.SayReason(task, kind, reason):
                return _after(scene, self._record(scene, task, kind, Said(reason=reason), Via.BUTTON))
            case buttons.SayValue(task, value):
                return _after(scene, self._record(scene, task, AnswerKind.STATED, Said(value=value), Via.BUTTON))
            case buttons.SayLeft(task, leaving):
                kind = AnswerKind.NO_LONGER_FOLLOWED
                return _after(scene, self._record(scene, task, kind, Said(leaving=leaving), Via.BUTTON))
        assert_never(meant)

    def _takes(self, turn: Turn, card: CardPlace, task_id: UUID, kind: AnswerKind) -> bool:
        """Whether an answer of this kind would still be taken."""
        view = card_view(turn.tx, self._studies, card.visit_id, card.person_id, now=turn.now, elapsed=turn.elapsed)
        task = None if view is None else view.task(task_id)
        return task is not None and task.open and kind in task.answers

    def _record(self, scene: Scene, task: UUID, kind: AnswerKind, said: Said, via: Via) -> Outcome:
        turn = scene.turn
        return record_answer(
            turn.tx,
            self._studies,
            scene.place,
            scene.speaker.actor,
            task_id=task,
            kind=kind,
            said=said,
            via=via,
            now=turn.now,
            elapsed=turn.elapsed,
            # When the ten minutes are over the card shows itself again, without the way back.
            again_at=instant(turn.elapsed + UNDO_WITHIN),
        )

    def _undo(self, scene: Scene, answer: UUID) -> Upshot:
        turn = scene.turn
        undone = undo_answer(
            turn.tx,
            self._studies,
            scene.place,
            scene.speaker.actor,
            answer_id=answer,
            via=Via.BUTTON,
            now=turn.now,
            elapsed=turn.elapsed,
        )
        if isinstance(undone, Undone):
            return Upshot(scene.says(Toast.UNDONE), edited=True)
        return Upshot(scene.says(_TOASTS[undone]))


def _after(scene: Scene, said: Outcome) -> Upshot:
    match said:
        case Recorded():
            return Upshot(scene.says(Toast.RECORDED), buttons.Receipt(said.answer_id), edited=True)
        case AlreadyAnswered():
            on = local_day(said.at, zone_of(scene.place.zone))
            told = Reaction(Toast.ALREADY_RECORDED, scene.person.language, said.by, on)
            return Upshot(told, buttons.Receipt(said.answer_id))
        case Refusal():
            return Upshot(scene.says(_TOASTS[said]))
    assert_never(said)


def _card_of(turn: Turn, place: VisitPlace, person: PersonRow, chat: int, message_id: int | None) -> CardPlace:
    if message_id is None:
        return cards.ensure_card(turn.tx, place.visit_id, person.id)
    return cards.pressed_card(turn.tx, place.visit_id, person.id, chat_id=chat, message_id=message_id, sent_at=turn.now)


def _show(turn: Turn, card: CardPlace, upshot: Upshot) -> None:
    """Brings the card up to date; an answer has asked for that itself, together with those of the others."""
    if not upshot.edited:
        put_edits(turn.tx, (card.visit_id,), now=turn.now, elapsed=turn.elapsed, people=(card.person_id,))


def _may_see(turn: Turn, speaker: Speaker, place: VisitPlace) -> bool:
    today = local_day(turn.now, zone_of(place.zone))
    return may(speaker.actor, Action.SEE, study_id=place.study_id, site_id=place.site_id, today=today)


def _place_of(turn: Turn, meant: CardPress) -> VisitPlace | None:
    match meant:
        case buttons.Front(visit):
            return plans.visit_place(turn.tx, visit)
        case buttons.Undo(answer) | buttons.Receipt(answer):
            found = answers.answer_by_id(turn.tx, answer)
            return None if found is None else plans.visit_place(turn.tx, found.visit_id)
        case _:
            return plans.visit_place_of_task(turn.tx, meant.task)
