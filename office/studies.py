"""Studies enter the records: a version is checked, kept as it was read, and never changed afterwards."""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from office.study_files import place_of, read_text, study_from_text
from records import schema, studies
from records.database import Records
from records.studies import StudyVersionRow
from records.transaction import Tx
from trial.moments import Instant, instant
from trial.problems import Problem, ProblemError, Wrong
from trial.study import Study

MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class StudyFile:
    """A study file that is right in itself. `name` stands for it in problems."""

    name: str = field(repr=False)
    text: str = field(repr=False)
    study: Study

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Imported:
    """A version that is in the records. `new` is False where this very document was there before."""

    study_id: UUID
    version_id: UUID
    study: Study
    new: bool


def import_study(records: Records, path: Path, *, by: UUID | None, now: Instant, elapsed: Instant) -> Imported:
    """The study that a file defines, as a version of its own.

    Raises:
        ProblemError: what is wrong in the file, or another document has this version already; nothing was written.
    """
    return import_document(records, read_text(path), path.name, by=by, now=now, elapsed=elapsed)


def import_document(
    records: Records, document: str, name: str, *, by: UUID | None, now: Instant, elapsed: Instant
) -> Imported:
    """As `import_study`, from a text; `name` stands for the file in every problem."""
    file = study_file(document, name)
    with records.begin() as tx:
        return take_in(tx, file, by=by, now=now, elapsed=elapsed)


def study_file(document: str, name: str) -> StudyFile:
    """A text that was read as a study.

    Raises:
        ProblemError: everything that is wrong in it.
    """
    return StudyFile(name, document, study_from_text(document, name))


def problems_of(tx: Tx, file: StudyFile) -> tuple[Problem, ...]:
    """What speaks against taking a file in, beside what is wrong in itself: its version is another document's."""
    same = _standing(tx, file)
    if same is None or same.sha256 == file.sha256:
        return ()
    study = file.study
    return (
        Problem(
            place_of(file.text, file.name, "study", "version"),
            f"version {study.version} of {study.id} is in the records with another content",
            "give the changed file a version of its own",
            Wrong.VERSION_TAKEN,
            study.version,
        ),
    )


def take_in(tx: Tx, file: StudyFile, *, by: UUID | None, now: Instant, elapsed: Instant) -> Imported:
    """The study of this file, as a version of its own. It rings nobody until it is released.

    Raises:
        ProblemError: as `problems_of`; the transaction must not go on.
    """
    problems = problems_of(tx, file)
    if problems:
        raise ProblemError(*problems)
    study, same = file.study, _standing(tx, file)
    if same is not None:
        return Imported(same.study_id, same.id, study, new=False)
    known = studies.study_by_code(tx, study.id)
    study_id = studies.add_study(tx, study.id) if known is None else known.id
    last = max((row.imported_at for row in studies.versions(tx, study_id)), default=None)
    # The order in which versions came is the order of the protocol, also where a clock was set back.
    imported_at = now if last is None else max(now, instant(last + MOMENT))
    version_id = studies.add_version(
        tx,
        study_id=study_id,
        version=study.version,
        document=file.text,
        sha256=file.sha256,
        imported_at=imported_at,
        imported_by=by,
    )
    tx.audit(
        "study.imported",
        table=schema.study_version,
        object_id=version_id,
        by=by,
        at=now,
        recorded_at=elapsed,
        after={"study": study.id, "protocol": study.version, "sha256": file.sha256},
    )
    return Imported(study_id, version_id, study, new=True)


def _standing(tx: Tx, file: StudyFile) -> StudyVersionRow | None:
    """The version of this number that is in the records."""
    known = studies.study_by_code(tx, file.study.id)
    versions = () if known is None else studies.versions(tx, known.id)
    return next((row for row in versions if row.version == file.study.version), None)
