"""USDM 3.0 and 4.0 in JSON, read as a draft of a study file. What it leaves open is a question of the draft, never a guess.

Source: CDISC USDM 4.0 (DDF-RA): data dictionary, controlled terminology and core rules.
"""

from collections.abc import Mapping

from trial.problems import Problem, ProblemError
from trial.readers.draft import Draft
from trial.readers.usdm.diagnostics import Look
from trial.readers.usdm.draft import Drafting
from trial.readers.usdm.file import Json, study_of
from trial.readers.usdm.findings import Code, Ledger, listed, own_id, plain
from trial.readers.usdm.header import chosen, header
from trial.readers.usdm.lines import Line, Role, line_of, profiles_of
from trial.readers.usdm.model import Design, Timeline
from trial.readers.usdm.objects import ModelReader
from trial.readers.usdm.order import compare_days
from trial.readers.usdm.timing import Interval, Place, Unplaced, from_day
from trial.visitplan.definition import FORMAT, MOST
from trial.visitplan.documents import Node

WITHOUT_TIMINGS = "ask whoever made it for a file with timings, or write the schedule as a table, as sitebell study template begins one"


def read_usdm(content: bytes, name: str, *, version: str | None = None, design: str | None = None) -> Draft:
    """The draft of a study from a USDM file. `version` and `design` choose where the file holds several.

    Raises:
        ProblemError: the file as a whole is refused, with everything that was found.
    """
    ledger = Ledger()
    reader = ModelReader(ledger)
    study = study_of(content, name, ledger)
    release = chosen(reader, study, "versions", wanted=version, noun="version", name=name)
    model = reader.design(release, chosen(reader, release, "studyDesigns", wanted=design, noun="design", name=name))
    main = _main(model, name)
    if not main.timings:
        raise ProblemError(
            Problem(
                name,
                f"its schedule {main.called} has {len(main.nodes)} visits and no timings: it says what follows what, and never when",
                WITHOUT_TIMINGS,
            )
        )
    drafting, main_line = _drafted(model, main, ledger)
    if not drafting.planned:
        problem = Problem(name, "no visit of it can be planned", "mend what is told here, and import it again")
        raise ProblemError(problem, *ledger.reasons())
    _about_the_whole(reader, release, model, main_line, event=next(iter(drafting.events)), ledger=ledger)
    title = header(reader, study, release)
    _fits(drafting, ledger, name)
    known = {*drafting.events, *drafting.sources}
    document: dict[str, Node] = {
        "format": FORMAT,
        "study": title,
        "events": drafting.events,
        "visits": drafting.visits,
        "questions": [_without_strangers(question, known) for question in ledger.questions],
        "source": {"from": "usdm", "file": plain(name, at_most=200) or "a file", "map": drafting.sources},
    }
    return Draft(document, tuple(ledger.findings))


def _fits(drafting: Drafting, ledger: Ledger, name: str) -> None:
    """
    Raises:
        ProblemError: there is more of it than a study file holds.
    """
    counts = {"visits": len(drafting.visits), "events": len(drafting.events), "questions": len(ledger.questions)}
    for section, count in counts.items():
        if count > MOST[section]:
            what = f"a draft of it has {count} {section}, and a study file holds {MOST[section]}"
            raise ProblemError(Problem(name, what, "give a part of the study"))


def _main(model: Design, name: str) -> Timeline:
    timelines = [timeline for timeline in model.timelines if timeline.nodes or timeline.timings]
    mains = [timeline for timeline in timelines if timeline.main]
    if len(mains) == 1:
        return mains[0]
    shown = listed([timeline.called for timeline in (mains or timelines)], at_most=8)
    if not timelines:
        raise ProblemError(Problem(name, "the design has no schedule", "it needs a timeline with visits"))
    if not mains and len(timelines) == 1:
        return timelines[0]
    what = f"{len(mains)} timelines are marked as the main one" if mains else "no timeline is marked as the main one"
    raise ProblemError(Problem(name, f"{what}: {shown}", "mark one (mainTimeline)"))


