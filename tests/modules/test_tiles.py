"""Maps made with Tiled: tiles as arrays, walls, objects, how they are drawn, and what happens when files change."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest
from support import Call

from engine import HotloopError, Time, World
from modules.core.collision import LEDGE, OPEN, SOLID, Walls
from modules.core.motion import Position
from modules.core.render import Camera, Canvas, View, rgba
from modules.core.tiles import DIAGONAL, FLIP_X, FLIP_Y, FromMap, Placed, TileArt, TileMap, of_kind
from modules.plugins import tiled
from modules.systems import files, null_render, pygame_render
from modules.systems.pygame_render import Studio

RED, GREEN, BLUE, WHITE, BLACK = ([255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [0, 0, 0])

TILESET = """<?xml version="1.0" encoding="UTF-8"?>
<tileset version="1.10" tiledversion="1.10.2" name="ground" tilewidth="8" tileheight="8" tilecount="4" columns="4">
 <image source="ground.png" width="32" height="8"/>
 <tile id="0" type="solid"/>
 <tile id="1" type="ledge"/>
 <tile id="2" type="water">
  <animation><frame tileid="2" duration="100"/><frame tileid="3" duration="200"/></animation>
 </tile>
 <tile id="3">
  <objectgroup draworder="index"><object id="1" x="0" y="0" width="4" height="8"/></objectgroup>
 </tile>
</tileset>
"""
MAP = """<?xml version="1.0" encoding="UTF-8"?>
<map version="1.10" tiledversion="1.10.2" orientation="orthogonal" renderorder="right-down" width="5" height="4"
 tilewidth="8" tileheight="8" infinite="0" backgroundcolor="#204060" nextlayerid="4" nextobjectid="5">
 <properties>
  <property name="music" value="cave.ogg"/><property name="cells_per_tile" type="int" value="2"/>
 </properties>
 <tileset firstgid="1" source="ground.tsx"/>
 <layer id="1" name="ground" width="5" height="4"><data encoding="csv">
{rows}
</data></layer>
 <objectgroup id="2" name="things">
  <object id="1" name="a" type="coin" x="8" y="8"><point/></object>
  <object id="2" type="door" x="16" y="8" width="8" height="16">
   <properties><property name="to" value="level_2.tmx"/><property name="speed" type="float" value="2.5"/></properties>
  </object>
  <object id="3" type="coin" x="{coin_x}" y="16"><point/></object>
  {more}
 </objectgroup>
