"""Views of one visit, for tests of the card's faces: the window is open from 5 to 19 April 2027, today is the 12th."""

from datetime import UTC, date, datetime
from uuid import UUID

from bot.cards import compose
from bot.layout import Rows
from bot.presses import Press
from office.cards import CardTaskView, CardView, ReasonChoice, ValueChoice
from office.judging import FITTING
from trial.labels import labels
from trial.messages import ButtonKind, Card, Phase, Standing
from trial.moments import Instant, instant
from trial.tasks import TaskKind

TODAY = date(2027, 4, 12)
ELAPSED = instant(datetime(2027, 4, 12, 6, 30, tzinfo=UTC))
VISIT, PERSON, ANSWER = UUID(int=1), UUID(int=2), UUID(int=3)

SHORT = {
    TaskKind.HOLD: labels("CT and MRI", de="CT und MRT", fr="Scanner et IRM", ja="CT・MRI"),
    TaskKind.UPLOAD: labels("MRI", de="MRT", fr="IRM", ja="MRI"),
    TaskKind.SEND: labels("Surgery record", de="OP-Bericht", fr="CR opératoire", ja="手術記録"),
    TaskKind.EVENT: labels("Recurrence", de="Rezidiv", fr="Récidive", ja="再発"),
    TaskKind.FACT: labels("Lesion left in place", de="Belassener Herd", fr="Lésion laissée en place", ja="残存病変"),
}


def task(kind: TaskKind, number: int = 10, **fields: object) -> CardTaskView:
    """An open task whose window is open: from 5 to 19 April, best on the 12th."""
    usual: dict[str, object] = {
        "task_id": UUID(int=number),
        "name": f"{kind}_{number}",
        "kind": kind,
        "label": SHORT[kind],
        "short": SHORT[kind],
        "standing": Standing.DUE,
        "open": True,
        "firm": True,
        "opens": date(2027, 4, 5),
        "due": TODAY,
        "closes": date(2027, 4, 19),
        "day": None,
        "answers": FITTING[kind],
    }
    if kind is TaskKind.FACT:
        usual |= {
            "question": labels("Was a lesion left in place?", ja="残した病変がありますか。"),
            "values": (ValueChoice("yes", labels("Yes", ja="はい")), ValueChoice("no", labels("No", ja="いいえ"))),
        }
    return CardTaskView(**(usual | fields))  # type: ignore[arg-type]


def waiting(number: int, kind: TaskKind = TaskKind.UPLOAD) -> CardTaskView:
    return task(kind, number, standing=Standing.WAITING, opens=None, due=None, closes=None, answers=())


def answered(number: int, kind: TaskKind = TaskKind.UPLOAD) -> CardTaskView:
    return task(kind, number, standing=Standing.CLAIMED, open=False, answers=(), day=TODAY)


def view(*tasks: CardTaskView, **fields: object) -> CardView:
    usual: dict[str, object] = {
        "visit_id": VISIT,
        "person_id": PERSON,
        "patient_id": UUID(int=4),
        "study_id": UUID(int=5),
        "site_id": UUID(int=6),
        "allowed": True,
        "language": "en",
        "approved": ("en", "ja"),
        "reader_zone": "Asia/Tokyo",
        "site_number": "417",
        "study_code": "DREAM",
        "patient_code": "417-003",
        "paused": False,
        "visit": labels("Baseline CT and MRI", ja="ベースライン画像検査"),
        "status": "firm",
        "firm": True,
        "phase": Phase.DURING,
        "today": TODAY,
        "opens": date(2027, 4, 5),
        "due": TODAY,
        "closes": date(2027, 4, 19),
        "days_left": 7,
        "days_late": None,
        "tasks": tasks,
        "last": None,
        "receipt": None,
        "reasons": (
            ReasonChoice("mri_not_possible", labels("MRI not possible for this patient", ja="MRIが実施できない")),
        ),
        "screen": "",
    }
    return CardView(**(usual | fields))  # type: ignore[arg-type]


def shown(view: CardView, face: Press | None = None, *, elapsed: Instant = ELAPSED) -> tuple[Card, Rows]:
    composed = compose(view, face, elapsed=elapsed)
    assert isinstance(composed.message, Card)
    return composed.message, composed.rows


def kinds(rows: Rows) -> list[list[ButtonKind]]:
    return [[one.text.kind for one in row] for row in rows]
