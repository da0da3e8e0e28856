"""The brush: mouse, finger, keys or stick paint cells, and a palette says with what."""

import numpy as np

from engine import (
    Commands,
    Entity,
    Mut,
    PostUpdate,
    Query,
    Random,
    Send,
    Startup,
    Time,
    Update,
    With,
    component,
    event,
    f32,
    field,
    resource,
    system,
    text,
)
from modules.core.input import Actions, Pointer
from modules.core.motion import Position
from modules.core.render import Box, Circle, Fixed, Text, fade, outline, rgba

from . import HEIGHT, WIDTH
from .grid import AIR, COLUMNS, ROWS, WALL, Cells, Grid, at
from .picture import CELL, LEFT_EDGE
from .screens import ACCENT, Screen, painting

SIZES = (1, 2, 4, 7, 11, 16)  # cells from the middle to the edge
DENSE = {"stone", "wood", "glass"}  # painted without gaps; the others are scattered
SCATTER = 0.18  # chance in a tick that a cell under the brush is painted
PACE = 300.0  # pixels a second that keys and stick move the brush
SWATCH, FIRST_X, FIRST_Y, STEP_X, STEP_Y = 40.0, 36.0, 70.0, 56.0, 78.0  # pixels
CORNER = 8.0
INK, DIM, PANEL = rgba("#eef3ff"), rgba("#8f97b3"), rgba("#191b27")
FRAME = 20  # layer
HINTS = (
    "paint: left button, space, A     wipe: right button, X     size: wheel, 1 2, B Y     material: Q E, L1 R1",
    "pause: P, Start          edit materials/sand.py while it falls",
)


@resource
class Brush:
    """Paint with this material: a place on the canvas, and which of SIZES the brush has; `drawn` is what is shown."""

    material: str = "sand"
    size: int = 3
    x: float = WIDTH / 2
    y: float = HEIGHT / 2
    drawn: list[str] = field(factory=list)


@component
class Part:
    """A part of the palette as it is drawn."""


@component
class Ring:
    """Shows where the brush is."""


@event
class Painted:
    """Some cells were painted here."""

    material: text
    cells: f32
    x: f32


@system(Update)
def steer(brush: Mut[Brush], actions: Actions, pointer: Pointer, time: Time) -> None:
    """Follow the mouse where it moves, and keys and stick."""
    if pointer.dx or pointer.dy or pointer.pressed:
        brush.x, brush.y = pointer.x, pointer.y
    brush.x += actions.value("brush_x") * PACE * float(time.dt)
    brush.y += actions.value("brush_y") * PACE * float(time.dt)
    brush.x, brush.y = min(WIDTH - 1.0, max(0.0, brush.x)), min(HEIGHT - 1.0, max(0.0, brush.y))


@system(Update, when=painting)
def choose(brush: Mut[Brush], grid: Grid, actions: Actions, pointer: Pointer) -> None:
    """Take another material or another size."""
    names = palette(grid)
    if brush.material not in names and names:
        brush.material = names[0]
    step = actions.hit("next") - actions.hit("previous")
    if step and names:
        brush.material = names[(names.index(brush.material) + step) % len(names)]
    grow = actions.hit("larger") - actions.hit("smaller") + round(pointer.wheel)
    brush.size = min(len(SIZES) - 1, max(0, brush.size + grow))
    if pointer.hit():
        for number, name in enumerate(names):
            x, y = place(number)
            if abs(pointer.x - x) < STEP_X / 2 and abs(pointer.y - y) < SWATCH / 2 + 8:
                brush.material = name


@system(Update, when=painting)
def stroke(
    brush: Brush, grid: Mut[Grid], actions: Actions, pointer: Pointer, random: Random, painted: Send[Painted]
) -> None:
    """Paint, or wipe away, what lies under the brush and between its place and that of the tick before."""
    wipes = actions.held("wipe")
    if not (wipes or actions.held("paint")) or brush.x < LEFT_EDGE or brush.y >= ROWS * CELL:
        return
    steps = np.linspace(0, 1, 1 + int(np.hypot(pointer.dx, pointer.dy) / 8))
    cells = np.unique(
        np.concatenate([under(brush, brush.x - share * pointer.dx, brush.y - share * pointer.dy) for share in steps])
    )
    cells = cells[grid.kind[cells] != WALL]
    if not wipes:
        cells = cells[grid.kind[cells] == AIR]
        if brush.material not in DENSE:
            cells = cells[random.random(cells.size) < SCATTER]
    grid.turn(cells, "air" if wipes else brush.material, random)
    painted.send(material="air" if wipes else brush.material, cells=cells.size, x=brush.x)


def under(brush: Brush, x: float, y: float) -> Cells:
    """Return the cells that a brush covers at a place of the canvas."""
    reach = SIZES[brush.size]
    across, down = np.meshgrid(np.arange(-reach, reach + 1), np.arange(-reach, reach + 1))
    inside = across**2 + down**2 <= (reach + 0.3) ** 2
    column, row = (x - LEFT_EDGE) // CELL + across[inside], y // CELL + down[inside]
    there = (column >= 0) & (column < COLUMNS) & (row >= 0) & (row < ROWS)
    cells: Cells = at(column[there], row[there]).astype(np.int64)
    return cells


def palette(grid: Grid) -> list[str]:
    """Return the materials to paint with, in the order their files say."""
    return sorted(grid.order, key=lambda name: (grid.order[name], name))


