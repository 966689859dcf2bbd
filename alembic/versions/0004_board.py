"""What the board reads quickly: what is late, which scans were claimed, which answers were taken back, who was heard last, and
what was sent about a visit.
"""

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


_OPEN_SQLITE = "state = 'open' AND firm = 1"
_OPEN_POSTGRESQL = "state = 'open' AND firm = true"


def upgrade() -> None:
    _index(
        "ix_task_open_closes", "task", ["site_id", "closes", "due"], sqlite=_OPEN_SQLITE, postgresql=_OPEN_POSTGRESQL
    )
    _index("ix_task_open_opens", "task", ["site_id", "opens"], sqlite=_OPEN_SQLITE, postgresql=_OPEN_POSTGRESQL)
    _index("ix_task_upload", "task", ["site_id", "state"], sqlite="kind = 'upload'")
    _index("ix_answer_undoes", "answer", ["undoes"], sqlite="undoes IS NOT NULL")
    _index("ix_answer_heard", "answer", ["patient_id", "answered_at"], sqlite="person_id IS NOT NULL")
    _index("ix_notice_visit", "notice", ["visit_id"], sqlite="visit_id IS NOT NULL")
    op.create_index("ix_answer_person", "answer", ["person_id", "answered_at"])


def _index(name: str, table: str, columns: list[str], *, sqlite: str, postgresql: str | None = None) -> None:
    """Over the rows alone that a clause names: each engine has its own word for what is true."""
    op.create_index(
        name,
        table,
        columns,
        sqlite_where=sa.text(sqlite),
        postgresql_where=sa.text(postgresql or sqlite),
    )
