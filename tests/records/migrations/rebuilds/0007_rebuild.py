"""Rebuilds tables that have children: a new column, a check, a foreign key of one made optional."""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # PostgreSQL changes a table in place; SQLite has to make it anew, and is made to.
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("person", recreate=recreate) as table:
        table.add_column(sa.Column("pace", sa.Text(), server_default="calm", nullable=False))
    with op.batch_alter_table("visit", recreate=recreate) as table:
        table.alter_column("study_version", existing_type=sa.Text(), nullable=True)
    op.execute("UPDATE person SET pace = 'brisk' WHERE language = 'ja'")
