"""Filled databases of both engines, made once a run and copied for each benchmark, and the table of all figures."""

import gc
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from records.key_providers import KeyText
from records.keys import file_key_path
from records.migrations import upgrade
from tests.bench.filled import Filling, fill
from tests.bench.table import Table
from tests.databases import SET_UP, Place, key_text  # noqa: F401 - key_text is a fixture
from tests.postgresql import Server
from trial.moments import use_pinned_zones

SQLCIPHER, POSTGRESQL = "SQLCipher", "PostgreSQL"
TABLE = pytest.StashKey[Table]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = config.stash[TABLE].lines() if TABLE in config.stash else []
    if lines:
        terminalreporter.section("what was measured")
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def table(pytestconfig: pytest.Config) -> Table:
    """Where figures go."""
    return pytestconfig.stash.setdefault(TABLE, Table())


@pytest.fixture(scope="session", autouse=True)
def pinned_zones() -> str:
    return use_pinned_zones()


@dataclass(frozen=True, slots=True)
class Full:
    """A copy of a filled database, to be changed as one likes."""

    place: Place
    engine: str
    filling: Filling


@contextmanager
def without_what_stays() -> Iterator[None]:
    """Everything that is there already stands aside from garbage collection: a full one takes 80 ms and falls anywhere."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@dataclass
class Databases:
    """Filled databases: each is made once, and every benchmark gets a copy."""

    folder: Path
    keys: KeyText
    request: pytest.FixtureRequest
    ends: ExitStack
    _made: dict[tuple[str, int], Full] = field(default_factory=dict)
    _copies: int = 0

    @contextmanager
    def copy(self, engine: str, *, open_tasks: int) -> Iterator[Full]:
        with self._copy(engine, open_tasks) as full, without_what_stays():
            yield full

    @contextmanager
    def _copy(self, engine: str, open_tasks: int) -> Iterator[Full]:
        key = engine, open_tasks
        if key not in self._made:
            self._made[key] = self._make(engine, open_tasks)
        made = self._made[key]
        self._copies += 1
        folder = self.folder / f"copy-{self._copies}"
        folder.mkdir()
        if engine == POSTGRESQL:
            with self._server.database(template=made.place.url.rpartition("/")[2]) as url:
                yield replace(made, place=Place(url, self.keys, folder))
            return
        path = folder / made.place.path.name
        shutil.copy(made.place.path, path)
        shutil.copy(file_key_path(made.place.path), file_key_path(path))
        yield replace(made, place=Place(f"sqlite:///{path}", self.keys, folder))
        shutil.rmtree(folder)

    @property
    def _server(self) -> Server:
        server: Server = self.request.getfixturevalue("postgresql_server")
        return server

    def empty(self, engine: str, name: str) -> Place:
        """A migrated database with nothing in it, until the run ends."""
        folder = self.folder / f"{engine}-{name}"
        folder.mkdir()
        url = f"sqlite:///{folder / 'sitebell.db'}"
        if engine == POSTGRESQL:
            url = self.ends.enter_context(self._server.database())
        upgrade(url, keys=self.keys, data_dir=folder, demo=False, now=SET_UP)
        return Place(url, self.keys, folder)

    def _make(self, engine: str, open_tasks: int) -> Full:
        place = self.empty(engine, str(open_tasks))
        with place.opened() as records:
            return Full(place, engine, fill(records, open_tasks=open_tasks))


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    key_text: KeyText,  # noqa: F811 - the fixture of that name
) -> Iterator[Databases]:
    with ExitStack() as ends:
        yield Databases(tmp_path_factory.mktemp("filled"), key_text, request, ends)


@pytest.fixture(params=[SQLCIPHER, POSTGRESQL])
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)
