"""Asteroids: shoot drifting rocks to pieces in a ship that only knows how to push.

Edit any of these files while you play:

    space.py    the field that has no edge, and the stars behind it
    rocks.py    rocks, their waves, and how they split
    bullets.py  the gun and what its bullets hit
    ship.py     steering, thrust, shield, crash
    effects.py  sparks, splinters, flames, shaking
    sounds.py   what is heard
    hud.py      score, lives, banners
    screens.py  title, playing, game over
"""

from engine import Mut, Startup, system
from modules.core.render import Canvas, rgba
from modules.core.window import Window

TITLE = "Asteroids"
WIDTH, HEIGHT = 960, 540
BACKGROUND = rgba("#070917")


@system(Startup)
def set_up(canvas: Mut[Canvas], window: Mut[Window]) -> None:
    """Say how large the picture is and what the window is called."""
    canvas.width, canvas.height, canvas.color = WIDTH, HEIGHT, BACKGROUND
    window.title = TITLE
    window.icon = "ship.png"
