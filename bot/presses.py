"""What a button means when it is pressed: a verb and the one thing that it acts on.

A press grants nothing. Who sends it is looked up by the chat that it came from, and their rights are judged when it arrives
(decision 0009, `bot/rights.py`). How it travels in 64 bytes is for `bot/buttons.py`.
"""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from trial.answers import AnswerKind, HelpKind, LeavingKind

# --- on a card: task by task ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Front:
    """Back to the card's first face."""

    visit: UUID


@dataclass(frozen=True, slots=True)
class ChooseDay:
    """Done, booked, uploaded: on which day?"""

    task: UUID
    kind: AnswerKind


@dataclass(frozen=True, slots=True)
class Month:
    """The sheet of one month, to pick a day from."""

    task: UUID
    kind: AnswerKind
    first: date


@dataclass(frozen=True, slots=True)
class Say:
    """An answer with its day (`later`: the day until which)."""

    task: UUID
    kind: AnswerKind
    day: date


@dataclass(frozen=True, slots=True)
class SayBoth:
    """The same answer with the same day about two tasks of one visit: what a plain reply said of both."""

    task: UUID
    other: UUID
    kind: AnswerKind
    day: date


@dataclass(frozen=True, slots=True)
class Others:
    """The rarer answers."""

    task: UUID


@dataclass(frozen=True, slots=True)
class ChooseTask:
    """Not done, not applicable, where several tasks are open: which of them?"""

    task: UUID
    kind: AnswerKind


@dataclass(frozen=True, slots=True)
class ChooseReason:
    """Not done, not applicable: why?"""

    task: UUID
    kind: AnswerKind


@dataclass(frozen=True, slots=True)
class SayReason:
    """Not done or not applicable, with the reason's place in the study file's list."""

    task: UUID
    kind: AnswerKind
    reason: str


@dataclass(frozen=True, slots=True)
class WriteReason:
    """Another reason, in words."""

    task: UUID
    kind: AnswerKind


@dataclass(frozen=True, slots=True)
class SayValue:
    """The value of a fact."""

    task: UUID
    value: str


@dataclass(frozen=True, slots=True)
class WhyLeft:
    """Patient no longer followed: why?"""

    task: UUID


@dataclass(frozen=True, slots=True)
class ConfirmLeft:
    """Patient no longer followed: are you sure?"""

    task: UUID
    leaving: LeavingKind


@dataclass(frozen=True, slots=True)
class SayLeft:
    """Patient no longer followed."""

    task: UUID
    leaving: LeavingKind


@dataclass(frozen=True, slots=True)
class ChooseHelp:
    """I need help: which?"""

    task: UUID


@dataclass(frozen=True, slots=True)
class SayHelp:
    """I need this help; the reminders wait until the trial office has looked at it."""

    task: UUID
    help: HelpKind


@dataclass(frozen=True, slots=True)
class AlreadySent:
    """It was uploaded as said: look again."""

    task: UUID


@dataclass(frozen=True, slots=True)
class Why:
    """Why did I get this?"""

    task: UUID


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Where a chat names nothing: a fresh one-time link to this item's page."""

    visit: UUID


@dataclass(frozen=True, slots=True)
class Linked:
    """A face only: that link stands below the card, until this second (elapsed time, as Unix counts)."""

    visit: UUID
    until: int


@dataclass(frozen=True, slots=True)
class Undo:
    """Take this answer back."""

    answer: UUID


@dataclass(frozen=True, slots=True)
class Receipt:
    """A face only: what was understood of this answer."""

    answer: UUID


# --- in a digest ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GoTo:
    """Show this item of the digest; 0 is the overview."""

    digest: UUID
    place: int


# --- one's own time and language --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskAway:
    """Back to the question until when."""


@dataclass(frozen=True, slots=True)
class AwayMonth:
    """The sheet of one month, to pick the last day away from."""

    first: date


@dataclass(frozen=True, slots=True)
class AwayUntil:
    """Away until this day, included: who stands in?"""

    last: date


@dataclass(frozen=True, slots=True)
class AwayWith:
    """Away until this day, and this colleague stands in."""

    last: date
    cover: UUID


