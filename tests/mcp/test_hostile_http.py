"""HTTP requests that mean harm: none is accepted, none is left unhandled, whoever sends it."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from agents import Agent, copy_of, http_server, over_http, run, speaking_http
from test_whole_task import calm

from engine.errors import GameError
from engine.mcp.guard import MOST_BODY, check_host

FUZZED, SAMPLE = 10_000, 250
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}},
}

STATUS = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "status", "arguments": {}}}


class Server:
    """A running server, and raw requests to it."""

    def __init__(self, url: str, token: str) -> None:
        self.port, self.token = int(url.split(":")[2].partition("/")[0]), token
        self.host = f"127.0.0.1:{self.port}"

    def raw(self, data: bytes, *, whole: bool = False) -> tuple[int, bytes]:
        """Send bytes, and return status and body of the answer; 0 where the server hangs up.

        Without a `whole` request nothing more is said after it, so that the server need not wait.
        """
        parts = bytearray()
        with socket.create_connection(("127.0.0.1", self.port), 20) as link, contextlib.suppress(OSError):
            link.sendall(data)
            if not whole:
                link.shutdown(socket.SHUT_WR)
            while part := link.recv(1 << 16):
                parts += part
        head, _, body = bytes(parts).partition(b"\r\n\r\n")
        return (int(head.split(b" ")[1]) if head.startswith(b"HTTP/1.") else 0), body

    def ask(
        self, *, method: str = "POST", path: str = "/mcp", body: bytes | None = None, **headers: Any
    ) -> tuple[int, bytes]:
        """Send a request whose headers are right but for those given; None leaves one out, a list repeats it."""
        data = json.dumps(HELLO).encode() if body is None else body
        right: dict[str, Any] = {
            "Host": self.host,
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "Content-Length": str(len(data)),
            "Connection": "close",
        }
        right.update({name.replace("_", "-"): value for name, value in headers.items()})
        lines = [f"{method} {path} HTTP/1.1".encode("utf-8", "surrogateescape")]
        for name, value in right.items():
            values = value if isinstance(value, list) else [] if value is None else [value]
            lines += [name.encode() + b": " + (v if isinstance(v, bytes) else str(v).encode("utf-8")) for v in values]
        return self.raw(b"\r\n".join(lines) + b"\r\n\r\n" + data, whole=True)


def accepted(answer: tuple[int, bytes]) -> bool:
    """Tell whether a request was carried out; with 202 the server says that it was not even asked for anything."""
    status, body = answer
    return status != 202 and 200 <= status < 400 and b'"error"' not in body and b'"isError":true' not in body


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose standard error stays free of tracebacks."""
    game = copy_of("asteroids", tmp_path_factory.mktemp("http"))
    with http_server(game) as (url, token, process):
        yield Server(url, token)
        assert process.poll() is None
        process.terminate()
        assert process.stderr is not None
        said = process.stderr.read()
        assert "Traceback" not in said, said


