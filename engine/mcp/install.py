"""The configuration from which common clients start the server by themselves."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from engine.errors import GameError
from engine.mcp.game import command_line

CONFIG = ".mcp.json"


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
    command, *first = command_line()
    servers["hotloop"] = {"command": command, "args": [*first, "mcp", game, *arguments]}
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(config, indent=2) + "\n", "utf-8")
    os.replace(temporary, path)
    return path
