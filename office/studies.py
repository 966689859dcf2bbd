"""Studies enter the records: a version is checked, kept as it was read, and never changed afterwards."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from office.study_files import read_text, study_from_text
from records import schema, studies
from records.database import Records
from trial.moments import Instant, instant
from trial.problems import Problem, ProblemError
from trial.study import Study

MOMENT = timedelta(microseconds=1)


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
    study = study_from_text(document, name)
    fingerprint = hashlib.sha256(document.encode()).hexdigest()
    with records.begin() as tx:
        known = studies.study_by_code(tx, study.id)
        study_id = studies.add_study(tx, study.id) if known is None else known.id
        same = next((row for row in studies.versions(tx, study_id) if row.version == study.version), None)
        if same is not None and same.sha256 != fingerprint:
            raise ProblemError(
                Problem(
                    f"{name}: study.version",
                    f"version {study.version} of {study.id} is in the records with another content",
                    "give the changed file a version of its own",
                )
            )
        if same is not None:
            return Imported(study_id, same.id, study, new=False)
        last = max((row.imported_at for row in studies.versions(tx, study_id)), default=None)
        # The order in which versions came is the order of the protocol, also where a clock was set back.
        imported_at = now if last is None else max(now, instant(last + MOMENT))
        version_id = studies.add_version(
            tx,
            study_id=study_id,
            version=study.version,
            document=document,
            sha256=fingerprint,
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
            after={"study": study.id, "protocol": study.version, "sha256": fingerprint},
        )
    return Imported(study_id, version_id, study, new=True)
