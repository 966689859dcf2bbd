"""Several versions at once: one after another, for some patients only, by their consents, each site on its own day."""

from uuid import UUID

import pytest
import sqlalchemy as sa

from office.amendments import MoveKind
from records import schema
from tests.office.amending import (
    FOUR_MONTHLY,
    GIVEN_UP,
    IMAGING,
    SCAN,
    SIX_MONTHLY,
    Office,
    chain,
    consents,
    followed,
    newest,
    version,
    waiting,
)
from tests.office.vocabulary import Trial
from trial.tasks import TaskState

# --- several versions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [("2026-05-01 00:30", "2026-06-01 00:30"), ("2026-06-01 00:30",)])
def test_two_versions_that_wait_for_their_days_come_one_after_the_other(trial: Trial, office: Office, days):
    patient = followed(trial)
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.adds(
        version(
            "3.0",
            {**FOUR_MONTHLY, **IMAGING},
            v2=GIVEN_UP,
            v3="{fu: imaging}",
        )
    )
    office.releases(version="2.0", active_from="2026-05-01")
    office.releases(version="3.0", active_from="2026-06-01")
    for day in days:
        trial.forward_to(day)
        office.amends()

    assert chain(trial, patient) == ["1.1", "2.0", "3.0"]
    open_holds = {
        key for key, task in trial.tasks(patient).items() if task.state is TaskState.OPEN and key.endswith("mo/hold")
    }
    assert open_holds == {"fu_6mo/hold", *(f"imaging_{number}mo/hold" for number in (8, 12, 16, 20, 24))}
    assert waiting(trial.records) == 0


def test_what_a_version_moves_is_not_what_the_one_before_it_will_have_moved(trial: Trial, office: Office):
    followed(trial)
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.releases(version="2.0", active_from="2026-05-01")
    shown = office.moves(
        version("3.0", {**FOUR_MONTHLY, **IMAGING}, v2=GIVEN_UP, v3="{fu: imaging}"), active_from="2026-06-01"
    )

    assert {line.kind for line in shown.lines} == {MoveKind.RENAMED}


def test_a_version_from_before_the_one_in_use_cannot_follow_it(office: Office):
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.adds(version("3.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.releases(version="3.0", active_from="2026-05-01")

    assert "it was taken in before version 3.0" in office.refused(version="2.0", active_from="2026-06-01")


def test_whoever_came_in_by_a_later_version_does_not_hold_up_an_earlier_one(trial: Trial, office: Office):
    before = followed(trial)
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.adds(version("3.0", FOUR_MONTHLY, v2=GIVEN_UP))
    office.releases(version="2.0", active_from="2026-05-01")
    office.releases(version="3.0", active_from="2026-06-01")
    trial.forward_to("2026-06-02 09:00")
    new = trial.patient("417-002", first_registration="2026-06-01")
    office.amends()

    assert (newest(trial, before), newest(trial, new), chain(trial, new)) == ("3.0", "3.0", [])
    assert waiting(trial.records) == 0


def test_a_protocol_goes_back_to_what_it_was_by_another_version_and_tells_nothing_twice(trial: Trial, office: Office):
    trial.enrolled("Amina")
    patient = followed(trial)
    trial.live_until("2026-09-25 18:00")
    before = trial.task(patient, "fu_12mo")
    told = {(one.step, one.announced_due) for one in trial.reminders(task_id=before.id)}
    given_up = "{fu_6mo: drop, fu_12mo: drop, fu_24mo: drop}"
    office.adds(version("2.0", {"every 6mo until 24mo": "every 9mo until 24mo"}, v2=given_up))
    office.adds(version("3.0", {}, v2=given_up, v3="{fu_9mo: drop}"))
    office.releases(version="2.0", active_from="2026-09-26")
    office.releases(version="3.0", active_from="2026-09-27")
    trial.forward_to("2026-09-26 00:30")
    office.amends()
    assert trial.task(patient, "fu_12mo").state is TaskState.CANCELLED
    trial.live_until("2026-10-19 18:00")

    after = trial.task(patient, "fu_12mo")
    assert told
    assert (after.id, after.state, after.due) == (before.id, TaskState.OPEN, before.due)
    assert {(one.step, one.announced_due) for one in trial.reminders(task_id=before.id)} == told


# --- consents ---------------------------------------------------------------------------------------------------------


def consented(trial: Trial, office: Office) -> UUID:
    """2.0 applies after re-consent from May on, 3.0 to everybody from June on; a patient who has not consented to 2.0."""
    patient = followed(trial)
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP, applies_to="after_reconsent"))
    back = "{fu_4mo: drop, fu_8mo: drop, fu_16mo: drop, fu_20mo: drop}"
    office.adds(version("3.0", {}, v2=GIVEN_UP, v3=back))
    office.releases(version="2.0", active_from="2026-05-01")
    office.releases(version="3.0", active_from="2026-06-01")
    return patient


def test_a_consent_to_a_version_that_was_taken_over_meanwhile_changes_nothing(trial: Trial, office: Office):
    patient = consented(trial, office)
    trial.forward_to("2026-06-01 00:30")
    office.amends()
    trial.forward_to("2026-06-10 09:00")

    assert not consents(trial, "417-001", "2026-06-09")
    assert (newest(trial, patient), chain(trial, patient)) == ("3.0", ["1.1", "3.0"])
    assert office.due(patient) == SIX_MONTHLY


