"""Keys: where they may lie, what a wrong one says, and that nothing is written with it."""

import stat
from pathlib import Path

import pytest

from records.database import open_records
from records.errors import (
    KeyExists,
    MissingKey,
    NoDatabase,
    OtherDeployment,
    RecordsError,
    Unreachable,
    UnsafeKey,
    WrongKey,
)
from records.key_providers import KeyCommand, KeyCredential, KeyFile, KeyText, create_key_file, new_key_text
from records.keys import file_key_path
from records.migrations import upgrade
from tests.databases import SET_UP, Place


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    file = KeyFile(tmp_path / "keys" / "sitebell.key", outside=(data,))
    create_key_file(file.path, outside=file.outside)
    return file


def everything_under(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def is_one_sentence(problem: RecordsError) -> bool:
    text = str(problem)
    return text.endswith(".") and "\n" not in text and 20 < len(text) < 300


def test_a_created_key_is_private_and_opens_what_it_closed(key_file, tmp_path):
    url = f"sqlite:///{tmp_path / 'data' / 's.db'}"
    upgrade(url, keys=key_file, data_dir=tmp_path / "data", demo=False, now=SET_UP)

    assert stat.S_IMODE(key_file.path.stat().st_mode) == 0o600
    open_records(url, keys=key_file, data_dir=tmp_path / "data").close()


def test_creating_never_overwrites(key_file):
    before = key_file.path.read_bytes()

    with pytest.raises(KeyExists):
        create_key_file(key_file.path, outside=key_file.outside)
    assert before == key_file.path.read_bytes()


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_a_key_file_that_others_may_use_is_refused(key_file, mode):
    key_file.path.chmod(mode)

    with pytest.raises(UnsafeKey, match="chmod 0600") as refused:
        key_file.current()
    assert is_one_sentence(refused.value)


def test_a_key_inside_the_data_folder_is_refused(tmp_path):
    data = tmp_path / "data"
    with pytest.raises(UnsafeKey) as refused:
        create_key_file(data / "sub" / "key", outside=(data,))
    assert is_one_sentence(refused.value)
    assert not data.exists()


def test_a_key_linked_into_the_data_folder_is_refused(tmp_path):
    data = tmp_path / "data"
    create_key_file(data / "key", outside=())
    (tmp_path / "key").symlink_to(data / "key")

    with pytest.raises(UnsafeKey):
        KeyFile(tmp_path / "key", outside=(data,)).current()


@pytest.mark.parametrize("text", ["", "# only a comment\n", "short", "a" * 44, "é" * 44, "A" * 43 + "=" + "A"])
def test_what_is_no_key_is_refused_without_being_quoted(text):
    with pytest.raises((MissingKey, WrongKey)) as refused:
        KeyText(text).current()
    assert is_one_sentence(refused.value)
    assert not text or text not in str(refused.value)


def test_a_key_does_not_show_when_it_is_printed():
    text = new_key_text()

    assert text not in repr(KeyText(text))
    assert repr(KeyText(text).current().material) not in repr(KeyText(text).current())


def test_a_key_comes_from_a_credential_or_a_command_just_the_same(tmp_path):
    text = new_key_text()
    (tmp_path / "sitebell-key").write_text(text)

    assert KeyText(text).current() == KeyCredential(tmp_path).current()
    assert KeyText(text).current() == KeyCommand(f"cat {tmp_path / 'sitebell-key'}").current()


def test_a_command_that_fails_does_not_tell_what_it_said(tmp_path):
    with pytest.raises(MissingKey) as refused:
        KeyCommand("sh -c 'echo secret-part; exit 3'").current()
    assert "secret-part" not in str(refused.value)


def test_another_key_opens_nothing_and_changes_nothing(place: Place):
    before = everything_under(place.data_dir)
    other = KeyText(new_key_text(), source="SITEBELL_KEY")

    with pytest.raises(WrongKey) as refused:
        open_records(place.url, keys=other, data_dir=place.data_dir)
    assert is_one_sentence(refused.value)
    with pytest.raises(WrongKey):
        upgrade(place.url, keys=other, data_dir=place.data_dir, demo=False, now=SET_UP)
    assert before == everything_under(place.data_dir)


def test_without_a_key_nothing_is_made(tmp_path):
    url = f"sqlite:///{tmp_path / 'data' / 's.db'}"
    with pytest.raises(MissingKey) as refused:
        upgrade(url, keys=KeyFile(tmp_path / "key", outside=()), data_dir=tmp_path / "data", demo=False, now=SET_UP)
    assert is_one_sentence(refused.value)
    assert everything_under(tmp_path) == {}


def test_a_database_whose_wrapped_key_is_gone_says_so(sqlcipher_place: Place):
    file_key_path(sqlcipher_place.path).unlink()

    with pytest.raises(MissingKey, match="restore it together"):
        sqlcipher_place.open()


def test_a_database_with_the_wrapped_key_of_another_does_not_open(sqlcipher_place: Place, tmp_path):
    other = f"sqlite:///{tmp_path / 'other' / 's.db'}"
    upgrade(other, keys=sqlcipher_place.keys, data_dir=tmp_path / "other", demo=False, now=SET_UP)
    (tmp_path / "other" / "s.db.key").replace(file_key_path(sqlcipher_place.path))

    with pytest.raises(WrongKey) as refused:
        sqlcipher_place.open()
    assert is_one_sentence(refused.value)


def test_a_wrapped_key_that_was_changed_does_not_open(sqlcipher_place: Place):
    path = file_key_path(sqlcipher_place.path)
    text = path.read_text().strip()
    path.write_text(text[:-1] + ("0" if text[-1] != "0" else "1"))

    with pytest.raises(WrongKey):
        sqlcipher_place.open()


def test_there_has_to_be_a_database(key_text, tmp_path):
    with pytest.raises(NoDatabase, match="sitebell migrate"):
        open_records(f"sqlite:///{tmp_path / 's.db'}", keys=key_text, data_dir=tmp_path)
    assert everything_under(tmp_path) == {}


def test_the_demo_does_not_open_real_work(place: Place):
    with pytest.raises(OtherDeployment) as refused:
        place.open(demo=True)
    assert is_one_sentence(refused.value)
    place.open(demo=False).close()


def test_a_plain_sqlite_file_is_not_opened_as_ours(sqlcipher_place: Place):
    sqlcipher_place.path.write_bytes(b"SQLite format 3\0" + bytes(4096))

    with pytest.raises(WrongKey):
        sqlcipher_place.open()


def test_a_server_that_does_not_answer_is_named_without_its_password(key_text, tmp_path):
    with pytest.raises(Unreachable) as refused:
        open_records("postgresql://sitebell:hidden@127.0.0.1:1/none", keys=key_text, data_dir=tmp_path)
    assert is_one_sentence(refused.value)
    assert "hidden" not in str(refused.value)
