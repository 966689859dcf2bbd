"""Messages that are no cards, on their way to the outbox."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from records import outbox, people
from records.outbox import NewNotice, NoticeKind
from records.sealing import Json
from records.transaction import Tx
from scheduler.there import Reader
from trial.hours import next_permitted
from trial.message_codec import message_to_data
from trial.messages import Message
from trial.moments import Instant
from trial.people import Role


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
    notice = NewNotice(NoticeKind.MESSAGE, person_id=reader.person_id, payload=payload_of(message, ref=ref))
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
    """Puts a message for every manager of the study who can be told, except `but`; how many there are."""
    managers = [one for one in managers_of(tx, study_id, today=now.date()) if one != but]
    payload = payload_of(message, ref=ref)
    notices = [NewNotice(NoticeKind.MESSAGE, person_id=manager, payload=payload) for manager in managers]
    outbox.put(tx, notices, now=now, elapsed=elapsed)
    return len(notices)


def managers_of(tx: Tx, study_id: UUID, *, today: date) -> tuple[UUID, ...]:
    """Managers of the study who can be told. The trial office has no site: its day is that of Greenwich."""
    return tuple(
        dict.fromkeys(
            row.person_id
            for row in people.office_memberships(tx, study_id)
            if row.membership.role is Role.MANAGER and row.membership.valid_on(today) and row.can_be_told
        )
    )


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
