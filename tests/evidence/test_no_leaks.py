"""One trial with everything going wrong, and then a search of all that it left behind (threats 23, 24 and 27)."""

import asyncio
import io
import sys
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
import structlog

from app.service import Service
from office import exports
from records import audit, schema
from records.backups import back_up
from records.keys import read_file_key
from tests.databases import Place
from tests.evidence.canaries import (
    BLOCKED,
    CANARIES,
    CAPTION,
    CHATS,
    CODES,
    COLLEAGUE,
    COORDINATOR,
    FORBIDDEN,
    FORMS,
    MANAGER,
    POISON,
    QUESTION,
    REASON,
    STRANGER,
    found_in,
    found_in_contents,
    found_in_files,
)
from tests.evidence.conftest import Written
from tests.phones import ChatMessage, Phone
from tests.postgresql import contents
from tests.simulators import RunningSimulator
from tests.trials import Trial, has_buttons, running_trial, settings_for

ZONE = "Asia/Tokyo"

# A statement of ours that fails inside the database, in the middle of a handler or a sender.
BREAK = {
    "sqlite": ("CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END",),
    "postgresql": (
        "CREATE FUNCTION broken() RETURNS trigger AS $$ BEGIN RAISE 'broken on purpose'; END $$ LANGUAGE plpgsql",
        "CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION broken()",
    ),
}
MEND = {
    "sqlite": ("DROP TRIGGER broken",),
    "postgresql": ("DROP TRIGGER broken ON {table}", "DROP FUNCTION broken()"),
}


@contextmanager
def broken(place: Place, table: str) -> Iterator[None]:
    """As long as the block runs, nothing can be written into this table."""
    with place.opened() as records:
        with records.begin() as tx:
            for statement in BREAK[records.dialect]:
                tx.connection.execute(sa.text(statement.format(table=table)))
        yield
        with records.begin() as tx:
            for statement in MEND[records.dialect]:
                tx.connection.execute(sa.text(statement.format(table=table)))


async def joins(trial: Trial, name: str, *, site: str | None) -> Phone:
    phone = trial.simulator.phones.person(name, time_zone=ZONE, person_id=CHATS[name])
    phone.start(trial.invitation(name, site=site))
    await phone.expects(has_buttons(2))
    phone.press(0)
    await phone.expects(lambda message: len(message.buttons) == 1)
    phone.press(0)
    await phone.expects(lambda message: message.text.startswith("🔒"))
    return phone


async def last_copy(trial: Trial, phone: Phone, code: str) -> ChatMessage:
    """The patient's card once nothing is on its way: after an unreadable answer it came twice, and the last one is kept."""

    def on_its_way() -> bool:
        with trial.records.read() as tx:
            return bool(tx.connection.scalar(sa.select(sa.func.count()).where(schema.OPEN_NOTICE)))

    async with asyncio.timeout(30):
        while on_its_way():  # noqa: ASYNC110 - the sender runs in this loop and tells nobody when it is done
            await asyncio.sleep(0.02)
    return [message for message in phone.messages() if code in message.text][-1]


async def shows(phone: Phone, card: ChatMessage, words: str) -> ChatMessage:
    """The card, once one of its buttons or its text says this."""
    return await phone.expects(
        lambda message: message.message_id == card.message_id and words in message.text + " ".join(message.labels),
        timeout_s=30,
    )


