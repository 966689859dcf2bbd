"""To the board from the chat: a link for this phone, a number for a computer, and what comes of other people's numbers."""

import re
from datetime import timedelta

import httpx
import pytest

from bot.buttons import encode
from bot.presses import KeepOut, LetIn
from records import audit, sites
from records.sessions import open_numbers
from tests.phones import PLAIN_HTTP
from tests.trials import Person, Trial
from trial.people import Role

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
OF_READERS = ["language", "board", "privacy", "help"]
NO_SUCH_NUMBER = "🖥 No browser waits with this number. Please ask for a new one there."


def link_on(person: Person) -> str:
    (button,) = person.latest().buttons
    assert button.url is not None
    return button.url


def address_of(trial: Trial) -> str:
    return trial.service._settings.board(trial.service._web_port)


def browser(trial: Trial, **headers: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address_of(trial), headers=headers, verify=PLAIN_HTTP)


async def number_in(http: httpx.AsyncClient) -> str:
    """A browser asks for a number, and shows it."""
    assert (await http.post("/sign-in")).status_code == 303
    found = re.search(r"/board ([0-9]{6})", (await http.get("/sign-in")).text)
    assert found is not None
    return found[1]


async def joins_as(trial: Trial, name: str, role: Role, *, site: str | None) -> Person:
    """Somebody who only looks: one tap, and no practice item."""
    person = trial.phone(name)
    await person.opens(trial.invitation(name, site=site, role=role))
    assert await person.taps(0) == "Recorded."
    return person


async def test_a_phone_opens_the_board_by_a_link_of_its_own_once(trial: Trial) -> None:
    office = await trial.joins("Office", site=None)

    await office.says("/board")

    assert office.latest().text.splitlines() == [
        "🖥 The board",
        "The link below is for you alone. It signs you in once, within ten minutes.",
        "",
        f"On a computer, open {address_of(trial)}",
        "Then send the number that it shows, for example: /board 472913",
    ]
    link = link_on(office)
    assert link.startswith(f"{address_of(trial)}/sign-in/")
    async with browser(trial) as http, browser(trial) as another:
        assert (await http.post(link)).headers["Location"] == "/"
        assert "Office" in (await http.get("/me")).text
        assert (await another.post(link)).status_code == 404


async def test_of_a_link_no_record_holds_more_than_that_there_was_one(quick: Trial) -> None:
    office = await quick.joins("Office", site=None)
    await office.says("/board")
    token = link_on(office).rpartition("/")[2]

    with quick.records.read() as tx:
        assert token not in "\n".join(audit.export(tx, opened=True))
        assert audit.verify(tx).holds


async def test_a_computer_is_let_in_by_its_number(trial: Trial) -> None:
    office = await trial.joins("Office", site=None)
    async with browser(trial, **{"User-Agent": FIREFOX}) as http:
        number = await number_in(http)
        await office.says(f"/board {number}")

        asked = office.latest()
        assert re.fullmatch(
            rf"🖥 A browser \(Firefox · Linux\), asked at \d\d:\d\d, shows {number[:3]} {number[3:]}\.\n"
            r"Is it in front of you\?\n\n"
            r"If somebody else gave you the number, please say no: they would see what you see\.",
            asked.text,
        )
        assert asked.labels == ["✓ Yes, let it in", "✗ No"]
        assert (await http.get("/sign-in/number")).json() == {"state": "waiting"}

        assert await office.taps("Yes") == "Recorded."

        assert office.reads("The browser is let in.").message_id == asked.message_id
        assert (await http.post("/sign-in/number")).headers["Location"] == "/"
        assert "Office" in (await http.get("/me")).text


