"""Other people's protocols on disk, read into drafts: which reader a file is for is seen from what it holds.

A further format is a further `Foreign` in `FOREIGN`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from office.study_files import LARGEST_FILE_BYTES, study_from_text
from office.study_tables import TABLES, read_table
from office.study_writing import study_text
from trial.problems import Problem, ProblemError
from trial.readers.draft import Draft
from trial.readers.tables.read import refusals
from trial.readers.usdm.file import LARGEST_BYTES
from trial.readers.usdm.read import read_usdm
from trial.study import Study

LOOKED_AT = 4_096
KEYS_OF_USDM = (b'"usdmVersion"', b'"scheduleTimelines"')
BYTE_ORDER_MARKS = b"\xef\xbb\xbf\xfe\xff"


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen where a file holds several: a version or a design, by name."""

    version: str | None = None
    design: str | None = None


@dataclass(frozen=True, slots=True)
class Foreign:
    """A format that is not ours. `suits` looks at a file's bytes and name and never raises ProblemError."""

    name: str
    suits: Callable[[bytes, str], bool]
    read: Callable[[bytes, str, Choice], Draft]


@dataclass(frozen=True, slots=True)
class Written:
    """A draft as the text of a study file, and the study that it reads back as."""

    draft: Draft
    text: str
    study: Study


def read_foreign(path: Path, choice: Choice | None = None) -> Draft:
    """The draft of a study from a file in one of the formats that are read.

    Raises:
        ProblemError: the file cannot be read, is in none of these formats, or is refused with its reasons.
    """
    return draft_of(_bytes(path), path.name, choice)


def draft_of(content: bytes, name: str, choice: Choice | None = None) -> Draft:
    """The same from the bytes of a file; `name` is the file's.

    Raises:
        ProblemError: it is in none of these formats, or is refused with its reasons.
    """
    for foreign in FOREIGN:
        if foreign.suits(content, name):
            return foreign.read(content, name, choice or Choice())
    raise ProblemError(
        Problem(
            name,
            "this is in no format that can be imported",
            f"give a file in one of these: {', '.join(foreign.name for foreign in FOREIGN if foreign not in NOT_YET)}",
        )
    )


def written(draft: Draft, name: str) -> Written:
    """The draft as it is to be kept in the file `name`, read back, so that no file is left that could not be read.

    Raises:
        ProblemError: the draft is larger than a study file may be, or does not read back.
    """
    text = study_text(draft.document)
    if len(text.encode()) > LARGEST_FILE_BYTES:
        most = f"{LARGEST_FILE_BYTES // 1_000} kB"
        raise ProblemError(Problem(name, f"the draft would be larger than {most}", "import a part of the study"))
    return Written(draft, text, study_from_text(text, name))


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise ProblemError(Problem(path.name, "the file is larger than 12 MB", "give the study by itself"))
        return path.read_bytes()
    except FileNotFoundError as problem:
        raise ProblemError(Problem(str(path), "there is no such file", "check the name")) from problem
    except OSError as problem:
        raise ProblemError(Problem(str(path), "the file cannot be read", "check its permissions")) from problem


def _begins(content: bytes) -> bytes:
    """The first sign of a text, whichever UTF it is in; nothing where it does not begin with one of ASCII's."""
    return content[:LOOKED_AT].translate(None, BYTE_ORDER_MARKS + b"\x00").lstrip()[:1]


def _is_json(content: bytes) -> bool:
    return _begins(content) in {b"{", b"["}


def _is_usdm(content: bytes, name: str) -> bool:
    """JSON that is not FHIR's: what is wrong with it is for the reader to say."""
    return _is_json(content) and not _is_fhir(content, name)


def _is_fhir(content: bytes, name: str) -> bool:  # noqa: ARG001 - the signature of `suits`
    if _is_json(content):
        return b'"resourceType"' in content and not any(key in content for key in KEYS_OF_USDM)
    return _is_markup(content) and b"http://hl7.org/fhir" in content[:LOOKED_AT]


def _is_odm(content: bytes, name: str) -> bool:  # noqa: ARG001 - the signature of `suits`
    return _is_markup(content) and b"odm" in content[:LOOKED_AT].lower()


def _is_markup(content: bytes) -> bool:
    return _begins(content) == b"<"


def _usdm(content: bytes, name: str, choice: Choice) -> Draft:
    return read_usdm(content, name, version=choice.version, design=choice.design)


def _not_yet(what: str) -> Callable[[bytes, str, Choice], Draft]:
    def refuse(content: bytes, name: str, choice: Choice) -> Draft:  # noqa: ARG001 - the signature of `read`
        raise ProblemError(Problem(name, f"this is {what}, which is not read yet", "give the protocol as USDM in JSON"))

    return refuse


def _is_table(content: bytes, name: str) -> bool:  # noqa: ARG001 - the signature of `suits`
    return name.rpartition(".")[2].lower() in TABLES


def _table(content: bytes, name: str, choice: Choice) -> Draft:  # noqa: ARG001 - the signature of `read`
    draft = read_table(content, name)
    if "visits" not in draft.document:
        raise ProblemError(*refusals(draft.findings))
    return draft


TABLE = Foreign("a schedule of activities as a table (xlsx, csv)", _is_table, _table)
USDM = Foreign("USDM 3.0 or 4.0 in JSON", _is_usdm, _usdm)
FHIR = Foreign("FHIR", _is_fhir, _not_yet("a schedule of activities in FHIR"))
ODM = Foreign("ODM", _is_odm, _not_yet("a study in CDISC's ODM"))
FOREIGN = (TABLE, FHIR, USDM, ODM)
NOT_YET = (FHIR, ODM)
