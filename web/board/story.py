"""A patient's communication log as lines of a page, and as rows of a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from locales.board import BoardWords, board_words
from locales.board_story import (
    attempt_words,
    change_words,
    delivery_sign,
    delivery_words,
    how_words,
    said_words,
    sent_words,
    taken_back_words,
    who_changed,
)
from locales.catalogues import language_name
from office.board.story import Answered, Attempt, Changed, StoryDay, StoryEntry, Told
from records.outbox import NoticeState, Outcome
from trial.moments import Instant
from web.board.tables import Columns

_LOOK: Final = {
    NoticeState.SENT: "received",
    NoticeState.UNKNOWN: "late",
    NoticeState.FAILED: "overdue",
}


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it was sent, in the language that it was sent in."""

    language: str
    language_name: str
    lines: str = field(repr=False)
    buttons: tuple[tuple[str, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Version:
    """One attempt, or a later version of a message: when, what came of it, and its text where it is another one."""

    time: str
    at: str
    words: str
    text: Text | None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `kind`: `told`, `said` or `changed`; `state`, `sign`, `look`: what came of what was sent."""

    kind: str
    time: str
    at: str
    what: str
    about: str
    who: str
    state: str = ""
    sign: str = ""
    look: str = ""
    text: Text | None = None
    withheld: bool = False
    attempts: tuple[Version, ...] = ()
    versions: tuple[Version, ...] = ()
    struck: str = ""  # when it was taken back
    reason: str = field(default="", repr=False)
    quote: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    lines: tuple[Line, ...]


def days_in_words(days: Sequence[StoryDay], words: BoardWords, zone: ZoneInfo) -> tuple[Day, ...]:
    """The log, told in the reader's language by the clock on the site's wall."""
    return tuple(Day(one.day, tuple(_line(entry, words, zone) for entry in one.entries)) for one in days)


def _line(entry: StoryEntry, words: BoardWords, zone: ZoneInfo) -> Line:
    match entry:
        case Told():
            return _told(entry, words, zone)
        case Answered():
            return _answered(entry, words, zone)
        case Changed():
            return Line(
                kind="changed",
                time=words.time(entry.at, zone),
                at=entry.at.isoformat(),
                what=change_words(words.voice, entry.change),
                about="",
                who=who_changed(words.voice, entry.change, by=entry.by),
                reason=entry.reason or "",
                quote=entry.change.words,
            )
        case _:
            assert_never(entry)


def _told(entry: Told, words: BoardWords, zone: ZoneInfo) -> Line:
    voice, shown = words.voice, entry.shown
    # One attempt that arrived needs no list: its outcome stands beside the heading.
    tried = [one for one in entry.attempts if one is not shown or one.outcome is not Outcome.ACCEPTED]
    return Line(
        kind="told",
        time=words.time(entry.at, zone),
        at=entry.at.isoformat(),
        what=sent_words(voice, entry.kind.value, to=entry.to, message=entry.message, steps=entry.steps),
        about="; ".join(words.label(visit) for visit in entry.visits),
        who="",
        state=delivery_words(voice, entry.state.value, because=entry.void_because),
        sign=delivery_sign(entry.state.value),
        look=_LOOK.get(entry.state, ""),
        text=None if shown is None or entry.withheld else _text(shown),
        withheld=entry.withheld and shown is not None,
        attempts=tuple(_attempt(one, shown, words, zone) for one in tried),
        versions=tuple(_version(one, words, zone) for one in entry.edits),
    )


def _attempt(one: Attempt, shown: Attempt | None, words: BoardWords, zone: ZoneInfo) -> Version:
    other = shown is not None and one.text != shown.text
    return Version(
        time=words.moment(one.at, zone),
        at=one.at.isoformat(),
        words=attempt_words(words.voice, one.outcome.value),
        text=_text(one) if other else None,
    )


def _version(edit: Told, words: BoardWords, zone: ZoneInfo) -> Version:
    shown = edit.shown
    return Version(
        time=words.moment(edit.at, zone),
        at=edit.at.isoformat(),
        words=delivery_words(words.voice, edit.state.value, because=edit.void_because),
        text=None if shown is None or edit.withheld else _text(shown),
    )


def _text(attempt: Attempt) -> Text | None:
    if not attempt.text:
        return None
    return Text(attempt.language, language_name(attempt.language), attempt.text, attempt.buttons)


def _answered(entry: Answered, words: BoardWords, zone: ZoneInfo) -> Line:
    voice = words.voice
    what = said_words(voice, entry.word) if entry.takes_back is None else taken_back_words(voice, entry.takes_back)
    about = [words.label(entry.visit), *([] if entry.task is None else [words.label(entry.task)])]
    return Line(
        kind="said",
        time=words.time(entry.at, zone),
        at=entry.at.isoformat(),
        what=what,
        about=" · ".join(about),
        who=how_words(voice, entry.via, entry.told, by=entry.by),
        struck="" if entry.taken_back_at is None else words.moment(entry.taken_back_at, zone),
        reason=entry.reason or "",
    )


# --- the file ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One entry, or one attempt or version of it, for a file in English."""

    at: Instant
    local: str
    kind: str
    who: str
    what: str
    about: str
    outcome: str
    language: str
    text: str = field(repr=False)
    reason: str = field(repr=False)


COLUMNS: Final[Columns[Row]] = {
    "at": lambda row: row.at,
    "site_local_time": lambda row: row.local,
    "kind": lambda row: row.kind,
    "who": lambda row: row.who,
    "what": lambda row: row.what,
    "about": lambda row: row.about,
    "outcome": lambda row: row.outcome,
    "language": lambda row: row.language,
    "text": lambda row: row.text,
    "reason": lambda row: row.reason,
}


def rows_of(entries: Sequence[StoryEntry], zone: ZoneInfo) -> Iterator[Row]:
    """The log for a file: every attempt and every later version has a row of its own."""
    words = board_words("en")
    for entry in entries:
        line = _line(entry, words, zone)
        match entry:
            case Told():
                yield from _rows_of_told(entry, line, zone)
                for edit in entry.edits:
                    yield from _rows_of_told(edit, _line(edit, words, zone), zone)
            case _:
                yield Row(
                    at=entry.at,
                    local=_local(entry.at, zone),
                    kind=line.kind,
                    who=line.who,
                    what=line.what,
                    about=line.about,
                    outcome=f"taken back {line.struck}" if line.struck else "",
                    language="",
                    text=line.quote,
                    reason=line.reason,
                )


def _rows_of_told(entry: Told, line: Line, zone: ZoneInfo) -> Iterator[Row]:
    for one in entry.attempts:
        yield Row(
            at=one.at,
            local=_local(one.at, zone),
            kind="told",
            who=entry.to,
            what=line.what,
            about=line.about,
            outcome=one.outcome.value,
            language=one.language,
            text=one.text,
            reason="",
        )
    if not entry.attempts:
        yield Row(
            at=entry.at,
            local=_local(entry.at, zone),
            kind="told",
            who=entry.to,
            what=line.what,
            about=line.about,
            outcome=line.state,
            language="",
            text="",
            reason="",
        )


def _local(at: Instant, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds")
