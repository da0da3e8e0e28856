"""Write what agents see of the tools: the list on docs/agents.md, and the record that the tests compare with."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from engine.mcp.server import INSTRUCTIONS
from engine.mcp.tools import GROUPS, TOOLS, Tool

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "agents.md"
RECORD = ROOT / "tests" / "mcp" / "surface.json"
LIST = re.compile(r"(<!-- tools: written by scripts/write_agent_surface.py -->\n).*?(<!-- end of tools -->)", re.DOTALL)


def surface() -> dict[str, Any]:
    """Return everything a client is told."""
    tools = {tool.name: {"group": tool.group, "description": tool.description, "schema": tool.schema} for tool in TOOLS}
    return {"instructions": INSTRUCTIONS, "tools": tools}


def record() -> str:
    """Return the surface as it is recorded."""
    return json.dumps(surface(), indent=1, ensure_ascii=False) + "\n"


def tool_list() -> str:
    """Return the tools as tables in Markdown, a table for each group."""
    parts = []
    for group in GROUPS:
        parts.append(f"**{group}**\n\n| tool | what it does | arguments |\n|---|---|---|")
        parts[-1] += "".join(f"\n{_row(tool)}" for tool in TOOLS if tool.group == group)
    return "\n\n".join(parts)


def _row(tool: Tool) -> str:
    what = tool.description.partition("\n")[0].replace("|", "\\|")
    names = [f"`{name}`" for name in tool.schema["properties"] if name not in ("max_tokens", "cursor")]
    return f"| `{tool.name}` | {what} | {', '.join(names)} |"


def page(text: str) -> str:
    """Return the page with the list as it should be."""
    return LIST.sub(lambda found: f"{found[1]}\n{tool_list()}\n\n{found[2]}", text)


if __name__ == "__main__":
    RECORD.write_text(record(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
