"""The three levels."""

from __future__ import annotations

from pathlib import Path

from .maps import Backdrop, Level, write_tileset
from .numbers import BACKDROP_WIDTH

THEMES = ("meadow", "cave", "night")


def levels(folder: Path) -> None:
    """Write tilesets and maps."""
    for theme in THEMES:
        write_tileset(folder / f"ground_{theme}.tsx", theme)
    meadow().write(folder / "level_1.tmx")
    cave().write(folder / "level_2.tmx")
    night().write(folder / "level_3.tmx")


def backdrops(theme: str) -> list[Backdrop]:
    """Three pictures, the farther the slower."""
    heights = {"far": 420, "middle": 330, "near": 230}
    ways = {"far": (0.12, 0.05), "middle": (0.28, 0.12), "near": (0.5, 0.25)}
    return [Backdrop(f"{theme}_{name}.png", BACKDROP_WIDTH, height, *ways[name]) for name, height in heights.items()]


def meadow() -> Level:
    """Running, jumping, first enemies, a spring and a first ride."""
    level = Level("Morning Meadow", "meadow", 112, 16, ("#6fc3e8", "#fdeec4"), backdrops("meadow"), seed=3)
    for first, last, top in (
        (0, 15, 13),
        (15, 20, 12),
        (20, 26, 10),
        (26, 32, 13),
        (35, 46, 13),
        (46, 51, 11),
        (54, 69, 13),
        (69, 78, 8),
        (78, 83, 13),
        (91, 112, 13),
    ):
        level.ground(first, last, top)
    level.thing("start", 3, 11.6)
    level.thing("hint", 5.5, 9.4, text="\u2190 \u2192  run")
    level.thing("hint", 13, 8.4, text="space  jumps \u2013 hold it to jump higher")
    level.coins(7, 12, 4)
    level.coins(16, 10.6, 3)
    level.coins(21, 8.6, 4)
    level.coins(32, 10, 4, arc=1.2)
    level.ledge(37, 10, 4)
    level.coins(37, 9, 4)
    level.thing("beetle", 42, 12)
    level.coins(50.5, 8.5, 4, arc=1.0)
    level.thing("flower", 56, 12)
    level.thorns(59, 12, 2)
    level.coins(58.5, 9.6, 4, arc=0.8)
    level.block(62, 10, 3, 1)
    level.coins(62, 9, 3)
    level.thing("beetle", 63, 12)
    level.thing("hint", 66.5, 9.6, text="bounce!")
    level.thing("spring", 67, 12)
    level.coins(66.4, 8, 2, step=1.2)
    level.moth(73, 6, 3, 1, 3.2)
    level.coins(70, 7, 5)
    level.thing("beetle", 80, 12)
    level.mover(84, 12.4, 4.5, 0, 4.0)
    level.coins(84, 9.6, 6, arc=0.6)
    level.thing("flower", 93, 12)
    level.ledge(95, 10, 3)
    level.ledge(99, 8, 3)
    level.coins(95, 9, 3)
    level.coins(99, 7, 3)
    level.thing("beetle", 100, 12)
    level.thing("beetle", 103, 12)
    level.thing("goal", 108, 11.5)
    return level


