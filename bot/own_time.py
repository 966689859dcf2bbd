"""A person's own time and language: away and back, hours, digest or each by itself. A few taps, all in one message."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Final, assert_never
from uuid import UUID

from bot import presses
from bot.layout import DAY, WEEK, Button, Rows, button, month_sheet, pairs
from bot.notes import put_bare, put_note
from bot.presses import OwnPress, Press
from bot.rights import owned_by, permits
from bot.turns import Reaction, Turn
from locales import languages
from office import away, hours
from office import people as membership
from office.away import LONGEST_AWAY, Stander
from office.named import NobodyThere, workplace_of
from records import people, studies, teams
from records.people import Speaker
from records.transaction import Tx
from scheduler.definitions import Definitions, zone_of
from trial.hours import FIRST_RING, LAST_RING
from trial.labels import labels
from trial.messages import (
    AwayCover,
    AwaySet,
    AwayUntil,
    BackAgain,
    ButtonKind,
    ButtonText,
    Help,
    HoursQuestion,
    LanguageQuestion,
    Message,
    Toast,
)
from trial.moments import Instant, local_day
from trial.problems import ProblemError

HOURS: Final = (
    (time(7, 0), time(15, 30)),
    (time(8, 0), time(16, 30)),
    (FIRST_RING, LAST_RING),
    (time(9, 0), time(17, 30)),
    (time(10, 0), time(19, 0)),
)
"""What is offered beside the hours that hold; others can be set by the trial office. Ours."""

STANDERS_MOST: Final = 8
"""Colleagues that are offered to stand in: more are no choice on a phone."""

FRIDAY: Final = 4


# --- commands ---------------------------------------------------------------------------------------------------------


def asks_away(turn: Turn, speaker: Speaker) -> None:
    """`/away`: until when, or what holds already."""
    person = speaker.person.id
    if _today(turn.tx, person, now=turn.now) is None:
        # The trial office has no site, and nobody there to stand in.
        study = membership.study_code_of(turn.tx, person)
        put_note(turn, person, Help(study=study, office=True, at_site=False))
        return
    put_note(turn, person, away.away_now(turn.tx, person, now=turn.now) or AwayUntil())


def asks_hours(turn: Turn, speaker: Speaker) -> None:
    """`/quiet`."""
    put_note(turn, speaker.person.id, hours.hours_question(turn.tx, speaker.person.id, now=turn.now))


def asks_language(turn: Turn, speaker: Speaker) -> None:
    """`/language`."""
    put_note(turn, speaker.person.id, LanguageQuestion())


# --- presses ----------------------------------------------------------------------------------------------------------


def pressed(turn: Turn, speaker: Speaker, message_id: int | None, meant: OwnPress) -> Reaction:
    """A press on one of these; what it leads to takes the message's place."""
    person = speaker.person
    owner = meant.person if isinstance(meant, presses.ImBack) else person.id
    if not permits(speaker.actor, meant, owned_by(owner, now=turn.now)):
        return Reaction(Toast.NOT_YOURS, person.language)
    if isinstance(meant, presses.SetLanguage):
        return _speak(turn, person.id, message_id, meant.language)
    try:
        said = _act(turn, person.id, meant)
    except NobodyThere:
        return Reaction(Toast.NOT_YOURS, person.language)
    except ProblemError:
        # An old button: the day has passed, the colleague is away now, too. Asked again, with what holds today.
        put_note(turn, person.id, _again(turn, person.id, meant), replaces=message_id)
        return Reaction(Toast.UNKNOWN, person.language)
    if said is None:
        put_bare(turn, person.id, message_id)
        return Reaction(Toast.CLOSED, person.language)
    put_note(turn, person.id, said, replaces=message_id, face=meant)
    recorded = isinstance(said, AwaySet | BackAgain) or isinstance(meant, presses.SetHours | presses.SetRhythm)
    return Reaction(Toast.RECORDED if recorded else Toast.NOTHING, person.language)


def _act(turn: Turn, me: UUID, meant: OwnPress) -> Message | None:
    tx, now, elapsed = turn.tx, turn.now, turn.elapsed
    match meant:
        case presses.AskAway() | presses.AwayMonth():
            return AwayUntil()
        case presses.AwayUntil(last):
            return away.cover_question(tx, me, last, now=now)
        case presses.AwayWith(last, cover):
            return away.set_away(tx, me, last, cover, by=me, now=now, elapsed=elapsed)
        case presses.AwayAlone(last):
            return away.set_away(tx, me, last, None, by=me, now=now, elapsed=elapsed)
        case presses.ImBack():
            return away.back(tx, me, by=me, now=now, elapsed=elapsed)
        case presses.SetHours(first, last):
            quiet = teams.times_of(tx, (me,))[me].quiet
            return hours.set_hours(tx, me, hours=(first, last), quiet=quiet, by=me, now=now, elapsed=elapsed)
        case presses.SetRhythm(weekly):
            return hours.set_digest_on(tx, me, 0 if weekly else None, by=me, now=now, elapsed=elapsed)
        case presses.SetLanguage():
            raise AssertionError("handled before")
    assert_never(meant)


