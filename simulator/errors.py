"""What the Bot API refuses, in Telegram's own words where Telegram has words for it."""


class Refused(Exception):
    """A call that the Bot API does not carry out."""

    def __init__(self, code: int, description: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after_s = retry_after_s

    def body(self) -> dict[str, object]:
        """The reply as the Bot API writes it."""
        reply: dict[str, object] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after_s is not None:
            reply["parameters"] = {"retry_after": self.retry_after_s}
        return reply


def bad_request(reason: str) -> Refused:
    return Refused(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> Refused:
    return Refused(403, f"Forbidden: {reason}")


def too_many_requests(retry_after_s: int) -> Refused:
    return Refused(429, f"Too Many Requests: retry after {retry_after_s}", retry_after_s=retry_after_s)


class ImpossibleAction(Exception):
    """Something that a person with a phone could not do; the text says why."""