async def whole_trial(trial: Trial, written: Written) -> None:
    """Invitations, patients, rings, answers in words, what may not be written, and each kind of bad day."""
    phones = trial.simulator.phones
    amina = await joins(trial, COORDINATOR, site="417")
    berta = await joins(trial, COLLEAGUE, site="417")
    await joins(trial, MANAGER, site=None)
    for code in CODES:
        trial.patient(code, site="417", first_registration="2027-04-09", held={"baseline_imaging": "2027-04-09"})
    stranger = phones.person(STRANGER, person_id=CHATS[STRANGER])

    # Telegram's bad day: pages for JSON, half an answer, servers that stumble, a connection cut after the message was taken.
    for kind, method in (
        ("html", "sendMessage"),
        ("truncated", "sendMessage"),
        ("500", "sendMessage"),
        ("cut_after", "sendMessage"),
        ("html", "getUpdates"),
        ("truncated", "getUpdates"),
        ("502", "getUpdates"),
        ("html", "editMessageText"),
        ("truncated", "answerCallbackQuery"),
    ):
        phones.fault(kind, method)
    await trial.forward_to("2027-04-12 08:30", zone=ZONE)
    card = await last_copy(trial, amina, CODES[0])

    # People write what they should not, and updates come that nobody can read.
    # One chat gets one message a second: all this goes through another one than the card's.
    berta.type(QUESTION)
    berta.type(BLOCKED)
    berta.send_media("photo", caption=CAPTION)
    stranger.start(f"{FORBIDDEN}-of-no-invitation".replace(" ", "-"))
    stranger.type(FORBIDDEN)
    user = {"id": CHATS[COLLEAGUE], "is_bot": False, "first_name": COLLEAGUE}
    chat = {"id": CHATS[COLLEAGUE], "type": "private", "first_name": COLLEAGUE}
    for poison in (
        {"message": {"message_id": POISON, "from": user, "chat": chat, "date": POISON, "text": POISON}},
        {"message": POISON},
        {"callback_query": {"id": POISON, "from": user, "data": {POISON: POISON}}},
        {
            "callback_query": {
                "id": "1",
                "from": {**user, "first_name": {POISON: 1}},
                "chat_instance": "1",
                "data": POISON,
            }
        },
        {POISON: {"text": POISON}},
        {"edited_message": {"message_id": 1, "from": user, "chat": chat, "date": 1, "text": [POISON]}},
        {"message": {"message_id": 2, "from": user, "chat": chat, "date": 1, "text": f"/start {POISON}"}},
    ):
        phones.inject(poison)
    amina.press("Other", card)
    card = await shows(amina, card, "Not done")

    # A reason in words, while the database refuses the answer.
    amina.press("Not done", card)
    card = await shows(amina, card, "Which of them is it about?")
    amina.press("Upload CT", card)
    card = await shows(amina, card, "Another reason")
    amina.press("Another reason", card)
    await amina.expects_toast()
    with broken(trial.place, "answer"):
        amina.type(REASON)
        async with asyncio.timeout(20):
            await written.logs("update_not_handled").wait()
    await shows(amina, card, REASON)


async def dies_of(trial: Trial, table: str) -> BaseException:
    """What ends the service when it cannot write down that it has sent."""
    assert trial.running is not None
    with broken(trial.place, table):
        trial.simulator.phones.phone(CHATS[COORDINATOR]).type("/help")
        done, _ = await asyncio.wait([trial.running], timeout=20)
    assert done
    problem = trial.running.exception()
    assert problem is not None
    trial.running = None
    return problem


@asynccontextmanager
async def lived(place: Place, simulator: RunningSimulator, written: Written) -> AsyncIterator[tuple[Trial, list[str]]]:
    """A trial that went through everything, its service dead once and alive again; and the tracebacks on the way."""
    async with running_trial(place, simulator, at="2027-04-12 08:00", zone=ZONE) as trial:
        await whole_trial(trial, written)
        death = await dies_of(trial, "delivery")
        sys.excepthook(type(death), death, death.__traceback__)
        trial.service = Service(settings_for(place, simulator), trial.records, trial.clock)
        await trial.start()
        amina = simulator.phones.phone(CHATS[COORDINATOR])
        # What was under way when it died is sent once more.
        await amina.expects(lambda message: "DREAM" in message.text and not message.buttons)
        yield trial, [*written.tracebacks, "".join(traceback.format_exception(death))]


def exported(trial: Trial) -> str:
    with trial.records.read() as tx:
        return "\n".join(audit.export(tx, opened=False))


