"""Messages with buttons that are no cards: which face one shows is kept beside it, as a card keeps its own."""

from uuid import UUID

from bot.buttons import UnknownPress, decode, encode
from bot.presses import Press
from bot.turns import Turn
from office.telling import payload_of
from records import outbox
from records.outbox import NewNotice, NoticeKind
from records.sealing import Json
from trial.messages import Message


def put_note(
    turn: Turn,
    person_id: UUID,
    message: Message,
    *,
    ref: UUID | None = None,
    replaces: int | None = None,
    face: Press | None = None,
) -> None:
    """A message for one of our people, new or in the place of the one that was pressed."""
    payload: dict[str, Json] = dict(payload_of(message, ref=ref, replaces=replaces))
    if face is not None:
        payload["face"] = encode(face)
    _put(turn, person_id, payload)


def put_bare(turn: Turn, person_id: UUID, message_id: int | None) -> None:
    """Takes the buttons off a message: what they asked is settled."""
    if message_id is not None:
        _put(turn, person_id, {"bare": message_id})


def face_of(kept: object) -> Press | None:
    """The face that a note was put with; one of an earlier version falls back to the first."""
    try:
        return decode(kept) if isinstance(kept, str) else None
    except UnknownPress:
        return None


def _put(turn: Turn, person_id: UUID, payload: dict[str, Json]) -> None:
    notice = NewNotice(NoticeKind.MESSAGE, person_id=person_id, payload=payload)
    outbox.put(turn.tx, [notice], now=turn.now, elapsed=turn.elapsed)
