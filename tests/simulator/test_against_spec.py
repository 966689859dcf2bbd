"""Our methods, parameters and objects against the Bot API's specification."""

import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from simulator import objects
from simulator.methods import METHODS, InputFile, Method
from simulator.objects import ApiObject, BotCommandScope
from simulator.updates import UPDATE_KINDS
from tests.phones import Phone, Phones
from tests.simulator.conftest import RawApi
from tests.simulator.specification import ARRAY, Specification, excerpt, whole

PLAIN_KINDS = {int: "Integer", str: "String", bool: "Boolean", float: "Float"}
OBJECTS = {
    name: model
    for name, model in vars(objects).items()
    if isinstance(model, type) and issubclass(model, ApiObject) and model not in {ApiObject, InputFile, BotCommandScope}
}


@pytest.fixture(params=["excerpt", "whole"], scope="module")
def specification(request: pytest.FixtureRequest) -> Specification:
    if request.param == "excerpt":
        return excerpt()
    return whole(request.getfixturevalue("shared_folder"))


def kinds(annotation: Any) -> Iterator[str]:
    """What the specification calls a type of ours."""
    origin = get_origin(annotation)
    if annotation in {None, types.NoneType}:
        return
    if annotation in PLAIN_KINDS:
        yield PLAIN_KINDS[annotation]
    elif origin is Annotated:
        yield from kinds(get_args(annotation)[0])
    elif origin is Literal:
        yield from {PLAIN_KINDS[type(value)] for value in get_args(annotation)}
    elif origin is list:
        yield from (ARRAY + kind for kind in kinds(get_args(annotation)[0]))
    elif origin in {Union, types.UnionType}:
        for member in get_args(annotation):
            yield from kinds(member)
    else:
        assert issubclass(annotation, BaseModel), annotation
        yield annotation.__name__


def fields_of(model: type[BaseModel]) -> dict[str, tuple[frozenset[str], bool]]:
    """By name on the wire: the kinds, and whether it is required."""
    return {
        field.alias or name: (frozenset(kinds(field.annotation)), field.is_required())
        for name, field in model.model_fields.items()
    }


@pytest.mark.parametrize(("name", "model"), METHODS.items())
def test_every_method_takes_what_the_bot_api_takes(
    specification: Specification, name: str, model: type[Method]
) -> None:
    specified = specification.methods[name]
    ours = fields_of(model)

    assert set(ours) <= set(specified)
    for parameter, (our_kinds, _) in ours.items():
        assert our_kinds <= specification.widened(specified[parameter].kinds), parameter


@pytest.mark.parametrize(("name", "model"), METHODS.items())
def test_every_required_parameter_is_required_here(
    specification: Specification, name: str, model: type[Method]
) -> None:
    ours = fields_of(model)

    assert {parameter for parameter, named in specification.methods[name].items() if named.is_required} <= {
        parameter for parameter, (_, is_required) in ours.items() if is_required
    }


@pytest.mark.parametrize(("name", "model"), OBJECTS.items())
def test_every_object_has_fields_of_the_bot_api(
    specification: Specification, name: str, model: type[ApiObject]
) -> None:
    specified = specification.objects[name]
    ours = fields_of(model)

    assert set(ours) <= set(specified)
    assert {field for field, named in specified.items() if named.is_required} <= set(ours)
    for field, (our_kinds, _) in ours.items():
        assert our_kinds <= specification.widened(specified[field].kinds), field


def test_every_kind_of_update_is_known(specification: Specification) -> None:
    assert set(specification.objects["Update"]) - {"update_id"} == set(UPDATE_KINDS)


def test_about_twenty_methods_and_more_are_carried_out() -> None:
    assert len(METHODS) == 27


def test_the_excerpt_says_what_the_whole_says(shared_folder: Path) -> None:
    small, large = excerpt(), whole(shared_folder)

    for name, parameters in small.methods.items():
        assert parameters.items() <= large.methods[name].items()
        assert small.returns[name] == large.returns[name]
    for name, fields in small.objects.items():
        assert fields.items() <= large.objects[name].items()
    for name, subtypes in small.subtypes.items():
        assert set(subtypes) <= set(large.subtypes[name])


def test_every_reply_and_every_update_is_as_specified(
    specification: Specification, raw: RawApi, phones: Phones, amina: Phone
) -> None:
    keyboard = {
        "inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}, {"text": "Site", "url": "https://a.example"}]]
    }
    chat = amina.person_id

    def called(method: str, **parameters: object) -> Any:
        result = raw.result(method, **parameters)
        assert specification.reply_problems(method, result) == []
        return result

    called("getMe")
    sent = called(
        "sendMessage",
        chat_id=chat,
        text="A bold word",
        reply_markup=keyboard,
        entities=[{"type": "bold", "offset": 2, "length": 4}],
        link_preview_options={"is_disabled": True},
    )
    amina.press("Yes")
    amina.type("answer", reply_to=sent["message_id"])
    for kind in ("photo", "document", "voice", "sticker", "contact", "location"):
        amina.send_media(kind)
    edited = amina.messages()[-1].message_id
    amina.edit(amina.messages()[2].message_id, "another answer")
    amina.create_group("Everybody")
    amina.block()
    amina.unblock()
    amina.press(message=999_999, data="long gone")
    amina.forward(sent["message_id"], amina)
    called("editMessageText", chat_id=chat, message_id=sent["message_id"], text="Other", reply_markup=keyboard)
    called("editMessageReplyMarkup", chat_id=chat, message_id=sent["message_id"])
    called("deleteMessage", chat_id=chat, message_id=edited)
    called("deleteMessages", chat_id=chat, message_ids=[edited, sent["message_id"]])
    called("getChat", chat_id=chat)
    called("sendChatAction", chat_id=chat, action="typing")
    called("setMyCommands", commands=[{"command": "help", "description": "Help"}])
    called("getMyCommands")
    called("deleteMyCommands")
    called("setMyName", name="Bell")
    called("getMyName")
    called("setMyDescription", description="Rings")
    called("getMyDescription")
    called("setMyShortDescription", short_description="Rings")
    called("getMyShortDescription")
    called("setWebhook", url="")
    called("deleteWebhook")
    called("getWebhookInfo")
    updates = called("getUpdates")

    assert len(updates) == len(phones.updates()) > 10
