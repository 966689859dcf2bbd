"""Checking, exporting and asking the audit log. Writing it is `Tx.audit`; the arithmetic is in `records/chain.py`.

An entry of object type `<table>` whose `after` has a field of that row's sealed value says what the row holds now. A
person who changes the row without the log, or the log without the row, is found by comparing the two.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from records import chain
from records.chain import Entry, Fault, Head
from records.errors import TamperedRecord
from records.schema import audit, audit_head, metadata
from records.sealing import Json
from records.transaction import Tx, entry_row, microseconds
from trial.moments import Instant

REDACTED: Final = "audit.redacted"  # names the redacted entry's sequence as its object
CHUNK: Final = 500

_ENTRIES: Final = sa.select(audit).order_by(audit.c.sequence)
_SEALED_TABLES: Final = tuple(
    table
    for table in metadata.sorted_tables
    if "sealed" in table.c and "id" in table.c and isinstance(table.c.id.type, sa.Uuid)
)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was checked and what does not hold. `opened`, `redacted` and `records` need the keys."""

    entries: int
    head: Head
    faults: tuple[Fault, ...]
    with_keys: bool
    opened: int
    redacted: int
    records: int

    @property
    def holds(self) -> bool:
        return not self.faults

    @property
    def sentence(self) -> str:
        """The whole verdict in one line."""
        if self.faults:
            return f"The audit log does NOT hold: {len(self.faults)} found, first {self.faults[0]}."
        checked = f"{self.opened} contents and {self.records} sealed records" if self.with_keys else "the chain alone"
        redacted = f", {self.redacted} redacted" if self.redacted else ""
        return f"The audit log holds: {self.entries} entries{redacted}, head {self.head}; checked {checked}."


@dataclass(slots=True)
class _Findings:
    """What one pass over the log has seen so far."""

    faults: list[Fault] = field(default_factory=list)
    entries: int = 0
    opened: int = 0
    removed: set[int] = field(default_factory=set)  # entries without content
    excused: set[str] = field(default_factory=set)  # entries that a logged redaction names
    # What the log says that each record holds: a digest for each field. None: a redaction hides it.
    state: dict[tuple[str, str], dict[str, bytes] | None] = field(default_factory=dict)


def verify(tx: Tx, *, with_keys: bool = True, anchor: Head | None = None) -> AuditReport:
    """Check the whole log, and with the keys also its contents and every sealed record against it.

    Any entry that was changed, removed, added or moved is found. A log that was cut off at its end, and whose head row
    was set back with it, is found only with `anchor`: a head that somebody wrote down elsewhere.
    """
    head = _head(tx)
    findings = _Findings()
    anchored: list[Entry] = []

    def seen() -> Iterator[Entry]:
        for row in _rows(tx):
            entry = _entry(row)
            findings.entries += 1
            if anchor is not None and entry.sequence == anchor.sequence:
                anchored.append(entry)
            if with_keys:
                _look_inside(tx, entry, row.sealed, findings)
            yield entry

    faults = list(chain.chain_faults(seen(), start=chain.genesis(tx.deployment_id.bytes), head=head))
    if anchor is not None:
        fault = chain.anchor_fault(anchor, anchored[0] if anchored else None)
        faults += [fault] if fault is not None else []
    compared = 0
    if with_keys:
        faults += findings.faults
        faults += [
            Fault(sequence, "its content was removed, and no entry says why")
            for sequence in sorted(findings.removed)
            if str(sequence) not in findings.excused
        ]
        for table in _SEALED_TABLES:
            number, found = _compare(tx, table, findings.state)
            compared += number
            faults += found
    return AuditReport(
        entries=findings.entries,
        head=head,
        faults=tuple(faults),
        with_keys=with_keys,
        opened=findings.opened,
        redacted=len(findings.removed),
        records=compared,
    )


def export(tx: Tx, *, opened: bool = False) -> Iterator[str]:
    """The log as JSON lines, to be used up inside the transaction. `opened` adds what is sealed: who holds the file can
    read it, and can check it against the commitments. `records.chain.verify_export` checks a file without any key.
    """

    def entries() -> Iterator[tuple[Entry, Mapping[str, object] | None]]:
        for row in _rows(tx):
            yield _entry(row), _shown(tx, row.sequence, row.sealed) if opened and row.sealed is not None else None

    return chain.export_lines(tx.deployment_id.bytes, _head(tx), entries())


def was_recorded(tx: Tx, action: str, *, table: sa.Table, object_id: UUID, since: Instant) -> bool:
    """Whether the log has this of a row, at `since` (trial time) or later; what this transaction leaves is not in it yet."""
    entries = sa.select(sa.literal(1)).where(
        audit.c.object_type == table.name,
        audit.c.object_id == str(object_id),
        audit.c.action == action,
        audit.c.at >= since,
    )
    return tx.connection.execute(entries.limit(1)).first() is not None


