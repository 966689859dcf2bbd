"""Presses on a card, in a message of its own or in a digest, and the words that a card asked for."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import assert_never
from uuid import UUID

from bot import digests, presses
from bot.buttons import encode
from bot.digests import face_of
from bot.discreet import is_discreet
from bot.presses import CardPress
from bot.rights import at_site, permits
from bot.turns import Reaction, Turn
from office import explaining
from office.answers import AlreadyAnswered, Outcome, Recorded, Refusal, Undone, record_answer, undo_answer
from office.cards import UNDO_WITHIN, CardView, card_view
from office.item_page import LINK_FOR
from office.telling import tell
from records import answers, cards, outbox, plans, questions
from records import digests as digest_rows
from records.digests import DigestRow
from records.edits import Again, put_edits
from records.people import PersonRow, Speaker
from records.plans import VisitPlace
from records.questions import Question
from scheduler.definitions import Definitions, zone_of
from trial.answers import AnswerKind, Said, Via
from trial.messages import Refusal as Refused
from trial.messages import Refused as NotTaken
from trial.messages import Toast
from trial.moments import Instant, instant, local_day

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
    """What came of a press or of words: a short line, the face that the card shows from now on, whether an edit of it is on
    its way already, and when (elapsed) it has to show itself once more.
    """

    reaction: Reaction
    face: CardPress | None = None
    edited: bool = False
    again_at: Instant | None = None

    @property
    def screen(self) -> str:
        return "" if self.face is None else encode(self.face)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a card is shown: in a message of its own, or as an item of a digest."""

    visit_id: UUID
    person_id: UUID
    card: UUID | None = None
    digest: DigestRow | None = None


