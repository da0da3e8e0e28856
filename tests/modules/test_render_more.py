"""The picture: sheets and atlases, views, things that drift, panels, gradients, outlines of text."""

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

from engine import Mut, Time, World
from modules.core.motion import Position
from modules.core.render import (
    Box,
    Camera,
    Canvas,
    Circle,
    Dot,
    Fixed,
    Gradient,
    NineSlice,
    Sheet,
    Sprite,
    Text,
    View,
    cut,
    in_sight,
    rgba,
    settle,
    to_canvas,
    to_world,
    view_to_canvas,
    view_to_world,
)
from modules.systems import files, null_render, pygame_render

RED, GREEN, BLUE, WHITE = ([255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255])

Draw = Callable[[], Any]


@pytest.fixture
def draw(world: World, call: Call) -> Draw:
    """Draw a black canvas of 100 x 80 pixels and return it as (height, width, 3)."""
    canvas = world.resource(Canvas)
    canvas.width, canvas.height, canvas.color = 100, 80, rgba("#000000")
    world.resource(Time).alpha = 1.0

    def run() -> Any:
        call(pygame_render.draw)
        return call(pygame_render.capture).astype(int)

    return run


def at(picture: Any, x: int, y: int) -> list[int]:
    return [int(channel) for channel in picture[y, x]]


def stripes(folder: Path, name: str, colors: list[str], size: tuple[int, int] = (8, 8)) -> Path:
    """Write an image of upright stripes."""
    surface = pygame.Surface((size[0] * len(colors), size[1]), pygame.SRCALPHA, 32)
    for index, color in enumerate(colors):
        surface.fill(color, (index * size[0], 0, *size))
    pygame.image.save(surface, folder / name)
    return folder / name


def test_a_sheet_shows_the_cell_that_is_asked_for_and_follows_its_file(
    draw: Draw, world: World, call: Call, folder: Path
) -> None:
    path = stripes(folder, "walk.png", ["red", "lime", "blue"])
    world.spawn(Position([10, 30, 50, 70], 40), Sprite("walk.png"), Sheet(cell=[0, 1, 2, 4], columns=3))
    picture = draw()
    assert [at(picture, x, 40) for x in (10, 30, 50, 70)] == [RED, GREEN, BLUE, GREEN]
    assert at(picture, 15, 40) == [0, 0, 0], "only the cell is drawn"
    stripes(folder, "walk.png", ["white", "red", "lime"])
    call(files.changed, paths=[str(path)])
    picture = draw()
    assert [at(picture, x, 40) for x in (10, 30, 50, 70)] == [WHITE, RED, GREEN, RED]


def test_many_sheets_in_one_table_each_show_their_cell(draw: Draw, world: World, folder: Path) -> None:
    stripes(folder, "a.png", ["red", "lime", "blue"])
    stripes(folder, "b.png", ["white", "red"])
    cells = np.array([0, 2**31 - 2, -1, 1, 70_001, 5])
    images = np.array(["a.png", "a.png", "a.png", "b.png", "b.png", "a.png"])
    columns = np.array([3, 3, 3, 2, 2, 1])
    world.spawn(
        Position([10, 30, 50, 70, 90, 50], [20, 20, 20, 20, 20, 60]), Sprite(images), Sheet(cell=cells, columns=columns)
    )
    picture = draw()
    colors = [RED, GREEN, BLUE], [WHITE, RED]
    wanted = [
        colors[which][cell % len(colors[which])] for which, cell in zip([0, 0, 0, 1, 1], cells.tolist(), strict=False)
    ]
    assert [at(picture, x, 20) for x in range(10, 100, 20)] == wanted
    assert at(picture, 50, 60) == GREEN, "the middle of the whole image"


def test_a_missing_sheet_is_a_whole_placeholder(draw: Draw, world: World, folder: Path) -> None:
    world.spawn(Position(50, 40), Sprite("gone.png"), Sheet(columns=8, rows=4, cell=3))
    picture = draw()
    assert (picture[16:64, 26:74].max(axis=2) > 30).mean() > 0.6


