"""From a message to words. The one place that knows every kind of message."""

from typing import assert_never

from locales import cards, joining, notes
from locales.texts import Text
from locales.voices import voice_for
from trial.messages import (
    AccessEnded,
    Card,
    Help,
    InviteDeclined,
    InviteInvalid,
    InviteLanguage,
    InviteQuestion,
    InviteRefused,
    Message,
    Nudge,
    PatientPaused,
    PersonEnrolled,
    PersonKept,
    PersonRevoked,
    PrivacyNotice,
    Refusal,
    TestTask,
    TestTaskDone,
    TextBlocked,
)


def render(message: Message, language: str) -> Text:  # noqa: C901, PLR0912 - one branch per kind of message, nothing else
    """The message in this language, in plain text with the spans that stand out.

    Raises:
        UnknownLanguage: no catalogue speaks it; `speak_language` chooses one that does.
    """
    voice = voice_for(language)
    match message:
        case Card():
            return cards.card_text(voice, message)
        case Nudge():
            return cards.nudge_text(voice, message)
        case InviteQuestion():
            return joining.invite_question(voice, message)
        case InviteLanguage():
            return joining.invite_language(voice)
        case InviteInvalid():
            return joining.invite_invalid(voice)
        case InviteDeclined():
            return joining.invite_declined(voice)
        case TestTask():
            return joining.test_task(voice, message)
        case TestTaskDone():
            return joining.test_task_done(voice)
        case PrivacyNotice():
            return joining.privacy_notice(voice, message)
        case PersonEnrolled():
            return joining.person_enrolled(voice, message)
        case PersonKept(name=name):
            return joining.person_kept(voice, name=name)
        case PersonRevoked(name=name):
            return joining.person_revoked(voice, name=name)
        case InviteRefused():
            return joining.invite_refused(voice, message)
        case AccessEnded():
            return joining.access_ended(voice, message)
        case PatientPaused():
            return joining.patient_paused(voice, message)
        case Refusal(why=why):
            return notes.refusal(voice, why)
        case TextBlocked():
            return notes.text_blocked(voice, message)
        case Help():
            return notes.help_text(voice, message)
        case _:
            assert_never(message)
