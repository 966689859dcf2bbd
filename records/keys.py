"""The key ring: data keys, wrapped under the key-encrypting key, and the key of the SQLCipher file.

    wrapped = fingerprint of the key-encrypting key (8 bytes) | data key under AES key wrap (RFC 3394, 40 bytes)

There is one data key for the deployment, one for each study and one for blind indexes. The index key is never
rotated: every fingerprint in every table would have to change with it. The file's key cannot live in the file that
it opens, so it lies beside it as `<database>.key`, wrapped in the same way.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from records.errors import MissingKey, WrongKey
from records.key_providers import FINGERPRINT_BYTES, KEY_BYTES, KeyProvider, write_new
from records.schema import data_key

DEPLOYMENT = "deployment"
INDEX = "index"
LAST_KEY_ID = 32_767  # the column is a small integer on both engines

_ALL_KEYS = sa.select(data_key.c.id, data_key.c.purpose, data_key.c.wrapped, data_key.c.retired_at).order_by(
    data_key.c.id
)
_NEWEST = sa.select(sa.func.max(data_key.c.id))


def study_purpose(study: UUID) -> str:
    return f"study:{study}"


@dataclass(frozen=True, slots=True)
class DataKeys:
    """The opened data keys as one transaction sees them. A new key gives a new object: no locks needed."""

    ciphers: Mapping[int, AESGCM] = field(repr=False)
    current: Mapping[str, int]  # purpose -> number of the key that seals now
    purposes: Mapping[int, str]
    index: bytes = field(repr=False)

    @property
    def newest(self) -> int:
        return max(self.purposes, default=0)

    def and_key(self, key: "NewKey") -> "DataKeys":
        return DataKeys(
            ciphers=MappingProxyType({**self.ciphers, key.id: AESGCM(key.material)}),
            current=MappingProxyType({**self.current, key.purpose: key.id}),
            purposes=MappingProxyType({**self.purposes, key.id: key.purpose}),
            index=key.material if key.purpose == INDEX else self.index,
        )


def wrap(material: bytes, provider: KeyProvider) -> bytes:
    """This key under the current key-encrypting key."""
    kek = provider.current()
    return kek.fingerprint + aes_key_wrap(kek.material, material)


def unwrap(wrapped: bytes, provider: KeyProvider) -> bytes:
    """The key that was wrapped.

    Raises:
        WrongKey: the provider does not have the key-encrypting key, or the value was changed.
        MissingKey, UnsafeKey: as the provider says.
    """
    kek = provider.named(wrapped[:FINGERPRINT_BYTES])
    try:
        return aes_key_unwrap(kek.material, wrapped[FINGERPRINT_BYTES:])
    except InvalidUnwrap:
        raise WrongKey("A wrapped key in the database was changed and does not open; restore a backup.") from None


def read_data_keys(connection: sa.Connection, provider: KeyProvider) -> DataKeys:
    """All data keys of this database, opened.

    Raises:
        WrongKey, MissingKey, UnsafeKey: as `unwrap`.
    """
    ciphers: dict[int, AESGCM] = {}
    current: dict[str, int] = {}
    purposes: dict[int, str] = {}
    index = b""
    for row in connection.execute(_ALL_KEYS):
        material = unwrap(row.wrapped, provider)
        purposes[row.id] = row.purpose
        if row.purpose == INDEX:
            index = material
        else:
            ciphers[row.id] = AESGCM(material)
        if row.retired_at is None:
            current[row.purpose] = row.id
    if INDEX not in current or DEPLOYMENT not in current:
        raise MissingKey("The database holds no wrapped data keys, so nothing in it can be opened; restore a backup.")
    return DataKeys(
        ciphers=MappingProxyType(ciphers),
        current=MappingProxyType(current),
        purposes=MappingProxyType(purposes),
        index=index,
    )


@dataclass(frozen=True, slots=True)
class NewKey:
    """A data key that this transaction made and will store."""

    id: int
    purpose: str
    material: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)


def make_data_key(purpose: str, *, after: int, provider: KeyProvider) -> NewKey:
    """A new random data key, numbered after `after`. The caller holds the lock under which numbers are given out.

    Raises:
        OverflowError: no number is left.
        WrongKey, MissingKey, UnsafeKey: as the provider says.
    """
    if after >= LAST_KEY_ID:
        raise OverflowError("no number is left for another data key")
    material = secrets.token_bytes(KEY_BYTES)
    return NewKey(id=after + 1, purpose=purpose, material=material, wrapped=wrap(material, provider))


def newest_key(connection: sa.Connection) -> int:
    return connection.scalar(_NEWEST) or 0


def store_data_keys(connection: sa.Connection, keys: Sequence[NewKey], *, created_at: datetime) -> None:
    connection.execute(
        data_key.insert(),
        [{"id": key.id, "purpose": key.purpose, "wrapped": key.wrapped, "created_at": created_at} for key in keys],
    )


# --- the key of the SQLCipher file ------------------------------------------------------------------------------------


def file_key_path(database: Path) -> Path:
    return database.with_name(f"{database.name}.key")


def read_file_key(database: Path, provider: KeyProvider) -> bytes:
    """The raw key of this SQLCipher file.

    Raises:
        MissingKey: nothing lies beside the database.
        WrongKey, UnsafeKey: as `unwrap`.
    """
    path = file_key_path(database)
    try:
        wrapped = bytes.fromhex(path.read_text().strip())
    except FileNotFoundError:
        raise MissingKey(
            f"The wrapped key {path} is not beside the database; restore it together with the database."
        ) from None
    except (OSError, ValueError):
        raise WrongKey(f"The wrapped key {path} cannot be read; restore it together with the database.") from None
    return unwrap(wrapped, provider)


def create_file_key(database: Path, provider: KeyProvider) -> bytes:
    """A new random key for a database that is not there yet; one that was made a moment ago is used again."""
    wrapped = wrap(secrets.token_bytes(KEY_BYTES), provider)
    write_new(file_key_path(database), wrapped.hex().encode("ascii") + b"\n")
    return read_file_key(database, provider)
