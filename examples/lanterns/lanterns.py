"""Lanterns: the entities that stand for those of the esper program."""

from __future__ import annotations

import numpy as np

from engine import Commands, Entity, Mut, Query, Startup, Update, component, f32, system, u32
from modules.core.input import Actions, Pointer
from modules.core.motion import Position
from modules.core.render import Canvas, Circle, Sprite, fade, rgba
from modules.core.time import Pause, Time, running
from modules.plugins.esper_bridge import Esper
from modules.plugins.screens import Menu

from . import legacy

NIGHT = rgba("#080b16")
COLORS = np.array([rgba(color) for color in ("#ffb04f", "#ff6f7d", "#5fd0d8", "#9d86ff")], np.uint32)
HEART = rgba("#fff6e4")
REACH = 26.0
"""How near to a lantern, in pixels, a click has to be to blow it out."""


@component
class Lantern:
    """Shine in a colour, as brightly, from 0 to 1, as the flame of the esper program burns."""

    light: f32 = 0.0
    color: u32 = 0xFFFFFFFF


@system(Startup)
def darken(canvas: Mut[Canvas], actions: Mut[Actions]) -> None:
    """Let night fall."""
    canvas.color = NIGHT
    actions.bind("light", "mouse:left", "pad:a")
    actions.bind("blow out", "mouse:right", "pad:b")
    actions.bind("all out", "key:space", "pad:x")


@system(Update)
def interrupt(menu: Mut[Menu], lanterns: Query[Entity, Lantern], commands: Commands) -> None:
    """Pause on P or the pad's start button."""
    if menu.pause("Put all out"):
        commands.despawn(lanterns.entities())


@system(Update)
def run_program(bridge: Mut[Esper], time: Time, pause: Pause) -> None:
    """Let the esper program run with exactly the processors that its file names; while paused no time passes in it."""
    bridge.arguments = (0.0 if pause.on else float(time.dt),)
    bridge.keep_processors(legacy.PROCESSORS)


@system(Update)
def adopt(bridge: Mut[Esper], commands: Commands) -> None:
    """Give every new lantern of the esper program an entity and link the two."""
    for number, place in bridge.unlinked(legacy.Place):
        [entity] = commands.spawn(
            Position(place.x, place.y),
            Lantern(),
            Sprite("glow.png", layer=1, glow=True),
            Circle(4.0, HEART, layer=3),
        )
        bridge.link(number, int(entity))


@system(Update)
def follow_program(
    bridge: Esper, time: Time, lanterns: Query[Mut[Position], Mut[Lantern], Mut[Sprite], Mut[Circle]]
) -> None:
    """Take places and flames over from the esper program, all at once."""
    entities, places = bridge.pairs(legacy.Place)
    flames = bridge.pairs(legacy.Flame)[1]
    there, (pos, lantern, sprite, circle) = lanterns.at(entities)
    if not there.any():
        return
    light = np.array([flame.brightness for flame in flames], np.float32)[there]
    color = COLORS[[int(flame.hue * COLORS.size) for flame in flames]][there]
    pos.x = np.array([place.x for place in places], np.float32)[there]
    pos.y = np.array([place.y for place in places], np.float32)[there]
    flicker = 1 + 0.05 * np.sin(9 * time.elapsed + 2.4 * np.arange(light.size))
    lantern.light, lantern.color = light, color
    sprite.scale = np.round(1.5 * light * flicker, 2)
    sprite.tint = fade(color, 0.7 * light)
    circle.radius = 2 + 2.5 * light


@system(Update, when=running)
def touch(
    actions: Actions,
    pointer: Pointer,
    bridge: Mut[Esper],
    lanterns: Query[Entity, Position, Lantern],
    commands: Commands,
) -> None:
    """Light a lantern over there, in the esper world, or blow one out over here: each tells the other side."""
    if actions.hit("light"):
        with bridge.world:
            legacy.light(pointer.x, pointer.y, fuel=20)
    for entity, pos, _ in lanterns:
        if actions.hit("all out"):
            commands.despawn(entity)
        elif actions.hit("blow out"):
            away = np.hypot(pos.x - pointer.x, pos.y - pointer.y)
            commands.despawn(entity[(away < REACH) & (away == away.min())])
