"""A site whose chats name nothing: all that ever stands there, from the invitation on, tells of no study, patient or day."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from bot.buttons import encode
from bot.presses import Say
from office import disclosure, patients
from office.study_files import study_from_text
from records import answers, people, plans, sites, studies
from records.answers import AnswerRow
from records.plans import TaskRow
from tests.phones import ChatMessage
from tests.trials import DREAM, Person, Trial
from tests.web.page_reading import ReadForm, ReadPage
from trial.access import Membership
from trial.answers import AnswerKind, Via
from trial.people import Role
from trial.tasks import TaskState

OSAKA = "Asia/Tokyo"
SITE, PATIENT = "417", "417-003"
OPEN = {
    "de": "🔒 Diesen Punkt öffnen",
    "en": "🔒 Open this item",
    "fr": "🔒 Ouvrir ce point",
    "ja": "🔒 この項目を開く",
}
UPLOADED = {
    "de": "CT gestern hochgeladen",
    "en": "CT uploaded yesterday",
    "fr": "Scanner déposé hier",
    "ja": "CTは昨日アップロードしました",
}
in_each_language = pytest.mark.parametrize("language", sorted(OPEN))

BY_THE_BOT = {"sendMessage", "editMessageText", "editMessageReplyMarkup", "answerCallbackQuery"}
A_DAY = re.compile(
    r"\d{4}-\d\d-\d\d|\d月|\d日"
    r"|\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d"
    r"|\b\d{1,2}\. (Jan|Feb|März|Apr|Mai|Juni|Juli|Aug|Sept|Okt|Nov|Dez)|\b(Mo|Di|Mi|Do|Fr|Sa|So)\., \d"
    r"|\b\d{1,2} (janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc)|\b(lun|mar|mer|jeu|ven|sam|dim)\. \d"
)


# --- what must not be said --------------------------------------------------------------------------------------------


def words_of_the_study() -> Iterator[str]:
    """What visits, their tasks and events are called, in each language."""
    study = study_from_text(DREAM.read_text(encoding="utf-8"), DREAM.name)
    for visit in study.visits.values():
        yield from visit.label.values()
        for task in visit.tasks:
            yield from task.label.values()
    for event in study.events.values():
        yield from event.label.values()


def ever_shown(trial: Trial, person: Person) -> list[str]:
    """Each text, button and short line that this person's chat has ever shown."""
    truth = trial.simulator.phones.truth()
    shown: list[str] = []
    for line in truth["journal"]:
        if line["chat_id"] == person.person_id and line["what"] in BY_THE_BOT:
            shown += [line["text"]] if line.get("text") else []
            shown += [key["text"] for row in line.get("keyboard") or () for key in row]
    return shown


def the_chat_names_nothing(trial: Trial, person: Person) -> None:
    shown = ever_shown(trial, person)
    forbidden = {"DREAM", "417-00", *words_of_the_study()}

    assert len(shown) > 10, person.chat()
    assert [(word, text) for text in shown for word in forbidden if word in text] == []
    assert [text for text in shown if A_DAY.search(text)] == []


# --- the site, its people, its page -----------------------------------------------------------------------------------


def chooses(trial: Trial, level: str, by: str) -> None:
    """As `sitebell site disclose` does."""
    with trial.records.begin() as tx:
        (site,) = [one for one in sites.sites(tx) if one.number == SITE]
        times = {"now": trial.clock.now(), "elapsed": trial.clock.elapsed()}
        assert disclosure.set_disclosure(tx, site, level, by=trial.ids[by], **times)


async def imaging_is_due(trial: Trial, language: str) -> tuple[Person, Person]:
    """In Osaka the last week of the baseline imaging, at a site that chose `task-only`; and the trial office."""
    office = await trial.joins("Office", site=None)
    chooses(trial, "task-only", by="Office")
    amina = await trial.joins("Amina", site=SITE, language=language)
    trial.patient(PATIENT, site=SITE, first_registration="2027-04-09", held={"baseline_imaging": "2027-04-09"})
    await trial.forward_to("2027-04-12 08:30", zone=OSAKA)
    return amina, office


