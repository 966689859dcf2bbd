"""Cards: the standing message of one visit to one person, with every message of ours that shows it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from records import people
from records.bulk import Bulk
from records.schema import card, card_message, visit
from records.transaction import Tx
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card, and where it stands in the person's private chat."""

    id: UUID
    visit_id: UUID
    person_id: UUID
    screen: str  # which face it shows; the bot's own word, empty for the first
    shown: bytes | None  # keyed fingerprint of what was last shown
    standing: int | None  # message id of the card itself; None: it stands nowhere
    with_buttons: tuple[int, ...]  # message ids of its other places and nudges that still show buttons


@dataclass(frozen=True, slots=True)
class CardPlace:
    """Whose card of which visit."""

    id: UUID
    visit_id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message of ours that shows a card: the card itself (`standing`), an earlier place of it, or a nudge."""

    visit_id: UUID
    person_id: UUID
    standing: bool
    message_id: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The card that a message of ours shows, and how."""

    card_id: UUID
    standing: bool
    buttons: bool


_CARDS: sa.Select[*tuple[Any, ...]] = sa.select(
    card.c.id, card.c.visit_id, card.c.person_id, card.c.screen, card.c.shown
)
_MESSAGES: sa.Select[*tuple[Any, ...]] = sa.select(card_message).order_by(card_message.c.sent_at, card_message.c.id)


_CARD_OF = _CARDS.where(card.c.visit_id == sa.bindparam("visit"), card.c.person_id == sa.bindparam("person"))
_CARD = _CARDS.where(card.c.id == sa.bindparam("card"))
_MESSAGES_OF = _MESSAGES.where(
    card_message.c.card_id == sa.bindparam("card"),
    sa.or_(card_message.c.standing.is_(True), card_message.c.buttons.is_(True)),
)
_PLACE_OF: sa.Select[*tuple[Any, ...]] = sa.select(card.c.id, card.c.visit_id, card.c.person_id).where(
    card.c.visit_id == sa.bindparam("visit"), card.c.person_id == sa.bindparam("person")
)
_SHOWN_AT: sa.Select[*tuple[Any, ...]] = (
    sa.select(card.c.visit_id, card.c.person_id, card_message)
    .join_from(card_message, card, card.c.id == card_message.c.card_id)
    .join(visit, visit.c.id == card.c.visit_id)
    .where(visit.c.site_id == sa.bindparam("site"))
    .order_by(card_message.c.sent_at, card_message.c.id)
)
_ADD = Bulk.inserting(
    card, "id", "visit_id", "person_id", "screen", on_conflict=lambda insert: insert.on_conflict_do_nothing()
)
_TURN = (
    sa.update(card).where(card.c.id == sa.bindparam("card")).values(screen=sa.bindparam("new_screen"), shown=sa.null())
)
_FORGET_STANDING = (
    sa.update(card_message)
    .where(card_message.c.card_id == sa.bindparam("card"), card_message.c.standing.is_(True))
    .values(standing=False)
)
_SHOWN = (card_message.c.card_id, card_message.c.standing, card_message.c.buttons)
_KNOWN: sa.Select[*tuple[Any, ...]] = sa.select(*_SHOWN).where(card_message.c.message_index == sa.bindparam("index"))
_PRESSED: sa.Select[*tuple[Any, ...]] = (
    sa.select(card.c.id, *_SHOWN)
    .outerjoin_from(card, card_message, card_message.c.message_index == sa.bindparam("index"))
    .where(card.c.visit_id == sa.bindparam("visit"), card.c.person_id == sa.bindparam("person"))
)
_CHANGE_MESSAGE = (
    sa.update(card_message)
    .where(card_message.c.message_index == sa.bindparam("index"))
    .values(standing=sa.bindparam("stands"), buttons=sa.bindparam("has_buttons"))
)
_ADD_MESSAGE = sa.insert(card_message)
_SET_SCREEN = sa.update(card).where(card.c.id == sa.bindparam("card")).values(screen=sa.bindparam("new_screen"))
_SET_SHOWN = sa.update(card).where(card.c.id == sa.bindparam("card")).values(shown=sa.bindparam("new_shown"))


