"""Tokens as clauses: which words belong together, and what a clause borrows from its neighbour."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from uuid import UUID

from locales.replies.lexicon import Part, Role
from locales.replies.scanning import Named, Stop, Token, Unknown
from trial.answers import LeavingKind
from trial.replies.said import Act, Clause, DayMention, Mark, Quantity, Thing

_TAKING_PLACE = frozenset({Act.PERFORM, Act.BOOK, Act.PLAN})
_BOOKING = frozenset({Act.BOOK, Act.PLAN})
_COURTESY: Token = frozenset({Role.COURTESY})


@dataclass(slots=True)
class _Segment:
    """The words between two stops. `lists`: it ends with the name of a thing, so that another may follow."""

    after: Stop = Stop.FULL
    parts: set[Part] = field(default_factory=set)
    named: Named = field(default_factory=Named)
    visits: frozenset[UUID] | None = None
    mentions: list[DayMention] = field(default_factory=list)
    leaving: LeavingKind | None = None
    unknown: bool = False
    lists: bool = False
    last: Token | None = None
    bracketed: bool = False  # a bracket was opened behind the name of a thing
    day_of_thing: bool = False  # the day may be that of the thing
    day_ahead: bool = False  # the day is one for which something is booked

    def take(self, token: Token) -> None:
        self._look_for_the_day_of_a_thing(token)
        self.bracketed = self.lists and _has(token, Role.BRACKET)
        self.last = token
        match token:
            case Named():
                self._name(token)
            case DayMention():
                self.mentions.append(token)
                self.lists = False
            case Unknown():
                self.unknown = True
                self.lists = False
            case frozenset():
                self._mean(token)
            case Stop():
                raise AssertionError("a stop ends a segment and is no part of it")

    def _look_for_the_day_of_a_thing(self, token: Token) -> None:
        """A day may tell which examination is meant, and not when its images were uploaded.

        "The MRI of 12 March", 3月12日のMRI, "MRI (12 March)", "the 12 March MRI". And "at 12.03" is no day at all.
        """
        if isinstance(token, DayMention):
            self.unknown = self.unknown or _has(self.last, Role.OF) or _has(self.last, Role.AT)
            self.day_of_thing = self.day_of_thing or self.bracketed
            self.day_ahead = self.day_ahead or _has(self.last, Role.FOR)
        elif isinstance(self.last, DayMention):
            self.unknown = self.unknown or _has(token, Role.OF) or _has(token, Role.FOR)
            if _names_a_thing(token):
                verb_before = any(isinstance(part, Act) for part in self.parts)
                self.day_of_thing = self.day_of_thing or verb_before or not self.last.relative

    def _name(self, token: Named) -> None:
        self.named |= replace(token, visits=frozenset())
        if token.visits:
            self.visits = token.visits if self.visits is None else self.visits & token.visits
        self.lists = True

    def _mean(self, meaning: frozenset[Part]) -> None:
        self.parts |= meaning
        for part in meaning:
            if isinstance(part, LeavingKind):
                self.leaving = self.leaving or part
        if not meaning <= {Role.LINK, Role.OF, Role.FOR, Role.AT, Role.COURTESY, Role.BRACKET}:
            self.lists = all(isinstance(part, Thing | Quantity) for part in meaning)

    def join(self, other: "_Segment") -> None:
        """Takes in what stands in the next segment."""
        self.parts |= other.parts
        self.named |= other.named
        if other.visits is not None:
            self.visits = other.visits if self.visits is None else self.visits & other.visits
        self.mentions += other.mentions
        self.leaving = self.leaving or other.leaving
        self.unknown = self.unknown or other.unknown
        self.day_of_thing = self.day_of_thing or other.day_of_thing
        self.day_ahead = self.day_ahead or other.day_ahead
        self.lists = other.lists

    @property
    def empty(self) -> bool:
        return self.last is None

    @property
    def silent(self) -> bool:
        """Only courtesies, or nothing at all."""
        return not (self.subject or self.says or self.mentions or self.unknown or Role.YES in self.parts)

    @property
    def subject(self) -> bool:
        things = any(isinstance(part, Thing | Quantity) for part in self.parts)
        return bool(things or self.named.codes or self.named.tasks or self.visits is not None)

    @property
    def says(self) -> bool:
        """Whether it says something about its subject, beside a day."""
        said = any(isinstance(part, Act | Mark | LeavingKind) or part is Role.HELP for part in self.parts)
        return said or bool(self.named.values)

    @property
    def only_subject(self) -> bool:
        return self.subject and not (self.says or self.mentions or self.unknown)

    @property
    def only_day(self) -> bool:
        return bool(self.mentions) and not (self.says or self.subject or self.unknown)

    def clause(self) -> Clause:
        acts = frozenset(part for part in self.parts if isinstance(part, Act))
        # The day of an examination is the day on which it takes place; what follows from it has another.
        mistakable = (self.day_of_thing and not acts & _TAKING_PLACE) or (self.day_ahead and not acts & _BOOKING)
        return Clause(
            acts=acts,
            marks=frozenset(part for part in self.parts if isinstance(part, Mark)),
            codes=self.named.codes,
            visits=self.visits,
            tasks=self.named.tasks,
            things=frozenset(part for part in self.parts if isinstance(part, Thing)),
            quantities=frozenset(part for part in self.parts if isinstance(part, Quantity)),
            mentions=tuple(self.mentions),
            values=self.named.values,
            leaving=self.leaving,
            help=Role.HELP in self.parts,
            unknown=self.unknown or mistakable,
        )


def _names_something(token: Token) -> bool:
    """Whether this may be the subject of a sentence."""
    if isinstance(token, frozenset):
        return any(isinstance(part, Thing | Quantity) for part in token)
    return isinstance(token, Named)


def _names_a_thing(token: Token) -> bool:
    if isinstance(token, Named):
        return bool(token.tasks)
    return isinstance(token, frozenset) and any(isinstance(part, Thing) for part in token)


def _has(token: Token | None, role: Role) -> bool:
    return isinstance(token, frozenset) and role in token


def clauses(tokens: Iterable[Token], *, verb_last: bool) -> tuple[Clause, ...]:
    """The clauses of a reply, in their order, without those that are only polite."""
    found: list[Clause] = []
    for sentence in _sentences(tokens):
        found += _of_sentence(sentence, verb_last=verb_last)
    # A yes says something only where nothing else is said.
    said = [clause for clause in found if clause != Clause()]
    return tuple(_with_codes(said or found[:1]))


def _sentences(tokens: Iterable[Token]) -> Iterator[list[_Segment]]:
    sentence: list[_Segment] = []
    segment = _Segment()
    begun = False
    said = tuple(tokens)
    for token, following in zip_longest(said, said[1:]):
        match _stop_of(token):
            case None:
                segment.take(_in_its_place(token, following, begun=begun))
                begun = begun or token != _COURTESY
            case Stop.FULL:
                yield [*sentence, segment]
                sentence, segment, begun = [], _Segment(), False
            case stop:
                sentence.append(segment)
                segment = _Segment(after=stop)
    yield [*sentence, segment]


def _in_its_place(token: Token, following: Token | None, *, begun: bool) -> Token:
    """A verb that comes first asks: "ist das CT hochgeladen", "ist CT hochgeladen".

    But not "gestern ist das CT hochgeladen worden", nor "ist gestern hochgeladen worden".
    """
    before_name = _has(token, Role.OPENS_BEFORE_NAME)
    if not (before_name or _has(token, Role.OPENS)):
        return token
    asks = not begun and not (before_name and (following is None or not _names_something(following)))
    return frozenset({Mark.ASKED if asks else Role.LINK})


def _stop_of(token: Token) -> Stop | None:
    if isinstance(token, Stop):
        return token
    if isinstance(token, frozenset):
        if Role.AND in token:
            return Stop.AND
        if Role.BREAK in token:
            return Stop.BREAK
    return None


def _of_sentence(sentence: list[_Segment], *, verb_last: bool) -> list[Clause]:
    if len(sentence) > 1 and sentence[-1].empty and sentence[-1].after in {Stop.BREAK, Stop.AND}:
        sentence[-2].unknown = True  # "uploaded yesterday, but": something was not said
    segments = [segment for segment in sentence if not segment.silent]
    others = [segment for segment in segments if segment.clause() != Clause()]
    segments = others or segments
    segments = _lists_gathered(segments)
    segments = _days_gathered(segments)
    found: list[Clause] = []
    for place, segment in enumerate(segments):
        clause = segment.clause()
        following = segments[place + 1] if place + 1 < len(segments) else None
        if verb_last and following is not None and following.after is not Stop.BREAK:
            clause = _with_verb_of(following.clause(), clause)
        if found and segment.after is not Stop.BREAK and not clause.acts and Mark.PAST in found[-1].marks:
            clause = replace(clause, echo=found[-1].acts)
        found.append(clause)
    return found


def _lists_gathered(segments: list[_Segment]) -> list[_Segment]:
    """Lists in one clause: "CT and MRI uploaded", "uploaded CT and MRI", "uploaded CT and MRI yesterday"."""
    gathered: list[_Segment] = []
    for segment in segments:
        before = gathered[-1] if gathered else None
        if before is None or segment.after is Stop.BREAK:
            gathered.append(segment)
        elif before.only_subject or _continues(before, segment):
            before.join(segment)
        else:
            gathered.append(segment)
    for segment in gathered[1:]:
        # Something is named behind a finished clause, and nothing is said about it.
        segment.unknown = segment.unknown or segment.only_subject
    return gathered


def _continues(before: _Segment, segment: _Segment) -> bool:
    """Whether this goes on with the list that ends the segment before it, whose verb stands in front."""
    if not (before.says and before.lists and not before.mentions):
        return False
    if segment.only_subject:
        return True
    with_day = segment.subject and bool(segment.mentions) and not segment.says and not segment.unknown
    return with_day and segment.after is Stop.AND


def _days_gathered(segments: list[_Segment]) -> list[_Segment]:
    """A day set apart belongs to the one clause beside it: "yesterday, the CT was uploaded"."""
    gathered: list[_Segment] = []
    place = 0
    while place < len(segments):
        segment = segments[place]
        following = segments[place + 1] if place + 1 < len(segments) else None
        before = gathered[-1] if gathered else None
        forward = following is not None and following.says and not following.mentions
        back = before is not None and before.says and not before.mentions
        if not segment.only_day or forward == back:
            # Between two clauses that both lack a day it could be either's.
            segment.unknown = segment.unknown or (segment.only_day and (forward or len(segments) > 1))
            gathered.append(segment)
        elif following is not None and forward:
            segment.join(following)
            gathered.append(segment)
            place += 1
        elif before is not None:
            before.join(segment)
        place += 1
    return gathered


def _with_verb_of(following: Clause, clause: Clause) -> Clause:
    """Where the verb stands last, a clause without one borrows that of the next: what was done, and nothing else."""
    lends = following.acts and following.marks == {Mark.PAST} and following.leaving is None and not following.help
    if lends and clause.named and clause.mentions and not (clause.acts or clause.marks):
        return replace(clause, acts=following.acts, marks=following.marks)
    return clause


def _with_codes(found: list[Clause]) -> Iterator[Clause]:
    """A patient once named is meant until another one is."""
    codes: frozenset[str] = frozenset()
    for clause in found:
        codes = clause.codes or codes
        yield replace(clause, codes=codes)
