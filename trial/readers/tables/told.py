"""What the reader of a table noticed, and the questions that it leaves in the draft.

Whatever was refused or has to be decided becomes a question of the draft, so that nobody releases a study from which a
cell fell out.
"""

import re
from dataclasses import dataclass, field

from trial.readers.draft import Finding, Weight
from trial.readers.tables.cells import identity
from trial.visitplan.documents import Node

LONGEST_SHOWN = 60


@dataclass(slots=True)
class Told:
    """Findings in the order in which they were made."""

    findings: list[Finding] = field(default_factory=list)
    _questions: list[Node] = field(default_factory=list)
    _ids: list[str] = field(default_factory=list)

    def refused(self, code: str, where: str, what: str, instead: str, *, about: str = "") -> None:
        """A part that is wrong in itself and was left out."""
        if self._add(Finding(Weight.REFUSED, code, where, what, instead, about)):
            self._question(code, where, f"{where} was left out, because {what}. What is right?", about)

    def asked(self, code: str, where: str, what: str, instead: str, *, ask: str, about: str = "") -> None:
        """Something that somebody has to decide; `instead` says how it was read meanwhile."""
        if self._add(Finding(Weight.ASKED, code, where, what, instead, about)):
            self._question(code, where, ask, about)

    def noted(self, code: str, where: str, what: str, instead: str, *, about: str = "") -> None:
        self._add(Finding(Weight.NOTED, code, where, what, instead, about))

    @property
    def questions(self) -> list[Node]:
        """For the section `questions` of the draft."""
        return list(self._questions)

    def _add(self, finding: Finding) -> bool:
        new = finding not in self.findings
        if new:
            self.findings.append(finding)
        return new

    def _question(self, code: str, where: str, ask: str, about: str) -> None:
        cell = re.sub(r"\W+", "_", where.rpartition("!")[2]) if " " not in where else ""
        name = identity(f"{code} {cell}", self._ids, otherwise="question")
        self._ids.append(name)
        self._questions.append({"id": name, **({"about": about} if about else {}), "ask": ask})


def shown(text: str) -> str:
    """A text of somebody's file, quoted and not too long."""
    return repr(fitted(text, LONGEST_SHOWN))


def fitted(text: str, most: int) -> str:
    """The text, cut where it is longer than so many signs."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
