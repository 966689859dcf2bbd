"""Studies and the versions of their definitions, as they were read."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from records.schema import release, study, study_version
from records.transaction import Tx
from trial.moments import Instant


@dataclass(frozen=True, slots=True)
class StudyRow:
    id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class StudyVersionRow:
    """One version of a study's definition. `document` is the file as it was read; it never changes."""

    id: UUID
    study_id: UUID
    study_code: str
    version: str
    document: str
    sha256: str
    imported_at: Instant
    imported_by: UUID | None


_VERSIONS = sa.select(
    study_version.c.id,
    study_version.c.study_id,
    study.c.code.label("study_code"),
    study_version.c.version,
    study_version.c.document,
    study_version.c.sha256,
    study_version.c.imported_at,
    study_version.c.imported_by,
).join(study, study.c.id == study_version.c.study_id)


_STUDIES = sa.select(study.c.id, study.c.code).order_by(study.c.code)


def studies(tx: Tx) -> tuple[StudyRow, ...]:
    return tuple(StudyRow(id=row.id, code=row.code) for row in tx.connection.execute(_STUDIES))


def study_by_code(tx: Tx, code: str) -> StudyRow | None:
    row = tx.connection.execute(sa.select(study.c.id, study.c.code).where(study.c.code == code)).one_or_none()
    return None if row is None else StudyRow(id=row.id, code=row.code)


def add_study(tx: Tx, code: str) -> UUID:
    study_id = tx.new_id()
    tx.connection.execute(sa.insert(study).values(id=study_id, code=code))
    return study_id


def add_version(
    tx: Tx,
    *,
    study_id: UUID,
    version: str,
    document: str,
    sha256: str,
    imported_at: Instant,
    imported_by: UUID | None = None,
) -> UUID:
    version_id = tx.new_id()
    tx.connection.execute(
        sa.insert(study_version).values(
            id=version_id,
            study_id=study_id,
            version=version,
            document=document,
            sha256=sha256,
            imported_at=imported_at,
            imported_by=imported_by,
        )
    )
    return version_id


def version(tx: Tx, version_id: UUID) -> StudyVersionRow | None:
    row = tx.connection.execute(_VERSIONS.where(study_version.c.id == version_id)).one_or_none()
    return None if row is None else StudyVersionRow(*row)


_IN_USE = (
    _VERSIONS.where(study_version.c.study_id == sa.bindparam("study"))
    .order_by(
        sa.exists()
        .where(release.c.study_version_id == study_version.c.id, release.c.active_from <= sa.bindparam("today"))
        .desc(),
        study_version.c.imported_at.desc(),
        study_version.c.id.desc(),
    )
    .limit(1)
)


def version_in_use(tx: Tx, study_id: UUID, *, today: date) -> StudyVersionRow | None:
    """The newest version that any site uses by today; where none does yet, the newest that there is."""
    row = tx.connection.execute(_IN_USE, {"study": study_id, "today": today}).one_or_none()
    return None if row is None else StudyVersionRow(*row)


def versions(tx: Tx, study_id: UUID) -> tuple[StudyVersionRow, ...]:
    """All versions of a study, the last imported one last."""
    rows = tx.connection.execute(
        _VERSIONS.where(study_version.c.study_id == study_id).order_by(study_version.c.imported_at, study_version.c.id)
    )
    return tuple(StudyVersionRow(*row) for row in rows)
