"""Keep one tick from hurting the game: a deadline over every system, and what is done where it does not help."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from engine.errors import DeadlineError
from engine.reload.escape import Escape
from engine.schedule import Schedule

ENGINE = str(Path(__file__).resolve().parents[1]) + os.sep
IMPORT = ("<frozen importlib", "<frozen zipimport")


@dataclass
class Patience:
    """How long what may take, in seconds.

    `probation` and `steady` are for a tick or a picture, `commit` for what one edit executes or a Startup system that
    it adds. One that has swallowed the interruption is interrupted again after `repeat`; after as many as `tries`,
    nothing helps.
    """

    probation: float = 0.5
    steady: float = 2.0
    commit: float = 5.0
    repeat: float = 0.05
    tries: int = 40


class Deadline:
    """Interrupt what runs too long, again and again until it has left.

    On the main thread of a POSIX system a timer signal reaches Python code, sleeps, locks and most calls into C;
    elsewhere a thread sends an asynchronous exception, which waits for the next bytecode. What is interrupted is the
    code of systems and of edits, not what the engine does for it, so that nothing is left half done. Code that
    swallows the interruption is interrupted where it does not catch it. Under a debugger nothing is interrupted.

    `hopeless` is called with the name of what runs, once per block, when that has not helped either. It may come from
    a signal handler or from another thread, and need not return.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.patience = Patience()
        self.hopeless: Callable[[str], None] | None = None
        self.is_ours: Callable[[str], bool] = lambda file: False
        self._armed = self._spare_engine = False
        self._tries = 0
        self._raised = 0
        self._escape: Escape | None = None

    @contextlib.contextmanager
    def armed(self, seconds: float, *, spare_engine: bool = False) -> Iterator[None]:
        """Interrupt what runs once `seconds` have passed inside the block; inside another, do nothing.

        With `spare_engine`, as for an edit, what the engine itself or a foreign import takes does not count at all.
        """
        if self._armed or being_debugged():
            yield
            return
        self._armed, self._tries, self._raised, self._escape = True, 0, 0, None
        self._spare_engine = spare_engine
        on_main = threading.current_thread() is threading.main_thread()
        way = self._signal if hasattr(signal, "setitimer") and on_main else self._thread
        try:
            with way(seconds):
                yield
        finally:
            self._armed = False
            if self._escape is not None:
                self._escape.end()

    @contextlib.contextmanager
    def _signal(self, seconds: float) -> Iterator[None]:
        previous = signal.signal(signal.SIGALRM, self._on_alarm)
        signal.setitimer(signal.ITIMER_REAL, seconds, self.patience.repeat)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, previous)

    def _on_alarm(self, number: int, frame: FrameType | None) -> None:
        if not self._is_late(frame):
            return
        if self._raised < 2:
            self._raised += 1
            raise DeadlineError("ran past its deadline")
        if self._escape is None:
            self._escape = Escape(is_engine, lambda: self.schedule.running is None)
        self._escape.begin(frame)

    @contextlib.contextmanager
    def _thread(self, seconds: float) -> Iterator[None]:
        done = threading.Event()
        target = threading.get_ident()

        def interrupt() -> None:
            wait = seconds
            while not done.wait(wait):
                wait = self.patience.repeat
                if self._is_late(sys._current_frames().get(target)):
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(target), ctypes.py_object(DeadlineError))

        thread = threading.Thread(target=interrupt, name="hotloop-deadline", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _is_late(self, frame: FrameType | None) -> bool:
        """Tell whether to interrupt now, and note that what runs is overdue."""
        running = self.schedule.running
        if running is None or (self._escape is None and being_debugged()):
            return False
        own = self._own_frame(frame)
        if own is None and self._spare_engine:
            return False
        self._tries += 1
        if self._tries == self.patience.tries and self.hopeless is not None:
            self.hopeless(running.name)
        if own is None and self._tries % 10:
            return False
        if self.schedule.overdue is not running:
            self.schedule.overdue = running
            self.schedule.overdue_at = None if own is None else (own.f_code.co_filename, own.f_lineno)
        return True

    def _own_frame(self, frame: FrameType | None) -> FrameType | None:
        """Return the innermost frame of a game's or module's code.

        None while the engine itself works for it, or imports a package that is not managed: that is left to end.
        """
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith(IMPORT) or is_engine(frame):
                return None
            if self.is_ours(name) or "__qualified__" in frame.f_globals:
                return frame
            frame = frame.f_back
        return None


def is_engine(frame: FrameType) -> bool:
    """Tell whether a frame is of the engine at work, not of a file of it that is executed anew."""
    code = frame.f_code
    return (
        code.co_filename.startswith(ENGINE)
        and code.co_name != "<module>"
        and "__qualified__" not in frame.f_globals  # games that are installed lie in the engine's folder
    )


def being_debugged() -> bool:
    """Tell whether a debugger traces this thread, or is in use through `sys.monitoring`."""
    if sys.gettrace() is not None:
        return True
    monitoring: Any = getattr(sys, "monitoring", None)
    return monitoring is not None and monitoring.get_tool(monitoring.DEBUGGER_ID) is not None
