"""Hotloop's public names: `from engine import ...` is all that a game or a plugin needs."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from engine.ecs.commands import Commands
from engine.ecs.events import Added, Events, Removed, Send
from engine.ecs.fields import boolean, entity, f32, f64, handle, i32, i64, text, u8, u32, vec2, vec3
from engine.ecs.query import Query
from engine.ecs.random import Random
from engine.ecs.terms import Changed, Entity, Maybe, Mut, With, Without
from engine.ecs.world import World
from engine.errors import HotloopError
from engine.marks import (
    PostUpdate,
    PreUpdate,
    Render,
    Shutdown,
    Startup,
    Update,
    array,
    component,
    event,
    field,
    handler,
    migrate,
    resource,
    system,
    vector,
)

if TYPE_CHECKING:
    from engine.app import App
    from engine.clock import Time
    from engine.kernels.kernel import kernel
    from engine.reload.bus import Bus

__all__ = [
    "Added",
    "App",
    "Bus",
    "Changed",
    "Commands",
    "Entity",
    "Events",
    "HotloopError",
    "Maybe",
    "Mut",
    "PostUpdate",
    "PreUpdate",
    "Query",
    "Random",
    "Removed",
    "Render",
    "Send",
    "Shutdown",
    "Startup",
    "Time",
    "Update",
    "With",
    "Without",
    "World",
    "array",
    "boolean",
    "component",
    "entity",
    "event",
    "f32",
    "f64",
    "field",
    "handle",
    "handler",
    "i32",
    "i64",
    "kernel",
    "migrate",
    "resource",
    "system",
    "text",
    "u8",
    "u32",
    "vec2",
    "vec3",
    "vector",
]


def __getattr__(name: str) -> Any:
    # These stand above the ECS, and importing them here would make a cycle.
    homes = {
        "App": "engine.app",
        "Bus": "engine.reload.bus",
        "Time": "engine.clock",
        "kernel": "engine.kernels.kernel",
    }
    if name not in homes:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(importlib.import_module(homes[name]), name)
