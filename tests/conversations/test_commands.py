"""What people ask for by name, and what their phones offer: each command answers in one message, as far as they may see."""

from collections.abc import Callable, Mapping

import pytest
import vl_convert

from charts import both_for_a_chat
from tests.trials import Person, Trial
from trial.people import Role
from trial.tasks import SiteFunction

BRUSSELS = "Europe/Brussels"
PATIENT = "302-001"
OF_SITES = ["today", "week", "patient", "away", "quiet", "language", "why", "board", "privacy", "help"]
NO_SUCH_SITE = (
    "There is no site with this number: please write /site and the number of a site of the study, or /site alone "
    "for the most urgent one."
)
OF_THE_OFFICE = ["overdue", "site", "brief"]


async def a_monday_in_leuven(trial: Trial) -> tuple[Person, Person]:
    """Uploads wait until Friday; Amina is responsible, Berta works there, too."""
    amina, berta = await trial.joins("Amina", site="302"), await trial.joins("Berta", site="302")
    trial.patient(PATIENT, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    trial.patient("417-009", site="417", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    trial.answers_for("Amina", PATIENT, SiteFunction.IMAGING)
    await trial.forward_to("2027-04-12 11:00", zone=BRUSSELS)
    for person in (amina, berta):
        person.news()
    return amina, berta


# --- at a site --------------------------------------------------------------------------------------------------------


async def test_today_is_the_list_of_the_site_and_a_colleague_takes_what_is_in_it(trial: Trial) -> None:
    amina, berta = await a_monday_in_leuven(trial)

    await berta.says("/today")

    asked = berta.latest()
    assert asked.text.splitlines() == [
        "📋 Today · Site 302 · Mon 12 Apr",
        "What is open today and who is responsible; anybody here may answer.",
        "",
        "DREAM",
        "○ 302-001 · Baseline CT and MRI · due by Fri 16 Apr · Amina",
    ]
    assert asked.labels == ["Go through them"]
    await berta.taps("Go through")
    taken = berta.card(PATIENT)
    assert taken.message_id == asked.message_id
    assert taken.labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other"]
    await berta.taps("CT")
    assert await berta.taps("Yesterday") == "Recorded."
    assert "Last answer: uploaded on Sun 11 Apr (as claimed) · Berta · Mon 12 Apr" in amina.card(PATIENT).text


async def test_a_list_that_was_asked_for_long_ago_shows_its_items_as_they_are_now(quick: Trial) -> None:
    amina, berta = await a_monday_in_leuven(quick)
    await berta.says("/today")
    await amina.taps("CT", amina.card(PATIENT))
    await amina.taps("Today")

    await berta.taps("Go through", berta.reads("📋 Today"))

    assert "↑ Upload CT · uploaded on Mon 12 Apr as claimed" in berta.card(PATIENT).text


async def test_nothing_open_is_said(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")

    await amina.says("/today")

    assert amina.latest().text.endswith("Nothing is open today.")
    assert amina.latest().labels == []


async def test_what_is_from_before_sitebell_stands_last_and_a_visit_is_one_line(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient("302-001", site="302", first_registration="2027-04-01", held={"baseline_imaging": "2027-03-31"})
    quick.patient("302-002", site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await quick.forward_to("2027-04-12 11:00", zone=BRUSSELS)

    for words in ("/today", "/week"):
        await amina.says(words)

        assert amina.latest().text.splitlines()[4:] == [
            "○ 302-002 · Baseline CT and MRI · due by Fri 16 Apr · Amina",
            "· 302-001 · Baseline CT and MRI · from before Sitebell, was due by Wed 7 Apr · Amina",
        ], words


async def test_what_is_from_before_sitebell_is_late_for_no_manager(quick: Trial) -> None:
    await quick.joins("Amina", site="302")
    office = await quick.joins("Office", site=None)
    quick.patient("302-001", site="302", first_registration="2027-04-01", held={"baseline_imaging": "2027-03-31"})
    await quick.forward_to("2027-04-12 11:00", zone=BRUSSELS)

    for words in ("/overdue", "/site 302", "/brief"):
        await office.says(words)
        assert "1 late" not in office.latest().text, words
        assert ("1 from before Sitebell" in office.latest().text) == (words != "/overdue"), words


async def test_an_upload_that_is_asked_about_says_so_in_the_list(quick: Trial) -> None:
    amina, _ = await a_monday_in_leuven(quick)
    await amina.says("CT and MRI uploaded today", reply_to=amina.card(PATIENT))
    # Nobody has seen them in the archive for five working days.
    await quick.runs_until("2027-04-20 11:00", zone=BRUSSELS)

    await amina.says("/today")

    (listed,) = amina.latest().text.splitlines()[4:]
    assert listed == "↑ 302-001 · Baseline CT and MRI · uploaded as claimed, not yet seen in the archive · Amina"


async def test_the_week_holds_what_opens_in_it(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient("302-003", site="302", first_registration="2027-02-01", held={"baseline_imaging": "2027-01-29"})
    quick.patient("302-004", site="302", first_registration="2027-02-05", held={"baseline_imaging": "2027-02-02"})
    await quick.forward_to("2027-04-12 11:00", zone=BRUSSELS)

    await amina.says("/today")
    today = amina.latest().text
    await amina.says("/week")
    week = amina.latest().text

    assert "○ 302-003 · Re-evaluation CT and MRI after chemotherapy · due by Mon 10 May · Amina" in today
    assert "302-004 · Re-evaluation" not in today
    assert "302-003 · Re-evaluation" in week
    assert "· 302-004 · Re-evaluation CT and MRI after chemotherapy · opens on Fri 16 Apr · Amina" in week


async def test_one_patient_is_asked_for_by_code_and_never_one_of_another_site(quick: Trial) -> None:
    amina, _ = await a_monday_in_leuven(quick)

    await amina.says(f"/patient {PATIENT}")
    lines = amina.latest().text.splitlines()
    assert lines[0] == "📋 One patient · Site 302 · Mon 12 Apr"
    assert lines[3:5] == ["DREAM · 302-001", "○ Baseline CT and MRI · Upload CT · due by Fri 16 Apr · Amina"]
    assert "✓ Baseline CT and MRI · done · Amina" in lines

    for words in ("/patient", "/patient 417-009", "/patient Jane"):
        await amina.says(words)
        assert amina.latest().text.startswith("Which patient?"), words
        assert "417-009" not in amina.latest().text


async def test_hours_are_set_in_one_tap_and_hold_from_the_next_morning(trial: Trial) -> None:
    amina, _ = await a_monday_in_leuven(trial)

    await amina.says("/quiet")
    asked = amina.latest()
    assert "• Now from 08:30 to 17:00" in asked.text
    assert "• Each thing comes by itself, when it is due." in asked.text
    assert asked.labels == ["07:00–15:30", "08:00–16:30", "09:00–17:30", "10:00–19:00", "Monday digest"]
    assert await amina.taps("10:00") == "Recorded."
    assert "• Now from 10:00 to 19:00" in amina.latest().text
    assert "08:30–17:00" in amina.latest().labels
    assert await amina.taps("Monday digest") == "Recorded."

    assert "• What is not urgent comes together in the Monday digest." in amina.latest().text
    told = await trial.runs_until("2027-04-19 12:00", zone=BRUSSELS)
    assert {f"{one.at:%a %H:%M}" for one in told if one.person is amina} == {"Fri 10:00", "Mon 10:00"}


async def test_another_language_holds_at_once_for_words_cards_and_the_menu(trial: Trial) -> None:
    amina, _ = await a_monday_in_leuven(trial)

    await amina.says("/language")
    assert amina.latest().text == "🌐 In which language shall I write?"
    assert amina.latest().labels == ["Deutsch", "English", "français", "日本語"]
    assert await amina.taps("日本語") == "記録しました。"

    assert amina.latest().text == "🌐 どの言語でお送りしましょうか？"
    await amina.taps("CT", amina.card(PATIENT))
    assert amina.card(PATIENT).text.startswith("🔔 施設302 · ")
    assert await menu(amina, lambda offered: offered["today"] != "What is open today") == OF_SITES


async def test_why_names_the_rule_the_dates_and_who_else_was_told(trial: Trial) -> None:
    amina, berta = await a_monday_in_leuven(trial)
    await berta.says("/why")
    assert berta.latest().text.startswith("There is no reminder here to explain.")
    await berta.says("/today")
    await berta.taps("Go through")
    await berta.taps("Other")
    await berta.taps("Why this?")
    assert "Amina is responsible for it; anybody here may answer.\nNo reminder brought it to you" in berta.latest().text
    assert "Also told: Amina" in berta.latest().text

    await amina.says("/why")
    said = amina.latest().text
    assert said.startswith("ℹ️ Why you got this\n")
    assert "DREAM · 302-001\nBaseline CT and MRI · Upload CT\n" in said
    assert "You are told because you are responsible for it." in said
    assert "Protocol version 1.1" in said

    await trial.runs_until("2027-04-21 12:00", zone=BRUSSELS)
    await berta.says("/why")
    assert "Also told: Amina" in berta.latest().text


async def test_why_stands_under_other_on_every_card(quick: Trial) -> None:
    amina, _ = await a_monday_in_leuven(quick)

    await amina.taps("Other", amina.card(PATIENT))
    await amina.taps("Why this?")

    assert amina.latest().text.startswith("ℹ️ Why you got this\n")
    assert amina.card(PATIENT, "Have the images").labels == ["⬆️ CT uploaded", "⬆️ MRI uploaded", "⏰ Later", "⋯ Other"]


async def test_why_typed_below_a_card_explains_that_card(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    await quick.forward_to("2027-04-12 09:00", zone=BRUSSELS)
    quick.patient("302-001", site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    quick.patient("302-002", site="302", first_registration="2027-04-12")
    await quick.forward_to("2027-04-13 11:00", zone=BRUSSELS)
    cards = {code: amina.card(code) for code in ("302-001", "302-002")}

    for code, other in (("302-001", "302-002"), ("302-002", "302-001"), ("302-001", "302-002")):
        await amina.says("/why", reply_to=cards[code])

        said = amina.latest().text
        assert said.startswith("ℹ️ Why you got this\n")
        assert (code in said, other in said) == (True, False)

    await amina.says("/today")
    await amina.taps("Go through them")
    await amina.taps("Next item")
    shown = amina.reads("2 of 2")
    code, other = ("302-002", "302-001") if "302-002" in shown.text else ("302-001", "302-002")
    await amina.says("/why", reply_to=shown)
    assert (code in amina.latest().text, other in amina.latest().text) == (True, False)


async def test_why_below_a_card_of_a_site_that_somebody_left_tells_nothing(quick: Trial) -> None:
    amina, _ = await a_monday_in_leuven(quick)
    await quick.joins("Office", site=None)
    card = amina.card(PATIENT)
    quick.revoke("Amina", site="302")
    await quick.settled()
    amina.news()

    await amina.says("/why", reply_to=card)

    assert not any("Why you got this" in one.text for one in amina.news())


async def test_what_only_the_office_may_ask_is_answered_with_what_there_is(quick: Trial) -> None:
    amina, _ = await a_monday_in_leuven(quick)

    for words in ("/overdue", "/site 417", "/brief", "/nothing_of_the_kind"):
        await amina.says(words)

        assert amina.latest().text.startswith("🔔 How this works"), words
        assert "/overdue" not in amina.latest().text


async def test_whoever_has_left_asks_in_vain(quick: Trial) -> None:
    amina, _ = await a_monday_in_leuven(quick)
    quick.revoke("Amina", site="302")
    await quick.settled()
    amina.news()

    for words in ("/today", f"/patient {PATIENT}", "/why", "/away", "/help"):
        await amina.says(words)

    assert amina.news() == []


# --- in the trial office ----------------------------------------------------------------------------------------------


async def test_the_office_sees_what_is_late_by_site_one_site_and_the_study(trial: Trial) -> None:
    amina, _ = await a_monday_in_leuven(trial)
    await trial.forward_to("2027-04-14 11:00", zone=BRUSSELS)
    await amina.taps("CT", amina.card(PATIENT))
    await amina.taps("Today")
    office = await trial.joins("Office", site=None)
    await trial.runs_until("2027-04-20 12:00", zone=BRUSSELS)

    await office.says("/overdue")
    assert office.latest().text.splitlines()[3:] == [
        "DREAM",
        "• 302 Leuven · 1 late · oldest 4 days past · last answer Wed 14 Apr",
        "• 417 Osaka · 1 late · oldest 4 days past · no answer yet · nobody can be told",
    ] or office.latest().text.splitlines()[3:] == [
        "DREAM",
        "• 417 Osaka · 1 late · oldest 4 days past · no answer yet · nobody can be told",
        "• 302 Leuven · 1 late · oldest 4 days past · last answer Wed 14 Apr",
    ]
    await office.says("/site 302")
    brief = office.latest().text
    assert brief.startswith("📋 One site · Tue 20 Apr\n")
    assert "DREAM · 302 Leuven\n1 patient · 1 open item\n" in brief
    assert "People: Amina and Berta" in brief
    assert "◐ 302-001 · Baseline CT and MRI · Upload MRI (with DW-MRI) · late, was due by Fri 16 Apr · Amina" in brief
    await office.says("/brief")
    study = office.latest().text
    assert "DREAM · 2 patients" in study
    assert "◐ 2 late" in study
    # Its figures come drawn, above the words.
    assert office.latest().raw["media"]["photo"]
    assert study.endswith("below, what each site has returned, and the line at 80%.")


async def test_a_brief_whose_picture_cannot_be_drawn_comes_in_words_and_nothing_dies_of_it(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_font(*_: object, **__: object) -> bytes:
        raise ValueError("no font")

    await a_monday_in_leuven(trial)
    office = await trial.joins("Office", site=None)
    await trial.runs_until("2027-04-20 12:00", zone=BRUSSELS)
    both_for_a_chat.cache_clear()
    monkeypatch.setattr(vl_convert, "vegalite_to_png", no_font)

    await office.says("/brief")
    assert office.latest().text.startswith("📋 The whole study · ")
    assert office.latest().raw["media"] is None
    await office.says("/overdue")
    assert "late" in office.latest().text


async def test_a_site_that_there_is_not_is_said_and_no_other_one_is_shown(trial: Trial) -> None:
    await a_monday_in_leuven(trial)
    office = await trial.joins("Office", site=None)

    for words in ("/site 999", "/site Leuven", "/site ?"):
        await office.says(words)

        assert office.latest().text.splitlines() == [
            NO_SUCH_SITE,
            "",
            "Study: DREAM",
        ], words
    await office.says("/site 417")
    assert office.latest().text.startswith("📋 One site · ")


async def test_the_office_asks_for_any_patient(quick: Trial) -> None:
    await a_monday_in_leuven(quick)
    office = await quick.joins("Office", site=None)

    await office.says("/patient 417-009")
    assert office.latest().text.startswith("📋 One patient · Site 417 · ")
    await office.says("/today")
    assert "302-001" in office.latest().text
    assert "417-009" in office.latest().text


async def test_the_office_has_nobody_to_stand_in_and_is_told_what_there_is(quick: Trial) -> None:
    office = await quick.joins("Office", site=None)

    await office.says("/away")

    assert office.latest().text.startswith("🔔 How this works")
    lines = office.latest().text.splitlines()
    for line in (
        "/overdue – Sites with something late, most urgent first",
        "/site – One site in a screen",
        "/brief – The whole study in a screen",
        "/today – What is open today",
    ):
        assert line in lines
    # No card comes to the office, and nothing that is said of cards helps there.
    for word in ("/away", "/why", "card", "Later", "Undo", "undone", "Questions go to"):
        assert word not in office.latest().text


# --- the menu ---------------------------------------------------------------------------------------------------------


async def menu(person: Person, fits: Callable[[Mapping[str, str]], bool] = bool) -> list[str]:
    """Names of the commands that this phone offers, as soon as they fit: the menu is registered beside everything else."""
    shown = await person.expects_menu(fits)
    return list(shown)


async def test_phones_offer_what_their_owner_may_ask_for_in_their_language(trial: Trial) -> None:
    stranger = trial.phone("Somebody", language="ja")
    amina = await trial.joins("Amina", site="417", language="ja")
    ines = await trial.joins("Ines", site="302", role=Role.INVESTIGATOR)
    office = await trial.joins("Office", site=None)

    assert await menu(stranger) == OF_SITES
    assert await menu(amina) == OF_SITES
    assert await menu(ines) == OF_SITES
    assert await menu(office, lambda offered: "overdue" in offered) == [
        *(name for name in OF_SITES if name not in {"away", "why"}),
        *OF_THE_OFFICE,
    ]
    assert (await stranger.expects_menu(bool))["privacy"] == (await amina.expects_menu(bool))["privacy"]
    assert (await ines.expects_menu(bool))["privacy"] == "What is kept of this chat"
    assert (await amina.expects_menu(bool))["privacy"] != "What is kept of this chat"


async def test_whose_access_has_ended_is_offered_what_every_chat_is(trial: Trial) -> None:
    await trial.joins("Manager", site=None)
    office = await trial.joins("Office", site=None)
    assert "overdue" in await menu(office, lambda offered: "overdue" in offered)

    trial.revoke("Office", site=None)
    await trial.settled()

    assert await menu(office, lambda offered: "overdue" not in offered) == OF_SITES
