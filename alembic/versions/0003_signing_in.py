"""What signing in to the board stores: one-time links, numbers that a browser shows, sessions."""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


OPEN_FIRM = "state = 'open' AND firm = {}"


def upgrade() -> None:
    _index_tasks()
    op.create_table(
        "login_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_login_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_link_token_hash")),
    )
    op.create_index(op.f("ix_login_link_person_id"), "login_link", ["person_id"])
    op.create_table(
        "login_number",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("refused_at", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_login_number_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_number")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_login_number_secret_hash")),
    )
    op.create_index(op.f("ix_login_number_person_id"), "login_number", ["person_id"])
    op.create_index("ix_login_number_number", "login_number", ["number", "expires_at"])
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("began", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_session_secret_hash")),
    )
    op.create_index(op.f("ix_session_person_id"), "session", ["person_id"])


def _index_tasks() -> None:
    """The board counts and lists tasks by site; what the unique constraint or a longer index covers goes."""
    op.drop_index(op.f("ix_task_visit_id"), "task")
    op.drop_index(op.f("ix_task_site_id"), "task")
    op.create_index("ix_task_standing", "task", ["site_id", "kind", "state"])
    op.create_index(
        "ix_task_open",
        "task",
        ["site_id", "due", "closes"],
        sqlite_where=sa.text(OPEN_FIRM.format("1")),
        postgresql_where=sa.text(OPEN_FIRM.format("true")),
    )
