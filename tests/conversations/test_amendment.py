"""The protocol is amended while patients are under way: only what changed shows on the phones."""

from datetime import date

from office.named import site_named, study_named
from office.releases import Wanted, release, version_named
from office.studies import import_document
from tests.released import DREAM, sourced
from tests.trials import Person, Told, Trial

BRUSSELS = "Europe/Brussels"

SIXTEEN_WEEKS = ("when: {value: first_registration + 12w}", "when: {value: first_registration + 16w}")


def amended(was: str, now: str, *, renames: str = "{}") -> str:
    text = sourced(DREAM.read_text(encoding="utf-8")).replace('version: "1.1"', 'version: "2.0"')
    assert was in text
    table = [
        "amendments:",
        '  - {version: "1.1", active: {default: 2016-08-22}}',
        f'  - {{version: "2.0", active: {{default: null}}, renames: {renames}}}',
    ]
    return "\n".join([text.replace(was, now), *table, ""])


def releases(trial: Trial, document: str, *, first_day: str) -> None:
    """Manager A stands for the amendment, Manager B has looked at its dates."""
    for name in ("Manager A", "Manager B"):
        trial.invitation(name, site=None)
    times = {"now": trial.clock.now(), "elapsed": trial.clock.elapsed()}
    import_document(trial.records, document, "two.yaml", by=trial.ids["Manager A"], **times)
    with trial.records.begin() as tx:
        study = study_named(tx, None)
        wanted = Wanted(
            version_named(tx, study, "2.0"),
            site_named(tx, study, "302"),
            date.fromisoformat(first_day),
            date(2027, 4, 1),
            None,
            trial.ids["Manager B"],
        )
        release(tx, trial.service.studies, [wanted], demo=False, **times)


def told_about(told: list[Told], code: str) -> list[str]:
    """The days on which the visit of this patient was told of by itself."""
    seen: set[int] = set()
    return [
        str(one.at.date())
        for one in told
        if code in one.message.text
        and "Re-evaluation" in one.message.text
        and not (one.message.message_id in seen or seen.add(one.message.message_id))
    ]


async def test_what_an_amendment_does_not_move_is_not_told_again(trial: Trial) -> None:
    await trial.joins("Amina", site="302")
    for code, registered in (("302-001", "2027-02-15"), ("302-002", "2027-03-15")):
        trial.patient(code, site="302", first_registration=registered, held={"baseline_imaging": registered})
    told = await trial.runs_until("2027-05-05 12:00", zone="Europe/Brussels")
    releases(trial, amended(*SIXTEEN_WEEKS), first_day="2027-05-17")

    told += await trial.runs_until("2027-06-25 12:00", zone="Europe/Brussels")

    # Due before the day: as it was announced. Due after it: four weeks later, and nothing of the day that was never told.
    assert told_about(told, "302-001")[:3] == ["2027-04-19", "2027-04-26", "2027-05-10"]
    assert told_about(told, "302-002") == ["2027-06-14", "2027-06-21"]


async def asked_about_the_reevaluation(trial: Trial) -> Person:
    """In Leuven, on Monday, 3 May: the window of a scan that is due on 10 May is open, and the card about it has come."""
    amina = await trial.joins("Amina", site="302")
    trial.patient("302-001", site="302", first_registration="2027-02-15", held={"baseline_imaging": "2027-02-15"})
    await trial.runs_until("2027-05-03 12:00", zone=BRUSSELS)
    return amina


async def test_a_press_on_the_old_card_counts_for_a_visit_that_is_called_otherwise_now(quick: Trial) -> None:
    amina = await asked_about_the_reevaluation(quick)
    old = amina.card("302-001", "Re-evaluation", "When you have a minute")
    releases(
        quick,
        amended(
            "- id: reevaluation_imaging\n    label: {en: Re-evaluation CT",
            "- id: restaging\n    label: {en: Restaging CT",
            renames="{reevaluation_imaging: restaging}",
        ),
        first_day="2027-05-04",
    )
    amina.news()
    await quick.forward_to("2027-05-04 13:00", zone=BRUSSELS)

    # The card says the new name, and nothing came.
    assert [(one.message_id, one.edited) for one in amina.news()] == [(old.message_id, True)]
    assert "Is it booked?" in amina.card("302-001", "Restaging CT and MRI").text
    await amina.taps("Booked", data=old.button("Booked").data)
    assert await amina.taps("Tomorrow", old.message_id) == "Recorded."
    assert "booked for Wed 5 May" in amina.card("302-001", "Restaging").text


async def test_a_press_on_the_card_of_a_visit_that_was_given_up_gets_a_sentence(quick: Trial) -> None:
    amina = await asked_about_the_reevaluation(quick)
    old = amina.card("302-001", "Re-evaluation", "When you have a minute")
    text = amended(
        "  - id: reevaluation_imaging", "  - id: reevaluation_imaging", renames="{reevaluation_imaging: drop}"
    )
    begins, ends = text.index("  - id: reevaluation_imaging"), text.index("  - id: decision")
    releases(quick, text[:begins] + text[ends:], first_day="2027-05-04")
    await quick.forward_to("2027-05-04 13:00", zone=BRUSSELS)

    assert "CT and MRI performed · no longer needed" in amina.card("302-001", "Re-evaluation", "nothing open").text
    said = await amina.taps("Booked", data=old.button("Booked").data)
    assert said == "This item is closed; nothing has changed."
