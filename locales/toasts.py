"""The short line that answers a press: Telegram shows 200 characters at most."""

from collections.abc import Mapping
from datetime import date

from locales.texts import one_line
from locales.voices import Phrase, phrase, voice_for
from trial.messages import Toast

_NAME_LONGEST = 60

_TOASTS: Mapping[Toast, Phrase] = {
    Toast.RECORDED: phrase("toast", "Recorded."),
    Toast.UNDONE: phrase("toast", "Taken back."),
    Toast.ALREADY_RECORDED: phrase("toast", "This is recorded already."),
    Toast.CLOSED: phrase("toast", "This item is closed; nothing has changed."),
    Toast.TOO_LATE_TO_UNDO: phrase("toast", "The ten minutes for undoing are over. The trial office can correct it."),
    Toast.NOT_YOURS: phrase("toast", "You cannot answer this item here. The trial office can help."),
    Toast.UNKNOWN: phrase("toast", "This button is out of date. Please use the latest card."),
    Toast.FUTURE_DAY: phrase("toast", "That day is still to come. Please choose today or an earlier day."),
    Toast.BEFORE_REGISTRATION: phrase("toast", "That day is before the registration. Please choose a later one."),
    Toast.ASKED_FOR_HELP: phrase(
        "toast", "The trial office has been told. Reminders for this wait until it has looked."
    ),
    Toast.ALREADY_CONFIRMED: phrase("toast", "This has been confirmed already; nothing has changed."),
}


def toast(kind: Toast, language: str, *, by: str | None = None, on: date | None = None) -> str:
    """The line in this language; empty for `Toast.NOTHING`.

    `by` and `on` say who recorded it already, and on which day; the other kinds take no notice of them.
    """
    voice = voice_for(language)
    if kind is Toast.NOTHING:
        return ""
    if kind is Toast.ALREADY_RECORDED and by is not None and on is not None:
        who = one_line(by)[:_NAME_LONGEST]
        return voice.say("Already recorded by %(who)s on %(day)s.", who=who, day=on)
    return voice.word(_TOASTS[kind])
