"""What a phone offers where the chats of a site name nothing: in the menu and in the help, nothing that could not be answered."""

import pytest

from locales import languages
from office import disclosure
from records import sites
from tests.trials import Person, Trial

SITE = "417"
in_each_language = pytest.mark.parametrize("language", languages())


def chooses(trial: Trial, level: str, by: Person) -> None:
    """As `sitebell site disclose` does."""
    with trial.records.begin() as tx:
        (site,) = [one for one in sites.sites(tx) if one.number == SITE]
        times = {"now": trial.clock.now(), "elapsed": trial.clock.elapsed()}
        assert disclosure.set_disclosure(tx, site, level, by=trial.ids[by.name], **times)


@in_each_language
async def test_a_chat_that_names_nothing_offers_no_list_of_one_patient(quick: Trial, language: str) -> None:
    office = await quick.joins("Office", site=None)
    chooses(quick, "task-only", by=office)
    amina = await quick.joins("Amina", site=SITE, language=language)
    berta = await quick.joins("Berta", site="302", language=language)

    for person, there in ((amina, False), (berta, True)):
        offered = await person.expects_menu(lambda menu, there=there: ("patient" in menu) is there)
        assert {"today", "week", "away", "why", "help"} <= set(offered)
        await person.says("/help")
        assert ("/patient" in person.latest().text) is there
        assert "/today" in person.latest().text


async def test_the_menu_follows_what_a_site_chooses_later(quick: Trial) -> None:
    office = await quick.joins("Office", site=None)
    amina = await quick.joins("Amina", site=SITE)
    await amina.expects_menu(lambda menu: "patient" in menu)

    chooses(quick, "task-only", by=office)
    await amina.says("/patient")
    await amina.expects_menu(lambda menu: "patient" not in menu)

    chooses(quick, "code", by=office)
    await amina.says("/help")
    await amina.expects_menu(lambda menu: "patient" in menu)


async def test_somebody_of_the_office_who_has_no_site_is_offered_nothing_of_a_site(quick: Trial) -> None:
    office = await quick.joins("Office", site=None)

    offered = await office.expects_menu(lambda menu: "brief" in menu)
    await office.says("/help")

    shown = {line.split(" ")[0] for line in office.latest().text.splitlines() if line.startswith("/")}
    assert shown == {f"/{name}" for name in offered}
    assert not {"/away", "/why"} & shown
