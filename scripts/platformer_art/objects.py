"""Drops, springs, flowers, platforms, the house at the end, sun and moon."""

from __future__ import annotations

import math
from pathlib import Path

from .paint import RIM, Picture, mix, sheet

DEW, DEW_FOOT = "#d8fbff", "#2f9fd8"
CAP, CAP_FOOT, STALK, STALK_FOOT = "#ff7d6b", "#b7324f", "#fff3df", "#d9b99a"
PETAL, PETAL_FOOT, HEART = "#ffb0cf", "#e0568f", "#ffd166"
GREEN, GREEN_FOOT = "#9bd65a", "#3f8a49"
WOOD, WOOD_FOOT = "#d69a5b", "#8a5136"


def objects(folder: Path) -> None:
    """Write everything that can be found."""
    sheet([drop(i / 6) for i in range(6)], 6, folder / "drop.png")
    spring().save(folder / "spring.png")
    sheet([flower(share) for share in (0.0, 0.25, 0.55, 0.85, 1.12, 1.0)], 6, folder / "flower.png")
    platform().save(folder / "platform.png")
    home().save(folder / "home.png")
    sun().save(folder / "sun.png")
    moon().save(folder / "moon.png")


def drop(turn: float) -> Picture:
    """Paint a drop of dew, a share of its turn on."""
    picture = Picture(34, 40)
    wide = 11.5 * (0.66 + 0.34 * abs(math.cos(math.pi * turn)))
    x, y = 17.0, 24.0
    shape = [(x, y - 17), (x + wide * 0.55, y - 7), (x + wide, y + 3), (x + wide * 0.66, y + 10.5), (x, y + 12.6)]
    shape += [(2 * x - px, py) for px, py in reversed(shape[1:-1])]
    picture.body(picture.blob(shape), DEW, DEW_FOOT, 2.0, light=0.5)
    slide = math.cos(math.pi * turn) * wide * 0.4
    picture.fill(picture.oval(x - slide, y + 1, wide * 0.22, 5.4, 14), "#ffffff", alpha=0.9)
    picture.fill(picture.oval(x + slide * 0.8, y + 7.4, wide * 0.3, 1.9), "#ffffff", alpha=0.45)
    return picture


def spring() -> Picture:
    """Paint a mushroom to bounce on."""
    picture = Picture(64, 44)
    picture.body(picture.blob([(23, 20), (41, 20), (44, 36), (40, 42), (24, 42), (20, 36)]), STALK, STALK_FOOT, 2.0)
    cap = [(4, 22), (10, 9), (32, 2), (54, 9), (60, 22), (48, 27), (32, 28), (16, 27)]
    picture.body(picture.blob(cap), CAP, CAP_FOOT, 2.2, light=0.45)
    for x, y, rx, ry in (
        (20, 12, 5.2, 3.8),
        (37, 8, 4.6, 3.2),
        (48, 17, 5.0, 3.8),
        (31, 20, 4.0, 3.0),
        (11, 20, 3, 2.6),
    ):
        picture.fill(picture.oval(x, y, rx, ry), "#fff3df")
    for x in range(22, 44, 5):
        picture.fill(picture.line([(x, 29), (32 + (x - 32) * 0.8, 33)], 1.1), "#c79f86")
    return picture


def flower(share: float) -> Picture:
    """Paint a flower that is so far open."""
    picture = Picture(64, 96)
    sway = 3 * math.sin(share * 3)
    stalk = [(32, 94), (30, 74), (33 + sway * 0.5, 54), (32 + sway, 38 - 4 * share)]
    picture.fill(picture.line(stalk, 8.0), RIM)
    picture.fill(picture.line(stalk, 4.4), GREEN, GREEN_FOOT)
    for turn, y, length in ((-64, 80, 22), (58, 70, 24)):
        picture.body(picture.leaf(31, y, length, 12, turn), GREEN, GREEN_FOOT, 1.9)
    x, y = 32 + sway, 34 - 4 * share
    if share <= 0.05:
        for turn in (-16, 16, 0):
            picture.body(picture.leaf(x, y + 8, 27, 15, turn), mix(PETAL, GREEN, 0.25), PETAL_FOOT, 1.9)
        picture.body(picture.leaf(x - 1, y + 9, 15, 9, -30), GREEN, GREEN_FOOT, 1.7)
        picture.body(picture.leaf(x + 1, y + 9, 15, 9, 30), GREEN, GREEN_FOOT, 1.7)
        return picture
    picture.glow(x, y, 31, "#fff0b0", 0.55 * min(1.0, share))
    petals = 8
    for index in range(petals):
        turn = 360 * index / petals + 12
        closing = (1 - min(share, 1.0)) * 0.75
        folded = turn - (turn - 360 if turn > 180 else turn) * closing
        picture.body(picture.leaf(x, y, 17 + 8 * min(share, 1.12), 15, folded), PETAL, PETAL_FOOT, 1.7)
    picture.body(picture.oval(x, y, 8.6, 8.2), HEART, "#e8933f", 1.9)
    for dx, dy in ((-3, -1), (3, -1)):
        picture.fill(picture.oval(x + dx, y + dy, 1.2, 1.7), RIM)
    picture.fill(picture.line([(x - 2, y + 3), (x, y + 4), (x + 2, y + 3)], 1.2), RIM)
    return picture


