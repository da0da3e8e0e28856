"""Clients of the MCP server, as agents are, and the servers they start."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from PIL import Image
from support import LAUNCHER, ROOT, bare_environment


@dataclass
class Agent:
    """A client that reads replies as an agent does, and remembers those that were errors."""

    client: Client
    failed: list[str] = field(default_factory=list)

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that is to succeed; pictures come under `images`."""
        result = await self.client.call_tool(tool, arguments, read_timeout_seconds=120)
        text = result.content[0].text
        assert not result.is_error, text
        assert len(text) <= 3 * arguments.get("max_tokens", 2000), f"{tool} says too much"
        reply: dict[str, Any] = json.loads(text)
        data = [base64.b64decode(one.data) for one in result.content[1:]]
        return reply | ({"images": [Image.open(io.BytesIO(one)).convert("RGB") for one in data]} if data else {})

    async def fails(self, tool: str, **arguments: Any) -> str:
        """Call a tool that is to fail, and return what it says."""
        result = await self.client.call_tool(tool, arguments, read_timeout_seconds=120)
        assert result.is_error, result.content[0].text
        self.failed.append(result.content[0].text)
        return str(result.content[0].text)


def copy_of(game: str, folder: Path) -> Path:
    """Return a copy of an example whose files may be edited."""
    target = folder / game
    shutil.copytree(ROOT / "examples" / game, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


@asynccontextmanager
async def over_stdio(game: Path, *more: str) -> AsyncIterator[Agent]:
    """Start a server and speak to it over its standard input and output."""
    arguments = [str(LAUNCHER), "mcp", str(game), "--headless", *more]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=bare_environment())
    async with Client(server) as client:
        yield Agent(client)


@contextmanager
def http_server(game: Path, *more: str) -> Iterator[tuple[str, str, subprocess.Popen[str]]]:
    """Start a server for HTTP; give its address, its token and its process."""
    token_file = game.parent / "token"
    command = [sys.executable, str(LAUNCHER), "mcp", str(game), "--headless", "--http", "0"]
    command += ["--token-file", str(token_file), *more]
    process = subprocess.Popen(command, env=bare_environment(), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        said = process.stderr.readline()
        assert said.startswith("http://"), said + process.stderr.read()
        yield said.partition(",")[0], token_file.read_text(), process
    finally:
        process.terminate()
        process.wait(20)
        process.stderr.close()


@asynccontextmanager
async def speaking_http(url: str, token: str) -> AsyncIterator[Agent]:
    """Speak to a server that listens already."""
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=120) as http,
        Client(streamable_http_client(url, http_client=http)) as client,
    ):
        yield Agent(client)


@asynccontextmanager
async def over_http(game: Path, *more: str) -> AsyncIterator[Agent]:
    """Start a server and speak to it over HTTP."""
    with http_server(game, *more) as (url, token, _):
        async with speaking_http(url, token) as agent:
            yield agent


def run(task: Any) -> None:
    """Run a coroutine to its end, for at most some minutes."""
    asyncio.run(asyncio.wait_for(task, 240))
