"""The phones' side, as JSON under `/phone/api/`: what the page and the tests use.

Bodies and answers are JSON. 404: nobody or nothing by that id; 409: no phone would let a person do that,
`detail` says why; 422: the request itself is wrong. Chat ids are optional: without one the person's private
chat with the bot is meant. Times are ISO 8601 in UTC.

    GET  bot?language=CODE&person=ID           username, name, description, commands, link, has_demo_clock
    GET  people                                everybody, with unread counts and the last message
    POST people                                {first_name, id?, last_name?, username?, language_code?, time_zone?, place?,
                                               note?}
    GET  people/ID
    GET  people/ID/chats                       the private chat and the groups, with unread counts
    GET  people/ID/messages?chat=&after=&limit=
    POST people/ID/start                       {payload?}                     -> {message_id, update_id}
    POST people/ID/invitation                  {payload}                      a link that waits for START
    POST people/ID/type                        {text, chat?, reply_to?}       -> {message_id, update_id}
    POST people/ID/media                       {kind, chat?, caption?, file_name?}
                                               kind: photo document voice sticker contact location
    POST people/ID/edit                        {message_id, text, chat?}
    POST people/ID/delete                      {message_id, chat?}            a bot is not told
    POST people/ID/press                       {message_id, row, column} or {message_id, data}; chat?
                                                                              -> {callback_query_id, update_id}
    GET  pictures/FILE_ID                      a picture that the bot sent
    GET  presses/CALLBACK_QUERY_ID?timeout=S   waits up to S seconds for the answer
                                                                              -> {answered, text, show_alert, url}
    POST people/ID/forward                     {message_id, to_chat, chat?, with_buttons?}
    POST people/ID/read                        {message_id, chat?}
    POST people/ID/block | unblock | deactivate
    POST people/ID/group                       {title, members, bot_sees_all?}  -> the chat
    POST updates                               {update: {...}} queued as it stands, or
                                               {repeat: UPDATE_ID, under_new_id?}    -> {update_id}
    GET, POST, DELETE faults                   see `simulator.faults.Fault`
    GET, POST limits                           see `simulator.limits.Limits`
    GET, POST clock                            {advance: SECONDS} ages presses and messages -> {now}
    GET  truth?after=N                         {n, journal, updates, presses}
    GET  wait?after=N&timeout=S                returns when the journal is past N, or after S seconds -> {n}
    GET  events?after=N                        server-sent events: one per journal line past N, or from now on
    GET  demo-clock?timeout=S                  the service's demo clock, relayed; waits up to S seconds for a service
                                               that is starting. 404 when there is none, 502 when it does not answer
    POST demo-clock/next|day|week              409 for a board that nobody can sign in to yet
    POST board-link                            {url} that signs in to the demo's board, once
    POST past                                  {chats, messages} that were before these phones; see `simulator.past_api`
    GET, POST progress                         {day} of that past that is being lived, null when it is done

An update_id of null means that the bot does not get to see it (not asked for, or hidden from bots in groups).
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, HTTPException, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from simulator.account import Account
from simulator.control_api import add_controls
from simulator.demo_api import add_demo
from simulator.demo_clock import DemoClock, DemoClockUnavailable
from simulator.errors import ImpossibleAction, Refused
from simulator.past_api import add_past
from simulator.phone import Button, MediaKind, Phone
from simulator.pictures import add_pictures
from simulator.roster import NewPerson, Person
from simulator.world import World

WaitSeconds = Annotated[float, Query(ge=0, le=60)]
KEEP_ALIVE_S = 15.0


class Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Start(Body):
    payload: str = ""


class Typed(Body):
    text: str
    chat: int | None = None
    reply_to: int | None = None


class Media(Body):
    kind: MediaKind
    chat: int | None = None
    caption: str | None = None
    file_name: str | None = None


class Edit(Body):
    message_id: int
    text: str
    chat: int | None = None


class One(Body):
    message_id: int
    chat: int | None = None


class Press(Body):
    message_id: int
    chat: int | None = None
    row: Annotated[int, Field(ge=0)] = 0
    column: Annotated[int, Field(ge=0)] = 0
    data: str | None = None


class Forward(Body):
    message_id: int
    to_chat: int
    chat: int | None = None
    with_buttons: bool = False


class NewGroup(Body):
    title: Annotated[str, Field(min_length=1, max_length=128)]
    members: list[int] = []
    bot_sees_all: bool = False


def phone_api(world: World, demo: DemoClock) -> APIRouter:
    router = APIRouter(prefix="/phone/api")
    _add_people(router, world, demo)
    _add_actions(router, world, demo)
    _add_more_actions(router, world, demo)
    add_controls(router, world)
    add_past(router, world)
    add_pictures(router, world)
    _add_watching(router, world)
    add_demo(router, demo, world.changes)
    return router


def install_refusals(app: FastAPI) -> None:
    """Impossible actions and refused updates become plain answers."""

    @app.exception_handler(ImpossibleAction)
    async def impossible(_request: Request, error: ImpossibleAction) -> JSONResponse:
        status = 404 if str(error).startswith(("nobody here", "there is no")) else 409
        return JSONResponse({"detail": str(error)}, status)

    @app.exception_handler(Refused)
    async def refused(_request: Request, error: Refused) -> JSONResponse:
        return JSONResponse({"detail": error.description}, error.code)

    @app.exception_handler(DemoClockUnavailable)
    async def no_clock(_request: Request, error: DemoClockUnavailable) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, 502)


def _add_people(router: APIRouter, world: World, demo: DemoClock) -> None:
    account = Account(world)

    def shown(person: Person) -> dict[str, Any]:
        messages = world.messages.in_chat(person.id, limit=1)
        last = messages[-1] if messages else None
        return {
            **asdict(person),
            "unread": world.messages.unread(person.id, person.id),
            "last_is_own": last is not None and last.sender_id == person.id,
            "last_text": None if last is None or last.deleted_at is not None else last.text,
            "last_shown_at": None if last is None else last.shown_at,
        }

    @router.get("/bot")
    async def bot(language: str = "en", person: int = 0) -> dict[str, Any]:
        return {
            "id": world.bot.id,
            "username": world.bot.username,
            "has_demo_clock": demo.is_there,
            "name": world.bot_user().first_name,
            "link": f"https://t.me/{world.bot.username}",
            "description": account.description_for(language),
            "commands": [command.wire() for command in account.commands_for(person, language)],
        }

    @router.get("/people")
    async def people() -> list[dict[str, Any]]:
        return [shown(person) for person in world.roster.people()]

    @router.post("/people")
    async def put_person(new: NewPerson) -> dict[str, Any]:
        with world.database.transaction():
            person = world.roster.put(new)
            world.journal.add("person", person_id=person.id, chat_id=person.id)
        return shown(person)

    @router.get("/people/{person_id}")
    async def person(person_id: int) -> dict[str, Any]:
        return shown(world.roster.person(person_id))

    @router.get("/people/{person_id}/chats")
    async def chats(person_id: int) -> list[dict[str, Any]]:
        return Phone(world, person_id).chats()

    @router.get("/people/{person_id}/messages")
    async def messages(
        person_id: int,
        chat: int | None = None,
        after: int = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> list[dict[str, Any]]:
        return Phone(world, person_id).messages(chat, after=after, limit=limit)


def _add_actions(router: APIRouter, world: World, demo: DemoClock) -> None:
    @router.post("/people/{person_id}/start")
    async def start(person_id: int, body: Start) -> dict[str, Any]:
        await demo.refresh()
        with world.database.transaction():
            return asdict(Phone(world, person_id).start(body.payload))

    @router.post("/people/{person_id}/invitation")
    async def invitation(person_id: int, body: Start) -> dict[str, Any]:
        with world.database.transaction():
            Phone(world, person_id).receive_invitation(body.payload)
        return {}

    @router.post("/people/{person_id}/type")
    async def typed(person_id: int, body: Typed) -> dict[str, Any]:
        await demo.refresh()
        with world.database.transaction():
            return asdict(Phone(world, person_id).type(body.text, body.chat, reply_to=body.reply_to))

    @router.post("/people/{person_id}/media")
    async def media(person_id: int, body: Media) -> dict[str, Any]:
        await demo.refresh()
        with world.database.transaction():
            phone = Phone(world, person_id)
            return asdict(phone.send_media(body.kind, body.chat, caption=body.caption, file_name=body.file_name))

    @router.post("/people/{person_id}/edit")
    async def edit(person_id: int, body: Edit) -> dict[str, Any]:
        with world.database.transaction():
            return asdict(Phone(world, person_id).edit(body.message_id, body.text, body.chat))

    @router.post("/people/{person_id}/delete")
    async def delete(person_id: int, body: One) -> dict[str, Any]:
        with world.database.transaction():
            Phone(world, person_id).delete(body.message_id, body.chat)
        return {}

    @router.post("/people/{person_id}/press")
    async def press(person_id: int, body: Press) -> dict[str, Any]:
        with world.database.transaction():
            button = Button(data=body.data, row=body.row, column=body.column)
            return asdict(Phone(world, person_id).press(body.message_id, button, body.chat))


def _add_more_actions(router: APIRouter, world: World, demo: DemoClock) -> None:
    @router.post("/people/{person_id}/forward")
    async def forward(person_id: int, body: Forward) -> dict[str, Any]:
        await demo.refresh()
        with world.database.transaction():
            phone = Phone(world, person_id)
            stored = phone.forward(body.message_id, body.chat, body.to_chat, with_buttons=body.with_buttons)
            return {"message_id": stored.message_id, "chat_id": stored.chat_id, "update_id": stored.update_id}

    @router.post("/people/{person_id}/read")
    async def read(person_id: int, body: One) -> dict[str, Any]:
        with world.database.transaction():
            chat_id = person_id if body.chat is None else body.chat
            before = world.messages.read_up_to(world.roster.person(person_id).id, chat_id)
            if body.message_id > before:
                world.messages.mark_read(person_id, chat_id, body.message_id)
                world.journal.add("read", chat_id=chat_id, message_id=body.message_id, person_id=person_id)
        return {}

    @router.post("/people/{person_id}/block")
    async def block(person_id: int) -> dict[str, Any]:
        with world.database.transaction():
            Phone(world, person_id).block()
        return {}

    @router.post("/people/{person_id}/unblock")
    async def unblock(person_id: int) -> dict[str, Any]:
        with world.database.transaction():
            Phone(world, person_id).unblock()
        return {}

    @router.post("/people/{person_id}/deactivate")
    async def deactivate(person_id: int) -> dict[str, Any]:
        with world.database.transaction():
            Phone(world, person_id).deactivate()
        return {}

    @router.post("/people/{person_id}/group")
    async def group(person_id: int, body: NewGroup) -> dict[str, Any]:
        with world.database.transaction():
            made = Phone(world, person_id).create_group(body.title, body.members, bot_sees_all=body.bot_sees_all)
        return made.chat().wire()


def _add_watching(router: APIRouter, world: World) -> None:
    @router.get("/presses/{callback_query_id}")
    async def press_answer(callback_query_id: str, timeout: WaitSeconds = 0) -> dict[str, Any]:  # noqa: ASYNC109 - a query parameter
        ends_at = asyncio.get_running_loop().time() + timeout
        while True:
            row = world.database.row("SELECT * FROM press WHERE callback_query_id = ?", callback_query_id)
            if row is None:
                raise HTTPException(404, "there was no such press")
            left_s = ends_at - asyncio.get_running_loop().time()
            if row["answered_at"] is not None or left_s <= 0 or world.changes.closed:
                return {
                    "answered": row["answered_at"] is not None,
                    "text": row["text"],
                    "show_alert": bool(row["show_alert"]),
                    "url": row["url"],
                }
            await world.changes.wait(left_s)

    @router.get("/wait")
    async def wait(after: int = 0, timeout: WaitSeconds = 25) -> dict[str, int]:  # noqa: ASYNC109 - a query parameter
        ends_at = asyncio.get_running_loop().time() + timeout
        while True:
            n = world.journal.last()
            left_s = ends_at - asyncio.get_running_loop().time()
            if n > after or left_s <= 0 or world.changes.closed:
                return {"n": n}
            await world.changes.wait(left_s)

    @router.get("/events")
    async def events(request: Request, after: int | None = None) -> StreamingResponse:
        resumed = request.headers.get("last-event-id", "")
        begun = world.journal.last() if after is None else after
        return StreamingResponse(
            _event_lines(world, int(resumed) if resumed.isdigit() else begun),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )


async def _event_lines(world: World, after: int) -> AsyncIterator[str]:
    yield "retry: 1000\n\n"
    while not world.changes.closed:
        lines = world.journal.after(after, limit=500)
        for line in lines:
            after = line["n"]
            yield f"id: {line['n']}\ndata: {json.dumps(line, ensure_ascii=False)}\n\n"
        if not lines:
            await world.changes.wait(KEEP_ALIVE_S)
            yield ":\n\n"
