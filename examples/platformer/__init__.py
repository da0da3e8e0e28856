"""Sprig: a seed with two leaves runs, jumps and bounces home through three levels made with Tiled.

Edit any of these files while you play; open assets/level_1.tmx in Tiled, move a wall, and save:

    hero.py       running, jumping, the jump's curve
    looks.py      how the hero is drawn: clips, squash and stretch
    ground.py     what the hero stands on, and rides on
    platforms.py  what moves to and fro
    enemies.py    beetles and moths
    things.py     coins, springs, flowers, the way home
    hazards.py    thorns and falls
    levels.py     from one level to the next
    scenery.py    sky, sun, motes
    effects.py    dust, sparks, shaking
    sounds.py     what is heard
    hud.py        coins, lives, hints
    screens.py    title, pause, end
"""

from engine import Mut, Startup, system
from modules.core.render import Canvas, rgba
from modules.core.window import Window

TITLE = "Sprig"
WIDTH, HEIGHT = 960, 540
BACKGROUND = rgba("#6fc3e8")
TOUCHABLE = 2  # the layer of bodies that the hero hears about


@system(Startup)
def set_up(canvas: Mut[Canvas], window: Mut[Window]) -> None:
    """Say how large the picture is and what the window is called."""
    canvas.width, canvas.height, canvas.color = WIDTH, HEIGHT, BACKGROUND
    window.title = TITLE
    window.icon = "icon.png"
