"""People join and leave: enrolment by a one-time link, revoking.

Whoever opens a link is asked whether they are the person invited, and the managers are told at once who joined.
"""

from dataclasses import dataclass
from uuid import UUID

from office.disclosure import names_nothing
from office.guarding import check_own_words
from office.inviting import LANGUAGE
from office.judging import Refusal
from office.named import person_named, site_named, study_named
from office.signing_in import end_all_sessions
from office.telling import tell, tell_chat, tell_managers
from records import audit, outbox, people, plans, reminders, schema, sites, studies
from records.database import Records
from records.people import InviteRow, PersonRow
from records.transaction import Tx
from scheduler.alarms import NOBODY
from scheduler.definitions import Definitions
from scheduler.digesting import set_digest_alarm
from scheduler.handing_over import hand_over
from trial.access import Action, Membership, may
from trial.messages import (
    AccessEnded,
    Help,
    InviteDeclined,
    InviteQuestion,
    InviteRefused,
    PersonEnrolled,
    PersonKept,
    PersonRevoked,
    PrivacyNotice,
    TestTask,
    TestTaskDone,
)
from trial.moments import Instant
from trial.people import SITE_STAFF, Role


@dataclass(frozen=True, slots=True)
class JoinQuestion:
    """Are you this person? Asked in the chat that opened the link."""

    invite_id: UUID
    message: InviteQuestion
    language: str


# --- joining ----------------------------------------------------------------------------------------------------------


def claim_invite(tx: Tx, *, token_hash: bytes, chat_id: int, now: Instant, elapsed: Instant) -> JoinQuestion | None:
    """Ties an open invitation to the chat that opened its link; the question to ask there.

    None for a link that is unknown, used, expired or held by another chat, and for a chat that is somebody else's.
    """
    found = people.open_invite_by_hash(tx, token_hash, elapsed=elapsed)
    if found is None or not _free_for(tx, chat_id, found.person_id):
        return None
    if found.chat_id is None:
        if not people.claim(tx, found, chat_id, claimed_at=elapsed):
            return None
        tx.audit(
            "invite.claimed",
            table=schema.invite,
            object_id=found.id,
            by=None,
            at=now,
            recorded_at=elapsed,
            after={"chat_id": chat_id},
        )
    elif found.chat_id != chat_id:
        return None
    return _question(tx, found, now=now)


def _free_for(tx: Tx, chat_id: int, person_id: UUID) -> bool:
    holder = people.person_by_chat(tx, chat_id)
    return holder is None or holder.id == person_id


def _question(tx: Tx, found: InviteRow, *, now: Instant) -> JoinQuestion | None:
    person = people.person_by_id(tx, found.person_id)
    if person is None:
        return None
    held = _membership(tx, person.id)
    site = None if held is None or held.site_id is None else sites.site_by_id(tx, held.site_id)
    if held is None:
        return None
    message = InviteQuestion(
        name=person.name,
        role=held.role,
        study="" if names_nothing(tx, person.id, today=now.date()) else _code_of(tx, held.study_id),
        site_number=None if site is None else site.number,
        site_name=None if site is None else site.name,
        language=person.language,
    )
    return JoinQuestion(found.id, message, person.language)


def _membership(tx: Tx, person_id: UUID) -> Membership | None:
    held = people.memberships_of(tx, person_id)
    return held[-1] if held else None


def _code_of(tx: Tx, study_id: UUID) -> str:
    return next((study.code for study in studies.studies(tx) if study.id == study_id), "")


def study_code_of(tx: Tx, person_id: UUID) -> str:
    """The study that a person belongs to (their latest membership), for messages."""
    held = _membership(tx, person_id)
    return "" if held is None else _code_of(tx, held.study_id)


def language_of_invite(tx: Tx, invite_id: UUID) -> str:
    """The language that the invited person is written to in."""
    found = people.invite_by_id(tx, invite_id)
    person = None if found is None else people.person_by_id(tx, found.person_id)
    return "en" if person is None else person.language


