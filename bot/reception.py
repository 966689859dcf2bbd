"""Reception: who sent an update, what of it may be stored, and what follows when it may not.

Runs inside the transaction that stores: what is admitted, what is left of the rest (a tombstone), the polite refusal and the
deletion of what should not stand in a chat are committed together, and only then confirmed to Telegram.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.admission import AdmissionContext, Sender, SenderIds, Tombstone, admit, who_sent
from bot.raw_updates import CHAT_KINDS, kind_of
from locales import languages, speak_language
from office.guarding import guard_context
from office.inviting import token_hash
from office.telling import tell, tell_chat
from records import inbox, outbox, people, questions
from records.inbox import Incoming
from records.outbox import NewNotice, NoticeKind
from records.people import PersonRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.messages import InviteInvalid, Refusal, TextBlocked, Toast
from trial.moments import Instant

TELL_STRANGERS_EVERY: Final = timedelta(days=1)
TELL_OF_LINKS_EVERY: Final = timedelta(minutes=1)
"""Whoever opens a dead link does so by hand, and has to learn that it is dead."""


Note = Refusal | TextBlocked | InviteInvalid


@dataclass(frozen=True, slots=True)
class Toasted:
    """A press that was not taken and gets its short line, best effort, after the commit."""

    callback_id: str
    toast: Toast
    language: str


class Reception:
    """Takes raw updates in. `bot_username` is empty until the bot has introduced itself."""

    def __init__(
        self, studies: Definitions, *, bot_username: Callable[[], str], stopwatch: Callable[[], float]
    ) -> None:
        self._studies = studies
        self._bot_username = bot_username
        self._stopwatch = stopwatch

    def take_in(self, tx: Tx, updates: Sequence[object], *, now: Instant, elapsed: Instant) -> tuple[Toasted, ...]:
        """Store what may be stored of these updates, once each."""
        toasts: list[Toasted] = []
        told: set[tuple[int | None, Note]] = set()  # an album of ten photos gets one answer
        for raw in updates:
            ids = who_sent(raw)
            person = None if ids.user_id is None else people.person_by_chat(tx, ids.user_id)
            writer = person if kind_of(raw) in CHAT_KINDS else None
            admitted = admit(
                raw, _sender(tx, ids, person, elapsed=elapsed), self._context(tx, writer, now=now, elapsed=elapsed)
            )
            entry = Incoming(
                identity=admitted.fingerprint,
                update_id=admitted.update_id,
                kind=admitted.kind,
                payload=admitted.stored,
                tombstone=isinstance(admitted, Tombstone),
            )
            if inbox.store(tx, [entry], elapsed=elapsed) == 1 and isinstance(admitted, Tombstone):
                toasts += _refuse(tx, person, admitted, told, now=now, elapsed=elapsed)
        return tuple(toasts)

    def _context(self, tx: Tx, writer: PersonRow | None, *, now: Instant, elapsed: Instant) -> AdmissionContext:
        """What somebody's words are judged by; without a writer there are none, or nothing in them is ours."""
        return AdmissionContext(
            guard=guard_context(tx, self._studies, None if writer is None else writer.id, now=now),
            awaits_text=writer is not None and _may_answer(tx, writer, now=now, elapsed=elapsed),
            bot_username=self._bot_username(),
            stopwatch=self._stopwatch,
        )


def _may_answer(tx: Tx, writer: PersonRow, *, now: Instant, elapsed: Instant) -> bool:
    """Whether what somebody writes may be an answer: at a site every text may be a reply to a card."""
    if questions.open_question(tx, writer.id, elapsed=elapsed) is not None:
        return True
    # A day more to the east or to the west makes no difference here: rights are judged again when it is handled.
    return any(one.is_site_staff and one.valid_on(now.date()) for one in people.memberships_of(tx, writer.id))


def _sender(tx: Tx, ids: SenderIds, person: PersonRow | None, *, elapsed: Instant) -> Sender:
    # Only of somebody whom we do not know yet does it matter whether an invitation is theirs.
    claims = (
        person is None
        and ids.chat_id is not None
        and people.open_invite_by_chat(tx, ids.chat_id, elapsed=elapsed) is not None
    )
    offered = None if ids.invite_token is None else token_hash(ids.invite_token)
    invite = None if offered is None else people.open_invite_by_hash(tx, offered, elapsed=elapsed)
    # A link that another chat has opened is of no more use than a dead one, and is answered in the same words.
    is_open = invite is not None and invite.chat_id in {None, ids.chat_id}
    return Sender(
        person_id=None if person is None else person.id,
        claims_invite=claims,
        invite_token_hash=offered if is_open else None,
        language=(ids.language or "en") if person is None else person.language,
    )


def _refuse(
    tx: Tx,
    person: PersonRow | None,
    stone: Tombstone,
    told: set[tuple[int | None, Note]],
    *,
    now: Instant,
    elapsed: Instant,
) -> tuple[Toasted, ...]:
    """What follows a tombstone: out of the chat with it where that is right, a polite word, or a short line."""
    chat, message = stone.ids.chat_id, stone.ids.message_id
    language = speak_language(stone.language, tuple(languages()))
    if stone.delete and chat is not None and message is not None:
        deletion = NewNotice(
            NoticeKind.DELETION,
            person_id=None if person is None else person.id,
            payload={"chat": str(chat), "message_id": message},
        )
        outbox.put(tx, [deletion], now=now, elapsed=elapsed)
    note = _note(stone)
    if note is not None and (chat, note) in told:
        note = None
    if note is not None:
        told.add((chat, note))
    if note is not None and person is not None and stone.ids.chat_id == person.chat_id:
        tell(tx, person.id, note, now=now, elapsed=elapsed)
    elif note is not None and chat is not None:
        # Once a day is polite; more would let anybody use us to write messages.
        since = now - (TELL_OF_LINKS_EVERY if isinstance(note, InviteInvalid) else TELL_STRANGERS_EVERY)
        if not outbox.stranger_told_since(tx, str(chat), since=since):
            tell_chat(tx, chat, note, language=language, now=now, elapsed=elapsed)
    if stone.ids.callback_id is None:
        return ()
    toast = Toast.UNKNOWN if stone.kind == "unknown_button" else Toast.NOT_YOURS
    return (Toasted(stone.ids.callback_id, toast, language),)


def _note(stone: Tombstone) -> Note | None:
    if stone.kind == "dead_invite":
        return InviteInvalid()
    if stone.findings:
        return TextBlocked(findings=stone.findings, deleted=stone.delete)
    return None if stone.refusal is None else Refusal(stone.refusal)
