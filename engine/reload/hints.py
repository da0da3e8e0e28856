"""What a system that failed most likely forgot: `Mut`, told from the column it could not write."""

from __future__ import annotations

import contextlib
import linecache
import re
import traceback
from collections.abc import Iterable, Iterator
from itertools import islice
from types import FrameType, TracebackType
from typing import Any

import numpy as np

from engine.binding import Parameter
from engine.ecs.component import schema_of
from engine.ecs.terms import parse_terms
from engine.schedule import SystemFault

_TARGET = re.compile(r"\s*(\w+)")
_OUT = re.compile(r"\bout\s*=\s*\(?\s*(\w+)")


def hint_for(fault: SystemFault) -> str | None:
    """Say what a system should ask for that wrote to what it only reads; None if that is not what went wrong.

    It is kept with the fault: undoing an edit takes away the source that tells.
    """
    if "hint" not in fault.__dict__:
        fault.__dict__["hint"] = None
        with contextlib.suppress(Exception):  # what a game's own objects answer is no reason to lose the message
            fault.__dict__["hint"] = _hint(fault)
    return fault.__dict__["hint"]  # type: ignore[no-any-return]


def _hint(fault: SystemFault) -> str | None:
    if not isinstance(fault.cause, ValueError) or "read-only" not in str(fault.cause):
        return None
    components, events = _read_only(fault.system.parameters)
    written = _written(fault.cause.__traceback__, [*components, *events])
    if written in events:
        return f"events are facts: change a copy of what {written.__name__} says"
    if written is not None:
        return f"{written.__name__} is only read here: ask for Mut[{written.__name__}]"
    names = ", ".join(cls.__name__ for cls in components)
    return f"ask for Mut of what it writes: it only reads {names}" if names else None


def _read_only(parameters: Iterable[Parameter]) -> tuple[list[type], list[type]]:
    """Return the components and resources that a system only reads, and the events that are classes of a game."""
    components, events = [], []
    for parameter in parameters:
        if parameter.kind == "query":
            terms = parse_terms(parameter.target)
            read = {term.name for term in terms.data if not term.mut}
            components += [cls for cls in terms.classes if schema_of(cls).name in read]
        elif parameter.kind == "resource" and not parameter.mutable:
            components.append(parameter.target)
        elif parameter.kind == "events" and isinstance(parameter.target, type):
            events.append(parameter.target)
    return components, events


def _written(trace: TracebackType | None, classes: list[type]) -> type | None:
    """Return which of the classes the innermost statement with a view of one of them writes."""
    for frame, line in reversed(list(traceback.walk_tb(trace))):
        views = [value for value in frame.f_locals.values() if isinstance(value, tuple(classes))]
        if views:
            return _class_of(_target(frame, line, trace), views, classes)
    return None


def _target(frame: FrameType, line: int, trace: TracebackType | None) -> Any:
    """Return what the name stands for to which the failed instruction writes, as far as its text tells."""
    at = next((one.tb_lasti for one in _entries(trace) if one.tb_frame is frame), 0)
    place = next(islice(frame.f_code.co_positions(), at // 2, None), (line, line, None, None))
    first, last, start, end = place
    lines = linecache.getlines(frame.f_code.co_filename)[(first or line) - 1 : last or line]
    if lines and end is not None and start is not None:
        lines[-1] = lines[-1].encode()[:end].decode(errors="replace")
        lines[0] = lines[0].encode()[start:].decode(errors="replace")
    text = "".join(lines)
    name = _OUT.search(text) or _TARGET.match(text)
    return frame.f_locals.get(name[1]) if name else None


def _entries(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _class_of(target: Any, views: list[Any], classes: list[type]) -> type | None:
    """Return the class of the view that was written, or one of whose columns was."""
    if isinstance(target, np.ndarray):
        target = next((view for view in views if any(_is_part(target, part) for part in _columns(view))), None)
    return next((cls for cls in classes if isinstance(target, cls)), None)


def _columns(view: Any) -> list[Any]:
    return [getattr(view, field.name, None) for field in schema_of(type(view).__mro__[1]).fields]


def _is_part(array: np.ndarray[Any, Any], column: Any) -> bool:
    return isinstance(column, np.ndarray) and np.may_share_memory(array, column)
