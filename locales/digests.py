"""The digest: one line of counts, then the worst items; all of them are gone through in the same message."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import assert_never

from locales.answers import SIGNS, standing_by, standing_word
from locales.cards import covering_line
from locales.texts import Line, Strong, Text, compose, line, one_line
from locales.voices import Phrase, Voice, phrase
from locales.windows import still_left
from trial.messages import Digest, DigestKind, DigestLine, Standing, TaskOnlyDigest

LINES_LONGEST = 8
"""What a phone shows without scrolling; the rest is gone through."""

_OPENINGS: Mapping[DigestKind, Phrase] = {
    DigestKind.WEEKLY: phrase("opening", "Worst first. The button below goes through them one at a time."),
    DigestKind.HAND_OVER: phrase("opening", "These come to you while your colleague is away. Worst first."),
    DigestKind.OVERFLOW: phrase("opening", "These would have been too many for one day, so they waited. Worst first."),
    DigestKind.ASKED: phrase("opening", "What is open now, worst first. The button below goes through it."),
    DigestKind.RELEASE: phrase("opening", "Sending was held for a while; this is what waited, in one message."),
}

_TASK_ONLY = phrase("opening", "Worst first. The button below goes through them; the details stay out of this chat.")

# A line whose task is in one of these needs no other word than how many days are left.
_ONLY_LEFT = frozenset({Standing.DUE, Standing.LATE})


def task_only_digest(voice: Voice, digest: TaskOnlyDigest) -> Text:
    """The overview without anything that tells what it is about."""
    return compose(
        [
            line("🔔 " + voice.say("Site %(site)s", site=digest.site_number), _how_many(voice, digest)),
            line(*_counts(voice, digest)),
            covering_line(voice, digest.of),
            line(voice.word(_TASK_ONLY)),
        ],
    )


def digest_text(plain: Voice, digest: Digest) -> Text:
    """The overview: neutral lines and counts, then the worst of the items."""
    voice = plain.for_dates([digest.until, *(item.due for item in digest.lines)])
    shown = digest.lines[:LINES_LONGEST]
    return compose(
        [
            line("🔔 " + voice.say("Site %(site)s", site=digest.site_number), _how_many(voice, digest)),
            line(*_counts(voice, digest)),
            _whose(voice, digest),
            line(voice.word(_OPENINGS[digest.why])),
        ],
        chain(
            [line(Strong(voice.isolated(digest.study)))],
            (_item(voice, item) for item in shown),
            [more_line(voice, digest.items - len(shown))],
        ),
    )


def more_line(voice: Voice, count: int) -> Line:
    """How many were left out; empty for none."""
    return line(voice.say_count("and %(count)s more", "and %(count)s more", count=count) if count > 0 else None)


def _how_many(voice: Voice, digest: Digest | TaskOnlyDigest) -> str:
    match digest.why:
        case DigestKind.WEEKLY:
            return voice.say_count("%(count)s item this week", "%(count)s items this week", count=digest.items)
        case DigestKind.HAND_OVER:
            return voice.say_count("%(count)s item to cover", "%(count)s items to cover", count=digest.items)
        case DigestKind.OVERFLOW:
            return voice.say_count("%(count)s item from before", "%(count)s items from before", count=digest.items)
        case DigestKind.ASKED:
            return voice.say_count("%(count)s item open", "%(count)s items open", count=digest.items)
        case DigestKind.RELEASE:
            return voice.say_count("%(count)s item that waited", "%(count)s items that waited", count=digest.items)
        case _:
            assert_never(digest.why)


def _counts(voice: Voice, digest: Digest | TaskOnlyDigest) -> Iterator[str]:
    if digest.late > 0:
        yield voice.say_count("%(count)s late", "%(count)s late", count=digest.late)
    if digest.closing > 0:
        yield voice.say_count("%(count)s closing", "%(count)s closing", count=digest.closing)
    if digest.opening > 0:
        yield voice.say_count("%(count)s opening", "%(count)s opening", count=digest.opening)
    if digest.to_upload > 0:
        yield voice.say_count("%(count)s to upload", "%(count)s to upload", count=digest.to_upload)


def _whose(voice: Voice, digest: Digest) -> Line:
    if not digest.of:
        return line()
    name = one_line(digest.of)
    if digest.until is None:
        return line(voice.say("You stand in for %(name)s.", name=name))
    return line(voice.say("You stand in for %(name)s until %(day)s.", name=name, day=digest.until))


def _item(voice: Voice, item: DigestLine) -> Line:
    return line(
        f"{SIGNS[item.standing]} {voice.isolated(item.code)}",
        voice.label(item.visit),
        *_state(voice, item),
    )


def _state(voice: Voice, item: DigestLine) -> Iterator[Strong | str]:
    if item.late is not None:
        if item.standing is not Standing.LATE:
            yield standing_word(voice, item.standing)
        yield Strong(voice.say_count("%(count)s day past", "%(count)s days past", count=item.late))
        return
    if item.left is None:
        yield standing_by(voice, item.standing, opens=None, last=item.due)
        return
    if item.standing not in _ONLY_LEFT:
        yield standing_word(voice, item.standing)
    if item.left == 0:
        yield Strong(voice.say("last day today"))
    else:
        yield still_left(voice, item.left, working_days_left=item.working_days_left, days_off=item.days_off)
