"""What tells about a person stands nowhere in the clear: not in files, not in columns, not in exceptions."""

import base64
import traceback
from datetime import date
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from records import attempts, claims, digests, office_items, outbox
from records import inbox as box
from records.database import Records
from records.inbox import Incoming
from records.office_items import NewItem
from records.outbox import Attempt, NewNotice, NoticeKind, Outcome
from records.schema import metadata, patient, person, site
from records.transaction import Tx
from tests.databases import Place
from tests.postgresql import contents
from tests.records.cast import NOON, NOW, Cast, add_cast, add_person, add_task, say
from trial.answers import AnswerKind
from trial.claims import ClaimCheckKind
from trial.messages import DigestKind, ItemKind

CANARIES = (
    "Canary-Name",
    "77001122334",
    "Canary-Code",
    "Canary-Text",
    "Canary-Reason",
    "Canary-Sent",
    "Canary-Query",
    "Canary-Detail",
    "1907-05-04",
)


@pytest.fixture
def canaries(records: Records) -> None:
    release_canaries(records)


def release_canaries(records: Records) -> None:
    """One of everything that is sealed, handled and sent."""
    with records.begin() as tx:
        cast = add_cast(tx)
        one = tx.new_id()
        add_person(tx, one, name="Canary-Name", chat="77001122334")
        value = tx.seal(patient, cast.patient, {"code": "Canary-Code"}, version=2, study=cast.study)
        tx.connection.execute(
            patient.update().values(sealed=value, version=2, code_index=tx.blind("patient.code", "Canary-Code"))
        )
        said = {"text": "Canary-Text", "chat": "77001122334"}
        box.store(tx, [Incoming("message:77001122334:1", 1, "text", said)], elapsed=NOON)
        refusal = NewNotice(NoticeKind.MESSAGE, chat="77001122334", payload={"text": "Canary-Text"})
        outbox.put(tx, [refusal], now=NOON, elapsed=NOON)
        tx.audit(
            "patient.renamed",
            table=patient,
            object_id=cast.patient,
            by=one,
            at=NOON,
            recorded_at=NOON,
            after={"code": "Canary-Code"},
            reason="Canary-Reason",
        )
        release_new_canaries(tx, cast)
    with records.begin() as tx:
        (claimed,) = outbox.claim(tx, elapsed=NOON, token=1, limit=1)
        sent = Attempt(Outcome.ACCEPTED, NOON, NOON, "ja", "1", text="Canary-Sent", message_id=77001122334)
        outbox.settle(tx, claimed, sent, now=NOON, elapsed=NOON)


def release_new_canaries(tx: Tx, cast: Cast) -> None:
    """Words of a query, details of an item, the day of an attempt, a digest's place in a chat."""
    task_id = add_task(tx, cast)
    answer_id = say(tx, cast, task_id, AnswerKind.UPLOADED)
    claims.add_check(
        tx,
        study_id=cast.study,
        answer_id=answer_id,
        task_id=task_id,
        kind=ClaimCheckKind.QUERIED,
        person_id=cast.berta,
        at=NOW,
        words="Canary-Query",
    )
    item = NewItem(study_id=cast.study, kind=ItemKind.HELP, key=f"help:{answer_id}", details={"words": "Canary-Detail"})
    office_items.open_item(tx, item, opened_at=NOW)
    attempts.add_attempt(
        tx, study_id=cast.study, patient_id=cast.patient, person_id=cast.amina, day=date(1907, 5, 4), at=NOW
    )
    made = digests.make_digest(
        tx, person_id=cast.amina, kind=DigestKind.WEEKLY, items=[(cast.visit, task_id)], made_at=NOW
    )
    found = digests.digest_by_id(tx, made)
    digests.set_message(tx, found, chat_id=77001122334, message_id=77001122334)


def written_as(text: str) -> list[bytes]:
    """The ways in which a text could stand in a file."""
    plain = text.encode()
    return [plain, text.encode("utf-16-le"), plain.hex().encode(), base64.b64encode(plain).rstrip(b"=")[:-1]]


