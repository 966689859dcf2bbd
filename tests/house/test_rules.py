"""Every rule of the house is shown something that breaks it, and something that only looks like it."""

import pytest

from tests.house import rules

HASH = "sha256:" + "0" * 64


@pytest.mark.parametrize("bad", ["see /" + "root/notes", "cd /" + "work/main", 'path = "/' + 'home/amina/study"'])
def test_a_path_of_one_machine_is_found(bad):
    assert rules.machine_paths(f"first line\n{bad}\n") == [bad]


@pytest.mark.parametrize("good", ["docs/work/plan", "framework/root/", "https://example.org/home/page", "/usr/lib"])
def test_a_path_that_every_machine_has_is_none_of_that(good):
    assert rules.machine_paths(good) == []


@pytest.mark.parametrize(
    "bad", ["https://py" + "pi.org/simple", "--index-" + "url https://mirror.example", "regis" + "try = x"]
)
def test_a_package_host_is_found(bad):
    assert rules.package_hosts(bad) == [bad]


def test_a_file_that_nobody_holds_in_the_head_is_found():
    assert rules.too_long("x = 1\n" * 601)
    assert not rules.too_long("x = 1\n" * 600)


@pytest.mark.parametrize(
    ("lock", "wrong"),
    [
        (f"one==1 \\\n    --hash={HASH}\n", []),
        (f"one==1 ; sys_platform == 'win32' \\\n    --hash={HASH} \\\n    --hash={HASH}\n", []),
        ("one==1\n", ["one==1"]),
        (f"one>=1 \\\n    --hash={HASH}\n", ["one>=1 \\"]),
        (f"one==1 \\\n    --hash={HASH}\n    # via two\n", ["    # via two"]),
        (f"one==1 \\\ntwo==2 \\\n    --hash={HASH}\n", ["two==2 \\"]),
        ("one==1 \\\n", ["the last pin has no hash"]),
    ],
)
def test_a_lock_file_holds_pins_and_hashes_and_nothing_else(lock, wrong):
    assert rules.unlocked_lines(lock) == wrong


def test_pins_differ_when_a_hash_differs():
    one, other = (
        rules.pins(f"one==1 \\\n    --hash=sha256:{digit}\ntwo==2 \\\n    --hash=sha256:9\n") for digit in "01"
    )

    assert one & other == {"two==2 --hash=sha256:9"}


@pytest.mark.parametrize(
    "bad",
    [
        "from datetime import datetime\ndatetime.now()",
        "import datetime as d\nd.datetime.utcnow()",
        "from datetime import date as day\nday.today()",
        "import time\ntime.time()",
        "from time import time_ns\nread = time_ns",
        "import time\nclock = field(default_factory=time.time)",
    ],
)
def test_a_read_of_the_clock_is_found_under_any_name(bad):
    assert rules.clock_reads(bad) == [2]


@pytest.mark.parametrize(
    "good", ["clock.now()", "import time\ntime.monotonic()", "from datetime import date\ndate(2026, 3, 2)", "x.today()"]
)
def test_what_only_looks_like_a_read_of_the_clock_is_left_alone(good):
    assert rules.clock_reads(good) == []


@pytest.mark.parametrize(
    "bad",
    [
        "try:\n    ring()\nexcept Exception:\n    pass",
        "try:\n    ring()\nexcept:\n    ...",
        "try:\n    ring()\nexcept (OSError, Exception):\n    'never mind'",
    ],
)
def test_an_error_that_vanishes_is_found(bad):
    assert rules.swallowed_errors(bad) == [3]


def test_an_error_suppressed_whatever_it_is_is_found():
    assert rules.swallowed_errors("with contextlib.suppress(Exception):\n    ring()") == [1]


@pytest.mark.parametrize(
    "good",
    [
        "try:\n    ring()\nexcept KeyError:\n    pass",
        "try:\n    ring()\nexcept Exception:\n    block()",
        "with contextlib.suppress(FileNotFoundError):\n    ring()",
    ],
)
def test_an_expected_error_may_be_passed_over(good):
    assert rules.swallowed_errors(good) == []


@pytest.mark.parametrize("bad", ["import pickle", "from shelve import open", "def f():\n    import dill as d"])
def test_an_import_of_pickles_is_found(bad):
    assert rules.pickle_imports(bad) != []
    assert rules.pickle_imports("import json\nfrom . import pickle") == []


def test_settings_are_found_by_name():
    text = "SITEBELL_KEY_FILE, `SITEBELL_WEB_PORT`, the prefix SITEBELL_ and all of SITEBELL_TEST_*"

    assert rules.settings_named(text) == {"SITEBELL_KEY", "SITEBELL_WEB_PORT"}


def test_a_decision_without_its_doubts_is_found():
    record = "# 0001 Title\n\n## Context\n\n## Options\n\n## Decision\n\n## Consequences\n"

    assert rules.missing_parts(record) == ["How we would notice it is wrong"]


def test_a_decision_that_the_index_forgot_is_found():
    records = {"0001-one.md": "# One thing\n", "0002-two.md": "# Another\n"}

    assert rules.unlisted_decisions("- [One thing](0001-one.md)\n- [Other words](0002-two.md)\n", records) == [
        "0002-two.md"
    ]


def test_a_word_that_the_glossary_lacks_is_found():
    glossary = "| **Study, protocol version** | the plan |\n| **Event** | a dated thing; a task |\n"

    assert rules.undefined_words(glossary, ("Study", "Protocol version", "Event", "Task")) == ["Task"]