@pytest.mark.parametrize("as_list", [True, False], ids=["list", "table"])
def test_an_atlas_is_read_trimmed_and_turned_back(draw: Draw, world: World, folder: Path, as_list: bool) -> None:
    stripes(folder, "sheet.png", ["red", "lime", "blue"])
    frames = [
        {"frame": {"x": 0, "y": 0, "w": 8, "h": 8}},
        {
            "frame": {"x": 8, "y": 0, "w": 4, "h": 8},
            "trimmed": True,
            "sourceSize": {"w": 12, "h": 8},
            "spriteSourceSize": {"x": 8, "y": 0, "w": 4, "h": 8},
        },
        {"frame": {"x": 12, "y": 0, "w": 2, "h": 8}, "rotated": True},
    ]
    table = frames if as_list else {f"walk {index}": frame for index, frame in enumerate(frames)}
    (folder / "deep").mkdir()
    (folder / "deep/hero.json").write_text(json.dumps({"frames": table, "meta": {"image": "../sheet.png"}}))
    (folder / "hero.json").write_text(json.dumps({"frames": table, "meta": {"image": "sheet.png"}}))
    world.spawn(Position([10, 30, 60], 40), Sprite("hero.json"), Sheet(cell=[0, 1, 2]))
    world.spawn(Position(90, 40), Sprite("hero.json"))
    picture = draw()
    assert at(picture, 10, 40) == RED
    assert (at(picture, 30, 40), at(picture, 34, 40)) == ([0, 0, 0], GREEN)
    assert picture[40, 60 - 1 : 60 + 1].tolist() == [GREEN, BLUE] or picture[39:41, 60].any()
    assert at(picture, 90, 40) == RED


