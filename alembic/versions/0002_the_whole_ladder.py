"""What the whole ladder stores: people's time, absences, digests, what the trial office looks at."""

from typing import Literal

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MONDAY = 0

NOTICE_INDEXES: dict[str, tuple[list[str], str | None]] = {
    "ix_notice_chat": (["chat_index"], "chat_index IS NOT NULL"),
    "ix_notice_open": (["hold_until"], "state IN ('waiting', 'claimed', 'sending')"),
    "ix_notice_person_id": (["person_id"], None),
    "ix_notice_troubled": (["state"], "state IN ('unknown', 'failed')"),
    "ix_notice_open_person": (["person_id"], "state IN ('waiting', 'claimed', 'sending')"),
}
NEW_NOTICE_INDEXES: dict[str, tuple[list[str], str | None]] = {
    "ix_notice_card": (["person_id", "created_at"], "kind = 'card'"),
    "ix_notice_digest": (["digest_id"], "digest_id IS NOT NULL"),
}


def upgrade() -> None:
    _people_and_sites()
    _digests()
    _ringing()
    _who_is_there()
    _trial_office()
    _claims_and_leaving()


def _recreate() -> Literal["always", "never"]:
    """SQLite adds no named foreign key to a table that is there: it is made anew. PostgreSQL changes it in place."""
    return "always" if op.get_bind().dialect.name == "sqlite" else "never"


def _people_and_sites() -> None:
    for name in ("hours_from", "hours_to", "quiet_from", "quiet_to", "daily_cap", "digest_on"):
        op.add_column("person", sa.Column(name, sa.SmallInteger(), nullable=True))
    for name in ("zone", "country", "region"):
        op.add_column("person", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("person", sa.Column("next_digest_at", sa.BigInteger(), nullable=True))
    # Everybody who is there gets what a new person gets; the first Monday is set by the service.
    op.get_bind().execute(sa.text("UPDATE person SET digest_on = :monday"), {"monday": MONDAY})
    op.create_index(
        "ix_person_digest",
        "person",
        ["next_digest_at"],
        sqlite_where=sa.text("next_digest_at IS NOT NULL"),
        postgresql_where=sa.text("next_digest_at IS NOT NULL"),
    )
    with op.batch_alter_table("site", recreate=_recreate()) as table:
        table.add_column(sa.Column("hours_from", sa.SmallInteger(), nullable=True))
        table.add_column(sa.Column("hours_to", sa.SmallInteger(), nullable=True))
        table.add_column(sa.Column("disclosure_by", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("disclosure_at", sa.BigInteger(), nullable=True))
        table.create_foreign_key(op.f("fk_site_disclosure_by"), "person", ["disclosure_by"], ["id"])


def _digests() -> None:
    op.create_table(
        "digest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("screen", sa.Text(), server_default="", nullable=False),
        sa.Column("of_person", sa.Uuid(), nullable=True),
        sa.Column("message_index", sa.LargeBinary(), nullable=True),
        sa.Column("shown", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["of_person"], ["person.id"], name=op.f("fk_digest_of_person")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint("message_index", name=op.f("uq_digest_message_index")),
    )
    op.create_index(op.f("ix_digest_person_id"), "digest", ["person_id"])
    op.create_table(
        "digest_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("digest_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_digest_item_digest_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_digest_item_task_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_digest_item_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest_item")),
        sa.UniqueConstraint("digest_id", "task_id", name=op.f("uq_digest_item_digest_id_task_id")),
    )
    op.create_index(op.f("ix_digest_item_visit_id"), "digest_item", ["visit_id"])


def _ringing() -> None:
    # A table that is made anew gets its indexes back in any order, and of two that fit alike SQLite takes the last made.
    # So they are dropped before, and the one that a sender reads for each person is made last.
    for name in NOTICE_INDEXES:
        op.drop_index(name, "notice")
    with op.batch_alter_table("notice", recreate=_recreate()) as table:
        table.add_column(sa.Column("digest_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_notice_digest_id"), "digest", ["digest_id"], ["id"])
    for name, (columns, where) in (NEW_NOTICE_INDEXES | NOTICE_INDEXES).items():
        op.create_index(name, "notice", columns, sqlite_where=_condition(where), postgresql_where=_condition(where))
    op.drop_index("ix_reminder_notice_id", "reminder")
    op.drop_index("ix_reminder_waiting", "reminder")
    with op.batch_alter_table("reminder", recreate=_recreate()) as table:
        table.add_column(sa.Column("single", sa.Boolean(), server_default=sa.true(), nullable=False))
        table.add_column(sa.Column("why", sa.Text(), nullable=True))
        table.add_column(sa.Column("instead_of", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_reminder_instead_of"), "person", ["instead_of"], ["id"])
    op.create_index("ix_reminder_notice_id", "reminder", ["notice_id"])
    op.create_index(
        "ix_reminder_waiting",
        "reminder",
        ["single", "not_before", "person_id", "visit_id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_reminder_digest",
        "reminder",
        ["person_id", "not_before"],
        sqlite_where=sa.text("state = 'waiting' AND single = 0"),
        postgresql_where=sa.text("state = 'waiting' AND single = false"),
    )


def _condition(where: str | None) -> sa.TextClause | None:
    return None if where is None else sa.text(where)


def _who_is_there() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("cover_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("handed_over_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["cover_id"], ["person.id"], name=op.f("fk_absence_cover_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index(op.f("ix_absence_person_id"), "absence", ["person_id"])
    op.create_index(
        "ix_absence_to_hand_over",
        "absence",
        ["first"],
        sqlite_where=sa.text("cover_id IS NOT NULL AND handed_over_at IS NULL"),
        postgresql_where=sa.text("cover_id IS NOT NULL AND handed_over_at IS NULL"),
    )
    op.create_table(
        "site_closing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_site_closing_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_closing")),
    )
    op.create_index(op.f("ix_site_closing_site_id"), "site_closing", ["site_id"])
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_assignment_patient_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_assignment_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index(op.f("ix_assignment_patient_id"), "assignment", ["patient_id"])


def _trial_office() -> None:
    op.create_table(
        "office_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("visit_id", sa.Uuid(), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_office_item_closed_by")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_office_item_patient_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_office_item_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_office_item_site_id")),
        sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=op.f("fk_office_item_study_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_office_item_task_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_office_item_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_item")),
    )
    op.create_index(
        "ix_office_item_key",
        "office_item",
        ["key"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_office_item_open",
        "office_item",
        ["study_id"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "outage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("trial_from", sa.BigInteger(), nullable=False),
        sa.Column("trial_until", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["released_by"], ["person.id"], name=op.f("fk_outage_released_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )


def _claims_and_leaving() -> None:
    op.create_table(
        "claim_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_claim_check_answer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_claim_check_person_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_claim_check_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_check")),
    )
    op.create_index(op.f("ix_claim_check_answer_id"), "claim_check", ["answer_id"])
    op.create_index(op.f("ix_claim_check_task_id"), "claim_check", ["task_id"])
    op.create_table(
        "contact_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_contact_attempt_patient_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contact_attempt_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_attempt")),
    )
    op.create_index(op.f("ix_contact_attempt_patient_id"), "contact_attempt", ["patient_id"])
    op.create_table(
        "item_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_item_link_person_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_item_link_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_item_link_token_hash")),
    )
    op.create_index(op.f("ix_item_link_person_id"), "item_link", ["person_id"])
