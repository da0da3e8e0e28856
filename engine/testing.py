"""The pytest plugin that comes with the engine: a module's files are left to the engine to load.

A game's folder is a package for the engine, under a name that pytest does not know. Without this, pytest would import
the `__init__.py` above each test under a name of its own, and fail where the game has modules of its own. The file is
imported by pytest only, which is why nothing else needs pytest.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.reload.manifest import FILE_NAME


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a module's folder, and what lies in one, as a plain folder."""
    if any((folder / FILE_NAME).is_file() for folder in (path, *path.parents)):
        return pytest.Dir.from_parent(parent, path=path)
    return None