def test_a_broken_atlas_is_a_placeholder_and_told_once_until_it_is_mended(
    draw: Draw, world: World, call: Call, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stripes(folder, "sheet.png", ["red"])
    path = folder / "hero.json"
    path.write_text('{"frames": [{}], "meta": {"image": "sheet.png"}}')
    world.spawn(Position(50, 40), Sprite("hero.json"), Sheet())
    world.spawn(Position(50, 10), Sprite("sheet.png"), Sheet(columns=200))
    with caplog.at_level(logging.WARNING):
        draw()
        picture = draw()
    assert len(caplog.records) == 2
    assert "it lacks 'frame'" in caplog.text
    assert "too small for 200 x 1 cells" in caplog.text
    assert (picture[..., 2] == 220).sum() > 100
    path.write_text('{"frames": [{"frame": {"x": 0, "y": 0, "w": 8, "h": 8}}], "meta": {"image": "sheet.png"}}')
    call(files.changed, paths=[str(path)])
    assert at(draw(), 50, 40) == RED


def test_views_show_the_world_again_and_nothing_that_is_fixed(draw: Draw, world: World) -> None:
    world.spawn(Position(50, 70), Box(10, 10, rgba("#ff0000")))
    world.spawn(Position(56, 70), Dot(1, rgba("#00ff00"), layer=1))
    world.spawn(Position(56, 68), Circle(1, rgba("#0000ff"), layer=5))
    world.spawn(Position(50, 10), Box(4, 4, rgba("#ffffff")), Fixed())
    middle = Position([20, 80, 99], [20, 20, 60])
    world.spawn(
        middle, View(w=[30, 30, 20], h=20, x=50, y=70, zoom=[1, 2, 1], color=rgba("#202020"), highest=4), count=3
    )
    picture = draw()
    assert at(picture, 50, 70) == RED
    assert at(picture, 50, 10) == WHITE
    assert at(picture, 20, 20) == at(picture, 80, 20) == at(picture, 97, 60) == RED
    assert at(picture, 26, 20) == at(picture, 92, 20) == GREEN
    assert at(picture, 26, 18) == at(picture, 7, 12) == [32, 32, 32]
    assert at(picture, 16, 20) == RED
    assert at(picture, 4, 20) == [0, 0, 0], "beside the view"
    world.resource(Camera).shows = False
    picture = draw()
    assert at(picture, 50, 70) == [0, 0, 0]
    assert at(picture, 50, 10) == WHITE
    assert at(picture, 20, 20) == RED
    for view in world.query(Mut[View]):
        view.zoom = np.nan
    draw()


def test_points_go_there_and_back_through_camera_and_view(world: World) -> None:
    canvas, camera = world.resource(Canvas), world.resource(Camera)
    camera.x, camera.zoom = 300.0, 2.0
    x, y = np.array([0.0, 300, 800]), np.array([10.0, 200, 500])
    assert np.allclose(to_world(camera, canvas, *to_canvas(camera, canvas, x, y)), (x, y))
    assert in_sight(camera, canvas, *to_world(camera, canvas, np.array([-5.0, 5, 955, 966]), 5.0), 3).tolist() == [
        False,
        True,
        True,
        False,
    ]
    (one,) = world.spawn(Position(100, 50), View(60, 40, x=500, y=300, zoom=0.5))
    view, pos = world.get(one, View), world.get(one, Position)
    assert [float(v) for v in view_to_canvas(view, pos, 500, 300)] == [100, 50]
    assert np.allclose(view_to_world(view, pos, *view_to_canvas(view, pos, x, y)), (x, y))


def test_cameras_glide_between_ticks_and_can_jump(draw: Draw, world: World, call: Call) -> None:
    world.spawn(Position(50, 40), Box(4, 4, rgba("#ff0000")))
    (eye,) = world.spawn(Position(50, 70), View(20, 20, x=50, y=40))
    call(settle)
    camera, view = world.resource(Camera), world.get(eye, View)
    camera.x, view.x = 20.0, 54.0
    world.resource(Time).alpha = 0.5
    picture = draw()
    assert at(picture, 40, 40) == RED
    assert at(picture, 48, 70) == RED
    cut(camera)
    cut(view)
    picture = draw()
    assert at(picture, 30, 40) == RED
    assert at(picture, 46, 70) == RED


def test_what_drifts_moves_less_than_the_camera_and_comes_round(draw: Draw, world: World) -> None:
    world.spawn(Position(50, 40), Box(4, 4, rgba("#ff0000")), Fixed(drift_x=0.5, drift_y=0.25))
    world.spawn(Position([20, 90], 60), Box(4, 4, rgba("#00ff00")), Fixed(drift_x=1.0, wrap=140))
    camera = world.resource(Camera)
    camera.x, camera.y, camera.zoom = 20.0, 40.0, 3.0
    picture = draw()
    assert at(picture, 40, 30) == RED
    assert at(picture, 70, 60) == GREEN
    camera.x = 130.0
    picture = draw()
    assert at(picture, 30, 60) == GREEN, "20 - 130 + 140"
    assert at(picture, 100 - 1, 60) == GREEN or at(picture, 98, 60) == GREEN or (picture[60] == GREEN).all(1).sum() == 8


def test_panels_keep_their_corners(draw: Draw, world: World, folder: Path) -> None:
    surface = pygame.Surface((9, 9), pygame.SRCALPHA, 32)
    surface.fill("red")
    surface.fill("lime", (3, 3, 3, 3))
    surface.fill("blue", (0, 0, 3, 3))
    pygame.image.save(surface, folder / "panel.png")
    world.spawn(Position(50, 40), NineSlice("panel.png", w=60, h=40, edge=3))
    picture = draw()
    assert at(picture, 20, 20) == at(picture, 22, 22) == BLUE
    assert at(picture, 23, 20) == RED
    assert at(picture, 24, 24) == at(picture, 76, 56) == GREEN
    assert at(picture, 79, 59) == RED
    assert at(picture, 80, 59) == [0, 0, 0]
    for panel in world.query(Mut[NineSlice]):
        panel.w, panel.h, panel.tint = 4, 1e9, rgba("#ffffff80")
    draw()


def test_a_gradient_goes_over_smoothly(draw: Draw, world: World) -> None:
    world.spawn(Position(50, 40), Gradient(100, 80, rgba("#000000"), rgba("#ff0000")))
    picture = draw()
    rows = picture[:, :, 0].mean(axis=1)
    assert rows[0] < 4
    assert rows[-1] > 251
    assert np.abs(np.diff(rows) - 255 / 79).max() < 1.5
    world.despawn(world.entities())
    world.spawn(Position(50, 40), Gradient(100, 80, rgba("#ff0000"), rgba("#ff000000"), across=True))
    columns = draw()[:, :, 0].mean(axis=0)
    assert columns[0] > 250 > 130 > columns[50] > 120 > 4 > columns[-1]


def test_text_has_an_outline_and_can_lie_beside_its_entity(draw: Draw, world: World) -> None:
    (one,) = world.spawn(Position(50, 40), Text("I", size=30, align="center"))
    plain = draw()
    world.get(one, Text).edge, world.get(one, Text).edge_color = 3.0, rgba("#ff0000")
    edged = draw()
    white = (plain == 255).all(axis=2)
    assert (edged[white] == 255).mean() > 0.8, "the letters stay where they were"
    red = (edged[..., 0] > 200) & (edged[..., 1] < 60)
    assert red.sum() > 80
    assert np.flatnonzero(red.any(axis=0)).min() == pytest.approx(np.flatnonzero(white.any(axis=0)).min() - 3, abs=1)
    label = world.get(one, Text)
    label.edge, label.dx, label.dy = 0.0, 20.0, -10.0
    assert np.array_equal(np.roll(plain, (-10, 20), axis=(0, 1)), draw())


def test_the_headless_twin_counts_them_too(world: World, call: Call) -> None:
    world.spawn(Position(1, 2), View(10, 10))
    world.spawn(Position(1, 2), Gradient(10, 10), NineSlice("a.png", 10, 10))
    call(null_render.count)
    rows = world.resource(null_render.Asked).rows
    assert (rows["views"], rows["gradients"], rows["slices"]) == (1, 1, 1)
