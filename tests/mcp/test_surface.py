"""What agents are told of the tools: nothing of it changes unnoticed, and none of it is large."""

from __future__ import annotations

import importlib.util
import json
from typing import Any

from support import ROOT

from engine.mcp.tools import TOOLS, tools_of

SCRIPT = ROOT / "scripts" / "write_agent_surface.py"
AGAIN = "if the change is meant, run scripts/write_agent_surface.py"


def script() -> Any:
    """Load the script that writes page and record."""
    spec = importlib.util.spec_from_file_location("write_agent_surface", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_tools_are_as_they_were_recorded() -> None:
    written = script()
    assert json.loads(written.RECORD.read_text(encoding="utf-8")) == written.surface(), AGAIN


def test_the_page_lists_the_tools_there_are() -> None:
    written = script()
    text = written.PAGE.read_text(encoding="utf-8")
    assert all(f"| `{tool.name}` |" in text for tool in TOOLS), AGAIN
    assert written.page(text) == text, AGAIN


def test_the_core_is_small_and_every_argument_is_explained() -> None:
    core = tools_of(())
    assert len(core) <= 14
    assert len(json.dumps([tool.schema for tool in core.values()])) < 16_000
    for tool in TOOLS:
        assert tool.schema["additionalProperties"] is False
        assert 20 < len(tool.description) < 300
        for name, argument in tool.schema["properties"].items():
            assert name in ("events", "run", "name", "kind") or argument.get("description"), (tool.name, name)
            assert "$ref" not in json.dumps(argument)
            assert "anyOf" not in json.dumps(argument) or name == "events"
