"""What a button does: typed presses with one codec.

A press names a verb and the one thing it acts on, in at most 64 bytes of callback data. It grants nothing: whoever sends
it is looked up by the chat it came from, and their rights are judged when it arrives (decision 0009). The face that a card
shows is remembered as the press that led to it, through the same codec.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import date
from typing import assert_never
from uuid import UUID

from trial.answers import AnswerKind, LeavingKind

LIMIT_BYTES = 64  # Telegram's limit for callback data
_VERSION = "1"


class UnknownPress(ValueError):
    """The data is no button of this version."""


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
class Others:
    """The rarer answers."""

    task: UUID


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
class Undo:
    """Take this answer back."""

    answer: UUID


@dataclass(frozen=True, slots=True)
class Receipt:
    """A face only: what was understood of this answer."""

    answer: UUID


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
class Revoke:
    """A manager ends a person's access."""

    person: UUID


@dataclass(frozen=True, slots=True)
class Keep:
    """A manager has seen who joined."""

    person: UUID


@dataclass(frozen=True, slots=True)
class Nothing:
    """A filler of the month sheet."""


CardPress = (
    Front
    | ChooseDay
    | Month
    | Say
    | Others
    | ChooseReason
    | SayReason
    | WriteReason
    | SayValue
    | WhyLeft
    | ConfirmLeft
    | SayLeft
    | Undo
    | Receipt
)
JoinPress = Join | Decline | Languages | Speak
OtherPress = GotIt | Revoke | Keep | Nothing
Press = CardPress | JoinPress | OtherPress

_KINDS = {
    AnswerKind.BOOKED: "b",
    AnswerKind.DONE: "d",
    AnswerKind.UPLOADED: "u",
    AnswerKind.STATED: "s",
    AnswerKind.NOT_DONE: "n",
    AnswerKind.NOT_APPLICABLE: "a",
    AnswerKind.LATER: "l",
    AnswerKind.NO_LONGER_FOLLOWED: "x",
    AnswerKind.UNDO: "r",
}
_KIND_OF = {letter: kind for kind, letter in _KINDS.items()}


def encode(press: Press) -> str:
    """Callback data of a press, at most 64 bytes.

    Raises:
        ValueError: a value of the study file is too long for a button (the study check refuses such ids).
    """
    data = ".".join((_VERSION, *_words(press)))
    if len(data.encode()) > LIMIT_BYTES:
        raise ValueError(f"callback data of {type(press).__name__} is longer than {LIMIT_BYTES} bytes")
    return data


def _words(press: Press) -> tuple[str, ...]:  # noqa: C901, PLR0912 - one case per press, flat
    match press:
        case Front(visit):
            return "f", _short(visit)
        case ChooseDay(task, kind):
            return "c", _short(task), _KINDS[kind]
        case Month(task, kind, first):
            return "m", _short(task), _KINDS[kind], _plain(first)
        case Say(task, kind, day):
            return "s", _short(task), _KINDS[kind], _plain(day)
        case Others(task):
            return "o", _short(task)
        case ChooseReason(task, kind):
            return "y", _short(task), _KINDS[kind]
        case SayReason(task, kind, reason):
            return "z", _short(task), _KINDS[kind], reason
        case WriteReason(task, kind):
            return "w", _short(task), _KINDS[kind]
        case SayValue(task, value):
            return "v", _short(task), value
        case WhyLeft(task):
            return "x", _short(task)
        case ConfirmLeft(task, leaving):
            return "xc", _short(task), leaving.value
        case SayLeft(task, leaving):
            return "xs", _short(task), leaving.value
        case Undo(answer):
            return "u", _short(answer)
        case Receipt(answer):
            return "r", _short(answer)
        case Join(invite):
            return "jy", _short(invite)
        case Decline(invite):
            return "jn", _short(invite)
        case Languages(invite):
            return "jl", _short(invite)
        case Speak(invite, language):
            return "js", _short(invite), language
        case GotIt(person):
            return "g", _short(person)
        case Revoke(person):
            return "pr", _short(person)
        case Keep(person):
            return "pk", _short(person)
        case Nothing():
            return ("-",)
    assert_never(press)


def decode(data: str) -> Press:
    """The press behind callback data.

    Raises:
        UnknownPress: not written by this version of `encode`; the exception never carries the data.
    """
    version, *words = data.split(".")
    if version != _VERSION or len(data.encode()) > LIMIT_BYTES:
        raise UnknownPress
    try:
        return _press(words)
    except (ValueError, KeyError, NotBase64):
        raise UnknownPress from None


def _press(words: list[str]) -> Press:  # noqa: C901, PLR0912 - one case per press, flat
    match words:
        case ["f", visit]:
            return Front(_long(visit))
        case ["c", task, kind]:
            return ChooseDay(_long(task), _KIND_OF[kind])
        case ["m", task, kind, first]:
            return Month(_long(task), _KIND_OF[kind], _day(first))
        case ["s", task, kind, day]:
            return Say(_long(task), _KIND_OF[kind], _day(day))
        case ["o", task]:
            return Others(_long(task))
        case ["y", task, kind]:
            return ChooseReason(_long(task), _KIND_OF[kind])
        case ["z", task, kind, reason]:
            return SayReason(_long(task), _KIND_OF[kind], reason)
        case ["w", task, kind]:
            return WriteReason(_long(task), _KIND_OF[kind])
        case ["v", task, value]:
            return SayValue(_long(task), value)
        case ["x", task]:
            return WhyLeft(_long(task))
        case ["xc", task, leaving]:
            return ConfirmLeft(_long(task), LeavingKind(leaving))
        case ["xs", task, leaving]:
            return SayLeft(_long(task), LeavingKind(leaving))
        case ["u", answer]:
            return Undo(_long(answer))
        case ["r", answer]:
            return Receipt(_long(answer))
        case ["jy", invite]:
            return Join(_long(invite))
        case ["jn", invite]:
            return Decline(_long(invite))
        case ["jl", invite]:
            return Languages(_long(invite))
        case ["js", invite, language]:
            return Speak(_long(invite), language)
        case ["g", person]:
            return GotIt(_long(person))
        case ["pr", person]:
            return Revoke(_long(person))
        case ["pk", person]:
            return Keep(_long(person))
        case ["-"]:
            return Nothing()
        case _:
            raise UnknownPress


def _short(identity: UUID) -> str:
    """22 characters instead of 36."""
    return urlsafe_b64encode(identity.bytes).rstrip(b"=").decode()


def _long(text: str) -> UUID:
    if len(text) != 22:
        raise UnknownPress
    identity = UUID(bytes=urlsafe_b64decode(text + "=="))
    if _short(identity) != text:  # base64 has unused bits: one press, one spelling
        raise UnknownPress
    return identity


def _plain(day: date) -> str:
    return day.isoformat().replace("-", "")


def _day(text: str) -> date:
    if len(text) != 8 or not text.isascii() or not text.isdigit():
        raise UnknownPress
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
