"""Digests: several visits gone through in one message. What it shows is composed when it is sent, from current state.

An item is a task; the tasks of one visit share its position. `place` is the position that the message shows, 0 is the
overview. The message's id is sealed; an audit entry of a digest that carries `after.message_id` is compared with it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.bulk import Bulk
from records.schema import digest, digest_item, visit
from records.transaction import Tx
from trial.messages import DigestKind
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class DigestItemRow:
    visit_id: UUID
    task_id: UUID
    position: int  # of its visit; 1 is the worst


@dataclass(frozen=True, slots=True)
class DigestRow:
    """A digest, opened. `message_id` None: it stands nowhere (yet)."""

    id: UUID
    person_id: UUID
    kind: DigestKind
    made_at: Instant
    place: int
    screen: str  # which face of that item; the bot's own word, empty for the first
    of_person: UUID | None  # whose items they are, for a hand-over
    shown: bytes | None  # keyed fingerprint of what was last shown
    version: int
    message_id: int | None = field(repr=False)


_DIGESTS: Final = sa.select(digest)
_DIGEST: Final = _DIGESTS.where(digest.c.id == sa.bindparam("digest"))
_BY_MESSAGE: Final = _DIGESTS.where(digest.c.message_index == sa.bindparam("index"))
_OF_PERSON: Final = _DIGESTS.where(digest.c.person_id == sa.bindparam("person"))
_LAST: Final = _OF_PERSON.order_by(digest.c.made_at.desc(), digest.c.id.desc()).limit(1)
_ITEMS: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(digest_item.c.visit_id, digest_item.c.task_id, digest_item.c.position)
    .where(digest_item.c.digest_id == sa.bindparam("digest"))
    .order_by(digest_item.c.position, digest_item.c.id)
)
_newer = digest.alias("newer")
_SHOWING: Final = (
    sa.select(digest.c.id, digest.c.person_id)
    .where(
        digest.c.id.in_(
            sa.select(digest_item.c.digest_id).where(digest_item.c.visit_id.in_(sa.bindparam("visits", expanding=True)))
        ),
        digest.c.message_index.is_not(None),
        # Earlier ones stay in the chat as they were: a visit that stands in twenty of them is not edited twenty times.
        ~sa.exists().where(
            _newer.c.person_id == digest.c.person_id,
            _newer.c.message_index.is_not(None),
            _newer.c.made_at > digest.c.made_at,
        ),
    )
    .order_by(digest.c.id)
)
_STANDING_AT: Final = (
    sa.select(digest.c.id, digest.c.person_id)
    .where(
        digest.c.message_index.is_not(None),
        digest.c.id.in_(
            sa.select(digest_item.c.digest_id)
            .join_from(digest_item, visit, visit.c.id == digest_item.c.visit_id)
            .where(visit.c.site_id == sa.bindparam("site"))
        ),
    )
    .order_by(digest.c.id)
)
_ADD: Final = sa.insert(digest)
_ADD_ITEMS: Final = Bulk.inserting(digest_item, "id", "digest_id", "visit_id", "task_id", "position")
_TURN: Final = (
    sa.update(digest)
    .where(digest.c.id == sa.bindparam("digest"))
    .values(place=sa.bindparam("new_place"), screen=sa.bindparam("new_screen"), shown=sa.null())
)
_SHOW: Final = sa.update(digest).where(digest.c.id == sa.bindparam("digest")).values(shown=sa.bindparam("fingerprint"))
_STANDS: Final = (
    sa.update(digest)
    .where(digest.c.id == sa.bindparam("digest"), digest.c.version == sa.bindparam("was"))
    .values(
        message_index=sa.bindparam("index"),
        version=sa.bindparam("new_version"),
        sealed=sa.bindparam("new_sealed"),
        shown=sa.null(),
    )
)


def _message_index(tx: Tx, chat_id: int, message_id: int) -> bytes:
    return tx.blind("message", f"{chat_id}:{message_id}")


def _digest(tx: Tx, row: sa.Row[*tuple[Any, ...]] | None) -> DigestRow | None:
    if row is None:
        return None
    message_id = None
    if row.sealed is not None:
        message_id = tx.unseal(digest, row.id, row.sealed, version=row.version)["message_id"]
    return DigestRow(
        id=row.id,
        person_id=row.person_id,
        kind=DigestKind(row.kind),
        made_at=row.made_at,
        place=row.place,
        screen=row.screen,
        of_person=row.of_person,
        shown=row.shown,
        version=row.version,
        message_id=message_id if isinstance(message_id, int) else None,
    )


def make_digest(
    tx: Tx,
    *,
    person_id: UUID,
    kind: DigestKind,
    items: Sequence[tuple[UUID, UUID]],
    made_at: Instant,
    of_person: UUID | None = None,
) -> UUID:
    """A digest of these items, pairs of visit and task, worst first; a task that comes twice is taken once."""
    digest_id = tx.new_id()
    tx.connection.execute(
        _ADD,
        {
            "id": digest_id,
            "person_id": person_id,
            "kind": kind.value,
            "made_at": made_at,
            "of_person": of_person,
            "version": 1,
        },
    )
    positions: dict[UUID, int] = {}
    rows = []
    for visit_id, task_id in dict.fromkeys(items):
        position = positions.setdefault(visit_id, len(positions) + 1)
        rows.append(
            {
                "id": tx.new_id(),
                "digest_id": digest_id,
                "visit_id": visit_id,
                "task_id": task_id,
                "position": position,
            }
        )
    _ADD_ITEMS.write(tx.connection, rows)
    return digest_id


def digest_by_id(tx: Tx, digest_id: UUID) -> DigestRow | None:
    return _digest(tx, tx.connection.execute(_DIGEST, {"digest": digest_id}).one_or_none())


def digest_by_message(tx: Tx, *, chat_id: int, message_id: int) -> DigestRow | None:
    """The digest that a message of ours shows; None when the message is not known (yet), or shows a card."""
    index = _message_index(tx, chat_id, message_id)
    return _digest(tx, tx.connection.execute(_BY_MESSAGE, {"index": index}).one_or_none())


def last_digest_of(tx: Tx, person_id: UUID) -> DigestRow | None:
    """The newest digest of a person, sent or not."""
    return _digest(tx, tx.connection.execute(_LAST, {"person": person_id}).one_or_none())


def items_of(tx: Tx, digest_id: UUID) -> tuple[DigestItemRow, ...]:
    """What a digest goes through, by position."""
    return tuple(DigestItemRow(*row) for row in tx.connection.execute(_ITEMS, {"digest": digest_id}))


def digests_showing(tx: Tx, visit_ids: Collection[UUID]) -> tuple[tuple[UUID, UUID], ...]:
    """Pairs of digest and person: what has to be edited when these visits change, the newest digest of each person."""
    if not visit_ids:
        return ()
    rows = tx.connection.execute(_SHOWING, {"visits": sorted(visit_ids)})
    return tuple((row.id, row.person_id) for row in rows)


def standing_at(tx: Tx, site_id: UUID) -> tuple[tuple[UUID, UUID], ...]:
    """Pairs of digest and person: every digest that stands in a chat and goes through a visit of this site."""
    rows = tx.connection.execute(_STANDING_AT, {"site": site_id})
    return tuple((row.id, row.person_id) for row in rows)


def turn(tx: Tx, digest_id: UUID, *, place: int, screen: str = "") -> bool:
    """Which item the digest shows from its next edit on, and which face of it; False when there is no such digest."""
    values = {"digest": digest_id, "new_place": place, "new_screen": screen}
    return tx.connection.execute(_TURN, values).rowcount == 1


def set_shown(tx: Tx, digest_id: UUID, shown: bytes | None) -> bool:
    """What the digest shows now, as a keyed fingerprint; False when there is no such digest."""
    return tx.connection.execute(_SHOW, {"digest": digest_id, "fingerprint": shown}).rowcount == 1


def set_message(tx: Tx, found: DigestRow, *, chat_id: int, message_id: int) -> bool:
    """Where the digest stands from now on: where it was sent, or where a press on it came from.

    False when the row changed meanwhile, or the message shows another digest: then nothing changes.
    """
    index = _message_index(tx, chat_id, message_id)
    other = tx.connection.execute(_BY_MESSAGE, {"index": index}).one_or_none()
    if other is not None:
        return bool(other.id == found.id)
    return _stands(tx, found, index, message_id)


def forget_message(tx: Tx, found: DigestRow) -> bool:
    """The digest stands nowhere now: its message is gone. False when the row changed meanwhile."""
    return _stands(tx, found, None, None)


def _stands(tx: Tx, found: DigestRow, index: bytes | None, message_id: int | None) -> bool:
    version = found.version + 1
    values = {
        "digest": found.id,
        "was": found.version,
        "index": index,
        "new_version": version,
        "new_sealed": tx.seal(digest, found.id, {"message_id": message_id}, version=version),
    }
    return tx.connection.execute(_STANDS, values).rowcount == 1
