"""Everything that Sitebell says, as typed facts. `locales/` turns them into words; nothing here is text for people.

A message names only what may leave the house: study, site number, pseudonym, labels of the study file, dates, counts and
the names of our own users. There is no field that a patient's name or number could stand in.
"""

from trial.messages.asked import (
    AwayCover,
    AwaySet,
    AwayUntil,
    BackAgain,
    CoverAsked,
    Gap,
    HoursQuestion,
    LanguageQuestion,
    ListKind,
    ListLine,
    Meant,
    NothingToExplain,
    TaskList,
    WhichMeant,
    WhichPatient,
    WhyThis,
)
from trial.messages.board import BoardAnswered, BoardNumberUnknown, BoardQuestion, BoardWay
from trial.messages.buttons import ButtonKind, ButtonText
from trial.messages.cards import (
    Asking,
    Card,
    CardTask,
    ItemState,
    LastWord,
    Nudge,
    NudgeTask,
    Phase,
    Receipt,
    Standing,
    TaskOnlyCard,
    TimeLeft,
)
from trial.messages.digests import Digest, DigestKind, DigestLine, TaskOnlyDigest
from trial.messages.joining import (
    AccessEnded,
    InviteDeclined,
    InviteInvalid,
    InviteLanguage,
    InviteQuestion,
    InviteRefused,
    PatientPaused,
    PersonEnrolled,
    PersonKept,
    PersonRevoked,
    PrivacyNotice,
    TestTask,
    TestTaskDone,
)
from trial.messages.notes import Help, Kept, KeptOut, Refusal, Refused, TextBlocked, Toast
from trial.messages.office import (
    HelpClosed,
    HelpNeeded,
    ItemKind,
    LeavingConfirmed,
    LeavingTakenBack,
    LeavingToConfirm,
    NoSuchSite,
    OfficeItem,
    OfficeNews,
    OverdueList,
    SiteBrief,
    SiteStanding,
    StudyBrief,
)

__all__ = [
    "AccessEnded",
    "Asking",
    "AwayCover",
    "AwaySet",
    "AwayUntil",
    "BackAgain",
    "BoardAnswered",
    "BoardNumberUnknown",
    "BoardQuestion",
    "BoardWay",
    "ButtonKind",
    "ButtonText",
    "Card",
    "CardTask",
    "CoverAsked",
    "Digest",
    "DigestKind",
    "DigestLine",
    "Gap",
    "Help",
    "HelpClosed",
    "HelpNeeded",
    "HoursQuestion",
    "InviteDeclined",
    "InviteInvalid",
    "InviteLanguage",
    "InviteQuestion",
    "InviteRefused",
    "ItemKind",
    "ItemState",
    "Kept",
    "KeptOut",
    "LanguageQuestion",
    "LastWord",
    "LeavingConfirmed",
    "LeavingTakenBack",
    "LeavingToConfirm",
    "ListKind",
    "ListLine",
    "Meant",
    "Message",
    "NoSuchSite",
    "NothingToExplain",
    "Nudge",
    "NudgeTask",
    "OfficeItem",
    "OfficeNews",
    "OverdueList",
    "PatientPaused",
    "PersonEnrolled",
    "PersonKept",
    "PersonRevoked",
    "Phase",
    "PrivacyNotice",
    "Receipt",
    "Refusal",
    "Refused",
    "SiteBrief",
    "SiteStanding",
    "Standing",
    "StudyBrief",
    "TaskList",
    "TaskOnlyCard",
    "TaskOnlyDigest",
    "TestTask",
    "TestTaskDone",
    "TextBlocked",
    "TimeLeft",
    "Toast",
    "WhichMeant",
    "WhichPatient",
    "WhyThis",
]

Message = (
    Card
    | Nudge
    | InviteQuestion
    | InviteLanguage
    | InviteInvalid
    | InviteDeclined
    | TestTask
    | TestTaskDone
    | PrivacyNotice
    | PersonEnrolled
    | PersonKept
    | PersonRevoked
    | InviteRefused
    | AccessEnded
    | PatientPaused
    | Refusal
    | TextBlocked
    | Help
    | Digest
    | TaskList
    | WhichPatient
    | WhichMeant
    | AwayUntil
    | AwayCover
    | AwaySet
    | CoverAsked
    | BackAgain
    | HoursQuestion
    | LanguageQuestion
    | WhyThis
    | NothingToExplain
    | Gap
    | OfficeNews
    | HelpNeeded
    | HelpClosed
    | LeavingToConfirm
    | LeavingConfirmed
    | LeavingTakenBack
    | OverdueList
    | SiteBrief
    | NoSuchSite
    | StudyBrief
    | TaskOnlyCard
    | TaskOnlyDigest
    | KeptOut
    | BoardWay
    | BoardQuestion
    | BoardAnswered
    | BoardNumberUnknown
)
