"""Alarms: countdowns that send an event."""

from __future__ import annotations

import engine
from engine import Commands, Entity, Mut, Query, Send, Update, boolean, component, event, f32, system
from modules.core.time import Time, countdown, running

from .tweens import Pace


@component
class Alarm:
    """Ring in `left` seconds, once or, with `every`, again and again with that period.

    After its last ring the alarm is removed, with `ends` together with its entity.
    """

    left: f32
    every: f32 = 0.0
    name: engine.text = ""
    ends: boolean = False


@event
class Rang:
    """The alarm of this entity rang."""

    entity: engine.entity
    name: engine.text


@system(Update, when=running)
def ring(alarms: Query[Entity, Mut[Alarm]], time: Time, pace: Pace, commands: Commands, rang: Send[Rang]) -> None:
    """Count every alarm down and tell of those that are due."""
    for entity, alarm in alarms:
        due = countdown(alarm.left, time.dt * pace.speed)
        if not due.any():
            continue
        rang.send(entity=entity[due], name=alarm.name[due])
        alarm.left = alarm.left + alarm.every * due
        over = due & (alarm.every <= 0)
        commands.despawn(entity[over & alarm.ends])
        commands.remove(entity[over & ~alarm.ends], Alarm)
