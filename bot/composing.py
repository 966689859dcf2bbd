"""What a claimed notice becomes at the moment it is sent: text and buttons from the state as it is now.

An answer, an amendment, a language change or a withdrawal since the notice was written wins; what became pointless is
dropped, with its reason recorded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never
from uuid import UUID

from bot import cards, digests
from bot.buttons import encode
from bot.channel import Key, Keyboard
from bot.digests import face_of
from bot.discreet import Door, compose_item, is_discreet, kept_out
from bot.figures import Figures, figures_for
from bot.keyboards import Beside, note_rows
from bot.layout import Button, Page, Rows
from bot.notes import face_of as face_kept
from locales import Text, button, languages, render, speak_language
from office.cards import CardView, card_view
from office.disclosure import names_nothing
from records import cards as card_rows
from records import digests as digest_rows
from records import people, reminders
from records.cards import CardRow
from records.claims import CLAIM_STEPS
from records.outbox import Claim, NoticeKind
from records.sealing import Json
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.message_codec import message_from_data
from trial.messages import (
    AccessEnded,
    BoardWay,
    Card,
    Digest,
    ItemState,
    Message,
    Nudge,
    StudyBrief,
    TaskOnlyCard,
    TaskOnlyDigest,
)
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class Send:
    """A message, new or in the place of one that stands (`replaces`).

    `card` is the card that it shows, `standing` whether it is the card itself and not a nudge below it; `strip` are the
    card's other places that still carry buttons, but for `keep`: the nudge that nobody has answered yet. `digest` is the
    digest that it shows instead. `picture` is drawn above the text. `farewell`: its reader has no access any more, and no
    menu of their own.
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
    digest: UUID | None = None
    farewell: bool = False
    picture: Figures | None = None

    @property
    def protected(self) -> bool:
        """What names a patient cannot be forwarded or saved."""
        return self.card is not None or self.digest is not None


@dataclass(frozen=True, slots=True)
class Delete:
    """Take a message out of the chat."""

    chat: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Strip:
    """Take the buttons off a message."""

    chat: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Drop:
    """Nothing to send any more."""

    because: str


Outgoing = Send | Delete | Strip | Drop


def outgoing(
    tx: Tx, studies: Definitions, claim: Claim, *, now: Instant, elapsed: Instant, pages: str = "", board: str = ""
) -> Outgoing:
    """What this notice says now. `pages`: the address of our pages; empty: no phone can open them. `board`: the one that a
    browser opens them at, if only on this machine.
    """
    door = Door(tx, pages, now, elapsed)
    match claim.kind:
        case NoticeKind.CARD | NoticeKind.EDIT:
            return _card(tx, studies, claim, door)
        case NoticeKind.MESSAGE:
            return _message(tx, studies, claim, door, board=board)
        case NoticeKind.DIGEST:
            return _digest(tx, studies, claim, door)
        case NoticeKind.DELETION:
            payload = claim.payload or {}
            return Delete(int(str(payload["chat"])), _whole(payload["message_id"]))
    assert_never(claim.kind)


def _card(tx: Tx, studies: Definitions, claim: Claim, door: Door) -> Outgoing:
    if claim.person_id is None or claim.visit_id is None:
        return Drop("no_visit")
    chat = _chat(tx, claim.person_id)
    if chat is None:
        return Drop("not_enrolled")
    view = card_view(tx, studies, claim.visit_id, claim.person_id, now=door.now, elapsed=door.elapsed)
    if view is None or not view.allowed:
        return Drop("no_right")
    card = card_rows.card_of(tx, claim.visit_id, claim.person_id)
    if claim.kind is NoticeKind.CARD:
        return _ring(tx, claim, view, chat, card, door)
    return _edit(tx, claim, view, chat, card, door)


def _ring(tx: Tx, claim: Claim, view: CardView, chat: int, card: CardRow | None, door: Door) -> Outgoing:
    """A card that is new in the chat, or a nudge to the one that stands there."""
    if view.open_tasks == 0:
        return Drop("nothing_open")
    if _answered_meanwhile(tx, claim, view):
        return Drop("answered")
    if card is not None and card.standing is not None:
        return _nudge(view, chat, card.id, card.standing, door)
    return _show(tx, view, chat, card_rows.ensure_card(tx, view.visit_id, view.person_id).id, door)


def _edit(tx: Tx, claim: Claim, view: CardView, chat: int, card: CardRow | None, door: Door) -> Outgoing:
    """The card as it is now, where it stands; below what somebody has just written, where that was asked for."""
    if card is not None and (claim.payload or {}).get("anew"):
        # An edit further up would not be seen.
        return _show(tx, view, chat, card.id, door, strip=card.with_buttons)
    if card is None or card.standing is None:
        return Drop("no_card")
    nudge = _open_nudge(view, card)
    strip = tuple(one for one in card.with_buttons if one != nudge)
    edit = _show(tx, view, chat, card.id, door, replaces=card.standing, strip=strip, keep=nudge)
    if edit.fingerprint == view.shown and not edit.strip:
        return Drop("nothing_changed")
    return edit


