"""What speaks against the release of a protocol's version, as the board says it."""

from collections.abc import Mapping

from locales.voices import Phrase, Voice, phrase
from trial.problems import Wrong

_PLAIN: Mapping[Wrong, Phrase] = {
    Wrong.NO_PREPARER: phrase("wrong", "Please say who stands for the study file: somebody else than who releases it."),
    Wrong.SAME_PERSON: phrase("wrong", "You stand for this file yourself: a second person has to release it."),
    Wrong.RELEASED: phrase("wrong", "This version was released for this site already."),
    Wrong.PAST: phrase("wrong", "An amendment cannot begin in the past. Please give today or a later day."),
    Wrong.CONSENTED: phrase("wrong", "The consent to this version is on record already; it is not overwritten."),
    Wrong.OLDER_VERSION: phrase("wrong", "It was added before the version that is used there, and cannot follow it."),
    Wrong.NOT_APPROVED: phrase("wrong", "It has to be approved before it is used. Please check both days."),
}


def release_words(voice: Voice, wrong: Wrong, *, about: str) -> str | None:
    """The sentence, or None where this is about something else."""
    if wrong in _PLAIN:
        return voice.word(_PLAIN[wrong])
    return _about_the_file(voice, wrong, about) or _about_a_name(voice, wrong, about)


def _about_the_file(voice: Voice, wrong: Wrong, about: str) -> str | None:
    match wrong:
        case Wrong.UNSOURCED:
            return voice.say(
                "%(count)s of its numbers have no source; such a version is released in a demo only.", count=about
            )
        case Wrong.UNANSWERED:
            return voice.say(
                "The question “%(question)s” has no answer; it is answered in the study file.", question=about
            )
        case Wrong.LATER_VERSION:
            return voice.say("Another version is used there from %(day)s on. Please give a later day.", day=about)
        case Wrong.OTHER_STUDY:
            return voice.say(
                "This is a file of the study “%(study)s”. Please take it in where that study is chosen.", study=about
            )
        case Wrong.VERSION_TAKEN:
            return voice.say(
                "Version %(version)s is in the records with another content. Please give the changed file a version of its own.",
                version=about,
            )
        case Wrong.TOO_LARGE:
            return voice.say("The file is larger than %(size)s MB.", size=about)
        case _:
            return None


def _about_a_name(voice: Voice, wrong: Wrong, about: str) -> str | None:
    match wrong:
        case Wrong.NAMELESS:
            return voice.say("The table of renames says “%(name)s”, which stands for no visit.", name=about)
        case Wrong.GONE:
            return voice.say(
                "“%(name)s” is not there any more: the study file has to say what became of it.", name=about
            )
        case Wrong.STILL_THERE:
            return voice.say(
                "“%(name)s” stands in the table of renames, and this version has a visit of that name.", name=about
            )
        case Wrong.TWO_IN_ONE:
            return voice.say("By the table of renames two visits would be called “%(name)s”.", name=about)
        case Wrong.NEEDED:
            return voice.say("“%(name)s” has to stay in the study file: patients may have it.", name=about)
        case _:
            return None