@dataclass(frozen=True, slots=True)
class AwayAlone:
    """Away until this day, and nobody is named to stand in."""

    last: date


@dataclass(frozen=True, slots=True)
class ImBack:
    """Here again, from today on."""

    person: UUID


@dataclass(frozen=True, slots=True)
class SetHours:
    """Write to me between these wall times."""

    first: time
    last: time


@dataclass(frozen=True, slots=True)
class SetRhythm:
    """What is not urgent: together once a week, or each thing by itself."""

    weekly: bool


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Write to me in this language."""

    language: str


# --- the board --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LetIn:
    """The browser that shows this number is in front of me."""

    number: UUID


@dataclass(frozen=True, slots=True)
class KeepOut:
    """It is not."""

    number: UUID


# --- for investigators and the trial office ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LookedAt:
    """The trial office has looked at this item."""

    item: UUID


@dataclass(frozen=True, slots=True)
class LeavingKinds:
    """Back to the question as what a leaving is to be recorded."""

    patient: UUID


@dataclass(frozen=True, slots=True)
class LeavingAs:
    """A patient has left in this way: since when?"""

    patient: UUID
    leaving: LeavingKind


@dataclass(frozen=True, slots=True)
class LeavingMonth:
    """The sheet of one month, to pick the day of leaving from."""

    patient: UUID
    leaving: LeavingKind
    first: date


@dataclass(frozen=True, slots=True)
class LeavingOn:
    """A patient has left in this way, on this day: confirmed."""

    patient: UUID
    leaving: LeavingKind
    day: date


@dataclass(frozen=True, slots=True)
class AttemptDays:
    """One more attempt to reach a patient who may be lost: on which day?"""

    patient: UUID


@dataclass(frozen=True, slots=True)
class AttemptMonth:
    """The sheet of one month, to pick the day of an attempt from."""

    patient: UUID
    first: date


@dataclass(frozen=True, slots=True)
class AttemptOn:
    """Somebody tried to reach the patient on this day."""

    patient: UUID
    day: date


@dataclass(frozen=True, slots=True)
class StillFollowed:
    """The patient has not left."""

    patient: UUID


@dataclass(frozen=True, slots=True)
class Revoke:
    """A manager ends a person's access."""

    person: UUID


@dataclass(frozen=True, slots=True)
class Keep:
    """A manager has seen who joined."""

    person: UUID


# --- joining ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Join:
    """Yes, that is me."""

    invite: UUID


@dataclass(frozen=True, slots=True)
class Decline:
    """No, that is somebody else."""

    invite: UUID


@dataclass(frozen=True, slots=True)
class Languages:
    """Another language."""

    invite: UUID


@dataclass(frozen=True, slots=True)
class Speak:
    """This language."""

    invite: UUID
    language: str


@dataclass(frozen=True, slots=True)
class GotIt:
    """The harmless test task, done."""

    person: UUID


@dataclass(frozen=True, slots=True)
class Nothing:
    """A filler of the month sheet."""


TaskPress = (
    ChooseDay
    | Month
    | Say
    | SayBoth
    | Others
    | ChooseTask
    | ChooseReason
    | SayReason
    | WriteReason
    | SayValue
    | WhyLeft
    | ConfirmLeft
    | SayLeft
    | ChooseHelp
    | SayHelp
    | AlreadySent
    | Why
)
AnswerPress = Undo | Receipt
ItemPress = OpenItem | Linked
CardPress = Front | TaskPress | ItemPress | AnswerPress
OwnPress = AskAway | AwayMonth | AwayUntil | AwayWith | AwayAlone | ImBack | SetHours | SetRhythm | SetLanguage
LeavingPress = (
    LeavingKinds | LeavingAs | LeavingMonth | LeavingOn | AttemptDays | AttemptMonth | AttemptOn | StillFollowed
)
BrowserPress = LetIn | KeepOut
NewcomerPress = Revoke | Keep
JoinPress = Join | Decline | Languages | Speak
Press = (
    CardPress | GoTo | OwnPress | BrowserPress | LookedAt | LeavingPress | NewcomerPress | JoinPress | GotIt | Nothing
)
