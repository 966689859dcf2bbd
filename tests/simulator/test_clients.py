"""Two strict client libraries talk to the simulator as they would to Telegram."""

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import telegram
import telegram.error
from telegram.ext import ApplicationBuilder, CommandHandler, ContextTypes

from tests.phones import Phone, Phones
from tests.simulators import RunningSimulator

if TYPE_CHECKING:
    import aiogram

PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x03\x20\x00\x00\x02\x58"
"""The beginning of one, 800 by 600."""


async def test_python_telegram_bot_holds_a_conversation(ptb: telegram.Bot, phones: Phones) -> None:
    amina = phones.person("Amina", language="ja")
    amina.start("one-time-token")
    (started,) = await ptb.get_updates()
    assert started.message is not None
    assert started.message.text == "/start one-time-token"

    button = telegram.InlineKeyboardButton("はい", callback_data="yes")
    card = await ptb.send_message(
        amina.person_id,
        "よろしいですか？",
        entities=[telegram.MessageEntity("bold", 0, 2)],
        reply_markup=telegram.InlineKeyboardMarkup([[button]]),
        reply_parameters=telegram.ReplyParameters(started.message.message_id),
        protect_content=True,
    )
    amina.press("はい")
    (pressed,) = await ptb.get_updates(offset=started.update_id + 1)
    assert pressed.callback_query is not None
    assert pressed.callback_query.data == "yes"
    assert await pressed.callback_query.answer("記録しました")
    await card.edit_text("✅ 記録しました")
    amina.edit(amina.messages()[0], "/start again")
    amina.block()
    edited, blocked = await ptb.get_updates(offset=pressed.update_id + 1)

    assert (await amina.expects_toast()).text == "記録しました"
    assert (amina.latest().text, amina.latest().labels) == ("✅ 記録しました", [])
    assert edited.edited_message is not None
    assert blocked.my_chat_member is not None
    assert blocked.my_chat_member.new_chat_member.status == "kicked"


async def test_python_telegram_bot_sees_the_errors_it_knows(
    ptb: telegram.Bot, phones: Phones, amina: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # else the library warns about its own next version
    sent = await ptb.send_message(amina.person_id, "a")
    with pytest.raises(telegram.error.BadRequest, match="Message is not modified"):
        await sent.edit_text("a")
    phones.fault("429", "sendMessage", retry_after=7)
    with pytest.raises(telegram.error.RetryAfter) as flood:
        await ptb.send_message(amina.person_id, "b")
    amina.block()
    with pytest.raises(telegram.error.Forbidden, match="bot was blocked by the user"):
        await ptb.send_message(amina.person_id, "c")

    assert flood.value.retry_after == timedelta(seconds=7)


async def test_python_telegram_bot_sends_files_and_manages_its_account(ptb: telegram.Bot, amina: Phone) -> None:
    document = await ptb.send_document(amina.person_id, b"%PDF\r\n\xff\x00", filename="guide.pdf", caption="読む")
    picture = await ptb.send_photo(amina.person_id, PICTURE)
    await ptb.set_my_commands([telegram.BotCommand("today", "What is due")], language_code="en")
    await ptb.set_my_name("Bell")
    await ptb.set_my_description("Rings")
    await ptb.send_chat_action(amina.person_id, "typing")

    assert document.document is not None
    assert (document.document.file_name, document.document.file_size) == ("guide.pdf", 8)
    assert (picture.photo[0].file_size, picture.photo[0].width, picture.photo[0].height) == (len(PICTURE), 800, 600)
    assert [command.command for command in await ptb.get_my_commands(language_code="en")] == ["today"]
    assert (await ptb.get_my_name()).name == "Bell"
    assert (await ptb.get_my_description()).description == "Rings"
    assert (await ptb.get_chat(amina.person_id)).first_name == "Amina"
    assert (await ptb.get_webhook_info()).pending_update_count == 1


async def test_a_command_handler_of_python_telegram_bot_recognises_what_people_type(
    simulator: RunningSimulator, phones: Phones
) -> None:
    heard: list[list[str]] = []

    async def on_start(_update: telegram.Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        heard.append(context.args or [])

    application = ApplicationBuilder().token(simulator.token).base_url(simulator.bot_url).updater(None).build()
    application.add_handler(CommandHandler("start", on_start))
    phones.person("Amina").start("token-1")
    async with application:
        for update in await application.bot.get_updates():
            await application.process_update(update)

    assert heard == [["token-1"]]


async def test_aiogram_holds_a_conversation(aiogram_bot: "aiogram.Bot", phones: Phones) -> None:
    from aiogram.types import (  # noqa: PLC0415 - the fixture says why
        BufferedInputFile,
        InlineKeyboardButton,
        InlineKeyboardMarkup,
    )

    amina = phones.person("Amina")
    amina.start("token")
    me = await aiogram_bot.get_me()
    (started,) = await aiogram_bot.get_updates()
    button = InlineKeyboardButton(text="Yes", callback_data="yes")
    card = await aiogram_bot.send_message(
        amina.person_id,
        "Is it booked?",
        reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]),
    )
    amina.press("Yes")
    for kind in ("photo", "document", "voice", "sticker", "contact", "location"):
        amina.send_media(kind)
    amina.create_group("Everybody")
    amina.forward(card.message_id, amina)
    later = await aiogram_bot.get_updates(offset=started.update_id + 1)

    assert me.username == phones.call("GET", "/bot")["username"]
    assert later[0].callback_query is not None
    await aiogram_bot.answer_callback_query(later[0].callback_query.id, text="Noted")
    await aiogram_bot.edit_message_text("Booked", chat_id=amina.person_id, message_id=card.message_id)
    sent = await aiogram_bot.send_document(amina.person_id, BufferedInputFile(b"abc", "a.txt"))
    full = await aiogram_bot.get_chat(amina.person_id)
    assert await aiogram_bot.delete_message(amina.person_id, sent.message_id)

    assert len(later) == 9
    assert amina.toast().text == "Noted"
    assert amina.latest().text == "Booked"
    assert sent.document is not None
    assert sent.document.file_size == 3
    assert full.first_name == "Amina"
