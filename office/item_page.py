"""The page of one item: a one-time link from the chat, the page that it opens, and the answers that are given there.

For sites whose chats may name nothing. A link holds 192 random bits, lasts ten minutes of elapsed time and works once, for
the person and the visit that it was made for. Looking at it shows nothing and uses nothing up: previews and mail scanners
look. Using it makes a page with a secret of its own, for half an hour. Only hashes are stored, and what a person may do is
judged anew at every step.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from office.answers import Outcome, record_answer
from office.cards import CardView, card_view
from office.guarding import guard_context
from office.inviting import TOKEN_BYTES, token_hash
from office.judging import Refusal
from office.rights import allowed
from office.taking_back import Undone, undo_answer
from records import answers, cards, digests, links, outbox, patients, people, plans, schema
from records.edits import put_edits
from records.links import LinkRow
from records.people import PersonRow
from records.plans import VisitPlace
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.access import Action, Actor
from trial.answers import AnswerKind, Said, Via
from trial.guard import Finding, judge_or_block
from trial.moments import Instant, instant
from trial.timeline import Certainty

LINK_FOR: Final = timedelta(minutes=10)
"""How long a link can be used, by elapsed time."""

PAGE_FOR: Final = timedelta(minutes=30)
"""How long the page stays open once its link was used, by elapsed time. Ours."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A link that can be used: all that may be known of it before it is."""

    language: str  # that the person asked for


@dataclass(frozen=True, slots=True)
class ItemPage:
    """The item as its reader may see it now; `earliest` is the first day on which anything of it can have been."""

    view: CardView
    earliest: date | None


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it came from the page."""

    task_id: UUID
    kind: AnswerKind
    said: Said = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stopped:
    """The guard stopped a reason in somebody's own words; nothing was stored. `failure`: what broke inside it."""

    findings: tuple[Finding, ...]
    failure: str | None


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who has the link or the page, about what, with the rights of this moment."""

    link: LinkRow
    person: PersonRow
    place: VisitPlace
    actor: Actor


# --- the link ---------------------------------------------------------------------------------------------------------


def make_link(tx: Tx, *, person_id: UUID, visit_id: UUID, now: Instant, elapsed: Instant) -> str | None:
    """A new link's token, which is nowhere else; None where this person may not see the visit."""
    place, actor = plans.visit_place(tx, visit_id), people.actor(tx, person_id)
    if place is None or actor is None or not allowed(actor, Action.SEE, place, now=now):
        return None
    links.drop_expired(tx, before=elapsed)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link_id = links.add_link(
        tx,
        person_id=person_id,
        visit_id=visit_id,
        token_hash=token_hash(token),
        created_at=elapsed,
        expires_at=instant(elapsed + LINK_FOR),
    )
    tx.audit(
        "item.link_made",
        table=schema.item_link,
        object_id=link_id,
        by=person_id,
        at=now,
        recorded_at=elapsed,
        after={"visit": str(visit_id)},
    )
    return token


def link_address(web_address: str, token: str) -> str:
    """Where a link leads. The token stands in no address after it was used."""
    return f"{web_address}/item/{token}"


def look(tx: Tx, token: str, *, now: Instant, elapsed: Instant) -> Waiting | None:
    """Whether a link can be used; None for every reason why not."""
    reader = _reader(tx, links.open_link(tx, token_hash(token), elapsed=elapsed), now=now)
    return None if reader is None else Waiting(reader.person.language)


def use_link(tx: Tx, token: str, *, now: Instant, elapsed: Instant) -> str | None:
    """Uses a link up: the secret of the page that it opens, which is nowhere else; None for every reason why not."""
    reader = _reader(tx, links.open_link(tx, token_hash(token), elapsed=elapsed), now=now)
    if reader is None:
        return None
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    until = instant(elapsed + PAGE_FOR)
    if not links.use_link(tx, reader.link.id, page_hash=token_hash(secret), elapsed=elapsed, until=until):
        return None  # another request was faster
    tx.audit(
        "item.opened",
        table=schema.item_link,
        object_id=reader.link.id,
        by=reader.person.id,
        at=now,
        recorded_at=elapsed,
        after={"visit": str(reader.link.visit_id)},
    )
    _take_away(tx, reader.link, now=now, elapsed=elapsed)
    return secret


