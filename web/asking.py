"""What a request says of whoever sent it, before anybody is known: from which page, from where, in which language."""

from urllib.parse import urlsplit

from starlette.requests import Request

from locales import languages


def accepted_language(request: Request) -> str:
    """The first language that the browser names and we speak: for pages that know nobody."""
    known = languages()
    for part in request.headers.get("accept-language", "").split(","):
        base = part.partition(";")[0].strip().partition("-")[0].casefold()
        if base in known:
            return base
    return "en"


def from_our_page(request: Request) -> bool:
    """Whether the browser says that one of our own pages sent this.

    Since our pages send no referrer, browsers give the origin as `null`; then the newer header says where it came from.
    One that knows neither is held by the cookie and the form's token.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin in {None, "null"} or urlsplit(origin or "").netloc == request.headers.get("host")


def host_of(request: Request) -> str:
    """The address that the request came from."""
    return "" if request.client is None else request.client.host


def host_behind_proxy(request: Request) -> str:
    """The address that our own proxy saw: the last one that was forwarded. What stands before it anybody may have written."""
    forwarded = request.headers.getlist("x-forwarded-for")
    last = forwarded[-1].rpartition(",")[2].strip() if forwarded else ""
    return last or host_of(request)
