"""Scenes: sets of entities that come from files, and change when the file does.

A scene is a TOML or JSON asset. Components are named by their class, fields by name; lists make as many entities:

    [[entity]]
    name = "door"
    Position = {x = 400, y = 300}
    Box = {w = 60, h = 90, color = "#8d5c33"}

    [[entity]]
    prefab = "torch.toml"
    Position = {x = [100, 200, 300], y = 250}

`scenes.load("hall.toml")` of a `Mut[Scenes]` brings them up and `scenes.unload` takes them away. Saving the file
changes the entities that came from it: fields that were edited get their new value, all others keep what the game made
of them; entities that are new are spawned, those that are gone despawned.

A prefab is a file of components, or a function: `@handler("prefab.torch")` that returns a list of components, asked
for by `prefab = "torch"`, its arguments in `with = {color = "#ffb454"}`. `build` makes the components of a prefab's
file for `commands.spawn`.

A file that cannot be read, or names what does not exist, is told once; a mark in the picture shows where, and all
that is right stays. Fixed, it appears.
"""

from __future__ import annotations

from .files import build
from .follow import FromScene, Scenes

__all__ = ["FromScene", "Scenes", "build"]
