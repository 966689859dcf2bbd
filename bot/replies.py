"""Replies in plain words: what a text says about the cards that its writer has in front of them, and what follows.

Whatever is wholly understood is recorded at once, each answer with its way back; anything else becomes one question, on the
card that it is about. The card comes again below the text: an edit further up would not be seen.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, assert_never
from uuid import UUID

from bot import presses
from bot.card_presses import CardTalk, Scene, Spot, Upshot, show
from bot.digests import face_of
from bot.presses import CardPress
from bot.turns import Reaction, Turn
from locales.replies import read_reply
from office.cards import CardTaskView, CardView, card_view
from office.named import NobodyThere, workplace_of
from office.telling import tell
from records import cards, digests, listings, outbox, plans
from records.digests import DigestRow
from records.outbox import NewNotice, NoticeKind
from records.people import Speaker
from records.sites import SiteRow
from scheduler.definitions import Definitions, zone_of
from trial.answers import AnswerKind, Via
from trial.messages import Refusal, Refused, Standing, Toast
from trial.moments import local_day
from trial.replies import (
    Action,
    Ask,
    Clear,
    NeedHelp,
    NothingSaid,
    NotUnderstood,
    Outcome,
    Question,
    understand,
)
from trial.replies_context import Asked, ReplyCard, ReplyContext, ReplyTask

AHEAD: Final = timedelta(days=14)
"""So long before its window opens a visit may have been told about: twice the heads-up of DREAM. Ours."""

CARDS_MOST: Final = 40
"""Cards that a text may be about, unless it names a patient: nobody has more of them in mind. Ours."""

_DAY_KNOWN: Final = frozenset({Standing.DONE, Standing.CLAIMED, Standing.STATED})
_ASKS_FOR_A_DAY: Final = frozenset(
    {Question.WHICH_DAY, Question.FUTURE_DAY, Question.PAST_DAY, Question.FAR_DAY, Question.BEFORE_VISIT}
)


@dataclass(frozen=True, slots=True)
class Written:
    """A text that the guard let pass, and the message that it replies to."""

    chat: int
    text: str = field(repr=False)
    replied_to: int | None = None


@dataclass(frozen=True, slots=True)
class _Shown:
    """What somebody has in front of them: visits, the one that the text replies to, and the digest that shows it."""

    views: Mapping[UUID, CardView]
    replied: UUID | None = None
    digest: DigestRow | None = None

    @property
    def front(self) -> UUID | None:
        """The visit that is meant where a text names none."""
        if self.replied is not None:
            return self.replied
        return next(iter(self.views)) if len(self.views) == 1 else None


class Replies:
    """Reads what people of a site write."""

    def __init__(self, studies: Definitions, talk: CardTalk) -> None:
        self._studies = studies
        self._talk = talk

    def said(self, turn: Turn, speaker: Speaker, written: Written) -> None:
        """One text; everything that it says is recorded in this transaction, or nothing and one question is asked."""
        try:
            site = workplace_of(turn.tx, speaker.person.id, now=turn.now)
        except NobodyThere:
            self._not_read(turn, speaker)
            return
        today = local_day(turn.now, zone_of(site.zone))
        shown = self._shown(turn, speaker, written, site, today)
        context = _context(shown)
        reading = read_reply(
            written.text, language=speaker.person.language, country=site.country, context=context, today=today
        )
        self._follow(turn, speaker, shown, understand(reading, context, today), replied=written.replied_to is not None)

    # --- what is in front of them -------------------------------------------------------------------------------------

    def _shown(self, turn: Turn, speaker: Speaker, written: Written, site: SiteRow, today: date) -> _Shown:
        replied, digest = _replied_to(turn, written)
        tasks = listings.open_tasks_at(turn.tx, (site.id,), begun_by=today + AHEAD)
        plain = unicodedata.normalize("NFKC", written.text)
        codes = dict.fromkeys(task.code for task in tasks if task.code in plain)
        named = tuple(
            visit
            for code in codes
            for visit in _seen_first(turn, speaker, (task.visit_id for task in tasks if task.code == code))
        )
        if replied is not None:
            wanted = (replied, *named)
        else:
            wanted = (*named, *_with_card(turn, speaker, (task.visit_id for task in tasks))[:CARDS_MOST])
        views = {visit: self._view(turn, speaker, visit) for visit in dict.fromkeys(wanted)}
        seen = {visit: view for visit, view in views.items() if view is not None and view.allowed}
        return _Shown(seen, replied if replied in seen else None, digest)

    def _view(self, turn: Turn, speaker: Speaker, visit: UUID) -> CardView | None:
        return card_view(turn.tx, self._studies, visit, speaker.person.id, now=turn.now, elapsed=turn.elapsed)

    # --- what follows -------------------------------------------------------------------------------------------------

    def _follow(self, turn: Turn, speaker: Speaker, shown: _Shown, said: Outcome, *, replied: bool) -> None:
        match said:
            case Clear(actions):
                self._record(turn, speaker, shown, actions)
            case NeedHelp(visits):
                self._ask(turn, speaker, shown, Ask(Question.HELP_WANTED, visits=visits))
            case Ask():
                self._ask(turn, speaker, shown, said)
            case NothingSaid():
                # Thanks need no answer; below a card that asks something, "ok" may have been meant as one.
                if replied and shown.front is not None and shown.views[shown.front].open_tasks:
                    self._again(turn, speaker, shown, shown.front)
            case NotUnderstood():
                self._not_read(turn, speaker)
                if shown.front is not None:
                    self._again(turn, speaker, shown, shown.front)
            case _:
                assert_never(said)

    def _record(self, turn: Turn, speaker: Speaker, shown: _Shown, actions: Iterable[Action]) -> None:
        upshots: dict[UUID, Upshot] = {}
        for action in actions:
            place = plans.visit_place(turn.tx, action.visit_id)
            if place is None:
                continue
            scene = Scene(turn, speaker, place)
            upshot = self._talk.answer(scene, action.task_id, action.kind, action.said, Via.REPLY)
            kept = upshots.get(action.visit_id)
            # Of several answers about one visit the card shows the last that was taken.
            upshots[action.visit_id] = upshot if kept is None or upshot.face is not None else kept
        if any(upshot.face is None for upshot in upshots.values()):
            # The trial's own rules are stricter than the words: a day before the registration, a task closed meanwhile.
            self._not_read(turn, speaker)
        for visit, upshot in upshots.items():
            self._turn(turn, speaker, shown, visit, upshot)

    def _ask(self, turn: Turn, speaker: Speaker, shown: _Shown, asked: Ask) -> None:
        visit = _visit_of(shown, asked)
        view = None if visit is None else shown.views.get(visit)
        face = None if view is None else _face(view, asked)
        if face is None:
            self._not_read(turn, speaker)
        if visit is not None:
            upshot = Upshot(Reaction(Toast.NOTHING), face)
            self._turn(turn, speaker, shown, visit, upshot)

    def _turn(self, turn: Turn, speaker: Speaker, shown: _Shown, visit: UUID, upshot: Upshot) -> None:
        """Shows this face of the card, below the text; in a digest where the digest stands."""
        me = speaker.person.id
        if shown.digest is not None and visit == shown.replied:
            show(turn, Spot(visit, me, digest=shown.digest), upshot)
            return
        card = cards.ensure_card(turn.tx, visit, me)
        # What there is of the card further up keeps its words and loses its buttons.
        cards.forget_standing(turn.tx, card.id)
        show(turn, Spot(visit, me, card=card.id), replace(upshot, edited=True))
        _put_below(turn, visit, me)

    def _again(self, turn: Turn, speaker: Speaker, shown: _Shown, visit: UUID) -> None:
        """The card with the question that it asks already."""
        if shown.digest is None:
            card = cards.ensure_card(turn.tx, visit, speaker.person.id)
            cards.forget_standing(turn.tx, card.id)
            _put_below(turn, visit, speaker.person.id)

    @staticmethod
    def _not_read(turn: Turn, speaker: Speaker) -> None:
        tell(turn.tx, speaker.person.id, Refusal(Refused.UNREADABLE_TEXT), now=turn.now, elapsed=turn.elapsed)


def _with_card(turn: Turn, speaker: Speaker, visits: Iterable[UUID]) -> tuple[UUID, ...]:
    """Those of these visits that the person has a card of, each once."""
    return tuple(one for one in dict.fromkeys(visits) if cards.card_of(turn.tx, one, speaker.person.id) is not None)


def _seen_first(turn: Turn, speaker: Speaker, visits: Iterable[UUID]) -> tuple[UUID, ...]:
    """Of a patient who is named the visits that the person was told about; where there are none, all that are open."""
    named = tuple(dict.fromkeys(visits))
    return _with_card(turn, speaker, named) or named


def _put_below(turn: Turn, visit: UUID, person: UUID) -> None:
    notice = NewNotice(NoticeKind.EDIT, person_id=person, visit_id=visit, payload={"anew": True})
    outbox.put(turn.tx, [notice], now=turn.now, elapsed=turn.elapsed)


def _replied_to(turn: Turn, written: Written) -> tuple[UUID | None, DigestRow | None]:
    """The visit whose card was replied to, and the digest that shows it; None where it is no card of ours."""
    if written.replied_to is None:
        return None, None
    card = cards.card_by_message(turn.tx, chat_id=written.chat, message_id=written.replied_to)
    if card is not None:
        return card.visit_id, None
    digest = digests.digest_by_message(turn.tx, chat_id=written.chat, message_id=written.replied_to)
    if digest is None:
        return None, None
    items = digests.items_of(turn.tx, digest.id)
    return next((item.visit_id for item in items if item.position == digest.place), None), digest


# --- as the reader of words knows it ----------------------------------------------------------------------------------


def _context(shown: _Shown) -> ReplyContext:
    front = shown.front
    asked = None
    if front is not None:
        screen = shown.views[front].screen if shown.digest is None else shown.digest.screen
        asked = _asked(face_of(screen))
    return ReplyContext(tuple(_card(view) for view in shown.views.values()), shown.replied, asked)


def _asked(face: object) -> Asked | None:
    """The day that the card asks for."""
    return Asked(face.task, face.kind) if isinstance(face, presses.ChooseDay | presses.Month) else None


def _card(view: CardView) -> ReplyCard:
    return ReplyCard(view.visit_id, view.patient_code, view.visit, tuple(map(_task, view.tasks)))


def _task(task: CardTaskView) -> ReplyTask:
    return ReplyTask(
        task_id=task.task_id,
        name=task.name,
        kind=task.kind,
        label=task.label,
        short=task.short,
        answers=task.answers,
        opens=task.opens,
        closes=task.closes,
        day=task.day if task.standing in _DAY_KNOWN else None,
        values=tuple((value.id, value.label) for value in task.values),
    )


# --- which face asks --------------------------------------------------------------------------------------------------


def _visit_of(shown: _Shown, asked: Ask) -> UUID | None:
    """The one card to ask on; None where several may be meant."""
    task = next(iter(asked.tasks), None)
    if task is None and asked.actions:
        task = asked.actions[0].task_id
    for visit, view in shown.views.items():
        if task is not None and view.task(task) is not None:
            return visit
    return asked.visits[0] if len(asked.visits) == 1 else None


def _face(view: CardView, asked: Ask) -> CardPress | None:
    """The face that asks this; None: there is none of its own, and the card's first one has to do."""
    task = next((one for one in asked.tasks if view.task(one) is not None), None)
    match asked.question:
        case question if question in _ASKS_FOR_A_DAY and task is not None and asked.kind is not None:
            return presses.ChooseDay(task, asked.kind)
        case Question.UNTIL_WHEN if task is not None:
            return presses.ChooseDay(task, AnswerKind.LATER)
        case Question.WHY_NOT | Question.WHICH_REASON if task is not None and asked.kind is not None:
            return presses.ChooseReason(task, asked.kind)
        case Question.CONFIRM_LEFT if task is not None and asked.leaving is not None:
            return presses.ConfirmLeft(task, asked.leaving)
        case Question.HELD_FIRST if task is not None:
            return presses.ChooseDay(task, AnswerKind.DONE)
        case Question.CONFIRM if asked.actions:
            # Understood in other words than the task's own: the day that is picked is the confirmation.
            return presses.ChooseDay(asked.actions[0].task_id, asked.actions[0].kind)
        case Question.HELP_WANTED:
            helped = next((one.task_id for one in view.tasks if AnswerKind.NEED_HELP in one.answers), None)
            return None if helped is None else presses.ChooseHelp(helped)
        case _:
            return None
