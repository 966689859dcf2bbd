"""Joining: from the one-time link to the first harmless answer, in three taps."""

from typing import assert_never
from uuid import UUID

from bot import presses
from bot.presses import JoinPress
from bot.turns import Reaction, Turn
from office import people as membership
from office.telling import tell_chat
from records import people
from trial.access import may_join
from trial.messages import InviteLanguage, Message, Toast


def claim(turn: Turn, chat: int, token_hash: str) -> bool:
    """Start on an invitation's link: ties the open invitation to this chat and asks. False: the link is of no use."""
    try:
        wanted = bytes.fromhex(token_hash)
    except ValueError:
        return False
    asked = membership.claim_invite(turn.tx, token_hash=wanted, chat_id=chat, now=turn.now, elapsed=turn.elapsed)
    if asked is None:
        return False
    _ask(turn, chat, asked.invite_id, asked.message, asked.language, None)
    return True


def pressed(turn: Turn, chat: int, message_id: int | None, meant: JoinPress) -> Reaction:
    """A press under "is all of this right?"; only the chat that pressed Start may give it."""
    invite = people.open_invite_by_chat(turn.tx, chat, elapsed=turn.elapsed)
    if invite is None or not may_join(invitation=meant.invite, opened=invite.id):
        return Reaction(Toast.CLOSED)
    match meant:
        case presses.Join():
            language = membership.enrol(
                turn.tx, invite.id, chat_id=chat, replaces=message_id, now=turn.now, elapsed=turn.elapsed
            )
            return Reaction(Toast.CLOSED) if language is None else Reaction(Toast.RECORDED, language, menu=True)
        case presses.Decline():
            membership.decline(turn.tx, invite.id, replaces=message_id, now=turn.now, elapsed=turn.elapsed)
            return Reaction(Toast.NOTHING)
        case presses.Languages():
            spoken = membership.language_of_invite(turn.tx, invite.id)
            _ask(turn, chat, invite.id, InviteLanguage(), spoken, message_id)
            return Reaction(Toast.NOTHING, spoken)
        case presses.Speak(_, language):
            asked = membership.speak(turn.tx, invite.id, language=language, now=turn.now, elapsed=turn.elapsed)
            if asked is None:
                return Reaction(Toast.CLOSED)
            _ask(turn, chat, asked.invite_id, asked.message, asked.language, message_id)
            return Reaction(Toast.NOTHING, asked.language)
    assert_never(meant)


def _ask(turn: Turn, chat: int, invite: UUID, message: Message, language: str, replaces: int | None) -> None:
    tell_chat(
        turn.tx,
        chat,
        message,
        language=language,
        now=turn.now,
        elapsed=turn.elapsed,
        ref=invite,
        replaces=replaces,
    )