async def test_a_number_may_be_written_as_it_is_read(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    async with browser(quick) as http:
        number = await number_in(http)
        await amina.says(f"/board {number[:3]} {number[3:]}")

    assert amina.latest().text.startswith("🖥 A browser, asked at ")


async def test_a_browser_that_is_not_theirs_stays_out(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    async with browser(quick) as http:
        await amina.says(f"/board {await number_in(http)}")

        assert await amina.taps("No") == "Recorded."

        assert amina.latest().text == "🖥 The browser is kept out. Nothing has changed."
        assert (await http.get("/sign-in/number")).json() == {"state": "refused"}
        assert (await http.post("/sign-in/number")).headers["Location"] == "/sign-in"
        assert (await http.get("/me")).status_code == 303


async def test_the_buttons_are_of_use_to_nobody_else(quick: Trial) -> None:
    amina, berta = await quick.joins("Amina", site="302"), await quick.joins("Berta", site="302")
    async with browser(quick) as http:
        number = await number_in(http)
        await amina.says(f"/board {number}")
        with quick.records.read() as tx:
            (waiting,) = open_numbers(tx, number, elapsed=quick.clock.elapsed())

        await berta.says(f"/board {number}")
        assert berta.latest().text == NO_SUCH_NUMBER
        for press in (LetIn(waiting.id), KeepOut(waiting.id)):
            assert "not" in await berta.taps("", data=encode(press))

        assert (await http.get("/sign-in/number")).json() == {"state": "waiting"}
        await amina.taps("Yes", amina.reads("Is it in front of you?"))
        assert (await http.get("/sign-in/number")).json() == {"state": "approved"}


@pytest.mark.parametrize("words", ["000000", "12345", "1234567", "abc", "472 913 1", "４７２９１３"])
async def test_whatever_is_wrong_with_a_number_the_answer_is_the_same(quick: Trial, words: str) -> None:
    amina = await quick.joins("Amina", site="302")

    await amina.says(f"/board {words}")

    assert amina.latest().text == NO_SUCH_NUMBER or "It was stopped by" in amina.latest().text
    assert amina.latest().labels == []


async def test_a_number_that_has_expired_is_no_number(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    async with browser(quick) as http:
        number = await number_in(http)
        await amina.says(f"/board {number}")
        asked = amina.latest()
        await quick.waits(timedelta(minutes=10))

        await amina.taps("Yes", asked)

        assert amina.latest().text == NO_SUCH_NUMBER
        await amina.says(f"/board {number}")
        assert amina.latest().text == NO_SUCH_NUMBER


async def test_after_five_wrong_numbers_a_right_one_waits_too(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    async with browser(quick) as http:
        number = await number_in(http)
        for guess in range(5):
            await amina.says(f"/board {(int(number) + guess + 1) % 1_000_000:06}")

        await amina.says(f"/board {number}")

        assert amina.latest().text == NO_SUCH_NUMBER
        assert (await http.get("/sign-in/number")).json() == {"state": "waiting"}


@pytest.mark.parametrize(
    ("role", "site"),
    [(Role.MONITOR, "302"), (Role.MONITOR, None), (Role.AUDITOR, None), (Role.ADMINISTRATOR, None)],
)
async def test_whoever_only_looks_is_offered_the_board_and_nothing_to_do(
    quick: Trial, role: Role, site: str | None
) -> None:
    reader = await joins_as(quick, "Reader R", role, site=site)
    quick.patient("302-001", site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await quick.forward_to("2027-04-12 18:00", zone="Europe/Brussels")

    assert list(await reader.expects_menu(lambda menu: "today" not in menu)) == OF_READERS
    for words in ("/today", "/week", "/patient 302-001", "/overdue", "/site 302", "/brief", "/away", "/quiet", "/why"):
        await reader.says(words)
        assert reader.latest().text.startswith("🔔 How this works: what you may see stands on the board."), words
        assert reader.latest().labels == [], words
    assert "302-001" not in reader.chat().replace("/patient 302-001", "")
    await reader.says("/board")
    async with browser(quick) as http:
        assert (await http.post(link_on(reader))).headers["Location"] == "/"
        assert (await http.get("/")).status_code == 200


async def test_at_a_site_whose_chats_name_nothing_no_study_is_named(quick: Trial) -> None:
    with quick.records.begin() as tx:
        (site,) = [one for one in sites.sites(tx) if one.number == "302"]
        sites.set_disclosure(tx, site.id, "task-only", by=None, at=quick.clock.now())
    amina = await quick.joins("Amina", site="302")
    async with browser(quick) as http:
        await amina.says("/board")
        assert link_on(amina)
        await amina.says(f"/board {await number_in(http)}")
        await amina.taps("Yes")

    assert "DREAM" not in amina.chat()
    assert "302-0" not in amina.chat()


# --- nudge ------------------------------------------------------------------------------------------------------------


async def test_a_nudge_from_the_board_reaches_the_phone_and_why_says_who_asked(trial: Trial) -> None:
    office = await trial.joins("Office", site=None)
    amina = await trial.joins("Amina", site="302")
    trial.patient("302-001", site="302", first_registration="2027-04-12")
    await trial.forward_to("2027-04-14 11:00", zone="Europe/Brussels")
    card = amina.card("302-001")
    amina.news()
    await office.says("/board")
    async with browser(trial) as http:
        token = link_on(office).removeprefix(address_of(trial))
        await http.post(token)
        (task,) = set(re.findall(r"/late/([0-9a-f-]{36})/nudge", (await http.get("/late")).text))
        csrf = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await http.get("/late")).text)
        assert csrf is not None
        answer = await http.post(f"/late/{task}/nudge", data={"csrf": csrf[1], "back": "/late"})
        said = (await http.get(answer.headers["Location"])).text
    await trial.settled()

    assert "Amina is asked again now." in said
    (nudge,) = amina.news()
    assert nudge.reply_to == card.message_id
    await amina.says("/why")
    assert "No rule sent it: the trial office asked again." in amina.latest().text
