"""What modules may import, judged on names; the same rules for modules from anywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from making import module

from engine.reload.discover import Found, discover
from engine.reload.imports import check_imports

PUBLIC = ("component", "App")


@pytest.fixture
def house(tmp_path: Path) -> dict[str, Found]:
    builtin = tmp_path / "builtin"
    module(tmp_path, "mine", requires=["plugins.rain", "core.render", "plugins.esper_bridge"])
    for name in ("core.motion", "core.render", "core.bare", "plugins.esper_bridge"):
        module(builtin, name, version="1.4.2")
    module(builtin, "plugins.rain", requires=["core.motion"], features={"wind": ["core.bare"]})
    module(builtin, "systems.pygame_draw", implements=["core.render"])
    module(builtin, "systems.other", implements=["core.motion"])
    return discover(tmp_path / "mine", builtin=builtin)


def faults(house: dict[str, Found], module: str, imported: str, name: str = "") -> list[str]:
    path = Path("/some/file.py")
    errors = check_imports(house[module], house, [(imported, name, 7)], PUBLIC, path)
    assert all(str(error).startswith(f"{path}:7: ") for error in errors)
    return [error.what for error in errors]


@pytest.mark.parametrize(
    ("module", "imported", "name"),
    [
        ("plugins.rain", "engine", "component"),
        ("plugins.rain", "engine", ""),
        ("plugins.rain", "engine", "*"),
        ("plugins.rain", "modules.core.motion", "Position"),
        ("plugins.rain", "modules.core.motion.inner", "Position"),
        ("plugins.rain", "modules.core", "motion"),
        ("plugins.rain", "modules.plugins.rain.drops", "Drop"),
        ("plugins.rain", "modules.core.bare", "x"),
        ("plugins.rain", "scipy.signal", "x"),
        ("apps.mine", "modules.apps.mine.rocks", "Rock"),
        ("apps.mine", "esper", ""),
        ("plugins.esper_bridge", "esper", ""),
        ("systems.pygame_draw", "pygame", "Surface"),
        ("systems.pygame_draw", "modules.core.render", "Sprite"),
        ("core.motion", "numpy", ""),
        ("core.motion", "collections.abc", "Iterable"),
    ],
)
def test_allowed(house: dict[str, Found], module: str, imported: str, name: str) -> None:
    assert faults(house, module, imported, name) == []


@pytest.mark.parametrize(
    ("module", "imported", "name", "said"),
    [
        ("plugins.rain", "engine.ecs.world", "World", "imports engine.ecs.world.World, which is the engine's own"),
        ("plugins.rain", "engine", "secret", "imports engine.secret, which is the engine's own business"),
        ("plugins.rain", "modules.core.render", "Sprite", 'add "core.render~=1.4" to requires in module.toml'),
        ("plugins.rain", "modules.core.absent", "X", 'add "core.absent~=..." to requires'),
        ("apps.mine", "modules.core.motion", "Position", "imports core.motion without requiring it"),
        ("plugins.rain", "modules.systems.other", "move", "nothing imports an implementation"),
        ("systems.pygame_draw", "modules.systems.other", "move", "nothing imports an implementation"),
        ("plugins.rain", "modules", "core", "names no module"),
        ("plugins.rain", "..core", "x", "leaves the module's folder"),
        ("plugins.rain", "watchdog.events", "", "the engine's own business"),
        ("plugins.rain", "pygame", "", "only the room 'systems'"),
        ("systems.other", "pygame", "", "modules named pygame_..."),
        ("plugins.rain", "esper", "", 'add "plugins.esper_bridge~=..." to requires'),
        ("core.motion", "scipy", "", "a contract imports nothing but"),
    ],
)
def test_forbidden(house: dict[str, Found], module: str, imported: str, name: str, said: str) -> None:
    (text,) = faults(house, module, imported, name)
    assert said in text
