"""A world to try modules in, and a way to call their systems and handlers in it as the engine would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import Call

from engine import Time, World
from engine.binding import Binding, bind, read_parameters
from engine.ecs.component import qualified_name


@pytest.fixture
def world() -> World:
    return World(seed=7)


@pytest.fixture
def call(world: World) -> Call:
    """Call a system or handler with its parameters bound to the world, applying what it commanded."""
    bindings: dict[str, Binding] = {}

    def run(function: Callable[..., Any], **arguments: Any) -> Any:
        name = qualified_name(function)
        parameters = read_parameters(function, arguments_allowed=True)
        if name not in bindings:
            bindings[name] = bind(parameters, name, world)
        binding = bindings[name]
        bound = iter(binding.fill())
        given = {p.name: next(bound) if p.kind != "argument" else arguments.pop(p.name, p.default) for p in parameters}
        assert not arguments
        result = function(**given)
        if binding.commands is not None:
            binding.commands.apply()
        return result

    return run


@pytest.fixture
def set_alpha(world: World) -> Callable[[float], None]:
    """Put the clock between two ticks."""
    return lambda alpha: setattr(world.resource(Time), "alpha", alpha)


@pytest.fixture
def folder(tmp_path: Path, world: World, call: Call) -> Path:
    """A folder of assets that the world knows."""
    from modules.systems import files

    path = tmp_path / "assets"
    path.mkdir()
    call(files.roots, roots=[path])
    return path
