"""What the trial office has not looked at yet, for people to read."""

from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from office.named import study_named
from records import office_items, patients, people, plans, sites
from records.database import Records
from records.office_items import ItemRow
from records.patients import PatientRow
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.labels import Labels
from trial.messages import ItemKind
from trial.moments import Instant
from trial.occurrences import label_of

_ABOUT: Final = ("help", "told", "day", "since")
"""What the details of an item are about, whatever its kind; each kind has one of them at most."""


@dataclass(frozen=True, slots=True)
class ListedItem:
    """One thing to look at. `name` is the name of our user whom it is about, or who asked; `about` a closed word or a day:
    which help, what was said of a patient, the day outside the window, since when.
    """

    id: UUID
    kind: ItemKind
    site_number: str | None
    visit: Labels | None
    name: str | None
    about: str | None
    opened_at: Instant
    code: str | None = field(default=None, repr=False)


def list_items(records: Records, definitions: Definitions, *, study_code: str | None) -> tuple[ListedItem, ...]:
    """The open items of a study, the longest open first.

    Raises:
        ProblemError: there is no such study.
    """
    with records.read() as tx:
        study = study_named(tx, study_code)
        numbers = {site.id: site.number for site in sites.sites(tx, study.id)}
        return tuple(_listed(tx, definitions, item, numbers) for item in office_items.open_items(tx, study.id))


def _listed(tx: Tx, definitions: Definitions, item: ItemRow, numbers: dict[UUID, str]) -> ListedItem:
    patient = None if item.patient_id is None else patients.patient_by_id(tx, item.patient_id)
    person = None if item.person_id is None else people.person_by_id(tx, item.person_id)
    return ListedItem(
        id=item.id,
        kind=item.kind,
        site_number=None if item.site_id is None else numbers.get(item.site_id),
        visit=_visit(tx, definitions, item, patient),
        name=None if person is None else person.name,
        about=next((word for word in map(item.details.get, _ABOUT) if isinstance(word, str)), None),
        opened_at=item.opened_at,
        code=None if patient is None else patient.code,
    )


def _visit(tx: Tx, definitions: Definitions, item: ItemRow, patient: PatientRow | None) -> Labels | None:
    visit = None if item.visit_id is None else plans.visit_by_id(tx, item.visit_id)
    if visit is None or patient is None:
        return None
    return label_of(definitions.of_version(tx, patient.study_version_id), visit.occurrence)
