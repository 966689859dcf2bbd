"""People and groups: who has a phone here, and which chats they share with the bot."""

import sqlite3
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from simulator.database import Database
from simulator.errors import ImpossibleAction
from simulator.objects import Chat, User

# Real ids outgrew 32 bits years ago; beginning above them shows a column that is too narrow.
FIRST_PERSON_ID = 7_000_000_001
FIRST_GROUP_ID = -4_000_000_001


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone of the IANA database") from None
    return name


class NewPerson(BaseModel):
    """Somebody with a phone. With an id that exists already, that person is changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[int, Field(gt=0, lt=2**52)] | None = None
    first_name: Annotated[str, Field(min_length=1, max_length=64)]
    last_name: Annotated[str, Field(max_length=64)] | None = None
    username: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{3,31}$")] | None = None
    language_code: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    place: Annotated[str, Field(max_length=80)] = ""
    note: Annotated[str, Field(max_length=80)] = ""


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    first_name: str
    last_name: str | None
    username: str | None
    language_code: str
    time_zone: str
    place: str  # where they work, as a heading: people of one place stand together
    note: str  # what they do there
    invitation: str | None  # payload of a link that reached them by other ways and was not opened yet
    started: bool
    blocked: bool
    deactivated: bool

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> "Person":
        return cls(
            id=row["id"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            username=row["username"],
            language_code=row["language_code"],
            time_zone=row["time_zone"],
            place=row["place"],
            note=row["note"],
            invitation=row["invitation"],
            started=bool(row["started"]),
            blocked=bool(row["blocked"]),
            deactivated=bool(row["deactivated"]),
        )

    def user(self) -> User:
        return User(
            id=self.id,
            is_bot=False,
            first_name=self.first_name,
            last_name=self.last_name,
            username=self.username,
            language_code=self.language_code,
        )

    def chat(self) -> Chat:
        return Chat(
            id=self.id,
            type="private",
            first_name=self.first_name,
            last_name=self.last_name,
            username=self.username,
        )


@dataclass(frozen=True, slots=True)
class Group:
    id: int
    title: str
    bot_is_member: bool
    bot_sees_all: bool
    members: frozenset[int]

    def chat(self) -> Chat:
        return Chat(id=self.id, type="group", title=self.title)


class Roster:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, new: NewPerson) -> Person:
        person_id = new.id or self._free_person_id()
        self._database.write(
            "INSERT INTO person (id, first_name, last_name, username, language_code, time_zone, place, note) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET first_name = excluded.first_name, "
            "last_name = excluded.last_name, username = excluded.username, language_code = excluded.language_code, "
            "time_zone = excluded.time_zone, place = excluded.place, note = excluded.note",
            person_id,
            new.first_name,
            new.last_name,
            new.username,
            new.language_code,
            new.time_zone,
            new.place,
            new.note,
        )
        return self.person(person_id)

    def _free_person_id(self) -> int:
        found = self._database.row("SELECT max(id) AS id FROM person")
        return max(FIRST_PERSON_ID, (found["id"] or 0) + 1 if found else 0)

    def people(self) -> list[Person]:
        return [Person.from_row(row) for row in self._database.rows("SELECT * FROM person ORDER BY rowid")]

    def find_person(self, person_id: int) -> Person | None:
        row = self._database.row("SELECT * FROM person WHERE id = ?", person_id)
        return None if row is None else Person.from_row(row)

    def person(self, person_id: int) -> Person:
        """Raises ImpossibleAction when nobody has this id."""
        found = self.find_person(person_id)
        if found is None:
            raise ImpossibleAction(f"nobody here has the id {person_id}")
        return found

    def mark_started(self, person_id: int) -> None:
        self._database.write("UPDATE person SET started = 1, invitation = NULL WHERE id = ?", person_id)

    def invite(self, person_id: int, payload: str) -> None:
        """A link with this payload lies before the person, as from a letter or an e-mail; START opens it."""
        self._database.write("UPDATE person SET invitation = ? WHERE id = ?", payload, person_id)

    def set_blocked(self, person_id: int, *, blocked: bool) -> None:
        self._database.write("UPDATE person SET blocked = ? WHERE id = ?", int(blocked), person_id)

    def deactivate(self, person_id: int) -> None:
        self._database.write("UPDATE person SET deactivated = 1 WHERE id = ?", person_id)

    def add_group(self, title: str, members: list[int], *, bot_sees_all: bool) -> Group:
        found = self._database.row("SELECT min(id) AS id FROM chat_group")
        group_id = min(FIRST_GROUP_ID, (found["id"] or 0) - 1 if found else 0)
        self._database.write("INSERT INTO chat_group VALUES (?, ?, 1, ?)", group_id, title, int(bot_sees_all))
        for member in dict.fromkeys(members):
            self._database.write("INSERT INTO group_member VALUES (?, ?)", group_id, self.person(member).id)
        return self.group(group_id)

    def find_group(self, group_id: int) -> Group | None:
        row = self._database.row("SELECT * FROM chat_group WHERE id = ?", group_id)
        if row is None:
            return None
        members = self._database.rows("SELECT person_id FROM group_member WHERE group_id = ?", group_id)
        return Group(
            id=row["id"],
            title=row["title"],
            bot_is_member=bool(row["bot_is_member"]),
            bot_sees_all=bool(row["bot_sees_all"]),
            members=frozenset(int(member["person_id"]) for member in members),
        )

    def group(self, group_id: int) -> Group:
        """Raises ImpossibleAction when there is no such group."""
        found = self.find_group(group_id)
        if found is None:
            raise ImpossibleAction(f"there is no group {group_id}")
        return found

    def groups_of(self, person_id: int) -> list[Group]:
        rows = self._database.rows("SELECT group_id FROM group_member WHERE person_id = ? ORDER BY 1 DESC", person_id)
        return [self.group(row["group_id"]) for row in rows]

    def bot_leaves(self, group_id: int) -> None:
        self._database.write("UPDATE chat_group SET bot_is_member = 0 WHERE id = ?", group_id)
