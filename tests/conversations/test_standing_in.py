"""Somebody stands in: the number that was announced, the reason for each item, and answers by typing."""

import pytest

from tests.trials import Person, Trial
from trial.tasks import SiteFunction

BRUSSELS = "Europe/Brussels"
UNREAD = "I am not sure what this text answers, so nothing has been recorded."
WHICH = "Which of these do you mean? Nothing has been recorded yet."


async def handed_over(trial: Trial, *codes: str, language: str = "en") -> tuple[Person, Person]:
    """Scans of these patients wait for their upload; Amina has gone until Friday, and Berta has her items."""
    amina = await trial.joins("Amina", site="302", digest_on=0, functions=frozenset({SiteFunction.IMAGING}))
    berta = await trial.joins(
        "Berta", site="302", digest_on=0, functions=frozenset({SiteFunction.SURGERY}), language=language
    )
    for code in codes or ("302-014",):
        trial.patient(code, site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    await trial.runs_until("2027-04-12 10:00", zone=BRUSSELS)
    for person in (amina, berta):
        person.news()
    await amina.says("/away")
    await amina.taps("Fri 16 Apr")
    await amina.taps("Berta")
    return amina, berta


def uploads(person: Person, code: str = "302-014") -> list[str]:
    """How the newest card of this patient says that the uploads stand."""
    lines = [line for line in person.card(code).text.splitlines() if line[:1] in {"○", "↑"}]
    return [line.split(" as claimed")[0].split(" Upload ")[-1] for line in lines]


OPEN = ["CT · due by Fri 16 Apr", "MRI (with DW-MRI) · due by Fri 16 Apr"]
MRI_DONE = [OPEN[0], "MRI (with DW-MRI) · uploaded on Sun 11 Apr"]


# --- by typing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["the overview", "its item", "a card", "nothing"])
async def test_whoever_stands_in_answers_by_typing_wherever_they_reply(quick: Trial, where: str) -> None:
    _, berta = await handed_over(quick)
    digest = berta.reads("1 item to cover")
    replied = None
    match where:
        case "the overview":
            replied = digest
        case "its item":
            await berta.taps("Go through", digest)
            replied = berta.card("302-014", "1 of 1")
        case "a card":
            await quick.runs_until("2027-04-16 12:00", zone=BRUSSELS)
            replied = berta.card("302-014", "due today")
    words = "MRI uploaded on 11 April" if where == "a card" else "MRI uploaded yesterday"

    await berta.says(words, reply_to=replied)

    assert uploads(berta) == MRI_DONE
    assert "↩ Undo (10 minutes)" in berta.card("302-014").labels
    assert UNREAD not in "".join(one.text for one in berta.shown())


@pytest.mark.parametrize("replies", [True, False])
async def test_where_several_items_fit_one_question_is_asked(quick: Trial, *, replies: bool) -> None:
    _, berta = await handed_over(quick, "302-014", "302-017")
    digest = berta.reads("2 items to cover")

    await berta.says("MRI uploaded yesterday", reply_to=digest if replies else None)

    asked = berta.reads(WHICH)
    assert asked.labels == ["⬆️ 302-014 uploaded · Sun 11 Apr", "⬆️ 302-017 uploaded · Sun 11 Apr"]
    await berta.taps("302-017", asked)
    assert uploads(berta, "302-017") == MRI_DONE


async def test_a_text_that_names_the_patient_needs_no_question(quick: Trial) -> None:
    _, berta = await handed_over(quick, "302-014", "302-017")

    await berta.says("302-017 MRI uploaded yesterday", reply_to=berta.reads("2 items to cover"))

    assert uploads(berta, "302-017") == MRI_DONE


async def test_a_reply_to_the_first_of_two_hand_overs_is_about_its_items(quick: Trial) -> None:
    amina, berta = await handed_over(quick)
    clara = await quick.joins("Clara", site="302", functions=frozenset({SiteFunction.PATHOLOGY}))
    quick.patient("302-017", site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    quick.answers_for("Clara", "302-017", SiteFunction.IMAGING)
    await quick.settled()
    first = berta.reads("1 item to cover", "Amina")
    await clara.says("/away")
    await clara.taps("Fri 16 Apr", clara.reads("Until when"))
    await clara.taps("Berta")
    assert berta.reads("1 item to cover", "Clara").message_id > first.message_id

    await berta.says("MRI uploaded yesterday", reply_to=first)
    assert uploads(berta) == MRI_DONE

    # Without a reply it may be either, and both are asked about.
    await berta.says("CT uploaded yesterday")
    assert berta.reads(WHICH).labels == ["⬆️ 302-014 uploaded · Sun 11 Apr", "⬆️ 302-017 uploaded · Sun 11 Apr"]
    assert amina.card("302-014").message_id


# --- why, and how many ------------------------------------------------------------------------------------------------


async def test_why_under_an_item_of_a_hand_over_says_for_whom_until_when_by_which_rule(trial: Trial) -> None:
    _, berta = await handed_over(trial)

    await berta.taps("Go through", berta.reads("1 item to cover"))
    assert "You stand in for Amina." in berta.card("302-014").text
    await berta.taps("Other")
    await berta.taps("Why this?")

    assert berta.latest().text.splitlines() == [
        "ℹ️ Why you got this",
        "Here are the rule, the dates, and who else was told about it.",
        "",
        "DREAM · 302-014",
        "Baseline CT and MRI · Upload CT",
        "Due by Fri 16 Apr",
        "",
        "You are told because you stand in for Amina until Fri 16 Apr.",
        "What is open for somebody who is away goes to whoever stands in.",
        "Protocol version 1.1",
        "",
        "Also told: Amina",
    ]
    await berta.says("/why")
    assert "You are told because you stand in for Amina until Fri 16 Apr." in berta.latest().text


async def test_the_number_that_was_announced_is_the_number_that_is_handed_over(trial: Trial) -> None:
    amina = await trial.joins("Amina", site="302", digest_on=0, functions=frozenset({SiteFunction.IMAGING}))
    berta = await trial.joins("Berta", site="302", digest_on=0, functions=frozenset({SiteFunction.SURGERY}))
    # Two uploads of one visit; what opens on Friday; what is from before Sitebell; what is not yet in sight.
    trial.patient("302-014", site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    trial.patient("302-004", site="302", first_registration="2027-02-05", held={"baseline_imaging": "2027-02-02"})
    trial.patient("302-005", site="302", first_registration="2027-04-01", held={"baseline_imaging": "2027-03-31"})
    trial.patient("302-006", site="302", first_registration="2027-03-15", held={"baseline_imaging": "2027-03-12"})
    await trial.runs_until("2027-04-12 10:00", zone=BRUSSELS)

    await amina.says("/away")
    await amina.taps("Fri 16 Apr")
    await amina.taps("Berta")

    said = amina.reads("handed over").text
    digest = berta.reads("to cover").text
    announced = next(line for line in said.splitlines() if "handed over" in line).split()[0]
    assert digest.splitlines()[0] == f"🔔 Site 302 · {announced} items to cover"
    assert announced == "2"
    await berta.says("302-014 CT and MRI uploaded yesterday")
    await amina.says("/away")
    assert "handed over" not in amina.latest().text
