"""What the trial office is told and asks for."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from trial.answers import HelpKind, LeavingKind
from trial.labels import Labels
from trial.messages.asked import ListLine


class ItemKind(StrEnum):
    """What the trial office has to look at."""

    HELP = "help"
    LEAVING = "leaving"
    NOBODY_REACHABLE = "nobody_reachable"
    BLOCKED = "blocked"
    INVITE_UNUSED = "invite_unused"
    SITE_SILENT = "site_silent"
    TICK_MISSING = "tick_missing"
    OUTSIDE_WINDOW = "outside_window"
    CLAIM_UNSEEN = "claim_unseen"
    NOTICE_UNKNOWN = "notice_unknown"
    OUTAGE = "outage"
    LADDER_ENDED = "ladder_ended"  # the manager's step of a late task
    CONTESTED = "contested"  # a site took back what the trial office had taken down in its place


@dataclass(frozen=True, slots=True)
class OfficeItem:
    """One thing for the trial office. `name` is one of our users, `days` how long it has been so."""

    what: ItemKind
    site_number: str | None
    code: str | None = None
    visit: Labels | None = None
    name: str | None = None
    days: int | None = None
    help: HelpKind | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class OfficeNews:
    """To the trial manager: what came up since the last news, told once. `more` were left out."""

    study: str
    items: tuple[OfficeItem, ...]
    more: int
    kind: Literal["office_news"] = "office_news"


@dataclass(frozen=True, slots=True)
class HelpNeeded:
    """To the trial manager: somebody at a site needs help; its ladder waits."""

    study: str
    site_number: str
    code: str
    visit: Labels
    help: HelpKind
    name: str
    kind: Literal["help_needed"] = "help_needed"


@dataclass(frozen=True, slots=True)
class HelpClosed:
    """The office has looked at it; its reminders go on."""

    study: str
    site_number: str
    code: str
    visit: Labels
    kind: Literal["help_closed"] = "help_closed"


@dataclass(frozen=True, slots=True)
class LeavingToConfirm:
    """To investigator and manager: kind and day are to be confirmed; until then everything is paused."""

    study: str
    site_number: str
    code: str
    told: LeavingKind
    told_by: str
    told_on: date
    confirming: LeavingKind | None  # chosen already; None: which kind?
    attempts: tuple[date, ...]  # logged attempts to reach the patient
    kind: Literal["leaving_to_confirm"] = "leaving_to_confirm"


@dataclass(frozen=True, slots=True)
class LeavingConfirmed:
    study: str
    site_number: str
    code: str
    leaving: LeavingKind
    day: date
    by: str
    kind: Literal["leaving_confirmed"] = "leaving_confirmed"


@dataclass(frozen=True, slots=True)
class LeavingTakenBack:
    """The patient is followed after all."""

    study: str
    site_number: str
    code: str
    by: str
    kind: Literal["leaving_taken_back"] = "leaving_taken_back"


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """One line of `/overdue`: a site, how much is late there, since when, and its last word."""

    number: str
    name: str
    late: int
    oldest_days: int | None
    last_heard: date | None
    reachable: int  # people who can be told
    earlier: int = 0  # visits from before the site began, which ring nobody


@dataclass(frozen=True, slots=True)
class OverdueList:
    """`/overdue`: sites by urgency."""

    study: str
    today: date
    sites: tuple[SiteStanding, ...]
    more: int
    kind: Literal["overdue_list"] = "overdue_list"


@dataclass(frozen=True, slots=True)
class SiteBrief:
    """`/site`: one site in a screen."""

    study: str
    today: date
    site: SiteStanding
    patients: int
    open_tasks: int
    people: tuple[str, ...]
    lines: tuple[ListLine, ...]
    more: int
    kind: Literal["site_brief"] = "site_brief"


@dataclass(frozen=True, slots=True)
class NoSuchSite:
    """`/site` with a number that no site of the study has."""

    study: str
    kind: Literal["no_such_site"] = "no_such_site"


@dataclass(frozen=True, slots=True)
class StudyBrief:
    """`/brief`: the whole study in a screen."""

    study: str
    today: date
    patients: int
    due_this_week: int
    late: int
    items: int  # open for the trial office
    silent_sites: tuple[str, ...]
    earlier: int = 0  # visits from before their sites began, which ring nobody
    pictured: bool = False  # a picture of the figures stands above it
    kind: Literal["study_brief"] = "study_brief"
