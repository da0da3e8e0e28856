"""What takes many ticks: running until something holds, and trying an edit until it has proven itself.

Each is a generator that does one tick a step and returns its answer, so that the port can spread it over frames.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.control import sources
from engine.control.expression import Expression
from engine.control.names import resource_value
from engine.ecs.snapshot import Snapshot
from engine.errors import GameError
from engine.reload.checks import json_value
from engine.reload.files import digest_of
from engine.reload.saves import stage_now

if TYPE_CHECKING:
    from engine.app import App
    from engine.reload.transaction import Verdict

MOST_TICKS = 36_000
MOST_EVENTS = 1_000
SHOWN = 40

Steps = Iterator[None]

_MEND = re.compile("mend (it|the line) and save( again|: it is tried again)?", re.IGNORECASE)
"""What is said of files that stay as they were saved; those that are put back have to be written again."""


def summary(app: App) -> dict[str, Any]:
    """Return what `difference` compares: entities, rows by component, values of resources, paused systems."""
    world = app.world
    values = {}
    for name, schema in world.schemas().items():
        if schema.kind == "resource" and not schema.transient:
            for field in schema.fields:
                value = resource_value(world, schema, field.name)
                if value is None or isinstance(value, bool | int | float | str):
                    values[f"{name}.{field.name}".removesuffix(".member")] = value
    return {
        "entities": world.entities(),
        "rows": {name: world.component_rows(name) for name in world.components},
        "values": values,
        "paused_systems": [system.name for system in app.schedule.everything() if system.fault is not None],
    }


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Return in short what is other than before, as [before, after]."""
    told: dict[str, Any] = {
        "spawned": int(np.setdiff1d(after["entities"], before["entities"]).size),
        "despawned": int(np.setdiff1d(before["entities"], after["entities"]).size),
    }
    for what in ("rows", "values"):
        was, now = before[what], after[what]
        changed = [name for name in now if name not in was or was[name] != now[name]]
        told[what] = {name: [json_value(was.get(name)), json_value(now[name])] for name in changed[:SHOWN]}
    new = [name for name in after["paused_systems"] if name not in before["paused_systems"]]
    if new:
        told["newly_paused_systems"] = new
    return {name: value for name, value in told.items() if value}


def run(app: App, ticks: int, until: str, inputs: list[Any]) -> Iterator[None]:
    """Pause the game and run ticks, with raw input events at some of them, until an expression holds or they are over.

    It also ends when a system had to be paused. `inputs` are [ticks from now, event] pairs.
    """
    if not 0 < ticks <= MOST_TICKS:
        raise GameError(f"{ticks} ticks", remedy=f"run 1 to {MOST_TICKS} at once")
    condition = Expression(until) if until else None
    if condition is not None:
        condition.holds(app.world)
    script = _script(app, inputs)
    app.paused = True
    before, begun, why = summary(app), app.world.tick, "ticks"
    faults = len(before["paused_systems"])
    for _ in range(ticks):
        app.feed(*script.pop(app.world.tick, ()))
        app.step()
        if sum(system.fault is not None for system in app.schedule.everything()) > faults:
            why = "a system failed and is paused"
            break
        if condition is not None and condition.holds(app.world)[0]:
            why = "until"
            break
        yield
    return {"ran": app.world.tick - begun, "stopped_by": why, "changed": difference(before, summary(app))}  # type: ignore[return-value]


def check(app: App, assertions: list[str], ticks: int, inputs: list[Any]) -> Iterator[None]:
    """Run a copy of the world for some ticks and tell of each assertion whether it held after every tick.

    For one that did not: the first tick after which it failed, and for which entities. The game stays as it is.
    """
    if not 0 <= ticks <= MOST_TICKS:
        raise GameError(f"{ticks} ticks", remedy=f"check 0 to {MOST_TICKS} ticks")
    if not 0 < len(assertions) <= SHOWN:
        raise GameError(f"{len(assertions)} assertions", remedy=f"give 1 to {SHOWN}")
    asked = {text: Expression(text) for text in assertions}
    first = app.world.tick
    beside = app.timeline.fork(ticks, None, _pairs(_script(app, inputs)), ())
    told: dict[str, dict[str, Any]] = {}
    for _ in range(ticks + 1):
        world = beside.fork.world
        for text, expression in asked.items():
            holds, bad = (True, []) if text in told else expression.holds(world)
            if not holds:
                told[text] = {"holds": False, "tick": world.tick, "failing": len(bad), "entities": bad[:SHOWN]}
        if world.tick < first + ticks:
            beside.fork.step(beside.inputs.get(world.tick, ()))
        yield
    return {  # type: ignore[return-value]
        "first": first,
        "last": beside.fork.world.tick,
        "assertions": [{"assertion": text, **told.get(text, {"holds": True})} for text in asked],
        "faults": [str(fault) for fault in beside.fork.faults],
        "hash": beside.fork.world.hash(),
    }


