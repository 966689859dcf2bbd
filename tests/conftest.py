"""What every test may ask for, and what no test run may hide.

Fixtures: `postgresql_url` (a new, empty database), `postgresql_server`, `chromium_path`,
`chromium_arguments`, `shared_folder`. A skipped test fails the run, unless SITEBELL_TEST_WITHOUT asked
for it or `../shared` is missing: a suite that quietly tests less is worse than one that fails.
"""

import gc
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.needs import CHROMIUM_ARGUMENTS, CHROMIUM_MISSING, Need, NeedMissing, find_chromium, left_out, skip_reason
from tests.postgresql import Run, Server, begin_run, server_for_run

CHECKOUT = Path(__file__).resolve().parent.parent
OBJECTS_BETWEEN = 200_000
SHOWN_WITHIN_MS = 30_000
SHARED_MISSING = "../shared missing"

# A test never judges how fast this machine is today: no deadline for an example, and none for making one.
settings.register_profile(
    "sitebell", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
settings.load_profile("sitebell")

FOLDER = pytest.StashKey[Path]()
RUN = pytest.StashKey[Run]()


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[FOLDER] = Path(worker["sitebell_folder"])
        return
    try:
        left_out()
    except NeedMissing as problem:
        raise pytest.UsageError(str(problem)) from problem
    config.stash[RUN] = begin_run()
    config.stash[FOLDER] = config.stash[RUN].folder


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell an xdist worker which folder its run shares."""
    node.workerinput["sitebell_folder"] = str(node.config.stash[FOLDER])  # type: ignore[attr-defined]


def pytest_unconfigure(config: pytest.Config) -> None:
    if RUN in config.stash:
        config.stash[RUN].end()


def pytest_collection_finish(session: pytest.Session) -> None:
    """What tests import stays to the end, and what they make is hardly ever a cycle: looking for those is put off."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if unexplained(skips(session.config)) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    reasons = skips(config)
    if not reasons:
        return
    terminalreporter.section("NOT EVERYTHING WAS TESTED", sep="!", red=True, bold=True)
    for reason in sorted(set(reasons)):
        verdict = "the run fails: no test is skipped without being asked" if unexplained([reason]) else "left out"
        terminalreporter.line(f"{reasons.count(reason)} skipped, {verdict}: {reason}")


def skips(config: pytest.Config) -> list[str]:
    """The reasons of all skipped tests and files, as far as this process was told of them."""
    terminal: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    reports = [] if terminal is None else terminal.stats.get("skipped", [])
    return [_reason(report) for report in reports]


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    where = report.longrepr
    return (where[2] if isinstance(where, tuple) else str(where)).removeprefix("Skipped: ")


def unexplained(reasons: Sequence[str]) -> list[str]:
    """Those reasons that nobody asked for on the command line and no missing folder explains."""
    asked_for = {skip_reason(need) for need in left_out()}
    return [reason for reason in reasons if reason not in asked_for and not reason.startswith(SHARED_MISSING)]


@pytest.fixture(scope="session")
def postgresql_server(pytestconfig: pytest.Config) -> Server:
    """The run's own PostgreSQL server: `with server.database(template=...) as url`."""
    if Need.POSTGRESQL in left_out():
        pytest.skip(skip_reason(Need.POSTGRESQL))
    try:
        return server_for_run(pytestconfig.stash[FOLDER])
    except NeedMissing as problem:
        pytest.fail(str(problem), pytrace=False)


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """The URL (`postgresql://...`) of a new, empty database, dropped after the test."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser for Playwright: `chromium.launch(executable_path=chromium_path, args=chromium_arguments)`."""
    if Need.BROWSER in left_out():
        pytest.skip(skip_reason(Need.BROWSER))
    try:
        path = find_chromium()
    except NeedMissing as problem:
        pytest.fail(str(problem), pytrace=False)
    if path is None:
        pytest.fail(CHROMIUM_MISSING, pytrace=False)
    # Here, for whoever needs a browser: what is waited for comes when it comes, on however busy a machine.
    from playwright.sync_api import expect  # noqa: PLC0415 - half a second for every process that needs none

    expect.set_options(timeout=SHOWN_WITHIN_MS)
    return str(path)


@pytest.fixture(scope="session")
def chromium_arguments() -> list[str]:
    """Command-line arguments that let Chromium run as root and keep it off the network."""
    return list(CHROMIUM_ARGUMENTS)


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The facts beside the checkout. What they prove also has a small fixture of the project's own."""
    folder = CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"{SHARED_MISSING}: what it proves was not tried again")
    return folder
