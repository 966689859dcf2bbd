"""The rules in their order: what is ours, what is near, and what then still looks like a person's detail."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from trial.guard.contacts import has_address, is_phone_number
from trial.guard.dates import read_dates
from trial.guard.findings import Finding
from trial.guard.folding import Span, blank, fold
from trial.guard.national import is_national_number, with_letters

LENGTH_MAX = 300
"""Characters that a reason may have. Longer text is stopped unread, which also bounds the guard's own time."""
FOLDED_LENGTH_MAX = 4 * LENGTH_MAX  # some characters unfold into many
SECONDS_MAX = 0.050
LONG_NUMBER_DIGITS = 6

# Not a piece of something longer: neither joined to digits, nor the start of a phone number in groups (070-123 45 67).
_BEFORE_OURS = r"(?<![0-9a-z])(?<![0-9][./-])(?<![0-9]\) )"
_AFTER_OURS = (
    r"(?![0-9a-z])(?![./-][0-9])"
    r"(?! [0-9]{2,4} [0-9]{2,4}(?![0-9]|[./:-][0-9]))(?! (?!20[0-9]{2})[0-9]{4}(?![0-9]|[./:-][0-9]))"
)

_HOUR_MINUTE = r"(?:[01]?[0-9]|2[0-4])[.:][0-5][0-9]"
_TIMES = re.compile(
    r"(?<![0-9])(?<![0-9][./-])(?:"
    r"(?:[01]?[0-9]|2[0-4])[:h][0-5][0-9](?::[0-5][0-9])?(?![0-9:])"
    rf"|{_HOUR_MINUTE} ?[-~] ?{_HOUR_MINUTE}(?![0-9])(?![./-][0-9])"
    rf"|(?:{_HOUR_MINUTE}|[0-9]{{1,2}}) ?(?:uhr|h|am|pm|a\.m|p\.m|o'clock|klo|時|点|시)(?![a-z0-9])"
    r")|(?<=kl )[0-9]{1,2}[.:][0-9]{2}(?![0-9])|(?<=kl\. )[0-9]{1,2}[.:][0-9]{2}(?![0-9])"
)
_DAY, _MONTH = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:0?[1-9]|1[0-2])"
_NOT_JOINED_AFTER = r"(?![0-9])(?![./-][0-9])(?! [0-9](?:[ ./-]?[0-9]){3})"
_DAY_AND_MONTH = rf"(?:{_DAY}[./]{_MONTH}|{_MONTH}[./]{_DAY})(?![0-9])\.?"
_SHORT_DATES = re.compile(
    r"(?<![0-9])(?<![0-9][./-])(?:"
    rf"(?:{_DAY}\.? ?[-~&+] ?)?{_DAY_AND_MONTH}(?:(?: ?[-~&+,] ?| ){_DAY_AND_MONTH})*{_NOT_JOINED_AFTER}"
    rf"|(?:{_DAY}-{_MONTH}|{_MONTH}-{_DAY})(?![0-9])(?![./-][0-9])(?! [0-9])"
    rf"|(?:{_MONTH}[./-](?:19|20)[0-9]{{2}}|(?:19|20)[0-9]{{2}}[./-]{_MONTH}){_NOT_JOINED_AFTER}"
    rf"|20[0-4][0-9][/-](?:20)?[0-4][0-9]{_NOT_JOINED_AFTER}"  # 2025/26
    r")"
)

_NUMBER = re.compile(r"[0-9](?:(?:(?: ?[-/_()]){1,3} ?| \. |\.|,(?=[0-9]{3}(?![0-9]))| )?[0-9])*")
_GROUPS = re.compile(r"[0-9]+")
_RECORD_NUMBER = re.compile(
    fold(
        r"(?:\b(?:mrn|pid|kis|patient id|patient no|hospital no|hospital number|accession|acc\.? no|case no|fallnummer|"
        r"fall-nr|patientennummer|pat-id|numero de dossier|ipp|nip|nhc|cartella|patientnummer)\b"
        r"|номер карты|病历号|カルテ番号|カルテno|診察券番号|患者番号|患者id|등록번호)"
    )
    + r"[^0-9a-z]{0,4}(?:nr|no|number|is|は)?[^0-9a-z]{0,4}((?:[a-z]{0,6}[-/ ]?[0-9]){4})"
)


