"""`/why`: the rule, the protocol version, the dates, and who else was told."""

import re
from collections.abc import Iterator, Mapping

from locales.cards import title
from locales.texts import Line, Strong, Text, compose, line, one_line
from locales.voices import Phrase, Voice, phrase
from trial.messages import DigestKind, WhyThis
from trial.responsibility import WhyTold
from trial.study import NUDGE, Mark, Step

_OPENING = phrase("opening", "Here are the rule, the dates, and who else was told about it.")

_STEPS: Mapping[Step, Phrase] = {
    Step.HEADS_UP: phrase("step", "Heads-up"),
    Step.WINDOW_OPEN: phrase("step", "The window opens"),
    Step.DUE: phrase("step", "Due"),
    Step.LATE: phrase("step", "Late"),
    Step.COVER: phrase("step", "A colleague is told"),
    Step.BACKUP: phrase("step", "The coordination is told"),
    Step.INVESTIGATOR: phrase("step", "The investigator is told"),
    Step.MANAGER: phrase("step", "The trial office is told"),
}

_MARKS: Mapping[Mark, Phrase] = {
    Mark.OPENS: phrase("mark", "first day"),
    Mark.DUE: phrase("mark", "due date"),
    Mark.CLOSES: phrase("mark", "last day"),
}

_WHY: Mapping[WhyTold, Phrase] = {
    WhyTold.RESPONSIBLE: phrase("why", "You are told because you are responsible for it."),
    WhyTold.COVERS: phrase("why", "You are told because you stand in for a colleague who is away."),
    WhyTold.TAKES_OVER: phrase("why", "You are told because a colleague cannot be told at present."),
    WhyTold.COLLEAGUE: phrase("why", "You are told as a colleague, because no answer has come yet."),
    WhyTold.BACKUP: phrase("why", "You are told because you coordinate here and no answer has come yet."),
    WhyTold.INVESTIGATOR: phrase(
        "why", "You are told as an investigator, because no answer has come from the team yet."
    ),
    WhyTold.MANAGER: phrase("why", "You are told as trial manager, because no answer has come from the site yet."),
}

_DIGESTS: Mapping[DigestKind, Phrase] = {
    DigestKind.WEEKLY: phrase("rule", "The Monday digest lists everything that is open for you or opens this week."),
    DigestKind.HAND_OVER: phrase("rule", "What is open for somebody who is away goes to whoever stands in."),
    DigestKind.OVERFLOW: phrase(
        "rule", "What is more than one day's share comes together on the next working morning."
    ),
    DigestKind.RELEASE: phrase("rule", "Sending was held for a while, and what waited came in one message."),
    DigestKind.ASKED: phrase("rule", "No reminder brought it to you: it is here because you asked for it."),
}

_RULE = re.compile(r"(opens|due|closes)(?:\s*([+-])\s*(\d+)(d|wd|w|mo|y))?")


def why_this(plain: Voice, why: WhyThis) -> Text:
    """Facts in the order of the question: why me, by which rule, with which dates, who else."""
    voice = plain.for_dates((why.opens, why.due, why.closes, why.until))
    return compose(
        [
            line("ℹ️ " + voice.say("Why you got this")),
            # Where the chat names nothing, there is nothing to open for.
            line(voice.word(_OPENING) if why.code else None),
        ],
        [
            line(Strong(title(voice, why.study, why.code)) if why.code else None),
            line(
                voice.label(why.visit) if why.visit else None, voice.label(why.task) if why.task is not None else None
            ),
            *_dates(voice, why),
        ],
        [
            line(_who(voice, why)),
            _by_what(voice, why),
            line(voice.say("This number is not verified in the protocol yet.") if why.unverified else None),
            line(voice.say("Protocol version %(version)s", version=why.version)),
        ],
        [
            line(
                voice.say("Also told: %(names)s", names=voice.listed(map(one_line, why.others)))
                if why.others
                else voice.say("Nobody else has had a reminder about it.")
                if why.digest is not None
                else voice.say("Nobody else has been told.")
            )
        ],
    )


def nothing_to_explain(voice: Voice) -> Text:
    return compose(
        [
            line(voice.say("There is no reminder here to explain.")),
            line(voice.say("/why tells about a reminder: its rule, its dates, and who else was told.")),
        ]
    )


def _dates(voice: Voice, why: WhyThis) -> Iterator[Line]:
    # What is sent or uploaded has no window to plan in: it has a last day.
    if why.task is None and why.opens is not None and why.closes is not None and why.opens < why.closes:
        yield line(voice.say("Window %(first)s – %(last)s", first=why.opens, last=why.closes))
        if why.due is not None and why.due != why.closes:
            yield line(voice.say("Planned for %(day)s", day=why.due))
    elif (last := why.closes or why.due) is not None:
        yield line(voice.say("Due by %(day)s", day=last))


def _by_what(voice: Voice, why: WhyThis) -> Line:
    if why.digest is not None:
        return line(voice.word(_DIGESTS[why.digest]))
    if why.step == NUDGE:
        return line(voice.say("No rule sent it: the trial office asked again."))
    return line(
        voice.say("Reminder: %(step)s", step=step_word(voice, why.step)),
        voice.say("Rule: %(rule)s", rule=_rule(voice, why.rule)),
    )


def _who(voice: Voice, why: WhyThis) -> str:
    if why.instead_of:
        name = one_line(why.instead_of)
        if why.why is WhyTold.COLLEAGUE:
            return voice.say("%(name)s is responsible for it; anybody here may answer.", name=name)
        if why.why is WhyTold.COVERS and why.until is not None:
            return voice.say("You are told because you stand in for %(name)s until %(day)s.", name=name, day=why.until)
        if why.why is WhyTold.COVERS:
            return voice.say("You are told because you stand in for %(name)s.", name=name)
        if why.why is WhyTold.TAKES_OVER:
            return voice.say("You are told because %(name)s cannot be told at present.", name=name)
    return voice.word(_WHY[why.why])


def step_word(voice: Voice, step: str) -> str:
    """A step of the ladder."""
    return voice.word(_STEPS[Step(step)])


def _rule(voice: Voice, rule: str) -> str:
    """`closes + 3wd` in words; a rule of another form as it stands in the study file."""
    read = _RULE.fullmatch(rule.strip())
    if read is None:
        return voice.isolated(rule)
    mark, sign, number, unit = read.groups()
    counted_from = voice.word(_MARKS[Mark(mark)])
    if number is None or int(number) == 0:
        return counted_from
    span = _span(voice, int(number), unit)
    return f"{counted_from} {'+' if sign == '+' else '−'} {span}"


def _span(voice: Voice, count: int, unit: str) -> str:
    match unit:
        case "wd":
            return voice.say_count("%(count)s working day", "%(count)s working days", count=count)
        case "w":
            return voice.say_count("%(count)s week", "%(count)s weeks", count=count)
        case "mo":
            return voice.say_count("%(count)s month", "%(count)s months", count=count)
        case "y":
            return voice.say_count("%(count)s year", "%(count)s years", count=count)
        case _:
            return voice.say_count("%(count)s day", "%(count)s days", count=count)
