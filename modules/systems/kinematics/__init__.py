"""Moves, turns and carries entities, whole columns at a time."""

from __future__ import annotations

from engine import Mut, PreUpdate, Query, Update, system
from modules.core.motion import Position, Rotation, Spin, Velocity
from modules.core.time import Time, running


@system(PreUpdate)
def remember(places: Query[Mut[Position]], turns: Query[Mut[Rotation]]) -> None:
    """Keep where everything was at the start of the tick, for the picture between two ticks."""
    for pos in places:
        pos.last = pos.xy
    for turn in turns:
        turn.last = turn.angle


@system(Update, when=running)
def move(bodies: Query[Mut[Position], Velocity], spinning: Query[Mut[Rotation], Spin], time: Time) -> None:
    """Move by velocity and turn by spin."""
    for pos, vel in bodies:
        pos.xy += vel.xy * time.dt
    for turn, spin in spinning:
        turn.angle += spin.rate * time.dt
