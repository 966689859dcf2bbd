"""Messages as plain data, for the sealed outbox. Cards are composed when they are sent and never stored."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from trial.messages import Message

_ADAPTER: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def message_to_data(message: Message) -> dict[str, object]:
    """A message as JSON-ready data; `message_from_data` gives it back."""
    data = _ADAPTER.dump_python(message, mode="json")
    if not isinstance(data, dict):
        raise TypeError("a message is a mapping of its fields")
    return data


def message_from_data(data: object) -> Message:
    """The message that was stored.

    Raises:
        pydantic.ValidationError: the data is no message of this version.
    """
    return _ADAPTER.validate_python(data)