@pytest.mark.timeout(120)
async def test_nothing_is_left_behind_on_the_embedded_database(
    sqlcipher_place: Place,
    simulator: RunningSimulator,
    written: Written,
    capfd: pytest.CaptureFixture[str],
):
    place = sqlcipher_place
    async with lived(place, simulator, written) as (trial, tracebacks):
        back_up(place.path, read_file_key(place.path, place.keys), into=place.data_dir / "backups" / "copy.db")
        files = [file for file in place.data_dir.rglob("*") if file.is_file()]
        # While it runs: the log is not folded into the file yet.
        assert {"sitebell.db", "sitebell.db-wal", "sitebell.db-shm", "copy.db"} <= {file.name for file in files}
        assert found_in_files(files) == {}
        assert found_in(exported(trial)) == []
        assert_the_answers_are_there(trial)
    assert found_in_files(file for file in place.data_dir.rglob("*") if file.is_file()) == {}
    assert_nothing_was_said(written, tracebacks, capfd)

    # The search finds what is there.
    with (place.data_dir / "sitebell.db").open("ab") as file:
        file.write(b"..." + CODES[0].encode() + b"...")
    assert found_in_files([place.data_dir / "sitebell.db"]) == {"sitebell.db": [CODES[0]]}
    structlog.get_logger().info("planted", reason=REASON)
    assert found_in(written.text) == [REASON]


@pytest.mark.timeout(120)
async def test_nothing_is_left_behind_on_postgresql(
    postgresql_place: Place,
    simulator: RunningSimulator,
    written: Written,
    capfd: pytest.CaptureFixture[str],
):
    place = postgresql_place
    async with lived(place, simulator, written) as (trial, tracebacks):
        assert found_in(exported(trial)) == []
        assert_the_answers_are_there(trial)
    assert found_in_contents(server_files(place)) == {}
    assert found_in_files(file for file in place.data_dir.glob("*") if file.is_file()) == {}
    assert_nothing_was_said(written, tracebacks, capfd)

    # The search finds what is there, in a column that is clear.
    with psycopg.connect(place.url) as connection:
        connection.execute("UPDATE site SET name = %s WHERE number = '417'", [COLLEAGUE])
    assert any(COLLEAGUE in found for found in found_in_contents(server_files(place)).values())


def server_files(place: Place) -> Iterator[tuple[str, bytes]]:
    """The files of this database, the server's write-ahead log, and what the server itself logs."""
    with psycopg.connect(place.url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        (number,) = connection.execute("SELECT oid FROM pg_database WHERE datname = current_database()").fetchone() or (
            0,
        )
    assert Path(folder).is_dir(), "the server's files are not on this machine"
    yield from contents([Path(folder) / "base" / str(number), Path(folder) / "pg_wal"])
    yield from ((file.name, file.read_bytes()) for file in Path(folder).glob("*log*") if file.is_file())


def assert_nothing_was_said(written: Written, tracebacks: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the log nor an exception nor anything printed holds one; and all of them had something to say."""
    log = written.text
    for event in ("updates_not_fetched", "notice_attempted", "update_not_handled", "process_ended"):
        assert f'"{event}"' in log
    assert found_in(log) == []
    assert len(tracebacks) >= 2
    for told in tracebacks:
        assert "broken on purpose" in told
        assert found_in(told) == []
    printed = capfd.readouterr()
    assert found_in(printed.out + printed.err) == []


def assert_the_answers_are_there(trial: Trial) -> None:
    """All this was not for nothing: whoever has the key reads what was said."""
    out = io.StringIO()
    exports.write_answers(trial.records, out, by=None, now=trial.clock.now(), elapsed=trial.clock.elapsed())
    table = out.getvalue()
    assert REASON in table
    assert COORDINATOR in table
    with trial.records.read() as tx:
        kept = tx.connection.scalar(sa.select(sa.func.count()).select_from(schema.inbox))
    assert kept is not None
    assert kept >= 10


@pytest.mark.parametrize("canary", CANARIES)
def test_the_search_finds_each_canary_in_each_form(canary: str):
    for form in FORMS[canary]:
        assert canary in found_in(b"before" + form + b"behind")
