"""`hotloop list` and `hotloop graph`: what modules there are, and what requires what. No code of a module runs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from engine.errors import HotloopError, ManifestError
from engine.reload.discover import Found, Modules, discover
from engine.reload.manifest import ROOMS, Manifest, Requirement
from engine.reload.places import find_game, games
from engine.reload.resolve import Resolution, resolve


def list_modules(game: str | None, report: Path | None = None) -> int:
    """Print the games, and the modules by room: name, version, summary, where from if not built in.

    With the report of a run, print its systems instead: version, calls, time a call, fault.
    """
    if report is not None:
        return list_systems(report)
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


def list_systems(path: Path) -> int:
    """Print the systems of a run as its report tells them; a running game writes it anew after every verdict."""
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        rows = [
            (name, row["version"], row["calls"], row["seconds"] / max(row["calls"], 1) * 1000, row["fault"])
            for name, row in report["systems"].items()
        ]
        heading = f"{report['game']}, tick {report['ticks']}"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HotloopError(
            f"{path} is not the report of a run",
            why=f"{type(error).__name__}: {error}",
            remedy="name a file that `hotloop run --report` has written",
        ) from error
    print(heading)
    for name, version, calls, milliseconds, fault in rows:
        paused = f"  paused: {fault}" if fault else ""
        print(f"  {name:<40}v{version:<5}{calls:>8} calls {milliseconds:>8.3f} ms{paused}")
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