def latest(tx: Tx, action: str, *, table: sa.Table, object_id: UUID, limit: int) -> tuple[Instant, ...]:
    """When the log has this of a row, in elapsed time, the latest first; what this transaction leaves is not in it yet."""
    entries = (
        sa.select(audit.c.recorded_at)
        .where(audit.c.object_type == table.name, audit.c.object_id == str(object_id), audit.c.action == action)
        .order_by(audit.c.sequence.desc())
        .limit(limit)
    )
    return tuple(tx.connection.scalars(entries))


def _head(tx: Tx) -> Head:
    row = tx.connection.execute(sa.select(audit_head.c.sequence, audit_head.c.hash)).one_or_none()
    return Head(0, b"") if row is None else Head(row.sequence, row.hash)


def _rows(tx: Tx) -> Iterator[sa.Row[Any]]:
    yield from tx.connection.execute(_ENTRIES, execution_options={"yield_per": CHUNK})


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        sequence=row.sequence,
        at=microseconds(row.at),
        recorded_at=microseconds(row.recorded_at),
        actor=row.actor,
        action=row.action,
        object_type=row.object_type,
        object_id=row.object_id,
        commitment=row.commitment,
        previous=row.previous,
        hash=row.hash,
    )


def _opening(tx: Tx, sequence: int, value: bytes) -> dict[str, Json]:
    return tx.unseal(audit, entry_row(sequence), value)


def _shown(tx: Tx, sequence: int, value: bytes) -> dict[str, Json]:
    opening = _opening(tx, sequence, value)
    return {name: opening[name] for name in ("salt", "before", "after", "reason")}


def _look_inside(tx: Tx, entry: Entry, value: bytes | None, findings: _Findings) -> None:
    if entry.action == REDACTED:
        findings.excused.add(entry.object_id)
    thing = (entry.object_type, entry.object_id)
    if value is None:
        findings.removed.add(entry.sequence)
        findings.state[thing] = None
        return
    try:
        opening = _opening(tx, entry.sequence, value)
    except TamperedRecord:
        findings.faults.append(Fault(entry.sequence, "its content does not open"))
        return
    salt, before, after, reason = (opening.get(name) for name in ("salt", "before", "after", "reason"))
    committed = chain.commitment(bytes.fromhex(str(salt)), before=before, after=after, reason=reason)
    if committed != entry.commitment:
        findings.faults.append(Fault(entry.sequence, "its content is not what was committed to"))
        return
    if opening.get("hash") != entry.hash.hex():
        findings.faults.append(Fault(entry.sequence, "is not the entry that was written with this content"))
        return
    findings.opened += 1
    _learn(thing, before, after, findings)


def _learn(thing: tuple[str, str], before: Json, after: Json, findings: _Findings) -> None:
    if isinstance(after, Mapping):
        known = findings.state.setdefault(thing, {})
        if known is not None:
            known.update({name: _digest(value) for name, value in after.items()})
    elif isinstance(before, Mapping):
        findings.state.pop(thing, None)  # taken away, and the log says so


def _compare(
    tx: Tx, table: sa.Table, state: Mapping[tuple[str, str], dict[str, bytes] | None]
) -> tuple[int, list[Fault]]:
    """Open every sealed value of a table and hold it against the log. Gives how many, and what does not agree."""
    version = table.c.version if "version" in table.c else sa.literal(1).label("version")
    missing = {row for name, row in state if name == table.name and state[name, row]}
    faults: list[Fault] = []
    number = 0
    statement = sa.select(table.c.id, version, table.c.sealed)
    for row in tx.connection.execute(statement, execution_options={"yield_per": CHUNK}):
        missing.discard(str(row.id))
        if row.sealed is None:
            continue
        number += 1
        try:
            stored = tx.unseal(table, row.id, row.sealed, version=row.version)
        except TamperedRecord:
            faults.append(Fault(None, f"{table.name} {row.id} does not open where it stands"))
            continue
        logged = state.get((table.name, str(row.id))) or {}
        if any(_digest(value) != logged[name] for name, value in stored.items() if name in logged):
            faults.append(Fault(None, f"{table.name} {row.id} does not hold what the log says"))
    faults += [Fault(None, f"{table.name} {row} is gone, and the log does not say why") for row in sorted(missing)]
    return number, faults


def _digest(value: Json) -> bytes:
    return hashlib.sha256(chain.canonical(value)).digest()[:16]
