"""Letting the entities of scenes follow their files."""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import (
    Bus,
    Commands,
    Entity,
    HotloopError,
    Mut,
    PreUpdate,
    Query,
    World,
    component,
    field,
    resource,
    system,
)
from modules.core.assets import Assets
from modules.core.motion import Position
from modules.core.render import Box, Text, rgba

from .files import Entry, as_field, files_of, find_component, read_scene
from .files import component as make_component

BROKEN = "!"
"""The key of the mark that shows where a scene is wrong."""
MAGENTA, INK = rgba("#ff00dc"), rgba("#ffffff")
MARK_LAYER = 20_000


@component
class FromScene:
    """Tell which scene an entity came from, and its key there: its name, or its number in the file."""

    scene: engine.text
    key: engine.text


@resource
class Scenes:
    """Say which scenes are to be there: take `scenes: Mut[Scenes]` and call `load`, `unload` or `go`.

    `wanted` are their files, `shown` what the entities that are there were made from. It happens at the start of the
    next tick.
    """

    wanted: list[str] = field(factory=list)
    shown: dict[str, dict[str, Entry]] = field(factory=dict)

    def load(self, name: str) -> None:
        """Bring up the entities of a scene, if they are not there yet."""
        if name not in self.wanted:
            self.wanted = [*self.wanted, name]

    def unload(self, name: str) -> None:
        """Take the entities of a scene away."""
        self.wanted = [other for other in self.wanted if other != name]

    def go(self, name: str) -> None:
        """Bring up a scene in place of all others."""
        self.wanted = [name]


@resource(transient=True)
class Seen:
    """Hold the versions of the files that each scene was read from last."""

    versions: dict[str, list[tuple[str, int]]] = field(factory=dict)


@system(PreUpdate)
def follow(
    scenes: Mut[Scenes],
    seen: Mut[Seen],
    assets: Mut[Assets],
    born: Query[Entity, FromScene],
    world: World,
    bus: Bus,
    commands: Commands,
) -> None:
    """Spawn, change and despawn what is unlike its file."""
    for name in [name for name in scenes.shown if name not in scenes.wanted]:
        commands.despawn(_ids(born, name))
        scenes.shown = {other: entries for other, entries in scenes.shown.items() if other != name}
        seen.versions.pop(name, None)
    for name in scenes.wanted:
        if name in scenes.shown and not _changed(seen, name, assets):
            continue
        commands.despawn(_ids(born, name, BROKEN))
        before = scenes.shown.get(name, {})
        problems: list[tuple[str, dict[str, Any]]] = []
        try:
            after = read_scene(name, assets)
        except HotloopError as error:
            after, problems = before, [(str(error), {})]
        seen.versions[name] = [(file, assets.version(file)) for file in files_of(after, assets, name)]
        problems += Change(name, before, after, born, world, bus, commands).carry_out()
        scenes.shown = {**scenes.shown, name: after}
        for text, place in problems:
            assets.complain(name, text)
            _mark(commands, name, text, place)


