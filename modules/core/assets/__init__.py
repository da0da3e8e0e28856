"""Assets: names of files that hold pictures, sounds and data.

An asset's name is its path below a root, with slashes: "ship.png", "sounds/shot.wav". An implementation answers
`core.assets.roots(roots)`, which says where to look, the first root first, and `core.assets.changed(paths)`,
which says what was saved, made or deleted.
"""

from __future__ import annotations

import logging
from pathlib import Path

from engine import field, resource

__all__ = ["Assets"]


@resource(transient=True)
class Assets:
    """Find the file of an asset.

    `files` maps names to paths and `versions` paths to numbers that differ when the content may differ;
    `complaints` holds what was said once about a name.
    """

    roots: list[Path] = field([])
    files: dict[str, Path] = field({})
    versions: dict[Path, int] = field({})
    complaints: dict[str, str] = field({})

    def path(self, name: str) -> Path | None:
        """Return the file of an asset, or None where there is none."""
        return self.files.get(name)

    def version(self, name: str) -> int:
        """Return a number that changes when the file does; 0 where there is none."""
        path = self.files.get(name)
        return 0 if path is None else self.versions.get(path, 1)

    def complain(self, name: str, problem: str) -> None:
        """Log a problem with an asset, once until it changes."""
        if self.complaints.get(name) != problem:
            self.complaints[name] = problem
            logging.getLogger("hotloop.assets").warning("%s", problem)
