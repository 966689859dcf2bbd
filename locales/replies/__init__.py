"""Plain replies: a text and the cards it answers become a typed reading, or one that says what is not known.

The words of a language live in `<language>.toml` beside this file; months, weekdays and number orders come from CLDR.
What a reading means is decided by `trial.replies.meaning.understand`. How to extend a language: docs/plain-replies.md.
"""

from datetime import date

from locales.replies.clauses import clauses
from locales.replies.days import Near
from locales.replies.lexicon import BrokenWords, lexicon, reply_languages
from locales.replies.names import habits
from locales.replies.scanning import scanner
from locales.replies.spelling import spelled
from trial.replies.context import ReplyContext
from trial.replies.said import Clause, Reading

LENGTH_MAX = 300
"""Characters of a reply, as the privacy guard lets pass: a longer one is not read."""

__all__ = ["LENGTH_MAX", "BrokenWords", "lexicon", "read_reply", "reply_languages"]


def read_reply(text: str, *, language: str, country: str | None, context: ReplyContext, today: date) -> Reading:
    """What a reply says. `country` (ISO 3166 alpha-2) and `today` are the site's.

    It is read in the writer's own language. Where that leaves words unknown, it is read in each other language, and counts
    there if every word of it is known: a reply may be in English at a Japanese site, but not in two languages at once.
    """
    # A character may stand for a whole phrase: its spelling is limited too.
    if len(text) > LENGTH_MAX or len(spelled(text)) > 2 * LENGTH_MAX:
        return Reading((Clause(unknown=True),))
    known = reply_languages()
    base = language.replace("_", "-").split("-", maxsplit=1)[0]
    readings: list[Reading] = []
    elsewhere = lexicon(base).without_false_friends(text) if base in known else text
    for one in sorted(known, key=lambda one: one != base):
        reading = _in_language(text if one == base else elsewhere, one, country=country, context=context, today=today)
        if reading.whole:
            return reading
        readings.append(reading)
    # A death is not overheard because it was told in another language.
    leaving = (reading for reading in readings if any(clause.leaving for clause in reading.clauses))
    # A name is heard in the writer's language only: a scanner is the CT in French, and a machine in English.
    own, *others = readings
    heard = (reading for reading in others if any(_says(clause) for clause in reading.clauses))
    return next(leaving, None) or (own if own.heard else next(heard, own))


def _says(clause: Clause) -> bool:
    return bool(clause.acts or clause.marks or clause.values or clause.help)


def _in_language(text: str, language: str, *, country: str | None, context: ReplyContext, today: date) -> Reading:
    words = lexicon(language)
    near = Near(today, habits(language, country))
    tokens = scanner(language, context, near).tokens(spelled(text, words.accents))
    return Reading(clauses(tokens, verb_last=words.verb_last))
