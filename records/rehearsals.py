"""What a rehearsal of one site's first days needs: silence elsewhere, people who have joined, and messages that arrive.

Everything here is written in a transaction that is rolled back (`Records.rehearse`), and never in another one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import membership, notice, person, task, word
from records.transaction import Tx
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class Put:
    """A notice that went out: a card of its own, or a digest."""

    person_id: UUID
    kind: str
    at: Instant  # trial time


_THERE: Final = sa.select(membership.c.person_id).where(membership.c.site_id == sa.bindparam("site"))
_SILENCE_TASKS: Final = (
    sa.update(task)
    .where(task.c.site_id != sa.bindparam("site"), task.c.next_attention_at <= sa.bindparam("until"))
    .values(next_attention_at=None)
)
_SILENCE_DIGESTS: Final = (
    sa.update(person)
    .where(person.c.id.not_in(_THERE), person.c.next_digest_at <= sa.bindparam("until"))
    .values(next_digest_at=None)
)
_NOT_JOINED: Final = sa.select(person.c.id).where(
    person.c.id.in_(_THERE), person.c.chat_index.is_(None), person.c.revoked_at.is_(None)
)
_JOIN: Final = (
    sa.update(person)
    .where(person.c.id == sa.bindparam("of"))
    .values(chat_index=sa.bindparam("index"), reachable=sa.true())
)
_SEND: Final = (
    sa.update(notice).where(notice.c.state == word("waiting")).values(state="sent", settled_at=sa.bindparam("at"))
)
_PUT: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(notice.c.person_id, notice.c.kind, notice.c.created_at)
    .where(
        notice.c.kind.in_((word("card"), word("digest"))),
        notice.c.state == word("sent"),
        notice.c.created_at >= sa.bindparam("since"),
        notice.c.person_id.in_(sa.bindparam("people", expanding=True)),
    )
    .order_by(notice.c.created_at, notice.c.place)
)


def silence_elsewhere(tx: Tx, site_id: UUID, *, until: Instant) -> None:
    """Nothing rings at other sites, and nobody of them gets a digest."""
    tx.connection.execute(_SILENCE_TASKS, {"site": site_id, "until": until})
    tx.connection.execute(_SILENCE_DIGESTS, {"site": site_id, "until": until})


def let_everybody_join(tx: Tx, site_id: UUID) -> tuple[UUID, ...]:
    """Whoever was invited to a site has joined; who they are."""
    joined = tuple(tx.connection.scalars(_NOT_JOINED, {"site": site_id}))
    if joined:
        rows = [{"of": person_id, "index": tx.blind("rehearsal", str(person_id))} for person_id in joined]
        tx.connection.execute(_JOIN, rows)
    return joined


def let_all_arrive(tx: Tx, *, at: Instant) -> int:
    """Every message that waits has been sent; how many there were."""
    return tx.connection.execute(_SEND, {"at": at}).rowcount


def put_since(tx: Tx, person_ids: Collection[UUID], *, since: Instant) -> tuple[Put, ...]:
    """The cards and digests that were put for these people since then and went out, in order."""
    if not person_ids:
        return ()
    rows = tx.connection.execute(_PUT, {"since": since, "people": sorted(person_ids)})
    return tuple(Put(row.person_id, row.kind, row.created_at) for row in rows)
