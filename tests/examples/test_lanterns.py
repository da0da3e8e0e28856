"""Lanterns: the esper program and the numpy systems beside it, alone and together."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import esper
import numpy as np
import pytest

from engine import App, Entity, World
from engine.manage import reload_module

GAME = Path(__file__).resolve().parents[2] / "examples" / "lanterns"


def play(folder: Path = GAME, **more: Any) -> App:
    return App(folder, headless=True, reload=False, **more)


def part(file: str, name: str) -> Any:
    """Return what a file of the loaded game defines."""
    return getattr(sys.modules[f"modules.apps.lanterns.{file}"], name)


def core(module: str, name: str) -> Any:
    return getattr(sys.modules[f"modules.core.{module}"], name)


def esper_world(app: App) -> Any:
    return app.world.resource(sys.modules["modules.plugins.esper_bridge"].Esper).world


def flames(app: App) -> dict[int, Any]:
    with esper_world(app):
        return dict(esper.get_component(part("legacy", "Flame")))


def lanterns_at(world: World) -> Any:
    """Return ids and places of the lanterns on our side."""
    steps = [
        (ids.copy(), np.array(pos.xy))
        for ids, pos, _ in world.query(Entity, core("motion", "Position"), part("lanterns", "Lantern"))
    ]
    if not steps:
        return np.empty(0, np.uint64), np.empty((2, 0))
    return np.concatenate([ids for ids, _ in steps]), np.concatenate([xy for _, xy in steps], axis=1)


@pytest.fixture
def app() -> Iterator[App]:
    with play() as app:
        app.step(120)
        yield app


def test_the_program_runs_without_the_engine() -> None:
    done = subprocess.run(
        [sys.executable, str(GAME / "legacy.py")], capture_output=True, text=True, timeout=60, check=True
    )
    assert len(done.stdout.splitlines()) == 7


def test_every_lantern_of_the_program_has_an_entity_at_its_place(app: App) -> None:
    ids, places = lanterns_at(app.world)
    assert len(ids) == len(flames(app)) == part("legacy", "LANTERNS")
    with esper_world(app):
        theirs = sorted((place.x, place.y) for _, place in esper.get_component(part("legacy", "Place")))
    assert np.allclose(sorted(map(tuple, places.T.tolist())), theirs, atol=1e-3)
    assert not [system for system in app.schedule if system.fault]


def test_moths_gather_around_the_lanterns() -> None:
    def mean_distance(app: App) -> float:
        _, lights = lanterns_at(app.world)
        moths = [np.array(pos.xy) for pos, _ in app.world.query(core("motion", "Position"), part("moths", "Moth"))]
        away = np.concatenate(moths, axis=1)[:, :, None] - lights[:, None, :]
        return float(np.hypot(*away).min(axis=1).mean())

    with play() as app:
        app.step(2)
        before = mean_distance(app)
        app.step(240)
        assert mean_distance(app) < 0.75 * before


def test_a_click_lights_a_lantern_and_another_blows_it_out(app: App) -> None:
    before = set(flames(app))
    app.feed(["pointer", 480, 270], ["button", "down", "left"])
    app.step(2)
    [lit] = set(flames(app)) - before
    app.feed(["button", "up", "left"], ["button", "down", "right"])
    app.step(2)
    assert lit not in flames(app)
    assert len(lanterns_at(app.world)[0]) == len(flames(app))


def test_a_lantern_that_burns_down_leaves_both_worlds_and_another_is_lit(app: App) -> None:
    number, flame = next(iter(flames(app).items()))
    flame.fuel = 0.01
    ids = set(lanterns_at(app.world)[0].tolist())
    app.step(3)
    after = set(lanterns_at(app.world)[0].tolist())
    assert number not in flames(app)
    assert len(ids - after) == 1
    assert len(after) == len(flames(app)) == part("legacy", "LANTERNS")


def test_when_all_are_blown_out_the_moths_fly_on(app: App) -> None:
    ids = set(lanterns_at(app.world)[0].tolist())
    app.feed(["key", "down", "space"])
    app.step(3)
    assert not ids & set(lanterns_at(app.world)[0].tolist())
    app.step(30)
    assert not [system for system in app.schedule if system.fault]


def test_the_same_seed_and_input_give_the_same_world() -> None:
    inputs: dict[int, list[Any]] = {}
    for tick, event in json.loads((GAME / "input.json").read_text()):
        inputs.setdefault(tick, []).append(event)
    hashes = []
    for seed in (3, 3, 4):
        with play(seed=seed, inputs=inputs) as app:
            app.step(450)
            hashes.append(app.world.hash())
    assert hashes[0] == hashes[1] != hashes[2]


def test_the_picture_shows_lights_in_the_dark(app: App, tmp_path: Path) -> None:
    app.screenshot(tmp_path / "lanterns.png")
    picture = app.bus.call("core.render.capture").astype(int)
    assert (picture.sum(axis=2) > 450).mean() > 0.002
    assert np.median(picture.sum(axis=2)) < 150
    assert (tmp_path / "lanterns.png").stat().st_size > 10_000


def test_the_program_is_edited_while_it_runs(tmp_path: Path) -> None:
    folder = tmp_path / "lanterns"
    shutil.copytree(GAME, folder, ignore=shutil.ignore_patterns("__pycache__"))
    with play(folder) as app:
        app.step(60)
        known = flames(app)
        path = folder / "legacy.py"
        path.write_text(path.read_text().replace("SPEED = 46.0", "SPEED = 0.0").replace("LANTERNS = 7", "LANTERNS = 9"))
        assert reload_module(app).good
        app.step(2)
        ids, places = lanterns_at(app.world)
        app.step(30)
        later = dict(zip(*[part.T.tolist() for part in lanterns_at(app.world)], strict=True))
        assert len(ids) == 9
        assert all(flames(app)[number] is flame for number, flame in known.items())
        assert [later[one] for one in ids.tolist()] == places.T.tolist()