def tasks(trial: Trial) -> dict[str, TaskRow]:
    with trial.records.read() as tx:
        patient = patients.patient_named(tx, None, PATIENT)
        return {task.name: task for task in plans.tasks_of_patient(tx, patient.id) if "baseline" in task.occurrence}


def said(trial: Trial) -> list[AnswerRow]:
    """What people of the site have answered."""
    with trial.records.read() as tx:
        found = answers.standing_of_visit(tx, tasks(trial)["upload_ct"].visit_id)
    return [one for one in found if one.person_id is not None]


def link_on(message: ChatMessage) -> str:
    (button,) = message.buttons
    assert button.url is not None
    return button.url


@asynccontextmanager
async def opened(link: str) -> AsyncIterator[httpx.AsyncClient]:
    """The reader's browser, once it has looked at a link and used it."""
    async with httpx.AsyncClient(base_url=link.partition("/item/")[0], trust_env=False) as browser:
        looked = await browser.get(link)
        used = await browser.post(link)
        assert (looked.status_code, used.status_code, used.headers["Location"]) == (200, 303, "/item")
        yield browser


async def page(browser: httpx.AsyncClient) -> ReadPage:
    shown = await browser.get("/item")
    assert shown.status_code == 200
    return ReadPage(shown.text)


async def sends(browser: httpx.AsyncClient, form: ReadForm, **fields: Any) -> int:
    return (await browser.post(form.action, data=form.hidden | fields)).status_code


# --- the conversations ------------------------------------------------------------------------------------------------


@in_each_language
async def test_an_item_is_answered_on_its_page_and_the_chat_names_nothing(quick: Trial, language: str) -> None:
    amina, _ = await imaging_is_due(quick, language)
    card = amina.latest()
    assert card.labels == [OPEN[language]]

    await amina.taps(0)
    async with opened(link_on(amina.latest())) as browser:
        await quick.settled()
        # Used: the link has gone from the chat, and the page knows what the card must not say.
        assert amina.latest().labels == [OPEN[language]]
        read = await page(browser)
        assert (f"DREAM · {PATIENT}" in read.words, read.language) == (True, language)
        for _ in range(2):
            form = next(one for one in (await page(browser)).forms_for("/item/answer", kind="uploaded") if one.presses)
            assert await sends(browser, form, day="2027-04-11") == 303
    await quick.settled()

    assert [(one.kind, one.via, one.said.day) for one in said(quick)] == [
        (AnswerKind.UPLOADED, Via.LINK, date(2027, 4, 11))
    ] * 2
    followed = next(one for one in amina.shown() if one.message_id == card.message_id)
    assert followed.text.startswith("✅")
    the_chat_names_nothing(quick, amina)


@in_each_language
async def test_whatever_is_asked_for_in_the_chat_names_nothing(quick: Trial, language: str) -> None:
    amina, _ = await imaging_is_due(quick, language)
    card = amina.latest()

    for text in ("/today", "/week", "/patient", f"/patient {PATIENT}", "/why", "/help", "/privacy"):
        await amina.says(text)
    await amina.says(UPLOADED[language], reply_to=card)

    assert said(quick) == []
    the_chat_names_nothing(quick, amina)


@in_each_language
async def test_nudges_and_digests_name_nothing_and_lead_to_the_page(quick: Trial, language: str) -> None:
    await quick.joins("Office", site=None)
    chooses(quick, "task-only", by="Office")
    amina = await quick.joins("Amina", site=SITE, language=language, digest_on=0)
    for number in (3, 4, 5):
        quick.patient(f"417-00{number}", site=SITE, first_registration="2027-04-12")

    told = await quick.runs_until("2027-05-21 12:00", zone=OSAKA)

    assert len([one for one in told if one.person is amina]) > 5
    await amina.says("/week")
    digest = amina.latest()
    await amina.taps(0, digest)
    assert amina.latest().labels[0] == OPEN[language]
    await amina.taps(0)
    link = amina.latest().buttons[0].url
    assert link is not None
    async with opened(link) as browser:
        await quick.settled()
        assert amina.latest().labels[0] == OPEN[language]
        assert "DREAM · 417-00" in (await page(browser)).text
    the_chat_names_nothing(quick, amina)


