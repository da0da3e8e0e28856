"""What a commit that looks at touched modules only has missed, found by a pass over all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine import App
from engine.reload.declared import declared_classes
from engine.reload.migrate import plan
from engine.reload.modules import Declarations


def missed(app: App) -> list[str]:
    """Say what a whole pass would find or change that the last commit has not; the app stays as it is."""
    modules, reloader = app.modules, app.reloader
    whole = replace(modules, _scanned={}, _files=None).scan()
    found = [f"scan: {part}" for part in _unlike(modules.scan(()), whole)]
    declared = declared_classes(app.world, whole.classes, whole.migrations)
    for name, other in declared.items():
        one = reloader._declared.get(other.cls)
        # Nothing is taken for known after a refusal; classes that are not scanned are looked for each time.
        if one is None and reloader._declared and other.cls in whole.classes:
            found.append(f"class {name} is new")
        elif one is not None and (other.schema, other.functions) != (one.schema, one.functions):
            found.append(f"class {name}")
    migration = plan(app.world, declared, reloader.history)
    found += [f"migration of {step.new.name} from {step.old} to {step.new}" for step in migration.steps]
    found += [f"{name} is to be dropped" for name in migration.dropped]
    if migration.history.members != reloader.history.members:
        found.append("members of enums")
    schedule = app.schedule.plan(whole.systems)
    return found + [f"system {name}" for name in (*schedule.added, *schedule.changed, *schedule.removed)]


def _unlike(one: Declarations, other: Declarations) -> list[str]:
    parts: dict[str, tuple[list[Any], list[Any]]] = {
        name: (list(getattr(one, name)), list(getattr(other, name)))
        for name in ("systems", "handlers", "classes", "migrations")
    }
    return [f"{name}: {mine} is {theirs} in truth" for name, (mine, theirs) in parts.items() if mine != theirs]
