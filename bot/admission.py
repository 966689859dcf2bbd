"""Admission: what may be stored of one raw update, decided before anything is committed (decision 0009). Pure.

The input is whatever the server's JSON held; nothing here raises on it. Presses and commands of people we know become a
projection of named fields that python-telegram-bot still reads: ids, dates, data. A text is kept only where one may be an
answer and the privacy guard passed it. Everything else leaves a tombstone: a closed word and ids.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from typing import ClassVar, TypeAlias
from uuid import UUID

from bot.raw_updates import (
    CHAT_KINDS,
    COMMAND,
    KINDS,
    SERVICE,
    TEXT,
    UNKNOWN_KIND,
    Content,
    content_of,
    date_in,
    integer_in,
    invite_token_in,
    is_unicode,
    kind_of,
    language_in,
    object_in,
    printable_in,
)
from records.sealing import Json
from trial.guard import Finding, GuardContext, judge_or_block
from trial.messages import Refused

Payload: TypeAlias = Mapping[str, Json]

_BIDI_CONTROLS = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
CODE_LONGEST = 40
"""Characters of a patient's code that is looked at: what is longer is none."""
NUMBER = re.compile(r"[0-9]{3} ?[0-9]{3}", re.ASCII)
"""What a browser shows that asks to be let in to the board."""
NO_NUMBER = "?"
"""Stands for what is no such number: that something was written is answered, and what it was is not kept."""
NO_SITE = "?"
"""Stands for the number of a site that is none of theirs: what was written is not kept, and that it was is answered."""
_BLOCKED = frozenset({"kicked", "left"})


@dataclass(frozen=True, slots=True)
class SenderIds:
    """What the receiver needs to look the sender up. `language` is what their Telegram is set to, if it says so."""

    user_id: int | None
    chat_id: int | None
    invite_token: str | None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent it, as our records know them.

    `claims_invite`: this chat pressed Start on an invite that is still open. `invite_token_hash`: SHA-256 of this
    update's invite token, where an open invite has that hash.
    """

    person_id: UUID | None
    claims_invite: bool
    invite_token_hash: bytes | None
    language: str


@dataclass(frozen=True, slots=True)
class AdmissionContext:
    """`awaits_text`: what the person writes may be an answer: they were asked for words, or may answer for a site.

    `stopwatch` counts seconds for the guard's time limit.
    """

    guard: GuardContext
    awaits_text: bool
    bot_username: str
    stopwatch: Callable[[], float] | None = None


@dataclass(frozen=True, slots=True)
class _Admitted:
    update_id: int
    fingerprint: str = field(repr=False)
    payload: Payload = field(repr=False)

    @property
    def stored(self) -> Payload:
        return self.payload


@dataclass(frozen=True, slots=True)
class Press(_Admitted):
    kind: ClassVar[str] = "press"


@dataclass(frozen=True, slots=True)
class Command(_Admitted):
    """`/start TOKEN` carries the hex of the token's SHA-256 in the token's place; `/patient` a code of the study's form,
    `/site` the number of a site of theirs and `/board` six digits, or the mark that it was none. Others are dropped.
    """

    kind: ClassVar[str] = "command"


@dataclass(frozen=True, slots=True)
class Text(_Admitted):
    kind: ClassVar[str] = "text"


@dataclass(frozen=True, slots=True)
class Membership(_Admitted):
    """The person blocked or unblocked us in their private chat."""

    kind: ClassVar[str] = "membership"


@dataclass(frozen=True, slots=True)
class TombstoneIds:
    """Where something came from; what the server did not say, or not in a usable form, is None."""

    chat_id: int | None = None
    user_id: int | None = None
    message_id: int | None = None
    callback_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Something came, and this is all that is kept of it.

    `kind` and `shape` are closed words (`shape`: JSON types, for an update that could not be read); `refusal` says what
    to answer, if anything; `delete` that the message should be taken out of the chat.
    """

    update_id: int
    fingerprint: str = field(repr=False)
    kind: str
    ids: TombstoneIds = field(default=TombstoneIds(), repr=False)
    refusal: Refused | None = None
    delete: bool = False
    findings: tuple[Finding, ...] = ()
    guard_failure: str | None = None
    shape: tuple[str, ...] = ()
    language: str = "en"

    @property
    def stored(self) -> Payload:
        ids: dict[str, Json] = {
            "chat_id": self.ids.chat_id,
            "user_id": self.ids.user_id,
            "message_id": self.ids.message_id,
            "callback_id": self.ids.callback_id,
        }
        return {
            "ids": {name: value for name, value in ids.items() if value is not None},
            "refusal": None if self.refusal is None else self.refusal.value,
            "delete": self.delete,
            "findings": [finding.value for finding in self.findings],
            "guard_failure": self.guard_failure,
            "shape": list(self.shape),
        }


