"""Signing in to the board: one-time links, numbers that a browser shows, sessions. All times are elapsed.

Of links, browsers and sessions only the hash of their secret is stored. A number is no secret: it is good for nothing until
somebody approves it, and then only for the browser that asked.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records.schema import login_link, login_number, session
from records.transaction import Tx
from trial.moments import Instant


class Began(StrEnum):
    """How somebody was signed in."""

    LINK = "link"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class LoginLink:
    id: UUID
    person_id: UUID


@dataclass(frozen=True, slots=True)
class LoginNumber:
    """A browser that asks. `person_id`: who named its number in the chat, and decides about it."""

    id: UUID
    number: str
    browser: str
    created_at: Instant
    expires_at: Instant
    person_id: UUID | None
    approved_at: Instant | None
    refused_at: Instant | None


@dataclass(frozen=True, slots=True)
class SessionRow:
    id: UUID
    person_id: UUID
    created_at: Instant
    seen_at: Instant
    ends_at: Instant


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser in which somebody is signed in."""

    id: UUID
    began: Began
    created_at: Instant
    seen_at: Instant


# --- links ------------------------------------------------------------------------------------------------------------

_ADD_LINK: Final = sa.insert(login_link)
_OPEN_LINK: Final[sa.Select[*tuple[Any, ...]]] = sa.select(login_link.c.id, login_link.c.person_id).where(
    login_link.c.token_hash == sa.bindparam("hash"),
    login_link.c.used_at.is_(None),
    login_link.c.expires_at > sa.bindparam("elapsed"),
)
_USE_LINK: Final = (
    sa.update(login_link)
    .where(
        login_link.c.id == sa.bindparam("link"),
        login_link.c.used_at.is_(None),
        login_link.c.expires_at > sa.bindparam("elapsed"),
    )
    .values(used_at=sa.bindparam("elapsed"))
)
_CLOSE_LINKS: Final = (
    sa.update(login_link)
    .where(
        login_link.c.person_id == sa.bindparam("person"),
        login_link.c.used_at.is_(None),
        login_link.c.expires_at > sa.bindparam("elapsed"),
    )
    .values(expires_at=sa.bindparam("elapsed"))
)


def add_link(tx: Tx, *, person_id: UUID, token_hash: bytes, created_at: Instant, expires_at: Instant) -> UUID:
    link_id = tx.new_id()
    values = {"person_id": person_id, "token_hash": token_hash, "created_at": created_at, "expires_at": expires_at}
    tx.connection.execute(_ADD_LINK, {"id": link_id, **values})
    return link_id


def open_link(tx: Tx, token_hash: bytes, *, elapsed: Instant) -> LoginLink | None:
    """The link behind a token, unless it was used or has expired."""
    row = tx.connection.execute(_OPEN_LINK, {"hash": token_hash, "elapsed": elapsed}).one_or_none()
    return None if row is None else LoginLink(*row)


def use_link(tx: Tx, link_id: UUID, *, elapsed: Instant) -> bool:
    """Uses a link up; False when it was used before or has expired."""
    return tx.connection.execute(_USE_LINK, {"link": link_id, "elapsed": elapsed}).rowcount == 1


# --- numbers ----------------------------------------------------------------------------------------------------------

