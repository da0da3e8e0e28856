"""What the person holds, apart from what a world believes: the two part when the world goes elsewhere in time."""

from __future__ import annotations

from typing import Any

from engine.timeline.history import Events

Control = tuple[Any, ...]
"""A key, button or pad button as it stands in a raw event, without the way it goes."""


def control_of(event: list[Any]) -> Control | None:
    """Return what goes down or up in a raw event; None for events of another kind."""
    if event[0] in ("key", "button", "padbutton") and event[1] in ("down", "up"):
        return event[0], *event[2:]
    return None


class Held:
    """The controls that are down, by the raw events of the window."""

    def __init__(self) -> None:
        self.down: set[Control] = set()

    def note(self, event: list[Any]) -> None:
        """Follow one raw event."""
        control = control_of(event)
        if control is not None:
            (self.down.add if event[1] == "down" else self.down.discard)(control)

    def corrections(self, believed: Events) -> Events:
        """Return the raw events after which a world that believes these controls down knows what is."""
        known = {control for event in believed if (control := control_of(event)) is not None}
        gone = [[kind, "up", *rest] for kind, *rest in sorted(known - self.down, key=repr)]
        return gone + [[kind, "down", *rest] for kind, *rest in sorted(self.down - known, key=repr)]