def cases(server: Server) -> dict[str, dict[str, Any]]:
    """Return hostile requests by name."""
    port, token = server.port, server.token
    found: dict[str, dict[str, Any]] = {}
    for host in (
        "evil.example",
        f"evil.example:{port}",
        f"localhost:{port}.evil.example",
        f"127.0.0.1:{port}.evil.example",
        "localhost",
        "127.0.0.1",
        f"localhost:{port + 1}",
        f"0.0.0.0:{port}",
        f"[::1]:{port}",
        f"127.1:{port}",
        "",
        f"localhost:{port}@evil.example",
        f"evil.example#localhost:{port}",
        f"localhost:{port}/",
        f" localhost:{port} x",
        f"user@localhost:{port}",
        f"2130706433:{port}",
        f"localhost.:{port}",
        b"\xff\xfe",
        "localhost:" + "9" * 5000,
    ):
        found[f"Host {host!r:.40}"] = {"Host": host}
    found |= {"no Host": {"Host": None}, "two Hosts": {"Host": [server.host, "evil.example"]}}
    for origin in (
        "http://evil.example",
        "null",
        "",
        f"http://localhost:{port}",
        f"http://127.0.0.1:{port}",
        "http://localhost:3000",
        f"http://localhost:{port}.evil.example",
        "https://localhost",
        "file://",
        "chrome-extension://x",
        b"\xff",
    ):
        found[f"Origin {origin!r:.40}"] = {"Origin": origin}
    found["from a page"] = {"Sec_Fetch_Site": "cross-site"}
    for given in (
        None,
        "",
        "Bearer",
        "Bearer ",
        f"bearer {token}",
        f"Basic {token}",
        token,
        f"Bearer {token[:-1]}",
        f"Bearer {token}0",
        f"Bearer  {token}",
        f"Bearer {token} x",
        "Bearer " + "0" * 64,
        [f"Bearer {token}", f"Bearer {token}"],
        b"Bearer \xff",
        "Bearer null",
        "Bearer undefined",
    ):
        found[f"token {given!r:.24} {len(str(given))}"] = {"Authorization": given}
    for path in (
        "/",
        "/mcp/",
        "/mcp?token=" + token,
        "/mcp/../mcp",
        "//mcp",
        "/MCP",
        "/sse",
        "/mcp%00",
        "/..",
        "http://x/mcp",
    ):
        found[f"path {path:.20}"] = {"path": path}
    for method in ("PUT", "OPTIONS", "HEAD", "PATCH", "TRACE", "CONNECT", "post", "X"):
        found[f"method {method}"] = {"method": method}
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        None,
        "",
        "application/jsonx",
        "text/plain; application/json",
        "application/json-patch+json",
        ["application/json", "text/plain"],
    ):
        found[f"type {kind!r:.30}"] = {"Content_Type": kind}
    for body in (
        b"",
        b"{",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"\xff",
        b"[" * 50_000,
        b'{"a":' * 5_000,
        b"x" * (MOST_BODY + 1),
        b"{}",
        b'{"jsonrpc":"1.0","id":1,"method":"tools/list"}',
        b'{"jsonrpc":"2.0","id":{},"method":"initialize"}',
        b'{"jsonrpc":"2.0","id":1,"method":"os.system","params":["id"]}',
        b'{"jsonrpc":"2.0","id":1,"method":""}',
        json.dumps([HELLO] * 3).encode(),
        json.dumps(HELLO).encode("utf-16"),
        json.dumps(HELLO | {"params": []}).encode(),
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x" * 9999}}).encode(),
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "../edit"}}).encode(),
        json.dumps(STATUS | {"id": {}, "params": {"name": "modules", "arguments": {}}}).encode(),
        json.dumps(STATUS | {"id": None, "params": {"name": "modules", "arguments": {}}}).encode(),
    ):
        found[f"body {body!r:.60} {len(body)}"] = {"body": body}
    found |= {
        "negative length": {"Content_Length": "-1"},
        "length no number": {"Content_Length": "1e9"},
        "two lengths": {"Content_Length": ["5", "500"]},
        "announced too large": {"Content_Length": str(MOST_BODY + 1)},
        "a large header": {"X": "y" * 200_000},
        "odd version": {"MCP_Protocol_Version": "9999-99-99"},
        "a web socket": {
            "method": "GET",
            "Upgrade": "websocket",
            "Connection": "close, Upgrade",
            "Sec_WebSocket_Version": "13",
            "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==",
            "Authorization": None,
        },
    }
    return found


def test_a_right_request_is_answered(server: Server) -> None:
    assert accepted(server.ask()), "else this file proves nothing"
    assert accepted(server.ask(Host=f"localhost:{server.port}"))


def test_no_hostile_request_is_accepted(server: Server) -> None:
    table = cases(server)
    assert len(table) >= 90
    assert [name for name, case in table.items() if accepted(server.ask(**case))] == []
    _, body = server.ask(body=json.dumps(STATUS).encode())
    assert b"not started" in body, "each tool but status would have started the game"


def test_headers_of_no_foreign_page_are_answered(server: Server) -> None:
    _, body = server.ask(method="OPTIONS", Origin="http://evil.example", Access_Control_Request_Method="POST")
    head = server.ask(Origin="http://evil.example")
    assert b"access-control" not in body.lower()
    assert head[0] == 403


def fuzzed(chance: random.Random, server: Server) -> dict[str, Any] | bytes:
    """Return a request that is wrong in some way, or no request at all."""

    def word() -> bytes:
        return bytes(chance.randrange(32, 256) for _ in range(chance.randrange(1, 30)))

    kind = chance.randrange(6)
    if kind == 0:
        return bytes(chance.randrange(256) for _ in range(chance.randrange(200)))
    if kind == 1:
        return {"Authorization": b"Bearer " + word()}
    if kind == 2:
        return {"Host": word()}
    if kind == 3:
        return {"Origin": word()}
    body = bytearray(json.dumps(HELLO).encode())
    if kind == 4:
        return {"body": bytes(body[: chance.randrange(len(body))])}
    key = chance.choice(["jsonrpc", "id", "method", "params"])
    return {"body": json.dumps({key: chance.choice([None, [], {}, -1, "x"])}).encode()}


