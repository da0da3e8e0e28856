"""`hotloop mcp`: serve a game's tools over standard input and output, or over HTTP on this machine."""

from __future__ import annotations

import contextlib
import logging
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import anyio
from mcp.server.stdio import stdio_server

from engine.control.place import TOKEN_BYTES, write_private
from engine.display import missing_display
from engine.mcp.game import Game
from engine.mcp.guard import MOST_BODY, Guard, check_host
from engine.mcp.server import ToolServer
from engine.mcp.session import Session
from engine.reload.places import find_game


@dataclass(frozen=True)
class Options:
    """What `hotloop mcp` is asked for. `port` None means standard input and output."""

    game: str
    headless: bool = False
    groups: tuple[str, ...] = ()
    port: int | None = None
    host: str = "127.0.0.1"
    public: bool = False
    token_file: Path | None = None
    arguments: tuple[str, ...] = ()


def serve(options: Options, version: str) -> int:
    """Serve until the client goes, or a signal ends the server; the game ends with it."""
    folder = find_game(options.game)
    check_host(options.host, options.public)
    headless = options.headless or missing_display() is not None
    session = Session(Game(str(folder), headless=headless, arguments=options.arguments))
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    try:
        with _ended_by_signals():
            tools = ToolServer(session, options.groups, version)
            if options.port is None:
                anyio.run(_serve_stdio, tools)
            else:
                _serve_http(tools, options, options.port)
    except KeyboardInterrupt:
        pass
    finally:
        session.close()
    return 0


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM end the server as Ctrl-C does, so that the game never outlives it."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def _serve_stdio(tools: ToolServer) -> None:
    async with stdio_server() as (reading, writing):
        await tools.server.run(reading, writing, tools.server.create_initialization_options())


def _serve_http(tools: ToolServer, options: Options, port: int) -> None:
    import uvicorn

    token = secrets.token_hex(TOKEN_BYTES)
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((options.host, port))
    listener.listen(16)  # whoever reads the line below may call at once
    port = listener.getsockname()[1]
    file = options.token_file or tools.session.game.folder / "http-token"
    file.unlink(missing_ok=True)
    write_private(file, token, new=True)
    name = f"[{options.host}]" if ":" in options.host else options.host
    hosts = frozenset({f"{name}:{port}", f"localhost:{port}"} if name in ("127.0.0.1", "[::1]") else {f"{name}:{port}"})
    # All there is to remember belongs to the game: clients that never say goodbye leave nothing behind.
    app = tools.server.streamable_http_app(stateless_http=True, json_response=True, max_request_body_size=MOST_BODY)
    print(f"http://{name}:{port}/mcp, token in {file}", file=sys.stderr, flush=True)
    config = uvicorn.Config(
        Guard(app, hosts, token), log_level="error", access_log=False, server_header=False, ws="none", lifespan="on"
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()
        file.unlink(missing_ok=True)
