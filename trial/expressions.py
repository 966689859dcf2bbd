"""Conditions of a study file: `arm == intensified and not happened(no_surgery)`.

Three values: true, false and unknown (None), because an unknown fact is asked for, never assumed. A small parser of our
own; nothing of a study file is ever executed.

    condition  = conjunction { "or" conjunction }
    conjunction = negation { "and" negation }
    negation   = "not" negation | "(" condition ")" | happened | same day | comparison
    happened   = "happened" "(" event ")"                    true once the site said that it happened
    same day   = "same_day" "(" event "," event ")"          true once both happened, on one day
    comparison = fact ("==" | "!=") value | fact ["not"] "in" "[" value { "," value } "]"
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

TOKEN = re.compile(r"""\s*(==|!=|[()\[\],]|[A-Za-z0-9_.+-]+|"[^"]*"|'[^']*')""")
NAME = re.compile(r"[a-z][a-z0-9_]*")
KEYWORDS = frozenset({"and", "or", "not", "in", "happened", "same_day"})


class BadExpression(ValueError):
    """The message is the end of a sentence that says what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a patient for conditions: days of events that happened, and facts."""

    happened: Mapping[str, date]
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Compare:
    """The fact has one of these values; with `negated`, none of them."""

    fact: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    event: str


@dataclass(frozen=True, slots=True)
class SameDay:
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Condition", ...]


Condition = Compare | Happened | SameDay | Not | And | Or


def holds(condition: Condition, known: Known) -> bool | None:
    """True, false, or None where it hangs on a fact that is not known."""
    match condition:
        case Compare(fact, values, negated):
            value = known.facts.get(fact)
            return None if value is None else (value in values) is not negated
        case Happened(event):
            return event in known.happened
        case SameDay(first, second):
            day = known.happened.get(first)
            return day is not None and day == known.happened.get(second)
        case Not(part):
            inner = holds(part, known)
            return None if inner is None else not inner
        case And(parts):
            return _all([holds(part, known) for part in parts])
        case Or(parts):
            opposite = _all([None if value is None else not value for value in (holds(part, known) for part in parts)])
            return None if opposite is None else not opposite


def _all(values: list[bool | None]) -> bool | None:
    """One that is false decides; else one that is unknown leaves it open."""
    return False if False in values else None if None in values else True


def asks(condition: Condition, known: Known) -> tuple[str, ...]:
    """The unknown facts that an undecided condition hangs on, in the order written; none where it is decided."""
    if holds(condition, known) is not None:
        return ()
    match condition:
        case Compare(fact):
            return (fact,)
        case Not(part):
            return asks(part, known)
        case And(parts) | Or(parts):
            return tuple(dict.fromkeys(fact for part in parts for fact in asks(part, known)))
        case Happened() | SameDay():
            return ()


def comparisons(condition: Condition) -> Iterator[Compare]:
    """Every comparison with a fact inside."""
    match condition:
        case Compare():
            yield condition
        case Not(part):
            yield from comparisons(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from comparisons(part)
        case Happened() | SameDay():
            return


def events_in(condition: Condition) -> Iterator[str]:
    """Every event named inside."""
    match condition:
        case Happened(event):
            yield event
        case SameDay(first, second):
            yield from (first, second)
        case Not(part):
            yield from events_in(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from events_in(part)
        case Compare():
            return


def parse_condition(text: str) -> Condition:
    """Read a condition.

    Raises:
        BadExpression: with what is wrong and what would be right.
    """
    parser = _Parser(_tokens(text))
    condition = parser.condition()
    parser.end()
    return condition


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    rest = text.rstrip()
    while position < len(rest):
        found = TOKEN.match(rest, position)
        if found is None:
            sign = rest[position:].strip()[0]
            hint = "write == for is equal to" if sign == "=" else "write such as arm == intensified"
            raise BadExpression(f"{sign!r} has no meaning here: {hint}")
        tokens.append(found.group(1))
        position = found.end()
    if not tokens:
        raise BadExpression("the condition is empty: write such as arm == intensified")
    return tokens


DEEPEST = 20


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.position += 1
        return token

    def expect(self, token: str) -> None:
        found = self.take()
        if found != token:
            raise BadExpression(
                f"{token!r} is missing before {found!r}" if found else f"{token!r} is missing at the end"
            )

    def end(self) -> None:
        if self.peek():
            raise BadExpression(f"{self.peek()!r} is too much: join conditions by and, or")

    def condition(self) -> Condition:
        parts = [self.conjunction()]
        while self.peek() == "or":
            self.take()
            parts.append(self.conjunction())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def conjunction(self) -> Condition:
        parts = [self.negation()]
        while self.peek() == "and":
            self.take()
            parts.append(self.negation())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negation(self) -> Condition:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadExpression("the condition is nested too deeply: use a fact of its own")
        try:
            return self.primary()
        finally:
            self.depth -= 1

    def primary(self) -> Condition:
        match self.peek():
            case "not":
                self.take()
                return Not(self.negation())
            case "(":
                self.take()
                inner = self.condition()
                self.expect(")")
                return inner
            case "happened":
                self.take()
                (event,) = self.arguments(1)
                return Happened(event)
            case "same_day":
                self.take()
                first, second = self.arguments(2)
                return SameDay(first, second)
            case _:
                return self.comparison()

    def arguments(self, count: int) -> list[str]:
        self.expect("(")
        names = [self.name("an event")]
        while len(names) < count:
            self.expect(",")
            names.append(self.name("an event"))
        self.expect(")")
        return names

    def comparison(self) -> Compare:
        fact = self.name("a fact")
        match self.take():
            case "==":
                return Compare(fact, (self.value(),))
            case "!=":
                return Compare(fact, (self.value(),), negated=True)
            case "in":
                return Compare(fact, self.values())
            case "not":
                self.expect("in")
                return Compare(fact, self.values(), negated=True)
            case _:
                raise BadExpression(f"{fact!r} is compared with nothing: write {fact} == value, or happened({fact})")

    def name(self, what: str) -> str:
        token = self.take()
        if token in KEYWORDS or not NAME.fullmatch(token):
            raise BadExpression(f"{what} is missing before {token!r}" if token else f"{what} is missing at the end")
        return token

    def values(self) -> tuple[str, ...]:
        self.expect("[")
        found = [self.value()]
        while self.peek() == ",":
            self.take()
            found.append(self.value())
        self.expect("]")
        return tuple(found)

    def value(self) -> str:
        token = self.take()
        if token[:1] in {'"', "'"}:
            return token[1:-1]
        if not token or token in KEYWORDS or token in {"(", ")", "[", "]", ",", "==", "!="}:
            raise BadExpression(f"a value is missing before {token!r}" if token else "a value is missing at the end")
        return token