def speak(tx: Tx, invite_id: UUID, *, language: str, now: Instant, elapsed: Instant) -> JoinQuestion | None:
    """Another language for somebody who is about to join; the question again, None when the invitation is closed."""
    found = people.invite_by_id(tx, invite_id)
    if found is None or found.closed_at is not None or LANGUAGE.fullmatch(language) is None:
        return None
    set_language(tx, found.person_id, language=language, by=found.person_id, now=now, elapsed=elapsed)
    return _question(tx, found, now=now)


def set_language(tx: Tx, person_id: UUID, *, language: str, by: UUID | None, now: Instant, elapsed: Instant) -> bool:
    """The language that a person is written to in; False when nothing changed."""
    person = people.person_by_id(tx, person_id)
    if person is None or person.language == language or not people.set_language(tx, person_id, language):
        return False
    tx.audit(
        "person.language",
        table=schema.person,
        object_id=person_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"language": person.language},
        after={"language": language},
    )
    return True


def enrol(
    tx: Tx, invite_id: UUID, *, chat_id: int, replaces: int | None = None, now: Instant, elapsed: Instant
) -> str | None:
    """Binds the chat to the person, sends the test task, tells the managers; the person's language.

    `replaces` is the message whose place the test task takes. Whoever only looks has nothing to answer, and is told what
    there is instead. What rang while nobody could be told rings now. None when the invitation is closed or was claimed by
    another chat, or the chat is somebody else's.
    """
    found = people.invite_by_id(tx, invite_id)
    if found is None or found.closed_at is not None or found.expires_at <= elapsed or found.chat_id != chat_id:
        return None
    person = people.person_by_id(tx, found.person_id)
    held = None if person is None else _membership(tx, person.id)
    if person is None or held is None or person.revoked_at is not None or not _free_for(tx, chat_id, person.id):
        return None
    if not people.bind_chat(tx, person, chat_id, language=person.language, enrolled_at=now):
        return None
    people.close_invite(tx, found.id, outcome="enrolled", closed_at=elapsed)
    tx.audit(
        "person.enrolled",
        table=schema.person,
        object_id=person.id,
        by=person.id,
        at=now,
        recorded_at=elapsed,
        before={"name": person.name, "chat_id": person.chat_id},
        after={"name": person.name, "chat_id": chat_id},
    )
    if person.chat_id not in {None, chat_id}:
        # Another phone: whoever holds the old one is signed out with it.
        end_all_sessions(tx, person.id, by=person.id, now=now, elapsed=elapsed)
    if held.role in SITE_STAFF or held.role is Role.MANAGER:
        tell(tx, person.id, TestTask(name=person.name), ref=person.id, replaces=replaces, now=now, elapsed=elapsed)
    else:
        study = "" if names_nothing(tx, person.id, today=now.date()) else _code_of(tx, held.study_id)
        tell(tx, person.id, PrivacyNotice(study=study), replaces=replaces, now=now, elapsed=elapsed)
        tell(tx, person.id, Help(study=study, office=False, at_site=False), now=now, elapsed=elapsed)
    site = None if held.site_id is None else sites.site_by_id(tx, held.site_id)
    note = PersonEnrolled(name=person.name, role=held.role, site_number=None if site is None else site.number)
    tell_managers(tx, held.study_id, note, ref=person.id, but=person.id, now=now, elapsed=elapsed)
    _ring_again(tx, person.id, now=now)
    set_digest_alarm(tx, person.id, now=now)
    return person.language


def _ring_again(tx: Tx, person_id: UUID, *, now: Instant) -> None:
    """What found nobody to tell at this person's sites is tried again at once."""
    there = [held.site_id for held in people.memberships_of(tx, person_id) if held.site_id is not None]
    plans.ring_at_once(tx, site_ids=there, step=NOBODY, at=now)


