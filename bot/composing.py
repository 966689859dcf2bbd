"""What a claimed notice becomes at the moment it is sent: text and buttons from the state as it is now.

An answer, an amendment, a language change or a withdrawal since the notice was written wins; what became pointless is
dropped, with its reason recorded.
"""

from dataclasses import dataclass
from uuid import UUID

from bot import cards
from bot.buttons import Press, UnknownPress, decode, encode
from bot.cards import Rows
from bot.channel import Key, Keyboard
from bot.keyboards import rows_for
from locales import Text, button, languages, render, speak_language
from office.cards import CardView, card_view
from records import cards as card_rows
from records import people, reminders
from records.cards import CardRow
from records.outbox import Claim, NoticeKind
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.message_codec import message_from_data
from trial.messages import Card, Nudge
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class Send:
    """A message, new or in the place of one that stands (`replaces`).

    `card` is the card that it shows, `standing` whether it is the card itself and not a nudge below it; `strip` are the
    card's other places that still carry buttons, but for `keep`: the nudge that nobody has answered yet.
    """

    chat: int
    text: Text
    keyboard: Keyboard
    language: str
    reply_to: int | None = None
    replaces: int | None = None
    card: UUID | None = None
    standing: bool = False
    strip: tuple[int, ...] = ()
    keep: int | None = None
    fingerprint: bytes | None = None

    @property
    def protected(self) -> bool:
        """What names a patient cannot be forwarded or saved."""
        return self.card is not None


@dataclass(frozen=True, slots=True)
class Delete:
    """Take a message out of the chat."""

    chat: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Nothing to send any more."""

    because: str


Outgoing = Send | Delete | Drop


def outgoing(tx: Tx, studies: Definitions, claim: Claim, *, now: Instant, elapsed: Instant) -> Outgoing:
    """What this notice says now."""
    match claim.kind:
        case NoticeKind.CARD | NoticeKind.EDIT:
            return _card(tx, studies, claim, now=now, elapsed=elapsed)
        case NoticeKind.MESSAGE:
            return _message(tx, claim)
        case NoticeKind.DELETION:
            payload = claim.payload or {}
            return Delete(int(str(payload["chat"])), _whole(payload["message_id"]))


def _card(tx: Tx, studies: Definitions, claim: Claim, *, now: Instant, elapsed: Instant) -> Outgoing:
    if claim.person_id is None or claim.visit_id is None:
        return Drop("no_visit")
    chat = _chat(tx, claim.person_id)
    if chat is None:
        return Drop("not_enrolled")
    view = card_view(tx, studies, claim.visit_id, claim.person_id, now=now, elapsed=elapsed)
    if view is None or not view.allowed:
        return Drop("no_right")
    card = card_rows.card_of(tx, claim.visit_id, claim.person_id)
    standing = None if card is None else card.standing
    if claim.kind is NoticeKind.CARD:
        if view.open_tasks == 0:
            return Drop("nothing_open")
        if _answered_meanwhile(tx, claim, view):
            return Drop("answered")
        if card is not None and standing is not None:
            return _nudge(view, chat, card.id, standing)
        return _show(tx, view, chat, card_rows.ensure_card(tx, claim.visit_id, claim.person_id).id, elapsed)
    if card is None or standing is None:
        return Drop("no_card")
    nudge = _open_nudge(view, card)
    strip = tuple(one for one in card.with_buttons if one != nudge)
    edit = _show(tx, view, chat, card.id, elapsed, replaces=standing, strip=strip, keep=nudge)
    if edit.fingerprint == view.shown and not edit.strip:
        return Drop("nothing_changed")
    return edit


def _answered_meanwhile(tx: Tx, claim: Claim, view: CardView) -> bool:
    """Whether everything that this notice was to tell about is closed: another task that stays open is no reason to ring."""
    told = [view.task(task_id) for task_id, _step in reminders.reminders_in(tx, claim.notice_id)]
    return bool(told) and not any(task is not None and task.open for task in told)


def _show(
    tx: Tx,
    view: CardView,
    chat: int,
    card: UUID,
    elapsed: Instant,
    *,
    replaces: int | None = None,
    strip: tuple[int, ...] = (),
    keep: int | None = None,
) -> Send:
    """The whole card, as a new message or in the place where it stands."""
    composed = cards.compose(view, face_of(view.screen), elapsed=elapsed)
    language = speak_language(view.language, view.approved)
    text = render(composed.message, language)
    keyboard = keys(composed.rows, language)
    return Send(
        chat,
        text,
        keyboard,
        language,
        replaces=replaces,
        card=card,
        standing=True,
        strip=tuple(other for other in strip if other != replaces),
        keep=keep,
        fingerprint=tx.blind("card.shown", repr((replaces, text, keyboard))),
    )


def _open_nudge(view: CardView, card: CardRow) -> int | None:
    """The newest nudge below the card, as long as it asks what the card asks: nobody has pressed anything since."""
    below = [one for one in card.with_buttons if card.standing is not None and one > card.standing]
    return max(below) if below and not view.screen and any(task.answers for task in view.tasks) else None


def _nudge(view: CardView, chat: int, card: UUID, standing: int) -> Send:
    composed = cards.compose_nudge(view)
    language = speak_language(view.language, view.approved)
    text = render(composed.message, language)
    return Send(chat, text, keys(composed.rows, language), language, reply_to=standing, card=card)


def _message(tx: Tx, claim: Claim) -> Outgoing:
    payload = claim.payload or {}
    note = message_from_data(payload["message"])
    if isinstance(note, Card | Nudge):
        raise TypeError("cards are composed when they are sent, never stored")
    replaces = payload.get("replaces")
    if claim.person_id is None:
        language = speak_language(str(payload["language"]), tuple(languages()))
        rows = rows_for(note, str(payload.get("ref") or ""))
        chat = int(str(payload["chat"]))
        return Send(chat, render(note, language), keys(rows, language), language, replaces=_maybe(replaces))
    person = people.person_by_id(tx, claim.person_id)
    if person is None or person.chat_id is None:
        return Drop("not_enrolled")
    language = speak_language(person.language, tuple(languages()))
    return Send(
        person.chat_id,
        render(note, language),
        keys(rows_for(note, str(payload.get("ref") or "")), language),
        language,
        replaces=_maybe(replaces),
    )


def _chat(tx: Tx, person_id: UUID) -> int | None:
    person = people.person_by_id(tx, person_id)
    return None if person is None else person.chat_id


def face_of(screen: str) -> Press | None:
    """The face that a card shows; one of an earlier version falls back to the first."""
    if not screen:
        return None
    try:
        return decode(screen)
    except UnknownPress:
        return None


def keys(rows: Rows, language: str) -> Keyboard:
    """Buttons in a language, with their data."""
    return tuple(tuple(Key(button(item.text, language), encode(item.press)) for item in row) for row in rows)


def _maybe(value: object) -> int | None:
    return None if value is None else _whole(value)


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a chat or message id is a whole number")
    return value
