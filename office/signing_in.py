"""Signing in to the board: by a one-time link, or by a number that a browser shows and its owner approves in the chat.

A link holds 192 random bits, lasts ten minutes of elapsed time and works once. Looking at it uses nothing up: previews look,
too. A number is six digits that anybody may see: it signs nobody in until somebody whom we know has approved it, and then
only the browser that asked for it, which has a secret of its own. Either way a session begins under a new secret. Of every
secret only the hash is stored, and what a person may do is asked anew at each request.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from office.board.viewer import Viewer, viewer_of
from office.inviting import TOKEN_BYTES, token_hash
from records import audit, people, schema, sessions, sites, teams
from records.sessions import Began, LoginNumber, OpenSession, SessionRow
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.moments import Instant, instant

LINK_FOR: Final = timedelta(minutes=10)
NUMBER_FOR: Final = timedelta(minutes=10)
IDLE: Final = timedelta(minutes=30)
"""A session that was not used for so long has ended."""
AT_MOST: Final = timedelta(hours=12)
"""And so has one that began so long ago."""
SEEN_EVERY: Final = timedelta(minutes=1)
"""How often a session's use is written down: a request costs no write."""

DIGITS: Final = 6
WRONG_MOST: Final = 5
WRONG_WITHIN: Final = timedelta(minutes=10)
WRONG_PAUSE: Final = timedelta(minutes=10)
"""After so many wrong numbers from one person within that time, no more of theirs is looked at for this long."""

_KEPT: Final = timedelta(days=7)
"""How long rows are kept that are good for nothing any more. The audit log keeps what they were."""
_TRIES: Final = 10

_WRONG: Final = "sign_in.wrong_number"


class NumberState(StrEnum):
    """What a browser that shows a number learns of it."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    GONE = "gone"  # expired, used, or never there


@dataclass(frozen=True, slots=True)
class AskedNumber:
    """A browser's number, and the secret by which it asks what became of it."""

    secret: str = field(repr=False)
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownNumber:
    """What the page with a number shows."""

    number: str = field(repr=False)
    state: NumberState
    expires_at: Instant