_ADD_NUMBER: Final = sa.insert(login_number)
_NUMBERS: Final[sa.Select[*tuple[Any, ...]]] = sa.select(
    login_number.c.id,
    login_number.c.number,
    login_number.c.browser,
    login_number.c.created_at,
    login_number.c.expires_at,
    login_number.c.person_id,
    login_number.c.approved_at,
    login_number.c.refused_at,
).where(login_number.c.used_at.is_(None), login_number.c.expires_at > sa.bindparam("elapsed"))
_BY_BROWSER: Final = _NUMBERS.where(login_number.c.secret_hash == sa.bindparam("hash"))
_BY_NUMBER: Final = _NUMBERS.where(login_number.c.number == sa.bindparam("number"))
_BY_NUMBER_ID: Final = _NUMBERS.where(login_number.c.id == sa.bindparam("which"))
_UNDECIDED: Final = (
    login_number.c.id == sa.bindparam("which"),
    sa.or_(login_number.c.person_id.is_(None), login_number.c.person_id == sa.bindparam("person")),
    login_number.c.used_at.is_(None),
    login_number.c.approved_at.is_(None),
    login_number.c.refused_at.is_(None),
    login_number.c.expires_at > sa.bindparam("elapsed"),
)
_CLAIM: Final = sa.update(login_number).where(*_UNDECIDED).values(person_id=sa.bindparam("person"))
_APPROVE: Final = _CLAIM.values(approved_at=sa.bindparam("elapsed"))
_REFUSE: Final = _CLAIM.values(refused_at=sa.bindparam("elapsed"))
_USE_NUMBER: Final = (
    sa.update(login_number)
    .where(
        login_number.c.id == sa.bindparam("which"),
        login_number.c.used_at.is_(None),
        login_number.c.approved_at.is_not(None),
        login_number.c.expires_at > sa.bindparam("elapsed"),
    )
    .values(used_at=sa.bindparam("elapsed"))
)
_CLOSE_NUMBERS: Final = (
    sa.update(login_number)
    .where(
        login_number.c.person_id == sa.bindparam("person"),
        login_number.c.used_at.is_(None),
        login_number.c.expires_at > sa.bindparam("elapsed"),
    )
    .values(expires_at=sa.bindparam("elapsed"))
)


def add_number(
    tx: Tx, *, secret_hash: bytes, number: str, browser: str, created_at: Instant, expires_at: Instant
) -> UUID:
    number_id = tx.new_id()
    values = {"number": number, "browser": browser, "created_at": created_at, "expires_at": expires_at}
    tx.connection.execute(_ADD_NUMBER, {"id": number_id, "secret_hash": secret_hash, **values})
    return number_id


def number_of_browser(tx: Tx, secret_hash: bytes, *, elapsed: Instant) -> LoginNumber | None:
    """What the browser with this secret shows, unless it was used or has expired."""
    row = tx.connection.execute(_BY_BROWSER, {"hash": secret_hash, "elapsed": elapsed}).one_or_none()
    return None if row is None else LoginNumber(*row)


def open_numbers(tx: Tx, number: str, *, elapsed: Instant) -> tuple[LoginNumber, ...]:
    """Browsers that show this number now: one, unless chance gave it to two at the same moment."""
    return tuple(LoginNumber(*row) for row in tx.connection.execute(_BY_NUMBER, {"number": number, "elapsed": elapsed}))


def number_by_id(tx: Tx, number_id: UUID, *, elapsed: Instant) -> LoginNumber | None:
    """A browser that still asks or waits to be let in."""
    row = tx.connection.execute(_BY_NUMBER_ID, {"which": number_id, "elapsed": elapsed}).one_or_none()
    return None if row is None else LoginNumber(*row)


def claim_number(tx: Tx, number_id: UUID, *, person_id: UUID, elapsed: Instant) -> bool:
    """From now on this person alone decides about the browser; False when somebody else does, or it is decided."""
    return tx.connection.execute(_CLAIM, {"which": number_id, "person": person_id, "elapsed": elapsed}).rowcount == 1


def approve_number(tx: Tx, number_id: UUID, *, person_id: UUID, elapsed: Instant) -> bool:
    """Lets the browser in as this person; False when it is not theirs, was decided before, or has expired."""
    return tx.connection.execute(_APPROVE, {"which": number_id, "person": person_id, "elapsed": elapsed}).rowcount == 1


def refuse_number(tx: Tx, number_id: UUID, *, person_id: UUID, elapsed: Instant) -> bool:
    """Keeps the browser out for good; False when it is not theirs, was decided before, or has expired."""
    return tx.connection.execute(_REFUSE, {"which": number_id, "person": person_id, "elapsed": elapsed}).rowcount == 1


def use_number(tx: Tx, number_id: UUID, *, elapsed: Instant) -> bool:
    """The browser collects its session, once; False when it did before, was not approved, or came too late."""
    return tx.connection.execute(_USE_NUMBER, {"which": number_id, "elapsed": elapsed}).rowcount == 1


# --- sessions ---------------------------------------------------------------------------------------------------------

