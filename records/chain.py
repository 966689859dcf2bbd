"""The arithmetic of the audit chain. Standard library only: an auditor can read it, and run it, without the rest.

    python3 chain.py EXPORT [NUMBER:HASH]     checks an export, and that it contains a head that was written down

    commitment = SHA-256(salt (32 bytes) | canonical JSON of {"after": ..., "before": ..., "reason": ...})
    hash       = SHA-256(canonical JSON of the entry's clear fields, the commitment and the hash before it)

The chain stands over commitments, never over ciphertext or plaintext: sealing again under a new key and a logged
redaction leave it whole, and whoever has no key can still check it.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

EXPORT_FORMAT = "sitebell-audit/1"
SALT_BYTES = 32

# ASCII only: the same bytes in every language, and a lone surrogate in what a person wrote raises no error that quotes it.
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False, check_circular=False
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One audit entry without what is sealed. Times are microseconds since 1970 UTC: trial time and elapsed time."""

    sequence: int
    at: int
    recorded_at: int
    actor: str
    action: str
    object_type: str
    object_id: str
    commitment: bytes
    previous: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry's number and hash. Kept outside, it also proves that nothing was cut off at the end."""

    sequence: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that does not hold. `sequence` is None where no single entry is to blame."""

    sequence: int | None
    what: str

    def __str__(self) -> str:
        return self.what if self.sequence is None else f"entry {self.sequence}: {self.what}"


def parse_head(text: str) -> Head:
    """A head as `audit verify` prints it: `<number>:<hash>`.

    Raises:
        ValueError: it is not written so.
    """
    number, _, digest = text.partition(":")
    return Head(int(number), bytes.fromhex(digest))


def canonical(value: object) -> bytes:
    """The one byte string for these values: sorted keys, no spaces, ASCII."""
    return _ENCODER.encode(value).encode("ascii")


def genesis(deployment: bytes) -> Head:
    """Where a deployment's chain begins: an entry of another deployment does not fit."""
    return Head(0, hashlib.sha256(b"sitebell audit chain" + deployment).digest())


def commitment(salt: bytes, *, before: object, after: object, reason: object) -> bytes:
    return hashlib.sha256(salt + canonical({"after": after, "before": before, "reason": reason})).digest()


def entry_hash(
    *,
    sequence: int,
    at: int,
    recorded_at: int,
    actor: str,
    action: str,
    object_type: str,
    object_id: str,
    committed: bytes,
    previous: bytes,
) -> bytes:
    return hashlib.sha256(
        canonical(
            {
                "action": action,
                "actor": actor,
                "at": at,
                "commitment": committed.hex(),
                "object_id": object_id,
                "object_type": object_type,
                "previous": previous.hex(),
                "recorded_at": recorded_at,
                "sequence": sequence,
            }
        )
    ).digest()


def chain_faults(entries: Iterable[Entry], *, start: Head, head: Head) -> Iterator[Fault]:
    """What does not hold between `start` and `head`: a gap, a changed entry, one that is missing or too many."""
    last = start
    for entry in entries:
        if entry.sequence != last.sequence + 1:
            yield Fault(entry.sequence, f"follows entry {last.sequence}")
        if entry.previous != last.hash:
            yield Fault(entry.sequence, "does not continue the entry before it")
        if entry.hash != _hash_of(entry):
            yield Fault(entry.sequence, "was changed")
        last = Head(entry.sequence, entry.hash)
    if last != head:
        yield Fault(None, f"the chain ends at entry {last.sequence}, but its head says entry {head.sequence}")


def anchor_fault(anchor: Head, entry: Entry | None) -> Fault | None:
    """Whether this entry still is what somebody wrote down elsewhere."""
    if entry is None:
        return Fault(None, f"entry {anchor.sequence}, which was written down elsewhere, is not there")
    if entry.hash != anchor.hash:
        return Fault(anchor.sequence, "is not the one that was written down elsewhere")
    return None


