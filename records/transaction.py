"""One transaction: what query modules are given, and the only way to seal, unseal and leave an audit entry."""

import os
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from records import chain, sealing
from records.bulk import Bulk
from records.errors import TamperedRecord
from records.key_providers import KeyProvider
from records.keys import (
    DEPLOYMENT,
    DataKeys,
    NewKey,
    make_data_key,
    newest_key,
    read_data_keys,
    store_data_keys,
    study_purpose,
)
from records.schema import EPOCH, audit, audit_head, data_key, deployment
from records.sealing import Json

SYSTEM: Final = "system"
HEAD: Final = 1  # the one row of audit_head

_HEAD = sa.select(
    audit_head.c.sequence,
    audit_head.c.hash,
    sa.select(sa.func.max(data_key.c.id)).scalar_subquery().label("newest_key"),
).where(audit_head.c.id == HEAD)
_HEAD_LOCKED = _HEAD.with_for_update(of=audit_head)
_MOVE_HEAD = (
    audit_head.update()
    .where(audit_head.c.id == HEAD)
    .values(sequence=sa.bindparam("new_sequence"), hash=sa.bindparam("new_hash"))
)
_ADD_ENTRIES = Bulk.inserting(audit, *audit.c.keys())
_LOCK_DEPLOYMENT = sa.select(deployment.c.id).with_for_update()
_COUNTED: Final = (1 << 32) - 1  # the last bits of an id; 90 random ones stay before them
_MICROSECOND = timedelta(microseconds=1)


class AuditEvent(NamedTuple):
    action: str
    table: str
    object_id: str
    actor: str
    at: datetime
    recorded_at: datetime
    before: Mapping[str, Json] | None
    after: Mapping[str, Json] | None
    reason: str | None


