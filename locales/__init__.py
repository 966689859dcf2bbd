"""The only code that turns a message into words, for chat, pages and mail.

`languages()` reads and checks every catalogue: call it at start.
"""

from locales.buttons import MonthSheet, button, month_sheet
from locales.catalogues import (
    BrokenCatalogue,
    LanguageInfo,
    NoApprovedLanguage,
    UnknownLanguage,
    catalogue_version,
    languages,
    speak_language,
)
from locales.commands import OF_A_PATIENT, OF_A_SITE, OF_WORK, OFFICE_COMMANDS, SITE_COMMANDS, command_words, offered
from locales.rendering import render
from locales.texts import Span, Text, strip_isolates
from locales.toasts import toast

__all__ = [
    "OFFICE_COMMANDS",
    "OF_A_PATIENT",
    "OF_A_SITE",
    "OF_WORK",
    "SITE_COMMANDS",
    "BrokenCatalogue",
    "LanguageInfo",
    "MonthSheet",
    "NoApprovedLanguage",
    "Span",
    "Text",
    "UnknownLanguage",
    "button",
    "catalogue_version",
    "command_words",
    "languages",
    "month_sheet",
    "offered",
    "render",
    "speak_language",
    "strip_isolates",
    "toast",
]