def _again(turn: Turn, me: UUID, meant: OwnPress) -> Message:
    if isinstance(meant, presses.SetHours | presses.SetRhythm):
        return hours.hours_question(turn.tx, me, now=turn.now)
    return AwayUntil()


def _speak(turn: Turn, me: UUID, message_id: int | None, language: str) -> Reaction:
    """Another language, from the next message on; the question itself turns at once."""
    if language not in languages():
        return Reaction(Toast.UNKNOWN, language="en")
    membership.set_language(turn.tx, me, language=language, by=me, now=turn.now, elapsed=turn.elapsed)
    put_note(turn, me, LanguageQuestion(), replaces=message_id)
    return Reaction(Toast.RECORDED, language, menu=True)


def _today(tx: Tx, person_id: UUID, *, now: Instant) -> date | None:
    """The day at this person's site; None: they belong to none."""
    try:
        return local_day(now, zone_of(workplace_of(tx, person_id, now=now).zone))
    except NobodyThere:
        return None


# --- buttons ----------------------------------------------------------------------------------------------------------


def rows(tx: Tx, studies_known: Definitions, note: Message, reader: UUID, face: Press | None, *, now: Instant) -> Rows:
    """The buttons under one of these messages, for this reader now."""
    match note:
        case AwayUntil():
            today = _today(tx, reader, now=now)
            return () if today is None else _away_until(today, face)
        case AwayCover(last=last):
            try:
                standers = away.standers_in(tx, reader, first=note.first, last=last, now=now)
            except NobodyThere:
                return ()
            return _away_cover(last, standers)
        case AwaySet():
            return ((button(ButtonKind.BACK_AGAIN, presses.ImBack(reader)),),)
        case HoursQuestion():
            return _hours(note)
        case LanguageQuestion():
            approved = approved_for(tx, studies_known, reader, today=now.date())
            return tuple(
                (Button(ButtonText(ButtonKind.LANGUAGE, language=code), presses.SetLanguage(code)),)
                for code in languages()
                if code in approved
            )
        case _:
            return ()


def _away_until(today: date, face: Press | None) -> Rows:
    """Today, the ends of this week and the next, or another day; each is the last day away."""
    if isinstance(face, presses.AwayMonth):
        return month_sheet(
            face.first,
            fits=lambda day: today <= day <= today + LONGEST_AWAY,
            pick=presses.AwayUntil,
            turn=presses.AwayMonth,
            back=button(ButtonKind.BACK, presses.AskAway()),
        )
    friday = today + DAY * ((FRIDAY - today.weekday()) % WEEK)
    days = dict.fromkeys((today, friday, friday + timedelta(days=WEEK)))
    found = [button(ButtonKind.UNTIL_DAY, presses.AwayUntil(day), day=day) for day in days]
    return pairs([*found, button(ButtonKind.PICK, presses.AwayMonth(today.replace(day=1)))])


def _away_cover(last: date, standers: Sequence[Stander]) -> Rows:
    named = [
        Button(ButtonText(ButtonKind.NAME, words=labels(one.name)), presses.AwayWith(last, one.person_id))
        for one in standers[:STANDERS_MOST]
    ]
    rest = (
        button(ButtonKind.NOBODY, presses.AwayAlone(last)),
        button(ButtonKind.BACK, presses.AskAway()),
    )
    return (*pairs(named), rest)


def _hours(asked: HoursQuestion) -> Rows:
    """Other hours than those that hold, and the other rhythm."""
    found = [
        Button(ButtonText(ButtonKind.HOURS, words=labels(f"{first:%H:%M}–{last:%H:%M}")), presses.SetHours(first, last))
        for first, last in HOURS
        if (f"{first:%H:%M}", f"{last:%H:%M}") != (asked.first, asked.last)
    ]
    rhythm = ButtonKind.EACH_BY_ITSELF if asked.weekly else ButtonKind.WEEKLY
    return (*pairs(found), (button(rhythm, presses.SetRhythm(not asked.weekly)),))


def approved_for(tx: Tx, studies_known: Definitions, person_id: UUID, *, today: date) -> frozenset[str]:
    """The languages that some study of this person may send."""
    latest: Mapping[UUID, UUID] = {
        held.study_id: version.id
        for held in people.memberships_of(tx, person_id)
        if (version := studies.version_in_use(tx, held.study_id, today=today))
    }
    return frozenset(
        code for version_id in latest.values() for code in studies_known.of_version(tx, version_id).languages
    )
