"""Particles: emitters throw rows that fly, slow down, shrink, change colour and go.

    commands.spawn(Position(x=400, y=300), Emitter(rate=200, life=0.8, speed=90, color=rgba("#ffb45e")))
    commands.spawn(Position(x=400, y=300), puff(300, speed=240, size=5.0, glow=True))

A particle is an ordinary entity with `Position`, `Velocity`, `Particle` and what draws it: `Dot`, or `Sprite` where the
emitter has an image. Particles are seen and nothing more; a game that never looks at them plays the same without.
"""

from __future__ import annotations

from .emitters import Emitter, emit, puff
from .flight import Particle, blend

__all__ = ["Emitter", "Particle", "blend", "emit", "puff"]
