"""The tests' own house: what they need is found or named, and nothing is left out in silence."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import run
from tests.conftest import unexplained
from tests.house.checkout import CHECKOUT
from tests.needs import Need, NeedMissing, find_chromium, find_postgresql, left_out
from tests.run import closing_line, has_room


@dataclass
class Suite:
    """A small suite under this checkout's own conftest and settings."""

    folder: Path

    def run(self, test: str, *words: str, without: str = "") -> tuple[int, str]:
        (self.folder / "test_small.py").write_text(test)
        environment = {**os.environ, "SITEBELL_TEST_WITHOUT": without}
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words, "test_small.py"]
        ended = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout + ended.stderr


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    (tmp_path / "pyproject.toml").write_text((CHECKOUT / "pyproject.toml").read_text())
    (tmp_path / "conftest.py").write_text("from tests.conftest import *\n")
    return Suite(tmp_path)


@pytest.mark.parametrize("words", [(), ("-n", "1")])
def test_a_skipped_test_fails_the_run(suite, words):
    code, report = suite.run('import pytest\ndef test_bell(): pytest.skip("not today")\n', *words)

    assert code == 1
    assert "1 skipped, the run fails: no test is skipped without being asked: not today" in report


def test_a_skipped_file_fails_the_run(suite):
    code, report = suite.run('import pytest\npytest.importorskip("no_such_package")\ndef test_bell(): pass\n')

    assert code != 0
    assert "NOT EVERYTHING WAS TESTED" in report


def test_what_is_left_out_by_request_is_left_out_loudly(suite):
    test = "def test_bell(postgresql_url): pass\ndef test_page(chromium_path): pass\n"
    code, report = suite.run(test, without="browser,postgresql")

    assert code == 0
    assert "NOT EVERYTHING WAS TESTED" in report
    assert "1 skipped, left out: left out by SITEBELL_TEST_WITHOUT: browser" in report
    assert "1 skipped, left out: left out by SITEBELL_TEST_WITHOUT: postgresql" in report


def test_a_misspelt_need_is_refused_and_not_ignored(suite):
    code, report = suite.run("def test_bell(): pass\n", without="postgres")

    assert code == pytest.ExitCode.USAGE_ERROR
    assert "SITEBELL_TEST_WITHOUT knows browser, postgresql; not postgres." in report


def test_a_file_left_open_fails_the_test(suite):
    code, report = suite.run("def test_bell():\n    open('/dev/null')\n")

    assert code == 1
    assert "unclosed file" in report


def test_a_missing_shared_folder_explains_a_skip():
    assert unexplained(["../shared missing: what it proves was not tried again", "because"]) == ["because"]


def test_needs_are_named_with_commas_or_spaces():
    assert left_out({"SITEBELL_TEST_WITHOUT": "browser, postgresql"}) == set(Need)
    assert left_out({}) == set()


def program(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_named_browser_goes_before_one_on_the_path(tmp_path):
    program(tmp_path, "chromium")
    named = program(tmp_path / "elsewhere", "my-chromium")

    assert find_chromium({"PATH": str(tmp_path), "SITEBELL_TEST_CHROMIUM": str(named)}) == named


def test_chromium_goes_before_other_browsers_of_its_kind(tmp_path):
    program(tmp_path, "google-chrome")
    chromium = program(tmp_path, "chromium-browser")

    assert find_chromium({"PATH": str(tmp_path)}) == chromium


def test_a_browser_that_is_named_but_not_there_is_refused(tmp_path):
    with pytest.raises(NeedMissing, match="SITEBELL_TEST_CHROMIUM"):
        find_chromium({"PATH": "", "SITEBELL_TEST_CHROMIUM": str(tmp_path / "chromium")})


def test_the_newest_postgresql_is_found_though_it_is_not_on_the_path(tmp_path):
    for version in ("9.6", "15", "16"):
        for name in ("initdb", "pg_ctl"):
            program(tmp_path / version / "bin", name)

    assert find_postgresql({"PATH": ""}, debian=tmp_path) == tmp_path / "16" / "bin"


def test_a_run_lies_in_memory_only_where_its_files_fit(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "ROOM_BYTES", 1)
    assert has_room(tmp_path)
    assert not has_room(tmp_path / "missing")

    monkeypatch.setattr(run, "ROOM_BYTES", 1 << 62)
    assert not has_room(tmp_path)


def test_the_closing_line_says_what_was_tested_on_what():
    line = closing_line(0, {"passed": 812}, ["SQLCipher", "Chromium 156", "PostgreSQL 15.18"], [])

    assert line == "Sitebell holds: 812 passed; on SQLCipher, Chromium 156, PostgreSQL 15.18."


def test_the_closing_line_hides_neither_failures_nor_gaps():
    line = closing_line(1, {"passed": 7, "failed": 1, "skipped": 2}, ["SQLCipher"], ["browser", "postgresql"])

    assert line == (
        "Sitebell DOES NOT HOLD: 7 passed, 1 failed, 2 skipped; on SQLCipher, WITHOUT browser and postgresql."
    )
