"""Discovery: which modules there are for a game, read from folders and manifests; no code runs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.errors import HotloopError, ManifestError, ResolveError, did_you_mean
from engine.reload.manifest import FILE_NAME, ROOMS, Manifest
from engine.reload.places import (
    builtin_modules,
    check_folder_name,
    check_game_folder,
    check_namespace,
    installed_modules,
    list_folder,
    namespace_error,
)

Origin = Literal["game", "extra", "built-in", "installed"]


@dataclass(frozen=True, slots=True)
class Found:
    """A module that was found: where it lies and what its manifest says."""

    name: str
    room: str
    folder: Path
    manifest: Manifest
    origin: Origin

    @property
    def python_name(self) -> str:
        return f"modules.{self.name}"


class Modules(dict[str, Found]):
    """The modules found, by name.

    `searched` are the folders looked through. `broken` holds the errors of modules that only matter once something
    asks for them: a folder without a manifest, or what an installed distribution got wrong. `game` is the name of
    the game's app module, if a game's folder was given.
    """

    def __init__(self) -> None:
        super().__init__()
        self.searched: list[Path] = []
        self.broken: dict[str, HotloopError] = {}
        self.game: str | None = None


def discover(
    game_folder: Path | None = None,
    extra: Iterable[Path] = (),
    *,
    builtin: Path | None = None,
) -> Modules:
    """Find the game's app, its own modules, those of the `extra` folders of rooms, built-in and installed ones.

    `builtin` stands in for the folder of the engine's own modules.
    Mistakes in the game's folder, in `extra` and in the built-in modules raise at once; those of an installed
    distribution wait in `broken` until a module requires it.
    """
    check_namespace()
    modules = Modules()
    if game_folder is not None:
        _add_game(modules, Path(os.path.abspath(game_folder)))
    for folder in extra:
        _add_rooms(modules, Path(os.path.abspath(folder)), "extra")
    installed = _installed(modules)
    elsewhere = {os.path.realpath(found.folder) for found in installed}
    _add_rooms(modules, builtin or builtin_modules(), "built-in", skip=elsewhere)
    for found in installed:
        _add_installed(modules, found)
    return modules


def _add_game(modules: Modules, folder: Path) -> None:
    check_game_folder(folder)
    name = f"apps.{folder.name}"
    modules.game = name
    modules.searched.append(folder)
    modules[name] = Found(name, "apps", folder, Manifest.read(folder, name), "game")
    if os.path.isdir(folder / "modules"):
        _add_rooms(modules, folder / "modules", "game")


def _add_rooms(modules: Modules, home: Path, origin: Origin, skip: Iterable[str] = ()) -> None:
    modules.searched.append(home)
    if not os.path.isdir(home):
        return
    if os.path.isfile(home / "__init__.py"):
        raise namespace_error(home / "__init__.py")
    skip = set(skip)
    for room in list_folder(home):
        if room.name in ROOMS and os.path.isdir(room):
            if os.path.isfile(room / "__init__.py"):
                raise namespace_error(room / "__init__.py")
            for folder in list_folder(room):
                if _may_be_module(folder) and os.path.realpath(folder) not in skip:
                    _add_folder(modules, folder, room.name, origin)
        elif _may_be_module(room) and origin in ("game", "extra"):
            _check_stray(room)


def _may_be_module(folder: Path) -> bool:
    return os.path.isdir(folder) and not folder.name.startswith((".", "__"))


def _check_stray(folder: Path) -> None:
    """Refuse a folder beside the rooms that holds modules: its modules would never be found."""
    if any(os.path.isfile(inner / FILE_NAME) for inner in (folder, *list_folder(folder))):
        hint = did_you_mean(folder.name, ROOMS) or f"move it into one of the rooms {', '.join(ROOMS)}"
        raise ManifestError(
            f"there is no room {folder.name!r}",
            where=str(folder),
            why="a module's folder lies in a room",
            remedy=hint,
            path=folder,
        )


def _add_folder(modules: Modules, folder: Path, room: str, origin: Origin) -> None:
    name = f"{room}.{folder.name}"
    if not os.path.lexists(folder / FILE_NAME):
        if any(folder.glob("*.py")):
            modules.broken.setdefault(name, _no_manifest(folder, name))
        return
    check_folder_name(folder)
    _add(modules, Found(name, room, folder, Manifest.read(folder, name), origin))


def _no_manifest(folder: Path, name: str) -> ManifestError:
    return ManifestError(
        "there is no module.toml",
        where=str(folder / FILE_NAME),
        why=f"{name} is a module only with one",
        remedy='write one with at least version = "0.1.0"',
        module=name,
        path=folder / FILE_NAME,
        line=None,
    )


def _add(modules: Modules, found: Found) -> None:
    other = modules.get(found.name)
    if other is not None and os.path.realpath(other.folder) != os.path.realpath(found.folder):
        raise _two_of_one_name(other, found)
    modules.setdefault(found.name, found)


def _two_of_one_name(one: Found, other: Found) -> ResolveError:
    return ResolveError(
        f"two modules are called {one.name}",
        why=f"{one.folder} ({one.origin}) and {other.folder} ({other.origin})",
        remedy="rename one of the two folders",
        module=one.name,
        folders=(one.folder, other.folder),
    )


def _installed(modules: Modules) -> list[Found]:
    """Read the manifests of installed modules; what is wrong with one is put into `broken`."""
    found = []
    for module in installed_modules():
        where = f"entry point {module.entry.name!r} of {module.distribution}"
        room, _, rest = module.name.partition(".")
        if room not in ROOMS or not rest.isidentifier():
            modules.broken[module.name] = ManifestError(
                f"{module.name!r} is no module's name",
                where=where,
                why=f"a name is ROOM.NAME with one of the rooms {', '.join(ROOMS)}",
                remedy="correct the entry point",
            )
        elif module.folder is None:
            modules.broken[module.name] = ManifestError(
                f"no folder with a module.toml is found for {module.entry.value!r}",
                where=where,
                why="the value is the Python package whose folder is the module",
                remedy="correct the entry point or install the distribution again",
            )
        else:
            try:
                manifest = Manifest.read(module.folder, module.name)
                found.append(Found(module.name, room, module.folder, manifest, "installed"))
            except ManifestError as error:
                modules.broken[module.name] = error
    return found


def _add_installed(modules: Modules, found: Found) -> None:
    other = modules.get(found.name)
    if other is None:
        modules[found.name] = found
    elif os.path.realpath(other.folder) != os.path.realpath(found.folder):
        if other.origin == "installed":  # two distributions quarrel: of no concern to a game that needs neither
            modules.broken[found.name] = _two_of_one_name(modules.pop(found.name), found)
        else:
            raise _two_of_one_name(other, found)
