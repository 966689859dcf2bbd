"""The notations of study files in the words of a table, so that they read back to the same. Pure.

No cell begins with a sign that a spreadsheet takes for a formula: windows are `±7 d` and `3 d before to 7 d after`.
"""

import re
from collections.abc import Mapping

from trial.moments import CalendarOffset, Unit
from trial.readers.tables.days import length
from trial.visitplan.documents import Node, one_line, unwrapped
from trial.visitplan.notation import REPEAT


def offset_in_words(text: str) -> str:
    """`+ 6w` -> `6 weeks`, `- 28d` -> `28 days before`."""
    offset = CalendarOffset.parse(text)
    return f"{length_in_words(offset)} before" if offset.amount < 0 else length_in_words(offset)


def length_in_words(offset: CalendarOffset) -> str:
    return length(abs(offset.amount), offset.unit)


def window_in_words(text: str, later: Node = "") -> str:
    """`-7d .. +7d` -> `±7 d`; `later` holds other windows from an offset on."""
    earliest, dots, latest = text.partition("..")
    if not dots:
        return text
    first, last = CalendarOffset.parse(earliest.strip()), CalendarOffset.parse(latest.strip())
    if -first.amount == last.amount and first.unit is last.unit:
        words = f"±{_short(last)}"
    else:
        words = f"{_short(first)}{' before' if first.amount else ''} to {_short(last)}{' after' if last.amount else ''}"
    others = later.items() if isinstance(later, dict) else ()
    return words + "".join(
        f", from {length_in_words(CalendarOffset.parse(since))}: {window_in_words(one_line(unwrapped(window)))}"
        for since, window in others
    )


def _short(offset: CalendarOffset) -> str:
    return f"{abs(offset.amount)} {offset.unit}"


def rhythm_in_words(text: str) -> str:
    """`every 3mo until 24mo, every 6mo until 60mo` -> `every 3 months until 24 months, then every 6 months until 60 months`."""
    found = [REPEAT.fullmatch(part.strip()) for part in re.split(r",\s*(?=every)", text)]
    return ", then ".join(
        f"every {length_in_words(CalendarOffset.parse(part['every']))} until {length_in_words(CalendarOffset.parse(part['until']))}"
        for part in found
        if part is not None
    )


def due_in_words(text: str) -> str:
    """`visit + 5wd` -> `5 working days`."""
    rest = text.strip().removeprefix("visit").strip()
    offset = CalendarOffset.parse(rest) if rest else CalendarOffset(0, Unit.DAY)
    return length_in_words(offset) if offset.amount else "same day"


def values_in_words(node: Node) -> Mapping[str, str]:
    """The values of a fact in each language: `clear = Clear; not_clear = Not clear`."""
    if not isinstance(node, dict):
        values = node if isinstance(node, list) else [node]
        return {"en": "; ".join(one_line(value) for value in values)}
    languages = dict.fromkeys(language for label in node.values() for language in labels_of(label))
    return {
        language: "; ".join(
            f"{value} = {labels_of(label)[language]}" for value, label in node.items() if language in labels_of(label)
        )
        for language in languages
    }


def labels_of(node: Node) -> dict[str, str]:
    """A text in each of its languages."""
    found = unwrapped(node)
    return (
        {language: one_line(text) for language, text in found.items()}
        if isinstance(found, dict)
        else {"en": one_line(found)}
    )
