"""Buttons of the messages that are no cards."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from bot import leaving, own_time, presses
from bot.buttons import decode
from bot.layout import Button, Rows, button
from bot.presses import Press
from locales import languages
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.answers import AnswerKind
from trial.messages import (
    AwayCover,
    AwaySet,
    AwayUntil,
    BoardQuestion,
    ButtonKind,
    ButtonText,
    HelpNeeded,
    HoursQuestion,
    InviteLanguage,
    InviteQuestion,
    LanguageQuestion,
    LeavingConfirmed,
    LeavingToConfirm,
    Meant,
    Message,
    PersonEnrolled,
    TaskList,
    TestTask,
    WhichMeant,
)
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class Beside:
    """What is kept beside a message: who reads it (None: a chat that is nobody's), what its buttons act on, its face."""

    reader: UUID | None
    ref: UUID | None = None
    face: Press | None = None


def note_rows(tx: Tx, studies: Definitions, note: Message, beside: Beside, *, now: Instant) -> Rows:
    """The buttons under a message, as of now."""
    match note:
        case AwayUntil() | AwayCover() | AwaySet() | HoursQuestion() | LanguageQuestion() if beside.reader is not None:
            return own_time.rows(tx, studies, note, beside.reader, beside.face, now=now)
        case WhichMeant(choices):
            return tuple((_meant(one),) for one in choices)
        case LeavingToConfirm() | LeavingConfirmed() if beside.ref is not None:
            about = leaving.leaver(tx, studies, beside.ref, now=now)
            return () if about is None else leaving.rows(note, about, beside.face)
        case _:
            return () if beside.ref is None else _plain(note, beside.ref)


def _meant(one: Meant) -> Button:
    """A tap may record it: the button says what, as a card's does, and on which day."""
    kind = ButtonKind.MEANT if one.answer is None else _SAID.get(one.answer, ButtonKind.MEANT)
    return Button(ButtonText(kind, words=one.words, day=one.day), decode(one.press))


_SAID: Final = {
    AnswerKind.DONE: ButtonKind.DONE,
    AnswerKind.UPLOADED: ButtonKind.UPLOADED,
    AnswerKind.BOOKED: ButtonKind.BOOKED,
    AnswerKind.LATER: ButtonKind.LATER,
}


def _plain(note: Message, ref: UUID) -> Rows:
    """Buttons that need nothing but what they act on."""
    match note:
        case InviteQuestion():
            return (
                (button(ButtonKind.YES, presses.Join(ref)), button(ButtonKind.NOT_ME, presses.Decline(ref))),
                (button(ButtonKind.CHANGE_LANGUAGE, presses.Languages(ref)),),
            )
        case InviteLanguage():
            return tuple(
                (Button(ButtonText(ButtonKind.LANGUAGE, language=code), presses.Speak(ref, code)),)
                for code in languages()
            )
        case TestTask():
            return ((button(ButtonKind.GOT_IT, presses.GotIt(ref)),),)
        case PersonEnrolled():
            return ((button(ButtonKind.KEEP, presses.Keep(ref)), button(ButtonKind.REVOKE, presses.Revoke(ref))),)
        case TaskList():
            return ((button(ButtonKind.GO_THROUGH, presses.GoTo(ref, 1)),),)
        case HelpNeeded():
            return ((button(ButtonKind.LOOKED_AT, presses.LookedAt(ref)),),)
        case BoardQuestion():
            return ((button(ButtonKind.LET_IN, presses.LetIn(ref)), button(ButtonKind.KEEP_OUT, presses.KeepOut(ref))),)
        case _:
            return ()
