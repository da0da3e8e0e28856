"""`hotloop mcp`: serve a game's tools over standard input and output, or over HTTP on this machine."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
from mcp.server.stdio import stdio_server

from engine.control.place import TOKEN_BYTES, write_private
from engine.display import missing_display
from engine.errors import GameError
from engine.mcp.game import Game
from engine.mcp.guard import MOST_BODY, Guard
from engine.mcp.server import ToolServer
from engine.mcp.session import Session
from engine.reload.places import find_game

CONFIG = ".mcp.json"


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


def install(game: str, arguments: Sequence[str], folder: Path) -> Path:
    """Enter the server into the folder's `.mcp.json`, as common clients read it; return the file.

    Raises `GameError` if the file is there and is not what it should be.
    """
    path = folder / CONFIG
    config: object = {}
    if path.exists():
        try:
            config = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise GameError(f"{path} is no JSON", why=str(error), remedy="mend or remove it") from error
    servers = config.setdefault("mcpServers", {}) if isinstance(config, dict) else None
    if not isinstance(servers, dict):
        raise GameError(f"{path} has another form", remedy='it should hold {"mcpServers": {}}')
    servers["hotloop"] = {"command": sys.executable, "args": ["-m", "engine.cli", "mcp", game, *arguments]}
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    os.replace(temporary, path)
    return path
