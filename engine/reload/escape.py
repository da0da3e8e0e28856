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
    """The way out of one block of code, frame by frame; each handler that caught the interruption is avoided.

    An exception in a trace function ends tracing, so a profile function, which sees frames being left, begins it anew
    in the caller: that may catch the interruption as well.
    """

    def __init__(self, is_border: Callable[[FrameType], bool], is_over: Callable[[], bool]) -> None:
        self.is_border, self.is_over = is_border, is_over
        """Tell the frames that the interruption has to reach, and whether it has."""
        self.swallowers: set[Handler] = set()
        self._tables: dict[CodeType, list[tuple[int, int, int]]] = {}
        self._profile: Any = sys.getprofile()

    def begin(self, frame: FrameType | None) -> None:
        """Trace a frame and its callers up to the border, and raise at the first place that does not catch it."""
        while frame is not None and not self.is_border(frame):
            frame.f_trace, frame.f_trace_opcodes = self._trace, True
            frame = frame.f_back
        sys.setprofile(self._leave)
        sys.settrace(self._enter)

    def end(self) -> None:
        """Trace no more."""
        sys.settrace(None)
        sys.setprofile(self._profile)

    def _leave(self, frame: FrameType, event: str, argument: Any) -> None:
        caller = frame.f_back
        if self.is_over():
            self.end()
        elif event == "return" and caller is not None and not self.is_border(caller):
            caller.f_trace, caller.f_trace_opcodes = self._trace, True
            sys.settrace(self._enter)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        if self.is_over() or self.is_border(frame):
            return None
        frame.f_trace_opcodes = True
        return self._trace

    def _trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if self.is_over():
            return None
        if event in ("line", "opcode") and frame.f_lineno is not None:  # or the traceback has no line either
            handler = self._handler(frame)
            if handler is None or handler not in self.swallowers:
                if handler is not None:
                    self.swallowers.add(handler)
                raise DeadlineError("ran past its deadline")
        return self._trace

    def _handler(self, frame: FrameType) -> Handler | None:
        """Return the handler that an exception raised in a frame now would reach in it, None if none does."""
        code, place = frame.f_code, frame.f_lasti
        if code not in self._tables:
            table: Any = dis.Bytecode(code)
            self._tables[code] = [(entry.start, entry.end, entry.target) for entry in table.exception_entries]
        return next(((code, target) for start, end, target in self._tables[code] if start <= place < end), None)