@in_each_language
async def test_help_and_a_patient_who_leaves_are_told_of_without_a_name(quick: Trial, language: str) -> None:
    amina, office = await imaging_is_due(quick, language)
    doctor = await quick.joins("Doctor", site=SITE, role=Role.INVESTIGATOR, language=language)
    card = amina.latest()

    await answers_on_the_page(quick, amina, AnswerKind.NEED_HELP, help="portal_down")
    waiting = next(one for one in amina.shown() if one.message_id == card.message_id)
    assert waiting.text.startswith("🔕")
    # Until it is day in Greenwich, where the trial office counts, and day again in Osaka.
    await quick.waits(timedelta(hours=10))
    await office.taps("Looked at", office.reads("needs help"))
    await quick.waits(timedelta(hours=14))
    await answers_on_the_page(quick, amina, AnswerKind.NO_LONGER_FOLLOWED, leaving="death")
    await quick.waits(timedelta(hours=10))

    assert PATIENT in office.reads("to confirm").text
    assert doctor.latest().text.startswith("🔒")
    assert all(told.labels == [] for told in doctor.shown())
    the_chat_names_nothing(quick, amina)
    the_chat_names_nothing(quick, doctor)


async def answers_on_the_page(trial: Trial, person: Person, kind: AnswerKind, **fields: str) -> None:
    """By the button of the newest card to its page, and there by the first form for this answer."""
    await person.taps(0, next(one for one in reversed(person.shown()) if one.labels))
    async with opened(link_on(next(one for one in reversed(person.shown()) if one.labels))) as browser:
        form, *_ = (await page(browser)).forms_for("/item/answer", kind=kind.value)
        assert await sends(browser, form, **fields) == 303
    await trial.settled()


async def test_access_ends_without_the_study_s_name(quick: Trial) -> None:
    amina, _ = await imaging_is_due(quick, "en")

    quick.revoke("Amina", site=SITE)
    await quick.settled()

    assert "Your access has ended" in amina.latest().text
    the_chat_names_nothing(quick, amina)


# --- the link in the chat ---------------------------------------------------------------------------------------------


async def test_a_link_leaves_the_chat_when_its_ten_minutes_are_over(quick: Trial) -> None:
    amina, _ = await imaging_is_due(quick, "en")
    await amina.taps(0)
    link = link_on(amina.latest())

    await quick.waits(timedelta(minutes=10, seconds=1))

    assert amina.latest().labels == [OPEN["en"]]
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert (await browser.post(link)).status_code == 404
    await amina.taps(0)
    assert link_on(amina.latest()) != link


async def test_each_press_asks_for_a_fresh_link(quick: Trial) -> None:
    amina, _ = await imaging_is_due(quick, "en")
    visit = tasks(quick)["upload_ct"].visit_id
    press = amina.latest().buttons[0].data
    await amina.taps(0)
    first = link_on(amina.latest())

    await amina.taps(0, data=press)

    second = link_on(amina.latest())
    assert first != second
    assert str(visit) not in second
    # Standing alone: the digits of a site may be in a token or a port by chance.
    assert re.findall(rf"(?<![\w-])({PATIENT}|DREAM|{SITE})(?![\w-])", second) == []


async def test_a_button_from_before_the_choice_is_out_of_date(quick: Trial) -> None:
    office = await quick.joins("Office", site=None)
    amina = await quick.joins("Amina", site=SITE)
    quick.patient(PATIENT, site=SITE, first_registration="2027-04-09", held={"baseline_imaging": "2027-04-09"})
    await quick.forward_to("2027-04-12 08:30", zone=OSAKA)
    card = amina.card(PATIENT)
    chooses(quick, "task-only", by=office.name)

    upload = tasks(quick)["upload_ct"]
    toast = await amina.taps(0, card, data=encode(Say(upload.id, AnswerKind.UPLOADED, date(2027, 4, 11))))

    assert toast == "This button is out of date. Please use the latest card."
    assert tasks(quick)["upload_ct"].state is TaskState.OPEN
    assert said(quick) == []
    now = next(one for one in amina.shown() if one.message_id == card.message_id)
    assert (now.labels, PATIENT in now.text) == ([OPEN["en"]], False)


