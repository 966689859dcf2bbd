"""Polite refusals, what the guard stopped, and help. None of them quotes what came in."""

from collections.abc import Iterable, Mapping

from locales.commands import OF_A_SITE, OFFICE_COMMANDS, SITE_COMMANDS
from locales.texts import Line, Strong, Text, compose, line
from locales.voices import Phrase, Voice, phrase
from trial.guard import Finding
from trial.messages import Help, Refused, TextBlocked, WhichMeant

_REFUSALS: Mapping[Refused, tuple[Phrase, Phrase]] = {
    Refused.STRANGER: (
        phrase("refusal", "I write only with people whom a trial office has invited; nothing was stored."),
        phrase("refusal", "If you have an invitation link, please open it again from where you received it."),
    ),
    Refused.GROUP: (
        phrase("refusal", "I write only in private chats; nothing from this group was stored."),
        phrase("refusal", "If you are enrolled, please write to me in our own chat."),
    ),
    Refused.MEDIA: (
        phrase("refusal", "I cannot take photos, files, voice messages, contacts or locations; nothing was stored."),
        phrase("refusal", "If you still see it in this chat, please delete it. Answers go through the buttons."),
    ),
    Refused.UNREADABLE_TEXT: (
        phrase("refusal", "I am not sure what this text answers, so nothing has been recorded."),
        phrase("refusal", "Please use the buttons below the card. /help shows how."),
    ),
    Refused.DAY_CANNOT_BE: (
        phrase("refusal", "That day cannot be right here, so nothing has been recorded."),
        phrase("refusal", "Please choose the day below the card, or ask the trial office."),
    ),
    Refused.EDITED: (
        phrase("refusal", "A message that is edited later changes nothing in the record."),
        phrase(
            "refusal", "To correct an answer, please undo it on its card within ten minutes, or tell the trial office."
        ),
    ),
}

_FINDINGS: Mapping[Finding, Phrase] = {
    Finding.TOO_LONG: phrase("finding", "more than 300 characters"),
    Finding.NATIONAL_NUMBER: phrase("finding", "what looks like a national identity or insurance number"),
    Finding.PHONE_NUMBER: phrase("finding", "what looks like a telephone number"),
    Finding.ADDRESS_OF_A_PERSON: phrase("finding", "an e-mail address, a link or a user name"),
    Finding.BIRTH_DATE: phrase("finding", "what may be a birth date"),
    Finding.LONG_NUMBER: phrase("finding", "a long number, as hospitals give to patients"),
    Finding.GUARD_FAILED: phrase("finding", "something that could not be checked"),
}


def refusal(voice: Voice, why: Refused) -> Text:
    said, instead = _REFUSALS[why]
    return compose([line(voice.word(said))], [line(voice.word(instead))])


def text_blocked(voice: Voice, blocked: TextBlocked) -> Text:
    """Names each class once; says whether the message is gone or who has to delete it."""
    if blocked.deleted:
        gone = voice.say("I have removed it from this chat.")
    else:
        gone = voice.say("I could not remove it. Please delete it from this chat yourself.")
    return compose(
        [
            line("🛡 " + voice.say("Your message was not stored. It was stopped by:")),
            *(line("• " + words) for words in finding_words(voice, blocked.findings)),
        ],
        [line(gone), line(write_again(voice))],
    )


def finding_words(voice: Voice, findings: Iterable[Finding]) -> tuple[str, ...]:
    """Each class of what the guard found, once."""
    return tuple(voice.word(_FINDINGS[finding]) for finding in dict.fromkeys(findings))


def write_again(voice: Voice) -> str:
    return voice.say("You are welcome to write it again without that.")


def which_meant(voice: Voice, asked: WhichMeant) -> Text:
    """Names nothing: what may be meant stands on the buttons."""
    if len(asked.choices) == 1:
        question = voice.say("Is this what you mean? Nothing has been recorded yet.")
        instead = voice.say("One tap confirms it. If it is something else, please use the buttons below the card.")
    else:
        question = voice.say("Which of these do you mean? Nothing has been recorded yet.")
        instead = voice.say("Please tap the right one. If it is none of them, please use the buttons below the card.")
    return compose([line(question)], [line(instead)])


def help_text(voice: Voice, asked: Help) -> Text:
    return compose(
        [line("🔔 " + voice.say("How this works: a card comes when something is due, and waits for your answer."))],
        [
            *_how_to_answer(voice, asked),
            line("• " + voice.say("“Later” asks again on a day that you choose.")),
            line(
                "• " + voice.say("“Other” is for: not done, not applicable, patient no longer followed, I need help.")
            ),
            line(
                "• " + voice.say("An answer can be undone for ten minutes. After that, the trial office corrects it.")
            ),
            line("• " + voice.say("Cards come in your working hours, not on your site's weekends or holidays.")),
            line("• " + voice.say("What is not urgent comes together on Monday; /quiet changes that.")),
        ],
        (
            line(f"/{name} – {voice.word(words)}")
            for name, words in SITE_COMMANDS.items()
            if not (asked.office and name in OF_A_SITE)
        ),
        (
            [line(voice.say("For the trial office: %(commands)s", commands=_listed_commands(voice)))]
            if asked.office
            else []
        ),
        [
            line(Strong(voice.say("Please keep out of this chat:"))),
            line(voice.say("names, birth dates and hospital numbers of patients, photos and files.")),
        ],
        [
            line(voice.say("An answer is an acknowledgement, not an electronic signature, and not a safety report.")),
            line(
                voice.say("Questions go to the trial office of %(study)s.", study=asked.study)
                if asked.study
                else voice.say("Questions go to the trial office.")
            ),
        ],
    )


def _how_to_answer(voice: Voice, asked: Help) -> tuple[Line, ...]:
    if not asked.study:
        # Where the chat names nothing, its cards are answered on pages of their own.
        return (line("• " + voice.say("“Open this item” below a card leads to its own page; it is answered there.")),)
    return (
        line("• " + voice.say("The buttons below a card are the answer: one tap, or one tap and a date.")),
        line("• " + voice.say("A reply to a card works too: “done yesterday”, “uploaded on 12 April”.")),
    )


def _listed_commands(voice: Voice) -> str:
    return voice.listed(f"/{name}" for name in OFFICE_COMMANDS)