def test_a_consent_to_an_older_version_that_is_recorded_late_is_put_where_it_belongs(trial: Trial, office: Office):
    patient = consented(trial, office)
    trial.forward_to("2026-06-10 09:00")
    office.amends()

    assert consents(trial, "417-001", "2026-05-10")
    assert (newest(trial, patient), chain(trial, patient)) == ("3.0", ["1.1", "2.0", "3.0"])
    assert not consents(trial, "417-001", "2026-05-10", version="3.0")


def test_consents_in_another_order_than_the_versions_leave_the_later_version_in_force(trial: Trial, office: Office):
    patient = followed(trial)
    renames = {"v2": GIVEN_UP, "v3": "{fu_4mo: drop, fu_8mo: drop, fu_16mo: drop, fu_20mo: drop}"}
    for number, changes in (("2.0", FOUR_MONTHLY), ("3.0", {})):
        office.adds(version(number, changes, applies_to="after_reconsent", **renames))
    office.releases(version="2.0", active_from="2026-04-01")
    office.releases(version="3.0", active_from="2026-05-01")
    trial.forward_to("2026-06-12 09:00")
    office.amends()
    assert consents(trial, "417-001", "2026-06-10", version="2.0")

    assert consents(trial, "417-001", "2026-06-05", version="3.0")
    assert (newest(trial, patient), chain(trial, patient)) == ("3.0", ["1.1", "3.0"])
    assert office.due(patient) == SIX_MONTHLY


def test_an_amendment_for_everybody_follows_one_that_a_patient_had_consented_to(trial: Trial, office: Office):
    patient = consented(trial, office)
    trial.forward_to("2026-05-05 09:00")
    office.amends()
    assert consents(trial, "417-001", "2026-05-05")
    assert "fu_8mo/hold" in office.due(patient)
    trial.forward_to("2026-06-01 00:30")
    office.amends()

    assert chain(trial, patient) == ["1.1", "2.0", "3.0"]
    assert office.due(patient) == SIX_MONTHLY


def test_whom_the_last_version_left_where_they_were_has_a_say_in_what_the_next_one_forgets(
    trial: Trial, office: Office
):
    patient = followed(trial)
    before = trial.task(patient, "fu_12mo")
    office.adds(version("2.0", IMAGING, v2="{fu: imaging}", applies_to="new_patients"))
    office.releases(version="2.0", active_from="2026-05-01")
    office.adds(version("3.0", SCAN, v3="{imaging: scan}"))
    office.adds(version("4.0", SCAN, v2="{fu: imaging}", v3="{imaging: scan}"))
    trial.forward_to("2026-05-20 09:00")
    office.amends()

    assert "fu of version 1.1 is not there any more" in office.refused(version="3.0", active_from="2026-06-01")
    office.releases(version="4.0", active_from="2026-06-01")
    trial.forward_to("2026-06-01 00:30")
    office.amends()
    assert chain(trial, patient) == ["1.1", "4.0"]
    assert trial.task(patient, "scan_12mo").id == before.id


def test_whoever_was_left_where_they_were_stays_there_until_their_own_version_changes(trial: Trial, office: Office):
    """A database from before there were releases: two versions at a site, each patient planned by their own."""
    patient = followed(trial)
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    with trial.records.begin() as tx:
        rows = tx.connection.execute(sa.select(schema.release).order_by(schema.release.c.id)).mappings().all()
        second = tx.connection.scalar(
            sa.select(schema.study_version.c.id).where(schema.study_version.c.version == "2.0")
        )
        for row in rows:
            values = {**row, "id": tx.new_id(), "study_version_id": second}
            tx.connection.execute(sa.insert(schema.release), values)
    office.adds(version("3.0", {**FOUR_MONTHLY, **IMAGING}, v2=GIVEN_UP, v3="{fu: imaging}"))
    office.releases(version="3.0", active_from="2026-06-01")
    trial.forward_to("2026-06-01 00:30")
    office.amends()

    assert chain(trial, patient) == ["1.1", "3.0"]
    assert trial.task(patient, "fu_6mo").state is TaskState.OPEN


def test_the_day_begins_at_each_site_by_its_own_clock_also_where_it_has_no_midnight(trial: Trial, office: Office):
    trial.site("777", "Santiago", "CL", "America/Santiago", rings_from="2026-01-01")
    places = {"417": followed(trial), "501": followed(trial, "501-001", site="501")}
    places["777"] = followed(trial, "777-001", site="777")
    office.adds(version("2.0", FOUR_MONTHLY, v2=GIVEN_UP))
    # On 6 September 2026 clocks in Chile go from 24:00 to 01:00.
    office.releases("417", "501", "777", active_from="2026-09-06")
    begun = {}
    for wall in ("2026-09-05 16:59", "2026-09-05 17:01", "2026-09-06 00:01", "2026-09-06 05:59", "2026-09-06 06:01"):
        trial.forward_to(wall)
        office.amends()
        begun[wall] = {site for site, patient in places.items() if newest(trial, patient) == "2.0"}

    assert list(begun.values()) == [set(), {"501"}, {"417", "501"}, {"417", "501"}, {"417", "501", "777"}]
