"""Who looks at the board, and at what: asked once for each request, from the memberships of that moment."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from records import people, sites, studies
from records.sites import SiteRow
from records.studies import StudyRow
from records.transaction import Tx
from scheduler.definitions import zone_of
from trial.access import Action, Actor, may
from trial.moments import Instant, local_day
from trial.people import Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody with the sites of one study that are theirs. Every reader of the board takes its sites from here."""

    person_id: UUID
    name: str = field(repr=False)
    language: str
    actor: Actor
    role: Role
    study: StudyRow
    studies: tuple[StudyRow, ...]  # all that they may look at
    sites: tuple[SiteRow, ...]  # where they may oversee
    now: Instant

    def may(self, action: Action, site: SiteRow) -> bool:
        return may(
            self.actor, action, study_id=site.study_id, site_id=site.id, today=local_day(self.now, zone_of(site.zone))
        )

    def may_in_study(self, action: Action) -> bool:
        return may(self.actor, action, study_id=self.study.id, site_id=None, today=self.now.date())

    def may_somewhere(self, action: Action) -> bool:
        """Whether a page about this is worth a place in their menu."""
        return self.may_in_study(action) or any(self.may(action, site) for site in self.sites)

    @property
    def seen(self) -> tuple[SiteRow, ...]:
        """The sites whose patients they may see."""
        return tuple(site for site in self.sites if self.may(Action.SEE, site))

    @property
    def today(self) -> date:
        """The date that stands on their pages: their only site's, or Greenwich's."""
        return local_day(self.now, zone_of(self.sites[0].zone)) if len(self.sites) == 1 else self.now.date()

    def site(self, number: str) -> SiteRow | None:
        """A site of theirs; None where it is not theirs, or there is none."""
        return next((site for site in self.sites if site.number == number), None)


def viewer_of(tx: Tx, person_id: UUID, *, study_code: str | None = None, now: Instant) -> Viewer | None:
    """The viewer with the study that was asked for, or the one that they joined last; None: nothing is theirs."""
    person, actor = people.person_by_id(tx, person_id), people.actor(tx, person_id)
    if person is None or actor is None or person.revoked_at is not None:
        return None
    known = studies.studies(tx)
    mine = [study for study in known if _overseen(tx, actor, study, now=now) or _in_the_study(actor, study, now=now)]
    joined = [held.study_id for held in actor.memberships]
    mine.sort(key=lambda study: -max((place for place, one in enumerate(joined) if one == study.id), default=-1))
    study = next((one for one in mine if study_code in {None, one.code}), None)
    if study is None:
        return None
    return Viewer(
        person_id=person_id,
        name=person.name,
        language=person.language,
        actor=actor,
        role=_role(actor, study, now=now),
        study=study,
        studies=tuple(mine),
        sites=_overseen(tx, actor, study, now=now),
        now=now,
    )


def _overseen(tx: Tx, actor: Actor, study: StudyRow, *, now: Instant) -> tuple[SiteRow, ...]:
    return tuple(
        site
        for site in sites.sites(tx, study.id)
        if may(actor, Action.OVERSEE, study_id=study.id, site_id=site.id, today=local_day(now, zone_of(site.zone)))
    )


def _in_the_study(actor: Actor, study: StudyRow, *, now: Instant) -> bool:
    return may(actor, Action.OVERSEE, study_id=study.id, site_id=None, today=now.date())


def _role(actor: Actor, study: StudyRow, *, now: Instant) -> Role:
    """Of several the one that stands first: what the page says of its reader."""
    held = {one.role for one in actor.memberships if one.study_id == study.id and one.valid_on(now.date())} or {
        one.role for one in actor.memberships if one.study_id == study.id
    }
    return next(role for role in reversed(Role) if role in held)
