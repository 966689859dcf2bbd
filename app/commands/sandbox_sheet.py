"""The figures of a sandbox as one picture."""

from charts.trying_out import Monthly, Part, Reach, TriedOut, Weekly, tried_out_sheet
from rehearsal.figures import Figures
from rehearsal.invention import Wishes
from trial.study import Study


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
        Part(one.behaviour.value, one.late / one.ended, f"{one.late / one.ended:.0%} · {one.late} of {one.ended}")
        for one in found.lateness
    )
    said = (*(f"{one.label}: {one.words}" for one in reaches), *(f"late, {one.label}: {one.words}" for one in parts))
    return tried_out_sheet(
        TriedOut(
            title=f"{study.id} {study.version}, tried out with {wishes.patients} invented patients",
            subtitle=f"{found.span.first} to {found.span.last} · {', '.join(wishes.countries)} · seed {wishes.seed}",
            words="; ".join(said),
            weeks=tuple(Weekly(week.monday, week.due, week.messages) for week in found.weeks),
            weeks_heading="Last days of tasks in each week, and messages (dashed)",
            reaches=reaches,
            reaches_heading="Messages a week for each person: usual, nine weeks of ten, fullest",
            parts=parts,
            parts_heading="Late visits, uploads and forms, by how a site answers",
            months=tuple(Monthly(month.first, month.ladders) for month in found.months),
            months_heading="Tasks that came to the trial office at the end of their ladder, by month",
        )
    )
