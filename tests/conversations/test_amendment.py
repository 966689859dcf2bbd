"""The protocol is amended while patients are under way: only what changed shows on the phones."""

from datetime import date

from office.named import site_named, study_named
from office.releases import Wanted, release, version_named
from office.studies import import_document
from tests.released import DREAM, sourced
from tests.trials import Told, Trial

LATER = """
amendments:
  - {version: "1.1", active: {default: 2016-08-22}}
  - version: "2.0"
    active: {default: null}
    changes: Re-evaluation after sixteen weeks instead of twelve
"""


def amended() -> str:
    text = sourced(DREAM.read_text(encoding="utf-8")).replace('version: "1.1"', 'version: "2.0"')
    return text.replace("when: {value: first_registration + 12w}", "when: {value: first_registration + 16w}") + LATER


def releases(trial: Trial, *, first_day: str) -> None:
    """Manager A stands for the amendment, Manager B has looked at its dates."""
    for name in ("Manager A", "Manager B"):
        trial.invitation(name, site=None)
    times = {"now": trial.clock.now(), "elapsed": trial.clock.elapsed()}
    import_document(trial.records, amended(), "two.yaml", by=trial.ids["Manager A"], **times)
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
    releases(trial, first_day="2027-05-17")

    told += await trial.runs_until("2027-06-25 12:00", zone="Europe/Brussels")

    # Due before the day: as it was announced. Due after it: four weeks later, and nothing of the day that was never told.
    assert told_about(told, "302-001")[:3] == ["2027-04-19", "2027-04-26", "2027-05-10"]
    assert told_about(told, "302-002") == ["2027-06-14", "2027-06-21"]
