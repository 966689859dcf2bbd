"""Messages as plain data, for the sealed outbox. Cards are composed when they are sent and never stored."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, TypeAdapter

from trial.messages import Message

_ADAPTER: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="kind")])


def message_to_data(message: Message) -> dict[str, object]:
    """A message as JSON-ready data; `message_from_data` gives it back."""
    # The library would warn of every label that is no dict itself; what a message holds is checked by its types.
    data = _ADAPTER.dump_python(message, mode="json", fallback=_plain, warnings=False)
    if not isinstance(data, dict):
        raise TypeError("a message is a mapping of its fields")
    return data


def _plain(value: object) -> dict[object, object]:
    """Labels of a repeated visit are a read-only view."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError("a message has a value that is no plain data")


def message_from_data(data: object) -> Message:
    """The message that was stored.

    Raises:
        pydantic.ValidationError: the data is no message of this version.
    """
    return _ADAPTER.validate_python(data)
