"""No window; hands on the events that a test puts in, and keeps the overlays it was asked to show."""

from __future__ import annotations

from typing import Any

from engine import Events, Mut, Render, field, handler, resource, system
from modules.core.input import Rumble

__all__ = ["Shown"]


@resource(transient=True)
class Shown:
    """What was shown, and the raw events to report at the next poll.

    `presented` counts frames, `overlay` is that of the last one, `overlays` holds each that was unlike the one before.
    `rumbles` is what gamepads were to feel, in order.
    """

    events: list[Any] = field(factory=list)
    presented: int = 0
    overlay: dict[str, Any] = field(factory=dict)
    overlays: list[dict[str, Any]] = field(factory=list)
    rumbles: list[dict[str, float]] = field(factory=list)


@handler("core.window.usable")
def usable() -> str | None:
    """Return why no window could be seen here: there never is one."""
    return "systems.null_window shows nothing"


@handler("core.window.poll")
def poll(shown: Mut[Shown]) -> list[Any]:
    """Return the events put in since the last call."""
    events, shown.events = list(shown.events), []
    return events


@handler("core.window.present")
def present(overlay: dict[str, Any], shown: Mut[Shown]) -> None:
    """Keep the overlay."""
    shown.presented += 1
    if overlay != shown.overlay:
        shown.overlays.append(overlay)
    shown.overlay = overlay


@system(Render)
def rumble(wanted: Events[Rumble], shown: Mut[Shown]) -> None:
    """Write down what gamepads were to feel since the last frame."""
    for step in wanted:
        columns = (step.low.tolist(), step.high.tolist(), step.seconds.tolist(), step.pad.tolist())
        for low, high, seconds, pad in zip(*columns, strict=True):
            shown.rumbles.append({"low": low, "high": high, "seconds": seconds, "pad": pad})