class Tx:
    """An open transaction. It begins and ends in `Records.begin` or `Records.read`, never here."""

    def __init__(
        self,
        connection: sa.Connection,
        *,
        deployment_id: UUID,
        keys: DataKeys,
        provider: KeyProvider,
        writes: bool,
        first_id: int = 0,
    ) -> None:
        self.connection = connection  # for the query modules of this room; use cases never touch it
        self.dialect = connection.dialect.name  # `sqlite` or `postgresql`
        self.deployment_id = deployment_id
        self.keys = keys
        self.stale_keys = False  # another process made newer data keys
        self._provider = provider
        self._writes = writes
        self._events: list[AuditEvent] = []
        self._new_keys: list[NewKey] = []
        self._place = 0
        self._last_id = first_id  # 0: drawn at the first new id

    # --- sealed values ------------------------------------------------------------------------------------------------

    def seal(
        self,
        table: sa.Table,
        row_id: UUID,
        payload: Mapping[str, Json],
        *,
        version: int = 1,
        study: UUID | None = None,
    ) -> bytes:
        """These values, readable only in this row at this version.

        `study` None: the deployment's key; given: that study's key, which is made at its first use.
        """
        purpose = DEPLOYMENT if study is None else study_purpose(study)
        key_id = self.keys.current.get(purpose)
        if key_id is None:
            key_id = self._make_key(purpose)
        return self._seal(key_id, table, row_id, payload, version=version)

    def _seal(self, key_id: int, table: sa.Table, row_id: UUID, payload: Mapping[str, Json], *, version: int) -> bytes:
        return sealing.seal(
            payload,
            cipher=self.keys.ciphers[key_id],
            key_id=key_id,
            deployment=self.deployment_id,
            table=table.name,
            row=row_id,
            version=version,
        )

    def unseal(self, table: sa.Table, row_id: UUID, value: bytes, *, version: int = 1) -> dict[str, Json]:
        """What was sealed in this row at this version.

        Raises:
            TamperedRecord: for every failure.
        """
        key_id = sealing.key_id_of(value)
        if key_id is None:
            raise TamperedRecord(table.name, row_id)
        if key_id not in self.keys.ciphers and key_id > self.keys.newest:
            self.keys = read_data_keys(self.connection, self._provider)
            self.stale_keys = True
        cipher = self.keys.ciphers.get(key_id)
        if cipher is None:
            raise TamperedRecord(table.name, row_id)
        return sealing.unseal(
            value, cipher=cipher, deployment=self.deployment_id, table=table.name, row=row_id, version=version
        )

    def reseal(self, table: sa.Table, row_id: UUID, value: bytes, *, version: int = 1) -> bytes:
        """The same content in the same place, sealed by the key that is current for its purpose.

        Raises:
            TamperedRecord: it does not open.
        """
        payload = self.unseal(table, row_id, value, version=version)
        purpose = self.keys.purposes[int(sealing.key_id_of(value) or 0)]
        return self._seal(self.keys.current[purpose], table, row_id, payload, version=version)

    def blind(self, field: str, value: str) -> bytes:
        """A keyed fingerprint (32 bytes) to look `value` up by; `field` keeps equal values of other fields apart."""
        return sealing.blind(self.keys.index, field=field, value=value)

    def lock_keys(self) -> None:
        """Nobody else makes data keys or changes how they are wrapped until this transaction ends."""
        self._refuse_if_reading()
        self.connection.execute(_LOCK_DEPLOYMENT)
        if newest_key(self.connection) > self.keys.newest:
            self.keys = read_data_keys(self.connection, self._provider)

    def new_data_key(self, purpose: str) -> int:
        """A new key that seals for this purpose from now on. Needs `lock_keys`, and an audit entry in this transaction."""
        key = make_data_key(purpose, after=self.keys.newest, provider=self._provider)
        self._new_keys.append(key)
        self.keys = self.keys.and_key(key)
        return key.id

    # --- audit --------------------------------------------------------------------------------------------------------

    def audit(
        self,
        action: str,
        *,
        table: sa.Table,
        object_id: UUID | str,
        by: UUID | None,
        at: datetime,
        recorded_at: datetime,
        before: Mapping[str, Json] | None = None,
        after: Mapping[str, Json] | None = None,
        reason: str | None = None,
    ) -> None:
        """Leave one entry for this change. Entries are written together at the end, the head row locked last.

        `at` is trial time, `recorded_at` elapsed time; `by` None is the system. A field of `after` that has the name
        of a sealed field of that row must have its value too: `audit verify` compares them.
        """
        self._refuse_if_reading()
        self._events.append(
            AuditEvent(
                action=action,
                table=table.name,
                object_id=str(object_id),
                actor=SYSTEM if by is None else str(by),
                at=at,
                recorded_at=recorded_at,
                before=before,
                after=after,
                reason=reason,
            )
        )

    # --- rows ---------------------------------------------------------------------------------------------------------

    def new_id(self) -> UUID:
        """A random number of this transaction's, counted up: what is written together stands together in an index."""
        if not self._last_id:
            self._last_id = uuid.uuid4().int & ~_COUNTED
        self._last_id += 1
        return UUID(int=self._last_id)

    def next_place(self) -> int:
        """Counts up within this transaction: the order of what happens at one instant."""
        self._place += 1
        return self._place

    def insert_new(self, table: sa.Table, rows: Sequence[Mapping[str, object]]) -> int:
        """Insert those rows that break no unique constraint, and say how many they were."""
        if not rows:
            return 0
        insert = sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)
        result = self.connection.execute(
            insert.on_conflict_do_nothing(), list(rows), execution_options={"preserve_rowcount": True}
        )
        return result.rowcount

    # --- the end ------------------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """Write what was collected. Called once by `Records.begin`, just before the commit.

        Raises:
            ValueError: a study's first value was sealed in a transaction that leaves no audit entry.
        """
        if self._new_keys:
            self._store_new_keys()
        if self._events:
            self._write_events()

    def _make_key(self, purpose: str) -> int:
        self.lock_keys()
        if purpose in self.keys.current:  # another process made it while we waited for the lock
            return self.keys.current[purpose]
        return self.new_data_key(purpose)

    def _store_new_keys(self) -> None:
        if not self._events:
            raise ValueError("the first value of a study is sealed in a transaction that leaves an audit entry")
        last = self._events[-1]
        store_data_keys(self.connection, self._new_keys, created_at=last.recorded_at)
        self._events += [
            last._replace(action="key.created", table=data_key.name, object_id=str(key.id), before=None, after=None)
            for key in self._new_keys
        ]
        self._new_keys = []

    def _write_events(self) -> None:
        rows: list[dict[str, Any]] = []
        head = self.connection.execute(_HEAD_LOCKED).one()
        self.stale_keys = self.stale_keys or head.newest_key > self.keys.newest
        sequence, previous = head.sequence, head.hash
        for event in self._events:
            sequence += 1
            salt = os.urandom(chain.SALT_BYTES)
            committed = chain.commitment(salt, before=event.before, after=event.after, reason=event.reason)
            this = chain.entry_hash(
                sequence=sequence,
                at=microseconds(event.at),
                recorded_at=microseconds(event.recorded_at),
                actor=event.actor,
                action=event.action,
                object_type=event.table,
                object_id=event.object_id,
                committed=committed,
                previous=previous,
            )
            # The hash goes under the seal too: who can write to the database but has no key cannot make a new chain.
            opening: dict[str, Json] = {
                "salt": salt.hex(),
                "before": event.before,
                "after": event.after,
                "reason": event.reason,
                "hash": this.hex(),
            }
            rows.append(
                {
                    "sequence": sequence,
                    "at": event.at,
                    "recorded_at": event.recorded_at,
                    "actor": event.actor,
                    "action": event.action,
                    "object_type": event.table,
                    "object_id": event.object_id,
                    "commitment": committed,
                    "previous": previous,
                    "hash": this,
                    "sealed": self.seal(audit, entry_row(sequence), opening),
                }
            )
            previous = this
        _ADD_ENTRIES.write(self.connection, rows)
        self.connection.execute(_MOVE_HEAD, {"new_sequence": sequence, "new_hash": previous})
        self._events = []

    def _refuse_if_reading(self) -> None:
        if not self._writes:
            raise RuntimeError("this transaction only reads")


def entry_row(sequence: int) -> UUID:
    """The row that an audit entry's sealed content is bound to."""
    return UUID(int=sequence)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 UTC; the chain counts time in these."""
    return (moment - EPOCH) // _MICROSECOND
