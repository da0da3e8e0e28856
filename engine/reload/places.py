"""Where things lie: built-in modules, shipped examples and assets, and the folder of a game.

A checkout has `modules/`, `examples/` and `assets/` beside `engine/`; an installed wheel has `modules/` beside it and
the other two inside `engine/_shipped`.
"""

from __future__ import annotations

import keyword
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, EntryPoint, distributions
from importlib.util import find_spec
from pathlib import Path

from engine.errors import GameError, ManifestError, did_you_mean
from engine.reload.manifest import FILE_NAME

GROUP = "hotloop.modules"


def engine_folder() -> Path:
    """Return the folder of the running `engine` package."""
    return Path(os.path.abspath(__file__)).parent.parent


def builtin_modules() -> Path:
    """Return the folder of the modules that belong to this engine."""
    return engine_folder().parent / "modules"


def examples() -> Path:
    """Return the folder that holds the example games."""
    return _shipped("examples")


def shipped_assets() -> Path:
    """Return the folder of the assets that the examples share."""
    return _shipped("assets")


def _shipped(name: str) -> Path:
    inside = engine_folder() / "_shipped" / name
    return inside if os.path.isdir(inside) else engine_folder().parent / name


@dataclass(frozen=True, slots=True)
class Installed:
    """A module that an installed distribution offers; `folder` is None where it cannot be found."""

    name: str
    folder: Path | None
    entry: EntryPoint
    distribution: str


def installed_modules() -> Iterator[Installed]:
    """Yield the modules of the entry points of group `hotloop.modules`, importing nothing.

    An entry point's name is the module's name, its value the Python package whose folder is the module's folder:
    `"plugins.sparkle" = "sparkle_for_hotloop.sparkle"`.
    """
    seen = set()
    for distribution in distributions():
        for entry in _entries(distribution):
            name = distribution.name or "a distribution without a name"
            if (name, entry.name) not in seen:  # the first of two copies on the path is the one in use
                seen.add((name, entry.name))
                yield Installed(entry.name, _package_folder(entry, distribution), entry, name)


def _entries(distribution: Distribution) -> list[EntryPoint]:
    try:
        return [entry for entry in distribution.entry_points if entry.group == GROUP]
    except Exception:  # what another distribution left behind is of no concern here
        return []


def _package_folder(entry: EntryPoint, distribution: Distribution) -> Path | None:
    parts = entry.value.partition(":")[0].strip().split(".")
    direct = Path(str(distribution.locate_file("/".join(parts))))
    if os.path.isfile(direct / FILE_NAME):
        return direct
    try:
        spec = find_spec(parts[0])  # of a top-level name: asks the finders, runs nothing
    except (ImportError, ValueError):
        return None
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location, *parts[1:])
        if os.path.isfile(folder / FILE_NAME):
            return folder
    return None


def games() -> dict[str, Path]:
    """Return the games that can be run by name, as name -> folder.

    Those in the current folder go first, then examples, built-in and installed apps.
    """
    found: dict[str, Path] = {}
    for home in (Path(os.curdir), examples(), builtin_modules() / "apps"):
        for folder in _games_in(home):
            found.setdefault(folder.name, folder)
    for installed in installed_modules():
        room, _, name = installed.name.partition(".")
        if room == "apps" and installed.folder is not None:
            found.setdefault(name, installed.folder)
    return found


def _games_in(home: Path) -> list[Path]:
    """Return the folders of games in a folder; the other rooms of a `modules` folder hold none."""
    try:
        home = Path(os.path.abspath(home))
        if home.parent.name == "modules" and home.name != "apps":
            return []
        with os.scandir(home) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:  # it is not there, as that of a process whose folder was deleted, or cannot be read
        return []
    return [home / name for name in names if os.path.isfile(home / name / FILE_NAME)]


