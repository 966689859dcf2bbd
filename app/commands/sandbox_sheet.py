"""The figures of a sandbox as one picture, and what its table and its picture call them."""

from collections.abc import Mapping
from typing import Final

from charts.trying_out import Monthly, Part, Reach, TriedOut, Weekly, tried_out_sheet
from rehearsal.figures import Figures, Moved
from rehearsal.invention import Behaviour, Wishes
from trial.study import Study

ANSWERS: Final[Mapping[Behaviour, str]] = {
    Behaviour.PROMPT: "within hours",
    Behaviour.AWAY: "within days, or away",
    Behaviour.LATE: "in weeks, if at all",
    Behaviour.SILENT: "never",
}
"""How a site answers."""


def many(number: int, of: str) -> str:
    return f"{number} {of}" if number == 1 else f"{number} {of}s"


def people_and_places(wishes: Wishes) -> str:
    return f"{many(wishes.patients, 'patient')} at {many(wishes.sites, 'site')}"


def reminders(moved: Moved) -> str:
    return (
        f"{many(moved.rings, 'reminder')}; moved to a working day: {moved.weekends} from a weekend,"
        f" {moved.holidays} from a holiday"
    )


def picture_of(found: Figures, study: Study, wishes: Wishes) -> str:
    """An SVG file's text."""
    reaches = tuple(
        Reach(
            load.who,
            load.median,
            load.most,
            load.busiest,
            f"usually {load.median:g}, in nine weeks of ten up to {load.most}, at most {load.busiest}",
        )
        for load in found.loads
    )
    parts = tuple(
        Part(ANSWERS[one.behaviour], one.late / one.ended, f"{one.late / one.ended:.0%} · {one.late} of {one.ended}")
        for one in found.lateness
        if one.ended
    )
    said = (*(f"{one.label}: {one.words}" for one in reaches), *(f"late, {one.label}: {one.words}" for one in parts))
    return tried_out_sheet(
        TriedOut(
            title=f"{study.id} {study.version}, tried out with {people_and_places(wishes)}, all invented",
            subtitle=(
                f"{found.span.first} to {found.span.last} · {', '.join(wishes.countries_used)} · seed {wishes.seed}",
                reminders(found.moved),
            ),
            words="; ".join(said),
            weeks=tuple(Weekly(week.monday, week.due, week.messages) for week in found.weeks),
            weeks_heading="Last days of tasks in each week, and messages (dashed)",
            reaches=reaches,
            reaches_heading="Messages a week for each person: usual, nine weeks of ten, fullest",
            parts=parts,
            parts_heading="Late visits, uploads and forms, at sites that answer",
            months=tuple(Monthly(month.first, month.ladders) for month in found.months),
            months_heading="Tasks that came to the trial office at the end of their ladder, by month",
        )
    )
