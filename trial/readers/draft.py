"""What a reader makes of somebody else's protocol: a draft of a study file, and everything that it could not decide.

A draft is never taken in silently. What the other file leaves open becomes a question in the draft itself
(`questions`, docs/study-files.md), which has to be answered before the study can be released; what is wrong in it is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from trial.visitplan.documents import Node


class Weight(StrEnum):
    """How much a finding weighs."""

    REFUSED = "refused"  # this part is wrong in itself: it was left out of the draft
    ASKED = "asked"  # somebody has to decide: a question of the draft
    NOTED = "noted"  # read so; to be looked at


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a reader noticed. `code` is a closed word of that reader, for tests and for filtering."""

    weight: Weight
    code: str
    where: str  # in the file that was read: line, cell, or the object's own name and id
    what: str
    instead: str  # what would be right, or what was done
    about: str = ""  # the draft's visit, event or fact, where there is one
    question: str = ""  # the draft's question that asks about it

    @property
    def sentence(self) -> str:
        return f"{self.where}: {self.what}; {self.instead.rstrip('.')}."

    def __str__(self) -> str:
        return f"{self.weight.value}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A document of the format visitplan/1, as `trial.visitplan.study_from` reads it once it is written down."""

    document: Mapping[str, Node]
    findings: tuple[Finding, ...]
