"""The engine itself at fault: it raised, or did not end, outside of any system."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import DeadlineError
from engine.schedule import System, SystemFault

HANG_SECONDS = 1.0
"""Processor time after which a frame of an edited engine counts as one without end."""


class EngineFault(SystemFault):
    """A fault of the engine whose files lie in `folder`, for which an edit of them is taken back."""

    def __init__(self, cause: BaseException, folder: Path) -> None:
        frames = traceback.extract_tb(cause.__traceback__)
        inner = [one for one in frames if Path(one.filename).is_relative_to(folder)] or frames
        self._place = (inner[-1].filename, inner[-1].lineno or 0) if inner else (str(folder), 0)
        super().__init__(_Engine(f"the engine ({Path(self._place[0]).name})"), cause)

    @property
    def place(self) -> tuple[str, int]:
        """The innermost file and line of the engine."""
        return self._place

    def place_in(self, files: Collection[str]) -> tuple[str, int]:
        """Return the innermost frame in one of these files, as of an edit that did it; else `place`."""
        for frame, line in reversed(list(traceback.walk_tb(self.cause.__traceback__))):
            if frame.f_code.co_filename in files:
                return frame.f_code.co_filename, line
        return self._place


class _Engine(System):
    """Stands for the engine where a system is asked for its name."""

    def __init__(self, name: str) -> None:
        self.fault = None
        self.name = name


class Limit:
    """A limit to the processor time of a block, set while it runs; real time has its timer in use already.

    It does nothing outside the main thread and where there is no such timer.
    """

    def __init__(self) -> None:
        self._applies: Callable[[], bool] | None = None
        self._before: Any = None

    @contextmanager
    def block(self, applies: Callable[[], bool]) -> Iterator[None]:
        """Let `begin` count in this block; past the limit, `DeadlineError` is raised whenever `applies`."""
        on_main = threading.current_thread() is threading.main_thread()
        self._applies = applies if on_main and hasattr(signal, "setitimer") else None
        try:
            yield
        finally:
            self._applies = None
            if self._before is not None:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
                signal.signal(signal.SIGVTALRM, self._before)
                self._before = None

    def begin(self) -> None:
        """Count from now on."""
        if self._applies is not None and self._before is None:
            self._before = signal.signal(signal.SIGVTALRM, self._interrupt)
            signal.setitimer(signal.ITIMER_VIRTUAL, HANG_SECONDS, HANG_SECONDS)

    def _interrupt(self, number: int, frame: object) -> None:
        if self._applies is not None and self._applies():
            raise DeadlineError("the engine ran past its deadline")