def _drafted(model: Design, main: Timeline, ledger: Ledger) -> tuple[Drafting, Line]:
    """The entries of the draft, with what was found on the way in the ledger."""
    profiles = profiles_of(model, main)
    others = [
        one for one in model.timelines if one is not main and all(one is not known for known in profiles.values())
    ]
    taken: set[str] = set()
    lines = [
        line_of(timeline, role, model, _visit_ids(timeline, taken), ledger)
        for timeline, role in [(main, Role.MAIN), *((one, Role.TRIGGERED) for one in others)]
    ]
    drafting = Drafting(model, ledger)
    for line in lines:
        timeline, own = line.timeline, line.role is Role.MAIN
        _own_timeline(timeline, model, ledger)
        for node in line.shown:
            if isinstance(place := line.places[node.id], Unplaced):
                ledger.refuse(place.code, line.where(node), place.what, f"{place.instead}; the visit was left out")
        Look(line, model, ledger).over()
        compare_days(line, ledger)
        if not line.anchor:
            _without_anchor(timeline, ledger, main=own)
        elif line.passed:
            drafting.add(line, {identity: one.called for identity, one in profiles.items()})
        elif not own:
            ledger.question(Code.LEFT_OUT, _not_read(timeline))
    for timeline in profiles.values():
        _profile(timeline, model, ledger)
    drafting.finish()
    return drafting, lines[0]


def _visit_ids(timeline: Timeline, taken: set[str]) -> Mapping[str, str]:
    """An id of the draft for each node that is a visit, unlike all that are taken."""
    return {node.id: own_id(node.called, taken) for node in timeline.nodes.values() if not node.decision}


def _without_anchor(timeline: Timeline, ledger: Ledger, *, main: bool) -> None:
    ledger.refuse(
        Code.NO_ANCHOR,
        timeline.called,
        "no node of it is a fixed reference, from which the others could count",
        "mark one (Fixed Reference)",
    )
    if not main:
        ledger.question(Code.LEFT_OUT, _not_read(timeline))


def _not_read(timeline: Timeline) -> str:
    condition = f", entered when “{timeline.entry_condition}”" if timeline.entry_condition else ""
    return f"The timeline {timeline.called}{condition}, could not be read. Does it hold visits? Then add them."


def _own_timeline(timeline: Timeline, model: Design, ledger: Ledger) -> None:
    """One exporter sets every node's own timeline as the one that it starts (DDF00026): followed, it would never end."""
    own = [
        node.called
        for node in timeline.nodes.values()
        if node.timeline == timeline.id
        or any(timeline.id == model.activities[one].timeline for one in node.activities if one in model.activities)
    ]
    if own and timeline.id:
        what = (
            f"{listed(own, at_most=6)} start{'s' if len(own) == 1 else ''} the timeline that they stand in themselves"
        )
        ledger.note(Code.OWN_TIMELINE, timeline.called, what, "it was left out")
    known = {one.id for one in model.timelines}
    for node in timeline.nodes.values():
        if node.timeline and node.timeline not in known:
            where = f"{timeline.called}, {node.called} ({node.id})"
            ledger.note(
                Code.PROFILE, where, f"it starts the timeline {node.timeline}, which there is not", "it was left out"
            )


def _profile(timeline: Timeline, model: Design, ledger: Ledger) -> None:
    """What is done within a visit is no reminder, unless it goes on for days."""
    aside = Ledger()
    line = line_of(timeline, Role.PROFILE, model, {}, aside)
    days = [
        f"{node.called} ({place.nominal} after {timeline.nodes[place.anchor].called})"
        for node in line.shown
        if isinstance(place := line.places[node.id], Place) and place.nominal
    ]
    condition = f", when “{timeline.entry_condition}”" if timeline.entry_condition else ""
    unread = [node.called for node in line.shown if not isinstance(line.places[node.id], Place)]
    if unread:
        ledger.note(
            Code.PROFILE,
            timeline.called,
            f"{listed(unread, at_most=6)} cannot be read",
            "nothing of it is planned anyway",
        )
    if not days:
        ledger.note(
            Code.PROFILE,
            timeline.called,
            f"a visit starts it{condition}: it is what is done within that visit",
            "it is named in the note of its visits",
        )
        return
    ledger.ask(
        Code.LONG_PROFILE,
        timeline.called,
        f"a visit starts it, and it goes on for days: {listed(days, at_most=6)}",
        "it is named in the note of its visits, and nothing of it is planned",
        question=f"{timeline.called} is started by a visit and goes on for days: {listed(days, at_most=6)}. Nothing of it is "
        "planned in the draft. Are these visits that sites are to be reminded of? Then add them, and let them count from that "
        "visit, such as `when: visit(dose) + 7d`.",
    )