def reachable_again(tx: Tx, person_id: UUID, *, now: Instant, elapsed: Instant) -> bool:
    """A person who could not be reached wrote to us; False when they were reachable all along."""
    if not people.set_reachable(tx, person_id, reachable=True):
        return False
    tx.audit(
        "person.reachable",
        table=schema.person,
        object_id=person_id,
        by=person_id,
        at=now,
        recorded_at=elapsed,
        before={"reachable": False},
        after={"reachable": True},
    )
    _ring_again(tx, person_id, now=now)
    set_digest_alarm(tx, person_id, now=now)
    return True


def out_of_reach(tx: Tx, person_id: UUID, *, now: Instant, elapsed: Instant) -> bool:
    """A person blocked the bot; False when that was known. What they were still to be told goes to whoever else can be."""
    if not people.set_reachable(tx, person_id, reachable=False):
        return False
    tx.audit(
        "person.unreachable",
        table=schema.person,
        object_id=person_id,
        by=person_id,
        at=now,
        recorded_at=elapsed,
        before={"reachable": True},
        after={"reachable": False},
    )
    hand_over(tx, reminders.void_persons_reminders(tx, person_id, because="person_unreachable"), now=now)
    set_digest_alarm(tx, person_id, now=now)
    return True


def test_task_done(tx: Tx, person_id: UUID, *, replaces: int | None, now: Instant, elapsed: Instant) -> None:
    """The new person answered the test task: thanks in its place, then the privacy notice. Once for each enrolment."""
    person = people.person_by_id(tx, person_id)
    if person is None or person.enrolled_at is None:
        return
    if audit.was_recorded(tx, "person.tested", table=schema.person, object_id=person_id, since=person.enrolled_at):
        return
    tx.audit("person.tested", table=schema.person, object_id=person_id, by=person_id, at=now, recorded_at=elapsed)
    tell(tx, person_id, TestTaskDone(), replaces=replaces, now=now, elapsed=elapsed)
    tell(tx, person_id, PrivacyNotice(study=study_code_of(tx, person_id)), now=now, elapsed=elapsed)


def decline(tx: Tx, invite_id: UUID, *, replaces: int | None = None, now: Instant, elapsed: Instant) -> bool:
    """Whoever opened the link is somebody else: nobody is enrolled, and the managers are told."""
    found = people.invite_by_id(tx, invite_id)
    person = None if found is None else people.person_by_id(tx, found.person_id)
    if found is None or person is None:
        return False
    if not people.close_invite(tx, invite_id, outcome="refused", closed_at=elapsed):
        return False
    tx.audit("invite.refused", table=schema.invite, object_id=invite_id, by=None, at=now, recorded_at=elapsed)
    held = _membership(tx, person.id)
    if held is not None:
        site = None if held.site_id is None else sites.site_by_id(tx, held.site_id)
        note = InviteRefused(name=person.name, site_number=None if site is None else site.number)
        tell_managers(tx, held.study_id, note, now=now, elapsed=elapsed)
    if found.chat_id is not None:
        tell_chat(
            tx,
            found.chat_id,
            InviteDeclined(),
            language=person.language,
            replaces=replaces,
            now=now,
            elapsed=elapsed,
        )
    return True


# --- leaving ----------------------------------------------------------------------------------------------------------


def judge_newcomer(
    tx: Tx,
    *,
    manager_id: UUID,
    person_id: UUID,
    revoke: bool,
    replaces: int | None = None,
    now: Instant,
    elapsed: Instant,
) -> bool:
    """A manager's answer to the note that somebody joined: keep them, or end their access. False: no right to say so.

    Whoever would keep somebody whose access a colleague has ended meanwhile is told so.
    """
    manager = people.actor(tx, manager_id)
    newcomer = people.person_by_id(tx, person_id)
    held = _membership(tx, person_id)
    if manager is None or newcomer is None or held is None:
        return False
    if not may(manager, Action.ADMIT, study_id=held.study_id, site_id=held.site_id, today=now.date()):
        return False
    if revoke:
        end_access(tx, person_id, by=manager_id, now=now, elapsed=elapsed)
    elif newcomer.revoked_at is None:
        tx.audit("person.kept", table=schema.person, object_id=person_id, by=manager_id, at=now, recorded_at=elapsed)
    note = PersonKept if newcomer.revoked_at is None and not revoke else PersonRevoked
    tell(tx, manager_id, note(name=newcomer.name), replaces=replaces, now=now, elapsed=elapsed)
    return True


