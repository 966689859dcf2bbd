"""The codec of presses: callback data of at most 64 bytes, one spelling for each press.

The face that a card shows is remembered as the press that led to it, through the same codec.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, time
from types import MappingProxyType
from typing import Any, Final, get_args, get_type_hints
from uuid import UUID

from bot import presses
from bot.presses import ChooseDay, ChooseReason, Press, Say
from trial.answers import AnswerKind, HelpKind, LeavingKind

__all__ = ["LIMIT_BYTES", "ChooseDay", "ChooseReason", "Press", "Say", "UnknownPress", "decode", "encode"]

LIMIT_BYTES = 64  # Telegram's limit for callback data
_VERSION = "1"


class UnknownPress(ValueError):
    """The data is no button of this version."""


_WORDS: Final[Mapping[type, str]] = MappingProxyType(
    {
        presses.Front: "f",
        presses.ChooseDay: "c",
        presses.Month: "m",
        presses.Say: "s",
        presses.SayBoth: "sb",
        presses.Others: "o",
        presses.ChooseTask: "yt",
        presses.ChooseReason: "y",
        presses.SayReason: "z",
        presses.WriteReason: "w",
        presses.SayValue: "v",
        presses.WhyLeft: "x",
        presses.ConfirmLeft: "xc",
        presses.SayLeft: "xs",
        presses.ChooseHelp: "h",
        presses.SayHelp: "hs",
        presses.AlreadySent: "a",
        presses.Why: "q",
        presses.OpenItem: "k",
        presses.Linked: "kl",
        presses.Undo: "u",
        presses.Receipt: "r",
        presses.GoTo: "d",
        presses.AskAway: "aq",
        presses.AwayMonth: "am",
        presses.AwayUntil: "au",
        presses.AwayWith: "aw",
        presses.AwayAlone: "aa",
        presses.ImBack: "ab",
        presses.SetHours: "th",
        presses.SetRhythm: "tr",
        presses.SetLanguage: "tl",
        presses.LetIn: "by",
        presses.KeepOut: "bn",
        presses.LookedAt: "i",
        presses.LeavingKinds: "lq",
        presses.LeavingAs: "lk",
        presses.LeavingMonth: "lm",
        presses.LeavingOn: "ly",
        presses.AttemptDays: "ta",
        presses.AttemptMonth: "tm",
        presses.AttemptOn: "ty",
        presses.StillFollowed: "lf",
        presses.Revoke: "pr",
        presses.Keep: "pk",
        presses.Join: "jy",
        presses.Decline: "jn",
        presses.Languages: "jl",
        presses.Speak: "js",
        presses.GotIt: "g",
        presses.Nothing: "-",
    }
)
"""The verb of each press. Old buttons stand in chats for months: a word that is given up is never given again."""

_KINDS: Final = {
    AnswerKind.BOOKED: "b",
    AnswerKind.DONE: "d",
    AnswerKind.UPLOADED: "u",
    AnswerKind.STATED: "s",
    AnswerKind.NOT_DONE: "n",
    AnswerKind.NOT_APPLICABLE: "a",
    AnswerKind.LATER: "l",
    AnswerKind.NO_LONGER_FOLLOWED: "x",
    AnswerKind.NEED_HELP: "h",
    AnswerKind.UNDO: "r",
}
_KIND_OF: Final = {letter: kind for kind, letter in _KINDS.items()}


def encode(press: Press) -> str:
    """Callback data of a press, at most 64 bytes.

    Raises:
        ValueError: a value of the study file is too long for a button (the study check refuses such ids), or a wall time
            is no whole minute.
    """
    shape = _SHAPES[type(press)]
    said = (field.spell(getattr(press, field.name)) for field in shape.fields)
    data = ".".join((_VERSION, shape.word, *said))
    if len(data.encode()) > LIMIT_BYTES:
        raise ValueError(f"callback data of {type(press).__name__} is longer than {LIMIT_BYTES} bytes")
    return data


def decode(data: str) -> Press:
    """The press behind callback data.

    Raises:
        UnknownPress: not written by this version of `encode`; the exception never carries the data.
    """
    version, *words = data.split(".")
    shape = _BY_WORD.get(words[0]) if words else None
    if version != _VERSION or shape is None or len(words) - 1 != len(shape.fields):
        raise UnknownPress
    try:
        press = shape.press(*(field.read(word) for field, word in zip(shape.fields, words[1:], strict=True)))
        # One press, one spelling: neither unused bits of base64 nor a number with leading zeros.
        if encode(press) == data:
            return press
    except (ValueError, KeyError, NotBase64):
        raise UnknownPress from None
    raise UnknownPress


# --- how each kind of value is written --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    spell: Callable[[Any], str]
    read: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class _Shape:
    press: Callable[..., Press]
    word: str
    fields: tuple[_Field, ...]


def _short(identity: UUID) -> str:
    """22 characters instead of 36."""
    return urlsafe_b64encode(identity.bytes).rstrip(b"=").decode()


def _long(text: str) -> UUID:
    return UUID(bytes=urlsafe_b64decode(text + "=="))


def _plain(day: date) -> str:
    return day.isoformat().replace("-", "")


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _clock(wall: time) -> str:
    if wall.second or wall.microsecond:
        raise ValueError("a button names a whole minute")
    return f"{wall:%H%M}"


def _wall(text: str) -> time:
    return time(int(text[:2]), int(text[2:]))


_VALUES: Final[Mapping[type, tuple[Callable[[Any], str], Callable[[str], Any]]]] = MappingProxyType(
    {
        UUID: (_short, _long),
        date: (_plain, _day),
        time: (_clock, _wall),
        AnswerKind: (_KINDS.__getitem__, _KIND_OF.__getitem__),
        LeavingKind: (str, LeavingKind),
        HelpKind: (str, HelpKind),
        int: (str, int),
        bool: (lambda yes: "y" if yes else "n", {"y": True, "n": False}.__getitem__),
        str: (str, str),
    }
)


def _shape_of(press: type) -> _Shape:
    kinds = get_type_hints(press)
    return _Shape(
        press, _WORDS[press], tuple(_Field(field.name, *_VALUES[kinds[field.name]]) for field in fields(press))
    )


_SHAPES: Final[Mapping[type, _Shape]] = MappingProxyType({press: _shape_of(press) for press in get_args(Press)})
_BY_WORD: Final[Mapping[str, _Shape]] = MappingProxyType({shape.word: shape for shape in _SHAPES.values()})
