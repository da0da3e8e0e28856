"""Finds assets below folders, the first folder that has one first."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from engine import Mut, handler
from modules.core.assets import Assets

NO_ASSETS = frozenset({".py", ".pyc", ".toml"})


@handler("core.assets.roots")
def roots(roots: list[Path], assets: Mut[Assets]) -> None:
    """Say in which folders assets lie; what was found before is looked up anew."""
    assets.roots = [Path(root) for root in roots]
    assets.finder = find
    _forget(assets)


@handler("core.assets.changed")
def changed(paths: list[str], assets: Mut[Assets]) -> None:
    """Take note that these files were saved, made or deleted; the next look-up sees it."""
    assets.finder = find
    _forget(assets)


@handler("core.assets.list")
def names(assets: Mut[Assets], suffix: str = "") -> list[str]:
    """Return the names of all assets, or of those that end in `suffix`."""
    return sorted(name for name in everything(assets) if name.endswith(suffix))


def find(assets: Assets, name: str) -> Path | None:
    """Return the first file of this name below the roots, and note which version of it there is."""
    parts = PurePosixPath(name).parts
    if not parts or ".." in parts or "\0" in name or PurePosixPath(name).is_absolute():
        return None
    for root in assets.roots:
        path = root.joinpath(*parts)
        try:
            if path.is_file():
                status = path.stat()
                # Two contents of one time and size cannot be told apart, and a version is never 0.
                assets.versions[path] = hash((status.st_mtime_ns, status.st_size, status.st_ino)) or 1
                return path
        except OSError:
            continue
    return None


def everything(assets: Assets) -> set[str]:
    """Return the names of all files below the roots, hidden ones and code left out."""
    found = set()
    for root in assets.roots:
        for path in root.rglob("*"):
            parts = path.relative_to(root).parts
            hidden = any(part.startswith((".", "__")) for part in parts)
            if not hidden and path.suffix not in NO_ASSETS and path.is_file():
                found.add("/".join(parts))
    return found


def _forget(assets: Assets) -> None:
    assets.files.clear()
    assets.versions.clear()
    assets.complaints.clear()