def _card(tx: Tx, row: sa.Row[*tuple[Any, ...]] | None) -> CardRow | None:
    if row is None:
        return None
    standing: int | None = None
    with_buttons: list[int] = []
    for message in tx.connection.execute(_MESSAGES_OF, {"card": row.id}):
        message_id = _number(tx.unseal(card_message, message.id, message.sealed)["message_id"])
        if message.standing:
            standing = message_id
        else:
            with_buttons.append(message_id)
    return CardRow(
        id=row.id,
        visit_id=row.visit_id,
        person_id=row.person_id,
        screen=row.screen,
        shown=row.shown,
        standing=standing,
        with_buttons=tuple(with_buttons),
    )


def card_of(tx: Tx, visit_id: UUID, person_id: UUID) -> CardRow | None:
    return _card(tx, tx.connection.execute(_CARD_OF, {"visit": visit_id, "person": person_id}).one_or_none())


def card_by_id(tx: Tx, card_id: UUID) -> CardRow | None:
    return _card(tx, tx.connection.execute(_CARD, {"card": card_id}).one_or_none())


def card_by_message(tx: Tx, *, chat_id: int, message_id: int) -> CardRow | None:
    """The card that a message of ours shows; None when the message is not known (yet)."""
    statement = _CARDS.join(card_message, card_message.c.card_id == card.c.id).where(
        card_message.c.message_index == _message_index(tx, chat_id, message_id)
    )
    return _card(tx, tx.connection.execute(statement).one_or_none())


def ensure_card(tx: Tx, visit_id: UUID, person_id: UUID) -> CardPlace:
    """The card of this visit to this person, made if it is new."""
    known = _place_of(tx, visit_id, person_id)
    if known is not None:
        return known
    new = CardPlace(tx.new_id(), visit_id, person_id)
    if _ADD.write(tx.connection, [{"id": new.id, "visit_id": visit_id, "person_id": person_id, "screen": ""}]) == 1:
        return new
    made = _place_of(tx, visit_id, person_id)  # somebody else has made it meanwhile
    if made is None:
        raise LookupError("a card that could not be made is not there")
    return made


@dataclass(frozen=True, slots=True)
class Pressed:
    """A message that was pressed, and what we know of it: the card that was meant, and what the message shows."""

    visit_id: UUID
    person_id: UUID
    chat_id: int = field(repr=False)
    message_id: int = field(repr=False)
    card_id: UUID | None
    shows: _Shown | None

    @property
    def known(self) -> bool:
        """Whether the message shows a card."""
        return self.shows is not None


def pressed_at(tx: Tx, visit_id: UUID, person_id: UUID, *, chat_id: int, message_id: int) -> Pressed:
    """What is known of a message on which the card of this visit was pressed. Writes nothing."""
    values = {"index": _message_index(tx, chat_id, message_id), "visit": visit_id, "person": person_id}
    row = tx.connection.execute(_PRESSED, values).one_or_none()
    known = None if row is None or row.card_id is None else _Shown(row.card_id, row.standing, row.buttons)
    return Pressed(visit_id, person_id, chat_id, message_id, None if row is None else row.id, known)


def takes_place(tx: Tx, pressed: Pressed, *, sent_at: Instant) -> UUID:
    """The card that was pressed, made if it is new: the message is where it stands from now on.

    A message that shows another card goes on showing that one.
    """
    if pressed.card_id is None:
        made = ensure_card(tx, pressed.visit_id, pressed.person_id)
        adopt(tx, made.id, chat_id=pressed.chat_id, message_id=pressed.message_id, sent_at=sent_at)
        return made.id
    wanted = _Shown(pressed.card_id, standing=True, buttons=True)
    _show(tx, wanted, pressed.shows, chat_id=pressed.chat_id, message_id=pressed.message_id, sent_at=sent_at)
    return pressed.card_id


def _place_of(tx: Tx, visit_id: UUID, person_id: UUID) -> CardPlace | None:
    row = tx.connection.execute(_PLACE_OF, {"visit": visit_id, "person": person_id}).one_or_none()
    return None if row is None else CardPlace(*row)


def set_screen(tx: Tx, card_id: UUID, screen: str) -> bool:
    """Which face the card shows from its next edit on; False when there is no such card."""
    return tx.connection.execute(_SET_SCREEN, {"card": card_id, "new_screen": screen}).rowcount == 1


