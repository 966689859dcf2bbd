"""The study of a USDM file: which version and design is read, and its id, title and version in a study file."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from trial.problems import Problem, ProblemError
from trial.readers.usdm.file import Json
from trial.readers.usdm.findings import Code, listed, plain, shortened
from trial.readers.usdm.objects import ModelReader
from trial.visitplan.definition import STUDY_ID
from trial.visitplan.documents import LONGEST_TEXT, Node

LONGEST_STUDY_ID = 20
TITLES = ("brief", "public", "official", "scientific", "acronym")


def chosen(reader: ModelReader, one: Json, key: str, *, wanted: str | None, noun: str, name: str) -> Json:
    """The version or the design to be read: the only one, or the one that was asked for by name, label or id.

    Raises:
        ProblemError: there is none, or several and none of them was chosen.
    """
    found = list(reader.objects(one, key))
    if not found:
        raise ProblemError(Problem(name, f"the study has no {noun}", f"USDM 3.0 and 4.0 keep it under {key}"))
    if wanted is None and len(found) == 1:
        return found[0]
    names = [_names(reader, candidate) for candidate in found]
    often = Counter(name for known in names for name in known)
    # What several of them are called chooses none of them.
    shown = listed([next((name for name in known if often[name] == 1), "one without a name") for known in names])
    if wanted is None:
        raise ProblemError(
            Problem(name, f"the file holds {len(found)} {noun}s: {shown}", f"choose one with --{noun} NAME")
        )
    fitting = [candidate for candidate, known in zip(found, names, strict=True) if wanted in known]
    if len(fitting) != 1:
        what = f"there is no {noun} {wanted!r}" if not fitting else f"several {noun}s are called {wanted!r}"
        raise ProblemError(Problem(f"--{noun}", what, f"choose one of {shown}"))
    return fitting[0]


def _names(reader: ModelReader, candidate: Json) -> tuple[str, ...]:
    keys = ("versionIdentifier", "label", "name", "id")
    return tuple(dict.fromkeys(text for key in keys if (text := reader.text(candidate, key))))


def header(reader: ModelReader, study: Json, version: Json) -> dict[str, Node]:
    """The section `study` of the draft."""
    return {
        "id": _study_id(reader, study, version),
        "title": _title(reader, study, version),
        "version": _version(reader, version),
        "languages": ["en"],
        "day_numbers": "day1",
    }


def _study_id(reader: ModelReader, study: Json, version: Json) -> str:
    candidates = [*_identifiers(reader, study, version), reader.text(study, "name"), reader.text(study, "label")]
    ids = [re.sub(r"[^A-Z0-9]+", "-", text.upper()).strip("-") for text in candidates]
    found = next((identity for identity in ids if STUDY_ID.fullmatch(identity)), "")
    if not found:
        longer = next((identity for identity in ids if identity), "STUDY")
        found = longer[:LONGEST_STUDY_ID].strip("-")
    if found not in candidates:
        reader.ledger.note(
            Code.NAMED,
            "study",
            f"its identifiers are {listed([text for text in candidates if text], at_most=4) or 'missing'}",
            f"the draft's id is {found}",
        )
    return found


def _identifiers(reader: ModelReader, study: Json, version: Json) -> list[str]:
    """The sponsor's own first, then those of registries and authorities."""
    organizations = {reader.text(one, "id"): one for one in reader.objects(version, "organizations")}
    sponsors: list[str] = []
    others: list[str] = []
    for one in [*reader.objects(version, "studyIdentifiers"), *reader.objects(study, "studyIdentifiers")]:
        text = reader.text(one, "text") or reader.text(one, "studyIdentifier")
        inline = one.get("studyIdentifierScope") or one.get("scope")
        scope = inline if isinstance(inline, dict) else organizations.get(reader.text(one, "scopeId"), {})
        (sponsors if "sponsor" in reader.coded(scope, "type").lower() else others).append(text)
    return [*sponsors, *others]


def _title(reader: ModelReader, study: Json, version: Json) -> str:
    titles: Mapping[str, str] = dict(_titles(reader, version))
    ranked = [text for kind in TITLES for found, text in titles.items() if kind in found]
    candidates = [text for text in (*ranked, *titles.values(), *_names(reader, study)) if text]
    fitting = next((text for text in candidates if len(text) <= LONGEST_TEXT), "")
    if fitting:
        return fitting
    found = shortened(candidates[0], LONGEST_TEXT) if candidates else "A study without a title"
    reader.ledger.note(Code.NAMED, "study", "it has no title that fits on a line", f"the draft's title is {found!r}")
    return found


def _titles(reader: ModelReader, version: Json) -> Iterator[tuple[str, str]]:
    for one in reader.objects(version, "titles"):
        yield reader.coded(one, "type").lower(), reader.text(one, "text")
    if isinstance(version.get("studyTitle"), str):
        yield "brief", plain(str(version["studyTitle"]))


def _version(reader: ModelReader, version: Json) -> str:
    found = shortened(reader.text(version, "versionIdentifier"), LONGEST_TEXT)
    if not found:
        reader.ledger.note(Code.NAMED, "study", "its version has no identifier", "the draft's version is 1")
    return found or "1"