</map>
"""
ROWS = "0,0,0,0,0,\n0,0,0,3,0,\n1,2,0,4,2147483652,\n1,1,1,1,1"


def write_map(folder: Path, rows: str = ROWS, coin_x: int = 24, more: str = "", name: str = "level.tmx") -> Path:
    """Write a map and what it needs; the tiles are red, green, blue, and white with a left half in black."""
    (folder / "ground.tsx").write_text(TILESET)
    if not (folder / "ground.png").exists():
        surface = pygame.Surface((32, 8), pygame.SRCALPHA, 32)
        for index, color in enumerate(("red", "lime", "blue", "white")):
            surface.fill(color, (index * 8, 0, 8, 8))
        surface.fill("black", (24, 0, 4, 8))
        pygame.image.save(surface, folder / "ground.png")
    path = folder / name
    path.write_text(MAP.format(rows=rows, coin_x=coin_x, more=more))
    return path


@pytest.fixture
def update(world: World, call: Call) -> Callable[..., None]:
    """Run the loader as a tick does, after telling that files were saved."""
    world.resource(Canvas).width, world.resource(Canvas).height = 60, 40
    world.resource(Time).alpha = 1.0

    def run(*saved: Path) -> None:
        if saved:
            call(files.changed, paths=[str(path) for path in saved])
        call(tiled.load)
        call(tiled.raise_walls)

    return run


def draw(call: Call) -> Any:
    call(pygame_render.draw)
    return call(pygame_render.capture).astype(int)


def at(picture: Any, x: int, y: int) -> list[int]:
    return [int(channel) for channel in picture[y, x]]


def test_tiles_are_arrays_and_their_shapes_are_walls(world: World, update: Callable[..., None], folder: Path) -> None:
    write_map(folder)
    tiles = world.resource(TileMap)
    tiles.go("level.tmx")
    update()
    assert tiles.loaded == "level.tmx"
    assert tiles.gids.shape == (1, 4, 5)
    assert (tiles.width, tiles.height) == (40, 32)
    x = np.array([4, 12, 36, 36, -1, 99, np.nan])
    y = np.array([20, 20, 20, 28, 4, 4, 4])
    assert tiles.at(x, y).tolist() == tiles.at(x, y, "ground").tolist() == [1, 2, 4, 1, 0, 0, 0]
    assert tiles.is_class("water", x=[28, 4], y=12).tolist() == [True, False]
    assert tiles.properties == {"music": "cave.ogg", "cells_per_tile": 2}
    assert world.resource(Canvas).color == rgba("#204060")
    walls = world.resource(Walls)
    assert (walls.cell, walls.cells.shape) == (4, (8, 10))
    assert walls.cells[4].tolist() == [SOLID] * 2 + [LEDGE] * 2 + [OPEN] * 2 + [SOLID, OPEN] + [OPEN, SOLID]
    assert walls.cells[5].tolist() == [SOLID] * 2 + [OPEN] * 4 + [SOLID, OPEN] + [OPEN, SOLID]
    with pytest.raises(HotloopError, match="its layers are: ground"):
        tiles.layer("sky")


def test_a_game_may_change_tiles_and_the_walls_follow(world: World, update: Callable[..., None], folder: Path) -> None:
    write_map(folder)
    tiles = world.resource(TileMap)
    tiles.go("level.tmx")
    update()
    before = world.snapshot()
    tiles.gids[0, 3, 0] = 0
    update()
    walls = world.resource(Walls)
    assert walls.at(4, 28) == OPEN
    world.restore(before)
    update()
    assert walls.at(4, 28) == SOLID
    tiles.gids[0, 1, 0] = 4 | DIAGONAL  # the left half on the diagonal: the upper half
    update()
    assert walls.at([1, 6], 9).tolist() == [SOLID, SOLID]
    assert walls.at([1, 6], 14).tolist() == [OPEN, OPEN]


def placed(world: World) -> dict[int, str]:
    return {int(i): str(kind) for step in world.events(Placed) for i, kind in zip(step.id, step.kind, strict=True)}


def test_objects_are_told_of_and_only_what_changed_is_made_anew(
    world: World, update: Callable[..., None], folder: Path
) -> None:
    path = write_map(folder)
    world.resource(TileMap).go("level.tmx")
    update()
    (step,) = world.events(Placed, "test")
    assert step.kind.tolist() == ["coin", "door", "coin"]
    assert (step.x.tolist(), step.y.tolist()) == ([8, 20, 24], [8, 16, 16])
    (door,) = of_kind(world.events(Placed, "doors"), "door")
    assert (door.id.tolist(), door.x.tolist(), door.h.tolist(), door.name) == ([2], [20], [16], [""])
    assert door.value("speed", 1.0).tolist() == [2.5]
    assert door.value("to", "").tolist() == ["level_2.tmx"]
    assert door.value("speed", "x").tolist() == ["x"], "of another type"
    assert not list(of_kind(world.events(Placed, "cats"), "cat"))
    assert placed(world) == {1: "coin", 2: "door", 3: "coin"}
    ids = world.spawn(Position(), FromMap([1, 2, 3]))
    update()
    assert placed(world) == {}
    update(write_map(folder, coin_x=32, more='<object id="9" type="bat" x="0" y="0" width="4" height="4"/>'))
    assert placed(world) == {3: "coin", 9: "bat"}
    assert [world.alive(one) for one in ids] == [True, True, False]
    path.write_text(path.read_text().replace('type="door"', 'type="gate"'))
    update(path)
    assert placed(world) == {2: "gate"}
    assert [world.alive(one) for one in ids] == [True, False, False]
    world.resource(TileMap).go("level.tmx")
    update()
    assert sorted(placed(world)) == [1, 2, 3, 9], "asked for anew, everything is"
    assert not any(world.alive(one) for one in ids)
    update()
    assert placed(world) == {}


def test_a_broken_map_leaves_the_former_one_and_is_told_once_until_it_is_mended(
    world: World, call: Call, update: Callable[..., None], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write_map(folder)
    tiles = world.resource(TileMap)
    tiles.go("gone.tmx")
    with caplog.at_level(logging.WARNING):
        update()
        update()
    assert len(caplog.records) == 1
    assert "map gone.tmx cannot be read: it is missing" in caplog.text
    assert (draw(call)[..., 2] == 220).sum() > 40, "it is shown"
    tiles.go("level.tmx")
    update()
    assert world.resource(TileArt).problem == ""
    gids = tiles.gids.copy()
    whole = path.read_text()
    broken = [
        whole[:400],
        whole.replace('tilewidth="8"', ""),
        whole.replace("orthogonal", "isometric"),
        whole.replace("1,1,1,1,1", "1,1,x"),
        whole.replace("1,1,1,1,1", "1,1"),
        whole.replace("ground.tsx", "nothing.tsx"),
        whole.replace('tileheight="8"', 'tileheight="9"'),
        "{",
        "",
    ]
    for text in broken:
        caplog.clear()
        path.write_text(text)
        with caplog.at_level(logging.WARNING):
            update(path)
            update()
        assert len(caplog.records) == 1, text
        assert "level.tmx stays until it can" in caplog.text
        assert np.array_equal(tiles.gids, gids)
        assert world.resource(TileArt).problem
    path.write_text(whole.replace("1,1,1,1,1", "1,1,1,1,0"))
    update(path)
    assert world.resource(TileArt).problem == ""
    assert tiles.at(36, 28) == 0


def test_the_json_format_chunks_and_groups_are_read_too(
    world: World, update: Callable[..., None], folder: Path
) -> None:
    write_map(folder)
    chunk = {"x": -2, "y": 0, "width": 2, "height": 2, "data": [0, 0, 1, 1]}
    layer = {"type": "tilelayer", "id": 1, "name": "deep", "chunks": [chunk], "x": 0, "y": 0, "width": 2, "height": 2}
    layer |= {"opacity": 0.5, "visible": True, "parallaxx": 0.5}
    group = {"type": "group", "id": 2, "name": "all", "layers": [layer], "opacity": 0.5, "offsetx": 3, "offsety": 0}
    hidden = layer | {"id": 3, "name": "hidden", "visible": False}
    data = {"type": "map", "version": "1.10", "tiledversion": "1.10.2", "orientation": "orthogonal", "width": 2}
    data |= {"height": 2, "tilewidth": 8, "tileheight": 8, "infinite": True, "renderorder": "right-down"}
    coin = {"id": 7, "name": "", "type": "coin", "x": -8, "y": 8, "width": 0, "height": 0, "point": True, "rotation": 0}
    coin |= {"visible": True, "properties": [{"name": "worth", "type": "int", "value": 3}]}
    things = {"type": "objectgroup", "id": 4, "name": "things", "objects": [coin], "x": 0, "y": 0, "opacity": 1}
    things |= {"visible": True, "draworder": "topdown"}
    data |= {"layers": [group | {"visible": True, "x": 0, "y": 0}, hidden, things]}
    data |= {"nextlayerid": 5, "nextobjectid": 8, "properties": [{"name": "music", "type": "string", "value": "a.ogg"}]}
    data |= {"tilesets": [{"firstgid": 1, "source": "ground.tsx"}]}
    (folder / "level.tmj").write_text(json.dumps(data))
    tiles = world.resource(TileMap)
    tiles.go("level.tmj")
    update()
    assert tiles.loaded == "level.tmj"
    assert (tiles.x, tiles.y, tiles.layers) == (-16, 0, ["deep", "hidden"])
    assert tiles.at(-12, 12) == 1
    assert tiles.properties == {"music": "a.ogg"}
    (coins,) = of_kind(world.events(Placed), "coin")
    assert (coins.id.tolist(), coins.x.tolist(), coins.y.tolist()) == ([7], [-8], [8])
    assert coins.value("worth", 1).tolist() == [3]
    (look,) = world.resource(TileArt).layers
    assert (look.tint & 0xFF, look.dx, look.parallax_x) == (64, 3, 0.5)


def test_maps_are_drawn_with_flips_animation_zoom_and_views(
    world: World, call: Call, update: Callable[..., None], folder: Path
) -> None:
    write_map(folder)
    world.resource(TileMap).go("level.tmx")
    update()
    picture = draw(call)
    assert at(picture, 4, 20) == RED
    assert at(picture, 12, 20) == GREEN
    assert at(picture, 28, 12) == BLUE
    assert (at(picture, 25, 20), at(picture, 30, 20)) == (BLACK, WHITE)
    assert (at(picture, 33, 20), at(picture, 38, 20)) == (WHITE, BLACK), "flipped"
    assert at(picture, 50, 20) == [0x20, 0x40, 0x60]
    world.resource(Time).elapsed = 0.15
    assert at(draw(call), 30, 12) == WHITE, "the second step of the animation"
    world.resource(Time).elapsed = 0.31
    assert at(draw(call), 30, 12) == BLUE
    camera = world.resource(Camera)
    camera.x, camera.y, camera.zoom = -30 + 20, -20 + 16, 2.0  # the map's middle in the canvas' middle
    picture = draw(call)
    assert at(picture, 30 - 2 * (20 - 12), 20 + 2 * (20 - 16)) == GREEN
    assert at(picture, 30 + 2 * (28 - 20), 20 + 2 * (12 - 16)) == BLUE
    camera.shows = False
    world.spawn(Position(10, 10), View(16, 16, x=4, y=20))
    assert at(draw(call), 10, 10) == RED
    world.resource(TileMap).gids[0, 2, 0] = 2 | FLIP_X | FLIP_Y
    assert at(draw(call), 10, 10) == GREEN


def test_saved_tilesets_and_pictures_show(
    world: World, call: Call, update: Callable[..., None], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_map(folder)
    world.resource(TileMap).go("level.tmx")
    update()
    assert at(draw(call), 4, 20) == RED
    surface = pygame.Surface((32, 8), pygame.SRCALPHA, 32)
    surface.fill("white")
    pygame.image.save(surface, folder / "ground.png")
    update(folder / "ground.png")
    assert at(draw(call), 4, 20) == WHITE
    (folder / "ground.tsx").write_text(TILESET.replace('<tile id="0" type="solid"/>', ""))
    update(folder / "ground.tsx")
    assert world.resource(Walls).at(4, 20) == OPEN
    (folder / "ground.png").unlink()
    with caplog.at_level(logging.WARNING):
        update(folder / "ground.png")
        draw(call)
        picture = draw(call)
    assert len(caplog.records) == 1
    assert (picture[16:24, 0:8, 1] < 60).all(), "the placeholder, a tile wide"
    call(null_render.count)
    assert world.resource(null_render.Asked).rows["tiles"] == 10


def test_image_layers_repeat_and_drift(world: World, call: Call, update: Callable[..., None], folder: Path) -> None:
    path = write_map(folder)
    surface = pygame.Surface((20, 10), pygame.SRCALPHA, 32)
    surface.fill("lime", (0, 0, 10, 10))
    pygame.image.save(surface, folder / "hills.png")
    layer = (
        '<imagelayer id="9" name="far" repeatx="1" parallaxx="0.5" offsetx="0" offsety="2"><image source="hills.png" '
    )
    path.write_text(
        path.read_text().replace("<objectgroup", layer + 'width="20" height="10"/></imagelayer><objectgroup')
    )
    world.resource(TileMap).go("level.tmx")
    update()
    picture = draw(call)
    assert [at(picture, x, 5) == GREEN for x in (5, 15, 25, 35, 45)] == [True, False, True, False, True]
    assert at(picture, 5, 1) != GREEN
    world.resource(Camera).x = 20.0
    assert at(draw(call), 5, 5) != GREEN


def test_drawing_a_map_is_no_loop_over_its_tiles(
    world: World, call: Call, update: Callable[..., None], folder: Path
) -> None:
    write_map(folder)
    tiles = world.resource(TileMap)
    tiles.go("level.tmx")
    update()
    tiles.gids = np.ones((1, 400, 400), np.uint32)
    world.resource(Canvas).width = world.resource(Canvas).height = 400
    draw(call)
    studio = world.resource(Studio)
    kept = len(studio.pieces.kept)
    assert kept <= 2, "equal pieces are one"
    world.resource(Camera).x += 8
    draw(call)
    assert len(studio.pieces.kept) == kept
