"""What a new world gets from outside: window and mixer from a world before, and where its assets lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine.ecs.world import World
from engine.reload.modules import ModuleSet, is_inside
from engine.reload.places import shipped_assets

LENT = ("core.window", "core.audio")
"""Contracts whose implementations lend their transient resources to a game that is started from another."""


def borrow(world: World, modules: ModuleSet, lender: World) -> None:
    """Take the transient resources of window and mixer from another world, so that they outlive a game."""
    assert modules.resolution is not None
    homes = [f"modules.{name}" for contract, name in modules.resolution.implementations.items() if contract in LENT]
    for cls, value in lender.transients():
        if any(is_inside(cls.__module__, home) for home in homes):
            world.set_resource(cls, value)


def name_asset_roots(bus: Any, modules: ModuleSet, game: Path) -> None:
    """Say where assets lie: the game's first, then those of modules, the last loaded first, then shared ones."""
    if "core.assets.roots" not in bus:
        return
    others = [found.folder for found in reversed(modules.order) if found.folder != game]
    roots = [folder / "assets" for folder in (game, *others)] + [game, shipped_assets()]
    bus.call("core.assets.roots", roots=[root for root in roots if root.is_dir()])
