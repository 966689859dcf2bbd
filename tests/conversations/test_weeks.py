"""A trial week by week: people go away, patients leave, a site falls silent over Golden Week, another one joins late."""

from datetime import date, timedelta

from app.demo_world import TOULOUSE
from tests.trials import Person, Told, Trial
from trial.people import Role
from trial.tasks import SiteFunction

BRUSSELS, TOKYO, PARIS = "Europe/Brussels", "Asia/Tokyo", "Europe/Paris"
MONDAY = 0


def days_of(told: list[Told], person: Person, words: str = "") -> list[str]:
    return [f"{one.at:%a %d %b}" for one in told if one.person is person and words in one.message.text]


async def test_whoever_stands_in_answers_by_typing(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302", digest_on=MONDAY)
    berta = await quick.joins("Berta", site="302", digest_on=MONDAY, functions=frozenset({SiteFunction.SURGERY}))
    quick.patient("302-014", site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-09"})
    quick.patient("302-017", site="302", first_registration="2027-04-12", held={"baseline_imaging": "2027-04-12"})
    await quick.runs_until("2027-04-15 17:00", zone=BRUSSELS)

    await amina.says("/away")
    await amina.taps("Fri 23 Apr")
    await amina.taps("Berta")
    week = await quick.runs_until("2027-04-19 12:00", zone=BRUSSELS)
    await berta.says("302-014 CT and MRI uploaded on Friday")

    assert days_of(week, amina) == []
    assert "You stand in for Amina until Fri 23 Apr." in berta.reads("1 item to cover").text
    said = berta.reads("nothing open", "302-014").text
    assert "↑ Upload CT · uploaded on Fri 16 Apr as claimed" in said
    assert "↑ Upload MRI (with DW-MRI) · uploaded on Fri 16 Apr as claimed" in said

    await berta.says("302-017 MRI uploaded")
    assert "Upload MRI (with DW-MRI): On which day?" in berta.card("302-017").text
    await berta.taps("Today")
    assert "↑ Upload MRI (with DW-MRI) · uploaded on Mon 19 Apr as claimed" in berta.card("302-017").text


async def test_a_patient_who_died_is_silent_at_every_phone_from_that_step_on(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    berta = await quick.joins("Berta", site="302")
    ines = await quick.joins("Ines", site="302", role=Role.INVESTIGATOR)
    office = await quick.joins("Office", site=None, role=Role.MANAGER)
    for code in ("302-003", "302-004"):
        quick.patient(code, site="302", first_registration="2027-01-18", held={"baseline_imaging": "2027-01-15"})
    before = await quick.runs_until("2027-04-13 11:00", zone=BRUSSELS)
    assert days_of(before, amina, "302-003")

    await amina.taps("Other", amina.card("302-003", "Re-evaluation"))
    await amina.taps("No longer")
    await amina.taps("Death")
    await amina.taps("Confirm")
    after = await quick.runs_until("2027-06-30 12:00", zone=BRUSSELS)

    everybody = (amina, berta, ines, office)
    asked = [one for one in after if "302-003" in one.message.text and "to confirm" not in one.message.text]
    assert asked == []
    assert {one.person for one in after if "302-004" in one.message.text} >= {amina, berta, ines}
    assert all("302-003" in "".join(one.text for one in person.shown()) for person in everybody if person is not berta)


async def test_a_silent_site_s_investigator_and_manager_hear_on_their_working_day_not_over_golden_week(
    quick: Trial,
) -> None:
    amina = await quick.joins("Amina", site="417", digest_on=MONDAY, language="ja")
    ines = await quick.joins("Ines", site="417", role=Role.INVESTIGATOR, language="ja")
    office = await quick.joins("Office", site=None, role=Role.MANAGER)
    await quick.runs_until("2027-04-13 17:00", zone=TOKYO)
    quick.patient("417-021", site="417", first_registration="2027-04-13", held={"baseline_imaging": "2027-04-13"})

    told = await quick.runs_until("2027-05-14 12:00", zone=TOKYO)

    closed = [date(2027, 4, 29), *(date(2027, 5, day) for day in (3, 4, 5))]
    assert [one for one in told if one.person in (amina, ines) and one.at.date() in closed] == []
    assert days_of(told, ines, "417-021") == ["Thu 06 May"]
    assert days_of(told, office, "417-021") == ["Mon 10 May"]


async def test_a_site_with_eight_patients_under_way_joins_without_a_flood(quick: Trial) -> None:
    """The demo's site in Lyon: from just registered to a year and a half after the operation."""
    start = date(2027, 4, 12)
    quick.opens_site("708", rings_from=date(2027, 4, 26))
    claire = await quick.joins("Claire", site="708", digest_on=MONDAY)
    for one in TOULOUSE:
        events = {name: str(start + timedelta(days=day)) for name, day in one.events.items()}
        held = {name: str(start + timedelta(days=day)) for name, day in one.held.items()}
        quick.patient(one.code, site="708", held=held, facts=one.facts, **events)

    before = await quick.runs_until("2027-04-25 18:00", zone=PARIS)
    weeks = [await quick.runs_until(f"{day} 18:00", zone=PARIS) for day in ("2027-05-02", "2027-05-09")]

    assert len(TOULOUSE) == 8
    assert days_of(before, claire) == []
    (first,) = weeks[0]
    assert first.message.text.startswith("🔔 Site 708 · 3 items this week\n")
    assert "· 708-003 · Pre-operative CT and MRI · scheduled, by Sun 23 May" in first.message.text
    assert days_of(weeks[1], claire) == ["Mon 03 May", "Fri 07 May"]