@pytest.mark.parametrize("count", [SAMPLE, pytest.param(FUZZED, marks=pytest.mark.long)])
def test_nonsense_is_refused(server: Server, count: int) -> None:
    chance, wrong = random.Random(count), []
    for _ in range(count):
        request = fuzzed(chance, server)
        if accepted(server.raw(request) if isinstance(request, bytes) else server.ask(**request)):
            wrong.append(request)
    assert wrong == []
    assert accepted(server.ask()), "the server lives"


@pytest.mark.long
def test_the_game_keeps_its_pace_meanwhile(server: Server) -> None:
    """Whoever knocks is heard by the server alone; the game's process notices nothing of it."""
    chance, done = random.Random(3), threading.Event()

    def press() -> None:
        while not done.is_set():
            request = fuzzed(chance, server)
            server.raw(request) if isinstance(request, bytes) else server.ask(**request)

    async def ticks_a_second(agent: Agent) -> float:
        begin, first = monotonic(), (await agent("status"))["tick"]
        while (last := await agent("status"))["tick"] < first + 120:
            pass
        return float(last["tick"] - first) / (monotonic() - begin)

    async def task() -> None:
        async with speaking_http(f"http://{server.host}/mcp", server.token) as agent:
            await agent("time", do="resume")
            calm = await ticks_a_second(agent)
            thread = threading.Thread(target=press)
            thread.start()
            pressed = await ticks_a_second(agent)
            done.set()
            thread.join()
            await agent("time", do="pause")
            assert pressed > 0.8 * calm

    run(task())


HOSTILE_CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("nothing", {}),
    ("../edit", {}),
    ("status", {"x": 1}),
    ("query", {"where": "__import__('os')"}),
    ("query", {"limit": -1}),
    ("query", {"limit": 10**12}),
    ("query", {"max_tokens": 10**9}),
    ("query", {"where": 5}),
    ("query", {"columns": ["Rock.__dict__"]}),
    ("query", {"components": "Rock"}),
    ("query", {"cursor": "-1"}),
    ("query", {"cursor": "../x"}),
    ("screenshot", {"width": 10**6}),
    ("screenshot", {"width": "wide"}),
    ("source_read", {"path": "/etc/passwd"}),
    ("source_read", {"path": "apps.asteroids/../x.py"}),
    ("source_write", {"files": []}),
    ("source_write", {"files": [{"path": "x.py", "sha": "", "text": "1"}]}),
    ("source_write", {"files": [{"path": "apps.asteroids/x.sh", "sha": "", "text": "1"}]}),
    ("source_write", {"files": [{"path": "apps.asteroids/rocks.py", "sha": "0" * 32, "text": "1"}]}),
    ("source_write", {"files": [{"path": "apps.asteroids/new.py", "sha": "", "text": "1", "mode": "0777"}]}),
    ("edit", {"operations": []}),
    ("edit", {"operations": [{"exec": "1"}]}),
    ("edit", {"operations": [1]}),
    ("edit", {"operations": [{"spawn": {"Rock": {}}, "count": 10**10}]}),
    ("time", {"do": "fly"}),
    ("time", {}),
    ("time", {"do": "step", "ticks": 10**9}),
    ("time", {"do": "rewind", "tick": 10**9}),
    ("time", {"do": "rewind"}),
    ("time", {"do": "run_until", "until": "open('/etc/passwd')"}),
    ("input", {"events": []}),
    ("input", {"events": [{"at": -1, "key": "a"}]}),
    ("input", {"events": [{"event": ["explode"]}]}),
    ("check", {"assertions": []}),
    ("check", {"assertions": ["9 ** 9 ** 9"]}),
    ("undo", {"change_id": "c99"}),
    ("undo", {"change_id": "../../x"}),
    ("modules", {"name": "os"}),
    ("schema", {"name": "os.path"}),
    ("observe", {"want": ["x"]}),
)


def test_no_hostile_tool_call_is_carried_out(tmp_path: Path) -> None:
    game = copy_of("asteroids", tmp_path)

    async def task() -> None:
        async with over_http(game) as agent:
            await check(agent)

    async def check(agent: Agent) -> None:
        await agent("time", do="step", ticks=2)
        before = (await calm(agent))["hash"]
        for name, arguments in HOSTILE_CALLS:
            said = await agent.fails(name, **arguments)
            assert "Traceback" not in said, said
            assert 10 < len(said) < 2_000
        assert (await calm(agent))["hash"] == before

    run(task())


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.5", "8.8.8.8", "10.0.0.1", "localhost", "", "example.com"]
)
def test_the_server_listens_to_this_machine_only(host: str) -> None:
    with pytest.raises(GameError):
        check_host(host, public=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "127.0.0.2"])
def test_this_machine_may_be_listened_to(host: str) -> None:
    check_host(host, public=False)