@dataclass(frozen=True, slots=True)
class Waiting:
    """A link that can be used: all that may be known of it before it is."""

    language: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, with the rights of this moment."""

    session: SessionRow
    viewer: Viewer


# --- by a link --------------------------------------------------------------------------------------------------------


def make_login_link(tx: Tx, person_id: UUID, *, by: UUID | None, now: Instant, elapsed: Instant) -> str | None:
    """A new link's token, which is nowhere else; None where nothing on the board is this person's. `by` None: whoever sits
    at the machine.
    """
    if viewer_of(tx, person_id, now=now) is None:
        return None
    sessions.drop_expired(tx, before=instant(elapsed - _KEPT))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link_id = sessions.add_link(
        tx,
        person_id=person_id,
        token_hash=token_hash(token),
        created_at=elapsed,
        expires_at=instant(elapsed + LINK_FOR),
    )
    tx.audit(
        "sign_in.link_made",
        table=schema.login_link,
        object_id=link_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"person": str(person_id)},
    )
    return token


def link_address(web_address: str, token: str) -> str:
    """Where a link leads. The token stands in no address after it was used."""
    return f"{web_address}/sign-in/{token}"


def look_at_link(tx: Tx, token: str, *, now: Instant, elapsed: Instant) -> Waiting | None:
    """Whether a link can be used; None for every reason why not."""
    link = sessions.open_link(tx, token_hash(token), elapsed=elapsed)
    viewer = None if link is None else viewer_of(tx, link.person_id, now=now)
    return None if viewer is None else Waiting(viewer.language)


def use_login_link(tx: Tx, token: str, *, instead_of: str | None = None, now: Instant, elapsed: Instant) -> str | None:
    """Uses a link up: the new session's secret, which is nowhere else; None for every reason why not.

    `instead_of` is the secret of the session that this browser had: it ends.
    """
    link = sessions.open_link(tx, token_hash(token), elapsed=elapsed)
    if link is None or viewer_of(tx, link.person_id, now=now) is None:
        return None
    if not sessions.use_link(tx, link.id, elapsed=elapsed):
        return None  # another request was faster
    return _begin(tx, link.person_id, Began.LINK, instead_of=instead_of, now=now, elapsed=elapsed)


# --- by a number ------------------------------------------------------------------------------------------------------


def ask_number(tx: Tx, *, browser: str, elapsed: Instant) -> AskedNumber:
    """A number for a browser that asks to be let in. `browser` is a closed word for its family and system, or empty."""
    sessions.drop_expired(tx, before=instant(elapsed - _KEPT))
    secret, number = secrets.token_urlsafe(TOKEN_BYTES), _free_number(tx, elapsed=elapsed)
    sessions.add_number(
        tx,
        secret_hash=token_hash(secret),
        number=number,
        browser=browser,
        created_at=elapsed,
        expires_at=instant(elapsed + NUMBER_FOR),
    )
    return AskedNumber(secret, number)


def _free_number(tx: Tx, *, elapsed: Instant) -> str:
    """Six digits that no browser shows now. Where two get the same all the same, neither can be approved."""
    number = ""
    for _ in range(_TRIES):
        number = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        if not sessions.open_numbers(tx, number, elapsed=elapsed):
            break
    return number


def shown_number(tx: Tx, secret: str, *, elapsed: Instant) -> ShownNumber | None:
    """What this browser shows; None: nothing any more."""
    found = sessions.number_of_browser(tx, token_hash(secret), elapsed=elapsed)
    return None if found is None else ShownNumber(found.number, _state(found), found.expires_at)


def _state(found: LoginNumber) -> NumberState:
    if found.refused_at is not None:
        return NumberState.REFUSED
    return NumberState.WAITING if found.approved_at is None else NumberState.APPROVED


def look_at_number(tx: Tx, number: str, *, person_id: UUID, now: Instant, elapsed: Instant) -> LoginNumber | None:
    """The browser that shows this number and waits to be let in; None for every reason why not.

    From now on this person alone decides about it. A number that is wrong is counted: after five of them nothing more is
    looked at for a while.
    """
    if _too_many_wrong(tx, person_id, elapsed=elapsed) or viewer_of(tx, person_id, now=now) is None:
        return None
    waiting = [one for one in sessions.open_numbers(tx, number, elapsed=elapsed) if _state(one) is NumberState.WAITING]
    if len(waiting) == 1 and sessions.claim_number(tx, waiting[0].id, person_id=person_id, elapsed=elapsed):
        return waiting[0]
    tx.audit(_WRONG, table=schema.person, object_id=person_id, by=person_id, at=now, recorded_at=elapsed)
    return None


def _too_many_wrong(tx: Tx, person_id: UUID, *, elapsed: Instant) -> bool:
    wrong = audit.latest(tx, _WRONG, table=schema.person, object_id=person_id, limit=WRONG_MOST)
    return len(wrong) == WRONG_MOST and wrong[0] - wrong[-1] < WRONG_WITHIN and elapsed - wrong[0] < WRONG_PAUSE


def decides(tx: Tx, number_id: UUID, *, elapsed: Instant) -> UUID | None:
    """Who named this browser's number in the chat; None: nobody has, or it asks no longer."""
    found = sessions.number_by_id(tx, number_id, elapsed=elapsed)
    return None if found is None else found.person_id


def approve(tx: Tx, number_id: UUID, *, person_id: UUID, now: Instant, elapsed: Instant) -> bool:
    """Lets the browser in as this person; False when it was decided before, has expired, or nothing is theirs."""
    found = sessions.number_by_id(tx, number_id, elapsed=elapsed)
    if found is None or viewer_of(tx, person_id, now=now) is None:
        return False
    if not sessions.approve_number(tx, number_id, person_id=person_id, elapsed=elapsed):
        return False
    _audit_number(tx, "sign_in.number_approved", found, person_id, now=now, elapsed=elapsed)
    return True


def refuse(tx: Tx, number_id: UUID, *, person_id: UUID, now: Instant, elapsed: Instant) -> bool:
    """Keeps the browser out; False when it was decided before, or has expired."""
    found = sessions.number_by_id(tx, number_id, elapsed=elapsed)
    if found is None or not sessions.refuse_number(tx, number_id, person_id=person_id, elapsed=elapsed):
        return False
    _audit_number(tx, "sign_in.number_refused", found, person_id, now=now, elapsed=elapsed)
    return True


def _audit_number(tx: Tx, action: str, found: LoginNumber, person_id: UUID, *, now: Instant, elapsed: Instant) -> None:
    tx.audit(
        action,
        table=schema.login_number,
        object_id=found.id,
        by=person_id,
        at=now,
        recorded_at=elapsed,
        after={"browser": found.browser, "asked_at": found.created_at.isoformat()},
    )


def collect(tx: Tx, secret: str, *, instead_of: str | None = None, now: Instant, elapsed: Instant) -> str | None:
    """The browser's own request once its number was approved: the new session's secret, once; None: not (any more)."""
    found = sessions.number_of_browser(tx, token_hash(secret), elapsed=elapsed)
    if found is None or found.person_id is None or _state(found) is not NumberState.APPROVED:
        return None
    if viewer_of(tx, found.person_id, now=now) is None or not sessions.use_number(tx, found.id, elapsed=elapsed):
        return None
    return _begin(tx, found.person_id, Began.NUMBER, instead_of=instead_of, now=now, elapsed=elapsed)


