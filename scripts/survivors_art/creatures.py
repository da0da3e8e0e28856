"""Paint the creatures of Survivors: sheets of four steps and a white one for the moment of a hit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from asteroids_art.neon import Array, Picture, colour
from PIL import Image

STEPS = 4
INK = "#120a1c"
LIGHT = (-0.45, -0.8)  # where the moon stands

Painter = Callable[[Picture, float], None]


def creatures(folder: Path) -> None:
    """Write the sheet of every creature."""
    for name, (size, paint) in {
        "hero": (40, hero),
        "moth": (34, moth),
        "imp": (32, imp),
        "ghoul": (38, ghoul),
        "brute": (56, brute),
        "boss": (132, boss),
    }.items():
        sheet(size, paint).save(folder / f"{name}.png", optimize=True)


def sheet(size: int, paint: Painter) -> Image.Image:
    """Return the steps of a creature side by side, and its white shape after them."""
    whole = Image.new("RGBA", (size * (STEPS + 1), size))
    for step in range(STEPS):
        picture = Picture(size, size)
        paint(picture, 2 * np.pi * step / STEPS)
        cell = picture.image()
        whole.paste(cell, (size * step, 0))
        if step == 0:
            white = Image.blend(cell, Image.new("RGBA", cell.size, (255, 255, 255, 0)), 0.72)
            white.putalpha(cell.getchannel("A"))
            whole.paste(white, (size * STEPS, 0))
    return whole


def ellipse(picture: Picture, x: float, y: float, w: float, h: float, turn: float = 0.0) -> Array:
    """Return the distance of every pixel from an ellipse, negative inside, near its edge in pixels."""
    dx, dy = picture.x - x, picture.y - y
    if turn:
        dx, dy = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    far = np.hypot(dx / w, dy / h)
    slope = np.hypot(dx / (w * w), dy / (h * h)) / np.maximum(far, 1e-6)
    return (far - 1) / np.maximum(slope, 1e-6)


def triangle(picture: Picture, *corners: tuple[float, float]) -> Array:
    """Return the distance of every pixel from the lines of a triangle, negative inside."""
    points = np.array(corners, float)
    (a, b), (c, d) = points[1] - points[0], points[2] - points[0]
    turn = np.sign(a * d - b * c)
    far = np.full(picture.x.shape, -np.inf)
    for here, there in zip(points, np.roll(points, -1, axis=0), strict=True):
        along = (there - here) / np.hypot(*(there - here))
        away = (picture.x - here[0]) * along[1] - (picture.y - here[1]) * along[0]
        far = np.maximum(far, away * turn)
    return far


def join(*parts: Array, soft: float = 2.0) -> Array:
    """Return the distance from several shapes that flow into each other."""
    whole = parts[0]
    for part in parts[1:]:
        share = np.clip(0.5 + 0.5 * (part - whole) / soft, 0, 1)
        whole = part * (1 - share) + whole * share - soft * share * (1 - share)
    return whole


def fill(picture: Picture, distance: Array, paint: Array | str) -> None:
    """Cover what lies inside of a shape."""
    picture.cover(np.clip(0.5 - distance, 0, 1), colour(paint) if isinstance(paint, str) else paint)


def solid(picture: Picture, distance: Array, dark: str, bright: str, *, line: float = 1.7, middle: float = 0.0) -> None:
    """Cover a shape as a round body that the moon shines on, within an outline."""
    fill(picture, distance - line, INK)
    inside = np.maximum(-distance, 0)
    round_off = 1 - np.clip(inside / max(float(inside.max()), 1e-6), 0, 1)
    down, across = np.gradient(distance)
    steep = np.maximum(np.hypot(across, down), 1e-6)
    facing = (across * LIGHT[0] + down * LIGHT[1]) / steep
    light = np.clip(0.52 + middle + 0.5 * facing * round_off, 0, 1)[..., None]
    fill(picture, distance, colour(dark) * (1 - light) + colour(bright) * light)


def eyes(picture: Picture, x: float, y: float, gap: float, size: float, white: str, pupil: str, look: float) -> None:
    """Draw two eyes that look a little to the right."""
    for side in (-1, 1):
        fill(picture, ellipse(picture, x + side * gap, y, size, size * 1.15), white)
        fill(picture, ellipse(picture, x + side * gap + look, y + 0.4, size * 0.5, size * 0.62), pupil)


def shadow(picture: Picture, y: float, w: float) -> None:
    """Lay a soft shadow on the ground."""
    far = np.hypot(picture.x / w, (picture.y - y) / (w * 0.34))
    picture.cover(np.clip(1.15 - far, 0, 1) * 0.5, colour("#04060e"))


def hero(picture: Picture, phase: float) -> None:
    """Draw a hooded wanderer with a lantern."""
    bob = 1.0 * abs(np.sin(phase))
    shadow(picture, 15, 10)
    cloak = join(ellipse(picture, 0, 4 - bob, 8.6, 10.5), ellipse(picture, 0, 11 - bob * 0.4, 10.2, 4.2), soft=5)
    hood = join(ellipse(picture, 0.5, -6 - bob, 8, 7.6), triangle(picture, (-8, -7), (-4, -15 - bob), (1, -11)), soft=3)
    solid(picture, cloak, "#1d4f8f", "#57c7ff")
    solid(picture, hood, "#2561a8", "#8be2ff", middle=0.05)
    fill(picture, ellipse(picture, 2, -5 - bob, 5.2, 5.0), "#0b1430")
    eyes(picture, 3, -5 - bob, 2.2, 1.5, "#fff3c4", "#ffd36b", 0.2)
    swing = 1.2 * np.sin(phase)
    x, y = 11.0 + swing * 0.5, 5.0 - bob
    picture.shine(0.8 * np.exp(-((np.hypot(picture.x - x, picture.y - y) / 6) ** 2)), colour("#ffb347"))
    solid(picture, ellipse(picture, x, y, 2.8, 3.6), "#ff9d2e", "#fff2b0", line=1.1, middle=0.25)


def moth(picture: Picture, phase: float) -> None:
    """Draw a moth that beats its wings."""
    beat = np.cos(phase)
    shadow(picture, 13, 6)
    for side in (-1, 1):
        wing = ellipse(picture, side * (8.2 - abs(beat)), -2 - 3.4 * beat, 7.2, 4.2 + 1.2 * beat, side * (0.5 * beat))
        low = ellipse(picture, side * 6.4, 3 - 1.6 * beat, 4.6, 3.2, side * -0.4)
        solid(picture, join(wing, low, soft=2), "#4a2a86", "#b48cff")
        fill(picture, ellipse(picture, side * 8.6, -2.4 - 3 * beat, 2.1, 1.6), "#f3d6ff")
    solid(picture, ellipse(picture, 0, 0, 3.8, 7.0), "#2c1850", "#7a55c8")
    eyes(picture, 0, -3.4, 2.0, 1.7, "#ffe9ff", "#ff4fa0", 0.3)


def imp(picture: Picture, phase: float) -> None:
    """Draw a horned imp that hops."""
    hop, wide = 1.6 * abs(np.sin(phase)), 0.8 * np.cos(2 * phase)
    shadow(picture, 12.5, 8)
    for side in (-1, 1):
        horn = triangle(picture, (side * 3, -6 - hop), (side * 9.5, -12.5 - hop), (side * 8.2, -3 - hop))
        solid(picture, horn, "#5a1830", "#ffd0a8", line=1.3)
        foot = ellipse(picture, side * 4.2, 10.5 - (hop if np.sin(phase) * side > 0 else 0), 3.2, 2.4)
        solid(picture, foot, "#6d1431", "#d83a58", line=1.3)
    solid(picture, ellipse(picture, 0, 1 - hop, 9.4 + wide, 9.4 - wide), "#8f1b40", "#ff6a6f")
    eyes(picture, 0.8, -0.6 - hop, 3.7, 2.6, "#fff2d8", "#3a0716", 0.7)
    mouth = np.maximum(ellipse(picture, 0.8, 4.6 - hop, 3.6, 2.4), 4.2 - hop - picture.y)
    fill(picture, mouth, "#3a0716")


def ghoul(picture: Picture, phase: float) -> None:
    """Draw a ghost whose hem waves."""
    sway = 1.1 * np.sin(phase)
    shadow(picture, 16, 8)
    bottom = 12 + 2.2 * np.sin(picture.x * 0.75 + phase)
    body = join(ellipse(picture, 0, -4, 9.6, 10), ellipse(picture, sway * 0.6, 6, 10, 9), soft=5)
    solid(picture, np.maximum(body, picture.y - bottom), "#23635e", "#a8f5cf", middle=0.02)
    for side in (-1, 1):
        arm = ellipse(picture, side * 9.6, 3 + side * sway, 3.4, 2.6, side * 0.5)
        solid(picture, arm, "#2f7a6c", "#b8ffdc", line=1.3)
        fill(picture, ellipse(picture, 0.8 + side * 3.7, -4.6, 2.3, 3.3), "#08201f")
        fill(picture, ellipse(picture, 1.3 + side * 3.7, -4.2, 0.9, 1.2), "#ffd98a")
    fill(picture, ellipse(picture, 0.8, 2.4, 2.0, 2.8), "#08201f")


def brute(picture: Picture, phase: float) -> None:
    """Draw a boulder of a beast that stamps."""
    stamp = 1.8 * np.sin(phase)
    shadow(picture, 22, 17)
    for side in (-1, 1):
        leg = ellipse(picture, side * 8.4, 19 - max(0.0, stamp * side), 5.6, 4.4)
        solid(picture, leg, "#5d2c10", "#d97b34")
        arm = ellipse(picture, side * 18.4, 4 + stamp * side, 5.4, 8.6, side * -0.25)
        solid(picture, arm, "#74380f", "#ffa24d")
    body = join(ellipse(picture, 0, 3, 16.5, 15.5), ellipse(picture, 0, -10, 11.5, 9.5), soft=7)
    solid(picture, body, "#6d3310", "#ffae55")
    for x, y, size in ((-8, 8, 2.6), (7, 11, 2.0), (10, 2, 1.7), (-11, 0, 1.8)):
        fill(picture, ellipse(picture, x, y, size, size * 0.8), "#8c4a18")
    brow = triangle(picture, (-9, -15), (11, -15), (1, -9))
    eyes(picture, 1, -9.5, 4.6, 2.7, "#fff0c0", "#3a1404", 0.8)
    fill(picture, np.maximum(brow, -(picture.y + 15)), "#7a3b12")
    mouth = np.maximum(ellipse(picture, 1, -1.5, 6.2, 3.2), -1.8 - picture.y)
    fill(picture, mouth, "#2b0d02")
    for side in (-1, 1):
        fill(picture, triangle(picture, (side * 3 + 2.4, -1.6), (side * 3 - 0.4, -1.6), (side * 3 + 1, 1.2)), "#fff0d0")


def boss(picture: Picture, phase: float) -> None:
    """Draw the crowned thing that rules the night."""
    sway = 3 * np.sin(phase)
    shadow(picture, 54, 40)
    hem = 48 + 4.5 * np.sin(picture.x * 0.28 + phase)
    robe = join(ellipse(picture, 0, 4, 36, 38), ellipse(picture, sway * 0.5, 34, 42, 30), soft=16)
    for side in (-1, 1):
        arm = join(
            ellipse(picture, side * 42, 10 + sway * side, 11, 17, side * -0.5),
            ellipse(picture, side * 50, 24 + sway * side, 8, 8),
            soft=6,
        )
        solid(picture, arm, "#4a0f45", "#e0559f", line=2.4)
        for claw in (-1, 0, 1):
            tip = (side * 50 + claw * 6, 38 + sway * side)
            x, y = side * 50 + claw * 5.0, 28 + sway * side
            solid(picture, triangle(picture, (x - 3, y), (x + 3, y), tip), "#b98a7a", "#fff0d0", line=1.6)
    solid(picture, np.maximum(robe, picture.y - hem), "#3b0b40", "#c2418f", line=2.6)
    solid(picture, ellipse(picture, 0, -16, 25, 24), "#5d1650", "#ff8fc0", line=2.4)
    for side in (-1, 1):
        fill(picture, ellipse(picture, 2 + side * 10, -17, 6.4, 8.2, side * 0.3), "#14030f")
        picture.shine(
            0.95 * np.exp(-((np.hypot(picture.x - 3 - side * 10, picture.y + 16) / 3.6) ** 2)), colour("#ffe066")
        )
    mouth = np.maximum(ellipse(picture, 2, -3, 12, 8), -4 - picture.y)
    fill(picture, mouth, "#14030f")
    for tooth in range(-2, 3):
        x = 2 + tooth * 4.4
        fill(picture, triangle(picture, (x - 2.1, -4), (x + 2.1, -4), (x, 1.5)), "#fff0d0")
    crown = triangle(picture, (-23, -34), (-25, -56), (-8, -36))
    for left, tip, right in ((-14, 0, 14), (8, 25, 23)):
        crown = np.minimum(crown, triangle(picture, (left, -34), (tip, -60 if tip == 0 else -56), (right, -34)))
    band = np.maximum(np.abs(picture.x) - 23, np.abs(picture.y + 36) - 4)
    solid(picture, np.minimum(crown, band), "#a5620c", "#ffe58a", line=2.2, middle=0.1)
    fill(picture, ellipse(picture, 0, -37, 4.2, 4.2), "#59e0ff")
