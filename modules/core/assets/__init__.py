"""Assets: names of files that hold pictures, sounds and data.

An asset's name is its path below a root, with slashes: "ship.png", "sounds/shot.wav". An implementation answers
`core.assets.roots(roots)`, which says where to look, the first root first, and `core.assets.changed(paths)`,
which says what was saved, made or deleted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from engine import field, resource

__all__ = ["Assets"]


@resource(transient=True)
class Assets:
    """Find the file of an asset.

    The implementation puts `finder` here, which looks a name up in the roots; `files` keeps what it found and
    `versions` a number for each file that differs when the content does. `complaints` holds what was said about a name,
    `complained` the version of its file that was meant.
    """

    roots: list[Path] = field(factory=list)
    finder: Callable[[Assets, str], Path | None] | None = None
    files: dict[str, Path | None] = field(factory=dict)
    versions: dict[Path, int] = field(factory=dict)
    complaints: dict[str, str] = field(factory=dict)
    complained: dict[str, int] = field(factory=dict)

    def path(self, name: str) -> Path | None:
        """Return the file of an asset, or None where there is none."""
        if name not in self.files:
            self.files[name] = None if self.finder is None else self.finder(self, name)
        return self.files[name]

    def version(self, name: str) -> int:
        """Return a number that changes with the content of the file; 0 where there is none."""
        path = self.path(name)
        return 0 if path is None else self.versions.get(path, 1)

    def complain(self, name: str, problem: str) -> None:
        """Log a problem with an asset, once until a file changes; a window shows it for a while."""
        self.complained[name] = self.version(name)
        if self.complaints.get(name) != problem:
            self.complaints[name] = problem
            logging.getLogger("hotloop.assets").warning("%s", problem)

    def standing(self) -> dict[str, str]:
        """Return the complaints that still hold, and drop those whose file has changed or turned up since."""
        for name in [name for name in self.complaints if self.complained.get(name) != self.version(name)]:
            del self.complaints[name]
        return self.complaints
