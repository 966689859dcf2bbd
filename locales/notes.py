"""Polite refusals, what the guard stopped, and help. None of them quotes what came in."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from locales.answers import would_say
from locales.commands import OFFICE_COMMANDS, SITE_COMMANDS, offered
from locales.texts import Line, Strong, Text, compose, line
from locales.voices import Phrase, Voice, phrase
from trial.guard import Finding
from trial.messages import Help, Meant, Refused, TextBlocked, WhichMeant

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
    """What may be meant stands on the buttons; the only thing that may be meant stands above its button in full."""
    if len(asked.choices) == 1:
        question = voice.say("Is this what you mean? Nothing has been recorded yet.")
        instead = voice.say("One tap confirms it. If it is something else, please use the buttons below the card.")
        return compose([line(question)], [line(instead)], _in_full(voice, asked.choices[0]))
    question = voice.say("Which of these do you mean? Nothing has been recorded yet.")
    instead = voice.say("Please tap the right one. If it is none of them, please use the buttons below the card.")
    return compose([line(question)], [line(instead)])


def _in_full(voice: Voice, meant: Meant) -> Iterator[Line]:
    """Of whom, of which visit, and what would be recorded of each task."""
    if meant.visit is not None:
        yield line(Strong(voice.isolated(meant.code)), voice.label(meant.visit))
    if meant.answer is None or meant.day is None:
        return
    said = would_say(voice, meant.answer, meant.task_kind, day=meant.day)
    if not meant.tasks:
        yield line("• " + said)
    for task in meant.tasks:
        yield line("• " + voice.label(task), said)


def help_text(voice: Voice, asked: Help) -> Text:
    there_is = offered(office=asked.office, at_site=asked.at_site, discreet=not asked.study)
    return compose(
        *_how_it_works(voice, asked),
        _commands(voice, SITE_COMMANDS, there_is),
        [line(Strong(voice.say("For the trial office:"))), *_commands(voice, OFFICE_COMMANDS, there_is)]
        if asked.office
        else [],
        [
            line(Strong(voice.say("Please keep out of this chat:"))),
            line(voice.say("names, birth dates and hospital numbers of patients, photos and files.")),
        ],
        [
            line(voice.say("An answer is an acknowledgement, not an electronic signature, and not a safety report.")),
            line(_whom_to_ask(voice, asked)),
        ],
    )


def _how_it_works(voice: Voice, asked: Help) -> tuple[list[Line], list[Line]]:
    if asked.at_site:
        return _how_cards_work(voice, asked)
    return _how_the_office_is_told(voice) if asked.office else _how_to_look(voice)


def _how_cards_work(voice: Voice, asked: Help) -> tuple[list[Line], list[Line]]:
    return (
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
    )


def _how_the_office_is_told(voice: Voice) -> tuple[list[Line], list[Line]]:
    """Whoever has no site gets no cards, and has none to answer."""
    return (
        [line("🔔 " + voice.say("How this works: what the sites cannot settle alone comes here."))],
        [
            line("• " + voice.say("Buttons below a message settle it: one tap, or one tap and a date.")),
            line("• " + voice.say("What a site has to do is answered there; the lists below show how it stands.")),
        ],
    )


def _how_to_look(voice: Voice) -> tuple[list[Line], list[Line]]:
    """A monitor, an auditor or an administrator answers nothing here."""
    return (
        [
            line(
                "🔔 " + voice.say("How this works: what you may see stands on the board. Nothing is asked of you here.")
            )
        ],
        [line("• " + voice.say("/board leads there, on this device or on a computer."))],
    )


def _commands(voice: Voice, among: Mapping[str, Phrase], offered_here: Collection[str]) -> list[Line]:
    return [line(f"/{name} – {voice.word(words)}") for name, words in among.items() if name in offered_here]


def _whom_to_ask(voice: Voice, asked: Help) -> str | None:
    if not asked.at_site:
        return None
    if asked.study:
        return voice.say("Questions go to the trial office of %(study)s.", study=asked.study)
    return voice.say("Questions go to the trial office.")


def _how_to_answer(voice: Voice, asked: Help) -> tuple[Line, ...]:
    if not asked.study:
        # Where the chat names nothing, its cards are answered on pages of their own.
        return (line("• " + voice.say("“Open this item” below a card leads to its own page; it is answered there.")),)
    return (
        line("• " + voice.say("The buttons below a card are the answer: one tap, or one tap and a date.")),
        line("• " + voice.say("A reply to a card works too: “done yesterday”, “uploaded on 12 April”.")),
    )
