"""The source files of a running game, read and written from outside by names like `apps.asteroids/rocks.py`.

A name is a module, a slash, and the way inside its folder. Only what lies there may be touched: no links on the way,
no hidden files, known suffixes, plain characters.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import GameError, did_you_mean
from engine.reload.files import digest_of

if TYPE_CHECKING:
    from engine.app import App

SUFFIXES = frozenset({".py", ".toml", ".json", ".md", ".txt"})
MOST_BYTES = 1_000_000
MOST_FILES = 50
_NAME = re.compile(r"([a-z]+(?:\.\w+)?)((?:/\w(?:[\w.-]{0,80}\w)?){1,8})", re.ASCII)
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.ASCII)
FORM = "name a file like `apps.asteroids/rocks.py`: a module, then the way inside its folder"


class SourceError(GameError):
    """A source file may not be read or written like this; nothing was."""


@dataclass(frozen=True)
class Change:
    """The new content of one file; None deletes it."""

    path: Path
    name: str
    before: bytes | None
    after: bytes | None


def roots(app: App) -> dict[str, Path]:
    """Return the folders whose files may be named: modules that run, and the engine where it may be edited."""
    found = {module.name: module.folder for module in app.modules.order}
    if app.modules.app is None:  # a game that does not load
        found[f"apps.{app.name}"] = app.folder
    if app.renewal is not None and app.renewal.watched:
        found["engine"] = app.renewal.folder
    return found


def file_names(app: App, module: str) -> list[str]:
    """Return the names of a module's source files. Raises `SourceError` for an unknown module."""
    known = roots(app)
    if module not in known:
        raise SourceError(f"there is no module {module!r}", remedy=did_you_mean(module, known) or ", ".join(known))
    folder = known[module]
    paths = (path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES and path.is_file())
    names = (f"{module}/{path.relative_to(folder).as_posix()}" for path in paths)
    return [name for name in names if _NAME.fullmatch(name)]


def name_of(app: App, path: str | Path) -> str:
    """Return the name of a file by its path; the path itself for one that has none."""
    inside = [(name, root) for name, root in roots(app).items() if Path(path).is_relative_to(root)]
    if not inside:
        return str(path)
    name, root = max(inside, key=lambda pair: len(str(pair[1])))
    return f"{name}/{Path(path).relative_to(root).as_posix()}"


def locate(app: App, name: str) -> Path:
    """Return the path of a named file, which need not exist. Raises `SourceError` for one out of bounds."""
    match = _NAME.fullmatch(name) if isinstance(name, str) and len(name) <= 300 else None
    known = roots(app)
    if match is None:
        raise SourceError(f"{name!r:.80} names no source file", remedy=FORM)
    if match[1] not in known:
        remedy = did_you_mean(match[1], known) or f"there are {', '.join(known)}"
        raise SourceError(f"there is no module {match[1]!r}", remedy=remedy)
    root, parts = known[match[1]], match[2].split("/")[1:]
    path = root.joinpath(*parts)
    if path.suffix not in SUFFIXES or any(_DEVICES.fullmatch(part) for part in parts) or "__pycache__" in parts:
        raise SourceError(f"{name} names no source file", remedy=f"it ends in one of {', '.join(sorted(SUFFIXES))}")
    _refuse_links(name, root, parts)
    return path


def _refuse_links(name: str, root: Path, parts: list[str]) -> None:
    """Refuse a way that leads through a link, or to another spelling of what is there."""
    here = root
    for part in parts:
        there = here / part
        is_junction: Callable[[], bool] = getattr(there, "is_junction", lambda: False)
        if there.is_symlink() or is_junction():
            raise SourceError(f"{name} leads through a link", remedy="name the file itself")
        if there.exists() and part not in os.listdir(here):
            raise SourceError(f"{name} is spelt in another way", remedy="spell it as it is on the disk")
        here = there
    if here.exists() and not here.is_file():
        raise SourceError(f"{name} is no plain file", remedy="name a file")
    real = Path(os.path.realpath(here))
    if not real.is_relative_to(os.path.realpath(root)):
        raise SourceError(f"{name} lies outside of its module", remedy=FORM)


