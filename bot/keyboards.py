"""Buttons of the messages that are no cards: joining, the test task, the manager's notes."""

from uuid import UUID

from bot import buttons
from bot.buttons import Press
from bot.cards import Button, Rows
from locales import languages
from trial.messages import (
    ButtonKind,
    ButtonText,
    InviteLanguage,
    InviteQuestion,
    Message,
    PersonEnrolled,
    TestTask,
)


def rows_for(message: Message, ref: str) -> Rows:
    """The buttons under a message; `ref` is the id of what they act on."""
    match message:
        case InviteQuestion():
            invite = UUID(ref)
            return (
                (_button(ButtonKind.YES, buttons.Join(invite)), _button(ButtonKind.NOT_ME, buttons.Decline(invite))),
                (_button(ButtonKind.CHANGE_LANGUAGE, buttons.Languages(invite)),),
            )
        case InviteLanguage():
            invite = UUID(ref)
            return tuple(
                (Button(ButtonText(ButtonKind.LANGUAGE, language=code), buttons.Speak(invite, code)),)
                for code in languages()
            )
        case TestTask():
            return ((_button(ButtonKind.GOT_IT, buttons.GotIt(UUID(ref))),),)
        case PersonEnrolled():
            person = UUID(ref)
            return (
                (_button(ButtonKind.KEEP, buttons.Keep(person)), _button(ButtonKind.REVOKE, buttons.Revoke(person))),
            )
        case _:
            return ()


def _button(kind: ButtonKind, press: Press) -> Button:
    return Button(ButtonText(kind), press)
