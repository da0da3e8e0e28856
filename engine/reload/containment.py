"""Keep one tick from hurting the game: a checkpoint before it, a deadline over it."""

from __future__ import annotations

import contextlib
import ctypes
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

from engine.errors import DeadlineError
from engine.schedule import Schedule

PROBATION_SECONDS = 0.5
"""How long a tick may take while an edit is on probation."""
STEADY_SECONDS = 2.0
"""How long it may take later."""
REPEAT_SECONDS = 0.05
"""How soon a system that swallowed the interruption is interrupted again."""


class Deadline:
    """Interrupt a system that runs too long, again and again until it has left.

    On the main thread of a POSIX system a timer signal reaches Python code, sleeps, locks and most calls into C;
    elsewhere a thread sends an asynchronous exception, which waits for the next bytecode. Under a debugger nothing
    is interrupted.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._previous: Any = None
        self._uses_signal = False

    @contextlib.contextmanager
    def armed(self, seconds: float) -> Iterator[None]:
        """Interrupt the running system once `seconds` have passed inside the block."""
        if being_debugged():
            yield
        elif hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
            with self._signal(seconds):
                yield
        else:
            with self._thread(seconds):
                yield

    @contextlib.contextmanager
    def _signal(self, seconds: float) -> Iterator[None]:
        previous = signal.signal(signal.SIGALRM, self._on_alarm)
        signal.setitimer(signal.ITIMER_REAL, seconds, REPEAT_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, previous)

    def _on_alarm(self, number: int, frame: FrameType | None) -> None:
        running = self.schedule.running
        if running is None or being_debugged():
            return
        self.schedule.overdue = running
        raise DeadlineError(f"{running.name} ran past its deadline")

    @contextlib.contextmanager
    def _thread(self, seconds: float) -> Iterator[None]:
        done = threading.Event()
        target = threading.get_ident()

        def interrupt() -> None:
            wait = seconds
            while not done.wait(wait):
                wait = REPEAT_SECONDS
                running = self.schedule.running
                if running is not None and not being_debugged():
                    self.schedule.overdue = running
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(target), ctypes.py_object(DeadlineError))

        thread = threading.Thread(target=interrupt, name="hotloop-deadline", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def being_debugged() -> bool:
    """Tell whether a debugger traces this thread, or is in use through `sys.monitoring`."""
    if sys.gettrace() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)
    return monitoring is not None and monitoring.get_tool(monitoring.DEBUGGER_ID) is not None