def read(app: App, name: str) -> tuple[str, str]:
    """Return text and digest of a file. Raises `SourceError`."""
    data = _content(locate(app, name), name)
    if data is None:
        near = did_you_mean(name, file_names(app, name.partition("/")[0]))
        raise SourceError(f"there is no file {name}", remedy=near or "see `modules` for what there is")
    return _text(data, name), digest_of(data)


def _content(path: Path, name: str) -> bytes | None:
    try:
        with open(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(f"{name} cannot be read", why=error.strerror) from error
    if len(data) > MOST_BYTES:
        raise SourceError(f"{name} is larger than {MOST_BYTES} bytes", remedy="use an editor for it")
    return data


def _text(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{name} is no text in UTF-8", why=str(error)) from error


def plan(app: App, files: list[Any]) -> list[Change]:
    """Check a set of changes; raise `SourceError`, nothing being written, if one of them does not fit.

    Each is `{"path", "sha", "text"}`, `{"path", "sha", "old", "new"}` or `{"path", "sha", "delete": true}`; `sha` is
    the digest the file was read at, an empty text for a new file.
    """
    if not 0 < len(files) <= MOST_FILES:
        raise SourceError(f"{len(files)} files", remedy=f"give 1 to {MOST_FILES}")
    changes = [_plan_one(app, one) for one in files]
    if len({change.path for change in changes}) < len(changes):
        raise SourceError("a file is named twice", remedy="name each file once")
    return changes


def _plan_one(app: App, asked: Any) -> Change:
    ways = ({"text"}, {"old", "new"}, {"delete"})
    keys = asked.keys() if isinstance(asked, dict) else set()
    if not any(keys == {"path", "sha"} | way for way in ways):
        raise SourceError(f"{str(asked)[:80]} is no change", remedy="give path, sha, and either text, or old and new")
    if not all(isinstance(asked[key], bool if key == "delete" else str) for key in keys):
        raise SourceError("a change is made of texts", remedy="give path, sha, and text, or old and new, as text")
    name = asked["path"]
    path = locate(app, name)
    if {"site-packages", "dist-packages"} & set(path.parts):
        raise SourceError(f"{name} belongs to an installed package", remedy="copy the module into the game")
    before = _content(path, name)
    digest = digest_of(before) if before is not None else ""
    if asked["sha"] != digest:
        why = "it has changed since it was read" if before is not None else "there is no such file"
        raise SourceError(
            f"{name} not written", why=why, remedy=f"read it again; its sha is {digest!r} now", sha=digest
        )
    after = None if "delete" in keys else _after(asked, name, before)
    return Change(path, name, before, after)


def _after(asked: dict[str, str], name: str, before: bytes | None) -> bytes:
    if "text" in asked:
        text = asked["text"]
    else:
        text = _text(before or b"", name)
        count = text.count(asked["old"]) if asked["old"] else 0
        if count != 1:
            why = f"`old` is found {count} times in it"
            raise SourceError(f"{name} not written", why=why, remedy="give more of the text around it")
        text = text.replace(asked["old"], asked["new"])
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise SourceError(f"{name} not written", why=str(error)) from error
    if len(data) > MOST_BYTES or b"\0" in data:
        raise SourceError(f"{name} not written", why=f"it is no text of at most {MOST_BYTES} bytes")
    return data


def write(changes: list[Change], *, back: bool = False) -> None:
    """Write the files, each as a whole; `back` puts back what was there. If one fails, those before are put back."""
    done: list[Change] = []
    try:
        for change in changes:
            _put(change.path, change.before if back else change.after)
            done.append(change)
    except OSError as error:
        for change in done:
            with contextlib.suppress(OSError):
                _put(change.path, change.after if back else change.before)
        raise SourceError("not written", why=error.strerror or str(error), state="no file was changed") from error


def _put(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