Admitted: TypeAlias = Press | Command | Text | Membership | Tombstone


def who_sent(raw: object) -> SenderIds:
    """Ids of one raw update, as far as it has any. Never raises."""
    kind = kind_of(raw)
    if kind is None:
        return SenderIds(None, None, None)
    body = object_in(object_in(raw).get(kind))
    user = object_in(body.get("from") or body.get("user"))
    message = object_in(body.get("message")) if kind == "callback_query" else body
    return SenderIds(
        integer_in(user.get("id")),
        integer_in(object_in(message.get("chat")).get("id")),
        invite_token_in(body.get("text")) if kind == "message" else None,
        language_in(user.get("language_code")),
    )


def admit(raw: object, sender: Sender, context: AdmissionContext) -> Admitted:
    """What may be stored of this update, and what to do about the rest. Never raises."""
    kind = kind_of(raw)
    update_id = integer_in(object_in(raw).get("update_id"))
    if kind is None or update_id is None:
        return _unparsable(update_id, raw)
    arrival = _Arrival(raw=raw, kind=kind, update_id=update_id, sender=sender, context=context)
    if kind != UNKNOWN_KIND and not isinstance(arrival.body, dict):
        return _unparsable(update_id, raw)
    match kind:
        case "callback_query":
            return arrival.press()
        case "my_chat_member":
            return arrival.membership()
        case _ if kind in CHAT_KINDS:
            return arrival.message()
        case _:
            return arrival.tombstone(kind)


