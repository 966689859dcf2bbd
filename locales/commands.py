"""The commands as Telegram's menu names them: which, and what each does."""

from collections.abc import Mapping
from types import MappingProxyType

from locales.voices import Phrase, phrase, voice_for

DESCRIPTION_LONGEST = 60
"""Characters; a phone cuts the menu off behind that."""

SITE_COMMANDS: Mapping[str, Phrase] = MappingProxyType(
    {
        "today": phrase("command", "What is open today"),
        "week": phrase("command", "What is open this week"),
        "patient": phrase("command", "Everything planned for one patient"),
        "away": phrase("command", "Say that you are away, and who stands in"),
        "quiet": phrase("command", "When messages may come"),
        "language": phrase("command", "Choose the language"),
        "why": phrase("command", "Why a reminder came"),
        "board": phrase("command", "Open the board in a browser"),
        "privacy": phrase("command", "What is kept of this chat"),
        "help": phrase("command", "How this works"),
    }
)
"""For everybody, in the order of the menu."""

OF_A_SITE = frozenset({"away", "why"})
"""Of these what means nothing to somebody who has no site: nobody stands in for the trial office, and no reminder comes."""

OF_WORK = frozenset({"today", "week", "patient", "quiet"})
"""Of these what means nothing to somebody who only looks: a monitor, an auditor, an administrator."""

OF_A_PATIENT = frozenset({"patient"})
"""Of these what a chat that names nothing cannot answer."""

OFFICE_COMMANDS: Mapping[str, Phrase] = MappingProxyType(
    {
        "overdue": phrase("command", "Sites with something late, most urgent first"),
        "site": phrase("command", "One site in a screen"),
        "brief": phrase("command", "The whole study in a screen"),
    }
)
"""For trial managers, beside those for everybody."""


def offered(*, office: bool, at_site: bool, discreet: bool) -> frozenset[str]:
    """What somebody is told of: by whether they are of the trial office, work at a site, and are written to without a name."""
    hidden = (frozenset() if at_site else OF_A_SITE) | (OF_A_PATIENT if discreet else frozenset())
    hidden |= frozenset() if at_site or office else OF_WORK
    return frozenset(SITE_COMMANDS.keys() - hidden) | frozenset(OFFICE_COMMANDS if office else ())


def command_words(language: str) -> Mapping[str, str]:
    """Command without its slash -> what it does, at most 60 characters; all that there are, in the order of the menu.

    Raises:
        UnknownLanguage: no catalogue speaks it.
    """
    voice = voice_for(language)
    return {name: voice.word(words) for name, words in (*SITE_COMMANDS.items(), *OFFICE_COMMANDS.items())}
