"""Particles in flight: they are pulled, slowed, shrunk, tinted, and taken away."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Commands, Entity, Mut, Query, Update, component, f32, system, u32
from modules.core.motion import Velocity
from modules.core.render import Dot, Sprite
from modules.core.time import Time, running

LANES = np.uint32(0x00FF00FF)
"""Two of a colour's four channels, with room above each for a product."""


@component
class Particle:
    """Say how an entity with a `Velocity` flies and fades until it is `life` seconds old; see `Emitter`."""

    life: f32
    left: f32
    gravity: f32 = 0.0
    drag: f32 = 1.0
    size: f32 = 4.0
    size_end: f32 = 0.0
    color: u32 = 0xFFFFFFFF
    color_end: u32 = 0xFFFFFF00


@system(Update, when=running)
def fly(particles: Query[Entity, Mut[Particle], Mut[Velocity]], time: Time, commands: Commands) -> None:
    """Pull and slow every particle, and take away those whose time is up."""
    for entity, particle, vel in particles:
        particle.left -= time.dt
        if (particle.drag != 1).any():
            vel.xy *= particle.drag**time.dt
        if particle.gravity.any():
            vel.y += particle.gravity * time.dt
        over = particle.left <= 0
        if over.any():
            commands.despawn(entity[over])


@system(Update)
def fade_dots(particles: Query[Particle, Mut[Dot]]) -> None:
    """Give every dot the size and colour of its age."""
    for particle, dot in particles:
        dot.size, dot.color = _looks(particle)


@system(Update)
def fade_sprites(particles: Query[Particle, Mut[Sprite]]) -> None:
    """Give every sprite the scale and tint of its age."""
    for particle, sprite in particles:
        sprite.scale, sprite.tint = _looks(particle)


def _looks(particle: Any) -> tuple[Any, Any]:
    age = 1 - np.maximum(particle.left, 0) / particle.life
    size = particle.size + (particle.size_end - particle.size) * age
    return size, blend(particle.color, particle.color_end, age)


def blend(first: Any, second: Any, share: Any) -> NDArray[np.uint32]:
    """Return colours between two columns of them, as `mix` does, two channels at a time and to 1 part in 256."""
    second_part = (np.clip(share, 0, 1) * 256).astype(np.uint32)
    first_part = np.uint32(256) - second_part
    low = ((first & LANES) * first_part + (second & LANES) * second_part) >> 8 & LANES
    high = ((first >> 8 & LANES) * first_part + (second >> 8 & LANES) * second_part) & ~LANES
    blended: NDArray[np.uint32] = low | high
    return blended