def turn(tx: Tx, card_id: UUID, screen: str) -> bool:
    """Which face the card shows from its next edit on, whatever the chat shows now; False: there is no such card."""
    return tx.connection.execute(_TURN, {"card": card_id, "new_screen": screen}).rowcount == 1


def set_shown(tx: Tx, card_id: UUID, shown: bytes | None) -> bool:
    """What the card shows now, as a keyed fingerprint; False when there is no such card."""
    return tx.connection.execute(_SET_SHOWN, {"card": card_id, "new_shown": shown}).rowcount == 1


# --- messages ---------------------------------------------------------------------------------------------------------


def _message_index(tx: Tx, chat_id: int, message_id: int) -> bytes:
    return tx.blind("message", f"{chat_id}:{message_id}")


def shown_at(tx: Tx, site_id: UUID) -> tuple[ShownMessage, ...]:
    """Every message that shows a card of a site's visits in the chat that its person has now, the longest there first."""
    found: list[ShownMessage] = []
    chats: dict[UUID, int | None] = {}
    for row in tx.connection.execute(_SHOWN_AT, {"site": site_id}):
        if row.person_id not in chats:
            person = people.person_by_id(tx, row.person_id)
            chats[row.person_id] = None if person is None else person.chat_id
        chat_id = chats[row.person_id]
        if chat_id is None:
            continue
        message_id = _number(tx.unseal(card_message, row.id, row.sealed)["message_id"])
        if row.message_index == _message_index(tx, chat_id, message_id):
            found.append(ShownMessage(row.visit_id, row.person_id, row.standing, message_id))
    return tuple(found)


def add_message(
    tx: Tx, card_id: UUID, *, chat_id: int, message_id: int, standing: bool, buttons: bool, sent_at: Instant
) -> bool:
    """Remembers that this message shows the card. A card stands in one place: a new one takes it from the earlier.

    False when the message shows another card: then nothing changes.
    """
    row = tx.connection.execute(_KNOWN, {"index": _message_index(tx, chat_id, message_id)}).first()
    known = None if row is None else _Shown(*row)
    wanted = _Shown(card_id, standing=standing, buttons=buttons)
    return _show(tx, wanted, known, chat_id=chat_id, message_id=message_id, sent_at=sent_at)


def _show(tx: Tx, wanted: _Shown, known: _Shown | None, *, chat_id: int, message_id: int, sent_at: Instant) -> bool:
    if known is not None and known.card_id != wanted.card_id:
        return False
    if known == wanted:
        return True
    if wanted.standing:
        forget_standing(tx, wanted.card_id)
    index = _message_index(tx, chat_id, message_id)
    if known is not None:
        values = {"index": index, "stands": wanted.standing, "has_buttons": wanted.buttons}
        tx.connection.execute(_CHANGE_MESSAGE, values)
        return True
    row_id = tx.new_id()
    tx.connection.execute(
        _ADD_MESSAGE,
        {
            "id": row_id,
            "card_id": wanted.card_id,
            "message_index": index,
            "standing": wanted.standing,
            "buttons": wanted.buttons,
            "sent_at": sent_at,
            "sealed": tx.seal(card_message, row_id, {"message_id": message_id}),
        },
    )
    return True


def adopt(tx: Tx, card_id: UUID, *, chat_id: int, message_id: int, sent_at: Instant) -> bool:
    """A press came from this message: it shows the card, and is where the card stands from now on."""
    return add_message(
        tx, card_id, chat_id=chat_id, message_id=message_id, standing=True, buttons=True, sent_at=sent_at
    )


def stripped(tx: Tx, card_id: UUID, *, keep: int | None) -> int:
    """The card's messages show no buttons any more, but for the message `keep`; how many changed."""
    rows = tx.connection.execute(
        _MESSAGES.where(card_message.c.card_id == card_id, card_message.c.buttons.is_(True))
    ).all()
    bare = [row.id for row in rows if _number(tx.unseal(card_message, row.id, row.sealed)["message_id"]) != keep]
    if bare:
        tx.connection.execute(sa.update(card_message).where(card_message.c.id.in_(bare)).values(buttons=False))
    return len(bare)


def forget_standing(tx: Tx, card_id: UUID) -> bool:
    """The card stands nowhere now: its message is gone, or another one takes its place."""
    return tx.connection.execute(_FORGET_STANDING, {"card": card_id}).rowcount > 0


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a message id is a number")
    return value
