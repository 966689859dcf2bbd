"""What somebody asked for: the lists of a site, and the trial office's view of sites and of the study."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain

from babel.numbers import format_percent

from locales.answers import SIGNS, standing_by
from locales.cards import title
from locales.digests import more_line
from locales.texts import Line, Strong, Text, compose, line, one_line
from locales.voices import Phrase, Voice, phrase
from trial.messages import ListKind, ListLine, NoSuchSite, OverdueList, SiteBrief, SiteStanding, StudyBrief, TaskList
from trial.returns import RETURN_LINE

LINES_LONGEST = 15
"""More than two screens of a phone are not read; with a study's longest labels they still fit one message."""

_OPENINGS: Mapping[ListKind, Phrase] = {
    ListKind.TODAY: phrase("opening", "What is open today and who is responsible; anybody here may answer."),
    ListKind.WEEK: phrase("opening", "What is open this week and who is responsible; anybody here may answer."),
    ListKind.PATIENT: phrase("opening", "Everything that is planned, with its dates and who is responsible."),
}
_OVERDUE = phrase("opening", "Most urgent first: how much is late, for how long, and last heard when.")
_SITE = phrase("opening", "How the site stands today, who can be told there, and what is open.")
_STUDY = phrase("opening", "How everything stands today, in one screen. /overdue tells which sites.")

_NAMES: Mapping[ListKind, Phrase] = {
    ListKind.TODAY: phrase("list", "Today"),
    ListKind.WEEK: phrase("list", "This week"),
    ListKind.PATIENT: phrase("list", "One patient"),
}
_EMPTY: Mapping[ListKind, Phrase] = {
    ListKind.TODAY: phrase("list", "Nothing is open today."),
    ListKind.WEEK: phrase("list", "Nothing is open this week."),
    ListKind.PATIENT: phrase("list", "Nothing is planned."),
}


def task_list(plain: Voice, asked: TaskList) -> Text:
    """`/today`, `/week`, `/patient`."""
    voice = plain.for_dates([asked.today, *_days(asked.lines)])
    site = voice.say("Site %(site)s", site=asked.site_number) if asked.site_number else None
    code = asked.code if asked.which is ListKind.PATIENT else None
    return compose(
        [
            line("📋 " + voice.word(_NAMES[asked.which]), site, voice.day(asked.today)),
            line(voice.word(_OPENINGS[asked.which])),
        ],
        chain(
            [line(Strong(title(voice, asked.study, code) if code else voice.isolated(asked.study)))],
            _task_lines(voice, asked.lines, asked.more, with_code=code is None),
            () if asked.lines or asked.more else [line(voice.word(_EMPTY[asked.which]))],
        ),
    )


def which_patient(voice: Voice, study: str) -> Text:
    return compose(
        [
            line(voice.say("Which patient? Please write /patient and, after it, the patient's code.")),
            line(voice.say("Please never write a name, a birth date or a hospital number.")),
        ],
        [line(voice.say("Study: %(study)s", study=study))],
    )


def overdue_list(plain: Voice, asked: OverdueList) -> Text:
    """`/overdue`: sites by urgency."""
    voice = plain.for_dates([asked.today, *(site.last_heard for site in asked.sites)])
    shown = asked.sites[:LINES_LONGEST]
    return compose(
        [line("📋 " + voice.say("Late, by site"), voice.day(asked.today)), line(voice.word(_OVERDUE))],
        chain(
            [line(Strong(voice.isolated(asked.study)))],
            (line("• " + _site_name(voice, site), *_site_state(voice, site)) for site in shown),
            [more_line(voice, asked.more + len(asked.sites) - len(shown))],
            () if asked.sites or asked.more else [line(voice.say("Nothing is late."))],
        ),
    )


def site_brief(plain: Voice, asked: SiteBrief) -> Text:
    """`/site`: one site in a screen."""
    voice = plain.for_dates([asked.today, asked.site.last_heard, *_days(asked.lines)])
    people = [one_line(name) for name in asked.people]
    return compose(
        [line("📋 " + voice.say("One site"), voice.day(asked.today)), line(voice.word(_SITE))],
        [
            line(Strong(voice.isolated(asked.study)), Strong(_site_name(voice, asked.site))),
            line(
                voice.say_count("%(count)s patient", "%(count)s patients", count=asked.patients),
                voice.say_count("%(count)s open item", "%(count)s open items", count=asked.open_tasks),
            ),
            line(*_site_state(voice, asked.site)),
            line(
                voice.say("People: %(names)s", names=voice.listed(people))
                if people
                else voice.say("Nobody is enrolled there yet.")
            ),
        ],
        _task_lines(voice, asked.lines, asked.more, with_code=True),
    )


