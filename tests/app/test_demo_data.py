"""What the demo holds, also where it was begun with an older Sitebell."""

from datetime import date, time

from app.demo import Demo
from app.demo_phones import DemoPhones
from app.demo_trial import PATIENTS, STUDY
from office.studies import import_document
from office.study_files import study_from_text
from records import patients, studies
from scheduler.clock import FixedClock
from scheduler.definitions import Definitions
from tests.databases import Place
from trial.moments import at_local, zone


def test_a_demo_that_was_begun_with_an_older_study_file_goes_on_with_it(sqlcipher_place: Place):
    clock = FixedClock(at_local(date(2027, 4, 12), time(8, 0), zone("Asia/Tokyo")))
    older = STUDY.read_text(encoding="utf-8") + "\n# as it was\n"
    with sqlcipher_place.opened() as records:
        times = {"now": clock.now(), "elapsed": clock.elapsed()}
        begun = import_document(records, older, STUDY.name, by=None, **times)
        demo = Demo(records, Definitions(study_from_text), clock, DemoPhones("http://127.0.0.1:1"))

        demo.furnish()
        demo.furnish()

        with records.read() as tx:
            (study,) = studies.studies(tx)
            versions = [one.id for one in studies.versions(tx, study.id)]
            codes = sorted(one.code for one in patients.patients(tx, study_id=study.id))
    assert versions == [begun.version_id]
    assert codes == sorted(one.code for one in PATIENTS)
