"""The timeline as the person at the window has it: keys, the bar to scrub on, and what of it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.clock import TICK_RATE
from engine.errors import HotloopError
from engine.timeline.ghost import Ghost

if TYPE_CHECKING:
    from engine.app import App

PICK = "timeline.pick"


def steer(app: App, what: str, share: float = 0.0) -> bool:
    """Carry out an event of the window that is about time; tell whether it is one.

    f4 goes back while it is held, shift f4 forth; f6 marks a loop, f7 switches the ghost; `scrub` goes to the tick
    at this share of the bar.
    """
    timeline = app.timeline
    try:
        match what:
            case "f4" | "shift f4":
                timeline.leave_loop()
                timeline.direction, app.paused = (-1 if what == "f4" else 1), True
            case "f4 up":
                timeline.direction = 0
            case "f6":
                _loop(app)
            case "f7":
                _ghost(app)
            case "scrub":
                timeline.leave_loop()
                app.paused = True
                timeline.go_to(round(timeline.first + min(1.0, max(0.0, share)) * (timeline.last - timeline.first)))
            case _:
                return False
    except HotloopError as error:
        app.overlay.toast(str(error), "bad")
    return True


def _loop(app: App) -> None:
    timeline = app.timeline
    marked = timeline.marked
    timeline.mark_loop()
    if timeline.loop is not None:
        app.paused = False
        seconds = (timeline.loop.end - timeline.loop.start) / TICK_RATE
        app.overlay.toast(f"a loop of {seconds:.1f} s: edit, and F6 leaves it", "info")
    elif timeline.marked is not None:
        app.overlay.toast("the loop begins here: play, and F6 ends it", "info")
    elif marked is None:
        app.overlay.toast("the loop is over", "info")


def _ghost(app: App) -> None:
    timeline = app.timeline
    if timeline.ghost is not None:
        timeline.ghost = None
        return
    picked = app.simulation.call(PICK) if PICK in app.bus else None
    if picked:
        timeline.ghost = Ghost(app, picked)
        app.overlay.toast("a ghost shows the way ahead; F7 ends it", "info")
    else:
        app.overlay.toast("nothing moves here", "info")


def is_shown(app: App) -> bool:
    """Tell whether the bar is there to be seen: while the game is paused, and while a loop is made or played."""
    timeline = app.timeline
    return app.paused or timeline.loop is not None or timeline.marked is not None


def overlay_data(app: App) -> dict[str, Any] | None:
    """Return the bar and the ghost as the overlay shows them; None where there is neither."""
    timeline = app.timeline
    ghost = timeline.ghost.data() if timeline.ghost is not None else []
    if not is_shown(app):
        return {"bar": None, "ghost": ghost} if ghost else None
    loop = timeline.loop
    first, last = timeline.first, timeline.last if loop is None else max(timeline.last, loop.end)
    bar = {
        "first": first,
        "last": last,
        "tick": timeline.tick,
        "rate": TICK_RATE,
        "state": "back" if timeline.direction < 0 else "on" if timeline.direction else "loop" if loop else "paused",
        "spawned": [[tick, count] for tick, count in timeline.history.spawned.items() if count],
        "marks": [{"tick": mark.tick, "kind": mark.kind} for mark in timeline.marks if first <= mark.tick <= last],
        "loop": [loop.start, loop.end] if loop is not None else None,
        "marked": timeline.marked,
    }
    return {"bar": bar, "ghost": ghost}
