"""Make new modules: from the templates shipped with the engine, or as a copy of a module that exists.

Templates are modules in which the word name_here stands for the new name. Everything is written beside its place first
and then renamed, so that a running game finds whole modules only.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from engine.errors import GameError, HotloopError, ManifestError, did_you_mean
from engine.reload.discover import Found, Modules, discover
from engine.reload.manifest import FILE_NAME
from engine.reload.places import check_folder_name, check_game_folder, engine_folder, find_game

Kind = Literal["game", "plugin", "system"]
ROOM: Mapping[Kind, str] = {"plugin": "plugins", "system": "systems"}
PLACEHOLDER = "name_here"
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", ".*", "*.pyc", "*~")


def create(kind: Kind, name: str, folder: Path, source: str | None = None) -> list[Path]:
    """Make a game in `folder`, or a plugin or a system in the game that `folder` is; return the folders made.

    `source` names what to copy instead of the template. A system comes with the contract that it implements.
    Raises `GameError` or `ManifestError` with nothing left behind.
    """
    if kind == "game":
        target = folder / name
        _check_free(target)
        origin = _templates() / "game" if source is None else find_game(source)
        _make(target, origin, target.name)
        _check_made(target)
        return [target]
    return _create_in_game(kind, name, folder, source)


def _create_in_game(kind: Kind, name: str, game: Path, source: str | None) -> list[Path]:
    found = discover(_game(game))
    room = ROOM[kind]
    targets = {room: game / "modules" / room / name}
    if kind == "system" and source is None:
        targets = {"core": game / "modules" / "core" / name, **targets}
    for module_room, target in targets.items():
        _check_free(target)
        _check_unused(f"{module_room}.{name}", found)
    for module_room, target in targets.items():
        if source is not None:
            origin = _module(source, room, found).folder
        elif kind == "plugin":
            origin = _templates() / "plugin"
        else:
            origin = _templates() / "system" / module_room
        _make(target, origin, name)
    return list(targets.values())


def _templates() -> Path:
    return engine_folder() / "templates"


def _game(folder: Path) -> Path:
    """Return the folder if a game is there; say where to go instead if not."""
    if not (folder / FILE_NAME).is_file():
        raise GameError(
            f"{folder} holds no game",
            why="plugins and systems are made inside the game they are for",
            remedy="go to a game's folder first, or name one with --in",
            folder=folder,
        )
    return check_game_folder(folder)


def _check_free(target: Path) -> None:
    check_folder_name(target)
    if target.exists() or target.is_symlink():
        raise GameError(
            f"{target} already exists", remedy="choose another name", state="nothing was made", folder=target
        )


def _check_unused(name: str, found: Modules) -> None:
    if name in found:
        raise ManifestError(
            f"there is a module {name} already", where=str(found[name].folder), remedy="choose another name"
        )


def _check_made(target: Path) -> None:
    """Take a game back that could never run, because of its name."""
    try:
        check_game_folder(target)
    except HotloopError:
        shutil.rmtree(target)
        raise


def _module(source: str, room: str, found: Modules) -> Found:
    """Find the module to copy, by its name with or without the room."""
    name = source if "." in source else f"{room}.{source}"
    if name in found and name.startswith(f"{room}."):
        return found[name]
    known = sorted(other for other in found if other.startswith(f"{room}."))
    listing = f"there are {', '.join(known)}" if known else f"there are no {room}"
    raise GameError(f"there is no module {name}", remedy=f"{did_you_mean(name, known)} {listing}".strip())


def _make(target: Path, origin: Path, name: str) -> None:
    """Copy a folder to its new place, the word name_here replaced where the origin is a template."""
    work = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(work, ignore_errors=True)
        # Contents only: what is copied from an installed engine may be read-only.
        shutil.copytree(origin, work, ignore=LEFT_BEHIND, copy_function=shutil.copyfile)
        if origin.is_relative_to(_templates()):
            _put_in_name(work, name)
        work.rename(target)
    except OSError as error:
        shutil.rmtree(work, ignore_errors=True)
        raise GameError(
            f"{target} cannot be made", why=error.strerror or str(error), remedy="check the folder above it"
        ) from error


def _put_in_name(folder: Path, name: str) -> None:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".toml"):
            text = path.read_text(encoding="utf-8").replace(PLACEHOLDER, name)
            path.write_text(text, encoding="utf-8", newline="\n")
            path.rename(path.with_name(path.name.replace(PLACEHOLDER, name)))
