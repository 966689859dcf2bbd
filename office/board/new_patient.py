"""What may be entered of a new patient: the sites of the viewer, and what the newest version of the study knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from office.board.patient import Choice, KnownEvent, KnownFact
from office.board.patients import VisitColumn
from office.board.viewer import Viewer
from records import studies as rows
from records.sites import SiteRow
from records.transaction import Tx
from scheduler.definitions import Definitions, calendar_of
from trial.access import Action
from trial.labels import Labels
from trial.occurrences import filled
from trial.study import Basis, VisitDefinition
from trial.timeline import offsets


@dataclass(frozen=True, slots=True)
class NewPatientForm:
    """The fields of it. `required`: the event that every patient has."""

    sites: tuple[SiteRow, ...]
    code_form: str
    required: str
    events: tuple[KnownEvent, ...]
    facts: tuple[KnownFact, ...]
    visits: tuple[VisitColumn, ...]


def new_patient_form(tx: Tx, definitions: Definitions, viewer: Viewer) -> NewPatientForm | None:
    """None: this viewer may add nobody anywhere."""
    sites = tuple(site for site in viewer.sites if viewer.may(Action.RECORD, site))
    version = rows.version_in_use(tx, viewer.study.id, today=viewer.today)
    if not sites or version is None:
        return None
    study = definitions.of_version(tx, version.id)
    return NewPatientForm(
        sites=sites,
        code_form=study.subject_id.shown,
        required=study.registration,
        events=tuple(
            KnownEvent(event.name, event.label, None, None, leaves=False)
            for event in study.events.values()
            if event.leaving is None
        ),
        facts=tuple(
            KnownFact(fact.name, fact.label, None, tuple(Choice(*one) for one in fact.values.items()))
            for fact in study.open_facts.values()
        ),
        visits=tuple(
            VisitColumn(occurrence, label)
            for visit in study.visits.values()
            for occurrence, label in _occurrences(visit, sites[0], viewer.today)
        ),
    )


def _occurrences(visit: VisitDefinition, site: SiteRow, today: date) -> Iterator[tuple[str, Labels]]:
    """Where a visit can stand in a course, whatever decides about it. One that counts from the visit before it has no end
    that is known here.
    """
    if visit.rounds:
        return  # nobody holds a campaign
    if not visit.repeats:
        yield visit.id, visit.label
        return
    if visit.basis is Basis.PREVIOUS:
        return
    calendar = calendar_of(site.country, site.region)
    rhythms = (visit.repeat, *(repeat for _, repeat in visit.repeat_if))
    for offset in dict.fromkeys(one for repeat in rhythms for one in offsets(repeat, today, calendar)):
        occurrence = f"{visit.id}_{offset}"
        yield occurrence, filled(visit.label, visit, occurrence)
