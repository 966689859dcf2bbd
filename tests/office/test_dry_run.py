"""The dry run tells what really happens, and leaves no trace."""

from collections import Counter
from datetime import date, datetime

import pytest
import sqlalchemy as sa

from office import away, closings, hours
from office.dry_run import DryRun, dry_run
from office.named import site_named, study_named
from records import schema
from tests.app.homes import contents
from tests.office.vocabulary import BERLIN, Trial
from trial.answers import AnswerKind
from trial.problems import ProblemError
from trial.tasks import SiteFunction

WEEK_END = "2026-03-16 08:00"


@pytest.fixture
def site(trial: Trial):
    """Two people and patients under way, some of them late, on the eve of the first week."""
    trial.forward_to("2026-03-09 07:00")
    people = {
        trial.enrolled("Amina", digest_on=0): "Amina",
        trial.enrolled("Berta", functions=frozenset({SiteFunction.IMAGING})): "Berta",
    }
    for number, registered in enumerate(("2025-11-20", "2025-12-16", "2026-01-20", "2026-02-20", "2026-03-04")):
        trial.patient(f"417-00{number}", first_registration=registered)
    trial.patient("417-009", first_registration="2025-12-01", second_registration="2026-02-17")
    return people


def rehearsed(trial: Trial) -> DryRun:
    return dry_run(trial.records, trial.studies, study_code="DREAM", site_number="417", **trial.times)


def lived(trial: Trial, people: dict, *, until: str) -> Counter:
    """What everybody really gets, by name, day and kind: each message arrives before the next moment."""
    end = datetime.fromisoformat(until).replace(tzinfo=BERLIN)
    while (moment := trial.next_due()) is not None and moment < end:
        trial.clock.wait(moment - trial.clock.now())
        trial.tick()
        with trial.records.begin() as tx:
            tx.connection.execute(
                sa.update(schema.notice).where(schema.notice.c.state == "waiting").values(state="sent")
            )
    return Counter(
        (people[row.person_id], row.created_at.astimezone(BERLIN).date(), row.kind)
        for row in trial.notices(state="sent")
        if row.kind in {"card", "digest"} and row.person_id in people
    )


def expected(told: DryRun) -> dict:
    counted = Counter()
    for person in told.people:
        for day in person.days:
            counted[person.name, day.day, "card"] += day.singles
            counted[person.name, day.day, "digest"] += day.digests
    return {case: number for case, number in counted.items() if number}


def test_a_dry_run_tells_what_really_happens(trial: Trial, site):
    told = rehearsed(trial)

    really = lived(trial, site, until=WEEK_END)

    assert expected(told) == dict(really)
    assert {kind for _, _, kind in really} == {"card", "digest"}
    assert (told.first, told.last) == (date(2026, 3, 9), date(2026, 3, 15))


def test_it_is_right_about_a_week_in_which_much_happens(trial: Trial, site):
    """Somebody goes away with cover, the site is closed on a day, one has a small share, an upload waits to be seen."""
    amina, berta = site
    with trial.records.read() as tx:
        berlin = site_named(tx, study_named(tx, "DREAM"), "417")
    seen_late = trial.patient("417-020", first_registration="2026-02-23")
    trial.says(berta, trial.task(seen_late, "baseline_imaging"), AnswerKind.DONE, day="2026-03-04")
    trial.says(berta, trial.task(seen_late, "baseline_imaging", "upload_ct"), AnswerKind.UPLOADED, day="2026-03-05")
    promised = trial.patient("417-021", first_registration="2026-03-02")
    trial.says(berta, trial.task(promised, "baseline_imaging"), AnswerKind.LATER, until="2026-03-12")
    trial.does(hours.set_daily_cap, berta, 1, by=None)
    trial.does(away.set_away, berta, date(2026, 3, 13), amina, first=date(2026, 3, 11), by=None)
    trial.does(closings.close_site, trial.studies, berlin, date(2026, 3, 10), date(2026, 3, 10), by=None)

    told = rehearsed(trial)

    really = lived(trial, site, until=WEEK_END)
    assert expected(told) == dict(really)
    assert sum(really.values()) > 3
    assert not [day for _, day, _ in really if day == date(2026, 3, 10)]
    assert max(number for (name, _, kind), number in really.items() if (name, kind) == ("Berta", "card")) == 1


def test_a_site_with_eight_patients_under_way_joins_without_a_flood(trial: Trial):
    """Rehearsed a week ahead, and then it comes like that."""
    trial.site("502", "Hamburg", "DE", "Europe/Berlin", rings_from="2026-03-16")
    people = {trial.enrolled(name, site="502", digest_on=0): name for name in ("Claire", "Dora")}
    for number, registered in enumerate(("2025-08-01", "2025-11-20", "2025-12-16", "2026-01-09", "2026-02-20")):
        trial.patient(f"502-00{number}", site="502", first_registration=registered)
    for number, operated in enumerate(("2025-06-02", "2025-09-15", "2025-12-10")):
        trial.patient(f"502-01{number}", site="502", first_registration="2025-03-03", surgery=operated)
    told = dry_run(trial.records, trial.studies, study_code="DREAM", site_number="502", **trial.times)

    really = lived(trial, people, until="2026-03-23 00:00")

    assert expected(told) == dict(really)
    assert told.earlier > 8
    for person in told.people:
        assert person.singles + person.digests <= 4


def test_what_is_from_before_sitebell_is_counted_and_rings_nobody(trial: Trial):
    trial.site("502", "Hamburg", "DE", "Europe/Berlin", rings_from="2026-03-09")
    trial.invited("Claire", site="502")
    trial.patient("502-001", site="502", first_registration="2025-08-01")

    told = dry_run(trial.records, trial.studies, study_code="DREAM", site_number="502", **trial.times)

    assert told.earlier > 0
    assert (told.first, told.people[0].singles) == (date(2026, 3, 9), 0)


def test_a_dry_run_leaves_nothing(trial: Trial, site):
    before = contents(trial.records)

    rehearsed(trial)

    assert contents(trial.records) == before
    assert trial.audit_holds()


def test_whoever_was_invited_counts_as_joined(trial: Trial):
    trial.invited("Amina")
    trial.patient("417-001", first_registration="2026-03-02")

    (amina,) = rehearsed(trial).people

    assert amina.name == "Amina"
    assert amina.singles + amina.digests > 0


def test_a_site_that_begins_later_is_rehearsed_from_its_first_day(trial: Trial):
    trial.site("502", "Hamburg", "DE", "Europe/Berlin", rings_from="2026-04-01")

    told = dry_run(trial.records, trial.studies, study_code="DREAM", site_number="502", **trial.times)

    assert (told.first, told.last, told.people) == (date(2026, 4, 1), date(2026, 4, 7), ())


def test_a_site_that_there_is_not_is_said(trial: Trial):
    with pytest.raises(ProblemError):
        dry_run(trial.records, trial.studies, study_code="DREAM", site_number="999", **trial.times)
