"""What the trial office lets be until a day. Part of `records/schema.py`."""

import sqlalchemy as sa

from records.columns import key, metadata, moment, refers, row_version, sealed

hold = sa.Table(
    "hold",
    metadata,
    key(),
    refers("study_id", "study", index=True),
    refers("site_id", "site", nullable=True),
    refers("patient_id", "patient", nullable=True, index=True),
    sa.Column("scope", sa.Text, nullable=False),  # HoldScope
    sa.Column("kind", sa.Text, nullable=True),  # TaskKind
    sa.Column("until", sa.Date, nullable=False),  # last day, inclusive, local at each site
    moment("placed_at"),  # trial
    refers("placed_by", "person", nullable=True),
    moment("lifted_at", nullable=True),  # trial; before its last day was over
    refers("lifted_by", "person", nullable=True),
    row_version(),
    sealed(),  # reason, and why it was lifted
)
NOT_LIFTED = hold.c.lifted_at.is_(None)
# What stands is asked for whenever something rings: the longest standing of a few rows.
sa.Index("ix_hold_standing", hold.c.until, sqlite_where=NOT_LIFTED, postgresql_where=NOT_LIFTED)
