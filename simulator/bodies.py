"""A call's parameters, however they came: in the address, as JSON, as a form, as multipart."""

import json
from email import message_from_bytes
from email.policy import HTTP
from typing import Any, Literal, TypeVar, get_args, get_origin
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.requests import Request

from simulator.errors import Refused, bad_request
from simulator.methods import InputFile, Method

MAX_BODY_BYTES = 60_000_000
ATTACHED = "attach://"
M = TypeVar("M", bound=Method)


async def parameters_of(request: Request) -> dict[str, object]:
    """Everything named in the call; strings where the form of the body knows nothing else.

    Raises:
        Refused: 400 when the body cannot be read, 413 when it is larger than Telegram takes.
    """
    parameters: dict[str, object] = dict(request.query_params)
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise Refused(413, "Request Entity Too Large")
    if not body:
        return parameters
    content_type = request.headers.get("content-type", "")
    match content_type.partition(";")[0].strip().lower():
        case "application/json":
            parameters |= _from_json(body)
        case "multipart/form-data":
            parameters |= _from_multipart(content_type, body)
        case "application/x-www-form-urlencoded" | "":
            parameters |= _from_form(body)
        case _:
            raise bad_request("unsupported content type of the request")
    return parameters


def _from_json(body: bytes) -> dict[str, object]:
    try:
        parameters = json.loads(body)
    except ValueError:
        raise bad_request("can't parse the request's JSON object") from None
    if not isinstance(parameters, dict):
        raise bad_request("the request's JSON must be an object")
    return {name: value for name, value in parameters.items() if value is not None}


def _from_form(body: bytes) -> dict[str, object]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


def _from_multipart(content_type: str, body: bytes) -> dict[str, object]:
    message = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body, policy=HTTP)
    parameters: dict[str, object] = {}
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise bad_request("can't parse the request's multipart body")
        if (file_name := part.get_filename()) is not None:
            parameters[name] = InputFile(name=file_name, content=content)
            continue
        try:
            parameters[name] = content.decode()
        except UnicodeDecodeError:
            raise bad_request("strings must be encoded in UTF-8") from None
    return parameters


def parsed(model: type[M], parameters: dict[str, object]) -> M:
    """The call as its model.

    Raises:
        Refused: 400, naming the parameter, for one that is unknown, missing or of the wrong kind.
    """
    values = _with_attached_files(parameters)
    for name, value in values.items():
        field = model.model_fields.get(name)
        if field is not None and isinstance(value, str) and not _takes_text(field.annotation):
            values[name] = _decoded(value)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise bad_request("; ".join(_reason(problem) for problem in error.errors()[:3])) from None


def _with_attached_files(parameters: dict[str, object]) -> dict[str, object]:
    """Replace each `attach://name` by the file that was sent under that name."""
    values = dict(parameters)
    for name, value in parameters.items():
        if isinstance(value, str) and value.startswith(ATTACHED):
            attached = values.pop(value.removeprefix(ATTACHED), None)
            if not isinstance(attached, InputFile):
                raise bad_request(f'there is no file for parameter "{name}" in the request')
            values[name] = attached
    return values


def _takes_text(annotation: object) -> bool:
    """Whether a string is meant as it stands, and not as JSON."""
    kinds = set(get_args(annotation)) or {annotation}
    if get_origin(annotation) is Literal:
        return True
    return str in kinds and int not in kinds


def _decoded(value: str) -> object:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _reason(problem: Any) -> str:
    place = ".".join(str(step) for step in problem["loc"])
    match problem["type"]:
        case "missing":
            return f'parameter "{place}" is required'
        case "extra_forbidden":
            return f'unknown parameter "{place}" (Telegram ignores it, this server does not)'
        case _:
            return f'parameter "{place}": {problem["msg"]}'