_ADD: Final = sa.insert(session)
_BY_SECRET: Final[sa.Select[*tuple[Any, ...]]] = sa.select(
    session.c.id, session.c.person_id, session.c.created_at, session.c.seen_at, session.c.ends_at
).where(
    session.c.secret_hash == sa.bindparam("hash"),
    session.c.ended_at.is_(None),
    session.c.ends_at > sa.bindparam("elapsed"),
    session.c.seen_at > sa.bindparam("seen_after"),
)
_OPEN_OF: Final[sa.Select[*tuple[Any, ...]]] = (
    sa.select(session.c.id, session.c.began, session.c.created_at, session.c.seen_at)
    .where(
        session.c.person_id == sa.bindparam("person"),
        session.c.ended_at.is_(None),
        session.c.ends_at > sa.bindparam("elapsed"),
        session.c.seen_at > sa.bindparam("seen_after"),
    )
    .order_by(session.c.seen_at.desc(), session.c.id.desc())
)
_SEEN: Final = (
    sa.update(session)
    .where(session.c.id == sa.bindparam("session"), session.c.ended_at.is_(None))
    .values(seen_at=sa.bindparam("elapsed"))
)
_END: Final = (
    sa.update(session)
    .where(session.c.id == sa.bindparam("session"), session.c.ended_at.is_(None))
    .values(ended_at=sa.bindparam("elapsed"))
)
_END_ALL: Final = (
    sa.update(session)
    .where(
        session.c.person_id == sa.bindparam("person"),
        session.c.ended_at.is_(None),
        session.c.ends_at > sa.bindparam("elapsed"),
    )
    .values(ended_at=sa.bindparam("elapsed"))
)
_DROPS: Final = (
    sa.delete(login_link).where(login_link.c.expires_at < sa.bindparam("before")),
    sa.delete(login_number).where(login_number.c.expires_at < sa.bindparam("before")),
    sa.delete(session).where(session.c.ends_at < sa.bindparam("before")),
)


def add_session(
    tx: Tx, *, person_id: UUID, secret_hash: bytes, began: Began, created_at: Instant, ends_at: Instant
) -> UUID:
    session_id = tx.new_id()
    values = {
        "person_id": person_id,
        "secret_hash": secret_hash,
        "began": began.value,
        "created_at": created_at,
        "seen_at": created_at,
        "ends_at": ends_at,
    }
    tx.connection.execute(_ADD, {"id": session_id, **values})
    return session_id


def open_session(tx: Tx, secret_hash: bytes, *, elapsed: Instant, seen_after: Instant) -> SessionRow | None:
    """The session behind a secret, unless it ended, has lasted too long, or was last used before `seen_after`."""
    values = {"hash": secret_hash, "elapsed": elapsed, "seen_after": seen_after}
    row = tx.connection.execute(_BY_SECRET, values).one_or_none()
    return None if row is None else SessionRow(*row)


def open_sessions(tx: Tx, person_id: UUID, *, elapsed: Instant, seen_after: Instant) -> tuple[OpenSession, ...]:
    """The browsers in which somebody is signed in, the one used last first."""
    rows = tx.connection.execute(_OPEN_OF, {"person": person_id, "elapsed": elapsed, "seen_after": seen_after})
    return tuple(OpenSession(row.id, Began(row.began), row.created_at, row.seen_at) for row in rows)


def seen(tx: Tx, session_id: UUID, *, elapsed: Instant) -> None:
    """The session was used now."""
    tx.connection.execute(_SEEN, {"session": session_id, "elapsed": elapsed})


def end(tx: Tx, session_id: UUID, *, elapsed: Instant) -> bool:
    """Signs a browser out; False when it was."""
    return tx.connection.execute(_END, {"session": session_id, "elapsed": elapsed}).rowcount == 1


def end_all(tx: Tx, person_id: UUID, *, elapsed: Instant) -> int:
    """Signs a person's browsers out and closes every way in that is still open; how many sessions there were."""
    values = {"person": person_id, "elapsed": elapsed}
    tx.connection.execute(_CLOSE_LINKS, values)
    tx.connection.execute(_CLOSE_NUMBERS, values)
    return tx.connection.execute(_END_ALL, values).rowcount


def drop_expired(tx: Tx, *, before: Instant) -> int:
    """Forgets what ended before this; how many rows. The audit log keeps who signed in and how."""
    return sum(tx.connection.execute(drop, {"before": before}).rowcount for drop in _DROPS)