def revoke(
    records: Records,
    *,
    study_code: str | None,
    site_number: str | None,
    name: str,
    by: UUID | None,
    now: Instant,
    elapsed: Instant,
) -> UUID:
    """Ends the access of the person of this name at a site (None: in the trial office).

    Raises:
        ProblemError: there is nobody of this name, or more than one.
    """
    with records.begin() as tx:
        study = study_named(tx, study_code)
        site = None if site_number is None else site_named(tx, study, site_number)
        found = person_named(tx, study, site, name)
        end_access(tx, found.id, by=by, now=now, elapsed=elapsed)
        return found.id


def revoke_person(
    tx: Tx, definitions: Definitions, person_id: UUID, *, reason: str, by: UUID, now: Instant, elapsed: Instant
) -> PersonRow | Refusal:
    """Somebody who may let people in ends the access of somebody else, and says why; whose access it was.

    UNKNOWN: nobody of this id. NOT_ALLOWED: no right at every place that is theirs, or it is themselves: a trial office
    never locks itself out. CLOSED: it had ended.

    Raises:
        ProblemError: there is no reason, or the privacy guard stopped it.
    """
    person = people.person_by_id(tx, person_id)
    if person is None:
        return Refusal.UNKNOWN
    if person_id == by or not _may_end(tx, person_id, by=by, now=now):
        return Refusal.NOT_ALLOWED
    why = check_own_words(tx, definitions, reason, by, now=now)
    return person if end_access(tx, person_id, reason=why, by=by, now=now, elapsed=elapsed) else Refusal.CLOSED


def _may_end(tx: Tx, person_id: UUID, *, by: UUID, now: Instant) -> bool:
    actor = people.actor(tx, by)
    ever = people.memberships_of(tx, person_id)
    held = [one for one in ever if one.until is None or now.date() <= one.until] or ever
    return actor is not None and all(
        may(actor, Action.ADMIT, study_id=one.study_id, site_id=one.site_id, today=now.date()) for one in held
    )


def end_access(
    tx: Tx, person_id: UUID, *, reason: str | None = None, by: UUID | None, now: Instant, elapsed: Instant
) -> bool:
    """Ends a person's access at once: chat freed, links closed, signed out, nothing more is sent. False when it had ended
    before.

    What this person was still to be told goes to whoever else can be.
    """
    person = people.person_by_id(tx, person_id)
    if person is None or person.revoked_at is not None:
        return False
    study = "" if names_nothing(tx, person_id, today=now.date()) else study_code_of(tx, person_id)
    people.free_chat(tx, person, revoked_at=now)
    people.end_memberships(tx, person_id, until=now.date())
    people.close_invites_of(tx, person_id, outcome="withdrawn", closed_at=elapsed)
    hand_over(tx, reminders.void_persons_reminders(tx, person_id, because="access_ended"), now=now)
    outbox.void_waiting(tx, "access_ended", now=now, people=[person_id])
    set_digest_alarm(tx, person_id, now=now)
    end_all_sessions(tx, person_id, by=by, now=now, elapsed=elapsed)
    tx.audit(
        "person.revoked",
        table=schema.person,
        object_id=person_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        before={"name": person.name, "chat_id": person.chat_id},
        after={"name": person.name, "chat_id": None},
        reason=reason,
    )
    if person.chat_id is not None:
        tell_chat(tx, person.chat_id, AccessEnded(study=study), language=person.language, now=now, elapsed=elapsed)
    return True
