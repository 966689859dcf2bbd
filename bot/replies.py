"""Replies in plain words: what a text says about the cards that its writer has in front of them, and what follows.

Whatever is wholly understood is recorded at once, each answer with its way back; anything else becomes one question, on the
card that it is about. The card comes again below the text: an edit further up would not be seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final, assert_never
from uuid import UUID

from bot import presses
from bot.card_presses import CardTalk, Scene, Spot, Upshot, show
from bot.digests import face_of
from bot.discreet import is_discreet
from bot.reply_questions import Views, choices, context_of, face_asking
from bot.turns import Reaction, Turn
from locales.replies import read_reply
from locales.replies.spelling import spelled
from office.cards import CardView, card_view
from office.covering import covered_by
from office.named import NobodyThere, workplace_of
from office.telling import tell
from records import cards, digests, listings, outbox, plans, sites
from records.digests import DigestRow
from records.outbox import NewNotice, NoticeKind
from records.people import Speaker
from records.sites import SiteRow
from scheduler.definitions import Definitions, zone_of
from trial.answers import Via
from trial.messages import Kept, KeptOut, Refusal, Refused, Toast, WhichMeant
from trial.moments import local_day
from trial.replies.context import ReplyContext
from trial.replies.meaning import Action, Ask, Clear, NeedHelp, NothingSaid, NotUnderstood, Question, understand
from trial.replies.said import Reading

AHEAD: Final = timedelta(days=14)
"""So long before its window opens a visit may have been told about: twice a usual heads-up. Ours."""

CARDS_MOST: Final = 40
"""Cards that a text may be about, unless it names a patient: nobody has more of them in mind. Ours."""

_DAY_CANNOT_BE: Final = frozenset({Toast.FUTURE_DAY, Toast.BEFORE_REGISTRATION})


class NotAllTaken(Exception):
    """Of several answers that belong together some were taken and some were not: the caller's transaction ends, and the
    text is handled once more without recording anything.
    """


@dataclass(frozen=True, slots=True)
class Written:
    """A text that the guard let pass, and the message that it replies to."""

    chat: int
    text: str = field(repr=False)
    replied_to: int | None = None


@dataclass(frozen=True, slots=True)
class _Target:
    """What a text replies to: a visit, and the digest that shows it; an overview shows several."""

    visit: UUID | None = None
    digest: DigestRow | None = None
    listed: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class _Shown:
    """What somebody has in front of them: visits, the one that the text replies to, and the digest that shows it."""

    views: Views
    replied: UUID | None = None
    digest: DigestRow | None = None

    @property
    def front(self) -> UUID | None:
        """The visit that is meant where a text names none."""
        if self.replied is not None:
            return self.replied
        return next(iter(self.views)) if len(self.views) == 1 else None

    @property
    def context(self) -> ReplyContext:
        screen = ""
        if self.front is not None:
            in_digest = self.digest is not None and self.replied is not None
            screen = self.digest.screen if in_digest and self.digest is not None else self.views[self.front].screen
        return context_of(self.views, replied=self.replied, face=face_of(screen))


@dataclass(frozen=True, slots=True)
class _Heard:
    """A text as it was read, and what it was read against."""

    shown: _Shown
    context: ReplyContext
    reading: Reading
    today: date
    replied: bool  # to any message, not only to a card


class Replies:
    """Reads what people of a site write."""

    def __init__(self, studies: Definitions, talk: CardTalk) -> None:
        self._studies = studies
        self._talk = talk

    def said(self, turn: Turn, speaker: Speaker, written: Written, *, record: bool = True) -> None:
        """One text; everything that it says is recorded in this transaction, or nothing and one question is asked.

        `record` False: it was tried, and not all of it was taken. Raises NotAllTaken; nothing may be kept of this turn then.
        """
        target = _target(turn, written)
        site = _site_of(turn, speaker, target)
        if site is None:
            self._not_read(turn, speaker)
            return
        if is_discreet(site.disclosure):
            # What was understood could not be repeated here, so that a misreading would stand unseen.
            tell(turn.tx, speaker.person.id, KeptOut(Kept.WORDS, site.number), now=turn.now, elapsed=turn.elapsed)
            return
        today = local_day(turn.now, zone_of(site.zone))
        shown = self._shown(turn, speaker, written.text, target, site, today)
        context = shown.context
        reading = read_reply(
            written.text, language=speaker.person.language, country=site.country, context=context, today=today
        )
        heard = _Heard(shown, context, reading, today, replied=written.replied_to is not None)
        self._follow(turn, speaker, heard, record=record)

    # --- what is in front of them -------------------------------------------------------------------------------------

    def _shown(self, turn: Turn, speaker: Speaker, text: str, target: _Target, site: SiteRow, today: date) -> _Shown:
        tasks = listings.open_tasks_at(turn.tx, (site.id,), begun_by=today + AHEAD)
        still = dict.fromkeys(task.visit_id for task in tasks)
        told = _told_of(turn, speaker, still)
        plain = spelled(text)
        named: list[UUID] = []
        for code in dict.fromkeys(task.code for task in tasks if spelled(task.code) in plain):
            theirs = dict.fromkeys(task.visit_id for task in tasks if task.code == code)
            # Of a patient who is named what the person was told about; where that is nothing, all that is open.
            named += [visit for visit in theirs if visit in told] or list(theirs)
        if target.visit is not None:
            wanted = (target.visit, *named)
        else:
            # The overview that was replied to need not be the newest: its items are meant all the same.
            in_front = [visit for visit in still if visit in target.listed] if target.listed else told
            wanted = (*named, *in_front[:CARDS_MOST])
        views = {visit: self._view(turn, speaker, visit) for visit in dict.fromkeys(wanted)}
        seen = {visit: view for visit, view in views.items() if view is not None and view.allowed}
        return _Shown(seen, target.visit if target.visit in seen else None, target.digest)

    def _view(self, turn: Turn, speaker: Speaker, visit: UUID) -> CardView | None:
        return card_view(turn.tx, self._studies, visit, speaker.person.id, now=turn.now, elapsed=turn.elapsed)

    # --- what follows -------------------------------------------------------------------------------------------------

    def _follow(self, turn: Turn, speaker: Speaker, heard: _Heard, *, record: bool) -> None:
        shown = heard.shown
        match understand(heard.reading, heard.context, heard.today):
            case Clear(actions) if record:
                self._record(turn, speaker, shown, actions)
            case Clear(actions):
                self._not_read(turn, speaker)
                for visit in dict.fromkeys(action.visit_id for action in actions):
                    self._again(turn, speaker, shown, visit)
            case NeedHelp(visits):
                self._ask(turn, speaker, heard, Ask(Question.HELP_WANTED, visits=visits))
            case Ask() as asked:
                self._ask(turn, speaker, heard, asked)
            case NothingSaid():
                # Thanks need no answer; below a card that asks something, "ok" may have been meant as one.
                if heard.replied and shown.front is not None and shown.views[shown.front].open_tasks:
                    self._again(turn, speaker, shown, shown.front)
            case NotUnderstood():
                self._not_read(turn, speaker)
                if shown.front is not None:
                    self._again(turn, speaker, shown, shown.front)
            case never:
                assert_never(never)

    def _record(self, turn: Turn, speaker: Speaker, shown: _Shown, actions: tuple[Action, ...]) -> None:
        upshots: dict[UUID, Upshot] = {}
        refused: list[Action] = []
        for action in actions:
            place = plans.visit_place(turn.tx, action.visit_id)
            if place is None:
                continue
            scene = Scene(turn, speaker, place)
            # Of several answers about one visit the card shows the last.
            upshot = self._talk.answer(scene, action.task_id, action.kind, action.said, Via.REPLY)
            upshots[action.visit_id] = upshot
            if upshot.face is None:
                refused.append(action)
        if not refused:
            for visit, upshot in upshots.items():
                self._turn(turn, speaker, shown, visit, upshot)
        elif len(refused) < len(actions):
            raise NotAllTaken
        else:
            self._refuse(turn, speaker, shown, refused[0], upshots[refused[0].visit_id])

    def _refuse(self, turn: Turn, speaker: Speaker, shown: _Shown, action: Action, upshot: Upshot) -> None:
        """The trial's own rules are stricter than the words: a day before the registration, a task closed meanwhile."""
        day = upshot.reaction.toast in _DAY_CANNOT_BE
        face = presses.ChooseDay(action.task_id, action.kind) if day else None
        why = Refused.DAY_CANNOT_BE if day else Refused.UNREADABLE_TEXT
        tell(turn.tx, speaker.person.id, Refusal(why), now=turn.now, elapsed=turn.elapsed)
        self._turn(turn, speaker, shown, action.visit_id, Upshot(upshot.reaction, face))

    def _ask(self, turn: Turn, speaker: Speaker, heard: _Heard, asked: Ask) -> None:
        """One question: the choices that are left, else on each card that it is about, else in words."""
        shown = heard.shown
        meant = choices(shown.views, heard.context, heard.reading, asked, heard.today)
        if meant:
            tell(turn.tx, speaker.person.id, WhichMeant(meant), now=turn.now, elapsed=turn.elapsed)
            return
        visits = _asked_on(shown, asked)
        faces = {visit: face_asking(shown.views[visit], asked) for visit in visits}
        if not any(faces.values()):
            self._not_read(turn, speaker)
        for visit, face in faces.items():
            self._turn(turn, speaker, shown, visit, Upshot(Reaction(Toast.NOTHING), face))

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


