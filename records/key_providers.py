"""Where the key-encrypting key comes from: a file, a systemd credential, the environment, or a command.

All four carry the same text: one key per line, base64 of 32 random bytes; `#` begins a comment. The first key is
the current one, the others are former ones that may still be needed while keys are being rotated.
"""

import base64
import binascii
import hashlib
import os
import secrets
import shlex
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from records.errors import KeyExists, MissingKey, UnsafeKey, WrongKey

KEY_BYTES = 32
FINGERPRINT_BYTES = 8
CREDENTIAL = "sitebell-key"

LOSING_IT = """\
This creates the one key that opens everything Sitebell will store: {path}

If it is lost, nobody can open the database or any backup of it again. Not you, not us, not with any tool:
every answer and every audit entry in it is gone for good.
If somebody else gets it together with the database, they can read everything.

So, today:
  1. Keep a copy in a safe place that is not this machine: a password manager, or printed and locked away.
  2. Never keep it beside the database or its backups.
  3. Write down where the copy is, for whoever does your work when you are away.
"""


@dataclass(frozen=True, slots=True)
class KeyEncryptingKey:
    """Wraps data keys; never touches data. `fingerprint` names it and tells nothing about it."""

    material: bytes = field(repr=False)

    @property
    def fingerprint(self) -> bytes:
        return hashlib.sha256(b"sitebell key-encrypting key" + self.material).digest()[:FINGERPRINT_BYTES]


class KeyProvider(Protocol):
    """Hands out key-encrypting keys. It is asked anew each time, so that a rotation needs no restart.

    Both methods raise MissingKey when there is no key at all, UnsafeKey when others could read it, and WrongKey when
    what is there is no key; `named` also raises WrongKey when no key has that fingerprint.
    """

    def current(self) -> KeyEncryptingKey: ...

    def named(self, fingerprint: bytes) -> KeyEncryptingKey: ...


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key that somebody already holds as text: SITEBELL_KEY, or a test's."""

    text: str = field(repr=False)
    source: str = "SITEBELL_KEY"

    def current(self) -> KeyEncryptingKey:
        return read_keys(self.text, source=self.source)[0]

    def named(self, fingerprint: bytes) -> KeyEncryptingKey:
        return _named(read_keys(self.text, source=self.source), fingerprint, source=self.source)


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file of mode 0600 outside the folders in `outside` (the data folder): a stolen backup holds no key."""

    path: Path
    outside: tuple[Path, ...]

    def current(self) -> KeyEncryptingKey:
        return self.keys()[0]

    def named(self, fingerprint: bytes) -> KeyEncryptingKey:
        return _named(self.keys(), fingerprint, source=str(self.path))

    def keys(self) -> tuple[KeyEncryptingKey, ...]:
        check_place(self.path, outside=self.outside)
        return read_keys(_private_text(self.path), source=str(self.path))


@dataclass(frozen=True, slots=True)
class KeyCredential:
    """A systemd credential (`LoadCredential=sitebell-key:...`); systemd keeps the folder from everybody else."""

    directory: Path

    def current(self) -> KeyEncryptingKey:
        return self._keys()[0]

    def named(self, fingerprint: bytes) -> KeyEncryptingKey:
        return _named(self._keys(), fingerprint, source=f"the credential {CREDENTIAL}")

    def _keys(self) -> tuple[KeyEncryptingKey, ...]:
        path = self.directory / CREDENTIAL
        try:
            text = path.read_text()
        except OSError:
            raise MissingKey(
                f"There is no credential {CREDENTIAL} in {self.directory}; add LoadCredential={CREDENTIAL}:PATH to the unit."
            ) from None
        return read_keys(text, source=f"the credential {CREDENTIAL}")


@dataclass(frozen=True, slots=True)
class KeyCommand:
    """A command that prints the key, for a vault or a security module. Run without a shell."""

    command: str
    timeout: timedelta = timedelta(seconds=30)

    def current(self) -> KeyEncryptingKey:
        return self._keys()[0]

    def named(self, fingerprint: bytes) -> KeyEncryptingKey:
        return _named(self._keys(), fingerprint, source="the key command")

    def _keys(self) -> tuple[KeyEncryptingKey, ...]:
        try:
            ended = subprocess.run(  # noqa: S603 - the administrator's own command, split without a shell
                shlex.split(self.command),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=self.timeout.total_seconds(),
                check=True,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            # Neither the output nor the arguments: both may hold the key.
            raise MissingKey(
                f"The key command did not give a key ({type(error).__name__}); run it by hand and look."
            ) from None
        return read_keys(ended.stdout, source="the key command")


def read_keys(text: str, *, source: str) -> tuple[KeyEncryptingKey, ...]:
    """The keys in a text, the current one first.

    Raises:
        MissingKey: there is none.
        WrongKey: a line is not base64 of 32 bytes.
    """
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    keys = tuple(_key(line, source=source) for line in lines if line)
    if not keys:
        raise MissingKey(f"There is no key in {source}; `sitebell keys create` makes one for a new installation.")
    return keys


def new_key_text() -> str:
    """A new random key as text."""
    return key_text(KeyEncryptingKey(secrets.token_bytes(KEY_BYTES)))


def key_text(key: KeyEncryptingKey) -> str:
    return base64.b64encode(key.material).decode("ascii")


def create_key_file(path: Path, *, outside: Sequence[Path]) -> None:
    """Make a new key in a new file of mode 0600. Print `LOSING_IT` before, not after.

    Raises:
        KeyExists: something is there already; it is left alone.
        UnsafeKey: the place is inside one of `outside`.
    """
    check_place(path, outside=outside)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not write_new(path, key_file_text([new_key_text()]).encode("ascii")):
        raise KeyExists(f"{path} exists already and was left alone: a key that is overwritten opens nothing any more.")


def key_file_text(keys: Sequence[str]) -> str:
    head = "# Sitebell: the key that opens the database. Without it nobody can. Keep a copy away from this machine.\n"
    return head + "".join(f"{key}\n" for key in keys)


def replace_key_file(path: Path, keys: Sequence[KeyEncryptingKey]) -> None:
    """Put these keys in place of what the file holds, in one step: a crash leaves the old file or the new one."""
    replace_file(path, key_file_text([key_text(key) for key in keys]).encode("ascii"))


def replace_file(path: Path, content: bytes) -> None:
    """Put a private file in place of another in one step, and on the disk."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _write_all(beside, content)
    beside.replace(path)
    _sync_folder(path.parent)


