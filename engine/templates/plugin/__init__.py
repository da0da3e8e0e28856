"""Entities that live for a while: rows with a Lifetime leave when it is over, and an event tells which."""

from engine import Commands, Entity, Mut, Query, Send, Update, component, entity, event, f32, system
from modules.core.time import Time


@component
class Lifetime:
    """The seconds an entity has left."""

    seconds: f32 = 1.0


@event
class Expired:
    """Tell that a lifetime ended; the entity leaves at the end of the phase."""

    who: entity


@system(Update)
def expire(lives: Query[Entity, Mut[Lifetime]], time: Time, commands: Commands, expired: Send[Expired]) -> None:
    """Count every lifetime down and despawn what has none left."""
    for entities, life in lives:  # one step per table, whole columns
        life.seconds -= time.dt
        over = entities[life.seconds <= 0]
        expired.send(who=over)
        commands.despawn(over)
