"""Which version of a protocol is used where, and by whom it was released. Part of `records/schema.py`."""

import sqlalchemy as sa

from records.columns import key, metadata, moment, refers

release = sa.Table(
    "release",  # a version at a site; `applied_at` is set once, and a row goes only where it never planned anybody
    metadata,
    key(),
    refers("study_version_id", "study_version"),
    refers("site_id", "site", index=True),
    sa.Column("active_from", sa.Date, nullable=False),  # local at the site
    sa.Column("approved_on", sa.Date, nullable=True),  # of the version, for this site; NULL: before there were releases
    sa.Column("dates_sha256", sa.Text, nullable=True),  # of the date table that was looked at
    refers("prepared_by", "person", nullable=True),
    refers("released_by", "person", nullable=True),
    moment("released_at"),  # trial
    moment("applied_at", nullable=True),  # trial; when the site's patients were moved to it
    sa.UniqueConstraint("study_version_id", "site_id"),
)
TO_APPLY = release.c.applied_at.is_(None)
# Asked for at every tick: the few that wait for their day.
sa.Index("ix_release_to_apply", release.c.active_from, sqlite_where=TO_APPLY, postgresql_where=TO_APPLY)

patient_version = sa.Table(
    "patient_version",  # the chain of versions that a patient is planned by, where there is more than one; insert-only
    metadata,
    key(),
    refers("patient_id", "patient"),
    refers("study_version_id", "study_version"),
    sa.Column("since", sa.Date, nullable=True),  # for what is due from this day on; NULL: the first of the chain
    moment("recorded_at"),  # trial
    sa.UniqueConstraint("patient_id", "study_version_id"),
)

consent = sa.Table(
    "consent",  # to an amendment that applies after re-consent; insert-only
    metadata,
    key(),
    refers("patient_id", "patient"),
    refers("study_version_id", "study_version"),
    sa.Column("given_on", sa.Date, nullable=False),  # local at the site: the day from which the version may plan
    moment("recorded_at"),  # trial
    refers("recorded_by", "person", nullable=True),
    sa.UniqueConstraint("patient_id", "study_version_id"),
)