def found_in(content: bytes) -> list[str]:
    return [canary for canary in CANARIES if any(form in content for form in written_as(canary))]


def test_the_search_finds_what_it_looks_for():
    for form in written_as("Canary-Name"):
        assert found_in(b"..." + form + b"...") == ["Canary-Name"]


def test_no_file_of_the_embedded_database_holds_one(sqlcipher_place: Place):
    with sqlcipher_place.opened() as records:
        release_canaries(records)
        # While it is open: the log is not folded into the file yet.
        contents = {file.name: file.read_bytes() for file in sqlcipher_place.data_dir.iterdir()}

    assert {"sitebell.db", "sitebell.db-wal", "sitebell.db-shm", "sitebell.db.key"} == set(contents)
    for name, content in contents.items():
        assert found_in(content) == [], name
        # The whole file is encrypted, so what is clear in the columns cannot be read either.
        assert not any(word in content for word in (b"CREATE TABLE", b"Asia/Tokyo", b"SQLite format", b"person"))


def test_no_column_of_any_table_holds_one(records, canaries):
    with records.read() as tx:
        for table in metadata.sorted_tables:
            for row in tx.connection.execute(sa.select(table)):
                content = b"|".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
                assert found_in(content) == [], table.name


def test_no_file_of_postgresql_holds_one(postgresql_place: Place):
    with postgresql_place.opened() as records:
        release_canaries(records)
    with psycopg.connect(postgresql_place.url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        folder = Path(connection.execute("SHOW data_directory").fetchone()[0])
        number = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone()[0]
    if not folder.is_dir():
        pytest.fail("the server's files are not on this machine; its columns are searched by the test above")

    clear = False
    for name, content in contents([folder / "base" / str(number), folder / "pg_wal"]):
        clear = clear or b"Asia/Tokyo" in content
        assert found_in(content) == [], name
    assert clear  # what is clear on PostgreSQL is found


def test_no_exception_holds_one(records, canaries):
    name, chat, _, text, *_ = CANARIES  # by name: a traceback quotes the lines of this file
    secret = {"name": name, "chat_id": chat, "text": text}

    def repeated_person() -> None:
        with records.begin() as tx:
            add_person(tx, tx.new_id(), name=name, chat=chat)

    def row_of_the_wrong_shape() -> None:
        with records.begin() as tx:
            one = tx.new_id()
            tx.connection.execute(person.insert().values(id=one, sealed=tx.seal(person, one, secret)))

    def value_of_the_wrong_kind() -> None:
        with records.begin() as tx:
            tx.connection.execute(site.insert().values(id=name, name=text))

    def what_cannot_be_sealed() -> None:
        with records.begin() as tx:
            tx.seal(person, tx.new_id(), {**secret, "born": date(1970, 1, 1)})

    def what_does_not_open() -> None:
        with records.begin() as tx:
            value = tx.seal(person, tx.new_id(), secret)
            tx.unseal(person, tx.new_id(), value)

    def failing_use_case() -> None:
        with records.begin() as tx:
            tx.audit("x", table=person, object_id="1", by=None, at=NOON, recorded_at=NOON, after=secret)
            tx.connection.execute(sa.text("SELECT nothing FROM nowhere WHERE name = :name"), {"name": name})

    for provoke in (
        repeated_person,
        row_of_the_wrong_shape,
        value_of_the_wrong_kind,
        what_cannot_be_sealed,
        what_does_not_open,
        failing_use_case,
    ):
        with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever it is, its text is what matters
            provoke()
        told = "".join(traceback.format_exception(raised.value))
        assert found_in(told.encode()) == [], provoke.__name__


def test_a_lone_surrogate_in_what_a_person_wrote_is_kept_and_quoted_nowhere(records):
    payload = {"text": "Canary-Text \ud800"}
    with records.begin() as tx:
        one = tx.new_id()
        value = tx.seal(person, one, payload)

        assert payload == tx.unseal(person, one, value)
        assert len(tx.blind("person.chat", "\ud800")) == 32
