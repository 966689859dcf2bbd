"""Messages that are no cards, on their way to the outbox."""

from collections.abc import Mapping
from uuid import UUID

from records import outbox
from records.outbox import NewNotice, NoticeKind
from records.sealing import Json
from records.transaction import Tx
from scheduler.last_look import IN_HOURS
from scheduler.there import Reader, managers
from trial.hours import next_permitted
from trial.message_codec import message_to_data
from trial.messages import Message
from trial.moments import Instant


def payload_of(
    message: Message, *, ref: UUID | None = None, replaces: int | None = None, language: str | None = None
) -> Mapping[str, Json]:
    """What the outbox keeps of a message.

    `ref` is the id that its buttons act on, `replaces` the message in whose place it goes, `language` only for a chat
    that is nobody's.
    """
    payload: dict[str, Json] = {"message": _json(message_to_data(message))}
    if ref is not None:
        payload["ref"] = str(ref)
    if replaces is not None:
        payload["replaces"] = replaces
    if language is not None:
        payload["language"] = language
    return payload


def tell(
    tx: Tx,
    person_id: UUID,
    message: Message,
    *,
    now: Instant,
    elapsed: Instant,
    ref: UUID | None = None,
    replaces: int | None = None,
) -> None:
    """Puts a message for one of our people."""
    notice = NewNotice(NoticeKind.MESSAGE, person_id=person_id, payload=payload_of(message, ref=ref, replaces=replaces))
    outbox.put(tx, [notice], now=now, elapsed=elapsed)


def tell_in_hours(
    tx: Tx, reader: Reader, message: Message, *, now: Instant, elapsed: Instant, ref: UUID | None = None
) -> bool:
    """Puts a message that nobody waits for: it goes out in the reader's hours. False: they cannot be told anything."""
    if not reader.can_be_told:
        return False
    wait = next_permitted(now, reader.hours) - now
    payload = {**payload_of(message, ref=ref), IN_HOURS: True}
    notice = NewNotice(NoticeKind.MESSAGE, person_id=reader.person_id, payload=payload)
    outbox.put(tx, [notice], now=now, elapsed=elapsed, hold_until=elapsed + wait)
    return True


def tell_chat(
    tx: Tx,
    chat_id: int,
    message: Message,
    *,
    language: str,
    now: Instant,
    elapsed: Instant,
    ref: UUID | None = None,
    replaces: int | None = None,
) -> None:
    """Puts a message for a chat that is nobody's (any more)."""
    payload = payload_of(message, ref=ref, replaces=replaces, language=language)
    outbox.put(tx, [NewNotice(NoticeKind.MESSAGE, payload=payload, chat=str(chat_id))], now=now, elapsed=elapsed)


def tell_managers(
    tx: Tx,
    study_id: UUID,
    message: Message,
    *,
    now: Instant,
    elapsed: Instant,
    ref: UUID | None = None,
    but: UUID | None = None,
) -> int:
    """Puts a message for every manager of the study who can be told, except `but`, in their hours: a site may write while
    it is night where they are. How many there are.
    """
    told = [one for one in managers(tx, study_id, now=now) if one.person_id != but]
    for reader in told:
        tell_in_hours(tx, reader, message, ref=ref, now=now, elapsed=elapsed)
    return len(told)


def _json(data: object) -> Json:
    """The same data, known to be plain."""
    match data:
        case None | bool() | int() | str():
            return data
        case list() | tuple():
            return [_json(one) for one in data]
        case dict():
            return {str(name): _json(one) for name, one in data.items()}
        case _:
            raise TypeError("a message has a value that cannot be stored")
