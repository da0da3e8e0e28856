"""The picture: what is drawn where, in which order and colour, and what happens to missing and changed images."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest
from support import Call

from engine import HotloopError, Mut, Time, World
from modules.core.motion import Position, Rotation
from modules.core.render import (
    Box,
    Camera,
    Canvas,
    Circle,
    Dot,
    Fixed,
    Line,
    Picture,
    Pose,
    Sprite,
    Text,
    outline,
    rgba,
)
from modules.systems import files, null_render, pygame_render
from modules.systems.pygame_render import Studio
from modules.systems.pygame_render import studio as studio_file

BLACK = rgba("#000000")
RED, GREEN, BLUE, WHITE = (rgba(color) for color in ("#ff0000", "#00ff00", "#0000ff", "#ffffff"))

Draw = Callable[[], Any]


@pytest.fixture
def draw(world: World, call: Call) -> Draw:
    """Draw a black canvas of 100 x 80 pixels and return it as (height, width, 3)."""
    canvas = world.resource(Canvas)
    canvas.width, canvas.height, canvas.color = 100, 80, BLACK
    world.resource(Time).alpha = 1.0

    def run() -> Any:
        call(pygame_render.draw)
        return call(pygame_render.capture).astype(int)

    return run


def image(folder: Path, name: str, color: str, size: tuple[int, int] = (8, 8)) -> Path:
    """Write an image of one colour."""
    surface = pygame.Surface(size, pygame.SRCALPHA, 32)
    surface.fill(color)
    pygame.image.save(surface, folder / name)
    return folder / name


def at(picture: Any, x: int, y: int) -> list[int]:
    return [int(channel) for channel in picture[y, x]]


def lit(picture: Any) -> tuple[int, int, int, int]:
    """Return the box around all pixels that are not black: left, top, right, bottom."""
    ys, xs = np.nonzero(picture.sum(axis=2))
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def test_drawing_needs_no_display(draw: Draw, world: World) -> None:
    assert not pygame.display.get_init()
    world.spawn(Position(50, 40), Circle(10, color=RED))
    assert at(draw(), 50, 40) == [255, 0, 0]
    assert not pygame.display.get_init()


def test_the_canvas_is_cleared_in_its_colour_and_follows_its_size(draw: Draw, world: World) -> None:
    canvas = world.resource(Canvas)
    canvas.color = rgba("#102030")
    assert at(draw(), 0, 0) == [16, 32, 48]
    canvas.width, canvas.height = 30, 20
    assert draw().shape == (20, 30, 3)
    assert world.resource(Picture).surface.get_size() == (30, 20)
    assert world.resource(Picture).count == 2


def test_a_sprite_is_centred_scaled_tinted_and_flipped(draw: Draw, world: World, folder: Path) -> None:
    surface = pygame.Surface((8, 4), pygame.SRCALPHA, 32)
    surface.fill("white")
    surface.fill("red", (0, 0, 4, 4))
    pygame.image.save(surface, folder / "two.png")
    (ids,) = world.spawn(Position(50, 40), Sprite("two.png"))
    picture = draw()
    assert lit(picture) == (46, 38, 54, 42)
    assert at(picture, 47, 40) == [255, 0, 0]
    assert at(picture, 52, 40) == [255, 255, 255]
    sprite = world.get(ids, Sprite)
    sprite.flip = True
    assert at(draw(), 47, 40) == [255, 255, 255]
    sprite.scale, sprite.tint = 2.0, rgba("#00ff00")
    picture = draw()
    assert lit(picture)[:2] == (42, 36)
    assert lit(picture)[2] in (50, 51), "red times green is black"
    assert at(picture, 45, 40) == [0, 255, 0]


def test_a_sprite_is_turned_upside_down_stretched_and_put_beside_its_entity(
    draw: Draw, world: World, folder: Path
) -> None:
    surface = pygame.Surface((8, 8), pygame.SRCALPHA, 32)
    surface.fill("blue")
    surface.fill("red", (0, 0, 4, 8))
    surface.fill("white", (4, 0, 4, 4))
    pygame.image.save(surface, folder / "three.png")
    (one,) = world.spawn(Position(50, 40), Sprite("three.png", flip_y=True), Pose())
    picture = draw()
    assert lit(picture) == (46, 36, 54, 44)
    assert at(picture, 47, 40) == [255, 0, 0], "left stays left"
    assert at(picture, 52, 37) == [0, 0, 255]
    assert at(picture, 52, 42) == [255, 255, 255]
    pose = world.get(one, Pose)
    pose.dx, pose.dy, pose.stretch = 10.0, -20.0, 2.0
    left, top, right, bottom = lit(draw())
    assert (left + right, top + bottom) == (120, 40)
    assert (right - left, bottom - top) == (4, 16)
    pose.stretch = float("nan")
    assert lit(draw()) == (56, 16, 64, 24)
    image(folder, "red.png", "red")
    world.spawn(Position(60, 39), Sprite("red.png"), Pose(dy=-19))
    assert at(draw(), 60, 20) != [255, 0, 0], "the entity's own y decides what lies in front"


def test_rotation_turns_clockwise(draw: Draw, world: World, folder: Path) -> None:
    image(folder, "bar.png", "white", (20, 4))
    world.spawn(Position(50, 40), Sprite("bar.png"), Rotation(np.pi / 2))
    assert lit(draw()) == (48, 30, 52, 50)
    surface = pygame.Surface((20, 20), pygame.SRCALPHA, 32)
    surface.fill("white", (10, 8, 10, 4))  # points right
    pygame.image.save(surface, folder / "arrow.png")
    world.despawn(world.entities())
    world.spawn(Position(50, 40), Sprite("arrow.png", angle=np.pi / 4), Rotation(np.pi / 4))
    left, top, right, bottom = lit(draw())
    assert (top, bottom) == (40, 50), "it points down"
    assert (left, right) == (48, 52)


def test_layers_are_shared_by_all_kinds_and_y_sorts_sprites(draw: Draw, world: World, folder: Path) -> None:
    image(folder, "red.png", "red")
    image(folder, "blue.png", "blue")
    world.spawn(Position(20, 20), Box(10, 10, GREEN, layer=1))
    world.spawn(Position(20, 20), Sprite("red.png", layer=0))
    world.spawn(Position(20, 20), Circle(2, BLUE, layer=2))
    picture = draw()
    assert at(picture, 20, 20) == [0, 0, 255]
    assert at(picture, 16, 16) == [0, 255, 0]
    world.despawn(world.entities())
    world.spawn(Position(50, [42, 40]), Sprite(["red.png", "blue.png"]))
    picture = draw()
    assert at(picture, 50, 40) == [255, 0, 0], "the lower one is in front"
    world.spawn(Position(50, 30), Sprite("blue.png", layer=10_000))
    world.spawn(Position(50, 30), Sprite("red.png", layer=-10_000))
    assert at(draw(), 50, 30) == [0, 0, 255]


def test_the_camera_moves_and_zooms_all_but_what_is_fixed(draw: Draw, world: World) -> None:
    world.spawn(Position(60, 40), Box(10, 10, RED))
    world.spawn(Position(10, 10), Box(10, 10, GREEN), Fixed())
    camera = world.resource(Camera)
    camera.x = 10.0
    assert at(draw(), 50, 40) == [255, 0, 0]
    assert at(draw(), 56, 40) == [0, 0, 0]
    camera.zoom = 2.0
    picture = draw()
    assert at(picture, 41, 31) == [255, 0, 0]
    assert at(picture, 58, 48) == [255, 0, 0]
    assert lit(picture[20:]) == (40, 10, 60, 30)
    assert at(picture, 10, 10) == [0, 255, 0]
    assert at(picture, 4, 10) == [0, 0, 0]


def test_a_picture_between_two_ticks_lies_between_them(draw: Draw, world: World) -> None:
    world.spawn(Position(x=60, y=40, last_x=20, last_y=40), Box(4, 4, RED))
    time = world.resource(Time)
    for alpha, middle in ((0.0, 20), (0.5, 40), (1.0, 60)):
        time.alpha = alpha
        assert lit(draw()) == (middle - 2, 38, middle + 2, 42)


def test_an_entity_without_a_past_is_drawn_where_it_is(draw: Draw, world: World) -> None:
    world.spawn(Position(60, 40), Box(4, 4, RED))
    world.resource(Time).alpha = 0.25
    assert lit(draw()) == (58, 38, 62, 42)


def test_turning_takes_the_shorter_way(draw: Draw, world: World, folder: Path) -> None:
    image(folder, "bar.png", "white", (20, 4))
    world.spawn(Position(50, 40), Sprite("bar.png"), Rotation(angle=-3.0 + 2 * np.pi, last=3.0))
    world.resource(Time).alpha = 0.5
    left, top, right, bottom = lit(draw())
    assert right - left > 3 * (bottom - top), "it passes through pi, not through 0"


def test_what_cannot_be_seen_or_makes_no_sense_is_left_out(draw: Draw, world: World, folder: Path) -> None:
    image(folder, "dot.png", "white")
    nan, inf = float("nan"), float("inf")
    places = {"x": [nan, inf, -1e30, 50, 50, 500], "y": [10, 10, 10, nan, -500, 40]}
    for thing in (Sprite("dot.png"), Circle(5), Circle(5, width=1), Box(5, 5), Line(5, 5), Dot(1), Dot(9), Text("x")):
        world.spawn(Position(**places), thing)
    world.spawn(Position(50, 40), Sprite("dot.png", scale=[nan, 0, -1, 1e9]), Rotation([nan, inf, 0, 0]), count=4)
    world.spawn(Position(50, 40), Sprite("dot.png", tint=0xFFFFFF00))
    world.spawn(Position(50, 40), Sprite(""))
    world.spawn(Position(50, 40), Circle([nan, -5, 0]))
    with np.errstate(all="ignore"):
        draw()
    world.spawn(Position(50, 40), Dot(1, WHITE))
    world.query(Sprite)
    assert draw() is not None


def test_light_is_added(draw: Draw, world: World) -> None:
    world.spawn(Position(50, 40), Box(20, 20, rgba("#800000")))
    world.spawn(Position(50, 40), Box(10, 10, rgba("#808000"), layer=1, glow=True))
    world.spawn(Position(x=[30, 30], y=20), Dot(2, rgba("#600000"), glow=True))
    world.spawn(Position(50, 20), Box(6, 6, rgba("#800000")), Rotation(0.5))
    picture = draw()
    assert at(picture, 50, 40) == [255, 128, 0]
    assert at(picture, 30, 20)[0] >= 0x60


def test_transparent_colours_let_through(draw: Draw, world: World) -> None:
    world.spawn(Position(20, 40), Box(20, 20, WHITE))
    world.spawn(Position(60, 40), Box(20, 20, WHITE))
    half = rgba("#000000", 0.5)
    world.spawn(Position(20, 40), Box(10, 10, half, layer=1))
    world.spawn(Position(60, 40), Circle(6, half, layer=1))
    world.spawn(Position(60, 40), Dot(1, rgba("#ff0000", 0.5), layer=2))
    picture = draw()
    assert at(picture, 20, 40) == pytest.approx([127] * 3, abs=2)
    assert at(picture, 57, 40) == pytest.approx([127] * 3, abs=8)
    red, green, _ = at(picture, 60, 40)
    assert red > 180
    assert green < 75


def test_shapes_cover_what_they_say(draw: Draw, world: World) -> None:
    square = [(-10, -10), (10, -10), (10, 10), (-10, 10)]
    world.spawn(Position(30, 40), outline(square, color=RED), Rotation(0.0))
    world.spawn(Position(70, 40), outline(square, color=GREEN, width=2))
    world.spawn(Position(20, 70), Line(60, 0, BLUE, width=4))
    world.spawn(Position(50, 15), Circle(10, WHITE, width=2))
    picture = draw()
    red = (picture[..., 0] > 128) & (picture[..., 1] < 128)
    assert red.sum() == pytest.approx(400, rel=0.06)
    assert at(picture, 70, 40) == [0, 0, 0]
    assert at(picture, 60, 40)[1] > 200
    assert at(picture, 63, 40) == [0, 0, 0]
    assert at(picture, 50, 70) == [0, 0, 255]
    assert at(picture, 50, 75) == [0, 0, 0]
    assert at(picture, 50, 15) == [0, 0, 0]
    assert at(picture, 59, 15)[0] > 100


def test_text_is_aligned_and_changes(draw: Draw, world: World) -> None:
    boxes = {}
    for align in ("left", "center", "right"):
        world.despawn(world.entities())
        world.spawn(Position(50, 40), Text("Hey\nyou", size=14, align=align))
        boxes[align] = lit(draw())
    assert boxes["left"][0] >= 49
    assert boxes["right"][2] <= 51
    middle = boxes["center"]
    assert (middle[0] + middle[2]) / 2 == pytest.approx(50, abs=2)
    assert (middle[1] + middle[3]) / 2 == pytest.approx(40, abs=5)
    (one,) = world.entities()
    world.get(one, Text).text = "H"
    assert lit(draw())[2] - lit(draw())[0] < 12


def test_text_takes_any_characters(draw: Draw, world: World) -> None:
    world.spawn(Position(10, 40), Text("a\0b\t日本 \U0001f680 \ud800 \n\n", size=12))
    world.spawn(Position(10, 40), Text("", size=12))
    world.spawn(Position(10, 40), Text("x", size=0))
    world.spawn(Position(10, 40), Text("x", size=1e6))
    draw()


def test_a_missing_image_is_shown_and_told_once_and_appears_when_it_is_there(
    draw: Draw, world: World, call: Call, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world.spawn(Position(50, 40), Sprite("ship.png"), count=3)
    with caplog.at_level(logging.WARNING):
        first = draw()
        draw()
    (record,) = caplog.records
    assert "'ship.png' is missing" in record.message
    magenta = (first[..., 0] == 255) & (first[..., 1] == 0) & (first[..., 2] == 220)
    assert magenta.sum() > 100
    path = image(folder, "ship.png", "#008000")
    call(files.changed, paths=[str(path)])
    assert at(draw(), 50, 40) == [0, 128, 0]


def test_a_changed_image_is_shown_in_the_next_frame_also_turned_and_scaled(
    draw: Draw, world: World, call: Call, folder: Path
) -> None:
    path = image(folder, "ship.png", "red")
    world.spawn(Position([30, 70], 40), Sprite("ship.png", scale=[1.0, 2.0]), Rotation([0.0, 0.7]))
    assert at(draw(), 30, 40) == at(draw(), 70, 40) == [255, 0, 0]
    image(folder, "ship.png", "blue", (10, 10))
    call(files.changed, paths=[str(path)])
    assert at(draw(), 30, 40) == at(draw(), 70, 40) == [0, 0, 255]
    assert len(world.resource(Studio).numbered) == 1


def test_a_broken_image_is_a_placeholder_until_it_is_mended(
    draw: Draw, world: World, call: Call, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / "ship.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    world.spawn(Position(50, 40), Sprite("ship.png"))
    with caplog.at_level(logging.WARNING):
        draw()
        draw()
    assert len(caplog.records) == 1
    assert "cannot be read" in caplog.records[0].message
    image(folder, "ship.png", "#008000")
    call(files.changed, paths=[str(path)])
    assert at(draw(), 50, 40) == [0, 128, 0]


def test_a_missing_font_falls_back(draw: Draw, world: World, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "broken.ttf").write_bytes(b"nothing")
    world.spawn(Position(10, 20), Text("abc", size=14, font="gone.ttf"))
    world.spawn(Position(10, 60), Text("abc", size=14, font="broken.ttf"))
    picture = draw()
    assert picture[:40].any()
    assert picture[40:].any()
    assert len(caplog.records) == 2


def test_the_same_world_gives_the_same_picture(call: Call, world: World, draw: Draw, folder: Path) -> None:
    image(folder, "a.png", "orange", (12, 7))
    random = np.random.default_rng(4)
    n = 300
    world.spawn(
        Position(random.uniform(0, 100, n), random.uniform(0, 80, n)),
        Rotation(random.uniform(0, 6, n)),
        Sprite("a.png", scale=random.uniform(0.5, 2, n), layer=random.integers(0, 9, n).astype(np.int32)),
    )
    world.resource(Camera).shake = 5.0
    first = draw()
    world.set_resource(Studio, Studio())
    assert np.array_equal(first, draw())


def test_drawing_changes_nothing_in_the_world(draw: Draw, world: World, folder: Path) -> None:
    image(folder, "a.png", "orange")
    world.spawn(Position(1, 2), Sprite("a.png"), Text("x"), Dot(3), Circle(3), Box(1, 2), Line(2, 3))
    draw()
    digest = world.hash()
    world.resource(Camera).shake = 0.0
    draw()
    assert world.hash() == digest


def test_the_cache_is_bounded(draw: Draw, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image(folder, "a.png", "orange", (40, 40))
    monkeypatch.setattr(studio_file, "MOST_BYTES", 200_000)
    world.spawn(Position(50, 40), Sprite("a.png"), Rotation())
    studio = world.resource(Studio)
    for step in range(200):
        for sprite in world.query(Mut[Sprite]):
            sprite.scale = 0.5 + step / 100
        draw()
    sizes = [s.get_width() * s.get_height() * 4 for s in (*studio.variants.values(), *studio.former.values())]
    assert sum(sizes) < 500_000


def test_many_rotating_sprites_cost_less_than_a_loop_over_them(draw: Draw, world: World, folder: Path) -> None:
    from time import perf_counter

    image(folder, "a.png", "orange", (16, 16))
    n = 5_000
    random = np.random.default_rng(1)
    place = Position(random.uniform(0, 100, n), random.uniform(0, 80, n))
    world.spawn(place, Sprite("a.png"), Rotation(random.uniform(0, 6, n)))
    draw()
    surface = pygame.Surface((16, 16), pygame.SRCALPHA, 32)
    surface.fill("orange")
    target = world.resource(Studio).canvas

    def best(function: Callable[[], Any]) -> float:
        times = []
        for _ in range(5):
            begin = perf_counter()
            function()
            times.append(perf_counter() - begin)
        return min(times)

    def loop() -> None:
        for pos, turn in world.query(Position, Rotation):
            for x, y, angle in zip(pos.x.tolist(), pos.y.tolist(), turn.angle.tolist(), strict=True):
                target.blit(pygame.transform.rotate(surface, -angle * 57.3), (x - 8, y - 8))

    assert best(draw) < best(loop)


def test_a_picture_is_saved_whole_or_not_at_all(draw: Draw, world: World, call: Call, tmp_path: Path) -> None:
    world.spawn(Position(50, 40), Box(10, 10, RED))
    picture = draw()
    path = tmp_path / "deep" / "shot.png"
    call(pygame_render.save, path=str(path))
    loaded = pygame.surfarray.array3d(pygame.image.load(path)).transpose(1, 0, 2)
    assert np.array_equal(loaded, picture)
    assert [file.name for file in path.parent.iterdir()] == ["shot.png"]
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HotloopError, match="cannot be written"):
        call(pygame_render.save, path=str(tmp_path / "file" / "shot.png"))


def test_the_headless_twin_counts(world: World, call: Call, tmp_path: Path) -> None:
    world.spawn(Position(1, 2), Sprite(["a.png", "b.png", "a.png"]))
    world.spawn(Position(1, 2), Text("hello"))
    call(null_render.count)
    asked = world.resource(null_render.Asked)
    assert (asked.rows["sprites"], asked.images, asked.texts) == (3, {"a.png": 2, "b.png": 1}, ["hello"])
    call(null_render.save, path=str(tmp_path / "null.png"))
    loaded = pygame.image.load(tmp_path / "null.png")
    canvas = world.resource(Canvas)
    assert loaded.get_size() == (canvas.width, canvas.height)
    assert tuple(loaded.get_at((5, 5)))[:3] == (0x0B, 0x0E, 0x14)
