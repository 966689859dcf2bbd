"""A file that somebody gives over the board: a study file may enter the records, any other format becomes a draft.

Only what was written as a study file is ever taken in. What Sitebell made of somebody else's protocol goes back to whoever
gave it, with its questions, to be looked at first.
"""

from typing import Final
from uuid import UUID

from office.judging import Refusal
from office.rights import allowed_in_study
from office.studies import Imported, StudyFile, problems_of, study_file, take_in
from office.study_files import LARGEST_FILE_BYTES, place_of, text_of
from office.study_imports import Written, draft_of, written
from office.study_tables import LARGEST_BYTES as LARGEST_TABLE_BYTES
from records.studies import StudyRow
from records.transaction import Tx
from trial.access import Action
from trial.moments import Instant
from trial.problems import Problem, ProblemError, Wrong
from trial.readers.usdm.file import LARGEST_BYTES as LARGEST_USDM_BYTES

ENDINGS: Final = frozenset({"yaml", "yml"})
"""How the names of study files end."""

LARGEST_BYTES: Final = max(LARGEST_FILE_BYTES, LARGEST_TABLE_BYTES, LARGEST_USDM_BYTES)
"""Of any file that is read here; each format has a limit of its own below it."""


def read_given(content: bytes, name: str) -> StudyFile | Written:
    """What a file holds. `name` is the file's: its ending says whether it is meant as a study file.

    Raises:
        ProblemError: everything that is wrong in it, or it is in no format that is read.
    """
    if name.rpartition(".")[2].lower() in ENDINGS:
        return study_file(text_of(content, name), name)
    stem = name.rpartition(".")[0] or name
    return written(draft_of(content, name), f"{stem}.yaml")


def problems_with(tx: Tx, file: StudyFile, study: StudyRow) -> tuple[Problem, ...]:
    """What speaks against taking this file in as a version of that study; nothing is written."""
    if file.study.id != study.code:
        return (
            Problem(
                place_of(file.text, file.name, "study", "id"),
                f"this is a file of the study {file.study.id!r}, not of {study.code}",
                "take it in where that study is chosen, or correct the id",
                Wrong.OTHER_STUDY,
                file.study.id,
            ),
        )
    return problems_of(tx, file)


def take_in_by(
    tx: Tx, file: StudyFile, study: StudyRow, *, by: UUID, now: Instant, elapsed: Instant
) -> Imported | Refusal:
    """Takes the file in as a version of that study, for which this person stands; somebody else releases it.

    Raises:
        ProblemError: as `problems_with`; the transaction must not go on.
    """
    if not allowed_in_study(tx, by, Action.RELEASE, study.id, now=now):
        return Refusal.NOT_ALLOWED
    problems = problems_with(tx, file, study)
    if problems:
        raise ProblemError(*problems)
    return take_in(tx, file, by=by, now=now, elapsed=elapsed)