def _told_of(turn: Turn, speaker: Speaker, visits: Iterable[UUID]) -> tuple[UUID, ...]:
    """Those of these visits that the person has a card of, finds in their newest digest, or has from somebody who is away."""
    me = speaker.person.id
    last = digests.last_digest_of(turn.tx, me)
    listed = (
        frozenset(item.visit_id for item in digests.items_of(turn.tx, last.id)) if last is not None else frozenset()
    )
    listed |= covered_by(turn.tx, me, now=turn.now)
    return tuple(one for one in visits if one in listed or cards.card_of(turn.tx, one, me) is not None)


def _put_below(turn: Turn, visit: UUID, person: UUID) -> None:
    notice = NewNotice(NoticeKind.EDIT, person_id=person, visit_id=visit, payload={"anew": True})
    outbox.put(turn.tx, [notice], now=turn.now, elapsed=turn.elapsed)


def _target(turn: Turn, written: Written) -> _Target:
    """What was replied to; nothing where that is no card and no digest of ours."""
    if written.replied_to is None:
        return _Target()
    card = cards.card_by_message(turn.tx, chat_id=written.chat, message_id=written.replied_to)
    if card is not None:
        return _Target(card.visit_id)
    digest = digests.digest_by_message(turn.tx, chat_id=written.chat, message_id=written.replied_to)
    if digest is None:
        return _Target()
    items = digests.items_of(turn.tx, digest.id)
    shown = next((item.visit_id for item in items if item.position == digest.place), None)
    return _Target(shown, digest, tuple(item.visit_id for item in items))


def _site_of(turn: Turn, speaker: Speaker, target: _Target) -> SiteRow | None:
    """Whose country and day the words are read in: the replied card's site, else the writer's."""
    place = None if target.visit is None else plans.visit_place(turn.tx, target.visit)
    if place is not None:
        return sites.site_by_id(turn.tx, place.site_id)
    try:
        return workplace_of(turn.tx, speaker.person.id, now=turn.now)
    except NobodyThere:
        return None


def _asked_on(shown: _Shown, asked: Ask) -> tuple[UUID, ...]:
    """The cards to ask on: of each task that it is about, else the one that it is about; none where that is open."""
    tasks = asked.tasks or tuple(action.task_id for action in asked.actions[:1])
    found = tuple(visit for visit, view in shown.views.items() if any(view.task(task) is not None for task in tasks))
    if found:
        return found
    return asked.visits if len(asked.visits) == 1 and asked.visits[0] in shown.views else ()
