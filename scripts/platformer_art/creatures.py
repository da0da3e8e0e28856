"""The hero, the beetle and the moth."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image

from .paint import RIM, Picture, mix, sheet

CELL_W, CELL_H = 72, 88
SOLES = 84.0
SEED, SEED_FOOT, BELLY = "#ffc368", "#dd7f3a", "#fff0c9"
LEAF, LEAF_FOOT = "#a7e05f", "#4f9e4a"
CHEEK = "#ff8f7a"
SHELL, SHELL_FOOT = "#c65a8a", "#6d2d63"
WING, WING_FOOT = "#cfc4f2", "#8a76c8"


def creatures(folder: Path) -> None:
    """Write the sheets of everything that lives."""
    idle = [hero(breath=math.sin(2 * math.pi * i / 6), blink=i == 4) for i in range(6)]
    run = [hero(stride=2 * math.pi * i / 8, lean=7) for i in range(8)]
    rise, fall = hero(air=-1.0), hero(air=1.0)
    cheer = [hero(breath=math.sin(math.pi * i / 2), glad=True, air=-0.4 if i % 2 else 0.0) for i in range(4)]
    empty = Picture(CELL_W, CELL_H)
    sheet([*idle, empty, empty, *run, rise, fall, *cheer, empty, empty], 8, folder / "hero.png")
    greeting = [cell.image.resize((CELL_W * 2, CELL_H * 2), Image.Resampling.LANCZOS) for cell in idle]
    whole = Image.new("RGBA", (CELL_W * 2 * len(idle), CELL_H * 2), (0, 0, 0, 0))
    for index, cell in enumerate(greeting):
        whole.paste(cell, (index * CELL_W * 2, 0))
    whole.save(folder / "greeting.png", optimize=True)
    sheet([beetle(2 * math.pi * i / 4) for i in range(4)], 4, folder / "beetle.png")
    sheet([moth(flap) for flap in (1.0, 0.6, -0.6, 0.45)], 4, folder / "moth.png")
    icon = hero().done().crop((12, 18, 60, 86)).resize((30, 42), Image.Resampling.LANCZOS)
    framed = Image.new("RGBA", (44, 44), (0, 0, 0, 0))
    framed.paste(icon, (7, 1))
    framed.save(folder / "icon.png", optimize=True)
    life = Picture(30, 30)
    _leaves(life, 15, 26, 0, 0.72)
    life.save(folder / "life.png")


def hero(
    breath: float = 0.0,
    stride: float | None = None,
    lean: float = 0.0,
    air: float = 0.0,
    blink: bool = False,
    glad: bool = False,
) -> Picture:
    """Paint the seed: breathing, running, in the air (-1 rising, 1 falling) or glad."""
    picture = Picture(CELL_W, CELL_H)
    bob = -2.2 * abs(math.sin(stride)) if stride is not None else -0.8 * breath
    x, foot = 36.0, SOLES - 5 + bob
    for side in (-1, 1):  # the far foot first
        if stride is not None:
            phase = stride + (math.pi if side < 0 else 0)
            fx, fy = x + 10 * math.cos(phase), SOLES - 3.5 - 8 * max(0.0, math.sin(phase))
            tilt = -28 * math.sin(phase)
        elif air:
            fx, fy, tilt = x + side * 8 - 2 * air, SOLES - 3 - (3 if side > 0 else 0) * abs(air), 22 * air
        else:
            fx, fy, tilt = x + side * 7.5, SOLES - 3.5, 0.0
        color = mix(SEED_FOOT, RIM, 0.35 if side < 0 else 0.15)
        picture.body(picture.oval(fx, fy, 7.4, 4.2, tilt), mix(color, "#ffffff", 0.12), color, 1.8)
    tall, wide = 19.5 + 0.7 * breath - 0.8 * air, 17.0 - 0.5 * breath + 0.6 * air
    top = foot - 2 * tall
    sway = (10 * math.sin(2 * stride) - 26) if stride is not None else 4 * breath - 30 * air * 0.4
    spread = 1.0 + (0.35 * air if air > 0 else 0.12 * air)
    _leaves(picture, x + 1 - lean * 0.2, top + 2, sway, 1.0, spread)
    egg = [
        (x - lean * 0.1, top),
        (x + wide * 0.74, top + tall * 0.42),
        (x + wide, top + tall * 1.15),
        (x + wide * 0.72, foot - 2.6),
        (x, foot),
        (x - wide * 0.72, foot - 2.6),
        (x - wide, top + tall * 1.15),
        (x - wide * 0.74, top + tall * 0.42),
    ]
    picture.body(picture.blob(egg), SEED, SEED_FOOT, 2.2)
    picture.fill(picture.oval(x + 4.5, foot - tall * 0.62, wide * 0.58, tall * 0.5), BELLY, mix(BELLY, SEED, 0.5), 0.9)
    _face(picture, x + 5.5, top + tall * 0.98 + 1.2 * air, blink, glad, look=air)
    return picture


def _leaves(picture: Picture, x: float, y: float, sway: float, size: float, spread: float = 1.0) -> None:
    """Paint two leaves on a stalk."""
    for turn, length, wide in ((-58 * spread + sway, 21, 13), (44 * spread + sway, 24, 14)):
        leaf = picture.leaf(x, y - 4 * size, length * size, wide * size, turn)
        picture.body(leaf, LEAF, LEAF_FOOT, 1.9 * size)
        angle = math.radians(turn - 90)
        tip = (x + math.cos(angle) * length * size * 0.8, y - 4 * size + math.sin(angle) * length * size * 0.8)
        picture.fill(picture.line([(x, y - 4 * size), tip], 1.1 * size), LEAF_FOOT, alpha=0.8)
    picture.fill(picture.line([(x, y + 1), (x, y - 4.5 * size)], 3.2 * size), LEAF_FOOT)


def _face(picture: Picture, x: float, y: float, blink: bool, glad: bool, look: float) -> None:
    for side in (-1, 1):
        ex = x + side * 6.2
        if blink or glad:
            bend = 2.2 if glad else -0.6
            arc = [(ex - 2.8, y + (0 if not glad else 1.2)), (ex, y - bend), (ex + 2.8, y + (0 if not glad else 1.2))]
            picture.fill(picture.line(arc, 1.7), RIM)
        else:
            picture.fill(picture.oval(ex, y, 3.0, 4.2), RIM)
            picture.fill(picture.oval(ex + 0.9, y - 1.5 + look * 0.8, 1.15, 1.3), "#ffffff")
        picture.fill(picture.oval(x + side * 9.6, y + 6.0, 2.7, 1.7), CHEEK, alpha=0.75)
    if glad or look > 0.5:
        picture.fill(picture.oval(x + 0.4, y + 6.6, 2.6, 2.9), "#7a2f3c")
    else:
        mouth = [(x - 2.2, y + 5.4), (x + 0.4, y + 6.7), (x + 3.0, y + 5.4)]
        picture.fill(picture.line(mouth, 1.4), RIM)


def beetle(phase: float) -> Picture:
    """Paint a beetle that walks to the left."""
    picture = Picture(60, 44)
    for leg in range(3):
        swing = 4 * math.sin(phase + leg * 2.1)
        hip = (20 + leg * 10, 32)
        picture.fill(picture.line([hip, (hip[0] + swing - 1, 40)], 4.6), RIM)
    bob = 0.9 * math.sin(2 * phase)
    head = picture.oval(13, 28 + bob, 9.5, 8.6)
    picture.body(head, "#6b4a6e", "#3f2a48", 2.0)
    for dx in (-3, 2):
        feeler = [(11 + dx, 22 + bob), (7 + dx * 1.5, 14 + bob)]
        picture.fill(picture.line(feeler, 2.2), RIM)
        picture.fill(picture.oval(7 + dx * 1.5, 13 + bob, 2.4, 2.4), "#ffd166")
    shell = picture.blob(
        [(14, 33 + bob), (17, 18 + bob), (32, 8 + bob), (48, 16 + bob), (54, 33 + bob), (44, 36 + bob), (24, 36 + bob)]
    )
    picture.body(shell, SHELL, SHELL_FOOT, 2.2, light=0.45)
    picture.fill(picture.line([(33, 10 + bob), (31, 35 + bob)], 1.6), mix(SHELL_FOOT, RIM, 0.4))
    for x, y, r in ((24, 21, 3.4), (42, 20, 3.8), (37, 29, 2.6), (24, 30, 2.2), (48, 28, 2.4)):
        picture.fill(picture.oval(x, y + bob, r, r), "#ffb3c7", alpha=0.8)
    picture.fill(picture.oval(10, 27 + bob, 3.2, 3.6), "#ffffff")
    picture.fill(picture.oval(9, 27.6 + bob, 1.7, 2.0), RIM)
    picture.fill(picture.line([(6, 22.6 + bob), (13.4, 24.6 + bob)], 2.0), RIM)  # it is cross
    return picture


def moth(flap: float) -> Picture:
    """Paint a moth that flies to the left; `flap` is how far its wings are up."""
    picture = Picture(64, 60)
    for near in (False, True):
        reach = 22 * flap
        color, foot = (WING, WING_FOOT) if near else (mix(WING_FOOT, RIM, 0.1), mix(WING_FOOT, RIM, 0.45))
        dx = 3 if near else -4
        upper = [
            (30 + dx, 31),
            (24 + dx, 31 - reach * 0.7),
            (34 + dx, 31 - reach * 1.15),
            (52 + dx, 28 - reach * 0.95),
            (48 + dx, 31 - reach * 0.2),
        ]
        lower = [(34 + dx, 32), (50 + dx, 33 - reach * 0.35), (54 + dx, 38 + reach * 0.05), (42 + dx, 40 + reach * 0.1)]
        picture.body(picture.blob(lower), mix(color, foot, 0.4), foot, 2.0)
        picture.body(picture.blob(upper), color, foot, 2.0)
        if near:
            picture.fill(picture.oval(43 + dx, 30 - reach * 0.72, 4.2, abs(reach) * 0.2 + 1.2), "#ffe08a")
            picture.fill(picture.oval(43 + dx, 30 - reach * 0.72, 2.0, abs(reach) * 0.1 + 0.6), RIM)
    picture.body(picture.oval(33, 34, 15, 7.2, 10), "#f4e6d4", "#b59a94", 2.0)
    for step in range(3):
        x = 34 + step * 5
        picture.fill(picture.line([(x, 29.6 + step), (x - 1.4, 39 + step)], 2.0), "#9c7f86", alpha=0.6)
    picture.body(picture.oval(19, 31, 8.2, 7.8), "#fff4e6", "#cdb3a8", 2.0)
    for tip in ((8, 18), (17, 15)):
        picture.fill(picture.line([(17, 25), tip], 1.8), RIM)
        picture.fill(picture.oval(*tip, 2.2, 2.2), RIM)
    picture.fill(picture.oval(15.6, 30.6, 3.4, 4.0), RIM)
    picture.fill(picture.oval(14.6, 29.2, 1.2, 1.3), "#ffffff")
    return picture
