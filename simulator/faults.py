"""Faults on order: what the network and Telegram's servers do on a bad day, one call at a time."""

import random
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class FaultKind(StrEnum):
    TOO_MANY_REQUESTS = "429"
    INTERNAL_ERROR = "500"
    BAD_GATEWAY = "502"
    HTML = "html"
    TRUNCATED = "truncated"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    DELAY = "delay"


class Fault(BaseModel):
    """One order.

    method: a method's name, or "*" for every method but getUpdates.
    seconds: how long a delay lasts. retry_after: seconds named in a 429.
    skip: matching calls let through first. count: how often it strikes, None for ever.
    probability: drawn per matching call from a generator seeded with `seed`.
    accepted: whether the call is carried out although its reply is lost; by default so for cut_after, truncated
    and delay, and not for the others.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str = "*"
    kind: FaultKind
    seconds: Annotated[float, Field(ge=0, le=600)] = 0
    retry_after: Annotated[int, Field(ge=1)] = 1
    skip: Annotated[int, Field(ge=0)] = 0
    count: Annotated[int, Field(ge=1)] | None = 1
    probability: Annotated[float, Field(gt=0, le=1)] = 1.0
    seed: int = 0
    accepted: bool | None = None

    def is_accepted(self) -> bool:
        if self.accepted is not None:
            return self.accepted
        return self.kind in {FaultKind.CUT_AFTER, FaultKind.TRUNCATED, FaultKind.DELAY}


class _Order:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.to_skip = fault.skip
        self.left = fault.count
        # A seeded generator makes a failing run repeatable; nothing here is secret.
        self.chance = random.Random(fault.seed)  # noqa: S311 - see the line above

    def matches(self, method: str) -> bool:
        return self.fault.method == method or (self.fault.method == "*" and method != "getUpdates")

    def strikes(self) -> bool:
        if self.to_skip:
            self.to_skip -= 1
            return False
        if self.chance.random() >= self.fault.probability:
            return False
        if self.left is not None:
            self.left -= 1
        return True


class Faults:
    """Orders in the sequence given; a call meets the first that matches and strikes."""

    def __init__(self) -> None:
        self._orders: list[_Order] = []

    def order(self, fault: Fault) -> None:
        self._orders.append(_Order(fault))

    def clear(self) -> None:
        self._orders.clear()

    def pending(self) -> list[dict[str, object]]:
        return [{**order.fault.model_dump(mode="json"), "left": order.left} for order in self._orders]

    def strike(self, method: str) -> Fault | None:
        for order in self._orders:
            if order.matches(method) and order.strikes():
                if order.left == 0:
                    self._orders.remove(order)
                return order.fault
        return None