def _answered_meanwhile(tx: Tx, claim: Claim, view: CardView) -> bool:
    """Whether everything that this notice was to tell about is closed, or waits for the trial office: another task that
    stays open is no reason to ring.
    """
    told = [(view.task(task_id), step) for task_id, step in reminders.reminders_in(tx, claim.notice_id)]
    # A claim that is asked about again is a matter of its own, told by a ring of its own.
    return bool(told) and not any(
        task is not None
        and task.open
        and (step in CLAIM_STEPS or not (task.asked_again or view.asked_for_help is not None))
        for task, step in told
    )


def _show(
    tx: Tx,
    view: CardView,
    chat: int,
    card: UUID,
    door: Door,
    *,
    replaces: int | None = None,
    strip: tuple[int, ...] = (),
    keep: int | None = None,
) -> Send:
    """The whole card, as a new message or in the place where it stands."""
    face = face_of(view.screen)
    if is_discreet(view.disclosure):
        composed = compose_item(view, face, door)
    else:
        composed = cards.compose(view, face, elapsed=door.elapsed)
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


def _nudge(view: CardView, chat: int, card: UUID, standing: int, door: Door) -> Send:
    discreet = is_discreet(view.disclosure)
    composed = compose_item(view, None, door, again=True) if discreet else cards.compose_nudge(view)
    language = speak_language(view.language, view.approved)
    text = render(composed.message, language)
    return Send(chat, text, keys(composed.rows, language), language, reply_to=standing, card=card)


def _digest(tx: Tx, studies: Definitions, claim: Claim, door: Door) -> Outgoing:
    """A digest as a new message, or in the place where it stands. What was all answered meanwhile needs no telling."""
    row = None if claim.digest_id is None else digest_rows.digest_by_id(tx, claim.digest_id)
    person = None if row is None else people.person_by_id(tx, row.person_id)
    if row is None or person is None or person.chat_id is None:
        return Drop("not_enrolled")
    shown = digests.face(tx, studies, row, door)
    if shown is None:
        return Drop("no_right")
    message: Message = shown.message
    if not shown.open and (row.message_id is None or isinstance(message, Digest)):
        return Drop("answered")
    if not shown.open and isinstance(message, TaskOnlyDigest):
        # What stands there may be from before the site chose that its chats name nothing.
        message = TaskOnlyCard(site_number=message.site_number, open_tasks=0, state=ItemState.CLOSED)
    language = speak_language(person.language, shown.approved)
    text, keyboard = render(message, language), keys(shown.rows, language)
    fingerprint = tx.blind("digest.shown", repr((row.message_id, text, keyboard)))
    if fingerprint == row.shown:
        return Drop("nothing_changed")
    return Send(
        person.chat_id,
        text,
        keyboard,
        language,
        replaces=row.message_id,
        fingerprint=fingerprint,
        digest=row.id,
    )


def _message(tx: Tx, studies: Definitions, claim: Claim, door: Door, *, board: str) -> Outgoing:
    now = door.now
    payload = claim.payload or {}
    chat, language = _reader(tx, payload, claim.person_id)
    if chat is None:
        return Drop("not_enrolled")
    if "bare" in payload:
        return Strip(chat, _whole(payload["bare"]))
    note = message_from_data(payload["message"])
    if isinstance(note, Card | Nudge | Digest):
        raise TypeError("cards and digests are composed when they are sent, never stored")
    said = (
        kept_out(note) if claim.person_id is not None and names_nothing(tx, claim.person_id, today=now.date()) else note
    )
    ref = payload.get("ref")
    beside = Beside(claim.person_id, None if ref is None else UUID(str(ref)), face_kept(payload.get("face")))
    rows = note_rows(tx, studies, said, beside, now=now)
    if isinstance(said, BoardWay):
        said, rows = door.to_the_board(claim.person_id, at=board)
    picture = None
    if isinstance(said, StudyBrief) and claim.person_id is not None:
        picture = figures_for(tx, studies, claim.person_id, study_code=said.study, language=language, now=now)
        said = replace(said, pictured=picture is not None)
    return Send(
        chat,
        render(said, language),
        keys(rows, language),
        language,
        replaces=_maybe(payload.get("replaces")),
        farewell=isinstance(said, AccessEnded),
        picture=picture,
    )


def _reader(tx: Tx, payload: Mapping[str, Json], person_id: UUID | None) -> tuple[int | None, str]:
    """Where a message goes and in which language; no chat where somebody is not enrolled any more."""
    if person_id is None:
        return int(str(payload["chat"])), speak_language(str(payload["language"]), tuple(languages()))
    person = people.person_by_id(tx, person_id)
    if person is None:
        return None, ""
    return person.chat_id, speak_language(person.language, tuple(languages()))


def _chat(tx: Tx, person_id: UUID) -> int | None:
    person = people.person_by_id(tx, person_id)
    return None if person is None else person.chat_id


def keys(rows: Rows, language: str) -> Keyboard:
    """Buttons in a language, with their data."""
    return tuple(tuple(_key(item, language) for item in row) for row in rows)


def _key(item: Button, language: str) -> Key:
    words = button(item.text, language)
    match item.press:
        case Page(address):
            return Key(words, page=address)
        case press:
            return Key(words, encode(press))


def _maybe(value: object) -> int | None:
    return None if value is None else _whole(value)


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a chat or message id is a whole number")
    return value
