"""Confirming that a patient is no longer followed: kind, for a lost one the attempts to reach them, and day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, assert_never
from uuid import UUID

from bot import presses
from bot.layout import DAY, Button, Rows, button, month_sheet, pairs
from bot.notes import put_note
from bot.presses import LeavingPress, Press
from bot.rights import Subject, permits
from bot.turns import Reaction, Turn
from office import leaving
from office.items import leaving_key
from office.judging import Refusal
from office.leaving_reports import standing_reports, to_confirm
from records import office_items, patients, sites
from records.people import Speaker
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from scheduler.planning import read_chart
from trial.answers import LeavingKind
from trial.leaving import attempts_missing, kinds_to_confirm
from trial.messages import ButtonKind, ButtonText, LeavingConfirmed, LeavingTakenBack, LeavingToConfirm, Toast
from trial.moments import Instant, local_day

_TOASTS: Final[Mapping[Refusal, Toast]] = {
    Refusal.UNKNOWN: Toast.UNKNOWN,
    Refusal.NOT_ALLOWED: Toast.NOT_YOURS,
    Refusal.CLOSED: Toast.ALREADY_CONFIRMED,
    Refusal.FUTURE_DAY: Toast.FUTURE_DAY,
    Refusal.BEFORE_REGISTRATION: Toast.BEFORE_REGISTRATION,
    Refusal.UNFIT: Toast.UNKNOWN,
    Refusal.TOO_LATE_TO_UNDO: Toast.TOO_LATE_TO_UNDO,
    Refusal.ALREADY_UNDONE: Toast.UNDONE,
}

Upshot = LeavingToConfirm | LeavingConfirmed | LeavingTakenBack | Refusal


@dataclass(frozen=True, slots=True)
class Leaver:
    """A patient who is said to have left, on the site's local day."""

    patient_id: UUID
    kinds: tuple[LeavingKind, ...]  # that can be confirmed
    today: date


def leaver(tx: Tx, studies: Definitions, patient_id: UUID, *, now: Instant) -> Leaver | None:
    """What the buttons under the question need to know; None when there is no such patient."""
    patient = patients.patient_by_id(tx, patient_id)
    site = None if patient is None else sites.site_by_id(tx, patient.site_id)
    if patient is None or site is None:
        return None
    study = studies.of_version(tx, patient.study_version_id)
    return Leaver(patient_id, kinds_to_confirm(study), local_day(now, zone_of(site.zone)))


def pressed(
    turn: Turn, studies: Definitions, speaker: Speaker, message_id: int | None, meant: LeavingPress
) -> Reaction:
    """A press under the question; what it says takes the question's place."""
    language = speaker.person.language
    patient = patients.patient_by_id(turn.tx, meant.patient)
    site = None if patient is None else sites.site_by_id(turn.tx, patient.site_id)
    if patient is None or site is None:
        return Reaction(Toast.NOT_YOURS, language)
    about = Subject(local_day(turn.now, zone_of(site.zone)), study_id=patient.study_id, site_id=site.id)
    if not permits(speaker.actor, meant, about):
        return Reaction(Toast.NOT_YOURS, language)
    said = _act(turn, studies, speaker.person.id, meant)
    if isinstance(said, Refusal):
        return Reaction(_TOASTS[said], language)
    put_note(turn, speaker.person.id, said, ref=meant.patient, replaces=message_id, face=meant)
    return Reaction(Toast.NOTHING if isinstance(said, LeavingToConfirm) else Toast.RECORDED, language)


def _act(turn: Turn, studies: Definitions, by: UUID, meant: LeavingPress) -> Upshot:
    tx, now, elapsed = turn.tx, turn.now, turn.elapsed
    match meant:
        case presses.LeavingKinds(patient):
            return _question(turn, studies, patient, None)
        case presses.LeavingAs(patient, kind):
            return leaving.choose_kind(tx, studies, patient, kind, by, now=now, elapsed=elapsed)
        case presses.LeavingMonth(patient, kind):
            return _question(turn, studies, patient, kind)
        case presses.LeavingOn(patient, kind, day):
            return leaving.confirm(tx, studies, patient, kind, day, by, now=now, elapsed=elapsed)
        case presses.AttemptDays(patient) | presses.AttemptMonth(patient):
            return _question(turn, studies, patient, LeavingKind.LOST)
        case presses.AttemptOn(patient, day):
            return leaving.log_attempt(tx, studies, patient, day, by, now=now, elapsed=elapsed)
        case presses.StillFollowed(patient):
            return leaving.take_back(tx, studies, patient, by, now=now, elapsed=elapsed)
    assert_never(meant)


