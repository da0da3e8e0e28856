"""The whole task once more with a client that is not ours: the command line of the MCP inspector.

It needs npm and the package index. Where they are absent it is skipped, and `test_whole_task.py` covers each step.
"""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from agents import copy_of, http_server, run
from PIL import Image
from support import LAUNCHER, bare_environment
from test_whole_task import whole_task

pytestmark = pytest.mark.long

Inspector = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspector]:
    """Install the pinned inspector with the Node it needs, and give what calls its command line."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("the MCP inspector needs npm")
    folder = tmp_path_factory.mktemp("inspector")
    shutil.copy(Path(__file__).with_name("package.json"), folder)
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True, timeout=600
    )
    if done.returncode != 0:
        pytest.skip(f"the MCP inspector cannot be installed: {done.stderr[-300:]}")
    node = folder / "node_modules" / "node" / "bin"
    environment = bare_environment() | {"PATH": f"{node}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    program = [str(node / "node"), str(folder / "node_modules" / ".bin" / "mcp-inspector"), "--cli"]

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*program, *arguments], env=environment, capture_output=True, text=True, timeout=120)

    yield call
    shutil.rmtree(folder, ignore_errors=True)


class InspectedAgent:
    """An agent whose every call is a process of its own, all of them speaking to one server over HTTP.

    The inspector checks strictly where it lists tools; it has no such mode for calls.
    """

    def __init__(self, inspector: Inspector, url: str, token: str) -> None:
        self.inspector, self.client = inspector, None
        self.target = [url, "--header", f"Authorization: Bearer {token}"]

    def ask(self, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call a tool and return the result as the inspector prints it."""
        pairs = [f"{name}={json.dumps(value)}" for name, value in arguments.items()]
        more = ["--tool-arg", *pairs] if pairs else []
        done = self.inspector(*self.target, "--method", "tools/call", "--tool-name", tool, *more)
        assert done.stdout.strip(), (tool, done.returncode, done.stderr)
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    async def __call__(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool that is to succeed; pictures come under `images`."""
        result = self.ask(tool, arguments)
        assert not result.get("isError"), result
        reply: dict[str, Any] = json.loads(result["content"][0]["text"])
        data = [base64.b64decode(one["data"]) for one in result["content"][1:]]
        return reply | ({"images": [Image.open(io.BytesIO(one)).convert("RGB") for one in data]} if data else {})

    async def fails(self, tool: str, **arguments: Any) -> str:
        """Call a tool that is to fail, and return what it says."""
        result = self.ask(tool, arguments)
        assert result.get("isError"), result
        return str(result["content"][0]["text"])


def test_the_inspector_finds_the_schemas_portable_over_both_transports(inspector: Inspector, tmp_path: Path) -> None:
    game = copy_of("asteroids", tmp_path)
    command = [sys.executable, str(LAUNCHER), "mcp", str(game)]
    over_stdio = inspector("--method", "tools/list", "--strict", *command)
    assert over_stdio.returncode == 0, over_stdio.stderr
    with http_server(game) as (url, token, _):
        over_http = inspector(url, "--header", f"Authorization: Bearer {token}", "--method", "tools/list", "--strict")
        assert over_http.returncode == 0, over_http.stderr
        without = inspector(url, "--method", "tools/list")
        assert without.returncode != 0
    assert json.loads(over_stdio.stdout)["tools"] == json.loads(over_http.stdout)["tools"]
    step = ("--tool-name", "time", "--tool-arg", 'do="step"', "ticks=30", "--method", "tools/call")
    called = inspector(*step, *command)
    assert called.returncode == 0, called.stderr
    assert json.loads(json.loads(called.stdout)["content"][0]["text"])["ran"] == 30


def test_the_inspector_does_the_whole_task(inspector: Inspector, tmp_path: Path) -> None:
    game = copy_of("asteroids", tmp_path)
    with http_server(game) as (url, token, _):
        run(whole_task(InspectedAgent(inspector, url, token), game))
