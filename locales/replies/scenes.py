"""Made-up cards for the examples: what somebody may have in front of them when they write a reply.

The day is always Wednesday, 18 March 2026.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID, uuid5

from trial.answers import AnswerKind
from trial.labels import Labels, labels
from trial.replies.context import ReplyCard, ReplyContext, ReplyTask
from trial.tasks import TaskKind

TODAY: Final = date(2026, 3, 18)
HELD: Final = date(2026, 3, 11)

_SPACE: Final = UUID("6f0d2f0e-2d5a-4c55-9d0b-3c1f4f1a7e10")
_ALWAYS: Final = (AnswerKind.LATER, AnswerKind.NO_LONGER_FOLLOWED)
_NOT: Final = (AnswerKind.NOT_DONE, AnswerKind.NOT_APPLICABLE, *_ALWAYS)
_VISIT: Final = (AnswerKind.DONE, AnswerKind.BOOKED, *_NOT)
_UPLOAD: Final = (AnswerKind.UPLOADED, *_NOT)
_SEND: Final = (AnswerKind.DONE, *_NOT)

_IMAGING = labels(
    "Baseline CT and MRI",
    de="Baseline-CT und -MRT",
    fr="Scanner et IRM du bilan initial",
    ja="ベースライン画像検査(CT・MRI)",
)
_FOLLOW_UP = labels(
    "Follow-up imaging, 6 months",
    de="Follow-up-Bildgebung, 6 Monate",
    fr="Imagerie de suivi à 6 mois",
    ja="追跡画像検査(術後6か月)",
)
_SURGERY = labels("Liver surgery", de="Leberoperation", fr="Chirurgie hépatique", ja="肝臓手術")
_LEFT = labels(
    "Tumour tissue left in place",
    de="Verbliebenes Tumorgewebe",
    fr="Tissu tumoral laissé en place",
    ja="腫瘍組織の残存(非切除)",
)


def task_id(code: str, name: str) -> UUID:
    return uuid5(_SPACE, f"{code}/{name}")


def _card(code: str, visit: Labels, *tasks: ReplyTask) -> ReplyCard:
    return ReplyCard(uuid5(_SPACE, code), code, visit, tasks)


def _task(
    code: str,
    name: str,
    kind: TaskKind,
    label: Labels,
    short: Labels,
    *,
    answers: tuple[AnswerKind, ...] = (),
    opens: date | None = None,
    closes: date | None = None,
    day: date | None = None,
    values: tuple[tuple[str, Labels], ...] = (),
) -> ReplyTask:
    return ReplyTask(task_id(code, name), name, kind, label, short, answers, opens, closes, day, values)


def _hold(code: str, label: Labels, *, window: tuple[date, date], open_still: bool) -> ReplyTask:
    answers, day = (_VISIT, None) if open_still else ((), HELD)
    return _task(code, "hold", TaskKind.HOLD, label, label, answers=answers, opens=window[0], closes=window[1], day=day)


def _imaging(code: str, *, held: bool, uploaded: bool = False) -> ReplyCard:
    open_uploads = held and not uploaded
    window = (HELD, date(2026, 3, 18)) if held else (None, None)
    uploads = (
        (
            "upload_ct",
            labels("Upload CT", de="CT hochladen", fr="Dépôt du scanner", ja="CTのアップロード"),
            labels("CT", de="CT", fr="Scanner", ja="CT"),
        ),
        (
            "upload_mri",
            labels(
                "Upload MRI (with DW-MRI)",
                de="MRT (mit DW-MRT) hochladen",
                fr="Dépôt de l'IRM (IRM de diffusion comprise)",
                ja="MRI(DW-MRIを含む)のアップロード",
            ),
            labels("MRI", de="MRT", fr="IRM", ja="MRI"),
        ),
    )
    return _card(
        code,
        _IMAGING,
        _hold(
            code,
            labels(
                "CT and MRI performed", de="CT und MRT durchführen", fr="Scanner et IRM réalisés", ja="CT・MRIの実施"
            ),
            window=(date(2026, 3, 4), date(2026, 4, 1)),
            open_still=not held,
        ),
        *(
            _task(
                code,
                name,
                TaskKind.UPLOAD,
                label,
                short,
                answers=_UPLOAD if open_uploads else (),
                opens=window[0],
                closes=window[1],
                day=TODAY if uploaded else None,
            )
            for name, label, short in uploads
        ),
    )


def _follow_up(code: str) -> ReplyCard:
    images = labels("Upload the images", de="Bilder hochladen", fr="Dépôt des images", ja="画像のアップロード")
    return _card(
        code,
        _FOLLOW_UP,
        _hold(
            code,
            labels(
                "Follow-up imaging performed",
                de="Follow-up-Bildgebung durchführen",
                fr="Imagerie de suivi réalisée",
                ja="追跡画像検査の実施",
            ),
            window=(date(2026, 3, 1), date(2026, 4, 19)),
            open_still=False,
        ),
        _task(
            code,
            "upload_images",
            TaskKind.UPLOAD,
            images,
            images,
            answers=_UPLOAD,
            opens=HELD,
            closes=date(2026, 3, 20),
        ),
    )


def _surgery(code: str, *, held: bool) -> ReplyCard:
    reports = (
        (
            "ious_record",
            labels(
                "Send the intraoperative ultrasound (IOUS) record",
                de="Bericht des intraoperativen Ultraschalls (IOUS) senden",
                fr="Envoi du compte rendu d'échographie peropératoire",
                ja="術中超音波検査(IOUS)記録の送付",
            ),
            labels("IOUS", de="IOUS", fr="CR écho perop", ja="IOUS記録"),
        ),
        (
            "surgery_form",
            labels(
                "Send the surgery record",
                de="OP-Bericht senden",
                fr="Envoi du compte rendu opératoire",
                ja="手術記録の送付",
            ),
            labels("Surgery record", de="OP-Bericht", fr="CR opératoire", ja="手術記録"),
        ),
        (
            "pathology_report",
            labels(
                "Send the pathology report",
                de="Pathologiebefund senden",
                fr="Envoi du compte rendu d'anatomopathologie",
                ja="病理報告書の送付",
            ),
            labels("Pathology", de="Pathologie", fr="CR anapath", ja="病理報告書"),
        ),
    )
    window = (HELD, date(2026, 3, 25)) if held else (None, None)
    return _card(
        code,
        _SURGERY,
        _hold(
            code,
            labels(
                "Liver resection performed",
                de="Leberresektion durchführen",
                fr="Résection hépatique réalisée",
                ja="肝切除の実施",
            ),
            window=(date(2026, 3, 1), date(2026, 4, 19)),
            open_still=not held,
        ),
        *(
            _task(
                code,
                name,
                TaskKind.SEND,
                label,
                short,
                answers=_SEND if held else (),
                opens=window[0],
                closes=window[1],
            )
            for name, label, short in reports
        ),
    )


def _fact(code: str) -> ReplyCard:
    values = (
        ("yes", labels("Yes", de="Ja", fr="Oui", ja="はい")),
        ("no", labels("No", de="Nein", fr="Non", ja="いいえ")),
    )
    asked = (AnswerKind.STATED, AnswerKind.NOT_APPLICABLE, *_ALWAYS)
    return _card(
        code,
        _LEFT,
        _task(code, "fact", TaskKind.FACT, _LEFT, _LEFT, answers=asked, opens=HELD, closes=HELD, values=values),
    )


def _replied_to(card: ReplyCard) -> ReplyContext:
    return ReplyContext((card,), replied_to=card.visit_id)


SCENES: Final[Mapping[str, ReplyContext]] = {
    "visit": _replied_to(_imaging("302-014", held=False)),
    "uploads": _replied_to(_imaging("302-014", held=True)),
    "closed": _replied_to(_imaging("302-014", held=True, uploaded=True)),
    "upload": _replied_to(_follow_up("302-014")),
    "two": ReplyContext((_follow_up("302-014"), _follow_up("302-017"))),
    "surgery": _replied_to(_surgery("302-014", held=False)),
    "reports": _replied_to(_surgery("302-014", held=True)),
    "fact": _replied_to(_fact("302-014")),
}
"""By the names that the examples use."""

ABOUT: Final[Mapping[str, str]] = {
    "visit": "CT and MRI are to take place",
    "uploads": "CT and MRI took place on 11 March and are to be uploaded",
    "closed": "everything is answered",
    "upload": "follow-up images of 11 March are to be uploaded",
    "two": "two patients with images to be uploaded, no card replied to",
    "surgery": "the operation is to take place",
    "reports": "the operation took place on 11 March, three reports are to be sent",
    "fact": "a question with yes and no",
}
"""What each scene shows."""