def _before_the_anchor(line: Line, event: str, ledger: Ledger) -> None:
    """Visits that lie before the day on which a patient is added."""
    before = {
        node.titled: place.nominal
        for node in line.shown
        if isinstance(place := line.places[node.id], Place) and place.nominal.about_days < 0 and node.id in line.passed
    }
    if not before:
        return
    anchor = line.timeline.nodes[line.anchor].titled
    first = min(before, key=lambda title: before[title].about_days)
    distance = -before[first] if not before[first].mixed else Interval(days=-before[first].about_days)
    ledger.ask(
        Code.BEFORE_ANCHOR,
        line.timeline.called,
        f"{listed(before, at_most=6)} lie{'s' if len(before) == 1 else ''} before {anchor}, from which all is counted",
        "a patient is added once that has happened",
        question=f"The plan counts from {anchor}, and a patient is added to Sitebell once that has happened: "
        f"nobody is reminded in advance of what lies before it, {listed(before, at_most=6)}. Are sites to be? Then begin "
        f"the events with one that comes first, such as `consent: {{label: Consent, required: true}}`, and at {event} write "
        f"`estimate: {from_day('consent', distance)}` (the file has {first} so long before it) instead of `required`.",
    )


def _about_the_whole(
    reader: ModelReader, release: Json, model: Design, line: Line, *, event: str, ledger: Ledger
) -> None:
    """What the file says about the study and no single visit. `event`: that from which its patients' days count."""
    _before_the_anchor(line, event, ledger)
    for condition in model.conditions:
        names = [model.activities[one].called for one in condition.applies_to if one in model.activities]
        ledger.note(
            Code.CONDITION,
            "conditions",
            f"“{condition.text}”" + (f" ({listed(names, at_most=4)})" if names else ""),
            "it concerns activities and moves no day",
        )
    if model.conditions:
        ledger.question(
            Code.CONDITION,
            f"The file makes activities depend on {len(model.conditions)} condition{'s' * (len(model.conditions) > 1)} in "
            f"words: {listed([f'“{one.text}”' for one in model.conditions], at_most=4)}. Does any of them decide whether a "
            "whole visit takes place? Then write `only_if` at that visit.",
        )
    for node in line.shown:
        if node.exit and not node.next and node.id in line.passed:
            ledger.note(Code.EXIT, line.where(node), "the way ends here", "nothing is planned after it")
    if len(model.arms) > 1:
        what = f"there are {len(model.arms)} arms: {listed(model.arms, at_most=6)}"
        ledger.note(Code.ARMS, "arms", what, "the file gives all of them the same visits")
    amendments = len(list(reader.objects(release, "amendments")))
    if amendments:
        ledger.note(
            Code.AMENDMENTS,
            "amendments",
            f"the file tells of {amendments} in words",
            "import each version as a file of its own; which site uses which stands in the study file",
        )
    ledger.ask(
        Code.LEAVING,
        "study",
        "the file does not say how patients leave: by death, withdrawal, loss",
        "the draft has no such event",
        question="How do patients leave this study? Add an event for each way, such as `death: {label: Death, ends: all, "
        "leaving: death}` and `lost: {label: Lost to follow-up, ends: visits, leaving: lost}`; a withdrawal is `leaving: "
        "withdrawn_from_visits` or `leaving: withdrawn_from_everything`.",
    )


def _without_strangers(question: Node, known: set[str]) -> Node:
    """The question; what it is about only where the draft has it."""
    if not isinstance(question, dict) or question.get("about") in known:
        return question
    return {key: value for key, value in question.items() if key != "about"}
