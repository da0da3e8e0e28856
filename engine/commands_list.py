"""`hotloop list` and `hotloop graph`: what modules there are, and what requires what. No code of a module runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.errors import ManifestError
from engine.reload.discover import Found, Modules, discover
from engine.reload.manifest import ROOMS, Manifest, Requirement
from engine.reload.places import find_game, games
from engine.reload.resolve import Resolution, resolve


def list_modules(game: str | None) -> int:
    """Print the games, and the modules by room: name, version, summary, where from if not built in."""
    found = discover(find_game(game) if game else None)
    if game is None:
        print("games")
        for name, folder in sorted(games().items()):
            print(f"  {name:<24}{_summary(name, folder)}")
    for room in ROOMS:
        rows = [
            one for name, one in sorted(found.items()) if one.room == room and not (game is None and room == "apps")
        ]
        if rows:
            print(room)
        for one in rows:
            print(f"  {one.name:<24}{one.manifest.version!s:<8}{_about(one)}")
    for name, error in sorted(found.broken.items()):
        print(f"broken: {name}: {error}")
    return 0


def print_graph(game: str | None) -> int:
    """Print each module with what it requires, in load order where a game is given."""
    if game is None:
        found = discover()
        modules: Iterable[Found] = sorted(found.values(), key=lambda one: (ROOMS.index(one.room), one.name))
        for one in modules:
            _print_node(one, one.manifest.requires, one.manifest.implements, None)
        return 0
    found = discover(find_game(game))
    resolution = resolve(found, [_app(found)])
    for one in resolution.order:
        _print_node(one, one.manifest.requires, one.manifest.implements, resolution)
    return 0


def _summary(name: str, folder: Path) -> str:
    """Return a game's one line, or what keeps it from being read."""
    try:
        return Manifest.read(folder, f"apps.{name}").summary
    except ManifestError as error:
        return f"broken: {error}"


def _app(found: Modules) -> str:
    assert found.game is not None, "discover() was given the game's folder"
    return found.game


def _about(found: Found) -> str:
    text = found.manifest.summary
    if found.manifest.implements:
        text += f"  [implements {', '.join(contract.name for contract in found.manifest.implements)}]"
    return text if found.origin == "built-in" else f"{text}  ({found.origin}: {found.folder})"


def _print_node(
    found: Found, requires: Iterable[Requirement], implements: Iterable[Requirement], resolution: Resolution | None
) -> None:
    active = resolution.features.get(found.name, set()) if resolution else set()
    print(f"{found.name}{'[' + ','.join(sorted(active)) + ']' if active else ''} {found.manifest.version}")
    for requirement in implements:
        print(f"  implements {requirement}")
    for requirement in requires:
        print(f"  requires   {requirement}")
    if resolution and found.name in resolution.implementations:
        print(f"  implemented by {resolution.implementations[found.name]}")
