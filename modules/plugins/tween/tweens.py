"""Tweens: fields of components that go from one value to another."""

from __future__ import annotations

import logging
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


@resource(transient=True)
class Complaints:
    """Hold the names of fields that were complained of, so that each is only once."""

    said: list[str] = field(factory=list)


@system(Update, when=running)
def advance(
    tweens: Query[Entity, Mut[Tween]],
    time: Time,
    pace: Pace,
    world: World,
    complaints: Mut[Complaints],
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
        for name in sorted({str(text) for text in tween.field[begun]}):
            rows = np.flatnonzero(begun & (tween.field == name))
            lost[rows] = ~_write(world, name, tween, rows, share[rows], complaints)
        over &= ~lost
        if over.any():
            tweened.send(target=tween.target[over], field=tween.field[over], name=tween.name[over])
        commands.despawn(entity[over | lost])


def _share(tween: Any, passed: Any, over: Any) -> Any:
    """Return how far each tween is between start and goal, by its curve."""
    time = np.where(over, 1.0, passed % 1.0)
    time = np.where(tween.back, 1 - np.abs(2 * time - 1), time)
    share = np.zeros(time.shape)
    for name in {str(text) for text in tween.ease}:
        rows = tween.ease == name
        share[rows] = eased(name, time[rows])
    return share


def _write(world: World, name: str, tween: Any, rows: Any, share: Any, complaints: Complaints) -> Any:
    """Write one field of the targets of some tweens; return a mask of the rows whose target has it."""
    found = _component(world, name)
    if found is None:
        if name not in complaints.said:
            complaints.said.append(name)
            known = ", ".join(sorted({key.rpartition(".")[2] for key in world.components}))
            text = "tween of %r dropped: no component here has that field; name one such as Sprite.scale, of %s"
            logging.getLogger("hotloop.tween").warning(text, name, known)
        return np.zeros(rows.shape, np.bool_)
    cls, column = found
    term: Any = Mut
    there, part = world.query(term[cls]).at(tween.target[rows])
    rows, share = rows[there], share[there]
    now = getattr(part, column)
    start, goal = tween.start[rows], tween.goal[rows]
    start = np.where(np.isnan(start), now, start)
    tween.start[rows] = start
    if now.dtype == np.uint32:
        value = mix(_color(start), _color(goal), share)
    else:
        value = start + (goal - start) * share
        value = np.rint(value) if now.dtype.kind in "iu" else value
    setattr(part, column, value.astype(now.dtype))
    return there


def _color(value: Any) -> Any:
    return np.clip(value, 0, 0xFFFFFFFF).astype(np.uint32)


def _component(world: World, name: str) -> tuple[Any, str] | None:
    """Return the component and the plain field that a name stands for."""
    path, _, column = name.rpartition(".")
    first, _, last = path.rpartition(".")
    for key, info in sorted(world.components.items()):
        plain = any(part.name == column and not part.shape and part.kind == "number" for part in info.schema.fields)
        if info.cls is not None and key.rpartition(".")[2] == last and key.startswith(first) and plain:
            return info.cls, column
    return None
