"""Survivors: outlast the night while your weapons fire by themselves.

Edit any of these files while you play:

    foes.py     the creatures: how many hits they take, how they chase and crowd
    waves.py    who comes when, and the boss
    weapons/    a weapon to the file; copy one, change it, save it, and it is on offer at the next level
    shots.py    what flies and what strikes
    hero.py     walking, health, getting hurt
    gems.py     what they leave behind, and levels
    choices.py  what a level offers
    effects.py  sparks, numbers, shaking
    ground.py   the meadow, the lantern's light, the dark
    hud.py      bars, clock, icons
    sounds.py   what is heard, and what a gamepad feels
    screens.py  title, pause, game over
    trial.py    the load that `hotloop bench games` measures
"""

from engine import Mut, Startup, system
from modules.core.render import Canvas, rgba
from modules.core.window import Window

TITLE = "Survivors"
WIDTH, HEIGHT = 960, 540
NIGHT = rgba("#0f1a2c")

# What lies over what; within a layer the lower on the picture is in front.
GROUND, GEMS, CREATURES, SHOTS, LIGHTS, NUMBERS, DARK, HUD = -100, 0, 10, 20, 30, 40, 50, 60


@system(Startup)
def set_up(canvas: Mut[Canvas], window: Mut[Window]) -> None:
    """Say how large the picture is and what the window is called."""
    canvas.width, canvas.height, canvas.color = WIDTH, HEIGHT, NIGHT
    window.title = TITLE
    window.icon = "gem_large.png"
