"""Plain replies: a text and the cards it answers become a typed reading, or one that says what is not known.

The words of a language live in `<language>.toml` beside this file; months, weekdays and number orders come from CLDR.
What a reading means is decided by `trial.replies.understand`. How to extend a language: docs/plain-replies.md.
"""

from datetime import date

from locales.replies.clauses import clauses
from locales.replies.days import Near
from locales.replies.lexicon import BrokenWords, lexicon, reply_languages
from locales.replies.names import habits
from locales.replies.scanning import scanner
from locales.replies.spelling import spelled
from trial.replies_context import ReplyContext
from trial.replies_said import Clause, Reading

LENGTH_MAX = 300
"""Characters of a reply, as the privacy guard lets pass: a longer one is not read."""

__all__ = ["LENGTH_MAX", "BrokenWords", "lexicon", "read_reply", "reply_languages"]


def read_reply(text: str, *, language: str, country: str | None, context: ReplyContext, today: date) -> Reading:
    """What a reply says. `country` (ISO 3166 alpha-2) and `today` are the site's.

    It is read in the writer's own language. Where that leaves words unknown, it is read in each other language, and counts
    there if every word of it is known: a reply may be in English at a Japanese site, but not in two languages at once.
    """
    plain = spelled(text) if len(text) <= LENGTH_MAX else ""
    # A character may stand for a whole phrase: its spelling is limited too.
    if len(text) > LENGTH_MAX or len(plain) > 2 * LENGTH_MAX:
        return Reading((Clause(unknown=True),))
    known = reply_languages()
    base = language.replace("_", "-").split("-", maxsplit=1)[0]
    readings: list[Reading] = []
    for one in sorted(known, key=lambda one: one != base):
        reading = _in_language(plain, one, country=country, context=context, today=today)
        if reading.whole:
            return reading
        readings.append(reading)
    # A death is not overheard because it was told in another language.
    leaving = (reading for reading in readings if any(clause.leaving for clause in reading.clauses))
    heard = (reading for reading in readings if reading.heard)
    return next(leaving, None) or next(heard, readings[0])


def _in_language(plain: str, language: str, *, country: str | None, context: ReplyContext, today: date) -> Reading:
    near = Near(today, habits(language, country))
    tokens = scanner(language, context, near).tokens(plain)
    return Reading(clauses(tokens, verb_last=lexicon(language).verb_last))
