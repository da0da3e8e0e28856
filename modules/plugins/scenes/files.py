"""Reading scenes and prefabs: from files to plain data, and from plain data to components."""

from __future__ import annotations

import difflib
import json
import tomllib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine import HotloopError, World
from modules.core.assets import Assets
from modules.core.render import rgba

OTHER_KEYS = ("name", "prefab", "with", "count")

Values = dict[str, dict[str, Any]]


@dataclass
class Entry:
    """What a scene says of one entity, or of several with the same components."""

    components: Values = field(default_factory=dict)
    prefab: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    count: int = 0


def read_scene(name: str, assets: Assets) -> dict[str, Entry]:
    """Return the entries of a scene by their keys: names where they have one, else numbers.

    Raises `HotloopError` where the file or a prefab's file is missing or no scene.
    """
    data = read_file(name, assets)
    rows = data.get("entity", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise _wrong(name, "its entities are no list of tables", "write [[entity]] above each")
    entries: dict[str, Entry] = {}
    for number, row in enumerate(rows, 1):
        key = str(row.get("name", number))
        if key in entries:
            raise _wrong(name, f"two entities are called {key!r}", "give each a name of its own")
        entries[key] = _entry(name, key, row, assets)
    return entries


def files_of(entries: dict[str, Entry], assets: Assets, scene: str) -> list[str]:
    """Return the files that a scene was read from."""
    return [scene, *sorted({entry.prefab for entry in entries.values() if "." in entry.prefab})]


def _entry(scene: str, key: str, row: dict[str, Any], assets: Assets) -> Entry:
    prefab = str(row.get("prefab", ""))
    components = _tables(scene, key, {name: value for name, value in row.items() if name not in OTHER_KEYS})
    if "." in prefab:
        base = _tables(prefab, "the prefab", read_file(prefab, assets))
        components = {name: {**base.get(name, {}), **components.get(name, {})} for name in {**base, **components}}
    return Entry(components, prefab, dict(row.get("with", {})), int(row.get("count", 0)))


def _tables(file: str, key: str, row: dict[str, Any]) -> Values:
    for name, value in row.items():
        if not isinstance(value, dict):
            raise _wrong(file, f"{name} of {key} is no table", f"write {name} = {{...}}")
    return {name: dict(value) for name, value in row.items()}


def read_file(name: str, assets: Assets) -> dict[str, Any]:
    """Return a TOML or JSON asset as a dict; raise `HotloopError` where it is missing or broken."""
    path = assets.path(name)
    if path is None:
        raise HotloopError(f"{name} is missing", remedy="put it among the assets", state="nothing of it was changed")
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise _wrong(name, str(error), "mend it and save") from error
    if not isinstance(data, dict):
        raise _wrong(name, "it is no table", "write one")
    return data


def build(world: World, assets: Assets, prefab: str, **changes: dict[str, Any]) -> list[Any]:
    """Return the components of a prefab's file, with changed values: `build(..., Position={"x": 40})`.

    Raises `HotloopError` where the file is missing or names what does not exist.
    """
    base = _tables(prefab, "the prefab", read_file(prefab, assets))
    merged = {name: {**base.get(name, {}), **changes.get(name, {})} for name in {**base, **changes}}
    return [component(world, prefab, name, values, {}) for name, values in merged.items()]


def component(world: World, file: str, name: str, values: dict[str, Any], ids: dict[str, Any]) -> Any:
    """Return a component made of the values of a file; entities are given by their names in `ids`."""
    info = find_component(world, file, name)
    return info.cls(**{key: as_field(info, file, key, value, ids) for key, value in values.items()})


def find_component(world: World, file: str, name: str) -> Any:
    """Return what the world knows of a component by the name of its class, with its module before it where needed."""
    path, _, last = name.rpartition(".")
    found = [
        info
        for key, info in sorted(world.components.items())
        if info.cls is not None and key.rpartition(".")[2] == last and (key.startswith(path) or path in key)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(info.name for info in found)
        raise _wrong(file, f"{name} could be {names}", "write the whole name")
    known = sorted({key.rpartition(".")[2] for key in world.components})
    raise _wrong(file, f"there is no component {name}", _meant(name, known))


def as_field(info: Any, file: str, key: str, value: Any, ids: dict[str, Any]) -> Any:
    """Return a value of a file as the field takes it: colours and entities by their text, lists as columns."""
    known = info.schema.by_name.get(key)
    if known is None:
        raise _wrong(file, f"{info.name} has no field {key}", _meant(key, list(info.schema.by_name)))
    if isinstance(value, list):
        column = np.array([as_field(info, file, key, part, ids) for part in value])
        try:
            return column if known.dtype == "text" else column.astype(known.dtype)
        except ValueError as error:
            raise _wrong(file, f"{info.name}.{key}: {error}", "give numbers") from error
    if known.kind == "entity" and isinstance(value, str):
        if value not in ids:
            raise _wrong(file, f"{info.name}.{key} means {value!r}", "name an entity that stands above")
        return ids[value]
    if known.dtype == "uint32" and isinstance(value, str):
        return rgba(value)
    return value


def _meant(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"


def _wrong(file: str, why: str, remedy: str) -> HotloopError:
    return HotloopError(f"{file} is wrong", why=why, remedy=remedy, state="what was right of it stays")
