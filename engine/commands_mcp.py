"""`hotloop mcp`: what the command does; the server itself needs the extra `mcp`."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path

from engine.errors import HotloopError
from engine.reload.places import find_game


def run(options: argparse.Namespace, version: str) -> int:
    """Serve, or enter the server into a client's configuration."""
    lacking = [name for name in ("mcp", "PIL") if importlib.util.find_spec(name) is None]
    if lacking:
        raise HotloopError(
            "the MCP server needs further packages", why=f"{', '.join(lacking)} cannot be imported",
            remedy="pip install 'hotloop[mcp]'",
        )  # fmt: skip
    if options.install:
        from engine.mcp.install import install

        more = ["--headless"] if options.headless else []
        more += ["--with", *options.groups] if options.groups else []
        path = install(str(find_game(options.game)), more, Path.cwd())
        print(f"{path}: a client that reads it starts the server by itself")
        return 0
    from engine.mcp.guard import check_host

    check_host(options.host, options.public)  # before a second goes into imports
    from engine.mcp.serve import Options, serve

    asked = Options(
        game=options.game,
        headless=options.headless,
        groups=tuple(options.groups),
        port=options.http,
        host=options.host,
        public=options.public,
        token_file=options.token_file,
        arguments=("--seed", str(options.seed)),
    )
    return serve(asked, version)