def _hash_of(entry: Entry) -> bytes:
    return entry_hash(
        sequence=entry.sequence,
        at=entry.at,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        action=entry.action,
        object_type=entry.object_type,
        object_id=entry.object_id,
        committed=entry.commitment,
        previous=entry.previous,
    )


# --- the export: JSON lines, a head line first ------------------------------------------------------------------------


def export_lines(
    deployment: bytes, head: Head, entries: Iterable[tuple[Entry, Mapping[str, object] | None]]
) -> Iterator[str]:
    """A log as text. Each entry may carry its opening (salt, before, after, reason), which needs the keys."""
    first = {
        "format": EXPORT_FORMAT,
        "deployment": deployment.hex(),
        "sequence": head.sequence,
        "hash": head.hash.hex(),
    }
    yield canonical(first).decode("ascii")
    for entry, opening in entries:
        yield _line(entry, opening)


def verify_export(lines: Iterable[str], anchor: Head | None = None) -> tuple[Fault, ...]:
    """Everything that does not hold in an export; needs no key and no database.

    Finds any entry that was changed, removed, added or moved. An export that was cut at the end together with its head
    line is found only with an `anchor`: a head that was written down elsewhere.
    """
    remaining = iter(lines)
    faults: list[Fault] = []
    try:
        first = json.loads(next(remaining, ""))
        if first["format"] != EXPORT_FORMAT:
            return (Fault(None, "this is not an audit export of Sitebell"),)
        start = genesis(bytes.fromhex(first["deployment"]))
        head = Head(int(first["sequence"]), bytes.fromhex(first["hash"]))
        entries = []
        for line in remaining:
            fields = json.loads(line)
            entry = _entry(fields)
            entries.append(entry)
            if line.rstrip("\r\n") != _line(entry, fields.get("opening")):
                faults.append(Fault(entry.sequence, "is not written as an export writes it"))
            if "opening" in fields and not _opens(entry, fields["opening"]):
                faults.append(Fault(entry.sequence, "its content is not what was committed to"))
    except (ValueError, KeyError, TypeError):
        return (Fault(None, "a line of this export cannot be read"),)
    faults += chain_faults(entries, start=start, head=head)
    if anchor is not None:
        fault = anchor_fault(anchor, next((entry for entry in entries if entry.sequence == anchor.sequence), None))
        faults += [fault] if fault is not None else []
    return tuple(faults)


def _line(entry: Entry, opening: Mapping[str, object] | None) -> str:
    line: dict[str, object] = {
        "sequence": entry.sequence,
        "at": entry.at,
        "recorded_at": entry.recorded_at,
        "actor": entry.actor,
        "action": entry.action,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "commitment": entry.commitment.hex(),
        "previous": entry.previous.hex(),
        "hash": entry.hash.hex(),
    }
    if opening is not None:
        line["opening"] = dict(opening)
    return canonical(line).decode("ascii")


def _entry(fields: Mapping[str, object]) -> Entry:
    return Entry(
        sequence=int(str(fields["sequence"])),
        at=int(str(fields["at"])),
        recorded_at=int(str(fields["recorded_at"])),
        actor=str(fields["actor"]),
        action=str(fields["action"]),
        object_type=str(fields["object_type"]),
        object_id=str(fields["object_id"]),
        commitment=bytes.fromhex(str(fields["commitment"])),
        previous=bytes.fromhex(str(fields["previous"])),
        hash=bytes.fromhex(str(fields["hash"])),
    )


def _opens(entry: Entry, opening: Mapping[str, object]) -> bool:
    salt = bytes.fromhex(str(opening["salt"]))
    return entry.commitment == commitment(
        salt, before=opening["before"], after=opening["after"], reason=opening["reason"]
    )


def main(arguments: Sequence[str]) -> int:
    """Check one export; 0 when it holds."""
    anchor = parse_head(arguments[1]) if len(arguments) > 1 else None
    with open(arguments[0], encoding="ascii", errors="replace") as lines:  # noqa: PTH123 - one import less to read
        faults = verify_export(lines, anchor)
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    sys.stdout.write("The export does NOT hold.\n" if faults else "The export holds.\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
