"""What a study file says, checked: the definition that timelines and plans are computed from.

Made by `trial.visitplan.study_from` alone, so everything named here exists and no estimate runs in a circle.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from trial.answers import LeavingKind
from trial.expressions import Condition
from trial.labels import Labels
from trial.moments import CalendarOffset
from trial.tasks import SiteFunction, TaskKind

HOLD = "hold"
"""Name of the task to hold a visit."""


class EndsKind(StrEnum):
    """What an event closes for its patient."""

    ALL = "all"  # everything: no visit, no upload, no question
    VISITS = "visits"  # later visits and questions; what was held before still gets its uploads and reports


class Pick(StrEnum):
    """Which of an anchor's events counts."""

    ONLY = "only"
    FIRST_OF = "first_of"  # of those that happened, the earliest
    LAST_OF = "last_of"  # once all have happened, the latest
    VISIT = "visit"  # not an event but a visit: the day it was held, else its target


@dataclass(frozen=True, slots=True)
class Anchor:
    """A day that counts from events: `surgery + 6w`, `first_of(surgery, no_surgery)`; or from a visit (`Pick.VISIT`)."""

    events: tuple[str, ...]
    pick: Pick = Pick.ONLY
    offset: CalendarOffset | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """First and last allowed day as offsets from the target, both inclusive."""

    earliest: CalendarOffset
    latest: CalendarOffset


@dataclass(frozen=True, slots=True)
class Segment:
    """`every 3mo until 24mo`: `until` counts from the anchor of the visit, inclusive."""

    every: CalendarOffset
    until: CalendarOffset


Repeat = tuple[Segment, ...]
"""Segments run one after another."""


class Basis(StrEnum):
    """What a repeated visit counts from."""

    ANCHOR = "anchor"
    PREVIOUS = "previous"  # the visit before: the day it took place, else its target


class Mark(StrEnum):
    """Which date of a task a step of a ladder counts from."""

    OPENS = "opens"
    DUE = "due"
    CLOSES = "closes"


class Step(StrEnum):
    """Steps of a ladder, in the order in which they ring."""

    HEADS_UP = "heads_up"
    WINDOW_OPEN = "window_open"
    DUE = "due"
    LATE = "late"
    COVER = "cover"  # another colleague of the site
    BACKUP = "backup"  # those who coordinate there
    INVESTIGATOR = "investigator"
    MANAGER = "manager"  # of the trial office; after this step a task lives in the digest

    @property
    def digested(self) -> bool:
        """Whether it is told in the weekly digest, unless the window would close before it was read."""
        return self in {Step.HEADS_UP, Step.WINDOW_OPEN}

    @property
    def escalates(self) -> bool:
        """Whether it tells somebody else of what is late."""
        return self in {Step.COVER, Step.BACKUP, Step.INVESTIGATOR, Step.MANAGER}


NUDGE = "nudge"
"""What a reminder has in place of a step where somebody of the trial office asked once more; no ladder knows it."""

RINGS_WITHOUT_NEWS = 3
"""So often is one person told singly about one task without something new; then it stands in their digest. Ours."""


@dataclass(frozen=True, slots=True)
class LadderStep:
    step: Step
    mark: Mark
    offset: CalendarOffset


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps at which a task rings, first to last."""

    name: str
    steps: tuple[LadderStep, ...]


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """A dated thing in one patient's course.

    `asked_at` is the day from which its date is asked for by itself; None where a visit records it, where it is given
    when the patient is added, and for what nobody waits for (death). `leaving`: what it means when a patient is no longer
    followed for this reason; such an event ends something.
    """

    name: str
    label: Labels
    required: bool
    ends: EndsKind | None
    leaving: LeavingKind | None
    estimate: Anchor | None
    asked_at: Anchor | None
    only_if: Condition | None  # asked for only then
    not_before: str | None  # an event that it cannot lie before
    function: SiteFunction
    ladder: str


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """An answer that the plan depends on; unknown is asked, never assumed.

    `restricted`: a blinded arm. It steers the plan, nobody at a site is asked for it, and no page, card or export shows it.
    """

    name: str
    label: Labels
    question: Labels
    values: Mapping[str, Labels]
    ask_at: Anchor | None  # None: of a restricted fact
    only_if: Condition | None  # asked for only then
    function: SiteFunction
    ladder: str
    restricted: bool = False


class TaskClass(StrEnum):
    """To which part of the course a task belongs, where what counts as overdue depends on that."""

    BASELINE = "baseline"
    TREATMENT = "treatment"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """An upload or a form of a visit; `due` counts from the day the visit took place.

    `short` is what stands on a button behind "uploaded" or "sent".
    """

    name: str
    label: Labels
    short: Labels
    kind: TaskKind
    due: CalendarOffset
    function: SiteFunction
    ladder: str
    task_class: TaskClass = TaskClass.FOLLOW_UP


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a visit was not held or does not apply. `records`: the event that this says has happened."""

    id: str
    label: Labels
    records: str | None


@dataclass(frozen=True, slots=True)
class Round:
    """One round of a campaign: local dates, all inclusive; after `closes` nothing more is entered."""

    opens: date
    due: date
    closes: date

    @property
    def name(self) -> str:
        """What its occurrence's id carries: the month in which it opens."""
        return f"{self.opens:%Y_%m}"


