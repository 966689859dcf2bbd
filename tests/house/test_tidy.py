"""The rules of the house, on every file of this checkout."""

import sys
from pathlib import Path

from tests.house import rules
from tests.house.checkout import CHECKOUT, files, sources

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-postgresql.txt")


def test_no_file_knows_the_machine_it_was_written_on():
    assert {name: found for name, text in files().items() if (found := rules.machine_paths(text))} == {}


def test_no_file_names_a_package_host():
    assert {name: found for name, text in files().items() if (found := rules.package_hosts(text))} == {}


def test_every_locked_package_is_pinned_and_hashed():
    assert {name: found for name in LOCKS if (found := rules.unlocked_lines(files()[name]))} == {}


def test_the_development_lock_holds_the_run_time_lock():
    assert rules.pins(files()["requirements.txt"]) - rules.pins(files()["requirements-dev.txt"]) == set()


def test_there_is_no_lock_file_that_records_hosts():
    assert [name for name in files() if Path(name).name in {"uv.lock", "poetry.lock", "package-lock.json"}] == []


def test_no_file_is_longer_than_one_person_can_hold_in_the_head():
    code = {name: text for name, text in files().items() if Path(name).suffix in {".py", ".js", ".css", ".html", ".sh"}}

    assert [name for name, text in code.items() if rules.too_long(text)] == []


def test_the_migrations_folder_is_no_package_and_hides_no_library():
    assert not (CHECKOUT / "alembic" / "__init__.py").exists()


def test_only_the_clock_reads_the_time():
    rooms = ("trial", "records", "scheduler", "office", "bot", "web", "locales", "rehearsal")
    found = {name: lines for name, text in sources(*rooms) if (lines := rules.clock_reads(text))}
    found.pop("scheduler/clock.py", None)

    assert found == {}


def test_no_error_vanishes():
    assert {name: lines for name, text in sources() if (lines := rules.swallowed_errors(text))} == {}


def test_nothing_is_pickled():
    assert {name: found for name, text in sources() if (found := rules.pickle_imports(text))} == {}


def test_no_file_beside_the_bootstrap_hides_a_standard_module():
    # `python3 app/bootstrap.py` puts that folder first on the path: an app/secrets.py would be imported by others.
    assert [path.name for path in (CHECKOUT / "app").glob("*") if path.stem in sys.stdlib_module_names] == []


def test_the_bootstrap_needs_nothing_but_the_standard_library():
    assert rules.imported_packages(files()["app/bootstrap.py"]) - sys.stdlib_module_names == set()
