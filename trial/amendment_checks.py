"""What a new version must not do to the version before it, because patients are planned by that one already. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from trial.amending import Renamed, names_in, occurrence_ids
from trial.study import Study


class Fault(StrEnum):
    """What is wrong with a name."""

    STILL_THERE = "still_there"  # the table of renames gives it up or calls it otherwise
    TWO_IN_ONE = "two_in_one"  # two visits of the version before would be called so
    NEEDED = "needed"  # patients may have a date or a value of it


@dataclass(frozen=True, slots=True)
class NameFault:
    fault: Fault
    name: str


def name_faults(before: Study, after: Study) -> tuple[NameFault, ...]:
    """Names that could mean two visits, and events and values of facts that patients have and the new version forgets."""
    return (*_ambiguous(before, after), *_forgotten(before, after))


def _ambiguous(before: Study, after: Study) -> Iterator[NameFault]:
    own = after.amendment
    there = names_in(after)
    for name in () if own is None else own.renames:
        if name in there:
            yield NameFault(Fault.STILL_THERE, name)
    renamed = Renamed(before, after)
    names = Counter(renamed.now(one) for visit in before.visits.values() for one in occurrence_ids(visit))
    for now, visits in names.items():
        if now is not None and visits > 1:
            yield NameFault(Fault.TWO_IN_ONE, now)


def _forgotten(before: Study, after: Study) -> Iterator[NameFault]:
    """A fact that nobody is asked any more may go; its values may not, as long as something can hang on it."""
    for name in before.events:
        if name not in after.events:
            yield NameFault(Fault.NEEDED, f"event {name}")
    if after.registration != before.registration:
        yield NameFault(Fault.NEEDED, f"registration {before.registration}")
    for name, fact in before.facts.items():
        known = after.facts.get(name)
        for value in () if known is None else fact.values:
            if known is not None and value not in known.values:
                yield NameFault(Fault.NEEDED, f"fact {name} {value}")
