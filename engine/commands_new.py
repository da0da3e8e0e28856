"""`hotloop new`: make a module and say what to do with it."""

from __future__ import annotations

import os
from pathlib import Path

from engine.reload.manifest import Manifest
from engine.scaffold import Kind, create


def new(kind: Kind, name: str, *, source: str | None, folder: Path | None) -> int:
    """Make the module and print the next step."""
    home = Path(os.path.abspath(folder or Path.cwd()))
    made = create(kind, name, home, source)
    for path in made:
        print(f"made {_short(path)}")
    print(_next_step(kind, made))
    return 0


def _next_step(kind: Kind, made: list[Path]) -> str:
    if kind == "game":
        return f"play it:  hotloop run {_short(made[0])}"
    module = made[0]
    manifest = Manifest.read(module, f"{module.parent.name}.{module.name}")
    if manifest.implements:
        contract = manifest.implements[0].name
        return f"choose it:  hotloop run --with {contract}={manifest.name}"
    return f'use it:  add "{manifest.name}{manifest.compatible}" to `requires` in the game\'s module.toml'


def _short(path: Path) -> str:
    """Return a path as a person here would type it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
