"""A world of esper's own: current inside `with`, out of the way everywhere else."""

from __future__ import annotations

import weakref
from itertools import count
from types import MethodType, TracebackType
from typing import Any

import esper

from engine import HotloopError


class EsperError(HotloopError):
    """An esper program does what it cannot do beside others in one process."""


class Context:
    """An esper world that is the current one inside `with`, and only there.

    The world that was current before comes back at the end, after an exception too. A program that calls
    `esper.switch_world` inside is followed: the world it chose is entered the next time. `close` deletes all worlds
    it made, and so does the garbage collector.
    """

    def __init__(self) -> None:
        self.name = _free_name()
        self._owned = {self.name}
        self._before: list[tuple[str, frozenset[str]]] = []
        self._cleanup = weakref.finalize(self, _delete_worlds, self._owned)
        self._cleanup.atexit = False
        with self:
            pass

    @property
    def closed(self) -> bool:
        """Whether the worlds are deleted."""
        return not self._cleanup.alive

    def close(self) -> None:
        """Delete the program's worlds with all that is in them; a second call does nothing."""
        self._cleanup()

    def __enter__(self) -> Context:
        if self.closed:
            raise EsperError(f"the esper world {self.name!r} is closed", where="plugins.esper_bridge", context=self)
        self._before.append((esper.current_world, frozenset(esper.list_worlds())))
        if esper.current_world not in self._owned:
            esper.switch_world(self.name)
            _settle_handlers()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        before, known = self._before.pop()
        chosen = esper.current_world
        if self.closed:
            esper.switch_world(before)
            return
        self._owned.update(set(esper.list_worlds()) - known)
        if before in self._owned:
            return
        _settle_handlers()
        esper.switch_world(before)
        if chosen in self._owned:
            self.name = chosen
        elif error is None:
            raise EsperError(
                f"an esper program switched to the world {chosen!r}",
                where="plugins.esper_bridge",
                why="that world belongs to another program of this process",
                remedy="give the program's own world another name",
                state=f"the program stays in {self.name!r}",
                context=self,
            )


def _free_name() -> str:
    taken = set(esper.list_worlds())
    return next(name for number in count(1) if (name := f"hotloop {number}") not in taken)


def _delete_worlds(names: set[str]) -> None:
    if esper.current_world in names:
        esper.switch_world("default")
    for name in names.intersection(esper.list_worlds()):
        esper.delete_world(name)


def _settle_handlers() -> None:
    """Drop the dead event handlers of the current world, and take esper's callbacks off the living.

    Such a callback looks into the registry of the world that is current when a handler dies. Where that is another
    world it fails, and the dead handler breaks the next `esper.dispatch_event`.
    """
    registry = esper.event_registry
    for name, handlers in list(registry.items()):
        living = [handler for reference in handlers if (handler := reference()) is not None]
        handlers.clear()
        handlers.update(_weak(handler) for handler in living)
        if not handlers:
            del registry[name]


def _weak(handler: Any) -> weakref.ref[Any]:
    return weakref.WeakMethod(handler) if isinstance(handler, MethodType) else weakref.ref(handler)
