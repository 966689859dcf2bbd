"""The bot's account: its name and descriptions, its commands, its webhook, its session."""

import json

from simulator.checks import check_commands
from simulator.errors import Refused, bad_request, too_many_requests
from simulator.methods import (
    DeleteMyCommands,
    DeleteWebhook,
    GetMyCommands,
    GetMyDescription,
    GetMyName,
    GetMyShortDescription,
    SetMyCommands,
    SetMyDescription,
    SetMyName,
    SetMyShortDescription,
    SetWebhook,
)
from simulator.objects import (
    BotCommand,
    BotCommandScope,
    BotDescription,
    BotName,
    BotShortDescription,
    User,
    WebhookInfo,
)
from simulator.world import World

QUIET_AFTER_S = 600


class Account:
    def __init__(self, world: World) -> None:
        self._world = world

    def get_me(self) -> User:
        return self._world.bot_user().model_copy(
            update={
                "can_join_groups": True,
                "can_read_all_group_messages": False,
                "supports_inline_queries": False,
                "can_connect_to_business": False,
                "has_main_web_app": False,
            }
        )

    # Session

    def check_session(self) -> None:
        """Raises Refused for ten minutes after logOut, as Telegram's cloud does."""
        logged_out_at = self._world.database.setting("logged out at")
        if logged_out_at is not None and self._world.clock.now() < float(logged_out_at) + QUIET_AFTER_S:
            raise bad_request("Logged out")

    def log_out(self) -> bool:
        self._world.database.set_setting("logged out at", str(self._world.clock.now()))
        self._world.journal.add("logOut")
        return True

    def close(self) -> bool:
        """Refused with 429 in the first ten minutes, as documented."""
        missing_s = self._world.started_at + QUIET_AFTER_S - self._world.clock.now()
        if missing_s > 0:
            raise too_many_requests(int(missing_s) + 1)
        self._world.journal.add("close")
        return True

    # Webhook

    def set_webhook(self, call: SetWebhook) -> bool:
        if call.url:
            raise Refused(400, "Bad Request: bad webhook: this server delivers no webhooks, use getUpdates")
        if call.allowed_updates is not None:
            self._world.updates.allow(call.allowed_updates)
        return self.delete_webhook(DeleteWebhook(drop_pending_updates=call.drop_pending_updates))

    def delete_webhook(self, call: DeleteWebhook) -> bool:
        if call.drop_pending_updates:
            self._world.updates.forget_all()
        return True

    def get_webhook_info(self) -> WebhookInfo:
        self._world.updates.expire()
        return WebhookInfo(
            url="",
            has_custom_certificate=False,
            pending_update_count=self._world.updates.pending(),
            allowed_updates=sorted(self._world.updates.allowed()),
        )

    # Name, descriptions, commands: each by language, falling back to the one without a language

    def _put(self, what: str, language_code: str, value: str) -> bool:
        self._world.database.set_setting(f"{what}:{language_code}", value)
        self._world.journal.add("account changed", field=what, language_code=language_code)
        return True

    def _get(self, what: str, language_code: str) -> str:
        database = self._world.database
        return database.setting(f"{what}:{language_code}") or database.setting(f"{what}:") or ""

    def set_my_name(self, call: SetMyName) -> bool:
        return self._put("name", call.language_code, call.name)

    def get_my_name(self, call: GetMyName) -> BotName:
        return BotName(name=self._get("name", call.language_code) or self._world.bot.first_name)

    def set_my_description(self, call: SetMyDescription) -> bool:
        return self._put("description", call.language_code, call.description)

    def get_my_description(self, call: GetMyDescription) -> BotDescription:
        return BotDescription(description=self._get("description", call.language_code))

    def set_my_short_description(self, call: SetMyShortDescription) -> bool:
        return self._put("short description", call.language_code, call.short_description)

    def get_my_short_description(self, call: GetMyShortDescription) -> BotShortDescription:
        return BotShortDescription(short_description=self._get("short description", call.language_code))

    def set_my_commands(self, call: SetMyCommands) -> bool:
        check_commands(call.commands)
        commands = json.dumps([command.wire() for command in call.commands], ensure_ascii=False)
        return self._put(f"commands {_scope(call.scope)}", call.language_code, commands)

    def get_my_commands(self, call: GetMyCommands) -> list[BotCommand]:
        """Exactly what was set for this scope and language; the fallback between them is the phone's."""
        kept = self._world.database.setting(f"commands {_scope(call.scope)}:{call.language_code}") or "[]"
        return [BotCommand.model_validate(command) for command in json.loads(kept)]

    def delete_my_commands(self, call: DeleteMyCommands) -> bool:
        return self._put(f"commands {_scope(call.scope)}", call.language_code, "[]")

    def commands_for(self, person_id: int, language_code: str) -> list[BotCommand]:
        """What a phone offers in a private chat: the narrowest scope first, the person's language before none."""
        scopes = (
            BotCommandScope(type="chat", chat_id=person_id),
            BotCommandScope(type="all_private_chats"),
            BotCommandScope(),
        )
        for scope in scopes:
            for language in (language_code.partition("-")[0], ""):
                if found := self.get_my_commands(GetMyCommands(scope=scope, language_code=language)):
                    return found
        return []

    def description_for(self, language_code: str) -> str:
        return self._get("description", language_code.partition("-")[0])


def _scope(scope: BotCommandScope) -> str:
    """Raises Refused when the scope does not carry the ids that its type needs."""
    needs_chat = scope.type in {"chat", "chat_administrators", "chat_member"}
    needs_user = scope.type == "chat_member"
    if needs_chat != (scope.chat_id is not None) or needs_user != (scope.user_id is not None):
        raise bad_request("can't parse BotCommandScope: wrong ids for its type")
    return json.dumps(scope.wire(), sort_keys=True)
