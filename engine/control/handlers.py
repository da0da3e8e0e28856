"""What the port adds to the bus of a game: the messages `control.*`, of which each tool is made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.control import edit as editing
from engine.control import look, sources, work
from engine.control.expression import Expression
from engine.control.notices import Notices
from engine.errors import GameError, describe
from engine.services import module_rows
from engine.timeline.recorder import Recorder

if TYPE_CHECKING:
    from engine.app import App

STATES = "states"
RECORDING = "recording.jsonl"
MOST_CALLS = 10
_STATE = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


def provide_control(app: App, folder: Path, notices: Notices) -> None:
    """Put the handlers on an app's bus; `folder` is where states are kept."""
    provide = app.bus.provide

    def handlers(find: str = "") -> list[dict[str, Any]]:
        """List every message there is whose name holds a text, with its parameters."""
        return [one for one in app.bus.handlers() if find in one["name"]]

    def schema(name: str = "", module: str = "") -> Any:
        """Describe a component, event or resource; without a name list them all, or those of a module."""
        return look.schema_detail(app, name) if name else look.schema_list(app, module)

    def query(
        components: list[str] = [],  # noqa: B006 - the bus tells defaults as they stand, and nobody writes them
        without: list[str] = [],  # noqa: B006
        where: str = "",
        columns: list[str] = [],  # noqa: B006
        aggregates: list[str] = [],  # noqa: B006
        sort: str = "",
        descending: bool = False,
        limit: int = 20,
        offset: int = 0,
    ) -> dict[str, Any]:
        """Look at rows: which match, aggregates of them, columns."""
        return look.query(
            app,
            components=components,
            without=without,
            where=where,
            columns=columns,
            aggregates=aggregates,
            sort=sort,
            descending=descending,
            limit=limit,
            offset=offset,
        )

    def edit(operations: list[Any], dry_run: bool = False) -> list[dict[str, Any]]:
        """Carry out a batch of operations on the world, all or none."""
        done = editing.edit(app.world, operations, dry_run=dry_run)
        app.timeline.history.want()  # no tick that is run again would lead here
        return done

    def evaluate(expression: str) -> dict[str, Any]:
        """Tell whether an expression holds, of all rows if it is about rows, and for which entities it does not."""
        holds, bad = Expression(expression).holds(app.world)
        return {"holds": holds, "failing": len(bad), "entities": bad[: work.SHOWN]}

    def run(ticks: int, until: str = "", inputs: list[Any] = []) -> Iterator[Any]:  # noqa: B006
        """Pause, and run ticks until an expression holds; return how many, why it stopped and what changed."""
        return work.run(app, ticks, until, inputs)

    def read(path: str) -> dict[str, Any]:
        """Return text and digest of a source file."""
        text, digest = sources.read(app, path)
        return {"text": text, "sha": digest}

    def files(module: str) -> list[str]:
        """List the source files of a module."""
        return sources.file_names(app, module)

    def write(files: list[Any], probation: int = 30, keep: bool = False) -> Iterator[Any]:
        """Write source files, reload them as one edit, and return the verdict after its probation."""
        return work.write(app, files, probation, keep)

    def modules() -> list[dict[str, Any]]:
        """List the modules that run, with their systems in order."""
        return [{**row, "systems": systems_of(app, row["name"])} for row in module_rows(app)]

    def costs() -> list[tuple[str, int, float]]:
        """List name, calls and seconds of every system since the world began."""
        return [(system.name, system.calls, system.seconds) for system in app.schedule]

    def pace() -> dict[str, float]:
        """Tell how many milliseconds frames take: median, 99th percentile, maximum; of a headless game, ticks."""
        return app.meter.summary()

    def save(name: str) -> Iterator[Any]:
        """Keep the state of the world under a name."""
        return work.save(app, _state_path(folder, name))

    def load(name: str) -> dict[str, Any]:
        """Restore the state of a name."""
        return work.load(app, _state_path(folder, name))

    def record(on: bool = True) -> dict[str, Any]:
        """Write down the run from the next tick on, or end that; return the file."""
        path = folder / RECORDING
        if on:
            app.record(Recorder(path))
        elif app.recorder is None:
            raise GameError("nothing is being recorded", remedy="begin a recording first")
        else:
            app.recorder.close()
            app.recorder = app.simulation.recorder = None
        return {"file": str(path), "recording": on, "tick": app.world.tick}

    def digest() -> str:
        """Return the hash of the world."""
        return app.world.hash()

    def picture(ids: bool = False) -> dict[str, Any]:
        """Return the picture of the present tick, and on request where entities are in it."""
        return look.capture(app, ids)

    def picture_at(tick: int) -> dict[str, Any]:
        """Return the picture of an earlier tick that is kept."""
        return {"picture": app.timeline.fork_at(tick).picture()}

    def check(assertions: list[str], ticks: int = 60, inputs: list[Any] = []) -> Iterator[Any]:  # noqa: B006
        """Run a copy of the world for some ticks; tell of each assertion whether it held after every tick."""
        return work.check(app, assertions, ticks, inputs)

    def several(calls: list[Any]) -> list[Any]:
        """Answer several calls, pairs of message and arguments, in one tick; what fails says so in its place."""
        return [_one_of_several(app, call) for call in calls[:MOST_CALLS]]

    def errors(since: int = 0) -> dict[str, Any]:
        """List what has gone wrong, each thing once, and which systems are paused because of it."""
        return {"notices": [_named(app, notice.to_json()) for notice in notices.since(since)],
                "number": notices.number, "paused_systems": _paused(app)}  # fmt: skip

    own: tuple[Callable[..., Any], ...] = (
        *(handlers, schema, query, evaluate, modules, costs, pace, files, read, picture, picture_at, errors),
        *(edit, write, run, check, save, load, record, several),
    )
    for function in own:
        provide(f"control.{function.__name__}", function)
    provide("control.hash", digest)


def systems_of(app: App, module: str) -> list[dict[str, Any]]:
    """Return the systems of a module in the order they run, with their calls and times."""
    return [
        {
            "name": system.name,
            "phase": system.phase.name,
            "version": system.version,
            "calls": system.calls,
            "ms": round(system.seconds / max(system.calls, 1) * 1000, 4),
            **({"paused": str(system.fault)} if system.fault is not None else {}),
        }
        for system in app.schedule
        if system.declared.module == module
    ]


def _one_of_several(app: App, call: Any) -> Any:
    match call:
        case [str(message), dict(arguments)]:
            try:
                result = app.bus.call(message, **arguments)
            except Exception as error:
                return {"error": describe(error)}
            return {"error": f"{message} takes a call of its own"} if isinstance(result, Iterator) else result
    return {"error": 'write pairs like ["control.errors", {}]'}


def _state_path(folder: Path, name: str) -> Path:
    if not _STATE.fullmatch(name):
        raise GameError(f"{name!r:.80} is no name of a state", remedy="use small letters, digits and dashes")
    (folder / STATES).mkdir(mode=0o700, exist_ok=True)
    return folder / STATES / f"{name}.snapshot"


def _named(app: App, notice: dict[str, Any]) -> dict[str, Any]:
    if notice["file"]:
        notice["file"] = sources.name_of(app, notice["file"])
    return notice


def _paused(app: App) -> list[dict[str, Any]]:
    told = []
    for system in app.schedule.everything():
        if system.fault is not None:
            file, line = system.fault.place
            told.append(
                {"system": system.name, "error": str(system.fault), "at": f"{sources.name_of(app, file)}:{line}"}
            )
    return told
