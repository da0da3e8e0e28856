"""The grid: which material is in which cell, and what a rule can say about cells.

Cells are numbers into flat arrays. A rule asks for the cells of its material, all at once, and moves or turns them:

    sand = grid.cells("sand")
    rest, fell = grid.move(sand, DOWN)
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Random, field, resource
from modules.core.render import rgba

COLUMNS, ROWS = 512, 288
STRIDE = COLUMNS + 2  # a cell of wall on each side, so that no neighbour lies outside
UP, DOWN, LEFT, RIGHT = -STRIDE, STRIDE, -1, 1
AROUND = (UP, LEFT, RIGHT, DOWN)
AIR, WALL = 0, 1
MOST_KINDS, SHADES = 64, 16
STILL = 1000.0  # weight of what nothing pushes aside

Cells = NDArray[np.int64]
Mask = NDArray[np.bool_]


def empty() -> NDArray[np.uint8]:
    """Return air with a wall around it."""
    kind = np.full((ROWS + 2, STRIDE), WALL, np.uint8)
    kind[1:-1, 1:-1] = AIR
    return kind.reshape(-1)


def nothing() -> NDArray[np.uint8]:
    """Return a byte for each cell."""
    return np.zeros((ROWS + 2) * STRIDE, np.uint8)


def table(value: float = 0.0) -> Any:
    """Return a number for each material."""
    return np.full(MOST_KINDS, value, np.float32)


@resource
class Grid:
    """Keep for each cell its material, its shade of that material's colours, and a count of its own.

    `life` means what a rule wants it to mean: how long fire burns on, which way water flows. The tables below hold
    what `material` was told, by the number of the material.
    """

    kind: Any = field(factory=empty)
    shade: Any = field(factory=nothing)
    life: Any = field(factory=nothing)
    numbers: dict[str, int] = field(factory=lambda: {"air": AIR, "wall": WALL})
    order: dict[str, float] = field(factory=dict)
    weight: Any = field(factory=lambda: table(STILL))
    fluid: Any = field(factory=lambda: np.zeros(MOST_KINDS, np.bool_))
    burns: Any = field(factory=table)
    embers: Any = field(factory=lambda: np.zeros(MOST_KINDS, np.uint8))
    glow: Any = field(factory=table)
    colors: Any = field(factory=lambda: np.zeros((MOST_KINDS, 2, 3), np.float32))

    def material(
        self,
        name: str,
        colors: tuple[str, str],
        *,
        weight: float = STILL,
        fluid: bool = False,
        burns: float = 0.0,
        embers: int = 0,
        glow: float = 0.0,
        place: float | None = None,
    ) -> None:
        """Say what a material is like; in every tick, so that an edit holds at once.

        Its cells take shades between two colours. It sinks through what is lighter; gas lets itself be pushed aside by
        what rises if it is `fluid`. `burns` is the chance that fire beside it sets it alight in a tick, and `embers`
        for how many ticks it then glows where it is; 0 makes it a flame. `place` orders the palette; without one it is
        not in it. Air weighs 0.001.
        """
        number = self.numbers.setdefault(name, len(self.numbers))
        self.weight[AIR], self.fluid[AIR] = 0.001, True
        self.weight[number], self.fluid[number] = weight, fluid
        self.burns[number], self.embers[number], self.glow[number] = burns, embers, glow
        for end, color in enumerate(colors):
            code = rgba(color)
            self.colors[number, end] = (code >> 24 & 255, code >> 16 & 255, code >> 8 & 255)
        if place is not None and self.order.get(name) != place:
            self.order[name] = place

    def number(self, name: str) -> int:
        """Return the number of a material; 0, which is air, for one that is not there."""
        return self.numbers.get(name, AIR)

    def cells(self, name: str) -> Cells:
        """Return the cells of a material, from top to bottom."""
        number = self.numbers.get(name)
        return np.flatnonzero(self.kind == number) if number is not None else np.empty(0, np.int64)

    def count(self, name: str) -> int:
        """Return how many cells a material has."""
        return int(np.count_nonzero(self.kind == self.number(name)))

    def move(self, cells: Cells, step: int) -> tuple[Cells, Cells]:
        """Let cells of one material change places with what is a step away, where that gives way.

        Down and sideways what is lighter gives way, up what is fluid and heavier. Returns the cells that stayed where
        they are, and the new places of those that moved.
        """
        if not cells.size:
            return cells, cells
        own = self.weight[self.kind[cells[0]]]
        kinds = self.kind[cells + step]
        if step < LEFT:
            free = self.fluid[kinds] & (self.weight[kinds] > own)
        else:
            free = (self.weight[kinds] < own) | (kinds == AIR)
        here = cells[free]
        there = here + step
        for array in (self.kind, self.shade, self.life):
            array[here], array[there] = array[there], array[here]
        return cells[~free], there

    def sides(self, cells: Cells, random: Random) -> tuple[tuple[Cells, int], tuple[Cells, int]]:
        """Part cells by chance in those that try the left first and those that try the right."""
        left = random.random(cells.size, np.float32) < 0.5
        return (cells[left], LEFT), (cells[~left], RIGHT)

    def fall(self, cells: Cells, random: Random) -> Cells:
        """Let cells fall, or slide down to a side; return those that could not."""
        rest, _ = self.move(cells, DOWN)
        stuck = [self.move(some, DOWN + side)[0] for some, side in self.sides(rest, random)]
        return np.concatenate(stuck)

    def flow(self, cells: Cells, reach: int) -> None:
        """Let cells go sideways, up to `reach` a tick, each its own way until something is in it: `life` says which."""
        for _ in range(reach):
            ahead = []
            for way, step in enumerate((LEFT, RIGHT)):
                stuck, gone = self.move(cells[self.life[cells] % 2 == way], step)
                self.life[stuck] = 1 - way
                ahead.append(gone)
            cells = np.concatenate(ahead)

    def rise(self, cells: Cells, random: Random, chance: float = 1.0) -> None:
        """Let gas rise with a chance in each tick, straight or to a side, and drift."""
        cells = cells[random.random(cells.size, np.float32) < chance]
        drift = random.random(cells.size, np.float32)
        for low, high, step in ((0.0, 0.5, UP), (0.5, 0.66, UP + LEFT), (0.66, 0.82, UP + RIGHT)):
            rest, _ = self.move(cells[(drift >= low) & (drift < high)], step)
            for some, side in self.sides(rest, random):
                self.move(some, side)
        for low, high, side in ((0.82, 0.91, LEFT), (0.91, 1.0, RIGHT)):
            self.move(cells[(drift >= low) & (drift < high)], side)

    def touch(self, cells: Cells, *names: str) -> Mask:
        """Return which cells have one of these materials beside them."""
        wanted = np.zeros(MOST_KINDS, np.bool_)
        for name in names:
            wanted[self.number(name)] = name in self.numbers
        found = np.zeros(cells.size, np.bool_)
        for step in AROUND:
            found |= wanted[self.kind[cells + step]]
        return found

    def turn(self, cells: Cells, name: str, random: Random, life: Any = 0) -> None:
        """Turn cells into another material, with new shades; `life` is one number or one for each cell."""
        self.kind[cells] = self.number(name)
        self.life[cells] = life
        self.shade[cells] = random.integers(0, SHADES, cells.size, np.uint8)

    def age(self, cells: Cells, by: int = 1) -> Cells:
        """Take from the `life` of cells; return those that have none left."""
        left = self.life[cells]
        self.life[cells] = np.maximum(left, by) - by
        done: Cells = cells[left <= by]
        return done


def at(x: Any, y: Any) -> Any:
    """Return the cells at a column and a row, numbers or arrays; those outside lie in the wall."""
    return np.clip(np.asarray(y) + 1, 0, ROWS + 1) * STRIDE + np.clip(np.asarray(x) + 1, 0, COLUMNS + 1)