def _pairs(script: dict[int, list[list[Any]]]) -> list[tuple[int, list[Any]]]:
    return [(tick, event) for tick, events in script.items() for event in events]


def _script(app: App, inputs: list[Any]) -> dict[int, list[list[Any]]]:
    """Return raw input events by tick. Raises `GameError`, or what the game has to say against an event."""
    script: dict[int, list[list[Any]]] = {}
    if len(inputs) > MOST_EVENTS:
        raise GameError(f"{len(inputs)} input events", remedy=f"send at most {MOST_EVENTS}")
    for pair in inputs:
        match pair:
            case [int(offset), [str(), *_] as event] if 0 <= offset < MOST_TICKS and not isinstance(offset, bool):
                script.setdefault(app.world.tick + offset, []).append(list(event))
            case _:
                remedy = 'write pairs like [0, ["key", "down", "space"]]: ticks from now, and a raw event'
                raise GameError(f"{pair!r:.80} is no input", remedy=remedy)
    if "core.input.check" in app.bus:
        app.bus.call("core.input.check", events=[event for events in script.values() for event in events])
    return script


def write(app: App, files: list[Any], probation: int, keep: bool) -> Iterator[None]:
    """Write source files and reload them as one edit; return the verdict once the edit has run for some ticks.

    What is refused or rolled back is put back on the disk too, unless it is to be kept there for somebody to mend.
    """
    changes = sources.plan(app, files)
    saves, begun, paused = app.saves, app.world.tick, app.paused
    if saves is not None:
        saves.pause()  # what is tried here shall not come once more as a save
    try:
        verdict = _submit(app, changes)
        while verdict is not None and verdict.outcome == "current" and app.world.tick - begun < probation:
            if app.paused:
                app.step()
            yield
        app.paused = paused
        good = verdict is None or verdict.outcome in ("current", "permanent", "waiting")
        if not good and not keep:
            _submit(app, changes, back=True)
    finally:
        if saves is not None and saves is app.saves:
            saves.go_on()
    told = _verdict(app, verdict) if verdict is not None else {"outcome": "unchanged"}
    if not good and not keep:
        told["error"] = _MEND.sub("write it again, mended", told["error"])
    shas = {change.name: digest_of(change.after) if change.after is not None else "" for change in changes}
    told |= {"ran": app.world.tick - begun, "files": shas if good or keep else "as before"}
    return told  # type: ignore[return-value]


def _submit(app: App, changes: list[sources.Change], *, back: bool = False) -> Verdict | None:
    """Write the files, or what was there before, and have what is code reloaded."""
    sources.write(changes, back=back)
    paths = [change.path for change in changes]
    is_code = [path for path in paths if path.suffix == ".py" or path.name == "module.toml"]
    assets = [path for path in paths if path not in is_code]
    return app.submit([stage_now(app.code, path) for path in is_code], assets=assets)


def _verdict(app: App, verdict: Verdict) -> dict[str, Any]:
    told: dict[str, Any] = {
        "outcome": verdict.outcome,
        "error": verdict.said or verdict.error,
        "at": f"{sources.name_of(app, verdict.file)}:{verdict.line or 1}" if verdict.file else None,
        "state": verdict.state,
        "changed_systems": verdict.changed[:SHOWN],
        "notes": verdict.notes[:SHOWN],
        "stage_ms": round(verdict.stage_ms, 1),
        "commit_ms": round(verdict.commit_ms, 1),
    }
    return {name: value for name, value in told.items() if value not in (None, [], "")}


def save(app: App, path: Path) -> Iterator[None]:
    """Write the world to a file, in a thread of its own, whole or not at all; return tick and hash."""
    shot, digest, failed = app.world.snapshot(), app.world.hash(), []

    def write_file() -> None:
        try:
            shot.save(path)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=write_file, name="hotloop-save", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(0.0005)
        yield
    if failed:
        raise failed[0]
    return {"tick": shot.tick, "hash": digest}  # type: ignore[return-value]


def load(app: App, path: Path) -> dict[str, Any]:
    """Restore the world from a file and let paused systems try again. Raises `SnapshotError`, nothing being changed."""
    shot = Snapshot.load(path)
    app.simulation.return_to(shot, shot.tick, {})
    app.waiting_inputs.clear()
    for system in app.schedule.everything():
        system.fault = None
    return {"tick": app.world.tick, "hash": app.world.hash()}
