"""All that a reload may touch, as something that can be compared."""

from __future__ import annotations

import gc
import linecache
import sys
from types import FunctionType, ModuleType
from typing import Any

from engine import App


def state_of(app: App) -> dict[str, Any]:
    """Return the state of an app, part by part: world, schedule, bus, code, modules."""
    code, modules, schedule = app.code, app.modules, app.schedule
    state: dict[str, Any] = {
        "tick": app.world.tick,
        "hash": app.world.hash(),
        "schemas": dict(app.world.schemas()),
        "streams": sorted(app.world.randoms),
        "cursors": dict(app.world.cursors),
        "order": schedule.explain(),
        "systems": {
            one.name: (id(one.function), one.function.__code__, one.declared, one.version, one.calls, one.fault)
            for one in schedule
        },
        "handlers": [
            (name, id(handler.function), handler.evidence[1:2], handler.module)
            for name, handler in sorted(app.bus._all.items())
        ],
        "loaded": {name: str(found.folder) for name, found in modules.loaded.items()},
        "resolution": id(modules.resolution),
        "found": id(modules.found),
        "files": {str(path): (record.name, record.digest) for path, record in code.files.items()},
        "names": sorted(code.names),
        "tombs": sorted(code.tombs),
        "roots": list(code.roots),
        "uses": dict(code.uses),
        "collecting": gc.isenabled(),
        "undo": code.undo,
        "open": (dict(code.sources), set(code.hidden)),
        "probations": len(app.reloader.probations),
        "locked": app.world.locked,
        "running": schedule.running,
    }
    for name, module in sorted(sys.modules.items()):
        if name == "modules" or name.startswith("modules."):
            state[f"module {name}"] = _namespace(module)
    for path, record in code.files.items():
        state[f"source {path}"] = "".join(linecache.getlines(str(path))) == record.source.decode()
    return state


def _namespace(module: ModuleType) -> dict[str, Any]:
    return {name: _value(value, module) for name, value in vars(module).items() if name != "__builtins__"}


def _value(value: Any, module: ModuleType) -> Any:
    if isinstance(value, FunctionType) and value.__module__ == module.__name__:
        defaults, keywords = value.__defaults__, value.__kwdefaults__
        return id(value), value.__code__, defaults, keywords, repr(value.__dict__), repr(value.__annotations__)
    if isinstance(value, type) and value.__module__ == module.__name__:
        skipped = ("__schema__", "__init__", "__dict__", "__weakref__", "__annotations__")
        return id(value), {n: _value(v, module) for n, v in vars(value).items() if n not in skipped}
    if isinstance(value, list | dict | set):
        return id(value), repr(value) if len(repr(value)) < 2000 else len(value)
    return id(value)


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Say which parts of two states differ, and how."""
    found = []
    for part in sorted({*before, *after}):
        one, other = before.get(part, "nothing"), after.get(part, "nothing")
        if one == other:
            continue
        if isinstance(one, dict) and isinstance(other, dict):
            keys = [key for key in {**one, **other} if one.get(key) != other.get(key)]
            found += [f"{part}: {key} was {str(one.get(key))[:300]}, is {str(other.get(key))[:300]}" for key in keys]
        else:
            found.append(f"{part} was {str(one)[:300]}, is {str(other)[:300]}")
    return found
