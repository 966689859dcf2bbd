"""The Bot API over HTTP: `/bot<token>/<method>`, GET and POST."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, assert_never

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from simulator import methods
from simulator.account import Account
from simulator.bodies import parameters_of, parsed
from simulator.errors import Refused, too_many_requests
from simulator.faults import Fault, FaultKind
from simulator.methods import GetUpdates, Method
from simulator.objects import ApiObject
from simulator.sending import Sending
from simulator.world import World

LONGEST_POLL_S = 50
MAX_UPDATES = 100
TAKEN_OVER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"

Result = ApiObject | Sequence[ApiObject] | list[dict[str, Any]] | bool
BY_LOWER_NAME = {name.lower(): name for name in methods.METHODS}


class Cut(Response):
    """No answer at all: the connection ends here."""

    def __init__(self, cut: Callable[[], None]) -> None:
        super().__init__()
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        self._cut()
        while (await receive())["type"] != "http.disconnect":
            pass


class BotApi:
    def __init__(self, world: World, refresh_demo_time: Callable[[], Awaitable[None]]) -> None:
        self._world = world
        self._refresh_demo_time = refresh_demo_time
        self._sending = Sending(world)
        self._account = Account(world)
        self._poll_turn = 0

    async def __call__(self, request: Request) -> Response:
        """One call, with whatever fault was ordered for it. The token stands in the address: never log it."""
        if not self._world.bot.is_token(request.path_params["token"]):
            return _refusal(Refused(401, "Unauthorized"))
        name = BY_LOWER_NAME.get(request.path_params["method"].lower())
        if name is None:
            return _refusal(Refused(404, "Not Found"))
        fault = self._world.faults.strike(name)
        if fault is None:
            return await self._reply(name, request)
        self._world.journal.add("fault", method=name, kind=fault.kind, accepted=fault.is_accepted())
        return await self._faulty_reply(fault, name, request)

    async def _reply(self, name: str, request: Request) -> Response:
        try:
            call = parsed(methods.METHODS[name], await parameters_of(request))
            self._account.check_session()
            if isinstance(call, GetUpdates):
                result: Result = await self._get_updates(call, request)
            else:
                await self._refresh_demo_time()
                with self._world.database.transaction():
                    result = self._carry_out(call)
        except Refused as refused:
            return _refusal(refused)
        return JSONResponse({"ok": True, "result": _wire(result)})

    async def _faulty_reply(self, fault: Fault, name: str, request: Request) -> Response:
        reply = await self._reply(name, request) if fault.is_accepted() else None
        match fault.kind:
            case FaultKind.TOO_MANY_REQUESTS:
                return _refusal(too_many_requests(fault.retry_after))
            case FaultKind.INTERNAL_ERROR:
                return _refusal(Refused(500, "Internal Server Error"))
            case FaultKind.BAD_GATEWAY:
                return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", 502)
            case FaultKind.HTML:
                return HTMLResponse("<html><body>Sign in to this network</body></html>")
            case FaultKind.TRUNCATED:
                whole = bytes(reply.body) if reply else b'{"ok": true, "result": {'
                return Response(whole[: max(1, len(whole) // 2)], media_type="application/json")
            case FaultKind.CUT_BEFORE | FaultKind.CUT_AFTER:
                return Cut(request.state.cut)
            case FaultKind.DELAY:
                await self._delay(fault.seconds)
                return reply or await self._reply(name, request)
            case _:
                assert_never(fault.kind)

    async def _delay(self, seconds: float) -> None:
        """Wait, but not beyond the end of the server."""
        ends_at = asyncio.get_running_loop().time() + seconds
        while (left_s := ends_at - asyncio.get_running_loop().time()) > 0 and not self._world.changes.closed:
            await self._world.changes.wait(left_s)

    async def _get_updates(self, call: GetUpdates, request: Request) -> list[dict[str, Any]]:
        """Long polling. A newer call ends an older one that still waits, with 409, as Telegram does."""
        world = self._world
        self._poll_turn += 1
        turn = self._poll_turn
        world.changes.ring()
        with world.database.transaction():
            if call.allowed_updates is not None:
                world.updates.allow(call.allowed_updates)
            world.updates.confirm(call.offset)
        limit = call.limit if 1 <= call.limit <= MAX_UPDATES else MAX_UPDATES
        ends_at = asyncio.get_running_loop().time() + min(call.timeout, LONGEST_POLL_S)
        # Whoever polled may be killed meanwhile: then nothing more is handed out to a dead connection.
        gone = asyncio.create_task(_gone(request))
        try:
            while not gone.done():
                if turn != self._poll_turn:
                    raise Refused(409, TAKEN_OVER)
                with world.database.transaction():
                    world.updates.expire()
                    taken = world.updates.take(call.offset, limit)
                left_s = ends_at - asyncio.get_running_loop().time()
                if taken or left_s <= 0 or world.changes.closed:
                    if taken:
                        world.changes.ring()
                    return taken
                changed = asyncio.ensure_future(world.changes.wait(left_s))
                await asyncio.wait({gone, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
            return []
        finally:
            gone.cancel()

    def _carry_out(self, call: Method) -> Result:  # noqa: C901, PLR0912 - one line a method, flat
        sending, account = self._sending, self._account
        match call:
            case methods.GetMe():
                return account.get_me()
            case methods.SendMessage():
                return sending.send_message(call)
            case methods.SendPhoto():
                return sending.send_photo(call)
            case methods.SendDocument():
                return sending.send_document(call)
            case methods.SendChatAction():
                return sending.send_chat_action(call)
            case methods.EditMessageText():
                return sending.edit_message_text(call)
            case methods.EditMessageReplyMarkup():
                return sending.edit_message_reply_markup(call)
            case methods.DeleteMessage():
                return sending.delete_message(call)
            case methods.DeleteMessages():
                return sending.delete_messages(call)
            case methods.AnswerCallbackQuery():
                return sending.answer_callback_query(call)
            case methods.GetChat():
                return sending.get_chat(call)
            case methods.LeaveChat():
                return sending.leave_chat(call)
            case methods.SetWebhook():
                return account.set_webhook(call)
            case methods.DeleteWebhook():
                return account.delete_webhook(call)
            case methods.GetWebhookInfo():
                return account.get_webhook_info()
            case methods.SetMyCommands():
                return account.set_my_commands(call)
            case methods.GetMyCommands():
                return account.get_my_commands(call)
            case methods.DeleteMyCommands():
                return account.delete_my_commands(call)
            case methods.SetMyName():
                return account.set_my_name(call)
            case methods.GetMyName():
                return account.get_my_name(call)
            case methods.SetMyDescription():
                return account.set_my_description(call)
            case methods.GetMyDescription():
                return account.get_my_description(call)
            case methods.SetMyShortDescription():
                return account.set_my_short_description(call)
            case methods.GetMyShortDescription():
                return account.get_my_short_description(call)
            case methods.LogOut():
                return account.log_out()
            case methods.Close():
                return account.close()
            case _:
                raise TypeError(f"no way to carry out {type(call).__name__}")


async def _gone(request: Request) -> None:
    """Returns when the client has hung up; the request's body has been read already."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _refusal(refused: Refused) -> JSONResponse:
    headers = {} if refused.retry_after_s is None else {"Retry-After": str(refused.retry_after_s)}
    return JSONResponse(refused.body(), refused.code, headers)


def _wire(result: Result) -> Any:
    if isinstance(result, bool):
        return result
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json", by_alias=True, exclude_none=True)
    return [item.wire() if isinstance(item, ApiObject) else item for item in result]