def cave() -> Level:
    """Under a roof: thorns above and below, lifts, and springs out of pits."""
    level = Level("Mushroom Hollow", "cave", 124, 18, ("#1d2340", "#3b2c56"), backdrops("cave"), seed=5)
    level.block(0, 0, 124, 2)
    for first, last, top in (
        (0, 14, 15),
        (14, 22, 13),
        (25, 34, 15),
        (34, 40, 12),
        (40, 46, 15),
        (52, 64, 15),
        (64, 70, 10),
        (73, 84, 15),
        (92, 104, 13),
        (104, 124, 15),
    ):
        level.ground(first, last, top)
    level.block(8, 2, 12, 3)
    level.block(28, 2, 4, 6)
    level.block(44, 2, 10, 4)
    level.block(66, 2, 6, 3)
    level.block(82, 2, 14, 5)
    level.thing("start", 3, 13.6)
    level.coins(6, 14, 5)
    level.thing("beetle", 11, 14)
    level.coins(15, 12, 5)
    level.thorns(17, 12, 1)
    level.coins(22, 11, 4, arc=0.8)
    level.thing("beetle", 30, 14)
    level.thorns(28, 8, 4, hanging=True)
    level.ledge(31, 12, 2)
    level.coins(35, 11, 4)
    level.thing("flower", 41, 14)
    level.thing("hint", 43, 11.5, text="ride")
    level.mover(46.5, 14.4, 4, 0, 3.6)
    level.thorns(46, 6, 6, hanging=True)
    level.coins(46.5, 11.5, 5)
    level.thing("beetle", 57, 14)
    level.thorns(59, 14, 1)
    level.thing("spring", 62, 14)
    level.coins(61.4, 10, 2, step=1.2)
    level.coins(65, 9, 4)
    level.moth(70.5, 7, 0, 5, 2.8)
    level.thing("flower", 75, 14)
    level.moth(79, 11, 3, 1, 2.6)
    level.thing("beetle", 80, 14)
    level.coins(76, 14, 6)
    level.mover(85, 14.4, 0, -3, 3.4)
    level.mover(88.6, 12.4, 2, 0, 3.0)
    level.coins(85, 9.5, 6)
    level.coins(93, 12, 4)
    level.thorns(98, 12, 2)
    level.thing("beetle", 101, 12)
    level.thing("flower", 106, 14)
    level.ledge(108, 12, 3)
    level.ledge(112, 10, 3)
    level.coins(108, 11, 3)
    level.coins(112, 9, 3)
    level.moth(114, 12.5, 3, 1, 2.6)
    level.thing("goal", 120, 13.5)
    return level


def night() -> Level:
    """High above the valley: islands, rides in a row, and moths between them."""
    level = Level("Moonlit Ridge", "night", 136, 20, ("#141a3c", "#5b4a86"), backdrops("night"), seed=9)
    for first, last, top in (
        (0, 12, 17),
        (15, 20, 15),
        (23, 28, 13),
        (28, 34, 11),
        (46, 54, 12),
        (54, 60, 17),
        (63, 68, 17),
        (68, 74, 11),
        (86, 94, 13),
        (97, 101, 11),
        (112, 136, 16),
    ):
        level.ground(first, last, top)
    level.thing("start", 3, 15.6)
    level.coins(6, 16, 4)
    level.coins(12, 13.5, 3, arc=0.6)
    level.thing("beetle", 18, 14)
    level.coins(20, 11.5, 3, arc=0.6)
    level.thing("flower", 25, 12)
    level.coins(29, 10, 4)
    level.thing("beetle", 31, 10)
    level.mover(35.5, 11.4, 3.5, 0, 3.4)
    level.mover(42, 11.4, 1.5, 2, 3.8)
    level.moth(40, 8, 2, 1, 2.4)
    level.coins(36, 9, 8, arc=0.4)
    level.thing("beetle", 50, 11)
    level.thorns(52, 11, 1)
    level.coins(47, 11, 4)
    level.thing("flower", 56, 16)
    level.coins(60, 13.6, 3, arc=0.6)
    level.thing("spring", 66, 16)
    level.coins(69, 10, 4)
    level.moth(72, 8.5, 2, 0, 2.0)
    level.mover(75.5, 11.4, 3, 0, 3.2)
    level.mover(82, 11.2, 0, 2.2, 3.2)
    level.coins(75, 9, 7, arc=0.5)
    level.thing("flower", 88, 12)
    level.thing("beetle", 91, 12)
    level.coins(94, 9.6, 3, arc=0.6)
    level.coins(97, 10, 4)
    level.mover(102.5, 11.4, 3.4, 0, 3.0)
    level.mover(108.6, 12.4, 0, 3, 3.4)
    level.moth(105, 8.5, 3, 1, 2.2)
    level.coins(102, 9, 7)
    level.thing("beetle", 117, 15)
    level.thing("flower", 114, 15)
    level.thorns(120, 15, 2)
    level.thing("beetle", 125, 15)
    level.moth(127, 12.5, 3, 1, 2.4)
    level.coins(121, 12, 5, arc=0.8)
    level.thing("goal", 132, 14.5)
    return level
