"""The section `campaigns` of a study file: what every patient of the study is asked for on fixed dates."""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from trial.study import Basis, Round, TaskClass, VisitDefinition
from trial.tasks import SiteFunction
from trial.visitplan.documents import Entry, Node, Path, Reading, twice
from trial.visitplan.notation import ON_THE_DAY, Notation
from trial.visitplan.visits import VisitReader

MOST_ROUNDS = 100
ROUND_PLACEHOLDER = "{round}"


def read_campaigns(
    reading: Reading, notation: Notation, visits: VisitReader, top: Entry, known: Mapping[str, VisitDefinition]
) -> dict[str, VisitDefinition]:
    """The campaigns by id, each a visit that nobody holds; `known` are the visits proper. Their paths join the visits'."""
    found: dict[str, VisitDefinition] = {}
    for path, node in top.items("campaigns"):
        campaign = _campaign(reading, notation, visits, reading.entry(path, node))
        if campaign.id in known or campaign.id in found:
            reading.problem(
                (*path, "id"), f"the id {campaign.id} is there twice", "give each campaign an id of its own"
            )
        found[campaign.id] = campaign
        visits.paths.setdefault(campaign.id, path)
    return found


def _campaign(reading: Reading, notation: Notation, visits: VisitReader, entry: Entry) -> VisitDefinition:
    identity = reading.identity(entry.at("id"), entry.need("id", "add id: with small letters and underscores"))
    function = entry.choice("function", SiteFunction, SiteFunction.DATA)
    label = entry.labels("label")
    task_class = entry.choice("class", TaskClass, TaskClass.FOLLOW_UP)
    rounds = _rounds(reading, notation, entry)
    ladder = notation.ladder(entry, "campaign")
    only_if = entry.text("only_if")
    campaign = VisitDefinition(
        id=identity,
        label=label,
        hold_label=label,
        when=None,
        window=ON_THE_DAY,
        window_from=(),
        not_before=None,
        not_after=None,
        only_if=None if only_if is None else notation.condition(entry.at("only_if"), only_if),
        repeat=(),
        repeat_if=(),
        basis=Basis.ANCHOR,
        stop=(),
        records=None,
        reasons=(),
        tasks=visits.tasks_of(entry, identity, function, task_class, of_campaign=ladder),
        contact=None,
        function=function,
        ladder=ladder,
        rounds=rounds,
        task_class=task_class,
    )
    if not campaign.tasks and reading.is_sound(*entry.path):
        reading.problem(entry.path, "the campaign asks for nothing", "add tasks: with what each site has to send")
    for language, text in label.items():
        for placeholder in visits.placeholders(text):
            if placeholder != ROUND_PLACEHOLDER:
                entry.problem("label", f"{language}: {placeholder} stands for nothing", f"write {ROUND_PLACEHOLDER}")
        if len(rounds) > 1 and ROUND_PLACEHOLDER not in text:
            entry.problem(
                "label", f"{language}: every round would have the same name", f"add {ROUND_PLACEHOLDER} to it"
            )
    entry.finish()
    return campaign


def _rounds(reading: Reading, notation: Notation, entry: Entry) -> tuple[Round, ...]:
    entry.at_most("rounds", MOST_ROUNDS)
    if not entry.has("rounds"):
        reading.problem(entry.path, "rounds is missing", "add rounds: [2027-06-01 .. 2027-06-30]")
        return ()
    found = [one for path, node in entry.items("rounds") for one in _round(reading, notation, path, node)]
    for name in twice(one.name for one in found):
        entry.problem(
            "rounds", f"two rounds open in the month {name.replace('_', '-')}", "let one round open in a month"
        )
    ordered = sorted(found, key=lambda one: one.opens)
    for earlier, later in pairwise(ordered):
        if later.opens <= earlier.closes:
            entry.problem(
                "rounds", f"the round of {later.opens} opens before the one before has closed", "let them follow"
            )
    return tuple(ordered)


def _round(reading: Reading, notation: Notation, path: Path, node: Node) -> Iterator[Round]:
    """One round; none where it could not be read."""
    if isinstance(node, str):
        first, dots, last = (part.strip() for part in node.partition(".."))
        if not dots:
            reading.problem(path, f"{node!r} is no round", "write first .. last day: 2027-06-01 .. 2027-06-30")
            return
        opens, closes = notation.day(path, first), notation.day(path, last)
        due: date | None = closes
    else:
        entry = reading.entry(path, node)
        opens = _day(notation, entry, "opens")
        closes = _day(notation, entry, "closes")
        due = _day(notation, entry, "due") if entry.has("due") else closes
        entry.finish()
    if opens is None or due is None or closes is None:
        return
    if not opens <= due <= closes:
        reading.problem(path, "a round opens, is due and closes in this order", "give the dates in this order")
        return
    yield Round(opens, due, closes)


def _day(notation: Notation, entry: Entry, key: str) -> date | None:
    text = entry.need(key, f"add {key}: YYYY-MM-DD")
    return notation.day(entry.at(key), text) if text else None
