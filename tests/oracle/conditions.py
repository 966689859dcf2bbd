"""Conditions in three values, as docs/study-files.md has them: no, perhaps, yes."""

import re
from collections.abc import Callable
from functools import cache

NO, PERHAPS, YES = 0, 1, 2
WORDS = re.compile(r"==|!=|[()\[\],]|\w+")


def truth(text: str, fact: Callable[[str], str | None], day: Callable[[str], object]) -> int:
    """`fact`: a fact's value, None where it is not known. `day`: the day on which an event happened, None before."""
    return _Reader(list(_words(text)), fact, day).read()


@cache
def _words(text: str) -> tuple[str, ...]:
    return tuple(WORDS.findall(text))


class _Reader:
    """Reads from the left. `or` is weakest, then `and`, then `not`."""

    def __init__(self, words: list[str], fact: Callable[[str], str | None], day: Callable[[str], object]) -> None:
        self.words = words
        self.fact = fact
        self.day = day

    def read(self) -> int:
        value = self.either()
        assert not self.words, self.words
        return value

    def next_is(self, word: str) -> bool:
        if self.words[:1] != [word]:
            return False
        del self.words[0]
        return True

    def either(self) -> int:
        value = self.both()
        while self.next_is("or"):
            value = max(value, self.both())
        return value

    def both(self) -> int:
        value = self.one()
        while self.next_is("and"):
            value = min(value, self.one())
        return value

    def one(self) -> int:
        if self.next_is("not"):
            return YES - self.one()
        if self.next_is("("):
            value = self.either()
            assert self.next_is(")")
            return value
        name = self.words.pop(0)
        if name in {"happened", "same_day"}:
            days = [self.day(event) for event in self.names("(", ")")]
            return YES if None not in days and len(set(days)) == 1 else NO
        return self.compared(self.fact(name))

    def compared(self, known: str | None) -> int:
        opposite = self.next_is("not")
        operator = self.words.pop(0)
        opposite ^= operator == "!="
        values = self.names("[", "]") if operator == "in" else [self.words.pop(0)]
        if known is None:
            return PERHAPS
        return YES if (known in values) != opposite else NO

    def names(self, first: str, last: str) -> list[str]:
        assert self.next_is(first)
        end = self.words.index(last)
        inside = [word for word in self.words[:end] if word != ","]
        del self.words[: end + 1]
        return inside
