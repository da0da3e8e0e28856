"""Sandbox: paint with sand, water, fire and more, and change what they do while they do it.

Edit any of these files while you play:

    materials/     one file for each material: its colours, its weight, its rule; a new file is a new material
    grid.py        what a rule can say: which cells there are, how they move, touch and turn into others
    picture.py     how cells become colours and light
    brush.py       the brush and the palette
    garden.py      the game: grow as much as you can in a minute
    landscape.py   what a new world looks like; assets/landscape.txt is a map of it
    screens.py     title, pause, settings
    sounds.py      what is heard
"""

from engine import Mut, Startup, system
from modules.core.render import Canvas, rgba
from modules.core.window import Window

TITLE = "Sandbox"
WIDTH, HEIGHT = 1152, 648
BACKGROUND = rgba("#12131c")


@system(Startup)
def set_up(canvas: Mut[Canvas], window: Mut[Window]) -> None:
    """Say how large the picture is and what the window is called."""
    canvas.width, canvas.height, canvas.color, canvas.smooth = WIDTH, HEIGHT, BACKGROUND, False
    window.title = TITLE