@dataclass(frozen=True, slots=True)
class VisitDefinition:
    """A planned encounter; or, with `rounds`, a campaign: nobody holds it, and its tasks have the dates of each round.

    `when` is None for a visit on request. `label` may hold `{number}` and `{offset}`, filled for each occurrence.
    `stop`: no occurrence with a target after any of these events. `window_from`: another window from that offset on; in the
    order of the file, since which of 30d and 1mo comes first hangs on the day.
    """

    id: str
    label: Labels
    hold_label: Labels
    when: Anchor | None
    window: Window
    window_from: tuple[tuple[CalendarOffset, Window], ...]
    not_before: Anchor | date | None
    not_after: Anchor | date | None
    only_if: Condition | None
    repeat: Repeat
    repeat_if: tuple[tuple[Condition, Repeat], ...]
    basis: Basis
    stop: tuple[str, ...]
    records: str | None
    reasons: tuple[Reason, ...]
    tasks: tuple[TaskDefinition, ...]
    contact: str | None
    function: SiteFunction
    ladder: str
    rounds: tuple[Round, ...] = ()
    task_class: TaskClass = TaskClass.FOLLOW_UP

    @property
    def repeats(self) -> bool:
        return bool(self.repeat or self.repeat_if)


@dataclass(frozen=True, slots=True)
class SubjectId:
    """The form that patients' codes have in this study, enforced wherever one is entered."""

    text: str
    pattern: re.Pattern[str]

    def fits(self, code: str) -> bool:
        return self.pattern.fullmatch(code) is not None

    @property
    def shown(self) -> str:
        """For people: 000-000 for three digits, a hyphen and three digits. A pattern that says more stands as it is."""
        plain = re.sub(r"\\d(?:\{(\d)\})?", lambda found: "0" * int(found[1] or 1), self.text)
        return plain if re.fullmatch(r"[\w-]+", plain) else self.text


@dataclass(frozen=True, slots=True)
class Unverified:
    """A number of the study file that no source backs yet."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class StudyWarning:
    """Something that the file may say, and that its author should look at once more. Never stands in the way."""

    path: str
    line: int
    what: str
    instead: str


class AppliesTo(StrEnum):
    """Whom an amendment moves to its version, from the day on which the version is active at their site."""

    VISITS_DUE_AFTER_ACTIVATION = "visits_due_after_activation"  # everybody, for what is due from that day on
    NEW_PATIENTS = "new_patients"  # who is registered from that day on
    AFTER_RECONSENT = "after_reconsent"  # each from the day on which they consented to it


@dataclass(frozen=True, slots=True)
class Amendment:
    """One version of the protocol, as the table of versions has it.

    `active`: site number, or `default` -> the day from which it is meant to be used there; None: not active there yet.
    `renames`: occurrence or visit of the version before -> what it is called now; None: it is given up.
    """

    version: str
    active: Mapping[str, date | None]
    applies_to: AppliesTo
    changes: str
    renames: Mapping[str, str | None]

    def first_day_at(self, site: str) -> date | None:
        """The day from which the version is meant to be used at the site of this number; None: not yet."""
        return self.active.get(site, self.active.get("default"))


@dataclass(frozen=True, slots=True)
class Question:
    """Something that somebody has to decide; empty `answer`: nobody has yet."""

    id: str
    line: int
    about: str  # a visit, an event, a fact; or nothing
    asked: str
    answer: str

    @property
    def open(self) -> bool:
        return not self.answer


@dataclass(frozen=True, slots=True)
class Study:
    """A study version. `languages` are those that the study approved for sending.

    `claims_unseen_after`: so long after a site said "uploaded" nobody need have seen it in the archive; None: for ever.
    """

    id: str
    title: Labels
    version: str
    subject_id: SubjectId
    languages: tuple[str, ...]
    events: Mapping[str, EventDefinition]
    facts: Mapping[str, FactDefinition]
    visits: Mapping[str, VisitDefinition]
    ladders: Mapping[str, Ladder]
    tolerances: Mapping[TaskKind, CalendarOffset]
    claims_unseen_after: CalendarOffset | None
    amendments: tuple[Amendment, ...]
    questions: tuple[Question, ...]
    unverified: tuple[Unverified, ...]
    warnings: tuple[StudyWarning, ...] = ()
    special_tolerances: Mapping[tuple[str, str], CalendarOffset] = field(default_factory=dict)
    """Of single tasks, by visit and name, that differ from that of their kind."""
    earlier: tuple["Study", ...] = ()  # versions before this one, the newest first; given to it where it is used

    @property
    def registration(self) -> str:
        """The event that every patient of the study has: the first one marked `required`."""
        return next(event.name for event in self.events.values() if event.required)

    def tolerance(self, kind: TaskKind, visit: str, name: str) -> CalendarOffset:
        """How long this task of this visit (its id in the study file) may be late before it is overdue."""
        return self.special_tolerances.get((visit, name), self.tolerances[kind])

    @property
    def open_facts(self) -> Mapping[str, FactDefinition]:
        """The facts that may be shown: all but the restricted ones."""
        return {name: fact for name, fact in self.facts.items() if not fact.restricted}

    @property
    def amendment(self) -> Amendment | None:
        """What the table of versions says of this one; None where there is no table: the first version."""
        return next((one for one in self.amendments if one.version == self.version), None)

    @property
    def open_questions(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.open)
