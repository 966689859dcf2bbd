"""One PostgreSQL server for a whole test run, shared by its workers, ended with it.

The server is a throwaway, but it commits like a real one: fsync and synchronous_commit stay on,
because some tests kill processes and count what survived. It listens on loopback only, behind a
password made for the run. Its own time zone is an odd one on purpose: code that leans on the
server's zone instead of UTC should fail here and not at a site.
"""

import contextlib
import fcntl
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from tests.needs import POSTGRESQL_MISSING, NeedMissing, find_postgresql

FOLDERS = "sitebell-tests-"
START_ATTEMPTS = 5
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
fsync = on
synchronous_commit = on
full_page_writes = on
timezone = 'Pacific/Chatham'
log_timezone = 'UTC'
"""


def contents(parts: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Name and content of every file below these folders of a running server, each once.

    A segment of the server's log that is needed no more gets another name at any moment: it is read under that one, then.
    """
    folders = tuple(parts)
    known: set[int] = set()
    missed = True
    while missed:
        missed = False
        for file in [file for folder in folders for file in folder.rglob("*") if not file.is_dir()]:
            try:
                with file.open("rb") as opened:
                    number = os.fstat(opened.fileno()).st_ino
                    content = b"" if number in known else opened.read()
            except FileNotFoundError:
                missed = True
                continue
            if number not in known:
                known.add(number)
                yield file.name, content


@dataclass(frozen=True, slots=True)
class Server:
    """A running server where this test run may make databases. `url` opens its `postgres` database."""

    url: str

    @contextlib.contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database, dropped afterwards whoever still holds it open.

        `template` may be any database of this server that nobody is connected to: migrate one,
        then copy it for each test.
        """
        name = f"sitebell_{uuid4().hex}"
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield self.url_of(name)
        finally:
            self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def url_of(self, database: str) -> str:
        # By parsing, not by cutting: a URL given from outside may carry parameters after the name.
        head, _, query = self.url.partition("?")
        base = head.rsplit("/", 1)[0] if "dbname" in conninfo_to_dict(head) else head.rstrip("/")
        return f"{base}/{database}{'?' + query if query else ''}"

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)


def server_for_run(folder: Path, environ: Mapping[str, str] = os.environ) -> Server:
    """The run's server: the first worker that asks starts it, the others wait and share it.

    `folder` is the run's (`begin_run`). SITEBELL_TEST_POSTGRESQL_URL is used as it is.

    Raises:
        NeedMissing: no PostgreSQL on this machine; the message says what to type.
    """
    given = environ.get("SITEBELL_TEST_POSTGRESQL_URL")
    if given:
        return Server(given)
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        note = folder / "server.json"
        if not note.exists():
            programs = find_postgresql(environ)
            if programs is None:
                raise NeedMissing(POSTGRESQL_MISSING)
            url = _start(folder, programs)
            note.touch(0o600)
            note.write_text(json.dumps({"url": url, "programs": str(programs)}))
        return Server(json.loads(note.read_text())["url"])


@dataclass(frozen=True, slots=True)
class Run:
    """One test run and its folder. `owned` is locked while the run lives, however it ends."""

    folder: Path
    owned: IO[str]

    def end(self) -> None:
        """Stop the run's server, if one was started, and remove its folder."""
        _clear(self.folder)
        self.owned.close()


def begin_run(parent: Path | None = None) -> Run:
    """A folder for a new test run, after clearing away what killed runs left behind."""
    parent = Path(tempfile.gettempdir()) if parent is None else parent
    for left in parent.glob(f"{FOLDERS}*"):
        # Somebody else's folder, or a run that is alive: not ours to clear.
        with contextlib.suppress(OSError), (left / "owned").open() as owned:
            fcntl.flock(owned, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _clear(left)
    unnamed = Path(tempfile.mkdtemp(prefix=".", dir=parent))
    owned = (unnamed / "owned").open("a")
    fcntl.flock(owned, fcntl.LOCK_EX)
    # The server's user may walk through it, but not list it.
    unnamed.chmod(0o711)
    # Only now, locked, may it be found by others.
    return Run(unnamed.rename(parent / f"{FOLDERS}{secrets.token_hex(4)}"), owned)


def _clear(folder: Path) -> None:
    note = folder / "server.json"
    if note.exists():
        programs = Path(json.loads(note.read_text())["programs"])
        # pg_ctl reads the server's own pid file, so it ends this server and no other.
        with contextlib.suppress(NeedMissing):
            _run_as_server([programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "-w", "stop"])
    shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, programs: Path) -> str:
    data, secret = folder / "data", folder / "password"
    password = secrets.token_urlsafe(16)
    data.mkdir(0o700)
    secret.touch(0o600)
    secret.write_text(password + "\n")
    owner = _server_user()
    if owner is not None:
        for path in (data, secret):
            os.chown(path, owner.pw_uid, owner.pw_gid)
    # Not SCRAM: its thousands of rounds are half of what a connection takes, and the password guards play data for minutes.
    how = ("-U", "sitebell", "-A", "md5", f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync")
    _run_as_server([programs / "initdb", "-D", data, *how])
    port = _start_on_a_free_port(data, programs)
    return f"postgresql://sitebell:{password}@127.0.0.1:{port}/postgres"


def _start_on_a_free_port(data: Path, programs: Path) -> int:
    configuration = data / "postgresql.conf"
    defaults = configuration.read_text()
    attempts_left = START_ATTEMPTS
    while True:
        port = _free_port()
        configuration.write_text(defaults + SETTINGS.format(port=port))
        attempts_left -= 1
        try:
            _run_as_server([programs / "pg_ctl", "-D", data, "-l", data / "log", "-w", "-t", "60", "start"])
        except NeedMissing:
            # Somebody may have taken the port between our look and the server's start.
            if attempts_left == 0:
                raise
        else:
            return port


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: PostgreSQL refuses to run as root. None: whoever we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NeedMissing("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody.")


def _run_as_server(command: list[str | Path]) -> None:
    """Run one of PostgreSQL's programs to its end, without root's rights.

    Raises:
        NeedMissing: it failed; the message carries the last line it printed.
    """
    owner = _server_user()
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    # Output goes to a file, not a pipe: the server that pg_ctl starts would keep a pipe open for ever.
    with tempfile.TemporaryFile() as output:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=environment,
            user=None if owner is None else owner.pw_uid,
            group=None if owner is None else owner.pw_gid,
            extra_groups=None if owner is None else [],
            check=False,
        )
        if ended.returncode != 0:
            output.seek(0)
            lines = output.read().decode(errors="replace").strip().splitlines()
            name = Path(command[0]).name
            raise NeedMissing(f"PostgreSQL's {name} failed: {lines[-1] if lines else 'it printed nothing'}")
