"""One thing that is wrong, and where."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong at a line of a file; line 0 means the file as a whole."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return `file:line: text`, the file as seen from the working directory where it lies below it."""
        path, here = Path(self.path), Path.cwd()
        if path.is_relative_to(here):
            path = path.relative_to(here)
        place = f"{path}:{self.line}" if self.line else os.fspath(path)
        return f"{place}: {self.text}"
