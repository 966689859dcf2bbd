"""A person's own time: away and back, who stands in, hours, language; and the line after an outage."""

from datetime import date

from locales.texts import Text, compose, line, one_line
from locales.voices import Voice
from trial.messages import AwayCover, AwaySet, CoverAsked, HoursQuestion


def away_until(voice: Voice) -> Text:
    return compose(
        [
            line("🗓 " + voice.say("Until when are you away?")),
            line(voice.say("The day that you choose is the last day away.")),
        ]
    )


def away_cover(voice: Voice, asked: AwayCover) -> Text:
    return compose(
        [line("🗓 " + _away(voice.for_dates((asked.first, asked.last)), asked.first, last=asked.last))],
        [line(voice.say("Who stands in for you?"))],
    )


def away_set(plain: Voice, away: AwaySet) -> Text:
    voice = plain.for_dates((away.first, away.last))
    if away.cover:
        told = voice.say("Reminders for you go to %(name)s on these days.", name=one_line(away.cover))
    else:
        told = voice.say("Nobody is named to stand in, so reminders go to the colleague who is next in line.")
    handed = None
    if away.cover and away.items > 0:
        handed = voice.say_count(
            "%(count)s open item is handed over on the first day.",
            "%(count)s open items are handed over on the first day.",
            count=away.items,
        )
    return compose(
        [line("✓ " + _away(voice, away.first, last=away.last)), line(told), line(handed)],
        [line(voice.say("If you are back earlier, the button below ends it; /away changes it."))],
    )


def cover_asked(plain: Voice, asked: CoverAsked) -> Text:
    voice = plain.for_dates((asked.first, asked.last))
    name = one_line(asked.name)
    if asked.first == asked.last:
        away = voice.say("%(name)s is away on %(day)s and has asked you to stand in.", name=name, day=asked.first)
    else:
        away = voice.say(
            "%(name)s is away from %(first)s to %(last)s and has asked you to stand in.",
            name=name,
            first=asked.first,
            last=asked.last,
        )
    return compose(
        [line("🤝 " + away)],
        [
            line(voice.say("Their reminders come to you on these days, in your own working hours.")),
            line(voice.say("If that does not suit you, please tell %(name)s or the trial office.", name=name)),
        ],
    )


def back_again(voice: Voice) -> Text:
    return compose(
        [
            line("✓ " + voice.say("Your absence has ended; reminders for you come here again.")),
            line(voice.say("/today shows what is open.")),
        ]
    )


def hours_question(voice: Voice, hours: HoursQuestion) -> Text:
    quiet = None
    if hours.quiet is not None:
        quiet = voice.say("Quiet from %(first)s to %(last)s", first=hours.quiet[0], last=hours.quiet[1])
    if hours.weekly:
        rhythm = voice.say("What is not urgent comes together in the Monday digest.")
    else:
        rhythm = voice.say("Each thing comes by itself, when it is due.")
    return compose(
        [
            line("🕗 " + voice.say("When may I write to you?")),
            line(voice.say("Your choice holds for working days; weekends and public holidays stay free.")),
        ],
        [
            line("• " + voice.say("Now from %(first)s to %(last)s", first=hours.first, last=hours.last), quiet),
            line("• " + rhythm),
        ],
    )


def language_question(voice: Voice) -> Text:
    return compose([line("🌐 " + voice.say("In which language shall I write?"))])


def gap(voice: Voice) -> Text:
    return compose(
        [
            line(voice.say("I could not be reached for a while.")),
            line(
                voice.say(
                    "If you pressed or wrote something that had no effect, please do it once more. Nothing else is needed."
                )
            ),
        ]
    )


def _away(voice: Voice, first: date, *, last: date) -> str:
    if first == last:
        return voice.say("You are away on %(day)s.", day=first)
    return voice.say("You are away from %(first)s to %(last)s, both days included.", first=first, last=last)
