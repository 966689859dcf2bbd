"""What the trial office is told, and what comes of it: help, patients who leave, news of the day."""

from collections.abc import Iterator, Mapping
from itertools import chain

from locales.answers import HELP, LEAVING
from locales.cards import safety_line, title
from locales.digests import more_line
from locales.texts import Line, Strong, Text, compose, line, one_line
from locales.voices import Phrase, Voice, phrase
from trial.answers import LeavingKind
from trial.messages import (
    HelpClosed,
    HelpNeeded,
    ItemKind,
    LeavingConfirmed,
    LeavingTakenBack,
    LeavingToConfirm,
    OfficeItem,
    OfficeNews,
    PatientPaused,
)

ITEMS_LONGEST = 15
"""More are told as a number; they stand on the board."""

_WHERE_NOBODY_LOOKS = phrase("opening", "Please read on where nobody can look over your shoulder.")
_NEWS = phrase("opening", "What came up since the last news. Each of these is told only once.")
_HELP_WANTED = phrase("opening", "Its reminders wait until you have looked at it and closed it here.")
_HELP_GIVEN = phrase("opening", "The trial office has looked at it. Reminders for it go on as before.")
_CONFIRMED = phrase("opening", "What no longer applies has been closed. Nothing else has changed.")
_TAKEN_BACK = phrase("opening", "An earlier report has been taken back. Reminders go on where they stopped.")

_WHICH_DAY = phrase("question", "On which day?")

# Where these are said, an adverse event may stand behind it. A move or a lost contact is no medical news.
_MAY_BE_ILLNESS = frozenset(LeavingKind) - {LeavingKind.TRANSFERRED, LeavingKind.LOST}

ITEMS: Mapping[ItemKind, Phrase] = {
    ItemKind.HELP: phrase("item", "help asked for"),
    ItemKind.LEAVING: phrase("item", "no longer followed, to be confirmed"),
    ItemKind.NOBODY_REACHABLE: phrase("item", "nobody can be told"),
    ItemKind.BLOCKED: phrase("item", "messages no longer arrive: the chat is blocked"),
    ItemKind.INVITE_UNUSED: phrase("item", "invitation not used yet"),
    ItemKind.SITE_SILENT: phrase("item", "no answer from the site"),
    ItemKind.TICK_MISSING: phrase("item", "a run of Sitebell's schedule is missing"),
    ItemKind.OUTSIDE_WINDOW: phrase("item", "day outside the window"),
    ItemKind.CLAIM_UNSEEN: phrase("item", "uploaded as claimed, not seen in the archive"),
    ItemKind.NOTICE_UNKNOWN: phrase("item", "not known whether a message arrived"),
    ItemKind.OUTAGE: phrase("item", "Sitebell was not running; sending waits for your release"),
    ItemKind.LADDER_ENDED: phrase("item", "late, and everybody has been told"),
    ItemKind.CONTESTED: phrase("item", "the site says that an answer taken down here is not so"),
}


def office_news(plain: Voice, news: OfficeNews) -> Text:
    voice = plain.for_dates(item.day for item in news.items)
    shown = news.items[:ITEMS_LONGEST]
    hidden = news.more + len(news.items) - len(shown)
    return compose(
        [
            line(
                "🔔 " + voice.say("Trial office"),
                voice.say_count("%(count)s new item", "%(count)s new items", count=len(news.items) + news.more),
            ),
            line(voice.word(_NEWS)),
        ],
        chain(
            [line(Strong(voice.isolated(news.study)))],
            (_item(voice, item) for item in shown),
            [more_line(voice, hidden)],
        ),
    )


def help_needed(voice: Voice, needed: HelpNeeded) -> Text:
    return compose(
        [
            line("🆘 " + voice.say("Site %(site)s", site=needed.site_number), voice.say("1 item needs help")),
            line(voice.word(_HELP_WANTED)),
        ],
        [
            line(Strong(title(voice, needed.study, needed.code))),
            line(voice.label(needed.visit)),
            line(voice.isolated(one_line(needed.name)), voice.word(HELP[needed.help])),
        ],
    )


def help_closed(voice: Voice, closed: HelpClosed) -> Text:
    return compose(
        [
            line(
                "🔔 " + voice.say("Site %(site)s", site=closed.site_number),
                voice.say("You asked for help"),
                voice.say("1 item"),
            ),
            line(voice.word(_HELP_GIVEN)),
        ],
        [line(Strong(title(voice, closed.study, closed.code))), line(voice.label(closed.visit))],
    )


