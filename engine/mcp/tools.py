"""The list of tools: name, group, arguments and function of each; descriptions are the functions' docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from engine.mcp import arguments as given
from engine.mcp import core_tools as core
from engine.mcp import more_tools as more
from engine.mcp.session import Session

Function = Callable[[Session, Any], core.Answer]


@dataclass(frozen=True)
class Tool:
    """One tool. `reads` says that it changes nothing; `waits` that it takes its turn with the others."""

    name: str
    group: str
    arguments: type[given.Arguments]
    function: Function
    reads: bool = False
    waits: bool = True

    @property
    def description(self) -> str:
        """What it does, as clients are told."""
        return inspect.getdoc(self.function) or ""

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of its arguments."""
        plain: dict[str, Any] = _plain(_inlined(self.arguments.model_json_schema()))
        return plain


TOOLS = (
    Tool("status", "core", given.Nothing, core.status, reads=True, waits=False),
    Tool("observe", "core", given.Observe, core.observe, reads=True),
    Tool("screenshot", "core", given.Screenshot, core.screenshot, reads=True),
    Tool("schema", "core", given.Schema, core.schema, reads=True),
    Tool("query", "core", given.Query, core.query, reads=True),
    Tool("edit", "core", given.Edit, core.edit),
    Tool("modules", "core", given.Modules, core.modules, reads=True),
    Tool("source_read", "core", given.SourceRead, core.source_read, reads=True),
    Tool("source_write", "core", given.SourceWrite, core.source_write),
    Tool("time", "core", given.Time, core.time),
    Tool("input", "core", given.Input, core.input_),
    Tool("errors", "core", given.Errors, core.errors, reads=True),
    Tool("check", "core", given.Check, core.check, reads=True),
    Tool("undo", "core", given.Undo, core.undo),
    Tool("record", "replay", given.Record, more.record),
    Tool("replay", "replay", given.Replay, more.replay),
    Tool("profile", "profile", given.Profile, more.profile),
    Tool("game", "project", given.Process, more.game),
    Tool("new_module", "project", given.NewModule, more.new_module),
    Tool("run_tests", "project", given.RunTests, more.run_tests),
    Tool("api", "project", given.Api, more.api, reads=True),
)
GROUPS = ("core", "replay", "profile", "project")


def tools_of(groups: Iterable[str]) -> dict[str, Tool]:
    """Return the tools of the groups by name; those of `core` are always there."""
    chosen = {"core", *groups}
    return {tool.name: tool for tool in TOOLS if tool.group in chosen}


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema whose references are replaced by what they name: not every client follows them."""
    definitions = schema.pop("$defs", {})

    def put_in(value: Any) -> Any:
        if isinstance(value, list):
            return [put_in(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            more = {key: item for key, item in value.items() if key != "$ref"}
            return put_in({**definitions[value["$ref"].rpartition("/")[2]], **more})
        return {key: put_in(item) for key, item in value.items()}

    found: dict[str, Any] = put_in(schema)
    return found


def _plain(value: Any, *, named: bool = False) -> Any:
    """Return a schema without what says nothing to a reader: titles and docstrings of classes."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if named:
        return {key: _plain(item) for key, item in value.items()}
    dropped = {"title"} | ({"description"} if "properties" in value else set())
    return {key: _plain(item, named=key == "properties") for key, item in value.items() if key not in dropped}
