"""What reading a USDM file brought to light: findings, and the questions that the draft carries."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum

from trial.problems import Problem
from trial.readers.draft import Finding, Weight
from trial.visitplan.documents import LONGEST_VALUE, NOTES, NOTHING, Node

LONGEST_ID = 40
TAG = re.compile(
    r"</?[A-Za-z][\w:.-]{0,40}(?:\s{1,20}[\w:.-]{1,40}\s?=\s?(?:\"[^\"<>]{0,200}\"|'[^'<>]{0,200}'|[^\s\"'<>]{1,200})){0,20}\s{0,20}/?>"
)
"""A tag of HTML or of USDM's own. `if a <b and c> d` is none."""

RESERVED = NOTES | {"value"}
"""A study file reads these keys as remarks about an entry, never as its name."""


class Code(StrEnum):
    """What a finding is about."""

    # Wrong in itself: left out.
    NO_ENTRY = "no_entry"
    NO_ANCHOR = "no_anchor"
    NO_TIMING = "no_timing"
    TIMING_LOOP = "timing_loop"
    REFERENCE = "reference"  # the node that a timing counts from is missing
    OTHER_TIMELINE = "other_timeline"
    TYPE = "type"
    DURATION = "duration"
    NEGATIVE = "negative"
    MIXED_UNITS = "mixed_units"
    TOO_FAR = "too_far"
    DEAD_END = "dead_end"
    HANGS_ON = "hangs_on"  # counts from something that was left out
    UNREADABLE = "unreadable"
    # Somebody has to decide.
    LEFT_OUT = "left_out"
    UNREACHABLE = "unreachable"
    SAME_NAME = "same_name"
    DAY_LABEL = "day_label"
    ENCOUNTER_LABEL = "encounter_label"
    PLACEHOLDER = "placeholder"
    WINDOW_CROSSES = "window_crosses"
    WINDOW_SIDE = "window_side"
    WINDOW_ONE_SIDED = "window_one_sided"
    WINDOW_FROM_LABEL = "window_from_label"
    WINDOW_LABEL = "window_label"
    WINDOW_UNREAD = "window_unread"
    NO_WINDOW = "no_window"
    LOOP = "loop"
    BRANCH = "branch"
    CONDITION = "condition"
    MOVES = "moves"
    SEVERAL_TIMINGS = "several_timings"
    SAME_DAY = "same_day"
    BACKWARD = "backward"  # what comes next lies before
    UNLINKED = "unlinked"  # no visit of a timeline names what follows on it
    UNMARKED_ANCHOR = "unmarked_anchor"
    ANCHORS_DAY = "anchors_day"
    SECOND_ANCHOR = "second_anchor"
    BEFORE_ANCHOR = "before_anchor"
    SAME_ENCOUNTER = "same_encounter"
    EMPTY_NODE = "empty_node"
    EVENT_TIMELINE = "event_timeline"
    LONG_PROFILE = "long_profile"
    IMAGING = "imaging"
    LEAVING = "leaving"
    # Read so; to be looked at.
    ANCHOR_VALUE = "anchor_value"
    PART_OF_DAY = "part_of_day"
    WINDOW_ON_ANCHOR = "window_on_anchor"
    ENDS = "ends"  # a timing that counts from or to the end of a visit
    SCHEDULED_AT = "scheduled_at"
    OWN_TIMELINE = "own_timeline"
    PROFILE = "profile"
    EXIT = "exit"
    ARMS = "arms"
    AMENDMENTS = "amendments"
    NAMED = "named"  # an id, title or version that had to be made fit
    WRAPPED = "wrapped"  # the study stands within something else, or a part of it by itself


@dataclass(slots=True)
class Ledger:
    """Findings in the order in which they were made, and questions with ids of their own.

    A question is about every finding of its code that was asked since the last question of that code.
    """

    findings: list[Finding] = field(default_factory=list)
    questions: list[Node] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)
    _seen: set[Finding] = field(default_factory=set)
    _unasked: dict[str, list[int]] = field(default_factory=dict)  # the places of findings that wait for their question

    def refuse(self, code: Code, where: str, what: str, instead: str) -> None:
        self._add(Finding(Weight.REFUSED, code, where, what, instead))

    def note(self, code: Code, where: str, what: str, instead: str, *, about: str = "") -> None:
        self._add(Finding(Weight.NOTED, code, where, what, instead, about))

    def ask(self, code: Code, where: str, what: str, instead: str, *, about: str = "", question: str = "") -> None:
        """A finding that somebody has to decide on; without a `question` of its own, it waits for that of several."""
        self._add(Finding(Weight.ASKED, code, where, what, instead, about))
        if question:
            self.question(code, question, about=about)

    def question(self, code: Code, asked: str, *, about: str = "") -> None:
        """A question of the draft. Its id is made of the code and of what it is about: the first of its findings, unless given."""
        waiting = self._unasked.pop(code, [])
        about = about or next((self.findings[place].about for place in waiting), "")
        identity = own_id("_".join(filter(None, (code, about))), self._ids)
        for place in waiting:
            self.findings[place] = replace(self.findings[place], question=identity)
        found: dict[str, Node] = {"id": identity}
        if about:
            found["about"] = about
        # What it quotes may be as long as the other file likes.
        self.questions.append(found | {"ask": shortened(asked, LONGEST_VALUE)})

    def reasons(self) -> tuple[Problem, ...]:
        """What speaks against the file as a whole, for whoever is told that it is refused: the worst first."""
        order = [Weight.REFUSED, Weight.ASKED]
        told = sorted(
            (finding for finding in self.findings if finding.weight in order),
            key=lambda finding: order.index(finding.weight),
        )
        return tuple(dict.fromkeys(Problem(finding.where, finding.what, finding.instead) for finding in told))

    def _add(self, finding: Finding) -> None:
        if finding not in self._seen:
            self._seen.add(finding)
            if finding.weight is Weight.ASKED:
                self._unasked.setdefault(finding.code, []).append(len(self.findings))
            self.findings.append(finding)


def plain(text: str, *, at_most: int = 2_000) -> str:
    """One line that can be printed, without tags and braces: what may stand in a study file. Empty where nothing is left."""
    untagged = TAG.sub(" ", text[: 4 * at_most])
    printable = "".join(sign if sign.isprintable() else " " for sign in untagged)
    line = " ".join(printable.replace("{", "(").replace("}", ")").split())
    return "" if line in NOTHING else shortened(line, at_most)


def shortened(line: str, at_most: int) -> str:
    return line if len(line) <= at_most else line[: at_most - 1].rstrip() + "…"


def own_id(text: str, taken: set[str]) -> str:
    """An id for a study file made of a name, unlike all that are taken; it is taken from now on."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "_", folded.lower()).strip("_")
    stem = (words if words[:1].isalpha() else f"v_{words}".rstrip("_"))[:LONGEST_ID].rstrip("_")
    found, count = stem, 1
    while found in taken or found in RESERVED:
        count += 1
        suffix = f"_{count}"
        found = stem[: LONGEST_ID - len(suffix)].rstrip("_") + suffix
    taken.add(found)
    return found


def listed(words: Collection[str], *, at_most: int = 12) -> str:
    """`a, b, c and 3 more`; with semicolons where a word has a comma itself."""
    shown = list(words)[:at_most]
    left = len(words) - len(shown)
    comma = "; " if any(", " in word for word in shown) else ", "
    return comma.join(shown) + (f" and {left} more" if left else "")