def no_such_site(voice: Voice, asked: NoSuchSite) -> Text:
    """`/site` with a number that there is not: what would be right."""
    said = voice.say(
        "There is no site with this number: please write /site and the number of a site of the study, or /site alone "
        "for the most urgent one."
    )
    return compose([line(said)], [line(voice.say("Study: %(study)s", study=asked.study))])


def study_brief(voice: Voice, asked: StudyBrief) -> Text:
    """`/brief`: the whole study in a screen."""
    silent = [one_line(number) for number in asked.silent_sites]
    return compose(
        [line("📋 " + voice.say("The whole study"), voice.day(asked.today)), line(voice.word(_STUDY))],
        [
            line(
                Strong(voice.isolated(asked.study)),
                voice.say_count("%(count)s patient", "%(count)s patients", count=asked.patients),
            ),
            line(
                "○ " + voice.say_count("%(count)s due this week", "%(count)s due this week", count=asked.due_this_week)
            ),
            line("◐ " + _late(voice, asked.late) if asked.late > 0 else "✓ " + voice.say("nothing late")),
            line("· " + _earlier(voice, asked.earlier) if asked.earlier > 0 else None),
            line(
                "• "
                + (
                    voice.say_count(
                        "%(count)s item for the trial office", "%(count)s items for the trial office", count=asked.items
                    )
                    if asked.items > 0
                    else voice.say("nothing for the trial office")
                )
            ),
            line(
                "• "
                + (
                    voice.say("Sites that have not answered for a while: %(sites)s", sites=voice.listed(silent))
                    if silent
                    else voice.say("No site has been silent for long.")
                )
            ),
        ],
        [line(_picture(voice) if asked.pictured else None)],
    )


def _picture(voice: Voice) -> str:
    return voice.say(
        "In the picture: what is late, by days; below, what each site has returned, and the line at %(line)s.",
        line=format_percent(float(RETURN_LINE), locale=voice.locale),
    )


def _task_lines(voice: Voice, lines: Sequence[ListLine], more: int, *, with_code: bool) -> Iterator[Line]:
    shown = lines[:LINES_LONGEST]
    for item in shown:
        visit = voice.label(item.visit)
        first = f"{voice.isolated(item.code)} · {visit}" if with_code else visit
        yield line(
            f"{SIGNS[item.standing]} {first}",
            voice.label(item.task) if item.task is not None else None,
            standing_by(voice, item.standing, opens=item.opens, last=item.closes or item.due),
            voice.say("on hold until %(day)s", day=item.on_hold) if item.on_hold is not None else None,
            voice.isolated(one_line(item.responsible)) if item.responsible else None,
        )
    yield more_line(voice, more + len(lines) - len(shown))


def _late(voice: Voice, count: int) -> str:
    return voice.say_count("%(count)s late", "%(count)s late", count=count)


def _earlier(voice: Voice, count: int) -> str:
    return voice.say_count("%(count)s from before Sitebell", "%(count)s from before Sitebell", count=count)


def _site_name(voice: Voice, site: SiteStanding) -> str:
    return voice.isolated(" ".join(filter(None, (site.number, one_line(site.name)))))


def _site_state(voice: Voice, site: SiteStanding) -> Iterator[Strong | str]:
    if site.late > 0:
        yield Strong(_late(voice, site.late))
        if site.oldest_days is not None:
            yield voice.say_count("oldest %(count)s day past", "oldest %(count)s days past", count=site.oldest_days)
    else:
        yield voice.say("nothing late")
    if site.earlier > 0:
        yield _earlier(voice, site.earlier)
    if site.last_heard is not None:
        yield voice.say("last answer %(day)s", day=site.last_heard)
    else:
        yield voice.say("no answer yet")
    if site.reachable == 0:
        yield voice.say("nobody can be told")


def _days(lines: Iterable[ListLine]) -> Iterator[date | None]:
    for item in lines:
        yield from (item.opens, item.due, item.closes, item.on_hold)
