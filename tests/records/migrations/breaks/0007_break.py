"""Rebuilds a filled table, then fails."""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("person", recreate=recreate) as table:
        table.add_column(sa.Column("pace", sa.Text(), server_default="calm", nullable=False))
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("DELETE FROM membership")
    op.execute("INSERT INTO nowhere VALUES (1)")