class CardTalk:
    """What happens when somebody presses a button of a card or writes the reason that it asked for."""

    def __init__(self, studies: Definitions) -> None:
        self._studies = studies

    def pressed(self, turn: Turn, speaker: Speaker, chat: int, message_id: int | None, meant: CardPress) -> Reaction:
        """One press. The message that it came from becomes the place where the card stands, unless it is a digest."""
        person = speaker.person
        place = _place_of(turn, meant)
        if place is None and not isinstance(meant, presses.Front | presses.OpenItem | presses.Linked):
            return Reaction(Toast.UNKNOWN, person.language)
        # A visit that is not theirs and one that there is not are answered alike.
        if place is None or not permits(speaker.actor, meant, at_site(place, now=turn.now)):
            return Reaction(Toast.NOT_YOURS, person.language)
        spot = _spot_of(turn, place, person, chat, message_id)
        if speaker.asked:
            # Whatever was asked in words before: this press is another answer.
            questions.drop(turn.tx, person.id)
        scene = Scene(turn, speaker, place)
        if is_discreet(place.disclosure) and not isinstance(meant, presses.Front | presses.OpenItem):
            # A button from before the site chose that its chats name nothing: what it leads to would.
            upshot = Upshot(scene.says(Toast.UNKNOWN))
        else:
            upshot = self._act(scene, spot, meant)
        show(turn, spot, upshot)
        return upshot.reaction

    def worded(self, turn: Turn, speaker: Speaker, text: str) -> bool:
        """A text that may be the reason a card asked for; False when none was asked for."""
        person = speaker.person
        asked = questions.open_question(turn.tx, person.id, elapsed=turn.elapsed)
        if asked is None:
            return False
        questions.drop(turn.tx, person.id)
        place = plans.visit_place_of_task(turn.tx, asked.task_id)
        if place is None or is_discreet(place.disclosure):
            return False
        scene = Scene(turn, speaker, place)
        said = self._record(scene, asked.task_id, asked.kind, Said(text=text.strip()), Via.REPLY)
        if isinstance(said, Refusal):
            # Meanwhile somebody else closed it, or the right to answer ended: nobody shall think that it was taken.
            tell(turn.tx, person.id, Refused(NotTaken.UNREADABLE_TEXT), now=turn.now, elapsed=turn.elapsed)
        show(turn, _asking_spot(turn, place, person, asked), _after(scene, said))
        return True

    def _act(self, scene: Scene, spot: Spot, meant: CardPress) -> Upshot:  # noqa: C901, PLR0912 - one case per press, flat
        quiet = scene.says(Toast.NOTHING)
        match meant:
            case presses.Front() | presses.Receipt() | presses.Linked():
                return Upshot(quiet)
            case presses.OpenItem(visit):
                return self._link(scene, visit)
            case presses.Undo(answer):
                return self._undo(scene, answer)
            case presses.WriteReason(task, kind):
                return self._ask_for_words(scene, meant, task, kind)
            case presses.ChooseDay(task, kind) | presses.Month(task, kind) | presses.ChooseReason(task, kind):
                return self._turn_to(scene, meant, task, kind)
            case presses.Others(task) | presses.ChooseTask(task):
                return self._turn_to(scene, meant, task, None)
            case presses.WhyLeft(task) | presses.ConfirmLeft(task):
                return self._turn_to(scene, meant, task, AnswerKind.NO_LONGER_FOLLOWED)
            case presses.ChooseHelp(task):
                return self._turn_to(scene, meant, task, AnswerKind.NEED_HELP)
            case presses.Say(task, kind, day):
                said = Said(until=day) if kind is AnswerKind.LATER else Said(day=day)
                return self.answer(scene, task, kind, said, Via.BUTTON)
            case presses.SayBoth(task, other, kind, day):
                said = Said(until=day) if kind is AnswerKind.LATER else Said(day=day)
                return self._both(scene, (task, other), kind, said)
            case presses.SayReason(task, kind, reason):
                return self.answer(scene, task, kind, Said(reason=reason), Via.BUTTON)
            case presses.SayValue(task, value):
                return self.answer(scene, task, AnswerKind.STATED, Said(value=value), Via.BUTTON)
            case presses.SayLeft(task, leaving):
                kind = AnswerKind.NO_LONGER_FOLLOWED
                return self.answer(scene, task, kind, Said(leaving=leaving), Via.BUTTON)
            case presses.SayHelp(task, wanted):
                kind = AnswerKind.NEED_HELP
                return self.answer(scene, task, kind, Said(help=wanted), Via.BUTTON)
            case presses.AlreadySent(task):
                return self._already_sent(scene, task)
            case presses.Why(task):
                return self._explain(scene, task, spot.digest)
        assert_never(meant)

    def _link(self, scene: Scene, visit: UUID) -> Upshot:
        """The card shows a link to the item's page for as long as it can be used; it is made when the card is composed."""
        if not is_discreet(scene.place.disclosure):
            return Upshot(scene.says(Toast.NOTHING))
        until = instant(scene.turn.elapsed + LINK_FOR)
        face = presses.Linked(visit, int(until.timestamp()))
        return Upshot(scene.says(Toast.NOTHING), face, again_at=until)

    def _turn_to(self, scene: Scene, face: CardPress, task_id: UUID, kind: AnswerKind | None) -> Upshot:
        """Another face, as long as what it leads to (None: anything at all) would still be taken."""
        view = self._view(scene)
        task = None if view is None else view.task(task_id)
        fits = task is not None and task.open and (kind in task.answers if kind is not None else bool(task.answers))
        return Upshot(scene.says(Toast.NOTHING), face) if fits else Upshot(scene.says(Toast.CLOSED))

    def _ask_for_words(self, scene: Scene, face: CardPress, task: UUID, kind: AnswerKind) -> Upshot:
        turned = self._turn_to(scene, face, task, kind)
        if turned.face is not None:
            wanted = Question(task_id=task, kind=kind, expires_at=instant(scene.turn.elapsed + WORDS_WITHIN))
            questions.ask(scene.turn.tx, scene.person.id, wanted)
        return turned

    def _already_sent(self, scene: Scene, task_id: UUID) -> Upshot:
        """The claim stands as it was said, with the same day: the office looks again."""
        view = self._view(scene)
        task = None if view is None else view.task(task_id)
        if task is None or not task.asked_again:
            return Upshot(scene.says(Toast.CLOSED))
        return self.answer(scene, task_id, AnswerKind.UPLOADED, Said(day=task.day), Via.BUTTON)

    def _explain(self, scene: Scene, task: UUID, digest: DigestRow | None) -> Upshot:
        turn, me = scene.turn, scene.person.id
        why = explaining.why(turn.tx, self._studies, me, task_id=task, digest=digest, now=turn.now)
        tell(turn.tx, scene.person.id, why, now=turn.now, elapsed=turn.elapsed)
        return Upshot(scene.says(Toast.NOTHING))

    def answer(self, scene: Scene, task: UUID, kind: AnswerKind, said: Said, via: Via) -> Upshot:
        """An answer, and what the card shows of it."""
        return _after(scene, self._record(scene, task, kind, said, via))

    def _both(self, scene: Scene, tasks: tuple[UUID, UUID], kind: AnswerKind, said: Said) -> Upshot:
        """What is taken of it is recorded: a colleague may have answered one of them meanwhile, as its line then shows."""
        outcomes = [self._record(scene, task, kind, said, Via.BUTTON) for task in tasks]
        taken = [one for one in outcomes if isinstance(one, Recorded)]
        return _after(scene, taken[-1] if taken else outcomes[0])

    def _view(self, scene: Scene) -> CardView | None:
        turn = scene.turn
        return card_view(
            turn.tx, self._studies, scene.place.visit_id, scene.person.id, now=turn.now, elapsed=turn.elapsed
        )

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
            return Upshot(scene.says(Toast.UNDONE), self._way_back(scene), edited=True)
        return Upshot(scene.says(_TOASTS[undone]))

    def _way_back(self, scene: Scene) -> CardPress | None:
        """What was said just before can be taken back next: one text may have said both."""
        view = self._view(scene)
        before = None if view is None else view.receipt
        mine = before is not None and before.undo_possible and before.person_id == scene.person.id
        return presses.Receipt(before.answer_id) if before is not None and mine else None


