"""When it rings: on working days of the site, from half past eight, once for one thing."""

from datetime import date, time

import pytest

from tests.trials import Told, Trial

FIRST, LAST = time(8, 30), time(17, 0)


def new_ones(told: list[Told]) -> list[Told]:
    """Messages that came, without later changes of the same."""
    seen: set[int] = set()
    return [one for one in told if not (one.message.message_id in seen or seen.add(one.message.message_id))]


def days(told: list[Told]) -> list[date]:
    return sorted({one.at.date() for one in told})


@pytest.mark.parametrize(
    ("site", "zone", "registered", "until", "closed"),
    [
        # Golden Week: 29 April, 3, 4 and 5 May.
        (
            "417",
            "Asia/Tokyo",
            "2027-02-08",
            "2027-06-01",
            [date(2027, 4, 29), *(date(2027, 5, day) for day in (3, 4, 5))],
        ),
        # Thanksgiving.
        ("611", "America/Chicago", "2027-08-30", "2027-12-20", [date(2027, 11, 25)]),
        # Armistice, and All Saints.
        ("302", "Europe/Brussels", "2027-08-19", "2027-12-20", [date(2027, 11, 11), date(2027, 11, 1)]),
    ],
)
async def test_nobody_is_written_to_on_a_day_off_or_before_half_past_eight(
    quick: Trial, site: str, zone: str, registered: str, until: str, closed: list[date]
) -> None:
    start = max(date.fromisoformat(registered), date(2027, 4, 12))
    await quick.forward_to(f"{start} 12:00", zone=zone)
    await quick.joins("Amina", site=site)
    for number in range(4):
        day = date.fromisoformat(registered).replace(day=1 + 7 * number % 28)
        quick.patient(f"{site}-00{number}", site=site, first_registration=str(min(day, start)))

    told = new_ones(await quick.runs_until(f"{until} 12:00", zone=zone))

    assert len(told) >= 8
    assert [day for day in days(told) if day.weekday() >= 5 or day in closed] == []
    assert [one.at for one in told if not FIRST <= one.at.time() <= LAST] == []


async def test_nothing_comes_before_half_past_eight_and_then_it_does(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="417")
    quick.patient("417-001", site="417", first_registration="2027-04-12")

    await quick.forward_to("2027-04-12 08:29", zone="Asia/Tokyo")
    assert amina.news() == []
    await quick.forward_to("2027-04-12 08:30", zone="Asia/Tokyo")

    assert len(amina.news()) == 1


async def test_one_visit_rings_at_its_steps_and_then_rests(quick: Trial) -> None:
    await quick.joins("Amina", site="302")
    quick.patient("302-001", site="302", first_registration="2027-02-15", held={"baseline_imaging": "2027-02-12"})

    told = new_ones(await quick.runs_until("2028-01-01 12:00", zone="Europe/Brussels"))

    imaging = [one for one in told if "Re-evaluation" in one.message.text]
    # Heads-up a week before, the window's first day, the target. After three that nobody has answered, what is late is
    # told once more, together with all else, on the next Monday.
    assert [str(one.at.date()) for one in imaging] == ["2027-04-19", "2027-04-26", "2027-05-10", "2027-05-31"]
    assert imaging[-1].message.text.startswith("🔔 Site 302 · 1 item this week\n1 late\n")
    assert imaging[-1].message.labels == ["Go through them"]


async def test_two_patients_due_on_one_morning_are_two_cards(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    for code in ("302-001", "302-002"):
        quick.patient(code, site="302", first_registration="2027-04-12")

    await quick.forward_to("2027-04-12 08:30", zone="Europe/Brussels")

    assert sorted(message.text.split("\n")[3].split(" · ")[1] for message in amina.news()) == ["302-001", "302-002"]


async def test_an_event_that_moved_moves_the_card_and_rings_once_for_the_new_date(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient("302-001", site="302", first_registration="2027-02-08", held={"baseline_imaging": "2027-02-05"})
    await quick.forward_to("2027-04-19 08:30", zone="Europe/Brussels")
    card = amina.card("302-001", "Re-evaluation")
    assert "Window Mon 19 Apr – Mon 17 May · 28 days left" in card.text

    quick.event("302-001", "first_registration", "2027-02-10")
    await quick.settled()

    moved = next(message for message in amina.shown() if message.message_id == card.message_id)
    assert "Window Wed 21 Apr – Wed 19 May" in moved.text
    known = {message.message_id for message in amina.shown()}
    told = await quick.runs_until("2027-05-01 12:00", zone="Europe/Brussels")
    imaging = [one for one in told if "Re-evaluation" in one.message.text and one.message.message_id not in known]
    # The heads-up for the new date had come already: it is told at once, and the window's new first day when it comes.
    assert [str(one.at.date()) for one in imaging] == ["2027-04-21"]
    assert len([one for one in amina.shown() if one.reply_to == card.message_id]) == 2


async def test_replanning_what_has_not_changed_rings_nobody(quick: Trial) -> None:
    amina = await quick.joins("Amina", site="302")
    quick.patient("302-001", site="302", first_registration="2027-02-08", held={"baseline_imaging": "2027-02-05"})
    await quick.forward_to("2027-04-19 08:30", zone="Europe/Brussels")
    amina.news()

    quick.event("302-001", "first_registration", "2027-02-08")
    await quick.settled()
    await quick.forward_to("2027-04-19 16:00", zone="Europe/Brussels")

    assert amina.news() == []
