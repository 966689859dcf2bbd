"""What changed about a patient, as typed facts for the communication log. `locales/` turns them into words."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from trial.answers import LeavingKind
from trial.labels import Labels
from trial.messages import ItemKind
from trial.tasks import SiteFunction


class ChangeKind(StrEnum):
    """What was done, or came to be."""

    PATIENT_ADDED = "patient_added"
    FOLLOWED = "followed"  # again
    PAUSED = "paused"
    ENDED = "ended"
    PLANNED = "planned"  # visits and tasks follow from what is known now
    VERSION_CHANGED = "version_changed"  # of the protocol that plans the patient
    CONSENTED = "consented"  # to an amendment
    EVENT_HAPPENED = "event_happened"
    EVENT_PLANNED = "event_planned"
    EVENT_WITHDRAWN = "event_withdrawn"
    FACT_RECORDED = "fact_recorded"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    ASKED_EARLIER = "asked_earlier"  # what fell due before the site began is asked about
    ATTEMPT_LOGGED = "attempt_logged"
    CLAIM_VERIFIED = "claim_verified"
    CLAIM_QUERIED = "claim_queried"
    CLAIM_UNSEEN = "claim_unseen"
    CLAIM_RUNG = "claim_rung"
    ITEM_OPENED = "item_opened"
    ITEM_CLOSED = "item_closed"
    ITEM_CHANGED = "item_changed"
    NOBODY_REACHABLE = "nobody_reachable"
    STEP_SKIPPED = "step_skipped"
    LADDER_ENDED = "ladder_ended"
    NUDGED = "nudged"
    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    PAGE_LINKED = "page_linked"
    PAGE_OPENED = "page_opened"
    REMOVED = "removed"  # the content was taken out of the audit trail by a logged redaction
    OTHER = "other"  # `action` says which


@dataclass(frozen=True, slots=True)
class Moved:
    """How many tasks a plan added, moved, no longer wants, or wants again."""

    added: int = 0
    moved: int = 0
    cancelled: int = 0
    revived: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One change; the fields that its kind does not need are empty. Dates are local at the site."""

    kind: ChangeKind
    what: Labels | None = None  # an event, a fact, a visit
    value: Labels | None = None  # of a fact
    day: date | None = None
    was: date | None = None  # the day that it had before
    name: str = ""  # of one of our people
    version: str = ""  # of the protocol
    function: SiteFunction | None = None
    item: ItemKind | None = None
    leaving: LeavingKind | None = None
    moved: Moved = field(default_factory=Moved)
    words: str = field(default="", repr=False)  # of a query, passed by the guard
    action: str = ""  # the audit trail's own word
