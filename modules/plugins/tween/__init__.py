"""Tweens and alarms: what happens over time, as components.

    commands.spawn(Tween(target=hero, field="Sprite.scale", goal=2.0, seconds=0.3, ease="out_back"))
    commands.spawn(Alarm(2.5, name="boss", ends=True))

A tween takes one field of one component of its target to a goal and sends `Tweened` at its end; an alarm counts down
and sends `Rang`. `Pace` makes all of them faster or slower, or halts them.
"""

from __future__ import annotations

from .alarms import Alarm, Rang
from .easing import EASES, eased
from .tweens import Pace, Tween, Tweened

__all__ = ["EASES", "Alarm", "Pace", "Rang", "Tween", "Tweened", "eased"]
