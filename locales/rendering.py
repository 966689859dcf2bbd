"""From a message to words. The one place that knows every kind of message."""

from typing import assert_never

from locales import away, cards, digests, explaining, items, joining, lists, notes, office, signing_in
from locales.texts import Text
from locales.voices import voice_for
from trial.messages import (
    AccessEnded,
    AwayCover,
    AwaySet,
    AwayUntil,
    BackAgain,
    BoardAnswered,
    BoardNumberUnknown,
    BoardQuestion,
    BoardWay,
    Card,
    CoverAsked,
    Digest,
    Gap,
    Help,
    HelpClosed,
    HelpNeeded,
    HoursQuestion,
    InviteDeclined,
    InviteInvalid,
    InviteLanguage,
    InviteQuestion,
    InviteRefused,
    KeptOut,
    LanguageQuestion,
    LeavingConfirmed,
    LeavingTakenBack,
    LeavingToConfirm,
    Message,
    NoSuchSite,
    NothingToExplain,
    Nudge,
    OfficeNews,
    OverdueList,
    PatientPaused,
    PersonEnrolled,
    PersonKept,
    PersonRevoked,
    PrivacyNotice,
    Refusal,
    SiteBrief,
    StudyBrief,
    TaskList,
    TaskOnlyCard,
    TaskOnlyDigest,
    TestTask,
    TestTaskDone,
    TextBlocked,
    WhichMeant,
    WhichPatient,
    WhyThis,
)


def render(message: Message, language: str) -> Text:  # noqa: C901, PLR0912, PLR0915 - one branch per kind of message, nothing else
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
            return office.patient_paused(voice, message)
        case Refusal(why=why):
            return notes.refusal(voice, why)
        case TextBlocked():
            return notes.text_blocked(voice, message)
        case Help():
            return notes.help_text(voice, message)
        case Digest():
            return digests.digest_text(voice, message)
        case TaskList():
            return lists.task_list(voice, message)
        case WhichMeant():
            return notes.which_meant(voice, message)
        case WhichPatient(study=study):
            return lists.which_patient(voice, study)
        case AwayUntil():
            return away.away_until(voice)
        case AwayCover():
            return away.away_cover(voice, message)
        case AwaySet():
            return away.away_set(voice, message)
        case CoverAsked():
            return away.cover_asked(voice, message)
        case BackAgain():
            return away.back_again(voice)
        case HoursQuestion():
            return away.hours_question(voice, message)
        case LanguageQuestion():
            return away.language_question(voice)
        case WhyThis():
            return explaining.why_this(voice, message)
        case NothingToExplain():
            return explaining.nothing_to_explain(voice)
        case Gap():
            return away.gap(voice)
        case OfficeNews():
            return office.office_news(voice, message)
        case HelpNeeded():
            return office.help_needed(voice, message)
        case HelpClosed():
            return office.help_closed(voice, message)
        case LeavingToConfirm():
            return office.leaving_to_confirm(voice, message)
        case LeavingConfirmed():
            return office.leaving_confirmed(voice, message)
        case LeavingTakenBack():
            return office.leaving_taken_back(voice, message)
        case OverdueList():
            return lists.overdue_list(voice, message)
        case SiteBrief():
            return lists.site_brief(voice, message)
        case NoSuchSite():
            return lists.no_such_site(voice, message)
        case StudyBrief():
            return lists.study_brief(voice, message)
        case TaskOnlyCard():
            return items.task_only_card(voice, message)
        case KeptOut():
            return items.kept_out(voice, message)
        case TaskOnlyDigest():
            return digests.task_only_digest(voice, message)
        case BoardWay() | BoardQuestion() | BoardAnswered() | BoardNumberUnknown():
            return signing_in.to_the_board(voice, message)
        case _:
            assert_never(message)