class _Arrival:
    """One update on its way in; every method says what becomes of it."""

    def __init__(self, *, raw: object, kind: str, update_id: int, sender: Sender, context: AdmissionContext) -> None:
        self.kind, self.update_id, self.sender, self.context = kind, update_id, sender, context
        self.raw = raw
        self.body = object_in(raw).get(kind)
        self.fields = object_in(self.body)
        self.shown = object_in(self.fields.get("message")) if kind == "callback_query" else self.fields
        self.user_id = integer_in(object_in(self.fields.get("from")).get("id"))
        self.chat = object_in(self.shown.get("chat"))
        self.chat_id = integer_in(self.chat.get("id"))
        self.message_id = integer_in(self.shown.get("message_id"))
        self.date = date_in(self.shown.get("date"))
        self.callback_id = printable_in(self.fields.get("id")) if kind == "callback_query" else None

    @property
    def fingerprint(self) -> str:
        """The same for every delivery of the same thing; update ids are drawn anew after a quiet week."""
        if self.callback_id is not None:
            return f"callback:{self.callback_id}"
        if self.kind in CHAT_KINDS and self.chat_id is not None and self.message_id is not None:
            spot = f"message:{self.chat_id}:{self.message_id}"
            return f"{spot}:{integer_in(self.fields.get('edit_date'))}" if self.kind.startswith("edited_") else spot
        return _digest(self.kind, self.update_id)

    @property
    def is_own_chat(self) -> bool:
        """The private chat of whoever sent it: there the chat has the person's id."""
        return self.chat.get("type") == "private" and self.chat_id is not None and self.chat_id == self.user_id

    # --- the three kinds that we serve --------------------------------------------------------------------------------

    def press(self) -> Admitted:
        if self.callback_id is None or self.user_id is None:
            return _unparsable(self.update_id, self.raw)
        if not self.is_own_chat or self.message_id is None or self.date is None:
            return self.tombstone("foreign_button")
        if self.sender.person_id is None and not self.sender.claims_invite:
            return self.tombstone("stranger", refusal=Refused.STRANGER)
        data = printable_in(self.fields.get("data"))
        if data is None:
            return self.tombstone("unknown_button")
        return Press(
            self.update_id,
            self.fingerprint,
            {
                "update_id": self.update_id,
                "callback_query": {
                    "id": self.callback_id,
                    "from": _person(self.user_id),
                    "chat_instance": "",
                    "message": self.spot(self.message_id, self.date),
                    "data": data,
                },
            },
        )

    def membership(self) -> Admitted:
        date = date_in(self.fields.get("date"))
        status = object_in(self.fields.get("new_chat_member")).get("status")
        bot_id = integer_in(object_in(object_in(self.fields.get("new_chat_member")).get("user")).get("id"))
        if self.chat.get("type") != "private":
            arrived = isinstance(status, str) and status in {"member", "administrator"}
            return self.tombstone("group_membership", refusal=Refused.GROUP if arrived else None)
        if not self.is_own_chat or date is None or bot_id is None or not isinstance(status, str):
            return _unparsable(self.update_id, self.raw)
        if self.sender.person_id is None:
            return self.tombstone("stranger_membership")
        blocked = status in _BLOCKED
        return Membership(
            self.update_id,
            self.fingerprint,
            {
                "update_id": self.update_id,
                "my_chat_member": {
                    "chat": _chat(self.user_id),
                    "from": _person(self.user_id),
                    "date": date,
                    "old_chat_member": _member(bot_id, blocked=not blocked),
                    "new_chat_member": _member(bot_id, blocked=blocked),
                },
            },
        )

    def message(self) -> Admitted:
        if (
            self.chat_id is None
            or self.message_id is None
            or self.date is None
            or not isinstance(self.chat.get("type"), str)
        ):
            return _unparsable(self.update_id, self.raw)
        content = content_of(self.fields)
        if self.chat["type"] != "private":
            return self.tombstone("group", refusal=None if content.kind == SERVICE else Refused.GROUP)
        if object_in(self.fields.get("from")).get("is_bot") is True:
            return self.tombstone("bot")
        if not self.is_own_chat:
            return self.tombstone("foreign_chat", refusal=Refused.STRANGER)
        token = invite_token_in(self.fields.get("text")) if self.kind == "message" and content.kind == TEXT else None
        if self.sender.person_id is None:
            return self.from_a_stranger(content, token)
        if content.kind != TEXT:
            return self.tombstone(content.kind, refusal=content.refusal, delete=content.delete)
        return self.text(token)

    def from_a_stranger(self, content: Content, token: str | None) -> Admitted:
        if content.kind == SERVICE:
            return self.tombstone("service")
        if token is None:
            return self.tombstone("stranger", refusal=Refused.STRANGER, delete=content.delete)
        expected = self.sender.invite_token_hash
        if expected is None or not compare_digest(sha256(token.encode()).digest(), expected):
            return self.tombstone("dead_invite", refusal=Refused.STRANGER)
        return self.start(token)

    def text(self, token: str | None) -> Admitted:
        """A text of somebody we know."""
        if token is not None:
            return self.start(token)
        text = str(self.fields["text"])
        command = COMMAND.fullmatch(text)
        # A command may name the bot that it is for, which is no user name of a person.
        judged = text if command is None else f"/{command[1]} {self.judged_argument(command[1], command[3] or '')}"
        judgement = judge_or_block(judged, self.context.guard, stopwatch=self.context.stopwatch)
        if judgement.findings or not is_unicode(text):
            findings = judgement.findings or (Finding.GUARD_FAILED,)
            return self.tombstone("blocked_text", delete=True, findings=findings, guard_failure=judgement.failure)
        if self.kind.startswith("edited_"):
            return self.tombstone("edited", refusal=Refused.EDITED)
        if command is not None:
            to_us = command[2] is None or command[2].casefold() == self.context.bot_username.casefold()
            if not to_us:
                return self.tombstone("foreign_command")
            return self.command(command[1], self.argument(command[1], command[3] or ""))
        if not self.context.awaits_text:
            return self.tombstone("unasked_text", refusal=Refused.UNREADABLE_TEXT)
        return Text(self.update_id, self.fingerprint, self.projection(text.translate(_BIDI_CONTROLS)))

    def start(self, token: str) -> Command:
        return self.command("start", sha256(token.encode()).hexdigest())

    def judged_argument(self, command: str, words: str) -> str:
        """What the guard looks at: a number of a browser's is ours, where nothing else stands beside it."""
        return "" if command.casefold() == "board" and NUMBER.fullmatch(words.strip()) else words

    def argument(self, command: str, words: str) -> str:
        """What a command names, where it can only be ours: the rest is free text that nobody asked for."""
        said = words.strip()
        match command.casefold():
            case "patient" if len(said) <= CODE_LONGEST and re.fullmatch(self.context.guard.subject_id, said):
                return said
            case "site" if said:
                return said if said in self.context.guard.allowed else NO_SITE
            case "board" if said:
                return said.replace(" ", "") if NUMBER.fullmatch(said) else NO_NUMBER
            case _:
                return ""

    def command(self, name: str, argument: str = "") -> Command:
        """The command itself, and what it may name."""
        entity: Json = {"type": "bot_command", "offset": 0, "length": len(name) + 1}
        payload = self.projection(f"/{name} {argument}".rstrip(), entities=[entity])
        return Command(self.update_id, self.fingerprint, payload)

    # --- what is stored -----------------------------------------------------------------------------------------------

    def projection(self, text: str, *, entities: list[Json] | None = None) -> Payload:
        message: dict[str, Json] = {
            "message_id": self.message_id,
            "date": self.date,
            "chat": _chat(self.chat_id),
            "from": _person(self.user_id),
            "text": text,
        }
        if entities:
            message["entities"] = entities
        replied = object_in(self.fields.get("reply_to_message"))
        replied_id, replied_date = integer_in(replied.get("message_id")), date_in(replied.get("date"))
        if (
            replied_id is not None
            and replied_date is not None
            and object_in(replied.get("chat")).get("id") == self.chat_id
        ):
            message["reply_to_message"] = self.spot(replied_id, replied_date)
        return {"update_id": self.update_id, "message": message}

    def spot(self, message_id: int, date: int) -> Payload:
        """A message without its words. Date 0 is Telegram's own mark of a message too old to show."""
        return {"message_id": message_id, "date": date, "chat": _chat(self.chat_id)}

    def tombstone(
        self,
        kind: str,
        *,
        refusal: Refused | None = None,
        delete: bool = False,
        findings: tuple[Finding, ...] = (),
        guard_failure: str | None = None,
    ) -> Tombstone:
        return Tombstone(
            self.update_id,
            self.fingerprint,
            kind,
            ids=TombstoneIds(self.chat_id, self.user_id, self.message_id, self.callback_id),
            refusal=refusal,
            delete=delete,
            findings=findings,
            guard_failure=guard_failure,
            language=self.sender.language,
        )


def _unparsable(update_id: int | None, raw: object) -> Tombstone:
    """Only names of JSON types and of known fields: nothing that somebody chose."""
    shape = (
        type(raw).__name__,
        *(f"{kind}:{type(object_in(raw)[kind]).__name__}" for kind in KINDS if kind in object_in(raw)),
    )
    return Tombstone(update_id or 0, _digest("unparsable", update_id), "unparsable", shape=shape)


def _digest(kind: str, update_id: int | None) -> str:
    return sha256(f"{kind}:{update_id}".encode()).hexdigest()


def _chat(chat_id: int | None) -> Payload:
    return {"id": chat_id, "type": "private"}


def _person(user_id: int | None) -> Payload:
    """A user without a name: the library wants the field, nobody reads it."""
    return {"id": user_id, "is_bot": False, "first_name": ""}


def _member(bot_id: int, *, blocked: bool) -> Payload:
    user: Payload = {"id": bot_id, "is_bot": True, "first_name": ""}
    return {"status": "kicked", "user": user, "until_date": 0} if blocked else {"status": "member", "user": user}