def _take_away(tx: Tx, link: LinkRow, *, now: Instant, elapsed: Instant) -> None:
    """The used link goes from the chat: the card offers a new one, where it stands and in a digest."""
    card = cards.card_of(tx, link.visit_id, link.person_id)
    if card is not None and card.screen:
        cards.turn(tx, card.id, "")
        put_edits(tx, (link.visit_id,), now=now, elapsed=elapsed, people=(link.person_id,))
    for digest_id, person_id in digests.digests_showing(tx, (link.visit_id,)):
        row = digests.digest_by_id(tx, digest_id) if person_id == link.person_id else None
        if row is not None and row.screen:
            digests.turn(tx, row.id, place=row.place)
            outbox.put_digests(tx, [(row.id, person_id)], now=now, elapsed=elapsed)


# --- the page ---------------------------------------------------------------------------------------------------------


def page(tx: Tx, studies: Definitions, secret: str, *, now: Instant, elapsed: Instant) -> ItemPage | None:
    """The item behind a page's secret; None when the page has ended, or its reader may not see the item any more."""
    reader = _at(tx, secret, now=now, elapsed=elapsed)
    if reader is None:
        return None
    view = card_view(tx, studies, reader.link.visit_id, reader.person.id, now=now, elapsed=elapsed)
    return None if view is None or not view.allowed else ItemPage(view, _earliest(tx, studies, reader.place))


def answer(
    tx: Tx,
    studies: Definitions,
    secret: str,
    given: Given,
    *,
    now: Instant,
    elapsed: Instant,
    stopwatch: Callable[[], float] | None = None,
) -> Outcome | Stopped | None:
    """Records an answer from the page as any other; None when the page has ended. Own words pass the guard first."""
    reader = _at(tx, secret, now=now, elapsed=elapsed)
    if reader is None:
        return None
    if given.said.text is not None:
        context = guard_context(tx, studies, reader.person.id, now=now)
        judged = judge_or_block(given.said.text, context, stopwatch=stopwatch)
        if judged.findings:
            return Stopped(judged.findings, judged.failure)
    return record_answer(
        tx,
        studies,
        reader.place,
        reader.actor,
        task_id=given.task_id,
        kind=given.kind,
        said=given.said,
        via=Via.LINK,
        now=now,
        elapsed=elapsed,
    )


def take_back(
    tx: Tx, studies: Definitions, secret: str, answer_id: UUID, *, now: Instant, elapsed: Instant
) -> Undone | Refusal | None:
    """Takes back an answer about the item, within ten minutes of it; None when the page has ended."""
    reader = _at(tx, secret, now=now, elapsed=elapsed)
    if reader is None:
        return None
    found = answers.answer_by_id(tx, answer_id)
    if found is None or found.visit_id != reader.place.visit_id:
        return Refusal.UNKNOWN
    return undo_answer(
        tx, studies, reader.place, reader.actor, answer_id=answer_id, via=Via.LINK, now=now, elapsed=elapsed
    )


def close(tx: Tx, secret: str, *, elapsed: Instant) -> None:
    """Ends the page before its time."""
    found = links.open_page(tx, token_hash(secret), elapsed=elapsed)
    if found is not None:
        links.close_page(tx, found.id, elapsed=elapsed)


def _at(tx: Tx, secret: str, *, now: Instant, elapsed: Instant) -> _Reader | None:
    return _reader(tx, links.open_page(tx, token_hash(secret), elapsed=elapsed), now=now)


def _reader(tx: Tx, link: LinkRow | None, *, now: Instant) -> _Reader | None:
    if link is None:
        return None
    person, actor = people.person_by_id(tx, link.person_id), people.actor(tx, link.person_id)
    place = plans.visit_place(tx, link.visit_id)
    if person is None or actor is None or place is None or not allowed(actor, Action.SEE, place, now=now):
        return None
    return _Reader(link, person, place, actor)


def _earliest(tx: Tx, studies: Definitions, place: VisitPlace) -> date | None:
    """As an answer is judged: the registration, or the first day of a window that opens before it."""
    patient = patients.patient_by_id(tx, place.patient_id)
    if patient is None:
        return None
    registration = studies.of_version(tx, patient.study_version_id).registration
    known = patients.known_of(tx, place.patient_id).events
    days = [one.day for one in known if one.event == registration and one.certainty == Certainty.HAPPENED]
    return min([*days, *([place.earliest] if place.earliest is not None else [])], default=None)
