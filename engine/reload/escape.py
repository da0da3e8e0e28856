"""Interrupt code that catches every interruption: raise where it does not catch.

`while True: try: ... except BaseException: pass` catches what a signal handler raises nearly anywhere in it, since
nearly all of it lies inside the `try`. Tracing finds the instructions that do not.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

from engine.errors import DeadlineError

Handler = tuple[CodeType, int]


class Escape:
    """The ways out of one block of code that have been tried: each handler that caught the interruption is avoided."""

    def __init__(self, is_border: Callable[[FrameType], bool]) -> None:
        self.is_border = is_border
        """Tells the frames that the interruption has to reach."""
        self.swallowers: set[Handler] = set()
        self._tables: dict[CodeType, list[tuple[int, int, int]]] = {}

    def begin(self, frame: FrameType | None) -> None:
        """Trace a frame and its callers up to the border, and raise at the first place that is not avoided."""
        while frame is not None and not self.is_border(frame):
            frame.f_trace, frame.f_trace_opcodes = self._trace, True
            frame = frame.f_back
        sys.settrace(self._enter)

    def end(self) -> None:
        """Trace no more."""
        sys.settrace(None)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        if self.is_border(frame):
            return None
        frame.f_trace_opcodes = True
        return self._trace

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event in ("line", "opcode"):
            handler = self._handler(frame)
            if handler not in self.swallowers:
                if handler is not None:
                    self.swallowers.add(handler)
                raise DeadlineError("ran past its deadline")
        return self._trace

    def _handler(self, frame: FrameType | None) -> Handler | None:
        """Return the handler that an exception raised in a frame now would reach first, None if none does."""
        while frame is not None and not self.is_border(frame):
            code, place = frame.f_code, frame.f_lasti
            if code not in self._tables:
                entries: Any = dis.Bytecode(code).exception_entries
                self._tables[code] = [(entry.start, entry.end, entry.target) for entry in entries]
            for start, end, target in self._tables[code]:
                if start <= place < end:
                    return code, target
            frame = frame.f_back
        return None
