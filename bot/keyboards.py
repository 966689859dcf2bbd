"""Buttons of the messages that are no cards."""

from dataclasses import dataclass
from uuid import UUID

from bot import leaving, own_time, presses
from bot.layout import Button, Rows, button
from bot.presses import Press
from locales import languages
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.messages import (
    AwayCover,
    AwaySet,
    AwayUntil,
    ButtonKind,
    ButtonText,
    HelpNeeded,
    HoursQuestion,
    InviteLanguage,
    InviteQuestion,
    LanguageQuestion,
    LeavingConfirmed,
    LeavingToConfirm,
    Message,
    PersonEnrolled,
    TestTask,
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
        case LeavingToConfirm() | LeavingConfirmed() if beside.ref is not None:
            about = leaving.leaver(tx, studies, beside.ref, now=now)
            return () if about is None else leaving.rows(note, about, beside.face)
        case _:
            return () if beside.ref is None else _plain(note, beside.ref)


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
        case HelpNeeded():
            return ((button(ButtonKind.LOOKED_AT, presses.LookedAt(ref)),),)
        case _:
            return ()
