"""A dozen real situations, and the golden files of how they are said.

`python -m tests.locales.situations` writes the golden files anew; their diff is what gets reviewed.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from locales import Text, button, command_words, languages, render, toast
from tests.locales.room_situations import ROOM_SITUATIONS
from trial.answers import AnswerKind, HelpKind, LeavingKind, TakenDown, Via
from trial.guard import Finding
from trial.labels import labels
from trial.messages import (
    AccessEnded,
    Asking,
    ButtonKind,
    ButtonText,
    Card,
    CardTask,
    Help,
    InviteDeclined,
    InviteInvalid,
    InviteLanguage,
    InviteQuestion,
    InviteRefused,
    LastWord,
    Message,
    Nudge,
    NudgeTask,
    PatientPaused,
    PersonEnrolled,
    PersonKept,
    PersonRevoked,
    Phase,
    PrivacyNotice,
    Receipt,
    Refusal,
    Refused,
    Standing,
    TestTask,
    TestTaskDone,
    TextBlocked,
    TimeLeft,
    Toast,
)
from trial.people import Role
from trial.tasks import TaskKind

GOLDEN = Path(__file__).resolve().parent / "golden"

MRI = labels("Liver MRI, 12 months", de="Leber-MRT, 12 Monate", fr="IRM hépatique, 12 mois", ja="肝MRI（12か月）")
HOLD = labels("Liver MRI", de="Leber-MRT", fr="IRM hépatique", ja="肝MRI")
CT_UPLOAD = labels("Upload CT", de="CT hochladen", fr="Dépôt du scanner", ja="CT画像のアップロード")
MRI_UPLOAD = labels("Upload MRI", de="MRT hochladen", fr="Dépôt de l'IRM", ja="MRI画像のアップロード")
SURGERY = labels("Liver surgery", de="Leberoperation", fr="Chirurgie hépatique", ja="肝臓手術")
REPORT = labels("Pathology report", de="Pathologiebefund", fr="Compte rendu d'anatomopathologie", ja="病理報告書")


def visit(**fields: object) -> Card:
    usual = {
        "site_number": "417",
        "open_tasks": 1,
        "study": "DREAM",
        "code": "417-003",
        "visit": MRI,
        "firm": True,
        "phase": Phase.DURING,
        "opens": date(2027, 4, 5),
        "due": date(2027, 4, 12),
        "closes": date(2027, 4, 19),
        "days_left": 7,
        "days_late": None,
        "tasks": (CardTask(HOLD, TaskKind.HOLD, Standing.DUE, due=date(2027, 4, 12)),),
        "last": None,
        "receipt": None,
        "asking": Asking.IS_IT_BOOKED,
        "about": None,
    }
    return Card(**(usual | fields))  # type: ignore[arg-type]


BOOKED = LastWord(AnswerKind.BOOKED, "Coordinator A", date(2027, 4, 6), day=date(2027, 4, 14), task_kind=TaskKind.HOLD)
UPLOADED = LastWord(
    AnswerKind.UPLOADED, "Coordinator A", date(2027, 4, 12), day=date(2027, 4, 11), task_kind=TaskKind.UPLOAD
)
NOT_DONE = LastWord(
    AnswerKind.NOT_DONE,
    "Coordinator A",
    date(2027, 4, 12),
    text="Contrast agent not tolerated, repeated without",
    task_kind=TaskKind.HOLD,
)
DIED = LastWord(AnswerKind.NO_LONGER_FOLLOWED, "Coordinator B", date(2027, 4, 12), leaving=LeavingKind.DEATH)

IMAGES = (
    CardTask(HOLD, TaskKind.HOLD, Standing.DONE, day=date(2027, 4, 8)),
    CardTask(CT_UPLOAD, TaskKind.UPLOAD, Standing.CLAIMED, due=date(2027, 4, 15), day=date(2027, 4, 11)),
    CardTask(MRI_UPLOAD, TaskKind.UPLOAD, Standing.DUE, due=date(2027, 4, 15)),
    CardTask(REPORT, TaskKind.SEND, Standing.LATE, due=date(2027, 4, 9)),
)

CLAIM = IMAGES[1]
QUERIED = CardTask(CT_UPLOAD, TaskKind.UPLOAD, Standing.QUERIED, due=date(2027, 4, 15), day=date(2027, 4, 11))
SEEN = CardTask(CT_UPLOAD, TaskKind.UPLOAD, Standing.VERIFIED, due=date(2027, 4, 15), day=date(2027, 4, 11))
OUTSIDE = LastWord(
    AnswerKind.BOOKED,
    "Coordinator A",
    date(2027, 4, 6),
    day=date(2027, 4, 21),
    task_kind=TaskKind.HOLD,
    outside_window=True,
)
BY_PHONE = LastWord(
    AnswerKind.DONE,
    "Manager A",
    date(2027, 4, 12),
    day=date(2027, 4, 9),
    task_kind=TaskKind.HOLD,
    told=TakenDown("Study nurse", date(2027, 4, 11)),
    via=Via.PHONE,
)
BY_EMAIL = replace(BY_PHONE, via=Via.EMAIL)
HELP = LastWord(
    AnswerKind.NEED_HELP, "Coordinator A", date(2027, 4, 12), task_kind=TaskKind.HOLD, help=HelpKind.CALL_ME
)

SITUATIONS: Mapping[str, Message] = {
    "heads-up, dates firm": visit(phase=Phase.BEFORE, days_left=None, asking=Asking.IS_IT_BOOKED),
    "heads-up, dates provisional": visit(
        phase=Phase.BEFORE, firm=False, visit=SURGERY, days_left=None, asking=Asking.IS_IT_PLANNED
    ),
    "window open": visit(),
    "on hold": visit(on_hold=date(2027, 4, 16)),
    "booked, window closes today": visit(days_left=0, last=BOOKED, asking=Asking.WAS_IT_DONE),
    "uploads, due today": visit(
        opens=None,
        due=date(2027, 4, 15),
        closes=date(2027, 4, 15),
        days_left=0,
        tasks=IMAGES[:1] + IMAGES[2:3],
        asking=Asking.IS_IT_UPLOADED,
    ),
    "planned by the trial office": visit(
        visit=SURGERY,
        tasks=(CardTask(SURGERY, TaskKind.HOLD, Standing.PLANNED, day=date(2027, 4, 19)),),
        asking=Asking.NOTHING,
    ),
    "late, with the last word": visit(
        phase=Phase.AFTER, days_left=None, days_late=41, last=BOOKED, asking=Asking.WAS_IT_DONE
    ),
    "several tasks, asked about one": visit(
        open_tasks=2, tasks=IMAGES, last=UPLOADED, asking=Asking.IS_IT_UPLOADED, about=MRI_UPLOAD
    ),
    "which day": visit(asking=Asking.WHICH_DAY),
    "receipt of a claim, one task left": visit(
        tasks=IMAGES[:3],
        last=UPLOADED,
        receipt=Receipt(UPLOADED, CT_UPLOAD, "08:41", undo_possible=True),
        asking=Asking.IS_IT_UPLOADED,
        about=MRI_UPLOAD,
    ),
    "receipt, nothing left": visit(
        open_tasks=0,
        tasks=(CardTask(HOLD, TaskKind.HOLD, Standing.NOT_DONE),),
        receipt=Receipt(NOT_DONE, HOLD, "08:41", undo_possible=True),
        asking=Asking.NOTHING,
    ),
    "write a reason": visit(asking=Asking.WRITE_REASON),
    "no longer followed, to confirm": visit(asking=Asking.CONFIRM_LEFT, safety_line=True),
    "no longer followed": visit(
        open_tasks=0,
        tasks=(CardTask(HOLD, TaskKind.HOLD, Standing.PAUSED),),
        last=DIED,
        asking=Asking.NOTHING,
        safety_line=True,
    ),
    "an awaited date": visit(
        visit=SURGERY,
        phase=Phase.AFTER,
        opens=None,
        due=date(2027, 4, 9),
        closes=None,
        days_left=None,
        days_late=3,
        tasks=(CardTask(SURGERY, TaskKind.EVENT, Standing.LATE, due=date(2027, 4, 9)),),
        asking=Asking.WHICH_DATE,
    ),
    "over the turn of the year": visit(
        opens=date(2027, 12, 20), due=date(2028, 1, 3), closes=date(2028, 1, 10), days_left=21
    ),
    "nudge": Nudge(
        "417", "DREAM", "417-003", MRI, (NudgeTask(CT_UPLOAD),), Phase.AFTER, None, 3, Asking.IS_IT_UPLOADED
    ),
    "invitation": InviteQuestion("Coordinator A", Role.COORDINATOR, "DREAM", "417", "Hospital A", "ja"),
    "choice of language": InviteLanguage(),
    "invitation, not usable": InviteInvalid(),
    "invitation, declined": InviteDeclined(),
    "practice item": TestTask("Coordinator A"),
    "practice item, answered": TestTaskDone(),
    "privacy notice": PrivacyNotice("DREAM"),
    "to the manager: joined": PersonEnrolled("Coordinator A", Role.COORDINATOR, "417"),
    "to the manager: kept": PersonKept("Coordinator A"),
    "to the manager: revoked": PersonRevoked("Coordinator A"),
    "to the manager: declined": InviteRefused("Coordinator A", "417"),
    "to the manager: paused": PatientPaused("DREAM", "417", "417-003", LeavingKind.WITHDRAWN),
    "access ended": AccessEnded("DREAM"),
    **{f"refusal: {why.value}": Refusal(why) for why in Refused},
    "text blocked, removed": TextBlocked((Finding.PHONE_NUMBER, Finding.BIRTH_DATE), deleted=True),
    "text blocked, still there": TextBlocked((Finding.TOO_LONG,), deleted=False),
    "help": Help("DREAM"),
    "help, trial office": Help("DREAM", office=True, at_site=False),
    "help, trial office and a site": Help("DREAM", office=True),
    "help, whoever only looks": Help("DREAM", at_site=False),
    "a day off before the end": visit(
        closes=date(2027, 4, 30), days_left=3, working_days_left=2, days_off=(date(2027, 4, 29),)
    ),
    "few working days, no day off": visit(days_left=4, working_days_left=2),
    "days off, and the end is far": visit(
        closes=date(2027, 5, 14),
        days_left=20,
        working_days_left=11,
        days_off=(date(2027, 4, 29), date(2027, 5, 3), date(2027, 5, 4), date(2027, 5, 5)),
    ),
    "in a digest, standing in": visit(place=(1, 3), covering="Coordinator A", open_tasks=2),
    "done, told by phone": visit(open_tasks=0, last=BY_PHONE, asking=Asking.NOTHING),
    "done, told by e-mail, on the item's page": visit(
        open_tasks=0,
        last=BY_EMAIL,
        receipt=Receipt(BY_EMAIL, HOLD, "08:41", undo_possible=True),
        asking=Asking.NOTHING,
    ),
    "booked outside the window": visit(last=OUTSIDE, asking=Asking.NOTHING),
    "a claim nobody has seen": visit(
        place=(1, 3), tasks=(CLAIM,), last=UPLOADED, asking=Asking.IS_IT_REALLY_THERE, opens=None, days_left=None
    ),
    "a claim with a question": visit(
        tasks=(QUERIED,),
        last=UPLOADED,
        asking=Asking.IS_IT_THERE,
        opens=None,
        days_left=None,
        query="Where is series 4?",
    ),
    "a claim with a question, several tasks": visit(
        open_tasks=2, tasks=(*IMAGES[:1], QUERIED, IMAGES[3]), last=UPLOADED, asking=Asking.IS_IT_THERE, about=CT_UPLOAD
    ),
    "a claim that was seen": visit(
        open_tasks=0, tasks=(IMAGES[0], SEEN), last=UPLOADED, asking=Asking.NOTHING, days_left=None
    ),
    "which help": visit(asking=Asking.WHICH_HELP),
    "help asked for": visit(
        last=HELP,
        receipt=Receipt(HELP, HOLD, "08:41", undo_possible=True),
        asked_for_help=HelpKind.CALL_ME,
        asking=Asking.NOTHING,
    ),
    "help asked for, later": visit(last=HELP, asked_for_help=HelpKind.CALL_ME, asking=Asking.NOTHING),
    "nudge before a day off": Nudge(
        "417",
        "DREAM",
        "417-003",
        MRI,
        (),
        Phase.DURING,
        3,
        None,
        Asking.IS_IT_BOOKED,
        working_days_left=2,
        days_off=(date(2027, 4, 29),),
        covering="Coordinator A",
    ),
    "nudge about a claim": Nudge(
        "417", "DREAM", "417-003", MRI, (NudgeTask(CT_UPLOAD),), Phase.AFTER, None, None, Asking.IS_IT_THERE
    ),
    "nudge about a claim nobody has seen": Nudge(
        "417", "DREAM", "417-003", MRI, (NudgeTask(CT_UPLOAD),), Phase.AFTER, None, None, Asking.IS_IT_REALLY_THERE
    ),
    "nudge about tasks that end apart": Nudge(
        "417",
        "DREAM",
        "417-003",
        MRI,
        (NudgeTask(CT_UPLOAD, TimeLeft(None, 2)), NudgeTask(CT_UPLOAD, TimeLeft(4, None, 2))),
        Phase.AFTER,
        None,
        None,
        Asking.IS_IT_UPLOADED,
    ),
    **ROOM_SITUATIONS,
}

DATED = (
    ButtonKind.TODAY,
    ButtonKind.YESTERDAY,
    ButtonKind.TOMORROW,
    ButtonKind.NEXT_MONDAY,
    ButtonKind.BEFORE_END,
    ButtonKind.DAY,
    ButtonKind.WEEKDAY,
    ButtonKind.MONTH,
    ButtonKind.PREVIOUS,
    ButtonKind.NEXT,
    ButtonKind.UNTIL_DAY,
)


def golden_path(language: str) -> Path:
    return GOLDEN / f"{language}.txt"


def golden(language: str) -> str:
    """Everything as one readable file; what is bold stands between asterisks."""
    parts = [f"=== {name}\n{_marked(render(message, language))}\n" for name, message in SITUATIONS.items()]
    toasts = [f"{kind.value}: {toast(kind, language)}" for kind in Toast]
    first = toast(Toast.ALREADY_RECORDED, language, by="Coordinator A", on=date(2027, 4, 12))
    buttons = [f"{kind.value}: {button(ButtonText(kind), language)}" for kind in ButtonKind]
    dated = [f"{kind.value}: {button(ButtonText(kind, day=date(2027, 4, 12)), language)}" for kind in DATED]
    leaving = [
        f"{kind.value}: {button(ButtonText(ButtonKind.LEAVING, leaving=kind), language)}" for kind in LeavingKind
    ]
    helping = [f"{kind.value}: {button(ButtonText(ButtonKind.HELP_KIND, help=kind), language)}" for kind in HelpKind]
    commands = [f"/{name}: {words}" for name, words in command_words(language).items()]
    lists = {
        "toasts": [*toasts, first],
        "buttons": buttons,
        "buttons with a day": dated,
        "leaving": leaving,
        "help": helping,
        "commands": commands,
    }
    parts += [f"=== {name}\n" + "\n".join(lines) + "\n" for name, lines in lists.items()]
    return "\n".join(parts)


def _marked(said: Text) -> str:
    units = said.text.encode("utf-16-le")
    for span in reversed(said.bold):
        first, last = span.offset * 2, (span.offset + span.length) * 2
        star = "*".encode("utf-16-le")
        units = units[:first] + star + units[first:last] + star + units[last:]
    return units.decode("utf-16-le")


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for spoken in languages():
        golden_path(spoken).write_text(golden(spoken), encoding="utf-8")
