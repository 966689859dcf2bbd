"""Where Alembic meets the records: the connection and its transaction come from `records/migrations.py`."""

from alembic import context
from records.errors import RecordsError
from records.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise RecordsError(
        "Run `sitebell migrate`: it takes the copy, the lock and the transaction that a migration needs."
    )

context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=True,
    # Everything is one transaction that began outside; Alembic would commit SQLite's tables one by one.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
