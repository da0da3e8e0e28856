"""A progress bar on a terminal; where there is none, a line for each part."""

from __future__ import annotations

import sys
from typing import TextIO

WIDTH = 30


class Progress:
    """Shows how much of a run is done. What it writes goes to standard error, apart from the results."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self.total, self.done = max(total, 1), 0
        self._stream = stream if stream is not None else sys.stderr
        self._live = self._stream.isatty()
        self._said = ""

    def step(self, part: str, detail: str = "") -> None:
        """Say what is measured next."""
        if self._live:
            filled = WIDTH * self.done // self.total
            bar = "#" * filled + "." * (WIDTH - filled)
            self._stream.write(f"\r\x1b[K[{bar}] {self.done}/{self.total} {part} {detail}")
        elif part != self._said:
            self._stream.write(f"... {part}\n")
        self._stream.flush()
        self._said = part
        self.done += 1

    def end(self) -> None:
        """Take the bar away."""
        if self._live:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
