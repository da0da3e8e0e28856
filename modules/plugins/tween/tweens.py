"""Tweens: fields of components that go from one value to another."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np

import engine
from engine import (
    Commands,
    Entity,
    Mut,
    Query,
    Send,
    Update,
    World,
    boolean,
    component,
    event,
    f32,
    f64,
    field,
    i32,
    resource,
    system,
)
from modules.core.render import mix
from modules.core.time import Time, running

from .easing import eased


@resource
class Pace:
    """Set how fast tweens and alarms go: 1 as they say, 0 not at all."""

    speed: float = 1.0


@component
class Tween:
    """Take a field of the target to `goal` in `seconds`, after `delay` of them.

    `field` names component and field: "Sprite.scale", or "core.render.Sprite.scale" where two components share the
    name. A field of whole numbers is rounded; one of u32 is taken for a colour. `start` is where it begins, nan for
    where the field then is. `ease` is one of `EASES`. With `back` the second half of the time leads back to the
    start. It is done `times` times, 0 for ever, and then despawns, as it does once its target is gone. Of two tweens
    of one field the later one wins.
    """

    target: engine.entity
    field: engine.text
    goal: f64
    seconds: f32 = 1.0
    ease: engine.text = "in_out_sine"
    start: f64 = np.nan
    delay: f32 = 0.0
    back: boolean = False
    times: i32 = 1
    name: engine.text = ""
    passed: f32 = 0.0


@event
class Tweened:
    """A tween came to its end."""

    target: engine.entity
    field: engine.text
    name: engine.text


@dataclass
class Goal:
    """Where a field is found: a query for its component, the schema it has there, and its plain name."""

    component: str
    schema: Any
    query: Any
    column: str


@resource(transient=True)
class Goals:
    """Hold what names of fields were found to mean, and those that were complained of."""

    known: dict[str, Goal] = field(factory=dict)
    missing: list[str] = field(factory=list)


@system(Update, when=running)
def advance(
    tweens: Query[Entity, Mut[Tween]],
    time: Time,
    pace: Pace,
    world: World,
    goals: Mut[Goals],
    commands: Commands,
    tweened: Send[Tweened],
) -> None:
    """Bring every field to where its tween says it is now."""
    for entity, tween in tweens:
        tween.passed += time.dt * pace.speed
        passed = (tween.passed - tween.delay) / np.maximum(tween.seconds, 1e-6)
        begun = passed > 0
        over = begun & (tween.times > 0) & (passed >= tween.times)
        lost = np.zeros(begun.shape, np.bool_)
        share = _share(tween, passed, over)
        for name in _names(tween.field[begun]):
            rows = np.flatnonzero(begun & (tween.field == name))
            lost[rows] = ~_write(world, name, tween, rows, share[rows], goals)
        over &= ~lost
        if over.any():
            tweened.send(target=tween.target[over], field=tween.field[over], name=tween.name[over])
        commands.despawn(entity[over | lost])


def _share(tween: Any, passed: Any, over: Any) -> Any:
    """Return how far each tween is between start and goal, by its curve."""
    time = np.where(over, 1.0, passed % 1.0)
    time = np.where(tween.back, 1 - np.abs(2 * time - 1), time)
    share = np.zeros(time.shape)
    for name in _names(tween.ease):
        rows = tween.ease == name
        share[rows] = eased(name, time[rows])
    return share


def _names(column: Any) -> list[str]:
    """Return the different texts of a column."""
    return sorted(column.interner.strings[code] for code in np.unique(column.codes).tolist())


def _write(world: World, name: str, tween: Any, rows: Any, share: Any, goals: Goals) -> Any:
    """Write one field of the targets of some tweens; return a mask of the rows whose target has it."""
    goal = _goal(world, name, goals)
    if goal is None:
        return np.zeros(rows.shape, np.bool_)
    column = goal.column
    there, part = goal.query.at(tween.target[rows])
    rows, share = rows[there], share[there]
    now = getattr(part, column)
    start, end = tween.start[rows], tween.goal[rows]
    start = np.where(np.isnan(start), now, start)
    tween.start[rows] = start
    if now.dtype == np.uint32:
        value = mix(_color(start), _color(end), share)
    else:
        value = start + (end - start) * share
        value = np.rint(value) if now.dtype.kind in "iu" else value
    setattr(part, column, value.astype(now.dtype))
    return there


def _color(value: Any) -> Any:
    return np.clip(value, 0, 0xFFFFFFFF).astype(np.uint32)


def _goal(world: World, name: str, goals: Goals) -> Goal | None:
    """Return where the field of a name is found; complain, once, where it is not."""
    goal = goals.known.get(name)
    info = None if goal is None else world.components.get(goal.component)
    if goal is not None and info is not None and info.schema is goal.schema:
        return goal
    path, _, column = name.rpartition(".")
    first, _, last = path.rpartition(".")
    for key, info in sorted(world.components.items()):
        plain = any(part.name == column and not part.shape and part.kind == "number" for part in info.schema.fields)
        if info.cls is not None and key.rpartition(".")[2] == last and key.startswith(first) and plain:
            term: Any = Mut
            goal = goals.known[name] = Goal(key, info.schema, world.query(term[info.cls]), column)
            return goal
    if name not in goals.missing:
        goals.missing.append(name)
        known = ", ".join(sorted({key.rpartition(".")[2] for key in world.components}))
        text = "tween of %r dropped: no component here has that field; name one such as Sprite.scale, of %s"
        logging.getLogger("hotloop.tween").warning(text, name, known)
    return None