@dataclass(frozen=True, slots=True)
class GuardContext:
    """What is ours to write in this conversation.

    `countries` are ISO 3166 codes, the site's own first; `subject_id` is the study file's pattern; `allowed` are
    words that may look like numbers (site numbers, visit codes); `today` is the local date at the site.
    """

    countries: tuple[str, ...]
    subject_id: str
    allowed: frozenset[str]
    today: date


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the guard found; empty findings mean that the text may be stored.

    `failure` is the class name of what broke inside the guard, for the caller to log: never the text of an exception.
    """

    findings: tuple[Finding, ...]
    failure: str | None = None


def judge(text: str, context: GuardContext) -> tuple[Finding, ...]:
    """Classes of personal detail that the text seems to hold, in the order of `Finding`; empty: it may be stored.

    Time is linear in the length of the text, which is bounded.

    Raises:
        re.error: the study's subject pattern is no pattern.
    """
    if len(text) > LENGTH_MAX:
        return (Finding.TOO_LONG,)
    folded = fold(text)
    if len(folded) > FOLDED_LENGTH_MAX:
        return (Finding.TOO_LONG,)
    found = set(_findings(folded, context))
    return tuple(finding for finding in Finding if finding in found)


def judge_or_block(text: object, context: GuardContext, *, stopwatch: Callable[[], float] | None = None) -> Judgement:
    """Like `judge`, but a guard that breaks or is slow blocks: `Finding.GUARD_FAILED`.

    `stopwatch` counts seconds from anywhere (processor time of the thread is fairest); without it, time is not limited.
    """
    started = stopwatch() if stopwatch else 0.0
    try:
        if not isinstance(text, str):
            return Judgement((Finding.GUARD_FAILED,), "NotText")
        findings = judge(text, context)
    except Exception as problem:  # noqa: BLE001  # whatever broke, the text was not judged: it is blocked, and the caller is told
        return Judgement((Finding.GUARD_FAILED,), type(problem).__name__)
    if stopwatch and stopwatch() - started > SECONDS_MAX:
        return Judgement((*findings, Finding.GUARD_FAILED), "TooSlow")
    return Judgement(findings)


def _findings(text: str, context: GuardContext) -> Iterator[Finding]:
    if has_address(text):
        yield Finding.ADDRESS_OF_A_PERSON
    text = _without_ours(text, context)
    dates = read_dates(text, today=context.today, countries=context.countries)
    if dates.birth_date:
        yield Finding.BIRTH_DATE
    text = _blanked(dates.text, (found.span() for found in _TIMES.finditer(dates.text)))
    text = _blanked(text, (found.span() for found in _SHORT_DATES.finditer(text)))
    if lettered := list(with_letters(text)):
        yield Finding.NATIONAL_NUMBER
        text = _blanked(text, lettered)
    if _RECORD_NUMBER.search(text):
        yield Finding.LONG_NUMBER
    for number in _NUMBER.finditer(text):
        yield from _number_findings(text, number, context.countries)


def _number_findings(text: str, number: re.Match[str], countries: tuple[str, ...]) -> Iterator[Finding]:
    groups = tuple(_GROUPS.findall(number[0]))
    if sum(map(len, groups)) < LONG_NUMBER_DIGITS:
        return
    national = is_national_number(groups)
    phone = is_phone_number(number[0], before=text[: number.start()], countries=countries)
    if national:
        yield Finding.NATIONAL_NUMBER
    if phone:
        yield Finding.PHONE_NUMBER
    if not national and not phone:
        yield Finding.LONG_NUMBER


def _blanked(text: str, spans: Iterator[Span] | list[Span]) -> str:
    for span in spans:
        text = blank(text, span)
    return text


def _without_ours(text: str, context: GuardContext) -> str:
    text = _blanked(text, (found.span() for found in _subject_pattern(context.subject_id).finditer(text)))
    if ours := _allowed_pattern(context.allowed):
        text = _blanked(text, (found.span() for found in ours.finditer(text)))
    return text


@lru_cache(maxsize=64)
def _subject_pattern(pattern: str) -> re.Pattern[str]:
    return _ours(re.sub(r"^(?:\^|\\A)|(?:\$|\\Z)$", "", pattern))


@lru_cache(maxsize=256)
def _allowed_pattern(allowed: frozenset[str]) -> re.Pattern[str] | None:
    words = sorted((fold(word) for word in allowed if word.strip()), key=len, reverse=True)
    # A site number in front of or behind three other digits is a piece of something longer.
    return _ours("|".join(map(re.escape, words)), before=r"(?<![0-9] )", after=r"(?! [0-9]{3})") if words else None


def _ours(one: str, *, before: str = "", after: str = "") -> re.Pattern[str]:
    """One of ours, or a list of them."""
    return re.compile(
        f"{_BEFORE_OURS}{before}(?:{one})(?:[ ,/&+]+(?:{one}))*{_AFTER_OURS}{after}", re.IGNORECASE | re.ASCII
    )