def place(number: int) -> tuple[float, float]:
    """Return where a material lies in the palette."""
    return FIRST_X + STEP_X * (number % 2), FIRST_Y + STEP_Y * (number // 2)


@system(PostUpdate)
def show(brush: Mut[Brush], grid: Grid, parts: Query[Entity, With[Part]], commands: Commands) -> None:
    """Draw the palette, anew where something about it is new."""
    names = palette(grid)
    looks = [*names, brush.material, str(brush.size), str(float(grid.colors.sum()))]
    if looks == brush.drawn and parts:
        return
    brush.drawn = looks
    commands.despawn(parts.entities())
    panel = Box(w=LEFT_EDGE, h=HEIGHT, color=PANEL, layer=FRAME)
    commands.spawn(Position(x=LEFT_EDGE / 2, y=HEIGHT / 2), panel, Fixed(), Part())
    bottom = Box(w=WIDTH, h=HEIGHT - ROWS * CELL, color=PANEL, layer=FRAME)
    commands.spawn(Position(x=WIDTH / 2, y=(HEIGHT + ROWS * CELL) / 2), bottom, Fixed(), Part())
    write(commands, "SANDBOX", LEFT_EDGE / 2, 26, 17, INK)
    for number, name in enumerate(names):
        show_swatch(commands, grid, name, number, name == brush.material)
    show_hints(commands, brush)


@system(Startup)
def hand_out(commands: Commands) -> None:
    """Hand out the ring that shows where the brush is."""
    commands.spawn(Position(), Circle(1.0, layer=FRAME - 1, width=1.5), Fixed(), Ring())


@system(PostUpdate)
def show_ring(brush: Brush, screen: Screen, rings: Query[Mut[Position], Mut[Circle], With[Ring]], time: Time) -> None:
    """Put the ring where the brush is, as large as it is."""
    on = screen in (Screen.PAINT, Screen.GARDEN) and brush.x >= LEFT_EDGE and brush.y < ROWS * CELL
    for pos, circle in rings:
        pos.x, pos.y = brush.x, brush.y
        circle.radius = (SIZES[brush.size] + 0.5) * CELL + 1
        circle.color = fade(INK, (0.6 + 0.2 * np.sin(5 * time.elapsed)) * on)


def show_swatch(commands: Commands, grid: Grid, name: str, number: int, chosen: bool) -> None:
    """Draw a material as a grain of its shades, with its name below."""
    x, y = place(number)
    low, high = grid.colors[grid.number(name)]
    if chosen:
        commands.spawn(Position(x=x, y=y), rounded(SWATCH + 10, CORNER + 3, ACCENT, FRAME + 1), Fixed(), Part())
        commands.spawn(Position(x=x, y=y), rounded(SWATCH + 5, CORNER + 1, PANEL, FRAME + 2), Fixed(), Part())
    commands.spawn(Position(x=x, y=y), rounded(SWATCH, CORNER, color(low), FRAME + 3), Fixed(), Part())
    spots = np.random.default_rng(number).uniform(-0.36, 0.36, (2, 9)) * SWATCH
    shades = [color(low + (high - low) * share) for share in np.linspace(0.35, 1, 9)]
    size = np.linspace(3, 6, 9)
    dots = Box(w=size, h=size, color=np.array(shades, np.uint32), layer=FRAME + 4)
    commands.spawn(Position(x=x + spots[0], y=y + spots[1]), dots, Fixed(), Part(), count=9)
    write(commands, name, x, y + SWATCH / 2 + 13, 13, INK if chosen else DIM)


def show_hints(commands: Commands, brush: Brush) -> None:
    """Write what there is to know, and show how large the brush is."""
    y = (HEIGHT + ROWS * CELL) / 2
    write(commands, brush.material, LEFT_EDGE + 18, y, 24, ACCENT, "left")
    number = np.arange(len(SIZES))
    colors = np.where(number == brush.size, ACCENT, DIM).astype(np.uint32)
    dots = Circle(2.0 + 1.6 * number, color=colors, layer=FRAME + 1)
    commands.spawn(Position(x=LEFT_EDGE + 170 + 30 * number, y=np.full(len(SIZES), y)), dots, Fixed(), Part())
    words = "paint: left button, space, A     wipe: right button, X     size: wheel, 1 2, B Y     material: Q E, L1 R1"
    write(commands, words, WIDTH - 20, y - 10, 14, DIM, "right")
    write(
        commands, "pause: P, Start          edit materials/sand.py while it falls", WIDTH - 20, y + 12, 14, DIM, "right"
    )


def write(commands: Commands, words: str, x: float, y: float, size: float, color: int, align: str = "center") -> None:
    """Write a line on the panels."""
    line = Text(words, size=size, color=color, layer=FRAME + 5, align=align)
    commands.spawn(Position(x=x, y=y), line, Fixed(), Part())


def rounded(side: float, corner: float, color: int, layer: int) -> object:
    """Return a square with round corners."""
    angle = np.linspace(0, np.pi / 2, 4)
    points = [
        (sx * (side / 2 - corner) + corner * np.cos(a + turn), sy * (side / 2 - corner) + corner * np.sin(a + turn))
        for sx, sy, turn in ((1, 1, 0), (-1, 1, np.pi / 2), (-1, -1, np.pi), (1, -1, 1.5 * np.pi))
        for a in angle
    ]
    return outline(points, color=color, layer=layer)


def color(channels: np.ndarray) -> int:
    """Return red, green and blue of 0 to 255 as one number."""
    red, green, blue = (int(channel) for channel in channels)
    return red << 24 | green << 16 | blue << 8 | 255