class Change:
    """The way from what a scene was to what it is."""

    def __init__(
        self,
        scene: str,
        before: dict[str, Entry],
        after: dict[str, Entry],
        born: Query[Entity, FromScene],
        world: World,
        bus: Bus,
        commands: Commands,
    ) -> None:
        self.scene, self.before, self.after = scene, before, after
        self.world, self.bus, self.commands = world, bus, commands
        self.ids = {key: _ids(born, scene, key) for key in before}
        self.problems: list[tuple[str, dict[str, Any]]] = []

    def carry_out(self) -> list[tuple[str, dict[str, Any]]]:
        """Record all changes; return what is wrong, each with the values of a Position near it."""
        for key in self.before:
            if key not in self.after or self._is_other(key):
                self.commands.despawn(self.ids.pop(key))
        for key, entry in self.after.items():
            place = entry.components.get("Position", {})
            if key in self.ids:
                self._alter(self.ids[key], self.before[key], entry, place)
            else:
                self._spawn(key, entry, place)
        return self.problems

    def _is_other(self, key: str) -> bool:
        """Tell whether an entity has to be made anew: other rows, or what a function makes of other arguments."""
        old, new = self.before[key], self.after[key]
        made = (old.prefab, old.arguments) != (new.prefab, new.arguments) and "." not in old.prefab + new.prefab
        return made or _rows(old) != _rows(new) or not self.ids[key].size

    def _spawn(self, key: str, entry: Entry, place: dict[str, Any]) -> None:
        parts: dict[type, Any] = {}
        if entry.prefab and "." not in entry.prefab:
            try:
                made = self.bus.call(f"prefab.{entry.prefab}", **entry.arguments)
                parts = {type(part): part for part in (made if isinstance(made, list | tuple) else [made])}
            except HotloopError as error:
                self.problems.append((f"{self.scene}: {error}", place))
        for name, values in list(entry.components.items()):
            try:
                part = make_component(self.world, self.scene, name, values, self._names())
                parts[type(part)] = part
            except HotloopError as error:
                self.problems.append((str(error), place))
                del entry.components[name]
        try:
            count = _rows(entry) or None
            self.ids[key] = self.commands.spawn(*parts.values(), FromScene(self.scene, key), count=count)
        except HotloopError as error:
            self.problems.append((f"{self.scene}: {error}", place))
            self.ids[key] = np.empty(0, np.uint64)

    def _alter(self, ids: Any, old: Entry, new: Entry, place: dict[str, Any]) -> None:
        """Give live entities what was edited of their components, and leave all else as the game made it.

        What cannot be carried out is taken out of the entry, which then says what is there.
        """
        for name in {**old.components, **new.components}:
            try:
                if name not in new.components:
                    self.commands.remove(ids, find_component(self.world, self.scene, name).cls)
                elif name not in old.components:
                    part = make_component(self.world, self.scene, name, new.components[name], self._names())
                    self.commands.insert(ids, part)
                elif old.components[name] != new.components[name]:
                    self._write(ids, name, old.components[name], new.components[name])
            except HotloopError as error:
                self.problems.append((str(error), place))
                new.components.pop(name, None)
                new.components.update({name: old.components[name]} if name in old.components else {})

    def _write(self, ids: Any, name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        info = find_component(self.world, self.scene, name)
        term: Any = Mut
        values = {}
        for key in (key for key in {**old, **new} if old.get(key) != new.get(key)):
            known = info.schema.by_name.get(key)
            given = new.get(key, known.default if known else None)
            values[key] = as_field(info, self.scene, key, given, self._names())
        there, rows = self.world.query(term[info.cls]).at(ids)
        for key, value in values.items():
            setattr(rows, key, value[there] if isinstance(value, np.ndarray) and value.ndim else value)

    def _names(self) -> dict[str, Any]:
        return {key: ids[0] for key, ids in self.ids.items() if len(ids)}


def _rows(entry: Entry) -> int:
    """Return how many entities an entry stands for, 0 where nothing says so."""
    lengths = [len(value) for values in entry.components.values() for value in values.values() if type(value) is list]
    return entry.count or max(lengths, default=0)


def _changed(seen: Seen, name: str, assets: Assets) -> bool:
    return any(assets.version(file) != version for file, version in seen.versions.get(name, [("", -1)]))


def _ids(born: Query[Entity, FromScene], scene: str, key: str | None = None) -> Any:
    """Return the entities that came from a scene, or from one entry of it."""
    parts = [ids[(of.scene == scene) & ((of.key == key) if key is not None else True)] for ids, of in born]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)


def _mark(commands: Commands, scene: str, text: str, place: dict[str, Any]) -> None:
    """Put up a mark that shows where a scene is wrong."""
    x, y = (place.get(axis, 200) for axis in ("x", "y"))
    first = [value[0] if isinstance(value, list) and value else value for value in (x, y)]
    x, y = (float(value) if isinstance(value, int | float) else 200.0 for value in first)
    line = Text(text.split(";")[0][:90], size=13, color=INK, layer=MARK_LAYER + 1, align="center")
    mark = FromScene(scene, BROKEN)
    commands.spawn(Position(x=x, y=y), Box(w=420, h=26, color=MAGENTA, layer=MARK_LAYER), line, mark)
