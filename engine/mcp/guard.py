"""Who may speak to the server over HTTP: exactly this host, no web page, whoever has the token, with JSON only."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from engine.errors import GameError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BODY = 2 << 20
METHODS = frozenset({"GET", "POST", "DELETE"})
TYPE = "application/json"


class Guard:
    """An ASGI application in front of another: what is not allowed never reaches that.

    `hosts` are the values of the header Host that are right, each with its port; there are no patterns.
    """

    def __init__(self, app: App, hosts: frozenset[str], token: str) -> None:
        self.app, self.hosts, self.token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # a web socket: there is none, so nobody may open one
            await send({"type": "websocket.close", "code": 1008})
            return
        status, why = self.refusal(scope)
        if status:
            await _answer(send, status, why)
        else:
            await self.app(scope, receive, send)

    def refusal(self, scope: Scope) -> tuple[int, str]:
        """Return the status and reason a request is to be refused with, 0 for none."""
        headers: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.lower(), []).append(value)
        host = headers.get(b"host", [])
        if len(host) != 1 or host[0].decode("latin-1").lower() not in self.hosts:
            return 421, "this is not the host"
        if b"origin" in headers or b"sec-fetch-site" in headers:
            return 403, "web pages may not call"
        given = headers.get(b"authorization", [])
        wanted = f"Bearer {self.token}".encode()
        if len(given) != 1 or not hmac.compare_digest(given[0], wanted):
            return 401, "the token is missing or wrong"
        if scope["path"] != "/mcp" or scope.get("query_string"):
            return 404, "there is only /mcp"
        if scope["method"] not in METHODS:
            return 405, "only GET, POST and DELETE"
        if scope["method"] == "POST":
            kind = headers.get(b"content-type", [b""])
            if len(kind) != 1 or kind[0].decode("latin-1").partition(";")[0].strip().lower() != TYPE:
                return 415, "only application/json"
            length = headers.get(b"content-length", [b"0"])[0]
            if not length.isdigit() or len(length) > 9 or int(length) > MOST_BODY:
                return 413, "the body is too large"
        return 0, ""


async def _answer(send: Send, status: int, why: str) -> None:
    body = why.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def check_host(host: str, public: bool) -> None:
    """Refuse to listen where other machines could call, unless that is asked for by its own name."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise GameError(f"{host!r} is no address", remedy="give 127.0.0.1 or ::1") from error
    if not address.is_loopback and not public:
        raise GameError(
            f"{host} can be reached from other machines",
            why="whoever can call may run code as you",
            remedy="listen on 127.0.0.1, or add --let-others-run-code if that is what you want",
            state="nothing listens",
        )
