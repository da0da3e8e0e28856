"""Which files below a module's folder are part of it, by their paths alone."""

from __future__ import annotations

from collections.abc import Sequence

LEFT_OUT = frozenset({"tests", "scripts", "__pycache__"})
"""Folders of a module that are not part of it when it runs."""
HOME = "modules"
"""The folder of a game that holds further modules."""


def belongs(inner: Sequence[str]) -> bool:
    """Tell whether a Python file, given by its path below a module's folder, is part of the module."""
    *folders, file = inner
    if file == "conftest.py" or not file.removesuffix(".py").isidentifier():
        return False
    return not any(part in LEFT_OUT or part == HOME or not part.isidentifier() for part in folders)


def is_private(inner: Sequence[str]) -> bool:
    """Tell whether a file is one that is imported but not scanned: its name, or a folder's, begins with one `_`."""
    return any(part.startswith("_") and not part.startswith("__") for part in inner)
