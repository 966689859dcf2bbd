"""Joining and leaving: the invitation, the practice item, the privacy notice, and what the trial manager hears of it."""

from collections.abc import Mapping

from locales.catalogues import language_name
from locales.texts import Line, Strong, Text, compose, line, one_line
from locales.voices import Phrase, Voice, phrase
from trial.messages import (
    AccessEnded,
    InviteQuestion,
    InviteRefused,
    PersonEnrolled,
    PrivacyNotice,
    TestTask,
)
from trial.people import Role

ROLES: Mapping[Role, Phrase] = {
    Role.COORDINATOR: phrase("role", "Study coordinator"),
    Role.INVESTIGATOR: phrase("role", "Investigator"),
    Role.MONITOR: phrase("role", "Monitor"),
    Role.AUDITOR: phrase("role", "Auditor"),
    Role.ADMINISTRATOR: phrase("role", "Administrator"),
    Role.MANAGER: phrase("role", "Trial manager"),
}


def invite_question(voice: Voice, invite: InviteQuestion) -> Text:
    site = " ".join(filter(None, (invite.site_number, one_line(invite.site_name or ""))))
    return compose(
        [line("👋 " + voice.say("This is Sitebell. Please check that this invitation is meant for you."))],
        [
            line(Strong(voice.isolated(one_line(invite.name)))),
            line(voice.word(ROLES[invite.role]), voice.say("Site %(site)s", site=site) if site else None),
            _study(voice, invite.study),
            line(voice.say("Language: %(language)s", language=language_name(invite.language))),
        ],
        [line(voice.say("Is all of this right?"))],
    )


def invite_language(voice: Voice) -> Text:
    return compose([line("🌐 " + voice.say("In which language shall I write?"))])


def invite_invalid(voice: Voice) -> Text:
    """Always the same, so that nobody learns from it whether a link was ever good."""
    return compose(
        [line(voice.say("This link cannot be used: it may have expired, or may have been used already."))],
        [line(voice.say("The trial office can send you a new one."))],
    )


def invite_declined(voice: Voice) -> Text:
    return compose(
        [line(voice.say("Thank you for telling us. Nobody was enrolled, and the trial office has been told."))]
    )


def test_task(voice: Voice, task: TestTask) -> Text:
    return compose(
        [
            line("🔔 " + voice.say("Practice item"), voice.say("no patient is involved")),
            line(
                voice.say(
                    "Hello %(name)s. It shows that messages reach you and how an answer is given.",
                    name=one_line(task.name),
                )
            ),
        ],
        [line(voice.say("Please press the button below."))],
    )


def test_task_done(voice: Voice) -> Text:
    return compose(
        [
            line("✅ " + voice.say("Recorded. That is all an answer takes.")),
            line(voice.say("From now on I write here when something is due, in your working hours.")),
        ]
    )


def privacy_notice(voice: Voice, notice: PrivacyNotice) -> Text:
    """One screen, read once: what is kept, who sees it, what never to write."""
    return compose(
        [line("🔒 " + voice.say("What is kept of this chat, and what should never be written in it."))],
        [
            line(
                "• "
                + voice.say(
                    "Kept encrypted in the study's own database: your name, role, language and chat number, "
                    "the messages sent to you and your answers."
                )
            ),
            line("• " + voice.say("Seen by: your site's team, the trial office, and monitors and auditors.")),
            line("• " + voice.say("Never write names, birth dates or hospital numbers of patients.")),
            line("• " + voice.say("Photos, files and voice messages are refused and deleted.")),
            line("• " + voice.say("Telegram carries this chat and can read it.")),
            line("• " + voice.say("An answer is an acknowledgement, not an electronic signature.")),
            line("• " + voice.say("Nothing here is a safety report. Please report those as the protocol says.")),
            line("• " + voice.say("To leave, tell the trial office. You can also block this chat at any time.")),
        ],
        [_study(voice, notice.study)],
    )


def person_enrolled(voice: Voice, person: PersonEnrolled) -> Text:
    site = voice.say("Site %(site)s", site=person.site_number) if person.site_number else None
    return compose(
        [line("👤 " + voice.say("Somebody has joined with an invitation. Please check that it is the right person."))],
        [
            line(Strong(voice.isolated(one_line(person.name)))),
            line(voice.word(ROLES[person.role]), site),
        ],
        [line(voice.say("If it is not, access can be ended with one tap."))],
    )


def person_kept(voice: Voice, *, name: str) -> Text:
    return compose([line("✓ " + voice.say("Noted: %(name)s keeps access.", name=one_line(name)))])


def person_revoked(voice: Voice, *, name: str) -> Text:
    return compose([line("✓ " + voice.say("Access of %(name)s has ended.", name=one_line(name)))])


def invite_refused(voice: Voice, refused: InviteRefused) -> Text:
    site = voice.say("Site %(site)s", site=refused.site_number) if refused.site_number else None
    return compose(
        [line("👤 " + voice.say("Somebody opened an invitation and said that it was not meant for them."))],
        [line(Strong(voice.isolated(one_line(refused.name))), site)],
        [line(voice.say("Nobody was enrolled, and the link no longer works. Please send a new invitation."))],
    )


def access_ended(voice: Voice, ended: AccessEnded) -> Text:
    return compose(
        [line(voice.say("Your access has ended, and no more reminders will come here."))],
        [
            line(voice.say("If you did not expect this, please ask the trial office.")),
            _study(voice, ended.study),
        ],
    )


def _study(voice: Voice, study: str) -> Line:
    """Empty where the chat names no study."""
    return line(voice.say("Study: %(study)s", study=study) if study else None)
