"""Consents in the records: of whom one is there, of whom one is missing, and who is asked for none."""

from datetime import date

from records import patients, releases, studies
from records.database import Records
from records.releases import ConsentRow
from records.transaction import Tx
from tests.records.cast import NOW, Cast

GIVEN = date(2026, 3, 1)


def version(tx: Tx, cast: Cast, name: str) -> studies.StudyVersionRow:
    version_id = studies.add_version(tx, study_id=cast.study, version=name, document=name, sha256=name, imported_at=NOW)
    found = studies.version(tx, version_id)
    assert found is not None
    return found


def test_whoever_is_planned_by_an_earlier_version_is_listed_with_the_consent_or_without(records: Records, cast: Cast):
    with records.begin() as tx:
        first, second = studies.versions(tx, cast.study)[0], version(tx, cast, "2")
        asked = {"earlier": [first.id], "site_ids": [cast.site]}

        assert releases.consents_to(tx, second.id, **asked) == (ConsentRow(cast.patient, cast.site, None),)
        assert releases.consented_to(tx, second.id) == frozenset()
        releases.add_consent(
            tx,
            patient_id=cast.patient,
            study_version_id=second.id,
            given_on=GIVEN,
            recorded_by=cast.amina,
            recorded_at=NOW,
        )
        assert releases.consents_to(tx, second.id, **asked) == (ConsentRow(cast.patient, cast.site, GIVEN),)
        assert releases.consents_to(tx, second.id, earlier=[], site_ids=[cast.site]) != ()  # it was given once
        assert releases.consented_to(tx, second.id) == {cast.patient}


def test_nobody_is_asked_who_is_planned_by_it_works_elsewhere_or_left(records: Records, cast: Cast):
    with records.begin() as tx:
        first, second = studies.versions(tx, cast.study)[0], version(tx, cast, "2")

        assert releases.consents_to(tx, first.id, earlier=[], site_ids=[cast.site]) == ()
        assert releases.consents_to(tx, second.id, earlier=[first.id], site_ids=[]) == ()
        assert patients.set_state(tx, cast.patient, "ended", was="followed")
        assert releases.consents_to(tx, second.id, earlier=[first.id], site_ids=[cast.site]) == ()