def _after(scene: Scene, said: Outcome) -> Upshot:
    match said:
        case Recorded():
            toast = Toast.ASKED_FOR_HELP if said.kind is AnswerKind.NEED_HELP else Toast.RECORDED
            return Upshot(scene.says(toast), presses.Receipt(said.answer_id), edited=True)
        case AlreadyAnswered():
            on = local_day(said.at, zone_of(scene.place.zone))
            told = Reaction(Toast.ALREADY_RECORDED, scene.person.language, said.by, on)
            return Upshot(told, presses.Receipt(said.answer_id))
        case Refusal():
            return Upshot(scene.says(_TOASTS[said]))
    assert_never(said)


# --- where a card is shown --------------------------------------------------------------------------------------------


def _spot_of(turn: Turn, place: VisitPlace, person: PersonRow, chat: int, message_id: int | None) -> Spot:
    spot = Spot(place.visit_id, person.id)
    if message_id is None:
        return replace(spot, card=cards.ensure_card(turn.tx, place.visit_id, person.id).id)
    pressed = cards.pressed_at(turn.tx, place.visit_id, person.id, chat_id=chat, message_id=message_id)
    # A digest shows many cards, and is the place of none.
    digest = None if pressed.known else digest_rows.digest_by_message(turn.tx, chat_id=chat, message_id=message_id)
    if digest is not None:
        return replace(spot, digest=digest)
    return replace(spot, card=cards.takes_place(turn.tx, pressed, sent_at=turn.now))


def _asking_spot(turn: Turn, place: VisitPlace, person: PersonRow, asked: Question) -> Spot:
    """Where the question stands that these words answer."""
    digest = digest_rows.last_digest_of(turn.tx, person.id)
    if digest is not None and face_of(digest.screen) == presses.WriteReason(asked.task_id, asked.kind):
        return Spot(place.visit_id, person.id, digest=digest)
    return Spot(place.visit_id, person.id, card=cards.ensure_card(turn.tx, place.visit_id, person.id).id)


def show(turn: Turn, spot: Spot, upshot: Upshot) -> None:
    """Turns the card to its new face and brings it up to date; an answer brings everybody's up to date with it."""
    shown: list[tuple[UUID, UUID]] = []
    if spot.card is not None:
        # What the chat shows may be older than what we last sent: a press asks for the card as it is.
        cards.turn(turn.tx, spot.card, upshot.screen)
        if not upshot.edited:
            again = None if upshot.again_at is None else Again(spot.person_id, upshot.again_at)
            put_edits(
                turn.tx, (spot.visit_id,), now=turn.now, elapsed=turn.elapsed, people=(spot.person_id,), again=again
            )
    if spot.digest is not None:
        number = digests.position_of(digest_rows.items_of(turn.tx, spot.digest.id), spot.visit_id)
        place = spot.digest.place if number is None else number
        digest_rows.turn(turn.tx, spot.digest.id, place=place, screen=upshot.screen)
        shown.append((spot.digest.id, spot.person_id))
        if upshot.again_at is not None:
            outbox.put_digests(turn.tx, shown, now=turn.now, elapsed=turn.elapsed, hold_until=upshot.again_at)
    if upshot.edited:
        shown += digest_rows.digests_showing(turn.tx, (spot.visit_id,))
    outbox.put_digests(turn.tx, tuple(dict.fromkeys(shown)), now=turn.now, elapsed=turn.elapsed)


def _place_of(turn: Turn, meant: CardPress) -> VisitPlace | None:
    match meant:
        case presses.Front(visit) | presses.OpenItem(visit) | presses.Linked(visit):
            return plans.visit_place(turn.tx, visit)
        case presses.Undo(answer) | presses.Receipt(answer):
            found = answers.answer_by_id(turn.tx, answer)
            return None if found is None else plans.visit_place(turn.tx, found.visit_id)
        case _:
            return plans.visit_place_of_task(turn.tx, meant.task)