def names_a_patient(shown: list[ChatMessage]) -> list[str]:
    return [one.text for one in shown if re.search(r"\d{3}-00\d|Upload|Baseline", one.text)]


async def test_what_stood_in_the_chats_before_the_choice_names_nothing_any_more(quick: Trial) -> None:
    office = await quick.joins("Office", site=None)
    amina, other = await quick.joins("Amina", site=SITE), await quick.joins("Other", site="302")
    quick.patient(PATIENT, site=SITE, first_registration="2027-04-09", held={"baseline_imaging": "2027-04-09"})
    quick.patient("302-001", site="302", first_registration="2027-04-09", held={"baseline_imaging": "2027-04-09"})
    await quick.runs_until("2027-04-24 12:00", zone=OSAKA)
    before, elsewhere = amina.shown(), other.shown()

    chooses(quick, "task-only", by=office.name)
    await quick.settled()

    # The card and the nudges below it: older than two days, which an edit may be.
    assert len([text for text in names_a_patient(before) if "one more note" in text]) >= 2
    assert names_a_patient(amina.shown()) == []
    assert [one.message_id for one in amina.shown()] == [one.message_id for one in before]
    (card,) = [one for one in amina.shown() if one.labels]
    assert (card.labels, card.text.splitlines()[0]) == ([OPEN["en"]], "🔔 Site 417 · 2 items")
    assert len([one for one in amina.shown() if one.text.startswith("🔔 Site 417 · one more note\n")]) >= 2
    assert [one.text for one in other.shown()] == [one.text for one in elsewhere]


async def test_digests_that_stood_there_name_nothing_any_more_also_where_all_is_done(quick: Trial) -> None:
    office = await quick.joins("Office", site=None)
    amina = await quick.joins("Amina", site=SITE, digest_on=0)
    quick.patient(PATIENT, site=SITE, first_registration="2027-01-25", held={"baseline_imaging": "2027-01-22"})
    await quick.runs_until("2027-04-13 12:00", zone=OSAKA)
    first = amina.reads("this week")
    quick.event(PATIENT, "death", "2027-04-12")
    quick.patient("417-004", site=SITE, first_registration="2027-02-01", held={"baseline_imaging": "2027-01-29"})
    await quick.runs_until("2027-04-20 12:00", zone=OSAKA)
    second = amina.reads("this week")
    assert first.message_id != second.message_id
    assert all(names_a_patient([one]) for one in (first, second))

    chooses(quick, "task-only", by=office.name)
    await quick.settled()

    now = {one.message_id: one for one in amina.shown()}
    assert names_a_patient(amina.shown()) == []
    assert now[first.message_id].text.startswith("✅ Site 417 · nothing open\n")
    assert (now[second.message_id].labels, now[second.message_id].text.splitlines()[0].split(" · ")[0]) == (
        ["Go through them"],
        "🔔 Site 417",
    )


async def test_a_former_manager_at_such_a_site_is_named_nothing(quick: Trial) -> None:
    amina, _ = await imaging_is_due(quick, "en")
    with quick.records.begin() as tx:
        (study,) = studies.studies(tx)
        once = Membership(study.id, None, Role.MANAGER, frozenset(), date(2026, 1, 1), date(2026, 12, 31))
        people.add_membership(tx, quick.ids[amina.name], once)

    await amina.says("/today")
    await amina.says("/patient")

    the_chat_names_nothing(quick, amina)


async def test_where_the_chat_may_name_the_patient_the_button_shows_the_card(quick: Trial) -> None:
    amina, _ = await imaging_is_due(quick, "en")
    press = amina.latest().buttons[0].data
    chooses(quick, "code", by="Office")

    await amina.taps(0, data=press)

    assert PATIENT in amina.latest().text
    assert all(button.url is None for button in amina.latest().buttons)
