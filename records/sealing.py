"""Sealed values: AES-256-GCM over canonical JSON, bound to the place where they stand.

    byte 0      format version, 1
    bytes 1-2   number of the data key, big-endian
    bytes 3-14  random nonce
    the rest    ciphertext and 16-byte tag

Associated data: header, deployment, table, row and row version, each with its length before it. So a value that is
copied to another row, table or deployment, or put back after the row moved on, does not open. One data key seals at
most 2^32 values (NIST SP 800-38D, random nonces).
"""

import hmac
import json
import os
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import cast
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from records.chain import canonical
from records.errors import TamperedRecord

# Dates are ISO strings; floats have no place here, because two writers rarely agree on their digits.
Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]

FORMAT = 1
HEADER_BYTES = 3
NONCE_BYTES = 12


def seal(
    payload: Mapping[str, Json], *, cipher: AESGCM, key_id: int, deployment: UUID, table: str, row: UUID, version: int
) -> bytes:
    header = _header(key_id)
    nonce = os.urandom(NONCE_BYTES)
    return header + nonce + cipher.encrypt(nonce, canonical(payload), _place(header, deployment, table, row, version))


def unseal(value: bytes, *, cipher: AESGCM, deployment: UUID, table: str, row: UUID, version: int) -> dict[str, Json]:
    """What was sealed.

    Raises:
        TamperedRecord: for every failure, whatever its cause.
    """
    header, nonce = value[:HEADER_BYTES], value[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
    place = _place(header, deployment, table, row, version)
    try:
        plain = cipher.decrypt(nonce, value[HEADER_BYTES + NONCE_BYTES :], place)
    except (InvalidTag, ValueError):
        raise TamperedRecord(table, row) from None
    return cast("dict[str, Json]", json.loads(plain))


def key_id_of(value: bytes) -> int | None:
    """The number of the data key that this value names, or None if it is no sealed value of ours."""
    if len(value) <= HEADER_BYTES + NONCE_BYTES or value[0] != FORMAT:
        return None
    return int.from_bytes(value[1:HEADER_BYTES], "big")


def blind(index_key: bytes, *, field: str, value: str) -> bytes:
    """A keyed fingerprint to look a value up by. Equal values give equal fingerprints, and nothing else shows."""
    return hmac.digest(
        index_key, _measured(field.encode()) + _measured(value.encode("utf-8", "surrogatepass")), "sha256"
    )


def _header(key_id: int) -> bytes:
    return bytes((FORMAT,)) + key_id.to_bytes(2, "big")


def _place(header: bytes, deployment: UUID, table: str, row: UUID, version: int) -> bytes:
    return _table_place(header, deployment, table) + _measured(row.bytes) + _measured(version.to_bytes(8, "big"))


@lru_cache(maxsize=256)
def _table_place(header: bytes, deployment: UUID, table: str) -> bytes:
    return _measured(header) + _measured(deployment.bytes) + _measured(table.encode("ascii"))


def _measured(part: bytes) -> bytes:
    return len(part).to_bytes(4, "big") + part
