"""Situations of the ladder, the digest, the lists and the trial office, as real people would meet them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from trial.answers import AnswerKind, HelpKind, LeavingKind
from trial.labels import labels
from trial.messages import (
    AwayCover,
    AwaySet,
    AwayUntil,
    BackAgain,
    BoardAnswered,
    BoardNumberUnknown,
    BoardQuestion,
    BoardWay,
    CoverAsked,
    Digest,
    DigestKind,
    DigestLine,
    Gap,
    Help,
    HelpClosed,
    HelpNeeded,
    HoursQuestion,
    InviteQuestion,
    ItemKind,
    ItemState,
    Kept,
    KeptOut,
    LanguageQuestion,
    LeavingConfirmed,
    LeavingTakenBack,
    LeavingToConfirm,
    ListKind,
    ListLine,
    Meant,
    Message,
    NoSuchSite,
    NothingToExplain,
    OfficeItem,
    OfficeNews,
    OverdueList,
    SiteBrief,
    SiteStanding,
    Standing,
    StudyBrief,
    TaskList,
    TaskOnlyCard,
    TaskOnlyDigest,
    WhichMeant,
    WhichPatient,
    WhyThis,
)
from trial.people import Role
from trial.responsibility import WhyTold
from trial.study import Step
from trial.tasks import TaskKind

TODAY = date(2027, 4, 12)
MRI = labels("Liver MRI, 12 months", de="Leber-MRT, 12 Monate", fr="IRM hépatique, 12 mois", ja="肝MRI（12か月）")
CT = labels("Liver CT, 6 months", de="Leber-CT, 6 Monate", fr="Scanner hépatique, 6 mois", ja="肝CT（6か月）")
SURGERY = labels("Liver surgery", de="Leberoperation", fr="Chirurgie hépatique", ja="肝臓手術")
CT_UPLOAD = labels("Upload CT", de="CT hochladen", fr="Dépôt du scanner", ja="CT画像のアップロード")

_LINES = (
    DigestLine("302-009", MRI, Standing.LATE, date(2027, 3, 2), 41, None),
    DigestLine("302-017", SURGERY, Standing.BOOKED, date(2027, 4, 16), None, 4, 4),
    DigestLine("302-014", CT, Standing.QUERIED, date(2027, 4, 15), None, None),
)
_MANY = (
    *_LINES,
    DigestLine("302-018", MRI, Standing.DUE, date(2027, 4, 12), None, 0),
    DigestLine("302-020", MRI, Standing.DUE, date(2027, 4, 20), None, 8, 6),
    DigestLine("302-021", CT, Standing.CLAIMED, date(2027, 4, 9), None, None),
    DigestLine("302-022", MRI, Standing.SCHEDULED, date(2027, 4, 21), None, None),
    DigestLine("302-023", SURGERY, Standing.PLANNED, date(2027, 4, 22), None, 10),
    DigestLine("302-024", MRI, Standing.SCHEDULED, date(2027, 4, 26), None, None),
)
_LIST = (
    ListLine(
        "302-009", MRI, None, Standing.LATE, date(2027, 2, 16), date(2027, 2, 23), date(2027, 3, 2), "Coordinator A"
    ),
    ListLine("302-014", CT, CT_UPLOAD, Standing.QUERIED, None, date(2027, 4, 15), date(2027, 4, 15), "Coordinator B"),
    ListLine("302-017", SURGERY, None, Standing.DUE, date(2027, 4, 5), date(2027, 4, 12), date(2027, 4, 16), None),
    ListLine(
        "302-018",
        MRI,
        None,
        Standing.LATE,
        date(2027, 2, 23),
        date(2027, 3, 2),
        date(2027, 3, 9),
        "Coordinator A",
        on_hold=date(2027, 5, 7),
    ),
    ListLine("302-020", MRI, None, Standing.SCHEDULED, date(2027, 4, 15), date(2027, 4, 22), date(2027, 4, 29), None),
    ListLine("302-003", MRI, None, Standing.EARLIER, date(2026, 4, 15), date(2026, 4, 22), date(2026, 4, 29), None),
)
_SILENT = SiteStanding("302", "Hospital A", 3, 41, date(2027, 3, 30), 0)
_ANSWERING = SiteStanding("417", "Hospital B", 1, 1, date(2027, 4, 9), 2, earlier=43)


def _digest(why: DigestKind, lines: tuple[DigestLine, ...] = _LINES, **fields: object) -> Digest:
    usual = {"items": len(lines), "late": 1, "closing": 1, "opening": 0, "to_upload": 1}
    return Digest(why, "302", "DREAM", lines=lines, **(usual | fields))  # type: ignore[arg-type]


def _why(step: Step | str, why: WhyTold, rule: str = "", **fields: object) -> WhyThis:
    usual = {
        "instead_of": None,
        "unverified": False,
        "opens": date(2027, 4, 5),
        "due": date(2027, 4, 12),
        "closes": date(2027, 4, 19),
        "others": (),
    }
    return WhyThis(
        "DREAM",
        "4.1",
        "302-014",
        MRI,
        None,
        step,
        why=why,
        rule=rule,
        **(usual | fields),  # type: ignore[arg-type]
    )


def _leaving(told: LeavingKind, confirming: LeavingKind | None, *attempts: date) -> LeavingToConfirm:
    return LeavingToConfirm("DREAM", "302", "302-014", told, "Coordinator A", TODAY, confirming, attempts)


ROOM_SITUATIONS: Mapping[str, Message] = {
    "digest: Monday": _digest(DigestKind.WEEKLY),
    "digest: a long Monday": _digest(DigestKind.WEEKLY, _MANY, items=14, closing=3, opening=4),
    "digest: hand-over": _digest(
        DigestKind.HAND_OVER, _LINES[:2], to_upload=0, of="Coordinator A", until=date(2027, 4, 23)
    ),
    "digest: more than a day's share": _digest(DigestKind.OVERFLOW, _LINES[1:], late=0),
    "digest: after an outage": _digest(DigestKind.RELEASE),
    "list: today": TaskList(ListKind.TODAY, "302", "DREAM", TODAY, _LIST[:3], 0),
    "list: week": TaskList(ListKind.WEEK, "302", "DREAM", TODAY, _LIST, 3),
    "list: patient": TaskList(ListKind.PATIENT, "302", "DREAM", TODAY, _LIST[:1] + _LIST[3:], 0, code="302-009"),
    "list: nothing today": TaskList(ListKind.TODAY, None, "DREAM", TODAY, (), 0),
    "which patient": WhichPatient("DREAM"),
    "which meant": WhichMeant((Meant(labels("302-009"), ""), Meant(labels("302-014"), ""))),
    "which meant: is this it": WhichMeant(
        (
            Meant(
                labels("302-014"),
                "",
                AnswerKind.UPLOADED,
                TODAY,
                code="302-014",
                visit=CT,
                tasks=(CT_UPLOAD,),
                task_kind=TaskKind.UPLOAD,
            ),
        )
    ),
    "away: until when": AwayUntil(),
    "away: who stands in": AwayCover(TODAY, date(2027, 4, 23)),
    "away: set, with cover": AwaySet(TODAY, date(2027, 4, 23), "Coordinator B", 3),
    "away: set for a day, nobody stands in": AwaySet(TODAY, TODAY, None, 3),
    "away: to the cover": CoverAsked("Coordinator A", TODAY, date(2027, 4, 23)),
    "away: back": BackAgain(),
    "hours": HoursQuestion("08:30", "17:00", ("12:00", "13:00"), weekly=True),
    "hours, each by itself": HoursQuestion("09:00", "15:30", None, weekly=False),
    "language": LanguageQuestion(),
    "why: late": _why(Step.LATE, WhyTold.RESPONSIBLE, "closes + 1d", others=("Coordinator B",)),
    "why: cover": _why(Step.DUE, WhyTold.COVERS, "due", instead_of="Coordinator A"),
    "why: investigator, unverified": _why(
        Step.INVESTIGATOR,
        WhyTold.INVESTIGATOR,
        "closes + 8wd",
        unverified=True,
        others=("Coordinator A", "Coordinator B"),
    ),
    "why: the trial office asked again": _why("nudge", WhyTold.RESPONSIBLE, others=("Coordinator B",)),
    "why: in the Monday digest": _why("", WhyTold.RESPONSIBLE, digest=DigestKind.WEEKLY),
    "why: handed over": _why(
        "",
        WhyTold.COVERS,
        digest=DigestKind.HAND_OVER,
        until=date(2027, 4, 23),
        instead_of="Coordinator A",
        others=("Coordinator A",),
    ),
    "why: in a list, a colleague is responsible": _why(
        "", WhyTold.COLLEAGUE, digest=DigestKind.ASKED, instead_of="Coordinator A"
    ),
    "why: nothing to explain": NothingToExplain(),
    "after a gap": Gap(),
    "to the board": BoardWay("https://board.example.org", by_link=True),
    "to the board, on this machine alone": BoardWay("http://127.0.0.1:8080"),
    "to the board: is the browser yours": BoardQuestion("472913", "Chrome · Linux", "08:31"),
    "to the board: a browser without a name": BoardQuestion("472913", "", "08:31"),
    "to the board: let in": BoardAnswered(let_in=True),
    "to the board: kept out": BoardAnswered(let_in=False),
    "to the board: no such number": BoardNumberUnknown(),
    "office: news": OfficeNews(
        "DREAM",
        (
            OfficeItem(ItemKind.LADDER_ENDED, "302", "302-009", MRI, days=14),
            OfficeItem(ItemKind.HELP, "302", "302-014", CT, name="Coordinator A", help=HelpKind.PORTAL_DOWN),
            OfficeItem(ItemKind.LEAVING, "417", "417-003", days=2),
            OfficeItem(ItemKind.OUTSIDE_WINDOW, "417", "417-004", MRI, name="Coordinator B", day=date(2027, 4, 20)),
            OfficeItem(ItemKind.CLAIM_UNSEEN, "417", "417-005", CT, day=date(2027, 3, 30), days=8),
            OfficeItem(ItemKind.SITE_SILENT, "302", days=14),
            OfficeItem(ItemKind.NOBODY_REACHABLE, "305"),
            OfficeItem(ItemKind.BLOCKED, "305", name="Coordinator C"),
            OfficeItem(ItemKind.INVITE_UNUSED, "306", name="Coordinator D", days=7),
            OfficeItem(ItemKind.NOTICE_UNKNOWN, "302", name="Coordinator A", day=TODAY),
            OfficeItem(ItemKind.TICK_MISSING, None),
            OfficeItem(ItemKind.OUTAGE, None, day=date(2027, 4, 10), days=2),
        ),
        4,
    ),
    "office: help needed": HelpNeeded("DREAM", "302", "302-014", CT, HelpKind.CALL_ME, "Coordinator A"),
    "office: help, looked at": HelpClosed("DREAM", "302", "302-014", CT),
    "leaving: which kind": _leaving(LeavingKind.WITHDRAWN, None),
    "leaving: which day": _leaving(LeavingKind.DEATH, LeavingKind.DEATH),
    "leaving: lost, no attempt yet": _leaving(LeavingKind.LOST, LeavingKind.LOST),
    "leaving: lost, with attempts": _leaving(
        LeavingKind.LOST, LeavingKind.LOST, date(2027, 3, 29), date(2027, 4, 5), date(2027, 4, 9)
    ),
    "leaving: confirmed": LeavingConfirmed(
        "DREAM", "302", "302-014", LeavingKind.DEATH, date(2027, 4, 10), "Investigator A"
    ),
    "leaving: moved": LeavingConfirmed(
        "DREAM", "302", "302-014", LeavingKind.TRANSFERRED, date(2027, 4, 10), "Investigator A"
    ),
    "leaving: taken back": LeavingTakenBack("DREAM", "302", "302-014", "Investigator A"),
    "overdue": OverdueList("DREAM", TODAY, (_SILENT, _ANSWERING), 2),
    "overdue: nothing": OverdueList("DREAM", TODAY, (), 0),
    "site": SiteBrief("DREAM", TODAY, _SILENT, 12, 5, ("Coordinator A", "Coordinator B", "Investigator A"), _LIST, 0),
    "site: none with this number": NoSuchSite("DREAM"),
    "brief": StudyBrief("DREAM", TODAY, 143, 12, 4, 2, ("302", "305")),
    "brief, with its picture": StudyBrief("DREAM", TODAY, 143, 12, 4, 2, ("302", "305"), pictured=True),
    "brief, all quiet": StudyBrief("DREAM", TODAY, 143, 12, 0, 0, ()),
    "task-only: a card": TaskOnlyCard("302", 1, ItemState.OPEN),
    "task-only: its link": TaskOnlyCard("302", 1, ItemState.READY),
    "task-only: a nudge, standing in": TaskOnlyCard("302", 2, ItemState.OPEN, again=True, covering="Coordinator B"),
    "task-only: within a digest": TaskOnlyCard("302", 1, ItemState.OPEN, place=(2, 3)),
    "task-only: nothing open": TaskOnlyCard("302", 0, ItemState.CLOSED),
    "task-only: paused": TaskOnlyCard("302", 0, ItemState.PAUSED),
    "task-only: a digest": TaskOnlyDigest(DigestKind.WEEKLY, "302", 3, 1, 1, 0, 1),
    "task-only: what was asked for": TaskOnlyDigest(DigestKind.ASKED, "302", 2, 0, 1, 0, 1),
    **{f"task-only: in the place of {what.value.replace('_', ' ')}": KeptOut(what, "302") for what in Kept},
    "task-only: help": Help(""),
    "task-only: an invitation": InviteQuestion(
        "Coordinator A", Role.COORDINATOR, "", "302", "University Hospital A", "en"
    ),
    "task-only: why": replace(
        _why(Step.DUE, WhyTold.RESPONSIBLE, "due"), study="", code="", visit={}, opens=None, due=None, closes=None
    ),
}