def find_game(game: str | Path) -> Path:
    """Return the folder of a game, given by name (`asteroids`, `apps.asteroids`) or by folder.

    A folder of that name with a `module.toml` goes before a known game. Raises `GameError`, which lists the known
    games, or `ManifestError` for a folder that cannot hold a game.
    """
    text = str(game)
    folder = Path(os.path.abspath(os.path.expanduser(text)))
    by_path = isinstance(game, Path) or any(mark in text for mark in ("/", os.sep, "~")) or text in ("", ".", "..")
    if os.path.isfile(folder / FILE_NAME):
        return check_game_folder(folder)
    known = games()
    if not by_path:
        name = text.removeprefix("apps.")
        if name in known:
            return check_game_folder(known[name])
    if os.path.isdir(folder):
        return check_game_folder(folder)  # says why not
    listing = f"the known games are {', '.join(sorted(known))}" if known else "no games are installed"
    hint = did_you_mean(folder.name, known)
    if os.path.exists(folder):
        raise GameError(f"{text} is a file, not a game's folder", remedy="name the folder that holds its module.toml")
    what = f"there is no folder {folder}" if by_path else f"there is no game {text!r}"
    raise GameError(what, remedy=f"{hint} {listing}".strip(), game=text, known=sorted(known))


def check_game_folder(folder: Path) -> Path:
    """Return the folder, or refuse one that cannot be a game, with the remedy."""
    if not os.path.isdir(folder):
        raise GameError(f"there is no folder {folder}", remedy="name a game's folder", folder=folder)
    list_folder(folder)
    if not os.path.lexists(folder / FILE_NAME):
        raise GameError(
            f"{folder} holds no game",
            why="it has no module.toml",
            remedy="name the folder that has one, or make a game with `hotloop new game NAME`",
            folder=folder,
        )
    check_folder_name(folder)
    shadowed = _shadows(folder)
    if shadowed is not None:
        raise ManifestError(
            f"a game cannot be called {folder.name!r}",
            where=str(folder),
            why=f"the name shadows {shadowed}",
            remedy="rename the folder",
            path=folder,
        )
    return folder


def list_folder(folder: Path) -> list[Path]:
    """Return what lies in a folder, by name; `ManifestError` if it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        why = error.strerror or str(error)
        remedy = "check the folder's permissions"
        raise ManifestError("cannot be read", where=str(folder), why=why, remedy=remedy, path=folder) from error


def check_folder_name(folder: Path) -> None:
    """Refuse a module's folder whose name Python cannot import."""
    name = folder.name
    if name.isidentifier() and not keyword.iskeyword(name):
        return
    why = "it is a keyword of Python" if keyword.iskeyword(name) else "it is not a Python identifier"
    plain = "".join(c if c.isidentifier() or c.isdigit() else "_" for c in name) or "game"
    plain = (
        plain
        if plain.isidentifier() and not keyword.iskeyword(plain)
        else f"{plain}_"
        if plain[0].isalpha()
        else f"_{plain}"
    )
    raise ManifestError(
        f"a module's folder cannot be called {name!r}",
        where=str(folder),
        why=why,
        remedy=f"rename the folder, for example to {plain!r}",
        path=folder,
    )


def _shadows(folder: Path) -> str | None:
    """Say which importable thing has the name of a game's folder, if any."""
    name = folder.name
    if name in sys.stdlib_module_names:
        return f"the standard library's {name}"
    if name in ("engine", "modules"):
        return f"Hotloop's own package {name}"
    home = os.path.realpath(folder.parent)
    search = [entry for entry in sys.path if os.path.realpath(entry or os.curdir) != home]
    spec = PathFinder.find_spec(name, search)
    if spec is None or spec.loader is None or spec.origin is None:
        return None
    return f"the installed package {name} ({spec.origin})"


def check_namespace(search: Iterable[str] | None = None) -> None:
    """Refuse a foreign package or file called `modules` that would hide the modules of every game.

    `search` is `sys.path` unless given: one regular `modules` anywhere on it beats all parts of the namespace.
    """
    for entry in sys.path if search is None else search:
        home = Path(entry or os.curdir)
        for path in (home / "modules" / "__init__.py", home / "modules.py"):
            if os.path.isfile(path):
                raise namespace_error(path)


def namespace_error(path: Path) -> ManifestError:
    """Make the error for a file that turns the namespace `modules`, or a room of it, into a closed package."""
    return ManifestError(
        "this file hides all other modules",
        where=str(path),
        why="modules is a namespace package that many folders join, and this makes it a package of one",
        remedy="delete or rename the file, or take its folder off Python's path",
        path=path,
    )