def patient_paused(voice: Voice, paused: PatientPaused) -> Text:
    return compose(
        [
            line("🔔 " + voice.say("Site %(site)s", site=paused.site_number), voice.say("1 item to confirm")),
            line(voice.word(_WHERE_NOBODY_LOOKS)),
        ],
        [
            line(Strong(title(voice, paused.study, paused.code))),
            line(
                voice.say(
                    "The site says that the patient is no longer followed: %(reason)s.",
                    reason=voice.word(LEAVING[paused.leaving]),
                )
            ),
            line(
                voice.say(
                    "All reminders for this patient are paused until reason and date are confirmed "
                    "by the investigator or by you."
                )
            ),
        ],
        [line(safety_line(voice))],
    )


def leaving_to_confirm(plain: Voice, leaving: LeavingToConfirm) -> Text:
    voice = plain.for_dates((leaving.told_on, *leaving.attempts))
    safety = leaving.confirming is None or leaving.confirming in _MAY_BE_ILLNESS
    return compose(
        [
            line("🔔 " + voice.say("Site %(site)s", site=leaving.site_number), voice.say("1 item to confirm")),
            line(voice.word(_WHERE_NOBODY_LOOKS)),
        ],
        [
            line(Strong(title(voice, leaving.study, leaving.code))),
            line(
                voice.say("Said: no longer followed (%(reason)s)", reason=voice.word(LEAVING[leaving.told])),
                voice.isolated(one_line(leaving.told_by)),
                voice.day(leaving.told_on),
            ),
            line(
                voice.say("To be recorded: %(reason)s", reason=voice.word(LEAVING[leaving.confirming]))
                if leaving.confirming is not None
                else None
            ),
            _attempts(voice, leaving),
            line(voice.say("Until this is confirmed, all reminders for this patient are paused.")),
        ],
        [line(_to_choose(voice, leaving))],
        [line(safety_line(voice))] if safety else (),
    )


def leaving_confirmed(voice: Voice, leaving: LeavingConfirmed) -> Text:
    return compose(
        [
            line("🔕 " + voice.say("Site %(site)s", site=leaving.site_number), voice.say("1 item confirmed")),
            line(voice.word(_CONFIRMED)),
        ],
        [
            line(Strong(title(voice, leaving.study, leaving.code))),
            line(
                voice.say("No longer followed: %(reason)s", reason=voice.word(LEAVING[leaving.leaving])),
                voice.day(leaving.day),
            ),
            line(voice.say("Confirmed by %(name)s", name=one_line(leaving.by))),
        ],
        [line(voice.say("If this is not right, the trial office can correct it; the record keeps both."))],
        [line(safety_line(voice))] if leaving.leaving in _MAY_BE_ILLNESS else (),
    )


def leaving_taken_back(voice: Voice, back: LeavingTakenBack) -> Text:
    return compose(
        [
            line("🔔 " + voice.say("Site %(site)s", site=back.site_number), voice.say("1 item corrected")),
            line(voice.word(_TAKEN_BACK)),
        ],
        [
            line(Strong(title(voice, back.study, back.code))),
            line(voice.say("The patient is still followed.")),
            line(voice.say("Taken back by %(name)s", name=one_line(back.by))),
        ],
    )


def _item(voice: Voice, item: OfficeItem) -> Line:
    return line(*_item_pieces(voice, item))


def _item_pieces(voice: Voice, item: OfficeItem) -> Iterator[str]:
    what = voice.word(ITEMS[item.what])
    where = [voice.say("Site %(site)s", site=item.site_number)] if item.site_number else []
    where += [voice.isolated(item.code)] if item.code else []
    where += [voice.label(item.visit)] if item.visit is not None else []
    first, *rest = [*where, what]
    yield "• " + first
    yield from rest
    if item.help is not None:
        yield voice.word(HELP[item.help])
    if item.name:
        yield voice.isolated(one_line(item.name))
    if item.day is not None:
        yield voice.day(item.day)
    if item.days is not None and item.days > 0:
        yield voice.say_count("for %(count)s day", "for %(count)s days", count=item.days)


def _attempts(voice: Voice, leaving: LeavingToConfirm) -> Line:
    if LeavingKind.LOST not in {leaving.told, leaving.confirming} and not leaving.attempts:
        return line()
    if not leaving.attempts:
        return line(voice.say("No attempt to reach the patient has been logged yet."))
    return line(
        voice.say("Attempts to reach the patient: %(days)s", days=voice.listed(map(voice.day, leaving.attempts)))
    )


def _to_choose(voice: Voice, leaving: LeavingToConfirm) -> str:
    match leaving.confirming:
        case None:
            return voice.say("Which of these should be recorded?")
        case LeavingKind.LOST if not leaving.attempts:
            return voice.say("This needs at least one logged attempt to reach the patient. On which day was it made?")
        case _:
            return voice.word(_WHICH_DAY)