def write_new(path: Path, content: bytes) -> bool:
    """Write a private file whole or not at all; False when something is there already."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _write_all(beside, content)
    try:
        # A hard link never replaces a file, and by now the content is on the disk.
        os.link(beside, path)
    except FileExistsError:
        return False
    finally:
        beside.unlink()
    _sync_folder(path.parent)
    return True


def check_place(path: Path, *, outside: Sequence[Path]) -> None:
    """Refuse a key file in or below one of these folders.

    Raises:
        UnsafeKey: one sentence that says where not.
    """
    real = path.resolve()
    for folder in outside:
        if real.is_relative_to(folder.resolve()):
            raise UnsafeKey(
                f"The key file {path} lies in the data folder {folder}: whoever copies that folder has both; move it elsewhere."
            )


def _private_text(path: Path) -> str:
    try:
        status = path.stat()
        text = path.read_text()
    except FileNotFoundError:
        raise MissingKey(
            f"There is no key file {path}; put the key back there, or for a new installation run `sitebell keys create`."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise MissingKey(f"The key file {path} cannot be read; check who owns it and that it is a text file.") from None
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
        raise UnsafeKey(
            f"The key file {path} has mode {stat.S_IMODE(status.st_mode):04o}, so others may use it; run `chmod 0600 {path}`."
        )
    return text


def _key(line: str, *, source: str) -> KeyEncryptingKey:
    try:
        material = base64.b64decode(line.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        material = b""
    if len(material) != KEY_BYTES:
        raise WrongKey(f"What stands in {source} is not a key: each line must be base64 of {KEY_BYTES} bytes.")
    return KeyEncryptingKey(material)


def _named(keys: Sequence[KeyEncryptingKey], fingerprint: bytes, *, source: str) -> KeyEncryptingKey:
    for key in keys:
        if key.fingerprint == fingerprint:
            return key
    raise WrongKey(
        f"The key in {source} ({keys[0].fingerprint.hex()}) is not the one that this database was closed with ({fingerprint.hex()})."
    )


def _write_all(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
