"""What a study file says about itself: who uses which version, what is still to be decided, where it came from."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from trial.study import Amendment, AppliesTo, Question
from trial.visitplan.documents import NOTHING, Entry, Reading, twice
from trial.visitplan.notation import Notation

DROP = "drop"
DEFAULT = "default"


def amendments(reading: Reading, notation: Notation, top: Entry, version: str) -> tuple[Amendment, ...]:
    """The table of versions; every version is a file of its own. `version` is this file's."""
    found = []
    for path, node in top.items("amendments"):
        entry = reading.entry(path, node)
        found.append(
            Amendment(
                version=entry.need("version", 'add version: "2.0", in quotes'),
                active=_active(reading, notation, entry),
                applies_to=entry.choice("applies_to", AppliesTo, AppliesTo.VISITS_DUE_AFTER_ACTIVATION),
                changes=entry.text("changes") or "",
                renames=_renames(reading, entry),
            )
        )
        entry.text("file")
        entry.finish()
    versions = [amendment.version for amendment in found]
    for known in twice(versions):
        top.problem("amendments", f"version {known} is there twice", "give each version one line")
    if found and version and version not in versions:
        top.problem(
            "amendments", f"the table says nothing of this file's version {version}", f'add version: "{version}"'
        )
    return tuple(found)


def questions(reading: Reading, top: Entry) -> tuple[Question, ...]:
    """What somebody has to decide before the study can be released."""
    found = []
    for path, node in top.items("questions"):
        entry = reading.entry(path, node)
        identity = reading.identity(entry.at("id"), entry.need("id", "add id: with small letters and underscores"))
        found.append(
            Question(
                id=identity,
                line=reading.line(path) or 0,
                about=entry.text("about") or "",
                asked=entry.need("ask", "add ask: with the question"),
                answer=_answer(entry),
            )
        )
        entry.finish()
    for identity in twice(question.id for question in found):
        top.problem("questions", f"the id {identity} is there twice", "give each question an id of its own")
    return tuple(found)


def _answer(entry: Entry) -> str:
    """Empty where nobody has answered yet: nothing may stand behind the colon."""
    entry.has("answer")
    node = entry.node.get("answer", "")
    return "" if isinstance(node, str) and node in NOTHING else entry.text("answer") or ""


def origin(reading: Reading, top: Entry) -> None:
    """`source` of the file itself: a remark, or where a reader took it from."""
    node = top.get("source")
    if isinstance(node, dict):
        entry = Entry(reading, ("source",), node)
        for key in ("from", "file", "map"):
            entry.get(key)
        entry.finish()


def _active(reading: Reading, notation: Notation, entry: Entry) -> Mapping[str, date | None]:
    if not entry.has("active"):
        reading.problem(entry.path, "active is missing", "add active: {default: null, site: YYYY-MM-DD}")
        return MappingProxyType({})
    table = reading.entry(entry.at("active"), entry.get("active"))
    found: dict[str, date | None] = {}
    for site in [key for key in table.node if key not in table.asked]:
        node = table.node[site]
        text = None if isinstance(node, str) and node in NOTHING else table.text(site)
        found[site] = None if text is None else notation.day(table.at(site), text)
    return MappingProxyType(found)


def _renames(reading: Reading, entry: Entry) -> Mapping[str, str | None]:
    if not entry.has("renames"):
        return MappingProxyType({})
    table = reading.entry(entry.at("renames"), entry.get("renames"))
    found: dict[str, str | None] = {}
    for old in [key for key in table.node if key not in table.asked]:
        new = table.text(old)
        found[old] = None if new in {None, DROP} else new
    return MappingProxyType(found)
