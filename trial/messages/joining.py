"""Joining and leaving: the words around an invitation."""

from dataclasses import dataclass
from typing import Literal

from trial.answers import LeavingKind
from trial.people import Role


@dataclass(frozen=True, slots=True)
class InviteQuestion:
    """You are ..., coordinator at site ..., language ...: is that right?"""

    name: str
    role: Role
    study: str  # empty where the chat names no study
    site_number: str | None
    site_name: str | None
    language: str
    kind: Literal["invite_question"] = "invite_question"


@dataclass(frozen=True, slots=True)
class InviteLanguage:
    """Which language shall I write in?"""

    kind: Literal["invite_language"] = "invite_language"


@dataclass(frozen=True, slots=True)
class InviteInvalid:
    """The constant answer to a link that is unknown, used, expired or held by another chat."""

    kind: Literal["invite_invalid"] = "invite_invalid"


@dataclass(frozen=True, slots=True)
class InviteDeclined:
    """Thank you, nobody was enrolled; the trial office has been told."""

    kind: Literal["invite_declined"] = "invite_declined"


@dataclass(frozen=True, slots=True)
class TestTask:
    """A harmless first task: teaches the button and proves that messages arrive."""

    name: str
    kind: Literal["test_task"] = "test_task"


@dataclass(frozen=True, slots=True)
class TestTaskDone:
    kind: Literal["test_task_done"] = "test_task_done"


@dataclass(frozen=True, slots=True)
class PrivacyNotice:
    """One screen: what is stored, who sees it, what never to write, an acknowledgement is not a signature."""

    study: str  # empty where the chat names no study
    kind: Literal["privacy_notice"] = "privacy_notice"


@dataclass(frozen=True, slots=True)
class PersonEnrolled:
    """To the trial manager, with one-tap revoke."""

    name: str
    role: Role
    site_number: str | None
    kind: Literal["person_enrolled"] = "person_enrolled"


@dataclass(frozen=True, slots=True)
class PersonKept:
    """The manager's note after "that is right"."""

    name: str
    kind: Literal["person_kept"] = "person_kept"


@dataclass(frozen=True, slots=True)
class PersonRevoked:
    """The manager's note after revoking."""

    name: str
    kind: Literal["person_revoked"] = "person_revoked"


@dataclass(frozen=True, slots=True)
class InviteRefused:
    """To the trial manager: whoever opened the link said that they are somebody else."""

    name: str
    site_number: str | None
    kind: Literal["invite_refused"] = "invite_refused"


@dataclass(frozen=True, slots=True)
class AccessEnded:
    """To the person revoked."""

    study: str  # empty where the chat names no study
    kind: Literal["access_ended"] = "access_ended"


@dataclass(frozen=True, slots=True)
class PatientPaused:
    """To the trial manager: a site says that a patient is no longer followed; to be confirmed."""

    study: str
    site_number: str
    code: str
    leaving: LeavingKind
    kind: Literal["patient_paused"] = "patient_paused"