def zone_of_person(tx: Tx, person_id: UUID) -> ZoneInfo:
    """By whose clock somebody is told a time: their site's, or the one where they work; Greenwich's where neither is known."""
    for held in reversed(people.memberships_of(tx, person_id)):
        site = None if held.site_id is None else sites.site_by_id(tx, held.site_id)
        if site is not None:
            return zone_of(site.zone)
    time = teams.times_of(tx, (person_id,)).get(person_id)
    return zone_of("UTC" if time is None or time.works_in is None else time.works_in.zone)


# --- sessions ---------------------------------------------------------------------------------------------------------


def _begin(tx: Tx, person_id: UUID, how: Began, *, instead_of: str | None, now: Instant, elapsed: Instant) -> str:
    if instead_of is not None:
        sign_out(tx, instead_of, now=now, elapsed=elapsed)
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    session_id = sessions.add_session(
        tx,
        person_id=person_id,
        secret_hash=token_hash(secret),
        began=how,
        created_at=elapsed,
        ends_at=instant(elapsed + AT_MOST),
    )
    tx.audit(
        "session.began",
        table=schema.session,
        object_id=session_id,
        by=person_id,
        at=now,
        recorded_at=elapsed,
        after={"how": how.value},
    )
    return secret


def _open(tx: Tx, secret: str, *, elapsed: Instant) -> SessionRow | None:
    return sessions.open_session(tx, token_hash(secret), elapsed=elapsed, seen_after=instant(elapsed - IDLE))


def session_of(
    tx: Tx, secret: str, *, study_code: str | None = None, now: Instant, elapsed: Instant
) -> SignedIn | None:
    """Who has this secret, with what is theirs now; None when the session has ended, or nothing is theirs any more."""
    found = _open(tx, secret, elapsed=elapsed)
    viewer = None if found is None else viewer_of(tx, found.person_id, study_code=study_code, now=now)
    return None if found is None or viewer is None else SignedIn(found, viewer)


@dataclass(frozen=True, slots=True)
class Myself:
    """What somebody finds of themselves on the board. `here`: which of the sessions asks; `zone`: by whose clock."""

    sessions: tuple[OpenSession, ...]
    here: UUID | None
    zone: ZoneInfo


def myself(tx: Tx, person_id: UUID, secret: str, *, elapsed: Instant) -> Myself:
    """The browsers in which this person is signed in; `secret` is that of the one that asks."""
    found = _open(tx, secret, elapsed=elapsed)
    return Myself(
        sessions=sessions.open_sessions(tx, person_id, elapsed=elapsed, seen_after=instant(elapsed - IDLE)),
        here=None if found is None else found.id,
        zone=zone_of_person(tx, person_id),
    )


def is_to_be_seen(session: SessionRow, *, elapsed: Instant) -> bool:
    """Whether it is time to write down that a session is in use."""
    return elapsed - session.seen_at >= SEEN_EVERY


def seen(tx: Tx, session: SessionRow, *, elapsed: Instant) -> None:
    """The session is in use."""
    sessions.seen(tx, session.id, elapsed=elapsed)


def sign_out(tx: Tx, secret: str, *, now: Instant, elapsed: Instant) -> bool:
    """Ends this session; False when it had ended."""
    found = _open(tx, secret, elapsed=elapsed)
    if found is None or not sessions.end(tx, found.id, elapsed=elapsed):
        return False
    tx.audit("session.ended", table=schema.session, object_id=found.id, by=found.person_id, at=now, recorded_at=elapsed)
    return True


def sign_out_everywhere(tx: Tx, secret: str, *, now: Instant, elapsed: Instant) -> bool:
    """Ends all sessions of whoever has this one, and closes links and numbers of theirs; False when it had ended."""
    found = _open(tx, secret, elapsed=elapsed)
    if found is None:
        return False
    end_all_sessions(tx, found.person_id, by=found.person_id, now=now, elapsed=elapsed)
    return True


def end_all_sessions(tx: Tx, person_id: UUID, *, by: UUID | None, now: Instant, elapsed: Instant) -> int:
    """Ends everything that this person is signed in by, or could sign in by; how many sessions there were."""
    ended = sessions.end_all(tx, person_id, elapsed=elapsed)
    if ended:
        tx.audit(
            "session.all_ended",
            table=schema.person,
            object_id=person_id,
            by=by,
            at=now,
            recorded_at=elapsed,
            after={"sessions": ended},
        )
    return ended
