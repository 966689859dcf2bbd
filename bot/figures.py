"""The picture that comes with `/brief`: numbers of sites and figures alone, so that it says the same in every language."""

from dataclasses import dataclass
from uuid import UUID

import charts
from locales.board import board_words
from office.board.standing import figures_of, furthest_behind
from office.board.viewer import viewer_of
from records.transaction import Tx
from scheduler.definitions import Definitions
from trial.moments import Instant
from trial.returns import RETURN_LINE, Age


@dataclass(frozen=True, slots=True)
class Figures:
    """What there is to draw."""

    ages: tuple[charts.Age, ...]
    returns: tuple[charts.Share, ...]

    def drawn(self) -> bytes:
        """As PNG. The first picture of a process takes a second or two."""
        return charts.both_for_a_chat(self.ages, self.returns, line=float(RETURN_LINE))


def figures_for(
    tx: Tx, studies: Definitions, person_id: UUID, *, study_code: str, language: str, now: Instant
) -> Figures | None:
    """The figures of the sites that are this person's; None where there is nothing to draw."""
    viewer = viewer_of(tx, person_id, study_code=study_code, now=now)
    if viewer is None:
        return None
    words = board_words(language)
    found = tuple(figures_of(tx, studies, viewer.sites, now=now).values())
    ages = tuple(charts.Age(words.age(age), sum(one.ages[age] for one in found)) for age in Age)
    returns = tuple(
        charts.Share(
            label=f"{one.site.number} {one.site.country}",
            share=float(one.returns.rate or 0),
            words=words.rate_in_figures(one.returns),
            below=one.returns.below_the_line,
        )
        for one in furthest_behind(found)
    )
    return Figures(ages, returns) if returns or any(one.count for one in ages) else None