def platform() -> Picture:
    """Paint a log that hangs in the air, overgrown on top."""
    picture = Picture(108, 40)
    log = [(8, 12), (54, 9), (100, 12), (104, 20), (98, 28), (54, 31), (10, 28), (4, 20)]
    picture.body(picture.blob(log), WOOD, WOOD_FOOT, 2.2)
    for y, x0, x1 in ((17, 16, 44), (21, 56, 92), (25, 22, 60)):
        picture.fill(picture.line([(x0, y), (x1, y + 0.8)], 1.5), WOOD_FOOT, alpha=0.7)
    picture.body(picture.oval(97, 20, 6.2, 8.2), "#f0c890", "#c98f58", 1.6)
    picture.fill(picture.oval(97, 20, 2.6, 3.8), WOOD_FOOT, alpha=0.6)
    moss = [(4, 9), (16, 5), (34, 7), (54, 4), (74, 7), (92, 5), (103, 9), (99, 15), (88, 13), (78, 18), (66, 13)]
    moss += [(52, 17), (40, 13), (28, 18), (18, 13), (9, 15)]
    picture.body(picture.blob(moss), GREEN, GREEN_FOOT, 2.0)
    for x in (14, 30, 47, 63, 82, 95):
        picture.body(picture.leaf(x, 8, 7.5, 4, -14 + (x * 7) % 30), GREEN, GREEN_FOOT, 1.2)
    return picture


def home() -> Picture:
    """Paint the house at the end of a level."""
    picture = Picture(136, 152)
    picture.glow(68, 110, 66, "#ffe9a8", 0.5)
    wall = [(40, 84), (68, 78), (96, 84), (104, 120), (102, 150), (34, 150), (32, 120)]
    picture.body(picture.blob(wall), STALK, STALK_FOOT, 2.4)
    door = [(56, 150), (55, 126), (60, 112), (68, 108), (76, 112), (81, 126), (80, 150)]
    picture.body(picture.polygon(door), "#b5693f", "#7a3f30", 2.2)
    picture.fill(picture.oval(75, 131, 2.0, 2.0), "#ffd166")
    for x in (62, 68, 74):
        picture.fill(picture.line([(x, 115), (x, 149)], 1.0), "#6d3730", alpha=0.6)
    for x in (44, 92):
        picture.body(picture.oval(x, 112, 7.4, 8.4), "#fff3b0", "#ffc04d", 2.0)
        picture.fill(picture.line([(x, 104), (x, 120)], 1.4), "#8a5136")
        picture.fill(picture.line([(x - 7, 112), (x + 7, 112)], 1.4), "#8a5136")
    cap = [(8, 82), (14, 50), (40, 20), (68, 10), (96, 20), (122, 50), (128, 82), (104, 92), (68, 94), (32, 92)]
    picture.body(picture.blob(cap), CAP, CAP_FOOT, 2.6, light=0.45)
    spots = ((42, 42, 9, 7), (74, 28, 8, 6), (98, 54, 10, 8), (66, 62, 8, 6), (28, 70, 7, 6), (112, 76, 6, 5))
    for x, y, rx, ry in spots:
        picture.fill(picture.oval(x, y, rx, ry), "#fff3df", "#f3d9c4")
    picture.body(picture.polygon([(90, 26), (90, 6), (102, 6), (102, 34)]), "#b98a72", "#7d5348", 2.0)
    for turn in (-50, 40):
        picture.body(picture.leaf(68, 12, 20, 12, turn), GREEN, GREEN_FOOT, 1.9)
    for x, turn in ((34, -20), (102, 22), (110, -8)):
        picture.body(picture.leaf(x, 151, 20, 8, turn), GREEN, GREEN_FOOT, 1.6)
    return picture


def sun() -> Picture:
    """Paint the sun in a haze."""
    picture = Picture(240, 240)
    picture.glow(120, 120, 118, "#fff6d0", 0.75)
    picture.fill(picture.oval(120, 120, 40, 40), "#fffbe6", "#ffeeb0")
    return picture


def moon() -> Picture:
    """Paint the moon with its seas."""
    picture = Picture(200, 200)
    picture.glow(100, 100, 98, "#cdd6ff", 0.5)
    picture.fill(picture.oval(100, 100, 42, 42), "#fdfbf0", "#d9dcf2")
    for x, y, r in ((86, 88, 10), (114, 112, 13), (96, 122, 6), (118, 84, 5), (80, 110, 5)):
        picture.fill(picture.oval(x, y, r, r * 0.9), "#c3c8e6", alpha=0.55)
    return picture
