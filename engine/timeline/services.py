"""What the timeline of an app answers on the bus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import GameError
from engine.timeline.elsewhere import Elsewhere
from engine.timeline.fork import ForkRun, describe
from engine.timeline.ghost import SECONDS, Ghost

if TYPE_CHECKING:
    from engine.app import App


def provide_time(app: App) -> None:
    """Put the handlers on the app's bus."""
    provide = app.bus.provide

    def status() -> dict[str, Any]:
        """Tell the tick, whether the game is paused, which ticks can be gone to, and the loop that is played."""
        return time_status(app)

    def pause() -> dict[str, Any]:
        """Pause the game; return `time.status`."""
        app.paused = True
        return time_status(app)

    def resume() -> dict[str, Any]:
        """Let the game go on from the present tick; return `time.status`.

        What is kept beyond that tick is forgotten with the first tick that runs.
        """
        app.paused = False
        return time_status(app)

    def step(ticks: int = 1) -> dict[str, Any]:
        """Run ticks at once, paused or not; return tick, hash and rows by component."""
        app.step(ticks)
        return describe(app.world)

    def rewind(tick: int) -> dict[str, Any]:
        """Pause, and let the world be as it was when a tick began; return `time.status`.

        About the last ten seconds can be gone to, and from there all ticks that have run before.
        """
        app.paused = True
        app.timeline.go_to(tick)
        return time_status(app)

    def history() -> dict[str, Any]:
        """List the ticks that are kept, how many entities each spawned, the marks of reloads and errors, the input."""
        return time_history(app)

    def loop(start: int, end: int) -> dict[str, Any]:
        """Play the ticks from `start` to before `end` over and over with the input they had; return `time.status`.

        Each reload begins the stretch anew.
        """
        app.timeline.set_loop(start, end)
        app.paused = False
        return time_status(app)

    def unloop() -> dict[str, Any]:
        """Stop looping and go on from the present tick; return `time.status`."""
        app.timeline.leave_loop()
        return time_status(app)

    def ghost(entities: list[int], seconds: float = SECONDS) -> dict[str, Any]:
        """Show where entities will be in the next seconds, in a loop along all of it; return `time.status`."""
        app.timeline.ghost = Ghost(app, entities, seconds)
        return time_status(app)

    def unghost() -> dict[str, Any]:
        """Show no ghost any longer; return `time.status`."""
        app.timeline.ghost = None
        return time_status(app)

    def ghost_ways() -> dict[str, Any]:
        """Return the way under the code that runs and that before the latest edit, None where it is not known yet.

        A way is an array of (ticks, entities, 2) places in the world, nan where an entity is gone.
        """
        found = app.timeline.ghost
        return {"before": found.before, "after": found.after} if found is not None else {"before": None, "after": None}

    def fork(
        ticks: int,
        at: int | None = None,
        inputs: list[Any] | None = None,
        pictures: list[int] | None = None,
        sources: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Run a copy of the world for some ticks, the game waiting; nothing of it touches the game.

        `at` is a kept tick to begin at, `inputs` are pairs of tick and raw input event, `pictures` the ticks after
        which to draw. `sources` are texts by file, as a path in the game's folder or an absolute one: the copy runs on
        these in a process of its own, and the disk is left alone. Returns first and last tick, the hash and the number
        of entities after each tick, rows by component, faults, and pictures as (height, width, 3) arrays by tick.
        """
        run = fork_of(app, sources, ticks, at, inputs, pictures)
        try:
            run.run()
            return run.answer
        finally:
            run.close()

    def fork_begin(
        ticks: int,
        at: int | None = None,
        inputs: list[Any] | None = None,
        pictures: list[int] | None = None,
        sources: dict[str, str] | None = None,
    ) -> int:
        """Do what `time.fork` does beside the game, so that it keeps its pace; return a number for the result."""
        return app.timeline.begin_run(fork_of(app, sources, ticks, at, inputs, pictures))

    def fork_result(number: int) -> dict[str, Any] | None:
        """Return what a fork that was begun has found out, None while it runs; raise `GameError` if there is none."""
        run = app.timeline.runs.get(number)
        if run is None:
            raise GameError(
                f"there is no fork {number}", remedy="call time.fork_begin, and ask before 16 more have begun"
            )
        return run.answer if run.done else None

    provide("time.status", status)
    provide("time.pause", pause)
    provide("time.resume", resume)
    provide("time.step", step)
    provide("time.rewind", rewind)
    provide("time.history", history)
    provide("time.loop", loop)
    provide("time.unloop", unloop)
    provide("time.ghost", ghost)
    provide("time.unghost", unghost)
    provide("time.ghost_ways", ghost_ways)
    provide("time.fork", fork)
    provide("time.fork_begin", fork_begin)
    provide("time.fork_result", fork_result)


def fork_of(
    app: App,
    sources: dict[str, str] | None,
    ticks: int,
    at: int | None,
    inputs: list[Any] | None,
    pictures: list[int] | None,
) -> ForkRun | Elsewhere:
    """Return a run of a copy, in another process if it is to run on other sources."""
    if sources is None:
        return app.timeline.fork(ticks, at, inputs or (), pictures or ())
    return app.timeline.elsewhere(sources, ticks, at, inputs or (), pictures or ())


def time_status(app: App) -> dict[str, Any]:
    """Return how an app's time stands, as JSON-able data."""
    timeline = app.timeline
    loop = timeline.loop
    return {
        "tick": timeline.tick,
        "paused": app.paused,
        "first": timeline.first,
        "last": timeline.last,
        "loop": None if loop is None else {"start": loop.start, "end": loop.end},
        "ghost": timeline.ghost.entities if timeline.ghost is not None else [],
    }


def time_history(app: App) -> dict[str, Any]:
    """Return what is kept of the last seconds, as JSON-able data."""
    timeline = app.timeline
    history = timeline.history
    return {
        "first": timeline.first,
        "last": timeline.last,
        "copies_every": history.stride,
        "spawned": [[tick, count] for tick, count in history.spawned.items() if count],
        "marks": [{"tick": mark.tick, "kind": mark.kind, "text": mark.text} for mark in timeline.marks],
        "inputs": [[tick, event] for tick, events in history.inputs.items() for event in events],
    }