def _question(turn: Turn, studies: Definitions, patient_id: UUID, kind: LeavingKind | None) -> Upshot:
    """The question as it stands; asking changes nothing."""
    if office_items.open_item_about(turn.tx, leaving_key(patient_id)) is None:
        return Refusal.CLOSED
    reports = standing_reports(turn.tx, patient_id)
    if not reports:
        return Refusal.CLOSED
    asked = to_confirm(turn.tx, read_chart(turn.tx, studies, patient_id), reports[-1], confirming=kind)
    return Refusal.UNKNOWN if asked is None else asked


# --- buttons ----------------------------------------------------------------------------------------------------------


def rows(note: LeavingToConfirm | LeavingConfirmed, about: Leaver, face: Press | None) -> Rows:
    """The buttons under a question or a confirmation; `face` is the press that led to it."""
    patient = about.patient_id
    still_followed = (button(ButtonKind.STILL_FOLLOWED, presses.StillFollowed(patient)),)
    if isinstance(note, LeavingConfirmed):
        return (still_followed,)
    kind = note.confirming
    if kind is None:
        return (*pairs([_kind(patient, one) for one in about.kinds]), still_followed)
    match face:
        case presses.LeavingMonth(_, _, first):
            return month_sheet(
                first,
                fits=lambda day: day <= about.today,
                pick=lambda day: presses.LeavingOn(patient, kind, day),
                turn=lambda month: presses.LeavingMonth(patient, kind, month),
                back=button(ButtonKind.BACK, presses.LeavingAs(patient, kind)),
            )
        case presses.AttemptMonth(_, first):
            return month_sheet(
                first,
                fits=lambda day: day <= about.today,
                pick=lambda day: presses.AttemptOn(patient, day),
                turn=lambda month: presses.AttemptMonth(patient, month),
                back=button(ButtonKind.BACK, presses.AttemptDays(patient)),
            )
        case presses.AttemptDays():
            return _attempt_days(about, back=presses.LeavingAs(patient, LeavingKind.LOST))
        case _ if attempts_missing(kind, len(note.attempts)):
            return _attempt_days(about, back=presses.LeavingKinds(patient))
        case _:
            return _leaving_days(about, kind)


def _kind(patient: UUID, kind: LeavingKind) -> Button:
    return Button(ButtonText(ButtonKind.LEAVING, leaving=kind), presses.LeavingAs(patient, kind))


def _leaving_days(about: Leaver, kind: LeavingKind) -> Rows:
    patient, today = about.patient_id, about.today
    sheet = presses.LeavingMonth(patient, kind, today.replace(day=1))
    found = [
        button(ButtonKind.TODAY, presses.LeavingOn(patient, kind, today), day=today),
        button(ButtonKind.YESTERDAY, presses.LeavingOn(patient, kind, today - DAY), day=today - DAY),
        button(ButtonKind.PICK, sheet),
        button(ButtonKind.BACK, presses.LeavingKinds(patient)),
    ]
    more = (button(ButtonKind.LOG_ATTEMPT, presses.AttemptDays(patient)),)
    return (*pairs(found), more) if kind is LeavingKind.LOST else pairs(found)


def _attempt_days(about: Leaver, *, back: Press) -> Rows:
    patient, today = about.patient_id, about.today
    return pairs(
        [
            button(ButtonKind.TODAY, presses.AttemptOn(patient, today), day=today),
            button(ButtonKind.YESTERDAY, presses.AttemptOn(patient, today - DAY), day=today - DAY),
            button(ButtonKind.PICK, presses.AttemptMonth(patient, today.replace(day=1))),
            button(ButtonKind.BACK, back),
        ]
    )
